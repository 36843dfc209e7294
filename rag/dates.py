"""Partial dates: what a text states of a date, in EDTF, and nothing that it leaves out.

EDTF is ISO 8601-2:2019: `2023-10-24`, `2023-10`, `2023`, `XXXX-10-24` where no year is stated, `A/B` for an interval.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

UNKNOWN_YEAR = "XXXX"

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_RUSSIAN = "янв фев мар апр мая июн июл авг сен окт ноя дек".split()
_MONTHS = {name: number for names in (_ENGLISH, _RUSSIAN) for number, name in enumerate(names, 1)}
_VIETNAMESE_LETTER = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]|tháng|ngày", re.IGNORECASE)

_MONTH_NAME = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_MONTH = _MONTH_NAME + r"\.?"
_YEAR = r"(?P<year>(?:1[0-9]|20|21)[0-9]{2})(?![0-9]|[.,][0-9])"
_AFTER = r"(?![0-9%]|[.,/:\-][0-9])"
_BEFORE = r"(?<![0-9A-Za-z/.,:\-])"
_TO = r"\s?(?:-|–|—|to|and|through|until|đến|tới|và|den|toi|va)\s?"
# What follows a quantity and not a day: "ngày 5-7 giờ", "1/3 dân số".
_QUANTITY = (
    r"(?!\s?(?:%|dân|số|tổng|diện|thành viên|phiếu|ghế|lượng|nhu cầu|người|giờ|lần|tiếng|phút|km|kg|tấn|triệu|tỷ|tỉ"
    r"|bữa|ly|độ|quãng|chặng|thế giới|của|các|trong số|world|of|people)\b)"
)
_YEAR_TAIL = r"(?:\s?(?:[/.\-]|,?\s?năm\s|,\s)\s?" + _YEAR + r")?"
_VI_YEAR_TAIL = r"(?:,?\snăm\s" + _YEAR + r")?"
_EN_YEAR_TAIL = r"(?:,?\s" + _YEAR + r")?"
_ORDINAL = r"(?:st|nd|rd|th)?"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as a text states it: `text == source[start:end]`, `edtf` says no more than that."""

    edtf: str
    text: str
    start: int
    end: int


def _edtf(year: str | None, month: int | None = None, day: int | None = None) -> str | None:
    """The EDTF of what is stated, or None where there is no such day."""
    if month is None:
        return year
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= _DAYS[month - 1]):
        return None
    if day == 29 and month == 2 and year is not None and not _leap(int(year)):
        return None
    stated = f"{year or UNKNOWN_YEAR}-{month:02d}"
    return stated if day is None else f"{stated}-{day:02d}"


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month(name: str) -> int:
    return int(name) if name.isdigit() else _MONTHS[name[:3].lower()]


def _stated(match: re.Match[str], lang: str) -> str | None:
    """Day, month and year groups, and `day2`, `month2`, `year2` where the text states an interval."""
    found = match.groupdict()
    year, month, day = found.get("year"), found.get("month"), found.get("day")
    number = _month(month) if month else None
    last, last_month = found.get("day2"), found.get("month2")
    if last is None:
        return _edtf(year, number, int(day) if day else None)
    end_month = _month(last_month) if last_month else number
    start = _edtf(year, number, int(day or 0))
    end = _edtf(year, end_month, int(last))
    if start is None or end is None or end <= start:
        return None
    return f"{start}/{end}"


def _numeric(match: re.Match[str], lang: str) -> str | None:
    """`24/10/2023`: day first in Vietnamese and with dots; elsewhere only where one reading is possible."""
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    day_first, month_first = _edtf(year, second, first), _edtf(year, first, second)
    if lang in ("vi", "ru") or match["sign"] == ".":
        return day_first or month_first
    if day_first and month_first and day_first != month_first:
        return str(year)
    return day_first or month_first


def _years(match: re.Match[str], lang: str) -> str | None:
    return f"{match['year']}/{match['year2']}" if match["year"] < match["year2"] else None


