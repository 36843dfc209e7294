"""The faults that are no kills: no room, no rights, other versions, damage, wrong clocks, several at once."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from eval import faults_corpus as corpus
from eval.faults_child import Command as Child
from eval.faults_child import Ended, Way, opens, rag, reading
from eval.faults_kills import BASE, FRESH, Losses, World
from rag import deep
from rag.catalogue import VERSION
from rag.clean import clean
from rag.domain import Raw
from rag.prepare import vector_key
from rag.split import headed, split
from rag.store import Entry, FileRecord, Store

REMEDIES = ("--store", "rag ", "make room", "has room")
YEARS = 10 * 365 * 86_400.0
LARGE = 420  # articles, so that Chroma has written its index to files
SECONDS = 8.0

Fault = Callable[[World, Losses], None]


def proved(world: World, losses: Losses) -> None:
    """Nothing may be wrong with the store, and it is what the corpus is."""
    losses.proved(deep.prove(world.store, wait=5, opens=opens, files=False))
    world.compare(losses)


def refused(ended: Ended, losses: Losses, what: str) -> None:
    """The command must have failed with one line that names a remedy."""
    losses.runs += 1
    losses.struck += 1
    if not ended.one_line or not any(remedy in ended.err for remedy in REMEDIES):
        losses.note("half", f"{what}: exit code {ended.code}: {ended.err.strip()[-300:]}")


def answered(ended: Ended, losses: Losses, what: str) -> None:
    """The command must have done its work."""
    losses.runs += 1
    if ended.code:
        losses.note("lost", f"{what}: exit code {ended.code}: {ended.err.strip()[-300:]}")


def readers(world: World, losses: Losses, what: str, way: Way | None = None) -> None:
    """Everything that reads works."""
    with_store = ["--store", str(world.store)]
    for command in (["articles"], ["search", "Bùi Thanh Sơn"], ["ask", "Who met Sergei Lavrov?"], ["names", "Lavrov"]):
        answered(rag(world.log, *command, *with_store, way=way), losses, f"{command[0]} {what}")


def no_room(world: World, losses: Losses) -> None:
    """A disk with room for little more than the store is filled by an ingest, then made larger."""
    disk = world.folder / "disk"
    disk.mkdir()
    size = sum(file.stat().st_size for file in world.store.rglob("*") if file.is_file()) + 400_000
    with _mounted(["-t", "tmpfs", "-o", f"size={size}", "tmpfs"], disk, losses) as there:
        if not there:
            return
        shutil.copytree(world.store, disk / "store")
        kept, world.store = world.store, disk / "store"
        try:
            new = [str(world.write(number)) for number in range(BASE, BASE + 2 * FRESH)]
            refused(rag(world.log, "ingest", *new, "--store", str(world.store)), losses, "ingest on a full disk")
            _mount("-o", f"remount,size={4 * size + 50_000_000}", str(disk))
            proved(world, losses)
            answered(rag(world.log, "ingest", *new, "--store", str(world.store)), losses, "ingest with room again")
            world.settle_all()
            proved(world, losses)
        finally:
            world.store = kept


def no_larger_files(world: World, losses: Losses) -> None:
    """The system refuses to make any file larger than the catalogue is (RLIMIT_FSIZE), as a quota does."""
    way = Way(largest=(world.store / "catalogue.sqlite3").stat().st_size)
    new = [str(world.write(number)) for number in range(BASE, BASE + FRESH)]
    refused(rag(world.log, "ingest", *new, "--store", str(world.store), way=way), losses, "ingest over a quota")
    proved(world, losses)
    answered(rag(world.log, "ingest", *new, "--store", str(world.store)), losses, "ingest with a larger quota")
    world.settle_all()
    proved(world, losses)


def no_rights(world: World, losses: Losses) -> None:
    """Nothing in the store's folder may be written."""
    before, way = _bytes(world.store), Way(powerless=True)
    with _without_rights(world.store):
        readers(world, losses, "without rights", way)
        _writers(world, losses, "without rights", way)
    if _bytes(world.store) != before:
        losses.note("half", "a store without the right to write was changed")
    proved(world, losses)


