"""What the articles of one event tell differently: a figure of the same thing, the day, the place, who said it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TypeVar

from rag import places
from rag.domain import Citation, Conflict, Event, EventDate, EventFigure, EventPlace, Saying
from rag.event_traits import alike, days_of
from rag.figure_surroundings import Stated, differ, read, same_value, topics_of
from rag.figures import figures
from rag.text import fold

_SAME_WORDS, _LEAST_SHARED = 0.6, 2  # topics that two sayings share, of those of the one that has fewer, and at least
_BARE_PLACE = re.compile(r"(?:(?:thành phố|thị xã|tỉnh|thủ đô|the city of|in|at|tại|ở)\s)?((?:[A-ZĐ]\w+[ -]?){1,3})$")
_EXPLICIT = re.compile(r"\d")

Value = tuple[str, Citation]
_Item = TypeVar("_Item")


def differences(records: Sequence[Event]) -> tuple[Conflict, ...]:
    """The conflicts of the records of one event, the values in the order of the records, one of each article.

    What an article says in both ways is no conflict, nor are rounder and hedged figures that agree.
    """
    return (*_dates(records), *_places(records), *_figures(records), *_speakers(records))


def same_figure(one: EventFigure, lang: str, other: EventFigure, its_lang: str) -> bool:
    """Whether two figures have one value and unit, however written, and nothing says that they count other things."""
    if not one.citations or not other.citations:
        return one == other
    return same_value(read(one, lang), read(other, its_lang))


def _figures(records: Sequence[Event]) -> Iterator[Conflict]:
    """Figures that stand against one another, with those of further articles that repeat one of them."""
    stated = [[read(figure, record.lang) for figure in _stated(record)] for record in records]
    flat = [(at, number) for at, found in enumerate(stated) for number in range(len(found))]
    against: dict[tuple[int, int], set[tuple[int, int]]] = {each: set() for each in flat}
    for one, other in combinations(range(len(records)), 2):
        if records[one].articles == records[other].articles:
            continue
        for first, second in _opposed(stated[one], stated[other]):
            against[one, first].add((other, second))
            against[other, second].add((one, first))
    for slot in _components(against):
        values = [(stated[at][number].text, stated[at][number].citation, records[at]) for at, number in slot]
        yield from _conflict("figure", values)


def _stated(record: Event) -> Iterator[EventFigure]:
    """A record's figures, with how many documents it says were signed or issued."""
    yield from (figure for figure in record.figures if figure.citations)
    for fact in (*record.documents, record.headline):
        for each in figures(fact.text, lang=record.lang):
            if each.counted == "document" and each.value > 1 and fact.citations:
                yield EventFigure(each.text, str(each.value), each.unit, each.counted, fact.citations)


def _opposed(one: Sequence[Stated], other: Sequence[Stated]) -> Iterator[tuple[int, int]]:
    """Pairs of figures of two records that differ on one thing, the likeliest pairs first, each figure once."""
    mine = [i for i, each in enumerate(one) if not any(same_value(each, theirs) for theirs in other)]
    theirs = [i for i, each in enumerate(other) if not any(same_value(each, ours) for ours in one)]
    scored = [
        (-score, i, j)
        for i in mine
        for j in theirs
        if (score := differ(one[i], other[j], rivals=_rivals(one, i, mine) + _rivals(other, j, theirs))) > 0
    ]
    taken: set[tuple[str, int]] = set()
    for _, i, j in sorted(scored):
        if ("one", i) not in taken and ("other", j) not in taken:
            taken |= {("one", i), ("other", j)}
            yield i, j


def _rivals(found: Sequence[Stated], at: int, left: Sequence[int]) -> int:
    return sum(found[i].measure == found[at].measure for i in left if i != at)


def _components(against: dict[tuple[int, int], set[tuple[int, int]]]) -> Iterator[list[tuple[int, int]]]:
    seen: set[tuple[int, int]] = set()
    for start in sorted(against):
        if start in seen or not against[start]:
            continue
        reached, waiting = {start}, [start]
        while waiting:
            fresh = against[waiting.pop()] - reached
            reached |= fresh
            waiting += fresh
        seen |= reached
        yield sorted(reached)


def _conflict(field: str, values: Sequence[tuple[str, Citation, Event]]) -> Iterator[Conflict]:
    """A conflict of what each article says first, where two articles are left."""
    once: dict[str, Value] = {}
    for text, citation, _ in values:
        once.setdefault(citation.source.id, (text, citation))
    if len(once) > 1:
        yield Conflict(field, tuple(once.values()))  # type: ignore[arg-type]


