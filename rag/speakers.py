"""The persons of one sentence: those that stand in full or behind a title, and a surname alone that acts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache

from rag import places
from rag.domain import Name
from rag.mentions import find
from rag.ordinary_words import is_english
from rag.readings import hanzi_pinyin, is_vietnamese
from rag.runs import Page
from rag.text import fold
from rag.wordlists import (
    bare_titles,
    bare_vietnamese_surnames,
    chinese_surnames,
    english_words,
    function_words,
    given_names,
    not_names,
    person_verbs,
)

_LONGEST_SYLLABLE = 6
_ADDRESS = frozenset("mr mrs ms dr madam miss sir ong ba ngai co".split())
_ACTS = frozenset(
    """
    said says told tells held met made gave took had has was will would is did went came spoke spoke called asked
    thanked got put led sent paid left became began won lost saw thinks hopes wants believes expects sees
    """.split()
)
_TOWN = re.compile("-(?:en|sur|de|la|le|les|on|upon|am|sous)-")
_SURNAMES_THAT_ARE_WORDS = frozenset(
    "park lee kim ban moon young long song bush brown wood hill rice white black king bishop cook baker son".split()
)


def persons(page: Page, surnames: frozenset[str] = frozenset()) -> tuple[Name, ...]:
    """The persons of a page in order, a lone surname as its one word; `surnames` are known from elsewhere."""
    lang = "vi" if page.vietnamese else "ru" if page.russian else "zh" if places.HANZI.search(page.text) else "en"
    found = [_untitled(name, page) for name in find(page.text, lang=lang) if name.kind == "person"]
    found = [name for name in found if not _TOWN.search(name.text)]
    inside = words_of(page, found)
    alone = [
        Name(page.words[i].text, "person", page.words[i].start, page.words[i].end)
        for i in _lone(page, inside, surnames)
    ]
    return tuple(sorted([*found, *alone], key=lambda name: name.start))


def words_of(page: Page, found: Iterable[Name]) -> set[int]:
    """The numbers of the words that names are made of."""
    starts = [word.start for word in page.words]
    return {i for name in found for i in range(bisect_left(starts, name.start), bisect_left(starts, name.end))}


def _untitled(name: Name, page: Page) -> Name:
    """A name without the address that Vietnamese without marks leaves before it (`Ong Lavrov`) or a Russian country."""
    first, _, rest = name.text.partition(" ")
    if page.russian and rest and places.lookup(first):
        return Name(rest, name.kind, name.end - len(rest), name.end)
    if not (page.vietnamese and rest and fold(first) == first.lower() and first.lower() in _ADDRESS):
        return name
    return Name(rest, name.kind, name.end - len(rest), name.end)


def surnames(found: Iterable[Name]) -> frozenset[str]:
    """The words by which persons that are named in full can be named alone."""
    full = [name.text.split() for name in found if " " in name.text]
    return frozenset(word for words in full for word in (words[0], words[-1]) if not _is_other(word, words))


def _is_other(word: str, words: list[str]) -> bool:
    """Whether a first name is not what a person is called alone: `Sergei`."""
    return word == words[0] and not (fold(word) in _surnames() and len(word) <= _LONGEST_SYLLABLE)


def _lone(page: Page, inside: set[int], surnames: frozenset[str]) -> Iterator[int]:
    for i, word in enumerate(page.words):
        stands = word.capital and i not in inside and i not in page.title_words and not word.text.isupper()
        spoken = word.text in surnames and not (page.vietnamese and is_vietnamese(page.folded[i]))
        known = spoken or (stands and _is_surname(page, i) and not places.lookup(word.text))
        if stands and known and not _beside_capital(page, i):
            yield i


def _beside_capital(page: Page, i: int) -> bool:
    after = i + 1 < len(page.words) and page.gap(i + 1) in (" ", "-") and page.words[i + 1].capital
    before = i > 0 and page.gap(i) in (" ", "-") and page.words[i - 1].capital and i - 1 not in page.title_words
    return after or before


def _is_surname(page: Page, i: int) -> bool:
    word = page.folded[i]
    if word in function_words("en") or word in bare_titles() or word in not_names("vi"):
        return False
    if page.vietnamese:
        return not is_vietnamese(word) and acts(page, i, "vi") and word not in english_words()
    titled = i in page.titled or (i > 0 and page.folded[i - 1] in _ADDRESS)
    known = word in _surnames() or word in given_names()
    if (word in english_words() or (page.opens_sentence(i) and is_english(word))) and not known:
        return False
    return titled or acts(page, i, "en")


def acts(page: Page, i: int, lang: str) -> bool:
    """Whether what persons and governments do stands beside word i."""
    after = page.folded[i + 1] if i + 1 < len(page.words) and page.gap(i + 1) == " " else ""
    before = page.folded[i - 1] if i > 0 and page.gap(i) == " " else ""
    if lang == "vi":
        return after in person_verbs("vi")
    said = before in ("said", "says") or page.folded[max(0, i - 2) : i] == ["according", "to"]
    return said or after in _ACTS or after in person_verbs("en") or (len(after) > 4 and after.endswith("ed"))


@cache
def _surnames() -> frozenset[str]:
    pinyin = {p for surname in chinese_surnames() if len(surname) == 1 for p in hanzi_pinyin(surname)}
    return bare_vietnamese_surnames() | pinyin | _SURNAMES_THAT_ARE_WORDS
