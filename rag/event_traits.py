"""What tells whether two records are one event: whom, when, where and which words, in a form that languages share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from itertools import pairwise

from rag import places
from rag.bridge import compare, core
from rag.concepts import of_text
from rag.domain import Event, EventFigure, Fact
from rag.figures import Figure, base
from rag.moments import Parts, day_of, parts_of
from rag.name_tables import frame_key, sound_patterns
from rag.places import HANZI, entities, in_hanzi, longest_at
from rag.remembered import remembered
from rag.skeleton import hanzi_sounds, latin_sounds, transcribes
from rag.spellings import Spelling, readings_of, spelling
from rag.text import fold, stopwords

MOST_TEXT = 4_000  # characters of a record that are read for its words
_MOST_PERSONS = 12
_BEFORE, _AFTER = 6, 2  # days around its publication in which an article's undated event lies
_ANY_YEAR = 2000  # a leap year, for days whose year nobody states
_CAPITAL = re.compile(r"(?<![.!?:;\"“”'’•\n] )(?<!^)(?<!\n)\b[^\W\d_a-z][^\W\d_]{2,}(?:-[^\W\d_]+)*", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a record names, the spelling taken apart, and under which keys it can be met."""

    name: Spelling
    lang: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class When:
    """The days on which an event can have been, as ordinals of one year where `year` is unknown; both ends included.

    `exact` where the record dates it by itself; else it is the time around its publication.
    """

    first: int
    last: int
    year: bool
    exact: bool

    @property
    def in_any_year(self) -> When:
        """The same days of the year that stands for all."""
        first = without_year(self.first) if self.year else self.first
        return When(first, first + self.last - self.first, False, self.exact)


@dataclass(frozen=True, slots=True)
class Traits:
    """A record as linking sees it. `named` are its persons as it spells them, `names` folded words with a capital,
    `words` those of its own language."""

    kind: str
    lang: str
    background: bool
    articles: frozenset[str]
    named: tuple[str, ...]
    sides: frozenset[str]
    when: When | None
    cities: frozenset[int]
    country: str | None
    entities: frozenset[int]
    names: frozenset[str]
    words: frozenset[str]
    concepts: frozenset[str]
    figures: frozenset[tuple[Decimal, str]]

    @property
    def persons(self) -> tuple[Person, ...]:
        """Those whom the record names, taken apart when asked for: few of the records that meet are weighed so far."""
        return _persons(self.named, self.lang)[0]

    @property
    def person_keys(self) -> frozenset[str]:
        """The keys of all of them."""
        return _persons(self.named, self.lang)[1]


@lru_cache(maxsize=256)
def traits(event: Event) -> Traits:
    """What a record has that others of the same event can have too."""
    text = _text(event)
    spelt = [spelling(one.name) for one in event.participants[:_MOST_PERSONS]]
    named = tuple(name.text for name in spelt if name.letters)
    found = frozenset(entities_of(text))
    where = _places_of(event)
    own = {word for name in named for word in spelling(name).words}
    return Traits(
        kind=event.kind,
        lang=event.lang,
        background=event.background,
        articles=frozenset(event.articles),
        named=named,
        sides=frozenset(each.country for each in event.participants if each.country),
        when=_when(event),
        cities=where,
        country=event.place.country if event.place else None,
        entities=found | where,
        names=frozenset(fold(match[0]) for match in _CAPITAL.finditer(text)) - own - _common(event.lang),
        words=_words(text, event.lang) - own,
        concepts=of_text(text, lang=event.lang),
        figures=frozenset(each for figure in event.figures if (each := measured(figure)) is not None),
    )


