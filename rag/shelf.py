"""The shelf: stored articles a page at a time, searched and filtered in the catalogue, and what there is to filter by.

A search meets the words of titles and texts as the word index folds them. Titles have an index of their own, which
`put` keeps and which is made of all titles where a catalogue has none yet.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, Literal

from rag import lexical
from rag.catalogue import SOURCE, Catalogue, plain
from rag.domain import Source
from rag.filters import period
from rag.sql import NUMBERS, TEXTS, Database

Order = Literal["newest", "title", "ingest"]

MOST_OUTLETS = 200
_MOST_WORDS = 12
_MOST_KEPT = 16
# Of several sources the first one of the very text stands for the article; the others are few, and looked up once.
_HEAD = f"s.number NOT IN {NUMBERS.replace('?', ':others')}"
_OTHERS = """
SELECT o.number FROM (SELECT article FROM sources GROUP BY article HAVING count(*) > 1) several
JOIN sources o ON o.article = several.article WHERE o.number != (
    SELECT n.number FROM sources n WHERE n.article = o.article ORDER BY n.content != n.article, n.number LIMIT 1)"""
_ORDERS: Mapping[Order, tuple[str, str]] = {
    "newest": ("s.first_day DESC NULLS LAST, s.number DESC", "s.first_day NULLS FIRST, s.number"),
    "title": ("t.# ISNULL, t.#, s.number", "t.# ISNULL DESC, t.# DESC, s.number DESC"),
    "ingest": ("s.number", "s.number DESC"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An article on the shelf: the source that stands for it, its length, how many sources and event records it has."""

    source: Source
    chars: int
    sources: int
    events: int

    @property
    def id(self) -> str:
        return self.source.id


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of articles, and how many there are in all.

    `undated` counts those that state no year, or no date: they stand last by date, and `since` and `until` leave them
    out.
    """

    rows: tuple[Row, ...]
    total: int
    undated: int = 0


@dataclass(frozen=True, slots=True)
class Facets:
    """What there is to filter by, the most frequent first: outlets (some hundreds at most) and languages, counted."""

    outlets: tuple[tuple[str, int], ...] = ()
    langs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of the shelf: words that title and text hold, "words in quotes" together; outlet, language, days.

    `since` and `until` are EDTF dates.
    """

    words: str = ""
    outlet: str | None = None
    lang: str | None = None
    since: str | date | None = None
    until: str | date | None = None
    order: Order = "newest"

    @property
    def limited(self) -> bool:
        return bool(self.words.strip() or self.outlet or self.lang or self.since or self.until)


class Shelves:
    """Reads the shelf of a catalogue; what was found is kept, as numbers, until the catalogue changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = Lock()
        self._generation: object = None
        self._kept: dict[object, Any] = {}

    def shelf(self, asked: Asked, *, limit: int = 50, offset: int = 0) -> Shelf:
        """The articles from `offset` on, `limit` at most. Raises InputError for what is no date, StoreError."""
        if not self._ready():
            with self._catalogue.writing() as db:
                ready(db)
        with self._catalogue.reading() as db:
            others = self._known(db, "others", lambda: _others(db))
            if asked.limited or asked.order == "title":
                numbers, undated = self._known(db, asked, lambda: _found(db, asked, others))
                return Shelf(_rows(db, numbers[offset : offset + limit] if limit > 0 else ()), len(numbers), undated)
            total, undated = self._known(db, "all", lambda: _counted(db, others))
            numbers = _slice(db, asked.order, others, total, limit, offset)
            return Shelf(_rows(db, numbers), total, undated)

    def facets(self) -> Facets:
        """What there is to filter by. Raises StoreError."""
        with self._catalogue.reading() as db:
            others = self._known(db, "others", lambda: _others(db))
            found: Facets = self._known(db, "facets", lambda: _facets(db, others))
            return found

    def paths_of(self, articles: list[str]) -> list[str]:
        """The files in which these articles (ids) were found, near-duplicates' too."""
        with self._catalogue.reading() as db:
            sql = f"SELECT DISTINCT path FROM sources WHERE article IN {TEXTS} ORDER BY path"
            return [row[0] for row in db.execute(sql, (json.dumps(articles),))]

    def articles_of(self, path: str, *, limit: int = 1000) -> list[str]:
        """The ids of the articles that a file has given, by its lines."""
        with self._catalogue.reading() as db:
            sql = "SELECT article FROM sources WHERE path = ? ORDER BY item LIMIT ?"
            return [row[0] for row in db.execute(sql, (plain(path), limit))]

    def _ready(self) -> bool:
        with self._catalogue.reading() as db:
            return db.has_table("titles")

    def _known(self, db: Database, key: object, make: Any) -> Any:
        generation = db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        with self._lock:
            if generation != self._generation:
                self._generation, self._kept = generation, {}
            if (found := self._kept.get(key)) is not None:
                return found
        found = make()
        with self._lock:
            if generation == self._generation:
                while len(self._kept) >= _MOST_KEPT:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[key] = found
        return found


def ready(db: Database) -> None:
    """See that there is an index of titles, inside a write transaction: it is made where there is none."""
    if db.has_table("titles"):
        return
    db.word_tables.make(db, "titles", of="sources")
    for number, title in db.execute("SELECT number, title FROM sources WHERE title NOTNULL").fetchall():
        db.word_tables.add(db, "titles", number, lexical.words(title))


