"""Persons that a question names without capitals: by the title or the verb beside a word that no list holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rag import places
from rag.places import Word
from rag.readings import has_marks, is_vietnamese, syllable_key
from rag.text import nfc
from rag.wordlists import (
    acronyms_not_names,
    bare_titles,
    common_vietnamese_surnames,
    compounds,
    english_words,
    function_words,
    given_names,
    heads_folded,
    not_names,
    person_verbs,
    titles,
    vietnamese_surnames,
)

_MOST_TITLE = 4
_VIETNAMESE_NAME = (3, 4)
_AUXILIARIES = frozenset("did does has have will would can could with to and".split())
_LANGUAGES = ("en", "vi")
_BEFORE_VERB = frozenset("da se dang co vua".split())
_NO_ENDING = ("ing", "tion", "tions", "ment", "ness", "ly", "ics", "ism", "ist", "ists", "ity", "ers", "ed")
# One-syllable titles that without marks are other words too.
_UNCLEAR = frozenset("co anh chi cu thay ong ba".split())


class LowerNames:
    """The words of a question in lower case, folded."""

    def __init__(self, text: str, words: Sequence[Word], folded: Sequence[str], lang: str) -> None:
        self.text, self.words, self.folded, self.lang = text, words, folded, lang

    def spans(self) -> Iterator[tuple[int, int]]:
        """(first word, number of words) of each person that the question states."""
        if self.lang not in _LANGUAGES:
            return
        for i in range(len(self.words)):
            size = self._foreign(i) or self._vietnamese(i)
            if size:
                yield i, size

    def _strange(self, i: int) -> bool:
        """Whether a word is in no list: no syllable of Vietnamese, no word of English, no place."""
        word = self.folded[i]
        return (
            not self.words[i].capital
            and len(word) >= 4
            and word.isascii()
            and word.isalpha()
            and not is_vietnamese(word)
            and not word.endswith(_NO_ENDING)
            and word not in english_words()
            and not any(word in function_words(lang) for lang in ("en", self.lang))
            and not any(word in not_names(lang) for lang in ("en", "vi"))
            and word not in bare_titles() | acronyms_not_names()
            and not places.longest_at(self.words, i, self.text, bare=True)[0]
        )

    def _foreign(self, i: int) -> int:
        """How many words a foreign name at i has, its given name included; 0 for none."""
        if self.words[i].capital:
            return 0
        if self._given(i) and i + 1 < len(self.words) and self._strange(i + 1):
            return 2
        if not self._strange(i):
            return 0
        size = 2 if i + 1 < len(self.words) and self._strange(i + 1) else 1
        return size if self._titled(i) or self._acts(i, size) else 0

    def _given(self, i: int) -> bool:
        word = self.folded[i]
        common = word in english_words() or any(word in function_words(lang) for lang in ("en", self.lang))
        return word in given_names() and not common and word not in _AUXILIARIES

    def _titled(self, i: int) -> bool:
        """Whether a title stands before word i, with a country between them or not: `tong thong phap macron`."""
        return any(self._ends_title(j) for j in (i, *self._before_place(i)))

    def _before_place(self, i: int) -> Iterable[int]:
        for j in range(max(0, i - 3), i):
            if places.longest_at(self.words[j:i], 0, self.text, bare=True)[0] == i - j:
                yield j

    def _ends_title(self, i: int) -> bool:
        """Whether a title ends before word i; where the words have marks, those of the title are right: no `Ngãi`."""
        sizes = [n for n in range(1, _MOST_TITLE + 1) if n <= i and self._is_title(i - n, i)]
        return bool(sizes) and not (max(sizes) == 1 and self.folded[i - 1] in _UNCLEAR - {"ong", "ba"})

    def _is_title(self, start: int, end: int) -> bool:
        part = self.words[start:end]
        if any(has_marks(word.text) for word in part):
            return nfc(" ".join(word.text for word in part)).lower() in titles("vi")
        return " ".join(self.folded[start:end]) in bare_titles()

    def _acts(self, i: int, size: int) -> bool:
        """Whether a verb that persons do goes with the name: `did macron say`, `zelensky da gap`."""
        after = i + size
        while self.lang == "vi" and after < len(self.words) and self.folded[after] in _BEFORE_VERB:
            after += 1
        if after < len(self.words) and self.folded[after] in person_verbs(self.lang):
            return self.lang == "vi" or (i > 0 and self.folded[i - 1] in _AUXILIARIES)
        return False

    def _vietnamese(self, i: int) -> int:
        """The syllables of a Vietnamese name after a title: a surname and two or three that are no common words."""
        if self.lang != "vi" or self.words[i].capital or not self._surname(i) or not self._ends_title(i):
            return 0
        end = i + 1
        while end < len(self.words) and end - i < _VIETNAMESE_NAME[1] and self._may_be_given(i, end):
            end += 1
        pairs = {f"{self.folded[j]} {self.folded[j + 1]}" for j in range(i, min(end, len(self.words) - 1))}
        common = pairs & (compounds() | heads_folded() | bare_titles())
        return end - i if end - i >= _VIETNAMESE_NAME[0] and not common else 0

    def _surname(self, i: int) -> bool:
        if any(has_marks(word.text) for word in self.words):
            return syllable_key(self.words[i].text) in vietnamese_surnames()
        return self.folded[i] in common_vietnamese_surnames()

    def _may_be_given(self, i: int, j: int) -> bool:
        word = self.folded[j]
        stop = function_words(self.lang) | person_verbs("vi") | _BEFORE_VERB
        place = places.longest_at(self.words, j, self.text, bare=True)[0]
        return is_vietnamese(word) and word not in stop and place < 2
