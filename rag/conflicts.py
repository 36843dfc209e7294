"""Where articles differ on what an answer says: another figure, another day, another speaker of the same words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag.answer import Candidate
from rag.bridge import same
from rag.cite import cite
from rag.domain import Article, Citation, Conflict, Name, Statement
from rag.figures import Figure, base, figures
from rag.mentions import find
from rag.moments import Moment, read
from rag.search import Floats
from rag.text import sentences

if TYPE_CHECKING:
    from rag.embed import Embedder

# Cosines of centred vectors: sentences of two articles on one event that tell the same thing are so near. Set on the
# development half of the synthetic articles.
LEAST, LEAST_SAYING, LEAST_LASTING = 0.27, 0.3, 0.4
SURE = 0.5  # over it one shared person is enough, and figures may lie far apart
_FAR = 2.5  # else the greater figure is at most so many times the smaller one
_ALMOST = 0.03  # "about 300" and 297 are no conflict
_DAYS = 7  # what happened on days further apart are two events
_TEXT_MOST = 20_000
_LEAD = 2
_DATELINE, _BESIDE = 40, 24  # characters at most before a dateline's date, and between a speaker and "said"
_DASH = re.compile(r"(?:,?\s\d{4})?\.?\s?(?:\([^()]{1,30}\))?\s?(?:--?|–|—)\s")
_DURATIONS = frozenset({"second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century"})
_SAID = re.compile(
    r"\b(?:said|says|told|asked|proposed|announced|stated|added|stressed|noted|urged|called|suggested|requested|affirmed"
    r"|nói|cho biết|đề nghị|khẳng định|nhấn mạnh|tuyên bố|phát biểu|đề xuất|bày tỏ|kêu gọi|chia sẻ|cho rằng|thông báo"
    r"|заявил\w*|сказал\w*|отметил\w*|подчеркнул\w*|предложил\w*)\b|表示|指出|说|强调|建议|提议|宣布"
)
Field = Literal["figure", "date", "speaker"]


@dataclass(frozen=True)
class _Sentence:
    """A sentence of an article with what it states; read when it is first asked for."""

    candidate: Candidate
    vector: Floats
    about: _About

    @property
    def lang(self) -> str:
        return self.candidate.article.source.lang or ""

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        return _counted(self.candidate.text, self.lang)

    @cached_property
    def days(self) -> tuple[Moment, ...]:
        """The days that it states by their date, a dateline's left out: that is when it was written."""
        text = self.candidate.text
        found = read(text, lang=self.lang, published=None)
        dated = (moment for moment in found if moment.level == 2 and moment.since[1] is not None)
        return tuple(day for day in dated if day.start > _DATELINE or not _DASH.match(text, day.end))

    @cached_property
    def speaker(self) -> str | None:
        """The person who says what the sentence tells, where it names no other."""
        start, end = self.candidate.start, self.candidate.end
        inside = [name for name in self.about.named if start <= name.start and name.end <= end]
        text = self.about.article.text
        said = any(_SAID.search(text, name.end, min(end, name.end + _BESIDE)) for name in inside)
        return inside[0].text if said and len({name.text for name in inside}) == 1 else None

    def citation(self) -> Citation:
        return cite(self.candidate.article, self.candidate.start, self.candidate.end)


@dataclass(frozen=True)
class _About:
    """What an article is about as a whole."""

    article: Article

    @cached_property
    def named(self) -> tuple[Name, ...]:
        found = find(self._text, lang=self.article.source.lang or "")
        return tuple(name for name in found if name.kind == "person")

    @cached_property
    def persons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.text for name in self.named))

    @cached_property
    def figures(self) -> frozenset[tuple[object, ...]]:
        found = _counted(self._text, self.article.source.lang or "")
        return frozenset((*base(figure), figure.counted) for figure in found)

    @cached_property
    def day(self) -> int | None:
        """The first day that its first sentences state, counted within a year."""
        article = self.article
        lead = article.text[: sentences(self._text)[:_LEAD][-1][1]] if self._text.strip() else ""
        found = read(lead, lang=article.source.lang or "", published=article.source.published)
        return next((_of_year(moment) for moment in found if moment.level == 2 and moment.since[1]), None)

    @property
    def _text(self) -> str:
        return self.article.text[:_TEXT_MOST]


