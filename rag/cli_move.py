"""The commands `rag export` and `rag import`. No logic: they move and say what was moved."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.cli_events import AsJson, Store, Verbose
from rag.commands import log

File = Annotated[Path, typer.Argument(metavar="FILE", help="The archive, such as news.rag.tar.gz.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an archive that is there.")]


def register(app: typer.Typer) -> None:
    """Give the application these commands."""
    app.command("export")(export)
    app.command("import")(take_in)


def export(
    file: File, overwrite: Overwrite = False, store: Store = None, as_json: AsJson = False, verbose: Verbose = False
) -> None:
    """Write the whole store into one archive, as it is at one moment; others may go on writing it."""
    from rag import moving
    from rag.config import settings
    from rag.stored import servers_of

    log(verbose)
    named = settings(store=store)
    moved = moving.export(named.store, file, servers=servers_of(named), overwrite=overwrite)
    _print(moved, f"{moved.articles} articles, {moved.passages} passages in {file} ({moved.bytes} bytes)", as_json)


def take_in(file: File, store: Store = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Make a store of an archive of `rag export`, in a new folder or database; nothing is embedded again."""
    from rag import moving
    from rag.config import settings
    from rag.stored import servers_of

    log(verbose)
    named = settings(store=store)
    with _progress() as progress:
        moved = moving.take_in(file, named.store, servers=servers_of(named), progress=progress)
    _print(moved, f"{moved.articles} articles, {moved.passages} passages in {named.server or named.store}", as_json)


def _print(moved: object, text: str, as_json: bool) -> None:
    print(json.dumps(asdict(moved), ensure_ascii=False, indent=2) if as_json else text)  # type: ignore[call-overload]


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    from tqdm import tqdm

    with tqdm(desc="import", unit="passage", file=sys.stderr, disable=None, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress
