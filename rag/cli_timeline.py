"""The command `rag timeline`. No logic: it calls the desk and renders."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from rag.cli_events import AsJson, Background, Out, Since, Store, Until, Verbose, tell_left_out
from rag.commands import log, write

About = Annotated[
    str, typer.Argument(metavar="PERSON|COUNTRY", help="A person, however spelled, or a country by name or ISO code.")
]
Format = Annotated[Literal["md", "json"], typer.Option("--format", help="What to write.")]


def register(app: typer.Typer) -> None:
    """Give the application this command."""
    app.command("timeline")(timeline)


def timeline(
    about: About,
    since: Since = None,
    until: Until = None,
    background: Background = False,
    format: Format = "md",
    out: Out = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Tell what a person or a country took part in, day by day, with the articles' words."""
    from rag import timeline as timelines
    from rag.desk import open_desk
    from rag.recorded import Wanted

    log(verbose)
    people, countries = ((), (about,)) if timelines.is_country(about) else ((about,), ())
    wanted = Wanted(since, until, people=people, countries=countries, background=background)
    desk = open_desk(store=store)
    try:
        happened = desk.events(wanted)
    finally:
        desk.close()
    tell_left_out(happened)
    found = timelines.timeline(about, happened.events)
    if as_json or format == "json":
        counts = {"left_out": happened.undated, "unread": happened.unread}
        text = json.dumps({**timelines.timeline_json(found), **counts}, ensure_ascii=False, indent=2) + "\n"
    else:
        text = timelines.timeline_markdown(found)
    write(text, out, what="the timeline is")
