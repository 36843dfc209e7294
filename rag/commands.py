"""What several commands share: inputs one a line, and results written to a file."""

from __future__ import annotations

import sys
from pathlib import Path

from rag.errors import InputError


def lines_of(batch: str) -> list[str]:
    """The lines of a batch file that are not empty; of stdin for `-`. Raises InputError for one that is no UTF-8."""
    try:
        text = sys.stdin.read() if batch == "-" else Path(batch).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{batch} cannot be read: {error}; give a UTF-8 text file with one a line") from error
    return [line for line in text.splitlines() if line.strip()]


def log(verbose: bool) -> None:
    """Say warnings on stderr, with `verbose` also what is done."""
    import logging

    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=level, format="rag: %(message)s")


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


def folder_of(store: Path | None, *, instead: str) -> Path:
    """The store's folder. Raises InputError for a store on servers, naming what there is `instead`."""
    from rag.config import settings

    found = settings(store=store)
    if found.server is not None:
        raise InputError(f"{found.server} is a store on servers, and this is for one in a folder; {instead}")
    return found.store
