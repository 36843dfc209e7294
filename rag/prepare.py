"""Files into articles that are ready to embed and store: read, cleaned, split, their names found.

Every step is a function of its argument alone, and its value can be sent to another process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rag import feeds, names
from rag.clean import clean
from rag.domain import Article, Chunk, Name, Raw, Rejected
from rag.errors import InputError
from rag.event_rows import Record
from rag.split import headed, sentence_texts, split
from rag.store import FileRecord
from rag.text import language

BATCH_CHUNKS = 64  # embedded and committed together
PART_RAWS = 64  # raw texts of one file that go together,
PART_CHARACTERS = 2_000_000  # or fewer of that many characters

Job = tuple[feeds.Found, str | None]  # a file to read, with the SHA-256 of its bytes where it is known


@dataclass(frozen=True, slots=True)
class Part:
    """Raw texts of one file, or some of them: the first or last part says so."""

    file: FileRecord
    raws: tuple[Raw | Rejected, ...]
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with its passages, what is embedded for each and the keys of those vectors, and its names.

    `sentences` are each passage's own, embedded beside it. `vectors` has by key what was embedded of a passage (its
    own vector, then its sentences'), `records` its events: None where it was not read for them.
    """

    article: Article
    chunks: tuple[Chunk, ...]
    texts: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    names: tuple[Name, ...]
    item: int
    vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    records: tuple[Record, ...] | None = None

    @property
    def id(self) -> str:
        return self.article.id


@dataclass(frozen=True, slots=True)
class Slice:
    """The articles of a part, prepared, and what of it is none."""

    file: FileRecord
    articles: tuple[Prepared, ...]
    rejected: tuple[Rejected, ...]
    first: bool
    last: bool

    @property
    def chunks(self) -> int:
        return sum(len(article.chunks) for article in self.articles)


def parts(job: Job) -> Iterator[Part]:
    """What a file holds, in order; one part at least, and one at a time in memory."""
    file, digest = job
    try:
        sha256 = digest or feeds.digest(file.path)
    except OSError:
        sha256 = ""  # reading it says why
    record = FileRecord(file.path, file.size, file.mtime_ns, sha256)
    raws: list[Raw | Rejected] = []
    characters, first = 0, True
    for raw in feeds.read(file, sha256=sha256):
        if len(raws) == PART_RAWS or characters >= PART_CHARACTERS:
            yield Part(record, tuple(raws), first, False)
            raws, characters, first = [], 0, False
        raws.append(raw)
        characters += len(raw.text) if isinstance(raw, Raw) else 0
    yield Part(record, tuple(raws), first, True)


def prepared(part: Part) -> Slice:
    """The part's articles, cleaned, split and their names found."""
    found = [raw if isinstance(raw, Rejected) else cleaned(raw) for raw in part.raws]
    articles = tuple(_prepare(article) for article in found if isinstance(article, Article))
    rejected = tuple(each for each in found if isinstance(each, Rejected))
    return Slice(part.file, articles, rejected, part.first, part.last)


def batches(slices: Iterable[Slice]) -> Iterator[list[Slice]]:
    """Slices in groups of about `BATCH_CHUNKS` passages."""
    batch: list[Slice] = []
    for part in slices:
        batch.append(part)
        if sum(each.chunks for each in batch) >= BATCH_CHUNKS or len(batch) >= BATCH_CHUNKS:
            yield batch
            batch = []
    if batch:
        yield batch


def cleaned(raw: Raw) -> Article | Rejected:
    """The article of a raw text, or why there is none."""
    try:
        return clean(raw)
    except InputError as error:
        return Rejected(raw.path, str(error), raw.item)


def clean_file(path: str) -> tuple[Article | Rejected, ...]:
    """The cleaned articles of one file, or why there are none; touches no store."""
    found = list(feeds.discover([path]))
    return tuple(
        raw if isinstance(raw, Rejected) else cleaned(raw)
        for item in found
        for raw in ([item] if isinstance(item, Rejected) else feeds.read(item))
    )


def vector_key(text: str) -> str:
    """The name of the vector of an embedded text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _prepare(article: Article) -> Prepared:
    chunks = split(article)
    texts = tuple(headed(article, chunk) for chunk in chunks)
    found = names.find(article.text, lang=article.source.lang or language(article.text))
    parts = tuple(sentence_texts(article, chunk) for chunk in chunks)
    return Prepared(article, chunks, texts, parts, tuple(map(vector_key, texts)), found, article.source.item)
