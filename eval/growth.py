"""What grows, and how fast, as a store grows: `python -m eval.growth --work DIR [--data DIR] [--sizes 1000,10000,100000]`.

Writes the articles (eval/growth_corpus.py: short news items, each size the beginning of the next) and ingests them by
the desk into one store that grows from size to size, each step a process of its own; killed, it goes on where it was.
`--vectors stand-in` does everything but the embedding, whose cost is the same for every article: vectors are means of
real ones. Then asks: `search`, `ask`, a fresh process, `rag serve`. Each result is kept in DIR/results-VECTORS.json.
`--peer` compares with the default pipeline of LangChain, Chroma and sentence-transformers, Chroma's own query and
bm25s (eval/growth_peer.py). Prints Markdown; `--report FILE` and `--plot FILE` write it and its plot as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import run

import numpy as np

from eval.growth_corpus import LINES, Pool, write
from eval.growth_ingest import BUNDLED, REAL, STANDIN, Step, read, save
from rag.embed import load
from rag.errors import InputError

RUN = 20  # neighbouring sentences whose vectors are taken together
SIZES = (1_000, 10_000, 100_000)


def steps(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """First and last article of each step: through 1, 2, 5 of each power of ten, above 10,000 every 10,000."""
    whole = max(sizes)
    marks = {LINES * 10**power * part for power in range(3) for part in (1, 2, 5)} | set(range(10_000, whole, 10_000))
    ends = sorted({mark for mark in marks if min(sizes) < mark < whole} | set(sizes))
    return list(zip([0, *ends], ends, strict=False))


def grow(work: Path, sizes: Sequence[int], *, vectors: str, data: Path | None) -> list[Step]:
    """The steps of that store, in order; what is done already is read."""
    files = write(work / "articles", max(sizes), data=data)
    real = standins(work, data) if vectors == STANDIN else None
    folder = work / f"steps-{vectors}"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for first, last in steps(sizes):
        kept = folder / f"{first:07}-{last:07}.json"
        if not kept.is_file():
            save(Step(first, last, vectors), kept)
        if not read(kept).done:
            given = [str(file) for file in files[first // LINES : last // LINES]]
            vector_file = str(real) if real else "-"
            store = str(work / f"store-{vectors}")
            run([sys.executable, "-m", "eval.growth_ingest", store, str(kept), vector_file, *given], check=True)
        found.append(read(kept))
    return found


def standins(work: Path, data: Path | None) -> Path:
    """A file of real passage vectors of the sentences that articles are made of, source article by source article."""
    file = work / "real.npy"
    if not file.is_file():
        pool = Pool.load(data=data)
        rows = [row for lang in pool.articles.values() for article in lang for row in article]
        texts = [row.text for row in rows]
        runs = range(0, len(texts), max(RUN, RUN * len(texts) // REAL))
        np.save(file, load().passages([text for at in runs for text in texts[at : at + RUN]]))
    return file


if __name__ == "__main__":
    grow(Path(sys.argv[1]), [int(n) for n in sys.argv[3].split(",")], vectors=sys.argv[2], data=Path("../shared/data"))
