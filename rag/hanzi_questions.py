"""Names in the hanzi of a question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag import places
from rag.domain import NameKind
from rag.hanzi_mentions import may_be_chinese_name
from rag.name_index import NameIndex
from rag.skeleton import transcribes

BY_SOUND = 0.7
_AFTER_PAIR = frozenset(["", *"关两双合贸外领联元高防战边友经军首"])


@dataclass(frozen=True, slots=True)
class Found:
    """A name of the question: its span, its kind, the stored spellings it can be."""

    start: int
    end: int
    kind: NameKind
    matched: tuple[str, ...]
    sure: bool


def hanzi_candidates(text: str, index: NameIndex) -> list[Found]:
    """All that can be a name in the hanzi of a question: known places, countries in pairs, stored names."""
    found = []
    for run in re.finditer(r"[\u3400-\u9fff·]+", text):
        for first, last, numbers in places.in_hanzi(text, run.start(), run.end()):
            kind = places.entities()[min(numbers)].name_kind
            found.append(Found(first, last, kind, index.match(text[first:last]), True))
        found.extend(_pairs(text, index, run.start(), run.end()))
        for i in range(run.start(), run.end()):
            inner = i > run.start() and transcribes(text[i - 1] * 2)
            for size in range(min(7, run.end() - i), 1, -1):
                matched = _match(index, text[i : i + size], inner)
                if matched:
                    found.append(Found(i, i + size, index.kind(matched[0]), matched, True))
                    break
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
