"""Where an event happened: the place that its sentences put it in, the dateline, the country of a visit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rag import places
from rag.domain import EventKind, EventPlace, Name
from rag.event_kinds import SENTENCE_MOST
from rag.reading import Reading, Span
from rag.text import has_marks
from rag.wordlists import heads

_UPPER = "A-ZĐÀ-ÖØ-ÞĂĨŨƠƯẠ-Ỹ"
_WORD = rf"[{_UPPER}](?:[\w’'\-]{{0,30}}\w)?"
_NAME = rf"{_WORD}(?:[ \n](?:(?:de|del|la|el|al|of|and the)[ \n])?(?:{_WORD}|ương|phủ)){{0,5}}"
_AGENCY = r"\((?:TTXVN|Xinhua|Reuters|AFP|AP|VNA|TASS|Kyodo|Yonhap)"
_DATELINE = re.compile(
    rf"\s{{0,40}}+(?:\([^)\n]{{1,40}}\)\s{{0,40}}+[-–—]{{1,9}}+\s{{0,40}}+)?"
    rf"(?P<name>[{_UPPER}][{_UPPER} .’'\-]{{1,29}}[{_UPPER}.](?:,\s?{_WORD}\.?(?:\s{_WORD}){{0,2}}(?=,|\s?[(\-–—]))?"
    rf"|(?:{_NAME})(?=[^.\n]{{0,40}}{_AGENCY}))"
    rf"(?:,\s?(?:ngày\s)?[\w./, ]{{1,20}})?\s{{0,40}}(?:\([^)\n]{{1,40}}\))?\s{{0,40}}(?:--|[-–—])\s"
)
_BRACKET = re.compile(rf"[ \n]?\((?P<name>{_NAME}(?:,[ \n]{_NAME})?)\)")
_SYLLABLE = re.compile(r" ([a-zà-ỹđ]+)")
_HERE = re.compile(r"\bhere\b")
_MOST_SENTENCES = 12
_OFFICE = 90  # characters before a place in which an office of that place begins
_SPEAKING = 50  # characters before the place of a statement in which it says that somebody speaks
_SURE, _TOWN, _UNSURE = 2.0, 2.8, 5.0
_WITHOUT: frozenset[EventKind] = frozenset({"call", "talks online"})


@dataclass(frozen=True, slots=True)
class _Found:
    """A place that words put something in, with what tells how sure that is (the smaller, the surer)."""

    start: int
    end: int
    country: str | None
    unsure: float


def event_place(
    reading: Reading, spans: Sequence[Span], *, at: int, kind: EventKind, background: bool = False
) -> EventPlace | None:
    """The place of an event whose telling words stand at `at` in the first of the spans; None where none is stated.

    A visit is placed by what was visited, a call has no place, a statement that of its speaker. For what is only
    mentioned, its own sentence must say where.
    """
    if kind in _WITHOUT or not spans:
        return None
    found = [place for number in range(min(len(spans), 1 if background else _MOST_SENTENCES))
             for place in _of_sentence(reading, spans[number], number, at, kind)]  # fmt: skip
    line = None if background else dateline(reading)
    if line:
        here = _HERE.search(reading.text, *spans[0])
        found.append(_Found(*line, _country(reading, *line), 0.0 if here else 2.4))
        found = [each for each in found if not _is_house(reading, each)]
    best = min(found, key=lambda each: (each.unsure, each.start), default=None)
    if best is None or best.unsure >= (_SURE if background else _UNSURE):
        return None
    best = _town(reading, best, found)
    citation = reading.cite(best.start, best.end)
    return EventPlace(citation.quote, best.country or _neighbours(reading, best.start, best.end), citation)


def dateline(reading: Reading) -> Span | None:
    """The place in capitals, or before an agency's name, with which the text begins."""
    match = _DATELINE.match(reading.text, 0, 160)
    if not match or not (places.lookup(match["name"]) or match["name"].split(",")[0].isupper()):
        return None
    return match.span("name")


def dateline_end(reading: Reading) -> int:
    """Where the dateline ends with its date and agency; 0 without one."""
    match = _DATELINE.match(reading.text, 0, 160)
    return match.end() if match and dateline(reading) else 0


