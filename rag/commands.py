"""What several commands share: inputs one a line, and results written to a file."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from rag.errors import InputError


def lines_of(batch: str) -> list[str]:
    """The lines of a batch file that are not empty; of stdin for `-`. Raises InputError for one that is no UTF-8."""
    try:
        text = sys.stdin.read() if batch == "-" else Path(batch).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{batch} cannot be read: {error}; give a UTF-8 text file with one a line") from error
    return [line for line in text.splitlines() if line.strip()]


def log(verbose: bool) -> None:
    """Write the log as RAG_LOG says: warnings on stderr unless told, with `verbose` also what is done."""
    from rag import journal
    from rag.config import settings

    s = settings()
    journal.write(s.log, level=s.log_level, file=s.log_file, texts=s.log_text, verbose=verbose)


class Terminated(KeyboardInterrupt):
    """The process was told to end (SIGTERM)."""


class Ended(SystemExit):
    """The command is over, and its process is to end at once, whatever its threads do."""


@contextmanager
def terminable(status: int = 143) -> Iterator[None]:
    """Inside the block SIGTERM unwinds as Ctrl+C does, so that what is open is closed; then the process ends.

    Raises SystemExit with this status where it was SIGTERM, else 130.
    """

    def terminated(_number: int, _frame: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, terminated)
    try:
        yield
    except KeyboardInterrupt as stop:
        print("rag: interrupted; run the same command to go on", file=sys.stderr)
        raise Ended(status if isinstance(stop, Terminated) else 130) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def end(code: int) -> NoReturn:
    """End the process now.

    Its threads may be in native code, which the interpreter's own end would wait for, or abort (SIGABRT).
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def write(text: str, out: Path | None, *, what: str) -> None:
    """Print the text, or write it to a file as it is and say on stderr where `what` is. Raises InputError."""
    if out is None:
        print(text, end="", flush=True)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    print(f"rag: {what} in {out}", file=sys.stderr)
