"""Word tables in SQLite: FTS5 over words that are folded already."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

_TOKENIZER = "unicode61 remove_diacritics 0"


class Fts5:
    """The word tables of a SQLite catalogue; see `sql.WordTables`."""

    def names(self, db: sqlite3.Connection, start: str) -> list[str]:
        rows = db.execute(
            "SELECT name FROM sqlite_master WHERE substr(name, 1, length(:start)) = :start "
            "AND sql LIKE 'CREATE VIRTUAL%'",
            {"start": start},
        )
        return [row[0] for row in rows]

    def make(self, db: sqlite3.Connection, table: str, *, of: str | None = None) -> None:
        db.execute(f"CREATE VIRTUAL TABLE {table} USING fts5 (text, tokenize = '{_TOKENIZER}')")
        if of is not None:
            db.execute(
                f"CREATE TRIGGER IF NOT EXISTS {of}_gone AFTER DELETE ON {of} "
                f"BEGIN DELETE FROM {table} WHERE rowid = old.number; END"
            )

    def drop(self, db: sqlite3.Connection, table: str) -> None:
        db.execute(f"DROP TABLE {table}")

    def add(self, db: sqlite3.Connection, table: str, number: int, words: str) -> None:
        db.execute(f"INSERT INTO {table} (rowid, text) VALUES (?, ?)", (number, words))

    def remove(self, db: sqlite3.Connection, table: str, numbers: Iterable[int]) -> None:
        db.executemany(f"DELETE FROM {table} WHERE rowid = ?", ((number,) for number in numbers))

    def count(self, db: sqlite3.Connection, table: str, phrase: str) -> int:
        sql = f"SELECT count(*) FROM {table} WHERE {table} MATCH ?"
        return int(db.execute(sql, (f'"{phrase}"',)).fetchone()[0])

    def ranked(
        self,
        db: sqlite3.Connection,
        table: str,
        held: Mapping[str, int],
        *,
        rare: int,
        limit: int,
        among: Sequence[int] | None,
    ) -> list[tuple[str, float]]:
        if among is None:
            best = f"""SELECT rowid AS number, rank AS score FROM {table} WHERE {table} MATCH :query
                ORDER BY rank LIMIT :limit"""
        else:
            # By `rank` FTS5 would score what is not chosen too; without the + SQLite would ask it once for each number.
            best = f"""SELECT rowid AS number, bm25({table}) AS score FROM {table} WHERE {table} MATCH :query
                AND +rowid IN (SELECT value FROM json_each(:among)) ORDER BY score LIMIT :limit"""
        first = list(held)[:rare]
        query = _any_of(held) if rare == len(held) else f"({_any_of(first)}) AND ({_any_of(held)})"
        return db.execute(
            f"SELECT c.id, -best.score FROM ({best}) best JOIN chunks c ON c.number = best.number",
            {"query": query, "limit": limit, "among": json.dumps(list(among or ()))},
        ).fetchall()

    def text(self, db: sqlite3.Connection, table: str, number: int) -> str:
        return str(db.execute(f"SELECT text FROM {table} WHERE rowid = ?", (number,)).fetchone()[0])

    def sound(self, db: sqlite3.Connection, table: str) -> bool:
        try:
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            return False
        return True

    def holding(self, table: str, phrase: str) -> str:
        return f"SELECT rowid AS number FROM {table} WHERE {table} MATCH {phrase}"

    def titled(self, table: str) -> tuple[str, str, str]:
        return f"{table}_content", "id", "c0"


def _any_of(phrases: Iterable[str]) -> str:
    return " OR ".join(f'"{phrase}"' for phrase in phrases)
