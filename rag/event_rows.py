"""Events in the catalogue: an article's records as rows, the keys under which they meet, and which are one event.

What writes here runs inside a write transaction of the caller. The rows of an article go with it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.catalogue import LONG, MET, NO_DAYS, NO_YEAR, SPANS, Catalogue, plain
from rag.sql import NUMBERS, TEXTS, Database

Pair = tuple[str, str]

_SLACK = 1  # days by which two articles may date one event apart
_EVER = 2**40

_COUNTED = "LEFT JOIN (SELECT article, count(*) sources FROM sources GROUP BY article) n ON n.article = r.article"
_FACTS = "s.published, s.title, s.outlet"
_CHANGED = " OR ".join(f"coalesce(t.{fact}, '') != coalesce(s.{fact}, '')" for fact in ("published", "title", "outlet"))
_FIRST_SOURCE = (
    "s.number = (SELECT n.number FROM sources n WHERE n.article = s.article "
    "ORDER BY n.content != n.article, n.number LIMIT 1)"
)
# Two records can be one event only where their days touch, in a year or, where one has none, in any year; where one
# has no day, only if they share more than one name. CROSS JOIN has SQLite look each key up by the days of this record,
# however many records have the key.
_MEET = """
SELECT theirs.record FROM record_keys mine CROSS JOIN record_keys theirs
WHERE mine.record = :number AND theirs.key = mine.key AND theirs.met BETWEEN"""
_MORE_THAN_A_NAME = """
GROUP BY theirs.record HAVING sum(CASE WHEN substr(theirs.key, 1, 5) = 'name ' THEN 1 ELSE 2 END) > 1"""
_CANDIDATES = """
SELECT r.number, r.id FROM records m CROSS JOIN records r WHERE m.number = :number AND r.number IN (#) AND (
    m.low ISNULL OR r.low ISNULL
    OR (m.dated = 1 AND r.dated = 1 AND r.low <= m.high + 1 AND r.high >= m.low - 1)
    OR ((m.dated = 0 OR r.dated = 0) AND (
        (r.any_low <= m.any_high + 1 AND r.any_high >= m.any_low - 1)
        OR (r.any_low + 366 <= m.any_high + 1 AND r.any_high + 366 >= m.any_low - 1)
        OR (r.any_low - 366 <= m.any_high + 1 AND r.any_high - 366 >= m.any_low - 1))))
ORDER BY r.id"""


@dataclass(frozen=True, slots=True)
class Window:
    """The days (ordinals) on which a record's event can have been, and the same days of a year that stands for all."""

    low: int
    high: int
    any_low: int
    any_high: int
    dated: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A record to store. `days` are its first and last day as numbers (20231024), `months` as days of any year (1024).

    `days` is None where it has no year, `months` where it has no date; `keys` are blocking keys, `data` its JSON,
    `traits` what linking reads of it.
    """

    id: str
    kind: str
    background: bool
    data: str
    traits: str | None = None
    days: tuple[int, int] | None = None
    months: tuple[int, int] | None = None
    window: Window | None = None
    keys: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outline:
    """What puts a record in order: days and months as in Record, and its place or how many sources it has, if asked."""

    number: int
    article: str
    kind: str
    background: bool
    first: int | None
    last: int | None
    from_md: int | None
    more: str | int | None


@dataclass(frozen=True, slots=True)
class Condition:
    """What at least one record of an event must fulfil: SQL over `records r`, and its values."""

    sql: str
    values: tuple[Any, ...] = ()


def put(db: Database, article: str, records: Sequence[Record]) -> None:
    """These records in the place of the article's, which counts as read for events now."""
    db.execute("DELETE FROM records WHERE article = ?", (article,))
    for record in records:
        first, last = record.days or (None, None)
        from_md, to_md = record.months or (None, None)
        w = record.window
        window = (w.low, w.high, w.any_low, w.any_high, int(w.dated)) if w else (None,) * 5
        days = (int(record.background), first, last, from_md, to_md)
        number, met = db.execute(
            "INSERT INTO records (id, article, kind, background, first, last, from_md, to_md, low, high, any_low, "
            f"any_high, dated, data, traits) VALUES ({', '.join('?' * 15)}) RETURNING number, {MET}",
            (record.id, article, record.kind, *days, *window, record.data, record.traits),
        ).fetchone()
        keys = [(plain(key), met, number) for key in sorted(record.keys)]
        db.executemany("INSERT INTO record_keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING", keys)
        countries = [(country, number) for country in sorted(record.countries)]
        db.executemany("INSERT INTO record_countries VALUES (?, ?) ON CONFLICT DO NOTHING", countries)
    db.execute(
        f"INSERT INTO told SELECT s.article, {_FACTS} FROM sources s WHERE s.article = ? AND {_FIRST_SOURCE} "
        "ON CONFLICT (article) DO UPDATE SET published = excluded.published, title = excluded.title, "
        "outlet = excluded.outlet",
        (article,),
    )


