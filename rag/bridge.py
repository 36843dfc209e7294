"""Whether two spellings can be one name: Vietnamese, pinyin, Wade-Giles, hanzi, Cyrillic, Latin, places.

The method is that of findings.md 2.1. No table of persons: syllables meet through the dictionary readings,
other names through a rough sound; two pinyin words or two Vietnamese syllables are never compared roughly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rag import places
from rag.aliases import Aliases
from rag.korean import KOREAN
from rag.readings import hanzi_keys, hanzi_pinyin, segment, share, syllable_key, variants
from rag.skeleton import close, skeleton, sounds_like, transcribes
from rag.spellings import BARE, PARTICLES, Row, Spelling, bare_forms, keys_of_bare, spelling
from rag.text import fold
from rag.wordlists import chinese_surnames, given_names

EASTERN_SURNAMES = frozenset(
    "lee kim park choi yoon han moon chung cho kang jung shin song chang tan ng wong chan".split()
)
LEAST_SHARE_IF_UNSURE = 0.004
SHARE_IF_NO_SURNAME = 0.02
IN_CYRILLIC = 0.9
HONORIFICS = frozenset("jr sr datuk seri dato tun sheikh haji sir lord".split())


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whether two spellings can be one name, a score from 0 to 1 that ranks, and why."""

    match: bool
    score: float
    why: str


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


_HONORIFIC_SOUNDS = frozenset(map(skeleton, HONORIFICS))
_NO = Likeness(False, 0.0, "nothing in the spellings says so")
_DISGUISED = Likeness(False, 0.0, "a word has letters of two alphabets that look alike")


def compare(one: Spelling, two: Spelling, *, a_lang: str | None = None, b_lang: str | None = None) -> Likeness:
    """The rules behind `same`, for spellings taken apart."""
    if not one.letters or not two.letters:
        return _NO
    if (one.mixed or two.mixed) and one.letters != two.letters:
        return _DISGUISED
    if one.places and two.places:
        return _same_place(one, two)
    if one.hanzi and two.hanzi:
        return Likeness(True, 1.0, "the same characters") if one.hanzi == two.hanzi else _NO
    if one.keys and two.keys and (one.marked or two.marked):
        return _vietnamese(one, two)
    if one.letters == two.letters and not (one.keys and two.keys and one.marked and two.marked):
        if one.text == two.text:
            return Likeness(True, 1.0, "the same spelling")
        return Likeness(True, 0.97, "the same letters without marks")
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
    if len(one.keys) != len(two.keys) or (len(one.keys) == 1 and one.marked != two.marked):
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
    if all(bare_forms(key) & {word, _bare_i(word)} for key, word in zip(marked.keys, bare.words, strict=True)):
        return Likeness(True, 0.93, "the same syllables without marks")
    if bare.pinyin and len(bare.words) >= 2:
        return _chinese(marked, bare, None, None)
    return _NO


def _bare_i(word: str) -> str:
    return fold(syllable_key(word)[:-1])


def _chinese(one: Spelling, two: Spelling, a_lang: str | None, b_lang: str | None) -> Likeness:
    """Hán-Việt syllables, pinyin, Wade-Giles, Palladius and hanzi against one another."""
    best = _NO
    for first, second, lang in ((one, two, a_lang), (two, one, b_lang)):
        if not first.marked and first.pinyin and lang != "vi":
            continue
        if (first.keys and not second.keys) or (first.keys and first.marked):
            score = _against_keys(first, second, lang)
            if score > best.score:
                best = Likeness(True, score, f"{second.text} is read as {first.text} in Vietnamese")
    if best.match:
        return best
    ways = [(r, s) for r in one.pinyin for s in two.other]
    ways += [(r, s) for r in one.other for s in (*two.pinyin, *two.other)]
    ways = [(r, s) for r, s in ways if len(r) == len(s) >= 2]
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
            any(word in bare_forms(key) for key in found) for word, found in zip(vietnamese.words, ways[0], strict=True)
        )
        return 0.8 if bare else 0.0
    best = 0.0
    for row in (*chinese.pinyin, *chinese.other):
        if len(row) == size and _spells(vietnamese, row):
            return IN_CYRILLIC
        if len(row) == size:
            best = max(best, _shares(vietnamese, row, len(chinese.words) == 1))
    return best


