"""What a question names, and which stored spellings that can be; the question in the corpus's spellings."""

from __future__ import annotations

from rag import places
from rag.bridge import compare, weak_alone
from rag.domain import Name, NameKind, NameMatch
from rag.hanzi_questions import Found, hanzi_candidates
from rag.mentions import find
from rag.name_index import NameIndex
from rag.question_words import latin_words, sentence_case
from rag.readings import has_marks, is_vietnamese, syllable_key
from rag.spellings import PARTICLES, spelling
from rag.text import fold
from rag.wordlists import (
    acronyms_not_names,
    bare_titles,
    bare_vietnamese_surnames,
    compounds,
    english_words,
    function_words,
    given_names,
    places_that_need_a_capital,
    titles,
    vietnamese_surnames,
)

MAX_WORDS = 5
MAX_QUESTION = 2_000
_BEFORE_PERSON = frozenset("did does has will with met".split())
_NOT_A_NAME = ("ish", "ism", "ist", "ists", "ians", "ese", "ans", "ity", "tion", "ics")
_PERSONAL_VERBS = frozenset(
    "say said says meet met meets visit visited visits tell told agree agreed discuss talk talked stress stressed call "
    "noi gap tham phat khang hoi tiep keu".split()
)
_ARTICLES = frozenset("the a an this that its their our".split())
_AND = frozenset("and with met meet và va với voi gặp gap cùng cung".split())


def in_question(question: str, *, lang: str, index: NameIndex) -> tuple[NameMatch, ...]:
    """The persons, places and organisations that a question names, in order, each once.

    `query` is the question's own text and `matched` the stored spellings it can be, best first. A name that
    nothing stored matches is given with `matched=()`; a word that only might be a name is left out instead.
    """
    text = question[:MAX_QUESTION]
    reader = _Question(text, lang, index)
    taken: list[Found] = []
    candidates = _whole_names(text, reader.candidates())
    for found in sorted(candidates, key=lambda f: (not f.matched, -(f.end - f.start), f.start)):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return tuple(_match(text, found, index) for found in _once(text, sorted(taken, key=lambda f: f.start)))


def _whole_names(text: str, found: list[Found]) -> list[Found]:
    """Without the lone surnames that begin a longer name which nothing stored matches: Park of Park Jae-won."""
    unknown = [
        name for name in found if name.kind == "person" and not name.matched and " " in text[name.start : name.end]
    ]
    return [
        name
        for name in found
        if name.kind != "person"
        or " " in text[name.start : name.end]
        or all(name.start != longer.start or name.end >= longer.end for longer in unknown)
    ]


def _once(text: str, found: list[Found]) -> list[Found]:
    seen: dict[str, Found] = {}
    for name in found:
        seen.setdefault(fold(text[name.start : name.end]), name)
    return list(seen.values())


def _match(text: str, found: Found, index: NameIndex) -> NameMatch:
    articles = sorted({article for stored in found.matched for article in index.articles(stored)})
    return NameMatch(text[found.start : found.end], found.kind, found.matched, tuple(articles))


