"""The stored events: an article's records as they were read at ingest, and records of one event put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from rag import article_dates, event_json, events, lexical, links, places
from rag.article_dates import Days
from rag.cite import cite
from rag.domain import Article, Event, Rejected, Source
from rag.errors import InputError
from rag.event_rows import Condition, Pair, Record, Window
from rag.event_traits import Traits, alike, packed, person_keys, traits, unpacked
from rag.merging import merged
from rag.prepare import clean_file
from rag.store import Store
from rag.text import language, nfc

LOADED = 2_000  # records that linking keeps at hand, those that were asked for last
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LAST = 99_999_999


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: of days from `since` until `until` (EDTF with a year), and of all else that is given.

    Within one field any of its values is enough. `people` are met across scripts, `countries` (ISO codes or names) are
    those of the place or of who took part, `outlets` and `langs` those of an article that tells it. Without
    `background` what articles only mention is left out.
    """

    since: str | None = None
    until: str | None = None
    people: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    background: bool = True


@dataclass(frozen=True, slots=True)
class Happened:
    """Events by day, those without a year last; a day is the first one that an event's date states.

    `undated` counts those left out that may be of the period: they state no year, or only a month or a year. `unread`
    counts the articles of the store that were not read for events yet: `rag reindex` reads them.
    """

    events: tuple[Event, ...]
    undated: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the catalogue tells of the wanted events: the records (numbers) of each that can be one.

    `groups` are those of days that touch the period, `yearless` those of which no record states a year and that may be
    of it. Whether one is wanted for its kind and persons is known for sure once it is put together.
    """

    wanted: Wanted
    people: tuple[tuple[str, str], ...]
    period: Days | None
    groups: tuple[tuple[int, ...], ...]
    yearless: tuple[tuple[int, ...], ...]

    def is_wanted(self, event: Event) -> bool:
        """Whether the event as it was put together is of a kind, and persons took part, that are asked for."""
        if self.wanted.kinds and event.kind not in self.wanted.kinds:
            return False
        return not self.people or any(_took_part(name, lang, event) for name, lang in self.people)


class Linking:
    """Which stored records are one event with new ones: what a store's commit asks.

    It holds what it read, by the numbers of records: one that is read again for events gets another number. A commit
    that failed gives its numbers back, so a new one is needed then.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[int, Traits] = {}

    def __call__(self, records: Sequence[str]) -> Iterator[Pair]:
        for record in records:
            others = self._store.candidates(record)
            found = self._traits(others)
            mine = next((found[number] for number, other in others.items() if other == record), None)
            for number, other in others.items():
                if mine is not None and other != record and links.are_one(mine, found[number]):
                    yield record, other

    def _traits(self, numbers: Collection[int]) -> dict[int, Traits]:
        found = {one: self._held.pop(one) for one in numbers if one in self._held}
        stored = self._store.record_traits([one for one in numbers if one not in found])
        found |= {number: unpacked(data) for number, data in stored.items() if data is not None}
        unread = [number for number, data in stored.items() if data is None]
        found |= {number: traits(event) for number, event in _loaded(self._store, unread).items()}
        self._held.update(found)  # behind those that were not asked for
        for one in list(islice(self._held, max(0, len(self._held) - LOADED))):
            del self._held[one]
        return found


def row(event: Event) -> Record:
    """An article's record as the store keeps it."""
    when = article_dates.read(*_ends(event)) if event.date and event.date.edtf else None
    known = when is not None and not when.yearless
    return Record(
        id=event.id,
        kind=event.kind,
        background=event.background,
        data=event_json.dumped(event),
        traits=packed(traits(event)),
        days=(when.first, when.last) if when and known else None,
        months=(when.months[0] if len(when.months) == 1 else article_dates.ANY_MONTH[0]) if when else None,
        window=_window(event),
        keys=links.keys(event),
        countries=_countries(event),
    )