def link(db: Database, pairs: Iterable[Pair]) -> None:
    """Each pair of records (ids) is one event, either way round."""
    sql = (
        "INSERT INTO record_links SELECT a.number, b.number FROM records a, records b WHERE a.id = ? AND b.id = ? "
        "ON CONFLICT DO NOTHING"
    )
    for one, other in pairs:
        db.executemany(sql, [(one, other), (other, one)])


def clear(db: Database) -> None:
    """No article has been read for events."""
    db.execute("DELETE FROM records")
    db.execute("DELETE FROM told")


def untold(catalogue: Catalogue) -> list[str]:
    """The ids of the articles that were not read for events, or not with what their first source now says."""
    with catalogue.reading() as db:
        rows = db.execute(
            "SELECT a.id FROM articles a JOIN sources s ON s.article = a.id LEFT JOIN told t ON t.article = a.id "
            f"WHERE {_FIRST_SOURCE} AND (t.article ISNULL OR {_CHANGED}) "
            "ORDER BY a.number"
        )
        return [row[0] for row in rows]


def unread(catalogue: Catalogue) -> int:
    """How many articles were not read for events."""
    with catalogue.reading() as db:
        return int(db.execute("SELECT (SELECT count(*) FROM articles) - (SELECT count(*) FROM told)").fetchone()[0])


def candidates(catalogue: Catalogue, record: str) -> dict[int, str]:
    """Number and id of the records that share a blocking key with this one (an id) and whose days may be its days.

    Where either has no day, they share a key that is no name, or two. This one is among them; none where it is unknown
    or has no such keys.
    """
    with catalogue.reading() as db:
        row = db.execute("SELECT number, low, high, dated FROM records WHERE id = ?", (record,)).fetchone()
        if row is None:
            return {}
        number, low, high, dated = row
        values, meet = {"number": number}, []
        for at, (since, until) in enumerate(_met(low, high, dated=bool(dated))):
            values |= {f"since{at}": since, f"until{at}": until}
            rare = _MORE_THAN_A_NAME if low is None or since == NO_DAYS else ""
            meet.append(f"{_MEET} :since{at} AND :until{at}{rare}")
        return dict(db.execute(_CANDIDATES.replace("#", " UNION ".join(meet)), values).fetchall())


def _met(low: int | None, high: int, *, dated: bool) -> Iterator[tuple[int, int]]:
    """Under which numbers (see MET), first and last, the records are met that may lie on these days: none if `low` is
    None, of any year unless `dated`."""
    if low is None:
        yield LONG, _EVER
        return
    yield LONG, NO_YEAR
    yield NO_DAYS, NO_DAYS
    if not dated:
        yield NO_DAYS + 1, _EVER
        return
    for start, most in SPANS.items():
        yield start + max(0, low - _SLACK - most), start + high + _SLACK


