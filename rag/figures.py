"""Figures in a text: their values, units and what they count, the same in Vietnamese, English, Chinese and Russian."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from rag.hours import hours
from rag.numerals import LETTER, Number, data, numbers
from rag.text import LANGUAGES, language
from rag.time_words import spans
from rag.units import NEAR, counted, currency_before, hedge, is_people, unit_after

_YEAR = re.compile(r"(?:1\d|20|21)\d\d")
_ROMAN = re.compile(
    r"(?:(?<=thứ )|(?<=khóa )|(?<=khoá )|(?<=kỳ )|(?<=hội )|(?<=hạng )|(?<=Congress )|(?<=Chapter )|(?<=Part )"
    r"|(?<=Phase )|(?<=kỷ )|(?<=kỉ )|(?<=War ))"
    r"(?=[IVX])(X{0,3})(IX|IV|V?I{0,3})(?![\w])"
)
_CAPTURED = {"I": 1, "V": 5, "X": 10}
_RANGE = re.compile(r"\s?(?:[-–—~～至]|to|and|or|đến|tới|hoặc|và|до|и)\s?")
_YEARS_END = re.compile(r"(?:1\d|20)\d\d[-–/]$")
_NEXT_WORD = re.compile(r"[\s-]?\w+")
_SINGLE = re.compile(r"\b(?P<article>an?)\s\w+\s$", re.IGNORECASE)
_LISTED = re.compile(r"[.)]\s+[^\W\d_]")  # "4. Bangladesh" numbers a list
_SUFFIXES = {"st", "nd", "rd", "th"}
_PARTS = {
    "en": re.compile(
        r"(?<!once )(?<!twice )(?<!\btimes )(?<!every )\b"
        r"(?P<n>an?(?= \w+(?: (?:of|less|more|higher|lower|fewer|cheaper|from|since|compared|between|as)\b|[.,;)]|$))"
        r"|(?<=almost )a|(?<=nearly )a|one|two|three|four|five)[ -]"
        r"(?P<d>third|quarter|fourth|fifth|sixth|tenth)s?\b(?! (?:of (?:20|this|last|next)|quarter|time|round|year))"
        r"|\b(?P<n2>one|two|three|four|nine) in (?P<d2>three|four|five|ten)\b(?! (?:year|month|week|day|hour))",
        re.IGNORECASE,
    ),
    "vi": re.compile(
        rf"(?<!{LETTER})(?P<n>một|hai|ba|bốn|\d) phần (?P<d>ba|tư|bốn|năm|sáu|bảy|tám|chín|mười)(?!{LETTER})",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(?P<d>[二三四五六七八九十]|\d)分之(?P<n>[一二两三四五六七八九]|\d)"),
    "ru": re.compile(
        rf"(?P<n>одна|одной|две|три)\s(?P<d>трет|четверт|пят)\w*|(?<!{LETTER})(?P<d2>треть|четверть)(?:и|ю)?(?!{LETTER})",
        re.IGNORECASE,
    ),
}
_DENOMINATORS = {
    "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "tenth": 10,
    "трет": 3, "треть": 3, "четверт": 4, "четверть": 4, "пят": 5,
}  # fmt: skip
_DIRECTIONS = {"over": 1, "under": -1}
_ONES = {"a": 1, "an": 1}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as a text states it: `text == source[start:end]`, its unit included where it stands beside the number.

    `unit` is a name that all languages share (percent, USD, km, month, person, ordinal), None where no unit is stated;
    `counted` is finer (country, ship, minister), None where the word beside it is not known. `direction` is 1 after
    "more than", -1 after "less than" and "nearly". `also` is the other reading of digits such as "1.500".
    """

    value: Decimal
    unit: str | None
    text: str
    start: int
    end: int
    approximate: bool
    counted: str | None = None
    direction: int = 0
    also: Decimal | None = None
    in_digits: bool = False


def figures(text: str, *, lang: str) -> tuple[Figure, ...]:
    """The figures of a text (NFC) in `lang`, in order, without overlaps.

    Dates, years, times of day and names ("G20", "F-16") are no figures; "the 56th" is one, of the unit `ordinal`.
    """
    lang = lang if lang in LANGUAGES else language(text)
    parts = list(_fractions(text, lang))
    within = {at for part in parts for at in range(part.start, part.end)}
    found = [*parts, *(figure for figure in _ordinals(text, lang) if figure.start not in within)]
    every = numbers(text, lang=lang)
    taken = [*_taken(text, lang), *((figure.start, figure.end) for figure in found)] if every else ()
    free = _apart(every, taken)
    read = [figure for number in free if (figure := _figure(text, number, lang)) is not None]
    ordered = sorted([*found, *read], key=lambda figure: figure.start)
    return _with_shared_units(text, _with_halves(text, ordered, lang))


