"""Near-duplicates: the same report published twice with small differences. The door to rensa (MinHash)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

from rag.readings import is_vietnamese
from rag.text import fold, sentences
from rag.wordlists import english_words

THRESHOLD = 0.8
PERMUTATIONS = 126
ROWS = 6
SEED = 20231018

_WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]|[^\W\u3400-\u9fff\U00020000-\U0003ffff]+")
_NUMBER = re.compile(r"\d+")


def shingles(text: str) -> frozenset[str]:
    """Runs of three words of the folded text; Han characters count as words. A shorter text is one run."""
    words = _WORD.findall(fold(text))
    if len(words) < 3:
        return frozenset([" ".join(words)] if words else [])
    return frozenset(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def numbers(text: str) -> Counter[str]:
    """How often each run of digits stands in the text."""
    return Counter(_NUMBER.findall(fold(text)))


def bands(text: str) -> tuple[int, ...]:
    """21 signed 64-bit keys; texts of the same numbers and a Jaccard of 0.8 share one with probability 0.998.

    MinHash (Broder 1997) over `shingles`, 126 permutations in bands of six rows. The numbers are part of each
    key, so that reports that differ only in their figures never meet.
    """
    from rensa import RMinHash

    runs = shingles(text)
    if not runs:
        return ()
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    sketch.update(list(runs))
    digest: Sequence[int] = sketch.digest()
    figures = repr(sorted(numbers(text).items())).encode()
    return tuple(
        int.from_bytes(
            hashlib.blake2b(
                repr((start, list(digest[start : start + ROWS]))).encode() + figures, digest_size=8
            ).digest(),
            "big",
            signed=True,
        )
        for start in range(0, PERMUTATIONS, ROWS)
    )


def near(one: str, other: str) -> bool:
    """Whether the two share all numbers and names, and at least 0.8 (Jaccard) of their shingles. No estimate.

    A name is a word with a capital that stands in neither text without one, common words that begin a sentence
    left out: what differs in a figure or a name is another claim, not the same report.
    """
    if numbers(one) != numbers(other) or _names(one, other) != _names(other, one):
        return False
    a, b = shingles(one), shingles(other)
    return bool(a) and len(a & b) >= THRESHOLD * len(a | b)


def _names(text: str, other: str) -> set[str]:
    small = {fold(word) for word in _WORD.findall(f"{text}\n{other}") if word[0].islower()}
    found: set[str] = set()
    for start, end in sentences(text):
        for place, word in enumerate(_WORD.findall(text[start:end])):
            plain = fold(word)
            common = place == 0 and (plain in english_words() or is_vietnamese(plain))
            if word[0].isupper() and not common:
                found.add(plain)
    return found - small
