"""When an event happened: the days that a sentence states, and the year that an article's other words imply."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from rag.dates import UNKNOWN_YEAR, find_dates
from rag.domain import Citation, EventDate
from rag.event_kinds import SENTENCE_MOST, data
from rag.moments import day_of, parts_of
from rag.reading import Reading
from rag.time_words import relative_days, spans

_NO_YEAR = f"{UNKNOWN_YEAR}-"
_NO_DAY = date(2001, 5, 17)
_PLANNED = 80  # characters before a day in which it may say that it is to come
_AHEAD = 3  # times that a day to come counts as further off than a past one
_WEEKDAY = re.compile(
    r"\b(?:(?P<which>next|coming|this|last)\s+)?(?:(?P<en>mon|tues|wednes|thurs|fri|satur|sun)day)\b(?:\s+(?:morning|afternoon|evening|night))?"
    r"|\b(?:(?:sáng|trưa|chiều|tối|đêm|ngày)\s+)?(?P<vi>thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\s+nhật)\b(?:\s+(?P<after>tới|sau(?=\s*(?:[.,;)\n]|$))|tuần\s+sau|tuần\s+trước|tuần\s+này))?"
    r"|(?:周|星期|礼拜)(?P<zh>[一二三四五六日天])",
    re.IGNORECASE,
)
_EN = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_VI = ("hai", "ba", "tư", "năm", "sáu", "bảy", "nhật")
_ZH = "一二三四五六日"
_VAGUE = re.compile(
    r"\b(?:gần đây|mới đây|vừa qua|cuối tuần|đầu tuần(?: này)?|recently|at the weekend"
    r"|(?:earlier|later) this (?:week|month))\b|近日|日前|周末",
    re.IGNORECASE,
)
_DATED = re.compile(  # without any of these no words date anything
    r"\d|\b(?:today|yesterday|tomorrow|week|month|year|weekend|recently|last|this|next|now|day|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tues|wednes|thurs|fri|satur|sun)"
    r"|\b(?:(?:hôm|ngày|sáng|trưa|chiều|tối|đêm) (?:nay|qua|kia|mai|hôm)|tuần|tháng"
    r"|năm (?:nay|ngoái|qua|trước|sau|tới|rồi)"
    r"|thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật|(?:gần|mới) đây|vừa qua|cùng ngày)\b"
    r"|[\u0400-\u04ff]|[年月日周天昨今明前近星礼]",
    re.IGNORECASE,
)
_HANZI_DAY = re.compile(r"(?<![\d月至到-])([1-3]?\d)日(?![至到-])")
_THIS_PART = re.compile(
    r"\b(?:rạng sáng|sáng|trưa|chiều|tối|đêm) nay\b|\b(?:this (?:morning|afternoon|evening)|tonight)\b|今[晨早晚]",
    re.IGNORECASE,
)
_WEEKEND = re.compile(r"\b(?:at|over|during) the weekend\b|周末", re.IGNORECASE)
_LOOSE = re.compile(
    r"(?<![\w.,/\-])(?P<day>[0-3]?\d)/(?P<month>1[0-2]|0?[1-9])(?:/(?P<year>20\d\d))?(?![\w%]|[.,/\-][0-9])"
)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "một one 一", "hai two 二", "ba three 三", "bốn four 四", "năm five 五", "sáu six 六", "bảy seven 七",
            "tám eight 八", "chín nine 九", "mười ten 十", "eleven",
        ),
        1,
    )
    for word in words.split()
} | {"mười một": 11}  # fmt: skip
_QUARTERS = {"I": 3, "II": 6, "III": 9, "IV": 12, "first": 3, "second": 6, "third": 9, "fourth": 12}


@dataclass(frozen=True, slots=True)
class Day:
    """Date words: EDTF as of the publication, None where nothing dates them; `ahead` where they look forward."""

    edtf: str | None
    start: int
    end: int
    relative: bool = False
    ahead: bool = False

    @property
    def level(self) -> int:
        """2 where it is a day, 1 a month, 0 a year; -1 for words that nothing dates."""
        parts = parts_of(self.edtf)
        return max((place for place, part in enumerate(parts) if part is not None), default=-1)


def days(reading: Reading, start: int, end: int) -> list[Day]:
    """The date words between two characters, in order, without overlaps.

    A date without a year gets that of the publication where the page states one in full, the nearest to it; weekdays
    and "hôm qua" count from that day, else nothing dates them.
    """
    text = reading.text[start : min(end, start + SENTENCE_MOST)]
    if not may_date(text):
        return []
    published, with_year = _published(reading)
    found = list(_stated(text, reading.lang, published if with_year else None))
    found += _weekdays(text, published if with_year else None, found)
    found += _loose(text, found, published if with_year else None)
    found += _today(text, published if with_year else None, found)
    found += [Day(None, m.start(), m.end(), True) for m in _VAGUE.finditer(text)]
    kept: list[Day] = []
    for day in sorted(found, key=lambda day: (day.start, day.edtf is None, -day.end)):
        if not kept or day.start >= kept[-1].end:
            kept.append(day)
    return [Day(day.edtf, start + day.start, start + day.end, day.relative, day.ahead) for day in kept]


def may_date(words: str) -> bool:
    """Whether words can date something: a quick look that misses nothing."""
    return bool(_DATED.search(words))


def event_date(reading: Reading, day: Day) -> EventDate:
    """The date of an event with its words, and the year that the article implies where none is stated."""
    citation = reading.cite(day.start, day.end)
    year, by = implied_year(reading, day) if not (day.edtf or "XXXX")[:4].isdigit() else (None, None)
    return EventDate(day.edtf, citation.quote, citation, year, by)


def in_year_of(date: EventDate, news: EventDate | None) -> EventDate:
    """The date of what was before the news, in the year that the article implies for the news: "hồi tháng 5"."""
    if date.implied_year or news is None or news.implied_year is None or not (date.edtf or "").startswith(_NO_YEAR):
        return date
    month, day = parts_of(date.edtf)[1:]
    if month is None or (month, day or 0) > (parts_of(news.edtf)[1] or 0, parts_of(news.edtf)[2] or 0):
        return date
    return replace(date, implied_year=news.implied_year, implied_by=news.implied_by)


def implied_year(reading: Reading, day: Day) -> tuple[str | None, Citation | None]:
    """The year that what the article tells as the present state implies for a day, and where; none where two are."""
    text = reading.text[:100_000]
    found: dict[str, tuple[int, int]] = {}
    month = parts_of(day.edtf)[1]
    for pattern in _implying(reading.lang):
        for match in pattern.finditer(text):
            if _compared().search(text[max(0, match.start() - 40) : match.start()]):
                continue
            if month is not None and month < _months(match):
                continue
            found.setdefault(match["year"], match.span())
    if len(found) != 1:
        return None, None
    year, span = found.popitem()
    return year, reading.cite(*span)


def _months(match: re.Match[str]) -> int:
    """How many months of the year have gone by, at least, when this is said."""
    told = match.groupdict()
    if told.get("months"):
        words = told["months"].lower()
        return int(words) if words.isdigit() else _NUMBERS.get(words, 0)
    if told.get("quarter"):
        return int(told["quarter"]) * 3 if told["quarter"].isdigit() else _QUARTERS.get(told["quarter"], 0)
    return 6 if told.get("half") else 0


@cache
def _implying(lang: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in data()["implied_year"].get(lang, []))


@cache
def _compared() -> re.Pattern[str]:
    return re.compile(data()["implied_year"]["compared"], re.IGNORECASE)


def _published(reading: Reading) -> tuple[date | None, bool]:
    """The day that relative words count from: of publication, else the last that the title states with its year."""
    source = reading.article.source
    published, with_year = day_of(source.published)
    if with_year or not source.title:
        return published, with_year
    titled = [found.edtf.rpartition("/")[2] for found in find_dates(source.title, lang=reading.lang)]
    dated = [day_of(edtf) for edtf in titled]
    return next(((day, True) for day, known in reversed(dated) if known), (published, False))


def _stated(text: str, lang: str, published: date | None) -> list[Day]:
    found = []
    for span in spans(text, lang=lang, today=published or _NO_DAY):
        words = text[span.start : span.end]
        if span.relative:
            edtf = _period(span.since, span.until) if published and not _counted(words) else None
            if not _counted(words):
                found.append(Day(edtf, span.start, span.end, True))
            continue
        planned = bool(_planned(lang).search(text[max(0, span.start - _PLANNED) : span.start]))
        since, until = (_completed(edtf, published, planned=planned) for edtf in (span.since, span.until))
        edtf = _period(since, until)
        found.append(Day(edtf, span.start, span.end, False, _is_after(since, published)))
    for name, start, end in _future(text):
        following = published + timedelta(days=1) if published and name == "tomorrow" else None
        found = [day for day in found if not start <= day.start < end]
        later = next((day for day in found if end <= day.start <= end + 2), None)
        if later:
            found = [day for day in found if day is not later] + [Day(later.edtf, start, later.end, True, True)]
        else:
            found.append(Day(following.isoformat() if following else None, start, end, True, True))
    return found


def _future(text: str) -> Iterator[tuple[str, int, int]]:
    for name, pattern in _ahead():
        for match in pattern.finditer(text):
            yield name, match.start(), match.end()


@cache
def _ahead() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The words of days.toml for days to come."""
    rows = tomllib.loads((files("rag") / "data" / "days.toml").read_text(encoding="utf-8"))["future"]
    return tuple((name, re.compile("|".join(patterns), re.IGNORECASE)) for name, patterns in rows.items())


