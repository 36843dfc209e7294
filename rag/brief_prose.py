"""A briefing's sentences by a language model: each from the quotes that it cites, checked, or set aside.

Where one does not pass, the sentence that the rules made stands, so that a briefing never lacks one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel

from rag import names, prompts
from rag.brief_labels import label
from rag.cite import evidence
from rag.domain import Article, Briefing, Citation, Event, Source, Statement, Told
from rag.errors import MissingExtra, ModelBusy, ModelError
from rag.orders import is_order, orders
from rag.prose import LANGUAGES, MARKUP, Check
from rag.reading import Reading
from rag.text import fold, language, nfc, sentences, visible

if TYPE_CHECKING:
    from rag.llm import Meter, Model

MOST = 30  # events whose sentence the model writes, the most important; the lead's come first
LONGEST = 300  # characters of a sentence
CHARACTERS = 1_600  # of quotes in a prompt
TEMPLATED = "what it did not write stands as the rules made it"
IN_A_ROW = 2  # unusable replies after which a model is asked no more
_QUOTE_MOST = 500
_KEPT = 600  # characters of what is set aside
_LIST_MARK = re.compile(r"[-+*#>•–]|\d{1,9}+[.)]\s")
_BRACKETS = str.maketrans("<>", "‹›")
_OF_PERSONS = frozenset({"meeting", "call", "talks online", "visit", "appointment"})


class Written(BaseModel):
    """What the model is asked for."""

    sentence: str


def written(
    briefing: Briefing, *, model: Model, meter: Meter, check: Check, article: Callable[[str], Article]
) -> Briefing:
    """The briefing with its lead and the first sentence of its most important events in the model's words.

    A sentence stands only where the quotes that the briefing cites there support it: people, places, figures, days,
    negations; a day or a year must stand in the sentences of the quotes. What does not pass is in `rejected` with the
    reason. A model that fails leaves the other sentences as they are, with a notice. `article` gives an id's article.
    """
    writer = _Writer(briefing.lang, model, meter, check, article)
    lead = tuple(writer.sentence(each, told.event) for each, told in zip(briefing.lead, briefing.events, strict=False))
    events = tuple(map(writer.told, briefing.events[:MOST]))
    return replace(
        briefing,
        lead=lead,
        events=events + briefing.events[MOST:],
        notices=(*briefing.notices, *dict.fromkeys(writer.notices)),
        mode="llm",
        model=model.name,
        written=tuple(writer.shown),
        rejected=tuple(writer.rejected),
        usage=meter.as_dict(),
        prompts={writer.prompt.name: writer.prompt.hash},
    )


class _Writer:
    """The model at work on one briefing: what it wrote, what of it is set aside, and what went wrong."""

    def __init__(self, lang: str, model: Model, meter: Meter, check: Check, article: Callable[[str], Article]) -> None:
        self.prompt = prompts.load("briefing")
        self.shown: list[Statement] = []
        self.rejected: list[Statement] = []
        self.notices: list[str] = []
        self._lang, self._model, self._meter, self._check, self._article = lang, model, meter, check, article
        self._failed = 0
        self._ordered: dict[str, list[tuple[int, int]]] = {}

    def told(self, told: Told) -> Told:
        """The event with the model's sentence in the place of the first one, where it passes."""
        first, *others = told.statements
        return replace(told, statements=(self.sentence(first, told.event), *others))

    def sentence(self, statement: Statement, event: Event) -> Statement:
        """The model's sentence from the quotes of the statement where it passes, else the statement."""
        citations = tuple(citation for citation in statement.citations if not self._in_order(citation))
        reply = self._reply(citations, event) if citations else None
        if reply is None:
            return statement
        text = " ".join(nfc(visible(reply)).split())
        own = Statement(text[:_KEPT], self._lang, citations, "supported")
        if reasons := self._reasons(text, citations, event):
            self.rejected.append(replace(own, support="unsupported", reasons=reasons))
            return statement
        self.shown.append(own)
        return own

    def _reply(self, citations: Sequence[Citation], event: Event) -> str | None:
        """What the model writes; None where it fails, or failed before."""
        quotes = self._quotes(citations)
        if self._failed >= IN_A_ROW or not quotes:
            return None
        mark = hashlib.sha256(f"{event.id}\n{quotes}".encode()).hexdigest()[:8]  # no article can foresee it
        kind, spoken = label(self._lang, "kinds", event.kind), LANGUAGES[self._lang]
        variables = {"quotes": quotes, "kind": kind, "language": spoken, "mark": mark}
        try:
            reply = self._model.reply(self.prompt, variables, Written, meter=self._meter).sentence
        except (ModelError, MissingExtra) as error:
            goes_on = isinstance(error, ModelBusy) and self._meter.remaining > 0
            self._failed = self._failed + 1 if goes_on else IN_A_ROW
            self.notices.append(f"{error}; {TEMPLATED}")
            return None
        self._failed = 0
        return reply

    def _quotes(self, citations: Sequence[Citation]) -> str:
        """The cited sentences, one a line, as long as there is room."""
        lines: list[str] = []
        for text in dict.fromkeys(each.text for each in evidence(citations, self._article)):
            line = f"- {' '.join(text.split())[:_QUOTE_MOST]}".translate(_BRACKETS)
            if not is_order(text) and sum(map(len, lines)) + len(line) <= CHARACTERS:
                lines.append(line)
        return "\n".join(lines)

    def _in_order(self, citation: Citation) -> bool:
        """Whether a citation touches an order to programs, or a sentence beside one."""
        id = citation.source.id
        if id not in self._ordered:
            text = self._article(id).text
            spans = sentences(text)
            flags = orders([text[start:end] for start, end in spans])
            self._ordered[id] = [span for span, is_one in zip(spans, flags, strict=True) if is_one]
        return any(citation.touches(id, start, end) for start, end in self._ordered[id])

    def _reasons(self, text: str, citations: Sequence[Citation], event: Event) -> tuple[str, ...]:
        """Why the text may not stand in the briefing; () where it may."""
        if found := tuple(_amiss(text, self._lang)):
            return found
        verdict = self._check(text, lang=self._lang, citations=citations, asked_figures=True)
        if verdict.support != "supported":
            return verdict.reasons
        return () if _names_somebody(text, self._lang, event) else ("content: it names nobody who took part",)


def _amiss(text: str, lang: str) -> Iterator[str]:
    """What is wrong with a text as one sentence of a briefing, whatever it says."""
    count = len(sentences(text)) if text else 0
    if is_order(text):
        yield "order: the text speaks to a program"
    elif found := MARKUP.search(text) or _LIST_MARK.match(text):
        yield f"markup: {found.group()[:40]}"
    elif not text.isprintable():
        yield "markup: characters that do not print"
    elif len(text) > LONGEST:
        yield f"length: {len(text)} characters"
    elif count != 1:
        yield f"sentence: {count} of them"
    elif not text.endswith((".", "!", ".”", '."')):
        yield "sentence: it does not end as one that tells"
    elif (spoken := language(text)) != lang:
        yield f"language: {spoken}"


def _names_somebody(text: str, lang: str, event: Event) -> bool:
    """Whether the text names one of those who took part, in any spelling, where the event is about persons."""
    spelled = [name for person in event.participants for name in (person.name, *person.also)]
    if event.kind not in _OF_PERSONS or not spelled or any(fold(name) in fold(text) for name in spelled):
        return True
    found = Reading(Article(Source("sentence", "", "", lang=lang), text)).persons
    return any(names.same(one, name, a_lang=lang, b_lang=event.lang).match for one in found for name in spelled)
