"""The dates of a statement that the cited words, or what stands around them, do not bear out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from rag.dates import UNKNOWN_YEAR
from rag.domain import Evidence
from rag.figures import figures
from rag.hours import Hour, hours
from rag.numerals import numbers
from rag.time_words import Span, relative_days, spans

_NO_DAY = date(2001, 5, 17)  # relative words are told apart by what they would mean on this day
_RELATIVE = (
    "today", "yesterday", "day before yesterday", "this week", "last week", "past week", "last weekend", "this month", "last month",
    "past month", "this year", "last year", "past year",
)  # fmt: skip
_ALIKE = {"past week": "last week", "past month": "last month", "past year": "last year"}
_EDTF = re.compile(rf"([0-9]{{4}}|{UNKNOWN_YEAR})(?:-([0-9]{{2}}))?(?:-([0-9]{{2}}))?")
_LOOSE_YEAR = re.compile(
    r"(?<![\w.,/])(?<!\d[\-–])(?P<year>(?:1[6-9]|20|21)\d\d)(?!\w(?<!s)|[%]|[.,]\d)|(?<=\d{4}[\-–])(?P<until>(?:19|20)\d\d)(?!\d)"
)
_LOOSE_DAY = re.compile(r"(?<![\w.,/\-])(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})(?![\w%]|[.,/\-][0-9])")
_DAY_ALONE = re.compile(
    r"\b(?:ngày|mùng|mồng)\s(?P<a>[0-3]?\d)(?![\d/.,\-]|\s?(?:tháng|giờ))|\bon the (?P<b>[0-3]?\d)(?:st|nd|rd|th)\b|(?<!月)(?<![\d月])(?P<c>[0-3]?\d)[日号]"
    r"|\b(?P<d>[0-3]?\d)-го числа"
)
_ENGLISH_MONTHS = "January February March April May June July August September October November December".split()
_LOOSE_MONTH = re.compile(rf"(?<=[\w,;] )\b(?:{'|'.join(_ENGLISH_MONTHS)})\b(?! \d)")
_SURE_WEEKDAY = re.compile(
    r"Thứ|(?:sáng|chiều|tối|trưa|đêm|hôm|vào|từ|đến|và) thứ \w+|thứ \w+\s?(?:tuần|,\s?(?:ngày)?\s?\d|\(|ngày|vừa qua|này|tới)"
)
_PARTS_OF_DAY = {"morning": (0, 719), "noon": (660, 840), "afternoon": (720, 1110), "evening": (1020, 1740)}

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


@dataclass(frozen=True, slots=True)
class Told:
    """What a text tells of time."""

    moments: tuple[Moment, ...]
    words: frozenset[tuple[str, str]]
    hours: tuple[Hour, ...]


def unsupported_dates(statement: str, *, lang: str, evidence: Sequence[Evidence]) -> tuple[tuple[int, int], ...]:
    """The spans of the statement's dates, weekdays, hours and other words of time that the evidence does not support.

    A date must agree with one of the cited words; what surrounds them (title, first sentence, sentence before, day of
    publication) counts where the cited words hold no other date of that kind. A year must stand somewhere.
    """
    anchor = next((each.published for each in evidence if each.published), None)
    claims = read(statement, lang=lang, published=anchor)
    cited = [_told(each.text, each) for each in evidence]
    around = [_told(text, each) for each in evidence for text in (each.before, each.setting)]
    around.append(Told(tuple(m for each in evidence for m in _published(each)), frozenset(), ()))
    failed = [*_moments(claims, cited, around), *_words(statement, lang, cited, around)]
    failed += _hours(statement, cited, around)
    return tuple(sorted({(start, start + len(statement[start:end].rstrip(" .,;"))) for start, end in failed}))


def time_spans(statement: str, *, lang: str) -> list[tuple[int, int]]:
    """Where a statement tells of time: figures in these spans are no figures of their own."""
    found = [(moment.start, moment.end) for moment in read(statement, lang=lang, published=None)]
    found += [(hour.start, hour.end) for hour in hours(statement)]
    return found + [span for family, _, span in _time_words(statement) if family in ("quarter", "half_year", "weekday")]


def read(text: str, *, lang: str, published: str | None) -> tuple[Moment, ...]:
    """The dates that a text states, loosely: bare years, "13/7", a day alone; relative ones as counted from `published`."""
    day, with_year = _day_of(published)
    found = [
        moment
        for span in spans(text, lang=lang, today=day or _NO_DAY)
        if (moment := _moment(text, span, day, with_year, lang))
    ]
    found += _future(text, day, with_year)
    taken = {at for moment in found for at in range(moment.start, moment.end)}
    figure_starts = {figure.start for figure in figures(text, lang=lang)}
    for moment in _loose(text):
        if moment.start not in taken and moment.start not in figure_starts:
            found.append(moment)
    return tuple(found)


def _moment(text: str, span: Span, day: date | None, with_year: bool, lang: str) -> Moment | None:
    since, until = span.since, span.until
    start, end, relative = span.start, span.end, span.relative
    words = text[start:end]
    if relative and any(numbers(words, lang=lang)):  # "the last nine months" is a figure
        return None
    first, last = _parts(span.since), _parts(span.until)
    kind = _kind(words) if relative else None
    if relative and day is None:
        first = last = (None, None, None)
    elif relative and not with_year:
        first, last = (None, *first[1:]), (None, *last[1:])
    return Moment(first, last, words, span.start, span.end, kind)


def _parts(edtf: str | None) -> Parts:
    match = _EDTF.match(edtf or "")
    if match is None:
        return None, None, None
    year = None if match[1] == UNKNOWN_YEAR else int(match[1])
    return year, int(match[2]) if match[2] else None, int(match[3]) if match[3] else None


def _day_of(published: str | None) -> tuple[date | None, bool]:
    """The day of publication, in the year 2001 where it has none, and whether it has one."""
    year, month, day = _parts(published)
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
    for family, name, (start, end) in _time_words(text):
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


def _time_words(text: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    for family, name, pattern in _patterns():
        for match in pattern.finditer(text):
            yield family, name, match.span()


def _told(text: str, evidence: Evidence) -> Told:
    moments = read(text, lang=evidence.lang, published=evidence.published)
    words = frozenset((family, name) for family, name, _ in _time_words(text))
    day, with_year = _day_of(evidence.published)
    if day is not None and with_year:
        moments += tuple(_on(int(name), day, step) for family, name in words if family == "weekday" for step in (-7, 0))
    clocks = list(hours(text))
    clocks += [
        Hour(int(figure.value) % 24 * 60, figure.start, figure.end, figure.value > 12)
        for figure in figures(text, lang=evidence.lang)
        if figure.unit == "hour" and figure.value == int(figure.value) and figure.value <= 24
    ]
    return Told(moments, words, tuple(clocks))


def _on(weekday: int, day: date, step: int) -> Moment:
    """The day of that name up to the day itself, or (step 0) after it."""
    back = (day.weekday() - weekday) % 7
    found = day - timedelta(days=back) if step else day + timedelta(days=7 - back)
    parts: Parts = (found.year, found.month, found.day)
    return Moment(parts, parts, "", 0, 0, "weekday")


def _published(evidence: Evidence) -> Iterator[Moment]:
    parts = _parts((evidence.published or "").partition("/")[0])
    if any(parts):
        yield Moment(parts, parts, "", 0, 0, "today")


def _moments(claims: Sequence[Moment], cited: Sequence[Told], around: Sequence[Told]) -> Iterator[tuple[int, int]]:
    here = [moment for told in cited for moment in told.moments]
    there = [moment for told in around for moment in told.moments]
    used = [moment for moment in here if any(_agree(claim, moment) for claim in claims)]
    for claim in claims:
        pool = here
        rivals = [
            each for each in here if each.level >= max(claim.level, 0) and each not in used and each.kind != "weekday"
        ]
        if not rivals:
            pool = [*here, *there]
        if claim.kind is not None and any(claim.kind == moment.kind for moment in pool):
            continue
        if claim.level < 0:
            if claim.kind is not None or claim.text:
                yield claim.start, claim.end
            continue
        agreeing = [moment for moment in pool if _agree(claim, moment)]
        if not agreeing:
            yield claim.start, claim.end
        elif not any(_covered(claim, moment, here, there) for moment in agreeing):
            yield _unstated(claim)


def _agree(claim: Moment, moment: Moment) -> bool:
    """Whether the moment states what is finest in the claim, and contradicts nothing of it."""
    if claim.level < 0 or moment.level < 0:
        return False
    if claim.since != claim.until and moment.since != moment.until:
        return _fits(claim.since, moment.since) and _fits(claim.until, moment.until)
    if claim.since != claim.until:
        return _fits(claim.since, moment.since) or _fits(claim.until, moment.since)
    return _fits(claim.since, moment.since) or _fits(claim.since, moment.until)


def _fits(claim: Parts, stated: Parts) -> bool:
    finest = max((place for place, part in enumerate(claim) if part is not None), default=-1)
    if finest < 0 or stated[finest] is None:
        return False
    return all(one == other or one is None or other is None for one, other in zip(claim, stated, strict=True))


def _covered(claim: Moment, moment: Moment, here: Sequence[Moment], there: Sequence[Moment]) -> bool:
    """Whether the year and month that the claim has beyond the moment stand elsewhere."""
    for place, part in enumerate(claim.since):
        if part is None or moment.since[place] is not None:
            continue
        near = {parts[place] for each in here for parts in (each.since, each.until)} - {None}
        far = {parts[place] for each in there for parts in (each.since, each.until)} - {None}
        if part not in (near if near and place == 0 else near | far):
            return False
    return True


def _unstated(claim: Moment) -> tuple[int, int]:
    """The year alone, where it is written out: it is what nobody states."""
    year = str(claim.since[0] or "")
    at = claim.text.find(year) if year else -1
    return (claim.start + at, claim.start + at + len(year)) if at >= 0 else (claim.start, claim.end)


def _words(statement: str, lang: str, cited: Sequence[Told], around: Sequence[Told]) -> Iterator[tuple[int, int]]:
    here = frozenset().union(*(told.words for told in cited))
    there = frozenset().union(*(told.words for told in around))
    years = {moment.since[0] for told in (*cited, *around) for moment in told.moments} - {None}
    dated = any(moment.level == 2 for told in cited for moment in told.moments)
    for family, name, (start, end) in _time_words(statement):
        if family == "future" or (family == "weekday" and not _sure_weekday(statement, start, end)):
            continue
        rivals = [other for other_family, other in here if other_family == family and other != name]
        near = rivals or (family == "weekday" and dated)
        pool, told = (here, cited) if near else (here | there, [*cited, *around])
        if (family, name) in pool or (family == "weekday" and _falls_on(int(name), told, years)):
            continue
        if family == "part" and _within(name, told):
            continue
        yield start, end


def _sure_weekday(statement: str, start: int, end: int) -> bool:
    if not statement[start:end].lower().startswith("thứ"):
        return True
    around = statement[max(0, start - 5) : end + 10]
    return any(match.start() < 5 + len("thứ") for match in _SURE_WEEKDAY.finditer(around))


def _falls_on(weekday: int, told: Iterable[Told], years: Iterable[int | None]) -> bool:
    """Whether a date that is told falls on that day of the week, in its year or else in one of these."""
    for moment in (moment for each in told for moment in each.moments):
        year, month, day = moment.since
        for possible in [year] if year else years:
            if possible and month and day and _weekday(possible, month, day) == weekday:
                return True
    return False


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None


def _within(part: str, told: Iterable[Told]) -> bool:
    first, last = _PARTS_OF_DAY[part]
    return any(
        first <= minutes <= last
        for each in told
        for hour in each.hours
        for minutes in {hour.minutes, hour.minutes + 1440, hour.minutes + (0 if hour.sure else 720)}
    )


def _hours(statement: str, cited: Sequence[Told], around: Sequence[Told]) -> Iterator[tuple[int, int]]:
    here = [hour for told in cited for hour in told.hours]
    there = [hour for told in around for hour in told.hours]
    for hour in hours(statement):
        if not any(hour.agrees(other) for other in here or there):
            yield hour.start, hour.end
