"""What a request in the chat gave, as HTML: cards of events, or a briefing."""

from __future__ import annotations

from typing import Any

from rag.ui_words import Words


def requested_html(found: Any, say: Words) -> str:
    """The cards of the events, the briefing, or why there is neither."""
    raise NotImplementedError
