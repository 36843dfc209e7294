"""Words of time in a text: dates in digits and names of months, and words that count from a day ("hôm qua")."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from rag.dates import UNKNOWN_YEAR, find_dates
from rag.text import fold, has_marks

HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class Span:
    """Date words before their surroundings are read."""

    since: str | None
    until: str | None
    start: int
    end: int
    relative: bool = False
    closed: bool = False
    year: int | None = None  # where it is a whole year counted from the clock: it can date what stands beside it


def spans(question: str, *, lang: str, today: date | None) -> list[Span]:
    """All of a question's date words, in order and without overlaps; without `today`, relative ones have no ends."""
    return _apart(_spans(question, lang, today))


def relative_days(text: str, today: date) -> Iterator[tuple[str, str]]:
    """The periods (first and last day or month or year, EDTF) that words such as "hôm qua" mean on that day."""
    for kind, _, _ in _relative_words(text, bare=False):
        since, until, _ = _counted_from(kind, today)
        yield since, until


# Words that count from a day


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("rag") / "data" / "periods.toml").read_text(encoding="utf-8"))


@cache
def _kinds(bare: bool) -> tuple[tuple[re.Pattern[str], ...], dict[str, str]]:
    """Patterns for all relative words, and which kind each is; `bare` adds Vietnamese without marks."""
    kinds: dict[str, str] = {}
    for kind, phrases in _data()["relative"].items():
        for phrase in phrases:
            kinds[phrase] = kind
            if bare and _vietnamese(phrase):
                kinds.setdefault(fold(phrase), kind)
    longest = sorted(map(re.escape, kinds), key=len, reverse=True)
    han = "|".join(phrase for phrase in longest if HAN.search(phrase))
    other = "|".join(phrase for phrase in longest if not HAN.search(phrase))
    first = "".join(sorted({phrase[0] for phrase in longest if not HAN.search(phrase)}))
    return (re.compile(han), re.compile(rf"\b(?=[{first}])(?:{other})\b", re.IGNORECASE)), kinds


def _vietnamese(phrase: str) -> bool:
    return has_marks(phrase) and not re.search("[\u0400-\u04ff\u3400-\u9fff]", phrase)


def _relative_words(text: str, *, bare: bool) -> Iterator[tuple[str, int, int]]:
    patterns, kinds = _kinds(bare)
    for match in (found for pattern in patterns for found in pattern.finditer(text)):
        kind = kinds[match[0].lower()]
        if not (_is_counted(text, match, bare) or _of_something(text, match)):
            yield kind, match.start(), match.end()


def _is_counted(text: str, match: re.Match[str], bare: bool) -> bool:
    """ "hai tuần trước", "những năm qua", and "Việt Nam nay" without marks."""
    words = _WORD.findall(text[max(0, match.start() - 24) : match.start()].lower())
    before = words[-1] if words and text[match.start() - 1 : match.start()] == " " else ""
    if bare and before in ("viet", "phia", "mien") and match[0].lower().startswith("nam"):
        return True
    open_end = fold(match[0]).endswith((" truoc", " qua", " roi")) and not fold(match[0]).startswith("hom")
    return open_end and (before.isdigit() or before in _counted(bare))


def _of_something(text: str, match: re.Match[str]) -> bool:
    """ "the last week of September", and capitals that make a name: "Russia Today"."""
    if match[0][0].isupper() and match[0].isascii() and match.start() > 0:
        return True
    return bool(re.match(r"\s+of\b(?!\s+(?:this|last)\b)|[相同][比期]", text[match.end() : match.end() + 20]))


@cache
def _counted(bare: bool) -> frozenset[str]:
    words = frozenset(_data()["counted"]["before"])
    return words | {fold(word) for word in words} if bare else words


