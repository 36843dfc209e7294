"""A stream of statements that runs beside the page, and that the page can stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import cast

from rag.domain import Answer, Statement

Each = Statement | Answer


class Live:
    """The statements and the Answer of a desk's stream, read by a thread of its own.

        async with Live(lambda stop: desk.stream(question, stop=stop)) as stream:
            async for each in stream: ...

    `stop` (from any thread) ends the iteration at once and sets the event that the desk's stream was given, which stops
    the model; so does leaving the block. An exception of the stream is raised by the iteration.
    """

    def __init__(self, make: Callable[[threading.Event], Iterator[Each]]) -> None:
        self._make = make
        self._stopped = threading.Event()

    async def __aenter__(self) -> Live:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Each | Exception | None] = asyncio.Queue()
        threading.Thread(target=self._run, name="answer", daemon=True).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopped.set()

    def stop(self) -> None:
        """End the iteration and the model's work."""
        self._stopped.set()
        self._put(None)

    def __aiter__(self) -> Live:
        return self

    async def __anext__(self) -> Each:
        found = await self._queue.get()
        if isinstance(found, Exception):
            raise found
        if found is None or self._stopped.is_set():
            raise StopAsyncIteration
        return found

    def _run(self) -> None:
        try:
            with closing(cast("Generator[Each]", self._make(self._stopped))) as stream:
                for each in stream:
                    if self._stopped.is_set():
                        return
                    self._put(each)
        except Exception as error:
            self._put(error)
        finally:
            self._put(None)

    def _put(self, found: Each | Exception | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, found)
