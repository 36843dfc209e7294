"""What bounds an answer by a model: its time, its bytes, a stop from outside; and what it used."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from rag.errors import ModelBusy

_TICK = 0.1
_BYTES = 8_000_000
_here = threading.local()


class Meter:
    """What one answer used, all its calls together, and when it has to be finished. Threads may share it."""

    def __init__(self, seconds: float = 120.0) -> None:
        self.limit = seconds
        self.deadline = time.monotonic() + seconds
        self.calls = self.cached = self.input_tokens = self.output_tokens = 0
        self.seconds = 0.0
        self.cost: float | None = None
        self._lock = threading.Lock()

    @property
    def remaining(self) -> float:
        """Seconds until the deadline, never below 0."""
        return max(0.0, self.deadline - time.monotonic())

    def add(
        self,
        *,
        calls: int = 0,
        cached: int = 0,
        input_tokens: int = 0,
        output_tokens: int = 0,
        seconds: float = 0.0,
        cost: float | None = None,
    ) -> None:
        """Count these too. `cost` is in USD, None where no price is set."""
        with self._lock:
            self.calls += calls
            self.cached += cached
            self.input_tokens += input_tokens
            self.output_tokens += output_tokens
            self.seconds += seconds
            self.cost = self.cost if cost is None else (self.cost or 0.0) + cost

    def as_dict(self) -> dict[str, float]:
        """The counts by name, `seconds` of waiting for the model, and `cost` where a price is set."""
        counts = {
            "calls": float(self.calls),
            "cached": float(self.cached),
            "input_tokens": float(self.input_tokens),
            "output_tokens": float(self.output_tokens),
            "seconds": round(self.seconds, 3),
        }
        return counts if self.cost is None else {**counts, "cost": round(self.cost, 6)}


class Stopped(Exception):
    """The caller wants no more of a reply."""


class Limit:
    """When one call has to end: at the meter's deadline, when any of the events is set, or at too many bytes."""

    def __init__(self, meter: Meter, *stops: threading.Event) -> None:
        self._meter = meter
        self._stops = stops
        self._bytes = _BYTES

    def also(self, stop: threading.Event) -> Limit:
        """The same limit, which this event ends too."""
        return Limit(self._meter, *self._stops, stop)

    @property
    def seconds(self) -> float:
        """What the whole answer was given."""
        return self._meter.limit

    @property
    def remaining(self) -> float:
        return self._meter.remaining

    @property
    def stopped(self) -> bool:
        return any(stop.is_set() for stop in self._stops)

    @property
    def over(self) -> bool:
        return self.stopped or not self.remaining or self._bytes < 0

    def count(self, size: int) -> None:
        """Bytes that came from the network."""
        self._bytes -= size

    def check(self) -> None:
        """Raises Stopped where the caller wants no more, ModelBusy where the time or the bytes are used up."""
        if self.stopped:
            raise Stopped
        if not self.remaining:
            raise ModelBusy(f"no answer from the language model within {self.seconds:g} s; RAG_LLM_TIMEOUT sets more")
        if self._bytes < 0:
            raise ModelBusy("the language model's reply does not end")

    def wait(self, ready: Callable[[float], bool], seconds: float | None = None) -> bool:
        """Try `ready(seconds to wait)` until it is true, at most `seconds`; whether it was. Raises as `check` does."""
        end = self._meter.deadline if seconds is None else min(self._meter.deadline, time.monotonic() + seconds)
        while True:
            self.check()
            left = end - time.monotonic()
            if ready(max(0.0, min(_TICK, left))):
                return True
            if left <= 0 and seconds is not None:
                return False


def here() -> Limit | None:
    """The limit of the call that this thread makes."""
    return getattr(_here, "limit", None)


def hold(limit: Limit) -> None:
    """This thread's calls are bound by `limit` from now on."""
    _here.limit = limit
