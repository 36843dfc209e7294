"""The server, which ends gracefully: it takes no more requests, lets answers finish for a while, then stops them."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag import journal, observed
from rag.evaluations import EVALUATOR

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.ui_health import Gate

PATIENCE = 20.0  # seconds that running work has to finish
_LAST_WORDS = 3.0  # seconds for stopped answers to say that they were
_FETCHING = 0.5  # seconds to fetch a result that has just been made
_POLL = 0.05
_CLOSING = 1  # seconds for connections that nobody writes to


def run(app: FastAPI, listening: socket.socket, *, gate: Gate) -> int:
    """Serve until SIGTERM or SIGINT; the process's exit status, 0 or 130.

    Then nothing new is taken, and results are still given; what runs (answers, briefings, ingests) has 20 seconds to
    finish, and models are stopped after them. Evaluations are killed. A second Ctrl+C waits for nothing.
    """
    import uvicorn

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            gate.close()
            journal.tell("stopping", running=_running())
            EVALUATOR.stop()
            await self._ended(PATIENCE)
            observed.stop_all()
            await self._ended(_LAST_WORDS)
            journal.tell("stopped", running=_running())
            await asyncio.sleep(_FETCHING)
            await super().shutdown(sockets)

        async def _ended(self, seconds: float) -> None:
            until = time.monotonic() + seconds
            while _running() and time.monotonic() < until and not self.force_exit:
                await asyncio.sleep(_POLL)

    options: dict[str, Any] = {"log_config": None, "access_log": False, "log_level": "warning"}
    server = Server(uvicorn.Config(app, lifespan="on", timeout_graceful_shutdown=_CLOSING, **options))
    with _signals() as received:
        server.run(sockets=[listening])
    return 130 if signal.SIGINT in received else 0


def _running() -> int:
    return sum(journal.running().values())


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The signals that ended the server: uvicorn raises them again when it is done."""
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def receive(number: int, _frame: object) -> None:
        received.append(number)

    before = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if received:
            print("rag: the page is closed", file=sys.stderr)