def _counted(words: str) -> bool:
    """ "the last five years" is how long something took."""
    return bool(re.search(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b", words))


def _period(since: str | None, until: str | None) -> str | None:
    if since is None or until is None or since == until:
        return since
    return f"{since}/{until}"


def _completed(edtf: str | None, published: date | None, *, planned: bool = False) -> str | None:
    """A date without a year, in the year nearest to the publication; a planned one may be further off."""
    year, month, day = parts_of(edtf)
    if published is None or edtf is None or year is not None or month is None:
        return edtf
    near = []
    for candidate in (published.year - 1, published.year, published.year + 1):
        try:
            near.append(date(candidate, month, day or 15))
        except ValueError:
            continue
    if not near:
        return edtf
    nearest = min(near, key=lambda each: (_off(each, published, planned), each))
    return f"{nearest.year:04}{edtf[4:]}"


def _off(day: date, published: date, planned: bool) -> int:
    """How far a day is from publication: what is to come is told of sooner than what was."""
    ahead = 1 if planned else _AHEAD
    return (published - day).days if day <= published else (day - published).days * ahead


@cache
def _planned(lang: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{data()['planned'].get(lang, '(?!)')})(?:\s[^.;:,]{{0,50}})?$", re.IGNORECASE)


def _is_after(edtf: str | None, published: date | None) -> bool:
    """Whether a date is after the publication, a day for the clocks left out."""
    if published is None or edtf is None or not edtf[:4].isdigit():
        return False
    return edtf > (published + timedelta(days=1)).isoformat()[: len(edtf)]


def _weekdays(text: str, published: date | None, stated: Sequence[Day]) -> list[Day]:
    found = []
    for match in _WEEKDAY.finditer(text):
        beside = [day for day in stated if day.start <= match.end() + 3 and match.start() <= day.end + 3]
        if any(day.level == 2 and not day.relative for day in beside):
            continue
        ahead = bool(re.match(r"next|coming|tới|sau|tuần\s+sau", match["which"] or match["after"] or "", re.IGNORECASE))
        if match["vi"] and not _is_day(match, text):
            continue
        edtf = None
        if published is not None:
            edtf = _weekday(match, published, ahead).isoformat()
        found.append(Day(edtf, match.start(), match.end(), True, ahead))
    return found


def _today(text: str, published: date | None, stated: Sequence[Day]) -> Iterator[Day]:
    """ "sáng nay" where the page says which day that is, and no other day is told."""
    if published and not any(day.level == 2 for day in stated):
        for match in _THIS_PART.finditer(text):
            yield Day(published.isoformat(), match.start(), match.end(), True)


def _is_day(match: re.Match[str], text: str) -> bool:
    """Whether "thứ hai" is Monday and not "second": with a capital, or with a part of the day before or after it."""
    words = match["vi"]
    if re.match(r"chủ", words, re.IGNORECASE):
        return True
    capital = words.split()[-1][:1].isupper()
    return capital or match.group()[:4].lower() in ("sáng", "trưa", "chiề", "tối ", "đêm ") or bool(match["after"])


def _weekday(match: re.Match[str], published: date, ahead: bool) -> date:
    if match["en"]:
        number = _EN.index(match["en"].lower())
    elif match["vi"]:
        last = match["vi"].split()[-1].lower()
        number = int(last) - 2 if last.isdigit() else _VI.index(last)
    else:
        number = _ZH.index(match["zh"].replace("天", "日"))
    back = (published.weekday() - number) % 7
    if ahead:
        return published + timedelta(days=(7 - back) % 7 or 7)
    if (match["which"] or "").lower() == "last" and back == 0:
        back = 7
    return published - timedelta(days=back)


def _loose(text: str, stated: Sequence[Day], published: date | None) -> list[Day]:
    """ "cuộc gặp 8/5", where no figure of another kind can be meant; the weekend."""
    found = []
    for match in _LOOSE.finditer(text):
        if any(day.start <= match.start() < day.end for day in stated) or int(match["day"]) not in range(1, 32):
            continue
        if re.search(r"(?:\d|khoảng|hơn|gần|tỷ lệ|chiếm)\s$", text[max(0, match.start() - 8) : match.start()]):
            continue
        edtf = f"{match['year'] or UNKNOWN_YEAR}-{int(match['month']):02}-{int(match['day']):02}"
        found.append(Day(_completed(edtf, published), match.start(), match.end()))
    if published is not None:
        for match in _HANZI_DAY.finditer(text) if not stated else ():
            day = published.replace(day=1) - timedelta(days=1) if int(match[1]) > published.day else published
            if int(match[1]) <= day.day:
                found.append(Day(day.replace(day=int(match[1])).isoformat(), *match.span()))
        for match in _WEEKEND.finditer(text):
            period = next(relative_days("last weekend", published))
            found.append(Day(_period(*period), match.start(), match.end(), True))
    return found