def no_rights_after_a_kill(world: World, losses: Losses) -> None:
    """The same, where a killed writer has left SQLite's log."""
    held = sqlite3.connect(world.store / "catalogue.sqlite3")
    with closing(held), Store.open(world.store) as store:
        held.execute("SELECT count(*) FROM articles").fetchone()
        store.delete(store.articles()[0].id)
        copy = world.folder / "killed"
        shutil.copytree(world.store, copy)
    with Store.open(copy) as store:
        left = store.count()
    shutil.rmtree(world.store)
    copy.rename(world.store)
    losses.struck += 1
    with _without_rights(world.store):
        readers(world, losses, "without rights after a kill", Way(powerless=True))
    with Store.open(world.store) as store:
        if store.count() != left:
            losses.note("lost", "what stood in the log")
    answered(rag(world.log, "ingest", str(world.corpus), "--store", str(world.store)), losses, "ingest")
    proved(world, losses)


def mounted_for_reading(world: World, losses: Losses) -> None:
    """The store lies on a disk that is mounted for reading only."""
    disk = world.folder / "disk"
    disk.mkdir()
    with _mounted(["--bind", str(world.store)], disk, losses) as there:
        if not there:
            return
        _mount("-o", "remount,bind,ro", str(disk))
        kept, world.store = world.store, disk
        try:
            readers(world, losses, "on a read-only disk")
            _writers(world, losses, "on a read-only disk", None)
        finally:
            world.store = kept
    proved(world, losses)


