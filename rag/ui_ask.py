"""The tab where questions are asked: a chat whose answers open their sources beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any

from rag.answer_html import notice_html, writing_html
from rag.domain import Answer, Statement
from rag.errors import RagError
from rag.limits import Filters
from rag.live import Live
from rag.talk import Talk, Turn, answered, hints, limits_text, messages
from rag.ui_page import PRIVATE, Page, asked_by, on_load
from rag.ui_talks import Talks

if TYPE_CHECKING:
    import gradio

_log = logging.getLogger(__name__)
_CHAT: dict[str, Any] = {"show_label": False, "buttons": [], "latex_delimiters": [], "autoscroll": False}
_LANGS = ("en", "vi")

Told = tuple[str, list[dict[str, Any]], Talk]  # the question box, the chat, the conversation


async def replies(
    stream: Live, talk: Talk, question: str, page: Page, *, filters: Filters, talks: Talks, owner: str
) -> AsyncIterator[tuple[Told, bool]]:
    """The chat as an answer grows, and last with the whole of it, and whether it is being written; a failure is a turn.

    The whole answer is saved; where that fails the turn says so.
    """
    say = page.say
    shown: list[Statement] = []
    limits = limits_text(filters, say)

    def told(html: str) -> Told:
        return "", messages(talk, say, asking=Turn(question, html)), talk

    yield told(writing_html((), say)), True
    try:
        async for each in stream:
            if isinstance(each, Answer):
                advice = await asyncio.to_thread(_advice, each, page, filters)
                turn = answered(each, say, question=question, filters=filters, hints=advice, limits=limits)
                done = await asyncio.to_thread(talks.kept, talk, turn, owner)
                yield ("", messages(done, say), done), False
                return
            shown.append(each)
            yield told(writing_html(shown, say)), True
        done = talk.with_turn(Turn(question, writing_html(shown, say, stopped=True)))
    except RagError as error:
        done = talk.with_turn(Turn(question, notice_html(say.phrased(str(error)))))
    except Exception:  # whatever it was, the page can be asked again
        _log.exception("a question could not be answered")
        done = talk.with_turn(Turn(question, notice_html(say("ask.failed"))))
    yield ("", messages(done, say), done), False


def build(page: Page) -> None:
    """The tab's components; called inside its `gradio.Tab`."""
    import gradio

    say, writing, talks = page.say, dict[str, Live](), Talks(page)

    def buttons(running: bool) -> tuple[Any, Any]:
        return gradio.update(visible=not running), gradio.update(visible=running)

    async def ask(
        question: str,
        again: str,
        talk: Talk,
        since: str | None,
        until: str | None,
        outlet: str | None,
        source_lang: str | None,
        people: str | None,
        lang: str | None,
        request: gradio.Request,
    ) -> AsyncIterator[tuple[Any, ...]]:
        question, window, owner = question.strip(), str(request.session_hash), talks.owner(request)
        if not question:
            yield "", messages(talk, say), talk, "", *buttons(False)
            return
        yield "", messages(talk, say, asking=Turn(question, writing_html((), say))), talk, "", *buttons(True)
        try:
            if again.isdecimal():
                talk = await asyncio.to_thread(talks.cut, talk, int(again), owner)
            requested = await asyncio.to_thread(talks.requested, question, talk, owner, lang or None)
        except RagError as error:
            requested = talk.with_turn(Turn(question, notice_html(say.phrased(str(error)))))
        if requested is not None:
            yield "", messages(requested, say), requested, "", *buttons(False)
            return
        filters = _filters(since, until, outlet, source_lang, people)

        def stream_of(stop: Event) -> Iterator[Statement | Answer]:
            return page.desk().stream(question, filters=filters, history=talk.history, lang=lang or None, stop=stop)

        async with Live(stream_of) as stream:
            writing[window] = stream
            try:
                told = replies(stream, talk, question, page, filters=filters, talks=talks, owner=owner)
                async for each, running in told:
                    yield *each, "", *buttons(running)
            finally:
                if writing.get(window) is stream:
                    del writing[window]

    def end(request: gradio.Request) -> None:
        if stream := writing.get(str(request.session_hash)):
            stream.stop()

    def example(chosen: gradio.SelectData) -> str:
        return str(chosen.value["text"])

    # Gradio resolves no name that is local here.
    example.__annotations__["chosen"] = gradio.SelectData

    talk = gradio.State(Talk())
    with gradio.Row(elem_id="talks", equal_height=True):
        new = gradio.Button(say("ask.new"), elem_id="new", size="sm", scale=1, min_width=120)
        saved = gradio.Dropdown(
            [(say("ask.saved"), "")],
            value="",
            label=say("ask.saved"),
            show_label=False,
            container=False,
            elem_id="saved",
            scale=3,
            min_width=200,
        )
        link = gradio.Button(say("ask.link"), elem_id="link", size="sm", scale=1, min_width=90)
        delete = gradio.Button(say("ask.delete"), elem_id="delete", size="sm", scale=1, min_width=70)
        sure = gradio.Button(say("ask.delete_sure"), elem_id="sure", size="sm", variant="stop", visible=False)
        keep = gradio.Button(say("ask.keep"), elem_id="keep", size="sm", visible=False)
    gradio.HTML('<p id="talks-said" role="status"></p>')
    chat = gradio.Chatbot(elem_id="chat", label=say("ask.chat"), placeholder=say("ask.placeholder"), **_CHAT)
    with gradio.Row(elem_id="asking"):
        question = gradio.Textbox(
            elem_id="question",
            label=say("ask.question"),
            placeholder=say("ask.question_hint"),
            show_label=False,
            container=False,
            max_lines=4,
            scale=8,
        )
        send = gradio.Button(say("ask.send"), elem_id="send", variant="primary", scale=1, min_width=80)
        stop = gradio.Button(say("ask.stop"), elem_id="stop", visible=False, scale=1, min_width=80)
    again = gradio.Textbox("", elem_id="again", visible="hidden")
    with gradio.Accordion(say("ask.limits"), open=False, elem_id="limits"), gradio.Row():
        since = gradio.Textbox(label=say("ask.since"), placeholder=say("ask.day_hint"), min_width=140)
        until = gradio.Textbox(label=say("ask.until"), placeholder=say("ask.day_hint"), min_width=140)
        outlet = gradio.Dropdown([], value=None, label=say("ask.outlet"), allow_custom_value=True, min_width=140)
        langs = [(say("ask.any"), ""), *((say(f"ask.in_{lang}"), lang) for lang in _LANGS)]
        source_lang = gradio.Dropdown(langs, value="", label=say("ask.source_lang"), min_width=140)
        people = gradio.Textbox(label=say("ask.people"), min_width=220)
        answers = [(say("ask.as_asked"), ""), *langs[1:]]
        lang = gradio.Dropdown(answers, value="", label=say("ask.answer_lang"), min_width=140)
    asking: dict[str, Any] = {
        "fn": asked_by(ask),
        "inputs": [question, again, talk, since, until, outlet, source_lang, people, lang],
        "outputs": [question, chat, talk, again, send, stop],
        "concurrency_limit": None,
        **PRIVATE,
    }
    listed = {"fn": asked_by(talks.listed), "inputs": talk, "outputs": saved, "queue": False, **PRIVATE}
    gradio.on([question.submit, send.click], **asking).then(**listed)
    stop.click(asked_by(end), concurrency_limit=None, **PRIVATE)
    chat.example_select(example, outputs=question, **PRIVATE).then(**asking).then(**listed)
    saved.input(asked_by(talks.opened), saved, [talk, chat], **PRIVATE)
    new.click(lambda: (Talk(), [], ""), None, [talk, chat, saved], **PRIVATE)
    confirm = [delete, sure, keep]
    delete.click(lambda: _shown(gradio, False, True, True), None, confirm, queue=False, **PRIVATE)
    keep.click(lambda: _shown(gradio, True, False, False), None, confirm, queue=False, **PRIVATE)
    sure.click(asked_by(talks.deleted), talk, [talk, chat, saved], **PRIVATE).then(
        lambda: _shown(gradio, True, False, False), None, confirm, queue=False, **PRIVATE
    )
    link.click(None, js="() => window.dispatchEvent(new CustomEvent('rag-link'))", **PRIVATE)
    on_load(asked_by(talks.begun), [talk, chat, saved])
    on_load(lambda: gradio.update(choices=_outlets(page)), outlet)


def _advice(answer: Answer, page: Page, filters: Filters) -> list[str]:
    return [*hints(answer, page.desk(), page.say, limited=filters.set)] if answer.refused else []


def _outlets(page: Page) -> list[str]:
    with suppress(RagError):
        return [name for name, _ in page.desk().facets().outlets]
    return []


def _shown(gradio: Any, *visible: bool) -> list[Any]:
    return [gradio.update(visible=each) for each in visible]


def _filters(since: str | None, until: str | None, outlet: str | None, lang: str | None, people: str | None) -> Filters:
    """What the fields say; Gradio gives None for those that nobody has unfolded."""
    names = tuple(name for each in (people or "").split(",") if (name := each.strip()))
    first, last, paper = ((text or "").strip() or None for text in (since, until, outlet))
    return Filters(first, last, paper, lang or None, names)