def _counted_from(kind: str, today: date) -> tuple[str, str, int | None]:
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    month_before = first - timedelta(days=1)
    days = {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "day_before_yesterday": (today - timedelta(days=2), today - timedelta(days=2)),
        "this_week": (monday, monday + timedelta(days=6)),
        "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "past_week": (monday - timedelta(days=7), today),
        "last_weekend": (monday - timedelta(days=2), today if today.weekday() > 4 else monday - timedelta(days=1)),
        "past_month": (month_before.replace(day=1), today),
        "past_year": (_months_before(today, 12), today),
    }
    if kind in days:
        return days[kind][0].isoformat(), days[kind][1].isoformat(), None
    if kind.endswith("month"):
        month = (first if kind == "this_month" else month_before).isoformat()[:7]
        return month, month, None
    year = today.year - (kind == "last_year")
    return f"{year:04}", f"{year:04}", year


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(max(1, year), month + 1, min(day.day, 28))


_UNITS = {
    "day": r"days?|ngày|天|日|дн(?:я|ей)|день",
    "week": r"weeks?|tuần|周|个?星期|недел[ьию]",
    "month": r"months?|tháng|个?月|месяц(?:а|ев)?",
    "year": r"years?|năm|年|год(?:а)?|лет",
}


@cache
def _amounts(bare: bool) -> tuple[tuple[tuple[str, ...], re.Pattern[str], bool], ...]:
    """Patterns of "the last N days" and of "N days ago" (true), each with the words of which it needs one."""
    number = "|".join([r"[0-9]{1,3}", *sorted(map(re.escape, _numbers(bare)), key=len, reverse=True)])
    unit = "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items())
    ago = r"(?P<day>days?|ngày|天|日|дн(?:я|ей))"
    vietnamese = r"(?:\s+(?:qua|vừa qua|gần đây|gần nhất|trở lại đây))"
    forms = (
        (
            "last|past|previous",
            rf"\b(?:(?:in|over|during|within|for)\s+)?(?:the\s+)?(?:last|past|previous)\s+(?P<n>{number})\s+(?:{unit})\b",
            False,
        ),
        (
            "qua|gần|trở lại",
            rf"\b(?:trong\s+)?(?<!\d)(?P<n>{number})\s+(?:{unit}){vietnamese}\b",
            False,
        ),
        ("过去|最近|近", rf"(?:过去|最近|近)(?P<n>{number})(?:{unit})", False),
        ("последни", rf"\bза\s+последни[ех]\s+(?P<n>{number})\s+(?:{unit})\b", False),
        ("ago|назад", rf"\b(?P<n>{number})\s+{ago}\s+(?:ago|назад)\b", True),
        ("cách đây", rf"\bcách đây\s+(?P<n>{number})\s+{ago}", True),
        ("天前", rf"(?P<n>{number})天前", True),
    )
    made = [
        (fold(words) if bare else words, fold(form) if bare and _vietnamese(form) else form, is_ago)
        for words, form, is_ago in forms
    ]
    return tuple(
        (tuple(words.split("|")), re.compile(form.replace("(?p<", "(?P<"), re.IGNORECASE), is_ago)
        for words, form, is_ago in made
    )


@cache
def _numbers(bare: bool) -> dict[str, int]:
    words = {word: n for n, words in enumerate(_data()["numbers"].values(), 1) for word in words}
    return words | ({fold(word): n for word, n in words.items() if _vietnamese(word)} if bare else {})


def _amount(match: re.Match[str], ago: bool, today: date, bare: bool) -> tuple[str, str]:
    n = int(match["n"]) if match["n"].isdigit() else _numbers(bare)[match["n"].lower()]
    found = match.groupdict()
    if found.get("month") or found.get("year"):
        return _months_before(today, min(n * (12 if found.get("year") else 1), 12_000)).isoformat(), today.isoformat()
    first = today - timedelta(days=n * (7 if found.get("week") else 1))
    return first.isoformat(), (first if ago else today).isoformat()


# Date words of all kinds

