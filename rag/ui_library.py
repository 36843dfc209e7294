"""The tab Library: the stored articles, searched, filtered, opened, added and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag import ui_library_details, ui_library_upload
from rag.answer_html import escaped
from rag.errors import InputError, RagError
from rag.shelf import Asked, Facets, Order, Shelf
from rag.ui_library_table import lang_name, number, shown, table
from rag.ui_page import PRIVATE, Page, notice
from rag.ui_words import Words

if TYPE_CHECKING:
    import gradio

PAGE = 50
_ORDERS: dict[Order, str] = {"newest": "newest", "title": "by_title", "ingest": "by_ingest"}
# A button in a row gives the article's id to whoever listens for the table's click.
_ROWS = """
element.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-article]");
  if (!button) return;
  window.libraryRow = button;
  trigger("click", { article: button.dataset.article });
});
"""
_FOCUS = "() => setTimeout(() => document.querySelector('#library-details h3')?.focus(), 150)"


def asked(words: str, outlet: str | None, lang: str | None, since: str, until: str, order: Order) -> Asked:
    """What the boxes of the tab ask for."""
    first, last = ((each or "").strip()[:40] or None for each in (since, until))
    wanted = order if order in _ORDERS else "newest"
    return Asked((words or "").strip()[:400], outlet or None, lang or None, first, last, wanted)


def build(page: Page) -> None:
    """The tab's components; called inside its `gradio.Tab`."""
    import gradio
    from gradio.context import Context

    say, tab = page.say, Context.block
    gradio.HTML(f"<h2>{escaped(say('library.heading'))}</h2>", elem_id="library-heading")
    way_in = gradio.Column()
    with gradio.Row(elem_id="library-search", equal_height=True):
        words = gradio.Textbox(
            label=say("library.words"),
            placeholder=say("library.words_hint"),
            scale=4,
            min_width=220,
            elem_id="library-words",
        )
        search = gradio.Button(say("library.search"), variant="primary", scale=1, min_width=90)
    with gradio.Row(elem_id="library-limits"):
        outlet = gradio.Dropdown(
            [(say("library.any_outlet"), "")],
            value="",
            label=say("library.outlet"),
            allow_custom_value=True,
            min_width=170,
            elem_id="library-outlet",
        )
        lang = gradio.Dropdown(
            [(say("library.any_language"), "")],
            value="",
            label=say("library.language"),
            allow_custom_value=True,
            min_width=130,
            elem_id="library-lang",
        )
        since, until = (
            gradio.Textbox(label=say(f"library.{key}"), placeholder=say("library.day_hint"), min_width=130)
            for key in ("since", "until")
        )
        order = gradio.Dropdown(
            [(say(f"library.{key}"), name) for name, key in _ORDERS.items()],
            value="newest",
            label=say("library.order"),
            min_width=130,
            elem_id="library-order",
        )
    offset = gradio.State(0)
    rows = gradio.HTML("", elem_id="library-rows", js_on_load=_ROWS)
    with gradio.Row(elem_id="library-pages", visible=False) as pages:
        previous = gradio.Button(say("common.previous"), size="sm", min_width=90, elem_id="library-previous")
        where = gradio.HTML("", elem_id="library-where")
        following = gradio.Button(say("common.next"), size="sm", min_width=90, elem_id="library-next")

    limits = [words, outlet, lang, since, until, order]
    listed = [rows, where, pages, previous, following, offset]

    def listing(*boxes: Any, at: int = 0) -> tuple[Any, ...]:
        html, shelf = _listed(page, asked(*boxes), at)
        if shelf is None:
            return html, "", gradio.update(visible=False), *[gradio.skip()] * 2, 0
        last = at + len(shelf.rows)
        return (
            html,
            _where(shelf, say, at),
            gradio.update(visible=shelf.total > PAGE),
            gradio.update(interactive=at > 0),
            gradio.update(interactive=last < shelf.total),
            at,
        )

    def back(at: int, *boxes: Any) -> tuple[Any, ...]:
        return listing(*boxes, at=max(0, at - PAGE))

    def on(at: int, *boxes: Any) -> tuple[Any, ...]:
        return listing(*boxes, at=at + PAGE)

    opened, details = ui_library_details.build(page, listing, listed, limits)
    with way_in:
        folded = ui_library_upload.build(page, listing, listed, limits)

    def chosen(event: gradio.EventData) -> tuple[Any, ...]:
        found: tuple[Any, ...] = opened(str(event.article))
        return found

    def entered(at: int, *boxes: Any) -> tuple[Any, ...]:
        """Somebody comes to the tab: the articles as they are now, and what there is to filter by."""
        facets, count = _facets(page)
        outlets = [(f"{name} ({number(n, say)})", name) for name, n in facets.outlets]
        langs = [(f"{lang_name(code, say)} ({number(n, say)})", code) for code, n in facets.langs]
        return (
            gradio.update(choices=[(say("library.any_outlet"), ""), *outlets]),
            gradio.update(choices=[(say("library.any_language"), ""), *langs]),
            gradio.skip() if count else gradio.update(open=True),
            *listing(*boxes, at=at),
        )

    chosen.__annotations__["event"] = gradio.EventData  # Gradio resolves no name imported for type checks alone
    gradio.on([words.submit, since.submit, until.submit, search.click], listing, limits, listed, **PRIVATE)
    gradio.on([outlet.input, lang.input, order.input], listing, limits, listed, **PRIVATE)
    previous.click(back, [offset, *limits], listed, **PRIVATE)
    following.click(on, [offset, *limits], listed, **PRIVATE)
    rows.click(chosen, None, details, **PRIVATE).then(None, js=_FOCUS, **PRIVATE)
    assert isinstance(tab, gradio.Tab), "built inside its tab"
    tab.select(entered, [offset, *limits], [outlet, lang, folded, *listed], **PRIVATE)


def _listed(page: Page, wanted: Asked, at: int) -> tuple[str, Shelf | None]:
    """The table in HTML, and what stands on it; None where there is nothing to page through."""
    say, desk = page.say, page.desk()
    try:
        if not desk.count_articles():
            return notice(say("library.empty")), None
        shelf = desk.shelf(wanted, limit=PAGE, offset=at)
        return table(shelf, wanted, say, offset=at), shelf
    except InputError:
        return notice(say("library.bad_days")), None
    except RagError as error:
        missing = desk.settings.server is None and not (desk.settings.store / "catalogue.sqlite3").is_file()
        return notice(say("library.empty") if missing else say.phrased(str(error))), None


def _where(shelf: Shelf, say: Words, at: int) -> str:
    return f'<p role="status">{escaped(shown(shelf, say, offset=at))}</p>' if shelf.rows else ""


def _facets(page: Page) -> tuple[Facets, int]:
    try:
        return page.desk().facets(), page.desk().count_articles()
    except RagError:
        return Facets(), 0
