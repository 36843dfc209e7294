"""How often Chroma's HNSW index finds what exact search finds, by its settings: `python -m eval.hnsw --store DIR`.

Takes the passage vectors of a store (that of eval.speed, or of eval.growth), up to `--passages`, into a collection of
its own for each pair of M and ef_construction, asks it the questions of the gold data with each ef_search, and compares
the ten nearest with those of exact search. Times are of the processor, all threads, and by the clock. Prints Markdown,
with `--json` one object.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.embedding import machine
from eval.growth_asks import questions
from rag.embed import load
from rag.errors import InputError

Floats = NDArray[np.float32]

NEAREST, BATCH = 10, 2_000
BUILT = ((16, 100), (32, 200))  # M and ef_construction; the first are Chroma's own
SEARCHED = (100, 200, 400, 600, 1000)


@dataclass(frozen=True, slots=True)
class Row:
    """Settings, seconds to build, share of the ten nearest found and its worst question, and ms of a query."""

    m: int
    ef_construction: int
    ef_search: int
    build_wall: float
    build_cpu: float
    recall: float
    worst: float
    p50: float
    p95: float
    cpu: float


def vectors(store: Path, most: int, *, lang: str | None = None) -> Floats:
    """The first passage vectors (of a language) of a store on SQLite. Raises InputError where there is none."""
    file = store / "catalogue.sqlite3"
    if not file.is_file():
        raise InputError(f"no store at {store}; make one with `python -m eval.growth` or `python -m eval.speed`")
    db = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        rows = db.execute(
            "SELECT v.data FROM chunks c JOIN vectors v ON v.number = c.vector WHERE coalesce(?, c.lang) = c.lang "
            "ORDER BY c.number LIMIT ?",
            (lang, most),
        ).fetchall()
    finally:
        db.close()
    return np.frombuffer(b"".join(row[0] for row in rows), np.float32).reshape(len(rows), -1)


def exact(held: Floats, asked: Floats) -> list[set[int]]:
    """The places of the nearest vectors to each question."""
    near = np.argpartition(-(asked @ held.T), NEAREST, axis=1)[:, :NEAREST]
    return [set(map(int, row)) for row in near]


def recall(found: Sequence[Sequence[int]], right: Sequence[set[int]]) -> NDArray[np.float64]:
    """For each question the share of the right ones that was found."""
    return np.array([len(its.intersection(some)) / len(its) for some, its in zip(found, right, strict=True)])


def grid(
    held: Floats,
    asked: Floats,
    *,
    built: Sequence[tuple[int, int]] = BUILT,
    searched: Sequence[int] = SEARCHED,
    folder: Path,
) -> list[Row]:
    """A row for each setting."""
    import chromadb
    from chromadb.config import Settings

    right = exact(held, asked)
    rows = []
    for m, ef_construction in built:
        path, settings = folder / f"{m}-{ef_construction}", Settings(anonymized_telemetry=False)
        client = chromadb.PersistentClient(str(path), settings=settings)
        options: dict[str, Any] = {"space": "cosine", "max_neighbors": m, "ef_construction": ef_construction}
        passages = client.create_collection("passages", configuration={"hnsw": options}, embedding_function=None)  # type: ignore[arg-type]
        wall, cpu = time.perf_counter(), time.process_time()
        for at in range(0, len(held), BATCH):
            passages.add(
                ids=[str(place) for place in range(at, min(at + BATCH, len(held)))], embeddings=held[at : at + BATCH]
            )
        _nearest(passages, asked[0])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        for ef_search in searched:
            client.get_collection("passages").modify(configuration={"hnsw": {"ef_search": ef_search}})
            client.close()  # type: ignore[attr-defined]
            client = chromadb.PersistentClient(str(path), settings=settings)  # one that is open keeps what it had
            shares, p50, p95, used = _asked(client.get_collection("passages"), asked, right)
            row = Row(
                m, ef_construction, ef_search, wall, cpu, float(shares.mean()), float(shares.min()), p50, p95, used
            )
            rows.append(row)
            print(as_line(row), file=sys.stderr, flush=True)
    return rows


def _asked(passages: Any, asked: Floats, right: Sequence[set[int]]) -> tuple[NDArray[np.float64], float, float, float]:
    best = np.full(len(asked), np.inf)
    found: list[list[int]] = []
    cpu = np.inf
    for _ in range(3):
        used = time.process_time()
        found = []
        for place, question in enumerate(asked):
            started = time.perf_counter()
            found.append(_nearest(passages, question))
            best[place] = min(best[place], time.perf_counter() - started)
        cpu = min(cpu, (time.process_time() - used) / len(asked))
    p50, p95 = np.percentile(1000 * best, (50, 95))
    return recall(found, right), float(p50), float(p95), float(1000 * cpu)


def _nearest(passages: Any, question: Floats) -> list[int]:
    found = passages.query(query_embeddings=question[np.newaxis, :], n_results=NEAREST, include=["distances"])
    return [int(one) for one in found["ids"][0]]


def as_line(row: Row) -> str:
    """The row as a line of the table."""
    return (
        f"| {row.m} | {row.ef_construction} | {row.ef_search} | {row.recall:.4f} | {row.worst:.1f} | {row.p50:.2f} | "
        f"{row.p95:.2f} | {row.cpu:.2f} | {row.build_cpu:.0f} | {row.build_wall:.0f} |"
    )


def as_text(rows: Sequence[Row], *, passages: int, asked: int) -> str:
    """The grid as Markdown."""
    return "\n".join([
        machine(), "", f"{passages:,} passages, {asked} questions, the {NEAREST} nearest", "",
        "| M | ef_construction | ef_search | recall | worst question | p50 ms | p95 ms | cpu ms | build, cpu s | s |",
        "|---|---|---|---|---|---|---|---|---|---|", *map(as_line, rows),
    ])  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.hnsw", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--lang", help="only the passages of this language, which a store keeps apart")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--built", type=int, default=len(BUILT), help="so many pairs of M and ef_construction")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    held = vectors(options.store, options.passages, lang=options.lang)
    asked = load().queries([text for _, text in questions(count=options.questions)])
    with tempfile.TemporaryDirectory() as folder:
        rows = grid(held, asked, built=BUILT[: options.built], folder=Path(folder))
    found = {
        "machine": machine(),
        "passages": len(held),
        "questions": len(asked),
        "rows": [asdict(row) for row in rows],
    }
    print(json.dumps(found) if options.json else as_text(rows, passages=len(held), asked=len(asked)))


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
