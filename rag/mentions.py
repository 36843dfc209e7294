"""Names in articles: capital runs and rules (findings.md 2.2), places and organisations by the gazetteer."""

from __future__ import annotations

import re
from collections import Counter

from rag import places
from rag.bridge import EASTERN_SURNAMES
from rag.domain import Name, NameKind
from rag.hanzi_mentions import find_hanzi
from rag.readings import has_marks, is_vietnamese, segment, syllable_key
from rag.runs import ADDRESS, Page, Run
from rag.spellings import PARTICLES
from rag.text import visible
from rag.wordlists import (
    acronyms_not_names,
    bare_vietnamese_surnames,
    compounds_like_places,
    english_words,
    given_names,
    heads,
    not_names,
    vietnamese_surnames,
)

_ACRONYM = re.compile(r"[A-Z]{2,6}")
_PLACE_TAILS = frozenset(
    "shoal island islands sea strait river mountain mountains bay street airport university lake reef ocean cape point "
    "dialogue forum park hall house square bridge stadium hospital hotel tower".split()
)
_STREETS = frozenset("đường phố ngõ sân cầu đảo sông núi cảng street avenue".split())
_PLACE_HEADS = frozenset(
    "tỉnh thị quận huyện xã phường thôn vùng tại ở province city river island in near from at".split()
)


def find(text: str, *, lang: str) -> tuple[Name, ...]:
    """The persons, places and organisations that an article names, in order, with spans of the text.

    Every mention is given, short forms too ("ông Lavrov", "Ma" after "Ma Zhaoxu"), each under its own text.
    Characters that nobody sees part no name.
    """
    seen = visible(text)
    found = _Reader(Page(seen, lang)).names() + find_hanzi(seen, lang)
    if len(seen) < len(text):
        at = [place for place, character in enumerate(text) if visible(character)]
        found = [_placed(text, name.kind, at[name.start], at[name.end - 1] + 1) for name in found]
    return tuple(sorted(found, key=lambda name: (name.start, -name.end)))


def _placed(text: str, kind: NameKind, start: int, end: int) -> Name:
    return Name(text[start:end], kind, start, end)


