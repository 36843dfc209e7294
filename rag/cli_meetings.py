"""The command `rag meetings`. No logic: it calls the desk and renders."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.commands import log, write

if TYPE_CHECKING:
    from rag.meetings import Graph

Since = Annotated[str | None, typer.Option(metavar="DAY", help="From this day: 2023, 2023-10, 2023-10-24.")]
Until = Annotated[str | None, typer.Option(metavar="DAY", help="Until this day.")]
People = Annotated[
    list[str] | None, typer.Option("--person", help="Only events of this person, however spelled; repeatable.")
]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="Only events of this country, by name or ISO code; repeatable.")
]
Format = Annotated[Literal["md", "json", "graphml", "svg"], typer.Option("--format", help="What to write.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there and print nothing.")]
Top = Annotated[
    int | None, typer.Option("--top", min=2, help="At most so many persons, those of most events; a picture: 40.")
]
Store = Annotated[Path | None, typer.Option("--store", help="The store's folder (also RAG_STORE).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON; the same as --format json.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")]

_PICTURED = 40


def register(app: typer.Typer) -> None:
    """Give the application this command."""
    app.command("meetings")(meetings)


def meetings(
    since: Since = None,
    until: Until = None,
    person: People = None,
    country: Countries = None,
    format: Format = "md",
    out: Out = None,
    top: Top = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Tell who met whom, with the dates, the places and the articles' words; as a list, as data or as a picture."""
    from rag import meetings as met
    from rag.desk import open_desk
    from rag.recorded import Wanted

    log(verbose)
    wanted = Wanted(since, until, tuple(person or ()), tuple(country or ()), met.KINDS, background=False)
    desk = open_desk(store=store)
    try:
        happened = desk.events(wanted)
    finally:
        desk.close()
    if happened.undated:
        print(f"rag: {happened.undated} events left out whose day may lie in the period", file=sys.stderr)
    if happened.unread:
        print(f"rag: {happened.unread} articles not read for events yet; run `rag reindex`", file=sys.stderr)
    form = "json" if as_json else format
    limit = top or (_PICTURED if form == "svg" else None)
    graph = met.meetings(happened.events)
    kept, left_out = met.top(graph, limit) if limit else (graph, 0)
    write(_rendered(kept, form, left_out), out, what="who met whom is")


def _rendered(graph: Graph, form: str, left_out: int) -> str:
    from rag import meetings_formats, meetings_picture

    if form == "json":
        return json.dumps(meetings_formats.graph_json(graph, left_out=left_out), ensure_ascii=False, indent=2) + "\n"
    if form == "graphml":
        return meetings_formats.graphml(graph)
    if form == "svg":
        return meetings_picture.svg(graph, left_out=left_out)
    return meetings_formats.graph_markdown(graph, left_out=left_out)
