"""The child processes of the fault suite: real `rag` commands, forked from a process that has imported all already.

What a command has committed is written to its log before the command goes on, so that a kill leaves the promise
behind. Only the embedder is invented.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from eval import faults_corpus
from rag import cli, deep, embed, outbox
from rag.errors import InputError
from rag.store import Store
from rag.vectors import Passages

_context = get_context("forkserver")
_context.set_forkserver_preload(["eval.faults_warm"])


@dataclass(frozen=True, slots=True)
class Way:
    """How a command is run: with which embedder, clock, largest file, and whether it may write where rights forbid."""

    embedder: str = "one"
    clock: float = 0.0  # seconds that the wall clock is off
    largest: int | None = None  # bytes of a file
    powerless: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit code (negative: the signal), and what it said."""

    code: int
    out: str
    err: str

    @property
    def one_line(self) -> bool:
        """Whether it failed as a user's error does: exit code 1 and one line that begins with `rag: `."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        return self.code == 1 and bool(lines) and lines[-1].startswith("rag: ") and "Traceback" not in self.err


class Command:
    """A `rag` command in a process of its own, begun at once."""

    def __init__(self, log: Path, *arguments: str, way: Way | None = None) -> None:
        self._log = log
        for name in ("log", "out", "err"):
            log.with_suffix(f".{name}").write_text("")
        self._process: BaseProcess = _context.Process(target=_run, args=(str(log), arguments, way or Way()))
        self._process.start()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> bool:
        """Kill it where it stands (SIGKILL); whether it was still at work."""
        assert self._process.pid is not None
        was = self._process.is_alive()
        if was:
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        return was and self._process.exitcode == -signal.SIGKILL

    def wait(self, seconds: float = 300.0) -> Ended:
        """Its end. One that does not end in time is killed and has the code of that."""
        self._process.join(seconds)
        if self._process.is_alive():
            self.kill()
        assert self._process.exitcode is not None
        out, err = (self._log.with_suffix(f".{name}").read_text("utf-8", "replace") for name in ("out", "err"))
        return Ended(self._process.exitcode, out, err)

    def said(self) -> list[str]:
        """What it committed, a line each."""
        return [line for line in self._log.with_suffix(".log").read_text("utf-8").split("\n")[:-1] if line]


def rag(log: Path, *arguments: str, way: Way | None = None) -> Ended:
    """Run a command to its end."""
    return Command(log, *arguments, way=way).wait()


def reading(log: Path, store: Path, seconds: float) -> Command:
    """A process that asks and reads for so long, and says what it saw that was not whole."""
    return Command(log, "read", str(store), str(seconds))


def _run(log: str, arguments: tuple[str, ...], way: Way) -> None:
    report = os.open(f"{Path(log).with_suffix('.log')}", os.O_WRONLY | os.O_APPEND)
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{Path(log).with_suffix('.' + name)}", os.O_WRONLY | os.O_APPEND), stream)
    for variable in [name for name in os.environ if name.startswith(("RAG_", "OPENAI_"))]:
        del os.environ[variable]
    embed.load = lambda *_, **__: faults_corpus.Invented(way.embedder)
    outbox.sound = _opens_forked  # type: ignore[attr-defined]
    deep.prove.__kwdefaults__["opens"] = _opens_forked  # type: ignore[index]
    _reports(report)
    _bent(way)
    if arguments[0] == "read":
        _read(report, Path(arguments[1]), float(arguments[2]))
        return
    sys.argv = ["rag", *arguments]
    cli.main()


def opens(folder: Path) -> bool:
    """Whether Chroma can open the folder, as `rag.vectors.sound` finds out, from a process that has imported all."""
    process = _context.Process(target=_open, args=(folder,))
    process.start()
    process.join()
    return process.exitcode == 0


def _opens_forked(folder: Path) -> bool:
    """The same inside a child, which has not opened Chroma yet."""
    pid = os.fork()
    if not pid:
        try:
            _open(folder)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _open(folder: Path) -> None:
    probed = Passages(folder)
    probed.load()
    probed.close()


def _reports(report: int) -> None:
    """Have each commit and deletion say so once it stands."""
    commit, delete = Store.commit, Store.delete

    def committed(self: Store, file: Any, *given: Any, **named: Any) -> Any:
        done = commit(self, file, *given, **named)
        if named.get("last", True):
            os.write(report, f"{file.path}\n".encode())
        return done

    def deleted(self: Store, *ids: str) -> int:
        done = delete(self, *ids)
        os.write(report, f"deleted {done}\n".encode())
        return done

    Store.commit, Store.delete = committed, deleted  # type: ignore[method-assign]


def _bent(way: Way) -> None:
    if way.clock:
        told, told_ns = time.time, time.time_ns
        time.time = lambda: told() + way.clock
        time.time_ns = lambda: told_ns() + int(way.clock * 1e9)
    if way.largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (way.largest, way.largest))
    if way.powerless:
        powerless()


def powerless() -> None:
    """Give up what root may do beyond its rights, so that a folder without the right to write is one."""
    head, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if os.geteuid() == 0 and ctypes.CDLL(None, use_errno=True).capset(head, sets) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be given up")


def _read(report: int, path: Path, seconds: float) -> None:
    from rag.desk import open_desk

    end, asked = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        desk = open_desk(store=path)
        try:
            found = desk.search("Bùi Thanh Sơn gặp Vương Nghị", limit=8)
            texts = [(hit.chunk, hit.source) for hit in found.hits]
            desk.ask("Ông Bùi Thanh Sơn gặp ai?")
            desk.ask("Who met Sergei Lavrov?")
        finally:
            desk.close()
        asked += 3
        with Store.open(path) as store:
            rows = [row.id for row in store.articles()[-30:]]
            for wrong in [_torn(store, one) for one in rows] + [_misquoted(store, *pair) for pair in texts]:
                if wrong:
                    os.write(report, f"half {wrong}\n".encode())
        os.write(report, f"asked {asked}\n".encode())


def _torn(store: Store, one: str) -> str | None:
    """The article where its passages do not rejoin to its text or lack a vector; None where it is whole, or gone."""
    chunks = store.chunks_of(one)
    vectors = store.vectors_of([chunk.id for chunk in chunks])
    try:
        text = store.article(one).text
    except InputError:
        return None
    if "".join(chunk.text for chunk in chunks) == text and len(vectors) == len(chunks):
        return None
    return one if store.known(one) else None  # it went between two looks


def _misquoted(store: Store, chunk: Any, source: Any) -> str | None:
    try:
        text = store.article(chunk.article).text
    except InputError:
        return None
    return None if text[chunk.start : chunk.end] == chunk.text and source.id == chunk.article else str(chunk.id)
