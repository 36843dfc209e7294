"""Invented articles with invented vectors, ready to store. The same words give the same vector."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.domain import Article, Chunk, Name, Source
from rag.store import Entry, FileRecord, Store

DIMENSION = 24
SYLLABLES = (
    "hội nghị ngoại trưởng gặp phái đoàn thương mại hợp tác biên giới khu vực tuyên bố quan hệ đối tác chiến "
    "lược đại sứ thăm chính thức ký kết nguyên thủ hòa bình ổn định phát triển kinh tế đầu tư văn hóa giáo dục "
    "quốc phòng an ninh biển đảo nông sản xuất khẩu nhập tăng giảm tháng năm ngày đầu cuối giữa kỳ vọng"
).split()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def vector(text: str, dimension: int = DIMENSION) -> NDArray[np.float32]:
    """A unit vector that only this text has."""
    drawn = np.random.default_rng(int(sha(text)[:16], 16)).normal(size=dimension)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def sentence_vectors(text: str, dimension: int = DIMENSION) -> NDArray[np.float32]:
    """The vectors (2, dimension) of a passage of two sentences."""
    return np.stack([vector(f"{part} {text}", dimension) for part in ("first", "second")])


def text_of(number: int, *, lines: int = 3) -> str:
    """An invented article, unlike that of any other number."""
    drawn = random.Random(number)
    body = [" ".join(drawn.choices(SYLLABLES, k=20)) for _ in range(lines)]
    return "\n".join(f"{line} bài {number} đoạn {place}." for place, line in enumerate(body))


def entry(
    text: str,
    *,
    path: str = "a.txt",
    item: int = 0,
    lang: str | None = "vi",
    outlet: str | None = "Báo Biên Giới",
    published: str | None = "2023-10-24",
    title: str | None = None,
    names: tuple[Name, ...] = (),
    known: bool = False,
) -> Entry:
    """A text as an article of one chunk a line; without vectors where they are `known`."""
    found = sha(text)[:16]
    source = Source(found, path, sha(text + "raw"), item, outlet=outlet, lang=lang, published=published, title=title)
    chunks, start = [], 0
    for line in text.splitlines(keepends=True):
        chunks.append(Chunk(found, start, start + len(line), line))
        start += len(line)
    vectors = {} if known else {sha(chunk.text): vector(chunk.text) for chunk in chunks}
    keys = tuple(sha(chunk.text) for chunk in chunks)
    sentences = {key: sentence_vectors(text) for key, text in zip(keys, text.splitlines(keepends=True), strict=True)}
    return Entry(Article(source, text, (1, 3)), tuple(chunks), keys, vectors, names, {} if known else sentences)


def record(path: str, *texts: str) -> FileRecord:
    """The file of that path with these texts in it."""
    return FileRecord(path, len("".join(texts)), 1, sha("".join(texts)))


def ingest(store: Store, text: str, path: str = "a.txt") -> str:
    """What the store made of a file with this one text."""
    report = store.commit(record(path, text), [entry(text, path=path)])
    return report.outcomes[0]


def open_store(folder: Path, *, wait: float = 120.0) -> Store:
    return Store.open(folder, create=True, embedder="invented", dimension=DIMENSION, wait=wait)