def _english(match: re.Match[str], lang: str) -> str | None:
    """A month name that is also a word ("may 5 people") counts with a capital, a year, or "on" before it."""
    if match["month"] in ("may", "mar", "march") and not match.groupdict().get("year"):
        before = match.string[max(0, match.start() - 8) : match.start()].lower()
        if not before.endswith((" on ", " since ", " until ", " from ", " before ", " after ")):
            return None
    return _stated(match, lang)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_Reading = Callable[[re.Match[str], str], str | None]

_DIGIT = re.compile(r"[0-9]")
_MONTH_ALONE = _pattern(
    r"(?=[adfjmnos])(?:(?<=\bin )|(?<=\blast )|(?<=\bsince )|(?<=\buntil )|(?<=\bearly )|(?<=\blate )|(?<=\bduring ))"
    + _MONTH_NAME.format("month")
)

_SHARED: tuple[tuple[re.Pattern[str], _Reading], ...] = (
    (
        _pattern(_BEFORE + r"(?P<year>[12][0-9]{3})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})(?![0-9])"),
        _stated,
    ),
    (
        _pattern(
            _BEFORE + r"(?:ngày\s)?(?P<first>[0-9]{1,2})(?P<sign>[/.\-])(?P<second>[0-9]{1,2})(?P=sign)"
            r"(?P<year>(?:1[0-9]|20|21)[0-9]{2})(?![0-9]|[/\-][0-9])"
        ),
        _numeric,
    ),
    (
        _pattern(
            r"(?:(?P<year>[12][0-9]{3})\s?年\s?)?(?<![0-9])(?P<month>[0-9]{1,2})\s?月\s?(?P<day>[0-9]{1,2})\s?[日号號]?"
            r"\s?[至到\-–—]\s?(?:(?P<month2>[0-9]{1,2})\s?月\s?)?(?P<day2>[0-9]{1,2})\s?[日号號]"
        ),
        _stated,
    ),
    (
        _pattern(
            r"(?:(?P<year>[12][0-9]{3})\s?年\s?)?(?<![0-9])(?P<month>[0-9]{1,2})\s?月\s?(?P<day>[0-9]{1,2})\s?[日号號]"
        ),
        _stated,
    ),
    (_pattern(r"(?<![0-9])(?P<year>[12][0-9]{3})\s?年(?:\s?(?P<month>[0-9]{1,2})\s?月)?"), _stated),
    (
        _pattern(
            _BEFORE
            + r"(?P<day>[0-9]{1,2})"
            + _ORDINAL
            + _TO
            + r"(?P<day2>[0-9]{1,2})"
            + _ORDINAL
            + r"\s(?:of\s)?"
            + _MONTH.format("month")
            + _EN_YEAR_TAIL
        ),
        _english,
    ),
    (
        _pattern(
            _BEFORE
            + r"(?P<day>[0-9]{1,2})"
            + _ORDINAL
            + r"[\s\-](?:of\s)?"
            + _MONTH.format("month")
            + r"(?:[,\-]?\s?"
            + _YEAR
            + r")?"
        ),
        _english,
    ),
    (
        _pattern(
            r"\b"
            + _MONTH.format("month")
            + r"\s?(?P<day>[0-9]{1,2})"
            + _ORDINAL
            + _TO
            + r"(?:"
            + _MONTH.format("month2")
            + r"\s)?(?P<day2>[0-9]{1,2})"
            + _ORDINAL
            + r"(?![0-9])"
            + _EN_YEAR_TAIL
        ),
        _english,
    ),
    (
        _pattern(
            r"\b" + _MONTH.format("month") + r",?\s?(?P<day>[0-9]{1,2})" + _ORDINAL + r"(?![0-9%]|[.:][0-9])"
            r"(?:[,/]?\s?" + _YEAR + r")?"
        ),
        _english,
    ),
    (_pattern(r"\b" + _MONTH.format("month") + r",?\s(?:of\s)?" + _YEAR), _english),
    (_MONTH_ALONE, _english),
    (
        _pattern(
            r"(?<![0-9.,/])(?P<day>[0-9]{1,2})\s(?P<month>января|февраля|марта|апреля|мая|июня|июля|августа|сентября"
            r"|октября|ноября|декабря)(?:\s" + _YEAR + r"(?:\sгода|\sг\.)?)?"
        ),
        _stated,
    ),
    (
        _pattern(
            r"\b(?:(?:giai đoạn|thời kỳ|nhiệm kỳ|niên khóa|các năm|năm|period|term|years|in|for|of)\s(?:từ\s|from\s)?)"
            r"(?P<year>(?:19|20)[0-9]{2})\s?[-–—]\s?(?P<year2>(?:19|20)[0-9]{2})(?![0-9])"
        ),
        _years,
    ),
    (
        _pattern(
            r"\b(?:from|between|từ(?: năm)?)\s(?P<year>(?:19|20)[0-9]{2})\s(?:to|and|until|đến|tới)(?: năm)?\s"
            r"(?P<year2>(?:19|20)[0-9]{2})(?![0-9])"
        ),
        _years,
    ),
    (
        _pattern(
            r"(?=[12])(?:(?<=\bin )|(?<=\bsince )|(?<=\bby )|(?<=\buntil )|(?<=\bfrom )|(?<=\bearly )|(?<=\blate )"
            r"|(?<=\bof )|(?<=\byear ))(?P<year>(?:19|20)[0-9]{2})(?![0-9A-Za-z%]|[.,:/\-][0-9])"
            r"(?!\s(?:people|troops|soldiers|dollars|ton|tonnes|tons|km|miles|cases|jobs|m[e]?t|points|percent|feet))"
        ),
        _stated,
    ),
)

