"""The dates of a statement that the cited words, or what stands around them, do not bear out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.domain import Evidence
from rag.figures import figures
from rag.hours import Hour, hours
from rag.moments import Moment, Parts, day_of, day_words, parts_of, read
from rag.swaps import swapped

_SURE_WEEKDAY = re.compile(
    r"Thứ|(?:sáng|chiều|tối|trưa|đêm|hôm|vào|từ|đến) thứ \w+"
    r"|thứ \w+\s?(?:tuần|,\s?(?:ngày)?\s?\d|\(\d|ngày|vừa qua|này|tới)"
)
_PARTS_OF_DAY = {"morning": (0, 719), "noon": (660, 840), "afternoon": (720, 1110), "evening": (1020, 1740)}

_LONG_AGO = 31  # days
_LOOSE = ("turn", "month_part", "year_part")  # wrong only where the cited words say another
_SEASONS = {"spring": {2, 3, 4, 5}, "summer": {5, 6, 7, 8}, "autumn": {8, 9, 10, 11}, "winter": {11, 12, 1, 2}}
_PARTS_OF_MONTH = {"early": (1, 11), "mid": (9, 21), "late": (19, 31)}


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
    if not (claims or hours(statement) or any(day_words(statement))):
        return ()
    cited = [_told(each.text, each) for each in evidence]
    around = [_told(text, each) for each in evidence for text in (each.before, each.setting)]
    around.append(Told(tuple(m for each in evidence for m in _published(each)), frozenset(), ()))
    failed = [*_moments(claims, cited, around), *_words(statement, lang, cited, around)]
    failed += _hours(statement, cited, around)
    for each, told in zip(evidence, cited, strict=True):
        if each.lang == lang:
            failed += _swapped(claims, statement, each.text, told.moments)
    return tuple(sorted({(start, start + len(statement[start:end].rstrip(" .,;"))) for start, end in failed}))


def time_spans(statement: str, *, lang: str) -> list[tuple[int, int]]:
    """Where a statement tells of time: figures in these spans are no figures of their own."""
    found = [(moment.start, moment.end) for moment in read(statement, lang=lang, published=None)]
    found += [(hour.start, hour.end) for hour in hours(statement)]
    for family, _, (start, end) in day_words(statement):
        if family in ("quarter", "half_year") or (family == "weekday" and _sure_weekday(statement, start, end)):
            found.append((start, end))
    return found


def on_day_before(days: int, evidence: Evidence) -> bool:
    """Whether the cited words tell of the day so many days before the day of publication."""
    day, _ = day_of(evidence.published)
    if day is None or days > _LONG_AGO:
        return False
    told = day - timedelta(days=days)
    exact: Parts = (told.year, told.month, told.day)
    return any(
        moment.level == 2 and moment.since == moment.until and _fits((None, *exact[1:]), moment.since)
        for moment in _told(evidence.text, evidence).moments
    )


def _told(text: str, evidence: Evidence) -> Told:
    moments = read(text, lang=evidence.lang, published=evidence.published)
    words = frozenset((family, name) for family, name, _ in day_words(text))
    moments += tuple(
        Moment((None, None, None), (None, None, None), "", 0, 0, name) for family, name in words if family == "alike"
    )
    day, with_year = day_of(evidence.published)
    if day is not None and with_year:
        moments += tuple(_on(int(name), day, step) for family, name in words if family == "weekday" for step in (-7, 0))
    if day is not None and ("night", "last") in words:
        before = day - timedelta(days=1)
        parts: Parts = (before.year if with_year else None, before.month, before.day)
        moments += (Moment(parts, parts, "", 0, 0, "yesterday"),)
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
    parts = parts_of((evidence.published or "").partition("/")[0])
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
            pool = [*here, *_standing_around(claim, there)]
        if claim.kind is not None and any(claim.kind == moment.kind for moment in pool):
            continue
        if claim.level < 0:
            if claim.kind is not None or claim.text:
                yield claim.start, claim.end
            continue
        agreeing = [moment for moment in pool if _agree(claim, moment)]
        if claim.kind is not None and any(_falls_in(claim, moment) for moment in pool):
            continue
        if not agreeing or not _to_both_ends(claim, agreeing):
            yield claim.start, claim.end
        elif not any(_covered(claim, moment, here, there) for moment in agreeing):
            yield _unstated(claim)


def _swapped(claims: Sequence[Moment], statement: str, text: str, found: Sequence[Moment]) -> Iterator[tuple[int, int]]:
    """The claims in whose place the cited words have another date."""
    stated = [moment for moment in found if moment.text]
    for claim in claims:
        matching = [(text, moment.start, moment.end) for moment in stated if _agree(claim, moment)]
        rivals = [
            (text, moment.start, moment.end)
            for moment in stated
            if moment.level == claim.level and not any(_agree(one, moment) for one in claims)
        ]
        if matching and swapped((statement, claim.start, claim.end), matching, rivals):
            yield claim.start, claim.end


def _standing_around(claim: Moment, there: Sequence[Moment]) -> Sequence[Moment]:
    """What may date the cited words: the day of publication only where no other day stands around them."""
    stated = [moment for moment in there if moment.text]
    if claim.kind is None and claim.level == 2 and any(moment.level == 2 for moment in stated):
        return stated
    return there


def _agree(claim: Moment, moment: Moment) -> bool:
    """Whether the moment states what is finest in the claim, and contradicts nothing of it."""
    if claim.level < 0 or moment.level < 0:
        return False
    if claim.since != claim.until and moment.since != moment.until:
        return _fits(claim.since, moment.since) and _fits(claim.until, moment.until)
    if claim.since != claim.until:
        return _fits(claim.since, moment.since) or _fits(claim.until, moment.since)
    return _fits(claim.since, moment.since) or _fits(claim.since, moment.until)


def _to_both_ends(claim: Moment, agreeing: Sequence[Moment]) -> bool:
    """Whether each end of an interval is stated, in one place or two."""
    ends = [(moment.since, moment.until) for moment in agreeing]
    return all(any(_fits(end, one) or _fits(end, two) for one, two in ends) for end in (claim.since, claim.until))


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


def _falls_in(claim: Moment, moment: Moment) -> bool:
    """Whether a day that is told lies in the days of "this week" or "last weekend"."""
    if claim.level != 2 or claim.since == claim.until or not (moment.text or moment.kind == "weekday"):
        return False
    year = claim.since[0] if moment.since[0] is None else moment.since[0]
    days = [(year, *parts[1:]) for parts in (moment.since, moment.until)]
    return all(None not in day and _key(claim.since) <= _key(day) <= _key(claim.until) for day in days)


def _key(parts: Parts) -> tuple[int, int, int]:
    return parts[0] or 0, parts[1] or 0, parts[2] or 0


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
    for family, name, (start, end) in day_words(statement):
        if family in ("future", "alike", "night") or (family == "weekday" and not _sure_weekday(statement, start, end)):
            continue
        rivals = [other for other_family, other in here if other_family == family and other != name]
        if family in _LOOSE:
            off = rivals or (family == "month_part" and _off_days(name, cited))
            if off and (family, name) not in here:
                yield start, end
            continue
        near = rivals or (family == "weekday" and dated)
        pool, told = (here, cited) if near else (here | there, [*cited, *around])
        if (family, name) in pool or (family == "weekday" and _falls_on(int(name), told, years)):
            continue
        if (family == "part" and _within(name, told)) or (family == "season" and _in_season(name, cited)):
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


def _in_season(season: str, told: Iterable[Told]) -> bool:
    """Whether a month that is told falls in that season, as either half of Asia has it."""
    months = {parts[1] for each in told for moment in each.moments for parts in (moment.since, moment.until)}
    return not months.isdisjoint(_SEASONS[season])


def _off_days(part: str, told: Iterable[Told]) -> bool:
    """Whether days are told, and none of them in that part of a month."""
    days = {
        day for each in told for moment in each.moments if moment.text for day in (moment.since[2], moment.until[2])
    }
    first, last = _PARTS_OF_MONTH[part]
    return bool(days - {None}) and not any(day and first <= day <= last for day in days)


def _hours(statement: str, cited: Sequence[Told], around: Sequence[Told]) -> Iterator[tuple[int, int]]:
    here = [hour for told in cited for hour in told.hours]
    there = [hour for told in around for hour in told.hours]
    for hour in hours(statement):
        if not any(hour.agrees(other) for other in here or there):
            yield hour.start, hour.end
