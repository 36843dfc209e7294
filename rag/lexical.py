"""The word index: FTS5 over folded words, so that `quoc hoi` finds `Quốc hội` and `王毅` finds itself."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence

from rag.text import fold

_WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]|[^\W_\u3400-\u9fff\U00020000-\U0003ffff]+")
_ADD = "INSERT INTO passages (rowid, text, lang) VALUES (?, ?, ?)"


def words(text: str) -> str:
    """The folded words of a text with single spaces between; each Han character is a word."""
    return " ".join(_WORD.findall(fold(text)))


def add(db: sqlite3.Connection, number: int, text: str, lang: str) -> None:
    """Index the text of the chunk of this number."""
    db.execute(_ADD, (number, words(text), lang))


def rebuild(db: sqlite3.Connection) -> None:
    """Index every chunk anew, inside a write transaction of the caller."""
    db.execute("DELETE FROM passages")
    rows = db.execute("SELECT article, start, end, number, lang FROM chunks ORDER BY article")
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
    query = _any_of(terms, lang)
    if query is None or limit < 1:
        return []
    chosen = "" if among is None else "AND p.rowid IN (SELECT value FROM json_each(:among))"
    rows = db.execute(
        f"""SELECT c.id, -best.score FROM (SELECT p.rowid AS number, p.rank AS score FROM passages p
        WHERE passages MATCH :query AND rank MATCH 'bm25(1.0, 0.0)' {chosen}
        ORDER BY rank LIMIT :limit) best JOIN chunks c ON c.number = best.number
        ORDER BY best.score, c.number""",
        {"query": query, "limit": limit, "among": json.dumps(list(among or ()))},
    )
    return rows.fetchall()


def frequency(db: sqlite3.Connection, terms: Iterable[str], *, lang: str | None = None) -> dict[str, int]:
    """In how many chunks (of that language) each word or phrase stands."""
    sql = "SELECT count(*) FROM passages WHERE passages MATCH ?"
    queries = ((term, _any_of([term], lang)) for term in terms)
    return {term: db.execute(sql, (query,)).fetchone()[0] if query else 0 for term, query in queries}


def _any_of(terms: Iterable[str], lang: str | None) -> str | None:
    """An FTS5 expression. Only letters, digits and spaces of a term reach it, inside quotes."""
    phrases = list(dict.fromkeys(filter(None, map(words, terms))))
    if not phrases:
        return None
    either = "text : (" + " OR ".join(f'"{phrase}"' for phrase in phrases) + ")"
    return either if lang is None else f'lang : "{words(lang)}" AND {either}'