def conflicts(
    statements: Sequence[Statement],
    ranked: Sequence[Candidate],
    *,
    centre: Callable[[str], Floats],
    embedder: Embedder,
) -> tuple[Conflict, ...]:
    """What two or more articles tell differently of what the statements cite, each in its own words.

    `ranked` are the sentences that search found, `centre` gives a language's mean vector (dimension,). A sentence of
    another article is compared where both articles are on one event (they share persons, and their first days lie near
    each other) and the two sentences tell the same thing. What a sentence's own article also says the other way is
    left out: few conflicts are missed rather than one invented.
    """
    every = _read(ranked, centre, embedder)
    cited = [sentence for sentence in every if _is_cited(sentence.candidate, statements)]
    found: list[Conflict] = []
    for sentence in cited:
        pairs = [other for other in every if _tell_the_same(sentence, other)]
        for conflict in _of_sentence(sentence, pairs):
            if not any(_repeats(conflict, earlier) for earlier in found):
                found.append(conflict)
    return tuple(found)


def _read(ranked: Sequence[Candidate], centre: Callable[[str], Floats], embedder: Embedder) -> list[_Sentence]:
    """The sentences with their centred unit vectors."""
    lacking = [candidate for candidate in ranked if candidate.vector is None]
    fresh = iter(embedder.passages([candidate.text.strip() for candidate in lacking]) if lacking else ())
    about = {candidate.article.id: _About(candidate.article) for candidate in ranked}
    read_ = []
    for candidate in ranked:
        vector = candidate.vector if candidate.vector is not None else next(fresh)
        centred = vector - centre(candidate.article.source.lang or "")
        read_.append(
            _Sentence(candidate, centred / max(float(np.linalg.norm(centred)), 1e-9), about[candidate.article.id])
        )
    return read_


def _is_cited(candidate: Candidate, statements: Sequence[Statement]) -> bool:
    return any(
        citation.touches(candidate.article.id, candidate.start, candidate.end)
        for statement in statements
        for citation in statement.citations
    )


def _tell_the_same(one: _Sentence, other: _Sentence) -> bool:
    if one.about is other.about or _likeness(one, other) < LEAST:
        return False
    days = one.about.day, other.about.day
    if days[0] is not None and days[1] is not None and _between(days[0], days[1]) > _DAYS:
        return False
    shared = _shared(one.about.persons, other.about.persons)
    return shared > 1 or (shared == 1 and _likeness(one, other) >= SURE)


def _likeness(one: _Sentence, other: _Sentence) -> float:
    return float(one.vector @ other.vector)


def _shared(persons: Sequence[str], others: Sequence[str]) -> int:
    """How many persons both name; full names only, for a surname alone is many people's."""
    return sum(any(same(person, other).match for other in others) for person in persons)


def _counted(text: str, lang: str) -> tuple[Figure, ...]:
    """The figures that say what they count; "two sides" count nothing."""
    return tuple(
        figure
        for figure in figures(text, lang=lang)
        if (figure.unit or figure.counted)
        and figure.unit != "ordinal"
        and (figure.in_digits or figure.value not in (1, 2))
    )


def _of_sentence(sentence: _Sentence, others: Sequence[_Sentence]) -> Iterator[Conflict]:
    for figure in sentence.figures:
        values = _values(sentence, others, partial(_other_figure, figure, sentence))
        if values:
            yield Conflict("figure", ((_expression(figure, sentence), sentence.citation()), *values))
    close = [other for other in others if _likeness(sentence, other) >= LEAST_SAYING]
    if len(sentence.days) == 1:
        values = _values(sentence, close, partial(_other_day, sentence))
        if values:
            yield Conflict("date", ((sentence.days[0].text, sentence.citation()), *values))
    if sentence.speaker is not None:
        values = _values(sentence, close, partial(_other_speaker, sentence))
        if values:
            yield Conflict("speaker", ((sentence.speaker, sentence.citation()), *values))


