"""A capital that is told by its country: `the Botswanan capital`, `the capital of Peru`, `thủ đô nước này`."""

from __future__ import annotations

import re

from rag import places
from rag.evidence_names import Part, Scene

_NEAR = 30  # characters
_NOT_MONEY = (
    r"(?! (?:markets?|flows?|investments?|accounts?|gains?|controls?|spending|goods|costs?|expenditures?|outflows?"
    r"|inflows?|punishment|requirements?|stock)\b)"
)
_AFTER = re.compile(rf"(?:'s|’s)? capital\b{_NOT_MONEY}", re.IGNORECASE)
_BEFORE = re.compile(r"(?:\bcapital of (?:the )?|(?<!\w)thủ đô (?:của )?(?:nước )?)$", re.IGNORECASE)
_OF_THE_COUNTRY = re.compile(
    rf"\b(?:country|nation)(?:'s|’s) capital\b{_NOT_MONEY}"
    r"|(?<!\w)thủ đô (?:của )?(?:nước|quốc gia) (?:này|ấy|đó)(?!\w)",
    re.IGNORECASE,
)


def is_beside(text: str, start: int, end: int) -> bool:
    """Whether the word for a capital stands right beside the country at these characters: `the Botswanan capital`."""
    before = text[max(0, start - _NEAR) : start]
    after = _AFTER.match(text, end)
    told = after is not None and (not after.group().startswith(" ") or before.lower().endswith("the "))
    return told or _BEFORE.search(before) is not None


def meant(scene: Scene) -> frozenset[int]:
    """The capitals of which the cited sentences speak by their countries; `this country` is the one named last."""
    found: set[int] = set()
    for position, part in enumerate(scene.text):
        for code, spots in _countries(part).items():
            if any(is_beside(part.text, start, _end(part, start)) for start in spots):
                found |= places.of_kind("capital", code)
        for match in _OF_THE_COUNTRY.finditer(part.text):
            found |= places.of_kind("capital", _named_last(part, match.start(), scene, position))
    return frozenset(found)


def _countries(part: Part) -> dict[str, list[int]]:
    """Code of country -> where the sentence names it."""
    known = places.entities()
    found: dict[str, list[int]] = {}
    for number, spots in part.entities.items():
        if known[number].kind == "country":
            found.setdefault(known[number].country, []).extend(spots)
    return found


def _end(part: Part, start: int) -> int:
    """Where the name of a country ends that begins at a character: its words up to the one before `capital`."""
    following = _AFTER.search(part.text, start, start + 2 * _NEAR)
    if (
        following
        and part.text[start : following.start()].strip()
        and places.lookup(part.text[start : following.start()])
    ):
        return following.start()
    return start


def _named_last(part: Part, before: int, scene: Scene, position: int) -> str:
    """The code of the country that stands last before a character, in the sentence or the nearest before it."""
    own = [(spot, code) for code, spots in _countries(part).items() for spot in spots if spot < before]
    if own:
        return max(own)[1]
    for other in (*reversed(scene.text[:position]), *reversed(scene.before)):
        if codes := _countries(other):
            return next(iter(codes)) if len(codes) == 1 else ""
    return ""
