"""What keeps Chroma in step with the catalogue: one writer at a time, and an outbox of the work to do.

A commit writes the catalogue and, in the same transaction, the chunks whose vectors Chroma must still take or
drop. Draining is safe to interrupt: what was not struck out is done again, and twice is as good as once.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Protocol

import numpy as np
from filelock import FileLock, Timeout

from rag.catalogue import Catalogue
from rag.errors import StoreBusy, StoreError
from rag.sql import Database
from rag.vectors import BATCH, Passages, VectorsAway, VectorsDamaged, sound, sweep_server

BATCHES_PER_LOCK = 5

Progress = Callable[[int, int], None]


class Turn(Protocol):
    """The right to write a store, or its Chroma: one process, and one thread of it, at a time."""

    def __call__(self, wait: float | None = None) -> AbstractContextManager[None]:
        """Hold it. Raises StoreBusy that names who holds it, after `wait` seconds."""


class WriterLock:
    """The right to write a store: one process, and one thread of it, at a time."""

    def __init__(self, folder: Path, *, wait: float) -> None:
        self._folder = folder
        self._wait = wait
        self._note = folder / "writer.json"
        self._lock = FileLock(folder / "writer.lock", poll_interval=0.01)

    @contextmanager
    def __call__(self, wait: float | None = None) -> Iterator[None]:
        """Hold the lock. Raises StoreBusy that names who holds it, after `wait` seconds."""
        try:
            self._lock.acquire(timeout=self._wait if wait is None else wait)
        except Timeout as error:
            raise StoreBusy(
                f"{self._folder} is being written by {_holder(self._note)}; wait for it and try again"
            ) from error
        except OSError as error:
            raise StoreError(f"{self._folder} cannot be written ({error.strerror}); choose another --store") from error
        try:
            mine = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
            with suppress(OSError):
                self._note.write_text(json.dumps(mine), "utf-8")
            yield
        finally:
            self._lock.release()


class Outbox:
    """The chunks that Chroma must still take or drop, and the Chroma folder that the catalogue names."""

    def __init__(self, folder: Path, catalogue: Catalogue, writer: Turn, *, server: str | None = None) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._writer = writer
        self.server = server

    @property
    def _remedy(self) -> str:
        return "`rag reindex`" if self.server else "`rag doctor --deep --repair`"

    def pending(self) -> int:
        """How many chunks Chroma must still take or drop."""
        with self._catalogue.reading() as db:
            return int(db.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def held(self) -> int:
        """How many vectors Chroma holds. Raises StoreBusy while another process writes the folder, StoreError."""
        with nullcontext() if self.server else self._writer():
            folder = self._folder / str(self._catalogue.meta()["chroma"])
            if self.server is None and not folder.is_dir():
                return 0
            if self.server is None and not sound(folder):
                raise VectorsDamaged(f"{folder} is damaged; run {self._remedy}")
            with closing(Passages(folder, server=self.server)) as passages:
                return sum(passages.count(lang) for lang in passages.languages())

    def flush(self, progress: Progress | None = None, *, patience: float = 0.0) -> None:
        """Bring Chroma up to the catalogue. Interrupted, it goes on next time.

        A server that is away is waited for `patience` seconds, from when it last took something.
        """
        total, left, since = self.pending(), True, time.monotonic()
        while left:
            try:
                with self._writer():
                    try:
                        left = self._drain()
                    except VectorsDamaged as damage:
                        self.renew(str(damage))
                        left = self._drain()
                since = time.monotonic()
            except VectorsAway:
                if time.monotonic() - since > patience:
                    raise
                time.sleep(1)
            if progress and total:
                progress(max(0, total - self.pending()), total)

    def _drain(self) -> bool:
        """Some of the outbox into Chroma; whether more is left. Needs the writer lock."""
        if not self.pending():
            return False
        meta = self._catalogue.meta()
        folder = self._folder / str(meta["chroma"])
        if self.server is None:
            if meta["dirty"] and not sound(folder):
                raise VectorsDamaged(f"a killed process has damaged {folder}")
            self._catalogue.set_meta(dirty=1)
        passages = Passages(folder, server=self.server)
        try:
            for _ in range(BATCHES_PER_LOCK):
                left = self._drain_batch(passages)
                if not left:
                    self._compare(passages)
                    break
        finally:
            passages.close()
        if self.server is None:
            self._catalogue.set_meta(dirty=0)
        return left

    def _drain_batch(self, passages: Passages) -> bool:
        with self._catalogue.reading() as db:
            rows = db.execute(
                "SELECT o.number, o.lang, o.chunk, v.data FROM outbox o "
                "LEFT JOIN chunks c ON c.id = o.chunk AND c.lang = o.lang "
                "LEFT JOIN vectors v ON v.number = c.vector ORDER BY o.number LIMIT ?",
                (BATCH,),
            ).fetchall()
        for lang in {row[1] for row in rows}:
            kept = [(chunk, data) for _, its, chunk, data in rows if its == lang and data is not None]
            gone = [chunk for _, its, chunk, data in rows if its == lang and data is None]
            if kept:
                matrix = np.frombuffer(b"".join(data for _, data in kept), dtype=np.float32)
                passages.upsert(lang, [chunk for chunk, _ in kept], matrix.reshape(len(kept), -1))
            if gone:
                passages.delete(lang, gone)
        with self._catalogue.writing() as db:
            db.executemany("DELETE FROM outbox WHERE number = ?", [(row[0],) for row in rows])
        return self.pending() > 0

    def _compare(self, passages: Passages) -> None:
        """Raises VectorsDamaged where Chroma holds more or fewer vectors than the catalogue has chunks."""
        with self._catalogue.reading():
            languages = self._catalogue.languages()
            if self.pending():  # others have written meanwhile
                return
        for lang in set(languages) | set(passages.languages()):
            if passages.count(lang) != languages.get(lang, 0):
                raise VectorsDamaged(f"{passages.folder} does not hold what the catalogue holds")

    def _see_that_nothing_lacks(self, passages: Passages) -> None:
        with self._catalogue.reading() as db:
            expected = db.execute(
                "SELECT lang, chunks - (SELECT count(*) FROM outbox o WHERE o.lang = l.lang) FROM languages l"
            ).fetchall()
        held = {lang: passages.count(lang) for lang in passages.languages()}
        if any(held.get(lang, 0) < number for lang, number in expected):
            raise VectorsDamaged(f"{passages.folder} lacks vectors; run {self._remedy}")

    def renew(self, reason: str | None = None) -> None:
        """Point to a new Chroma folder and put every chunk into the outbox. Needs the writer lock."""
        if reason:
            warnings.warn(f"{reason}: building it anew from the catalogue", RuntimeWarning, stacklevel=3)
        with self._catalogue.writing() as db:
            self.point_to_new_folder(db)
        self.sweep()

    def point_to_new_folder(self, db: Database) -> None:
        """Name a new Chroma folder and put every chunk into the outbox, inside a write transaction."""
        generation = self._catalogue.changed()
        first = str(self._catalogue.meta()["chroma"]).partition(".")[0].partition("-")[0]
        self._catalogue.set_meta(chroma=f"{first}-{generation}", dirty=0)
        db.execute("DELETE FROM outbox")
        db.execute("INSERT INTO outbox (chunk, lang) SELECT id, lang FROM chunks ORDER BY number")

    def sweep(self) -> None:
        """Remove Chroma folders that the catalogue does not name."""
        named = str(self._catalogue.meta()["chroma"])
        if self.server is not None:
            sweep_server(self.server, f"{named.partition('-')[0]}-", but=named)
            return
        for folder in self._folder.glob("chroma*"):
            if folder.name != named:
                shutil.rmtree(folder, ignore_errors=True)

    def open_for_reading(self) -> Passages | None:
        """A loaded client, or None while another process writes or where the vectors are damaged.

        Chroma is opened under the writer lock only: an index that is being written cannot be read.
        """
        try:
            if self.server is not None:
                return self._opened(Passages(self._folder / str(self._catalogue.meta()["chroma"]), server=self.server))
            with self._writer(wait=0.5):
                meta = self._catalogue.meta()
                folder = self._folder / str(meta["chroma"])
                if meta["dirty"]:
                    if not sound(folder):
                        raise VectorsDamaged(f"a killed process has damaged {folder}; run `rag doctor --deep --repair`")
                    self._catalogue.set_meta(dirty=0)
                return self._opened(Passages(folder))
        except StoreBusy:
            return None
        except StoreError as error:
            warnings.warn(f"{error} (comparing exactly, which is slower)", RuntimeWarning, stacklevel=4)
            return None

    def _opened(self, passages: Passages) -> Passages:
        try:
            passages.load()
            self._see_that_nothing_lacks(passages)
        except BaseException:
            passages.close()
            raise
        return passages


def _holder(note: Path) -> str:
    try:
        holder = json.loads(note.read_text("utf-8"))
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(holder["since"]))
        return f"process {holder['pid']} on {holder['host']} since {since}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
