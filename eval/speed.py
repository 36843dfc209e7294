"""How long `rag search` takes on a large store, beside plain Chroma on the same collections.

`python -m eval.speed --work DIR --data DIR` prints Markdown, with `--json` one object. The store (100,000 passages
unless told) is made once in DIR, on and on after an interruption; eval/speed_corpus.py says of what, and that its
vectors are made up of real ones. Every search is the whole of `Desk.search` in this process: names, the question
embedded, word index, Chroma, fusion. Chroma and rag take turns, round by round; a row is its best round.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from eval.embedding import machine
from eval.speed_calls import CHROMA, OURS, Call, Calls, Question, chroma, matches, parts, questions, searches
from eval.speed_corpus import Pool, fill
from rag.desk import Desk, open_desk
from rag.errors import InputError
from rag.store import Store

COLD_START, COLD_SEARCH = "first search in a fresh process, from its start", "of it, opening the store and searching"
COLD = """
import sys, time
from rag.desk import open_desk
began = time.time()
desk = open_desk(store=sys.argv[1])
desk.search(sys.argv[2])
print(time.time(), time.time() - began)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What was done, how often, and milliseconds."""

    name: str
    n: int
    p50: float
    p95: float
    p99: float
    mean: float

    @classmethod
    def of(cls, name: str, seconds: Sequence[float]) -> Row:
        ms = 1000 * np.array(seconds)
        p50, p95, p99, mean = (round(float(of), 2) for of in (*np.percentile(ms, (50, 95, 99)), ms.mean()))
        return cls(name, len(ms), p50, p95, p99, mean)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that a run finds: rows in ms, one-time costs in seconds, sizes in MB."""

    machine: str
    passages: Mapping[str, int]
    articles: int
    spellings: int
    rows: tuple[Row, ...]
    once: Mapping[str, float]
    memory: float
    disk: Mapping[str, float]


def measure(desk: Desk, pool: Pool, asked: Sequence[Question], *, rounds: int, spellings: int, seed: int) -> Measured:
    """Every row; the store must be filled, and nothing asked of the desk yet."""
    path = desk.settings.store
    whole, asking = _cold(path, asked[0].text)
    for question in asked[:5]:
        desk.search(question.text)
    ours = list(searches(desk, pool, asked, seed))
    theirs: list[Calls] = []
    taken: dict[str, list[list[float]]] = {}
    memory = 0.0
    for number in range(rounds):
        _time(ours, taken)
        if number == 0:
            memory = _memory()
            theirs = list(chroma(path, [desk.embedder.query(question.text) for question in asked]))
        _time(theirs, taken)
    indexed, once = matches(spellings, asked, seed)
    _time(indexed, taken)
    best = {name: min(found, key=lambda times: float(np.percentile(times, 95))) for name, found in taken.items()}
    whole_row = best.pop(OURS)
    rows = [Row.of(OURS, whole_row)]
    rows += [Row.of(name, [whole_row[place] for place in places]) for name, places in parts(asked) if places]
    rows += [Row.of(name, times) for name, times in best.items()]
    return Measured(
        machine(),
        desk.store.languages(),
        len(desk.articles()),
        len({name[0] for name in desk.store.names()}),
        tuple(rows),
        {COLD_START: whole, COLD_SEARCH: asking, **once},
        memory,
        _disk(path),
    )


def _time(rows: Iterable[Calls], taken: dict[str, list[list[float]]]) -> None:
    from tqdm import tqdm

    for name, calls in rows:
        taken.setdefault(name, []).append(_times(tqdm(calls, desc=name, disable=None, leave=False)))


def _times(calls: Iterable[Call]) -> list[float]:
    found = []
    for call in calls:
        started = time.perf_counter()
        call()
        found.append(time.perf_counter() - started)
    return found


def _cold(store: Path, question: str) -> tuple[float, float]:
    """Seconds of a fresh process until it has found something, and of these from opening the store on."""
    started = time.time()
    done = subprocess.run(
        [sys.executable, "-c", COLD, str(store), question], capture_output=True, text=True, check=True
    )
    ended, asking = map(float, done.stdout.split()[-2:])
    return ended - started, asking


def _memory() -> float:
    """Resident memory of this process in MB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def _disk(store: Path) -> dict[str, float]:
    sizes = {"catalogue": 0.0, "Chroma": 0.0}
    for file in store.rglob("*"):
        if file.is_file():
            part = "Chroma" if file.relative_to(store).parts[0].startswith("chroma") else "catalogue"
            sizes[part] += file.stat().st_size / 1e6
    return {part: round(size, 1) for part, size in sizes.items()}


def as_text(found: Measured) -> str:
    """The run as Markdown."""
    first = next(row for row in found.rows if row.name == OURS)
    held = ", ".join(f"{count:,} {lang}" for lang, count in found.passages.items())
    lines = [
        found.machine,
        "",
        f"{sum(found.passages.values()):,} passages ({held}) of {found.articles:,} articles, "
        f"{found.spellings:,} spellings of names",
        "",
        "| ms | n | p50 | p95 | p99 | mean | p95 of `rag search` is, times |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found.rows:
        ratio = f"{first.p95 / row.p95:.1f}" if row.name.startswith(CHROMA) else ""
        lines.append(
            f"| {row.name} | {row.n} | {row.p50:.1f} | {row.p95:.1f} | {row.p99:.1f} | {row.mean:.1f} | {ratio} |"
        )
    lines += ["", "| once | |", "|---|---|"]
    lines += [f"| {name} | {seconds:.2f} s |" for name, seconds in found.once.items()]
    lines.append(f"| memory of the process after all searches | {found.memory:,.0f} MB |")
    lines += [f"| disk: {name} | {size:,.0f} MB |" for name, size in found.disk.items()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Makes the store where it is not there, measures, prints."""
    parser = argparse.ArgumentParser(prog="python -m eval.speed", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="the folder that keeps the store")
    parser.add_argument("--data", type=Path, help="the folder that holds xquad/ and wh_readouts/: more sentences")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--names", type=int, default=100_000, help="stored names that names are matched against")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if min(options.passages, options.questions, options.names, options.rounds) < 1:
        parser.error("--passages, --questions, --names and --rounds are at least 1")
    found = run(options.work, options.data, options)
    print(json.dumps(asdict(found), ensure_ascii=False) if options.json else as_text(found))


def run(work: Path, data: Path | None, options: argparse.Namespace) -> Measured:
    """One run; the store is `work`/store-PASSAGES-SEED, apart for other sentences."""
    work.mkdir(parents=True, exist_ok=True)
    kind = "public" if data else "invented"
    desk = open_desk(store=work / f"store-{kind}-{options.passages}-{options.seed}")
    try:
        model = desk.embedder
        pool = Pool.load(model, data=data, seed=options.seed, passages=options.passages, kept=work)
        with Store.open(desk.settings.store, create=True, embedder=model.name, dimension=model.dimension) as store:
            fill(store, pool, passages=options.passages, seed=options.seed)
        asked = questions(pool, count=options.questions, seed=options.seed)
        return measure(desk, pool, asked, rounds=options.rounds, spellings=options.names, seed=options.seed)
    finally:
        desk.close()


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
