"""Filters on date, outlet, language and article, run in the catalogue: what is left is an `Allowed`."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from rag import article_dates
from rag.article_dates import SHORT, Days, Kind
from rag.catalogue import Catalogue
from rag.errors import InputError
from rag.lexical import words
from rag.sql import NUMBERS, TEXTS, Database

_Held = dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
_chunks_of: WeakKeyDictionary[Catalogue, tuple[object, _Held]] = WeakKeyDictionary()
_SURE = " AND ".join(f"replace(published, '{mark}', '') = published" for mark in "?~%")
_EDTF_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?![0-9X])")


# A visit "from 2 to 3 February" was on both days; a month or "last week" does not say which.
_DATED_SQL = f"""
SELECT article, CASE WHEN kind = {Kind.DAY} AND (first >= :first AND last <= :last OR last - first < {SHORT})
THEN 1 ELSE 0 END AS sure FROM dates
WHERE kind IN ({Kind.DAY}, {Kind.NEAR}) AND first BETWEEN :before AND :last AND last >= :first"""
_LONG_SQL = f"""
SELECT article, CASE WHEN first >= :first AND last <= :last THEN 1 ELSE 0 END AS sure FROM dates
WHERE kind = {Kind.PUBLISHED} AND first <= :last AND last >= :first
UNION ALL SELECT article, 1 AS sure FROM dates WHERE kind = {Kind.STATED} AND first >= :first AND last <= :last"""
_OPEN_SQL = f"""
SELECT article, 0 AS sure FROM dates WHERE kind IN ({Kind.YEARLESS}, {Kind.OPEN})
AND from_md <= :end# AND to_md >= :start# AND first <= :last AND last >= :first"""
_MONTHS_SQL = f"""
SELECT article, CASE WHEN kind IN ({Kind.DAY}, {Kind.YEARLESS})
AND (from_md >= :start# AND to_md <= :end# OR to_md - from_md < {SHORT}) THEN 1 ELSE 0 END AS sure FROM dates
WHERE kind IN ({Kind.DAY}, {Kind.NEAR}, {Kind.PUBLISHED}, {Kind.YEARLESS}, {Kind.OPEN}) 
AND from_md <= :end# AND to_md >= :start#"""

Ends = tuple[str | None, str | None]  # a period from one EDTF date until another; None is an open end


@dataclass(frozen=True, slots=True)
class Counted:
    """How many articles are of a period, may be, and cannot be."""

    inside: int
    unknown: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Allowed:
    """The articles that a filter leaves. `undated` counts those left out because their year is not known.

    `chunks` holds their chunk numbers per passage language, ascending: what the store filters by. `left_out` counts
    what `since` and `until` leave out, undated ones too; `periods` has an entry for each period asked for.
    """

    articles: frozenset[str]
    undated: int = 0
    chunks: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    left_out: int = 0
    periods: tuple[Counted, ...] = ()


def allowed(
    catalogue: Catalogue,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    outlet: str | None = None,
    lang: str | None = None,
    articles: Iterable[str] | None = None,
    periods: Sequence[Ends] = (),
) -> Allowed:
    """The articles with a source of this outlet, published (as far as one knows) from `since` until `until` (EDTF).

    These two leave out articles without a date or a year and count them. `periods` let through what any of them
    does: articles that were published in it or state a date in it, and those that may be of it because they state
    no year, or no day. Raises InputError for a period that is no date or ends before it begins.
    """
    first, last = period(since, until)
    where = ["1 = 1"]
    if outlet is not None:
        where.append("s.outlet_key = :outlet")
    if lang is not None:
        where.append("a.lang = :lang")
    if articles is not None:
        where.append(f"a.id IN {TEXTS.replace('?', ':articles')}")
    inside = "s.first_day <= :last AND s.last_day >= :first" if first else "1 = 1"
    matching = f"FROM articles a JOIN sources s ON s.article = a.id WHERE {' AND '.join(where)}"
    values = {
        "first": first,
        "last": last,
        "outlet": words(outlet or ""),
        "lang": lang,
        "articles": json.dumps(list(articles or ())),
    }
    narrowed = bool(first) or len(where) > 1
    undated = left_out = 0
    with catalogue.reading() as db:
        found = _column(db, f"SELECT DISTINCT a.number {matching} AND {inside}", values) if narrowed else None
        if first and found is not None:
            unknown = (
                f"SELECT count(*) FROM (SELECT a.id {matching} GROUP BY a.id HAVING count(s.first_day) = 0) AS unknown"
            )
            undated = db.execute(unknown, values).fetchone()[0]
            left_out = db.execute(f"SELECT count(DISTINCT a.number) {matching}", values).fetchone()[0] - len(found)
        counts, kept = _of_periods(db, periods, found)
        return Allowed(_ids(db, kept), undated, _chunks(catalogue, db, kept), left_out, counts)


def newest_day(catalogue: Catalogue, *, until: date) -> date | None:
    """The latest day, no later than `until`, on which an article states that it was published."""
    with catalogue.reading() as db:
        row = db.execute(
            "SELECT first_day FROM sources WHERE first_day <= ? AND last_day = first_day "
            f"AND {_SURE} ORDER BY first_day DESC LIMIT 1",
            (until.isoformat(),),
        ).fetchone()
    return date.fromisoformat(row[0]) if row else None


