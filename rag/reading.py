"""An article as its readers see it: sentences, the names in each, and whom a short name means."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import zip_longest

from rag.bridge import same
from rag.cite import cite
from rag.domain import Article, Citation, Name, NameKind
from rag.mended_names import mended
from rag.mentions import find
from rag.role_words import Beside, beside
from rag.text import fold, language, sentences

Span = tuple[int, int]
_MOST_HOLDING = 1_000
_MOST_PERSONS = 300  # of whom misspelt names are looked for


class Reading:
    """One article, read once for all that is asked of it. `names` are in the order of the text."""

    def __init__(self, article: Article, names: Sequence[Name] | None = None) -> None:
        self.article = article
        self.text = article.text
        self.lang = article.source.lang or language(article.text)
        if names is None or self.flowing != self.text:
            names = find(self.flowing, lang=self.lang)
        names = [self._as_written(name) for name in mended(self.flowing, names, lang=self.lang)]
        self.names = tuple(sorted(names, key=lambda name: (name.start, -name.end)))
        self._starts = [name.start for name in self.names]
        self._spelt: dict[str, str] = {}
        self._beside: dict[int, dict[int, Beside]] = {}
        self._holding: dict[str, list[Name]] = {}

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """The spans of the sentences, in order, white space at their edges left out."""
        spans = []
        for start, end in sentences(self.text):
            part = self.text[start:end]
            if part.strip():
                spans.append((start + len(part) - len(part.lstrip()), start + len(part.rstrip())))
        return tuple(spans)

    @cached_property
    def flowing(self) -> str:
        """The text with blanks for the line breaks inside sentences, at the same characters: mail is wrapped."""
        parts, last = [], 0
        for start, end in self.sentences:
            parts += [self.text[last:start], self.text[start:end].replace("\n", " ")]
            last = end
        return "".join((*parts, self.text[last:]))

    def _as_written(self, name: Name) -> Name:
        return Name(self.text[name.start : name.end], name.kind, name.start, name.end)

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    def sentence_at(self, position: int) -> int:
        """The number of the sentence in which a character stands."""
        return max(0, bisect_right(self._sentence_starts, position) - 1)

    def within(self, start: int, end: int, kind: NameKind | None = None) -> tuple[Name, ...]:
        """The names that stand whole between two characters, of one kind where it is told."""
        first = bisect_left(self._starts, start)
        last = bisect_left(self._starts, end)
        return tuple(name for name in self.names[first:last] if name.end <= end and kind in (None, name.kind))

    def cite(self, start: int, end: int) -> Citation:
        """The citation of a span."""
        return cite(self.article, start, end)

    def beside(self, name: Name) -> Beside:
        """The office and country that the text gives a person where this name stands."""
        number = self.sentence_at(name.start)
        if number not in self._beside:
            self._beside[number] = self._read_beside(self.sentences[number])
        return self._beside[number].get(name.start, Beside(None, None))

    def _read_beside(self, sentence: Span) -> dict[int, Beside]:
        """What stands beside the persons of a sentence; the office of a plural title counts for the next one too."""
        persons = self.within(*sentence, "person")
        found: dict[int, Beside] = {}
        before: Name | None = None
        for name, following in zip_longest(persons, persons[1:]):
            one = beside(
                self.flowing,
                (name.start, name.end),
                lang=self.lang,
                sentence=sentence,
                before=before.end if before else 0,
                behind=following.start if following else len(self.text) + 1,
            )
            shared = found[before.start].shared if before else False
            if before and shared and one.office is None and self._joined(before, name):
                one = replace(one, office=found[before.start].office, shared=True)
            found[name.start] = one
            before = name
        return found

    def _joined(self, one: Name, other: Name) -> bool:
        return self.text[one.end : other.start].strip() in ("and", "và", ",", ", and")

    @cached_property
    def persons(self) -> dict[str, tuple[Name, ...]]:
        """Every mention of each person, by the person's fullest name; in the order in which they are first named."""
        found: dict[str, list[Name]] = {}
        for name in self.names:
            if name.kind == "person":
                found.setdefault(self.full(name), []).append(name)
        return {whose: tuple(mentions) for whose, mentions in found.items()}

    def full(self, name: Name) -> str:
        """The fullest spelling in the article of a name that may be short: of several that it can be, the last before.

        `Lavrov` is `Sergei Lavrov` where the article names him so, and `Beloussov` is `Andrei Belousov`; a short name
        that no longer one holds is itself.
        """
        longer = self._longer(name.text)
        if not longer:
            return self._misspelt(" ".join(name.text.split()))
        at = bisect_right(longer, name.start, key=lambda other: other.start)
        return " ".join(longer[max(at - 1, 0)].text.split())

    def _longer(self, text: str) -> list[Name]:
        """The mentions of names that hold this one and are longer."""
        if text not in self._holding:
            parts = _parts(text)
            near = self._by_word.get(parts[0], [])[:_MOST_HOLDING]
            self._holding[text] = [other for other in near if _holds(other.text, parts)]
        return self._holding[text]

    @cached_property
    def _by_word(self) -> dict[str, list[Name]]:
        """The mentions that have several words, by each of their words."""
        found: dict[str, list[Name]] = {}
        for name in self.names:
            if name.kind == "person" and len(parts := _parts(name.text)) > 1:
                for word in dict.fromkeys(parts):
                    found.setdefault(word, []).append(name)
        return found

    def _misspelt(self, text: str) -> str:
        """The name of the article that a name which stands in no longer one spells in another way, else itself."""
        if text not in self._spelt:
            near = self._by_beginning.get(fold(text.split()[-1])[:2], ())
            likely = [other for other in near if self._better(other, text)]
            self._spelt[text] = next((other for other in likely if self._same(text, other)), text)
        return self._spelt[text]

    def _better(self, other: str, text: str) -> bool:
        """Whether a name is the one to call a person by rather than another: longer, more often there, first."""
        if other == text:
            return False
        words, held = len(other.split()), len(text.split())
        return words > held or (words == held and self._ranks[other] < self._ranks.get(text, len(self._ranks)))

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """The places of the names of several words, those that stand there most often first."""
        counts = Counter(" ".join(name.text.split()) for name in self.names if name.kind == "person")
        return {text: rank for rank, (text, _) in enumerate(counts.most_common())}

    def _same(self, one: str, other: str) -> bool:
        return same(one, other, a_lang=self.lang, b_lang=self.lang).match

    @cached_property
    def _by_beginning(self) -> dict[str, list[str]]:
        """The names of several words that no longer one holds, by the beginnings of their first and last words.

        Nothing for a text that names more persons than any article does.
        """
        found: dict[str, list[str]] = {}
        full = [text for text in self._ranks if " " in text and not self._longer(text)]
        for text in full if len(self._ranks) <= _MOST_PERSONS else ():
            for beginning in {fold(word)[:2] for word in (text.split()[0], text.split()[-1])}:
                found.setdefault(beginning, []).append(text)
        return found


def _parts(name: str) -> list[str]:
    """The words of a name; Chinese parts those of a foreign one by a dot."""
    return name.replace("·", " ").split()


def _holds(full: str, words: list[str]) -> bool:
    """Whether the words stand side by side in a name of more words."""
    whole = _parts(full)
    return len(whole) > len(words) and any(whole[i : i + len(words)] == words for i in range(len(whole)))
