"""Concepts of the news in each language's words: lexical evidence that crosses languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rag.text import fold, has_marks, nfc, words


@dataclass(frozen=True, slots=True)
class Concept:
    """One row of concepts.toml: its phrases by language, as `spaced` gives them."""

    name: str
    phrases: Mapping[str, tuple[str, ...]]


def spaced(text: str) -> str:
    """The words of a text in lower case with their marks, one space around each: phrases are found with `in`."""
    return f" {' '.join(words(nfc(text).lower()))} "


def of_question(question: str, *, lang: str) -> tuple[Concept, ...]:
    """The concepts whose words the question uses, in its own language, marks left out where it leaves them out."""
    bare = not has_marks(question)
    text = spaced(fold(question)) if bare else spaced(question)
    return tuple(
        concept
        for concept in _concepts()
        if any((spaced(fold(phrase)) if bare else phrase) in text for phrase in concept.phrases.get(lang, ()))
    )


def of_text(text: str, *, lang: str) -> frozenset[str]:
    """The names of the concepts whose words a text in `lang` uses, marks and all."""
    found = spaced(text)
    return frozenset(row.name for row in _concepts() if any(phrase in found for phrase in row.phrases.get(lang, ())))


@cache
def _concepts() -> tuple[Concept, ...]:
    data = tomllib.loads((files("rag") / "data" / "concepts.toml").read_text(encoding="utf-8"))
    return tuple(
        Concept(name, {lang: tuple(spaced(phrase) for phrase in row.split(",")) for lang, row in rows.items()})
        for name, rows in data.items()
    )
