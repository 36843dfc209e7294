"""Names that stand only around the cited sentences: whether these leave room for them, or name another in their place.

A name of the setting belongs to each sentence of an article, as long as it displaces none. A statement that leaves out
a country, place, body or person of the cited sentences and has another one of that kind instead has swapped it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag import places, reference
from rag.evidence_names import Part, Scene, as_part
from rag.statement_names import Mention, mentions

_COUNTRIES = frozenset(("country", "capital"))
_PLACES = frozenset(("city", "region", "place", "capital"))


@dataclass(frozen=True)
class Surroundings:
    """A statement's names beside one scene; `stated` are the entities that they can stand for."""

    names: tuple[Mention, ...]
    lang: str
    scene: Scene
    stated: frozenset[int]

    def leave_room_for(self, name: Mention, meant: frozenset[int], *, located: bool) -> bool:
        """Whether a known place or body of the sentences around can be added to the cited ones."""
        table = places.entities()
        kinds = {table[number].kind for number in name.entities}
        codes = {table[number].country for number in name.entities if table[number].kind == "country"} - {""}
        around = {number for part in self.scene.context for number in part.entities}
        if not (meant & around or codes & {table[number].country for number in around}):
            return False
        if "organisation" in kinds:
            return not self._left_out_bodies and self._is_open
        if located and "capital" in kinds:
            return not self._left_out_places and any(map(self._is_place_of, name.entities))
        if kinds & _COUNTRIES:
            government = not self._left_out_countries and (located or not self._left_out_persons)
            return government and not ("capital" in kinds and self._left_out_places)
        return not (self._left_out_places or self.left_out_words)

    def _is_place_of(self, number: int) -> bool:
        """Whether something is somewhere around in a capital, which is no government then."""
        return any(
            spot == 0 or reference.is_setting(part.text, spot, part.lang)
            for part in self.scene.context
            for spot in part.entities.get(number, ())
        )

    def leave_room_for_word(self, *, located: bool, acts: bool) -> bool:
        """Whether the cited sentences name no other thing, place or country that the statement leaves out.

        Where the name `acts`, no person either, in whose place it could stand.
        """
        free = not (self._left_out_places or self.left_out_words)
        if located or not free:
            return free
        others = self._left_out_countries or self._left_out_bodies
        return not others and not (acts and self._left_out_persons)

    @property
    def swaps_places(self) -> bool:
        """Whether the statement names no place of the cited sentences, which have one."""
        kinds = {places.entities()[number].kind for number in self.stated & self._own.keys()}
        return bool(self._left_out_places) and not kinds & _PLACES

    def persons(self, *, leads: bool, several: bool) -> tuple[str, ...]:
        """The persons around whom the cited sentences have room for, all of whose own the statement names.

        One who `leads` the statement is whom they mean by a pronoun or a title: of the headline, where they name none.
        """
        if self._left_out_persons:
            return ()
        if any(part.persons for part in self.scene.text):
            swaps = leads or self.left_out_words or self._left_out_bodies
            return () if swaps else _persons((*self.scene.setting, *self.scene.before))
        if several and any(reference.refers(self.scene, kind) for kind in ("group", "event", "states")):
            chosen = (*self.scene.setting, *self.scene.before[-1:])
            return (*_persons(chosen), *(word for part in chosen for word in part.capitals))
        if any(part.persons for part in self.scene.before[-1:]):
            return ()
        first = next((part for part in self.scene.setting if part.persons), None)
        return reference.subjects(first, first.persons) if first else ()

    @cached_property
    def _is_open(self) -> bool:
        return not self._left_out_countries and not self._left_out_persons

    @cached_property
    def _own(self) -> dict[int, list[tuple[Part, int]]]:
        found: dict[int, list[tuple[Part, int]]] = {}
        for part in self.scene.text:
            for number, spots in part.entities.items():
                found.setdefault(number, []).extend((part, spot) for spot in spots)
        return found

    @cached_property
    def _left_out_countries(self) -> frozenset[str]:
        table = places.entities()
        stated = {table[number].country for number in self.stated}
        own = {
            table[number].country
            for number, spots in self._own.items()
            if table[number].kind in _COUNTRIES and not all(self._qualifies(*spot) for spot in spots)
        }
        return frozenset(own - stated)

    def _qualifies(self, part: Part, spot: int) -> bool:
        """Whether a country only tells whose officer a person is whom the statement names."""
        return any(
            spot in (start for starts in _title_spots(part, person.start) for start in starts)
            for person in part.persons
            if self._states(person.text, part.lang)
        )

    @cached_property
    def _left_out_places(self) -> frozenset[int]:
        table = places.entities()
        return frozenset(
            number
            for number, spots in self._own.items()
            if table[number].kind in _PLACES
            and number not in self.stated
            and (table[number].kind != "capital" or any(reference.is_setting(p.text, s, p.lang) for p, s in spots))
        )

    @cached_property
    def _left_out_bodies(self) -> bool:
        table = places.entities()
        known = {number for number in self._own if table[number].kind == "organisation"} - self.stated
        return bool(known) or self._leaves_out("organisation")

    @cached_property
    def left_out_words(self) -> bool:
        """Whether the cited sentences have a name of no known kind that the statement leaves out."""
        return self._leaves_out("name")

    @cached_property
    def _left_out_persons(self) -> bool:
        return any(not self._states(person.text, part.lang) for part in self.scene.text for person in part.persons)

    def _leaves_out(self, kind: str) -> bool:
        return any(
            each.kind == kind and not each.entities and not self._states(each.text, part.lang)
            for part in self.scene.text
            for each in _mentions(part.text, part.lang)
        )

    def _states(self, name: str, lang: str) -> bool:
        """Whether the statement has a name of the cited sentences, in its own spelling."""
        return any(
            as_part(each.text, self.lang).holds(name, lang="vi" if lang == "vi" else None, aliases=None)
            or as_part(name, lang).holds(each.text, lang="vi" if self.lang == "vi" else None, aliases=None)
            for each in self.names
            if not each.entities
        )


def _persons(parts: Iterable[Part]) -> tuple[str, ...]:
    return tuple(name.text for part in parts for name in part.persons)


@lru_cache(maxsize=500)
def _mentions(text: str, lang: str) -> tuple[Mention, ...]:
    return tuple(mentions(text, lang=lang))


def _title_spots(part: Part, start: int) -> Iterable[list[int]]:
    """Where the places stand that are right before or behind the person who begins at a character."""
    person = next(name for name in part.persons if name.start == start)
    return (part.entities[number] for number in reference.in_title(part, person))
