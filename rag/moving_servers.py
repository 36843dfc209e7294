"""Moves a catalogue between PostgreSQL and a file of SQLite's, table by table, each whole or not at all.

The word tables are made anew there, from the rows; what Chroma is to take is left to its outbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from rag import lexical, shelf
from rag.catalogue import SCHEMA, Catalogue
from rag.errors import InputError, StoreError
from rag.postgres import PostgresCatalogue
from rag.sql import Database

TABLES = tuple(name for name in re.findall(r"CREATE TABLE (\w+)", SCHEMA) if name not in ("meta", "outbox"))
_REFUSED = {"DataError", "IntegrityError"}
_ROWS = 500
_WAIT = 120.0

Row = Sequence[Any]


def drawn(address: str, file: Path) -> None:
    """Write the catalogue at this address into a new file, as it is at one moment. Raises StoreError."""
    with (
        closing(PostgresCatalogue(address, wait=_WAIT)) as live,
        closing(Catalogue(file, wait=_WAIT)) as copy,
        live.reading() as source,
    ):
        copy.create(**live.meta() | {"chroma": "chroma", "dirty": 0})
        with copy.writing() as db:
            for table in TABLES:
                columns = _columns(db, table)
                _put(db, table, columns, _fetched(source, table, columns))
            _index(db)


def poured(file: Path, address: str) -> None:
    """Make the catalogue at this address of that in a file, in one transaction.

    Raises StoreError where there is one already, InputError for what PostgreSQL does not take. The file may be
    anyone's, so its tables must have our columns before any SQL names them.
    """
    with closing(Catalogue(file, wait=_WAIT)) as taken, closing(PostgresCatalogue(address, wait=_WAIT)) as catalogue:
        try:
            with taken.reading() as source, catalogue.writing() as db:
                if catalogue.meta():
                    raise StoreError(
                        f"{catalogue.shown} holds a store already; name an empty database in RAG_CATALOGUE"
                    )
                catalogue.create(**taken.meta() | {"chroma": f"rag{uuid4().hex[:12]}", "dirty": 0})
                for table in TABLES:
                    columns = _own_columns(db, table)
                    if set(columns) != set(_columns(source, table)):
                        raise InputError(f"the archive's table {table} is not that of a store; export the store again")
                    _put(db, table, columns, _read(source, table, columns))
                    if "number" in columns:
                        _go_on_from(db, table)
                _index(db)
                db.execute("INSERT INTO outbox (chunk, lang) SELECT id, lang FROM chunks ORDER BY number")
        except StoreError as error:
            if type(error.__cause__).__name__ not in _REFUSED:
                raise
            why = str(error).partition(": ")[2].partition(";")[0]
            raise InputError(
                f"PostgreSQL does not take what the archive holds ({why}); import it into a folder with --store"
            ) from error


def _columns(db: Database, table: str) -> tuple[str, ...]:
    """Of a table of SQLite's, whoever made it."""
    return tuple(row[1] for row in db.execute(f"PRAGMA table_info ({table})"))


def _own_columns(db: Database, table: str) -> tuple[str, ...]:
    """Of a table of PostgreSQL's, which we have made."""
    sql = (
        "SELECT CAST(column_name AS TEXT) FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position"
    )
    return tuple(row[0] for row in db.execute(sql, (table,)))


def _read(db: Database, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
    rows = db.execute(f"SELECT {_quoted(columns)} FROM {table}")
    while part := rows.fetchmany(_ROWS):
        yield part


def _fetched(db: Database, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
    """The same of PostgreSQL, which would otherwise send the whole table at once."""
    db.execute(f"DECLARE moved NO SCROLL CURSOR FOR SELECT {_quoted(columns)} FROM {table} ORDER BY 1")
    while part := db.execute(f"FETCH {_ROWS} FROM moved").fetchall():
        yield part
    db.execute("CLOSE moved")


def _put(db: Database, table: str, columns: Sequence[str], parts: Iterable[list[Row]]) -> None:
    sql = f"INSERT INTO {table} ({_quoted(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for part in parts:
        db.executemany(sql, part)


def _go_on_from(db: Database, table: str) -> None:
    """New rows of PostgreSQL's get numbers of their own."""
    db.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'number'), (SELECT max(number) FROM {table}))")


def _index(db: Database) -> None:
    lexical.rebuild(db)
    shelf.ready(db)


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
