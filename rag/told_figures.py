"""The figures of an event that matter, each with its unit or with what it counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import zip_longest

from rag.domain import EventFigure
from rag.figures import Figure, figures
from rag.reading import Reading
from rag.told_words import Span, any_of, phrases, pieces
from rag.units import is_currency

_LONE_UNITS = (None, "person", "tonne", "hectare", "vote")  # units behind which what is counted is told
_COUNTED = {"vi": re.compile(r"(?:\s[^\W\d_A-ZĐ][^\W\d_]*){1,3}"), "en": re.compile(r"(?:[\s-][a-z][\w-]*){1,3}")}
_WORD = re.compile(r"[\s-]([^\s-]+)")
_SHARE = re.compile(r"\s{1,40}+(?:of|trên|trong số)\s{1,40}+(?:the\s{1,40}+|tổng số\s{1,40}+)?")
_OF_WHOM = re.compile(r"\s{1,40}+of\s{1,40}+(?:them\b|(?:the|its|their|those)\s{1,40}+[a-z]+)")
_THOUSANDS = re.compile(r"\d[.,]\d{3}$")


def figures_of(reading: Reading, spans: Sequence[Span]) -> tuple[EventFigure, ...]:
    """The figures that matter, as they stand with what they count; no ordinals, dates, `two sides`.

    Each cites its whole sentence: what a figure is about stands around it.
    """
    found: dict[tuple[str, str | None], EventFigure] = {}
    for start, end in pieces(reading, spans):
        part = reading.flowing[start:end]
        reach = 0
        every = figures(part, lang=reading.lang)
        for one, following in zip_longest(every, every[1:]):
            shared = following is not None and _SHARE.fullmatch(part, one.end, following.start) is not None
            if one.start >= reach and (shared or _matters(part, one)):
                last = reach = _end(part, following if shared and following else one, reading.lang)
                text = reading.cite(start + one.start, start + last).quote
                sentence = reading.cite(*reading.sentences[reading.sentence_at(start + one.start)])
                figure = EventFigure(text, str(one.value), one.unit, one.counted, (sentence,))
                found.setdefault((text.lower(), one.unit), figure)
    return tuple(found.values())


def _matters(text: str, figure: Figure) -> bool:
    before, after = text[max(0, figure.start - 20) : figure.start], text[figure.end : figure.end + 60]
    if figure.unit in ("ordinal", "part", "times") or figure.counted in ("country", "side", "document", "leader"):
        return False
    if figure.unit == "day" and figure.text.endswith("日"):
        return False
    if _numbers_before().search(before) or _by_the_way().match(after):
        return False
    if is_currency(figure.unit) or figure.unit == "percent" or _fate().match(after) or _rate().match(after):
        return True
    if figure.unit in phrases("figures", "periods"):
        return figure.in_digits or bool(_period_before().search(before))
    if figure.unit is None and figure.counted is None:
        return (figure.in_digits or figure.value >= 10) and _counts(figure, after)
    return figure.in_digits or figure.value >= 10 or figure.unit in ("hour", "minute")


def _counts(figure: Figure, after: str) -> bool:
    """Whether a word for what is counted follows bare digits: not `26 by way of`, not `2 Lê Quang Đạo`."""
    found = re.match(r"\s?[-\s]?([^\W\d_]+)", after)
    if found is None or found[1].lower() in phrases("figures", "small"):
        return False
    return not found[1][0].isupper() or found[1].isupper() or bool(_THOUSANDS.search(figure.text))


def _end(text: str, figure: Figure, lang: str) -> int:
    """Where a figure ends together with what it counts: `500 kỹ sư`, `25 technicians`, `12 người thiệt mạng`."""
    if figure.unit not in _LONE_UNITS or lang == "zh":
        return figure.end
    rate = _rate().match(text, figure.end)
    if rate:
        return rate.end()
    counted = _end_vi(text, figure.end) if lang == "vi" else _end_en(text, figure.end)
    fate = _fate().match(text, figure.end) if figure.unit == "person" else None
    of_whom = _OF_WHOM.match(text, figure.end) if figure.unit == "person" and lang == "en" else None
    return max([counted, *(found.end() for found in (fate, of_whom) if found)])


def _end_vi(text: str, start: int) -> int:
    """Two syllables, three behind a classifier or where the third ends a noun, one of `người`."""
    found = _COUNTED["vi"].match(text, start)
    if found is None:
        return start
    syllables = found.group().split()
    most = 3 if syllables[0] in phrases("figures", "classifiers_vi") else 2
    if syllables[0] in phrases("figures", "short_vi"):
        most = 1
    elif len(syllables) > 2 and syllables[2] in phrases("figures", "last_vi"):
        most = 3
    return _before_end(found, most, "vi")


def _end_en(text: str, start: int) -> int:
    """As far as the plural that is counted, three words at most."""
    found = _COUNTED["en"].match(text, start)
    if found is None:
        return start
    for number, word in enumerate(_WORD.finditer(found.group()), 1):
        plural = re.search(r"[^sui]s$", word[1]) or word[1] in phrases("figures", "plurals_en")
        if plural or word[1] in phrases("figures", "ends_en"):
            return _before_end(found, number, "en")
    return _before_end(found, 3, "en")


def _before_end(found: re.Match[str], most: int, lang: str) -> int:
    """Where the last of some words ends, before one at which what is counted is over."""
    end = found.start()
    for word in list(_WORD.finditer(found.group()))[:most]:
        if word[1].lower() in phrases("figures", f"ends_{lang}"):
            break
        end = found.start() + word.end()
    return end


@cache
def _numbers_before() -> re.Pattern[str]:
    return re.compile(rf"{any_of('figures', 'numbers_before')}[.\s“]*$")


@cache
def _by_the_way() -> re.Pattern[str]:
    return re.compile(rf"\s*{any_of('figures', 'by_the_way')}")


@cache
def _period_before() -> re.Pattern[str]:
    return re.compile(rf"{any_of('figures', 'period_before')}\s+$", re.IGNORECASE)


@cache
def _fate() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:\w+\s){{0,3}}?(?:{any_of('figures', 'fate_en')}|{any_of('figures', 'fate_vi')})")


@cache
def _rate() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:\w+\s+){{1,2}}{any_of('figures', 'rates')}")
