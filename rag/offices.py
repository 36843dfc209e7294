"""An office and a country as a person: `the Russian foreign minister`, `Ngoại trưởng Nga`, `俄罗斯外长`.

Who holds an office changes, so only what the articles say counts: a person whom they give the office together with
the country. Where no article that mentions the country gives it the office, the question names somebody whom no
article holds; where an article leaves open whose office it means, nothing is said.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rag import places
from rag.domain import NameMatch
from rag.mentions import find
from rag.name_index import NameIndex
from rag.readings import has_marks, is_vietnamese, simplified
from rag.text import fold, nfc

MOST_PASSAGES = 1_000
ANY = "any"
_ENDINGS = ("", "а", "у", "ом", "е", "ы", "ов", "ам", "и", "я", "ю", "ем", "ь")
# Where persons have names that a Vietnamese article spells in Vietnamese syllables.
_SYLLABIC = frozenset("VN CN TW HK MO SG KR KP".split())
_HOME = {"vi": "VN", "zh": "CN", "ru": "RU"}  # an office without a country is its own in the press of one country
_BEHIND = {"en": r"\s+of\s+(?:the\s+)?", "vi": r"\s+(?:nước\s+)?", "ru": r"\s+"}
_REACH = 60  # characters before an office that can hold its country
Passages = Callable[[Sequence[str], frozenset[str], int], Iterable[tuple[str, str, str]]]


@dataclass(frozen=True, slots=True)
class Office:
    """An office in a text: its kind, the countries that it is said to be of, and the span of all that."""

    kind: str
    countries: frozenset[str]
    start: int
    end: int


Said = tuple[str, str, Office]  # the language and text of a passage, and an office in it


@cache
def _forms() -> dict[str, dict[str, tuple[str, ...]]]:
    """Kind -> language -> forms."""
    data = tomllib.loads((files("rag") / "data" / "offices.toml").read_text(encoding="utf-8"))
    return {kind: {lang: tuple(cell.split("|")) for lang, cell in row.items()} for kind, row in data.items()}


@cache
def _pattern(lang: str, bare: bool) -> tuple[re.Pattern[str], list[tuple[str, bool]]]:
    """A language's forms, the longest first, each a group; and by group their kind, and whether they need a country."""
    rows = reversed(_forms().items())
    kinds = {form.lstrip("+"): (kind, form[0] == "+") for kind, row in rows for form in row.get(lang, ())}
    if bare:
        kinds = {fold(form): found for form, found in kinds.items()}
    ordered = sorted(kinds, key=len, reverse=True)
    written = (re.escape(form).replace(r"\*", r"\w{0,3}").replace(r"\ ", r"\s+") for form in ordered)
    groups = "|".join(f"({form})" for form in written)
    edges = ("", "") if lang == "zh" else (r"(?<![\w-])", r"(?:s|es)?(?!\w)" if lang == "en" else r"(?!\w)")
    pattern = re.compile(f"{edges[0]}(?:{groups}){edges[1]}", re.IGNORECASE)
    return pattern, [kinds[form] for form in ordered]


def offices(text: str, *, lang: str) -> Iterator[Office]:
    """The offices that a text names, in order. The text may lack all its marks."""
    if lang not in places.LANGUAGES:
        return
    bare = lang == "vi" and not has_marks(text)
    plain = simplified(text) if lang == "zh" else fold(text) if bare else text
    if len(plain) != len(text):
        return
    pattern, kinds = _pattern(lang, bare)
    for found in pattern.finditer(plain):
        kind, needs_country = kinds[(found.lastindex or 1) - 1]
        first, last, countries = _country(text, found.start(), found.end(), lang, bare)
        if countries or not needs_country:
            yield Office(kind, countries, first, last)


def _country(text: str, start: int, end: int, lang: str, bare: bool) -> tuple[int, int, frozenset[str]]:
    """The span of an office with the country beside it, and the country's code; more where two share it."""
    if lang == "zh":
        before = [
            (a, b, n) for a, b, n in places.in_hanzi(text, max(0, start - 12), start) if text[b:start] in ("", "的")
        ]
        return (before[-1][0], end, _codes(before[-1][2])) if before else (start, end, frozenset())
    if behind := re.compile(_BEHIND[lang]).match(text, end):
        run = places.words(text[behind.end() : behind.end() + _REACH])
        count, numbers = places.longest_at(run, 0, text[behind.end() :], bare=bare) if run else (0, frozenset())
        if count and run[0].start == 0 and _codes(numbers):
            return start, behind.end() + run[count - 1].end, _codes(numbers)
    return (_before(text, start)[0], end, _before(text, start)[1]) if lang == "en" else (start, end, frozenset())


def _before(text: str, start: int) -> tuple[int, frozenset[str]]:
    """Where the countries right before an English office begin, and their codes: `Chinese and Russian ministers`."""
    base = max(0, start - _REACH)
    part = re.sub(r"['’]s?\s*$", "", text[base:start].rstrip())
    codes: set[str] = set()
    first = start
    run = places.words(part)
    at = len(run)
    while at:
        size, numbers = next(
            (
                (at - i, found[1])
                for i in range(max(0, at - 4), at)
                if (found := places.longest_at(run[i:at], 0, part, bare=True))[0] == at - i and _codes(found[1])
            ),
            (0, frozenset()),
        )
        if not size:
            break
        at -= size
        codes |= _codes(numbers)
        first = base + run[at].start
        if not at or run[at - 1].text.lower() != "and":
            break
        at -= 1
    return first, frozenset(codes)


