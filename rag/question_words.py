"""A question taken apart: its words, its capitals and marks, and what the stored names make of a part of it."""

from __future__ import annotations

from dataclasses import dataclass

from rag import places
from rag.declension import nominatives
from rag.domain import NameKind
from rag.name_index import NameIndex
from rag.places import Word
from rag.readings import has_marks, is_vietnamese
from rag.spellings import PARTICLES
from rag.text import fold, stopwords
from rag.wordlists import bare_titles, english_words, function_words

TITLE_WORDS = frozenset("foreign prime vice deputy secretary state general".split())


def latin_words(text: str) -> list[Word]:
    """The words of a text that are not hanzi."""
    return [w for w in places.words(text) if not places.HANZI.match(w.text)]


def sentence_case(text: str, lang: str) -> str:
    """A question in the capitals of a headline with its common words in lower case, of the same length."""
    marked = has_marks(text)
    common = [w for w in latin_words(text)[1:] if len(w.text) > 2 and _is_common(w.text, lang, marked)]
    capitals = sum(w.capital for w in common)
    if capitals < 2 or capitals < 0.6 * len(common):
        return text
    letters = list(text)
    for word in common:
        if len(word.text.lower()) == len(word.text):
            letters[word.start : word.end] = word.text.lower()
    return "".join(letters)


def _is_common(text: str, lang: str, marked: bool) -> bool:
    if lang == "vi" and marked:  # Thị and Vân are names, thì and vẫn are not
        return text.lower() in stopwords("vi", folded=False)
    word = fold(text)
    if lang != "en":
        return word in function_words(lang)
    known = word in english_words() or word in function_words("en")
    return known and word not in bare_titles() and word not in TITLE_WORDS


@dataclass(frozen=True, slots=True)
class Found:
    """A name of the question: its span, its kind, the stored spellings it can be."""

    start: int
    end: int
    kind: NameKind
    matched: tuple[str, ...]
    sure: bool


class Question:
    """The words of one question, its capitals, marks and neighbours."""

    def __init__(self, text: str, lang: str, index: NameIndex) -> None:
        self.text = sentence_case(text, lang)
        self.lang = lang
        self.index = index
        self.words = latin_words(self.text)
        self.folded = [fold(w.text) for w in self.words]
        self.marked = has_marks(text)

    def adjoining(self, i: int, size: int) -> bool:
        return all(
            self.text[self.words[j - 1].end : self.words[j].start] in (" ", "-", ". ") for j in range(i + 1, i + size)
        )

    def touch(self, i: int, j: int) -> bool:
        first, second = sorted((i, j))
        return self.text[self.words[first].end : self.words[second].start] in (" ", "-")

    def span(self, i: int, size: int) -> str:
        return self.text[self.words[i].start : self.words[i + size - 1].end]

    def found(self, i: int, size: int, kind: NameKind, matched: tuple[str, ...], sure: bool = True) -> Found:
        return Found(self.words[i].start, self.words[i + size - 1].end, kind, matched, sure)

    def known_as(self, query: str) -> tuple[str, ...]:
        """The stored spellings of a name, of its nominative if the name itself has none."""
        matched = self.index.match(query, lang=self.lang)
        for form in () if matched or self.lang != "ru" else nominatives(query):
            matched = self.index.match(form, lang=self.lang)
            if matched:
                break
        return matched

    def cased(self, i: int, size: int) -> bool:
        """Whether all words have capitals; `Jin-ho` counts as one word."""
        return all(self.words[j].capital or (j > i and self._hyphened(j)) for j in range(i, i + size))

    def half_cased(self, i: int, size: int) -> bool:
        """Whether some of the words have capitals and others not, but for particles: `did Biden`, `Biden và`.

        The capital that only opens a question in lower case is none.
        """
        capitals = [self.words[j].capital for j in range(i, i + size)]
        opening = i == 0 and not any(word.capital for word in self.words[1:])
        lower = [j for j in range(i, i + size) if not self.words[j].capital and not self._hyphened(j)]
        inner = all(i < j < i + size - 1 and self.folded[j] in PARTICLES for j in lower)
        return any(capitals) and not opening and not inner

    def _hyphened(self, j: int) -> bool:
        return j > 0 and self.words[j - 1].end + 1 == self.words[j].start and self.text[self.words[j - 1].end] == "-"

    def titled(self, i: int) -> bool:
        return any(" ".join(self.folded[i - size : i]) in bare_titles() for size in (1, 2, 3, 4) if size <= i)

    def rare(self, i: int) -> bool:
        """A single word without a capital: not short, not a word of English or a syllable of Vietnamese."""
        word = self.folded[i]
        if len(word) < 4 or is_vietnamese(word):
            return False
        if word in english_words() or word in function_words("en"):
            return i > 0 and self.titled(i)
        return True
