"""The proof of a store: its parts compared with one another, and what can be made anew from the catalogue made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from rag import near, proof_catalogue, proof_vectors, shelf
from rag.catalogue import Catalogue
from rag.errors import StoreBusy, StoreError
from rag.outbox import WriterLock
from rag.proof import RESTORE, Proof, Tally
from rag.proof_vectors import Opens
from rag.sql import Database
from rag.store import Store
from rag.vectors import sound

Progress = Callable[[int, int], None]

SAMPLE = 200
_WAIT = 120.0
# What belongs to a row that is gone; the order is that of the references.
_ORPHANS = (
    "DELETE FROM sources WHERE article NOT IN (SELECT id FROM articles)",
    "DELETE FROM chunks WHERE article NOT IN (SELECT id FROM articles)",
    "DELETE FROM names WHERE article NOT IN (SELECT id FROM articles)",
    "DELETE FROM dates WHERE article NOT IN (SELECT number FROM articles)",
    "DELETE FROM near WHERE article NOT IN (SELECT number FROM articles)",
    "DELETE FROM told WHERE article NOT IN (SELECT id FROM articles)",
    "DELETE FROM records WHERE article NOT IN (SELECT id FROM articles)",
    "DELETE FROM record_keys WHERE record NOT IN (SELECT number FROM records)",
    "DELETE FROM record_countries WHERE record NOT IN (SELECT number FROM records)",
    "DELETE FROM record_links WHERE record NOT IN (SELECT number FROM records) "
    "OR other NOT IN (SELECT number FROM records)",
    "DELETE FROM sentences WHERE vector NOT IN (SELECT number FROM vectors)",
    "DELETE FROM files WHERE status = 'ok' AND path NOT IN (SELECT path FROM sources)",
    "INSERT INTO record_links (record, other) SELECT l.other, l.record FROM record_links l WHERE 1 = 1 "
    "ON CONFLICT DO NOTHING",
)


def prove(
    path: Path,
    *,
    wait: float = _WAIT,
    sample: int = SAMPLE,
    cautious: bool = True,
    opens: Opens = sound,
    files: bool = True,
    progress: Progress | None = None,
) -> Proof:
    """Compare the parts of the store in this folder: catalogue, word index, Chroma, and the files that were read.

    The catalogue is compared as it is at one moment while others may write; Chroma under the writer lock, for which
    this waits so many seconds, and else says so. `progress(done, articles or passages)`. `sample`, `cautious` and
    `opens`: see `proof_vectors.check`; without `files` those on disk are left alone. Changes nothing but what a
    store of the version before lacks. Raises StoreError where there is no store, or one of another version.
    """
    path = Path(path).absolute()
    tally = Tally()
    try:
        with Store.open(path, wait=wait) as store:
            dimension = store.dimension
        with closing(Catalogue(path / "catalogue.sqlite3", wait=wait)) as catalogue:
            with catalogue.reading() as db:
                proof_catalogue.engine(db, tally)
                proof_catalogue.Reader(db, tally, dimension=dimension).read(progress)
                if files:
                    proof_catalogue.files(db, tally)
            _locked(path, catalogue, tally, wait=wait, sample=sample, cautious=cautious, opens=opens, progress=progress)
    except StoreError as error:
        cause = error.__cause__
        if not isinstance(cause, sqlite3.DatabaseError) or isinstance(cause, sqlite3.OperationalError):
            raise
        tally.fault("catalogue", "half", "files that are damaged", f"{cause}", remedy=RESTORE)
    return tally.proof()


def repair(path: Path, *, wait: float = _WAIT, progress: Progress | None = None) -> None:
    """Make the word index, the titles' index, the sums and Chroma anew, and drop what belongs to nothing.

    Nothing is embedded again. What only its file can give back stays as it is. Raises StoreError, StoreBusy.
    """
    path = Path(path).absolute()
    with Store.open(path, wait=wait) as store:
        with closing(Catalogue(path / "catalogue.sqlite3", wait=wait)) as catalogue:
            _mend(catalogue, WriterLock(path, wait=wait))
        store.rebuild(progress)


def _locked(
    path: Path,
    catalogue: Catalogue,
    tally: Tally,
    *,
    wait: float,
    sample: int,
    cautious: bool,
    opens: Opens,
    progress: Progress | None,
) -> None:
    """What needs the writer lock. A folder that is written, or cannot be, is a notice."""
    try:
        with WriterLock(path, wait=wait)():
            with catalogue.writing() as db:
                proof_catalogue.words_sound(db, tally)
            proof_vectors.check(
                path, catalogue, tally, sample=sample, cautious=cautious, opens=opens, progress=progress
            )
    except StoreBusy as busy:
        tally.notices.append(f"Chroma was not compared: {str(busy).partition(';')[0]}")
    except StoreError as error:
        if isinstance(error.__cause__, sqlite3.DatabaseError) and not isinstance(
            error.__cause__, sqlite3.OperationalError
        ):
            raise
        tally.notices.append(f"Chroma was not compared: {str(error).partition(';')[0]}")


def _mend(catalogue: Catalogue, lock: WriterLock) -> None:
    """All that `Store.rebuild` does not make anew, and what would hinder it."""
    with lock(), catalogue.writing() as db:
        for statement in _ORPHANS:
            db.execute(statement)
        _titles_anew(db)
        _near_anew(db)
        db.execute("REINDEX")


def _titles_anew(db: Database) -> None:
    if db.has_table("titles"):
        db.word_tables.drop(db, "titles")
    shelf.ready(db)


def _near_anew(db: Database) -> None:
    """The keys under which near-duplicates meet, of the articles that have none."""
    sql = "SELECT number, text FROM articles WHERE number NOT IN (SELECT article FROM near)"
    for number, text in db.execute(sql).fetchall():
        db.executemany("INSERT INTO near VALUES (?, ?)", [(band, number) for band in sorted(set(near.bands(text)))])
