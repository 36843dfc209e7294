"""Words of an article, its titles and its runs of words with capitals: what names are looked for in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rag import places
from rag.remembered import remembered
from rag.spellings import PARTICLES
from rag.text import fold
from rag.wordlists import titles

MAX_RUN = 8
MAX_TITLE = 5
ADDRESS = frozenset("ông bà anh chị cụ cô ngài mr mrs ms dr sir lord lady г-н".split())
_BREAK = re.compile(r"[.!?…:]['\"”’»)\]]*\s|\n")


folded = remembered(50_000)(fold)


@dataclass(frozen=True, slots=True)
class Run:
    """Words with capitals side by side: the indices of the first and of the one after the last."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


class Page:
    """The words of a text in one language, hanzi left out, and what stands around each."""

    def __init__(self, text: str, lang: str) -> None:
        self.text = text
        self.vietnamese = lang == "vi"
        self.russian = lang == "ru"
        self.words = [w for w in places.words(text) if not places.HANZI.match(w.text)]
        self.folded = [folded(w.text) for w in self.words]
        self.lowered = [w.text.lower() for w in self.words]

    def gap(self, i: int) -> str:
        """What stands between word i - 1 and word i."""
        return self.text[self.words[i - 1].end : self.words[i].start]

    def span(self, start: int, end: int) -> str:
        """The text of the words from `start` up to `end`."""
        return self.text[self.words[start].start : self.words[end - 1].end]

    def opens_sentence(self, i: int) -> bool:
        """Whether word i is the first of a sentence or line."""
        return i == 0 or bool(_BREAK.search(self.text, self.words[i - 1].end, self.words[i].start))

    @cached_property
    def title_words(self) -> dict[int, int]:
        """For each word of a title, the length of the title that begins there, or 0 inside one.

        Titles are found whole whatever their capitals: `Phó Thủ tướng`, `Bộ trưởng Ngoại giao`.
        """
        known = titles("vi" if self.vietnamese else "ru" if self.russian else "en")
        found: dict[int, int] = {}
        i, size = 0, len(self.words)
        first_words = {title.partition(" ")[0] for title in known}
        while i < size:
            length = 0
            if self.lowered[i] in first_words:
                sizes = range(min(MAX_TITLE, size - i), 0, -1)
                length = next((n for n in sizes if " ".join(self.lowered[i : i + n]) in known), 0)
            if not length or (length > 1 and self._ends_a_place(i)):
                i += 1
                continue
            found.update(dict.fromkeys(range(i, i + length), 0))
            found[i] = length
            i += length
        return found

    def _ends_a_place(self, i: int) -> bool:
        """Whether word i is the end of a country before a name: `Trung Quốc Vương Lâm` holds no `quốc vương`."""
        if not (i and self.gap(i) == " " and self.words[i - 1].capital and self.words[i + 1].capital):
            return False
        return bool(self.words[i].capital and places.lookup(self.span(i - 1, i + 1)))

    @cached_property
    def titled(self) -> dict[int, int]:
        """Word index -> the number of words of the title right before it."""
        ends = {i + length: length for i, length in self.title_words.items() if length}
        return {i: n for i, n in ends.items() if i < len(self.words) and self.gap(i).strip(" \u00a0") in ("", ".")}

    @cached_property
    def runs(self) -> list[Run]:
        """Runs of words with capitals, particles and hyphenated parts included, titles left out."""
        found, i, size = [], 0, len(self.words)
        while i < size:
            if not self.words[i].capital or self._in_title(i):
                i += 1
                continue
            end = i + 1
            while end < size and end - i < MAX_RUN and self._joins(end):
                end += 1
            while not self.words[end - 1].capital and self.gap(end - 1) == " ":
                end -= 1
            found.append(Run(i, end))
            i = end
        return found

    def _in_title(self, i: int) -> bool:
        """Titles never stand in a run, save one-syllable words that are given names too (`Anh`, `Cô`)."""
        if i not in self.title_words:
            return False
        alone = self.title_words[i] == 1 and self.lowered[i] in ADDRESS
        return not (alone and i and self.gap(i) == " " and self.words[i - 1].capital and self.words[i].capital)

    def _joins(self, i: int) -> bool:
        gap, word = self.gap(i), self.words[i]
        if self._in_title(i):
            return False
        if gap in (". ", "."):
            return len(self.words[i - 1].text) == 1 and word.capital
        if gap not in (" ", "\u00a0", "-", "‑"):
            return False
        if word.capital:
            return True
        if gap in ("-", "‑"):
            return self.words[i - 1].capital and word.text.isalpha()
        return word.text in PARTICLES and any(
            w.capital and self.gap(j) == " " for j, w in enumerate(self.words[i + 1 : i + 3], i + 1)
        )
