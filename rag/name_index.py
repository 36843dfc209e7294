"""The stored names, ready to be asked which of them a name can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from rag.aliases import Aliases, alias_key
from rag.bridge import Likeness, compare, core
from rag.domain import NameKind
from rag.readings import hanzi_pinyin, has_marks
from rag.skeleton import CLASSES_OF, frame, hanzi_sounds, latin_sounds, transcribes
from rag.spellings import Spelling, readings_of, spelling

Symbols = list[tuple[str, ...]]
READ_BY_SYLLABLE = 0.66
LEAST_OF_BEST = 0.1
Posting = dict[tuple[int, int, str], list[int]]


class NameIndex:
    """The stored names by letters, syllables, sound and place.

    Made once from (spelling, kind, article id); the larger tables are made at the first question that needs them.
    """

    def __init__(self, names: Iterable[tuple[str, str, str]], *, aliases: Aliases | None = None) -> None:
        self._articles: dict[str, set[str]] = defaultdict(set)
        self._kinds: dict[str, NameKind] = {}
        for text, kind, article in names:
            self._articles[text].add(article)
            if kind in ("person", "place", "organisation"):
                self._kinds.setdefault(text, kind)  # type: ignore[arg-type]
        self._aliases = aliases
        self._texts = list(self._articles)

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
            likeness = compare(name, self._spellings[i], a_lang=lang)
            if likeness.match:
                found[self._texts[i]] = likeness
        found.update(self._by_alias(query))
        found = _likely(found)
        return sorted(found.items(), key=lambda item: (-item[1].score, -len(self._articles[item[0]]), item[0]))

    def holding(self, word: str) -> tuple[str, ...]:
        """The stored persons with this one word as their given name (Vietnamese) or surname (Chinese, Korean)."""
        found = self._by_part.get(spelling(word).letters, [])
        return tuple(self._texts[i] for i in found if has_marks(word) <= self._spellings[i].marked)

    @cached_property
    def _by_part(self) -> dict[str, list[int]]:
        table: dict[str, list[int]] = defaultdict(list)
        for i, name in enumerate(self._spellings):
            if len(name.words) >= 2 and self.kind(name.text) == "person" and (name.keys or name.pinyin):
                table[name.words[-1] if name.marked else name.words[0]].append(i)
        return table

    @cached_property
    def _spellings(self) -> list[Spelling]:
        return [spelling(text) for text in self._texts]

    def _by_alias(self, query: str) -> dict[str, Likeness]:
        if not self._aliases or (named := self._aliases.name(query)) is None:
            return {}
        likeness = Likeness(True, 1.0, f"{named} in the alias file")
        mine = {alias_key(form) for form in self._aliases.spellings[named]}
        return {self._texts[i]: likeness for key in mine for i in self._by_letters.get(key.replace(" ", ""), ())}

    def _candidates(self, name: Spelling) -> set[int]:
        found = set(self._by_letters.get(name.letters, ()))
        for number in name.places:
            found.update(self._by_place.get(number, ()))
        for way in readings_of(name):
            found |= self._by_row(way)
        return found | self._by_sounds(name)

    def _by_row(self, way: list[set[str]]) -> set[int]:
        """The names that hold one of the symbols at every place; looked up at the rarest place only."""
        size, postings = len(way), self._postings
        lists = [
            [found for s in symbols if (found := postings.get((size, place, s)))] for place, symbols in enumerate(way)
        ]
        totals = [sum(map(len, found)) for found in lists]
        if not all(totals):
            return set()
        rarest = totals.index(min(totals))
        rows = self._rows
        others = [place for place in range(size) if place != rarest]
        return {
            i
            for found in lists[rarest]
            for i in found
            if any(
                not any(way[place].isdisjoint(row[place]) for place in others) for row in rows[i] if len(row) == size
            )
        }

    def _by_sounds(self, name: Spelling) -> set[int]:
        found: set[int] = set()
        if name.hanzi:
            if transcribes(name.hanzi):
                for key in _sound_patterns(hanzi_sounds(name.hanzi)):
                    found.update(self._by_consonants.get(key, ()))
            return found
        if name.sounds:
            sounds = core(name)
            last, first = _frame_key(sounds[-1]), _frame_key(sounds[0])
            for key in ("last " + last, "first " + last, "only " + first):
                found.update(self._by_frame.get(key, ()))
            found.update(self._by_consonants.get("汉" + latin_sounds(name.sounds[-1]), ()))
        return found

    @cached_property
    def _by_letters(self) -> dict[str, list[int]]:
        table: dict[str, list[int]] = defaultdict(list)
        for i, name in enumerate(self._spellings):
            table[name.letters].append(i)
        return table

    @cached_property
    def _by_place(self) -> dict[int, list[int]]:
        table: dict[int, list[int]] = defaultdict(list)
        for i, name in enumerate(self._spellings):
            for number in name.places:
                table[number].append(i)
        return table

    @cached_property
    def _rows(self) -> list[list[Symbols]]:
        return [_symbol_rows(name) for name in self._spellings]

    @cached_property
    def _postings(self) -> Posting:
        table: Posting = defaultdict(list)
        for i, rows in enumerate(self._rows):
            for row in rows:
                for place, symbols in enumerate(row):
                    for symbol in symbols:
                        table[len(row), place, symbol].append(i)
        return dict(table)

    @cached_property
    def _by_frame(self) -> dict[str, list[int]]:
        """By the consonants of the last and of the first word, or of the only one."""
        table: dict[str, list[int]] = defaultdict(list)
        for i, name in enumerate(self._spellings):
            if name.sounds:
                sounds = core(name)
                last, first = _frame_key(sounds[-1]), _frame_key(sounds[0])
                table["last " + last].append(i)
                table[("first " if len(sounds) > 1 else "only ") + first].append(i)
        return table

    @cached_property
    def _by_consonants(self) -> dict[str, list[int]]:
        table: dict[str, list[int]] = defaultdict(list)
        for i, name in enumerate(self._spellings):
            if name.hanzi and transcribes(name.hanzi):
                for pattern in _sound_patterns(hanzi_sounds(name.hanzi)):
                    table["汉" + pattern].append(i)
            elif name.sounds and not name.keys and not name.marked:
                sounds = latin_sounds(name.sounds[-1])
                table[sounds].append(i)
                if sounds.endswith("L"):
                    table[sounds[:-1]].append(i)
        return table


def _likely(found: dict[str, Likeness]) -> dict[str, Likeness]:
    """Without the readings that are much less likely than the best one: 王 is hardly ever Hoàng."""
    read = [likeness.score - 0.5 for likeness in found.values() if likeness.score < READ_BY_SYLLABLE]
    least = 0.5 + LEAST_OF_BEST * max(read, default=0.0)
    return {text: likeness for text, likeness in found.items() if likeness.score >= least}


def _frame_key(sound: str) -> str:
    return frame(sound) + ("" if len(sound) >= 5 else "/" + sound)


def _sound_patterns(sounds: str) -> list[str]:
    """Consonant rows that the classes of a transcription can stand for; at most 64."""
    rows = [""]
    for c in sounds:
        options = CLASSES_OF.get(c, c)
        rows = [row + option for row in rows for option in options][:64]
    return rows


def _symbol_rows(name: Spelling) -> list[Symbols]:
    """What a stored name holds at each place, for each way to read it; see `bridge.readings_of`."""
    rows: list[Symbols] = []
    if len(name.keys) >= 2:
        keys = zip(name.keys, name.words, strict=True)
        rows.append([(key,) if name.marked else (key, "~" + word) for key, word in keys])
    if len(name.hanzi) >= 2:
        rows.append([(c, *("=" + p for p in hanzi_pinyin(c))) for c in name.hanzi])
    rows.extend([tuple("=" + p for p in found) for found in row] for row in (*name.pinyin, *name.other))
    return rows