def _town(reading: Reading, country: _Found, found: Sequence[_Found]) -> _Found:
    """The surest town in a country where that is all that is said of the place, else the place as it is."""
    if country.country is None or not _is_country(reading.text[country.start : country.end]):
        return country
    inside = [each for each in found if each.country == country.country and each.unsure < _TOWN]
    towns = [each for each in inside if not _is_country(reading.text[each.start : each.end])]
    return min(towns, default=country, key=lambda each: (each.unsure, each.start))


def _is_house(reading: Reading, place: _Found) -> bool:
    """Whether words name a building and not the town, which a dateline tells: `trụ sở Bộ Ngoại giao`."""
    said = reading.text[place.start : place.end]
    return reading.lang == "vi" and bool(_pattern("house").match(said)) and _known(said, 2) is None


def _is_country(spelling: str) -> bool:
    return any(places.entities()[number].kind == "country" for number in places.lookup(spelling))


def _of_sentence(reading: Reading, span: Span, number: int, at: int, kind: EventKind) -> Iterator[_Found]:
    start, end = span
    telling = start <= at < end
    for place in _stated(reading, start, end, visit=kind == "visit"):
        far = abs(place.start - at) / 1_000 if telling else 0.2
        behind = telling and at < place.start and _pattern("purpose").search(reading.text, at, place.start)
        spoken = _is_spoken(reading, max(start, place.start - _SPEAKING), place.start)
        if kind == "statement" and (behind or not spoken):
            continue
        yield _Found(place.start, place.end, place.country, place.unsure + far + 2 * number + 2.5 * bool(behind))


