"""The figures and dates of a statement that its cited words do not bear out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from rag.claimed_dates import time_spans, unsupported_dates
from rag.domain import Evidence
from rag.figures import Figure, base, figures
from rag.hours import Hour, hours
from rag.numerals import data
from rag.swaps import swapped
from rag.text import nfc
from rag.units import is_people

_PARTIES = frozenset({"country", "side", "minister", "leader"})
_DOLLARS = frozenset({"AUD", "CAD", "SGD", "NZD", "HKD"})
_AMERICAN = re.compile(r"US|u\.s|mỹ|american|美", re.IGNORECASE)


def unsupported(statement: str, *, lang: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The figures, dates and words of time of the statement that the evidence does not support, as it spells them.

    A figure must stand in the cited words with a unit that agrees, in digits or words of any language; a rounded one
    passes only where the statement says so and in the right direction. "One" claims nothing, "two" also stands for
    "both sides" and for two people named. () where all is well.
    """
    text = nfc(statement)
    failed = set(unsupported_dates(text, lang=lang, evidence=evidence))
    claims = figures(text, lang=lang)
    stated = (
        [(nfc(each.text), each.lang, figures(nfc(each.text), lang=each.lang)) for each in evidence] if claims else []
    )
    every = [figure for _, _, found in stated for figure in found]
    times = time_spans(text, lang=lang)
    for figure in claims:
        timely = any(start < figure.end and figure.start < end for start, end in times)
        if timely or _claims_nothing(figure):
            continue
        if not _supported(figure, every, evidence) or any(
            _is_swapped(figure, text, claims, cited, found) for cited, its_lang, found in stated if its_lang == lang
        ):
            failed.add((figure.start, figure.end))
    return tuple(dict.fromkeys(text[start:end] for start, end in sorted(failed)))


def _is_swapped(figure: Figure, text: str, claims: Sequence[Figure], cited: str, found: Sequence[Figure]) -> bool:
    """Whether the cited words have another figure of that kind where the statement has this one."""
    matching = [(cited, other.start, other.end) for other in found if _bears_out(figure, other)]
    rivals = [
        (cited, other.start, other.end)
        for other in found
        if (other.unit, other.counted) == (figure.unit, figure.counted)
        and not any(_bears_out(claim, other) for claim in claims)
    ]
    return bool(matching) and swapped((text, figure.start, figure.end), matching, rivals)


def _claims_nothing(figure: Figure) -> bool:
    """ "one" is an article or a pronoun; a Han numeral that counts nothing is part of a word ("四分卫")."""
    if len(figure.text) == 1 and not figure.in_digits and figure.unit is None and figure.counted is None:
        return True
    if figure.unit == "era":  # "30年代" is told as "the 1930s"
        return True
    return figure.value == 0 or (
        figure.value == 1 and (not figure.in_digits or figure.unit in ("ordinal", "times", None))
    )


def _supported(figure: Figure, stated: Sequence[Figure], evidence: Sequence[Evidence]) -> bool:
    if any(_bears_out(figure, other) for other in stated) or any(_is_hour(figure, each.text) for each in evidence):
        return True
    if figure.unit not in (None, "person", "times") and not (figure.unit == "year" and figure.value >= 10):
        return False
    if figure.counted is not None and _differs(figure, stated):
        return False
    if figure.value == 2 and not figure.in_digits and figure.counted in _PARTIES:
        return True
    if figure.value == 2 and figure.unit == "person" and any(_names(each) > 1 for each in evidence):
        return True
    if figure.value == 2 and figure.unit in (None, "person"):
        return any(_implied(2, each.text + each.before) for each in evidence)
    return (
        any(_implied(int(figure.value), each.text) for each in evidence) if figure.value == int(figure.value) else False
    )


def _is_hour(figure: Figure, text: str) -> bool:
    """ "15 giờ" is a time of day where the text has "3 p.m."."""
    if figure.unit != "hour" or figure.value > 24 or figure.value != int(figure.value):
        return False
    told = Hour(int(figure.value) % 24 * 60, figure.start, figure.end, figure.value > 12)
    return any(told.agrees(hour) for hour in hours(text))


def _differs(figure: Figure, stated: Sequence[Figure]) -> bool:
    """Whether the evidence counts the same with another figure."""
    return any(other.counted == figure.counted is not None and other.value != figure.value for other in stated)


def _implied(value: int, text: str) -> bool:
    patterns = data()["implied"].get(str(value), ())
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def _names(evidence: Evidence) -> int:
    """How many runs of capitals stand in the cited words and around them; many where the script has no capitals."""
    if evidence.lang == "zh":
        return 2
    return len(
        set(re.findall(r"(?:[A-ZĐÀ-ỸА-Я][\w'’.-]*\s?){2,5}", f"{evidence.text} {evidence.before} {evidence.setting}"))
    )


def _bears_out(figure: Figure, other: Figure) -> bool:
    """Whether the cited figure is the stated one, or rounds to it as the statement says."""
    for value in _readings(figure):
        for against in _readings(other):
            measured = None not in (figure.unit, other.unit) and "ordinal" not in (figure.unit, other.unit)
            mine = base(figure, value) if measured else (value, figure.unit)
            theirs = base(other, against) if measured else (against, other.unit)
            if _units_agree(figure, other, mine[1], theirs[1]) and _values_agree(figure, other, mine[0], theirs[0]):
                return True
    return _is_half(figure, other) or _is_half(other, figure)


def _readings(figure: Figure) -> Iterator[Decimal]:
    yield figure.value
    if figure.also is not None:
        yield figure.also


def _is_half(part: Figure, whole: Figure) -> bool:
    """ "one half" is 50%."""
    return (
        part.value < 1 and part.unit in (None, "part") and whole.unit == "percent" and part.value * 100 == whole.value
    )


def _units_agree(figure: Figure, other: Figure, unit: str | None, against: str | None) -> bool:
    if unit == against:
        return _counts_agree(figure.counted, other.counted)
    if unit and against:
        if {figure.unit, other.unit} in ({"ordinal", "year"}, {"ordinal", "century"}):  # "100th anniversary", "100 năm"
            return True
        plain = figure if unit == "USD" else other
        return {unit, against} - {"USD"} <= _DOLLARS and "USD" in (unit, against) and not _AMERICAN.search(plain.text)
    if "percent" in (unit, against):
        return False
    bare = figure if unit is None else other
    return bare.counted is None


def _counts_agree(counted: str | None, other: str | None) -> bool:
    if counted is None or other is None or counted == other:
        return True
    return "people" in (counted, other) and is_people(counted) and is_people(other)


def _values_agree(figure: Figure, other: Figure, value: Decimal, against: Decimal) -> bool:
    if value == against:
        return figure.direction * other.direction != -1
    if not figure.approximate or abs(value - against) > against / 10:
        return False
    rounding = {1: ROUND_FLOOR, -1: ROUND_CEILING}.get(figure.direction, ROUND_HALF_UP)
    quantum = Decimal((0, (1,), int(value.normalize().as_tuple().exponent)))
    return (against / quantum).quantize(Decimal(1), rounding) * quantum == value
