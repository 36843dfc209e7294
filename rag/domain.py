"""The values that flow through the house: frozen, made once, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Support = Literal["quoted", "supported", "partial", "unsupported"]
NameKind = Literal["person", "place", "organisation"]


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

    `before` and `after` are the neighbouring sentences, `setting` the article's title and first sentence.
    """

    text: str
    lang: str
    before: str = ""
    after: str = ""
    setting: str = ""
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where articles differ: what each says, as it says it, and where. At least two values, of different articles."""

    field: Literal["figure", "date", "speaker"]
    values: tuple[tuple[str, Citation], ...]


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