def older_version(world: World, losses: Losses) -> None:
    """The version before is brought to this one."""
    with closing(sqlite3.connect(world.store / "catalogue.sqlite3")) as db, db:
        for table in ("record_links", "record_countries", "record_keys", "records", "told"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE meta SET value = '3' WHERE key = 'version'")
    losses.struck += 1
    readers(world, losses, "from version 3")
    answered(rag(world.log, "ingest", str(world.corpus), "--store", str(world.store)), losses, "ingest from version 3")
    with Store.open(world.store) as store:
        if store.unread() or not store.records_of():
            losses.note("lost", "events of a store of version 3")
    proved(world, losses)


def unknown_versions(world: World, losses: Losses) -> None:
    """Any other version is refused, and not touched."""
    for version in ("1", "99"):
        _version(world, version)
        before = _bytes(world.store)
        for command in (["articles"], ["ask", "Who met Lavrov?"], ["ingest", str(world.corpus)], ["reindex"]):
            refused(rag(world.log, *command, "--store", str(world.store)), losses, f"{command[0]} at {version}")
        if _bytes(world.store) != before:
            losses.note("half", f"a store of version {version} was changed")
    _version(world, VERSION)
    proved(world, losses)


def damaged_chroma(world: World, losses: Losses) -> None:
    """Chroma's files are cut, garbled or gone: readers answer, one command makes them anew."""
    large = world.folder / "large"
    _large(large)
    for name, damage in _damages():
        shutil.rmtree(world.store)
        shutil.copytree(large, world.store)
        damage(_chroma(world.store), random.Random(name))
        for command in ("search", "ask"):
            question = [command, "Who met Sergei Lavrov?", "--store", str(world.store)]
            answered(rag(world.log, *question), losses, f"{command} with Chroma {name}")
        said = rag(world.log, "doctor", "--deep", "--store", str(world.store))
        losses.runs += 1
        losses.struck += said.code == 1
        if said.code not in (0, 1) or (said.code == 1 and "rag doctor --deep --repair" not in said.out):
            losses.note("half", f"doctor --deep with Chroma {name}: {said.code} {said.out[-300:]} {said.err[-300:]}")
        repair = rag(world.log, "doctor", "--deep", "--repair", "--store", str(world.store))
        answered(repair, losses, f"doctor --deep --repair with Chroma {name}")
        losses.mended += "repaired" in repair.out
        losses.proved(deep.prove(world.store, wait=5, opens=opens, files=False))


def damaged_catalogue(world: World, losses: Losses) -> None:
    """SQLite's file is cut or garbled: one line says so, and an export brings all back."""
    archive = world.folder / "news.rag.tar.gz"
    answered(rag(world.log, "export", str(archive), "--store", str(world.store)), losses, "export")
    whole = world.folder / "whole"
    shutil.copytree(world.store, whole)
    for name, damage in _cuts():
        shutil.rmtree(world.store)
        shutil.copytree(whole, world.store)
        damage(world.store / "catalogue.sqlite3")
        for command in (["articles"], ["ask", "Who met Lavrov?"], ["ingest", str(world.corpus)], ["reindex"]):
            ended = rag(world.log, *command, "--store", str(world.store))
            if ended.code:
                refused(ended, losses, f"{command[0]} with the catalogue {name}")
        said = rag(world.log, "doctor", "--deep", "--store", str(world.store))
        losses.runs += 1
        told = said.out + said.err
        if name != "emptied" and (said.code != 1 or "rag " not in told or "Traceback" in told):
            losses.note("half", f"doctor --deep with the catalogue {name}: {said.code} {told[-300:]}")
    shutil.rmtree(world.store)
    answered(rag(world.log, "import", str(archive), "--store", str(world.store)), losses, "import")
    proved(world, losses)


def wrong_clocks(world: World, losses: Losses) -> None:
    """Ten years ahead, then ten years back, in every command that writes; and files that are no newer."""
    store = ["--store", str(world.store)]
    for years in (YEARS, -YEARS, 0.0):
        way = Way(clock=years)
        for number in random.Random(years).sample(range(BASE), FRESH):
            path = Path(world.write(number))
            os.utime(path, (1_000_000_000, 1_000_000_000))
        answered(rag(world.log, "ingest", str(world.corpus), *store, way=way), losses, "ingest")
        losses.struck += 1
        world.settle_all()
        proved(world, losses)
        answered(rag(world.log, "reindex", *store, way=way), losses, "reindex")
        readers(world, losses, "with a wrong clock", way)
        proved(world, losses)


def all_at_once(world: World, losses: Losses) -> None:
    """Two processes ingest, into the same files in part, while two ask and read."""
    asking = [reading(world.log.with_name(f"asking-{number}"), world.store, SECONDS) for number in range(2)]
    end, turn = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        first = BASE + FRESH * turn
        new = [str(world.write(number)) for number in range(first, first + FRESH)]
        changed = [str(world.write(number)) for number in random.Random(turn).sample(range(BASE), FRESH)]
        writing = [
            Child(world.log.with_name(f"writing-{number}"), "ingest", *paths, "--store", str(world.store))
            for number, paths in enumerate((new + changed[: FRESH // 2], changed))
        ]
        for child in writing:
            answered(child.wait(), losses, "ingest beside another")
        losses.struck += 2
        turn += 1
        world.settle_all()
        proved(world, losses)
    for child in asking:
        ended = child.wait()
        answered(ended, losses, "asking while two ingest")
        said = child.said()
        if not any(line.startswith("asked") for line in said):
            losses.note("lost", "nothing was asked")
        for line in said:
            if line.startswith("half"):
                losses.note("half", f"a reader saw {line}")


FAULTS: dict[str, Fault] = {
    "a full disk (tmpfs)": no_room,
    "a quota (RLIMIT_FSIZE)": no_larger_files,
    "no right to write": no_rights,
    "no right to write after a kill": no_rights_after_a_kill,
    "a disk mounted read-only": mounted_for_reading,
    "a store of version 3": older_version,
    "stores of other versions": unknown_versions,
    "a damaged Chroma folder": damaged_chroma,
    "a damaged catalogue": damaged_catalogue,
    "clocks ten years off": wrong_clocks,
    "two ingest while two ask": all_at_once,
}


def _writers(world: World, losses: Losses, what: str, way: Way | None) -> None:
    with Store.open(world.store) as store:
        one = store.articles()[0].id
    new = str(world.write(BASE))
    for command in (["ingest", new], ["delete", one, "--yes"], ["reindex"]):
        refused(rag(world.log, *command, "--store", str(world.store), way=way), losses, f"{command[0]} {what}")


def _bytes(folder: Path) -> dict[str, bytes]:
    """The files of a store but SQLite's, Chroma's and the lock's passing ones."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.endswith(("-wal", "-shm")) and not file.name.startswith("writer.")
    }


def _version(world: World, version: str) -> None:
    with closing(sqlite3.connect(world.store / "catalogue.sqlite3")) as db, db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'version'", (version,))


def _chroma(store: Path) -> Path:
    return next(path for path in store.glob("chroma*") if path.is_dir())


def _damages() -> Iterator[tuple[str, Callable[[Path, random.Random], None]]]:
    """Ways to damage Chroma's folder, by name."""

    def some(folder: Path, drawn: random.Random, pattern: str) -> Path:
        found = sorted(folder.rglob(pattern))
        if not found:
            raise RuntimeError(f"Chroma keeps no {pattern}: the suite must be told how it keeps its index")
        return max(found, key=lambda file: file.stat().st_size)

    def cut(pattern: str) -> Callable[[Path, random.Random], None]:
        return lambda folder, drawn: os.truncate(found := some(folder, drawn, pattern), found.stat().st_size // 2)

    def garble(pattern: str) -> Callable[[Path, random.Random], None]:
        def garbled(folder: Path, drawn: random.Random) -> None:
            found = some(folder, drawn, pattern)
            with found.open("r+b") as file:
                for _ in range(20):
                    file.seek(drawn.randrange(max(1, found.stat().st_size - 64)))
                    file.write(drawn.randbytes(64))

        return garbled

    def remove(pattern: str) -> Callable[[Path, random.Random], None]:
        return lambda folder, drawn: some(folder, drawn, pattern).unlink()

    for pattern in ("chroma.sqlite3", "data_level0.bin"):
        for name, damage in (("cut", cut), ("garbled", garble), ("gone", remove)):
            yield f"{pattern} {name}", damage(pattern)
    yield "header.bin gone", remove("header.bin")
    yield "link_lists.bin garbled", garble("link_lists.bin")
    yield "folder gone", lambda folder, drawn: shutil.rmtree(folder)


def _cuts() -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Ways to damage the catalogue's file, by name."""

    def write(at: float, size: int) -> Callable[[Path], None]:
        def written(file: Path) -> None:
            with file.open("r+b") as stream:
                stream.seek(int(at * file.stat().st_size))
                stream.write(random.Random(at).randbytes(size))

        return written

    yield "cut in half", lambda file: os.truncate(file, file.stat().st_size // 2)
    yield "cut short", lambda file: os.truncate(file, 4096)
    yield "emptied", lambda file: os.truncate(file, 0)
    yield "without its head", write(0, 120)
    for at in (0.2, 0.4, 0.6, 0.8):
        yield f"garbled at {at:.0%}", write(at, 30_000)


def _large(folder: Path) -> None:
    """A store of so many passages that Chroma has written its index to files; no names, no events."""
    embedder = corpus.Invented("one")
    with Store.open(folder, create=True, embedder=embedder.name, dimension=embedder.dimension) as store:
        for number in range(LARGE):
            article = clean(Raw(corpus.article(3 * number, 0), f"{number}.txt", f"{number:064}", lang="en"))
            chunks = split(article)
            texts = [headed(article, chunk) for chunk in chunks]
            keys = tuple(map(vector_key, texts))
            vectors = dict(zip(keys, embedder.passages(texts), strict=True))
            record = FileRecord(f"{number}.txt", 1, 1, f"{number:064}")
            store.commit(record, [Entry(article, chunks, keys, vectors, records=())])
        store.flush()


@contextmanager
def _without_rights(folder: Path) -> Iterator[None]:
    files = [folder, *folder.rglob("*")]
    modes = {file: file.stat().st_mode for file in files}
    try:
        for file in reversed(files):
            file.chmod(modes[file] & 0o555)
        yield
    finally:
        for file in files:
            file.chmod(modes[file])


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)


@contextmanager
def _mounted(what: list[str], place: Path, losses: Losses) -> Iterator[bool]:
    """Whether it could be mounted there, which takes root; unmounted at the end."""
    try:
        _mount(*what, str(place))
    except (OSError, subprocess.CalledProcessError) as error:
        losses.skipped = f"cannot mount here ({getattr(error, 'stderr', None) or error})".strip()
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)
