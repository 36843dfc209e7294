"""Which articles were published when, by what their pages state; and those of no known day that tell of a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from rag.article_dates import Kind, number
from rag.catalogue import SOURCE, Catalogue
from rag.domain import Source

_COLUMNS = ", ".join(f"s.{column}" for column in SOURCE.split(", "))
_UNDATED_SQL = f"""
SELECT DISTINCT a.id FROM dates d JOIN articles a ON a.number = d.article
WHERE (d.kind = {Kind.YEARLESS} AND d.from_md <= :to_md AND d.to_md >= :from_md
    OR d.kind = {Kind.DAY} AND d.first <= :last AND d.last >= :first)
AND NOT EXISTS (SELECT 1 FROM sources s WHERE s.article = a.id AND s.published NOTNULL) ORDER BY a.id"""


@dataclass(frozen=True, slots=True)
class Page:
    """One place where an article was found; `source.id` is the article's.

    `version` is true for every place but the first that states a day with its year, or the first of all.
    """

    source: Source
    version: bool


def pages(catalogue: Catalogue, since: date, until: date) -> list[Page]:
    """The pages that state a day of publication within these days, or such a day of no year; by article.

    With an article that is of these days come its versions that state no day.
    """
    months = [f"XXXX-{md // 100:02}-{md % 100:02}" for md in _month_days(since, until)]
    with catalogue.reading() as db:
        inside = db.execute(
            f"SELECT s.number FROM sources s WHERE s.first_day >= ? AND s.last_day <= ? "
            f"UNION SELECT s.number FROM sources s WHERE s.published IN ({', '.join('?' * len(months))})",
            (since.isoformat(), until.isoformat(), *months),
        )
        wanted = {row[0] for row in inside}
        articles = {row[0] for number_ in wanted for row in db.execute(_ARTICLE_SQL, (number_,))}
        return [page for article in sorted(articles) for page in _of(db.execute(_PAGES_SQL, (article,)), wanted)]


_ARTICLE_SQL = "SELECT article FROM sources WHERE number = ?"
_PAGES_SQL = f"""
SELECT s.number, s.first_day NOTNULL, s.article, {_COLUMNS} FROM sources s WHERE s.article = ?
ORDER BY s.content != s.article, s.number"""


def _of(rows: Iterable[tuple[Any, ...]], wanted: set[int]) -> Iterator[Page]:
    """An article's pages of the period, with the versions that state no day where the article is of it."""
    every = list(rows)
    first = next((row[0] for row in every if row[1]), every[0][0])
    for at, _, *source in every:
        page = Page(Source(*source), at != first)
        if at in wanted or (page.source.published is None and first in wanted and any(row[1] for row in every)):
            yield page


def undated(catalogue: Catalogue, since: date, until: date) -> list[str]:
    """The ids of the articles of which no page states a day, and whose text states a day that may be within these."""
    days = _month_days(since, until)
    ends = {"from_md": days[0], "to_md": days[-1], "first": number(since), "last": number(until)}
    if (until - since).days >= 365 or days[0] > days[-1]:
        ends |= {"from_md": 101, "to_md": 1231}
    with catalogue.reading() as db:
        return [row[0] for row in db.execute(_UNDATED_SQL, ends)]


def _month_days(since: date, until: date) -> list[int]:
    """The days of the period as days of any year, 1024 for 24 October; each once, at most a year of them."""
    first, last = since.toordinal(), min(until.toordinal(), since.toordinal() + 366)
    days = (date.fromordinal(each) for each in range(first, last + 1))
    return list(dict.fromkeys(day.month * 100 + day.day for day in days))
