"""The word index: FTS5 over folded words, so that `quoc hoi` finds `Quốc hội` and `王毅` finds itself."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from rag.text import fold

_WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]|[^\W_\u3400-\u9fff\U00020000-\U0003ffff]+")
_TOKENIZER = "unicode61 remove_diacritics 0"
RANKED_PER_RESULT = 100
MOST_COUNTED = 200_000


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


class Counts:
    """In how many chunks words stand, counted once for each state of the catalogue."""

    def __init__(self) -> None:
        self._held: tuple[object, dict[tuple[str, str], int]] = None, {}

    def of(self, db: sqlite3.Connection, phrases: Iterable[str], table: str) -> dict[str, int]:
        """By folded word or phrase, the chunks of this table that hold it."""
        state = db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        before, known = self._held
        if state != before or len(known) > MOST_COUNTED:
            self._held = state, (known := {})
        found = {}
        for phrase in phrases:
            if (count := known.get((table, phrase))) is None:
                count = db.execute(f"SELECT count(*) FROM {table} WHERE {table} MATCH ?", (f'"{phrase}"',)).fetchone()[
                    0
                ]
                known[table, phrase] = count
            found[phrase] = count
        return found


def search(
    db: sqlite3.Connection,
    terms: Iterable[str],
    *,
    limit: int,
    counts: Counts,
    lang: str | None = None,
    among: Sequence[int] | None = None,
) -> list[tuple[str, float]]:
    """Chunk ids with any of the words or phrases, and their BM25 (positive, more is better), best first.

    `among` holds the chunk numbers to choose from. Where the words stand in very many chunks, a chunk must hold one of
    the rarest to be ranked, and these count twice: the others alone would hardly bring it to the top.
    """
    phrases = _phrases(terms)
    found: list[tuple[str, float]] = []
    for table in tables(db, lang) if phrases and limit > 0 else ():
        query = _expression(counts.of(db, phrases, table), limit if among is None else None)
        if query is not None:
            found += _ranked(db, table, query, limit, among)
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]


def _ranked(
    db: sqlite3.Connection, table: str, query: str, limit: int, among: Sequence[int] | None
) -> list[tuple[str, float]]:
    if among is None:
        best = (
            f"SELECT rowid AS number, rank AS score FROM {table} WHERE {table} MATCH :query ORDER BY rank LIMIT :limit"
        )
    else:
        # By `rank` FTS5 would score what is not chosen too; without the + SQLite would ask it once for each number.
        best = f"""SELECT rowid AS number, bm25({table}) AS score FROM {table} WHERE {table} MATCH :query
            AND +rowid IN (SELECT value FROM json_each(:among)) ORDER BY score LIMIT :limit"""
    return db.execute(
        f"SELECT c.id, -best.score FROM ({best}) best JOIN chunks c ON c.number = best.number",
        {"query": query, "limit": limit, "among": json.dumps(list(among or ()))},
    ).fetchall()


def frequency(
    db: sqlite3.Connection, terms: Iterable[str], *, counts: Counts, lang: str | None = None
) -> dict[str, int]:
    """In how many chunks (of that language) each word or phrase stands."""
    found = dict.fromkeys(terms, 0)
    phrases = {term: words(term) for term in found}
    for table in tables(db, lang):
        counted = counts.of(db, filter(None, phrases.values()), table)
        for term in found:
            found[term] += counted.get(phrases[term], 0)
    return found


def texts(db: sqlite3.Connection, chunks: Sequence[str]) -> dict[str, str]:
    """By chunk id the folded words as they are indexed, one space around each."""
    sql = "SELECT lang, number, id FROM chunks WHERE id IN (SELECT value FROM json_each(?))"
    return {
        chunk: f" {db.execute(f'SELECT text FROM words_{lang} WHERE rowid = ?', (number,)).fetchone()[0]} "
        for lang, number, chunk in db.execute(sql, (json.dumps(list(chunks)),)).fetchall()
    }


def _indexed(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT name FROM sqlite_master WHERE name GLOB 'words_*' AND sql LIKE 'CREATE VIRTUAL%'")
    return [row[0].removeprefix("words_") for row in rows]


def tables(db: sqlite3.Connection, lang: str | None = None) -> list[str]:
    """The tables of the word index, one for each passage language, or that of one language."""
    return [f"words_{known}" for known in _indexed(db) if lang in (None, known)]


def _phrases(terms: Iterable[str]) -> list[str]:
    """Words and phrases folded. Only letters, digits and spaces of a term reach FTS5, inside quotes."""
    return list(dict.fromkeys(filter(None, map(words, terms))))


def _expression(counts: Mapping[str, int], limit: int | None) -> str | None:
    """Any of the phrases as FTS5 writes it; with a limit, one of the rarest, where there are enough of these."""
    held = sorted((phrase for phrase, count in counts.items() if count), key=lambda phrase: counts[phrase])
    if not held:
        return None
    if limit is None:
        return _any_of(held)
    rare, total = 1, counts[held[0]]
    while rare < len(held) and (total < 2 * limit or total + counts[held[rare]] <= RANKED_PER_RESULT * limit):
        total += counts[held[rare]]
        rare += 1
    return _any_of(held) if rare == len(held) else f"({_any_of(held[:rare])}) AND ({_any_of(held)})"


def _any_of(phrases: Iterable[str]) -> str:
    return " OR ".join(f'"{phrase}"' for phrase in phrases)
