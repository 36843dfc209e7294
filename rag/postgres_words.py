"""Word tables in PostgreSQL: arrays of words behind GIN indexes find the rows, and BM25 is computed as FTS5 does it.

PostgreSQL's own text search ranks without the rarity of words; its parser would also split what is folded already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.sql import Database

TOTALS = 'CREATE TABLE word_totals (name TEXT COLLATE "C" PRIMARY KEY, texts BIGINT NOT NULL, size BIGINT NOT NULL)'
_K1, _B, _LEAST = 1.2, 0.75, 1e-6  # as in SQLite's fts5_aux.c
# A word stands between spaces of its own, so that how often a phrase is there is told by what its removal leaves.
_RANKED = """
SELECT c.id, s.score FROM (
    SELECT w.number, sum(asked.weight * times / (times + {k1} * ({rest} + {b} * w.size / :average))) AS score
    FROM (SELECT number, text, size FROM {table} WHERE ({must}) {among}) w
    CROSS JOIN unnest(:phrases::text[], :weights::float8[]) AS asked (phrase, weight)
    CROSS JOIN LATERAL (
        SELECT (length(w.text) - length(replace(w.text, asked.phrase, '')))::float8 / length(asked.phrase) AS times
    ) found
    GROUP BY w.number ORDER BY score DESC, w.number LIMIT :limit
) s JOIN chunks c ON c.number = s.number"""

# Sizes and arrays are those of the texts, and the totals those of the rows.
_SOUND = """
SELECT NOT EXISTS (
    SELECT 1 FROM {table} w CROSS JOIN LATERAL string_to_array(btrim(w.text), '  ') AS each
    WHERE w.size != cardinality(each) OR NOT (w.words @> each AND w.words <@ each)
) AND EXISTS (
    SELECT 1 FROM word_totals t WHERE t.name = ? AND t.texts = (SELECT count(*) FROM {table})
    AND t.size = (SELECT coalesce(sum(size), 0) FROM {table})
)"""


class WordArrays:
    """The word tables of a PostgreSQL catalogue; see `sql.WordTables`."""

    def names(self, db: Database, start: str) -> list[str]:
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND starts_with(tablename, ?)"
        return sorted(row[0] for row in db.execute(sql, (start,)))

    def make(self, db: Database, table: str, *, of: str | None = None) -> None:
        gone = f"REFERENCES {of} (number) ON DELETE CASCADE" if of else ""
        db.execute(
            f"CREATE TABLE {table} (number BIGINT PRIMARY KEY {gone}, size BIGINT NOT NULL, "
            'text TEXT COLLATE "C" NOT NULL, words TEXT[] COLLATE "C" NOT NULL)'
        )
        db.execute(f"CREATE INDEX ON {table} USING gin (words)")
        db.execute("INSERT INTO word_totals VALUES (?, 0, 0)", (table,))

    def drop(self, db: Database, table: str) -> None:
        db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM word_totals WHERE name = ?", (table,))

    def add(self, db: Database, table: str, number: int, words: str) -> None:
        each = words.split()
        db.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", (number, len(each), _spaced(words), sorted(set(each))))
        db.execute("UPDATE word_totals SET texts = texts + 1, size = size + ? WHERE name = ?", (len(each), table))

    def remove(self, db: Database, table: str, numbers: Iterable[int]) -> None:
        db.execute(
            f"WITH gone AS (DELETE FROM {table} WHERE number = ANY(?::bigint[]) RETURNING size) UPDATE word_totals SET "
            "texts = texts - (SELECT count(*) FROM gone), size = size - (SELECT coalesce(sum(size), 0) FROM gone) "
            "WHERE name = ?",
            (list(numbers), table),
        )

    def count(self, db: Database, table: str, phrase: str) -> int:
        holds, values = _holds([phrase])
        return int(db.execute(f"SELECT count(*) FROM {table} WHERE {holds}", values).fetchone()[0])

    def ranked(
        self, db: Database, table: str, held: Mapping[str, int], *, rare: int, limit: int, among: Sequence[int] | None
    ) -> list[tuple[str, float]]:
        texts, size = db.execute("SELECT texts, size FROM word_totals WHERE name = ?", (table,)).fetchone()
        must, values = _holds(list(held)[:rare])
        twice = rare if rare < len(held) else 0
        weights = [
            (_K1 + 1) * _rarity(texts, count) * (2 if place < twice else 1) for place, count in enumerate(held.values())
        ]
        sql = _RANKED.format(
            k1=_K1,
            rest=1 - _B,
            b=_B,
            table=table,
            must=must,
            among="" if among is None else "AND number = ANY(:among::bigint[])",
        )
        values |= {
            "average": size / max(texts, 1),
            "phrases": [_spaced(phrase) for phrase in held],
            "weights": weights,
            "among": list(among or ()),
            "limit": limit,
        }
        return [(chunk, score) for chunk, score in db.execute(sql, values)]

    def text(self, db: Database, table: str, number: int) -> str:
        found = db.execute(f"SELECT text FROM {table} WHERE number = ?", (number,)).fetchone()
        return " ".join(found[0].split())

    def sound(self, db: Database, table: str) -> bool:
        found = db.execute(_SOUND.format(table=table), (table,)).fetchone()
        return bool(found[0])

    def holding(self, table: str, phrase: str) -> str:
        bare = f"btrim({phrase}::text, '\"')"
        return (
            f"SELECT number FROM {table} WHERE words @> string_to_array({bare}, ' ') "
            f"AND strpos(text, ' ' || replace({bare}, ' ', '  ') || ' ') > 0"
        )

    def titled(self, table: str) -> tuple[str, str, str]:
        return table, "number", "text"


def _spaced(words: str) -> str:
    return f" {words.replace(' ', '  ')} " if words else ""


def _holds(phrases: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """SQL for a row that holds one of the phrases, and its values."""
    single = [phrase for phrase in phrases if " " not in phrase]
    parts, values = ["words && :single::text[]"], dict[str, Any](single=single)
    for place, phrase in enumerate(each for each in phrases if " " in each):
        parts.append(f"(words @> :words{place}::text[] AND strpos(text, :text{place}) > 0)")
        values |= {f"words{place}": phrase.split(), f"text{place}": _spaced(phrase)}
    return " OR ".join(parts), values


def _rarity(texts: int, holding: int) -> float:
    """The inverse document frequency, never below nothing."""
    return max(log((texts - holding + 0.5) / (holding + 0.5)), _LEAST)