def oldest_day(catalogue: Catalogue, *, since: date) -> date | None:
    """The first day, no earlier than `since`, on which an article states that it was published."""
    with catalogue.reading() as db:
        row = db.execute(
            "SELECT first_day FROM sources WHERE first_day >= ? AND last_day = first_day "
            f"AND {_SURE} ORDER BY first_day LIMIT 1",
            (since.isoformat(),),
        ).fetchone()
    return date.fromisoformat(row[0]) if row else None


def _column(db: Database, sql: str, values: Mapping[str, object]) -> set[int]:
    return {row[0] for row in db.execute(sql, values)}


def _of_periods(
    db: Database, periods: Sequence[Ends], found: set[int] | None
) -> tuple[tuple[Counted, ...], set[int] | None]:
    """The count of each period among the articles found (None: all), and the numbers of those that one lets through."""
    if not periods:
        return (), found
    total = db.execute("SELECT count(*) FROM articles").fetchone()[0] if found is None else len(found)
    counts: list[Counted] = []
    kept: set[int] = set()
    for since, until in periods:
        asked = article_dates.read(since, until)
        if asked is None:
            raise InputError(f"the period from {since} until {until} has no days; write 2023, 2023-10 or 2023-10-24")
        matching = [row for row in _matching(db, asked) if found is None or row[0] in found]
        inside = sum(sure for _, sure in matching)
        counts.append(Counted(inside, len(matching) - inside, total - len(matching)))
        kept.update(number for number, _ in matching)
    return tuple(counts), None if found is None and len(kept) == total else kept


def _matching(db: Database, asked: Days) -> list[tuple[int, int]]:
    """The numbers of the articles that are of the days asked for (1) or may be (0)."""
    parts = [] if asked.yearless else [_DATED_SQL, _LONG_SQL]
    values = {
        "first": asked.first,
        "last": asked.last,
        "before": article_dates.earlier(asked.first, article_dates.MONTH),
    }
    for place, (start, end) in enumerate(asked.months):
        values |= {f"start{place}": start, f"end{place}": end}
        parts.append((_MONTHS_SQL if asked.yearless else _OPEN_SQL).replace("#", str(place)))
    sql = " UNION ALL ".join(parts)
    return db.execute(f"SELECT article, max(sure) FROM ({sql}) AS matching GROUP BY article", values).fetchall()


def _ids(db: Database, articles: set[int] | None) -> frozenset[str]:
    chosen = "" if articles is None else f"WHERE number IN {NUMBERS}"
    given = () if articles is None else (json.dumps(list(articles)),)
    return frozenset(row[0] for row in db.execute(f"SELECT id FROM articles {chosen}", given))


def _chunks(catalogue: Catalogue, db: Database, articles: set[int] | None) -> dict[str, NDArray[np.int64]]:
    """The chunk numbers of these articles (None: of all) by language, ascending."""
    held = _held_chunks(catalogue, db)
    if articles is None:
        return {lang: numbers for lang, (numbers, _) in held.items()}
    chosen = np.fromiter(articles, dtype=np.int64, count=len(articles))
    left = {lang: numbers[np.isin(of, chosen)] for lang, (numbers, of) in held.items()}
    return {lang: numbers for lang, numbers in left.items() if len(numbers)}


def _held_chunks(catalogue: Catalogue, db: Database) -> _Held:
    """By language the numbers of all chunks and of their articles; read once for each state of the catalogue."""
    state = db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    before, held = _chunks_of.get(catalogue, (None, {}))
    if before != state:
        rows: dict[str, list[tuple[int, int]]] = {}
        sql = "SELECT c.lang, c.number, a.number FROM chunks c JOIN articles a ON a.id = c.article ORDER BY c.number"
        for lang, number, article in db.execute(sql):
            rows.setdefault(lang, []).append((number, article))
        columns = {lang: np.array(pairs, dtype=np.int64).T for lang, pairs in rows.items()}
        held = {lang: (both[0].copy(), both[1].copy()) for lang, both in columns.items()}
        _chunks_of[catalogue] = state, held
    return held


def days(published: str | None) -> tuple[str, str] | None:
    """The first and last day (ISO) that an EDTF date can mean; None where it has no year."""
    if not published:
        return None
    ends = published.split("/", 1)
    first, last = _span(ends[0]), _span(ends[-1])
    return (first[0], last[1]) if first and last else None


def _span(edtf: str) -> tuple[str, str] | None:
    match = _EDTF_DAY.match(edtf)
    if match is None:
        return None
    year, month, day = match.groups()
    if month is None or not 1 <= int(month) <= 12 or int(year) == 0:
        return (f"{year}-01-01", f"{year}-12-31")
    if day is None:
        return (f"{year}-{month}-01", f"{year}-{month}-{calendar.monthrange(int(year), int(month))[1]:02}")
    return (f"{year}-{month}-{day}", f"{year}-{month}-{day}")


def period(since: str | date | None, until: str | date | None) -> tuple[str | None, str | None]:
    """The first and last day (ISO) from one EDTF date until another; None and None without any. Raises InputError."""
    if since is None and until is None:
        return None, None
    first, last = (days(str(end)) if end is not None else ("0000", "9999") for end in (since, until))
    if first is None or last is None:
        wrong = since if first is None else until
        raise InputError(f"{wrong!r} is no date with a year; write 2023, 2023-10 or 2023-10-24")
    if first[0] > last[1]:
        raise InputError(f"the period from {since} until {until} ends before it begins")
    return first[0], last[1]
