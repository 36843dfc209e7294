"""Who took part in an event: the persons of the sentences that tell it, with office, country and side."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from rag.domain import Citation, EventKind, Name, Participant
from rag.reading import Reading, Span
from rag.readings import has_marks, is_vietnamese
from rag.role_words import Beside, beside, countries, pattern, words
from rag.text import fold
from rag.wordlists import bare_vietnamese_surnames

_SIDED = frozenset({"meeting", "call", "talks online", "visit", "signing"})
_MOST = 40
_REACH = 60
_ABROAD = re.compile(r"(?:\b(?:tại|ở|to|in)\s+(?:the\s+)?)$")
_HOME_BODIES = re.compile(r"\b(?:UBND|HĐND|Tỉnh ủy|Tỉnh uỷ|Thành ủy|Thành uỷ)\b")


@dataclass(frozen=True, slots=True)
class _Person:
    """A person of an event as he is first told there: his mention, office and country."""

    name: str
    mention: Name
    role: Span | None
    country: str | None


def participants(reading: Reading, spans: Sequence[Span], *, kind: EventKind) -> tuple[Participant, ...]:
    """The persons who took part in the event that these sentences tell, in the order in which they are named.

    `spans`: the telling sentence first, then those that go on about it. In the first everybody counts who is not only
    mentioned (`under the leadership of`); in the others who speaks or acts. `role` is the office in the article's
    words, as it first gives it; `country` is of the office; `side` 1 or 2 where two countries met.
    """
    mentions = list(_taking_part(reading, spans))
    people = [_person(reading, whose, mention) for whose, mention in mentions]
    people = list(_with_countries(reading, people))
    sides = list(dict.fromkeys(person.country for person in people))
    two = kind in _SIDED and len(sides) == 2 and None not in sides
    return tuple(
        Participant(
            person.name,
            _also(reading, person.name),
            reading.text[slice(*person.role)] if person.role else None,
            person.country,
            sides.index(person.country) + 1 if two else None,
            _cited(reading, person),
        )
        for person in people
    )


def _cited(reading: Reading, person: _Person) -> tuple[Citation, ...]:
    name = person.mention
    own = [reading.cite(name.start, name.end)]
    if person.role and abs(person.role[0] - name.start) > _REACH * 4:
        own.append(reading.cite(*person.role))
    return tuple(own)


def _also(reading: Reading, whose: str) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(each.text for each in reading.persons[whose]) if name != whose)


def _taking_part(reading: Reading, spans: Sequence[Span]) -> Iterator[tuple[str, Name]]:
    """Everybody's first mention in which he takes part, by his fullest name."""
    found: set[str] = set()
    for number, (start, end) in enumerate(spans):
        left_out: Name | None = None
        for name in reading.within(start, end, "person"):
            whose = reading.full(name)
            if whose in found or len(found) >= _MOST:
                continue
            if _only_mentioned(reading, name, start) or _joined_to(reading, left_out, name):
                left_out = name
                continue
            if number == 0 or _acts(reading, name, (start, end)):
                found.add(whose)
                yield whose, name


def _only_mentioned(reading: Reading, name: Name, start: int) -> bool:
    """Whether a person stands behind words that only bring him in, with no more than an office between."""
    seen = _beside(reading, name)
    first = seen.office[0] if seen.office and seen.office[0] < name.start else name.start
    before = reading.text[max(start, first - _REACH) : first]
    before = re.sub(r"\b(?:the|a|an|mr|mrs|ms|ông|bà|đồng chí)\.?\s*$", "", before, flags=re.IGNORECASE)
    return bool(_tail(f"mentioned_{reading.lang}").search(before))


def _joined_to(reading: Reading, one: Name | None, name: Name) -> bool:
    """Whether a person stands beside one who is only mentioned: `Tập Cận Bình và người đồng cấp Nga Vladimir Putin`."""
    if one is None:
        return False
    seen = _beside(reading, name)
    first = min(name.start, seen.office[0]) if seen.office else name.start
    return reading.text[one.end : first].strip(" ,") in ("and", "và", "and the", "")


def _acts(reading: Reading, name: Name, sentence: Span) -> bool:
    """Whether a person speaks or acts in a sentence, or is one of a list of those present."""
    text, lang = reading.text, reading.lang
    if _phrases(f"elsewhere_{lang}").search(text, sentence[0], min(sentence[1], sentence[0] + 40)):
        return False
    seen = _beside(reading, name)
    first = min(name.start, seen.office[0]) if seen.office else name.start
    last = max(name.end, seen.office[1]) if seen.office else name.end
    after = re.sub(r"^(?:\s*\([^()]*\))?(?:\s+of\s+[A-Z]\w+)?\s*,?\s*", "", text[last : min(sentence[1], last + 60)])
    if _acting(lang).match(after):
        return True
    before = text[max(sentence[0], first - _REACH) : first]
    before = re.sub(r"(?:\b(?:the|ông|bà|đồng chí|mr|ms|mrs)\.?)\s*$", "", before, flags=re.IGNORECASE)
    return bool(_tail(f"joined_{lang}").search(before) or _said_before(lang).search(before) or _listed(text, sentence))


