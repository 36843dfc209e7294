"""The chunks nearest to a vector: exactly where few are compared, by Chroma where there are many."""

from __future__ import annotations

import json
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rag.catalogue import Catalogue
from rag.filters import Allowed
from rag.sql import NUMBERS, TEXTS, Database, Rows
from rag.vectors import Passages, VectorsFailed

EXACT = 5000
BLOCK = 4096
MOST_ASKED = 10_000
PAUSE = 5.0

Numbers = NDArray[np.int64]
Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A Chroma client as it was opened: its folder, the last chunk then, and chunks that it lacked then."""

    passages: Passages
    last: int
    lacking: frozenset[int] = field(repr=False)


class Nearest:
    """Answers `dense`. Keeps one Chroma client and one small matrix per language; threads may share it."""

    def __init__(self, catalogue: Catalogue, opening: Callable[[], Passages | None]) -> None:
        self._catalogue = catalogue
        self._opening = opening
        self._guard = threading.RLock()
        self._loaded: _Loaded | None = None
        self._not_before = 0.0
        self._kept: dict[str, tuple[tuple[object, ...], Numbers, Matrix]] = {}

    def close(self) -> None:
        with self._guard:
            self._kept.clear()
            self._drop()

    def dense(self, vector: Matrix, *, lang: str, limit: int, allowed: Allowed | None) -> list[tuple[str, float]]:
        """The language's chunk ids nearest to a unit vector, with their cosine, best first."""
        if limit < 1:
            return []
        among = None if allowed is None else allowed.chunks.get(lang, np.empty(0, dtype=np.int64))
        self._prepare(lang, among)
        with self._catalogue.reading() as db:
            row = db.execute("SELECT chunks FROM languages WHERE lang = ?", (lang,)).fetchone()
            if row is None or (among is not None and not len(among)):
                return []
            if row[0] <= EXACT:
                best = _best(*self._small(db, lang), vector, limit, among)
            elif among is not None and len(among) <= EXACT:
                best = _best(*self._few(db, lang, among), vector, limit)
            else:
                best = self._large(db, vector, lang, limit, among, row[0])
            return _named(db, best, limit)

    def _small(self, db: Database, lang: str) -> tuple[Numbers, Matrix]:
        mark = _mark(db)
        with self._guard:
            if lang not in self._kept or self._kept[lang][0] != mark:
                self._kept[lang] = (mark, *_block(_after(db, lang, 0).fetchall()))
            return self._kept[lang][1:]

    def _few(self, db: Database, lang: str, among: Numbers) -> tuple[Numbers, Matrix]:
        """The chosen chunks, kept for the other wordings of the question."""
        mark = (*_mark(db), among.tobytes())
        key = f"few {lang}"
        with self._guard:
            if key not in self._kept or self._kept[key][0] != mark:
                self._kept[key] = (mark, *_block(_chosen(db, lang, among).fetchall()))
            return self._kept[key][1:]

    def _large(
        self, db: Database, vector: Matrix, lang: str, limit: int, among: Numbers | None, total: int
    ) -> dict[int, float]:
        with self._guard:
            loaded = self._loaded
            if loaded is None or loaded.passages.folder.name != _folder(db):
                found = None
            else:
                found = self._asked(db, loaded, vector, lang, limit, among, total)
            if loaded is None or found is None:
                cursor = _after(db, lang, 0) if among is None else _chosen(db, lang, among)
                return _streamed(cursor, vector, limit)
            newer = self._newer(db, lang, loaded)
        return found | _best(*newer, vector, limit, among)

    def _asked(
        self,
        db: Database,
        loaded: _Loaded,
        vector: Matrix,
        lang: str,
        limit: int,
        among: Numbers | None,
        total: int,
    ) -> dict[int, float] | None:
        """Chroma's answer by chunk number, asked for more until enough are left; None where that fails."""
        share = 1.0 if among is None else len(among) / total
        asked = int(limit / share * 1.2) + 20
        while asked <= MOST_ASKED:
            try:
                rows = loaded.passages.query(lang, vector, limit=asked)
            except VectorsFailed as damage:
                warnings.warn(f"{damage} (comparing exactly, which is slower)", RuntimeWarning, stacklevel=2)
                self._drop()
                return None
            found = _numbered(db, rows)
            if among is not None:
                found = {number: cosine for number, cosine in found.items() if _holds(among, number)}
            if len(found) >= limit or len(rows) < asked:
                return found if among is None or len(found) >= limit else None
            asked *= 4
        return None

    def _prepare(self, lang: str, among: Numbers | None) -> None:
        """Open a client where one will be asked; again where another folder took its place or much is newer.

        Outside any transaction: opening waits for the writer lock, and may mend what a killed writer left.
        """
        if among is not None and len(among) <= EXACT:
            return
        with self._guard:
            with self._catalogue.reading() as db:
                row = db.execute("SELECT chunks FROM languages WHERE lang = ?", (lang,)).fetchone()
                if row is None or row[0] <= EXACT or self._fresh(db):
                    return
                last, lacking = _horizon(db)
            if len(lacking) > EXACT:
                return
            if time.monotonic() < self._not_before:
                return
            passages = self._opening()
            if passages is None:
                self._not_before = time.monotonic() + PAUSE
            else:
                self._drop()
                self._loaded = _Loaded(passages, last, lacking)

    def _fresh(self, db: Database) -> bool:
        if self._loaded is None or self._loaded.passages.folder.name != _folder(db):
            return False
        sql = "SELECT count(*) FROM (SELECT 1 FROM chunks WHERE number > ? LIMIT ?) AS newer"
        newer = int(db.execute(sql, (self._loaded.last, EXACT + 1)).fetchone()[0])
        return newer + len(self._loaded.lacking) <= EXACT

    def _newer(self, db: Database, lang: str, loaded: _Loaded) -> tuple[Numbers, Matrix]:
        """The chunks that the client lacks: added since it opened, or still in the outbox then."""
        mark = (*_mark(db), loaded.last)
        key = f"newer {lang}"
        if key not in self._kept or self._kept[key][0] != mark:
            lacking = np.array(sorted(loaded.lacking), dtype=np.int64)
            rows = _chosen(db, lang, lacking).fetchall() + _after(db, lang, loaded.last).fetchall()
            self._kept[key] = (mark, *_block(rows))
        return self._kept[key][1:]

    def _drop(self) -> None:
        if self._loaded is not None:
            self._loaded.passages.close()
        self._loaded = None