def base(figure: Figure, value: Decimal | None = None) -> tuple[Decimal, str | None]:
    """The value in the smallest unit of its kind, and that unit: a decade and ten years come out alike."""
    number = figure.value if value is None else value
    unit, factor = data()["factors"].get(figure.unit, (figure.unit, "1"))
    return number * Decimal(factor), unit


def _taken(text: str, lang: str) -> list[tuple[int, int]]:
    stated = [
        (span.start, span.end)
        for span in spans(text, lang=lang, today=None)
        if not (span.relative or (text[span.start : span.end].isdigit() and _counts_next(text, span.end, lang)))
    ]
    return stated + [(hour.start, hour.end) for hour in hours(text)]


def _apart(found: Sequence[Number], taken: Sequence[tuple[int, int]]) -> Iterator[Number]:
    """The numbers that overlap nothing that is taken; both in one pass."""
    edges = sorted(taken)
    at, reach = 0, 0
    for number in found:
        while at < len(edges) and edges[at][0] < number.end:
            reach = max(reach, edges[at][1])
            at += 1
        if number.start >= reach:
            yield number


def _fractions(text: str, lang: str) -> Iterator[Figure]:
    """ "two thirds", "hai phần ba", "三分之二"."""
    pattern = _PARTS.get(lang)
    for match in pattern.finditer(text) if pattern else ():
        groups = match.groupdict()
        above = _small(groups["n"] or groups.get("n2") or "1", lang)
        below = _small((groups["d"] or groups.get("d2") or "").lower(), lang)
        if above and below and above < below:
            said = hedge(text, *match.span(), lang)
            part = Figure(above / below, "part", match[0], *match.span(), said is not None)
            yield replace(part, direction=_DIRECTIONS.get(said or "", 0))


def _small(word: str, lang: str) -> Decimal:
    lower = word.lower()
    known = _DENOMINATORS.get(lower) or _ONES.get(lower)
    if known:
        return Decimal(known)
    if lower.isdigit():
        return Decimal(lower)
    tables = data()["numerals"][lang]
    return Decimal(tables["add"].get(lower) or tables["times"].get(lower) or 0)


@cache
def _ordinal_words(lang: str) -> re.Pattern[str] | None:
    words = "|".join(data()["ordinals"].get(lang, ()))
    tens = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    if lang == "en":
        return re.compile(rf"\b(?:(?P<tens>{tens})-)?(?P<word>(?:first(?<=-first))|{words})\b", re.IGNORECASE)
    if lang == "ru":
        return re.compile(
            rf"(?<!{LETTER})(?P<word>{words})(?:ый|ой|ий|ая|ья|ое|ье|ого|его|ом|ем|ую|ью|ей)(?!{LETTER})", re.IGNORECASE
        )
    return None


def _ordinals(text: str, lang: str) -> Iterator[Figure]:
    pattern, lower = _ordinal_words(lang), text.lower()
    words = (*data()["ordinals"].get(lang, ()), "-first")
    for match in pattern.finditer(text) if pattern and any(word in lower for word in words) else ():
        value = data()["ordinals"][lang].get(match["word"].lower(), 1)
        value += data()["numerals"]["en"]["add"][match["tens"].lower()] if match.groupdict().get("tens") else 0
        yield Figure(Decimal(value), "ordinal", match[0], *match.span(), False)
    for match in _ROMAN.finditer(text):
        if match[0]:
            yield Figure(Decimal(_roman(match[0])), "ordinal", match[0], *match.span(), False)


def _roman(numeral: str) -> int:
    values = [_CAPTURED[letter] for letter in numeral]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _figure(text: str, number: Number, lang: str) -> Figure | None:
    if _YEARS_END.search(text, max(0, number.start - 5), number.start) and number.end - number.start == 2:  # "1938-40"
        return None
    listed = text[number.start : number.end].isdigit()
    if listed and _LISTED.match(text, number.end) and text[: number.start].rstrip(" ")[-1:] in ("", "\n"):
        return None
    suffix = re.match(r"[A-Za-z]+", text[number.end : number.end + 12])
    if suffix and number.in_digits and suffix[0].lower() in _SUFFIXES:
        return Figure(number.value, "ordinal", text[number.start : number.end + 2], number.start, number.end + 2, False)
    if _is_ordinal(text, number, lang):
        weekday = lang == "vi" and not number.in_digits and _is_weekday(text, number)
        return None if weekday else _made(text, number, number.start, number.end, "ordinal", None, lang)
    if (scaled := _scaled(text, number, suffix[0], lang) if suffix and number.in_digits else None) is not None:
        return scaled
    unit, end = unit_after(text, number.end, lang)
    if suffix and number.in_digits and end == number.end:  # "5G"
        return None
    before, start = currency_before(text, number.start, lang) if unit is None else (None, number.start)
    unit = unit or before
    if unit is None and lang == "zh" and text[max(0, start - 3) : start] == "百分之":
        unit, start = "percent", start - 3
    kind = counted(text, number.end, lang) if unit is None else None
    if unit is None and _YEAR.fullmatch(text[number.start : number.end]) and not _counts_next(text, number.end, lang):
        return None
    return _made(text, number, start, end, unit, kind, lang)


