"""Filters on date, outlet, language and article, run in the catalogue: what is left is an `Allowed`."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rag.catalogue import Catalogue
from rag.errors import InputError
from rag.lexical import words

_EDTF_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?![0-9X])")


@dataclass(frozen=True, slots=True)
class Allowed:
    """The articles that a filter leaves. `undated` counts those left out because their year is not known.

    `chunks` holds their chunk numbers per passage language, ascending: what the store filters by.
    """

    articles: frozenset[str]
    undated: int = 0
    chunks: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)


def allowed(
    catalogue: Catalogue,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    outlet: str | None = None,
    lang: str | None = None,
    articles: Iterable[str] | None = None,
) -> Allowed:
    """The articles with a source of this outlet, published (as far as one knows) in this period (EDTF).

    A period leaves out articles without a date or a year and counts them. Raises InputError for a period
    that is no date or ends before it begins.
    """
    first, last = _period(since, until)
    where = ["1"]
    if outlet is not None:
        where.append("s.outlet_key = :outlet")
    if lang is not None:
        where.append("a.lang = :lang")
    if articles is not None:
        where.append("a.id IN (SELECT value FROM json_each(:articles))")
    inside = "s.first_day <= :last AND s.last_day >= :first" if first else "1"
    matching = f"FROM articles a JOIN sources s ON s.article = a.id WHERE {' AND '.join(where)}"
    values = {
        "first": first,
        "last": last,
        "outlet": words(outlet or ""),
        "lang": lang,
        "articles": json.dumps(list(articles or ())),
    }
    with catalogue.reading() as db:
        found = {row[0] for row in db.execute(f"SELECT DISTINCT a.id {matching} AND {inside}", values)}
        undated = 0
        if first:
            undated = db.execute(
                f"SELECT count(*) FROM (SELECT a.id {matching} GROUP BY a.id HAVING count(s.first_day) = 0)",
                values,
            ).fetchone()[0]
        numbers: dict[str, list[int]] = {}
        rows = db.execute(
            "SELECT lang, number FROM chunks WHERE article IN (SELECT value FROM json_each(?)) ORDER BY number",
            (json.dumps(sorted(found)),),
        )
        for chunk_lang, number in rows:
            numbers.setdefault(chunk_lang, []).append(number)
    arrays = {key: np.array(value, dtype=np.int64) for key, value in numbers.items()}
    return Allowed(frozenset(found), undated, arrays)


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


def _period(since: str | date | None, until: str | date | None) -> tuple[str | None, str | None]:
    if since is None and until is None:
        return None, None
    first, last = (days(str(end)) if end is not None else ("0000", "9999") for end in (since, until))
    if first is None or last is None:
        wrong = since if first is None else until
        raise InputError(f"{wrong!r} is no date with a year; write 2023, 2023-10 or 2023-10-24")
    if first[0] > last[1]:
        raise InputError(f"the period from {since} until {until} ends before it begins")
    return first[0], last[1]
