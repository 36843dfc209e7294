"""Whether a figure of one text is that of another: readings, units and how far a rounded one may lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from rag.figures import Figure, base
from rag.units import currencies_agree, is_people

_FEW = 10  # in words up to here a number counts things
_MONTH = Decimal(2_629_800)  # seconds
_UNEVEN = Decimal("0.035")  # 90 days are three months
_ABOUT, _DIRECTED, _ACROSS = Decimal("0.1"), Decimal("0.15"), Decimal("0.2")  # how far a rounded figure may lie
_ABOUT_SHARE, _NEARLY_SHARE = Decimal("0.12"), Decimal("0.15")
_DIGITS = re.compile(r"\d+(?:[.,\s]\d+)*")
_DECIMAL = re.compile(r"[.,](?:\d{1,2}|\d{4,})$")
_HALF = Decimal("0.5")


def bears_out(figure: Figure, other: Figure) -> bool:
    """Whether the cited figure is the stated one, or rounds to it as the statement says."""
    measured = None not in (figure.unit, other.unit) and "ordinal" not in (figure.unit, other.unit)
    for value, against in _readings(figure, other):
        mine, unit = base(figure, value) if measured else (value, figure.unit)
        theirs, its_unit = base(other, against) if measured else (against, other.unit)
        if (value, against) != (figure.value, other.value) and unit != its_unit:
            continue
        loose = {unit, its_unit} == {"month", "second"}
        if loose:
            mine, theirs = (mine * _MONTH, theirs) if unit == "month" else (mine, theirs * _MONTH)
        if not loose and not _units_agree(figure, other, unit, its_unit):
            continue
        if loose and abs(mine - theirs) <= theirs * _UNEVEN and figure.direction * other.direction != -1:
            return True
        if _values_agree(figure, other, mine, theirs, mine / value if value else Decimal(1)):
            return True
    return _is_share(figure, other, figure) or _is_share(other, figure, figure)


def _readings(figure: Figure, other: Figure) -> Iterator[tuple[Decimal, Decimal]]:
    """The values to compare; "1.850 million" is 1.850 billion in no reading, 1.850 billion is 1.85 billion."""
    yield figure.value, other.value
    if figure.also is not None and other.also is not None:
        yield max(figure.value, figure.also), max(other.value, other.also)
        yield min(figure.value, figure.also), min(other.value, other.also)
    elif figure.also is not None and _same_scale(figure, other):
        yield figure.also, other.value
    elif other.also is not None and _same_scale(other, figure):
        yield figure.value, other.also


def _same_scale(twofold: Figure, plain: Figure) -> bool:
    """Whether digits that have two readings have the same "million" as the other, or it is a decimal."""
    one, other = _DIGITS.search(twofold.text), _DIGITS.search(plain.text)
    if one is None or other is None or _DECIMAL.search(other[0]):
        return True
    most = max(twofold.value, twofold.also or twofold.value)
    return most * _whole(other[0]) == plain.value * _whole(one[0])


def _whole(digits: str) -> Decimal:
    return Decimal(re.sub(r"\D", "", digits))


def _is_share(part: Figure, whole: Figure, claim: Figure) -> bool:
    """ "one half" is 50%, "a third" 33%; "almost a third" is 31%, and "more than half" also 70%."""
    if part.value >= 1 or part.unit not in (None, "part") or whole.unit != "percent":
        return False
    share = part.value * 100
    even = share == int(share)
    apart = whole.value - share
    if abs(apart) <= (0 if even else Decimal("0.7")):
        return part.direction * whole.direction != -1
    if claim is not part or not part.approximate:
        return False
    if part.direction == 0:
        return abs(apart) <= share * _ABOUT_SHARE
    return 0 < apart <= share / 2 if part.direction > 0 else 0 < -apart <= share * _NEARLY_SHARE


def _units_agree(figure: Figure, other: Figure, unit: str | None, against: str | None) -> bool:
    if unit == against:
        return _counts_agree(figure.counted, other.counted)
    if unit and against:
        if {figure.unit, other.unit} in ({"ordinal", "year"}, {"ordinal", "century"}):  # "100th anniversary", "100 năm"
            return True
        return currencies_agree((unit, figure.text), (against, other.text))
    if {unit, against} & {"percent", "percentage_point"}:
        return False
    bare, measured = (figure, other) if unit is None else (other, figure)
    if 2 <= bare.value <= _FEW and not bare.in_digits and measured.unit not in ("person", "times", "ordinal", "part"):
        return False  # "three lakes" is no three hectares
    return bare.counted is None


def _counts_agree(counted: str | None, other: str | None) -> bool:
    if counted is None or other is None or counted == other:
        return True
    return "people" in (counted, other) and is_people(counted) and is_people(other)


def _values_agree(figure: Figure, other: Figure, value: Decimal, against: Decimal, scale: Decimal) -> bool:
    """Whether two values in one unit agree; `scale` is what one of the unit that the statement uses is in it."""
    if value == against:
        return figure.direction * other.direction != -1
    across = figure.unit != other.unit and None not in (figure.unit, other.unit)
    most = _ACROSS if across else _DIRECTED if figure.direction else _ABOUT
    if not figure.approximate or abs(value - against) > against * most:
        return False
    rounding = {1: ROUND_FLOOR, -1: ROUND_CEILING}.get(figure.direction, ROUND_HALF_UP)
    stated = (value / scale).normalize()
    quantum = Decimal((0, (1,), int(stated.as_tuple().exponent)))
    if stated % 1 == _HALF:
        quantum = _HALF
    return (against / scale / quantum).quantize(Decimal(1), rounding) * quantum == stated
