"""A call to a model in a daemon thread, so that no library, name server or handshake holds the caller past its limit.

LangSmith's tracing, which would send what is asked and answered elsewhere, is off in that thread, whatever the
environment says.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial
from typing import Any

from rag.errors import ModelBusy
from rag.llm_errors import Failure, Place, failure
from rag.llm_limits import Limit, hold

_END = object()


class Failed(Exception):
    """An exception of a provider's library, and what it means."""

    def __init__(self, why: Failure) -> None:
        super().__init__(str(why.error))
        self.failure = why


def in_thread(
    start: Callable[[], Generator[Any]], limit: Limit, place: Place, slots: threading.BoundedSemaphore
) -> Generator[Any]:
    """What the iterator gives, run in a daemon thread that ends when the limit is over or this is closed.

    Raises Failed for an exception of the iterator, Stopped and ModelBusy as the limit does.
    """
    closed = threading.Event()
    within = limit.also(closed)
    within.wait(lambda seconds: slots.acquire(timeout=seconds))
    given: queue.SimpleQueue[Any] = queue.SimpleQueue()
    thread = threading.Thread(target=_run, args=(start, within, slots, given), name="rag-llm", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        slots.release()
        raise ModelBusy("no thread could be started to ask the language model") from error
    try:
        while True:
            entry: list[Any] = []
            within.wait(partial(_take, given, entry))
            if entry[0] is _END:
                within.check()
                return
            if isinstance(entry[0], BaseException):
                within.check()
                raise Failed(failure(entry[0], place)) from entry[0]
            yield entry[0]
    finally:
        closed.set()


def _take(given: queue.SimpleQueue[Any], entry: list[Any], seconds: float) -> bool:
    try:
        entry.append(given.get(timeout=seconds))
    except queue.Empty:
        return False
    return True


def _run(
    start: Callable[[], Generator[Any]],
    limit: Limit,
    slots: threading.BoundedSemaphore,
    given: queue.SimpleQueue[Any],
) -> None:
    hold(limit)
    last: Any = _END
    try:
        from langsmith.run_helpers import tracing_context

        with tracing_context(enabled=False), closing(start()) as stream:
            for chunk in stream:
                given.put(chunk)
                if limit.over:
                    break
    except BaseException as error:  # handed to the thread that waits
        last = error
    finally:
        slots.release()
        given.put(last)