class _Question:
    """The words of one question, its capitals, marks and neighbours."""

    def __init__(self, text: str, lang: str, index: NameIndex) -> None:
        self.text = sentence_case(text, lang)
        self.lang = lang
        self.index = index
        self.words = latin_words(self.text)
        self.folded = [fold(w.text) for w in self.words]
        self.marked = has_marks(text)

    def candidates(self) -> list[Found]:
        """Everything that can be a name, overlapping: matched runs of words, known places, stated names."""
        found = [f for i in range(len(self.words)) for f in self._from(i)]
        found.extend(hanzi_candidates(self.text, self.index))
        found.extend(self._stated())
        found.extend(self._beside(found))
        return found

    def _from(self, i: int) -> list[Found]:
        known = self._known(i)
        if known and known.matched:
            return [known]
        for size in range(min(MAX_WORDS, len(self.words) - i), 0, -1):
            if self._adjoining(i, size) and self._may_be_name(i, size):
                matched = self._matched(i, size)
                if matched:
                    return [self._found(i, size, self.index.kind(matched[0]), matched)]
        return [known] if known else []

    def _adjoining(self, i: int, size: int) -> bool:
        return all(
            self.text[self.words[j - 1].end : self.words[j].start] in (" ", "-", ". ") for j in range(i + 1, i + size)
        )

    def _span(self, i: int, size: int) -> str:
        return self.text[self.words[i].start : self.words[i + size - 1].end]

    def _found(self, i: int, size: int, kind: NameKind, matched: tuple[str, ...], sure: bool = True) -> Found:
        return Found(self.words[i].start, self.words[i + size - 1].end, kind, matched, sure)

    def _matched(self, i: int, size: int) -> tuple[str, ...]:
        query = self._span(i, size)
        matched = self.index.match(query, lang=self.lang)
        if size == 1 and not self.words[i].capital and weak_alone(spelling(query)):
            return ()
        return tuple(m for m in matched if self._acceptable(i, size, m))

    def _acceptable(self, i: int, size: int, stored: str) -> bool:
        """Keep chance matches out where only letters speak: common words against a stored name."""
        name = spelling(stored)
        if name.places and not self._cased(i, size):
            return False
        if size > len(name.words) and not name.hanzi and name.letters != "".join(self.folded[i : i + size]):
            last = compare(spelling(self.words[i + size - 1].text), name).match
            return last and all(self._can_be_given(j) for j in range(i, i + size - len(name.words)))
        if self._cased(i, size):
            return True
        exact = name.letters == "".join(self.folded[i : i + size])
        if size > 1 and self.folded[i] in PARTICLES and name.sounds and not name.keys and not name.pinyin and not exact:
            return False
        if not exact and size > 1 and self.lang == "vi" and is_vietnamese(self.folded[i]) and not self._surname(i):
            return False
        return self.lang != "vi" or not (self.marked and has_marks(stored) and not has_marks(self._span(i, size)))

    def _surname(self, i: int) -> bool:
        if self.marked:
            return syllable_key(self.words[i].text) in vietnamese_surnames()
        return self.folded[i] in bare_vietnamese_surnames()

    def _can_be_given(self, i: int) -> bool:
        """Whether a word before a surname can belong to the name: `sergei lavrov`, not `did lavrov`."""
        word = self.folded[i]
        if not self.words[i].capital and (self.words[i + 1].capital or word in function_words("en")):
            return False
        if word in given_names():
            return True
        common = word in english_words() or word in function_words("en") or word in function_words(self.lang)
        if common or len(word) < 2:
            return False
        return self.words[i].capital or not is_vietnamese(word)

    def _cased(self, i: int, size: int) -> bool:
        """Whether all words have capitals; `Jin-ho` counts as one word."""
        return all(self.words[j].capital or (j > i and self._hyphened(j)) for j in range(i, i + size))

    def _hyphened(self, j: int) -> bool:
        return j > 0 and self.words[j - 1].end + 1 == self.words[j].start and self.text[self.words[j - 1].end] == "-"

    def _may_be_name(self, i: int, size: int) -> bool:
        """Whether words from i on can be a name: by their capitals, else by not being common words."""
        parts = self.folded[i : i + size]
        if any(p.isdigit() for p in parts) or " ".join(parts) in bare_titles() | acronyms_not_names():
            return False
        if any(len(self.words[j].text) == 1 and not self.words[j].capital for j in (i, i + size - 1)):
            return False
        if self.lang == "ru" and any(
            not self.words[j].capital and self.folded[j] in function_words("ru") for j in (i, i + size - 1)
        ):
            return False
        if size == 1 and parts[0] in function_words("en") and not self.words[i].text.isupper():
            return False
        if self._cased(i, size):
            return not (size == 1 and parts[0] in function_words(self.lang)) and " ".join(parts) not in bare_titles()
        if size == 1:
            return self._rare(i)
        return self._not_common(i, size)

    def _rare(self, i: int) -> bool:
        """A single word without a capital: not short, not a word of English or a syllable of Vietnamese."""
        word = self.folded[i]
        if len(word) < 4 or is_vietnamese(word):
            return False
        if word in english_words() or word in function_words("en"):
            return i > 0 and self._titled(i)
        return True

    def _titled(self, i: int) -> bool:
        return any(" ".join(self.folded[i - size : i]) in bare_titles() for size in (1, 2, 3, 4) if size <= i)

    def _not_common(self, i: int, size: int) -> bool:
        parts = self.folded[i : i + size]
        if " ".join(parts) in compounds() or " ".join(parts[:2]) in bare_titles() or parts[-1] in titles("en"):
            return False
        if self.lang == "en":
            stop = [p in function_words("en") for p in parts]
            if any(stop[1:]) or (stop[0] and size > 2):
                return False
            return sum(p in english_words() for p in parts) < min(size, 2) and not all(stop)
        if self.lang == "vi" and not self.marked:
            edges = (" ".join(parts[:2]), " ".join(parts[-2:]))
            return not any(edge in compounds() for edge in edges)
        return True

    def _known(self, i: int) -> Found | None:
        """The longest known place or organisation at word i."""
        bare = not self.marked or self.lang != "vi"
        count, numbers = places.longest_at(self.words, i, self.text, bare=bare)
        if not numbers:
            return self._pair(i)
        span = " ".join(self.folded[i : i + count])
        plain = self.words[i].text.isascii() and not self.words[i].text.isupper()
        if span in acronyms_not_names() or (plain and span in function_words("en")):
            return None
        cased = any(w.capital for w in self.words[i : i + count]) and not (i == 0 and count == 1 and self._ambiguous(i))
        if not cased and count == 1 and self._ambiguous(i) and not self._spelled(i):
            return None
        matched = self.index.match(self._span(i, count), lang=self.lang)
        kind = places.entities()[min(numbers)].name_kind
        sure = cased or count > 1 or len(span) > 4
        if not matched and not sure:
            return None
        return self._found(i, count, kind, matched)

    def _ambiguous(self, i: int) -> bool:
        word = self.folded[i]
        return word in places_that_need_a_capital() or word in function_words(self.lang) or word in function_words("en")

    def _spelled(self, i: int) -> bool:
        """Vietnamese with its marks tells `mỹ` from `my`."""
        return self.marked and not self.words[i].text.isascii() and self.words[i].text.lower() in ("mỹ", "úc", "ấn độ")

    def _pair(self, i: int) -> Found | None:
        """One side of `Trung - Nga`, `Việt-Trung`, `my-trung`."""
        table = {fold(k): n for k, n in places.pair_forms("vi").items()}
        here = self.folded[i]
        if self.lang != "vi" or here not in table:
            return None
        for j, gap in ((i + 1, (i, i + 1)), (i - 1, (i - 1, i))):
            if 0 <= j < len(self.words) and self.folded[j] in table:
                between = self.text[self.words[gap[0]].end : self.words[gap[1]].start]
                if between.strip() in ("-", "–"):
                    return self._country(i, table[here])
        return None

    def _country(self, i: int, number: int) -> Found:
        return self._found(i, 1, "place", self.index.match(places.entities()[number].forms[self.lang][0]))

    def _stated(self) -> list[Found]:
        """Names that the question states by capitals, a title or a surname, whether stored or not."""
        found = []
        for name in find(self.text, lang=self.lang):
            first = name.start == 0 and " " not in name.text and fold(name.text) in function_words(self.lang)
            if first or name.kind != "person" or self._part_of_a_term(name):
                continue
            found.extend(self._person(name))
        found.extend(f for i in range(len(self.words)) if (f := self._alone(i)))
        return found

    def _part_of_a_term(self, name: Name) -> bool:
        """Whether common words with capitals end a longer name or follow an article: `Dung Quat Economic Zone`."""
        parts = fold(name.text).split()
        if len(parts) < 2 or given_names() & set(parts) or not all(part in english_words() for part in parts):
            return False
        before = [word for word in self.words if word.end < name.start]
        return bool(before) and (before[-1].capital or fold(before[-1].text) in _ARTICLES)

    def _person(self, name: Name) -> list[Found]:
        """A stated person; a lone syllable only where a stored name holds it, a transcription as far as it matches."""
        matched = self.index.match(name.text, lang=self.lang)
        end = name.end
        if not matched and places.HANZI.match(name.text):
            for end in range(name.end - 1, name.start + 1, -1):
                matched = self.index.match(self.text[name.start : end], lang=self.lang)
                if matched:
                    break
            else:
                end = name.end
        if not matched and weak_alone(spelling(name.text)):
            matched = self.index.holding(name.text)
            if not matched:
                return []
        unclear = not matched and len(name.text) > 3 and places.HANZI.match(name.text) and "·" not in name.text
        return [] if unclear else [Found(name.start, end, "person", matched, True)]

    def _alone(self, i: int) -> Found | None:
        """One foreign word with a capital inside the question: `Trump có gặp`, `What did Blinken say`."""
        word, folded = self.words[i], self.folded[i]
        if not word.text[0].isupper() or not word.text[1:].islower() or len(word.text) < 4 or is_vietnamese(folded):
            return None
        if folded in function_words("en") or folded in function_words(self.lang) or folded in bare_titles():
            return None
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(self.words) and self._touch(i, j) and self.words[j].capital]
        if any(self.folded[j] not in function_words("en") for j in beside) or places.lookup(word.text):
            return None
        if self.lang != "vi" and (i == 0 or (folded in english_words() and self.folded[i - 1] not in _BEFORE_PERSON)):
            return None
        if folded.endswith(_NOT_A_NAME):
            return None
        matched = self.index.match(word.text, lang=self.lang)
        kind = self.index.kind(matched[0]) if matched else "person" if self._acts(i) else "organisation"
        return self._found(i, 1, kind, matched)

    def _acts(self, i: int) -> bool:
        """Whether a verb that persons do follows, or a title or a name joined to it stands before."""
        after = set(self.folded[i + 1 : i + 4])
        return bool(after & _PERSONAL_VERBS) or self._titled(i) or (i > 0 and self.folded[i - 1] in _AND)

    def _touch(self, i: int, j: int) -> bool:
        first, second = sorted((i, j))
        return self.text[self.words[first].end : self.words[second].start] in (" ", "-")

    def _beside(self, known: list[Found]) -> list[Found]:
        """`lavrov and blinken`: an unknown word joined to a matched person is a person too."""
        ends = {f.end for f in known if f.matched and f.kind == "person"}
        starts = {f.start for f in known if f.matched and f.kind == "person"}
        found = []
        for i in range(1, len(self.words) - 1):
            if self.folded[i] not in _AND:
                continue
            before, after = self.words[i - 1], self.words[i + 1]
            if before.end in ends and after.start not in starts and self._rare(i + 1):
                found.append(self._found(i + 1, 1, "person", ()))
            if after.start in starts and before.end not in ends and self._rare(i - 1):
                found.append(self._found(i - 1, 1, "person", ()))
        return found
