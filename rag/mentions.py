"""Names in articles: capital runs and rules (findings.md 2.2), places and organisations by the gazetteer."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rag import places
from rag.bridge import PARTICLES
from rag.domain import Name, NameKind
from rag.hanzi_mentions import find_hanzi
from rag.readings import has_marks, is_vietnamese, segment, syllable_key
from rag.text import fold
from rag.wordlists import (
    acronyms_not_names,
    bare_vietnamese_surnames,
    english_words,
    given_names,
    not_names,
    titles,
    vietnamese_surnames,
)

MAX_RUN = 8
_ACRONYM = re.compile(r"[A-Z]{2,6}\+?")
_STREETS = frozenset("đường phố số ngõ quận huyện xã phường thôn sân cầu đảo sông núi cảng street avenue".split())
_PLACE_HEADS = frozenset(
    "tỉnh huyện xã phường quận thị thôn đảo sông núi cảng bang vùng tại ở province city river island in near".split()
)
_ADDRESS = frozenset("ông bà anh chị cụ cô ngài mr mrs ms dr sir lord lady г-н".split())
_BREAK = re.compile(r"[.!?…:]['\"”’»)\]]*\s|\n|^[\s\-–•*]*$")
_BETWEEN = re.compile("[ \u00a0]|[-‑]|\\. ?")


@dataclass(frozen=True, slots=True)
class Run:
    """Words with capitals side by side: the indices of the first and of the one after the last."""

    start: int
    end: int


def find(text: str, *, lang: str) -> tuple[Name, ...]:
    """The persons, places and organisations that an article names, in order, with spans of the text.

    Every mention is given, short forms too ("ông Lavrov", "Ma" after "Ma Zhaoxu"), each under its own text.
    """
    reader = _Reader(text, lang)
    return tuple(sorted(reader.names() + find_hanzi(text, lang), key=lambda name: (name.start, -name.end)))


class _Reader:
    """One pass over an article: gazetteer forms first, then the capital runs that remain, then short forms."""

    def __init__(self, text: str, lang: str) -> None:
        self.text = text
        self.lang = lang
        self.words = [w for w in places.words(text) if not places.HANZI.match(w.text)]
        self.folded = [fold(w.text) for w in self.words]
        self.vietnamese = lang == "vi"
        self.found: list[Name] = []
        self.after_title = self._after_titles()

    def names(self) -> list[Name]:
        runs = self._runs()
        own = Counter(self._run_text(run) for run in runs)
        persons: list[Run] = []
        for run in runs:
            persons.extend(self._persons_in(run, own))
        self._short_forms(persons)
        self._places({i for run in persons for i in range(run.start, run.end)})
        for run in persons:
            self._add("person", run.start, run.end)
        return self.found

    def _add(self, kind: NameKind, start: int, end: int) -> None:
        first, last = self.words[start].start, self.words[end - 1].end
        self.found.append(Name(self.text[first:last], kind, first, last))

    def _gap(self, i: int) -> str:
        """What stands between word i - 1 and word i."""
        return self.text[self.words[i - 1].end : self.words[i].start]

    def _sentence_start(self, i: int) -> bool:
        return i == 0 or bool(_BREAK.search(self.text, self.words[i - 1].end, self.words[i].start))

    def _after_titles(self) -> dict[int, str]:
        """Word index -> the title that ends right before it."""
        known, longest, found = titles(self.lang if self.vietnamese else "en"), 4, {}
        lowered = [w.text.lower() for w in self.words]
        for i in range(len(lowered)):
            for size in range(min(longest, i), 0, -1):
                if " ".join(lowered[i - size : i]) in known and len(self._gap(i)) <= 2 and "\n" not in self._gap(i):
                    found[i] = " ".join(lowered[i - size : i])
                    break
        return found

    def _runs(self) -> list[Run]:
        runs, i, size = [], 0, len(self.words)
        while i < size:
            if not self._can_stand_in_run(i):
                i += 1
                continue
            end = i + 1
            while end < size and self._joins(end) and end - i < MAX_RUN:
                end += 1
            while end - 1 > i and not self.words[end - 1].capital:
                end -= 1
            runs.append(Run(i, end))
            i = end
        return runs

    def _can_stand_in_run(self, i: int) -> bool:
        return self.words[i].capital

    def _joins(self, i: int) -> bool:
        gap = self._gap(i)
        if gap == ". " or gap == ".":
            initial = len(self.words[i - 1].text) == 1
            return initial and self.words[i].capital
        if gap not in (" ", "\u00a0", "-", "‑"):
            return False
        if self.words[i].capital:
            return True
        hyphen = gap in ("-", "‑") and self.words[i - 1].capital
        particle = self.words[i].text in PARTICLES and i + 1 < len(self.words)
        return (hyphen and self.words[i].text.isalpha()) or (
            particle and any(w.capital for w in self.words[i + 1 : i + 3]) and self._gap(i + 1) == " "
        )

    def _run_text(self, run: Run) -> str:
        return self.text[self.words[run.start].start : self.words[run.end - 1].end]

    def _persons_in(self, run: Run, own: Counter[str]) -> list[Run]:
        """The persons of one capital run, its titles, places and other prefixes taken off."""
        i, found, titled = run.start, [], run.start in self.after_title
        while i < run.end:
            skipped = self._skip(i, run, own)
            if skipped:
                titled = titled or i + skipped in self.after_title or (skipped > 0 and titled)
                i += skipped
                continue
            end = self._person_end(i, run, titled or i in self.after_title)
            if end:
                found.append(Run(i, end))
                i = end
            else:
                i += 1
        return found

    def _skip(self, i: int, run: Run, own: Counter[str]) -> int:
        """How many words from i on are a title, a known place or organisation, or a run of their own elsewhere."""
        title = self._title_at(i, run.end)
        if title:
            return title
        known = self._known_at(i, run)
        if known and not self._surname_run(i, run, known):
            return known
        for end in range(run.end - 1, i, -1):
            prefix = self._run_text(Run(i, end))
            if own[prefix] >= 2 and end - i >= 2 and run.end - end >= 2 and self._starts_person(end, run.end):
                return end - i
        return 0

    def _title_at(self, i: int, end: int) -> int:
        known = titles("vi" if self.vietnamese else "en")
        for size in range(min(4, end - i), 0, -1):
            if " ".join(w.text.lower() for w in self.words[i : i + size]) in known and (
                i + size < end or i in self.after_title or not self.vietnamese
            ):
                return size
        return 0

    def _known_at(self, i: int, run: Run) -> int:
        count, found = places.longest_at(self.words[i : run.end], 0, self.text, bare=not self.vietnamese)
        return count if found else 0

    def _surname_run(self, i: int, run: Run, known: int) -> bool:
        """Whether a place name begins a Vietnamese person's: `Hà Nam` is a place, `Hoàng Hà Nam` a person."""
        return known == 1 and run.end - i in (2, 3, 4) and self._all_syllables(i, run.end) and self._is_surname(i)

    def _is_surname(self, i: int) -> bool:
        if self.vietnamese or has_marks(self.words[i].text):
            return syllable_key(self.words[i].text) in vietnamese_surnames()
        return self.folded[i] in bare_vietnamese_surnames()

    def _all_syllables(self, start: int, end: int) -> bool:
        return all(is_vietnamese(f) for f in self.folded[start:end])

    def _starts_person(self, start: int, end: int) -> bool:
        return (self._is_surname(start) and self._all_syllables(start, end)) or not any(
            is_vietnamese(f) for f in self.folded[start:end]
        )

    def _person_end(self, i: int, run: Run, titled: bool) -> int:
        """The index after a person that begins at word i, or 0."""
        if self._is_not_name(i, titled):
            return 0
        end = self._cut_known(i, run)
        size = end - i
        before = self.words[i - 1].text.lower() if i else ""
        if before in _STREETS or (before in _PLACE_HEADS and not titled):
            return 0
        if self.vietnamese and self._all_syllables(i, end):
            return self._syllable_person(i, end, titled)
        if size == 1:
            return end if titled and self._plausible_alone(i) else 0
        return end if self._plausible_foreign(i, end, titled) else 0

    def _cut_known(self, i: int, run: Run) -> int:
        """The run's end, or where a place or organisation begins inside it."""
        for j in range(i + 1, run.end):
            if self._gap(j) in ("-", "‑") and self.words[j].capital and j - i == 1 and self._known_at(j, run):
                return j
            if self._known_at(j, run) >= 2 and not self.vietnamese:
                return j
        return run.end

    def _is_not_name(self, i: int, titled: bool) -> bool:
        word = self.words[i]
        lowered = word.text.lower()
        if not word.capital or (word.text.isupper() and len(word.text) > 1 and not titled):
            return True
        return lowered in not_names("vi" if self.vietnamese else "en") and not (self.vietnamese and self._is_surname(i))

    def _syllable_person(self, i: int, end: int, titled: bool) -> int:
        size = end - i
        if size == 1:
            return end if titled and self._alone_after_address(i) else 0
        if size > 5:
            return 0
        followed = end < len(self.words) and self._gap(end) == " " and not self.words[end].capital
        if self._is_surname(i):
            if size == 2 and not titled and followed and self._reads_on(i, end):
                return 0
            return end
        return end if titled and size <= 4 else 0

    def _reads_on(self, i: int, end: int) -> bool:
        """Two capital syllables at a sentence's start or after a head such as `Bộ` that go on in lower case."""
        previous = self.words[i - 1].text.lower() if i else ""
        return previous in not_names("vi") and previous not in ("và", "của", "với", "về", "cho", "được", "theo", "do")

    def _alone_after_address(self, i: int) -> bool:
        return self.words[i - 1].text.lower() in _ADDRESS or len(self.after_title.get(i, "").split()) >= 2

    def _plausible_alone(self, i: int) -> bool:
        word = self.words[i].text
        if not word[1:].islower() or len(word) < 2:
            return "-" in word or (word[1:2].islower() and not word.isupper())
        return self.vietnamese or self.folded[i] not in english_words() or self.words[i - 1].text.lower().strip(".") in _ADDRESS

    def _plausible_foreign(self, i: int, end: int, titled: bool) -> bool:
        """Two to five foreign words: titled, or led by a known given name, or not words of a language."""
        parts = self.folded[i:end]
        if end - i > 5 or any(w.text.isupper() and len(w.text) > 2 for w in self.words[i:end]):
            return False
        blocked = not_names("en") | (not_names("vi") if self.vietnamese else frozenset())
        if any(w.text.lower() in blocked for w in self.words[i:end]):
            return False
        if titled or parts[0] in given_names():
            return True
        if not self.vietnamese and self._chinese_or_vietnamese(i, end):
            return True
        if any(p in english_words() and p not in PARTICLES for p in parts):
            return False
        return True

    def _chinese_or_vietnamese(self, i: int, end: int) -> bool:
        parts = self.folded[i:end]
        if end - i == 2 and len(parts[0]) <= 6 and all(segment(p, "pinyin") for p in parts):
            return not all(p in english_words() for p in parts)
        return self._all_syllables(i, end) and self._is_surname(i) and end - i in (2, 3, 4)

    def _short_forms(self, persons: list[Run]) -> None:
        """Add single words with a capital that are the surname of a person named in full."""
        surnames: set[str] = set()
        inside = {i for run in persons for i in range(run.start, run.end)}
        for run in persons:
            if run.end - run.start >= 2 and not (self.vietnamese and self._all_syllables(run.start, run.end)):
                last = run.end - 1
                chinese = all(segment(f, "pinyin") for f in self.folded[run.start : run.end])
                surnames.add(self.words[run.start].text if chinese else self.words[last].text)
        for i, word in enumerate(self.words):
            if i in inside or word.text not in surnames or self._beside_capital(i, inside):
                continue
            if not (self._sentence_start(i) and self.folded[i] in not_names("en")):
                persons.append(Run(i, i + 1))
                inside.add(i)

    def _beside_capital(self, i: int, inside: set[int]) -> bool:
        after = i + 1 < len(self.words) and self._gap(i + 1) == " " and self.words[i + 1].capital and i + 1 not in inside
        return after and self.folded[i + 1] not in english_words()

    def _places(self, persons: set[int]) -> None:
        i, size = 0, len(self.words)
        while i < size:
            if i in persons:
                i += 1
                continue
            count, found = places.longest_at(self.words, i, self.text, bare=not self.vietnamese)
            if found and self._stands_as_place(i, count):
                entity = places.entities()[min(found)]
                self._add(entity.name_kind, i, i + count)
                i += count
            elif _ACRONYM.fullmatch(self.words[i].text) and self._is_acronym(i):
                self._add("organisation", i, i + 1)
                i += 1
            else:
                i += self._pair(i) or 1

    def _stands_as_place(self, i: int, count: int) -> bool:
        if not any(w.capital for w in self.words[i : i + count]):
            return False
        if count == 1 and not self.words[i].capital:
            return False
        if count == 1 and self.vietnamese and self.words[i].text.lower() in ("anh", "viên") and self._sentence_start(i):
            return False
        return True

    def _is_acronym(self, i: int) -> bool:
        if self.folded[i] in acronyms_not_names():
            return False
        near = [self.words[j].text for j in (i - 1, i + 1) if 0 <= j < len(self.words)]
        return not all(n.isupper() and len(n) > 1 for n in near) if near else True

    def _pair(self, i: int) -> int:
        """Add both sides of `Trung - Nga` or `Việt-Trung` from word i; the words used, or 0."""
        table = places.pair_forms("vi")
        if not self.vietnamese or i + 1 >= len(self.words):
            return 0
        one, two = self.words[i].text, self.words[i + 1].text
        if one in table and two in table and self._gap(i + 1) in ("-", " - ", "–", " – "):
            self._add("place", i, i + 1)
            self._add("place", i + 1, i + 2)
            return 2
        return 0
