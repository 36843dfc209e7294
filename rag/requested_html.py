"""What a request in the chat gave, as HTML: cards of events, or a briefing."""

from __future__ import annotations

from rag.answer_html import escaped, names_text
from rag.brief_page import briefing_html
from rag.event_cards import card_html
from rag.requested import Briefed, Carded
from rag.ui_words import Words

EVENTS = 10  # of a briefing in the chat; the tab has them all


def requested_html(found: Carded | Briefed, say: Words) -> str:
    """The cards of the events, the briefing, or why there is neither. What articles say is text in it."""
    if found.reason:
        told = f'<div class="refusal">{escaped(say("ask.refused", reason=found.reason))}</div>'
    elif isinstance(found, Carded):
        told = "".join(card_html(event, say) for event in found.events)
    else:
        told = briefing_html(found.briefing, events=EVENTS) if found.briefing else ""
    notes = []
    if isinstance(found, Carded):
        notes = [*map(say.phrased, found.notices), names_text(found.names, say) if found.names else ""]
    shown = "".join(f'<div class="names" role="note" dir="auto">{escaped(note)}</div>' for note in notes if note)
    return f'<div class="answer">{told}{shown}</div>'
