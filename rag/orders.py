"""Sentences of an article that speak to a program and not to a reader: orders to a language model, fake replies.

Prompt injection by the text that a model reads: Greshake et al. 2023, arXiv 2302.12173. No rule finds every order;
those found are kept from the model, and no answer rests on them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from rag.text import nfc, visible

_REACH = 2  # an order goes on in the sentences beside it
_LONGEST = 2_000


def is_order(sentence: str) -> bool:
    """Whether a sentence gives orders to a program, or plays a turn of its conversation.

    Read piece by piece, so that megabytes on one line take linear time.
    """
    text = " ".join(visible(nfc(sentence)).lower().split())
    step = _LONGEST // 2
    pieces = [text[at : at + _LONGEST] for at in range(0, max(1, len(text) - step), step)]
    return any(pattern.search(piece) for piece in pieces for pattern in _patterns())


def orders(sentences: Sequence[str]) -> tuple[bool, ...]:
    """For each of an article's consecutive sentences whether it is an order or stands beside one.

    In its paragraph two sentences before and after go with it, in the next one the nearest. A sentence that ends in a
    line break ends its paragraph.
    """
    paragraphs = [0]
    for sentence in sentences[:-1]:
        paragraphs.append(paragraphs[-1] + sentence.endswith("\n"))
    near = set()
    for place in (place for place, sentence in enumerate(sentences) if is_order(sentence)):
        for other in range(max(0, place - _REACH), min(len(sentences), place + _REACH + 1)):
            if paragraphs[other] == paragraphs[place] or abs(other - place) <= 1:
                near.add(other)
    return tuple(place in near for place in range(len(sentences)))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    data = tomllib.loads((files("rag") / "data" / "orders.toml").read_text(encoding="utf-8"))
    return tuple(re.compile(row) for rows in data.values() for row in rows)
