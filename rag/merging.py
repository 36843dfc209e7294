"""The records of one event put together: all sources, each fact once, and what the articles tell differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from rag import places
from rag.domain import Citation, Event, EventDate, EventFigure, EventKind, EventPlace, Fact, Participant, Saying, Source
from rag.event_conflicts import differences, same_figure
from rag.event_traits import alike
from rag.moments import parts_of
from rag.text import fold, words

_ALMOST = 0.8  # of the words of two facts in one language that are shared where they are the same fact
_Item = TypeVar("_Item")


def merged(records: Sequence[Event]) -> Event:
    """One Event of the records of one event, the same whatever their order; a single record comes back as it is.

    Every field is that of the first article that says it most exactly, articles in the order of their publication;
    lists hold what each article says, once. `conflicts` hold what articles say differently, in that order too: whether
    a later value corrects an earlier one or contradicts it is for the reader of the days of publication to tell.
    Raises ValueError without records.
    """
    ordered = _in_order(records)
    if not ordered:
        raise ValueError("an event needs at least one record")
    if len(ordered) == 1:
        return ordered[0]
    told = [record for record in ordered if not record.background] or ordered
    return Event(
        id=min(record.id for record in ordered),
        kind=_kind(told),
        lang=told[0].lang,
        headline=told[0].headline,
        sources=_sources(ordered),
        date=_date(told) or _date(ordered),
        place=_place(told) or _place(ordered),
        participants=_participants(ordered),
        agreed=_facts(ordered, lambda record: record.agreed),
        said=_sayings(ordered),
        documents=_facts(ordered, lambda record: record.documents),
        figures=_figures(ordered),
        next_steps=_facts(ordered, lambda record: record.next_steps),
        conflicts=differences(ordered),
        records=tuple(sorted({each for record in ordered for each in record.records or (record.id,)})),
        background=all(record.background for record in ordered),
    )


def _in_order(records: Iterable[Event]) -> list[Event]:
    """By day of publication (those with a year first, those without a day last), then by id; each record once."""
    once = {record.id: record for record in sorted(records, key=repr)}
    return sorted(once.values(), key=lambda record: (_published(record.sources), record.id))


def _published(sources: Sequence[Source]) -> str:
    return min((source.published or "~" for source in sources), default="~")


def _sources(records: Sequence[Event]) -> tuple[Source, ...]:
    found = {source.id: source for record in records for source in record.sources}
    return tuple(sorted(found.values(), key=lambda source: (source.published or "~", source.id)))


def _kind(records: Sequence[Event]) -> EventKind:
    """The kind that most records give; one that says more than `other` if any does."""
    counted = Counter(record.kind for record in records)
    return max(counted, key=lambda kind: (kind != "other", counted[kind], -[r.kind for r in records].index(kind)))


def _date(records: Sequence[Event]) -> EventDate | None:
    dates = [record.date for record in records if record.date]
    counted = Counter(date.edtf for date in dates)
    return max(dates, key=lambda date: (_exactness(date), counted[date.edtf]), default=None)


def _exactness(date: EventDate) -> tuple[int, int, bool]:
    since, _, until = (date.edtf or "").partition("/")
    parts = parts_of(since)
    return sum(part is not None for part in parts), -len(until), date.implied_year is not None


def _place(records: Sequence[Event]) -> EventPlace | None:
    found = [record.place for record in records if record.place]
    counted = Counter(fold(place.text) for place in found)
    return max(found, key=lambda place: (not _is_country(place), counted[fold(place.text)]), default=None)


def _is_country(place: EventPlace) -> bool:
    return any(places.entities()[number].kind == "country" for number in places.lookup(place.text))


def _participants(records: Sequence[Event]) -> tuple[Participant, ...]:
    """Everybody once: the fullest name that the first article with one gives, the other spellings beside it."""
    groups: list[list[tuple[Participant, str]]] = []
    for record in records:
        taken: set[int] = set()
        for participant in record.participants:
            at = next(
                (i for i, group in enumerate(groups) if i not in taken and _is_in(participant, record, group)), None
            )
            if at is None:
                groups.append([])
                at = len(groups) - 1
            groups[at].append((participant, record.lang))
            taken.add(at)
    sides = _sides(groups)
    return tuple(_one(group, side) for group, side in zip(groups, sides, strict=True))


def _is_in(participant: Participant, record: Event, group: Sequence[tuple[Participant, str]]) -> bool:
    return any(
        alike(participant.name, record.lang, other.name, lang) or fold(participant.name) in map(fold, other.also)
        for other, lang in group
    )


def _sides(groups: Sequence[Sequence[tuple[Participant, str]]]) -> list[int | None]:
    """1 and 2 by country where two countries take part, as the first record says it; else as stated."""
    stated = [next((each.side for each, _ in group if each.side), None) for group in groups]
    countries = [next((each.country for each, _ in group if each.country), None) for group in groups]
    by_country: dict[str, int] = {}
    for side, country in zip(stated, countries, strict=True):
        if side and country:
            by_country.setdefault(country, side)
    if len(set(by_country.values())) < len(by_country):
        return stated
    return [by_country.get(country or "", side) for side, country in zip(stated, countries, strict=True)]


def _one(group: Sequence[tuple[Participant, str]], side: int | None) -> Participant:
    every = [each for each, _ in group]
    name = max(every, key=lambda each: len(each.name.split())).name
    spelt = dict.fromkeys(form for each in every for form in (each.name, *each.also))
    return Participant(
        name=name,
        also=tuple(form for form in spelt if form != name),
        role=next((each.role for each in every if each.role), None),
        country=next((each.country for each in every if each.country), None),
        side=side,
        citations=_cited(each.citations for each in every),
    )


def _cited(citations: Iterable[tuple[Citation, ...]]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(citation for each in citations for citation in each))


def _facts(records: Sequence[Event], of: Callable[[Event], tuple[Fact, ...]]) -> tuple[Fact, ...]:
    items = [fact for record in records for fact in of(record)]
    groups = _together(items, lambda one, other: _says_the_same(one.text, other.text))
    return tuple(Fact(group[0].text, _cited(each.citations for each in group)) for group in groups)


def _together(items: Iterable[_Item], same: Callable[[_Item, _Item], bool]) -> list[list[_Item]]:
    """The items in their order, each beside the first one that is the same."""
    groups: list[list[_Item]] = []
    for item in items:
        group = next((group for group in groups if same(group[0], item)), None)
        if group is None:
            groups.append([item])
        else:
            group.append(item)
    return groups


def _says_the_same(one: str, other: str) -> bool:
    if one == other:
        return True
    first, second = set(words(fold(one))), set(words(fold(other)))
    return len(first & second) >= _ALMOST * max(len(first), len(second), 1)


def _sayings(records: Sequence[Event]) -> tuple[Saying, ...]:
    items = [(saying, record.lang) for record in records for saying in record.said]
    groups = _together(items, _is_one_saying)
    found = []
    for group in groups:
        first = group[0][0]
        speaker = max((saying.speaker for saying, _ in group), key=lambda name: len(name.split()))
        to = next((saying.to for saying, _ in group if saying.to), None)
        found.append(replace(first, speaker=speaker, to=to, citations=_cited(each.citations for each, _ in group)))
    return tuple(found)


def _is_one_saying(one: tuple[Saying, str], other: tuple[Saying, str]) -> bool:
    (first, lang), (second, its_lang) = one, other
    return _says_the_same(first.text, second.text) and alike(first.speaker, lang, second.speaker, its_lang)


def _figures(records: Sequence[Event]) -> tuple[EventFigure, ...]:
    items = [(figure, record.lang) for record in records for figure in record.figures]
    groups = _together(items, lambda one, other: same_figure(*one, *other))
    return tuple(replace(group[0][0], citations=_cited(each.citations for each, _ in group)) for group in groups)
