"""The commands `rag summarize` and `rag events`. No logic: they call the desk and render."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from rag.commands import lines_of, log, write
from rag.errors import InputError

if TYPE_CHECKING:
    from rag.desk import Desk
    from rag.domain import Event, Summary
    from rag.recorded import Happened

Since = Annotated[str | None, typer.Option(metavar="DAY", help="From this day: 2023, 2023-10, 2023-10-24.")]
Until = Annotated[str | None, typer.Option(metavar="DAY", help="Until this day.")]
People = Annotated[
    list[str] | None, typer.Option("--person", help="Only events of this person, however spelled; repeatable.")
]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="Only events of this country, by name or ISO code; repeatable.")
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Only events of this kind: meeting, call, visit, ...; repeatable.")
]
Outlets = Annotated[list[str] | None, typer.Option("--outlet", help="Only articles of this outlet; repeatable.")]
Langs = Annotated[
    list[str] | None, typer.Option("--lang", help="Only articles in this language: vi, en, zh, ru; repeatable.")
]
Background = Annotated[bool, typer.Option("--background", help="Also events that articles only mention.")]
Format = Annotated[Literal["table", "csv", "json", "ics", "md"], typer.Option("--format", help="What to write.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there and print nothing.")]
Mode = Annotated[
    Literal["extract", "llm"] | None,
    typer.Option(help="Records by rule, or completed by the model where it passes the check (where one is set)."),
]
Batch = Annotated[
    str | None,
    typer.Option("--batch", metavar="FILE", help="One a line from FILE ('-': stdin); JSON lines out."),
]
Store = Annotated[Path | None, typer.Option("--store", help="The store's folder (also RAG_STORE).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")]


def register(app: typer.Typer) -> None:
    """Give the application these commands."""
    app.command("summarize")(summarize)
    app.command("events")(events)


def summarize(
    articles: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="Articles' ids or their beginnings, or files.")
    ] = None,
    batch: Batch = None,
    mode: Mode = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Tell the events of articles as records: who, when, where, what was agreed and said, each cited."""
    from rag.desk import open_desk
    from rag.render_events import summary_json

    if bool(articles) == (batch is not None):
        raise typer.BadParameter("give ID... or --batch FILE, one of the two")
    log(verbose)
    lines = lines_of(batch) if batch is not None else []
    desk = open_desk(store=store)
    try:
        for line in lines:
            print(json.dumps(_summarized(desk, line, mode, verbose), ensure_ascii=False), flush=True)
        if articles:
            found = desk.summarize(articles, mode=mode)
            _tell_summary(found, verbose)
            print(_dumped(summary_json(found)) if as_json else _cards(found.events), end="")
    finally:
        desk.close()


def _summarized(desk: Desk, article: str, mode: Literal["extract", "llm"] | None, verbose: bool) -> dict[str, Any]:
    """A batch's line: the article's records, or what is wrong with it."""
    from rag.render_events import summary_json

    try:
        found = desk.summarize([article], mode=mode)
    except InputError as error:
        return {"input": article, "error": str(error)}
    _tell_summary(found, verbose)
    return summary_json(found)


def _cards(events: Sequence[Event]) -> str:
    from rag.render_events import event_text

    return "\n".join(map(event_text, events)) or "No event is told.\n"


def _tell_summary(summary: Summary, verbose: bool) -> None:
    """Say what did not go as set, and what of the model's was set aside: how much, and with `verbose` what and why."""
    from rag.render import plain, rejected_text, set_aside_text

    for notice in summary.notices:
        print(f"rag: {plain(notice)}", file=sys.stderr)
    if summary.rejected:
        print(f"rag: {set_aside_text(summary.rejected)}", file=sys.stderr)
    for each in summary.rejected if verbose else ():
        print(f"rag: set aside: {plain(rejected_text(each))}", file=sys.stderr)


def events(
    since: Since = None,
    until: Until = None,
    person: People = None,
    country: Countries = None,
    kind: Kinds = None,
    outlet: Outlets = None,
    lang: Langs = None,
    background: Background = False,
    format: Format = "table",
    out: Out = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List the stored events by day, articles on one event put together; as a table, as data or as a calendar."""
    from rag.desk import open_desk
    from rag.recorded import Wanted

    log(verbose)
    people, countries, kinds, outlets, langs = (
        tuple(each or ()) for each in (person, country, _kinds(kind), outlet, lang)
    )
    wanted = Wanted(since, until, people, countries, kinds, outlets, langs, background)
    desk = open_desk(store=store)
    try:
        happened = desk.events(wanted)
    finally:
        desk.close()
    tell_left_out(happened)
    write(_rendered(happened, "json" if as_json else format), out, what="the events are")


def _kinds(kinds: list[str] | None) -> list[str]:
    from typing import get_args

    from rag.domain import EventKind

    for kind in kinds or ():
        if kind not in get_args(EventKind):
            raise InputError(f"{kind!r} is no kind of event; give one of {', '.join(get_args(EventKind))}")
    return kinds or []


def tell_left_out(happened: Happened) -> None:
    """Say how many events are left out for want of a year, and how many articles are not read for events yet."""
    if happened.undated:
        left = _counted(happened.undated, "event", "left out", "left out")
        print(f"rag: {left}: no article states a day that is surely in the period", file=sys.stderr)
    if happened.unread:
        left = _counted(happened.unread, "article", "is not read", "are not read")
        print(f"rag: {left} for events yet; run `rag reindex`", file=sys.stderr)


def _counted(number: int, noun: str, one: str, several: str) -> str:
    return f"{number} {noun} {one}" if number == 1 else f"{number} {noun}s {several}"


def _rendered(happened: Happened, format: str) -> str:
    if format == "csv":
        from rag.event_tables import events_csv

        return events_csv(happened.events)
    if format == "ics":
        from rag.event_calendar import events_ics

        text, left_out = events_ics(happened.events)
        if left_out:
            left = _counted(left_out, "event", "is not", "are not")
            print(f"rag: {left} in the calendar, for want of a full date", file=sys.stderr)
        return text
    if format == "table":
        from rag.event_tables import events_table

        return events_table(happened.events, width=shutil.get_terminal_size().columns) or "No event.\n"
    from rag.render_events import event_json, event_markdown

    if format == "md":
        return "# Events\n\n" + "\n".join(map(event_markdown, happened.events))
    found = [event_json(event) for event in happened.events]
    return _dumped({"events": found, "undated": happened.undated, "unread": happened.unread})


def _dumped(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
