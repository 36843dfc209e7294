"""Trying a part of the program so that neither its failure nor its silence takes anything with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from rag.errors import MissingExtra, RagError


@dataclass(frozen=True, slots=True)
class Health:
    """What was found of one part. `ok` is None where nothing is to be tried; `remedy` is for what failed."""

    part: str
    ok: bool | None
    says: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """How one part is tried, within so many seconds. A failure that names no remedy of its own gets `remedy`."""

    part: str
    tries: Callable[[], Iterable[Health]]
    seconds: float
    remedy: str


def attempted(probe: Probe) -> Iterator[Health]:
    """What the probe finds; its failure, or its silence, as a Health that is not ok."""
    found: SimpleQueue[Health | None] = SimpleQueue()
    threading.Thread(target=_try, args=(probe, found), daemon=True).start()
    end = time.monotonic() + probe.seconds
    try:
        while (health := found.get(timeout=max(0.0, end - time.monotonic()))) is not None:
            yield health
    except Empty:
        yield Health(probe.part, False, f"no result within {probe.seconds:g} s", probe.remedy)


def _try(probe: Probe, found: SimpleQueue[Health | None]) -> None:
    try:
        for health in probe.tries():
            found.put(health)
    except RagError as error:
        found.put(failed(probe.part, error, probe.remedy))
    except BaseException as error:  # a broken installation fails in any way, and it is what is looked for here
        found.put(Health(probe.part, False, f"{type(error).__name__}: {_one_line(str(error))}", probe.remedy))
    finally:
        found.put(None)


def failed(part: str, error: RagError, remedy: str) -> Health:
    """An error of ours, its remedy apart: after the first semicolon, a command after a colon, or the one given."""
    says, _, own = _one_line(str(error)).partition(": " if isinstance(error, MissingExtra) else "; ")
    return Health(part, False, says, own or remedy)


def _one_line(text: str) -> str:
    line = " ".join(text[:2000].split())
    return line if len(line) <= 500 else f"{line[:500]} ..."
