"""What the rules for follow-up questions share: the values, the word lists, and whom a question names itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from rag.domain import NameMatch
from rag.names import NameIndex, in_question
from rag.places import lookup

Kind = Literal["person", "pair", "countries", "place", "event", "thing"]


@dataclass(frozen=True, slots=True)
class Reference:
    """Characters of a question that mean something of an earlier one.

    `lead` is kept before what they mean (`in`, `ông`); a `possessive` stands before a noun. `role` is the office by
    which a person is meant, where it is one: only a person who has it can be.
    """

    start: int
    end: int
    kind: Kind
    lead: str = ""
    possessive: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """A name that a question states, its kind, and where."""

    text: str
    kind: str
    start: int
    end: int


def stated(question: str, *, lang: str) -> tuple[Stated, ...]:
    """The names that a question states, in order, whether any article holds them or not."""
    found = in_question(question, lang=lang, index=_nothing_stored())
    return tuple(located(question, found))


def located(question: str, names: Sequence[NameMatch]) -> Iterator[Stated]:
    """Where a question states these names, at the first place of each; a name that it does not state is left out."""
    for name in names:
        found = re.search(rf"(?<!\w){re.escape(name.query)}(?!\w)", question)
        if found:
            yield Stated(name.query, _kind(name), found.start(), found.end())


def _kind(name: NameMatch) -> str:
    known = lookup(name.query)
    acronym = name.query.isupper() and len(name.query) > 1
    return "person" if name.kind == "organisation" and not (name.matched or known or acronym) else name.kind


@cache
def _nothing_stored() -> NameIndex:
    return NameIndex(())


@cache
def table() -> dict[str, Any]:
    """The word lists of data/followups.toml."""
    return tomllib.loads((files("rag") / "data" / "followups.toml").read_text(encoding="utf-8"))


def phrases(name: str) -> list[str]:
    """One list of them, the longest phrase first."""
    listed = table()[name]
    text = "|".join(listed) if isinstance(listed, list) else listed.strip()
    return sorted(re.split(r"[|\n]", text), key=lambda phrase: (-len(phrase), phrase))


def any_of(name: str) -> str:
    """A pattern of one list: any of its phrases."""
    return f"(?:{'|'.join(map(re.escape, phrases(name)))})".replace(r"\ ", " ")


AUXILIARY = (
    r"(?:(?:did|does|do|has|have|had|was|were|is|are|will|would|can|could|should|may|might|must|shall)(?:n['’]t)?\b)"
)
OPENING = (
    r"(?:(?:and|but|so|then|also|or|ok|okay|well|now|please|tell me|do you know|can you tell me|say|exactly)\b,? ?)*"
)


@cache
def persons_said(lang: str) -> re.Pattern[str]:
    """Nouns of persons and offices."""
    offices = (word for line in table()["offices"] for word in line.split("|") if word.isascii() == (lang == "en"))
    pattern = rf"(?<!\w)(?:{any_of(f'persons_{lang}')}|{'|'.join(offices)})(?!\w)"
    return re.compile(pattern, re.IGNORECASE)


def nobody_before(question: str, end: int, names: Sequence[Stated], lang: str) -> bool:
    """Whether the question names no person, nor says any noun of persons, before this character."""
    own = any(name.start < end and name.kind == "person" for name in names)
    two = sum(name.start < end for name in names) > 1
    said = re.sub(r"(?i)\b(?:which|what|how many) \w+", "", question[:end])
    return not own and not two and not persons_said(lang).search(said)


def named_here(question: str, found: re.Match[str], names: Sequence[Stated]) -> bool:
    """Whether the question says itself who is meant: two names or a person before, or a name right behind."""
    start, end = found.span("it")
    if sum(name.start < start for name in names) > 1 or any(n.start < start and n.kind == "person" for n in names):
        return True
    close = r"[ ,:(–-]*(?:of |from |in |là |của |gồm |and |và )?"
    return any(name.start >= end and re.fullmatch(close, question[end : name.start]) for name in names)
