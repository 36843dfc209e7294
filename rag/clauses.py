"""A text taken apart for comparison: words, clauses, negations and opposites in them, and what each clause tells of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.bridge import same
from rag.concepts import of_question
from rag.domain import Name
from rag.mentions import find
from rag.polarity_words import Kind, Mark, Token, bound, marks, numbers, oneway, tokens, topics
from rag.text import nfc, stopwords

_CLAUSE_END = re.compile(r"[,;:.!?…()\"“”—–，。；：！？、\n]")
_JOINING = frozenset("and or và và и 和".split())
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_ENDINGS = re.compile(r"(?:ing|ed|es|s|(?<=.{4})ment|ion|ly)$")
_STEM, _RUSSIAN_STEM = 6, 5
_NEGATION_WINDOW = 4
_LONGEST = 10_000  # a cited passage is some sentences; comparing every clause with every other takes their product


@dataclass(frozen=True, slots=True)
class Told:
    """A text: its tokens, the clause (from 0) of each, the first token of each clause, marks and names in order.

    `negated` holds the first tokens of the marks with a negation shortly before or directly behind them in the clause.
    A mark inside a name is none ("Thắng" is a man, not a victory).
    """

    text: str
    lang: str
    tokens: tuple[Token, ...]
    clause: tuple[int, ...]
    starts: tuple[int, ...]
    marks: tuple[Mark, ...]
    topics: tuple[Mark, ...]
    names: tuple[Name, ...]
    negated: frozenset[int]

    def of(self, kind: Kind) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if kind in mark.kinds)

    def words_of(self, mark: Mark) -> str:
        return self.text[self.tokens[mark.first].start : self.tokens[mark.last - 1].end]

    def stem(self, i: int) -> str:
        """The stem of a token, empty for a function word."""
        return _stem(self.tokens[i].word, self.lang)

    def stems(self, first: int, last: int) -> list[str]:
        return [stem for i in range(max(first, 0), min(last, len(self.tokens))) if (stem := self.stem(i))]

    def bounds(self, clause: int) -> tuple[int, int]:
        """The first token of a clause and the one behind its last."""
        following = clause + 1
        return self.starts[clause], self.starts[following] if following < len(self.starts) else len(self.tokens)

    @property
    def clauses(self) -> range:
        return range(len(self.starts))

    def after(self, mark: Mark, most: int = 8) -> list[str]:
        """The stems behind a mark in its clause, at most so many tokens of them."""
        last = self.bounds(self.clause[mark.first])[1]
        return self.stems(mark.last, min(last, mark.last + most))


def read(text: str, *, lang: str) -> Told:
    """A text taken apart. Spans are of its NFC form; of a longer text the first 10,000 characters are read."""
    text = nfc(text[:_LONGEST])
    found = tokens(text)
    names = find(text, lang=lang)
    marked = [mark for mark in marks(text, found, lang=lang) if not _in_name(found, mark, names)]
    clause = _numbered(text, found, marked)
    starts = tuple(i for i, number in enumerate(clause) if i == 0 or number != clause[i - 1])
    like = tuple(topics(text, found, lang=lang))
    negated = _negated(marked, clause)
    return Told(text, lang, tuple(found), tuple(clause), starts, tuple(marked), like, names, negated)


def _negated(marked: Sequence[Mark], clause: Sequence[int]) -> frozenset[int]:
    doubts = [mark for mark in marked if "negation" in mark.kinds]
    covered = {(clause[doubt.first], doubt.last + i) for doubt in doubts for i in range(_NEGATION_WINDOW)}
    begins = {(clause[doubt.first], doubt.first) for doubt in doubts}
    return frozenset(
        mark.first
        for mark in marked
        if (clause[mark.first], mark.first) in covered or (clause[mark.first], mark.last) in begins
    )


def anchors(told: Told, first: int, last: int, called: Mapping[str, str]) -> frozenset[str]:
    """What tokens `first` to `last` tell of in any language: figures, names as `called`, concepts and opposites."""
    if first >= last:
        return frozenset()
    start, end = told.tokens[first].start, told.tokens[last - 1].end
    part = told.text[start:end]
    words = numbers(told.lang)
    figures = {re.sub(r"\D", "", figure) for figure in _FIGURE.findall(part)}
    figures |= {words[token.word] for token in told.tokens[first:last] if token.word in words}
    named = {called[name.text] for name in told.names if start <= name.start < end and name.text in called}
    told_of = {f"[{concept.name}]" for concept in of_question(part, lang=told.lang)}
    told_of |= {
        f"<{axis}>"
        for mark in told.marks
        if first <= mark.first < last
        for axis, _ in mark.poles
        if not (bound(axis) or oneway(axis))
    }
    told_of |= {f"({row})" for mark in told.topics if first <= mark.first < last for row, _ in mark.poles}
    return frozenset(figures | named | told_of)


def called(statement: Told, source: Told) -> dict[str, str]:
    """For each name of either text, the name of the statement that it is; names of the source alone are left out."""
    own: dict[str, str] = {}
    for text in dict.fromkeys(name.text for name in statement.names):
        known = (other for other in own.values() if is_same(text, statement.lang, other, statement.lang))
        own[text] = next(known, text)
    result = dict(own)
    for text in dict.fromkeys(name.text for name in source.names):
        if text not in result:
            meant = (name for name in own if is_same(text, source.lang, name, statement.lang))
            if (name := next(meant, None)) is not None:
                result[text] = own[name]
    return result


def is_same(a: str, a_lang: str, b: str, b_lang: str) -> bool:
    """Whether two spellings can be one name, a short form included (`Park` and `Park Jin-ho`)."""
    if same(a, b, a_lang=a_lang, b_lang=b_lang).match:
        return True
    short, long = sorted((a, b), key=lambda text: len(text.split()))
    parts = long.split()
    if len(short.split()) != 1 or len(parts) < 2:
        return False
    return any(same(short, part, a_lang=a_lang, b_lang=b_lang).match for part in (parts[0], parts[-1]))


def _in_name(found: Sequence[Token], mark: Mark, names: Sequence[Name]) -> bool:
    start, end = found[mark.first].start, found[mark.last - 1].end
    return any(name.start <= start and end <= name.end for name in names)


def _numbered(text: str, found: Sequence[Token], marked: Sequence[Mark]) -> list[int]:
    begins = {mark.first for mark in marked if "clause" in mark.kinds}
    result: list[int] = []
    clause = 0
    for i in range(len(found)):
        if i and (_parted(text, found, i) or (i in begins and not _joins_names(text, found, i))):
            clause += 1
        result.append(clause)
    return result


def _parted(text: str, found: Sequence[Token], i: int) -> bool:
    between = text[found[i - 1].end : found[i].start]
    in_figure = between in {".", ","} and text[found[i].start].isdecimal() and text[found[i - 1].start].isdecimal()
    return not in_figure and _CLAUSE_END.search(between) is not None


def _joins_names(text: str, found: Sequence[Token], i: int) -> bool:
    return (
        found[i].word in _JOINING
        and i + 1 < len(found)
        and text[found[i - 1].start].isupper()
        and text[found[i + 1].start].isupper()
    )


def _stem(word: str, lang: str) -> str:
    if word in stopwords(lang, folded=False) or word == "'t":
        return ""
    if lang == "ru":
        return word[:_RUSSIAN_STEM]
    if lang != "en" or len(word) < 4:
        return word
    bare = _ENDINGS.sub("", word)
    return (bare if len(bare) >= 3 else word).rstrip("e")[:_STEM]
