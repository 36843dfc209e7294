"""Replies of a model that were complete and valid, kept in a SQLite file so that the same words are not paid twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

VERSION = 1
_KEPT = 50_000
_WAIT = 0.5  # seconds for another process's write
_SCHEMA = "CREATE TABLE IF NOT EXISTS replies (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, reply TEXT)"
_Value = TypeVar("_Value")


class Cache:
    """A file of replies by key. A damaged one is replaced; one that cannot be read or written, or that a newer program
    made, holds nothing and stays as it is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, key: str) -> str | None:
        """The reply that was put under this key, or None."""
        if not self._path.is_file():
            return None
        row = self._try(lambda db: db.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone())
        return row[0] if row and isinstance(row[0], str) else None

    def put(self, key: str, reply: str) -> None:
        """Keep the reply; the oldest of more than 50,000 are dropped."""
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        self._try(lambda db: _put(db, key, reply))

    def _try(self, work: Callable[[sqlite3.Connection], _Value]) -> _Value | None:
        for _ in range(2):
            try:
                with closing(sqlite3.connect(self._path, timeout=_WAIT)) as db, db:
                    made_by = int(db.execute("PRAGMA user_version").fetchone()[0])
                    if made_by > VERSION:
                        return None
                    if made_by < VERSION:
                        db.execute(f"PRAGMA user_version = {VERSION}")
                    db.execute(_SCHEMA)
                    return work(db)
            except sqlite3.OperationalError:
                return None
            except (sqlite3.Error, UnicodeError):
                with suppress(OSError):
                    self._path.unlink()
        return None


def _put(db: sqlite3.Connection, key: str, reply: str) -> None:
    db.execute("INSERT OR REPLACE INTO replies (key, reply) VALUES (?, ?)", (key, reply))
    db.execute("DELETE FROM replies WHERE number <= (SELECT max(number) FROM replies) - ?", (_KEPT,))