def _codes(numbers: Iterable[int]) -> frozenset[str]:
    entities = [places.entities()[number] for number in numbers]
    return frozenset(entity.country for entity in entities if entity.kind == "country")


def named(
    question: str, *, lang: str, names: Sequence[NameMatch], index: NameIndex, passages: Passages
) -> tuple[NameMatch, ...]:
    """The persons whom a question names by office and country only, as names of the question.

    `matched` holds the persons to whom an article gives that office, `matched=()` says that no article does; a person
    about whom the articles leave doubt is left out. `names` are the question's other names; `passages(terms,
    articles, limit)` gives (article id, language, text) of the passages with any of the terms in these articles.
    """
    text = nfc(question)
    found: list[NameMatch] = []
    for office in offices(text, lang=lang):
        if office.kind == ANY or len(office.countries) != 1 or _beside_person(text, office, names):
            continue
        match = _holder(text[office.start : office.end], office, names, index, passages)
        if match is not None and all(match.query != other.query for other in found):
            found.append(match)
    return tuple(found)


def _beside_person(text: str, office: Office, names: Sequence[NameMatch]) -> bool:
    """Whether the question says who it is: `Russian Foreign Minister Lavrov`, `Lavrov, Ngoại trưởng Nga`."""
    for name in names:
        at = text.find(name.query)
        while name.kind == "person" and at >= 0:
            if 0 <= at - office.end <= 2 or 0 <= office.start - at - len(name.query) <= 2:
                return True
            at = text.find(name.query, at + 1)
    return False


def _holder(
    query: str, office: Office, names: Sequence[NameMatch], index: NameIndex, passages: Passages
) -> NameMatch | None:
    (country,) = office.countries
    holding = frozenset(a for name in names if _is_of(name, country) for a in name.articles)
    if not holding:
        return None
    read = list(passages(_terms(office.kind), holding, MOST_PASSAGES))
    by_article: dict[str, list[Said]] = defaultdict(list)
    for article, lang, text in read:
        by_article[article] += [
            (lang, text, each) for each in offices(text, lang=lang) if each.kind in (office.kind, ANY)
        ]
    spellings: dict[str, None] = {}
    articles: set[str] = set()
    doubt = len(read) >= MOST_PASSAGES
    for article, said in by_article.items():
        owned = [each for each in said if each[2].kind == office.kind and _is_said_of(country, each, said)]
        if owned:
            articles.add(article)
            spellings.update(dict.fromkeys(name for lang, text, each in owned for name in _person_at(text, each, lang)))
        doubt = doubt or _in_doubt(said, country)
    if not articles:
        return None if doubt else NameMatch(query, "person")
    articles.update(article for spelled in spellings for article in index.articles(spelled))
    others = [frozenset(name.articles) for name in names if name.articles and name.kind != "organisation"]
    if not frozenset.intersection(frozenset(articles), *others):
        return None
    return NameMatch(query, "person", tuple(spellings), tuple(sorted(articles)))


def _is_of(name: NameMatch, country: str) -> bool:
    return country in _codes(places.lookup(name.query)) or any(
        country in _codes(places.lookup(s)) for s in name.matched
    )


def _in_doubt(said: Sequence[Said], country: str) -> bool:
    """Whether an article may give the country the office in other words, or names the office and not the country."""
    if any(each.kind == ANY and country in each.countries for _, _, each in said):
        return True
    exact = [each for each in said if each[2].kind != ANY]
    if any(each.countries for _, _, each in exact):
        return False
    return any(country in _SYLLABIC or not _of_syllables(lang, text, each) for lang, text, each in exact)


def _is_said_of(country: str, one: Said, said: Sequence[Said]) -> bool:
    """Whether an office is the country's: it says so, or stands alone before a name in the press of that country."""
    lang, text, office = one
    if office.countries:
        return country in office.countries
    alone = not any(other.countries for _, _, other in said if other.kind == office.kind)
    return alone and _HOME.get(lang) == country and _of_syllables(lang, text, office)


def _of_syllables(lang: str, text: str, office: Office) -> bool:
    """Whether the person named after an office has a name in Vietnamese syllables with their marks."""
    named = _person_at(text, office, lang) if lang == "vi" else []
    return bool(named) and all(has_marks(name) and all(map(is_vietnamese, fold(name).split())) for name in named)


def _terms(kind: str) -> list[str]:
    """The forms of an office, and of what may stand for it, as search terms."""
    forms = [form for each in (kind, ANY) for row in _forms()[each].values() for form in row]
    return [form.lstrip("+").replace("*", ending) for form in forms for ending in (_ENDINGS if "*" in form else ("",))]


def _person_at(text: str, office: Office, lang: str) -> list[str]:
    """The person named right after an office and its country, if any."""
    part = text[office.start : office.end + _REACH]
    here = office.end - office.start
    return [name.text for name in find(part, lang=lang) if name.kind == "person" and 0 <= name.start - here <= 2]
