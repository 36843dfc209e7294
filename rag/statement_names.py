"""The names that a statement states: persons, places, organisations, acronyms, other words with capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag import places
from rag.known_names import PLACE_HEADS, beside_currency, known_at
from rag.mentions import find
from rag.ordinary_words import bare_not_names, is_english, translated_heads
from rag.readings import has_marks, is_vietnamese, syllable_key
from rag.runs import ADDRESS, Page
from rag.speakers import acts, persons
from rag.text import fold
from rag.uncased import Kind, uncased
from rag.wordlists import (
    acronyms_not_names,
    bare_titles,
    bare_vietnamese_surnames,
    english_words,
    function_words,
    given_names,
    heads,
    heads_folded,
    not_names,
    person_verbs,
    places_that_need_a_capital,
    vietnamese_surnames,
)

_ACRONYM = re.compile(r"[A-Z][A-Z0-9]{1,7}s?")
_FEWEST = 4
_ROMAN = re.compile("[IVXLC]+")
_DIRECTIONS = frozenset("bắc nam đông tây trung".split())
_ARTICLES = frozenset("the a an".split())


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of a statement, with its span and, for a known place or organisation, the numbers of its entities.

    A `phrase` is made of ordinary words: a translation may have others.
    """

    text: str
    start: int
    end: int
    kind: Kind
    entities: frozenset[int] = frozenset()


def mentions(text: str, *, lang: str) -> list[Mention]:
    """The names of a statement in order, none inside another."""
    found = list(_Reader(text, lang).all())
    return sorted(found, key=lambda each: each.start)


