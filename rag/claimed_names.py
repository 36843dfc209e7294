"""The names in a statement that the cited sentences do not hold, whatever the languages of both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from rag import capitals_of, places, reference
from rag.aliases import Aliases
from rag.domain import Evidence
from rag.evidence_names import Part, Scene, as_part
from rag.ordinary_words import is_english
from rag.readings import has_marks
from rag.runs import Page
from rag.speakers import acts
from rag.statement_names import Mention, mentions
from rag.surroundings import Surroundings
from rag.text import fold
from rag.wordlists import acronyms_not_names, bare_titles, function_words, not_names

_STEM = 5
_TWO = 2
_LONG = 4  # letters
_NEAR = 40  # characters between a country and the person of its title
_BRACKETS = re.compile(r" \(([A-Z]{2,8})\)")


def unsupported(
    statement: str, *, lang: str, evidence: Sequence[Evidence], aliases: Aliases | None = None
) -> tuple[str, ...]:
    """The names of a statement, as it spells them, that the evidence does not hold; () where it holds all.

    Persons, places, countries and their adjectives, organisations, acronyms and other words with capitals; a name in
    another language or script counts where the name bridge or the table of places says so, a capital for its
    government. What stands only around the cited sentences counts where these speak of it: see `reference`. A name
    that is invented in small letters is not found.
    """
    checked = _Check(statement, lang, [Scene(each) for each in evidence], aliases)
    return tuple(dict.fromkeys(each.text for each in checked.distinct() if not checked.holds(each)))


class _Check:
    """One statement against its scenes."""

    def __init__(self, statement: str, lang: str, scenes: list[Scene], aliases: Aliases | None) -> None:
        self.statement, self.lang, self.scenes, self.aliases = statement, lang, scenes, aliases
        self.around: dict[Scene, Surroundings] = {}
        self.page = Page(statement, lang)
        self.names = mentions(statement, lang=lang)
        self.bound = reference.opens_with_reference(as_part(statement, lang))
        self.read_as = "vi" if lang == "vi" and has_marks(statement) else None

    def distinct(self) -> Iterable[Mention]:
        """The names, those that are spelled alike and stand alike once."""
        located = {(n.text, reference.is_setting(self.statement, n.start, self.lang)): n for n in reversed(self.names)}
        return reversed(located.values())

    def holds(self, name: Mention) -> bool:
        if name.kind == "phrase" or (name.kind == "name" and self._is_translated(name)):
            return self._holds_phrase(name)
        if capitals_of.is_beside(self.statement, name.start, name.end) and not self._knows_capital(name):
            return False
        held = any(self._in_scene(name, scene) for scene in self.scenes) or self._abbreviates(name)
        return held or self._holds_ends(name)

    def _holds_ends(self, name: Mention) -> bool:
        """Whether two names stand here that a hyphen joins: `the Sandakan-Zamboanga ferry`."""
        ends = re.split("[-–]", name.text)
        if len(ends) != _TWO or not all(len(end) >= _LONG and end[0].isupper() for end in ends):
            return False
        sides = [Mention(end, name.start, name.end, "name", places.lookup(end)) for end in ends]
        return all(any(self._in_scene(side, scene) for scene in self.scenes) for side in sides)

    def _in_scene(self, name: Mention, scene: Scene) -> bool:
        return self._holds_words(name, scene) or (bool(name.entities) and self._holds_known(name, scene))

    def _level(self, name: str, parts: Iterable[Part]) -> str:
        levels = {part.holds(name, lang=self.read_as, aliases=self.aliases) for part in parts}
        return "whole" if "whole" in levels else "part" if "part" in levels else ""

    def _holds_words(self, name: Mention, scene: Scene) -> bool:
        """Whether a name stands in the cited sentences, or its surname there and all of it around them."""
        if any(part.means(name.text) for part in scene.text):
            return True
        level = self._level(name.text, scene.text)
        if level == "part":
            level = self._level(name.text, (part for each in self.scenes for part in each.everywhere))
        if level == "whole":
            return True
        if name.entities:
            return False
        if name.kind != "person":
            displaces = self._is_located(name) and self._around(scene).left_out_words
            thing = not displaces and self._is_thing_before(name.text, scene)
            if thing or self._is_room_for(name, scene):
                return True
            if self._is_located(name):
                return False
        stated = [each for each in self.names if each.kind in ("person", "name")]
        persons = reference.persons(
            scene,
            beside=self._names_all(scene),
            leads=not self.bound and name in stated[:1],
            several=not self.bound and len(stated) > 1,
        )
        around = self._around(scene).persons(leads=name in stated[:1], several=len(stated) > 1)
        meant = tuple(as_part(other, scene.lang, frozenset((other,))) for other in dict.fromkeys((*persons, *around)))
        level = self._level(name.text, meant)
        return level == "whole" or (level == "part" and self._level(name.text, scene.context) == "whole")

    def _names_all(self, scene: Scene) -> bool:
        """Whether the statement names every person whom the cited sentences name."""
        stated = [as_part(name.text, self.lang) for name in self.names if not name.entities]
        own = {name.text for part in scene.text for name in part.persons}
        return all(any(part.holds(name, lang=None, aliases=self.aliases) for part in stated) for name in own)

    def _around(self, scene: Scene) -> Surroundings:
        if scene not in self.around:
            stated = frozenset(number for each in self.names if each.entities for number in self._meant(each))
            self.around[scene] = Surroundings(tuple(self.names), self.lang, scene, stated)
        return self.around[scene]

    def _is_room_for(self, name: Mention, scene: Scene) -> bool:
        """Whether a name of the sentences around, no person's, displaces none of the cited ones."""
        persons = (as_part(person.text, part.lang) for part in scene.context for person in part.persons)
        stands = self._level(name.text, scene.context) == "whole" and not self._level(name.text, persons)
        located = self._is_located(name)
        words = [i for i, word in enumerate(self.page.words) if name.start <= word.start < name.end]
        if not stands or not words or words[0] in self.page.titled:
            return False
        agent = acts(self.page, words[0], self.lang) or acts(self.page, words[-1], self.lang)
        return self._around(scene).leave_room_for_word(located=located, acts=agent)

    def _is_thing_before(self, name: str, scene: Scene) -> bool:
        parts = reference.sentences_before(scene)
        persons = (as_part(person.text, part.lang) for part in parts for person in part.persons)
        return self._level(name, parts) == "whole" and not self._level(name, persons)

    def _is_located(self, name: Mention) -> bool:
        return reference.is_setting(self.statement, name.start, self.lang)

    def _holds_known(self, name: Mention, scene: Scene) -> bool:
        """Whether a known place or organisation is named or meant by the cited sentences."""
        meant = self._meant(name)
        if any(part.names(number) for part in scene.text for number in meant):
            return True
        if meant & capitals_of.meant(scene) or name.entities & self._whose_capital(name, scene):
            return True
        located = self._is_located(name)
        if places.entities()[min(name.entities)].kind == "organisation":
            before = any(part.names(number) for part in reference.sentences_before(scene) for number in meant)
            works = reference.beside_title(self.page, name.start, name.end) and meant & reference.of_persons(scene)
            return bool(before or works) or self._around(scene).leave_room_for(name, meant, located=located)
        country = self._is_country(name)
        loose = country and (located or places.is_adjective(name.text))
        if loose and any(self._lies_in(name, part) for part in scene.text):
            return True
        stated = frozenset(number for each in self.names if each.entities for number in self._meant(each))
        spoken = reference.known_places(scene, country=country, located=located, bound=self.bound, stated=stated)
        if meant & spoken and (country or not self._around(scene).left_out_words):
            return True
        if name.entities & (
            reference.home_country(scene, self._persons_beside(name))
            | (frozenset() if located or self._around(scene).swaps_places else reference.topic(scene))
        ):
            return True
        states = any(places.entities()[number].kind == "country" for part in scene.text for number in part.entities)
        beside = (country and not states) or reference.beside_title(self.page, name.start, name.end)
        if beside and meant & reference.of_persons(scene):
            return True
        return self._around(scene).leave_room_for(name, meant, located=located)

    def _knows_capital(self, name: Mention) -> bool:
        """Whether the evidence has the capital that the statement tells by its country, or none is known."""
        known = places.entities()
        codes = {known[n].country for n in name.entities if known[n].kind == "country"}
        cities = {n for code in codes for n in places.of_kind("capital", code)}
        told = any(part.names(n) for scene in self.scenes for part in scene.everywhere for n in cities)
        return not cities or told or any(cities & capitals_of.meant(scene) for scene in self.scenes)

    def _whose_capital(self, name: Mention, scene: Scene) -> frozenset[int]:
        """The countries whose capital the cited sentences name, where the statement has `the Botswanan capital`."""
        if not capitals_of.is_beside(self.statement, name.start, name.end):
            return frozenset()
        known = places.entities()
        cities = {n for part in scene.text for n in part.entities if known[n].kind == "capital"}
        return frozenset(n for city in cities for n in places.of_kind("country", known[city].country))

    def _persons_beside(self, name: Mention) -> list[str]:
        """The last word, folded, of the person who follows a country and a title: `Vietnam's Party chief To Lam`."""
        after = [each for each in self.names if each.kind in ("person", "name") and 0 < each.start - name.end <= _NEAR]
        return [fold(after[0].text.split()[-1])] if after else []

    def _meant(self, name: Mention) -> frozenset[int]:
        """The entities a name can stand for: a country for its capital, a capital for its country's government."""
        found = set(name.entities)
        for number in name.entities:
            entity = places.entities()[number]
            if entity.kind == "country":
                found |= places.of_kind("capital", entity.country)
            elif entity.kind == "capital" and not self._is_located(name):
                found |= places.of_kind("country", entity.country)
        return frozenset(found)

    def _is_country(self, name: Mention) -> bool:
        return any(places.entities()[number].kind == "country" for number in name.entities)

    def _lies_in(self, name: Mention, part: Part) -> bool:
        """Whether a sentence names a place in the country, and no country."""
        codes = {places.entities()[number].country for number in name.entities} - {""}
        named = [places.entities()[number] for number in part.entities]
        return bool(codes & {each.country for each in named}) and all(each.kind != "country" for each in named)

    def _abbreviates(self, name: Mention) -> bool:
        """Whether a name is what the capitals in brackets behind it, which are held, stand for: `PetroVietnam (PVN)`.

        Capitals after the words they are the first letters of count too: `Shanghai Cooperation Organisation (SCO)`.
        """
        if name.text.isupper() and self.statement[name.start - 1 : name.start] == "(":
            words = self.statement[: name.start - 1].split()[-2 * len(name.text) :]
            return "".join(fold(word[0]) for word in words if word[0].isupper()).endswith(fold(name.text))
        short = _BRACKETS.match(self.statement, name.end)
        if short is None or not _are_in_order(fold(short[1]), fold(name.text)):
            return False
        return any(self._level(short[1], scene.text) == "whole" for scene in self.scenes)

    def _is_translated(self, name: Mention) -> bool:
        """Whether a name of English words has to be given by its meaning, in scripts that have no letters for it."""
        scripts = {scene.lang for scene in self.scenes}
        latin = not scripts or bool(scripts & {"en", "vi"})
        return not (latin or has_marks(name.text)) and all(map(is_english, fold(name.text).split()))

    def _holds_phrase(self, name: Mention) -> bool:
        """Whether a phrase of ordinary words stands in evidence of its own language; in others it is translated."""
        own = [part for scene in self.scenes if scene.lang == self.lang for part in scene.everywhere]
        if not own or len(own) < sum(len(scene.everywhere) for scene in self.scenes):
            return True
        said = {word[:_STEM] for part in own for word in part.page.folded}
        words = [w for w in Page(name.text, self.lang).folded if w not in idle_words() and len(w) > 2]
        return all(word[:_STEM] in said for word in words)


def _are_in_order(letters: str, word: str) -> bool:
    """Whether letters stand in a word in this order, the first one first."""
    rest = iter(word)
    return word[:1] == letters[:1] and all(letter in rest for letter in letters)


@cache
def idle_words() -> frozenset[str]:
    """English words that a phrase may have or not."""
    return function_words("en") | not_names("en") | bare_titles() | acronyms_not_names()
