"""Compares Chroma with the catalogue: the same passages, the same vectors, each found by its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.catalogue import Catalogue
from rag.proof import Tally
from rag.vectors import BATCH, Passages, VectorsAway, VectorsDamaged

Progress = Callable[[int, int], None]
Opens = Callable[[Path], bool]  # whether a folder can be opened, found out by a process of its own

START = "start it, or name another RAG_STORE; what it lacks then it gets with the next ingest"
_DIFFERENCE = 1e-4
_AMONG = 10  # a passage is found by its own vector within as many


def check(
    path: Path,
    catalogue: Catalogue,
    tally: Tally,
    *,
    sample: int,
    cautious: bool,
    opens: Opens,
    server: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Compare Chroma's folder, or its collections on a server, with the catalogue; needs the right to write Chroma.

    `sample` passages of each language are asked for by their own vectors. `cautious` has a child process open the
    folder first even where no killed process left it: a damaged one can crash whoever opens it. `opens` asks that
    process.
    """
    meta = catalogue.meta()
    folder = path / str(meta["chroma"])
    if server is None and not _opened(folder, catalogue, tally, child=cautious or bool(meta["dirty"]), opens=opens):
        return
    try:
        with closing(Passages(folder, server=server)) as passages:
            _languages(passages, catalogue, tally, sample=sample, progress=progress)
    except VectorsDamaged as damage:
        tally.fault("chroma", "half", "folders that cannot be read", str(damage).partition(";")[0])
    except VectorsAway as away:
        if _answers(folder, server):
            tally.fault("chroma", "half", "collections that cannot be read", str(away).partition(";")[0])
        else:
            tally.fault("chroma", "half", "servers that do not answer", str(away).partition(";")[0], remedy=START)


def _opened(folder: Path, catalogue: Catalogue, tally: Tally, *, child: bool, opens: Opens) -> bool:
    """Whether the folder is there and, where a child process is to find out, can be opened; else a fault."""
    if not folder.is_dir():
        with catalogue.reading() as db:
            held = int(
                db.execute(
                    "SELECT count(*) FROM chunks c WHERE NOT EXISTS "
                    "(SELECT 1 FROM outbox o WHERE o.chunk = c.id AND o.lang = c.lang)"
                ).fetchone()[0]
            )
        if held:
            tally.fault("chroma", "lost", f"vectors of a folder that is gone ({folder.name})", str(folder), count=held)
        return False
    if child and not opens(folder):
        tally.fault("chroma", "half", "folders that cannot be opened", str(folder))
        return False
    return True


def _languages(
    passages: Passages, catalogue: Catalogue, tally: Tally, *, sample: int, progress: Progress | None
) -> None:
    with catalogue.reading() as db:
        waiting = set(db.execute("SELECT lang, chunk FROM outbox").fetchall())
        total = int(db.execute("SELECT count(*) FROM chunks").fetchone()[0])
    passages.load()
    done = 0
    for lang in sorted(set(catalogue.languages()) | set(passages.languages())):
        compared = _Language(passages, catalogue, lang, {chunk for code, chunk in waiting if code == lang})
        done = compared.check(tally, sample=sample, progress=progress, done=done, total=total)


class _Language:
    """The passages of one language in Chroma and in the catalogue."""

    def __init__(self, passages: Passages, catalogue: Catalogue, lang: str, waiting: set[str]) -> None:
        self._passages = passages
        self._catalogue = catalogue
        self._lang = lang
        self._waiting = waiting

    def check(self, tally: Tally, *, sample: int, progress: Progress | None, done: int, total: int) -> int:
        """Compare them; how many passages are done in all."""
        known: set[str] = set()
        found = 0
        step = max(1, self._catalogue.languages().get(self._lang, 0) // max(1, sample))
        last = 0
        while rows := self._rows(last):
            last = rows[-1][0]
            held = self._held([row[1] for row in rows])
            known.update(row[1] for row in rows)
            found += len(held)
            for place, (_, chunk, data) in enumerate(rows):
                self._compare(tally, chunk, np.frombuffer(data, dtype=np.float32), held.get(chunk))
                if (done + place) % step == 0 and chunk in held and chunk not in self._waiting:
                    self._probe(tally, chunk, held[chunk])
            done += len(rows)
            if progress is not None:
                progress(done, total)
        tally.checks("chroma", found)
        if self._lang in self._passages.languages() and self._passages.count(self._lang) != found:
            for chunk in sorted(set(self._ids()) - known - self._waiting):
                tally.fault("chroma", "doubled", "vectors of passages that the catalogue does not hold", chunk)
        return done

    def _rows(self, last: int) -> list[tuple[int, str, bytes]]:
        with self._catalogue.reading() as db:
            return list(
                db.execute(
                    "SELECT c.number, c.id, v.data FROM chunks c JOIN vectors v ON v.number = c.vector "
                    "WHERE c.lang = ? AND c.number > ? ORDER BY c.number LIMIT ?",
                    (self._lang, last, BATCH),
                ).fetchall()
            )

    def _compare(self, tally: Tally, chunk: str, vector: NDArray[np.float32], held: NDArray[np.float32] | None) -> None:
        if chunk in self._waiting:
            return
        if held is None:
            tally.fault("chroma", "lost", "passages that Chroma lacks", chunk)
        elif held.shape != vector.shape or not np.abs(held - vector).max() < _DIFFERENCE:
            tally.fault("chroma", "half", "vectors that are not those of the catalogue", chunk)

    def _probe(self, tally: Tally, chunk: str, vector: NDArray[np.float32]) -> None:
        near = self._passages.query(self._lang, vector, limit=_AMONG)
        alike = len(near) == _AMONG and all(cosine > 1 - _DIFFERENCE for _, cosine in near)
        if not alike and chunk not in [one for one, _ in near]:
            tally.fault("chroma", "lost", "passages that are not found by their own vector", chunk)
        tally.checks("found by their own vector", 1)

    def _held(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        if self._lang not in self._passages.languages():
            return {}
        found = self._got(ids=list(ids), include=["embeddings"])
        return dict(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))

    def _ids(self) -> list[str]:
        return list(self._got(include=[])["ids"])

    def _got(self, **asked: Any) -> Any:
        with self._passages._explained():
            return self._passages._collection(self._lang).get(**asked)


def _answers(folder: Path, server: str | None) -> bool:
    """Whether the server answers, whatever it makes of these collections."""
    try:
        Passages(folder, server=server).close()
    except VectorsAway:
        return False
    return True
