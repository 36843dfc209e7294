"""A briefing: what a period's Events say, the most important first, against those of the period before.

It is made of Events alone and never reads the store; the same Events in any order give the same briefing. How much
each thing weighs stands in rag/data/briefing.toml and is told in `Told.counted`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from rag.brief_labels import LANGS, table
from rag.brief_words import differing, lead, statements, telling
from rag.changes import Linked, Merged, Pair, differences, pairs
from rag.domain import Briefing, Change, Event, LeftOut, Participant, Told
from rag.errors import InputError
from rag.offices import offices
from rag.places import HANZI
from rag.text import fold, language

Period = tuple[str, str]


def briefing(
    now: Iterable[Event],
    before: Iterable[Event] = (),
    *,
    period: Period,
    lang: str = "en",
    compared: Period | None = None,
    left_out: Iterable[LeftOut] = (),
    undated: Iterable[LeftOut] = (),
    seen: int = 0,
    keep: Callable[[Event], bool] | None = None,
    notices: Sequence[str] = (),
    link: Linked | None = None,
    merge: Merged | None = None,
) -> Briefing:
    """The briefing of a period's records against those of the period `compared`, in English or Vietnamese.

    Events that articles only mention beside something else are not told again, and keep what the period before told
    from counting as dropped. `keep` says which events it is about, all unless told; `link` and `merge` are
    links.groups and merging.merged unless told. Raises InputError for another language.
    """
    if lang not in LANGS:
        raise InputError(f"a briefing is written in {' or '.join(LANGS)}, not in {lang!r}")
    if link is None or merge is None:
        from rag.links import groups
        from rag.merging import merged

        link, merge = link or groups, merge or merged
    found = [pair for pair in pairs(now, before, link=link, merge=merge) if keep is None or keep(pair.both)]
    changes = {pair.both.id: tuple(_changes(pair, lang)) for pair in found}
    told = _ranked(_told(pair, changes[pair.both.id], compared, lang) for pair in found if pair.told)
    records = {pair.now.id: pair.records for pair in found if pair.now}
    by_event = {pair.now.id: changes[pair.both.id] for pair in found if pair.now}
    every = [change for each in told for change in by_event[each.event.id]]
    return Briefing(
        since=period[0],
        until=period[1],
        lang=lang,
        before=compared,
        lead=tuple(lead(each.event, lang, records[each.event.id]) for each in told[: _most_in_lead()]),
        events=tuple(told),
        new=_new(told, found) if compared else (),
        changed=tuple(change for change in every if change.because),
        contradicted=tuple(change for change in every if not change.because),
        dropped=tuple(_ranked(_dropped(pair.before, lang) for pair in found if pair.dropped and pair.before)),
        left_out=tuple(sorted(set(left_out), key=_order)),
        undated=tuple(sorted(set(undated), key=_order)),
        seen=seen,
        weights=tuple(sorted((name, float(value)) for name, value in table()["weights"].items())),
        notices=tuple(notices),
    )


def _most_in_lead() -> int:
    return int(table()["weights"]["lead"])


def _order(each: LeftOut) -> tuple[str, str, int, str]:
    return each.reason, each.source.path, each.source.item, each.source.id


def _new(told: Iterable[Told], found: Iterable[Pair]) -> tuple[str, ...]:
    new = {pair.now.id for pair in found if pair.now and pair.new}
    return tuple(each.event.id for each in told if each.event.id in new)


def _changes(pair: Pair, lang: str) -> Iterator[Change]:
    for each in differences(pair):
        event = pair.now.id if pair.now else pair.both.id
        yield Change(event, each.field, each.before, each.now, differing(each, lang), each.because)


def _told(pair: Pair, changes: Sequence[Change], compared: Period | None, lang: str) -> Told:
    event = pair.now or pair.both
    counted = dict(_weighed(event))
    weights = table()["weights"]
    if compared and pair.new:
        counted["new"] = weights["new"]
    if any(change.because for change in changes):
        counted["changed"] = weights["changed"]
    if any(not change.because for change in changes):
        counted["contradicted"] = weights["contradicted"]
    return Told(event, statements(event, lang, pair.records), round(sum(counted.values()), 2), tuple(counted.items()))


def _dropped(event: Event, lang: str) -> Told:
    counted = tuple(_weighed(event))
    return Told(event, (telling(event, lang),), round(sum(value for _, value in counted), 2), counted)


def _ranked(told: Iterable[Told]) -> list[Told]:
    """The most important first; ties by more articles, then by the day, then by the id."""
    return sorted(told, key=lambda one: (-one.importance, -len(one.event.articles), _day(one.event), one.event.id))


def _day(event: Event) -> str:
    return event.date.edtf if event.date and event.date.edtf else "~"


def _weighed(event: Event) -> Iterator[tuple[str, float]]:
    """What its articles, its kind, the highest office and the countries that take part add to its importance."""
    weights = table()["weights"]
    yield "articles", weights["source"] * min(len(event.articles), int(weights["most_sources"]))
    yield "kind", float(table()["kinds"][event.kind])
    yield "rank", weights["rank"] * max((rank(person, event.lang) for person in event.participants), default=0.0)
    countries = {person.country for person in event.participants if person.country}
    yield "countries", weights["country"] * min(len(countries), int(weights["most_countries"]))


def rank(person: Participant, lang: str) -> float:
    """How high the office is that the articles give somebody: 0 for none, up to 5 for who heads a state."""
    if not person.role:
        return 0.0
    ranks = table()["ranks"]
    written = {language(person.role), lang}
    named_offices = (office for each in sorted(written) for office in offices(person.role or "", lang=each))
    kinds = [ranks[office.kind] for office in named_offices if office.kind in ranks]
    named = [value for value, holds in _rank_words() if holds(person.role)]
    deputies = [value for value in named if value == ranks["deputy_foreign_minister"]]
    return float(max(kinds, default=min(deputies, default=max(named, default=ranks["any"]))))


@cache
def _rank_words() -> tuple[tuple[float, Callable[[str], object]], ...]:
    """By rank, whether a role holds one of its words."""

    def holding(words: Sequence[str]) -> Callable[[str], object]:
        spaced = "|".join(re.escape(fold(word)) for word in words if not HANZI.match(word))
        dense = "|".join(re.escape(fold(word)) for word in words if HANZI.match(word))
        pattern = re.compile("|".join(filter(None, [rf"\b(?:{spaced})\b" if spaced else "", dense])))
        return lambda role: pattern.search(fold(role))

    return tuple((float(value), holding(words)) for value, words in table()["rank_words"].items())