def _dates(records: Sequence[Event]) -> Iterator[Conflict]:
    dated = [(record.date, record) for record in records if record.date and not record.background]
    opposed = _all_opposed(dated, _dates_differ)
    yield from _conflict("date", [(date.text, date.citation, record) for date, record in opposed])


def _all_opposed(
    items: Sequence[tuple[_Item, Event]], differing: Callable[[_Item, _Item], bool]
) -> list[tuple[_Item, Event]]:
    """Those that another article says otherwise."""
    return [
        (item, record)
        for item, record in items
        if any(differing(item, other) for other, its in items if its.articles != record.articles)
    ]


def _dates_differ(one: EventDate, other: EventDate) -> bool:
    first, second = days_of(one.edtf), days_of(other.edtf)
    if first is None or second is None or not (first.exact and second.exact):
        return False
    if not (first.year and second.year):
        first, second = first.in_any_year, second.in_any_year
    apart = first.last < second.first or second.last < first.first
    ranges = first.first < first.last and second.first < second.last
    stated = _EXPLICIT.search(one.text) and _EXPLICIT.search(other.text)
    return apart or bool(ranges and stated and (first.first, first.last) != (second.first, second.last))


def _places(records: Sequence[Event]) -> Iterator[Conflict]:
    if any(record.kind == "visit" for record in records):
        return  # a visit goes to several places
    found = [(record.place, record) for record in records if record.place and not record.background]
    opposed = _all_opposed(found, _places_differ)
    yield from _conflict("place", [(place.text, place.citation, record) for place, record in opposed])


def _places_differ(one: EventPlace, other: EventPlace) -> bool:
    """Whether both are towns by name, and two: a venue or a province may lie in or around the other."""
    first, second = _town(one), _town(other)
    if not first or not second or fold(first) == fold(second):
        return False
    mine, theirs = places.lookup(first), places.lookup(second)
    return mine.isdisjoint(theirs) and (one.country is None or other.country is None or one.country == other.country)


def _town(place: EventPlace) -> str | None:
    """The name of the town that the words for a place are, its country cut off."""
    text = re.split(r"\s?[,(（]", place.text)[0].strip()
    text = text.title() if text.isupper() else text
    kinds = {places.entities()[number].kind for number in places.lookup(text)}
    if kinds:
        return text if kinds & {"capital", "city"} else None
    bare = _BARE_PLACE.fullmatch(text)
    return bare[1].strip() if bare else None


def _speakers(records: Sequence[Event]) -> Iterator[Conflict]:
    said = [(saying, record) for record in records for saying in record.said]
    told = [topics_of(saying.text, record.lang) for saying, record in said]
    against: dict[tuple[int, int], set[tuple[int, int]]] = {(i, 0): set() for i in range(len(said))}
    for one, other in combinations(range(len(said)), 2):
        if said[one][1].articles == said[other][1].articles or not _one_saying(told[one], told[other]):
            continue
        if _other_speaker(said[one], said[other]):
            against[one, 0].add((other, 0))
            against[other, 0].add((one, 0))
    for slot in _components(against):
        values = [(said[i][0].speaker, said[i][0].citations[0], said[i][1]) for i, _ in slot if said[i][0].citations]
        yield from _conflict("speaker", values)


def _one_saying(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= _LEAST_SHARED and shared >= _SAME_WORDS * min(len(one), len(other))


def _other_speaker(one: tuple[Saying, Event], other: tuple[Saying, Event]) -> bool:
    """Whether the two are said by two persons, each of whom the other article knows."""
    (first, mine), (second, theirs) = one, other
    if _is(first.speaker, mine.lang, second.speaker, theirs.lang):
        return False
    return _knows(theirs, first.speaker, mine.lang) and _knows(mine, second.speaker, theirs.lang)


def _knows(record: Event, name: str, lang: str) -> bool:
    return any(_is(name, lang, each.name, record.lang) for each in record.participants)


def _is(one: str, lang: str, other: str, its_lang: str) -> bool:
    """Whether two names can be one person's, a short one that of a longer one."""
    if alike(one, lang, other, its_lang):
        return True
    short, long = sorted((fold(one).split(), fold(other).split()), key=len)
    return bool(short) and short != long and set(short) <= set(long)
