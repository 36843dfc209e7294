"""What cited sentences name: their words with capitals, known places, persons; and whether a name stands there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

from rag import places
from rag.aliases import Aliases
from rag.bridge import same
from rag.declension import nominatives
from rag.domain import Evidence, Name
from rag.known_names import PLACE_HEADS, known_at, one_meaning, sides_in_hanzi
from rag.readings import (
    hanzi_keys,
    hanzi_pinyin,
    has_marks,
    is_vietnamese,
    pinyin_of,
    pinyin_of_folded,
    syllable_key,
    variants,
)
from rag.remembered import remembered
from rag.runs import Page
from rag.skeleton import hanzi_sounds, latin_sounds, skeleton
from rag.speakers import persons, surnames, words_of
from rag.text import fold, nfc, sentences

MAX_TEXT = 20_000
MAX_WINDOW = 5
_MAX_HANZI = 9
_LONG = 6  # letters
_LEAST_SOUND = 4
_LONGEST_PART = 6
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_CODA = re.compile("L(?=[^L]|$)")
_DOTTED = re.compile("([\u3400-\u9fff]{1,12})((?:[·•][\u3400-\u9fff]{1,7})+)")


class Part:
    """One sentence: its page, the places it knows by number of entity, what a name can be compared with."""

    def __init__(self, text: str, lang: str, surnames: frozenset[str]) -> None:
        self.surnames = surnames
        self.text = nfc(text)[:MAX_TEXT]
        self.lang = lang
        self.page = Page(self.text, lang)
        self.marked = has_marks(self.text)
        self.joined = " " + " ".join(self.page.folded) + " "

    @cached_property
    def _known(self) -> list[tuple[int, int, frozenset[int]]]:
        """The known places and organisations outside the names of persons: first word, number of words, entities."""
        found, i = [], 0
        while i < len(self.page.words):
            count, numbers = known_at(self.page, i)
            if i in self._persons_words:
                count = 0
            if count:
                found.append((i, count, numbers))
            i += count or 1
        return found

    @cached_property
    def entities(self) -> dict[int, list[int]]:
        """Number of entity -> the characters at which it is named."""
        found: dict[int, list[int]] = {}
        for i, _, numbers in self._known:
            for number in numbers:
                found.setdefault(number, []).append(self.page.words[i].start)
        for word in places.words(self.text):
            if places.HANZI.match(word.text):
                for first, _, numbers in places.in_hanzi(self.text, word.start, word.end):
                    for number in numbers:
                        found.setdefault(number, []).append(first)
        if self.lang == "zh":
            for number, start in sides_in_hanzi(self.text):
                found.setdefault(number, []).append(start)
        return found

    @cached_property
    def persons(self) -> tuple[Name, ...]:
        return persons(self.page, self.surnames)

    @cached_property
    def _persons_words(self) -> set[int]:
        return words_of(self.page, self.persons)

    @cached_property
    def windows(self) -> tuple[str, ...]:
        """The words with capitals side by side, one to five, and rows of hanzi: what a name is compared with."""
        found: dict[str, None] = {}
        for name in self.persons:
            found[name.text] = None
        for run in self.page.runs:
            for size in range(min(MAX_WINDOW, len(run)), 0, -1):
                for i in range(run.start, run.end - size + 1):
                    if self._is_whole(i, i + size) and (size > 1 or i not in self._parts_of_others):
                        found[self.page.span(i, i + size)] = None
        for hanzi in _hanzi_runs(self.text):
            for size in range(2, _MAX_HANZI):
                for i in range(len(hanzi) - size + 1):
                    found[hanzi[i : i + size]] = None
        for dotted in _DOTTED.finditer(self.text):  # what stands before and after the name is not known
            first, rest = dotted.groups()
            for start in range(max(0, len(first) - _LONGEST_PART), len(first)):
                for end in range(len(rest), rest.rfind(dotted[2][0]) + 1, -1):
                    found[first[start:] + rest[:end]] = None
        return tuple(found)

    def _is_whole(self, start: int, end: int) -> bool:
        """Whether no hyphen joins words to those outside: not the `Kim Jong` of `Kim Jong-un`."""
        page = self.page
        joined = start > 0 and page.gap(start) == "-" and not page.words[start].capital
        return not joined and not (end < len(page.words) and page.gap(end) == "-" and not page.words[end].capital)

    @cached_property
    def capitals(self) -> tuple[str, ...]:
        """Each word with a capital that can be a name alone, or each of a sentence that has no capitals."""
        chosen = {i for run in self.page.runs for i in range(run.start, run.end)}
        chosen |= {i for i, word in enumerate(self.page.words) if word.capital}
        alone = sorted(chosen - self._parts_of_others) if chosen else range(len(self.page.words))
        return tuple(dict.fromkeys(self.page.words[i].text for i in alone))

    @cached_property
    def _parts_of_others(self) -> frozenset[int]:
        """Words inside a longer known place, and lone Vietnamese syllables that are no person's."""
        inside = {j for i, count, _ in self._known if count > 1 for j in range(i, i + count)}
        for run in self.page.runs if self.lang == "vi" else ():
            if len(run) == 1 and self._is_mere_syllable(run.start):
                inside.add(run.start)
        return frozenset(inside)

    def _is_mere_syllable(self, i: int) -> bool:
        """Whether a lone Vietnamese syllable is no person's name and no place's: `Bộ`, not the `Vinh` of a city."""
        page = self.page
        placed = i > 0 and page.lowered[i - 1] in PLACE_HEADS
        named = page.words[i].text.isupper() or i in self._persons_words or placed
        return is_vietnamese(page.folded[i]) and not named

    def means(self, name: str) -> bool:
        """Whether a word of one meaning in several languages stands here in any of them: `Muslim`, `Hồi giáo`."""
        bare = fold(self.text) if (forms := one_meaning().get(fold(name))) else ""
        return any(f" {form}" in bare or (not form.isascii() and form in bare) for form in forms or ())

    def says(self, words: Sequence[str]) -> bool:
        """Whether folded words stand here side by side."""
        return f" {' '.join(words)} " in self.joined

    def names(self, number: int) -> bool:
        """Whether a known place or organisation is named here, in any of its longer forms without capitals too."""
        return number in self.entities or any(self.says(form) for form in _long_forms(number))

    def holds(self, name: str, *, lang: str | None, aliases: Aliases | None) -> str:
        """`whole` where a name stands here, `part` where only its surname does, else nothing."""
        words = tuple(name.replace("-", " ").replace(".", " ").split())
        if not words:
            return ""
        if self._spelled(words, has_marks(name)):
            return "whole"
        alone = len(words) == 1 and not places.HANZI.match(name)
        if alone and (any(meets(name, word) for word in self.capitals) or _surname_in_hanzi(name, self.persons)):
            return "whole"
        level = ""
        read_as = "vi" if self.lang == "vi" and self.marked else None
        for window in self.windows:
            if _dotted(window, words) or _same(name, window, lang, read_as, aliases):
                if len(words) == 1 or len(window.split()) > 1 or places.HANZI.match(window) or "-" in window:
                    return "whole"
                level = "part"
        return level or ("part" if len(words) > 1 and self._holds_short(words) else "")

    def _spelled(self, words: tuple[str, ...], marked: bool) -> bool:
        folded = tuple(map(fold, words))
        if places.HANZI.match(words[0]):
            return words[0] in self.text
        if not self.says(folded):
            return False
        if len(words) == 1 and not words[0].islower() and not any(fold(word) == folded[0] for word in self.capitals):
            return False
        if not (marked and self.marked and self.lang == "vi"):
            return True
        page, size = self.page, len(words)
        return any(
            all(_same_syllable(words[k], page.words[i + k].text) for k in range(size))
            for i in range(len(page.words) - size + 1)
            if page.folded[i] == folded[0]
        )

    def _holds_short(self, words: tuple[str, ...]) -> bool:
        """Whether the surname (in Vietnamese and Chinese names the first or the last word) stands here alone."""
        persons = {fold(name.text) for name in self.persons if " " not in name.text}
        ends = {fold(words[0]), fold(words[-1])} if all(is_vietnamese(fold(w)) for w in words) else {fold(words[-1])}
        ends |= {fold(words[0])} if len(words[0]) <= 4 else set()
        return bool(persons & ends)