def _is_spoken(reading: Reading, start: int, end: int) -> bool:
    return bool(_pattern("speaking").search(reading.text, start, end))


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("rag") / "data" / "event_places.toml").read_text(encoding="utf-8"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    if name == "purpose":
        return re.compile(rf"\b(?:{_words()['purpose']['words']})\b")
    if name == "speaking":
        return re.compile(_words()["speaking"]["words"], re.IGNORECASE)
    if name == "office":
        return re.compile(rf"\b(?:{_words()['office']['before']})\W*(?:[\w’'-]+\W){{0,3}}$", re.IGNORECASE)
    if name == "house":
        return re.compile(_words()["vi"]["house"])
    if name == "none":
        return re.compile(rf"(?:{_words()['none']['starts']})\b")
    words = _words()[name]
    how = rf"(?:(?P<in>(?i:{words['in']}))|(?P<visited>{words['visited']}))".replace(" ", r"\s")
    unit = words["unit"].replace(" ", r"\s")
    if name == "zh":
        return re.compile(rf"{how}(?P<more>)(?P<name>[\u3400-\u9fff]{{2,12}})")
    if name == "vi":
        house = words["house"].replace(" ", r"\s")
        following = rf"(?:,\s(?:(?:{unit})\s){{0,2}}{_NAME}){{0,3}}"
        return re.compile(
            rf"(?<!\w){how}\s(?P<more>(?:(?:{unit})\s){{0,3}})(?P<name>(?:(?:{house})\s)?{_NAME}{following})"
        )
    more = rf"(?:(?:the|its|a)\s)?(?:[\w’'\-]{{1,30}}\s){{0,6}}?(?:(?:{unit})\s)?(?:of\s)?"
    return re.compile(rf"(?<!\w){how}\s(?P<more>{more})(?P<name>{_NAME}(?:,\s{_NAME}){{0,2}})")


def _stated(reading: Reading, start: int, end: int, *, visit: bool) -> Iterator[_Found]:
    end = min(end, start + SENTENCE_MOST)
    pattern = _pattern(reading.lang if reading.lang in ("vi", "zh") else "en")
    position = start
    while match := pattern.search(reading.text, position, end):
        position = match.start() + 1
        place = _hanzi(reading, match) if reading.lang == "zh" else _named(reading, match)
        if place is None or _is_none(reading, match, place) or _is_quoted(reading.text[start : place[0]]):
            continue
        first, last = place
        country = _country(reading, first, last) or _described(match["more"])
        if country is None and (match["visited"] or not _leads(reading.lang, match["more"])):
            continue
        if match["visited"] and not visit:
            continue
        unsure = 0.4 if visit and match["in"] else 0.0
        if _pattern("office").search(reading.text[max(start, match.start() - _OFFICE) : match.start()]):
            unsure += _UNSURE
        yield _Found(first, last, country, unsure)


def _is_quoted(before: str) -> bool:
    """Whether a quotation is open behind these characters of a sentence."""
    return before.count('"') % 2 == 1 or before.count("“") > before.count("”")


def _named(reading: Reading, match: re.Match[str]) -> Span:
    """The name and the parts behind its commas that are places or begin like one."""
    start, end = match.span("name")
    stop = match["name"].find(",")
    if stop < 0:
        return start, _with_head(reading, start, end)
    last = start + stop
    for part in re.finditer(r",\s([^,]+)", match["name"]):
        if not (places.lookup(part[1]) or part[1][0].islower()):
            break
        last = start + part.end()
    return start, last


def _with_head(reading: Reading, start: int, end: int) -> int:
    """Where a name ends whose last syllable goes on in lower case: `trụ sở Bộ Ngoại giao`."""
    following = _SYLLABLE.match(reading.text, end) if reading.lang == "vi" else None
    last = reading.text[start:end].rpartition(" ")[2].lower()
    return following.end() if following and f"{last} {following[1]}" in heads() else end


def _hanzi(reading: Reading, match: re.Match[str]) -> Span | None:
    """The places that stand side by side behind the word: a country, then its town, which is the place."""
    start, end = match.span("name")
    position, last = start, None
    for name in reading.within(start, end, "place"):
        if name.start > position:
            break
        position, last = name.end, (name.start, name.end)
    return last


def _is_none(reading: Reading, match: re.Match[str], place: Span) -> bool:
    text = reading.text[slice(*place)]
    if _pattern("none").match(text) or text.endswith(("'s", "’s")) or places.is_adjective(text):
        return True
    start = place[0]
    inside = [
        name for name in reading.within(max(0, start - 40), start + 60, "person") if name.start <= start < name.end
    ]
    return any(not _is_town(reading, match, name) for name in inside)


def _is_town(reading: Reading, match: re.Match[str], name: Name) -> bool:
    """Whether what looks like a person is a town: named once, behind "in" and before nothing that a person does."""
    if reading.lang == "vi" and match["more"]:
        return True
    if len(reading.persons.get(reading.full(name), ())) != 1 or name.start != match.start("name"):
        return False
    return bool(match["in"]) and not match["more"] and reading.text[name.end : name.end + 1] in tuple(",.;")


def _leads(lang: str, words: str) -> bool:
    """Whether what stands before an unknown name leads to a place: nothing, or "the old imperial city of"."""
    if lang != "en" or not words.strip():
        return True
    return bool(re.search(rf"\b(?:{_words()['en']['unit']})\s(?:of\s)?$", words))


def _country(reading: Reading, start: int, end: int) -> str | None:
    """The country of a stated place: that of brackets behind it, else of the last of its parts that is known."""
    bracket = _BRACKET.match(reading.text, end, end + 60)
    if bracket and (found := _lookup(bracket["name"].rpartition(",")[2].strip())):
        return found
    return _known(reading.text[start:end], 2 if reading.lang == "vi" else 1)  # "Kỳ Anh" is not in England


def _known(spelling: str, shortest: int) -> str | None:
    """The country of the last known part of a place, of no fewer words than `shortest` where it is only its end."""
    for part in reversed(spelling.split(",")):
        words = part.split()
        for first in range(max(1, len(words) - shortest + 1)):
            if found := _lookup(" ".join(words[first:])):
                return found
    return None


@cache
def _lookup(spelling: str) -> str | None:
    return places.country(spelling)


def _described(words: str) -> str | None:
    """ "the Vietnamese port city of": the country whose adjective stands before a place."""
    codes = [code for word in re.findall(rf"\b{_WORD}", words) if (code := _lookup(word))]
    return codes[-1] if codes else None


def _neighbours(reading: Reading, at: int, to: int) -> str | None:
    """The country of an unknown place: of all the towns of its sentence, or the one that the sentence names; Vietnam
    for a Vietnamese name among no towns.
    """
    if places.lookup(reading.text[at:to]):
        return None
    start, end = reading.sentences[reading.sentence_at(at)]
    towns: set[str] = set()
    countries: set[str] = set()
    for name in reading.within(max(start, at - 300), min(end, at + 300), "place"):
        kinds = {places.entities()[number].kind for number in places.lookup(name.text)}
        if code := _lookup(name.text):
            (countries if "country" in kinds else towns).add(code)
    if len(towns) == 1:
        return towns.pop()
    if reading.lang == "vi" and has_marks(reading.text[at:to]):
        return "VN"
    return countries.pop() if len(countries) == 1 else None
