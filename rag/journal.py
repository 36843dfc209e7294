"""What happens, told as events: each is a line of the log, and whoever listens counts it.

An event holds names of the program, ids, counts, seconds and the kinds of errors: never what a question, an article or
a header says, unless RAG_LOG_TEXT is set. What other libraries log is kept to the same rule: of their messages the
template, of an exception its kind and the lines of code that it passed.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from rag.errors import InputError, RagError

Format = Literal["json", "text", "off"]
Level = Literal["debug", "info", "warning", "error"]
Facts = dict[str, Any]
Listener = Callable[[str, Mapping[str, Any]], None]

request_id: ContextVar[str] = ContextVar("request_id", default="")  # of the HTTP request that is being answered
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_events = logging.getLogger("rag.events")
_events.setLevel(logging.INFO)
_events.addHandler(logging.NullHandler())
_listeners: list[Listener] = []
_running: Counter[str] = Counter()
_counting = Lock()
_LONGEST = 200  # characters of a value
_FRAMES = 30


def tell(event: str, *, level: int = logging.INFO, texts: Mapping[str, str] | None = None, **facts: Any) -> None:
    """Tell an event to the log and the listeners. `texts` are written only where RAG_LOG_TEXT is set."""
    if _quiet.get():
        return
    for listener in tuple(_listeners):
        listener(event, facts)
    known = {"request": request_id.get()} if request_id.get() else {}
    _events.log(level, event, extra={"facts": {**known, **facts}, "texts": texts or {}})


@contextmanager
def span(event: str, *, texts: Mapping[str, str] | None = None, **facts: Any) -> Iterator[Facts]:
    """Tell an event when the block ends, with its `seconds` and `outcome`; the block may add facts to what is given.

    The outcome is done, unless the block sets it; failed, with the kind of the error; stopped where the block was given
    up. Meanwhile it counts as running.
    """
    told: Facts = dict(facts)
    started, level = time.perf_counter(), logging.INFO
    with _counting:
        _running[event] += 1
    try:
        yield told
    except (GeneratorExit, KeyboardInterrupt):
        told["outcome"] = "stopped"
        raise
    except BaseException as error:
        told |= {"outcome": "failed", "error": type(error).__name__}
        level = logging.INFO if isinstance(error, RagError) else logging.WARNING  # the first is told to who asked
        raise
    finally:
        with _counting:
            _running[event] -= 1
        told.setdefault("outcome", "done")
        tell(event, level=level, texts=texts, **told, seconds=round(time.perf_counter() - started, 4))


def running() -> dict[str, int]:
    """How many spans of each event have begun and not ended, in this process."""
    with _counting:
        return {event: count for event, count in _running.items() if count > 0}


@contextmanager
def quiet() -> Iterator[None]:
    """Inside the block nothing that this thread does is told: what nobody asked for."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Inside the block the listener is told each event, in whatever thread it happens."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def write(
    form: Format = "text",
    *,
    level: Level | None = None,
    file: Path | None = None,
    texts: bool = False,
    verbose: bool = False,
) -> None:
    """Write the log of this process to stderr, or to the end of a file: lines of JSON, or of text.

    From `level` on; unless told from info for JSON, from warning for text, with `verbose` from info. Raises InputError
    where the file cannot be written.
    """
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each.formatter, _Formatter)]:
        root.removeHandler(old)
        old.close()
    if form == "off":
        logging.disable(logging.CRITICAL)
        return
    logging.disable(logging.NOTSET)
    try:
        handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}); choose another RAG_LOG_FILE") from error
    handler.setFormatter(_Json(texts) if form == "json" else _Text(texts))
    least = level or ("info" if verbose or form == "json" else "warning")
    number = logging.getLevelNamesMapping()[least.upper()]
    handler.addFilter(lambda record: record.levelno >= (number if _is_own(record) else max(number, logging.WARNING)))
    root.addHandler(handler)
    root.setLevel(min(number, logging.WARNING))
    _events.setLevel(number)


def _is_own(record: logging.LogRecord) -> bool:
    return record.name.split(".")[0] == "rag"


class _Formatter(logging.Formatter):
    def __init__(self, texts: bool) -> None:
        super().__init__()
        self._texts = texts

    def facts(self, record: logging.LogRecord) -> Facts:
        """What a record tells beside time, level and event."""
        facts = {name: _value(value) for name, value in vars(record).get("facts", {}).items()}
        if "facts" not in vars(record):
            facts = {"at": f"{record.module}:{record.lineno}", "says": self._message(record)}
        if self._texts:
            facts |= vars(record).get("texts", {})
        if record.exc_info and record.exc_info[1]:
            facts |= self._failure(record.exc_info[1])
        return facts

    def _message(self, record: logging.LogRecord) -> str:
        """The message; without its values, and nothing of another library's that may hold them already."""
        if self._texts:
            return record.getMessage()
        constant = isinstance(record.msg, str) and (bool(record.args) or _is_own(record))
        return str(record.msg) if constant else ""

    def _failure(self, error: BaseException) -> Facts:
        kind = type(error).__name__
        if self._texts:
            return {"error": kind, "traceback": "".join(traceback.format_exception(error))}
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        return {
            "error": kind,
            "trace": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
        }


class _Json(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time_of = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event = record.msg if "facts" in vars(record) else record.name
        line = {"time": time_of, "level": record.levelname.lower(), "event": event, **self.facts(record)}
        return json.dumps(line, ensure_ascii=True, default=str)


class _Text(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event = record.msg if "facts" in vars(record) else record.name
        told = " ".join(f"{name}={_plain(value)}" for name, value in self.facts(record).items() if value != "")
        return f"rag: {event} {told}".rstrip()


def _plain(value: Any) -> str:
    """A value on one line, in quotes where it is more than one word."""
    text = str(value)
    return text if text.isprintable() and " " not in text and text.isascii() else json.dumps(text)


def _value(value: Any) -> Any:
    """Numbers as they are; of anything else the first 200 characters."""
    return value if value is None or isinstance(value, bool | int | float) else str(value)[:_LONGEST]
