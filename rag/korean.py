"""Korean names: the readings of hanzi, and free romanisations read as syllables (`Yoon Suk-yeol`, `Lee`, `Park`).

A reading is a syllable of the Revised Romanisation. People spell their own names in many ways, so each reading is
known under all spellings that its onset, vowel and coda usually take.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import product

from rag.readings import lines, simplified
from rag.remembered import remembered
from rag.wordlists import korean_surnames

_ONSETS = {
    "g": "g k", "kk": "kk gg", "n": "n", "d": "d t", "tt": "tt dd", "r": "r l", "m": "m", "b": "b p", "pp": "pp bb",
    "s": "s sh", "ss": "ss s", "": "", "j": "j ch", "jj": "jj", "ch": "ch", "k": "k", "t": "t", "p": "p", "h": "h",
}  # fmt: skip
_VOWELS = {
    "a": "a ah", "ae": "ae ai ay e", "ya": "ya yah", "yae": "yae", "eo": "eo u o uh", "e": "e eh",
    "yeo": "yeo you yu yo yuh",
    "ye": "ye ae", "o": "o oh", "wa": "wa hwa", "wae": "wae", "oe": "oe oi we", "yo": "yo", "u": "u oo woo wu ou",
    "wo": "wo weo", "we": "we", "wi": "wi", "yu": "yu yoo you", "eu": "eu u", "ui": "ui eui ee ey i", "i": "i ee yi y",
}  # fmt: skip
_CODAS = {"": "", "k": "k g ck c", "n": "n hn", "t": "t d", "l": "l ll", "m": "m", "p": "p b", "ng": "ng"}
# Spellings that no rule gives.
_SURNAMES = {
    "park": "bak", "lee": "i", "rhee": "i", "yi": "i", "noh": "no", "choi": "choe", "hur": "heo", "huh": "heo",
    "suh": "seo", "paik": "baek", "wha": "hwa", "kwon": "gwon", "woo": "u", "yoon": "yun", "byun": "byeon",
}  # fmt: skip
_INITIAL_LAW = {"i": "ri", "yu": "ryu", "im": "rim", "no": "ro", "na": "ra", "yang": "ryang", "yeo": "ryeo"}
_LONGEST = 9
SYLLABLES = (2, 3)
KOREAN = "ko:"  # before a reading
Row = tuple[frozenset[str], ...]


@cache
def _readings() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = defaultdict(set)
    for line in lines("hangul.tsv"):
        reading, characters = line.split("\t")
        for character in characters:
            table[simplified(character)].add(reading)
    return {character: frozenset(found) for character, found in table.items()}


@cache
def _spellings() -> dict[str, frozenset[str]]:
    """Free spelling of a syllable -> the readings that it can stand for."""
    table: dict[str, set[str]] = defaultdict(set)
    for reading in {each for found in _readings().values() for each in found}:
        onset, vowel, coda = _parts(reading)
        for parts in product(_ONSETS[onset].split() or [""], _VOWELS[vowel].split(), _CODAS[coda].split() or [""]):
            table["".join(parts)].add(reading)
    for spelling, reading in _SURNAMES.items():
        table[spelling] |= {reading, _INITIAL_LAW.get(reading, reading)}
    return {spelling: frozenset(found) for spelling, found in table.items()}


def _parts(reading: str) -> tuple[str, str, str]:
    onset = next(each for each in sorted(_ONSETS, key=len, reverse=True) if reading.startswith(each))
    rest = reading[len(onset) :]
    vowel = next(each for each in sorted(_VOWELS, key=len, reverse=True) if rest.startswith(each))
    return onset, vowel, rest[len(vowel) :]


def of_hanzi(hanzi: str) -> Row:
    """The readings of a Korean name in simplified hanzi: a surname and one or two characters; empty for others."""
    if len(hanzi) not in SYLLABLES or hanzi[0] not in korean_surnames():
        return ()
    row = tuple(_marked(_readings().get(character, frozenset())) for character in hanzi)
    return row if all(row) else ()


@remembered(50_000)
def of_latin(words: tuple[str, ...]) -> tuple[Row, ...]:
    """The ways to read folded words as a Korean name: a surname, then one syllable, or two in one word or two."""
    if len(words) not in SYLLABLES or sum(map(len, words)) > _LONGEST * len(words):
        return ()
    surname = _spellings().get(words[0])
    if not surname or not surname & _surname_readings():
        return ()
    given = [tuple(_spellings().get(word, frozenset()) for word in words[1:])]
    given += _ways(words[1]) if len(words) == 2 else []
    return tuple((_marked(surname), *map(_marked, way)) for way in given if all(way))


def _ways(word: str) -> list[tuple[frozenset[str], ...]]:
    """The ways to divide a word into two syllables."""
    table = _spellings()
    return [(table[word[:i]], table[word[i:]]) for i in range(1, len(word)) if word[:i] in table and word[i:] in table]


@cache
def _surname_readings() -> frozenset[str]:
    return frozenset(reading for surname in korean_surnames() for reading in _readings().get(surname, ()))


def _marked(readings: frozenset[str]) -> frozenset[str]:
    """As symbols that no pinyin shares."""
    return frozenset(KOREAN + reading for reading in readings)