def _spells(vietnamese: Spelling, row: Row) -> bool:
    """Whether a row of folded Vietnamese syllables, as Cyrillic gives them, can be this name."""
    named = zip(vietnamese.keys, vietnamese.words, row, strict=True)
    return all(any(BARE + bare in found for bare in bare_forms(key) | {word}) for key, word, found in named)


def _shares(vietnamese: Spelling, row: Row, one_word: bool) -> float:
    """How likely pinyin syllables are read so: 0.5 and half the geometric mean of the shares; 0 if one is not."""
    if vietnamese.marked:
        options: list[Iterable[str]] = [(key,) for key in vietnamese.keys]
    else:
        spelled = zip(vietnamese.keys, vietnamese.words, strict=True)
        options = [(key, *keys_of_bare().get(word, ())) for key, word in spelled]
    shares = [
        max((share(p, key) for p in found for key in keys), default=0.0)
        for keys, found in zip(options, row, strict=True)
    ]
    if not all(shares):
        return 0.0
    mean = math.exp(sum(map(math.log, shares)) / len(shares))
    if (one_word or not vietnamese.marked) and mean < LEAST_SHARE_IF_UNSURE:
        return 0.0
    if not any(set(keys_of_surname(p)) & set(options[0]) for p in row[0]):
        mean *= SHARE_IF_NO_SURNAME
    return 0.5 + 0.5 * mean


@lru_cache(maxsize=1_000)
def keys_of_surname(pinyin: str) -> frozenset[str]:
    """The Hán-Việt keys of the Chinese surnames with this pinyin."""
    return frozenset(k for c in chinese_surnames() if len(c) == 1 and pinyin in hanzi_pinyin(c) for k in hanzi_keys(c))


def _by_sound(one: Spelling, two: Spelling) -> Likeness:
    if one.hanzi or two.hanzi:
        hanzi, latin = (one, two) if one.hanzi else (two, one)
        if hanzi.places or latin.places or _is_korean(latin):
            return _NO
        if latin.sounds and not latin.keys and transcribes(hanzi.hanzi) and sounds_like(hanzi.hanzi, latin.sounds[-1]):
            return Likeness(True, 0.7, f"{hanzi.hanzi} sounds like {latin.text}")
        return _NO
    syllabic = (one.pinyin and two.pinyin and len(one.words) == len(two.words)) or (one.keys and two.keys)
    if syllabic or _only_syllables(one, two) or _only_syllables(two, one) or bool(one.places) != bool(two.places):
        return _NO
    first, second = core(one), core(two)
    if not first or not second:
        return _NO
    if len(first) > len(second):
        first, second = second, first
        one, two = two, one
    if len(first) == len(second) == 1 and weak_alone(two):
        return _NO
    if len(first) == 1:
        return _surname_alone(one, first[0], two, second)
    return _full_names(first, second)


def _is_korean(name: Spelling) -> bool:
    return any(symbol.startswith(KOREAN) for row in name.other for symbol in row[0])


def _only_syllables(one: Spelling, two: Spelling) -> bool:
    """Whether one name is Vietnamese by its marks, or both can be rows of syllables: never compared roughly."""
    return bool(one.keys and (one.marked or two.pinyin or two.other))


def core(name: Spelling) -> tuple[str, ...]:
    """The skeletons of a name without particles, initials and honorifics; the last of them is kept in any case."""
    sounds = [s for s in name.sounds if s not in _HONORIFIC_SOUNDS] or list(name.sounds)
    written = name.text.lower().split()
    if len(written) != len(sounds):
        written = sounds
    last = len(sounds) - 1
    return tuple(
        s for i, s in enumerate(sounds) if i == last or (len(written[i].strip(".")) > 1 and written[i] not in PARTICLES)
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
