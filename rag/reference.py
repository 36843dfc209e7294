"""What cited sentences speak of without naming it: the persons, states, places and bodies that stand before them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal

from rag import places
from rag.domain import Name
from rag.evidence_names import Part, Scene
from rag.known_names import back_references
from rag.runs import Page
from rag.text import fold, words
from rag.wordlists import acronyms_not_names, bare_titles

Reference = Literal["person", "group", "states", "event", "country", "place", "thing", "setting"]
_NEAR = 70  # characters between a person and the country or body of the title
_BESIDE = 4  # words between a country and a title in a statement
_MOST_BETWEEN = 2
_BEFORE = re.compile(r"(?!.*(?:[;:]|[,.] .|\band\b|\bvà\b|\bwith\b|\bvới\b)).*", re.DOTALL)
_AFTER = re.compile(
    r"(?:, (?:the )?(?=[^\W\d_a-zđ])| of (?:the )?| của )(?!.*(?:[;:.]| and | và | with | với )).*", re.DOTALL
)
_JOINED = re.compile(r"(?:'s|’s)?(?: (?!in |on |at |to |for |with |and |of )\w+){1,3}")
_HOME = {"vi": "VN", "zh": "CN"}
_OBLIQUE = {
    "en": frozenset("with to by of for from between and against beside alongside".split()),
    "vi": frozenset("với cho của từ bởi và cùng gặp tiếp đón giữa sang".split()),
}

_POSSESSIVE = frozenset("his her their our my its us me we i".split())
_QUOTES = " \"“”'‘’"
_OPENING = {
    "en": frozenset("at in during after before with on following".split()),
    "vi": frozenset("tại trong sau trước với nhân cùng khi".split()),
}


@cache
def _words(lang: str, kind: Reference) -> str:
    table = back_references().get(lang) or back_references()["en"]
    return "|".join(re.escape(word) for word in sorted(table[kind].split("|"), key=len, reverse=True))


@cache
def _pattern(lang: str, kind: Reference) -> re.Pattern[str]:
    joined = _words(lang, kind)
    return re.compile(joined if lang == "zh" else rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


@cache
def _before_place(lang: str) -> re.Pattern[str]:
    joined = _words(lang, "setting")
    return re.compile(rf"(?:{joined})\s*$" if lang == "zh" else rf"(?<!\w)(?:{joined})(?: the)?\s+$", re.IGNORECASE)


def is_setting(text: str, start: int, lang: str) -> bool:
    """Whether what begins at `start` is given as the place where something is: `in Hanoi`, `tại Hà Nội`."""
    return _before_place(lang).search(text[max(0, start - 20) : start]) is not None


def refers(scene: Scene, kind: Reference) -> bool:
    """Whether a cited sentence speaks of something by a pronoun or a noun that stands before it."""
    return any(True for part in scene.text for _ in _matches(part, kind))


def _matches(part: Part, kind: Reference) -> Iterator[re.Match[str]]:
    for match in _pattern(part.lang, kind).finditer(part.text):
        following = part.text[match.end() : match.end() + 2].strip()
        if part.lang != "vi" or kind in ("group", "states") or not following[:1].isupper():
            yield match


def persons(scene: Scene, *, beside: bool = False, leads: bool = False, several: bool = False) -> tuple[str, ...]:
    """The persons whom the cited sentences can mean without a name, out of the nearest sentence that names one.

    One person is the one with the title that is spoken of, else the first of that sentence that stands behind no
    preposition. Sentences that name their own persons mean others only where a statement names these too (`beside`),
    or where they open with a word for a person and the statement with its name (`leads`). More than one are meant
    where the statement names `several`.
    """
    own = any(part.persons for part in scene.text)
    if own and not beside and not (leads and opens_with_reference(scene.text[0])):
        return ()
    together = several and (refers(scene, "group") or (not own and refers(scene, "event")))
    if together and (found := next(filter(_several, scene.context), None)):
        return tuple(name.text for name in found.persons)
    if own and not refers(scene, "person"):
        return ()
    if named := _with_title(scene):
        return named
    nearest = next((part for part in scene.context if part.persons), None)
    return subjects(nearest, nearest.persons) if nearest else ()


def _several(part: Part) -> bool:
    return len({name.text for name in part.persons}) > 1


def opens_with_reference(part: Part) -> bool:
    """Whether a sentence or a clause after its first comma begins with a word for a person: `Ông nói`, not `Her`."""
    return any(
        not (before := part.text[: match.start()].strip(_QUOTES)) or before.endswith(",")
        for kind in ("person", "group")
        for match in _matches(part, kind)
        if match.group().lower() not in _POSSESSIVE
        and match.start() < min((name.start for name in part.persons), default=len(part.text))
    )


def _with_title(scene: Scene) -> tuple[str, ...]:
    """The persons around the cited sentences who bear the title by which these speak of one: `the ambassador`."""
    spoken = {fold(match.group()).removeprefix("the ") for part in scene.text for match in _matches(part, "person")}
    known = {title for title in spoken if title in bare_titles()}
    return tuple(
        name.text
        for part in scene.context
        for name in part.persons
        if any(f" {title} " in f" {_title_of(part, name)} " for title in known)
    )


def _title_of(part: Part, name: Name) -> str:
    """The folded words right before a person's name, back to the person before."""
    last = max((other.end for other in part.persons if other.end <= name.start), default=0)
    return " ".join(map(fold, words(part.text[max(last, name.start - _NEAR) : name.start])))


def subjects(part: Part, found: tuple[Name, ...]) -> tuple[str, ...]:
    """The first of the persons of a sentence who stands behind no preposition, or all."""
    free = [name.text for name in found if not _is_oblique(part, name)]
    return tuple(free[:1]) or tuple(name.text for name in found)


def _is_oblique(part: Part, name: Name) -> bool:
    page = part.page
    i = next((n for n, word in enumerate(page.words) if word.start >= name.start), 0)
    while i > 0:
        i -= 1
        if page.lowered[i] in _OBLIQUE.get(part.lang, frozenset()):
            return True
        if page.gap(i + 1).strip(" \u00a0") or not (page.words[i].capital or i in page.title_words):
            break
    clause = part.text[: name.start].rpartition(",")[2].split() if "," in part.text[name.end :] else []
    return bool(clause) and clause[0].lower() in _OPENING.get(part.lang, frozenset())


def known_places(scene: Scene, *, country: bool, located: bool, bound: bool, stated: frozenset[int]) -> frozenset[int]:
    """The countries or other places that the cited sentences can mean without a name.

    `located` says that the statement gives its place as where something is: then the place of the setting counts
    where the cited sentences name no other one of its kind. A statement that leaves out (`stated` is what it names) a
    country of theirs, or that opens with a word for persons or states itself (`bound`), names none that they mean.
    """
    own = {n for part in scene.text for n in _of_kind(part, country)}
    left_out = bool(own - stated)
    group = country and not (bound or left_out) and len(_identities(own, country)) < 2 and refers(scene, "states")
    silent = not any(part.entities or (country and part.persons) for part in scene.text)
    spoken = refers(scene, "country") and not own if country else refers(scene, "place")
    alone = spoken or silent or (located and not own)
    for part in scene.context if group or alone else ():
        found = _of_kind(part, country)
        if group and len(_identities(found, country)) >= 2:
            return frozenset(found)
        found = {n: spot for n, spot in found.items() if not _identities((n,), country) & _identities(own, country)}
        if found and alone:
            likely = _likeliest(part, found)
            return likely & _set_in(scene) if left_out else likely
    return frozenset()


def _set_in(scene: Scene) -> frozenset[int]:
    return frozenset(number for part in scene.setting for number in part.entities)


def _of_kind(part: Part, country: bool) -> dict[int, int]:
    """Number of entity -> where it first stands, for countries and their capitals, or for other places.

    A capital is a place only where something is; elsewhere it is a government.
    """
    table = places.entities()
    kinds = {"country", "capital"} if country else {"city", "region", "place"}
    found = {n: spots[0] for n, spots in part.entities.items() if table[n].kind in kinds}
    for number, spots in part.entities.items() if not country else ():
        where = [spot for spot in spots if spot == 0 or is_setting(part.text, spot, part.lang)]
        if table[number].kind == "capital" and where:
            found[number] = where[0]
    return found


def _identities(numbers: Iterable[int], country: bool) -> set[str]:
    """Countries by their codes, other places by their numbers."""
    return {(country and places.entities()[number].country) or str(number) for number in numbers}


def _likeliest(part: Part, found: dict[int, int]) -> frozenset[int]:
    """The first place of a sentence, and those that are given as where something is."""
    first = min(found.values())
    return frozenset(n for n, spot in found.items() if spot == first or is_setting(part.text, spot, part.lang))


def sentences_before(scene: Scene) -> tuple[Part, ...]:
    """The sentences out of which the cited ones can mean a body, a text, a ship: the one before them, the setting."""
    if any(_bodies(part) for part in scene.text) or not (refers(scene, "thing") or refers(scene, "group")):
        return ()
    return (*scene.before[-1:], *scene.setting)


def _bodies(part: Part) -> bool:
    """Whether a sentence names an organisation."""
    capitals = any(
        word.isupper() and len(word) > 2 and fold(word) not in acronyms_not_names() for word in part.capitals
    )
    return capitals or any(places.entities()[number].kind == "organisation" for number in part.entities)


def home_country(scene: Scene, beside: Iterable[str] = ()) -> frozenset[int]:
    """The country whose own affairs an article in its language tells: it names no other, or one as the other side.

    Where it does, those persons are of its own (`beside` is whom a statement names with the country) who bear a title
    without a country.
    """
    code = _HOME.get(scene.lang)
    if code is None:
        return frozenset()
    named = {places.entities()[n].country for part in scene.everywhere for n in _of_kind(part, True)}
    sides = refers(scene, "states") and len(named - {code}) == 1
    if named - {code} and not sides and not set(beside) & _without_country(scene):
        return frozenset()
    return places.of_kind("country", code)


def _without_country(scene: Scene) -> set[str]:
    """The last words of the persons of the cited sentences who bear a title and no country."""
    countries = {n for part in scene.text for n in _of_kind(part, True)}
    return {
        fold(name.text.split()[-1])
        for part in scene.text
        for name in part.persons
        if not in_title(part, name) & countries and _title_of(part, name)
    }


def of_persons(scene: Scene) -> frozenset[int]:
    """The places and bodies that stand in the title of a person whom the cited sentences name or mean."""
    meant = {name.text for part in scene.text for name in part.persons} | set(persons(scene))
    found: set[int] = set()
    for part in scene.everywhere if meant else ():
        for name in part.persons:
            if any(_one_name(name.text, other) for other in meant):
                found |= in_title(part, name) or _first_country(part, name)
    return frozenset(found)


def _one_name(one: str, other: str) -> bool:
    first, second = one.split(), other.split()
    return first[-1] == second[-1] or first[0] == second[0]


def _first_country(part: Part, name: Name) -> set[int]:
    """The country that a sentence names first, before a person whose title has none: whose government acts in it."""
    countries = _of_kind(part, True)
    first = min(countries.values(), default=name.end)
    return {number for number, spot in countries.items() if spot == first < name.start and " " in name.text}


def in_title(part: Part, name: Name) -> set[int]:
    """The places that stand right before a person's name, or after it behind a comma or `of`."""
    found = set()
    for number, starts in part.entities.items():
        for start in starts:
            low, high = sorted((start, name.start))
            between = any(low < other.start < high for other in part.persons)
            gap = part.text[start : name.start].partition(" ")[2] if start < name.start else part.text[name.end : start]
            if len(gap) <= _NEAR and not between and (_BEFORE if start < name.start else _AFTER).fullmatch(gap):
                found.add(number)
    return found


def topic(scene: Scene) -> frozenset[int]:
    """The towns and provinces that both the setting and the sentences before name: what the article is about."""
    titled, told = ({n for part in parts for n in part.entities} for parts in (scene.setting, scene.before))
    known = places.entities()
    return frozenset(n for n in titled & told if known[n].kind in ("city", "region") and known[n].country)


def beside_title(page: Page, start: int, end: int) -> bool:
    """Whether a title stands right beside the characters of a statement: `the Russian deputy prime minister`."""
    inside = [i for i, word in enumerate(page.words) if start <= word.start < end]
    if not inside:
        return False
    first, last = inside[0], inside[-1]
    after = page.text[end : page.words[min(len(page.words) - 1, last + _BESIDE)].end]
    follows = any(i in page.title_words for i in range(last + 1, last + _BESIDE)) and _JOINED.match(after)
    ends = [i for i in range(first - _BESIDE, first) if i in page.title_words]
    between = range(ends[-1] + 1, first) if ends else range(0)
    if page.vietnamese:  # `Bộ trưởng Thương mại Hàn Quốc`, not `Bộ trưởng thăm Hàn Quốc`
        precedes = bool(ends) and (not between or page.words[between[0]].capital)
    else:
        precedes = bool(between) and page.lowered[between[0]] == "of" and len(between) <= _MOST_BETWEEN
    return bool(follows or precedes)