_VIETNAMESE: tuple[tuple[re.Pattern[str], _Reading], ...] = (
    (
        _pattern(
            _BEFORE + r"(?:ngày\s|ngay\s)?(?P<day>[0-9]{1,2})" + _TO + r"(?:ngày\s|ngay\s)?(?P<day2>[0-9]{1,2})"
            r"/(?P<month>[0-9]{1,2})" + _AFTER.replace("/", "") + _YEAR_TAIL + _AFTER + _QUANTITY
        ),
        _stated,
    ),
    (
        _pattern(
            r"(?:\b(?:ngày|ngay)\s)?" + r"(?<![0-9.,/])(?:mùng |mồng )?(?P<day>[0-9]{1,2})\s(?:tháng|thang)\s"
            r"(?P<month>[0-9]{1,2})(?![0-9])" + r"(?:(?:\s?[/\-]\s?|,\s|,?\snăm\s|\snam\s)" + _YEAR + r")?"
        ),
        _stated,
    ),
    (
        _pattern(
            r"\b(?:tháng|thang)\s?(?P<month>[0-9]{1,2})(?![0-9]|[.,][0-9])(?:(?:\s?[/.\-]\s?|,?\snăm\s|\snam\s)"
            + _YEAR
            + r")?"
        ),
        _stated,
    ),
    (_pattern(r"(?<!việt )(?<!viet )\b(?:năm|nam)\s" + _YEAR + r"(?!\s?[-–—]\s?[0-9])"), _stated),
    (
        _pattern(
            r"(?<![0-9A-Za-z])(?:ngày\s|ngay\s|(?<=sáng )|(?<=trưa )|(?<=chiều )|(?<=tối )|(?<=đêm )|(?<=hôm )"
            r"|(?<=lễ )|(?<=mùng )|(?<=mồng ))(?P<day>[0-9]{1,2})\s?[/.\-]\s?(?P<month>[0-9]{1,2})"
            + _AFTER
            + _VI_YEAR_TAIL
            + _QUANTITY
        ),
        _stated,
    ),
    (
        _pattern(
            r"(?=[0-9])(?:(?<=\bmai )|(?<=\bnay )|(?<=\bqua )|(?<=\btừ )|(?<=\bđến )|(?<=\btới )|(?<=\btrước )"
            r"|(?<=\bsau )|(?<=\bvà )|(?<=\bdịp )|(?<=\bkhánh )|(?<=\bhai )|(?<=\bba )|(?<=\btư )|(?<=\bnăm )"
            r"|(?<=\bsáu )|(?<=\bbảy )|(?<=\bnhật )|(?<=\())(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})"
            + _AFTER
            + _VI_YEAR_TAIL
            + _QUANTITY
        ),
        _stated,
    ),
    (
        _pattern(
            r"(?<![0-9A-Za-z/.,:\-])(?!24/7)(?P<day>1[3-9]|2[0-9]|3[01])/(?P<month>[0-9]{1,2})"
            + _AFTER
            + _VI_YEAR_TAIL
            + _QUANTITY
        ),
        _stated,
    ),
)