@lru_cache(maxsize=5_000)
def _long_forms(number: int) -> tuple[tuple[str, ...], ...]:
    entity = places.entities()[number]
    forms = [*entity.adjectives, *(form for lang in ("en", "vi", "ru") for form in entity.forms[lang])]
    split = {tuple(fold(word.text) for word in places.words(form)) for form in forms}
    return tuple(form for form in split if len(form) > 2 or sum(map(len, form)) > _LONG)


def _same_syllable(one: str, other: str) -> bool:
    if not (is_vietnamese(fold(one)) and is_vietnamese(fold(other))):
        return fold(one) == fold(other)
    return syllable_key(other) in variants(syllable_key(one))


def _hanzi_runs(text: str) -> list[str]:
    return [word.text for word in places.words(text) if places.HANZI.match(word.text)]


@remembered(100_000)
def meets(one: str, other: str) -> bool:
    """Whether two single words can be one name, by their letters or as one Chinese syllable: `Wang`, `Vương`."""
    first, second = fold(one), fold(other)
    if len(first) > _LONG and first.removesuffix("s") == second.removesuffix("s"):
        return True
    if first == second:
        return not (has_marks(one) and has_marks(other)) or _same_syllable(one, other)
    if bool(_CYRILLIC.match(one)) != bool(_CYRILLIC.match(other)):
        return bool(_sounds(one) & _sounds(other))
    if has_marks(one) == has_marks(other) or not (is_vietnamese(first) or is_vietnamese(second)):
        return False
    marked, plain = (one, second) if has_marks(one) else (other, first)
    return plain in pinyin_of().get(syllable_key(marked), frozenset())


