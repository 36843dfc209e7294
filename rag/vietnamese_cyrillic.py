"""Vietnamese names in Russian: `Буй Тхань Шон` read as the syllables that it can stand for, without marks."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import product

from rag.readings import is_vietnamese
from rag.remembered import remembered
from rag.text import fold

# The practical transcription of Vietnamese into Russian.
_ONSETS = {
    "": "", "b": "б", "c": "к", "k": "к", "ch": "ть т ч", "d": "з", "đ": "д", "g": "г", "gh": "г", "gi": "з", "h": "х",
    "kh": "кх", "l": "л", "m": "м", "n": "н", "ng": "нг", "ngh": "нг", "nh": "нь н", "p": "п", "ph": "ф", "qu": "ку",
    "r": "р з", "s": "ш с", "t": "т", "th": "тх", "tr": "ч", "v": "в", "x": "с",
}  # fmt: skip
_VOWELS = {
    "a": "а я", "ă": "а", "â": "а э", "e": "е э", "ê": "е э", "i": "и", "y": "и", "o": "о", "ô": "о", "ơ": "о ы",
    "u": "у ю", "ư": "ы", "ia": "иа", "iê": "ие ье", "yê": "ие е", "ua": "уа", "uô": "уо", "ưa": "ыа", "ươ": "ыо",
    "oa": "оа", "oe": "оэ", "uê": "уэ юэ", "uy": "уи ю юи", "uyê": "уе уие", "uâ": "уа", "oă": "оа", "uơ": "уо",
}  # fmt: skip
_CODAS = {
    "": "", "c": "к", "ch": "ть к ч", "m": "м", "n": "н", "ng": "нг", "nh": "нь н", "p": "п", "t": "т", "i": "й и",
    "y": "й", "u": "у", "o": "о",
}  # fmt: skip
MOST_WORDS = 5


@cache
def _table() -> dict[str, frozenset[str]]:
    """Cyrillic syllable -> the folded Vietnamese syllables that it can stand for."""
    table: dict[str, set[str]] = defaultdict(set)
    for onset, vowel, coda in product(_ONSETS, _VOWELS, _CODAS):
        syllable = fold(onset + vowel + coda)
        if is_vietnamese(syllable):
            for parts in product(_cells(_ONSETS[onset]), _cells(_VOWELS[vowel]), _cells(_CODAS[coda])):
                written = "".join(parts).replace("ья", "я").replace("ью", "ю").replace("ьи", "и").replace("ье", "е")
                table[written].add(syllable)
    return {written: frozenset(found) for written, found in table.items()}


def _cells(cell: str) -> list[str]:
    return cell.split() or [""]


@remembered(20_000)
def syllables(words: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """For each lower-case Cyrillic word the folded Vietnamese syllables it can be; empty if one of them can be none."""
    if not 2 <= len(words) <= MOST_WORDS:
        return ()
    found = tuple(_table().get(word, frozenset()) for word in words)
    return found if all(found) else ()