# What is in the source of a pattern, and the words in lower case of which a text that it matches has one.
_NEEDED = (
    ("jan(?:uary)?", tuple(_ENGLISH)),
    ("января", tuple(_RUSSIAN)),
    (r"\s?年", ("年", "月")),
    ("giai đoạn", tuple("giai đoạn|thời kỳ|nhiệm kỳ|niên khóa|năm|period|term|years|in|for|of".split("|"))),
    ("from|between", ("from", "between", "từ")),
    (r"(?:tháng|thang)\s", ("tháng", "thang")),
    (r"(?:năm|nam)\s", ("năm", "nam")),
    ("/(?P<month>", ("/",)),
)


def _needed(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Words of which a text that a pattern matches has one; () where none are known."""
    return next((words for part, words in _NEEDED if part in pattern.pattern), ())


@cache
def _patterns(lang: str, digits: bool) -> tuple[tuple[tuple[str, ...], re.Pattern[str], _Reading], ...]:
    """The patterns for a text, with or without digits, each with the words that it needs."""
    if not digits:
        return ((("in ", "last ", "since ", "until ", "early ", "late ", "during "), _MONTH_ALONE, _english),)
    return tuple(
        (_needed(pattern), pattern, reading)
        for pattern, reading in (_SHARED + _VIETNAMESE if lang == "vi" else _SHARED)
    )


def _candidates(text: str, lang: str) -> Iterator[PartialDate]:
    lower = text.lower()
    for words, pattern, reading in _patterns(lang, bool(_DIGIT.search(text))):
        if words and not any(word in lower for word in words):
            continue
        for match in pattern.finditer(text):
            edtf = reading(match, lang)
            if edtf is not None:
                yield PartialDate(edtf, match[0], match.start(), match.end())


def find_dates(text: str, *, lang: str | None = None) -> tuple[PartialDate, ...]:
    """The dates that a text states, in order, without overlaps. A year that nobody states stays `XXXX`.

    `lang` decides how `03/04/2023` is read: day first in Vietnamese, year alone where both readings are possible.
    Without it, Vietnamese letters decide. Fractions, scores, phone numbers and durations are not dates.
    """
    reading = lang or ("vi" if _VIETNAMESE_LETTER.search(text) else "en")
    found = sorted(_candidates(text, reading), key=lambda date: (date.start, -date.end))
    kept: list[PartialDate] = []
    for date in found:
        if not kept or date.start >= kept[-1].end:
            kept.append(date)
    return tuple(kept)


_ISO = re.compile(r"(?P<year>[12][0-9]{3})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})(?![0-9])")
_PARTIAL = re.compile(r"(?P<year>[12][0-9]{3}|XXXX)(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?[?~%]?")


def normalise_published(value: str, *, lang: str | None = None) -> str | None:
    """The EDTF of a publication date in metadata (ISO 8601, RFC 822, `24/10/2023 15:30`, a partial date), or None.

    The day is the one that is stated: no time zone moves it.
    """
    value = value.strip()[:200]
    partial = _PARTIAL.fullmatch(value)
    if partial and _stated(partial, "en"):
        return value if partial["month"] or partial["year"] != UNKNOWN_YEAR else None
    iso = _ISO.match(value)
    if iso:
        return _stated(iso, "en")
    return next((date.edtf for date in find_dates(value, lang=lang)), None)
