"""An article as its readers see it: sentences, the names in each, and whom a short name means."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property

from rag.cite import cite
from rag.domain import Article, Citation, Name, NameKind
from rag.mentions import find
from rag.text import language, sentences

Span = tuple[int, int]


class Reading:
    """One article, read once for all that is asked of it. `names` are in the order of the text."""

    def __init__(self, article: Article, names: Sequence[Name] | None = None) -> None:
        self.article = article
        self.text = article.text
        self.lang = article.source.lang or language(article.text)
        found = find(article.text, lang=self.lang) if names is None else names
        self.names = tuple(sorted(found, key=lambda name: (name.start, -name.end)))
        self._starts = [name.start for name in self.names]

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """The spans of the sentences, in order, white space at their edges left out."""
        spans = []
        for start, end in sentences(self.text):
            part = self.text[start:end]
            if part.strip():
                spans.append((start + len(part) - len(part.lstrip()), start + len(part.rstrip())))
        return tuple(spans)

    def sentence_at(self, position: int) -> int:
        """The number of the sentence in which a character stands."""
        return max(0, bisect_right([start for start, _ in self.sentences], position) - 1)

    def within(self, start: int, end: int, kind: NameKind | None = None) -> tuple[Name, ...]:
        """The names that stand whole between two characters, of one kind where it is told."""
        first = bisect_left(self._starts, start)
        last = bisect_left(self._starts, end)
        return tuple(name for name in self.names[first:last] if name.end <= end and kind in (None, name.kind))

    def cite(self, start: int, end: int) -> Citation:
        """The citation of a span."""
        return cite(self.article, start, end)

    @cached_property
    def persons(self) -> dict[str, tuple[Name, ...]]:
        """Every mention of each person, by the person's fullest name; in the order in which they are first named."""
        mentions = [name for name in self.names if name.kind == "person"]
        full = [self.full(name) for name in mentions]
        return {
            one: tuple(name for name, whose in zip(mentions, full, strict=True) if whose == one)
            for one in dict.fromkeys(full)
        }

    def full(self, name: Name) -> str:
        """The fullest spelling in the article of a name that may be short: of several that it can be, the last before.

        `Lavrov` is `Sergei Lavrov` where the article names him so; a short name that no longer one holds is itself.
        """
        words = name.text.split()
        longer = [other for other in self._fullest if len(other.text.split()) > len(words) and _holds(other, words)]
        before = [other for other in longer if other.start <= name.start]
        return (before[-1] if before else longer[0]).text if longer else name.text

    @cached_property
    def _fullest(self) -> tuple[Name, ...]:
        return tuple(name for name in self.names if name.kind == "person" and " " in name.text)


def _holds(full: Name, words: list[str]) -> bool:
    """Whether the words stand side by side in the full name."""
    whole = full.text.split()
    return any(whole[i : i + len(words)] == words for i in range(len(whole) - len(words) + 1))
