"""The command line. No logic: it calls the desk and renders."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from rag import (
    __version__,
    cli_brief,
    cli_delete,
    cli_doctor,
    cli_eval,
    cli_events,
    cli_meetings,
    cli_move,
    cli_serve,
    cli_timeline,
)
from rag.commands import Ended, end, lines_of, log, terminable
from rag.errors import InputError, RagError

if TYPE_CHECKING:
    from rag.asking import Options
    from rag.desk import Desk, Filters
    from rag.domain import Rejected

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Store = Annotated[Path | None, typer.Option("--store", help="The store's folder (also RAG_STORE).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")]
Batch = Annotated[
    str | None,
    typer.Option("--batch", metavar="FILE", help="One a line from FILE ('-': stdin); JSON lines out."),
]
Since = Annotated[str | None, typer.Option(help="Published on or after this date: 2023, 2023-10, 2023-10-24.")]
Until = Annotated[str | None, typer.Option(help="Published on or before this date.")]
Outlet = Annotated[str | None, typer.Option(help="Only this outlet.")]
Lang = Annotated[str | None, typer.Option(help="Only articles in this language: vi, en, zh, ru.")]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", help="Only articles that hold this person, place or country, however spelled; repeatable."),
]
People = Annotated[
    list[str] | None, typer.Option("--person", help="Only articles that hold this person, however spelled; repeatable.")
]
Countries = Annotated[
    list[str] | None,
    typer.Option("--country", help="Only articles that name this country or its people, in any language; repeatable."),
]
Today = Annotated[
    str | None, typer.Option(help="The day that words such as 'last week' count from, unless the newest article's.")
]
NoDateWords = Annotated[bool, typer.Option("--no-date-words", help="Date words in the question limit nothing.")]
AnswerMode = Annotated[
    Literal["extract", "llm"] | None,
    typer.Option("--mode", help="Answer with the articles' sentences, or in prose by the model (where one is set)."),
]
AnswerLang = Annotated[
    Literal["vi", "en", "zh", "ru"] | None,
    typer.Option("--answer-lang", help="The language of the answer, unless told the question's."),
]
Limit = Annotated[int, typer.Option(min=1, max=100, help="Passages at most.")]


def main() -> None:
    """Run the command line: 0 when it did its work, 1 on a user's error with one line, 2 on wrong usage."""
    try:
        app()
    except RagError as error:
        sys.exit(f"rag: {error}")
    except KeyboardInterrupt:
        print("rag: interrupted; run the same command to go on", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def run() -> None:
    """`main` as a process of its own. An interrupted one, and the page's, ends at once, whatever its threads do."""
    try:
        main()
    except SystemExit as stop:
        if stop.code == 130 or isinstance(stop, Ended):
            end(int(str(stop.code)))
        raise


def _version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def rag(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Ask a pile of news articles what happened, and get an answer that can be checked."""


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs: .txt .md .html .jsonl, also .gz.")],
    part: Annotated[
        str | None, typer.Option(metavar="N/OF", help="Only this worker's share of the files: 2/4, of four workers.")
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch the paths that are http(s) addresses.")] = False,
    fetch_hosts: Annotated[
        list[str] | None,
        typer.Option("--fetch-host", metavar="HOST[:PORT]", envvar="RAG_FETCH_HOSTS", help="May be private; trusted."),
    ] = None,
    ray: Annotated[bool, typer.Option("--ray", help="Have Ray's workers read, split and embed.")] = False,
    ray_address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", envvar="RAY_ADDRESS", help="The Ray of --ray, unless one is started here."),
    ] = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Read articles into the store. The same files again change nothing; an interrupted run goes on."""
    from rag import render
    from rag.share import share

    own, address = share(part) if part else None, (ray_address or "local") if ray else None
    with terminable(), _desk(store, verbose) as desk, _progress("ingest", "file") as progress:
        refused: tuple[Rejected, ...] = ()
        if fetch:
            from rag.fetch import fetched

            found, refused = fetched(paths, store=desk.settings.store, allow=frozenset(fetch_hosts or ()))
            paths = list(found)
        report = desk.ingest(paths, progress=progress, share=own, ray=address)
        report = replace(report, rejected=(*report.rejected, *refused))
    _print(render.ingested_json(report) if as_json else render.ingested_text(report))


@app.command()
def clean(
    file: Annotated[str | None, typer.Argument()] = None,
    batch: Batch = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show what cleaning keeps of a file: the article, what its page states, the lines dropped and why."""
    from rag import render
    from rag.domain import Rejected

    with _desk(store, verbose) as desk:
        for path in _inputs(file, batch, "FILE"):
            for article in desk.clean(path):
                if isinstance(article, Rejected):
                    if not batch:
                        raise InputError(f"{article.path}: {article.reason}")
                    _print(render.rejected_json(article), line=True)
                elif as_json or batch:
                    _print(render.clean_json(article), line=batch is not None)
                else:
                    fields = render.source_fields(article.source)
                    _print(render.article_text(fields, article.text))
                    print(render.dropped_text(article), file=sys.stderr)


@app.command()
def articles(store: Store = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """List what is stored."""
    from rag import render

    with _desk(store, verbose) as desk:
        rows = desk.articles()
    if as_json:
        _print({"articles": [render.article_json(row.source, row.chars) for row in rows]})
    else:
        for row in rows:
            _print(render.plain(f"{row.id}  {row.source.lang}  {row.chars:>7}  {render.facts(row.source)}"))


@app.command()
def show(
    article: Annotated[str | None, typer.Argument(metavar="ID", help="An id or its beginning.")] = None,
    batch: Batch = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show one article whole: text, what its page states, passages. Citations are spans of this text."""
    from rag import render

    def one(desk: Desk, asked: str) -> tuple[Any, str]:
        shown = desk.show(asked)
        fields = {"id": shown.article.id, **render.source_fields(shown.article.source)}
        text = render.article_text(fields, shown.article.text)
        return render.show_json(shown.article, shown.chunks, shown.sources), text

    _each(one, article, "ID", batch, store, as_json, verbose)


@app.command()
def search(
    query: Annotated[str | None, typer.Argument()] = None,
    batch: Batch = None,
    limit: Limit = 8,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    lang: Lang = None,
    name: Names = None,
    person: People = None,
    country: Countries = None,
    today: Today = None,
    no_date_words: NoDateWords = False,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Find passages: scores by channel and the spellings of names that matched."""
    from rag import render

    filters = _filters(since, until, outlet, lang, name, person, country, today, not no_date_words)

    def one(desk: Desk, asked: str) -> tuple[Any, str]:
        found = desk.search(asked, limit=limit, filters=filters)
        hits, names, undated, dates = found.hits, found.names, found.undated, found.dates
        as_text = render.search_text(hits, names, undated=undated, dates=dates)
        return render.search_json(hits, names, undated=undated, seconds=found.seconds, dates=dates), as_text

    _each(one, query, "QUERY", batch, store, as_json, verbose)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument()] = None,
    batch: Batch = None,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    lang: Lang = None,
    name: Names = None,
    person: People = None,
    country: Countries = None,
    today: Today = None,
    no_date_words: NoDateWords = False,
    mode: AnswerMode = None,
    answer_lang: AnswerLang = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Answer a question with cited statements of the articles, or say that they do not say."""
    from rag import chat, render

    filters = _filters(since, until, outlet, lang, name, person, country, today, not no_date_words)
    options: Options = {"filters": filters, "mode": mode, "lang": answer_lang}

    def one(desk: Desk, asked: str) -> tuple[Any, str]:
        answer = desk.ask(asked, **options)
        return render.answer_json(answer), ""

    if batch is not None:
        _each(one, question, "QUESTION", batch, store, as_json, verbose)
        return
    (asked,) = _inputs(question, batch, "QUESTION")
    with _desk(store, verbose) as desk:
        try:
            chat.show(desk, asked, options, as_json=as_json, verbose=verbose)
        except KeyboardInterrupt:
            print("rag: stopped; no more is written", file=sys.stderr)
            raise typer.Exit(130) from None


@app.command("chat")
def converse(
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    lang: Lang = None,
    mode: AnswerMode = None,
    answer_lang: AnswerLang = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Ask one question after another from stdin; a follow-up ("and when?") is completed from the earlier ones.

    "Summarise the Jakarta meeting" gives the card of the event, "brief me on 24 October 2023" a briefing.
    """
    from rag import chat

    filters = _filters(since, until, outlet, lang, None, None, None, None, True)
    with _desk(store, verbose) as desk:
        chat.converse(desk, {"filters": filters, "mode": mode, "lang": answer_lang}, as_json=as_json, verbose=verbose)


@app.command()
def names(
    a: Annotated[str | None, typer.Argument(help="A name; alone, the stored spellings that it matches.")] = None,
    b: Annotated[str | None, typer.Argument(help="Another: whether the two can be one name, and why.")] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="FILE", help="One a line, or two separated by a tab; JSON lines out."),
    ] = None,
    store: Store = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Compare two spellings of a name, or list the stored spellings of one."""
    from rag import render

    def one(desk: Desk, asked: str) -> tuple[Any, str]:
        first, tab, second = asked.partition("\t")
        if tab:
            likeness = desk.same_name(first, second)
            as_object = render.likeness_json(first, second, likeness.match, likeness.score, likeness.why)
            return as_object, render.likeness_text(likeness.match, likeness.score, likeness.why)
        spelled = [(s.text, s.kind, s.articles, s.likeness.score, s.likeness.why) for s in desk.spellings(first)]
        return render.spellings_json(first, spelled), render.spellings_text(spelled)

    _each(one, a if b is None else f"{a}\t{b}", "A", batch, store, as_json, verbose)


@app.command()
def reindex(store: Store = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Make Chroma and the word index anew from the catalogue; embeds again only for another RAG_EMBEDDER."""
    with terminable(), _desk(store, verbose) as desk, _progress("reindex", "passage") as progress:
        passages = desk.reindex(progress=progress)
    _print({"passages": passages} if as_json else f"{passages} passages indexed")


cli_doctor.register(app)
cli_move.register(app)
cli_events.register(app)
cli_timeline.register(app)
cli_brief.register(app)
cli_meetings.register(app)
cli_serve.register(app)
cli_delete.register(app)
cli_eval.register(app)


@contextmanager
def _desk(store: Path | None, verbose: bool) -> Iterator[Desk]:
    from rag.desk import open_desk

    log(verbose)
    desk = open_desk(store=store)
    try:
        yield desk
    finally:
        desk.close()


@contextmanager
def _progress(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    from tqdm import tqdm

    with tqdm(desc=what, unit=unit, file=sys.stderr, disable=None, leave=False) as bar:
        told = ""

        def progress(done: int, total: int) -> None:
            nonlocal told
            told = f"{done} of {total} {unit}s are done"
            bar.total = total
            bar.update(done - bar.n)

        try:
            yield progress
        except KeyboardInterrupt:
            bar.close()
            if told:
                print(f"rag: {told} and kept", file=sys.stderr)
            raise


def _filters(
    since: str | None,
    until: str | None,
    outlet: str | None,
    lang: str | None,
    names: list[str] | None,
    people: list[str] | None,
    countries: list[str] | None,
    today: str | None,
    date_words: bool,
) -> Filters:
    from rag.desk import Filters

    return Filters(
        since=since,
        until=until,
        outlet=outlet,
        lang=lang,
        names=tuple(names or ()),
        people=tuple(people or ()),
        countries=tuple(countries or ()),
        today=today,
        date_words=date_words,
    )


def _inputs(one: str | None, batch: str | None, name: str) -> list[str]:
    if (one is None) == (batch is None):
        raise typer.BadParameter(f"give {name} or --batch FILE, one of the two")
    if batch is None:
        return [one or ""]
    return lines_of(batch)


def _each(
    one: Callable[[Desk, str], tuple[Any, str]],
    given: str | None,
    name: str,
    batch: str | None,
    store: Path | None,
    as_json: bool,
    verbose: bool,
) -> None:
    """Print what `one` gives for the argument, or a line of JSON for each line of the batch."""
    inputs = _inputs(given, batch, name)
    with _desk(store, verbose) as desk:
        for line in inputs:
            try:
                as_object, as_text = one(desk, line)
            except InputError as error:
                if not batch:
                    raise
                as_object, as_text = {"input": line, "error": str(error)}, ""
            _print(as_object if as_json or batch else as_text, line=batch is not None)


def _print(result: Any, *, line: bool = False) -> None:
    if not isinstance(result, str):
        result = json.dumps(result, ensure_ascii=False, indent=None if line else 2)
    print(result, flush=line)


if __name__ == "__main__":
    run()
