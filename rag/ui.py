"""The page: a chat whose answers open their sources beside it. No logic: it calls the desk and renders.

What articles and questions say is text, never markup: `escaped` in the chat, text nodes in the source panel. The
earlier answers of a conversation stay on the server, one list for each window that is open.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rag import ui_briefings, ui_evaluation, ui_events, ui_library, ui_settings
from rag.answer_html import address as address
from rag.answer_html import answer_html as answer_html
from rag.answer_html import escaped as escaped
from rag.answer_html import notice_html as notice_html
from rag.answer_html import question_html as question_html
from rag.answer_html import writing_html as writing_html
from rag.domain import Answer, Source, Statement
from rag.errors import InputError, RagError
from rag.live import Live
from rag.ui_page import Page
from rag.ui_words import Words

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

    from rag.desk import Desk

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported; else it looks for outside hosts

_TABS = {
    "briefings": ui_briefings,
    "events": ui_events,
    "library": ui_library,
    "evaluation": ui_evaluation,
    "settings": ui_settings,
}
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
_REMEMBERED = 20  # answers of a conversation
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
    return f"{count:,} article{'s'[: count - 1]} to ask. Every statement shows its source."


Turn = tuple[str, list[dict[str, Any]], tuple[Answer, ...], Any, Any]  # question, chat, history, send, stop


async def replies(
    stream: Live, chat: list[dict[str, Any]], history: tuple[Answer, ...], *, buttons: Callable[[bool], tuple[Any, Any]]
) -> AsyncIterator[Turn]:
    """The chat as an answer grows, and last with the whole of it; a failure is a message too."""
    shown: list[Statement] = []
    yield "", _said(chat, writing_html(())), history, *buttons(True)
    try:
        async for each in stream:
            if isinstance(each, Answer):
                history = (*history, each)[-_REMEMBERED:]
                yield "", _said(chat, answer_html(each)), history, *buttons(False)
                return
            shown.append(each)
            yield "", _said(chat, writing_html(shown)), history, *buttons(True)
        yield "", _said(chat, writing_html(shown, stopped=True)), history, *buttons(False)
    except RagError as error:
        yield "", _said(chat, notice_html(str(error))), history, *buttons(False)


def _said(chat: list[dict[str, Any]], message: str) -> list[dict[str, Any]]:
    return [*chat, {"role": "assistant", "content": message}]


def build(desk: Desk) -> gradio.Blocks:
    """The page over a desk. Nothing is read before somebody opens it."""
    import gradio

    writing: dict[str, Live] = {}  # by the window that asked

    def buttons(running: bool) -> tuple[Any, Any]:
        return gradio.update(visible=not running), gradio.update(visible=running)

    async def ask(
        question: str, chat: list[dict[str, Any]], history: tuple[Answer, ...], request: gradio.Request
    ) -> AsyncIterator[Turn]:
        if not question.strip():
            yield "", chat, history, *buttons(False)
            return
        window = str(request.session_hash)
        chat = [*chat, {"role": "user", "content": question_html(question)}]
        async with Live(lambda stop: desk.stream(question, history=history, stop=stop)) as stream:
            writing[window] = stream
            try:
                async for turn in replies(stream, chat, history, buttons=buttons):
                    yield turn
            finally:
                if writing.get(window) is stream:
                    del writing[window]

    def end(request: gradio.Request) -> None:
        if stream := writing.get(str(request.session_hash)):
            stream.stop()

    def example(chosen: gradio.SelectData) -> str:
        return str(chosen.value["text"])

    def opened(where: str) -> dict[str, Any]:
        return passage(desk, where)

    # Gradio resolves no name that is local here.
    ask.__annotations__["request"] = end.__annotations__["request"] = gradio.Request
    example.__annotations__["chosen"] = gradio.SelectData
    say = Words("en")
    page_of = Page(lambda: desk, say)
    page = gradio.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        heading = gradio.HTML(_heading(""), elem_id="title")
        history = gradio.State(())
        with gradio.Row(elem_id="desk"):
            with gradio.Column(scale=1, min_width=280), gradio.Tabs(elem_id="tabs", overflow_behavior="wrap"):
                with gradio.Tab(say("ask.tab"), id="ask"):
                    chat = gradio.Chatbot(elem_id="chat", **_CHAT)
                    with gradio.Row(elem_id="asking"):
                        question = gradio.Textbox(elem_id="question", **_QUESTION)
                        send = gradio.Button("Send", elem_id="send", variant="primary", scale=1, min_width=80)
                        stop = gradio.Button("Stop", elem_id="stop", visible=False, scale=1, min_width=80)
                for name, tab in _TABS.items():
                    with gradio.Tab(say(f"{name}.tab"), id=name, elem_id=f"tab-{name}"):
                        tab.build(page_of)
            with gradio.Column(scale=1, min_width=280):
                gradio.HTML(
                    elem_id="source",
                    html_template=_data("page.html"),
                    js_on_load=_data("page.js"),
                    server_functions=[opened],
                )
        page.load(lambda: _heading(status(desk)), outputs=heading, api_visibility="private")
        asking: dict[str, Any] = {
            "fn": ask,
            "inputs": [question, chat, history],
            "outputs": [question, chat, history, send, stop],
            "api_visibility": "private",
        }
        gradio.on([question.submit, send.click], **asking)
        stop.click(end, concurrency_limit=None, api_visibility="private")
        chat.clear(lambda: (), outputs=history, api_visibility="private")
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
        server = uvicorn.Server(
            uvicorn.Config(application(desk), log_level="warning", lifespan="on", timeout_graceful_shutdown=1)
        )
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
