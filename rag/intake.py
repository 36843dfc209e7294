"""What one file gives, written into the catalogue: new articles, further sources, near-duplicates, what went.

Everything here runs inside a write transaction of the caller.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from rag import article_dates, event_rows, lexical, near, shelf
from rag.catalogue import SOURCE, plain
from rag.domain import Article, Chunk, Name, Source
from rag.errors import InputError, StoreError
from rag.event_rows import Record
from rag.filters import days
from rag.sql import NUMBERS, Database
from rag.text import language

CANDIDATES = 20
_BYTE = 127
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it was read: its path, bytes, time of change and the SHA-256 of its bytes."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An article to store. `embedded` has a vector key for each chunk, `vectors` those not known yet.

    `sentences` has under the same keys the vectors (sentences, dimension) of each passage's sentences in order.
    `records` are its events; None where it was not read for them.
    """

    article: Article
    chunks: tuple[Chunk, ...]
    embedded: tuple[str, ...]
    vectors: Mapping[str, NDArray[np.float32]]
    names: tuple[Name, ...] = ()
    sentences: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    records: tuple[Record, ...] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a commit did with each entry: new, same, updated, `duplicate of ID` or `near-duplicate of ID`.

    `again` names files that must be ingested again: they held near-duplicates of an article that is gone.
    """

    outcomes: tuple[str, ...] = ()
    again: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        return iter(self.outcomes)


def put(db: Database, path: str, entry: Entry, seen: set[tuple[int, str]], dimension: int) -> str:
    """Store an entry as a source of `path` and return what it was.

    `seen` holds the item and content of what this reading of the file gave before.
    """
    article, item = entry.article, entry.article.source.item
    held = db.execute(
        "SELECT number, item, article FROM sources WHERE path = ? AND content = ?", (path, article.id)
    ).fetchall()
    replaced = db.execute(
        "SELECT 1 FROM sources WHERE path = ? AND item = ? AND content != ?", (path, item, article.id)
    ).fetchone()
    # An item that an earlier line of the file has moved is still the same source.
    same = [row for row in held if row[1] == item]
    free = same or [row for row in held if (row[1], article.id) not in seen]
    if free:
        return _refresh(db, free[0][0], path, article.source)
    known = db.execute("SELECT 1 FROM articles WHERE id = ?", (article.id,)).fetchone()
    bands = near.bands(article.text) if not known else ()
    first = article.id if known else _near_duplicate(db, path, article.text, bands, seen)
    if first is None:
        _insert(db, entry, bands, dimension)
    _add_source(db, first or article.id, article.id, path, article.source)
    _date(db, first or article.id, article.source.published, new=first is None)
    if first is None and entry.records is not None:
        event_rows.put(db, article.id, entry.records)
    if known:
        return f"duplicate of {article.id}"
    if first:
        return f"near-duplicate of {first}"
    return "updated" if replaced else "new"


def forget(db: Database, path: str, seen: set[tuple[int, str]]) -> tuple[bool, set[str]]:
    """Drop what the path gives no more: whether anything went, and the paths that must be read again."""
    rows = db.execute("SELECT number, item, content, article FROM sources WHERE path = ?", (path,)).fetchall()
    gone = [row for row in rows if (row[1], row[2]) not in seen]
    db.executemany("DELETE FROM sources WHERE number = ?", [(row[0],) for row in gone])
    again: set[str] = set()
    for article in {row[3] for row in gone}:
        if not db.execute("SELECT 1 FROM sources WHERE article = ? AND content = article", (article,)).fetchone():
            again |= remove(db, article)
        else:
            _date(db, article)
    return bool(gone), again


def remove(db: Database, article: str) -> set[str]:
    """Remove an article with all that hangs on it; the paths of its near-duplicates, to be read again."""
    again = {
        row[0] for row in db.execute("SELECT path FROM sources WHERE article = ? AND content != article", (article,))
    }
    unread(db, sorted(again))
    rows = db.execute(
        "SELECT c.number, c.id, c.lang, v.data FROM chunks c JOIN vectors v ON v.number = c.vector WHERE c.article = ?",
        (article,),
    ).fetchall()
    _send(db, [(row[1], row[2]) for row in rows])
    for lang in {row[2] for row in rows}:
        lexical.remove(db, [row[0] for row in rows if row[2] == lang], lang)
        _add_to_mean(db, lang, [row[3] for row in rows if row[2] == lang], sign=-1)
    db.execute("DELETE FROM articles WHERE id = ?", (article,))
    return again


def unread(db: Database, paths: Sequence[str]) -> None:
    """Have these files read again when they are ingested again, whatever their bytes."""
    db.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in paths])


def write_file(db: Database, file: FileRecord, status: str, reason: str | None = None) -> None:
    """Record that the file was read."""
    seen_at = datetime.now(UTC).isoformat(timespec="seconds")
    db.execute(
        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET size = excluded.size, "
        "mtime_ns = excluded.mtime_ns, sha256 = excluded.sha256, status = excluded.status, "
        "reason = excluded.reason, seen_at = excluded.seen_at",
        (plain(file.path), file.size, file.mtime_ns, file.sha256, status, reason and plain(reason), seen_at),
    )


def unit(vector: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    """The vector at length one. Raises ValueError for another dimension or a value that is not finite."""
    given = np.asarray(vector, dtype=np.float32)
    if given.shape != (dimension,) or not np.isfinite(given).all():
        raise ValueError(f"a vector of shape {given.shape} that must be {dimension} finite numbers")
    length = float(np.linalg.norm(given))
    return (given / length).astype(np.float32) if length else given


def directions(vectors: NDArray[np.float32], dimension: int) -> bytes:
    """Vectors (n, dimension) as signed bytes, a quarter of their size: the direction is what is kept."""
    given = np.asarray(vectors, dtype=np.float32)
    if given.ndim != 2 or given.shape[1] != dimension or not np.isfinite(given).all():
        raise ValueError(f"vectors of shape {given.shape} that must be rows of {dimension} finite numbers")
    largest = np.abs(given).max(axis=1, keepdims=True, initial=1e-9)
    packed: NDArray[np.int8] = np.rint(given / largest * _BYTE).astype(np.int8)
    return packed.tobytes()


def unpacked(data: bytes, dimension: int) -> NDArray[np.float32]:
    """The unit vectors (n, dimension) that `directions` packed."""
    rows = np.frombuffer(data, dtype=np.int8).reshape(-1, dimension).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: NDArray[np.float32] = rows / np.maximum(lengths, 1.0)
    return found


def recount(db: Database) -> None:
    """Each language's number of chunks and sum of vectors, anew from the chunks."""
    db.execute("DELETE FROM languages")
    languages = [row[0] for row in db.execute("SELECT DISTINCT lang FROM chunks")]
    for lang in languages:
        rows = db.execute("SELECT v.data FROM chunks c JOIN vectors v ON v.number = c.vector WHERE c.lang = ?", (lang,))
        while part := [row[0] for row in rows.fetchmany(4096)]:
            _add_to_mean(db, lang, part, sign=1)


