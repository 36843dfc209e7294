"""The stored names, ready to be asked which of them a name can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from rag.aliases import Aliases, alias_key
from rag.bridge import Likeness, compare, core
from rag.domain import NameKind
from rag.name_tables import Symbols, Tables, frame_key, sound_patterns, syllable_key, symbol_rows, tables
from rag.readings import has_marks
from rag.skeleton import hanzi_sounds, latin_sounds, transcribes
from rag.spellings import Spelling, readings_of, spelling

READ_BY_SYLLABLE = 0.66
LEAST_OF_BEST = 0.1


class NameIndex:
    """The stored names by letters, syllables, sound and place.

    Made once from (spelling, kind, article id); its tables are made at the first question that needs them. The file
    `kept` holds them for the next process, where there are many names.
    """

    def __init__(
        self, names: Iterable[tuple[str, str, str]], *, aliases: Aliases | None = None, kept: Path | None = None
    ) -> None:
        self._articles: dict[str, set[str]] = defaultdict(set)
        self._kinds: dict[str, NameKind] = {}
        for text, kind, article in names:
            self._articles[text].add(article)
            if kind in ("person", "place", "organisation"):
                self._kinds.setdefault(text, kind)  # type: ignore[arg-type]
        self._aliases = aliases
        self._texts = list(self._articles)
        self._kept = kept
        self._rows: dict[int, list[Symbols]] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def articles(self, spelling: str) -> frozenset[str]:
        """The ids of the articles that hold this very spelling."""
        return frozenset(self._articles.get(spelling, ()))

    def kind(self, spelling: str) -> NameKind:
        """The kind under which a spelling is stored; `person` for one that is not."""
        return self._kinds.get(spelling, "person")

    def match(self, query: str, *, lang: str | None = None) -> tuple[str, ...]:
        """The stored spellings that can be this name, best first.

        `lang` is the language of the text that the query comes from.
        """
        return tuple(text for text, _ in self.ranked(query, lang=lang))

    def ranked(self, query: str, *, lang: str | None = None) -> list[tuple[str, Likeness]]:
        """The same with how each is alike, the best first; equal ones by how many articles hold them."""
        name = spelling(query)
        found: dict[str, Likeness] = {}
        for i in self._candidates(name):
            likeness = compare(name, self._spelling(i), a_lang=lang)
            if likeness.match:
                found[self._texts[i]] = likeness
        found.update(self._by_alias(query))
        found = _likely(found)
        return sorted(found.items(), key=lambda item: (-item[1].score, -len(self._articles[item[0]]), item[0]))

    def holding(self, word: str) -> tuple[str, ...]:
        """The stored persons with this one word as their given name (Vietnamese) or surname (Chinese, Korean)."""
        found = self._at("parts", spelling(word).letters)
        return tuple(self._texts[i] for i in found if has_marks(word) <= self._spelling(i).marked)

    @cached_property
    def _tables(self) -> Tables:
        return tables([(text, self.kind(text)) for text in self._texts], self._kept)

    def _at(self, table: str, key: str) -> Sequence[int]:
        return self._tables[table].get(key, ())

    def _spelling(self, i: int) -> Spelling:
        return spelling(self._texts[i])

    def _symbol_rows(self, i: int) -> list[Symbols]:
        if i not in self._rows:
            self._rows[i] = symbol_rows(self._spelling(i))
        return self._rows[i]

    def _by_alias(self, query: str) -> dict[str, Likeness]:
        if not self._aliases or (named := self._aliases.name(query)) is None:
            return {}
        likeness = Likeness(True, 1.0, f"{named} in the alias file")
        mine = {alias_key(form) for form in self._aliases.spellings[named]}
        return {self._texts[i]: likeness for key in mine for i in self._at("letters", key.replace(" ", ""))}

    def _candidates(self, name: Spelling) -> set[int]:
        found = set(self._at("letters", name.letters))
        for number in name.places:
            found.update(self._at("places", str(number)))
        for way in readings_of(name):
            found |= self._by_row(way)
        return found | self._by_sounds(name)

    def _by_row(self, way: list[set[str]]) -> set[int]:
        """The names that hold one of the symbols at every place; looked up at the rarest place only."""
        size = len(way)
        lists = [
            [found for symbol in symbols if (found := self._at("syllables", syllable_key(size, place, symbol)))]
            for place, symbols in enumerate(way)
        ]
        totals = [sum(map(len, found)) for found in lists]
        if not all(totals):
            return set()
        rarest = totals.index(min(totals))
        others = [place for place in range(size) if place != rarest]
        return {
            i
            for found in lists[rarest]
            for i in found
            if any(
                not any(way[place].isdisjoint(row[place]) for place in others)
                for row in self._symbol_rows(i)
                if len(row) == size
            )
        }

    def _by_sounds(self, name: Spelling) -> set[int]:
        found: set[int] = set()
        if name.hanzi:
            if transcribes(name.hanzi):
                for key in sound_patterns(hanzi_sounds(name.hanzi)):
                    found.update(self._at("consonants", key))
            return found
        if name.sounds:
            sounds = core(name)
            last, first = frame_key(sounds[-1]), frame_key(sounds[0])
            for key in ("last " + last, "first " + last, "only " + first):
                found.update(self._at("frames", key))
            found.update(self._at("consonants", "汉" + latin_sounds(name.sounds[-1])))
        return found


def _likely(found: dict[str, Likeness]) -> dict[str, Likeness]:
    """Without the readings that are much less likely than the best one: 王 is hardly ever Hoàng."""
    read = [likeness.score - 0.5 for likeness in found.values() if likeness.score < READ_BY_SYLLABLE]
    least = 0.5 + LEAST_OF_BEST * max(read, default=0.0)
    return {text: likeness for text, likeness in found.items() if likeness.score >= least}
