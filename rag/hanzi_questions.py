"""Names in the hanzi of a question."""

from __future__ import annotations

import re

from rag import places
from rag.hanzi_mentions import may_be_chinese_name
from rag.hanzi_persons import persons
from rag.name_index import NameIndex
from rag.question_words import Found
from rag.skeleton import transcribes

BY_SOUND = 0.7
_UNSURE_FROM = 4  # characters of a transcription that the articles may spell another way
_AFTER_PAIR = frozenset(["", *"关两双合贸外领联元高防战边友经军首"])


def hanzi_candidates(text: str, index: NameIndex) -> list[Found]:
    """All that can be a name in the hanzi of a question: known places, countries in pairs, stored names."""
    found = []
    for run in re.finditer(r"[\u3400-\u9fff·]+", text):
        for first, last, numbers in places.in_hanzi(text, run.start(), run.end()):
            kind = places.entities()[min(numbers)].name_kind
            found.append(Found(first, last, kind, index.match(text[first:last]), True))
        found.extend(_pairs(text, index, run.start(), run.end()))
        found.extend(_stated(text, index, run.start(), run.end()))
        for i in range(run.start(), run.end()):
            inner = i > run.start() and transcribes(text[i - 1] * 2)
            for size in range(min(7, run.end() - i), 1, -1):
                matched = _match(index, text[i : i + size], inner)
                if matched:
                    found.append(Found(i, i + size, index.kind(matched[0]), matched, True))
                    break
    return found


def _stated(text: str, index: NameIndex, start: int, end: int) -> list[Found]:
    """Persons that the question states: a stored name that sounds alike, or none.

    A long transcription that matches only with one character left out may be the stored name or not: no person.
    """
    found = []
    for first, last in persons(text, start, end):
        name = text[first:last]
        matched = index.match(name, lang="zh")
        shorter = (name[:i] + name[i + 1 :] for i in range(len(name)) if len(name) >= _UNSURE_FROM)
        if matched or not any(index.match(part, lang="zh") for part in shorter):
            found.append(Found(first, last, "person", matched, True))
    return found


def _match(index: NameIndex, part: str, inner: bool) -> tuple[str, ...]:
    """The stored names that a part of a run of hanzi can be; by sound only from the start of a transcription."""
    if not may_be_chinese_name(part):
        return ()
    ranked = index.ranked(part, lang="zh")
    return tuple(text for text, likeness in ranked if likeness.score > BY_SOUND or (not inner and len(part) > 2))


def _pairs(text: str, index: NameIndex, start: int, end: int) -> list[Found]:
    """The countries of `中俄关系`: two short names side by side before a word that joins them."""
    table = places.pair_forms("zh")
    found = []
    for i in range(start, end - 1):
        one, two = text[i], text[i + 1]
        if one in table and two in table and one != two and text[i + 2 : i + 3] in _AFTER_PAIR:
            for at, c in ((i, one), (i + 1, two)):
                form = places.entities()[table[c]].forms["zh"][0]
                found.append(Found(at, at + 1, "place", index.match(form), True))
    return found
