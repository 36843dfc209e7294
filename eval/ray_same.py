"""Whether other ways to ingest give the store that plain ingest gives: `python -m eval.ray_same [--articles N]`.

Writes N invented articles (10,000 unless told) in Vietnamese and English: files of many lines and files of one article,
one in twenty a second time in another file, one in twenty with a few words changed. Ingests them by `rag ingest` and by
`rag ingest --ray`, each in a process and a store of its own, and compares article by article what the stores hold.
With `--kills N` the ingest by Ray is killed N times at random moments and started again. With `--servers` Ray's goes to
a PostgreSQL and a Chroma server that are started for it, the plain one into a folder. Exits with 1 where anything
differs. Prints Markdown, with `--json` one object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.embedding import machine
from eval.same import contents
from eval.servers import chroma, postgres
from eval.speed_events import written
from rag.errors import StoreError
from rag.feeds import Found, digest, discover
from rag.store import Servers, Store

LINES = 250  # of a .jsonl file
SINGLE = 0.1  # of the articles, each in a file of its own
AGAIN, CHANGED = 0.05, 0.05
ALIKE = 0.99999  # the cosine of two vectors that count as one

State = Mapping[str, Mapping[Any, Any]]


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind of what the stores hold: how many each has, and how many are in one alone or differ."""

    what: str
    plain: int
    other: int
    different: int


@dataclass(frozen=True, slots=True)
class Run:
    """An ingest and its time in seconds, start and end of its process included."""

    how: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: a folder, or servers, and the folder beside them."""

    folder: Path
    servers: Servers | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Of a process whose store it is."""
        if self.servers is None:
            return {**os.environ, "RAG_STORE": str(self.folder)}
        own = {"RAG_STORE": self.servers.chroma, "RAG_CATALOGUE": self.servers.catalogue}
        return {**os.environ, **own, "XDG_DATA_HOME": str(self.folder / "home")}

    def open(self) -> Store:
        """The store. Raises StoreError."""
        return Store.open(self.folder, servers=self.servers)


def write(folder: Path, count: int, *, seed: int = 0, changed: float = CHANGED) -> None:
    """Files of that many invented articles, the same for the same seed; `changed` is the share of near-duplicates."""
    chance = random.Random(f"same {seed}")
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    told: list[dict[str, str | None]] = []
    for number, article in enumerate(written(count, seed=seed)):
        source = article.source
        record = {"title": source.title, "lang": source.lang, "outlet": source.outlet, "published": source.published}
        record["text"] = article.text
        if told and (drawn := chance.random()) < AGAIN + changed:
            record |= {"text": chance.choice(told)["text"], "outlet": "Outlet 9"}
            if drawn < changed:
                record["text"] = f"{record['text']}\n{'Theo báo.' if record['lang'] == 'vi' else 'Agencies.'}"
        told.append(record)
        if chance.random() < SINGLE:
            (folder / f"{number:06}.txt").write_text(str(record["text"]), "utf-8")
        else:
            lines.append(json.dumps(record, ensure_ascii=False))
        if len(lines) == LINES or number == count - 1:
            (folder / f"{number:06}.jsonl").write_text("\n".join([*lines, "no JSON"]), "utf-8")
            lines = []


def state(store: Store, files: Sequence[Found]) -> State:
    """All that a store holds, by kind and key; `order of articles` depends on what came first."""
    ids = [row.id for row in store.articles()]
    chunks = [chunk.id for one in ids for chunk in store.chunks_of(one)]
    return {
        **contents(store),
        "order of articles": dict(enumerate(ids)),
        "vectors": dict(store.vectors_of(chunks)),
        "sentence vectors": dict(store.sentence_vectors(chunks)),
        "files": {file.path: (_read(store, file), store.rejection(file.path)) for file in files},
    }