def _sounds(word: str) -> set[str]:
    """The rough sounds of a word and its nominatives, short ones left out."""
    return {sound for form in (word, *nominatives(word)) if len(sound := skeleton(form)) >= _LEAST_SOUND}


def _surname_in_hanzi(name: str, persons: Sequence[Name]) -> bool:
    firsts = [person.text[0] for person in persons if places.HANZI.match(person.text) and len(person.text) <= 3]
    if has_marks(name):
        return any(syllable_key(name) in hanzi_keys(c) for c in firsts)
    word = fold(name)
    read = pinyin_of_folded().get(word, frozenset()) | {word}
    return any(read & hanzi_pinyin(c) for c in firsts)


def _dotted(hanzi: str, words: tuple[str, ...]) -> bool:
    """Whether a transcription with dots sounds like the words of a name, each like its part: `布迪·哈托诺`."""
    parts = re.split("[·•]", hanzi)
    if len(parts) < 2 or len(parts) != len(words):
        return False
    return all(
        _CODA.sub("", hanzi_sounds(part)) == _CODA.sub("", latin_sounds(skeleton(word)))
        for part, word in zip(parts, words, strict=True)
    )


def _same(name: str, other: str, lang: str | None, other_lang: str | None, aliases: Aliases | None) -> bool:
    forms = (name, *nominatives(name))
    others = (other, *nominatives(other))
    return any(same(a, b, a_lang=lang, b_lang=other_lang, aliases=aliases).match for a in forms for b in others)


class Scene:
    """An Evidence in sentences: those cited, and those before, after and of the setting."""

    def __init__(self, evidence: Evidence) -> None:
        self.lang = evidence.lang
        texts = (evidence.text, evidence.before, evidence.after, evidence.setting)
        known = surnames(name for text in texts for part in _parts(text, self.lang) for name in part.persons)
        self.text, self.before, self.after, self.setting = (_parts(text, self.lang, known) for text in texts)
        self.text += tuple(as_part(name, self.lang, frozenset((name,))) for name in evidence.named)

    @property
    def context(self) -> tuple[Part, ...]:
        """The sentences around, the nearest before the cited ones first."""
        return (*reversed(self.before), *self.setting, *self.after)

    @property
    def everywhere(self) -> tuple[Part, ...]:
        return (*self.text, *self.context)


def _parts(text: str, lang: str, known: frozenset[str] = frozenset()) -> tuple[Part, ...]:
    text = text[:MAX_TEXT]
    spans = [text[start:end].strip() for start, end in sentences(text)]
    return tuple(as_part(span, lang, known) for span in dict.fromkeys(spans) if span)


@remembered(2_000)
def as_part(text: str, lang: str, known: frozenset[str] = frozenset()) -> Part:
    """A sentence, read once; `known` are surnames that stand elsewhere."""
    return Part(text, lang, known)
