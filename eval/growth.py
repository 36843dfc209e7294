"""What grows, and how fast, as a store grows: `python -m eval.growth --work DIR [--sizes 1000,10000,100000] [--peer]`.

Writes the articles (eval/growth_corpus.py: short news items, each size the beginning of the next) and ingests them by
the desk into one store that grows from size to size, each step in a process of its own; killed, it goes on where it
was. With `--vectors stand-in` all is done but the embedding, whose cost is the same for every article: vectors are
means of real ones. At each size it asks (eval/growth_asks.py): `search`, `ask`, a fresh process, `rag serve`. `--peer`
compares with the default pipeline of LangChain, Chroma and sentence-transformers (eval/growth_peer.py). Prints
Markdown, with `--json` one object; `--plot FILE` writes an SVG.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from subprocess import run
from typing import Any

import numpy as np

from eval import growth_figures as figures
from eval.embedding import machine
from eval.growth_corpus import LINES, Pool, write
from eval.growth_ingest import BUNDLED, EMBED, REAL, STANDIN, Step, read, save
from eval.growth_peer import as_text as peers_as_text
from eval.growth_peer import compare
from rag.embed import load
from rag.errors import InputError

RUN = 20  # neighbouring sentences whose vectors are taken together
PEERS = 3  # files of articles that the peers get


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
        asks = work / f"asks-{vectors}-{last}.json"
        grown = any(int(file.stem[:7]) >= last for file in folder.glob("*.json"))
        if last in sizes and not grown and not asks.is_file():
            run([sys.executable, "-m", "eval.growth_asks", str(work / f"store-{vectors}"), str(asks)], check=True)
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


def known(work: Path, *, vectors: str) -> tuple[list[Step], list[dict[str, Any]]]:
    """The steps and answers that are measured so far, in the order of their sizes."""
    steps = [read(file) for file in sorted((work / f"steps-{vectors}").glob("*.json"))]
    asks = [json.loads(file.read_text("utf-8")) for file in work.glob(f"asks-{vectors}-*.json")]
    return steps, sorted(asks, key=lambda found: found["articles"])


def as_text(steps: Sequence[Step], asks: Sequence[dict[str, Any]], peers: str) -> str:
    """All as Markdown."""
    parts = [machine(), figures.by_stage(steps), figures.exponents(steps, asks)]
    if asks:
        parts.append(figures.asked(asks))
    return "\n\n".join([*parts, peers] if peers else parts)


def plotted(steps: Sequence[Step], asks: Sequence[dict[str, Any]]) -> str:
    """The plot: ingest, disk, memory and search over articles."""
    done = [step for step in steps if step.done]
    return figures.plot({
        "ingest, cpu s": figures.totals(done),
        "of it, all but embedding": figures.totals(done, but=(EMBED,)),
        "disk, MB": [(step.last, sum(step.disk.values())) for step in done],
        "memory of ingest, MB": [(step.last, step.memory) for step in done],
        "search p95, ms": [(found["articles"], figures.row_of(found, "search")[3]) for found in asks],
    })  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Grows, measures, prints."""
    parser = argparse.ArgumentParser(prog="python -m eval.growth", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--work", type=Path, required=True, help="the folder that keeps articles, stores and results")
    parser.add_argument("--data", type=Path, help="the folder that holds xquad/ and wh_readouts/: more sentences")
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--vectors", choices=(BUNDLED, STANDIN), default=BUNDLED)
    parser.add_argument("--peer", action="store_true", help="compare with LangChain's default pipeline; needs --data")
    parser.add_argument("--known", action="store_true", help="measure nothing, print what is measured so far")
    parser.add_argument("--plot", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")]
    if any(size < LINES or size % LINES for size in sizes):
        parser.error(f"--sizes are multiples of {LINES}")
    if options.peer and options.data is None:
        parser.error("--peer needs --data")
    if not options.known:
        grow(options.work, sizes, vectors=options.vectors, data=options.data)
    steps, asks = known(options.work, vectors=options.vectors)
    files = sorted((options.work / "articles").glob("*.jsonl"))
    peers = compare(options.work, data=options.data, files=files[:PEERS]) if options.peer else []
    if options.plot:
        options.plot.write_text(plotted(steps, asks), "utf-8")
    if options.json:
        found = {"machine": machine(), "steps": [*map(asdict, steps)], "asks": asks, "peers": [*map(asdict, peers)]}
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(as_text(steps, asks, peers_as_text(peers)))


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
