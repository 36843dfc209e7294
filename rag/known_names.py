"""Known places and organisations in text with capitals: by the tables, adjectives of the world's parts, pairs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from rag import places
from rag.readings import has_marks
from rag.runs import Page
from rag.text import fold

PLACE_HEADS = frozenset(
    "phố tỉnh huyện xã quận vùng đảo cảng bang làng sông núi hồ vịnh thôn phường triều nhà đời họ".split()
)
_SIDE = frozenset("方媒军企籍侨商国")
_TOWARDS = frozenset("访驻赴")


@cache
def back_references() -> dict[str, dict[str, str]]:
    """The word lists of `backreferences.toml`, by table and key."""
    return tomllib.loads((files("rag") / "data" / "backreferences.toml").read_text(encoding="utf-8"))


@cache
def _adjectives() -> dict[str, frozenset[int]]:
    table = back_references()["adjectives"]
    return {
        fold(word): frozenset(n for name in named.split("|") for n in places.lookup(name))
        for word, named in table.items()
    }


@cache
def one_meaning() -> dict[str, tuple[str, ...]]:
    """A folded word -> the words of other languages that mean the same people, faith or thing, and itself."""
    groups = [tuple(line.split("|")) for line in back_references()["one_meaning"]["groups"].split("\n") if line]
    return {form: group for group in groups for form in group}


def known_at(page: Page, i: int) -> tuple[int, frozenset[int]]:
    """How many words from i on name a known place or organisation with a capital, and which; adjectives too."""
    word = page.words[i]
    count, numbers = places.longest_at(page.words, i, page.text)
    if not has_marks(page.text) or (page.folded[i] == page.lowered[i] and not page.vietnamese):
        bare, also = places.longest_at(page.words, i, page.text, bare=True)
        if bare > count:
            count, numbers = bare, also
    if not any(each.capital for each in page.words[i : i + max(count, 1)]):
        return 0, frozenset()
    if count == 1 and page.folded[i] in places.acronyms() and len(word.text) <= 3 and not word.text.isupper():
        return 0, frozenset()
    if count:
        return count, numbers
    found = _adjectives().get(page.folded[i])
    return (1, found) if found else _pair(page, i)


def beside_currency(page: Page, start: int, end: int) -> bool:
    """Whether words tell whose money a word beside them is: `US dollars`, `đô la Úc`, `Chinese yuan`."""
    table = back_references()["currency"]
    if page.vietnamese:
        before = f" {' '.join(page.folded[max(0, start - 3) : start])}"
        return before.endswith(tuple(f" {word}" for word in table["before"].split("|")))
    after = page.folded[end] if end < len(page.words) and page.gap(end) in (" ", "-") else ""
    return after in table["after"].split("|")


def _pair(page: Page, i: int) -> tuple[int, frozenset[int]]:
    """One side of `Trung - Nga`, `Việt-Trung`, in Vietnamese."""
    table = _pairs()
    here = page.folded[i] if not has_marks(page.text) else page.lowered[i]
    for j, gap in ((i + 1, i + 1), (i - 1, i)):
        beside = 0 <= j < len(page.words) and (page.folded[j] in _bare_pairs() or page.lowered[j] in table)
        if page.vietnamese and beside and page.words[j].capital and page.gap(gap).strip() in ("-", "–"):
            found = table.get(here) or _bare_pairs().get(here)
            return (1, frozenset((found,))) if found is not None else (0, frozenset())
    return 0, frozenset()


@cache
def _pairs() -> dict[str, int]:
    return {form.lower(): number for form, number in places.pair_forms("vi").items()}


@cache
def _bare_pairs() -> dict[str, int]:
    return {fold(form): number for form, number in places.pair_forms("vi").items()}


def sides_in_hanzi(text: str) -> Iterator[tuple[int, int]]:
    """Number and first character of the countries that Chinese names by one character: `中俄`, `越方`, `访俄`."""
    known = [(first, last) for first, last, _ in places.in_hanzi(text, 0, len(text))]
    inside = {i for first, last in known for i in range(first, last)}
    table, last = places.pair_forms("zh"), -1
    for match in re.finditer("|".join(sorted(map(re.escape, table), key=len, reverse=True)), text):
        first, end = match.span()
        before, after = text[max(0, first - 1) : first], text[end : end + 1]
        paired = last == first or text.startswith(tuple(table), end)
        if not inside & set(range(first, end)) and (paired or after in _SIDE or before in _TOWARDS):
            yield table[match.group()], first
        last = end
