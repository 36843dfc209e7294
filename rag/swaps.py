"""Whether a figure or date of a statement stands where its own words have another one: "17 of 17" for "14 of 17"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile

from rag.numerals import data
from rag.text import stopwords, words

Place = tuple[str, int, int]  # a text and the span of a figure or date in it

_AROUND = 120  # characters on either side that are compared
_CLEARLY = 3  # words that the other one's surroundings share more
_MOST_PAIRS = 400
_NEAR = 4  # words of the statement on either side of its figure that say what is told of it
_STEM = {"en": 5, "ru": 5}  # letters that tell words apart
_PAUSE = re.compile(
    r"[,;:()\n，；。：（）、]|[.!?](?=\s|$)"
    r"|(?<!\w)(?:and|but|while|whereas|và|nhưng|còn|trong khi|trong đó|song|и|а|но|тогда как)(?!\w)",
    re.IGNORECASE,
)


def swapped(claim: Place, matching: Iterable[Place], rivals: Iterable[Place]) -> bool:
    """Whether the claim's surroundings are, word for word, those of a rival far more than of any match.

    All three in one language. A rival is an expression of the same kind that the statement has nowhere.
    """
    return max((_shared(claim, rival) for rival in rivals), default=0) >= _CLEARLY + max(
        (_shared(claim, match) for match in matching), default=0
    )


def misplaced(claim: Place, matching: Sequence[Place], rivals: Sequence[Place], *, lang: str, counts: bool) -> bool:
    """Whether what the statement tells of its figure is told of a rival, and nothing of it of any match.

    "Extradite nine" for "arrested nine suspects and would extradite three". All in one language, `lang`, whose words
    are parted by spaces; False where that is undecided. Names, plain verbs and, where the figure `counts` things, the
    noun after it decide nothing.
    """
    if lang == "zh" or not 0 < len(matching) * len(rivals) <= _MOST_PAIRS:
        return False
    told = _told(claim, lang, counts)
    return bool(told) and all(
        any(_tells(told, rival, lang, match) and not _tells(told, match, lang, rival) for rival in rivals)
        for match in matching
    )


def _told(claim: Place, lang: str, counts: bool) -> frozenset[str]:
    before, after = _clause(claim)
    if counts:
        after = [word for word in after if not _is_plain(word, lang)][2 if lang == "vi" else 1 :]
    return _terms(before[-_NEAR:], lang) | _terms(after[:_NEAR], lang)


def _tells(told: frozenset[str], place: Place, lang: str, other: Place) -> bool:
    """Whether the clause of a place has what is told and that of the other has not.

    What stands before a figure also holds for a later one with no word of its own: "signed seven deals and two notes".
    """
    before, after = _clause(place)
    its_before, its_after = _clause(other)
    own = _terms(after, lang)
    lent = place[0] is other[0] and place[1] < other[1] and not _terms(its_before[-1:], lang, single=True)
    if not lent:
        own |= _terms(before, lang)
    return bool((told & own) - _terms(its_before, lang) - _terms(its_after, lang))


def _clause(place: Place) -> tuple[list[str], list[str]]:
    """The words before and after a figure up to the next pause."""
    text, start, end = place
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    pauses = [match.end() for match in _PAUSE.finditer(before)]
    pause = _PAUSE.search(after)
    return words(before[pauses[-1] if pauses else 0 :]), words(after[: pause.start() if pause else None])


def _terms(found: Sequence[str], lang: str, *, single: bool = False) -> frozenset[str]:
    """What tells a clause from another: stems, or in Vietnamese pairs of syllables."""
    kept = ["" if _is_plain(word, lang) else word[: _STEM.get(lang)] for word in found]
    if lang == "vi" and not single:
        return frozenset(f"{one} {two}" for one, two in pairwise(kept) if one and two)
    return frozenset(kept) - {""}


def _is_plain(word: str, lang: str) -> bool:
    return (
        word[:1].isupper()
        or word[:1].isdigit()
        or word in stopwords(lang, folded=False)
        or word.startswith(tuple(data()["plain"].get(lang, ())))
    )


def _shared(one: Place, other: Place) -> int:
    """How many words just before, and just after, the two have in common."""
    before = [words(text[max(0, start - _AROUND) : start].lower())[::-1] for text, start, _ in (one, other)]
    after = [words(text[end : end + _AROUND].lower()) for text, _, end in (one, other)]
    return sum(
        len(list(takewhile(lambda pair: pair[0] == pair[1], zip(*side, strict=False)))) for side in (before, after)
    )
