"""Words that turn a statement around, found in a text: negations, opposites, and where a new clause begins."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from rag.text import nfc

Kind = Literal["masked", "negation", "soft", "staying", "condition", "clause", "pole", "alike"]
Pole = tuple[str, int]  # an opposite's name and which of its two sides

_TOKEN = re.compile(r"['’]t\b|[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_LONGEST_GAP = 6
_STEM_KEY = 2
_BREAK = re.compile(r"[.;:!?…,。；！？，]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case and its span in the text."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Tokens `first` to `last` (exclusive) of a text that are one phrase of polarity.toml, and what it is."""

    first: int
    last: int
    kinds: frozenset[Kind]
    poles: tuple[Pole, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words of a phrase (`~` ends a stem, `...` is a gap), its kind, and its pole where it has one."""

    words: tuple[str, ...]
    kind: Kind
    pole: Pole | None = None


Table = Mapping[str, Sequence[Phrase]]


def tokens(text: str) -> list[Token]:
    """The words of a text with their spans; a Han character is a word, and so is the `'t` of `didn't`."""
    return [Token(match[0].lower().replace("’", "'"), *match.span()) for match in _TOKEN.finditer(text)]


def marks(text: str, found: Sequence[Token], *, lang: str) -> list[Mark]:
    """The phrases of polarity.toml in a text, the longest at each place, in order and without overlap."""
    return phrases_in(text, found, _phrases(lang))


def phrases_in(text: str, found: Sequence[Token], phrases: Table) -> list[Mark]:
    """The phrases of a table in a text, the longest at each place, in order and without overlap."""
    result: list[Mark] = []
    hidden: set[int] = set()
    i = 0
    while i < len(found):
        mark, tail = _mark_at(text, found, i, phrases) if i not in hidden else (None, range(0))
        hidden.update(tail)
        if mark:
            result.append(mark)
        i = mark.last if mark else i + 1
    return result


def bound(axis: str) -> bool:
    """Whether an opposite turns only before the same figure or word."""
    return bool(data()["opposites"][axis].get("bound"))


def converse(axis: str) -> bool:
    """Whether both sides of an opposite can tell the same deed, with other names before them."""
    return bool(data()["opposites"][axis].get("converse"))


def oneway(axis: str) -> bool:
    """Whether only a statement on the second side of an opposite is held against a text on the first."""
    return bool(data()["opposites"][axis].get("oneway"))


def sure(axis: str) -> bool:
    """Whether the second side of an opposite is held against the first anywhere in a text."""
    return bool(data()["opposites"][axis].get("sure"))


@cache
def not_yet(lang: str) -> frozenset[str]:
    """Words that stand about a negation of what is still to come."""
    return frozenset(words[0] for words in split(data()["not_yet"].get(lang, "")))


@cache
def numbers(lang: str) -> dict[str, str]:
    """Numbers in words and months of a language, and their digits."""
    pairs = (entry.split() for entry in data()["numbers"].get(lang, "").split(",") if entry.strip())
    return {entry[0]: entry[1] for entry in pairs}


@cache
def data() -> dict[str, Any]:
    """The tables of polarity.toml."""
    return tomllib.loads((files("rag") / "data" / "polarity.toml").read_text(encoding="utf-8"))


def _mark_at(text: str, found: Sequence[Token], i: int, phrases: Table) -> tuple[Mark | None, range]:
    """The mark that begins at a token, and the tokens behind the gap of a masked phrase, which are masked too."""
    word = found[i].word
    matching = [
        (length, phrase)
        for phrase in (*phrases.get(word, ()), *phrases.get(word[:_STEM_KEY] + "~", ()))
        if (length := _length(text, found, i, phrase.words))
    ]
    if not matching:
        return None, range(0)
    longest = max(length for length, _ in matching)
    best = [phrase for length, phrase in matching if length == longest]
    if masked := next((phrase.words for phrase in best if phrase.kind == "masked"), None):
        head = _before_gap(masked)
        behind = max(len(masked) - head - 1, 0)
        return Mark(i, i + head, frozenset({"masked"})), range(i + longest - behind, i + longest)
    kinds: frozenset[Kind] = frozenset(phrase.kind for phrase in best)
    if "negation" in kinds and _is_no_negation(text, found, i, i + longest):
        kinds = frozenset({"masked"})
    return Mark(i, i + longest, kinds, tuple(phrase.pole for phrase in best if phrase.pole)), range(0)


def _is_no_negation(text: str, found: Sequence[Token], first: int, last: int) -> bool:
    """`No. 5`, and a Vietnamese yes-or-no question."""
    after = text[found[last - 1].end :][:3].lstrip(" ")
    numbered = found[first].word == "no" and last < len(found) and found[last].word.isdecimal()
    return numbered or (found[first].word in {"không", "chưa"} and after.startswith("?"))


def _before_gap(phrase: Sequence[str]) -> int:
    return phrase.index("...") if "..." in phrase else len(phrase)


def _length(text: str, found: Sequence[Token], i: int, phrase: Sequence[str]) -> int:
    """How many tokens from `i` the phrase takes, 0 where it does not stand there."""
    at = i
    for place, word in enumerate(phrase):
        if word == "...":
            return _over_gap(text, found, i, at, phrase[place + 1 :])
        if at >= len(found) or not _is(word, found[at].word):
            return 0
        at += 1
    return at - i


def _over_gap(text: str, found: Sequence[Token], i: int, at: int, rest: Sequence[str]) -> int:
    for start in range(at, min(at + _LONGEST_GAP + 1, len(found))):
        if _BREAK.search(text, found[start - 1].end, found[start].start):
            return 0
        if length := _length(text, found, start, rest):
            return start + length - i
    return 0


def _is(word: str, found: str) -> bool:
    return found.startswith(word[:-1]) if word.endswith("~") else found == word


def topics(text: str, found: Sequence[Token], *, lang: str) -> list[Mark]:
    """Words of the news that have their like in other languages; the name of a mark's row is in its pole."""
    return phrases_in(text, found, _topics(lang))


@cache
def _topics(lang: str) -> Table:
    rows = data()["alike"].items()
    return table(Phrase(words, "alike", (name, 0)) for name, row in rows for words in split(row.get(lang, "")))


@cache
def _phrases(lang: str) -> Table:
    return table(_listed(lang))


def table(phrases: Iterable[Phrase]) -> Table:
    """Phrases by their first word, or by the first letters of its stem."""
    table: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        first = phrase.words[0]
        table.setdefault(first[:_STEM_KEY] + "~" if first.endswith("~") else first, []).append(phrase)
    return table


def _listed(lang: str) -> Iterator[Phrase]:
    kinds: tuple[Kind, ...] = ("masked", "negation", "soft", "staying", "condition", "clause")
    for kind in kinds:
        for words in split(data()[kind].get(lang, "")):
            yield Phrase(words, kind)
    for axis, row in data()["opposites"].items():
        for side, listed in enumerate(row.get(lang, ())):
            for words in split(listed):
                yield Phrase(words, "pole", (axis, side))


def split(listed: str) -> Iterator[tuple[str, ...]]:
    """The phrases of a list with commas between them, each as its words."""
    for entry in listed.split(","):
        if words := tuple(_words(entry.strip())):
            yield words


def _words(entry: str) -> Iterator[str]:
    for part in nfc(entry).split():
        if part == "...":
            yield part
        elif part == "n't":
            yield "'t"
        else:
            found = [token.word for token in tokens(part)]
            yield from found[:-1]
            yield found[-1] + ("~" if part.endswith("~") else "")
