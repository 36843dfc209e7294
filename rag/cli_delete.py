"""The command `rag delete`. No logic: it asks and calls the desk."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from rag import render
from rag.cli_events import AsJson, Store, Verbose
from rag.commands import log
from rag.errors import InputError

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of articles, or the beginnings of them.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]


def register(app: typer.Typer) -> None:
    """Give the application this command."""
    app.command("delete")(delete)


def delete(ids: Ids, yes: Yes = False, store: Store = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Remove articles, their passages, names and events. Ingested again they come back."""
    from rag.desk import open_desk

    log(verbose)
    desk = open_desk(store=store)
    try:
        named = [desk.records.article(one).source for one in ids]
        if not yes:
            _ask([render.plain(f"{source.id}  {render.facts(source)}") for source in named])
        count = desk.delete([source.id for source in named])
    finally:
        desk.close()
    print(json.dumps({"deleted": count}) if as_json else f"{count} {'article' if count == 1 else 'articles'} deleted")


def _ask(named: list[str]) -> None:
    """Raises InputError where nobody can be asked, Abort where the answer is no."""
    if not sys.stdin.isatty():
        raise InputError("deleting asks first; give --yes where there is no terminal")
    print("\n".join(named), file=sys.stderr)
    typer.confirm("Delete?", abort=True, err=True)
