"""The values that flow through the house: frozen, made once, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Support = Literal["quoted", "supported", "partial", "unsupported"]
NameKind = Literal["person", "place", "organisation"]
EventKind = Literal[
    "meeting", "call", "talks online", "visit", "signing", "statement", "conference", "aid", "appointment", "election",
    "sanction", "attack", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raw:
    """One article as it was found, before cleaning: its lines, and what its file says of it.

    `sha256` is of the bytes it was read from; `item` is its line in a .jsonl file, 0 elsewhere.
    `markup` is true where `text` came out of HTML through the extractor.
    """

    text: str
    path: str
    sha256: str
    item: int = 0
    url: str | None = None
    outlet: str | None = None
    title: str | None = None
    author: str | None = None
    lang: str | None = None
    published: str | None = None
    markup: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Input that could not be read, by name and with the reason."""

    path: str
    reason: str
    item: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text was found. `id` is the article's: the same text gets the same id again.

    `published` is an EDTF date (`2023-02-04`, `XXXX-07-13`) that the page or its metadata states, or None.
    `author` is the byline; `agency` the news agency or medium that the page names as its own source.
    """

    id: str
    path: str
    raw_sha256: str
    item: int = 0
    url: str | None = None
    outlet: str | None = None
    title: str | None = None
    author: str | None = None
    agency: str | None = None
    lang: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A raw line (1-based) that is not part of the article, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned article: NFC text, kept lines joined by one newline, never paraphrased.

    `kept` holds the 1-based raw line of each line of `text`, in order.
    """

    source: Source
    text: str
    kept: tuple[int, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def id(self) -> str:
        return self.source.id


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage. `text == article.text[start:end]`; an article's chunks rejoin to its text."""

    article: str
    start: int
    end: int
    text: str

    @property
    def id(self) -> str:
        return f"{self.article}:{self.start}"


@dataclass(frozen=True, slots=True)
class Name:
    """A person or place as an article spells it: `text == article.text[start:end]`."""

    text: str
    kind: NameKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A name of the question, the stored spellings it can be, and the ids of the articles that hold one."""

    query: str
    kind: NameKind
    matched: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DateFilter:
    """A period that limited a question: the words it was read from, EDTF ends, and what became of the articles.

    `given` says whether the question's words or the options `since` and `until` state it. `relative_to` is the day
    that relative words count from; None with `relative` where no article states a day, and then nothing is limited.
    `inside` articles were published in the period or state a date in it, `unknown` ones may belong to it and are
    kept, `left_out` ones not.
    """

    text: str
    since: str | None
    until: str | None
    given: Literal["question", "option"] = "question"
    relative: bool = False
    relative_to: str | None = None
    inside: int = 0
    unknown: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that search found, with its score per channel and the spellings it matched."""

    chunk: Chunk
    source: Source
    score: float
    channels: dict[str, float] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """Characters of an article. Made by `cite`, which holds the law `quote == article.text[start:end]`."""

    source: Source
    start: int
    end: int
    quote: str

    def touches(self, article: str, start: int, end: int) -> bool:
        """Whether it shares characters with a span of the article of this id."""
        return self.source.id == article and self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer. Without a citation it is never shown as an answer."""

    text: str
    lang: str | None
    citations: tuple[Citation, ...]
    support: Support
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a statement is checked against: the cited sentences whole, and what stands around them in their article.

    `before` and `after` are the neighbouring sentences, `setting` the article's title and first sentence, `named` the
    full names that the article gives to persons whom the cited sentences name by a part of it.
    """

    text: str
    lang: str
    before: str = ""
    after: str = ""
    setting: str = ""
    published: str | None = None
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where articles differ: what each says, as it says it, and where. At least two values, of different articles."""

    field: Literal["figure", "date", "place", "speaker"]
    values: tuple[tuple[str, Citation], ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that an article says in these words: `text` is the quote of the first citation, or a part of it."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class EventDate:
    """When something happened: EDTF as far as stated (with the year of publication only where the page states it).

    None for words that nothing dates ("last weekend" on an undated page). `implied_year` is the year that other words
    of the article imply, `implied_by` where they stand; it is never part of `edtf`.
    """

    edtf: str | None
    text: str
    citation: Citation
    implied_year: str | None = None
    implied_by: Citation | None = None


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Where something happened, as the article says it; `country` is an ISO 3166-1 alpha-2 code, None where unknown."""

    text: str
    country: str | None
    citation: Citation


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who took part: the fullest name that the articles give, `also` its other spellings.

    `role` is in the article's words; `country` an ISO code, of the office; `side` 1 or 2 where two sides met.
    """

    name: str
    also: tuple[str, ...]
    role: str | None
    country: str | None
    side: int | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody said, in the article's words, and to whom where it says so."""

    speaker: str
    text: str
    to: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class EventFigure:
    """A figure in the article's words; `value` and `unit` are those of `figures.Figure`, by which two compare."""

    text: str
    value: str
    unit: str | None
    counted: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, every field with the characters that say so; one article's record, or several linked into one.

    `records` are the ids of the records that it was put together from, sorted; a record's id is its article's with a
    number, and an Event's id is its first record's. `headline` is the sentence that tells it. `background` is true
    where every article only mentions it beside something else. Where articles differ, each field holds what the first
    of them says that is most exact, and `conflicts` holds what both say.
    """

    id: str
    kind: EventKind
    lang: str
    headline: Fact
    sources: tuple[Source, ...]
    date: EventDate | None = None
    place: EventPlace | None = None
    participants: tuple[Participant, ...] = ()
    agreed: tuple[Fact, ...] = ()
    said: tuple[Saying, ...] = ()
    documents: tuple[Fact, ...] = ()
    figures: tuple[EventFigure, ...] = ()
    next_steps: tuple[Fact, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    records: tuple[str, ...] = ()
    background: bool = False

    @property
    def articles(self) -> tuple[str, ...]:
        """The ids of the articles that tell it, each once."""
        return tuple(dict.fromkeys(source.id for source in self.sources))

    @property
    def not_stated(self) -> tuple[str, ...]:
        """The fields of which no article says anything."""
        fields = {
            "date": self.date is not None and (self.date.edtf or self.date.implied_year),
            "place": self.place,
            "participants": self.participants,
            "agreed": self.agreed,
            "said": self.said,
            "documents": self.documents,
            "figures": self.figures,
            "next_steps": self.next_steps,
        }
        return tuple(name for name, value in fields.items() if not value)


@dataclass(frozen=True, slots=True)
class Summary:
    """The records of some articles. In the mode `llm` a model completed them, and they are stored nowhere.

    `rejected` is what it gave that did not pass the check, `notices` what did not go as set, `usage` and `prompts` (the
    hash of each) what it took.
    """

    events: tuple[Event, ...]
    rejected: tuple[Statement, ...] = ()
    notices: tuple[str, ...] = ()
    mode: str = "extract"
    model: str | None = None
    usage: dict[str, float] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article that a briefing leaves out, and why; `of` is the source that a duplicate is a version of.

    `statements` tell the events of an undated one that may be of the period.
    """

    source: Source
    reason: Literal["no stated year", "duplicate", "no event", "undated"]
    of: Source | None = None
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Where a period's articles differ from those of the period before on one event.

    `before` and `now` hold what they say, as they say it, and where; `statement` tells it in the briefing's language.
    `because` says why it is later news ("toll", "said to be later", "open before"), or is empty where the two
    contradict each other.
    """

    event: str
    field: str
    before: tuple[tuple[str, Citation], ...]
    now: tuple[tuple[str, Citation], ...]
    statement: Statement
    because: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An event in a briefing: what is said of it, the sentence that tells it first, and how important it is.

    `counted` holds what each weight added to `importance`.
    """

    event: Event
    statements: tuple[Statement, ...]
    importance: float = 0.0
    counted: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a period's articles tell, the most important first, and what became of what those before it told.

    `since` and `until` are its first and last day, `before` those of the period that it is compared with, None where
    there is none. `new` holds ids of `events`. `undated` are articles of no known day whose events may be of the
    period. `seen` counts the articles that were read for it. In the mode `llm`, `written` are those of its statements
    that the model wrote, `rejected` what it wrote that did not pass the check; the rest as for an Answer.
    """

    since: str
    until: str
    lang: str
    before: tuple[str, str] | None
    lead: tuple[Statement, ...] = ()
    events: tuple[Told, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    contradicted: tuple[Change, ...] = ()
    dropped: tuple[Told, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    undated: tuple[LeftOut, ...] = ()
    seen: int = 0
    weights: tuple[tuple[str, float], ...] = ()
    notices: tuple[str, ...] = ()
    mode: str = "extract"
    model: str | None = None
    written: tuple[Statement, ...] = ()
    rejected: tuple[Statement, ...] = ()
    usage: dict[str, float] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question. A refusal is an Answer with `reason` and no statements.

    `rewritten` is the question as it was asked of the articles, where earlier ones completed it. `notices` say what
    did not go as set (a model that could not be reached). `prompts` holds the hash of each prompt that was used.
    """

    question: str
    lang: str
    statements: tuple[Statement, ...] = ()
    rejected: tuple[Statement, ...] = ()
    names: tuple[NameMatch, ...] = ()
    dates: tuple[DateFilter, ...] = ()
    reason: str | None = None
    mode: str = "extract"
    model: str | None = None
    usage: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    rewritten: str | None = None
    conflicts: tuple[Conflict, ...] = ()
    notices: tuple[str, ...] = ()
    prompts: dict[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return not self.statements


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ingest did with one article: `new`, `same`, `updated`, `duplicate of ID` or `near-duplicate of ID`."""

    path: str
    item: int
    article: str
    title: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """The report of one ingest. `unchanged` counts files whose bytes were read before."""

    outcomes: tuple[Outcome, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    unchanged: int = 0
    seconds: float = 0.0

    def count(self, what: str) -> int:
        """How many articles came out as this, by the first word: `new`, `duplicate`, ..."""
        return sum(outcome.what.split()[0] == what for outcome in self.outcomes)
