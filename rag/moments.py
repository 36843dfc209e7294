"""Moments that a text tells of: dates as far as stated, and the words that count from another day."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from rag.dates import UNKNOWN_YEAR
from rag.figures import figures
from rag.numerals import numbers
from rag.time_words import Span, relative_days, spans

_NO_DAY = date(2001, 5, 17)  # relative words are told apart by what they would mean on this day
_RELATIVE = (
    "today", "yesterday", "day before yesterday", "this week", "last week", "past week", "last weekend", "this month",
    "last month", "past month", "this year", "last year", "past year",
)  # fmt: skip
_ALIKE = {"past week": "last week", "past month": "last month", "past year": "last year"}
_EDTF = re.compile(rf"([0-9]{{4}}|{UNKNOWN_YEAR})(?:-([0-9]{{2}}))?(?:-([0-9]{{2}}))?")
_LOOSE_YEAR = re.compile(
    r"(?<![\w.,/])(?<!\d[\-–])(?P<year>(?:1\d|20|21)\d\d)(?!\w(?<!s)|[%]|[.,]\d)|(?<=\d{4}[\-–])(?P<until>(?:19|20)\d\d)(?!\d)"
)
_LOOSE_DAY = re.compile(r"(?<![\w.,/\-])(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})(?![\w%]|[.,/\-][0-9])")
_DAY_ALONE = re.compile(
    r"\b(?:ngày|mùng|mồng)\s(?P<a>[0-3]?\d)(?![\d/.,\-]|\s?(?:tháng|giờ))"
    r"|\bon the (?P<b>[0-3]?\d)(?:st|nd|rd|th)\b|(?<![\d月])(?P<c>[0-3]?\d)[日号]"
    r"|\b(?P<d>[0-3]?\d)-го числа"
)
_RUSSIAN_FIRST = re.compile(  # "22–24 октября"
    r"(?<![\d.,])[0-3]?\d(?=\s?(?:[-–—]|и|по)\s?[0-3]?\d\s(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек))"
)
_MONTH_WORDS = ("giêng", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai", "một")
_VIETNAMESE_MONTH = re.compile(  # "tháng Hai", "tháng hai năm 1974"
    r"\btháng (?P<month>Mười (?:Một|Hai|một|hai)|Giêng|Một|Hai|Ba|Tư|Năm|Sáu|Bảy|Tám|Chín|Mười|"
    r"(?:mười (?:một|hai)|giêng|hai|ba|tư|năm|sáu|bảy|tám|chín|mười)(?= năm \d{4}))(?!\w)(?: năm (?P<year>\d{4}))?"
)
_ENGLISH_MONTHS = "January February March April May June July August September October November December".split()
_LOOSE_MONTH = re.compile(rf"(?:(?<=[\w,;] )|(?<=-))\b(?:{'|'.join(_ENGLISH_MONTHS)})\b(?! \d)")

Parts = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of a text: year, month and day as far as stated, of its end too where it is an interval.

    `kind` says which words that count from another day name it.
    """

    since: Parts
    until: Parts
    text: str
    start: int
    end: int
    kind: str | None = None

    @property
    def level(self) -> int:
        """2 where a day is stated, 1 a month, 0 a year; -1 for words that nothing dates."""
        return max((place for place, part in enumerate(self.since) if part is not None), default=-1)


def read(text: str, *, lang: str, published: str | None) -> tuple[Moment, ...]:
    """The dates that a text states, loosely: bare years, "13/7", a day alone; relative ones as of `published`."""
    day, with_year = day_of(published)
    counted = figures(text, lang=lang)
    starts = {figure.start for figure in counted}
    inside = {
        at for figure in counted for at in range(figure.start + 1, figure.end)
    }  # "tám năm sau" counts from elsewhere
    found = [
        moment
        for span in spans(text, lang=lang, today=day or _NO_DAY)
        if (moment := _moment(text, span, day, with_year, lang))
        and not (span.relative and span.start in inside)
        and not (moment.level == 0 and span.start in starts)  # "attended by 2000 guests"
    ]
    found += [moment for moment in _future(text, day, with_year) if moment.start not in inside]
    taken = {at for moment in found for at in range(moment.start, moment.end)}
    for moment in _loose(text):
        is_figure = moment.level == 0 and moment.start in starts
        if moment.start not in taken and not is_figure:
            found.append(moment)
    return tuple(found)