def of_articles(catalogue: Catalogue, articles: Collection[str] | None) -> list[int]:
    """The numbers of the records of these articles (None: of all), in the order of their ids."""
    chosen = "" if articles is None else f"WHERE article IN {TEXTS}"
    given = () if articles is None else (json.dumps(list(articles)),)
    with catalogue.reading() as db:
        return [row[0] for row in db.execute(f"SELECT number FROM records {chosen} ORDER BY id", given)]


def traits(catalogue: Catalogue, chosen: Collection[int]) -> dict[int, str | None]:
    """What linking reads of each of these records (numbers); None for one of a store that was made before."""
    with catalogue.reading() as db:
        sql = f"SELECT number, traits FROM records WHERE number IN {NUMBERS}"
        return dict(db.execute(sql, (json.dumps(list(chosen)),)).fetchall())


def components(
    catalogue: Catalogue, conditions: Sequence[Condition], *, unless: Condition | None = None
) -> list[tuple[int, ...]]:
    """The records (numbers) of each event of which, for each condition, one record at least fulfils it.

    Without the events of which one fulfils `unless`.
    The first condition is looked up first: the one that leaves fewest is best there. All events without a condition.
    """
    with catalogue.reading() as db:
        first = conditions[0] if conditions else Condition("1 = 1")
        found = _grown(db, _fulfilling(db, first))
        for condition in conditions[1:]:
            hits = set(_fulfilling(db, condition, [number for group in found for number in group]))
            found = [group for group in found if not hits.isdisjoint(group)]
        if unless is not None:
            hits = set(_fulfilling(db, unless, [number for group in found for number in group]))
            found = [group for group in found if hits.isdisjoint(group)]
        return found


def _fulfilling(db: Database, condition: Condition, among: Sequence[int] | None = None) -> list[int]:
    chosen = "" if among is None else f"AND r.number IN {NUMBERS}"
    given = () if among is None else (json.dumps(among),)
    sql = f"SELECT r.number FROM records r WHERE ({condition.sql}) {chosen}"
    return [row[0] for row in db.execute(sql, (*condition.values, *given))]


def _grown(db: Database, seeds: Sequence[int]) -> list[tuple[int, ...]]:
    """The connected components that hold the seeds."""
    above = {seed: seed for seed in seeds}

    def top(number: int) -> int:
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    frontier = list(above)
    while frontier:
        rows = db.execute(
            f"SELECT record, other FROM record_links WHERE record IN {NUMBERS}",
            (json.dumps(frontier),),
        ).fetchall()
        frontier = []
        for record, other in rows:
            if other not in above:
                above[other] = other
                frontier.append(other)
            low, high = sorted((top(record), top(other)))
            above[high] = low
    groups: dict[int, list[int]] = {}
    for number in sorted(above):
        groups.setdefault(top(number), []).append(number)
    return [tuple(group) for group in groups.values()]


def data(catalogue: Catalogue, chosen: Collection[int]) -> list[tuple[int, str, str]]:
    """Number, article and JSON of each of these records, by article and id."""
    with catalogue.reading() as db:
        return db.execute(
            f"SELECT number, article, data FROM records WHERE number IN {NUMBERS} ORDER BY article, id",
            (json.dumps(list(chosen)),),
        ).fetchall()


def outlines(catalogue: Catalogue, chosen: Collection[int], *, more: str = "") -> list[Outline]:
    """What puts each of these records in order; `more` is "place", "sources" or nothing. No record's JSON is read."""
    with catalogue.reading() as db:
        known = {"place": (db.first_place, ""), "sources": ("n.sources", _COUNTED)}
        value, joined = known.get(more, ("NULL", ""))
        sql = (
            "SELECT r.number, r.article, r.kind, r.background = 1, r.first, r.last, r.from_md, "
            f"{value} FROM records r {joined} WHERE r.number IN {NUMBERS}"
        )
        return [Outline(*row) for row in db.execute(sql, (json.dumps(list(chosen)),))]
