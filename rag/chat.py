"""Answers on a terminal: statements as they come, and a conversation whose follow-ups read the earlier answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, cast

from rag import render, render_brief, render_events
from rag.domain import Answer, Statement, Summary
from rag.errors import InputError
from rag.limits import Filters
from rag.requested import Briefed, Carded

if TYPE_CHECKING:
    from rag.asking import Options
    from rag.desk import Desk

_UNLIMITED = "the options of this conversation limit its questions, not a summary or a briefing"
_HELP = "/new begins another conversation, /quit or Ctrl+D ends, Ctrl+C stops an answer"


def show(
    desk: Desk, question: str, options: Options, *, as_json: bool, verbose: bool, indent: int | None = 2
) -> Answer:
    """Ask and print: on a terminal each statement when it is ready, else the whole at the end; notices on stderr.

    An interrupt closes the stream, which stops the model. Raises KeyboardInterrupt, InputError, StoreError.
    """
    live = sys.stdout.isatty() and not as_json
    shown = 0
    with closing(cast("Generator[Statement | Answer]", desk.stream(question, **options))) as stream:
        for each in stream:
            if isinstance(each, Answer):
                answer = each
            else:
                shown += 1
                if live:
                    print(render.statement_text(shown, each), flush=True)
    for notice in answer.notices:
        print(render.plain(f"rag: {notice}"), file=sys.stderr)
    if as_json:
        print(json.dumps(render.answer_json(answer), ensure_ascii=False, indent=indent), flush=True)
    elif not live or shown != len(answer.statements):
        print(render.answer_text(answer, verbose=verbose), flush=True)
    else:
        rewritten = f"{render.plain(render.rewritten_text(answer))}\n" if answer.rewritten else ""
        print(rewritten + render.answer_end_text(answer, verbose=verbose), flush=True)
    return answer


def converse(desk: Desk, options: Options, *, as_json: bool, verbose: bool) -> None:
    """Answer the lines of stdin, each with the earlier answers, until it ends. Raises StoreError.

    A request for a summary or a briefing is fulfilled in place; later questions do not refer to it.
    """
    history: list[Answer] = []
    print(f"rag: type a question; {_HELP}", file=sys.stderr)
    for line in _lines():
        if line == "/quit":
            return
        if line == "/new":
            history.clear()
            print("rag: a new conversation", file=sys.stderr)
        elif line.startswith("/"):
            print(f"rag: there is no {line.split()[0]}; {_HELP}", file=sys.stderr)
        elif line:
            answer = _answered(desk, line, options, history, as_json, verbose)
            history += [answer] if answer else []


def _answered(
    desk: Desk, line: str, options: Options, history: list[Answer], as_json: bool, verbose: bool
) -> Answer | None:
    asked: Options = {**options, "history": tuple(history)}
    try:
        found = desk.requested(line, lang=options.get("lang"))
        if found is not None:
            _print(found, limited=options.get("filters") not in (None, Filters()), as_json=as_json)
            return None
        return show(desk, line, asked, as_json=as_json, verbose=verbose, indent=None)
    except KeyboardInterrupt:
        print("\nrag: stopped; the model writes no more", file=sys.stderr)
    except InputError as error:
        print(f"rag: {error}", file=sys.stderr)
    return None


def _print(found: Carded | Briefed, *, limited: bool, as_json: bool) -> None:
    """The cards of the events or the briefing that a request gave, or why there are none."""
    notices = [_UNLIMITED] if limited else []
    if found.reason is not None:
        names = found.names if isinstance(found, Carded) else ()
        refused = Answer(found.request.text, found.request.answer_lang, names=names, reason=found.reason)
        text, whole = render.answer_text(refused), render.answer_json(refused)
    elif isinstance(found, Carded):
        notices += found.notices
        text = "\n".join(map(render_events.event_text, found.events))
        whole = render_events.summary_json(Summary(found.events, notices=found.notices))
    elif found.briefing is not None:
        text, whole = render_brief.brief_markdown(found.briefing), render_brief.brief_json(found.briefing)
    for notice in notices:
        print(render.plain(f"rag: {notice}"), file=sys.stderr)
    print(json.dumps(whole, ensure_ascii=False) if as_json else text.rstrip(), flush=True)


def _lines() -> Iterator[str]:
    """The lines of stdin without the space around them; on a terminal with a prompt, where Ctrl+C empties the line."""
    asking = sys.stdin.isatty()
    if asking:
        import readline  # noqa: F401  (input() edits the line and remembers earlier ones)
    while True:
        try:
            line = input("> ") if asking and sys.stdout.isatty() else sys.stdin.readline()
        except EOFError:
            return
        except KeyboardInterrupt:
            if not asking:
                raise
            print("\nrag: Ctrl+D or /quit ends", file=sys.stderr)
            continue
        if not line and not asking:
            return
        yield line.encode("utf-8", "replace").decode("utf-8").strip()