def _moment(text: str, span: Span, day: date | None, with_year: bool, lang: str) -> Moment | None:
    words, relative = text[span.start : span.end], span.relative
    if relative and any(numbers(words, lang=lang)):  # "the last nine months" is a figure
        return None
    first, last = parts_of(span.since), parts_of(span.until)
    kind = _kind(words) if relative else None
    if relative and day is None:
        first = last = (None, None, None)
    elif relative and not with_year:
        first, last = (None, *first[1:]), (None, *last[1:])
    return Moment(first, last, words, span.start, span.end, kind)


def parts_of(edtf: str | None) -> Parts:
    """Year, month and day of an EDTF date, each None where it is not stated."""
    match = _EDTF.match(edtf or "")
    if match is None:
        return None, None, None
    year = None if match[1] == UNKNOWN_YEAR else int(match[1])
    return year, int(match[2]) if match[2] else None, int(match[3]) if match[3] else None


def day_of(published: str | None) -> tuple[date | None, bool]:
    """The day of publication, in the year 2001 where it has none, and whether it has one."""
    year, month, day = parts_of(published)
    if not month or not day:
        return None, False
    try:
        return date(year or 2001, month, day), year is not None
    except ValueError:
        return None, False


@cache
def _kinds() -> dict[tuple[str, str], str]:
    return {next(iter(relative_days(words, _NO_DAY))): _ALIKE.get(words, words) for words in _RELATIVE}


def _kind(words: str) -> str | None:
    period = next(iter(relative_days(words, _NO_DAY)), None)
    return _kinds().get(period) if period else None


def _future(text: str, day: date | None, with_year: bool) -> Iterator[Moment]:
    for family, name, (start, end) in day_words(text):
        if family != "future":
            continue
        parts: Parts = (None, None, None)
        if day is not None:
            later = _later(name, day)
            parts = later if with_year else (None, *later[1:])
        yield Moment(parts, parts, text[start:end], start, end, name)


def _later(name: str, day: date) -> Parts:
    if name == "tomorrow":
        following = day + timedelta(days=1)
        return following.year, following.month, following.day
    if name == "next_month":
        return day.year + day.month // 12, day.month % 12 + 1, None
    return (day.year + 1, None, None) if name == "next_year" else (None, None, None)


def _loose(text: str) -> Iterator[Moment]:
    for match in _LOOSE_YEAR.finditer(text):
        parts: Parts = (int(match[0]), None, None)
        yield Moment(parts, parts, match[0], *match.span())
    for match in _LOOSE_DAY.finditer(text):
        day, month = int(match["day"]), int(match["month"])
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield Moment((None, month, day), (None, month, day), match[0], *match.span())
    for match in _DAY_ALONE.finditer(text):
        number = int(next(filter(None, match.groups())))
        if 1 <= number <= 31:
            yield Moment((None, None, number), (None, None, number), match[0], *match.span())
    for match in _RUSSIAN_FIRST.finditer(text):
        parts = (None, None, int(match[0]))
        yield Moment(parts, parts, match[0], *match.span())
    for match in _VIETNAMESE_MONTH.finditer(text):
        parts = (
            int(match["year"]) if match["year"] else None,
            _MONTH_WORDS.index(match["month"].lower()) % 12 + 1,
            None,
        )
        yield Moment(parts, parts, match[0], *match.span())
    for match in _LOOSE_MONTH.finditer(text):
        parts = (None, _ENGLISH_MONTHS.index(match[0]) + 1, None)
        yield Moment(parts, parts, match[0], *match.span())


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    families = tomllib.loads((files("rag") / "data" / "days.toml").read_text(encoding="utf-8"))
    return tuple(
        (family, name, re.compile("|".join(patterns), re.IGNORECASE))
        for family, rows in families.items()
        for name, patterns in rows.items()
    )


def day_words(text: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """The words of days.toml that a text uses: their family, which of it, and their span."""
    for family, name, pattern in _patterns():
        for match in pattern.finditer(text):
            yield family, name, match.span()
