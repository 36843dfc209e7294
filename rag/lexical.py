"""The word index: FTS5 over folded words, so that `quoc hoi` finds `Quốc hội` and `王毅` finds itself."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence

from rag.text import fold

_WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]|[^\W_\u3400-\u9fff\U00020000-\U0003ffff]+")
_TOKENIZER = "unicode61 remove_diacritics 0"


def words(text: str) -> str:
    """The folded words of a text with single spaces between; each Han character is a word."""
    return " ".join(_WORD.findall(fold(text)))


def prepare(db: sqlite3.Connection, lang: str) -> None:
    """Make the language's index where there is none. Each has its own, so that a word's rarity is its own."""
    if lang not in _indexed(db):
        db.execute(f"CREATE VIRTUAL TABLE words_{lang} USING fts5 (text, tokenize = '{_TOKENIZER}')")


def add(db: sqlite3.Connection, number: int, text: str, lang: str) -> None:
    """Index the text of the chunk of this number, in an index that is prepared."""
    db.execute(f"INSERT INTO words_{lang} (rowid, text) VALUES (?, ?)", (number, words(text)))


def remove(db: sqlite3.Connection, numbers: Iterable[int], lang: str) -> None:
    """Take these chunks out of the language's index."""
    db.executemany(f"DELETE FROM words_{lang} WHERE rowid = ?", ((number,) for number in numbers))


def rebuild(db: sqlite3.Connection) -> None:
    """Index every chunk anew, inside a write transaction of the caller."""
    for lang in _indexed(db):
        db.execute(f"DROP TABLE words_{lang}")
    rows = db.execute("SELECT article, start, end, number, lang FROM chunks ORDER BY article").fetchall()
    for lang in {row[4] for row in rows}:
        prepare(db, lang)
    held, text = None, ""
    for article, start, end, number, lang in rows:
        if article != held:
            held = article
            text = db.execute("SELECT text FROM articles WHERE id = ?", (article,)).fetchone()[0]
        add(db, number, text[start:end], lang)


def search(
    db: sqlite3.Connection,
    terms: Iterable[str],
    *,
    limit: int,
    lang: str | None = None,
    among: Sequence[int] | None = None,
) -> list[tuple[str, float]]:
    """Chunk ids with any of the words or phrases, and their BM25 (positive, more is better), best first.

    `among` holds the chunk numbers to choose from.
    """
    query = _any_of(terms)
    if query is None or limit < 1:
        return []
    # The + keeps SQLite from asking the index once for each number.
    chosen = "" if among is None else "AND +rowid IN (SELECT value FROM json_each(:among))"
    values = {"query": query, "limit": limit, "among": json.dumps(list(among or ()))}
    found: list[tuple[str, float]] = []
    for table in _tables(db, lang):
        found += db.execute(
            f"""SELECT c.id, -best.score FROM (SELECT rowid AS number, rank AS score FROM {table}
            WHERE {table} MATCH :query {chosen} ORDER BY rank LIMIT :limit) best
            JOIN chunks c ON c.number = best.number""",
            values,
        )
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]


def frequency(db: sqlite3.Connection, terms: Iterable[str], *, lang: str | None = None) -> dict[str, int]:
    """In how many chunks (of that language) each word or phrase stands."""
    tables = _tables(db, lang)
    found = {}
    for term in terms:
        query = _any_of([term])
        counts = (
            db.execute(f"SELECT count(*) FROM {table} WHERE {table} MATCH ?", (query,)).fetchone()[0]
            for table in tables
        )
        found[term] = sum(counts) if query else 0
    return found


def _indexed(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT name FROM sqlite_master WHERE name GLOB 'words_*' AND sql LIKE 'CREATE VIRTUAL%'")
    return [row[0].removeprefix("words_") for row in rows]


def _tables(db: sqlite3.Connection, lang: str | None) -> list[str]:
    return [f"words_{known}" for known in _indexed(db) if lang in (None, known)]


def _any_of(terms: Iterable[str]) -> str | None:
    """An FTS5 expression. Only letters, digits and spaces of a term reach it, inside quotes."""
    phrases = dict.fromkeys(filter(None, map(words, terms)))
    return " OR ".join(f'"{phrase}"' for phrase in phrases) or None