def records(store: Store, *, articles: Collection[str] | None = None) -> list[Event]:
    """The records of these articles (ids; None: of all), unlinked, in the order of their ids."""
    return sorted(_loaded(store, store.records_of(articles)).values(), key=_by_number)


def telling(store: Store, articles: Collection[str]) -> list[Event]:
    """The events that any of these articles (ids, some thousands at most) tells, each put together, by day."""
    groups = store.record_groups([_in("r.article IN (#)", sorted(articles))]) if articles else ()
    return sorted(put_together(store, groups), key=_by_day)


def of(article: str, *, store: Callable[[], Store]) -> list[tuple[Article, Sequence[Event]]]:
    """A stored article, by its id or the beginning of it, or a file's articles, read now, each with its records.

    The store is opened for an article only. Raises InputError where there is none.
    """
    if not Path(article).is_file():
        opened = store()
        whole = opened.article(article)
        return [(whole, records(opened, articles=[whole.id]))]
    found = clean_file(article)
    for one in found:
        if isinstance(one, Rejected):
            raise InputError(f"{one.path}: {one.reason}")
    return [(one, events.extract(one)) for one in found if isinstance(one, Article)]


def linked(store: Store, *, wanted: Wanted | None = None) -> list[Event]:
    """The events that are wanted, by day; see `happened`, which says also how many were left out."""
    return list(happened(store, wanted=wanted).events)


def happened(store: Store, *, wanted: Wanted | None = None) -> Happened:
    """The events that are wanted, each put together from the records of all its articles.

    Raises InputError for a period that is no date with a year or ends before it begins, and for what is no country.
    """
    chosen = choose(store, wanted or Wanted())
    found = [event for event in put_together(store, chosen.groups) if chosen.is_wanted(event)]
    inside = [event for event in found if chosen.period is None or _within(event, chosen.period)]
    may_be = sum(map(chosen.is_wanted, put_together(store, chosen.yearless)))
    undated = len(found) - len(inside) + may_be
    return Happened(tuple(sorted(inside, key=_by_day)), undated, store.unread())


def choose(store: Store, wanted: Wanted) -> Chosen:
    """The stored records that can be of the wanted events, nothing loaded. Raises InputError as `happened`."""
    period = _period(wanted)
    people = tuple((nfc(name), language(name)) for name in wanted.people)
    conditions = list(_conditions(wanted, people))
    groups = store.record_groups([*_of_days(period), *conditions])
    yearless = _without_year(store, period, conditions) if period else []
    return Chosen(wanted, people, period, tuple(groups), tuple(yearless))


def put_together(store: Store, groups: Sequence[tuple[int, ...]]) -> Iterator[Event]:
    """The event of each group of records (numbers), in their order, a few hundred groups loaded at a time."""
    for at in range(0, len(groups), 256):
        part = groups[at : at + 256]
        found = _loaded(store, [number for group in part for number in group])
        for group in part:
            event = merged([found[number] for number in group])
            every = {source for number in group for source in found[number].sources}
            yield replace(event, sources=tuple(sorted(every, key=lambda s: (s.published or "~", s.id, s.path, s.item))))


def _loaded(store: Store, numbers: Collection[int]) -> dict[int, Event]:
    """The records of these numbers with their quotes, each article read once."""
    found: dict[int, Event] = {}
    article: Article | None = None
    sources: tuple[Source, ...] = ()
    for number, owner, data in store.record_data(numbers):
        if article is None or article.id != owner:
            article, sources = store.article(owner), store.sources(owner)
        found[number] = event_json.loaded(data, cite=partial(cite, article), sources=sources)
    return found


def _period(wanted: Wanted) -> Days | None:
    if wanted.since is None and wanted.until is None:
        return None
    found = article_dates.read(wanted.since, wanted.until)
    if found is None or found.yearless:
        raise InputError(
            f"the period from {wanted.since} until {wanted.until} has no days; write 2023, 2023-10 or 2023-10-24"
        )
    return found


