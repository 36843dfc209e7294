"""The page: a chat whose answers open their sources beside it. No logic: it calls the desk and renders.

What articles and questions say is text, never markup: `escaped` in the chat, text nodes in the source panel.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rag import render
from rag.domain import Answer, Citation, DateFilter, NameMatch, Source, Statement
from rag.errors import InputError, RagError

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

    from rag.desk import Desk

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported; else it looks for outside hosts

TITLE = "Ask the articles"
_CHAT: dict[str, Any] = {
    "label": "Questions and answers",
    "show_label": False,
    "placeholder": "Ask a question; every answer shows where it stands.",
    "examples": [
        {"text": "What did the two sides agree on?"},
        {"text": "Hai bên đã thống nhất những gì?"},
        {"text": "Who met whom, and when?"},
        {"text": "Ai đã gặp ai?"},
    ],
    "buttons": [],
    "latex_delimiters": [],
    "autoscroll": False,  # page.js brings the question to the top
}
_QUESTION: dict[str, Any] = {
    "label": "Question",
    "show_label": False,
    "container": False,
    "placeholder": "Ask a question · Đặt câu hỏi",
    "max_lines": 4,
    "scale": 8,
}
_FONT = ("system-ui", "Noto Sans", "Arial", "sans-serif")

# The browser itself refuses every other host, also where a page library or an article would ask one.
# Gradio compiles its templates in the page, hence 'unsafe-eval'.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def escaped(text: str) -> str:
    """The text as HTML that shows exactly its words, on one line, in HTML and in Markdown alike.

    Every ASCII character but letters, digits and single spaces becomes a character reference, which neither
    language reads as markup (CommonMark, section 2.5).
    """
    return "".join(
        char if char == " " or not char.isascii() or char.isalnum() else f"&#{ord(char)};"
        for char in render.plain(" ".join(text.split()))
    )


def question_html(question: str) -> str:
    """A question as a chat message."""
    return f'<div dir="auto">{escaped(question)}</div>'


def answer_html(answer: Answer) -> str:
    """An answer as a chat message: numbered statements that link to their sources, or why there are none."""
    if answer.refused:
        said = f'<div class="refusal">The articles do not say: {escaped(answer.reason or "")}.</div>'
    else:
        said = f'<ol class="statements">{_statements_html(answer.statements)}</ol>'
    return f'<div class="answer">{said}{_names_html(answer.names)}{_dates_html(answer.dates)}</div>'


def _statements_html(statements: Sequence[Statement]) -> str:
    numbers: dict[str, int] = {}
    items = []
    for statement in statements:
        links = [
            _link_html(citation, numbers.setdefault(address(citation), len(numbers) + 1))
            for citation in statement.citations
        ]
        sources = dict.fromkeys(render.facts(citation.source) for citation in statement.citations)
        items.append(
            f'<li><span lang="{escaped(statement.lang or "")}" dir="auto">{escaped(statement.text)}</span> '
            f'{" ".join(links)}<span class="facts" dir="auto">{"<br>".join(map(escaped, sources))}</span></li>'
        )
    return "".join(items)


def _link_html(citation: Citation, number: int) -> str:
    title = escaped(f"Source {number}: {render.facts(citation.source)}")
    return f'<a class="cite" href="#source-{escaped(address(citation))}" title="{title}">[{number}]</a>'


def _names_html(names: Sequence[NameMatch]) -> str:
    return f'<div class="names" dir="auto">{escaped(render.names_text(names))}</div>' if names else ""


def _dates_html(dates: Sequence[DateFilter]) -> str:
    return f'<div class="names" dir="auto">{escaped(render.dates_text(dates))}</div>' if dates else ""


def notice_html(text: str) -> str:
    """A failure as a chat message."""
    return f'<div class="notice" role="alert">{escaped(text)}</div>'


def address(citation: Citation) -> str:
    """Where a citation stands, for the page: `ARTICLE-START-END`. It needs no memory of the turn it was made in."""
    return f"{citation.source.id}-{citation.start}-{citation.end}"


def passage(desk: Desk, where: str) -> dict[str, Any]:
    """The article of an `address` for the source panel: what its page states, and its text cut at the quote.

    All values are plain text: title, lang, fields as [name, value] pairs, before, quote, after; or an error.
    """
    try:
        article_id, start, end = _parsed(where)
        article = desk.show(article_id).article
        text, source = article.text, article.source
        if not start < end <= len(text):
            raise InputError(f"article {article_id} has no characters {start} to {end}; ask again")
    except RagError as error:
        return {"error": str(error)}
    return {
        "title": source.title or "(no title)",
        "lang": source.lang or "",
        "fields": _fields(source),
        "before": text[:start],
        "quote": text[start:end],
        "after": text[end:],
    }


def _parsed(where: str) -> tuple[str, int, int]:
    article_id, start, end = (*str(where).split("-", 2), "", "")[:3]
    if not (article_id and start.isdecimal() and end.isdecimal() and max(len(start), len(end)) < 12):
        raise InputError(f"{where!r} is no address of a passage; click a citation in the chat")
    return article_id, int(start), int(end)


def _fields(source: Source) -> list[tuple[str, str]]:
    fields = {
        "Outlet": source.outlet or source.agency,
        "Date": source.published,
        "Language": source.lang,
        "Byline": source.author,
        "File": f"{source.path} line {source.item}" if source.item else source.path,
        "Address": source.url,
    }
    always = ("Outlet", "Date", "Language", "File")
    return [(name, value or "not stated") for name, value in fields.items() if value or name in always]


def status(desk: Desk) -> str:
    """How many articles there are to ask, or what to do where there is none."""
    try:
        count = len(desk.articles())
    except RagError as error:
        return str(error)
    if not count:
        return "There are no articles yet. Run `rag ingest PATH` with your files, then reload this page."
    return f"{count:,} article{'s'[: count - 1]} to ask. Answers are their own words, with the source."


def reply(desk: Desk, question: str) -> str:
    """The chat message that answers a question; a failure is one too."""
    try:
        return answer_html(desk.ask(question))
    except RagError as error:
        return notice_html(str(error))


def build(desk: Desk) -> gradio.Blocks:
    """The page over a desk. Nothing is read before somebody opens it."""
    import gradio

    def ask(question: str, chat: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        if not question.strip():
            yield "", chat
            return
        chat = [*chat, {"role": "user", "content": question_html(question)}]
        yield "", chat
        yield "", [*chat, {"role": "assistant", "content": reply(desk, question)}]

    def example(chosen: gradio.SelectData) -> str:
        return str(chosen.value["text"])

    def opened(where: str) -> dict[str, Any]:
        return passage(desk, where)

    example.__annotations__["chosen"] = gradio.SelectData  # Gradio resolves no name that is local here
    page = gradio.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        heading = gradio.HTML(_heading(""), elem_id="title")
        with gradio.Row(elem_id="desk"):
            with gradio.Column(scale=1, min_width=280):
                chat = gradio.Chatbot(elem_id="chat", **_CHAT)
                with gradio.Row(elem_id="asking"):
                    question = gradio.Textbox(elem_id="question", **_QUESTION)
                    send = gradio.Button("Send", elem_id="send", variant="primary", scale=1, min_width=80)
            with gradio.Column(scale=1, min_width=280):
                gradio.HTML(
                    elem_id="source",
                    html_template=_data("page.html"),
                    js_on_load=_data("page.js"),
                    server_functions=[opened],
                )
        page.load(lambda: _heading(status(desk)), outputs=heading, api_visibility="private")
        both = [question, chat]
        asking: dict[str, Any] = {"fn": ask, "inputs": both, "outputs": both, "api_visibility": "private"}
        gradio.on([question.submit, send.click], **asking)
        chat.example_select(example, outputs=question, api_visibility="private").then(**asking)
    page.queue(default_concurrency_limit=4, max_size=64)
    return page


def application(desk: Desk) -> FastAPI:
    """The page as a web application that asks nothing of any other host."""
    import gradio
    from fastapi import FastAPI

    app = FastAPI(title=TITLE, openapi_url=None)
    app.add_middleware(_Guarded)
    theme = gradio.themes.Default(font=_FONT, font_mono=_FONT, primary_hue="blue").set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
    )
    gradio.mount_gradio_app(
        app,
        build(desk),
        path="/",
        theme=theme,
        css=_data("page.css"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
    )
    return app


def serve(desk: Desk, *, port: int, host: str = "127.0.0.1") -> None:
    """Serve the page until interrupted; its address goes to stderr. Port 0 takes a free one.

    Raises InputError where the port cannot be had.
    """
    print("rag: starting the page", file=sys.stderr)
    import uvicorn

    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise InputError(f"port {port}: {os.strerror(error.errno or 0)}; choose another with --port") from error
    with listening, suppress(KeyboardInterrupt):
        server = uvicorn.Server(uvicorn.Config(application(desk), log_level="warning", lifespan="on"))
        print(f"rag: the page is at http://{host}:{listening.getsockname()[1]}/ (Ctrl+C ends it)", file=sys.stderr)
        server.run(sockets=[listening])


class _Guarded:
    """Sends the headers that keep the page to its own host with every response."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def guarded(message: Any) -> None:
            headers = {"headers": [*message["headers"], *_HEADERS]} if "headers" in message else {}
            await send(message | headers)

        await self.app(scope, receive, guarded)


def _heading(line: str) -> str:
    return f"<h1>{TITLE}</h1><p>{escaped(line)}</p>"


def _data(name: str) -> str:
    return (files("rag") / "data" / name).read_text(encoding="utf-8")
