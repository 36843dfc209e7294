"""Russian names in oblique cases, back in the nominative: `Лавровым`, `Сергея Лаврова`, `Зеленскому`."""

from __future__ import annotations

import re

# For each case, the endings of masculine names and what the nominative may have in their place.
_CASES: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = (
    (("ого", ("ий", "ый", "ой")), ("его", ("ий",)), ("а", ("",)), ("я", ("й", "ь")), ("ы", ("а",)), ("и", ("я", "а"))),
    (("ому", ("ий", "ый", "ой")), ("ему", ("ий",)), ("у", ("",)), ("ю", ("й", "ь")), ("е", ("а", "я"))),
    (("ом", ("",)), ("ем", ("й", "ь", "")), ("ым", ("", "ый")), ("им", ("ий", "")), ("ой", ("а",)), ("ей", ("я",))),
    (("ом", ("ий", "ый")), ("ем", ("ий",)), ("е", ("", "й", "ь")), ("у", ("а",)), ("ю", ("я",))),
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LEAST_STEM = 2


def nominatives(name: str) -> tuple[str, ...]:
    """The spellings that a name can have in the nominative if all its words stand in one oblique case.

    At most a dozen; none for a name that is not Cyrillic. Words that cannot stand in the case stay as they are.
    """
    if not _CYRILLIC.search(name):
        return ()
    words = name.split()
    found: dict[str, None] = {}
    for endings in _CASES:
        for choice in range(3):
            found[" ".join(_restored(word, endings, choice) for word in words)] = None
    found.pop(name, None)
    return tuple(found)


def _restored(word: str, endings: tuple[tuple[str, tuple[str, ...]], ...], choice: int) -> str:
    for ending, nominative in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)] + nominative[min(choice, len(nominative) - 1)]
    return word
