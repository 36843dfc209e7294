"""A store on servers beside one in a folder: are answers as good, and is nothing lost while the Chroma server dies?

`python -m eval.server_mode` starts a PostgreSQL and a Chroma server of its own on the loopback, and stops them. It
asks the questions of `qa` of both stores; then four processes ingest at once, the articles of two of them the same,
while Chroma is killed and started again; what they leave is compared with what one process leaves in a folder.
Prints Markdown, or with `--json` one object; exit code 1 where a figure is more than a point away, or anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval import questions
from eval.cases import Options
from eval.runner import run
from eval.same import contents, differences
from eval.servers import Chroma, chroma, postgres
from eval.speed_events import written
from rag.desk import open_desk
from rag.errors import RagError
from rag.store import Store
from rag.vectors import Passages

POINT = 0.01
SAME = 0.9999  # the cosine of two passages that may stand for each other
WORKERS = 4
_PAUSES = (2.0, 1.5)  # seconds that Chroma is up, and that it is away


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of `qa` with its split, as the folder and the servers give it."""

    split: str
    metric: str
    n: int
    folder: float
    servers: float


@dataclass(frozen=True, slots=True)
class Kills:
    """What came of ingesting while Chroma was killed. Articles: wanted, found; what is missing, doubled or other."""

    workers: int
    kills: int
    articles: int
    found: int
    vectors_lacking: int
    differences: Mapping[str, int]
    seconds: float


def answers(work: Path, server: Chroma, database: str) -> list[Row]:
    """Every figure of the suite `qa`, asked of a folder and of the servers."""
    suite, settings = questions.seeds(), {"store": server.address, "catalogue": database}
    folder = run(suite, Options(), settings={}).figures
    servers = run(suite, Options(servers=settings), settings={}).figures
    beside = {(each.split, each.group, each.of, each.metric): each.value for each in servers}
    return [
        Row(each.split, each.metric, each.n, each.value, beside[each.split, "", "", each.metric])
        for each in folder
        if not each.group
    ]


def killed(work: Path, server: Chroma, database: str, *, articles: int) -> Kills:
    """Four workers at once, Chroma killed and started until they are done; then the two stores beside each other."""
    parts = _files(work / "articles", articles)
    settings = {"store": server.address, "catalogue": database}
    started = time.perf_counter()
    environment = {**os.environ, "RAG_STORE": server.address, "RAG_CATALOGUE": database}
    command = [sys.executable, "-m", "rag.cli", "ingest"]
    workers = [subprocess.Popen([*command, *map(str, part)], env=environment) for part in parts]
    done = threading.Event()
    kills: list[float] = []
    killer = threading.Thread(target=_kill, args=(server, done, kills))
    killer.start()
    codes = [worker.wait() for worker in workers]
    done.set()
    killer.join()
    if any(codes):
        raise RagError(f"workers ended with {codes}")
    seconds = time.perf_counter() - started
    alone, shared = open_desk(store=work / "alone"), open_desk(**settings)
    alone.ingest([str(work / "articles")])
    shared.store.flush()
    one, other = contents(alone.store), contents(shared.store)
    lacking = _lacking(shared.store, server)
    found = len(other["articles"])
    alone.close()
    shared.close()
    differ = {kind: len(keys) for kind, keys in differences(one, other).items()}
    return Kills(len(workers), len(kills), len(one["articles"]), found, lacking, differ, seconds)


def _files(folder: Path, articles: int) -> list[list[Path]]:
    """What each worker reads. The last two read the same."""
    folder.mkdir()
    files = []
    for number in range(WORKERS - 1):
        file = folder / f"part-{number}.jsonl"
        with file.open("w", encoding="utf-8") as out:
            for article in written(articles // (WORKERS - 1), seed=number):
                source = article.source
                facts = {
                    "text": article.text,
                    "outlet": source.outlet,
                    "lang": source.lang,
                    "published": source.published,
                }
                out.write(json.dumps(facts, ensure_ascii=False) + "\n")
        files.append([file])
    return [*files, files[-1]]


def _lacking(store: Store, server: Chroma) -> int:
    """How many passages Chroma does not find by their own vectors."""
    passages = Passages(Path(str(store._catalogue.meta()["chroma"])), server=server.address)
    passages.load()
    lacking = 0
    for row in store.articles():
        lang = store.article(row.id).source.lang or ""
        for chunk, vector in store.vectors_of([chunk.id for chunk in store.chunks_of(row.id)]).items():
            found = passages.query(lang, vector, limit=1)
            lacking += not found or (found[0][0] != chunk and found[0][1] < SAME)
    return lacking


def _kill(server: Chroma, done: threading.Event, kills: list[float]) -> None:
    up, away = _PAUSES
    while not done.wait(up):
        server.kill()
        kills.append(time.monotonic())
        time.sleep(away)
        server.start()


def as_text(rows: Sequence[Row], kills: Kills) -> str:
    """The table of figures, and what came of the kills."""
    lines = ["| split | figure | n | folder | servers | difference |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row.split} | {row.metric} | {row.n} | {row.folder:.3f} | {row.servers:.3f} "
        f"| {row.servers - row.folder:+.3f} |"
        for row in rows
    ]
    lines += [
        "",
        f"{kills.workers} workers, Chroma killed {kills.kills} times in {kills.seconds:.0f} s: {kills.found} of "
        f"{kills.articles} articles, {kills.vectors_lacking} vectors that Chroma lacks, "
        f"differences from one process: {dict(kills.differences) or 'none'}",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 where the servers are as good as the folder and lose nothing."""
    parser = argparse.ArgumentParser(prog="python -m eval.server_mode", description=__doc__)
    parser.add_argument("--articles", type=int, default=600, help="articles that are ingested beside the kills")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        os.environ["XDG_DATA_HOME"] = str(work / "home")
        with postgres(work / "qa") as database, chroma(work / "qa-chroma") as server:
            rows = answers(work, server, database)
        with postgres(work / "kills") as database, chroma(work / "kills-chroma") as server:
            kills = killed(work, server, database, articles=options.articles)
    told = {"qa": [asdict(row) for row in rows], "kills": asdict(kills)}
    print(json.dumps(told, ensure_ascii=False) if options.json else as_text(rows, kills))
    far = any(abs(row.servers - row.folder) > POINT for row in rows)
    return int(far or bool(kills.differences) or kills.found != kills.articles or kills.vectors_lacking > 0)


if __name__ == "__main__":
    sys.exit(main())
