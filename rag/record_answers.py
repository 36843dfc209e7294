"""Questions that the stored event records answer: their last or first meeting, how often, who visited when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rag import event_answers, event_questions, recorded
from rag.cite import cite
from rag.domain import Answer, Citation, DateFilter, Event, NameMatch
from rag.event_rows import Condition
from rag.text import sentences

if TYPE_CHECKING:
    from rag.store import Store

_MOST_EVENTS = 300  # that are read for a question which names no person


def of_records(
    question: str, *, lang: str, names: Sequence[NameMatch], chosen: str | None, store: Store
) -> Answer | None:
    """What the stored events answer, in the language `chosen`, else in that of the question's words (`lang`).

    None where none does, and for a question of no such form: then the store is not read.
    """
    asked = event_questions.understand(question, lang=lang, names=names)
    if asked is None:
        return None
    lang = chosen or asked.lang
    sentence = partial(_sentence, store=store)
    found = event_answers.answer(asked, _events_for(asked, store), lang=lang, sentence=sentence)
    if not found.statements:
        return None
    period = asked.period
    dates = (DateFilter(period.text, period.since, period.until),) if period else ()
    notices = (event_questions.NOTICE,)
    conflicts = found.conflicts
    return Answer(question, lang, found.statements, (), tuple(names), dates, notices=notices, conflicts=conflicts)


def _events_for(asked: event_questions.Asked, store: Store) -> Sequence[Event]:
    """The stored events that can be those asked for; those of no full date only where there are any.

    Where no person and no period limits them and they are too many to read at once, only those of the period, or none.
    """
    wanted = recorded.Wanted(people=asked.persons[:1], kinds=asked.kinds, countries=asked.country)
    if asked.period is not None:
        found = recorded.happened(store, wanted=replace(wanted, since=asked.period.since, until=asked.period.until))
        if not found.undated or _too_many(asked, store):
            return found.events
    return [] if _too_many(asked, store) else recorded.linked(store, wanted=wanted)


def _too_many(asked: event_questions.Asked, store: Store) -> bool:
    if asked.persons:
        return False
    kinds = Condition(f"r.kind IN ({', '.join('?' * len(asked.kinds))})", asked.kinds)
    place = "r.number IN (SELECT record FROM record_countries WHERE country = ?)"
    countries = [Condition(place, (code,)) for code in asked.country]
    return len(store.record_groups([*countries, kinds])) > _MOST_EVENTS


def _sentence(citation: Citation, *, store: Store) -> Citation:
    """The whole sentence, or sentences, in which the cited characters stand."""
    article = store.article(citation.source.id)
    inside = [span for span in sentences(article.text) if citation.touches(article.id, *span)]
    return cite(article, inside[0][0], inside[-1][1]) if inside else citation
