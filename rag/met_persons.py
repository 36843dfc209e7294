"""Which participants of many events are one person: names met across scripts, told apart by country and office."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.bridge import compare, core
from rag.concepts import of_text
from rag.domain import Event, Participant
from rag.event_traits import alike, entities_of, person_keys
from rag.name_tables import frame_key
from rag.offices import offices
from rag.remembered import remembered
from rag.skeleton import latin_sounds
from rag.spellings import readings_of, spelling
from rag.text import nfc

PLAINLY = 4  # times as many mentions as all others that make one of two persons the one who is meant
_MOST_FORMS = 8
_FIELDS = frozenset(
    "medical trade industry energy agriculture fish tourism transport military education culture science climate "
    "locality labour bank court media".split()
)
_OF_OFFICE = {
    "foreign_minister": "foreign",
    "deputy_foreign_minister": "foreign",
    "defence_minister": "military",
    "finance_minister": "finance",
    "trade_minister": "trade",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A participant of an event, by place in its list."""

    event: Event
    place: int

    @property
    def participant(self) -> Participant:
        """Who that is."""
        return self.event.participants[self.place]

    def __hash__(self) -> int:
        return hash((self.event.id, self.place))


@dataclass(frozen=True, slots=True)
class _Unit:
    """Participants of the same spelling, country and field of office: one person as far as anything tells."""

    forms: tuple[tuple[str, str], ...]
    country: str | None
    fields: frozenset[str]
    keys: frozenset[str]
    weight: int
    seen: tuple[Seen, ...]


def persons(seen: Sequence[Seen]) -> list[tuple[Seen, ...]]:
    """The participants by person, the same whatever their order.

    Two spellings are one person where the name bridge says so and nothing tells them apart: two countries; two fields
    of office, where the names are mere syllables, which many share; names of one script that differ. A spelling that
    fits two persons who are told apart is neither, unless one of them is met `PLAINLY` times as often as the others.
    """
    units = _units(seen)
    near = _near(units)
    groups = _Groups(units)
    doubtful = {at for at, others in near.items() if _is_doubtful(units, others)}
    pairs = sorted((one, other) for one, others in near.items() for other in others if one < other)
    for one, other in pairs:
        if one not in doubtful and other not in doubtful:
            groups.join(one, other)
    for one in sorted(doubtful):
        if (meant := _meant(one, near[one] - doubtful, groups)) is not None:
            groups.join(one, meant)
    for one, other in pairs:
        if one in doubtful and other in doubtful:
            groups.join(one, other)
    return groups.persons()


def _units(seen: Iterable[Seen]) -> list[_Unit]:
    """Sorted by what they hold, so that their numbers do not hang on any order."""
    found: dict[tuple[str, str, tuple[str, ...]], list[Seen]] = defaultdict(list)
    for one in seen:
        who = one.participant
        if spelling(who.name).letters:
            fields = _fields(who.role, one.event.lang) if who.role else frozenset[str]()
            found[nfc(who.name).casefold(), who.country or "", tuple(sorted(fields))].append(one)
    return [_unit(found[key], frozenset(key[2])) for key in sorted(found)]


def _unit(seen: list[Seen], fields: frozenset[str]) -> _Unit:
    spelt = {(form, one.event.lang) for one in seen for form in (one.participant.name, *one.participant.also)}
    first = {form: min(lang for each, lang in spelt if each == form) for form, _ in spelt if spelling(form).letters}
    forms = tuple((form, first[form]) for form in full(first))[:_MOST_FORMS]
    return _Unit(
        forms=forms,
        country=seen[0].participant.country,
        fields=fields,
        keys=frozenset(key for form, _ in forms for key in _keys(form)),
        weight=len(seen),
        seen=tuple(sorted(seen, key=lambda one: (one.event.id, one.place))),
    )


def full(forms: Iterable[str]) -> list[str]:
    """The spellings without those that are only a part of a name (`Kim`), where there are others; sorted."""
    known = sorted(set(forms))
    whole = [form for form in known if len(re.findall(r"\w+", form)) > 1 or spelling(form).hanzi]
    whole = [form for form in whole if not any(form != other and form in other for other in whole)]
    return whole or known


@remembered(50_000)
def _keys(form: str) -> frozenset[str]:
    """Keys of which two spellings of one person share one; a single word is `alone` and meets what it is `part` of."""
    name = spelling(form)
    found = {key for key in person_keys(form) if key.startswith(("letters", "words"))}
    for way in readings_of(name):
        first, last = ({symbol for symbol in way[at] if symbol.startswith("=")} or way[at] for at in (0, -1))
        found |= {f"{len(way)} {one} {other}" for one in first for other in last}
    if name.hanzi:
        parts = {part for part in (form, form.split("·")[-1]) if spelling(part).hanzi}
        return frozenset(found | {key for part in parts for key in person_keys(part) if key.startswith("sound")})
    sounds = core(name) if name.sounds else ()
    if not sounds:
        return frozenset(found)
    found.add(f"sound 汉{latin_sounds(name.sounds[-1])}")
    frames = [frame_key(sound) for sound in sounds]
    if len(sounds) == 1 or min(map(len, form.replace(".", " ").split())) == 1:
        return frozenset(found | {f"alone {frames[-1]}"})
    return frozenset(found | {f"frame {frames[-1]} {frames[0][:1]}", f"part {frames[-1]}", f"part {frames[0]}"})


@remembered(50_000)
def _fields(role: str, lang: str) -> frozenset[str]:
    """What an office is about: foreign affairs, health, the provinces and towns that it names."""
    found = set(of_text(role, lang=lang) & _FIELDS)
    found |= {_OF_OFFICE[office.kind] for office in offices(role, lang=lang) if office.kind in _OF_OFFICE}
    places = {f"place {number}" for number in entities_of(role, kinds=("city", "region"))}
    return frozenset(found - {"locality"} | places if places else found)


