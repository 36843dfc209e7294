"""Example questions for an empty chat, made of events that the articles at hand tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rag.domain import Event
from rag.requests import called
from rag.ui_words import Words

SHOWN = 4
_MET = ("meeting", "call", "talks online", "visit")
_FULL = 10  # characters of a day with its year in EDTF


def example_questions(events: Iterable[Event], say: Words, *, newest: str | None = None) -> tuple[str, ...]:
    """At most four questions that these events answer, each of another kind, and a request for the newest day."""
    found: dict[str, str] = {}
    asked: set[str] = set()
    for event in events:
        for kind, names in _answered(event):
            if kind not in found and not asked & set(names):
                one, other = (*names, "")[:2]
                called_so = called(event.kind, say.lang)
                found[kind] = say(f"ask.example_{kind}", one=one, other=other, kind=called_so)
                asked |= set(names)
                break
    told = [*found.values()]
    if newest and len(newest) == _FULL:
        told = [*told[: SHOWN - 1], say("ask.example_brief", day=newest)]
    return tuple(told[:SHOWN])


def _answered(event: Event) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What can be asked of the event and is in its record, with the names to ask by."""
    one, other = ([each.name for each in event.participants if each.side == side] for side in (1, 2))
    if one and other:
        people = (one[0], other[0])
        if event.agreed:
            yield "agreed", people
        if event.documents:
            yield "signed", people
        if event.kind in _MET and event.date and event.date.edtf:
            yield "met", people
        if event.kind in _MET:
            yield "summary", people
    if event.said:
        yield "said", (event.said[0].speaker,)