_RU_MONTHS = "янв фев мар апр ма июн июл авг сен окт ноя дек".split()
_RU_MONTH = r"(?P<ru>(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)[ьяею]|(?:март|август)[ае]?|ма[йяею])"
_EN_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_EN_MONTH = r"(?P<{}>january|february|march|april|may|june|july|august|september|october|november|december)\b"
_YEAR = r"(?P<year>(?:19|20|21)[0-9]{2})"
# Each pattern with words in lower case of which a text that it matches has one: most texts have none of them.
_MORE = tuple(
    (tuple(words.split("|")), re.compile(pattern, re.IGNORECASE))
    for words, pattern in (
        ("月", r"(?<![0-9\-–至到])(?P<month>1[0-2]|[1-9])\s?月份?(?!\s?[0-9])"),
        (
            "янв|фев|март|апр|ма|июн|июл|авг|сен|окт|ноя|дек",
            rf"\b{_RU_MONTH}\b(?:\s{_YEAR}(?:\s(?:года|году|г\.))?)?",
        ),
        ("год", rf"(?<![0-9.,/\-]){_YEAR}\s(?:году|года|год)\b"),
        # A quarter or a half is read as its year: news of it comes out after it.
        (
            "q1|q2|q3|q4|quarter|half",
            rf"\b(?:Q[1-4]|(?:first|second|third|fourth)\s(?:quarter|half))(?:,?\sof|\sin)?\s{_YEAR}(?![0-9])",
        ),
        (
            "quý|quy",
            r"\b(?:quý|quy)\s(?:I{1,3}|IV|[1-4]|nhất|nhì|ba|tư)(?:\s?[/\-]\s?|,?\s(?:năm|nam)\s|\s)"
            rf"{_YEAR}(?![0-9])",
        ),
        (
            "before |after |till ",
            rf"(?:(?<=\bbefore )|(?<=\bafter )|(?<=\btill )){_YEAR}(?![0-9A-Za-z%]|[.,:/\-][0-9])",
        ),
        (
            "between |from ",
            rf"(?:(?<=\bbetween )|(?<=\bfrom )){_EN_MONTH.format('en')}"
            rf"(?=\s(?:and|to|until|through)\s{_EN_MONTH.format('_')})",
        ),
        ("on ", r"(?<=\bon )(?P<day>1[3-9]|2[0-9]|3[01])/(?P<month>1[0-2]|0?[1-9])(?![0-9/])"),
    )
)


def _more_dates(question: str) -> Iterator[Span]:
    """What `find_dates` leaves out because in running text it is too loose: months in Chinese and Russian, quarters."""
    lower = question.lower()
    for words, pattern in _MORE:
        if not any(word in lower for word in words):
            continue
        for match in pattern.finditer(question):
            found = match.groupdict()
            month = int(found["month"]) if found.get("month") else None
            if found.get("ru"):
                month = next(n for n, start in enumerate(_RU_MONTHS, 1) if found["ru"].lower().startswith(start))
            if found.get("en"):
                month = _EN_MONTHS.index(found["en"][:3].lower()) + 1
            edtf = found.get("year") or UNKNOWN_YEAR
            edtf += f"-{month:02}" if month else ""
            edtf += f"-{int(found['day']):02}" if found.get("day") else ""
            yield Span(edtf, edtf, match.start(), match.end())


def stated(text: str, *, lang: str | None) -> Iterator[tuple[str, str]]:
    """The dates (first, last, EDTF) that a text states in digits or by the names of months."""
    for span in _stated(text, lang):
        yield span.since or "", span.until or ""


def _stated(text: str, lang: str | None) -> Iterator[Span]:
    for found in find_dates(text, lang=lang):
        since, _, until = found.edtf.partition("/")
        yield Span(since, until or since, found.start, found.end, closed=bool(until))
    yield from _more_dates(text)


def _spans(question: str, lang: str, today: date | None) -> Iterator[Span]:
    bare = lang == "vi" and not has_marks(question)
    yield from _stated(question, lang)
    for kind, start, end in _relative_words(question, bare=bare):
        since, until, year = _counted_from(kind, today) if today else (None, None, None)
        yield Span(since, until, start, end, True, year=year)
    lower = question.lower()
    for words, pattern, ago in _amounts(bare):
        for match in pattern.finditer(question) if any(word in lower for word in words) else ():
            since, until = _amount(match, ago, today, bare) if today else (None, None)
            yield Span(since, until, match.start(), match.end(), True)


def _apart(spans: Iterator[Span]) -> list[Span]:
    """In order and without overlaps, the longer of two that begin together."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


@cache
def listed(name: str) -> tuple[str, ...]:
    phrases = [fold(phrase) for phrase in _data()[name]["before"]]
    return tuple(sorted(phrases, key=len, reverse=True))
