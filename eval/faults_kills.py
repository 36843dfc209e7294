"""Commands killed (SIGKILL) at random moments: what they said was committed is there, once and whole."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from eval import faults_corpus as corpus
from eval.faults_child import Command, Way, opens, rag
from rag import deep
from rag.proof import Proof
from rag.store import Store

KINDS = ("ingest", "update", "delete", "reindex")
BASE = 40  # files in the store that each life begins with
FRESH = 24  # files that one round writes
LIFE = 10  # kills before the command is left to end and all is compared
NOT_COMPARED = "Chroma was not compared"
READ_AGAIN = "folders that cannot be"  # what a killed drain can leave; the next command makes it anew

State = frozenset[str]  # the ids of the articles that one file gives


@dataclass(slots=True)
class Losses:
    """What went wrong in the runs of one fault, and what it was."""

    fault: str
    runs: int = 0
    struck: int = 0
    lost: int = 0
    doubled: int = 0
    half: int = 0
    mended: int = 0
    skipped: str = ""
    notes: list[str] = field(default_factory=list)

    def note(self, kind: str, what: str) -> None:
        """One more loss of this kind ("lost", "doubled" or "half"), and what was seen."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.notes.append(f"{self.fault}: {kind}: {what}")

    def proved(self, proof: Proof, *, mendable: bool = False) -> None:
        """Count what the deep check found. `mendable`: a Chroma folder that the next command makes anew is no loss."""
        for fault in proof.faults:
            if mendable and fault.part == "chroma" and fault.says.startswith(READ_AGAIN):
                self.mended += 1
                continue
            setattr(self, fault.kind, getattr(self, fault.kind) + fault.count)
            self.notes.append(f"{self.fault}: {fault.kind}: {fault.count} {fault.says}: {', '.join(fault.examples)}")
        for notice in proof.notices:
            if notice.startswith(NOT_COMPARED):
                self.note("half", notice)

    @property
    def whole(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.lost or self.doubled or self.half)


class World:
    """A corpus, a store of it, and the states that each file's articles may be in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.corpus = folder / "corpus"
        self.store = folder / "store"
        self.log = folder / "log"
        self.states: dict[str, set[State]] = {}
        self.versions: dict[int, int] = {}

    def make(self) -> None:
        """The store that each life begins with. Raises RuntimeError where it cannot be made."""
        for number in range(BASE):
            self.write(number, certain=True)
        ended = rag(self.log, "ingest", str(self.corpus), "--store", str(self.store))
        if ended.code:
            raise RuntimeError(f"the store could not be made: {ended.err}")

    def write(self, number: int, *, certain: bool = False) -> Path:
        """The next version of a file. Unless `certain`, its articles may be those of before or these."""
        version = self.versions.get(number, -1) + 1
        self.versions[number] = version
        path = corpus.write(self.corpus, number, version)
        before = self.states.get(str(path), {frozenset()})
        self.states[str(path)] = {corpus.ids(path)} | (set() if certain else before)
        return path

    def settle(self, path: str) -> None:
        """What was committed of the file is what it now holds."""
        self.states[path] = {corpus.ids(Path(path))}

    def settle_all(self) -> None:
        """Everything that the corpus holds was committed."""
        for path in list(self.states):
            self.settle(path)

    def compare(self, losses: Losses) -> None:
        """Count the files whose articles are in no state that they may be in."""
        with Store.open(self.store, wait=10) as store:
            found: dict[str, set[str]] = {path: set() for path in self.states}
            for row in store.articles():
                found.setdefault(row.source.path, set()).add(row.id)
        for path, held in found.items():
            allowed = self.states.get(path, {frozenset()})
            if held in allowed:
                continue
            most = max(allowed, key=len)
            kind = "doubled" if len(held) > len(most) else "lost" if len(held) < len(most) else "half"
            losses.note(kind, f"{Path(path).name} has {sorted(held)}, not one of {[sorted(one) for one in allowed]}")

    def copy_to(self, folder: Path) -> World:
        """Another world that begins as this one did; the corpus is as it was then."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.store, folder / "store")
        for path in self.corpus.iterdir():
            path.unlink()
        for number in range(BASE):
            corpus.write(self.corpus, number, 0)
        other = World(folder)
        other.corpus = self.corpus
        other.states = {path: set(states) for path, states in self.states.items()}
        other.versions = dict(self.versions)
        return other