def drop_orphans(db: Database) -> None:
    """Delete the vectors that no chunk has."""
    db.execute("DELETE FROM vectors WHERE number NOT IN (SELECT vector FROM chunks)")


def switch_vectors(db: Database, store: str) -> None:
    """Put the vectors of the table `next_vectors` in the place of all others."""
    missing = db.execute("SELECT count(*) FROM chunks WHERE id NOT IN (SELECT chunk FROM next_vectors)").fetchone()[0]
    if missing:
        raise StoreError(f"{missing} passages of {store} have no new vector; run `rag reindex` again")
    db.later_keys()
    db.execute("DELETE FROM vectors")
    db.execute("INSERT INTO vectors (key, data) SELECT key, data FROM next_vectors WHERE 1 = 1 ON CONFLICT DO NOTHING")
    db.execute(
        "INSERT INTO sentences SELECT v.number, n.sentences FROM next_vectors n JOIN vectors v ON v.key = n.key "
        "WHERE 1 = 1 ON CONFLICT DO NOTHING"
    )
    db.execute(
        "UPDATE chunks SET vector = (SELECT v.number FROM next_vectors n JOIN vectors v ON v.key = n.key "
        "WHERE n.chunk = chunks.id)"
    )
    db.execute("DROP TABLE next_vectors")
    drop_orphans(db)
    recount(db)