def _near(units: Sequence[_Unit]) -> dict[int, set[int]]:
    """The units that can be one person with each."""
    with_key: dict[str, dict[str | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at, unit in enumerate(units):
        for key in unit.keys:
            with_key[key][unit.country].append(at)
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in {pair for key in with_key for pair in _pairs_of(key, with_key)}:
        if _alike(units[one], units[other]) and not _apart(units[one], units[other]):
            found[one].add(other)
            found[other].add(one)
    return found


def _pairs_of(key: str, with_key: Mapping[str, dict[str | None, list[int]]]) -> Iterator[tuple[int, int]]:
    """The pairs of a key; what stands alone is also paired with all that it is a part of."""
    if key.startswith("part "):
        return
    yield from _pairs(with_key[key])
    if key.startswith("alone "):
        whole = with_key.get(f"part {key.removeprefix('alone ')}", {})
        for country, members in with_key[key].items():
            for its, others in whole.items():
                if country is None or its is None or country == its:
                    yield from ((min(a, b), max(a, b)) for a in members for b in others if a != b)


def _pairs(block: dict[str | None, list[int]]) -> Iterator[tuple[int, int]]:
    """The pairs of one country, or of which one has none, the smaller number first."""
    for members in block.values():
        yield from combinations(members, 2)
    of_none = block.get(None, [])
    for country, members in block.items():
        if country is not None:
            yield from ((min(one, other), max(one, other)) for one in of_none for other in members)


def _is_doubtful(units: Sequence[_Unit], others: set[int]) -> bool:
    return any(_apart(units[one], units[other]) for one, other in combinations(sorted(others), 2))


def _apart(one: _Unit, other: _Unit) -> bool:
    """Whether something tells that these are two persons."""
    if one.country and other.country and one.country != other.country:
        return True
    if one.fields and other.fields and one.fields.isdisjoint(other.fields) and _in_syllables(one):
        return True
    return any(_differ(one, other, script) for script in ("hanzi", "marked", "plain"))


def _in_syllables(unit: _Unit) -> bool:
    """Whether it is a name of Vietnamese, Chinese or Korean syllables, as many persons have."""
    return any((name := spelling(form)).keys or name.pinyin or name.other for form, _ in unit.forms)


def _differ(one: _Unit, other: _Unit, script: str) -> bool:
    """Whether both are written in the script, and no two of those names are alike."""
    mine = [form for form in one.forms if _script(form[0]) == script]
    theirs = [form for form in other.forms if _script(form[0]) == script]
    return bool(mine and theirs) and not any(_is_one(a, b) for a in mine for b in theirs)


@remembered(100_000)
def _script(form: str) -> str:
    name = spelling(form)
    return "hanzi" if name.hanzi else "marked" if name.marked and name.keys else "plain"


def _alike(one: _Unit, other: _Unit) -> bool:
    return any(_is_one(a, b) for a in one.forms for b in other.forms)


def _is_one(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two spellings can be one name; the marks of Vietnamese count where both have them."""
    first, second = min(one, other), max(one, other)
    if first[0] == second[0]:
        return True
    if _script(first[0]) == _script(second[0]) == "marked":
        return _is_one_vietnamese(first[0], second[0])
    a, b = spelling(first[0]), spelling(second[0])
    if (
        a.keys
        and b.keys
        and not (a.pinyin or b.pinyin)
        and a.letters[:1] != b.letters[:1]
        and a.words[-1] != b.words[-1]
    ):
        return sorted(a.words) == sorted(b.words)
    return alike(*first, *second)


@remembered(200_000)
def _is_one_vietnamese(one: str, other: str) -> bool:
    first, second = spelling(one), spelling(other)
    if sorted(first.keys) == sorted(second.keys):
        return True
    return first.letters == second.letters and compare(first, second, a_lang="vi", b_lang="vi").match


def _meant(one: int, others: Iterable[int], groups: _Groups) -> int | None:
    """Of the persons whom a spelling fits, the one who is met far more often than the rest."""
    weights: dict[int, int] = {}
    for other in others:
        weights[groups.top(other)] = groups.weight(other)
    ranked = sorted(weights, key=lambda top: (-weights[top], top))
    if not ranked or weights[ranked[0]] < PLAINLY * (sum(weights.values()) - weights[ranked[0]]):
        return None
    return ranked[0] if groups.fits(one, ranked[0]) else None


class _Groups:
    """Units put together, none beside one that it is told apart from."""

    def __init__(self, units: Sequence[_Unit]) -> None:
        self._units = units
        self._above = list(range(len(units)))
        self._members = [[at] for at in range(len(units))]

    def top(self, number: int) -> int:
        """The first of its group."""
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number

    def weight(self, number: int) -> int:
        """How many participants its group holds."""
        return sum(self._units[at].weight for at in self._members[self.top(number)])

    def fits(self, one: int, other: int) -> bool:
        """Whether no two of the two groups are told apart."""
        mine, theirs = self._members[self.top(one)], self._members[self.top(other)]
        return not any(_apart(self._units[a], self._units[b]) for a in mine for b in theirs)

    def join(self, one: int, other: int) -> None:
        """Make two groups one, if they fit."""
        mine, theirs = sorted((self.top(one), self.top(other)))
        if mine != theirs and self.fits(mine, theirs):
            self._above[theirs] = mine
            self._members[mine] += self._members[theirs]

    def persons(self) -> list[tuple[Seen, ...]]:
        """The participants of each group."""
        tops = [at for at in range(len(self._units)) if self.top(at) == at]
        return [tuple(one for at in self._members[top] for one in self._units[at].seen) for top in tops]