def packed(of: Traits) -> str:
    """Traits as one line of JSON, the same for equal traits; persons by their names."""
    when = of.when and [of.when.first, of.when.last, int(of.when.year), int(of.when.exact)]
    figures = sorted((str(value), unit) for value, unit in of.figures)
    texts = map(sorted, (of.articles, of.sides, of.names, of.words, of.concepts))
    numbers = map(sorted, (of.cities, of.entities))
    found = [of.kind, of.lang, int(of.background), of.named, when, of.country, figures, *texts, *numbers]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def unpacked(data: str) -> Traits:
    """What `packed` made of some traits."""
    kind, lang, background, named, when, country, figures, *sets = json.loads(data)
    articles, sides, capitals, words, concepts, cities, found = map(frozenset, sets)
    return Traits(
        kind=kind,
        lang=lang,
        background=bool(background),
        articles=articles,
        named=tuple(named),
        sides=sides,
        when=when and When(when[0], when[1], bool(when[2]), bool(when[3])),
        cities=cities,
        country=country,
        entities=found,
        names=capitals,
        words=words,
        concepts=concepts,
        figures=frozenset((Decimal(value), unit) for value, unit in figures),
    )


def measured(figure: EventFigure) -> tuple[Decimal, str] | None:
    """A figure's value and unit in the smallest unit of its kind; None where it has no unit or is too common."""
    value = value_of(figure)
    unit = figure.unit or figure.counted
    if value is None or unit in (None, "ordinal") or value <= 1:
        return None
    least, name = base(Figure(value, figure.unit, figure.text, 0, 0, False, figure.counted))
    return least.normalize(), name or str(unit)


def value_of(figure: EventFigure) -> Decimal | None:
    """The figure's value as a number."""
    try:
        return Decimal(figure.value)
    except InvalidOperation:
        return None


def shared_persons(one: Iterable[Person], other: Iterable[Person]) -> int:
    """How many of the first one's persons the other names too, each met once."""
    left = list(other)
    shared = 0
    for person in one:
        met = next((each for each in left if _is_same(person, each)), None)
        if met is not None:
            left.remove(met)
            shared += 1
    return shared


def _is_same(one: Person, other: Person) -> bool:
    return not one.keys.isdisjoint(other.keys) and alike(one.name.text, one.lang, other.name.text, other.lang)


@remembered(50_000)
def alike(one: str, one_lang: str, other: str, other_lang: str) -> bool:
    """Whether two spellings can be one person, asked either way round; the surname may come first or last."""
    first, second = spelling(one), spelling(other)
    return (
        (len(first.words) > 1 and sorted(first.words) == sorted(second.words) and first.marked == second.marked)
        or compare(first, second, a_lang=one_lang, b_lang=other_lang).match
        or compare(second, first, a_lang=other_lang, b_lang=one_lang).match
    )


def _text(event: Event) -> str:
    facts: tuple[Fact, ...] = (event.headline, *event.agreed, *event.documents, *event.next_steps)
    parts = [fact.text for fact in facts]
    parts += [saying.text for saying in event.said]
    parts += [figure.citations[0].quote if figure.citations else figure.text for figure in event.figures]
    return "\n".join(dict.fromkeys(parts))[:MOST_TEXT]


@remembered(20_000)
def _persons(names: tuple[str, ...], lang: str) -> tuple[tuple[Person, ...], frozenset[str]]:
    """Persons of these names, and the keys of all of them."""
    found = tuple(Person(spelling(name), lang, person_keys(name)) for name in names)
    return found, frozenset(key for person in found for key in person.keys)


@remembered(20_000)
def person_keys(text: str) -> frozenset[str]:
    """Keys of which two spellings of one person share one: the last syllable in every reading, the rough sounds."""
    name = spelling(text)
    keys = {f"letters {name.letters}", f"words {' '.join(sorted(name.words))}"}
    keys |= {f"{len(way)} {symbol}" for way in readings_of(name) for symbol in way[-1]}
    if name.hanzi and transcribes(name.hanzi):
        keys |= {f"sound {key}" for key in sound_patterns(hanzi_sounds(name.hanzi))}
    if name.sounds:
        sounds = core(name)
        keys |= {f"frame {frame_key(sounds[-1])}", f"frame {frame_key(sounds[0])}"}
        keys.add(f"sound 汉{latin_sounds(name.sounds[-1])}")
    return frozenset(keys)


