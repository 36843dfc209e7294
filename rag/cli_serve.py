"""The commands `rag serve` and `rag password`. No logic: they call the page and the file of passwords."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rag.commands import Ended, log, terminable
from rag.errors import InputError

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 chooses a free one.")]
Host = Annotated[str, typer.Option(help="The address to listen at; one that others reach needs --auth.")]
Auth = Annotated[
    Path | None, typer.Option("--auth", metavar="FILE", help="Ask for the names and passwords of this file.")
]
Store = Annotated[Path | None, typer.Option("--store", help="The store's folder (also RAG_STORE).")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")]


def register(app: typer.Typer) -> None:
    """Give the application these commands."""
    app.command("serve")(serve)
    app.command("password")(password)


def serve(
    port: Port = 7860, host: Host = "127.0.0.1", auth: Auth = None, store: Store = None, verbose: Verbose = False
) -> None:
    """Open the page on this machine (127.0.0.1), or with --host and --auth to others, who give a password."""
    from rag.desk import open_desk
    from rag.passwords import read
    from rag.ui import serve as serve_page

    log(verbose)
    users = read(auth) if auth else None
    desk = open_desk(store=store)
    with terminable(0):
        try:
            status = serve_page(desk, port=port, host=host, users=users)
        finally:
            desk.close()
    raise Ended(status)


def password(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Made where there is none; for `rag serve --auth`.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who may come in.")],
) -> None:
    """Add a user to a file of passwords, or change the password, which is asked for (or read from stdin)."""
    from rag.passwords import write

    new = write(file, name, _asked())
    print(f"rag: {name} {'is added to' if new else 'has a new password in'} {file}", file=sys.stderr)


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    given = getpass("Password: ")
    if getpass("Again: ") != given:
        raise InputError("the two passwords differ; run the same command again")
    return given
