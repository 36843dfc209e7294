"""Whether two spellings can be one name: Vietnamese, pinyin, Wade-Giles, hanzi, Cyrillic, Latin, places.

The method is that of findings.md 2.1. No table of persons: syllables meet through the dictionary readings,
other names through a rough sound; two pinyin words or two Vietnamese syllables are never compared roughly.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from rag import places
from rag.errors import InputError
from rag.readings import (
    characters_by_pinyin,
    hanviet,
    hanzi_keys,
    hanzi_pinyin,
    has_marks,
    is_vietnamese,
    pinyin_of,
    pinyin_of_folded,
    segment,
    share,
    simplified,
    syllable_key,
    variants,
)
from rag.skeleton import close, skeleton, sounds_like, transcribes
from rag.text import fold, nfc
from rag.wordlists import given_names

PARTICLES = frozenset("al el de del der den di da dos la le van von bin ibn bint abu ben ter ten".split())
EASTERN_SURNAMES = frozenset("lee kim park choi yoon han moon chung cho kang jung shin song chang tan ng wong chan".split())
MAX_NAME = 120
Row = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whether two spellings can be one name, a score from 0 to 1 that ranks, and why."""

    match: bool
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Aliases:
    """The user's own table: folded spelling -> the one name that it stands for."""

    names: dict[str, str] = field(default_factory=dict)
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, spelling: str) -> str | None:
        return self.names.get(alias_key(spelling))


