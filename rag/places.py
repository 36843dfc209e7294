"""Countries, cities and organisations in Vietnamese, English, Chinese and Russian: one entity, many forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from rag.domain import NameKind
from rag.readings import has_marks, lines, simplified, syllable_key
from rag.remembered import remembered
from rag.text import fold

_LETTERS = r"(?:[^\W_\u3400-\u9fff]|[\u0300-\u036f])+"
WORD = re.compile(rf"(?:[A-Za-z]\.){{2,}}|[\u3400-\u9fff]+|{_LETTERS}(?:['’](?!s\b){_LETTERS})*")
HANZI = re.compile(r"[\u3400-\u9fff]")
JOINT = re.compile(r"[ \u00a0]{0,2}[-–.,]?[ \u00a0]{0,2}")
_ENDINGS = re.compile(
    "(?:ами|ями|ого|его|ому|ему|ыми|ими|ой|ей|ий|ый|ая|яя|ое|ее|ом|ем|ам|ям|ах|ях|ую|юю|ых|их|ым|им|ов|ев|[уюаяеыиоьй])$"
)
LANGUAGES = ("en", "vi", "zh", "ru")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text and where it stands."""

    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


@dataclass(slots=True)
class Entity:
    """A place or organisation: its forms by language, the first the usual one; adjectives; the country's code.

    A `loose` organisation may be meant by an article that has none of its forms.
    """

    kind: str
    country: str
    forms: dict[str, list[str]]
    adjectives: list[str] = field(default_factory=list)
    pair: dict[str, str] = field(default_factory=dict)
    loose: bool = False

    @property
    def name_kind(self) -> NameKind:
        return "organisation" if self.kind == "organisation" else "place"

    @property
    def english(self) -> str:
        return self.forms["en"][0] if self.forms["en"] else next(f[0] for f in self.forms.values() if f)


def words(text: str) -> list[Word]:
    """The words of a text with their spans; a run of hanzi is one word."""
    return [Word(m.group(), m.start(), m.end()) for m in WORD.finditer(text)]


@remembered(50_000)
def word_key(word: str) -> str:
    """The form under which a gazetteer word is compared: marks kept, tone marks in one place, Russian stemmed."""
    if "\u0400" <= word[0] <= "\u04ff":
        return _russian_stem(word.lower().replace("ё", "е"))
    return syllable_key(word.replace("’", "'").replace(".", ""))


def _russian_stem(word: str) -> str:
    """Without its ending, twice where the first cut leaves another: `вьетнаму` and `вьетнам` meet in `вьетн`."""
    once = _ENDINGS.sub("", word) if len(word) > 3 else word
    return _ENDINGS.sub("", once) if len(once) > 4 else once


@remembered(50_000)
def _bare_key(word: str) -> str:
    return fold(word).replace(".", "")


def _split(cell: str) -> list[str]:
    return [form.strip() for form in cell.split("|") if form.strip()]


def _cells(line: str, width: int) -> list[str]:
    cells = line.split("\t")
    return cells + [""] * (width - len(cells))


