"""Who took part in an event: the persons of the sentences that tell it, with office, country and side."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

from rag.domain import Citation, EventKind, Name, Participant
from rag.office_words import countries, is_title, pattern, words
from rag.reading import Reading, Span
from rag.readings import has_marks, is_vietnamese
from rag.role_words import Beside, given
from rag.text import fold
from rag.wordlists import bare_vietnamese_surnames

_SIDED = frozenset({"meeting", "call", "talks online", "visit", "signing"})
_CHANGES = frozenset({"appointment", "election"})
_MOST = 40
_FEW = 2  # participants, of whom one country tells the other's
_REACH = 60
_ABROAD = re.compile(r"(?:\b(?:tại|ở|to|in)\s+(?:the\s+)?)$")
_BETWEEN = re.compile(r"^(?:\s*\([^()]*\))?(?:\s+of\s+[A-Z]\w+)?(?:,\s[^,.;:]{3,70},(?=\s[a-zà-ỹđ]))?\s*,?\s*")
_FROM = re.compile(r"\b(?:from|từ|của)\s*$")
_RECEIVED = re.compile(r"\b(?:received|receives|accepted|took over|nhận|tiếp nhận)\b")
_THE = re.compile(r"(?:[A-Z]\w+,\s+)?[Tt]he\s+([A-Z]\w+(?:\s+[A-Z]\w+){0,2})\s(?=[a-z])(?!of\b|for\b)")
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
    mentions = [(whose, name) for whose, name in _taking_part(reading, spans) if not _speaks_for(reading, name, kind)]
    people = [_person(reading, whose, mention, kind) for whose, mention in mentions]
    people = _with_countries(reading, people, kind)
    sides = list(dict.fromkeys(person.country for person in people if person.country))
    two = kind in _SIDED and len(sides) == 2
    return tuple(
        Participant(
            person.name,
            _also(reading, person.name),
            _plain(reading.flowing[slice(*person.role)]) if person.role else None,
            person.country,
            sides.index(person.country) + 1 if two and person.country else None,
            _cited(reading, person),
        )
        for person in people
    )


def _speaks_for(reading: Reading, name: Name, kind: EventKind) -> bool:
    """Whether somebody only tells the press of a meeting of others."""
    office = reading.beside(name).office
    return bool(kind in _SIDED and office and _phrases("speaks_for").search(reading.flowing, *office))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _cited(reading: Reading, person: _Person) -> tuple[Citation, ...]:
    name = person.mention
    own = [reading.cite(name.start, name.end)]
    if person.role and abs(person.role[0] - name.start) > _REACH * 4:
        own.append(reading.cite(*person.role))
    return tuple(own)


def _also(reading: Reading, whose: str) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(_plain(each.text) for each in reading.persons[whose]) if name != whose)


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
        titled = _titled(reading, (start, end)) if number == 0 and len(found) == 1 else None
        if titled and reading.full(titled) not in found:
            found.add(reading.full(titled))
            yield reading.full(titled), titled


def _titled(reading: Reading, sentence: Span) -> Name | None:
    """The one person of the article whom `The President` can mean at the start of a sentence."""
    opened = _THE.match(reading.flowing, *sentence) if reading.lang == "en" else None
    if opened is None or not is_title(opened[1]):
        return None
    holding = [name for name in reading.names if name.kind == "person" and _office(reading, name) == opened[1].lower()]
    return holding[0] if len({reading.full(name) for name in holding}) == 1 else None


def _office(reading: Reading, name: Name) -> str | None:
    office = reading.beside(name).office
    return reading.flowing[slice(*office)].lower() if office and office[1] < name.start else None


def _only_mentioned(reading: Reading, name: Name, start: int) -> bool:
    """Whether a person stands behind words that only bring him in, with no more than an office between."""
    seen = reading.beside(name)
    first = seen.office[0] if seen.office and seen.office[0] < name.start else name.start
    before = reading.flowing[max(start, first - _REACH) : first]
    before = re.sub(r"\b(?:the|a|an|mr|mrs|ms|ông|bà|đồng chí)\.?\s*$", "", before, flags=re.IGNORECASE)
    return bool(_tail(f"mentioned_{reading.lang}").search(before))


def _joined_to(reading: Reading, one: Name | None, name: Name) -> bool:
    """Whether a person stands beside one who is only mentioned: `Tập Cận Bình và người đồng cấp Nga Vladimir Putin`."""
    if one is None:
        return False
    seen = reading.beside(name)
    first = min(name.start, seen.office[0]) if seen.office else name.start
    return reading.flowing[one.end : first].strip(" ,") in ("and", "và", "and the", "")


def _acts(reading: Reading, name: Name, sentence: Span, *, joined: int = 3) -> bool:
    """Whether a person speaks or acts in a sentence, or is one of a list of those present."""
    text, lang = reading.flowing, reading.lang
    if _phrases(f"elsewhere_{lang}").search(text, sentence[0], min(sentence[1], sentence[0] + 40)):
        return False
    seen = reading.beside(name)
    first = min(name.start, seen.office[0]) if seen.office else name.start
    last = max(name.end, seen.office[1]) if seen.office else name.end
    if seen.office and _past().match(text, *seen.office):
        return False
    after = _BETWEEN.sub("", text[last : min(sentence[1], last + 2 * _REACH)], count=1)
    if _acting(lang).match(after) or (joined and _acts_with(reading, last, sentence, joined)):
        return True
    if _phrases("votes").search(text, *sentence):
        return True
    before = text[max(sentence[0], first - _REACH) : first]
    before = re.sub(r"(?:\b(?:the|ông|bà|đồng chí|mr|ms|mrs)\.?)\s*$", "", before, flags=re.IGNORECASE)
    return bool(
        before.rstrip().endswith(";")
        or _tail(f"joined_{lang}").search(before)
        or _said_before(lang).search(before)
        or _listed(text, sentence)
    )


def _acts_with(reading: Reading, last: int, sentence: Span, joined: int) -> bool:
    """Whether another person is joined to this one who acts."""
    following = reading.within(last, sentence[1], "person")
    if not following or not re.match(r"\s*,?\s*(?:and|và|cùng|, )", reading.flowing[last : following[0].start]):
        return False
    office = reading.beside(following[0]).office
    first = min(following[0].start, office[0]) if office else following[0].start
    return len(reading.flowing[last:first]) <= 12 and _acts(reading, following[0], sentence, joined=joined - 1)


def _listed(text: str, sentence: Span) -> bool:
    """`Về phía tỉnh Quảng Ngãi còn có ...; ...`"""
    return bool(re.match(r"(?:Về phía|Cùng dự|Cùng tham dự|Tham dự|Dự |Tháp tùng)", text[sentence[0] : sentence[1]]))


def _person(reading: Reading, whose: str, mention: Name, kind: EventKind) -> _Person:
    """The person with the office that his mention gives, else the article's first one; a new office before both."""
    mentions = [mention, *(name for name in reading.persons[whose] if name != mention)][:_MOST]
    seen = [reading.beside(name) for name in mentions]
    if kind in _CHANGES:
        new = (
            given(reading.flowing, (name.start, name.end), _sentence(reading, name), lang=reading.lang)
            for name in mentions
        )
        if office := next(filter(None, new), None):
            seen.insert(0, Beside(office, None))
    role = next((each.office for each in seen if each.office), None)
    country = next((code for each in seen if (code := _country_of(reading, each))), None)
    return _Person(whose, mention, role, country)


