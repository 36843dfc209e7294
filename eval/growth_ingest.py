"""One step of `python -m eval.growth`: some files ingested by the desk, in a process of its own, and what it cost.

Seconds are counted twice: by the clock, and of the processor, all threads of the process together, which other work
on the machine changes less. Stages are those of the thread that ingests; what all other threads take is the embedding.
Beside each step a fixed loop is timed (`calibration`, processor seconds): where it takes longer, the machine was
slower. The cost so far is written while it runs, so that an interrupted step goes on with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from rag import e5, ingesting, prepare
from rag.desk import open_desk
from rag.embed import Embedder, Progress, load
from rag.store import Store

Floats = NDArray[np.float32]

STANDIN, BUNDLED = "stand-in", "bundled"
SAVE_SECONDS = 2.0
REAL = 2_000  # real vectors that stand-in ones are made of
TOGETHER, SPREAD, NOISE = 3, 12, 0.01
STAGES: tuple[tuple[str, Any, str], ...] = (
    ("read and clean", prepare, "cleaned"),
    ("names", prepare, "_prepare"),
    ("split", prepare, "split"),
    ("look up what is known", ingesting, "known"),
    ("events", ingesting, "told"),
    ("commit, near-duplicates, links", Store, "commit"),
    ("Chroma", Store, "flush"),
)
EMBED = "embed"


@dataclass(slots=True)
class Step:
    """Articles `first` to `last` read: seconds, by stage processor seconds, and what store and process hold after."""

    first: int
    last: int
    vectors: str
    wall: float = 0.0
    cpu: float = 0.0
    calibration: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    texts: int = 0
    characters: int = 0
    chunks: int = 0
    stored: int = 0
    memory: float = 0.0
    disk: dict[str, float] = field(default_factory=dict)
    interrupted: int = 0
    done: bool = False


class Stages:
    """Processor seconds by stage, `EMBED` for other threads; a stage inside another is taken out of it."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds
        self._inner: list[float] = []
        self._before = _other_threads() - seconds.get(EMBED, 0.0)

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed under that name."""

        def run(*given: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            began = time.thread_time()
            try:
                return call(*given, **named)
            finally:
                taken = time.thread_time() - began
                self.seconds[name] = self.seconds.get(name, 0.0) + taken - self._inner.pop()
                self.seconds[EMBED] = _other_threads() - self._before
                if self._inner:
                    self._inner[-1] += taken

        return run

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Every stage of an ingest timed meanwhile."""
        with ExitStack() as stack:
            for name, owner, function in STAGES:
                stack.enter_context(patch.object(owner, function, self.timed(name, getattr(owner, function))))
            yield


class Counting(Embedder):
    """An embedder that counts the texts that it is given and their characters."""

    def __init__(self, inner: Embedder, step: Step) -> None:
        self.name, self.dimension = inner.name, inner.dimension
        self._inner, self._step = inner, step

    def passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        self._step.texts += len(texts)
        self._step.characters += sum(map(len, texts))
        return self._inner.passages(texts, progress=progress)

    def query(self, text: str) -> Floats:
        return self._inner.query(text)


class StandIn(Embedder):
    """Unit vectors like the bundled embedder's for next to no cost: means of real ones, chosen by the text's digest."""

    name, dimension = e5.NAME, e5.DIMENSION

    def __init__(self, real: Floats) -> None:
        self._real = real

    def passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        return np.stack([self._of(text) for text in texts]) if texts else np.empty((0, self.dimension), np.float32)

    def query(self, text: str) -> Floats:
        return self._of(text)

    def _of(self, text: str) -> Floats:
        chance = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little"))
        near = chance.integers(len(self._real)) + chance.integers(0, SPREAD, TOGETHER)
        mean = self._real[near % len(self._real)].mean(axis=0)
        mean = mean + NOISE * chance.standard_normal(len(mean), dtype=np.float32)
        found: Floats = (mean / np.linalg.norm(mean)).astype(np.float32)
        return found


def _other_threads() -> float:
    """Processor seconds of all threads but this one."""
    return time.process_time() - time.thread_time()


def calibration() -> float:
    """Processor seconds of a fixed loop of arithmetic, words and matrices."""
    began = time.process_time()
    matrix = np.full((256, 256), 0.5, np.float32)
    for number in range(20):
        matrix = np.tanh(matrix @ matrix)
        words = {f"word {number} {place}": place for place in range(20_000)}
        sum(words.values())
    return time.process_time() - began


def ingest(store: Path, files: Sequence[Path], step: Step, kept: Path, *, real: Floats | None) -> Step:
    """The files into the store; what the step cost is in `kept` from time to time and at the end."""
    before_wall, before_cpu = step.wall, step.cpu
    step.interrupted += bool(before_cpu)
    desk = open_desk(store=store)
    inner = StandIn(real) if real is not None else load()
    inner.passages(["warm"])
    step.calibration = calibration()
    counting = Counting(inner, step)
    desk.__dict__["embedder"] = counting
    wall, cpu, saved = time.perf_counter(), _cpu(), time.perf_counter()

    def progress(done: int, whole: int) -> None:
        nonlocal saved
        step.wall, step.cpu = before_wall + time.perf_counter() - wall, before_cpu + _cpu() - cpu
        if time.perf_counter() - saved > SAVE_SECONDS:
            save(step, kept)
            saved = time.perf_counter()

    with Stages(step.stages).watching():
        desk.ingest([str(file) for file in files], progress=progress)
    progress(1, 1)
    step.calibration = (step.calibration + calibration()) / 2
    step.memory = status("VmRSS")
    step.chunks, step.stored = sum(desk.store.languages().values()), len(desk.articles())
    desk.close()
    step.disk = disk(store)
    step.done = True
    save(step, kept)
    return step


def save(step: Step, kept: Path) -> None:
    """Write it so that it is there whole or not at all."""
    half = kept.with_suffix(".part")
    half.write_text(json.dumps(asdict(step)), "utf-8")
    os.replace(half, kept)


def read(kept: Path) -> Step:
    """What was written. Raises FileNotFoundError."""
    return Step(**json.loads(kept.read_text("utf-8")))


def status(name: str) -> float:
    """A line of this process's status in MB; 0 where the system does not tell."""
    file = Path("/proc/self/status")
    lines = file.read_text().splitlines() if file.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)


def disk(store: Path) -> dict[str, float]:
    """MB of the store's parts."""
    sizes = {"catalogue": 0.0, "Chroma": 0.0}
    for file in store.rglob("*"):
        if file.is_file():
            part = "Chroma" if file.relative_to(store).parts[0].startswith("chroma") else "catalogue"
            sizes[part] += file.stat().st_size / 1e6
    return sizes


def _cpu() -> float:
    """Processor seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main(arguments: Sequence[str]) -> None:
    """STORE KEPT REAL-VECTORS|- FILE...: the step that KEPT describes, from where it was left."""
    store, kept, real, *files = arguments
    vectors = None if real == "-" else np.load(real)
    ingest(Path(store), [Path(file) for file in files], read(Path(kept)), Path(kept), real=vectors)


if __name__ == "__main__":
    main(sys.argv[1:])
