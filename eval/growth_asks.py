"""What a store of `python -m eval.growth` answers and how fast, at the size that it has: one process, one JSON object.

A third of the questions are those of the gold data, the others ask for a person of the articles and a city of theirs.
Every question is asked in several rounds and its fastest time counts, since other work on the machine only makes it
slower; p50 and p95 are over questions. Beside the clock stands the processor's time of the same calls.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np

from eval.cases import GOLD, read_jsonl
from eval.growth_corpus import KNOWN, LANGUAGES
from eval.growth_ingest import status
from eval.speed_calls import chroma
from eval.speed_events import CITIES
from eval.speed_names import persons
from rag.desk import Desk, open_desk
from rag.text import fold

COUNT, ROUNDS, ASKED, SERVED = 150, 3, 50, 12
COLD = """
import sys, time
from rag.desk import open_desk
desk = open_desk(store=sys.argv[1])
desk.ask(sys.argv[2], mode="extract")
print(time.time())
"""
PATTERNS = {
    "vi": ("{one} đã nói gì ở {city}?", "Ai đã gặp {one} ở {city}?", "Ngày nào {one} ký bản ghi nhớ?"),
    "en": ("What did {one} say in {city}?", "Who met {one} in {city}?", "When did {one} sign the memorandum?"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What was done how often: milliseconds by the clock, and of the processor on average."""

    name: str
    n: int
    p50: float
    p95: float
    cpu: float


def questions(*, count: int = COUNT, seed: int = 0) -> list[tuple[str, str]]:
    """Language and question, the same for the same seed."""
    chance = random.Random(f"growth questions {seed}")
    files = ("seeds_dev", "seeds_held", "synthetic_questions")
    gold = [r for file in files for r in read_jsonl(GOLD / f"{file}.jsonl") if r["lang"] in LANGUAGES]
    chance.shuffle(gold)
    cast = [person for person, _ in zip(persons(seed), range(KNOWN), strict=False)]
    found = [(record["lang"], record["question"]) for record in gold[: count // 3]]
    while len(found) < count:
        lang = LANGUAGES[chance.randrange(2)]
        one = cast[min(int(chance.paretovariate(0.5)) - 1, KNOWN - 1)][lang]
        found.append((lang, chance.choice(PATTERNS[lang]).format(one=one, city=chance.choice(CITIES[lang]))))
    return found


def measure(store: Path) -> dict[str, object]:
    """Every figure of a store as it is; opens it as a user would."""
    asked = questions()
    cold = [_cold(store, text) for _, text in asked[:ROUNDS]]
    desk = open_desk(store=store)
    for _, text in asked[:5]:
        desk.search(text)
    rows = [
        timed("search", [_search(desk, text) for _, text in asked]),
        timed("ask", [_ask(desk, text) for _, text in asked[:ASKED]], rounds=2),
    ]
    memory = status("VmRSS")
    vectors = [desk.embedder.query(text) for _, text in asked]
    rows += [timed(name, calls) for name, calls in chroma(store, vectors) if name.endswith("n_results=60")]
    found: dict[str, object] = {
        "chunks": sum(desk.store.languages().values()),
        "articles": len(desk.articles()),
        "start": sorted(cold)[len(cold) // 2],
        "rows": [[row.name, row.n, row.p50, row.p95, row.cpu] for row in [*rows, *lexical(desk, asked)]],
        "memory": memory,
    }
    desk.close()
    return found | dict(
        zip(("served", "served_most"), served(store, [text for _, text in asked[:SERVED]]), strict=True)
    )


def timed(name: str, calls: Sequence[Callable[[], object]], *, rounds: int = ROUNDS) -> Row:
    """The calls in rounds; each call's fastest time counts."""
    wall = np.full((rounds, len(calls)), np.inf)
    cpu = np.full((rounds, len(calls)), np.inf)
    for number in range(rounds):
        for place, call in enumerate(calls):
            started, used = time.perf_counter(), time.process_time()
            call()
            wall[number, place] = time.perf_counter() - started
            cpu[number, place] = time.process_time() - used
    best = 1000 * wall.min(axis=0)
    p50, p95 = np.percentile(best, (50, 95))
    return Row(name, len(calls), float(p50), float(p95), float(1000 * cpu.min(axis=0).mean()))


def lexical(desk: Desk, asked: Sequence[tuple[str, str]]) -> Iterator[Row]:
    """Our word index, and bm25s on the same words of the same passages where it is installed; 60 results."""
    lang = max(LANGUAGES, key=lambda one: desk.store.languages().get(one, 0))
    words = [re.findall(r"\w+", fold(text)) for its, text in asked if its == lang]
    yield timed("word index", [_lexical(desk, some, lang) for some in words])
    try:
        import bm25s  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return
    articles = [row.id for row in desk.articles() if desk.store.article(row.id).source.lang == lang]
    ids = [chunk.id for one in articles for chunk in desk.store.chunks_of(one)]
    held = [text.split() for text in desk.store.words(ids).values()]
    index = bm25s.BM25()
    index.index(held, show_progress=False)
    yield timed("bm25s", [_bm25s(index, some, min(60, len(held))) for some in words])


def served(store: Path, asked: Sequence[str]) -> tuple[float, float]:
    """Resident memory in MB of `rag serve` after some questions, and the most it had."""
    with serving(store) as (pid, address):
        for text in asked:
            call = Request(
                f"{address}gradio_api/call/ask", json.dumps({"data": [text]}).encode(),
                {"Content-Type": "application/json"},
            )  # fmt: skip
            with urlopen(call, timeout=120) as reply:
                event = json.load(reply)["event_id"]
            with urlopen(f"{address}gradio_api/call/ask/{event}", timeout=120) as reply:
                if b"event: complete" not in reply.read():
                    raise RuntimeError(f"rag serve did not answer {text!r}")
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return found["VmRSS"], found["VmHWM"]


@contextmanager
def serving(store: Path) -> Iterator[tuple[int, str]]:
    """`rag serve` of that store on a free port of this machine: its process and address."""
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as server:
        try:
            assert server.stderr is not None
            address = next((found[0] for line in server.stderr if (found := re.search(r"http://\S+/", line))), None)
            if address is None:
                raise RuntimeError("rag serve ended before it said its address")
            yield server.pid, address
        finally:
            server.kill()


def _cold(store: Path, question: str) -> float:
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", COLD, str(store), question], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1]) - began


def _search(desk: Desk, text: str) -> Callable[[], object]:
    return lambda: desk.search(text)


def _ask(desk: Desk, text: str) -> Callable[[], object]:
    return lambda: desk.ask(text, mode="extract")


def _lexical(desk: Desk, words: Sequence[str], lang: str) -> Callable[[], object]:
    return lambda: desk.store.lexical(words, limit=60, lang=lang)


def _bm25s(index: object, words: Sequence[str], limit: int) -> Callable[[], object]:
    return lambda: index.retrieve([list(words)], k=limit, show_progress=False)  # type: ignore[attr-defined]


def main(arguments: Sequence[str]) -> None:
    """STORE KEPT: measure the store, write the object to KEPT."""
    store, kept = arguments
    Path(kept).write_text(json.dumps(measure(Path(store))), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