class _Reader:
    """One pass over a statement."""

    def __init__(self, text: str, lang: str) -> None:
        self.text, self.lang = text, lang
        self.page = Page(text, lang)
        self.marked = has_marks(text)
        self.taken: set[int] = set()

    def all(self) -> Iterator[Mention]:
        yield from self._in_hanzi()
        if any(word.capital for word in self.page.words):
            yield from self._places(self._persons())
            yield from self._acronyms()
            yield from self._rest()
        if not any(word.capital for word in self.page.words[1:]):
            for start, end, kind, numbers in uncased(self.page, self.lang, self.taken):
                yield self._mention(start, end, kind, numbers)

    def _mention(self, start: int, end: int, kind: Kind, entities: frozenset[int] = frozenset()) -> Mention:
        first, last = self.page.words[start].start, self.page.words[end - 1].end
        self.taken.update(range(start, end))
        return Mention(self.text[first:last], first, last, kind, entities)

    def _in_hanzi(self) -> Iterator[Mention]:
        if not places.HANZI.search(self.text):
            return
        for name in find(self.text, lang="zh"):
            if places.HANZI.match(name.text):
                yield Mention(name.text, name.start, name.end, name.kind, places.lookup(name.text))

    def _persons(self) -> list[Mention]:
        found: list[Mention] = []
        starts = {word.start: i for i, word in enumerate(self.page.words)}
        ends = {word.end: i + 1 for i, word in enumerate(self.page.words)}
        for name in persons(self.page):
            if name.start not in starts or name.end not in ends:
                continue
            start, end = starts[name.start], ends[name.end]
            if self._is_person(start, end):
                found.append(self._mention(start, end, "person"))
        return found

    def _is_person(self, start: int, end: int) -> bool:
        """Whether what `find` takes for a person is none of ordinary words: `Green Zone`, `Hội Nông`."""
        folded, page = self.page.folded[start:end], self.page
        if end - start > 1 and known_at(page, start)[0] >= end - start:
            return False
        if self.lang == "vi":
            return not (end - start <= 2 and self._is_head(end - 1)) and not self._is_office(start, end)
        return not all(map(is_english, folded)) or folded[0] in given_names() or start in page.titled

    def _is_office(self, start: int, end: int) -> bool:
        """Whether a syllable begins the field of an office and no name: `Bộ trưởng Thủy sản Colette Arsenault`."""
        page = self.page
        if end - start > 1 or not self._syllable(start) or page.titled.get(start, 0) == 0 or end + 1 >= len(page.words):
            return False
        address = page.lowered[start - 1] in ADDRESS or page.folded[end] in function_words("vi")
        return not address and self._lower_follows(start) and self._syllable(end) and page.words[end + 1].capital

    def _is_head(self, i: int) -> bool:
        page = self.page
        after = i + 1 < len(page.words) and page.gap(i + 1) == " " and not page.words[i + 1].capital
        pair = f"{page.lowered[i]} {page.lowered[i + 1]}" if after else ""
        return bool(pair) and (pair in heads() or (not self.marked and fold(pair) in heads_folded()))

    def _places(self, persons: list[Mention]) -> Iterator[Mention]:
        yield from persons
        page, i = self.page, 0
        while i < len(page.words):
            count, numbers = (0, frozenset()) if i in self.taken else known_at(page, i)
            faith = page.lowered[i + count : i + count + 1] == ["giáo"]  # `Ấn Độ giáo` is no country
            part = faith or (count == 1 and self._is_head(i))
            if count and beside_currency(page, i, i + count):
                self.taken.update(range(i, i + count))
            elif count and not part and self._stands(i, count) and not self.taken & set(range(i, i + count)):
                kind = places.entities()[min(numbers)].name_kind
                yield self._mention(i, i + count, kind, numbers)
            i += count or 1

    def _stands(self, i: int, count: int) -> bool:
        """Whether a known form is the place here and no other word that begins a sentence: `Anh`, `Us`, `Nice`."""
        page = self.page
        if count > 1 or not page.opens_sentence(i):
            return True
        common = page.folded[i] in places_that_need_a_capital() & english_words() and not acts(page, i, self.lang)
        if self.lang == "vi":
            return page.lowered[i] not in ("anh", "viên", "tiệp", "ý") and (self.marked or not common)
        return not common

    def _acronyms(self) -> Iterator[Mention]:
        page = self.page
        for i, word in enumerate(page.words):
            if i in self.taken or not _ACRONYM.fullmatch(word.text) or self._shouts(i):
                continue
            plain = {page.folded[i], page.folded[i].rstrip("s")}
            if plain & acronyms_not_names() or _ROMAN.fullmatch(word.text):
                self.taken.add(i)
                continue
            if len(word.text) >= 2 and not (page.folded[i] in english_words() and len(word.text) > 4):
                yield self._mention(i, i + 1, "organisation")

    def _shouts(self, i: int) -> bool:
        near = [self.page.words[j].text for j in (i - 1, i + 1) if 0 <= j < len(self.page.words)]
        return bool(near) and all(len(n) > 2 and n.isupper() and n.isalpha() for n in near)

    def _rest(self) -> Iterator[Mention]:
        """Words with capitals side by side that are none of these."""
        page, i = self.page, 0
        while i < len(page.words):
            end = i
            while end < len(page.words) and self._free(end) and (end == i or self._joins(end)):
                end += 1
            if end > i:
                yield from self._named(i, end)
            i = max(end, i + 1)

    def _free(self, i: int) -> bool:
        page = self.page
        return i not in self.taken and (page.words[i].capital or self._hyphened(i)) and not self._in_title(i)

    def _in_title(self, i: int) -> bool:
        """Titles are no names; one in small letters of a Western given name's shape is left to the run."""
        return i in self.page.title_words and not (self.lang != "vi" and self.page.folded[i] in given_names())

    def _hyphened(self, i: int) -> bool:
        return i > 0 and self.page.gap(i) in ("-", "‑") and self.page.words[i - 1].capital

    def _joins(self, i: int) -> bool:
        return self.page.gap(i) in (" ", "\u00a0", "-", "‑") and not self.page.opens_sentence(i)

    def _named(self, start: int, end: int) -> Iterator[Mention]:
        if self._is_bare_name(start, end):
            yield self._mention(start, end, "name")
            return
        first, last = start, end
        while first < last and self._ordinary(first, end):
            first += 1
        while last > first and self._ordinary(last - 1, end, ends=True):
            last -= 1
        if first < last:
            first, last = self._with_syllables(start, first, last, end)
            if len(self.page.words[first].text) == 1 and last - first == 1:
                return
            if self.lang != "vi" or last - first > 1 or not self._syllable(first) or self._stands_for_one(first):
                yield self._mention(first, last, "name")
        elif self._is_phrase(start, end):
            yield self._mention(start, end, "phrase")

    def _is_bare_name(self, start: int, end: int) -> bool:
        """Whether a run in Vietnamese without marks has the shape of a person's name: `Vuong Nghi`."""
        if self.lang != "vi" or self.marked or not 2 <= end - start <= 4:
            return False
        surname = self.page.folded[start] in bare_vietnamese_surnames()
        if " ".join(self.page.folded[start : end + 1]) in bare_titles():  # `Tong Thu ky`
            return False
        return surname and all(self._syllable(i) and not self._pair_is_head(i) for i in range(start, end))

    def _with_syllables(self, start: int, first: int, last: int, end: int) -> tuple[int, int]:
        """A name with the Vietnamese syllables beside it that are English words too: `Can Chanh`."""
        if self.lang == "vi":
            return first, last
        while first > start and self._syllable(first) and self._may_begin(first - 1):
            first -= 1
        while last < end and self._syllable(last - 1) and self._syllable(last):
            last += 1
        return first, last

    def _may_begin(self, i: int) -> bool:
        return self._syllable(i) and not self.page.opens_sentence(i) and self.page.folded[i] not in _ARTICLES

    def _is_titled(self, i: int) -> bool:
        return (i in self.page.titled or self._behind_country(i)) and not self._is_office(i, i + 1)

    def _stands_for_one(self, i: int) -> bool:
        """Whether a lone syllable is a name, of a person or behind a word for a place: `thành phố Vinh`."""
        placed = self.marked and i > 0 and self.page.gap(i) == " " and self.page.lowered[i - 1] in PLACE_HEADS
        return self._is_titled(i) or (placed and not self._lower_follows(i))

    def _behind_country(self, i: int) -> bool:
        """Whether a title and a place stand before word i: `Ngoại trưởng Nga Sơn`."""
        j, page = i, self.page
        while j > 0 and page.gap(j) == " " and j - 1 not in page.title_words:
            if j - 1 not in self.taken and not self._pair_is_head(j - 2):
                return False
            if self._pair_is_head(j - 2) and self._lower_follows(i):  # the field of a body: `Hội đồng Cá ngừ`
                return False
            j -= 1 if j - 1 in self.taken else 2
        return 0 < j < i and page.gap(j) == " "

    def _syllable(self, i: int) -> bool:
        return is_vietnamese(self.page.folded[i])

    def _ordinary(self, i: int, end: int, *, ends: bool = False) -> bool:
        """Whether word i of a run is a word of the language rather than of a name."""
        page = self.page
        word = page.folded[i]
        if page.words[i].text.isdigit() or word in acronyms_not_names():
            return True
        if self.lang == "vi":
            return self._ordinary_vietnamese(i, end, ends)
        if self.lang == "ru":
            following = page.lowered[i + 1] if i + 1 < len(page.words) else ""
            acts = following.startswith(tuple(person_verbs("ru"))) and word not in function_words("ru")
            return page.opens_sentence(i) and not acts
        return is_english(word) or (word.endswith("s") and is_english(word[:-1]))

    def _ordinary_vietnamese(self, i: int, end: int, ends: bool) -> bool:
        page = self.page
        if not self._syllable(i):
            return False
        if self._is_head(i) or (i + 1 < end and self._pair_is_head(i)) or (i > 0 and self._pair_is_head(i - 1)):
            return True
        if end - i == 1 and self._lower_follows(i) and not self._is_titled(i):
            alone = i == 0 or page.gap(i) != " " or not page.words[i - 1].capital
            if alone or page.opens_sentence(i):
                return True
        word = page.lowered[i]
        if ends and not (self._lower_follows(i) or page.lowered[i] in _DIRECTIONS):  # heads stand first
            return False
        if i + 1 < end and word in translated_heads("vi"):
            return True
        table = not_names("vi") if self.marked else bare_not_names()
        surname = syllable_key(word) in vietnamese_surnames() if self.marked else word in bare_vietnamese_surnames()
        return (word if self.marked else page.folded[i]) in table and not (surname and end - i > 1)

    def _pair_is_head(self, i: int) -> bool:
        if not 0 <= i < len(self.page.words) - 1:
            return False
        pair = f"{self.page.lowered[i]} {self.page.lowered[i + 1]}"
        return pair in heads() or fold(pair) in heads_folded()

    def _lower_follows(self, i: int) -> bool:
        page = self.page
        return i + 1 < len(page.words) and page.gap(i + 1) == " " and page.words[i + 1].text[0].islower()

    def _is_phrase(self, start: int, end: int) -> bool:
        """Whether ordinary words with capitals are more than the word that opens a sentence."""
        words = [i for i in range(start, end) if not self.page.opens_sentence(i)]
        content = [i for i in words if self.page.folded[i] not in function_words("en")]
        return self.lang == "en" and bool(content)