def _sentence(reading: Reading, name: Name) -> Span:
    return reading.sentences[reading.sentence_at(name.start)]


def _country_of(reading: Reading, seen: Beside) -> str | None:
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


def _with_countries(reading: Reading, people: list[_Person], kind: EventKind) -> list[_Person]:
    """The persons, those without a country with the home of the press, else with what the article leaves them."""
    people = [replace(p, country=p.country or _home(reading, p)) for p in people]
    taken = {person.country for person in people if person.country}
    rest = [p for p in people if p.country is None and (kind in _CHANGES or _of_a_state(reading, p))]
    other = _other_country(reading, taken, kind) if len(rest) == 1 and len(people) <= _FEW else None
    return [replace(p, country=other) if p in rest else p for p in people]


def _other_country(reading: Reading, taken: set[str], kind: EventKind) -> str | None:
    """The country that an article leaves to the one person of whom no words say it; None where it leaves several."""
    named = Counter(code for name in reading.names if (code := _state(name)))
    left = [code for code, _ in named.most_common() if code not in taken]
    if kind in _CHANGES and len(taken) == 1:
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


def _of_a_state(reading: Reading, person: _Person) -> bool:
    """Whether an office is a state's: a scholar or a captain has no country by it."""
    if person.role is None:
        return False
    return _phrases("private").search(reading.flowing, *person.role) is None


def _home(reading: Reading, person: _Person) -> str | None:
    """Vietnam for a Vietnamese who has an office without a country."""
    if not _of_a_state(reading, person) or not _is_vietnamese_name(person.name):
        return None
    if reading.lang == "vi":
        return "VN" if has_marks(person.name) else None
    sure = len(person.name.split()) > 2
    return "VN" if sure or any(_state(name) == "VN" for name in reading.names) else None


def _state(name: Name) -> str | None:
    return _state_of(name.text) if name.kind == "place" else None


@lru_cache(maxsize=10_000)
def _state_of(place: str) -> str | None:
    found = countries(place, "en")
    return found[0][0] if len(found) == 1 else None


def _is_vietnamese_name(name: str) -> bool:
    parts = fold(name).split()
    return len(parts) > 1 and parts[0] in bare_vietnamese_surnames() and all(map(is_vietnamese, parts))


@cache
def _phrases(key: str) -> re.Pattern[str]:
    return pattern(words(key))


@cache
def _past() -> re.Pattern[str]:
    return pattern(words("past"))


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
