"""The tab Settings: language and colours of the page, the language model, what works, and what this is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rag import __version__, ui_settings_model
from rag.answer_html import escaped
from rag.errors import RagError
from rag.health import Health
from rag.ui_page import PRIVATE, Page, notice
from rag.ui_settings_health import report
from rag.ui_words import LANGS, Words

if TYPE_CHECKING:
    from rag.desk import Desk

_PATHS = {"en": "/", "vi": "/vi/"}
_THEMES = ("system", "light", "dark")
_DOCTOR: dict[str, Any] = {"concurrency_id": "settings-doctor", "concurrency_limit": 1, **PRIVATE}


def build(page: Page) -> None:
    """The tab's components; called inside its `gradio.Tab`."""
    import gradio
    from gradio.context import Context

    say, tab, blocks = page.say, Context.block, Context.root_block
    assert isinstance(tab, gradio.Tab), "built inside its tab"
    assert blocks is not None, "a tab is built inside the page"
    gradio.HTML(f"<h2>{escaped(say('settings.heading'))}</h2>", elem_id="settings-heading")
    gradio.HTML(f"<h3>{escaped(say('settings.look'))}</h3>{_languages(say)}", elem_id="settings-languages")
    theme = gradio.Radio(
        [(say(f"settings.theme_{each}"), each) for each in _THEMES],
        value="system", label=say("settings.theme"), elem_id="settings-theme",
    )  # fmt: skip
    theme.input(None, theme, None, js="(chosen) => { rag.theme(chosen); }", **PRIVATE)
    blocks.load(None, None, theme, js="() => rag.theme()", **PRIVATE)
    used = ui_settings_model.build(page)

    def examined() -> Iterator[str]:
        found: list[Health] = []
        yield report(found, say, whole=page.local, done=False)
        for each in page.desk().doctor():
            found.append(each)
            yield report(found, say, whole=page.local, done=False)
        yield report(found, say, whole=page.local)

    gradio.HTML(f"<h3>{escaped(say('settings.doctor'))}</h3><p>{escaped(say('settings.doctor_why'))}</p>")
    run = gradio.Button(say("settings.doctor_run"), elem_id="settings-doctor")
    run.click(examined, None, gradio.HTML("", elem_id="settings-report"), **_DOCTOR)
    gradio.HTML(f"<h3>{escaped(say('settings.about'))}</h3>")
    about = gradio.HTML("", elem_id="settings-about")
    used.change(lambda: _about(page), None, about, **PRIVATE)
    tab.select(lambda: (ui_settings_model.in_use(page), _about(page)), None, [used, about], **PRIVATE)


def _languages(say: Words) -> str:
    current = {say.lang: ' aria-current="page"'}
    links = "".join(
        f'<li><a href="{_PATHS[lang]}" lang="{lang}" hreflang="{lang}"{current.get(lang, "")}>'
        f"{escaped(Words(lang)('common.language'))}</a></li>"
        for lang in LANGS
    )
    return f'<nav aria-label="{escaped(say("settings.languages"))}"><ul class="languages">{links}</ul></nav>'


def _about(page: Page) -> str:
    say, desk = page.say, page.desk()
    try:
        articles, embedder = desk.count_articles(), desk.records.embedder
    except RagError:
        articles, embedder = 0, desk.settings.embedder
    told = {"version": __version__, "articles": f"{articles:,}", "embedder": embedder}
    if page.local:
        told["store"] = str(desk.settings.store)
    items = "".join(
        f'<dt>{escaped(say(f"settings.about_{key}"))}</dt><dd dir="auto">{escaped(value)}</dd>'
        for key, value in told.items()
    )
    empty = "" if articles else notice(say("ask.empty"))
    return f"<dl>{items}</dl>{empty}<p>{escaped(_private(desk, say))}</p>"


def _private(desk: Desk, say: Words) -> str:
    s = desk.settings
    outside = ui_settings_model.place(s).outside if s.llm_set and s.llm_file is None else None
    return say("settings.about_private_not", host=outside) if outside else say("settings.about_private")