def _refresh(db: Database, number: int, path: str, source: Source) -> str:
    """The source's facts as they are now; "updated" where one of them changed, "same" otherwise."""
    before = db.execute(f"SELECT {SOURCE} FROM sources WHERE number = ?", (number,)).fetchone()
    after = _facts(path, source)
    if before == after[: len(before)]:
        return "same"
    columns = (*SOURCE.split(", "), "outlet_key", "first_day", "last_day")
    pairs = ", ".join(f"{column} = ?" for column in columns)
    db.execute(f"UPDATE sources SET {pairs} WHERE number = ?", (*after, number))
    shelf.put(db, number, source.title and plain(source.title))
    published = SOURCE.split(", ").index("published")
    if before[published] != after[published]:
        _date(db, db.execute("SELECT article FROM sources WHERE number = ?", (number,)).fetchone()[0])
    quiet = {columns.index("item"), columns.index("raw_sha256")}
    pairs_of = enumerate(zip(before, after, strict=False))
    return "updated" if any(old != new for place, (old, new) in pairs_of if place not in quiet) else "same"


def _facts(path: str, source: Source) -> tuple[str | int | None, ...]:
    first, last = days(source.published) or (None, None)
    facts = (path, *astuple(source)[2:])
    clean = (plain(fact) if isinstance(fact, str) else fact for fact in facts)
    return (*clean, lexical.words(source.outlet) if source.outlet else None, first, last)


def _add_source(db: Database, article: str, content: str, path: str, source: Source) -> None:
    columns = f"article, content, {SOURCE}, outlet_key, first_day, last_day"
    facts = (article, content, *_facts(path, source))
    sql = f"INSERT INTO sources ({columns}) VALUES ({', '.join('?' * len(facts))}) RETURNING number"
    (number,) = db.execute(sql, facts).fetchone()
    shelf.put(db, number, source.title and plain(source.title))


def _date(db: Database, article: str, added: str | None = None, *, new: bool = True) -> None:
    """Write what the article's text and sources say of days, anew; `added` is the date of a further source."""
    sources = db.execute("SELECT published FROM sources WHERE article = ? AND published NOTNULL", (article,)).fetchall()
    published = [row[0] for row in sources]
    if not new and (added is None or published.count(added) > 1):
        return
    number, text, lang = db.execute("SELECT number, text, lang FROM articles WHERE id = ?", (article,)).fetchone()
    db.execute("DELETE FROM dates WHERE article = ?", (number,))
    rows = article_dates.rows(text, lang=lang, published=sorted(set(published)))
    db.executemany(
        "INSERT INTO dates VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(number, row.kind, row.first, row.last, row.from_md, row.to_md) for row in rows],
    )


def _near_duplicate(db: Database, path: str, text: str, bands: Sequence[int], seen: set[tuple[int, str]]) -> str | None:
    """The stored article that this text repeats; never one that only an older state of the file holds."""
    found = db.execute(
        f"SELECT a.id, a.text FROM near n JOIN articles a ON a.number = n.article WHERE n.band IN {NUMBERS} "
        "GROUP BY a.number ORDER BY count(*) DESC, a.number LIMIT ?",
        (json.dumps(bands), CANDIDATES),
    ).fetchall()
    for article, other in found:
        held = db.execute(
            "SELECT path, item FROM sources WHERE article = ? AND content = article", (article,)
        ).fetchall()
        current = any(its != path or (item, article) in seen for its, item in held)
        if current and near.near(text, other):
            return str(article)
    return None


