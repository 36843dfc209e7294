"""The desk's work told as events: what was asked of it, how it ended, how long it took; never what was said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event, Lock
from typing import TYPE_CHECKING, cast
from weakref import WeakSet

from rag import journal
from rag.domain import Answer, Ingested, Statement

if TYPE_CHECKING:
    from collections.abc import Generator

_OUTCOMES = ("new", "same", "updated", "duplicate", "near-duplicate")
_stops: WeakSet[Event] = WeakSet()
_listing = Lock()


def asked(
    question: str, make: Callable[[Event], Iterator[Statement | Answer]], *, stop: Event | None = None
) -> Iterator[Statement | Answer]:
    """The stream that `make` gives, told as `ask` when it ends; `stop_all` sets the event that it is made with."""
    stop = stop or Event()
    with _listing:
        _stops.add(stop)
    return _told(question, make(stop), stop)


def _told(question: str, stream: Iterator[Statement | Answer], stop: Event) -> Iterator[Statement | Answer]:
    # The event is held here, for `stop_all` finds it only while somebody does.
    with (
        journal.span("ask", texts={"question": question}) as told,
        closing(cast("Generator[Statement | Answer]", stream)),
    ):
        for each in stream:
            if isinstance(each, Answer):
                told.update(_answered(each))
            yield each


def stop_all() -> None:
    """Stop every answer that is being written in this process: its model writes no more, what there is stands."""
    with _listing:
        running = list(_stops)
    for each in running:
        each.set()


def ingested(report: Ingested) -> journal.Facts:
    """The counts of a report."""
    counts = {what.replace("-", "_"): report.count(what) for what in _OUTCOMES}
    return {**counts, "rejected": len(report.rejected), "unchanged": report.unchanged}


def _answered(answer: Answer) -> journal.Facts:
    return {
        "outcome": "refused" if answer.refused else "answered",
        "lang": answer.lang,
        "mode": answer.mode,
        "statements": len(answer.statements),
        "rejected": len(answer.rejected),
        "notices": len(answer.notices),
    }
