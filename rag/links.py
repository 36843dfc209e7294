"""Records that tell one event are linked, whatever their languages and the order in which they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rag.domain import Event
from rag.event_traits import Traits, When, shared_persons, traits, without_year

Near = Callable[[Event, Event], float]

LEAST = 4.0  # evidence at which two records are one event; set on the odd events of the synthetic articles
_SLACK = 1  # days by which two articles may date one event apart
_YEAR = 366
_DAYS_OF_KEY = 45  # a record that may lie on more days than this is met under its other keys
_FAMILIES = (
    frozenset({"meeting", "visit", "signing", "conference", "aid", "other"}),
    frozenset({"meeting", "call", "talks online"}),
    frozenset({"appointment", "election"}),
    frozenset({"statement", "conference", "other"}),
    frozenset({"attack", "other"}),
    frozenset({"sanction", "other"}),
    frozenset({"aid", "other", "signing"}),
)


def keys(event: Event) -> frozenset[str]:
    """Blocking keys: two records that `same` links share one. None of them is a mere pair of countries."""
    of = traits(event)
    found = {f"person {key}" for person in of.persons for key in person.keys}
    found |= {f"figure {value} {unit}" for value, unit in of.figures}
    found |= {f"name {name}" for name in of.names}
    found |= {f"city {number} {month}" for number in of.cities for month in _months(of.when)}
    if of.when and of.when.exact:
        found |= {f"place {number} {day}" for number in of.entities for day in _days(of.when)}
        found |= {f"country {of.country} {day}" for day in _days(of.when) if of.country}
    return frozenset(found)


def same(a: Event, b: Event, *, near: Near | None = None) -> bool:
    """Whether two records tell one event. Symmetric.

    What they share is weighed: persons (met across scripts), day, place, kind, figures, names and words; what keeps
    them apart is weighed against it, and days more than one apart, or incompatible kinds of acts, decide. `near`
    may add how near two records' texts are, from 0 to 1 (an embedding's cosine).
    """
    if a.id == b.id:
        return True
    if not may_be(a, b) or keys(a).isdisjoint(keys(b)):
        return False
    return evidence(a, b) + (near(*sorted((a, b), key=lambda e: e.id)) if near else 0.0) >= LEAST


def may_be(a: Event, b: Event) -> bool:
    """Whether nothing rules out that two records are one event: their days, or one article that tells both."""
    one, other = traits(a), traits(b)
    gap = days_apart(one.when, other.when)
    if gap is not None and gap > _SLACK:
        return False
    if set(a.articles) & set(b.articles):
        return _plainly_one(one, other)
    return True


def _plainly_one(one: Traits, other: Traits) -> bool:
    """Whether an article tells one event in two records: of one kind, with the same persons, on the same stated day."""
    exact = one.when is not None and one.when == other.when and one.when.exact
    alike = one.event.kind == other.event.kind and len(one.persons) == len(other.persons) > 0
    return exact and alike and shared_persons(one.persons, other.persons) == len(one.persons)


def evidence(a: Event, b: Event) -> float:
    """How much tells that two records are one event; about 4 is enough."""
    one, other = traits(a), traits(b)
    around = _by_day(one, other) + _by_place(one, other) + _by_kind(a, b)
    return around + _by_persons(one, other) + _by_words(one, other)


def _by_persons(one: Traits, other: Traits) -> float:
    shared = max(shared_persons(one.persons, other.persons), shared_persons(other.persons, one.persons))
    if shared:
        return 2.0 if shared == 1 else 3.6
    fewest = min(len(one.persons), len(other.persons))
    if any(person.name.hanzi for person in one.persons) != any(person.name.hanzi for person in other.persons):
        return 0.0  # characters say little of how other scripts spell a foreign name
    return 0.0 if not fewest else -1.0 if fewest == 1 else -2.0


def _by_day(one: Traits, other: Traits) -> float:
    gap = days_apart(one.when, other.when)
    if gap is None or one.when is None or other.when is None:
        return 0.0
    if not (one.when.exact and other.when.exact):
        return 0.3
    longest = max(one.when.last - one.when.first, other.when.last - other.when.first)
    return 0.4 if gap or longest > 7 else 1.3


def _by_place(one: Traits, other: Traits) -> float:
    if one.cities & other.cities:
        return 1.0
    if one.country and other.country and one.country != other.country:
        return -1.0
    if one.cities and other.cities:
        return -0.3
    return 0.4 if one.country and one.country == other.country else 0.0


def _by_kind(a: Event, b: Event) -> float:
    if a.kind == b.kind:
        return 0.0 if a.kind == "other" else 0.7
    if any(a.kind in family and b.kind in family for family in _FAMILIES):
        return 0.0
    return -2.0


def _by_words(one: Traits, other: Traits) -> float:
    figures = sum(_weight(value) for value, _ in one.figures & other.figures)
    names = len(one.names & other.names) + len((one.entities & other.entities) - one.cities)
    concepts = len(one.concepts & other.concepts)
    union = len(one.concepts | other.concepts)
    weighed = min(figures, 2.5) + min(0.35 * names, 1.8) + (1.0 * concepts / union if union > 3 else 0.0)
    if one.event.lang == other.event.lang:
        least = min(len(one.words), len(other.words))
        weighed += 2.5 * len(one.words & other.words) / least if least > 5 else 0.0
    return weighed


def _weight(value: object) -> float:
    """How much a shared figure tells: 4.2 billion more than 3."""
    digits = len(str(value).replace(".", "").strip("0"))
    return 0.3 if len(str(value)) < 2 else 0.6 if digits < 2 else 1.0


def days_apart(one: When | None, other: When | None) -> int | None:
    """How many days lie between, 0 where they overlap; None where either is unknown. Without a year, within any."""
    if one is None or other is None:
        return None
    if one.year and other.year:
        return max(0, one.first - other.last, other.first - one.last)
    mine, theirs = one.in_any_year, other.in_any_year
    turns = (-_YEAR, 0, _YEAR)
    return min(max(0, mine.first - theirs.last - turn, theirs.first + turn - mine.last) for turn in turns)


def _days(when: When | None) -> Iterable[int]:
    if when is None or when.last - when.first > _DAYS_OF_KEY:
        return ()
    return sorted({without_year(day) for day in range(when.first - _SLACK, when.last + _SLACK + 1)})


def _months(when: When | None) -> Iterable[int]:
    return sorted({day // 30 for day in _days(when)})


class Links:
    """Records as they come, each linked with those that it is one event with. The order makes no difference."""

    def __init__(self, *, near: Near | None = None) -> None:
        self._near = near
        self._records: dict[str, Event] = {}
        self._by_key: dict[str, list[str]] = {}
        self._above: dict[str, str] = {}

    def add(self, record: Event) -> None:
        """Takes one more record in; one that is there already changes nothing."""
        if record.id in self._records:
            return
        self._records[record.id] = record
        self._above[record.id] = record.id
        mine = sorted(keys(record))
        for other in dict.fromkeys(other for key in mine for other in self._by_key.get(key, ())):
            if same(record, self._records[other], near=self._near):
                self._join(record.id, other)
        for key in mine:
            self._by_key.setdefault(key, []).append(record.id)

    def groups(self) -> tuple[tuple[Event, ...], ...]:
        """The records by event, sorted by their ids."""
        found: dict[str, list[str]] = {}
        for record in sorted(self._records):
            found.setdefault(self._top(record), []).append(record)
        return tuple(tuple(self._records[record] for record in records) for records in sorted(found.values()))

    def _top(self, record: str) -> str:
        while self._above[record] != record:
            self._above[record] = self._above[self._above[record]]
            record = self._above[record]
        return record

    def _join(self, one: str, other: str) -> None:
        first, second = sorted((self._top(one), self._top(other)))
        self._above[second] = first


def groups(records: Iterable[Event], *, near: Near | None = None) -> tuple[tuple[Event, ...], ...]:
    """The records by event: connected components of `same`, sorted by record id, whatever the order they come in."""
    links = Links(near=near)
    for record in records:
        links.add(record)
    return links.groups()
