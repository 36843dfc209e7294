"""The names of a statement without capitals: known places, persons by a title or a verb, words of no list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rag import places
from rag.lower_names import LowerNames
from rag.ordinary_words import is_english
from rag.readings import has_marks, is_vietnamese
from rag.runs import Page
from rag.wordlists import english_words, function_words, places_that_need_a_capital

Kind = Literal["person", "place", "organisation", "name", "phrase"]
Found = tuple[int, int, Kind, frozenset[int]]
_FEWEST = 4


def uncased(page: Page, lang: str, taken: set[int]) -> Iterator[Found]:
    """First word, word after the last, kind and entities of each name; none of them holds a `taken` word."""
    yield from _known(page, lang, taken)
    for start, size in LowerNames(page.text, page.words, page.folded, lang).spans():
        if not taken & set(range(start, start + size)):
            yield start, start + size, "person", frozenset()
    if page.words and not page.words[0].capital:
        yield from _strange(page, lang, taken)


def _known(page: Page, lang: str, taken: set[int]) -> Iterator[Found]:
    i = 0
    while i < len(page.words):
        count, numbers = places.longest_at(page.words, i, page.text, bare=not has_marks(page.text))
        if count and not taken & set(range(i, i + count)) and (count > 1 or _is_place_alone(page, i, lang)):
            yield i, i + count, places.entities()[min(numbers)].name_kind, numbers
        i += count or 1


def _is_place_alone(page: Page, i: int, lang: str) -> bool:
    if lang not in ("en", "vi"):  # Russian stems are too short to tell
        return False
    word = page.folded[i]
    unclear = word in places_that_need_a_capital() or word in function_words("en") | function_words(lang)
    short = len(word) < _FEWEST or (lang != "vi" and word in english_words())
    return not (unclear or short or (lang == "vi" and is_vietnamese(word)))


def _strange(page: Page, lang: str, taken: set[int]) -> Iterator[Found]:
    for i, word in enumerate(page.words):
        folded = page.folded[i]
        if i in taken or len(folded) < _FEWEST or not folded.isalpha() or is_english(folded):
            continue
        if word.text.isascii() and not (lang == "vi" and is_vietnamese(folded)):
            yield i, i + 1, "name", frozenset()
