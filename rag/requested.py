"""Requests of the chat fulfilled from the store: the event that is meant, with its citations, or the briefing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from rag import asking
from rag.briefs import Asked
from rag.domain import Briefing
from rag.requested_briefs import Briefed as Briefed
from rag.requested_briefs import briefed
from rag.requested_events import Carded as Carded
from rag.requested_events import carded
from rag.requests import read

if TYPE_CHECKING:
    from rag.asking import Parts


def requested(
    text: str,
    *,
    lang: str | None,
    today: Callable[[], date | None],
    parts: Callable[[], Parts],
    brief: Callable[[Asked], Briefing],
) -> Carded | Briefed | None:
    """What a request in the chat asks for; None for a question, for which the store is not read.

    `lang` is the language of reasons and briefings, unless told the request's. `today` gives the day that relative
    date words count from. Raises InputError, StoreError.
    """
    if read(text, today=None) is None:
        return None
    request = read(text, today=today())
    if request is None:
        return None
    request = replace(request, answer_lang=lang or request.answer_lang)
    understood = asking.understand(request.about, parts()).names if request.about else ()
    if request.kind == "summary":
        return carded(request, understood, parts())
    return briefed(request, understood, parts().store, brief)
