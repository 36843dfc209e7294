"""The page: tabs to ask, check and read, in English and Vietnamese, beside them the source of what they cite.

No logic: it calls the desk and renders. What articles and questions say is text, never markup: `escaped` in the tabs,
text nodes in the source panel.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rag import (
    journal,
    ui_api,
    ui_ask,
    ui_auth,
    ui_briefings,
    ui_calls,
    ui_evaluation,
    ui_events,
    ui_health,
    ui_library,
    ui_mcp,
    ui_settings,
    ui_start,
    ui_stop,
)
from rag.answer_html import escaped
from rag.errors import InputError, RagError
from rag.metrics import Metrics
from rag.source_panel import passage
from rag.ui_page import PRIVATE, Page, asked_by, on_load
from rag.ui_talks import COOKIE, Talks
from rag.ui_words import LANGS, Words

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

    from rag.desk import Desk
    from rag.passwords import Users

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported; else it looks for outside hosts

_TABS = {
    "ask": ui_ask,
    "briefings": ui_briefings,
    "events": ui_events,
    "library": ui_library,
    "evaluation": ui_evaluation,
    "settings": ui_settings,
}
_PATHS = {"vi": "/vi", "en": "/"}  # the longer one first: "/" takes what is left
_FONT = ("system-ui", "Noto Sans", "Arial", "sans-serif")
_YEAR = 365 * 24 * 3600  # seconds

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


def status(desk: Desk, say: Words) -> str:
    """How many articles there are to ask, or what to do where there is none."""
    try:
        count = desk.count_articles()
    except RagError:
        count = 0
    if not count:
        return say("ask.empty")
    return say("ask.article") if count == 1 else say("ask.articles", count=f"{count:,}")


def build(page: Page) -> gradio.Blocks:
    """The page in one language. Nothing is read before somebody opens it."""
    import gradio

    say = page.say
    talks = Talks(page)

    def opened(where: str) -> dict[str, Any]:
        return passage(page.desk(), where, say, local=page.local)

    def judged(told: dict[str, Any], request: gradio.Request) -> bool:
        return talks.judged(told, talks.owner(request))

    def counted() -> str:
        return _heading(status(page.desk(), say), page)

    blocks = gradio.Blocks(title=say("common.title"), analytics_enabled=False, delete_cache=(3600, 86400))
    with blocks:
        if page.lang == "en":
            ui_api.build(page)  # before the tabs, whose own functions would take the names
        heading = gradio.HTML(_heading("", page), elem_id="title")
        with gradio.Row(elem_id="desk"):
            with gradio.Column(scale=1, min_width=280), gradio.Tabs(elem_id="tabs", overflow_behavior="wrap"):
                made = {name: _tab(gradio, name, page) for name in _TABS}
            with gradio.Column(scale=1, min_width=280, elem_id="beside"):
                gradio.HTML(
                    elem_id="source",
                    html_template=_panel(say),
                    js_on_load=_data("page.js"),
                    server_functions=[opened, asked_by(judged)],
                )
        on_load(counted, heading)
        made["ask"].select(counted, None, heading, **PRIVATE)
    blocks.queue(default_concurrency_limit=8, max_size=128)
    return blocks


def _tab(gradio: Any, name: str, page: Page) -> Any:
    with gradio.Tab(page.say(f"{name}.tab"), id=name, elem_id=f"tab-{name}") as made:
        _TABS[name].build(page)
    made.select(None, js=f"() => {{ document.body.dataset.tab = '{name}' }}", **PRIVATE)
    return made


def application(
    desk: Desk, *, users: Users | None = None, metrics: Metrics | None = None, gate: ui_health.Gate | None = None
) -> FastAPI:
    """The page as a web application that asks nothing of any other host: in English at /, in Vietnamese at /vi/.

    It lets in the users with their passwords; without any, whoever is on this machine. Of all that is served only
    /healthz and /readyz ask for neither. `metrics` are given at /metrics; a closed `gate` lets nobody in.
    """
    ui_start.load()
    import gradio
    from fastapi import FastAPI

    app = FastAPI(title=Words("en")("common.title"), openapi_url=None)
    app.add_middleware(ui_calls.Filled)
    app.add_middleware(_Guarded)
    ui_auth.guard(app, users)
    ready = ui_health.Readiness(lambda: ui_health.lacking(desk))
    app.add_middleware(ui_health.Operated, ready=ready, gate=gate or ui_health.Gate())
    if metrics is not None:
        ui_health.serve_metrics(app, metrics)
    theme = gradio.themes.Default(font=_FONT, font_mono=_FONT, primary_hue="blue").set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_hover_dark="*primary_700",
        link_text_color_dark="*primary_300",
        color_accent="*primary_600",
    )
    ui_mcp.mount(app, lambda: desk)
    for lang, path in _PATHS.items():
        page = Page(lambda: desk, Words(lang), users is None)
        gradio.mount_gradio_app(
            app,
            build(page),
            path=path,
            theme=theme,
            css=_styles(),
            head=_head(page.say),
            footer_links=[],
            run_history=False,
            show_error=False,
            ssr_mode=False,
            pwa=False,
            max_file_size=ui_auth.FILE_MOST,
        )
    return app


def serve(desk: Desk, *, port: int, host: str = "127.0.0.1", users: Users | None = None) -> int:
    """Serve the page until interrupted; the process's exit status. Its address goes to stderr; port 0 takes a free one.

    Raises InputError where the port cannot be had, and where others reach the host but there are no users.
    """
    if users is None and not ui_auth.is_loopback(host):
        raise InputError(
            f"at --host {host} others reach the page; give --auth FILE too, made with: rag password FILE NAME"
        )
    print("rag: starting the page", file=sys.stderr)
    at = f"[{host}]" if ":" in host else host
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise InputError(f"{at} port {port}: {reason}; choose others with --host and --port") from error
    metrics, gate = Metrics(lambda: desk.records), ui_health.Gate()
    with listening, journal.heard(metrics):
        app = application(desk, users=users, metrics=metrics, gate=gate)
        with ui_start.warmed(desk):
            if not ui_auth.is_loopback(host):
                print(
                    "rag: passwords cross the network as they are; put an HTTPS proxy before the page", file=sys.stderr
                )
            print(f"rag: the page is at http://{at}:{listening.getsockname()[1]}/ (Ctrl+C ends it)", file=sys.stderr)
            return ui_stop.run(app, listening, gate=gate)


class _Guarded:
    """Sends the headers that keep the page to its own host, and gives each browser a name of its own (a cookie)."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        known = COOKIE.encode() in dict(scope.get("headers", ())).get(b"cookie", b"")

        async def guarded(message: Any) -> None:
            if "headers" in message:
                cookie = () if known else ((b"set-cookie", _cookie()),)
                message = message | {"headers": [*message["headers"], *_HEADERS, *cookie]}
            await send(message)

        await self.app(scope, receive, guarded)


