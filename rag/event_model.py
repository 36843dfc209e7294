"""Event records with what a language model reads beside the rules: verbatim, located and judged, or set aside."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from rag import places, prompts
from rag.cite import locate, widened
from rag.domain import Article, Citation, Event, EventPlace, Fact, Participant, Saying, Statement
from rag.orders import orders
from rag.prose import LEAST_ODDS, Judge
from rag.reading import Reading
from rag.text import fold, nfc, sentences

if TYPE_CHECKING:
    from rag.llm import Meter, Model

CHARACTERS = 6_000  # of an article in a prompt
_LIST_MOST = 8
_REACH = 160  # characters between a name and its office
_BRACKETS = str.maketrans("<>", "‹›")
_QUESTIONS = {
    "agreed": "What did both sides agree on?",
    "documents": "Which document was signed or issued?",
    "next_steps": "What will happen next?",
}


class WrittenPerson(BaseModel):
    """A participant as the model copies it."""

    name: str
    role: str = ""


class WrittenSaying(BaseModel):
    """What somebody said as the model copies it."""

    speaker: str
    words: str


class WrittenEvent(BaseModel):
    """What the model is asked for of one event."""

    participants: list[WrittenPerson] = Field(default_factory=list)
    place: str = ""
    agreed: list[str] = Field(default_factory=list)
    documents: list[str] = Field(default_factory=list)
    said: list[WrittenSaying] = Field(default_factory=list)
    next_steps: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Completed:
    """The records with what the model added, what of its reply was set aside and why, and the prompts' hashes."""

    events: tuple[Event, ...]
    rejected: tuple[Statement, ...] = ()
    prompts: dict[str, str] | None = None


def complete(article: Article, events: Sequence[Event], *, model: Model, meter: Meter, judged: bool) -> Completed:
    """The article's records, each that is not background with what the model finds of it in the article.

    What the rules found stays as it is; the model adds. Nothing of a reply counts but words that stand in the article,
    outside of orders to programs; a person must be one whom the article names beside the event; a date is never taken
    from a model. With `judged` the model is asked whether what it gives as agreed, signed or planned answers that
    question. Raises ModelError.
    """
    prompt, judge = prompts.load("event"), prompts.load("judge")
    reading = Reading(article)
    told = _told(article)
    found: list[Event] = []
    rejected: list[Statement] = []
    for event in events:
        if event.background:
            found.append(event)
            continue
        mark = hashlib.sha256(f"{event.id}\n{told}".encode()).hexdigest()[:8]  # no article can foresee it
        variables = {"article": told, "event": event.headline.text[:400], "mark": mark}
        written = model.reply(prompt, variables, WrittenEvent, meter=meter)
        asked = {name: Judge(question, model, meter, judge) for name, question in _QUESTIONS.items() if judged}
        adding = _Adding(reading, event, asked)
        found.append(adding.with_all(written))
        rejected += adding.rejected
    used = {each.name: each.hash for each in ((prompt, judge) if judged else (prompt,))}
    return Completed(tuple(found), tuple(rejected), used)


def _told(article: Article) -> str:
    """The article as the model reads it: one line a paragraph, orders to programs left out."""
    spans = sentences(article.text[:CHARACTERS])
    texts = [article.text[start:end] for start, end in spans]
    kept = "".join(text for text, is_order in zip(texts, orders(texts), strict=True) if not is_order)
    return kept.translate(_BRACKETS)