@dataclass(frozen=True, slots=True)
class Spelling:
    """One spelling, taken apart once.

    `letters` are its folded letters alone; `keys` its Vietnamese syllables if all its words can be such;
    `pinyin` and `other` its readings as Chinese syllables (other: Wade-Giles, Palladius, hanzi); `sounds` the
    skeletons of its words.
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


def alias_key(spelling: str) -> str:
    return " ".join(fold(simplified(nfc(spelling))).split())


def load_aliases(path: Path) -> Aliases:
    """The alias file: TOML, each key a name and each value a list of its spellings.

    A file that is not there is an empty table. Raises InputError where it cannot be read.
    """
    if not path.exists():
        return Aliases()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); write lines such as \"Wang Yi\" = [\"Vuong Nghi\"].") from None
    names: dict[str, str] = {}
    spellings: dict[str, tuple[str, ...]] = {}
    for name, forms in raw.items():
        if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
            raise InputError(f"{path}: {name!r} needs a list of spellings in brackets.")
        spellings[name] = (name, *forms)
        for form in spellings[name]:
            if names.setdefault(alias_key(form), name) != name:
                raise InputError(f"{path}: {form!r} stands under {names[alias_key(form)]!r} and {name!r}; keep one.")
    return Aliases(names, spellings)


@lru_cache(maxsize=300_000)
def spelling(text: str) -> Spelling:
    """A name taken apart."""
    plain = nfc(text)[:MAX_NAME].strip()
    found = places.lookup(plain)
    if places.HANZI.search(plain):
        hanzi = simplified("".join(c for c in plain if places.HANZI.match(c)))
        row = tuple(hanzi_pinyin(c) for c in hanzi)
        return Spelling(plain, hanzi, (hanzi,), False, (), (), (row,) if all(row) else (), hanzi, (), found)
    words = tuple(fold(word).replace("’", "'") for word in plain.replace("-", " ").replace(".", " ").split())
    letters = "".join(c for word in words for c in word if c.isalnum())
    syllabic = all(is_vietnamese(word) for word in words)
    keys = tuple(syllable_key(word) for word in plain.replace("-", " ").split()) if syllabic else ()
    cyrillic = any("\u0400" <= c <= "\u04ff" for c in letters)
    marked = has_marks(plain) and not cyrillic
    pinyin = () if marked or cyrillic else _rows(words, "pinyin")
    other = _rows(words, "palladius") if cyrillic else () if marked or (pinyin and not _wade(plain)) else _rows(words, "wade")
    sounds = tuple(s for s in map(skeleton, nfc(plain).replace("-", "").split()) if s)
    return Spelling(plain, letters, words, marked, keys, pinyin, other, "", sounds, found)


def _wade(text: str) -> bool:
    """Wade-Giles and its kin join given names with a hyphen or use apostrophes inside."""
    return "-" in text or "'" in text or "’" in text


def _rows(words: tuple[str, ...], system: str) -> tuple[Row, ...]:
    rows: list[Row] = [()]
    for word in words:
        rows = [row + way for row in rows for way in segment(word, system)][:32]
    return tuple(row for row in rows if 2 <= len(row) <= 6)


def same(
    a: str, b: str, *, a_lang: str | None = None, b_lang: str | None = None, aliases: Aliases | None = None
) -> Likeness:
    """Whether two spellings can be one name, with a score that ranks and the reason in words.

    The languages are those of the texts the spellings come from: in a Vietnamese text a syllable without
    a mark has the level tone, so `Mao Ninh` is read as it stands.
    """
    if aliases and (named := aliases.name(a)) and (other := aliases.name(b)):
        if named == other:
            return Likeness(True, 1.0, f"both are {named} in the alias file")
        return Likeness(False, 0.0, f"the alias file keeps {named} and {other} apart")
    one, two = spelling(a), spelling(b)
    if aliases and (aliases.name(a) or aliases.name(b)):
        return _through_alias(one, two, aliases)
    return compare(one, two, a_lang=a_lang, b_lang=b_lang)


def _through_alias(one: Spelling, two: Spelling, aliases: Aliases) -> Likeness:
    """One side is in the file: the other matches if it matches any spelling the file lists."""
    named = aliases.name(one.text) or aliases.name(two.text) or ""
    free = two if aliases.name(one.text) else one
    best = max((compare(spelling(form), free) for form in aliases.spellings[named]), key=lambda found: found.score)
    return Likeness(best.match, best.score, f"{named} in the alias file; {best.why}")


_NO = Likeness(False, 0.0, "nothing in the spellings says so")


def compare(one: Spelling, two: Spelling, *, a_lang: str | None = None, b_lang: str | None = None) -> Likeness:
    """The rules behind `same`, for spellings taken apart."""
    if not one.letters or not two.letters:
        return _NO
    if one.places and two.places:
        return _same_place(one, two)
    if one.hanzi and two.hanzi:
        return Likeness(True, 1.0, "the same characters") if one.hanzi == two.hanzi else _NO
    if one.keys and two.keys and (one.marked or two.marked):
        return _vietnamese(one, two)
    if one.letters == two.letters and not (one.keys and two.keys and one.marked and two.marked):
        exact = one.text == two.text
        return Likeness(True, 1.0 if exact else 0.97, "the same spelling" if exact else "the same letters without marks")
    found = _chinese(one, two, a_lang, b_lang)
    if found.match:
        return found
    return _by_sound(one, two)


def _same_place(one: Spelling, two: Spelling) -> Likeness:
    shared = one.places & two.places
    if not shared:
        return Likeness(False, 0.0, "two different places")
    entity = places.entities()[min(shared)]
    return Likeness(True, 1.0 if one.letters == two.letters else 0.99, f"both are {entity.english}")


def _vietnamese(one: Spelling, two: Spelling) -> Likeness:
    if len(one.keys) != len(two.keys):
        return _NO
    if one.marked and two.marked:
        if one.keys == two.keys:
            return Likeness(True, 1.0, "the same syllables")
        if all(b in variants(a) for a, b in zip(one.keys, two.keys, strict=True)):
            return Likeness(True, 0.95, "the same syllables in two regional forms")
        return _NO
    if one.letters == two.letters:
        return Likeness(True, 0.97, "the same letters without marks")
    marked, bare = (one, two) if one.marked else (two, one)
    if all(_bare(key) & {word, _bare_i(word)} for key, word in zip(marked.keys, bare.words, strict=True)):
        return Likeness(True, 0.93, "the same syllables without marks")
    if bare.pinyin and len(bare.words) >= 2:
        return _chinese(marked, bare, None, None)
    return _NO


def _bare_i(word: str) -> str:
    return fold(syllable_key(word)[:-1])


@lru_cache(maxsize=50_000)
def _bare(key: str) -> frozenset[str]:
    return frozenset(fold(variant[:-1]) for variant in variants(key))


def _chinese(one: Spelling, two: Spelling, a_lang: str | None, b_lang: str | None) -> Likeness:
    """Hán-Việt syllables, pinyin, Wade-Giles, Palladius and hanzi against one another."""
    best = _NO
    for first, second, lang in ((one, two, a_lang), (two, one, b_lang)):
        if (first.keys and not second.keys) or (first.keys and first.marked):
            score = _against_keys(first, second, lang)
            if score > best.score:
                best = Likeness(True, score, f"{second.text} reads {first.text} in Vietnamese")
    if best.match or (one.pinyin and two.pinyin):
        return best
    ways = [(r, s) for r in (*one.pinyin, *one.other) for s in (*two.pinyin, *two.other) if len(r) == len(s) >= 2]
    if any(all(a & b for a, b in zip(r, s, strict=True)) for r, s in ways):
        return Likeness(True, 0.9, "the same Chinese syllables")
    return best


def _against_keys(vietnamese: Spelling, chinese: Spelling, lang: str | None) -> float:
    size = len(vietnamese.keys)
    if size < 2:
        return 0.0
    if chinese.hanzi:
        if len(chinese.hanzi) != size:
            return 0.0
        ways: list[Row] = [tuple(hanzi_keys(c) for c in chinese.hanzi)]
        if vietnamese.marked or lang == "vi":
            exact = all(key in found for key, found in zip(vietnamese.keys, ways[0], strict=True))
            if exact:
                return 0.92
        bare = not vietnamese.marked and all(
            any(word in _bare(key) for key in found) for word, found in zip(vietnamese.words, ways[0], strict=True)
        )
        return 0.8 if bare else 0.0
    best = 0.0
    for row in (*chinese.pinyin, *chinese.other):
        if len(row) == size:
            best = max(best, _shares(vietnamese, row, lang))
    return best


def _shares(vietnamese: Spelling, row: Row, lang: str | None) -> float:
    shares = [max((share(p, key) for p in found), default=0.0) for key, found in zip(vietnamese.keys, row, strict=True)]
    if all(shares):
        return 0.5 + 0.5 * math.exp(sum(map(math.log, shares)) / len(shares))
    if vietnamese.marked:
        return 0.0
    table = pinyin_of_folded()
    if all(found & table.get(word, frozenset()) for word, found in zip(vietnamese.words, row, strict=True)):
        return 0.5
    return 0.0


def _by_sound(one: Spelling, two: Spelling) -> Likeness:
    if one.hanzi or two.hanzi:
        hanzi, latin = (one, two) if one.hanzi else (two, one)
        if latin.sounds and not latin.keys and transcribes(hanzi.hanzi) and sounds_like(hanzi.hanzi, latin.sounds[-1]):
            return Likeness(True, 0.7, f"{hanzi.hanzi} sounds like {latin.text}")
        return _NO
    if (one.pinyin and two.pinyin and len(one.words) == len(two.words)) or (one.keys and two.keys):
        return _NO
    first, second = _core(one), _core(two)
    if not first or not second:
        return _NO
    if len(first) > len(second):
        first, second = second, first
        one, two = two, one
    if len(first) == 1:
        return _surname_alone(one, first[0], two, second)
    return _full_names(first, second)


def _core(name: Spelling) -> tuple[str, ...]:
    """The skeletons without particles and initials; a last word is kept whatever it is."""
    return tuple(
        s for i, s in enumerate(name.sounds) if (len(s) > 1 and s not in PARTICLES) or i == len(name.sounds) - 1
    )


def _surname_alone(short: Spelling, sound: str, long: Spelling, sounds: tuple[str, ...]) -> Likeness:
    if weak_alone(short):
        return _NO
    nearness = close(sound, sounds[-1])
    if len(sounds) == 1:
        rough = nearness if not (short.pinyin and long.pinyin) else float(sound == sounds[-1])
        return Likeness(True, 0.9 * rough, "the same name by sound") if rough else _NO
    if long.pinyin and not short.pinyin:
        return _NO
    if nearness:
        return Likeness(True, 0.8 * nearness, f"the surname of {long.text}")
    if len(sounds) == 2 and len(sound) >= 5 and sound == sounds[0] and not _is_given(short.letters):
        return Likeness(True, 0.7, f"the first word of {long.text}")
    return _NO


def weak_alone(name: Spelling) -> bool:
    """Whether a single word is too common to be a name by itself: `Wang`, `Kim`, `Sơn`, `Lee`, `Donald`."""
    return len(name.letters) < 3 or (
        len(name.words) == 1
        and (
            bool(name.keys)
            or name.letters in EASTERN_SURNAMES
            or any(len(way) == 1 for way in segment(name.letters, "pinyin"))
            or any(len(way) == 1 for way in segment(name.letters, "palladius"))
            or any(len(way) == 1 for way in segment(name.letters, "wade"))
            or _is_given(name.letters)
        )
    )


def _is_given(letters: str) -> bool:
    return letters in given_names()


def _full_names(first: tuple[str, ...], second: tuple[str, ...]) -> Likeness:
    nearness = close(first[-1], second[-1])
    if nearness and _given_agree(first[0], second[0]):
        return Likeness(True, 0.95 * nearness, "surname and given name sound the same")
    if sorted(first) == sorted(second):
        return Likeness(True, 0.9, "the same words in another order")
    return _NO


def _given_agree(one: str, other: str) -> bool:
    if one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]):
        return True
    return one[0] == other[0] and close(one, other) > 0


def readings_of(name: Spelling) -> list[list[set[str]]]:
    """For each way to read a name as syllables, the symbols that a stored name may hold at each place.

    A symbol is a Vietnamese key (`vương0`), a folded Vietnamese syllable (`~vuong`), a pinyin (`=wang`) or a
    simplified character.
    """
    ways: list[list[set[str]]] = []
    if len(name.keys) >= 2:
        ways.append([_symbols_of_key(key, word, name.marked) for key, word in zip(name.keys, name.words, strict=True)])
    if name.hanzi:
        keys = [hanzi_keys(c) for c in name.hanzi]
        ways.append([{c} | {"=" + p for p in hanzi_pinyin(c)} | _key_symbols(k) for c, k in zip(name.hanzi, keys, strict=True)])
    for row in (*name.pinyin, *name.other):
        ways.append([{"=" + p for p in found} | {s for p in found for s in _pinyin_symbols(p)} for found in row])
    return ways


def _key_symbols(keys: frozenset[str]) -> set[str]:
    return set(keys) | {"~" + bare for key in keys for bare in _bare(key)}


@lru_cache(maxsize=1_000)
def _pinyin_symbols(pinyin: str) -> frozenset[str]:
    keys = frozenset(v for key in hanviet().get(pinyin, ()) for v in variants(key))
    return frozenset(_key_symbols(keys)) | frozenset(characters_by_pinyin().get(pinyin, ()))


@cache
def _keys_of_bare() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for key in pinyin_of():
        for bare in _bare(key):
            table.setdefault(bare, []).append(key)
    return table


def _symbols_of_key(key: str, word: str, marked: bool) -> set[str]:
    if marked:
        found = set(variants(key)) | {"~" + bare for bare in _bare(key)}
        pinyin = pinyin_of().get(key, frozenset())
    else:
        found = {"~" + word, key, *_keys_of_bare().get(word, ())}
        pinyin = pinyin_of_folded().get(word, frozenset())
    return found | {"=" + p for p in pinyin} | {c for p in pinyin for c in characters_by_pinyin().get(p, ())}
