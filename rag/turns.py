"""A turn of a conversation, and its bytes as they are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

from rag.answer_json import Cite, packed, unpacked
from rag.cite import cite
from rag.domain import Answer, Article, Citation
from rag.errors import InputError
from rag.limits import Filters

ANSWER_MOST = 1_000_000  # bytes; of a larger answer only the question is kept
_ARTICLES = 32  # held while a conversation is read


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked, with which filters, and its answer.

    Without an answer it is a request ("brief me on 4 February") that is fulfilled anew when it is opened.
    """

    question: str
    answer: Answer | None = None
    filters: Filters = field(default_factory=Filters)


def dumped(turn: Turn) -> bytes:
    """A turn as JSON in UTF-8; a very large answer without its names' articles, and if that is not enough none."""
    row: dict[str, Any] = {"question": turn.question, "filters": asdict(turn.filters)}
    if turn.answer is None:
        return _bytes(row)
    lighter = replace(turn.answer, names=tuple(replace(name, articles=()) for name in turn.answer.names))
    for answer in (turn.answer, lighter):
        if len(data := _bytes({**row, "answer": packed(answer)})) <= ANSWER_MOST:
            return data
    return _bytes(row)


def loaded(data: bytes, *, cite: Cite) -> Turn:
    """The turn that `dumped` wrote, its citations made again; an answer of another form than today's is left out."""
    row = json.loads(data.decode("utf-8", "surrogatepass"))
    try:
        answer = unpacked(row["answer"], cite=cite) if "answer" in row else None
    except (LookupError, TypeError, ValueError):
        answer = None
    return Turn(row["question"], answer, filters_of(row["filters"]))


def filters_of(row: dict[str, Any]) -> Filters:
    """Filters that were written as JSON by `asdict`."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Filters(**values)


def citing(article: Callable[[str], Article]) -> Cite:
    """What cites the articles of exactly these ids; `article` may take the beginning of one for it."""
    found = lru_cache(_ARTICLES)(article)

    def again(name: str, start: int, end: int) -> Citation:
        whole = found(name)
        if whole.id != name:
            raise InputError(f"there is no article {name}; `rag articles` lists them")
        return cite(whole, start, end)

    return again


def _bytes(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
