"""Event records and briefings with a language model beside the rules, and without it where it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from rag import asking, brief_prose, recorded
from rag.asking import Mode, Parts, Writing
from rag.brief_prose import IN_A_ROW
from rag.domain import Article, Briefing, Event, Statement, Summary
from rag.errors import MissingExtra, ModelBusy, ModelError
from rag.event_model import complete
from rag.store import Store

TEMPLATED = brief_prose.TEMPLATED
_BY_RULE = "these are the records as the rules made them"


def summarize(
    ids: Sequence[str], *, store: Callable[[], Store], mode: Mode | None, make: Callable[[], Writing] | None
) -> Summary:
    """The records of articles (ids or their beginnings) or files, completed by the model as `asking.opened` says.

    The model has its whole time for each article. Where it fails, that article's records stay as the rules made them,
    with a notice; one that fails twice in a row, or not for this reply alone, is asked no more. Raises InputError,
    StoreError.
    """
    notices: list[str] = []
    writing = asking.opened(mode, make, notices, instead=_BY_RULE)
    every = [found for one in ids for found in recorded.of(one, store=store)]
    if writing is None:
        return Summary(tuple(event for _, events in every for event in events), notices=tuple(notices))
    reader = _Reader(writing, notices)
    events = tuple(event for article, events in every for event in reader.completed(article, events))
    return Summary(
        events=events,
        rejected=tuple(reader.rejected),
        notices=tuple(dict.fromkeys(notices)),
        mode="llm",
        model=writing.model.name,
        usage=reader.usage,
        prompts=reader.prompts,
    )


class _Reader:
    """The model at work on one article after the other, and what it took."""

    def __init__(self, writing: Writing, notices: list[str]) -> None:
        self.rejected: list[Statement] = []
        self.usage: dict[str, float] = {}
        self.prompts: dict[str, str] = {}
        self._writing, self._notices = writing, notices
        self._failed = 0

    def completed(self, article: Article, events: Sequence[Event]) -> Sequence[Event]:
        """The article's records with what the model adds; as they are where it fails."""
        if self._failed >= IN_A_ROW or all(event.background for event in events):
            return events
        meter, writing = self._writing.meter(), self._writing
        try:
            found = complete(article, events, model=writing.model, meter=meter, judged=writing.judged)
        except (ModelError, MissingExtra) as error:
            goes_on = isinstance(error, ModelBusy) and meter.remaining > 0
            self._failed = self._failed + 1 if goes_on else IN_A_ROW
            self._notices.append(f"{error}; {_BY_RULE}")
            return events
        finally:
            for name, value in meter.as_dict().items():
                self.usage[name] = round(self.usage.get(name, 0.0) + value, 6)
        self._failed = 0
        self.rejected += found.rejected
        self.prompts |= found.prompts or {}
        return found.events


def in_prose(briefing: Briefing, *, parts: Parts, writing: Writing) -> Briefing:
    """The briefing with the sentences that the model writes and the check lets pass (see `brief_prose.written`)."""
    return brief_prose.written(
        briefing,
        model=writing.model,
        meter=writing.meter(),
        check=partial(asking.check, parts=parts, nli=writing.nli),
        article=parts.store.article,
    )
