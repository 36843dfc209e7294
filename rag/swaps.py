"""Whether a figure or date of a statement stands where its own words have another one: "17 of 17" for "14 of 17"."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from rag.text import words

Place = tuple[str, int, int]  # a text and the span of a figure or date in it

_AROUND = 120  # characters on either side that are compared
_CLEARLY = 3  # words that the other one's surroundings share more


def swapped(claim: Place, matching: Iterable[Place], rivals: Iterable[Place]) -> bool:
    """Whether the claim's surroundings are, word for word, those of a rival far more than of any match.

    All three in one language. A rival is an expression of the same kind that the statement has nowhere.
    """
    return max((_shared(claim, rival) for rival in rivals), default=0) >= _CLEARLY + max(
        (_shared(claim, match) for match in matching), default=0
    )


def _shared(one: Place, other: Place) -> int:
    """How many words just before, and just after, the two have in common."""
    before = [words(text[max(0, start - _AROUND) : start].lower())[::-1] for text, start, _ in (one, other)]
    after = [words(text[end : end + _AROUND].lower()) for text, _, end in (one, other)]
    return sum(
        len(list(takewhile(lambda pair: pair[0] == pair[1], zip(*side, strict=False)))) for side in (before, after)
    )