class Kind:
    """One kind of command: what a round prepares, and what its log promises."""

    def __init__(self, kind: str, world: World, drawn: random.Random) -> None:
        self._kind = kind
        self._world = world
        self._drawn = drawn
        self._next = BASE
        self._chosen: list[str] = []
        self.embedder = "one"

    def begin(self) -> Command:
        """Change the corpus as the kind asks, and start its command."""
        world, store = self._world, ["--store", str(self._world.store)]
        if self._kind == "ingest":
            paths = [str(world.write(number)) for number in range(self._next, self._next + FRESH)]
            self._next += FRESH
            return Command(world.log, "ingest", *paths, *store)
        if self._kind == "update":
            for number in self._drawn.sample(range(BASE), FRESH):
                world.write(number)
            return Command(world.log, "ingest", str(world.corpus), *store)
        if self._kind == "delete":
            return Command(world.log, "delete", *self._choose(), "--yes", *store)
        self.embedder = "two" if self.embedder == "one" and self._drawn.random() < 0.5 else "one"
        return Command(world.log, "reindex", *store, way=Way(self.embedder))

    def _choose(self) -> list[str]:
        """Articles to delete, from files of their own."""
        with Store.open(self._world.store, wait=10) as store:
            rows = [row for row in store.articles() if row.source.path.endswith(".txt")]
        chosen = self._drawn.sample(rows, min(6, len(rows)))
        self._chosen = [row.source.path for row in chosen]
        for path in self._chosen:
            self._world.states[path].add(frozenset())
        return [row.id for row in chosen]

    def promised(self, said: list[str], losses: Losses) -> None:
        """Take the command at its word: what its log says is committed is so from now on."""
        if self._kind == "delete":
            self._deleted(bool(said), losses)
        else:
            for path in said:
                self._world.settle(path)

    def _deleted(self, said: bool, losses: Losses) -> None:
        """All of them are gone, or none."""
        with Store.open(self._world.store, wait=10) as store:
            there = [path for path in self._chosen if store.articles_of(path)]
        if there and len(there) < len(self._chosen):
            losses.note("half", f"{len(there)} of {len(self._chosen)} articles of one deletion are there")
        elif there and said:
            losses.note("doubled", f"{len(there)} articles that were deleted are there")
        for path in self._chosen:
            self._world.states[path] = {frozenset()} if not there else {corpus.ids(Path(path))}

    def end(self) -> Command:
        """The command that brings all to its end; what it must then hold is what the corpus holds."""
        store = ["--store", str(self._world.store)]
        if self._kind == "reindex":
            return Command(self._world.log, "reindex", *store, way=Way("one"))
        return Command(self._world.log, "ingest", str(self._world.corpus), *store)


def kills(kind: str, count: int, base: World, *, seed: int, told: Callable[[str], None]) -> Losses:
    """Kill commands of this kind until `count` of them were struck at work."""
    drawn = random.Random(f"{kind} {seed}")
    losses = Losses(f"kill -9 in {kind}")
    folder = base.folder.parent
    life, took = None, 0.0
    while losses.struck < count and losses.runs < 3 * count + LIFE:
        if life is None:
            world = base.copy_to(folder / f"{kind}-life")
            life, left = Kind(kind, world, drawn), LIFE
            took = took or _timed(kind, base, folder, drawn)
        command = life.begin()
        time.sleep(drawn.uniform(0, took))
        struck = command.kill()
        losses.runs += 1
        losses.struck += struck
        life.promised(command.said(), losses)
        losses.proved(_proof(world.store), mendable=True)
        world.compare(losses)
        took = took if struck else 0.9 * took
        left -= 1
        if not left or losses.struck == count:
            _ended(life, world, losses)
            life = None
            told(f"{losses.fault}: {losses.struck} of {count}")
    return losses


def _timed(kind: str, base: World, folder: Path, drawn: random.Random) -> float:
    """How long the command takes that is not killed, in seconds."""
    world = base.copy_to(folder / f"{kind}-timed")
    command = Kind(kind, world, drawn).begin()
    began = time.perf_counter()
    command.wait()
    shutil.rmtree(world.folder)
    return time.perf_counter() - began


def _ended(life: Kind, world: World, losses: Losses) -> None:
    """The command goes on to its end after all those kills, and the store is what the corpus is."""
    ended = life.end().wait()
    if ended.code:
        losses.note("lost", f"the command could not go on: {ended.err.strip()[-300:]}")
        return
    world.settle_all()
    proof = _proof(world.store)
    losses.proved(proof)
    losses.notes += [f"{losses.fault}: {notice}" for notice in proof.notices if "vectors of earlier" not in notice]
    world.compare(losses)


def _proof(store: Path) -> Proof:
    return deep.prove(store, wait=5, cautious=False, opens=opens, files=False)