def put(db: Database, number: int, title: str | None) -> None:
    """The title of the source of this number, inside a write transaction; it goes when its source goes."""
    ready(db)
    db.word_tables.remove(db, "titles", [number])
    if title:
        db.word_tables.add(db, "titles", number, lexical.words(title))


def phrases(text: str) -> list[str]:
    """The folded words of a search, each once; what stands in quotes is one phrase."""
    found = []
    for place, part in enumerate(text.replace("“", '"').replace("”", '"').split('"')):
        folded = lexical.words(part)
        found += [folded] if place % 2 else folded.split()
    return list(dict.fromkeys(filter(None, found)))[:_MOST_WORDS]


def _others(db: Database) -> str:
    """The numbers of the sources that do not stand for their article, as JSON."""
    return json.dumps([row[0] for row in db.execute(_OTHERS)])


def _slice(db: Database, order: Order, others: str, total: int, limit: int, offset: int) -> list[int]:
    """The source numbers of one page of all articles, walked to from the nearer end."""
    limit = max(0, min(limit, total - offset))
    there, back = _ORDERS[order]
    from_end = offset > total // 2
    skipped = total - offset - limit if from_end else offset
    walk = back if from_end else there
    rows = db.execute(
        f"SELECT s.number FROM sources s WHERE {_HEAD} ORDER BY {walk} LIMIT :limit OFFSET :skipped",
        {"others": others, "limit": limit, "skipped": skipped},
    )
    found = [row[0] for row in rows]
    return found[::-1] if from_end else found


def _counted(db: Database, others: str) -> tuple[int, int]:
    total = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    undated = db.execute(f"SELECT count(*) FROM sources s WHERE s.first_day ISNULL AND {_HEAD}", {"others": others})
    return total, undated.fetchone()[0]


def _found(db: Database, asked: Asked, others: str) -> tuple[array[int], int]:
    """The source numbers of all that is asked for, in order, and how many have no day."""
    first, last = period(asked.since, asked.until)
    where, values = [_HEAD], {"first": first, "last": last, "lang": asked.lang, "others": others}
    if asked.outlet:
        where.append("s.article IN (SELECT article FROM sources WHERE outlet_key = :outlet)")
        values["outlet"] = lexical.words(asked.outlet)
    if asked.lang:
        where.append("s.lang = :lang")
    tables = lexical.tables(db)
    words = phrases(asked.words)
    for place, phrase in enumerate(words):
        where.append(f"s.article IN ({_holding(db, tables, place)})")
        values[f"word{place}"] = f'"{phrase}"'
    if asked.words.strip() and not words:
        return array("q"), 0
    table, number_column, title = db.word_tables.titled("titles")
    titled = f"LEFT JOIN {table} t ON t.{number_column} = s.number" if asked.order == "title" else ""
    rows = db.execute(
        f"SELECT s.number, s.first_day ISNULL, "
        f"{'s.first_day <= :last AND s.last_day >= :first' if first else '1 = 1'} "
        f"FROM sources s {titled} WHERE {' AND '.join(where)} ORDER BY {_ORDERS[asked.order][0].replace('#', title)}",
        values,
    )
    numbers, undated = array("q"), 0
    for number, unknown, inside in rows:
        undated += unknown
        if inside:
            numbers.append(number)
    return numbers, undated


def _holding(db: Database, tables: list[str], place: int) -> str:
    """Selects the articles whose title or text holds the phrase of this place."""
    found = {table: db.word_tables.holding(table, f":word{place}") for table in (*tables, "titles")}
    texts = [f"SELECT c.article FROM ({found[table]}) w JOIN chunks c ON c.number = w.number" for table in tables]
    titles = f"SELECT x.article FROM ({found['titles']}) w JOIN sources x ON x.number = w.number"
    return " UNION ALL ".join((*texts, titles))


def _rows(db: Database, numbers: Any) -> tuple[Row, ...]:
    columns = ", ".join(f"s.{column}" for column in SOURCE.split(", "))
    rows = db.execute(
        f"""SELECT s.number, a.chars, (SELECT count(*) FROM sources n WHERE n.article = a.id),
        (SELECT count(*) FROM records r WHERE r.article = a.id), a.id, {columns}
        FROM sources s JOIN articles a ON a.id = s.article WHERE s.number IN {NUMBERS}""",
        (json.dumps(list(numbers)),),
    )
    by_number = {number: Row(Source(*source), chars, count, events) for number, chars, count, events, *source in rows}
    return tuple(by_number[number] for number in numbers)


def _facets(db: Database, others: str) -> Facets:
    outlets = db.execute(
        "SELECT min(outlet), count(DISTINCT article) AS articles FROM sources WHERE outlet_key > '' "
        "GROUP BY outlet_key ORDER BY articles DESC, outlet_key LIMIT ?",
        (MOST_OUTLETS,),
    ).fetchall()
    langs = db.execute(
        f"SELECT s.lang, count(*) AS articles FROM sources s WHERE s.lang > '' AND {_HEAD} "
        "GROUP BY s.lang ORDER BY articles DESC, s.lang",
        {"others": others},
    ).fetchall()
    return Facets(tuple(map(tuple, outlets)), tuple(map(tuple, langs)))
