"""The command `rag doctor`. No logic: it asks and renders."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli_events import AsJson, Store, Verbose
from rag.commands import log
from rag.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from rag.proof import Proof

Deep = Annotated[bool, typer.Option("--deep", help="Compare catalogue, word index, Chroma and files, whole.")]
Repair = Annotated[
    bool,
    typer.Option(
        "--repair",
        help="With --deep: make anew what the catalogue can give (word index, Chroma, sums), embedding nothing again.",
    ),
]


def register(app: typer.Typer) -> None:
    """Give the application this command."""
    app.command("doctor")(doctor)


def doctor(
    deep: Deep = False, repair: Repair = False, store: Store = None, as_json: AsJson = False, verbose: Verbose = False
) -> None:
    """Try the store, the embedder and the language model, and say what to do where one fails (exit code 1).

    With --deep nothing is tried but the whole store is proved: each passage, word and vector compared.
    """
    if repair and not deep:
        raise InputError("--repair goes with --deep; run `rag doctor --deep --repair`")
    log(verbose)
    if deep:
        _deep(store, repair, as_json)
    else:
        _shallow(store, as_json)


def _shallow(store: Path | None, as_json: bool) -> None:
    from rag import render
    from rag.desk import open_desk

    parts = []
    desk = open_desk(store=store)
    try:
        for part in desk.doctor():
            parts.append(part)
            if not as_json:
                print(render.doctor_text([part]), flush=True)
    finally:
        desk.close()
    if as_json:
        print(json.dumps(render.doctor_json(parts), ensure_ascii=False, indent=2))
    if any(part.ok is False for part in parts):
        raise typer.Exit(1)


def _deep(store: Path | None, repair: bool, as_json: bool) -> None:
    from rag import deep
    from rag.config import settings
    from rag.stored import servers_of

    named = settings(store=store)
    path, servers = named.store, servers_of(named)
    with _progress("compare") as progress:
        found = deep.prove(path, servers=servers, progress=progress)
    repaired = repair and found.repairable
    if repaired:
        if not as_json:
            print(_told(found))
        with _progress("repair") as progress:
            deep.repair(path, servers=servers, progress=progress)
        with _progress("compare") as progress:
            found = deep.prove(path, servers=servers, progress=progress)
    if as_json:
        print(json.dumps({**found.as_json(), "repaired": repaired}, ensure_ascii=False, indent=2))
    else:
        print(("repaired, and compared again\n" if repaired else "") + _told(found))
    if not found.whole:
        raise typer.Exit(1)


def _told(found: Proof) -> str:
    from rag import render

    lines = [f"compared: {', '.join(f'{count} {part}' for part, count in found.checked.items() if count)}"]
    for fault in found.faults:
        lines.append(f"{fault.kind.upper():<8}{fault.part}: {fault.count} {fault.says}: {', '.join(fault.examples)}")
        lines.append(f"        {fault.remedy}")
    lines += [f"note    {notice}" for notice in found.notices]
    lines.append(f"{found.count('lost')} lost, {found.count('doubled')} doubled, {found.count('half')} half")
    return render.plain("\n".join(lines))


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    from tqdm import tqdm

    with tqdm(desc=what, file=sys.stderr, disable=None, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress
