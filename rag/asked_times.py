"""Whether a question about a time is answered by news of it: "exports in 2019" are not those of "nine months of 2023".

A question's date words let an article in that states the time anywhere, if only to compare with it. What answers must
itself tell of it, or tell of no time in an article of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag import article_dates, periods
from rag.article_dates import Days
from rag.domain import DateFilter

_YEAR = 366
_LATE = 31  # days after the time asked about in which news of it is published


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that was found: its text and language, what is said before it, its article's dates of publication."""

    text: str
    lang: str
    before: str = ""
    published: tuple[str, ...] = ()


def of_another_time(asked: Sequence[DateFilter], told: Sequence[Told]) -> str | None:
    """The question's words for its time, where the first of these sentences states another and none may tell of it.

    A sentence may where it, or what is said before it, states a time that touches the one asked about and is not much
    longer, or where it states none and its article was published then. A time that is only compared with does not
    count. None for a question about no time, or about several.
    """
    if len(asked) != 1 or asked[0].given != "question" or not told:
        return None
    wanted = article_dates.read(asked[0].since, asked[0].until)
    if wanted is None or not _has_ends(wanted):
        return None
    own = list(_stated(told[0].text, told[0].lang))
    if not own or any(_touch(wanted, each) for each in own) or any(_may(wanted, each) for each in told):
        return None
    return asked[0].text


def _has_ends(days: Days) -> bool:
    return days.yearless or days.length < article_dates.LAST


def _may(wanted: Days, told: Told) -> bool:
    stated = list(_stated(told.text, told.lang))
    around = (each for each in (*stated, *_stated(told.before, told.lang)) if _length(each) <= _length(wanted))
    if any(_touch(wanted, each) for each in around):
        return True
    return not stated and any(_published_then(wanted, edtf) for edtf in told.published)


def _stated(text: str, lang: str) -> Iterator[Days]:
    """The times that a text states, those left out that have no end and those that are compared with."""
    for period in periods.of_question(text, lang=lang, today=None):
        days = article_dates.read(period.since, period.until)
        if days is not None and _has_ends(days):
            yield days


def _length(days: Days) -> int:
    """How many days, a year at least."""
    return _YEAR if days.yearless else max(_YEAR, days.length)


def _touch(one: Days, other: Days) -> bool:
    if one.yearless or other.yearless:
        return any(a <= d and c <= b for a, b in one.months for c, d in other.months)
    return one.first <= other.last and other.first <= one.last


def _published_then(wanted: Days, edtf: str) -> bool:
    page = article_dates.read(*article_dates.two(edtf))
    if page is None:
        return False
    if page.yearless or wanted.yearless:
        return _touch(wanted, page)
    return article_dates.earlier(page.first, _LATE) <= wanted.last and wanted.first <= page.last