def _values(
    sentence: _Sentence, others: Sequence[_Sentence], differing: Callable[[_Sentence], str | None]
) -> tuple[tuple[str, Citation], ...]:
    """What other articles say instead, each article once, its nearest sentence."""
    found: dict[str, tuple[str, Citation]] = {}
    for other in sorted(others, key=lambda other: -_likeness(sentence, other)):
        value = differing(other)
        if value is not None:
            found.setdefault(other.candidate.article.id, (value, other.citation()))
    return tuple(found.values())


def _other_figure(figure: Figure, sentence: _Sentence, other: _Sentence) -> str | None:
    """The other sentence's figure for the same thing, where it differs."""
    likeness = _likeness(sentence, other)
    if figure.unit in _DURATIONS and likeness < LEAST_LASTING:
        return None
    mine = (*base(figure), figure.counted)
    alike = [each for each in other.figures if (base(each)[1], each.counted) == mine[1:]]
    rivals = [each for each in sentence.figures if (base(each)[1], each.counted) == mine[1:]]
    if not alike or mine in other.about.figures:
        return None
    nearest = min(alike, key=lambda each: _times(figure, each))
    if min(rivals, key=lambda each: _times(each, nearest)) is not figure:
        return None
    if (*base(nearest), nearest.counted) in sentence.about.figures:
        return None
    hedged = figure.approximate or nearest.approximate
    times = _times(figure, nearest)
    if (hedged and times <= 1 + _ALMOST) or (times > _FAR and likeness < SURE):
        return None
    return _expression(nearest, other)


def _times(one: Figure, other: Figure) -> float:
    """How many times the greater is the smaller one."""
    low, high = sorted((float(base(one)[0]), float(base(other)[0])))
    return high / low if low else float("inf")


def _expression(figure: Figure, sentence: _Sentence) -> str:
    """The figure with the words that follow it where they say what it counts."""
    text = sentence.candidate.text
    if figure.counted is None:
        return figure.text
    following = re.match(r"(?:[ -][^\W\d_]+){1,2}|[\u4e00-\u9fff]{1,4}", text[figure.end : figure.end + 40])
    return text[figure.start : figure.end + (following.end() if following else 0)]


def _other_day(sentence: _Sentence, other: _Sentence) -> str | None:
    if len(other.days) != 1:
        return None
    mine, theirs = sentence.days[0], other.days[0]
    ends = [(mine.since, theirs.since), (mine.until, theirs.until)]
    interval = (mine.since != mine.until, theirs.since != theirs.until)
    if interval[0] != interval[1]:  # "on 9 September" and "from 9 to 11 September" agree
        return None
    differ = any(one[place] != two[place] for one, two in ends for place in (1, 2))
    return theirs.text if differ and 0 <= _between(_of_year(mine), _of_year(theirs)) <= _DAYS else None


def _of_year(moment: Moment) -> int:
    return (moment.since[1] or 1) * 31 + (moment.since[2] or 1)


def _between(one: int, other: int) -> int:
    return min(abs(one - other), 12 * 31 - abs(one - other))


def _other_speaker(sentence: _Sentence, other: _Sentence) -> str | None:
    """Who says it there, where both articles name both speakers."""
    one, two = sentence.speaker, other.speaker
    if one is None or two is None or same(one, two).match:
        return None
    return two if _shared([one], other.about.persons) and _shared([two], sentence.about.persons) else None


def _repeats(conflict: Conflict, earlier: Conflict) -> bool:
    """Whether it is the same difference, seen from another article."""
    spans = {(citation.source.id, citation.start, value) for value, citation in conflict.values}
    known = {(citation.source.id, citation.start, value) for value, citation in earlier.values}
    return conflict.field == earlier.field and len(spans & known) > 1
