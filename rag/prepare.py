"""Files into articles that are ready to embed and store: read, cleaned, split, their names found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag import feeds, names
from rag.clean import clean
from rag.domain import Article, Chunk, Name, Raw, Rejected
from rag.errors import InputError
from rag.split import headed, sentence_texts, split
from rag.store import FileRecord
from rag.text import language

BATCH_CHUNKS = 64  # embedded and committed together
SLICE_ARTICLES = 64  # of one file


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with its passages, what is embedded for each and the keys of those vectors, and its names.

    `sentences` are each passage's own, embedded beside it.
    """

    article: Article
    chunks: tuple[Chunk, ...]
    texts: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    names: tuple[Name, ...]
    item: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Articles of one file, or some of them: the first or last slice says so."""

    file: FileRecord
    articles: tuple[Prepared, ...]
    rejected: tuple[Rejected, ...]
    first: bool
    last: bool

    @property
    def chunks(self) -> int:
        return sum(len(article.chunks) for article in self.articles)


def prepared(files: Iterable[tuple[feeds.Found, str | None]]) -> Iterator[Slice]:
    """The slices of each file in turn; with a file goes the SHA-256 of its bytes where it is known."""
    for file, digest in files:
        yield from _slices(file, digest)


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


def _slices(file: feeds.Found, digest: str | None) -> Iterator[Slice]:
    try:
        sha256 = digest or feeds.digest(file.path)
    except OSError:
        sha256 = ""  # reading it says why
    record = FileRecord(file.path, file.size, file.mtime_ns, sha256)
    articles: list[Prepared] = []
    rejected: list[Rejected] = []
    first = True
    for raw in feeds.read(file, sha256=sha256):
        if len(articles) == SLICE_ARTICLES:
            yield Slice(record, tuple(articles), tuple(rejected), first, False)
            articles, rejected, first = [], [], False
        article = raw if isinstance(raw, Rejected) else cleaned(raw)
        if isinstance(article, Rejected):
            rejected.append(article)
        else:
            articles.append(_prepare(article))
    yield Slice(record, tuple(articles), tuple(rejected), first, True)


def _prepare(article: Article) -> Prepared:
    chunks = split(article)
    texts = tuple(headed(article, chunk) for chunk in chunks)
    found = names.find(article.text, lang=article.source.lang or language(article.text))
    parts = tuple(sentence_texts(article, chunk) for chunk in chunks)
    return Prepared(article, chunks, texts, parts, tuple(map(vector_key, texts)), found, article.source.item)