def _insert(db: Database, entry: Entry, bands: Sequence[int], dimension: int) -> None:
    article = entry.article
    lang = _passage_language(article)
    (number,) = db.execute(
        "INSERT INTO articles (id, text, chars, kept, dropped, lang) VALUES (?, ?, ?, ?, ?, ?) RETURNING number",
        (
            article.id,
            _strict(article),
            len(article.text),
            json.dumps(article.kept),
            json.dumps([(line.line, line.text, line.reason) for line in article.dropped]),
            lang,
        ),
    ).fetchone()
    db.executemany("INSERT INTO near VALUES (?, ?) ON CONFLICT DO NOTHING", [(band, number) for band in bands])
    db.executemany(
        "INSERT INTO names VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(article.id, name.start, name.end, name.text, name.kind) for name in entry.names],
    )
    lexical.prepare(db, lang)
    _insert_chunks(db, entry, lang, dimension)


def _insert_chunks(db: Database, entry: Entry, lang: str, dimension: int) -> None:
    """The chunks with vectors, words and outbox rows. Raises StoreError where a vector is missing."""
    blobs = []
    for chunk, key in zip(entry.chunks, entry.embedded, strict=True):
        if (chunk.article, chunk.text) != (entry.article.id, entry.article.text[chunk.start : chunk.end]):
            raise ValueError(f"chunk {chunk.id} is no passage of article {entry.article.id}")
        if key in entry.vectors:
            blob = unit(entry.vectors[key], dimension).tobytes()
            sql = "INSERT INTO vectors (key, data) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING number"
            stored = db.execute(sql, (key, blob)).fetchone()
            if stored and key in entry.sentences:
                packed = directions(entry.sentences[key], dimension)
                db.execute("INSERT INTO sentences VALUES (?, ?)", (stored[0], packed))
        vector = db.execute("SELECT number, data FROM vectors WHERE key = ?", (key,)).fetchone()
        if vector is None:
            raise StoreError(
                f"article {entry.article.id} has a passage without a vector (another process deleted it); "
                "ingest the file again"
            )
        blobs.append(vector[1])
        (number,) = db.execute(
            'INSERT INTO chunks (id, article, start, "end", lang, vector) VALUES (?, ?, ?, ?, ?, ?) RETURNING number',
            (chunk.id, chunk.article, chunk.start, chunk.end, lang, vector[0]),
        ).fetchone()
        lexical.add(db, number, chunk.text, lang)
    _send(db, [(chunk.id, lang) for chunk in entry.chunks])
    _add_to_mean(db, lang, blobs, sign=1)


def _add_to_mean(db: Database, lang: str, blobs: Sequence[bytes], *, sign: int) -> None:
    if not blobs:
        return
    matrix = np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(blobs), -1)
    moved = sign * matrix.sum(0, dtype=np.float64)
    row = db.execute("SELECT chunks, total FROM languages WHERE lang = ?", (lang,)).fetchone()
    chunks, total = (row[0], np.frombuffer(row[1])) if row else (0, np.zeros_like(moved))
    chunks += sign * len(blobs)
    if chunks == 0:
        db.execute("DELETE FROM languages WHERE lang = ?", (lang,))
    else:
        row = (lang, chunks, (total + moved).tobytes())
        db.execute(
            "INSERT INTO languages VALUES (?, ?, ?) "
            "ON CONFLICT (lang) DO UPDATE SET chunks = excluded.chunks, total = excluded.total",
            row,
        )


def _send(db: Database, chunks: Sequence[tuple[str, str]]) -> None:
    """Have Chroma take or drop these chunks (id, language): anew, should a drain be under way."""
    db.executemany("DELETE FROM outbox WHERE chunk = ? AND lang = ?", chunks)
    db.executemany("INSERT INTO outbox (chunk, lang) VALUES (?, ?)", chunks)


def _passage_language(article: Article) -> str:
    """The main language subtag that the source states where it is one, otherwise that of the text."""
    stated = re.split(r"[-_]", (article.source.lang or "").lower(), maxsplit=1)[0]
    return stated if _LANGUAGE.fullmatch(stated) else language(article.text)


def _strict(article: Article) -> str:
    try:
        article.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"{article.source.path}: the text has a lone surrogate; save it as UTF-8") from error
    return article.text
