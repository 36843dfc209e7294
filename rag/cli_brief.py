"""The command `rag brief`. No logic: it calls the desk and renders."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.commands import log, write

if TYPE_CHECKING:
    from rag.domain import Briefing

Day = Annotated[str | None, typer.Option("--date", metavar="DAY", help="The briefing of this day: 2023-10-24.")]
Since = Annotated[str | None, typer.Option(metavar="DAY", help="Its first day.")]
Until = Annotated[str | None, typer.Option(metavar="DAY", help="Its last day.")]
SinceLast = Annotated[
    bool, typer.Option("--since-last", help="From the day after the last such briefing until the newest article's day.")
]
Lang = Annotated[Literal["en", "vi"], typer.Option(help="Its language; quotes stay as they are.")]
People = Annotated[
    list[str] | None, typer.Option("--person", help="Only events of this person, however spelled; repeatable.")
]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="Only events of this country, by name or ISO code; repeatable.")
]
Outlets = Annotated[list[str] | None, typer.Option("--outlet", help="Only articles of this outlet; repeatable.")]
Mode = Annotated[
    Literal["extract", "llm"] | None,
    typer.Option(help="Sentences by rule, or where they pass the check by the model (where one is set)."),
]
Format = Annotated[Literal["md", "html", "json"], typer.Option("--format", help="What to write.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there and print nothing.")]
Generated = Annotated[
    str | None, typer.Option(metavar="DAY", help="The day to say that it was made on; none is said unless told.")
]
Store = Annotated[Path | None, typer.Option("--store", help="The store's folder (also RAG_STORE).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON; the same as --format json.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")]


def register(app: typer.Typer) -> None:
    """Give the application this command."""
    app.command("brief")(brief)


def brief(
    date: Day = None,
    since: Since = None,
    until: Until = None,
    since_last: SinceLast = False,
    lang: Lang = "en",
    person: People = None,
    country: Countries = None,
    outlet: Outlets = None,
    mode: Mode = None,
    format: Format = "md",
    out: Out = None,
    generated: Generated = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Tell what a day's articles tell, cited: the most important first, and what has changed since the day before."""
    from rag.briefs import Asked, day, remember
    from rag.desk import open_desk

    if (date is not None) + (since is not None or (until is not None and not since_last)) + since_last != 1:
        raise typer.BadParameter("give --date DAY, --since DAY --until DAY, or --since-last; one of the three")
    log(verbose)
    first, last = (day(text) if text else None for text in (date or since, date or until))
    made = day(generated).isoformat() if generated else None
    asked = Asked(first, last, since_last, lang, tuple(person or ()), tuple(country or ()), tuple(outlet or ()))
    desk = open_desk(store=store)
    try:
        found = desk.brief(asked, mode=mode)
    finally:
        desk.close()
    if verbose:
        _tell_aside(found)
    write(_rendered(found, "json" if as_json else format, made), out, what="the briefing is")
    remember(desk.settings.store, asked, found)


def _tell_aside(briefing: Briefing) -> None:
    """Say what of the model's sentences did not pass the check, and why."""
    from rag.render import plain, rejected_text

    for each in briefing.rejected:
        print(f"rag: set aside: {plain(rejected_text(each))}", file=sys.stderr)


def _rendered(briefing: Briefing, format: str, made: str | None) -> str:
    if format == "html":
        from rag.brief_html import brief_html

        return brief_html(briefing, generated=made)
    from rag.render_brief import brief_json, brief_markdown

    if format == "json":
        return json.dumps(brief_json(briefing, generated=made), ensure_ascii=False, indent=2) + "\n"
    return brief_markdown(briefing, generated=made)