def _counts_next(text: str, end: int, lang: str) -> bool:
    """Whether the very next word is what is counted: "2000 people", not "the 1973 Paris agreement"."""
    word = _NEXT_WORD.match(text, end)
    return (
        word is not None
        and not word[0].strip("- ")[:1].isupper()
        and counted(text[: word.end()], end, lang) is not None
    )


def _scaled(text: str, number: Number, suffix: str, lang: str) -> Figure | None:
    """ "$5m", "US$3bn"."""
    scale = {"m": 6, "b": 9, "k": 3, "tr": 6}.get(suffix.lower())
    unit, start = currency_before(text, number.start, lang)
    if scale is None or unit is None:
        return None
    end = number.end + len(suffix)
    return _made(
        text, Number(number.value * 10**scale, number.start, end, in_digits=True), start, end, unit, None, lang
    )


def _made(text: str, number: Number, start: int, end: int, unit: str | None, kind: str | None, lang: str) -> Figure:
    said = hedge(text, start, end, lang)
    return Figure(
        value=number.value,
        unit="person" if unit is None and kind is not None and is_people(kind) else unit,
        text=text[start:end],
        start=start,
        end=end,
        approximate=said is not None,
        counted=kind,
        direction=_DIRECTIONS.get(said or "", 0),
        also=number.also,
        in_digits=number.in_digits,
    )


def _is_ordinal(text: str, number: Number, lang: str) -> bool:
    before = text[max(0, number.start - 8) : number.start].lower()
    if lang == "vi":
        return before.endswith("thứ ")
    if lang == "zh":
        return before.rstrip().endswith("第")
    return lang == "ru" and re.match(r"-?(?:й|я|го|е|м|ю)(?!\w)", text[number.end : number.end + 4]) is not None


def _is_weekday(text: str, number: Number) -> bool:
    """ "Thứ Ba", "sáng thứ tư", "thứ năm tuần trước", where "lần thứ ba" is none."""
    if number.value > 7:
        return False
    word = text[number.start : number.end]
    before = text[max(0, number.start - 16) : number.start - 4].lower().rstrip()
    after = text[number.end : number.end + 10].lower()
    if re.search(r"(?:lần|kỳ|khóa|năm|nước|bên|ngày|vị trí|hạng|đứng|lớn|điều|thế hệ|phiên|tuần|đợt)$", before):
        return False
    timely = re.search(r"(?:sáng|chiều|tối|trưa|đêm|hôm|vào|từ|đến)$", before) is not None
    return word[0].isupper() or timely or re.match(r"\s?(?:tuần|,|\(|\d|ngày|vừa|này|tới)", after) is not None


def _with_halves(text: str, found: Sequence[Figure], lang: str) -> list[Figure]:
    """ "an hour and a half", "hai năm rưỡi", "两年半": the half belongs to the unit before it."""
    merged: list[Figure] = []
    for figure in found:
        if figure.text.lower() not in data()["and_a_half"].get(lang, ()):
            merged.append(figure)
            continue
        last = merged[-1] if merged and not text[merged[-1].end : figure.start].strip() else None
        single = _SINGLE.search(text, max(0, figure.start - NEAR), figure.start)
        unit, _ = unit_after(text, single.end("article"), lang) if single else (None, 0)
        if last is not None and last.unit is not None:
            value = last.value + figure.value
            merged[-1] = replace(last, value=value, text=text[last.start : figure.end], end=figure.end, also=None)
        elif single and unit is not None:
            start = single.start()
            whole = replace(figure, value=1 + figure.value, unit=unit, text=text[start : figure.end], start=start)
            merged.append(whole)
    return merged


def _with_shared_units(text: str, found: Sequence[Figure]) -> tuple[Figure, ...]:
    """ "10-15%": the first of a range has the unit of the second."""
    shared: list[Figure] = []
    for figure, following in zip(found, [*found[1:], None], strict=False):
        between = text[figure.end : following.start] if following else ""
        lends = following is not None and figure.unit is None and figure.counted is None and _RANGE.fullmatch(between)
        if lends and following is not None and following.unit not in (None, "ordinal"):
            figure = replace(figure, unit=following.unit, counted=following.counted)
        shared.append(figure)
    return tuple(shared)
