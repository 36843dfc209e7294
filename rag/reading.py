"""An article as its readers see it: sentences, the names in each, and whom a short name means."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import zip_longest

from rag.bridge import same
from rag.cite import cite
from rag.domain import Article, Citation, Name, NameKind
from rag.mentions import find
from rag.office_words import words
from rag.places import HANZI, is_adjective
from rag.readings import is_vietnamese
from rag.role_words import Beside, beside
from rag.text import fold, language, sentences
from rag.wordlists import bare_vietnamese_surnames, english_words, given_names, not_names

Span = tuple[int, int]
_MOST_HOLDING = 1_000
_MOST_COMPARED = 40  # full names that a name which none of them holds is compared with
_FAMILY = re.compile(r"(?:\s(?:bin|ibn|al|el)\s[A-Z]\w+)*\s(?:[Aa]l|[Ee]l|[Aa]sh?|[Aa]n)-[A-Z]\w+")
_LETTERS = re.compile(r"[A-Z](?:\.[A-Z])+\.?")
_ADDRESSED = re.compile(r"\b(?:[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]ụ|[Nn]gài|[Đđ]ồng chí)\s$")
_SURNAME = re.compile(r"\b([^\W\d_a-z]\w{1,6}) $")
_WORD = re.compile(r"[^\W\d_]+")


class Reading:
    """One article, read once for all that is asked of it. `names` are in the order of the text."""

    def __init__(self, article: Article, names: Sequence[Name] | None = None) -> None:
        self.article = article
        self.text = article.text
        self.lang = article.source.lang or language(article.text)
        if names is None or self.flowing != self.text:
            names = [self._as_written(name) for name in find(self.flowing, lang=self.lang)]
        if self.lang == "en":
            kept = (_without_office(name) for name in names if not _is_no_person(name))
            names = [_with_particles(self.text, name) for name in kept]
            names = [*names, *_given_alone(self.text, names)]
        elif self.lang == "vi":
            full = {word for name in names if name.kind == "person" and " " in name.text for word in name.text.split()}
            names = [_with_surname(self.text, name) for name in names if not _is_word(self.text, name, full)]
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
            parts = text.split()
            near = self._by_word.get(parts[0], [])[:_MOST_HOLDING]
            self._holding[text] = [other for other in near if _holds(other.text, parts)]
        return self._holding[text]

    @cached_property
    def _by_word(self) -> dict[str, list[Name]]:
        """The mentions that have several words, by each of their words."""
        found: dict[str, list[Name]] = {}
        for name in self.names:
            if name.kind == "person" and len(name.text.split()) > 1:
                for word in dict.fromkeys(name.text.split()):
                    found.setdefault(word, []).append(name)
        return found

    def _misspelt(self, text: str) -> str:
        """The name of the article that a name which stands in no longer one spells in another way, else itself."""
        if text not in self._spelt:
            others = [other for other in self._fullest if other != text and len(other) + 2 >= len(text)]
            likely = [other for other in others if _alike(text, other)][:_MOST_COMPARED]
            self._spelt[text] = next((other for other in likely if self._same(text, other)), text)
        return self._spelt[text]

    def _same(self, one: str, other: str) -> bool:
        return same(one, other, a_lang=self.lang, b_lang=self.lang).match

    @cached_property
    def _fullest(self) -> tuple[str, ...]:
        """The names of several words that no longer one holds, each once, as they come."""
        persons = (" ".join(name.text.split()) for name in self.names if name.kind == "person")
        return tuple(text for text in dict.fromkeys(persons) if " " in text and not self._longer(text))


def _holds(full: str, words: list[str]) -> bool:
    """Whether the words stand side by side in a name of more words."""
    whole = full.split()
    return len(whole) > len(words) and any(whole[i : i + len(words)] == words for i in range(len(whole)))


def _alike(one: str, other: str) -> bool:
    """Whether the last words of two names begin alike, so that it is worth comparing them."""
    ends = {fold(word)[:2] for word in (other.split()[0], other.split()[-1])}
    return fold(one.split()[-1])[:2] in ends


def _given_alone(text: str, names: Iterable[Name]) -> Iterator[Name]:
    """`Duyen` alone for `Phan Thi My Duyen`: English calls a Vietnamese by the last syllable."""
    taken = [(name.start, name.end) for name in names]
    full = [name.text.split() for name in names if name.kind == "person" and not HANZI.search(name.text)]
    wanted = {words[-1] for words in full if len(words) > 2 and _is_vietnamese_name(words)}
    wanted = {word for word in wanted if fold(word) not in not_names("en")}
    if not wanted:
        return
    starts = [start for start, _ in taken]
    for found in _WORD.finditer(text):
        if found.group() not in wanted:
            continue
        at = bisect_right(starts, found.start()) - 1
        inside = at >= 0 and found.start() < taken[at][1]
        beside = re.match(r" [A-Z]", text[found.end() : found.end() + 2]) or re.search(
            r"[A-Z]\w* $", text[max(0, found.start() - 20) : found.start()]
        )
        if not inside and not beside and (found.group().lower() not in english_words() or found.start() not in (0,)):
            yield Name(found.group(), "person", found.start(), found.end())


def _with_surname(text: str, name: Name) -> Name:
    """A name that begins with a middle name, with the rare surname before it: `Bàn Văn Tình`."""
    if name.kind != "person" or not name.text.startswith(("Văn ", "Thị ")):
        return name
    before = _SURNAME.search(text, max(0, name.start - 8), name.start)
    if before is None or not is_vietnamese(fold(before[1])):
        return name
    return Name(text[before.start(1) : name.end], "person", before.start(1), name.end)


def _is_word(text: str, name: Name, full: set[str]) -> bool:
    """Whether a lone syllable behind an office is a word of it: `Đại sứ Đặc mệnh toàn quyền`."""
    if name.kind == "person" and name.text.startswith("Phó ") and _followed_by_lower(text, name):
        return True
    if name.kind != "person" or len(name.text.split()) > 1 or not is_vietnamese(fold(name.text)):
        return False
    addressed = _ADDRESSED.search(text, max(0, name.start - 10), name.start)
    return _followed_by_lower(text, name) and not addressed and name.text not in full


def _followed_by_lower(text: str, name: Name) -> bool:
    return text[name.end : name.end + 1] == " " and text[name.end + 1 : name.end + 2].islower()


def _without_office(name: Name) -> Name:
    """A name without the word of an office before it: `Defence Hoang Xuan Chien`."""
    first, _, rest = name.text.partition(" ")
    if name.kind != "person" or " " not in rest or first.lower() not in words("small_en"):
        return name
    return Name(rest, name.kind, name.end - len(rest), name.end)


def _is_no_person(name: Name) -> bool:
    """Whether a name is an address alone (`Dr`) or a body (`Intergovernmental Affairs`)."""
    if name.kind != "person":
        return False
    first, _, last = name.text.rpartition(" ")
    if name.text.lower() in words("address_en") or last.lower() in words("bodies_en") or _LETTERS.fullmatch(name.text):
        return True
    return is_adjective(last) and fold(first) not in given_names() and " " not in first


def _with_particles(text: str, name: Name) -> Name:
    """A name with the Arabic family name behind it: `Salman bin Abdulaziz al-Saud`."""
    behind = _FAMILY.match(text, name.end) if name.kind == "person" else None
    return Name(text[name.start : behind.end()], "person", name.start, behind.end()) if behind else name


def _is_vietnamese_name(words: Sequence[str]) -> bool:
    return fold(words[0]) in bare_vietnamese_surnames() and all(is_vietnamese(fold(word)) for word in words)
