"""What a figure of a record is about: its value, and the words around it in a form that languages share."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from rag.domain import Citation, EventFigure
from rag.event_traits import entities_of, value_of
from rag.figure_match import bears_out
from rag.figures import Figure, base, figures
from rag.moments import read as moments
from rag.text import fold, stopwords
from rag.units import is_people

_NEAR, _NEXT = 70, 28  # characters around a figure, and after it, that say what it counts
_FAR, _FARTHEST = 2.5, 10.0  # times that two figures of one thing may lie apart, and where much else is shared
_ALMOST = 0.03  # within it a rounder figure agrees
_SURE, _LIKELY = 2.5, 1.5
_BEYOND = Decimal("0.15")  # of its value that what is "more than" it lies over it
_GOES_TO = re.compile(
    r"(?:ris|rose|grow|grew|increas|climb|fall|fell|drop)\w{0,20}+\s(?:to|at)\s?$|(?:lên|xuống|còn)\s$"
)
_LEFT_OUT = re.compile(
    r"\s(?:is|are|was|were|remain\w*|still|has|have|had)\b"
)  # "eighteen were saved and one is missing"
_NUMBER_OF = re.compile(r"(?:number of|toll|số)\b")


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure as an article states it, with what stands around it.

    `measure` is its unit or what it counts; `topics` are what the words near it tell of, `next_to` those right after
    it; `beside` the places, names and figures of its sentence, `words` the content words near it.
    """

    text: str
    citation: Citation
    lang: str
    figure: Figure
    measure: str | None
    topics: frozenset[str]
    next_to: frozenset[str]
    beside: frozenset[str]
    words: frozenset[str]

    @property
    def fates(self) -> frozenset[str]:
        """What became of the people that it counts."""
        return self.topics & _table().fates


def read(figure: EventFigure, lang: str) -> Stated:
    """The figure read in the sentence that its first citation quotes."""
    return _read(figure, lang)


@lru_cache(maxsize=10_000)
def _read(figure: EventFigure, lang: str) -> Stated:
    citation = figure.citations[0]
    quote = citation.quote if figure.text in citation.quote else figure.text
    at = quote.find(figure.text)
    every = figures(quote, lang=lang)
    own = next((each for each in every if at <= each.start < at + len(figure.text)), None)
    own = own or next(iter(figures(figure.text, lang=lang)), None) or _as_stated(figure, at)
    own = _elliptic(own, every, quote)
    before = max([own.start - _NEAR, *(each.end for each in every if each.end <= own.start and each.end > at)])
    around = quote[max(0, before) : own.start] + quote[own.end : own.end + _NEAR]
    clause = _clause(quote, own)
    return Stated(
        text=figure.text,
        citation=citation,
        lang=lang,
        figure=own,
        measure=_measure(own),
        topics=topics(clause, lang),
        next_to=topics(quote[own.start : own.end + _NEXT], lang),
        beside=_beside(quote, every, own),
        words=frozenset(w for w in re.findall(r"[^\W\d_]{3,}", fold(around)) if w not in stopwords(lang)),
    )


def _as_stated(figure: EventFigure, at: int) -> Figure:
    value = value_of(figure) or Decimal(0)
    return Figure(value, figure.unit, figure.text, at, at + len(figure.text), False, figure.counted)


def _elliptic(own: Figure, every: tuple[Figure, ...], quote: str) -> Figure:
    """With what a bare number counts: "the number of people ... has risen to 14", "... and one is missing"."""
    if own.unit is not None or own.counted is not None:
        return own
    if _GOES_TO.search(quote, 0, own.start) and _NUMBER_OF.search(quote[: own.start].lower()):
        return replace(own, unit="person", counted="people")
    before = [each for each in every if each.end <= own.start and each.counted]
    if before and _LEFT_OUT.match(quote, own.end):
        return replace(own, unit=before[-1].unit, counted=before[-1].counted)
    return own


def _clause(quote: str, own: Figure) -> str:
    """The words around the figure up to the next break on either side, or so many characters."""
    before = quote[max(0, own.start - (3 if _GOES_TO.search(quote, 0, own.start) else 1) * _NEAR) : own.start]
    after = quote[own.end : own.end + _NEAR]
    opening = max((before.rfind(mark) + 1 for mark in (";", "，", "；", ", ", " - ")), default=0)
    closing = min((at for mark in (";", "，", "；", ", ", "。") if (at := after.find(mark)) >= 0), default=len(after))
    if own.end - own.start + len(before) - opening + closing < _NEXT:
        return before + quote[own.start : own.end] + after
    return before[opening:] + quote[own.start : own.end] + after[:closing]


def _measure(figure: Figure) -> str | None:
    if figure.unit == "person" or (figure.counted and is_people(figure.counted)):
        return "person"
    return base(figure)[1] or figure.counted


