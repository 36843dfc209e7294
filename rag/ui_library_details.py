"""The library's details of one article: what its page states, its sources, raw lines beside the cleaned text; deleting.

The raw lines that were dropped say so in words, each with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import uploads
from rag.answer_html import day, escaped
from rag.domain import Article, Source
from rag.errors import InputError, RagError
from rag.raw_lines import RawLine, RawLines
from rag.ui_library_table import lang_name, number, title_of
from rag.ui_page import PRIVATE, Page, notice, opener
from rag.ui_words import Words

if TYPE_CHECKING:
    from rag.desk import Desk, Shown

MOST_LINES = 1_000
MOST_LINE = 2_000  # characters shown of a line
MOST_TEXT = 200_000
_MOST_SOURCES = 200

# Escape is Cancel while the question stands.
_ESCAPE = """
document.addEventListener("keydown", (event) => {
  const cancel = document.querySelector("#library-cancel");
  if (event.key === "Escape" && cancel?.getClientRects().length) cancel.click();
});
"""
_FOCUS = "() => setTimeout(() => document.querySelector('{}')?.focus(), 150)"


def details(desk: Desk, article: str, say: Words) -> str:
    """One article in HTML. Raises InputError where there is no such article, StoreError."""
    whole = desk.show(article)
    return _details(whole, desk.raw(whole.article.id), desk.settings.store, say)


def build(page: Page, listing: Callable[..., Any], listed: list[Any], limits: list[Any]) -> Any:
    """The details and the way to delete; what gives them of an id, as a function, and the outputs it fills.

    `listing` lists the articles again in `listed` from the inputs `limits`.
    """
    import gradio

    say = page.say
    chosen = gradio.State("")
    with gradio.Row(visible=False, elem_id="library-actions") as actions:
        close = gradio.Button(say("library.close"), size="sm", min_width=120)
        delete = gradio.Button(say("library.delete"), size="sm", min_width=120, elem_id="library-delete")
    with gradio.Group(visible=False, elem_id="library-confirm") as confirm:
        question = gradio.HTML("", padding=True)
        with gradio.Row():
            yes = gradio.Button("", variant="stop", size="sm", elem_id="library-yes")
            no = gradio.Button(say("library.delete_no"), size="sm", elem_id="library-cancel")
    shown = gradio.HTML("", elem_id="library-details", js_on_load=_ESCAPE)
    outputs = [chosen, shown, actions, confirm]
    shut = gradio.update(visible=False)

    def opened(article: str) -> tuple[Any, ...]:
        try:
            return article, details(page.desk(), article, say), gradio.update(visible=True), shut
        except InputError:
            return "", notice(say("library.gone")), shut, shut
        except RagError as error:
            return "", notice(say.phrased(str(error))), shut, shut

    def asked(article: str) -> tuple[Any, ...]:
        try:
            whole = page.desk().show(article)
        except RagError:
            return notice(say("library.gone")), gradio.skip(), shut
        title = title_of(whole.article.source.title, say)
        told = say("library.delete_ask", title=title, sources=number(len(whole.sources), say))
        return (
            f'<p role="alert">{escaped(told)}</p>',
            say("library.delete_yes", title=title if len(title) <= 80 else title[:79] + "…"),
            gradio.update(visible=True),
        )

    def deleted(article: str, *boxes: Any) -> tuple[Any, ...]:
        try:
            title = title_of(page.desk().show(article).article.source.title, say)
            page.desk().delete([article])
            told = say("library.deleted", title=title)
        except InputError:
            told = say("library.gone")
        except RagError as error:
            return (gradio.skip(), notice(say.phrased(str(error))), gradio.skip(), shut, *[gradio.skip()] * len(listed))
        return "", notice(told), shut, shut, *listing(*boxes)

    close.click(lambda: ("", "", shut, shut), None, outputs, **PRIVATE).then(
        None, js="() => window.libraryRow?.focus()", **PRIVATE
    )
    delete.click(asked, chosen, [question, yes, confirm], **PRIVATE).then(
        None, js=_FOCUS.format("#library-cancel"), **PRIVATE
    )
    no.click(lambda: shut, None, confirm, **PRIVATE).then(None, js=_FOCUS.format("#library-delete"), **PRIVATE)
    yes.click(deleted, [chosen, *limits], [*outputs, *listed], **PRIVATE)
    return opened, outputs


def _details(whole: Shown, raw: RawLines, store: Path, say: Words) -> str:
    source = whole.article.source
    lang = f' lang="{escaped(source.lang)}"' if source.lang else ""
    return (
        f'<article><h3 tabindex="-1"{lang}>{escaped(title_of(source.title, say))}</h3>'
        f"<p>{opener(say('library.open'), source.id)}</p>"
        f"{_facts(whole.article, store, say)}{_sources(whole.sources, store, say)}"
        f'<div class="sides">{_raw(raw, say, lang)}{_cleaned(whole.article, say, lang)}</div></article>'
    )


def _facts(article: Article, store: Path, say: Words) -> str:
    source = article.source
    facts = {
        **_origin(source, store, say),
        "language": lang_name(source.lang, say),
        "byline": source.author,
        "agency": source.agency,
        "chars": number(len(article.text), say),
        "id": source.id,
    }
    pairs = "".join(
        f'<dt>{escaped(say(f"library.{name}"))}</dt><dd dir="auto">{escaped(told)}</dd>'
        for name, told in facts.items()
        if told
    )
    return f"<dl>{pairs}</dl>"


def _origin(source: Source, store: Path, say: Words) -> dict[str, str | None]:
    path = uploads.shown(store, source.path)
    return {
        "outlet": source.outlet or say("common.not_stated"),
        "date": day(source.published, say) if source.published else say("common.not_stated"),
        "file": say("library.file_line", path=path, item=source.item) if source.item else path,
        "address": source.url,
    }


def _sources(sources: tuple[Source, ...], store: Path, say: Words) -> str:
    heading = f"<h4>{escaped(say('library.further'))}</h4>"
    if len(sources) < 2:
        return f"{heading}<p>{escaped(say('library.further_none'))}</p>"
    items = "".join(
        f'<li dir="auto">{escaped(" · ".join(filter(None, (each.title, *_origin(each, store, say).values()))))}</li>'
        for each in sources[1:_MOST_SOURCES]
    )
    return f"{heading}<ul>{items}</ul>"


def _raw(raw: RawLines, say: Words, lang: str) -> str:
    lines = [line for line in raw.lines if line.text.strip()]
    kept = sum(line.kept for line in lines)
    counts = say("library.kept_counts", kept=number(kept, say), dropped=number(len(lines) - kept, say))
    notes = [counts] if raw.whole else [counts, say("library.not_whole")]
    if len(lines) > MOST_LINES:
        notes.append(say("library.more_lines", count=number(len(lines) - MOST_LINES, say)))
    told = "".join(f"<p>{escaped(note)}</p>" for note in notes)
    items = "".join(_line(line, say) for line in lines[:MOST_LINES])
    return _section(say("library.found"), told, f'<ol class="raw"{lang}>{items}</ol>')


def _line(line: RawLine, say: Words) -> str:
    text = line.text if len(line.text) <= MOST_LINE else line.text[: MOST_LINE - 1] + "…"
    if line.kept:
        return f'<li value="{line.number}" class="kept" dir="auto">{escaped(text)}</li>'
    key = f"library.reason_{line.reason.replace(' ', '_')}"
    reason = say(key) if say.has(key) else say("library.reason_other")
    mark = f'<span class="reason" lang="{say.lang}">{escaped(say("library.dropped_for", reason=reason))}</span>'
    return f'<li value="{line.number}" class="dropped" dir="auto">{mark} <s>{escaped(text)}</s></li>'


def _cleaned(article: Article, say: Words, lang: str) -> str:
    shown, left = [], MOST_TEXT
    for line in article.text.split("\n")[:MOST_LINES]:
        shown.append(f'<p dir="auto">{escaped(line[:left])}</p>')
        left -= len(line)
        if left <= 0:
            break
    whole = len(shown) == article.text.count("\n") + 1 and left >= 0
    more = "" if whole else f"<p>{escaped(say('library.more_text'))}</p>"
    return _section(say("library.cleaned"), more, f'<div class="text"{lang}>{"".join(shown)}</div>')


def _section(heading: str, notes: str, content: str) -> str:
    """A part that scrolls by itself, by keyboard too."""
    name = escaped(heading)
    region = f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">{content}</div>'
    return f"<section><h4>{name}</h4>{notes}{region}</section>"
