"""Of which country a person's office is: by its words, else by what the article leaves."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from rag.domain import EventKind, Name
from rag.office_words import countries, pattern, words
from rag.reading import Reading, Span
from rag.readings import has_marks, is_vietnamese
from rag.remembered import remembered
from rag.role_words import Beside
from rag.text import fold
from rag.wordlists import bare_vietnamese_surnames

CHANGES = frozenset({"appointment", "election"})
_FEW = 2  # participants, of whom one country tells the other's
_ABROAD = re.compile(r"(?:\b(?:tại|ở|to|in)\s+(?:the\s+)?)$")
_HOME_BODIES = re.compile(r"\b(?:UBND|HĐND|Tỉnh ủy|Tỉnh uỷ|Thành ủy|Thành uỷ)\b")


@dataclass(frozen=True, slots=True)
class Person:
    """A person of an event as he is first told there: his mention, office and country."""

    name: str
    mention: Name
    role: Span | None
    country: str | None


def country_of(reading: Reading, seen: Beside) -> str | None:
    """The country that an office's words, or those beside the name, state."""
    if seen.office is None:
        return seen.country
    office = reading.flowing[slice(*seen.office)]
    for code, start, _ in countries(office, reading.lang):
        if not _ABROAD.search(office[:start]):
            return code
    if seen.country:
        return seen.country
    return "VN" if _HOME_BODIES.search(office) else _lies_in(reading, office)


def _lies_in(reading: Reading, office: str) -> str | None:
    """The country in which the article says that a place of the office lies: `governor of Gao`, `GAO, Mali`."""
    for place in re.findall(r"(?:\bof|\bvùng|\btỉnh|\bthành phố)\s+([^\W\d_a-z]\w+)", office)[:2]:
        said = re.search(rf"\b{re.escape(place)}(?:,\s|\s\()([A-Z][\w -]{{2,30}})", reading.flowing, re.IGNORECASE)
        found = countries(said[1], reading.lang) if said else []
        if found and found[0][1] == 0:
            return found[0][0]
    return None


def with_countries(reading: Reading, people: list[Person], kind: EventKind) -> list[Person]:
    """The persons, those without a country with the home of the press, else with what the article leaves them."""
    people = [replace(p, country=p.country or _home(reading, p)) for p in people]
    taken = {person.country for person in people if person.country}
    rest = [p for p in people if p.country is None and (kind in CHANGES or _of_a_state(reading, p))]
    guests = kind == "visit" and not taken  # the one country may be that which is visited
    alone = len(rest) == 1 and len(people) <= _FEW and not guests
    other = _other_country(reading, taken, kind, _abroad(reading, rest[0])) if alone else None
    return [replace(p, country=other) if p in rest else p for p in people]


def _abroad(reading: Reading, person: Person) -> frozenset[str]:
    """The countries to which an office is sent: `ambassador to Norway`."""
    office = reading.flowing[slice(*person.role)] if person.role else ""
    return frozenset(code for code, start, _ in countries(office, reading.lang) if _ABROAD.search(office[:start]))


def _other_country(reading: Reading, taken: set[str], kind: EventKind, abroad: frozenset[str]) -> str | None:
    """The country that an article leaves to the one person of whom no words say it; None where it leaves several."""
    named = Counter(code for name in reading.names if (code := _state(name)) and code not in abroad)
    left = [code for code, _ in named.most_common() if code not in taken]
    if kind in CHANGES and len(taken) == 1:
        return next(iter(taken))
    if len(left) == 1 and (taken or len(named) == 1):
        return left[0]
    paired = {code for one, other in pairwise(reading.names) if (code := _paired(reading, one, other, taken))}
    return paired.pop() if len(paired) == 1 else None


def _paired(reading: Reading, one: Name, other: Name, taken: set[str]) -> str | None:
    """The country that stands beside a taken one in `U.S.-France`, `quan hệ Việt - Trung`."""
    if reading.text[one.end : other.start].strip() not in ("-", "–"):
        return None
    codes = {_state(one), _state(other)} - {None}
    left = codes - taken
    return left.pop() if len(codes) == 2 and len(left) == 1 else None


def _of_a_state(reading: Reading, person: Person) -> bool:
    """Whether an office is a state's: a scholar or a captain has no country by it."""
    if person.role is None or any(True for _ in reading.within(*person.role, "organisation")):
        return False
    return _private().search(reading.flowing, *person.role) is None


def _home(reading: Reading, person: Person) -> str | None:
    """Vietnam for a Vietnamese who has an office without a country."""
    if not _of_a_state(reading, person) or not _is_vietnamese_name(person.name):
        return None
    if reading.lang == "vi":
        return "VN" if has_marks(person.name) else None
    sure = len(person.name.split()) > 2
    return "VN" if sure or any(_state(name) == "VN" for name in reading.names) else None


def _state(name: Name) -> str | None:
    return _state_of(name.text) if name.kind == "place" else None


@remembered(10_000)
def _state_of(place: str) -> str | None:
    found = countries(place, "en")
    return found[0][0] if len(found) == 1 else None


def _is_vietnamese_name(name: str) -> bool:
    parts = fold(name).split()
    return len(parts) > 1 and parts[0] in bare_vietnamese_surnames() and all(map(is_vietnamese, parts))


@cache
def _private() -> re.Pattern[str]:
    return pattern(words("private"))