def _cookie() -> bytes:
    return f"{COOKIE}={secrets.token_urlsafe(16)}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax".encode()


def _heading(line: str, page: Page) -> str:
    others = "".join(
        f'<a class="lang" href="{_PATHS[lang].rstrip("/")}/" lang="{lang}" hreflang="{lang}">'
        f"{escaped(Words(lang)('common.language'))}</a>"
        for lang in LANGS
        if lang != page.lang
    )
    return f"<div class='heading'><h1>{escaped(page.say('common.title'))}</h1>{others}</div><p>{escaped(line)}</p>"


def _panel(say: Words) -> str:
    """The empty source panel; the words that page.js says stand in its data attributes."""
    names = ("back", "previous", "next", "text", "lost", "cut")
    told = {name: say(f"ask.source_{name}") for name in names}
    told |= {name: say(f"ask.{name}") for name in ("copied", "judged", "failed", "link_copied", "no_link")}
    words = escape(json.dumps(told, ensure_ascii=False))
    return (
        f'<section class="source" aria-label="{escape(say("ask.source"))}" tabindex="-1" data-words="{words}">'
        f'<p class="hint">{escape(say("ask.source_hint"))}</p></section>'
    )


def _head(say: Words) -> str:
    """Runs before the page is drawn: its language, its theme, and Gradio's own English words in this language."""
    known = {words["en"]: words[say.lang] for key, words in _gradio_words() if words["en"] != words[say.lang]}
    told = json.dumps({"lang": say.lang, "words": known}, ensure_ascii=False).replace("<", "\\u003c")
    return f"<script>window.rag = {told};\n{_data('head.js')}</script>"


def _gradio_words() -> list[tuple[str, dict[str, str]]]:
    from rag.ui_words import catalogue

    return [(key, words) for key, words in catalogue().items() if key.startswith("gradio.")]


def _styles() -> str:
    folder = files("rag") / "data"
    names = sorted(each.name for each in folder.iterdir() if each.name.startswith("ui_") and each.name.endswith(".css"))
    return "\n".join(map(_data, ["page.css", *names]))


def _data(name: str) -> str:
    return (files("rag") / "data" / name).read_text(encoding="utf-8")