def _listed(text: str, sentence: Span) -> bool:
    """`Về phía tỉnh Quảng Ngãi còn có ...; ...`"""
    return bool(re.match(r"(?:Về phía|Cùng dự|Cùng tham dự|Tham dự|Dự |Tháp tùng)", text[sentence[0] : sentence[1]]))


def _person(reading: Reading, whose: str, mention: Name) -> _Person:
    """The person with the office that his mention gives, else the article's first one."""
    mentions = [mention, *(name for name in reading.persons[whose] if name != mention)][:_MOST]
    seen = [_beside(reading, name) for name in mentions]
    role = next((each.office for each in seen if each.office), None)
    country = next((code for each in seen if (code := _country_of(reading, each))), None)
    return _Person(whose, mention, role, country)


def _country_of(reading: Reading, seen: Beside) -> str | None:
    """The country that an office's words, or those beside the name, state."""
    if seen.office is None:
        return seen.country
    office = reading.text[slice(*seen.office)]
    for code, start, _ in countries(office, reading.lang):
        if not _ABROAD.search(office[:start]):
            return code
    if seen.country:
        return seen.country
    return "VN" if _HOME_BODIES.search(office) else None


def _beside(reading: Reading, name: Name) -> Beside:
    """What stands beside a mention; the office of a plural title counts for the second name too."""
    sentence = reading.sentences[reading.sentence_at(name.start)]
    persons = reading.within(*sentence, "person")
    at = next((i for i, each in enumerate(persons) if each.start == name.start), 0)
    before = persons[at - 1] if at else None
    behind = persons[at + 1].start if at + 1 < len(persons) else len(reading.text) + 1
    found = beside(
        reading.text,
        (name.start, name.end),
        lang=reading.lang,
        sentence=sentence,
        before=before.end if before else 0,
        behind=behind,
    )
    joins = reading.text[before.end : name.start].strip() if before else ""
    if before and found.office is None and joins in ("and", "và", ",", ", and"):
        other = _beside(reading, before)
        return replace(found, office=other.office, shared=True) if other.shared else found
    return found


def _with_countries(reading: Reading, people: list[_Person]) -> Iterator[_Person]:
    """The persons, a home office of the press that names it without a country with that country."""
    taken = {person.country for person in people if person.country}
    for person in people:
        if person.country is None and person.role:
            yield replace(person, country=_home(reading, person, taken))
        else:
            yield person


def _home(reading: Reading, person: _Person, taken: set[str]) -> str | None:
    vietnamese = _is_vietnamese_name(person.name)
    if reading.lang == "vi":
        return "VN" if vietnamese and has_marks(person.name) else None
    named = Counter(code for name in reading.names if (code := _state(name)))
    if vietnamese and "VN" in named:
        return "VN"
    left = [code for code, _ in named.most_common() if code not in taken]
    return left[0] if left and (taken or len(named) == 1) else None


def _state(name: Name) -> str | None:
    if name.kind != "place":
        return None
    found = countries(name.text, "en")
    return found[0][0] if len(found) == 1 else None


def _is_vietnamese_name(name: str) -> bool:
    parts = fold(name).split()
    return len(parts) > 1 and parts[0] in bare_vietnamese_surnames() and all(map(is_vietnamese, parts))


@cache
def _phrases(key: str) -> re.Pattern[str]:
    return pattern(words(key))


@cache
def _tail(key: str) -> re.Pattern[str]:
    return re.compile(rf"{pattern(words(key)).pattern}\s*$", re.IGNORECASE)


@cache
def _speech(lang: str) -> frozenset[str]:
    data = tomllib.loads((files("rag") / "data" / "roles.toml").read_text(encoding="utf-8"))
    return frozenset(word.strip() for word in data["speech"].get(lang, "").split(","))


@cache
def _acting(lang: str) -> re.Pattern[str]:
    return pattern(_speech(lang) | words(f"acts_{lang}"))


@cache
def _said_before(lang: str) -> re.Pattern[str]:
    said = _speech(lang) if lang == "en" else frozenset({"theo"})
    return re.compile(rf"{pattern(said | {'according to'}).pattern}\s*$", re.IGNORECASE)
