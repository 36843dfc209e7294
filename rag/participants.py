"""Who took part in an event: the persons of the sentences that tell it, with office, country and side."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from rag.domain import Citation, EventKind, Name, Participant
from rag.office_countries import CHANGES, Person, country_of, with_countries
from rag.office_words import is_title, pattern, words
from rag.reading import Reading, Span
from rag.role_words import Beside, given

_SIDED = frozenset({"meeting", "call", "talks online", "visit", "signing"})
_MOST = 40
_REACH = 60
_BETWEEN = re.compile(r"^(?:\s*\([^()]*\))?(?:\s+of\s+[A-Z]\w+)?(?:,\s[^,.;:]{3,70},(?=\s[a-zà-ỹđ]))?\s*,?\s*")
_FROM = re.compile(r"\b(?:from|từ|của)\s*$")
_FOR = re.compile(r"\b(?:thay mặt(?: cho)?|on behalf of)(?: the)?\s*$", re.IGNORECASE)  # "thay mặt tỉnh, ông A"
_RECEIVED = re.compile(r"\b(?:received|receives|accepted|took over|nhận|tiếp nhận)\b")
_DID = re.compile(r"(?:(?:also|later|then)\s)?[a-z]{3,30}ed\b")
_THE = re.compile(
    r"(?:[A-Z]\w{1,40}+,\s{1,40}+)?[Tt]he\s{1,40}+"
    r"([A-Z]\w{1,40}+(?:\s{1,40}+[A-Z]\w{1,40}+){0,2})\s(?=[a-z])(?!of\b|for\b)"
)


def participants(reading: Reading, spans: Sequence[Span], *, kind: EventKind) -> tuple[Participant, ...]:
    """The persons who took part in the event that these sentences tell, in the order in which they are named.

    `spans`: the telling sentence first, then those that go on about it. In the first everybody counts who is not only
    mentioned (`under the leadership of`); in the others who speaks or acts. `role` is the office in the article's
    words, as it first gives it; `country` is of the office; `side` 1 or 2 where two countries met.
    """
    mentions = [(whose, name) for whose, name in _taking_part(reading, spans) if not _speaks_for(reading, name, kind)]
    people = [_person(reading, whose, mention, kind) for whose, mention in mentions]
    people = with_countries(reading, people, kind)
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


def _cited(reading: Reading, person: Person) -> tuple[Citation, ...]:
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
    if _FOR.search(before) and "," in reading.flowing[first : name.start]:
        return False
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
    if _acting(lang).match(after) or _DID.match(after) or (joined and _acts_with(reading, last, sentence, joined)):
        return True
    if _phrases("votes").search(text, *sentence):
        return True
    before = text[max(sentence[0], first - _REACH) : first]
    before = re.sub(r"(?:\b(?:the|ông|bà|đồng chí|mr|ms|mrs|dr|prof)\.?)\s*$", "", before, flags=re.IGNORECASE)
    if _FROM.search(before) and _RECEIVED.search(text, sentence[0], first):
        return True
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


def _person(reading: Reading, whose: str, mention: Name, kind: EventKind) -> Person:
    """The person with the office that his mention gives, else the article's first one; a new office before both."""
    mentions = [mention, *(name for name in reading.persons[whose] if name != mention)][:_MOST]
    seen = [reading.beside(name) for name in mentions]
    if kind in CHANGES:
        new = (_given(reading, name) for name in mentions)
        if office := next(filter(None, new), None):
            seen.insert(0, Beside(office, None))
    role = next((each.office for each in seen if each.office), None)
    country = next((code for each in seen if (code := country_of(reading, each))), None)
    return Person(whose, mention, role, country)


def _given(reading: Reading, name: Name) -> Span | None:
    """The office that the sentence of a mention gives its person, before it names another one."""
    end = _sentence(reading, name)[1]
    following = next((other.start for other in reading.within(name.end, end, "person")), end)
    office = given(reading.flowing, (name.start, name.end), following, lang=reading.lang)
    return office if office and (following == end or office[1] + 1 < following) else None


def _sentence(reading: Reading, name: Name) -> Span:
    return reading.sentences[reading.sentence_at(name.start)]


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