def _when(event: Event) -> When | None:
    found = days_of(event.date.edtf if event.date else None)
    if found is not None:
        return found
    day, with_year = day_of(event.sources[0].published) if event.sources else (None, False)
    if day is None or event.background:
        return None
    day = day if with_year else day.replace(year=_ANY_YEAR)
    return When(day.toordinal() - _BEFORE, day.toordinal() + _AFTER, with_year, False)


def days_of(edtf: str | None) -> When | None:
    """The days of an EDTF date or interval; `exact` where it states a month at least. None for none."""
    since, _, until = (edtf or "").partition("/")
    first, last = parts_of(since), parts_of(until or since)
    if first[1] is not None:
        start, end = _day(first, last=False), _day(last if last[1] else first, last=True)
        if start is not None and end is not None:
            return When(start, max(start, end), first[0] is not None, True)
    if first[0] is not None:
        return When(date(first[0], 1, 1).toordinal(), date(last[0] or first[0], 12, 31).toordinal(), True, False)
    return None


def _day(parts: Parts, *, last: bool) -> int | None:
    year, month, day = parts[0] or _ANY_YEAR, parts[1] or 1, parts[2]
    try:
        if day is not None or not last:
            return date(year, month, day or 1).toordinal()
        return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).toordinal()
    except ValueError:
        return None


def without_year(day: int) -> int:
    """The ordinal of the same day in the year that stands for all."""
    found = date.fromordinal(day)
    return found.replace(year=_ANY_YEAR).toordinal()


def _places_of(event: Event) -> frozenset[int]:
    """The cities and regions in the words for the place, countries left out."""
    return frozenset(entities_of(event.place.text, kinds=("capital", "city", "region"))) if event.place else frozenset()


@remembered(1_000)
def entities_of(text: str, kinds: tuple[str, ...] = ()) -> tuple[int, ...]:
    """The numbers of the places and organisations that a text names; of a form of several, the least number."""
    found: list[int] = []
    if HANZI.search(text):
        found += [min(numbers) for _, _, numbers in in_hanzi(text, 0, len(text)) if numbers]
    run = places.words(text)
    at = 0
    while at < len(run):
        size, numbers = longest_at(run, at, text) if run[at].capital else (0, frozenset[int]())
        if run[at].capital and not size:
            size, numbers = longest_at(run, at, text, bare=True)
        if size and numbers:
            found.append(min(numbers))
        at += max(size, 1)
    return tuple(number for number in found if not kinds or entities()[number].kind in kinds)


def _words(text: str, lang: str) -> frozenset[str]:
    """The content words, of a language that parts them by spaces; pairs of characters of one that does not."""
    if lang == "zh":
        runs = re.findall(r"[\u3400-\u9fff]{2,}", text)
        return frozenset(run[i : i + 2] for run in runs for i in range(len(run) - 1))
    lower = [word.lower() for word in _WORD.findall(text)]
    if lang == "vi":
        kept = re.findall(r"[^\W\d_]+", text.lower())
        return frozenset(f"{one} {two}" for one, two in pairwise(kept))
    return frozenset(_stem(word) for word in lower if fold(word) not in stopwords(lang))


def _stem(word: str) -> str:
    return re.sub(r"(?:ies|es|s|ing|ed)$", "", word) if len(word) > 5 else word


@cache
def _common(lang: str) -> frozenset[str]:
    """Words with a capital that every report has."""
    return stopwords(lang) | _TITLES


_TITLES = frozenset(
    "minister ministers ministry president prime deputy foreign ambassador chairman secretary general vice government "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december bo truong chu tich thu tuong dai ngoai giao pho chinh phu ong tong ban uy".split()
)