def _of_days(period: Days | None) -> Iterator[Condition]:
    if period is not None:
        yield Condition("r.first <= ? AND r.last >= ?", (period.last, period.first))


def _without_year(store: Store, period: Days, conditions: Sequence[Condition]) -> list[tuple[int, ...]]:
    """The events of which no record states a year, and one record's day of the year can be in the period."""
    ranges = " OR ".join("r.from_md <= ? AND r.to_md >= ?" for _ in period.months)
    ends = [end for first, last in period.months for end in (last, first)]
    may_be = Condition(f"r.first ISNULL AND (r.from_md ISNULL OR {ranges})", tuple(ends))
    return store.record_groups([may_be, *conditions], unless=Condition("r.first NOTNULL"))


def _conditions(wanted: Wanted, people: Sequence[tuple[str, str]]) -> Iterator[Condition]:
    """What SQL can tell of them, those that leave fewest records first."""
    if people:
        keys = {f"person {key}" for name, _ in people for key in person_keys(name)}
        yield _in("r.number IN (SELECT record FROM record_keys WHERE key IN (#))", sorted(keys))
    if wanted.outlets:
        outlets = [lexical.words(outlet) for outlet in wanted.outlets]
        yield _in("r.article IN (SELECT article FROM sources WHERE outlet_key IN (#))", outlets)
    if wanted.countries:
        codes = sorted({code for name in wanted.countries for code in _codes(name)})
        yield _in("r.number IN (SELECT record FROM record_countries WHERE country IN (#))", codes)
    if wanted.kinds:
        yield _in("r.kind IN (#)", list(wanted.kinds))
    if wanted.langs:
        yield _in("r.article IN (SELECT id FROM articles WHERE lang IN (#))", list(wanted.langs))
    if not wanted.background:
        yield Condition("r.background = 0")


def _in(sql: str, values: Sequence[str]) -> Condition:
    return Condition(sql.replace("#", ", ".join("?" * len(values))), tuple(values))


def _codes(country: str) -> set[str]:
    """The ISO codes that a country's code or name means. Raises InputError for what is none."""
    entities = places.entities()
    known = {entity.country for entity in entities if entity.kind == "country"}
    if country.upper() in known:
        return {country.upper()}
    found = {entities[n].country for n in places.lookup(nfc(country).strip()) if entities[n].kind == "country"}
    if not found:
        raise InputError(f"{country!r} is no country known here; give one such as 'Việt Nam' or VN")
    return found


def _took_part(name: str, lang: str, event: Event) -> bool:
    spelt = (form for one in event.participants for form in (one.name, *one.also))
    return any(alike(name, lang, each, event.lang) for each in spelt)


def _within(event: Event, period: Days) -> bool:
    """Whether it was within the period for sure: a month or a year that is longer does not say so."""
    when = article_dates.read(*_ends(event))
    if when is None or when.yearless or when.first > period.last or when.last < period.first:
        return False
    contained = when.first >= period.first and when.last <= period.last
    return contained or all(_DAY.match(end) for end in _ends(event))


def _ends(event: Event) -> tuple[str, str]:
    edtf = (event.date and event.date.edtf) or ""
    since, _, until = edtf.partition("/")
    return since, until or since


def _by_day(event: Event) -> tuple[int, int, str]:
    when = article_dates.read(*_ends(event)) if event.date and event.date.edtf else None
    if when is None:
        return _LAST, _LAST, event.id
    return (_LAST if when.yearless else when.first), when.months[0][0], event.id


def _by_number(event: Event) -> tuple[str, int]:
    article, _, number = event.id.rpartition("#")
    return article, int(number)


def _window(event: Event) -> Window | None:
    when = traits(event).when
    if when is None:
        return None
    any_year = when.in_any_year
    return Window(when.first, when.last, any_year.first, any_year.last, when.year)


def _countries(event: Event) -> frozenset[str]:
    found: Iterable[str | None] = (one.country for one in event.participants)
    place = event.place.country if event.place else None
    return frozenset(code for code in (*found, place) if code)