class _Adding:
    """One record and what of a reply may be added to it."""

    def __init__(self, reading: Reading, event: Event, asked: dict[str, Judge]) -> None:
        self.reading, self.event, self.asked = reading, event, asked
        self.rejected: list[Statement] = []
        spans = sentences(reading.text)
        flags = orders([reading.text[start:end] for start, end in spans])
        self._orders = [span for span, is_order in zip(spans, flags, strict=True) if is_order]

    def with_all(self, written: WrittenEvent) -> Event:
        event = self.event
        return replace(
            event,
            participants=(*event.participants, *self._persons(written.participants[:_LIST_MOST])),
            place=event.place or self._place(written.place),
            agreed=(*event.agreed, *self._facts("agreed", written.agreed, event.agreed)),
            documents=(*event.documents, *self._facts("documents", written.documents, event.documents)),
            said=(*event.said, *self._sayings(written.said[:_LIST_MOST])),
            next_steps=(*event.next_steps, *self._facts("next_steps", written.next_steps, event.next_steps)),
        )

    def _aside(self, text: str, reason: str, citations: tuple[Citation, ...] = ()) -> None:
        said = Statement(text[:300], self.reading.lang, citations, "unsupported", (reason,))
        self.rejected.append(said)

    def _citation(self, field: str, text: str) -> Citation | None:
        """Where words of the model stand in the article; what stands nowhere, or in an order, is set aside."""
        spans = locate(text, self.reading.text)
        if len(spans) != 1:
            self._aside(text, f"quote: {field} does not stand in the article")
            return None
        start, end = spans[0]
        if any(first < end and start < last for first, last in self._orders):
            self._aside(text, "order: the text speaks to a program")
            return None
        return self.reading.cite(start, end)

    def _facts(self, field: str, texts: Sequence[str], known: Sequence[Fact]) -> Iterator[Fact]:
        held = [citation for fact in known for citation in fact.citations]
        for text in dict.fromkeys(texts[:_LIST_MOST]):
            citation = self._citation(field, text)
            if citation is None or any(citation.touches(c.source.id, c.start, c.end) for c in held):
                continue
            judge = self.asked.get(field)
            whole = widened(self.reading.article, [(citation.start, citation.end)])
            odds = judge.odds(whole) if judge else None
            if odds is not None and odds < LEAST_ODDS:
                self._aside(text, f"judge: it does not answer: {_QUESTIONS[field]}", (citation,))
                continue
            held.append(citation)
            yield Fact(citation.quote, (citation,))

    def _sayings(self, written: Sequence[WrittenSaying]) -> Iterator[Saying]:
        held = [citation for saying in self.event.said for citation in saying.citations]
        for each in written:
            citation = self._citation("said", each.words)
            if citation is None or any(citation.touches(c.source.id, c.start, c.end) for c in held):
                continue
            number = self.reading.sentence_at(citation.start)
            start, end = self.reading.sentences[number]
            names = [name for name in self.reading.within(start, end, "person") if _is_named(each.speaker, name.text)]
            if not names:
                self._aside(
                    f"{each.speaker}: {each.words}", "name: the sentence does not name the speaker", (citation,)
                )
                continue
            held.append(citation)
            yield Saying(self.reading.full(names[0]), citation.quote, None, (citation,))

    def _persons(self, written: Sequence[WrittenPerson]) -> Iterator[Participant]:
        known = {fold(name) for each in self.event.participants for name in (each.name, *each.also)}
        for each in written:
            full = next((one for one in self.reading.persons if _is_named(each.name, one)), None)
            if full is None:
                self._aside(each.name, "name: the article names no such person")
                continue
            if fold(full) in known:
                continue
            mentions = [name for name in self.reading.persons[full] if self._is_beside(name.start)]
            if not mentions:
                self._aside(each.name, "name: it stands nowhere beside the event")
                continue
            known.add(fold(full))
            first = mentions[0]
            yield Participant(full, (), self._role(each.role, first.start, first.end), None, None,
                              (self.reading.cite(first.start, first.end),))  # fmt: skip

    def _is_beside(self, at: int) -> bool:
        """Whether a character stands in the telling sentence, or in one that names who took part."""
        start, end = self.reading.sentences[self.reading.sentence_at(at)]
        source = self.reading.article.id
        telling = [*self.event.headline.citations, *(c for each in self.event.participants for c in each.citations)]
        return any(citation.touches(source, start, end) for citation in telling)

    def _role(self, words: str, start: int, end: int) -> str | None:
        """The office where it stands close to the name, in the article's words."""
        pattern = r"\s+".join(map(re.escape, nfc(words).split()))
        around = self.reading.text[max(0, start - _REACH) : end + _REACH]
        found = re.search(pattern, around) if pattern else None
        return " ".join(found.group().split()) if found else None

    def _place(self, words: str) -> EventPlace | None:
        for start, end in self._spans_of_event():
            for name in self.reading.within(start, end, "place"):
                if words and fold(name.text) in fold(words):
                    citation = self.reading.cite(name.start, name.end)
                    return EventPlace(citation.quote, places.country(name.text), citation)
        if words:
            self._aside(words, "name: the place stands nowhere beside the event")
        return None

    def _spans_of_event(self) -> list[tuple[int, int]]:
        return [span for span in self.reading.sentences if self._is_beside(span[0])]


def _is_named(written: str, name: str) -> bool:
    """Whether the model's spelling is this name or holds its words ("Mr Lavrov")."""
    one, other = fold(written).split(), fold(name).split()
    return bool(one) and (one == other or set(other) <= set(one) or set(one) <= set(other))
