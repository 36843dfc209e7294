"""The word index: folded words in a table for each language; `quoc hoi` finds `Quốc hội` and `王毅` itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from rag.sql import TEXTS, Database
from rag.text import fold

_WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]|[^\W_\u3400-\u9fff\U00020000-\U0003ffff]+")
RANKED_PER_RESULT = 100
MOST_COUNTED = 200_000


def words(text: str) -> str:
    """The folded words of a text with single spaces between; each Han character is a word."""
    return " ".join(_WORD.findall(fold(text)))


def prepare(db: Database, lang: str) -> None:
    """Make the language's index where there is none. Each has its own, so that a word's rarity is its own."""
    if not db.has_table(f"words_{lang}"):
        db.word_tables.make(db, f"words_{lang}")


def add(db: Database, number: int, text: str, lang: str) -> None:
    """Index the text of the chunk of this number, in an index that is prepared."""
    db.word_tables.add(db, f"words_{lang}", number, words(text))


def remove(db: Database, numbers: Iterable[int], lang: str) -> None:
    """Take these chunks out of the language's index."""
    db.word_tables.remove(db, f"words_{lang}", numbers)


def rebuild(db: Database) -> None:
    """Index every chunk anew, inside a write transaction of the caller."""
    for table in tables(db):
        db.word_tables.drop(db, table)
    rows = db.execute('SELECT article, start, "end", number, lang FROM chunks ORDER BY article').fetchall()
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

    def of(self, db: Database, phrases: Iterable[str], table: str) -> dict[str, int]:
        """By folded word or phrase, the chunks of this table that hold it."""
        state = db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        before, known = self._held
        if state != before or len(known) > MOST_COUNTED:
            self._held = state, (known := {})
        found = {}
        for phrase in phrases:
            if (count := known.get((table, phrase))) is None:
                known[table, phrase] = count = db.word_tables.count(db, table, phrase)
            found[phrase] = count
        return found


def search(
    db: Database,
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
        held, rare = _rarest(counts.of(db, phrases, table), limit if among is None else None)
        if held:
            found += db.word_tables.ranked(db, table, held, rare=rare, limit=limit, among=among)
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]


def frequency(db: Database, terms: Iterable[str], *, counts: Counts, lang: str | None = None) -> dict[str, int]:
    """In how many chunks (of that language) each word or phrase stands."""
    found = dict.fromkeys(terms, 0)
    phrases = {term: words(term) for term in found}
    for table in tables(db, lang):
        counted = counts.of(db, filter(None, phrases.values()), table)
        for term in found:
            found[term] += counted.get(phrases[term], 0)
    return found


def texts(db: Database, chunks: Sequence[str]) -> dict[str, str]:
    """By chunk id the folded words as they are indexed, one space around each."""
    rows = db.execute(
        f"SELECT lang, number, id FROM chunks WHERE id IN {TEXTS}", (json.dumps(list(chunks)),)
    ).fetchall()
    return {chunk: f" {db.word_tables.text(db, f'words_{lang}', number)} " for lang, number, chunk in rows}


def tables(db: Database, lang: str | None = None) -> list[str]:
    """The tables of the word index, one for each passage language, or that of one language."""
    return [table for table in db.word_tables.names(db, "words_") if lang in (None, table.removeprefix("words_"))]


def _phrases(terms: Iterable[str]) -> list[str]:
    """Words and phrases folded. Only letters, digits and spaces of a term reach FTS5, inside quotes."""
    return list(dict.fromkeys(filter(None, map(words, terms))))


def _rarest(counts: Mapping[str, int], limit: int | None) -> tuple[dict[str, int], int]:
    """The phrases that stand anywhere with their counts, rarest first, and how many of them a chunk must hold one of.

    With a limit these are the rarest, where there are enough of them; without one they are all.
    """
    held = dict(sorted((each for each in counts.items() if each[1]), key=lambda each: each[1]))
    numbers = list(held.values())
    if not held or limit is None:
        return held, len(held)
    rare, total = 1, numbers[0]
    while rare < len(held) and (total < 2 * limit or total + numbers[rare] <= RANKED_PER_RESULT * limit):
        total += numbers[rare]
        rare += 1
    return held, rare
