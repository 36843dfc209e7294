"""Records that tell one event are linked, whatever their languages and the order in which they come."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import partial

from rag.domain import Event
from rag.event_traits import Traits, When, shared_persons, traits

Near = Callable[[Event, Event], float]

LEAST = 3.6  # evidence at which two records are one event; set on the odd events of the synthetic articles
_ONE_PERSON, _TWO_PERSONS = 2.0, 3.6  # what one shared person tells, and two or more
_FAINT = 0.6  # weighs against a mention beside other news that no day dates
_REPORTED = 3  # days within which outlets report what they do not date
_SLACK = 1  # days by which two articles may date one event apart
_YEAR = 366
_FIRST = date(2000, 1, 1).toordinal()
_DAYS_OF_KEY = 45  # a record that may lie on more days than this is met under its other keys
_FAMILIES = (
    frozenset({"meeting", "visit", "signing", "conference", "aid", "other"}),
    frozenset({"meeting", "talks online"}),
    frozenset({"call", "talks online"}),
    frozenset({"appointment", "election"}),
    frozenset({"statement", "conference", "other"}),
    frozenset({"attack", "other"}),
    frozenset({"sanction", "other"}),
    frozenset({"aid", "other", "signing"}),
)

_BETWEEN_TWO = frozenset({"meeting", "call", "talks online", "visit", "signing"})


def keys(event: Event) -> frozenset[str]:
    """Blocking keys: two records that `same` links share one, and not just one name where either has no day.

    None of them is a mere pair of countries.
    """
    return _keys(traits(event))


def same(a: Event, b: Event, *, near: Near | None = None) -> bool:
    """Whether two records tell one event. Symmetric.

    What they share is weighed: persons (met across scripts), day, place, kind, figures, names and words; what keeps
    them apart is weighed against it, and days more than one apart decide. `near` may add how near two records' texts
    are, from 0 to 1 (an embedding's cosine); it is asked in the order of their ids.
    """
    if a.id == b.id:
        return True
    one, other = traits(a), traits(b)
    return _meet(one, other, _keys(one) & _keys(other)) and are_one(one, other, near=_of(near, a, b))


def may_be(a: Event, b: Event) -> bool:
    """Whether nothing rules out that two records are one event: their days, or one article that tells both."""
    return _may_be(traits(a), traits(b))


def evidence(a: Event, b: Event) -> float:
    """How much tells that two records are one event; about 4 is enough."""
    one, other = traits(a), traits(b)
    return _around(one, other) + _by_persons(one, other)


def _keys(of: Traits) -> frozenset[str]:
    found = {f"person {key}" for key in of.person_keys}
    found |= {f"figure {value} {unit}" for value, unit in of.figures}
    found |= {f"name {name}" for name in of.names}
    days = _days(of.when)
    found |= {f"city {number} {month}" for number in of.cities for month in {day // 30 for day in days}}
    if of.when and of.when.exact:
        found |= {f"place {number} {day}" for number in of.entities for day in days}
        found |= {f"country {of.country} {day}" for day in days if of.country}
    return frozenset(found)


def _meet(one: Traits, other: Traits, shared: Collection[str]) -> bool:
    """Whether these shared keys are enough to weigh two records: without a day, one name is shared with too many."""
    if one.when and other.when:
        return bool(shared)
    return sum(1 if key.startswith("name ") else 2 for key in shared) > 1


def are_one(one: Traits, other: Traits, *, near: Callable[[], float] | None = None) -> bool:
    """What `same` says of two records that share a key; `near` says how near their texts are, where that decides."""
    if not _may_be(one, other):
        return False
    found = _around(one, other)
    if found + _most_by_persons(one, other) + (1 if near is not None else 0) < LEAST:
        return False
    found += _by_persons(one, other)
    if near is not None and found < LEAST <= found + 1:
        found += near()
    return found >= LEAST


def _of(near: Near | None, a: Event, b: Event) -> Callable[[], float] | None:
    return near and partial(near, *sorted((a, b), key=lambda event: event.id))


def _may_be(one: Traits, other: Traits) -> bool:
    gap = days_apart(one.when, other.when)
    if gap is not None and (gap > _SLACK or _published_apart(one.when, other.when)):
        return False
    return one.articles.isdisjoint(other.articles) or _plainly_one(one, other)


def _published_apart(one: When | None, other: When | None) -> bool:
    """Whether two records are only dated by their publication, and that is days apart."""
    if one is None or other is None or one.exact or other.exact:
        return False
    apart = abs(one.in_any_year.first - other.in_any_year.first)
    return min(apart, _YEAR - apart) > _REPORTED


def _plainly_one(one: Traits, other: Traits) -> bool:
    """Whether an article tells one event in two records: of one kind, with the same persons, on the same stated day."""
    exact = one.when is not None and one.when == other.when and one.when.exact
    alike = one.kind == other.kind and len(one.persons) == len(other.persons) > 0
    return exact and alike and shared_persons(one.persons, other.persons) == len(one.persons)


def _around(one: Traits, other: Traits) -> float:
    """What all but the persons tells."""
    return _by_day(one, other) + _by_place(one, other) + _by_kind(one.kind, other.kind) + _by_words(one, other)


def _most_by_persons(one: Traits, other: Traits) -> float:
    """The most that `_by_persons` can give."""
    fewest = min(len(one.named), len(other.named))
    return 0.0 if not fewest else _ONE_PERSON if fewest == 1 else _TWO_PERSONS


def _by_persons(one: Traits, other: Traits) -> float:
    shared = 0
    if not one.person_keys.isdisjoint(other.person_keys):
        shared = max(shared_persons(one.persons, other.persons), shared_persons(other.persons, one.persons))
    if shared:
        return (_ONE_PERSON if shared == 1 else _TWO_PERSONS) - _other_sides(one, other, shared)
    fewest = min(len(one.persons), len(other.persons))
    if any(person.name.hanzi for person in one.persons) != any(person.name.hanzi for person in other.persons):
        return 0.0  # characters say little of how other scripts spell a foreign name
    return 0.0 if not fewest else -1.5 if fewest == 1 else -3.5


def _other_sides(one: Traits, other: Traits, shared: int) -> float:
    """What speaks against two records of one host: each has a guest whom the other has not."""
    if one.kind == "conference" or other.kind == "conference":
        return 0.0
    if one.sides - other.sides and other.sides - one.sides:
        return 3.5
    if one.kind not in _BETWEEN_TWO or other.kind not in _BETWEEN_TWO:
        return 0.0
    fewest = min(len(one.persons), len(other.persons))
    return 3.5 if fewest > shared else 0.8 if fewest == 1 else 0.0


def _by_day(one: Traits, other: Traits) -> float:
    gap = days_apart(one.when, other.when)
    if gap is None or one.when is None or other.when is None:
        return -_FAINT if one.background or other.background else 0.0
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


def _by_kind(one: str, other: str) -> float:
    if one == other:
        return 0.0 if one == "other" else 0.7
    if any(one in family and other in family for family in _FAMILIES):
        return 0.0
    return -2.0


def _by_words(one: Traits, other: Traits) -> float:
    figures = sum(_weight(value) for value, _ in one.figures & other.figures)
    entities = (one.entities & other.entities) - one.cities - other.cities
    names = len(one.names & other.names) + len(entities)
    concepts = len(one.concepts & other.concepts)
    union = len(one.concepts | other.concepts)
    weighed = min(figures, 2.5) + min(0.35 * names, 1.8) + (1.0 * concepts / union if union > 3 else 0.0)
    if one.lang == other.lang:
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


def _days(when: When | None) -> frozenset[int]:
    if when is None or when.last - when.first > _DAYS_OF_KEY:
        return frozenset()
    first = when.in_any_year.first
    return frozenset(
        (day - _FIRST) % _YEAR for day in range(first - _SLACK, first + when.last - when.first + _SLACK + 1)
    )


class Links:
    """Records as they come, each linked with those that it is one event with. The order makes no difference."""

    def __init__(self, *, near: Near | None = None) -> None:
        self._near = near
        self._records: list[Event] = []
        self._traits: list[Traits] = []
        self._keys: list[frozenset[str]] = []
        self._numbers: dict[str, int] = {}
        self._above: list[int] = []
        self._with_key: dict[str, list[int]] = {}
        self._undated: dict[str, list[int]] = {}
        self._in_week: dict[tuple[str, int], list[int]] = {}

    def add(self, record: Event) -> None:
        """Takes one more record in; one whose id is there already changes nothing."""
        if record.id in self._numbers:
            return
        number = self._numbers[record.id] = len(self._traits)
        mine = traits(record)
        self._records.append(record)
        self._traits.append(mine)
        self._above.append(number)
        found, weeks = _keys(mine), {day // 7 for day in _days(mine.when)}
        self._keys.append(found)
        for other in self._candidates(found, weeks):
            if self._top(other) != self._top(number) and self._is_one(number, other):
                self._join(number, other)
        for key in found:
            self._with_key.setdefault(key, []).append(number)
            if not weeks:
                self._undated.setdefault(key, []).append(number)
            for week in weeks:
                self._in_week.setdefault((key, week), []).append(number)

    def groups(self) -> tuple[tuple[Event, ...], ...]:
        """The records by event, sorted by their ids."""
        found: dict[int, list[Event]] = {}
        for record in sorted(self._numbers):
            number = self._numbers[record]
            found.setdefault(self._top(number), []).append(self._records[number])
        return tuple(tuple(records) for records in sorted(found.values(), key=lambda records: records[0].id))

    def _candidates(self, found: Iterable[str], weeks: Iterable[int]) -> set[int]:
        """The records that share a key, those left out that lie on other days."""
        if not weeks:
            return {other for key in found for other in self._with_key.get(key, ())}
        dated = {other for key in found for week in weeks for other in self._in_week.get((key, week), ())}
        return dated | {other for key in found for other in self._undated.get(key, ())}

    def _is_one(self, number: int, other: int) -> bool:
        mine, theirs = self._traits[number], self._traits[other]
        near = _of(self._near, self._records[number], self._records[other])
        return _meet(mine, theirs, self._keys[number] & self._keys[other]) and are_one(mine, theirs, near=near)

    def _top(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number

    def _join(self, one: int, other: int) -> None:
        self._above[self._top(one)] = self._top(other)


def groups(records: Iterable[Event], *, near: Near | None = None) -> tuple[tuple[Event, ...], ...]:
    """The records by event: connected components of `same`, sorted by record id, whatever the order they come in."""
    links = Links(near=near)
    for record in records:
        links.add(record)
    return links.groups()
