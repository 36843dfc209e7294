"""Known places and organisations in text with capitals: by the tables, adjectives of the world's parts, pairs."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from rag import places
from rag.readings import has_marks
from rag.runs import Page
from rag.text import fold


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
