"""The proof of a store: its parts compared with one another, and what can be made anew from the catalogue made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rag import near, proof_catalogue, proof_vectors, shelf
from rag.catalogue import Catalogue
from rag.errors import StoreBusy, StoreError
from rag.outbox import Turn, WriterLock
from rag.postgres import PostgresCatalogue
from rag.proof import RESTORE, Proof, Tally
from rag.proof_vectors import Opens
from rag.sql import Database
from rag.store import Servers, Store
from rag.vectors import sound

Progress = Callable[[int, int], None]

SAMPLE = 200
NO_FILES = "files were not compared: they lie where each worker read them"
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
    servers: Servers | None = None,
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

    Of a store on `servers` the files are left alone, and the pages and references of its database, after which
    PostgreSQL looks itself; others may go on committing while its Chroma is compared.
    """
    path = Path(path).absolute()
    tally = Tally()
    try:
        with Store.open(path, wait=wait, servers=servers) as store:
            dimension = store.dimension
        with _parts(path, servers, wait) as (catalogue, turn):
            with catalogue.reading() as db:
                if servers is None:
                    proof_catalogue.engine(db, tally)
                proof_catalogue.Reader(db, tally, dimension=dimension).read(progress)
                if files and servers is None:
                    proof_catalogue.files(db, tally)

            def chroma() -> None:
                proof_vectors.check(
                    path,
                    catalogue,
                    tally,
                    sample=sample,
                    cautious=cautious,
                    opens=opens,
                    server=servers.chroma if servers else None,
                    progress=progress,
                )

            if servers is None:
                _locked(catalogue, turn, tally, chroma)
            else:
                _beside_writers(catalogue, turn, tally, chroma)
                tally.notices.append(NO_FILES)
    except StoreError as error:
        cause = error.__cause__
        if not isinstance(cause, sqlite3.DatabaseError) or isinstance(cause, sqlite3.OperationalError):
            raise
        tally.fault("catalogue", "half", "files that are damaged", f"{cause}", remedy=RESTORE)
    return tally.proof()


def repair(
    path: Path, *, servers: Servers | None = None, wait: float = _WAIT, progress: Progress | None = None
) -> None:
    """Make the word index, the titles' index, the sums and Chroma anew, and drop what belongs to nothing.

    Nothing is embedded again. What only its file can give back stays as it is. Raises StoreError, StoreBusy.
    """
    path = Path(path).absolute()
    with Store.open(path, wait=wait, servers=servers) as store:
        with _parts(path, servers, wait) as (catalogue, turn), turn(), catalogue.writing() as db:
            _mend(db)
            if servers is None:
                db.execute("REINDEX")
        store.rebuild(progress)


@contextmanager
def _parts(path: Path, servers: Servers | None, wait: float) -> Iterator[tuple[Catalogue, Turn]]:
    """The catalogue, and the right to write Chroma."""
    if servers is None:
        with closing(Catalogue(path / "catalogue.sqlite3", wait=wait)) as catalogue:
            yield catalogue, WriterLock(path, wait=wait)
    else:
        with closing(PostgresCatalogue(servers.catalogue, wait=wait)) as database:
            yield database, database.turn()


def _locked(catalogue: Catalogue, turn: Turn, tally: Tally, chroma: Callable[[], None]) -> None:
    """What needs the writer lock of a folder. One that is written, or cannot be, is a notice."""
    try:
        with turn():
            with catalogue.writing() as db:
                proof_catalogue.words_sound(db, tally)
            chroma()
    except StoreBusy as busy:
        tally.notices.append(f"Chroma was not compared: {str(busy).partition(';')[0]}")
    except StoreError as error:
        if isinstance(error.__cause__, sqlite3.DatabaseError) and not isinstance(
            error.__cause__, sqlite3.OperationalError
        ):
            raise
        tally.notices.append(f"Chroma was not compared: {str(error).partition(';')[0]}")


def _beside_writers(catalogue: Catalogue, turn: Turn, tally: Tally, chroma: Callable[[], None]) -> None:
    """The same on servers: what is committed meanwhile is not seen, and Chroma takes it afterwards."""
    try:
        with turn(), catalogue.reading() as db:
            proof_catalogue.words_sound(db, tally)
            chroma()
    except StoreBusy as busy:
        tally.notices.append(f"Chroma was not compared: {str(busy).partition(';')[0]}")


def _mend(db: Database) -> None:
    """All that `Store.rebuild` does not make anew, and what would hinder it."""
    for statement in _ORPHANS:
        db.execute(statement)
    _titles_anew(db)
    _near_anew(db)


def _titles_anew(db: Database) -> None:
    if db.has_table("titles"):
        db.word_tables.drop(db, "titles")
    shelf.ready(db)


def _near_anew(db: Database) -> None:
    """The keys under which near-duplicates meet, of the articles that have none."""
    sql = "SELECT number, text FROM articles WHERE number NOT IN (SELECT article FROM near)"
    for number, text in db.execute(sql).fetchall():
        db.executemany("INSERT INTO near VALUES (?, ?)", [(band, number) for band in sorted(set(near.bands(text)))])