class _Reader:
    """One pass over a page: persons out of the capital runs, their short forms, then places in the rest."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.vietnamese = page.vietnamese
        self.language = "vi" if page.vietnamese else "en"
        self.own = Counter(page.span(run.start, run.end) for run in page.runs)

    def names(self) -> list[Name]:
        persons = [person for run in self.page.runs for person in self._persons(run)]
        persons.extend(self._short_forms(persons))
        inside = {i for run in persons for i in range(run.start, run.end)}
        return [self._name("person", run) for run in persons] + self._places(inside)

    def _name(self, kind: NameKind, run: Run) -> Name:
        words = self.page.words
        first, last = words[run.start].start, words[run.end - 1].end
        return _placed(self.page.text, kind, first, last)

    def _persons(self, run: Run) -> list[Run]:
        """The persons of one capital run, known places and other prefixes taken off."""
        i, found, titled = run.start, [], run.start in self.page.titled
        if self._is_street(run):
            return []
        while i < run.end:
            skipped = self._prefix(i, run)
            if skipped:
                i += skipped
                titled = titled or not self._marked(i, run.end)
                continue
            end = self._person_end(i, run, titled)
            if end:
                found.append(Run(i, end))
            i, titled = end or i + 1, False
        return found

    def _marked(self, start: int, end: int) -> bool:
        return has_marks(self.page.span(start, end)) if start < end else True

    def _is_street(self, run: Run) -> bool:
        before = self.page.lowered[run.start - 1] if run.start else ""
        if before == "phố" and run.start > 1 and self.page.lowered[run.start - 2] == "thành":
            return False
        return before in _STREETS or (before.isdigit() and run.start > 1 and self.page.lowered[run.start - 2] == "số")

    def _prefix(self, i: int, run: Run) -> int:
        """How many words from i on are a known place or organisation, or a run of their own elsewhere."""
        known = self._known(i, run)
        person = self._looks_vietnamese(i, run.end)
        if known and not (person and known == 1 < run.end - i):
            return known
        for end in range(run.end - 2, i + 1, -1):
            if self.own[self.page.span(i, end)] >= 2 and self._looks_like_person(end, run.end):
                return end - i
        return 0

    def _known(self, i: int, run: Run) -> int:
        count, _ = places.longest_at(self.page.words[i : run.end], 0, self.page.text, bare=not self.vietnamese)
        return count

    def _is_surname(self, i: int) -> bool:
        word = self.page.words[i].text
        if self.vietnamese or has_marks(word):
            return syllable_key(word) in vietnamese_surnames()
        return self.page.folded[i] in bare_vietnamese_surnames()

    def _syllables(self, start: int, end: int) -> bool:
        return all(is_vietnamese(f) for f in self.page.folded[start:end])

    def _looks_vietnamese(self, start: int, end: int) -> bool:
        return 2 <= end - start <= 4 and self._is_surname(start) and self._syllables(start, end)

    def _looks_like_person(self, start: int, end: int) -> bool:
        foreign = not any(is_vietnamese(f) for f in self.page.folded[start:end])
        return foreign or self._looks_vietnamese(start, end)

    def _person_end(self, i: int, run: Run, titled: bool) -> int:
        """The index after a person that begins at word i, or 0."""
        end = self._cut(i, run)
        if self._is_no_name(i, end, titled):
            return 0
        if self.vietnamese and self._syllables(i, end):
            return self._vietnamese_end(i, end, titled)
        if end - i == 1:
            return end if titled and self._stands_alone(i) else 0
        if self.vietnamese and has_marks(self.page.words[i].text) and is_vietnamese(self.page.folded[i]):
            return 0
        return end if self._is_foreign_person(i, end, titled) else 0

    def _is_no_name(self, i: int, end: int, titled: bool) -> bool:
        word = self.page.words[i]
        if not word.capital or (word.text.isupper() and len(word.text) > 1 and not titled):
            return True
        if self.page.lowered[i] not in not_names(self.language):
            return False
        if self.vietnamese:
            return not self._is_surname(i)
        return end - i < 2 or not self._is_eastern(i, end) or self.page.folded[end - 1] in english_words()

    def _cut(self, i: int, run: Run) -> int:
        """The run's end, or where another name begins inside it: a place after a hyphen, a body's head."""
        page = self.page
        for j in range(i + 1, run.end):
            if page.gap(j) in ("-", "‑") and page.words[j].capital and self._known(j, run):
                return j
            if self.vietnamese and page.lowered[j] in ("bộ", "ban", "đảng", "hội", "ủy", "uỷ"):
                return j
            if self._known(j, run) >= 2 and not self._syllables(i, j + 1):
                return j
        return run.end - 1 if run.end - i > 1 and self._is_head(run.end - 1) else run.end

    def _is_head(self, i: int) -> bool:
        """Whether word i and the lower-case word after it name a body or office: `Ngoại giao`."""
        page = self.page
        after = i + 1 < len(page.words) and page.gap(i + 1) == " " and not page.words[i + 1].capital
        return after and f"{page.lowered[i]} {page.lowered[i + 1]}" in heads()

    def _vietnamese_end(self, i: int, end: int, titled: bool) -> int:
        page = self.page
        size = end - i
        if size == 1:
            addressed = titled and page.lowered[i - 1] in ADDRESS
            name = self._is_surname(i) or page.lowered[i] not in not_names("vi")
            sure = addressed or (titled and page.titled.get(i, 0) >= 2 and name)
            return end if sure and not self._is_head(i) else 0
        if size > 4:
            return 0
        before = page.lowered[i - 1] if i and page.gap(i) == " " else ""
        if size == 2 and (before in _PLACE_HEADS or before in not_names("vi") & {"bộ", "ban", "báo", "đài", "tỉnh"}):
            return 0
        return end if self._is_surname(i) or (titled and size >= 2) else 0

    def _stands_alone(self, i: int) -> bool:
        """Whether one foreign word after a title is a name."""
        word = self.page.words[i].text
        if word.isupper() or self.page.folded[i] in not_names("en"):
            return False
        address = self.page.lowered[i - 1].strip(".") in ADDRESS
        return self.vietnamese or address or self.page.folded[i] not in english_words()

    def _is_foreign_person(self, i: int, end: int, titled: bool) -> bool:
        """Two to five foreign words: after a title, led by a given name, or no words of the language."""
        parts = self.page.folded[i:end]
        if len(parts) > 5 or parts[-1] in _PLACE_TAILS:
            return False
        if any(w.text.isupper() and len(w.text) > 2 for w in self.page.words[i:end]):
            return False
        blocked = not_names("en") | (not_names("vi") if self.vietnamese else frozenset())
        eastern = not self.vietnamese and self._is_eastern(i, end)
        full = eastern and len(parts) >= 3 and self._looks_vietnamese(i, end)  # `Phan Thi My Duyen`
        if not full and any(word in blocked for word in self.page.lowered[i + eastern : end]):
            return False
        if parts[0] in given_names():
            return True
        if titled:
            return not all(p in english_words() for p in parts)
        return eastern or not any(p in english_words() and p not in PARTICLES for p in parts)

    def _is_eastern(self, i: int, end: int) -> bool:
        """A Chinese or Vietnamese name in plain letters: `He Lifeng`, `Le Hoai Trung`."""
        parts = self.page.folded[i:end]
        if len(parts) == 2 and all(segment(p, "pinyin") for p in parts):
            return not all(p in english_words() for p in parts)
        if parts[0] in EASTERN_SURNAMES and len(parts) in (2, 3):
            return not any(p in english_words() for p in parts[1:])
        return self._looks_vietnamese(i, end)

    def _short_forms(self, persons: list[Run]) -> list[Run]:
        """Single words with a capital that are the surname of a person whom the page names in full."""
        page = self.page
        inside = {i for run in persons for i in range(run.start, run.end)}
        surnames = {self._surname(run) for run in persons if len(run) >= 2}
        return [
            Run(i, i + 1)
            for i, word in enumerate(page.words)
            if word.text in surnames and i not in inside and not self._goes_on(i, inside)
        ]

    def _surname(self, person: Run) -> str:
        words, folded = self.page.words, self.page.folded[person.start : person.end]
        if self.vietnamese and self._syllables(person.start, person.end):
            return ""
        eastern = len(folded[0]) <= 5 and all(segment(f, "pinyin") for f in folded)
        eastern = eastern or (len(folded) >= 3 and folded[0] in EASTERN_SURNAMES)
        return words[person.start if eastern else person.end - 1].text

    def _goes_on(self, i: int, inside: set[int]) -> bool:
        """Whether a capital word follows or precedes that makes another name of this one."""
        page = self.page
        after = i + 1 < len(page.words) and page.gap(i + 1) == " " and page.words[i + 1].capital and i + 1 not in inside
        before = i > 0 and page.gap(i) == " " and page.words[i - 1].capital and i not in page.titled
        before = before and i - 1 not in inside and page.folded[i - 1] in given_names()
        return before or (after and page.folded[i + 1] not in english_words() and not self._known_single(i + 1))

    def _known_single(self, i: int) -> bool:
        return bool(places.lookup(self.page.words[i].text))

    def _places(self, persons: set[int]) -> list[Name]:
        found: list[Name] = []
        page, i = self.page, 0
        while i < len(page.words):
            if i in persons:
                i += 1
                continue
            count, numbers = places.longest_at(page.words, i, page.text, bare=not self.vietnamese)
            if count and self._stands_as_place(i, count):
                found.append(self._name(places.entities()[min(numbers)].name_kind, Run(i, i + count)))
                i += count
            elif self._is_acronym(i):
                found.append(self._name("organisation", Run(i, i + 1)))
                i += 1
            else:
                sides = self._pair(i) if page.words[i].capital else []
                found.extend(sides)
                i += len(sides) or 1
        return found

    def _stands_as_place(self, i: int, count: int) -> bool:
        page = self.page
        if not any(w.capital for w in page.words[i : i + count]):
            return False
        if count > 1:
            return True
        word = page.words[i]
        if not word.capital:
            return False
        if len(word.text) <= 3 and page.folded[i] in places.acronyms() and not word.text.isupper():
            return False
        if not self.vietnamese or not is_vietnamese(page.folded[i]):
            return True
        if page.lowered[i] in ("anh", "viên") and page.opens_sentence(i):
            return False
        if self._opens_compound(i):
            return False
        return not self._follows_syllable(i)

    def _opens_compound(self, i: int) -> bool:
        """Whether a syllable and the one behind it are an ordinary word: `Bộ Lao động`."""
        page = self.page
        if i + 1 >= len(page.words) or page.gap(i + 1) != " ":
            return False
        return f"{page.lowered[i]} {page.lowered[i + 1]}" in compounds_like_places()

    def _follows_syllable(self, i: int) -> bool:
        """Whether a capital syllable that is no place stands right before: `Tuấn Anh`, `Minh Đức`."""
        page = self.page
        if i == 0 or page.gap(i) != " " or not page.words[i - 1].capital or i in page.titled:
            return False
        return not any(places.longest_at(page.words[j:i], 0, page.text)[0] == i - j for j in range(max(0, i - 4), i))

    def _is_acronym(self, i: int) -> bool:
        page = self.page
        word = page.words[i].text
        if not _ACRONYM.fullmatch(word) or page.folded[i] in acronyms_not_names() or page.folded[i] in english_words():
            return False
        near = [page.words[j].text for j in (i - 1, i + 1) if 0 <= j < len(page.words)]
        return not near or not all(n.isupper() and len(n) > 1 for n in near)

    def _pair(self, i: int) -> list[Name]:
        """Both sides of `Trung - Nga` or `Việt-Trung` from word i on."""
        table, words = places.pair_forms("vi"), self.page.words
        if not self.vietnamese or i + 1 >= len(words) or words[i].text not in table or words[i + 1].text not in table:
            return []
        if self.page.gap(i + 1) not in ("-", " - ", "–", " – "):
            return []
        return [self._name("place", Run(i, i + 1)), self._name("place", Run(i + 1, i + 2))]
