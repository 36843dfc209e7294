"""What is planned against what is done: a statement's verb whose time the cited text tells the other way."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from rag.clauses import Told
from rag.polarity_words import Mark, Phrase, Table, phrases_in, split, table

Time = Literal["planned", "done"]
_BASE, _PAST = 0, 1
_REACH = 3


def turned(told: Told, sources: Sequence[Told]) -> list[str]:
    """The words of the statement's verbs that are done in it and planned in the cited texts, or the reverse.

    Only where each text tells the verb in one of the two times surely, and no cited text agrees.
    """
    said = [each for source in sources for each in _times(source)]
    result = []
    for verb, time, mark in _times(told):
        theirs = {other_time for other, other_time, _ in said if other == verb}
        ours = {own_time for other, own_time, _ in _times(told) if other == verb}
        if len(theirs) == 1 and len(ours) == 1 and time not in theirs and not _unsure(verb, sources, said):
            result.append(told.words_of(mark))
    return result


def coming(told: Told) -> frozenset[int]:
    """The clauses of a text with a word of what is still to come."""
    words = [token.word for token in told.tokens]
    return frozenset(
        told.clause[i]
        for i, word in enumerate(words)
        for phrase in _words("coming", told.lang)
        if phrase[0] == word and tuple(words[i : i + len(phrase)]) == phrase
    )


def _unsure(verb: str, sources: Sequence[Told], said: Sequence[tuple[str, Time, Mark]]) -> bool:
    """Whether a text has the verb without saying its time."""
    found = sum(any(pole[0] == verb for pole in mark.poles) for source in sources for mark in _verbs(source))
    return found > sum(other == verb for other, _, _ in said)


def _verbs(told: Told) -> list[Mark]:
    return [mark for mark in phrases_in(told.text, told.tokens, _table(told.lang)) if "pole" in mark.kinds]


def _times(told: Told) -> list[tuple[str, Time, Mark]]:
    return [
        (verb, time, mark) for mark in _verbs(told) for verb, form in mark.poles if (time := _time(told, mark, form))
    ]


def _time(told: Told, mark: Mark, form: int) -> Time | None:
    before = _before(told, mark)
    if before == "planned":
        return "planned"
    if told.lang == "en":
        return "done" if form == _PAST and before != "apart" else None
    return "done" if before == "done" else None


def _before(told: Told, mark: Mark) -> str | None:
    """Which word of time stands before a verb, nothing but words of `between` in the middle."""
    words = told.tokens[max(mark.first - _REACH - 2, 0) : mark.first]
    between = _between(told.lang)
    while words and words[-1].word in between:
        words = words[:-1]
    if not words:
        return None
    tail = [token.word for token in words]
    for time in ("planned", "done"):
        if any(tail[-len(phrase) :] == list(phrase) for phrase in _words(time, told.lang)):
            return time
    return "apart" if tail[-1] in {"to", "if", "not", "'t"} else None


@cache
def _words(time: str, lang: str) -> tuple[tuple[str, ...], ...]:
    return tuple(split(_data()[time].get(lang, "")))


@cache
def _between(lang: str) -> frozenset[str]:
    return frozenset(_data()["between"].get(lang, "").split())


@cache
def _table(lang: str) -> Table:
    return table(_listed(lang))


def _listed(lang: str) -> Iterator[Phrase]:
    for verb, row in _data()["verbs"].items():
        listed = row.get(lang, "")
        for form, words in enumerate(listed if isinstance(listed, list) else [listed]):
            for phrase in split(words):
                yield Phrase(phrase, "pole", (verb, form))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("rag") / "data" / "modality.toml").read_text(encoding="utf-8"))