@cache
def entities() -> list[Entity]:
    """All entities; an index into this list is an entity's number."""
    found: list[Entity] = []
    countries: dict[str, Entity] = {}
    cities: list[Entity] = []
    for line in lines("territories.tsv"):
        kind, code, *names = _cells(line, 7)[1:7]
        entity = Entity(kind, code, {lang: _split(n) for lang, n in zip(LANGUAGES, names, strict=True)})
        (found if kind == "country" else cities).append(entity)
        if kind == "country":
            countries[code] = entity
    for line in lines("countries.tsv"):
        code, adjectives, english, vi, zh, ru, pair_vi, pair_zh = _cells(line, 8)[:8]
        entity = countries[code]
        entity.adjectives = _split(adjectives)
        entity.pair = {"vi": pair_vi, "zh": pair_zh}
        for lang, cell in zip(LANGUAGES, (english, vi, zh, ru), strict=True):
            entity.forms[lang] = list(dict.fromkeys(_split(cell) + entity.forms[lang]))
    known: dict[str, Entity] = {}
    for line in lines("cities.tsv"):
        kind, code, *names = _cells(line, 6)[:6]
        entity = Entity(kind, code, {lang: _split(n) for lang, n in zip(LANGUAGES, names, strict=True)})
        found.append(entity)
        known.update({fold(form): entity for form in entity.forms["en"]})
    for city in cities:
        twin = known.get(fold(city.english)) or next((e for e in found if city.english in e.forms["en"]), None)
        if twin is None:
            found.append(city)
            continue
        for lang in LANGUAGES:
            twin.forms[lang] = list(dict.fromkeys(twin.forms[lang] + city.forms[lang]))
    for line in lines("organisations.tsv"):
        *names, loose = _cells(line, 5)[:5]
        forms = {lang: _split(n) for lang, n in zip(LANGUAGES, names, strict=True)}
        found.append(Entity("organisation", "", forms, loose=bool(loose)))
    return found


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Forms by their words: `exact` with marks, `bare` without; `longest` words of a form by its first word."""

    exact: dict[tuple[str, ...], frozenset[int]]
    bare: dict[tuple[str, ...], frozenset[int]]
    longest: dict[str, int]
    longest_bare: dict[str, int]
    hanzi: dict[str, frozenset[int]]
    adjectives: frozenset[str]


@cache
def gazetteer() -> Gazetteer:
    """The forms of all entities, ready to be looked up."""
    exact: dict[tuple[str, ...], set[int]] = {}
    bare: dict[tuple[str, ...], set[int]] = {}
    hanzi: dict[str, set[int]] = {}
    for number, entity in enumerate(entities()):
        for lang in LANGUAGES:
            for form in entity.forms[lang]:
                if lang == "zh":
                    hanzi.setdefault(simplified(form), set()).add(number)
                else:
                    _enter(exact, bare, form, number)
        for form in entity.adjectives:
            _enter(exact, bare, form, number)
    return Gazetteer(
        {key: frozenset(found) for key, found in exact.items()},
        {key: frozenset(found) for key, found in bare.items()},
        _longest(exact),
        _longest(bare),
        {key: frozenset(found) for key, found in hanzi.items()},
        frozenset(fold(a) for entity in entities() for a in entity.adjectives),
    )


def _enter(
    exact: dict[tuple[str, ...], set[int]], bare: dict[tuple[str, ...], set[int]], form: str, number: int
) -> None:
    parts = [w.text for w in words(form)]
    if parts:
        exact.setdefault(tuple(map(word_key, parts)), set()).add(number)
        if len(parts) > 1 or len(form) > 4 or not has_marks(form):
            bare.setdefault(tuple(fold(p).replace(".", "") for p in parts), set()).add(number)


def _longest(table: dict[tuple[str, ...], set[int]]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for key in table:
        longest[key[0]] = max(longest.get(key[0], 0), len(key))
    return longest


def longest_at(run: Sequence[Word], start: int, text: str, *, bare: bool = False) -> tuple[int, frozenset[int]]:
    """How many words from `start` on form the longest known form, and of which entities; (0, nothing) if none."""
    table = gazetteer()
    forms, lengths = (table.bare, table.longest_bare) if bare else (table.exact, table.longest)
    first = _bare_key(run[start].text) if bare else word_key(run[start].text)
    most = lengths.get(first, 0)
    if not most:
        return 0, frozenset()
    keys = [first]
    for i in range(start + 1, min(start + most, len(run))):
        if not JOINT.fullmatch(text, run[i - 1].end, run[i].start):
            break
        keys.append(_bare_key(run[i].text) if bare else word_key(run[i].text))
    for count in range(len(keys), 0, -1):
        found = forms.get(tuple(keys[:count]))
        if found:
            return count, found
    return 0, frozenset()


def in_hanzi(text: str, start: int, end: int) -> Iterator[tuple[int, int, frozenset[int]]]:
    """Known forms in a run of hanzi, longest first from the left: (start, end, entities)."""
    table = gazetteer().hanzi
    plain = simplified(text[start:end])
    i = 0
    while i < len(plain):
        for size in range(min(10, len(plain) - i), 1, -1):
            found = table.get(plain[i : i + size])
            if found:
                yield start + i, start + i + size, found
                i += size
                break
        else:
            i += 1


def lookup(spelling: str) -> frozenset[int]:
    """The entities that a whole spelling can stand for; marks may be missing only from all of it."""
    if HANZI.search(spelling):
        return gazetteer().hanzi.get(simplified(spelling), frozenset())
    parts = [w.text for w in words(spelling)]
    if not parts:
        return frozenset()
    found = gazetteer().exact.get(tuple(map(word_key, parts)))
    if found is None and not has_marks(spelling):
        found = gazetteer().bare.get(tuple(fold(p).replace(".", "") for p in parts))
    return found or frozenset()


def is_adjective(spelling: str) -> bool:
    """Whether a spelling is an adjective or people of a country: `Russian`, `Filipinos`."""
    return fold(spelling) in gazetteer().adjectives


def country(spelling: str) -> str | None:
    """The ISO code of the country that a place is or lies in; None for no place or several countries' places."""
    codes = {entities()[number].country for number in lookup(spelling)} - {""}
    return codes.pop() if len(codes) == 1 else None


@cache
def of_kind(kind: str, country: str) -> frozenset[int]:
    """The numbers of a country's entities of a kind: `capital`, `country`."""
    return frozenset(n for n, each in enumerate(entities()) if each.kind == kind and each.country == country)


def is_region(spelling: str) -> bool:
    """Whether a spelling is a part of the world only, which an article of a place in it need not name."""
    found = [entities()[number] for number in lookup(spelling)]
    return bool(found) and all(entity.kind == "region" and not entity.country for entity in found)


def country_of_capital(spelling: str) -> str | None:
    """The English name of the country whose capital this is; None for any other spelling."""
    found = [entities()[number] for number in lookup(spelling)]
    if len(found) != 1 or found[0].kind != "capital":
        return None
    code = found[0].country
    return next((each.english for each in entities() if each.kind == "country" and each.country == code), None)


def organisation_everywhere(spelling: str) -> bool:
    """Whether a spelling is an organisation whose forms in every language are known and the only ones in use."""
    found = [entities()[number] for number in lookup(spelling)]
    return bool(found) and all(e.kind == "organisation" and not e.loose and all(e.forms.values()) for e in found)


@cache
def first_words() -> frozenset[str]:
    """The folded first words of all forms, hyphens dividing: a name that begins otherwise is no known place."""
    forms = (form for e in entities() for lang in ("en", "vi") for form in (*e.forms[lang], *e.adjectives))
    return frozenset(part for form in forms for part in fold(form.replace("-", " ").replace(".", " ")).split()[:1])


@cache
def acronyms() -> frozenset[str]:
    """Folded forms that are all capitals."""
    forms = (form for entity in entities() for lang in LANGUAGES for form in entity.forms[lang])
    return frozenset(fold(form) for form in forms if form.isupper() and form.isascii())


@cache
def pair_forms(lang: str) -> dict[str, int]:
    """Short names used in pairs: `Trung` in `Trung - Nga`, `中` in `中俄`; with the country's number."""
    return {e.pair[lang]: number for number, e in enumerate(entities()) if e.pair.get(lang)}