def _beside(quote: str, every: tuple[Figure, ...], own: Figure) -> frozenset[str]:
    found = {f"place {number}" for number in entities_of(quote)}
    found |= {f"figure {base(each)[0].normalize()}" for each in every if each.start != own.start and each.value > 2}
    found |= {f"name {fold(each)}" for each in re.findall(r"(?<=[a-zà-ỹ,] )[A-ZĐÀ-Ỹ]\w{2,}", quote)}
    return frozenset(found)


def same_value(one: Stated, other: Stated) -> bool:
    """Whether two figures agree: one bears the other out, or is the rounder one of the two, and their units meet."""
    if one.fates and other.fates and one.fates.isdisjoint(other.fates):
        return False
    first, second = (replace(each.figure, approximate=False, direction=0) for each in (one, other))
    if bears_out(first, second) or bears_out(second, first):
        return True
    return one.measure == other.measure and (_rounds(one, other) or _bounds(one, other) or _bounds(other, one))


def _rounds(one: Stated, other: Stated) -> bool:
    """ "About 300" and 297, "1.5 million" and 1,520,000, but not 297 and 298."""
    if not 1 < _times(one, other) <= 1 + _ALMOST:
        return False
    fewest, most = sorted(_digits(each.figure) for each in (one, other))
    return one.figure.approximate or other.figure.approximate or fewest < most


def _digits(figure: Figure) -> int:
    """How many digits its value has up to the zeros at its end."""
    return len(figure.value.normalize().as_tuple().digits)


def _bounds(bound: Stated, other: Stated) -> bool:
    """Whether "more than 300" or "nearly 300" goes with the other figure, which lies a little beyond."""
    least, value = base(bound.figure)[0], base(other.figure)[0]
    beyond = (value - least) * bound.figure.direction
    return bound.figure.direction != 0 and least > 0 and 0 <= beyond <= least * _BEYOND


def differ(one: Stated, other: Stated, *, rivals: int = 0) -> float:
    """How surely two figures of one thing differ; 0 where they do not, or may be about two things.

    `rivals` counts the other figures of the same measure that the two could be paired with.
    """
    if one.measure != other.measure or same_value(one, other) or not _count_alike(one, other):
        return 0.0
    score = _shared(one, other)
    times = _times(one, other)
    if times > _FARTHEST or (times > _FAR and score < _SURE):
        return 0.0
    if one.topics and other.topics and one.topics.isdisjoint(other.topics) and score < _LIKELY:
        return 0.0
    if one.measure is None:
        return score if one.next_to & other.next_to else 0.0
    least = 1.0 if one.measure in _table().loose or rivals else 0.4
    if one.fates or other.fates:
        return score if one.fates & other.fates else 0.0
    return score if score >= least and (one.topics & other.topics or least < 1) else 0.0


def _count_alike(one: Stated, other: Stated) -> bool:
    counted = one.figure.counted, other.figure.counted
    if "ordinal" in (one.figure.unit, other.figure.unit):
        return False
    if None in counted or counted[0] == counted[1] or "people" in counted:
        return True
    return bool(one.fates & other.fates)


def _shared(one: Stated, other: Stated) -> float:
    counted = one.figure.counted is not None and one.figure.counted == other.figure.counted != "people"
    score = len(one.topics & other.topics) + 0.4 * len(one.beside & other.beside) + 0.6 * counted
    if one.lang == other.lang:
        score += 3 * len(one.words & other.words) / max(min(len(one.words), len(other.words)), 4)
    return score


def _times(one: Stated, other: Stated) -> float:
    low, high = sorted((float(base(one.figure)[0]), float(base(other.figure)[0])))
    return high / low if low > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class _Table:
    topics: dict[str, dict[str, re.Pattern[str]]]
    fates: frozenset[str]
    loose: frozenset[str]


@cache
def _table() -> _Table:
    data = tomllib.loads((files("rag") / "data" / "figure_topics.toml").read_text(encoding="utf-8"))
    patterns = {
        name: {lang: _pattern(words.split(", "), lang) for lang, words in row.items()}
        for name, row in data["topics"].items()
    }
    return _Table(patterns, frozenset(data["fates"]), frozenset(data["loose"]))


def _pattern(words: list[str], lang: str) -> re.Pattern[str]:
    forms = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
    return re.compile(forms if lang == "zh" else rf"(?<!\w)(?:{forms})(?!\w)")


def topics(text: str, lang: str) -> frozenset[str]:
    """The topics that a text's words name."""
    lower = text.lower()
    return frozenset(
        name for name, row in _table().topics.items() if (pattern := row.get(lang)) and pattern.search(lower)
    )


def topics_of(text: str, lang: str) -> frozenset[str]:
    """The same with its places, months and figures, for texts that may say one thing in two languages."""
    found = set(topics(text, lang)) | {f"place {number}" for number in entities_of(text)}
    found |= {f"month {each.since[1]}" for each in moments(text, lang=lang, published=None) if each.since[1]}
    return frozenset(found | {f"figure {base(each)[0].normalize()}" for each in figures(text, lang=lang)})
