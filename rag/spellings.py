"""Spellings taken apart: letters, Vietnamese syllables, readings as Chinese syllables, rough sounds, places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from rag import korean, places
from rag.readings import (
    hanviet,
    hanzi_keys,
    hanzi_pinyin,
    has_marks,
    is_vietnamese,
    pinyin_of,
    pinyin_of_folded,
    segment,
    simplified,
    syllable_key,
    variants,
)
from rag.remembered import remembered
from rag.skeleton import skeleton
from rag.text import fold, nfc
from rag.vietnamese_cyrillic import syllables

PARTICLES = frozenset("al el de del der den di da dos la le van von bin ibn bint abu ben ter ten".split())
MAX_NAME = 120
MOST_OF_A_PERSON = 3  # Chinese syllables
BARE = "~"  # before a folded Vietnamese syllable
Row = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Spelling:
    """One spelling, taken apart once.

    `letters` are its folded letters alone; `keys` its Vietnamese syllables if all its words can be such;
    `pinyin` and `other` its readings as Chinese syllables (other: Wade-Giles, Palladius, hanzi, Korean); `sounds` the
    skeletons of its words. `mixed` is true where a word has letters of two alphabets, which look alike (а and a).
    """

    text: str
    letters: str
    words: tuple[str, ...]
    marked: bool
    keys: tuple[str, ...]
    pinyin: tuple[Row, ...]
    other: tuple[Row, ...]
    hanzi: str
    sounds: tuple[str, ...]
    places: frozenset[int]
    mixed: bool = False


folded = remembered(100_000)(fold)
_NOWHERE: frozenset[int] = frozenset()
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_GREEK_OR_CYRILLIC = re.compile("[\u0370-\u03ff\u0400-\u052f]")


@remembered(300_000)
def spelling(text: str) -> Spelling:
    """A name taken apart."""
    plain = nfc(text)[:MAX_NAME].strip()
    if not plain.isascii() and places.HANZI.search(plain):
        found = places.lookup(plain)
        hanzi = simplified("".join(c for c in plain if places.HANZI.match(c)))
        row = tuple(hanzi_pinyin(c) for c in hanzi)
        rows = tuple(each for each in (row, korean.of_hanzi(hanzi)) if each and all(each))
        return Spelling(plain, hanzi, (hanzi,), False, (), (), rows, hanzi, (), found)
    cyrillic = not plain.isascii() and any("\u0400" <= c <= "\u04ff" for c in plain)
    parts = plain.replace("-", " ").replace(".", " ").replace("’", "'").split()
    words = tuple(part.lower() for part in parts) if cyrillic else tuple(map(folded, parts))
    may_be_place = cyrillic or "." in plain or (words[:1] and words[0] in places.first_words())
    found = places.lookup(plain) if may_be_place else _NOWHERE
    letters = "".join(words)
    if not letters.isalnum():
        letters = "".join(c for c in letters if c.isalnum())
    syllabic = all(is_vietnamese(word) for word in words)
    keys = tuple(syllable_key(word) for word in plain.replace("-", " ").split()) if syllabic else ()
    marked = has_marks(plain) and not cyrillic
    pinyin = () if marked or cyrillic else _rows(words, "pinyin")
    other: tuple[Row, ...] = ()
    if cyrillic:
        other = _rows(words, "palladius") + _as_vietnamese(words)
    elif not marked and (not pinyin or _joins_given_names(plain)):
        other = _rows(words, "wade")
    if not marked and not cyrillic and all(len(row) > MOST_OF_A_PERSON for row in pinyin):
        other += korean.of_latin(words)
    sounds = () if keys and marked else tuple(s for s in map(skeleton, plain.replace("-", "").split()) if s)
    return Spelling(plain, letters, words, marked, keys, pinyin, other, "", sounds, found, _mixed(parts))


def _mixed(parts: list[str]) -> bool:
    return any(_GREEK_OR_CYRILLIC.search(part) and _LATIN.search(part) for part in parts if not part.isascii())


def _as_vietnamese(words: tuple[str, ...]) -> tuple[Row, ...]:
    """A Cyrillic name as a row of Vietnamese syllables, as symbols that no pinyin shares."""
    row = tuple(frozenset(BARE + syllable for syllable in found) for found in syllables(words))
    return (row,) if row else ()


def _joins_given_names(text: str) -> bool:
    """Wade-Giles and its kin join given names with a hyphen or use apostrophes inside."""
    return "-" in text or "'" in text or "’" in text


def _rows(words: tuple[str, ...], system: str) -> tuple[Row, ...]:
    rows: list[Row] = [()]
    for word in words:
        ways = segment(word, system)
        if not ways:
            return ()
        rows = [row + way for row in rows for way in ways][:32]
    return tuple(row for row in rows if 2 <= len(row) <= 6)


@remembered(50_000)
def bare_forms(key: str) -> frozenset[str]:
    return frozenset(fold(variant[:-1]) for variant in variants(key))


def readings_of(name: Spelling) -> list[list[set[str]]]:
    """For each way to read a name as syllables, the symbols that a stored name may hold at each place.

    A symbol is a Vietnamese key (`vương0`), a folded Vietnamese syllable (`~vuong`), a pinyin (`=wang`) or a
    simplified character.
    """
    ways: list[list[set[str]]] = []
    if len(name.keys) >= 2:
        ways.append([_symbols_of_key(key, word, name.marked) for key, word in zip(name.keys, name.words, strict=True)])
    if name.hanzi:
        ways.append([{c} | {"=" + p for p in hanzi_pinyin(c)} | _key_symbols(hanzi_keys(c)) for c in name.hanzi])
    for row in (*name.pinyin, *name.other):
        ways.append([{"=" + p for p in found} | {s for p in found for s in _symbols_of_reading(p)} for found in row])
    return ways


def _symbols_of_reading(reading: str) -> frozenset[str]:
    if reading.startswith(BARE):
        return frozenset((reading,)) | set(keys_of_bare().get(reading[len(BARE) :], ()))
    return _pinyin_symbols(reading)


def _key_symbols(keys: frozenset[str]) -> set[str]:
    return set(keys) | {"~" + bare for key in keys for bare in bare_forms(key)}


@lru_cache(maxsize=1_000)
def _pinyin_symbols(pinyin: str) -> frozenset[str]:
    keys = frozenset(v for key in hanviet().get(pinyin, ()) for v in variants(key))
    return frozenset(_key_symbols(keys))


@cache
def keys_of_bare() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for key in pinyin_of():
        for bare in bare_forms(key):
            table.setdefault(bare, []).append(key)
    return table


def _symbols_of_key(key: str, word: str, marked: bool) -> set[str]:
    if marked:
        found = set(variants(key)) | {"~" + bare for bare in bare_forms(key)}
        pinyin = pinyin_of().get(key, frozenset())
    else:
        found = {"~" + word, key, *keys_of_bare().get(word, ())}
        pinyin = pinyin_of_folded().get(word, frozenset())
    return found | {"=" + p for p in pinyin} | {"=" + symbol for symbol in found if symbol.startswith(BARE)}
