"""The days that an article can be about, as rows that SQL compares: from its dates of publication and its text.

A day is the number 20231024, a day of any year 1024. A text's date without a year is read also in the year that brings
it nearest to the day of publication, and "hôm qua" from that day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from rag.dates import UNKNOWN_YEAR
from rag.time_words import relative_days, stated

FIRST, LAST = 0, 99991231
YEARS = (1000, 9000)  # further off, Python cannot count days to both sides
ANY_MONTH = ((101, 1231),)
MONTH = 31  # a date that leaves more days open says little of any one of them
MOST = 200  # rows of an article
SHORT = 4  # days at most where a date says which day is meant
LATE = 1  # news that states no day is of the day of publication or of one so many days before
FAR = 270  # days from publication at which a date without a year may still lie
_BEFORE_YEAR = 30  # characters that may say that a year is aimed at
AROUND = 7  # an undated article is about days so near to those that it states
_TEXT_MOST = 100_000
_EDTF = re.compile(rf"([0-9]{{4}}|{UNKNOWN_YEAR})(?:-([0-9]{{2}}))?(?:-([0-9]{{2}}))?")
_LOOSE_YEAR = re.compile(r"(?<![\w.,/\-])((?:19|20|21)[0-9]{2})(?![\w%]|[.,][0-9])")
_HAN_YEAR = re.compile(r"(?<![0-9.,/\-])((?:19|20|21)[0-9]{2})年")
_AIMED_AT = re.compile(
    r"(?:\b(?:by|until|till|to|towards?|through|beyond|vision|target|đến|tới|qua|tầm nhìn|mục tiêu|к|до)"
    r"(?: the)?(?: year| năm| hết năm| cuối năm)?|[至到])\s?$",
    re.IGNORECASE,
)
_LOOSE_DAY = re.compile(r"(?<![\w.,/\-])([0-9]{1,2})/([0-9]{1,2})(?![\w%]|[.,/\-][0-9])")
_LOOSE_MONTH = re.compile(
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_WEEKDAYS = tuple(
    re.compile(rf"\b(?:{english}day|{vietnamese}|{russian})\b|(?:周|星期|礼拜){chinese}")
    for english, vietnamese, russian, chinese in (
        ("Mon", "[Tt]hứ Hai", "понедельник", "一"),
        ("Tues", "[Tt]hứ Ba", "вторник", "二"),
        ("Wednes", "[Tt]hứ Tư", "сред[ау]", "三"),
        ("Thurs", "[Tt]hứ Năm", "четверг", "四"),
        ("Fri", "[Tt]hứ Sáu", "пятниц[ау]", "五"),
        ("Satur", "[Tt]hứ Bảy", "суббот[ау]", "六"),
        ("Sun", "[Cc]hủ [Nn]hật", "воскресенье", "[日天]"),
    )
)


class Kind(IntEnum):
    """What a row says of its days, from `first` to `last`, of which `from_md` to `to_md` are the days of the year."""

    DAY = 0  # published or stated: at most a month
    NEAR = 1  # may be meant: at most a month
    PUBLISHED = 2  # published in this year or longer time
    STATED = 3  # a year or longer time that the text states
    YEARLESS = 4  # published or stated without a year: these days of a year, within `first` and `last`
    OPEN = 5  # the page states too little: may be any of these days of a year


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One row of the catalogue's table `dates`, without its article."""

    kind: Kind
    first: int
    last: int
    from_md: int
    to_md: int


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last` (numbers; FIRST and LAST where unknown or open), and as days of a year."""

    first: int
    last: int
    months: tuple[tuple[int, int], ...]
    yearless: bool = False

    @property
    def length(self) -> int:
        """How many days; many where an end is open or the year is not known."""
        return LAST if self.first == FIRST or self.last == LAST else (day(self.last) - day(self.first)).days + 1


def day(number: int) -> date:
    """The date of a day's number."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def number(of: date) -> int:
    """The number of a day."""
    return of.year * 10_000 + of.month * 100 + of.day


def earlier(of: int, days: int) -> int:
    """The number of the day so many days before."""
    return of if of == FIRST else number(day(of) - timedelta(days=days))


def read(since: str | None, until: str | None) -> Days | None:
    """The days from one EDTF date until another, None an open end; None where one is no date."""
    first = _ends(since) if since else (FIRST, FIRST)
    last = _ends(until) if until else (LAST, LAST)
    if first is None or last is None:
        return None
    if UNKNOWN_YEAR in (since or "")[:4] + (until or "")[:4]:
        return Days(FIRST, LAST, _wrapped(first[0] % 10_000, last[1] % 10_000), True) if since and until else None
    if first[0] > last[1]:
        return None
    return _days(first[0], last[1])


def _days(first: int, last: int) -> Days:
    if first == FIRST or last == LAST or last - first >= 10_000:
        return Days(first, last, ANY_MONTH)
    return Days(first, last, _wrapped(first % 10_000, last % 10_000))


def _wrapped(first: int, last: int) -> tuple[tuple[int, int], ...]:
    return ((first, last),) if first <= last else ((first, 1231), (101, last))


def _ends(edtf: str) -> tuple[int, int] | None:
    """The first and last day of a date; without a year, in the leap year 2000."""
    match = _EDTF.match(edtf)
    if match is None or (match[1] == UNKNOWN_YEAR and match[2] is None):
        return None
    year = 2000 if match[1] == UNKNOWN_YEAR else int(match[1])
    month, of_month = int(match[2] or 0), int(match[3] or 0)
    if not YEARS[0] <= year <= YEARS[1] or month > 12 or (month and of_month > monthrange(year, month)[1]):
        return None
    start = year * 10_000 + (month or 1) * 100 + (of_month or 1)
    return start, year * 10_000 + (month or 12) * 100 + (of_month or monthrange(year, month or 12)[1])


def rows(text: str, *, lang: str | None, published: Sequence[str]) -> list[Row]:
    """The rows of an article with these dates of publication (EDTF); `MOST` dates of its text at most."""
    pages = [page for edtf in published if (page := read(*two(edtf)))]
    start = text[:_TEXT_MOST]
    said = _said(start, lang)
    whole = len(said) < MOST and len(text) <= _TEXT_MOST
    return list(dict.fromkeys(_rows(start, said, pages, whole=whole)))


def _rows(text: str, said: Sequence[Days], pages: Sequence[Days], *, whole: bool) -> Iterator[Row]:
    known = [page for page in pages if not page.yearless]
    anchors = [day(page.first) for page in known if page.first == page.last]
    earliest = _earliest(text) if whole and not known else FIRST
    bounds = _year_around(known) if known else (earliest, LAST)
    counted = [each for anchor in anchors for each in _relative(text, anchor)]
    for page in pages:
        yield from _published(page)
    for each in (*said, *counted):
        yield from _stated(each, bounds, anchors)
    weekdays = [weekday for weekday, pattern in enumerate(_WEEKDAYS) if anchors and pattern.search(text)]
    for anchor in anchors:
        for weekday in weekdays:
            yield from _on(weekday, anchor)
    if not weekdays and not any(map(_short, (*said, *counted))):
        for page in pages:
            yield from _late(page)
    if not pages or not whole:
        yield from _open(said if whole else (), earliest)


def two(edtf: str) -> tuple[str, str]:
    """Both ends of an EDTF date or interval."""
    since, _, until = edtf.partition("/")
    return since, until or since


def _said(text: str, lang: str | None) -> list[Days]:
    """What a text states, loosely, for a mention lets an article in: bare years, 13/7, months alone."""
    found: dict[Days, None] = {}
    for ends in (*stated(text, lang=lang), *_loose(text)):
        each = read(*ends)
        if each is not None:
            found[each] = None
            if len(found) >= MOST:
                break
    return list(found)


def _loose(text: str) -> Iterator[tuple[str, str]]:
    for match in _LOOSE_YEAR.finditer(text):
        yield match[1], match[1]
    for match in _LOOSE_DAY.finditer(text):
        edtf = f"{UNKNOWN_YEAR}-{int(match[2]):02}-{int(match[1]):02}"
        yield edtf, edtf
    names = {name: n for n, name in enumerate(_LOOSE_MONTH.pattern[3:-3].split("|"), 1)}
    for match in _LOOSE_MONTH.finditer(text):
        edtf = f"{UNKNOWN_YEAR}-{names[match[1]]:02}"
        yield edtf, edtf


def _relative(text: str, anchor: date) -> list[Days]:
    return [found for ends in set(relative_days(text, anchor)) if (found := read(*ends))]


def _short(days: Days) -> bool:
    """Whether it is a day, or few."""
    if not days.yearless:
        return days.length <= SHORT
    return all(last - first < SHORT for first, last in days.months)


def _year_around(known: Sequence[Days]) -> tuple[int, int]:
    """Between which days a date without a year lies, in an article published then."""
    return min(page.first for page in known) - 10_000, max(page.last for page in known) + 10_000


def _earliest(text: str) -> int:
    """The first day that a text without a date of publication can be about, by the years that it states.

    That is of the year before the first of them: a plan for a year may be news of the year before. "By 2050" says
    nothing of when it was written.
    """
    years = (match for pattern in (_LOOSE_YEAR, _HAN_YEAR) for match in pattern.finditer(text))
    found = ((int(year[1]), text[max(0, year.start() - _BEFORE_YEAR) : year.start()]) for year in years)
    first = min((year for year, before in found if not _AIMED_AT.search(before)), default=0)
    return (first - 1) * 10_000 + 101 if first else FIRST


def _published(page: Days) -> Iterator[Row]:
    kind = Kind.YEARLESS if page.yearless else Kind.DAY if page.length <= MONTH else Kind.PUBLISHED
    yield from (Row(kind, page.first, page.last, *months) for months in page.months)


def _stated(said: Days, bounds: tuple[int, int], anchors: Sequence[date]) -> Iterator[Row]:
    if not said.yearless:
        kind = Kind.DAY if said.length <= MONTH else Kind.STATED
        yield from (Row(kind, said.first, said.last, *months) for months in said.months)
        return
    if not anchors:
        yield from (Row(Kind.YEARLESS, *bounds, *months) for months in said.months)
    for anchor in anchors:
        for kind, days in zip((Kind.DAY, Kind.NEAR), _nearest(said, anchor), strict=False):
            yield from (Row(kind, days.first, days.last, *months) for months in days.months)


def _nearest(said: Days, anchor: date) -> list[Days]:
    """The days in the year that brings them nearest to the anchor, then in another where that is not far either."""
    first, last = said.months[0][0], said.months[-1][1]
    years = (
        _days(y * 10_000 + first, (y + (last < first)) * 10_000 + last) for y in range(anchor.year - 1, anchor.year + 2)
    )
    real = [days for days in years if _real(days.first) and _real(days.last)]
    real.sort(key=lambda days: abs(day(days.first) - anchor))
    return real[:1] + [days for days in real[1:2] if abs(day(days.first) - anchor).days <= FAR]


def _real(number: int) -> bool:
    year, month = number // 10_000, number // 100 % 100
    return YEARS[0] <= year <= YEARS[1] and number % 100 <= monthrange(year, month)[1]


def _late(page: Days) -> Iterator[Row]:
    """An article that states no day may be about one just before it was published."""
    if page.yearless:
        for first, last in page.months:
            for months in _around(first, last, LATE, 0):
                yield Row(Kind.OPEN, FIRST, LAST, *months)
    elif page.length <= MONTH:
        yield from _near(day(page.first) - timedelta(days=LATE), day(page.first))


def _on(weekday: int, anchor: date) -> Iterator[Row]:
    """The days of that name just before and after the anchor."""
    before = anchor - timedelta(days=(anchor.weekday() - weekday) % 7)
    for each in (before, before + timedelta(days=7)):
        yield from _near(each, each)


def _near(first: date, last: date) -> Iterator[Row]:
    days = _days(number(first), number(last))
    yield from (Row(Kind.NEAR, days.first, days.last, *months) for months in days.months)


def _open(said: Sequence[Days], since: int) -> Iterator[Row]:
    """An article without a date of publication: about the days that it states without a year, else about any, since
    that day."""
    told = [months for each in said if each.yearless and _short(each) for months in each.months]
    for first, last in told:
        for months in _around(first, last, AROUND, AROUND):
            yield Row(Kind.OPEN, since, LAST, *months)
    if not told:
        yield Row(Kind.OPEN, since, LAST, *ANY_MONTH[0])


def _around(first: int, last: int, before: int, after: int) -> tuple[tuple[int, int], ...]:
    start, end = (day(20_000_000 + md) for md in (first, last))
    moved = number(start - timedelta(days=before)) % 10_000, number(end + timedelta(days=after)) % 10_000
    return _wrapped(*moved)