def compare(plain: State, other: State) -> list[Compared]:
    """Each kind compared, key by key."""
    return [
        Compared(
            what,
            len(plain[what]),
            len(other[what]),
            sum(not _same(plain[what].get(key), other[what].get(key)) for key in {*plain[what], *other[what]}),
        )
        for what in plain
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, and say whether all was the same."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0, help="of the ingest by Ray")
    parser.add_argument("--servers", action="store_true", help="Ray's store is on servers")
    parser.add_argument("--work", type=Path, help="keep the files and the stores in this folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        work = options.work or Path(temporary)
        write(work / "files", options.articles, seed=options.seed)
        files = [file for file in discover([str(work / "files")]) if isinstance(file, Found)]
        plain, ray = Place(work / "plain"), Place(work / "ray")
        if options.servers:
            database, server = stack.enter_context(postgres(work / "ray")), stack.enter_context(chroma(work / "ray"))
            ray = Place(work / "ray", Servers(server.address, database))
        runs = [ingested(work, plain)]
        kill(work, ray, options.kills, random.Random(options.seed), within=runs[0].seconds)
        runs.append(ingested(work, ray, "--ray"))
        states = []
        for place in (plain, ray):
            with place.open() as store:
                states.append(state(store, files))
    found = compare(*states)
    furthest = _furthest(*(each["vectors"] for each in states))
    if options.json:
        print(json.dumps({"machine": machine(), "runs": [*map(asdict, runs)], "compared": [*map(asdict, found)]}))
    else:
        print(_table(runs, found, furthest))
    return 1 if any(each.different for each in found) else 0


def ingested(work: Path, place: Place, *options: str) -> Run:
    """Ingest the folder `files` into the store at this place, in a process of its own."""
    began = time.perf_counter()
    subprocess.run(_command(work, *options), check=True, stdout=subprocess.DEVNULL, env=place.environment)
    return Run(place.folder.name, time.perf_counter() - began)


def kill(work: Path, place: Place, times: int, chance: random.Random, *, within: float) -> None:
    """Begin to ingest by Ray and kill that process, up to `within` seconds after the first articles are stored."""
    for _ in range(times):
        process = subprocess.Popen(_command(work, "--ray"), stdout=subprocess.DEVNULL, env=place.environment)
        before = _stored(place)
        while process.poll() is None and _stored(place) == before:
            time.sleep(0.2)
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, within))
        process.kill()
        process.wait()
        print(f"killed at {_stored(place)} articles", file=sys.stderr)


def _stored(place: Place) -> int:
    try:
        with place.open() as store:
            return store.count()
    except StoreError:
        return 0  # it is not there yet, or being made


def _command(work: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "rag.cli", "ingest", str(work / "files"), *options]


def _read(store: Store, file: Found) -> bool:
    return store.file_unchanged(file.path, size=file.size, mtime_ns=file.mtime_ns, sha256=lambda: digest(file.path))


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
            return False
        return one.shape == other.shape and bool((np.sum(one * other, axis=-1) > ALIKE).all())
    return one == other


def _furthest(plain: Mapping[Any, Any], other: Mapping[Any, Any]) -> float:
    both = [(np.asarray(plain[key]), np.asarray(other[key])) for key in plain.keys() & other.keys()]
    return max((float(np.abs(one - two).max()) for one, two in both), default=0.0)


def _table(runs: Sequence[Run], found: Sequence[Compared], furthest: float) -> str:
    lines = [f"{machine()}", "", "| ingest | seconds |", "|---|---|"]
    lines += [f"| {run.how} | {run.seconds:.0f} |" for run in runs]
    lines += ["", "| held | plain | by Ray | different |", "|---|---|---|---|"]
    lines += [f"| {each.what} | {each.plain} | {each.other} | {each.different} |" for each in found]
    return "\n".join([*lines, "", f"Largest difference between two numbers of a passage's vectors: {furthest:.1e}"])


if __name__ == "__main__":
    sys.exit(main())