_VECTORS = "SELECT c.number, v.data FROM chunks c JOIN vectors v ON v.number = c.vector WHERE c.lang = ?"


def _folder(db: Database) -> str:
    return str(db.execute("SELECT value FROM meta WHERE key = 'chroma'").fetchone()[0])


def _mark(db: Database) -> tuple[object, ...]:
    return (db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0],)


def _horizon(db: Database) -> tuple[int, frozenset[int]]:
    last = db.execute("SELECT max(number) FROM chunks").fetchone()[0] or 0
    rows = db.execute("SELECT c.number FROM outbox o JOIN chunks c ON c.id = o.chunk AND c.lang = o.lang")
    return last, frozenset(row[0] for row in rows)


def _after(db: Database, lang: str, number: int) -> Rows:
    return db.execute(f"{_VECTORS} AND c.number > ? ORDER BY c.number", (lang, number))


def _chosen(db: Database, lang: str, numbers: Numbers) -> Rows:
    chosen = json.dumps(numbers.tolist())
    return db.execute(f"{_VECTORS} AND c.number IN {NUMBERS}", (lang, chosen))


def _block(rows: list[tuple[int, bytes]]) -> tuple[Numbers, Matrix]:
    matrix = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float32)
    shaped = matrix.reshape(len(rows), -1) if rows else matrix.reshape(0, 0)
    return np.array([row[0] for row in rows], dtype=np.int64), shaped


def _best(
    numbers: Numbers, matrix: Matrix, vector: Matrix, limit: int, among: Numbers | None = None
) -> dict[int, float]:
    if among is not None:
        chosen = np.isin(numbers, among)
        numbers, matrix = numbers[chosen], matrix[chosen]
    if not len(numbers):
        return {}
    cosines = matrix @ vector
    count = min(limit, len(numbers))
    top = np.argpartition(-cosines, count - 1)[:count]
    return dict(zip(numbers[top].tolist(), cosines[top].tolist(), strict=True))


def _streamed(cursor: Rows, vector: Matrix, limit: int) -> dict[int, float]:
    """The nearest of the cursor's rows, of which a block at a time is in memory."""
    best: dict[int, float] = {}
    for rows in _blocks(cursor):
        best |= _best(*_block(rows), vector, limit)
        best = dict(sorted(best.items(), key=lambda pair: -pair[1])[:limit])
    return best


def _blocks(cursor: Rows) -> Iterator[list[tuple[int, bytes]]]:
    while rows := cursor.fetchmany(BLOCK):
        yield rows


def _holds(numbers: Numbers, number: int) -> bool:
    place = int(np.searchsorted(numbers, number))
    return place < len(numbers) and int(numbers[place]) == number


def _numbered(db: Database, rows: list[tuple[str, float]]) -> dict[int, float]:
    """By chunk number; ids that the catalogue does not hold are left out."""
    cosines = dict(rows)
    sql = f"SELECT id, number FROM chunks WHERE id IN {TEXTS}"
    return {number: cosines[chunk] for chunk, number in db.execute(sql, (json.dumps(list(cosines)),))}


def _named(db: Database, found: dict[int, float], limit: int) -> list[tuple[str, float]]:
    sql = f"SELECT id, number FROM chunks WHERE number IN {NUMBERS}"
    rows = db.execute(sql, (json.dumps(list(found)),))
    ranked = sorted(((chunk, found[number]) for chunk, number in rows), key=lambda pair: (-pair[1], pair[0]))
    return ranked[:limit]
