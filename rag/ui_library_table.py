"""The library's table: one page of articles as HTML, and the words beside it."""

from __future__ import annotations

from rag.answer_html import day, escaped
from rag.shelf import Asked, Row, Shelf
from rag.ui_page import notice, opener
from rag.ui_words import Words

COLUMNS = ("title", "outlet", "date", "language", "chars", "sources", "events")


def table(shelf: Shelf, asked: Asked, say: Words, *, offset: int) -> str:
    """One page of the shelf: each title opens its article, each button (data-article) its details."""
    if not shelf.rows:
        return notice(say("library.nothing")) + _undated(shelf, asked, say)
    heads = "".join(f'<th scope="col">{escaped(say(f"library.{column}"))}</th>' for column in COLUMNS)
    rows = "".join(_row(row, say) for row in shelf.rows)
    caption = escaped(say("library.caption", shown=shown(shelf, say, offset=offset)))
    return (
        f'<div class="wide"><table><caption>{caption}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_undated(shelf, asked, say)}"
    )


def shown(shelf: Shelf, say: Words, *, offset: int) -> str:
    """Which articles these are of how many: `51–100 of 12,345`."""
    counts = {"first": offset + 1, "last": offset + len(shelf.rows), "total": shelf.total}
    return say("library.shown", **{name: number(count, say) for name, count in counts.items()})


def number(count: int, say: Words) -> str:
    """A number with its thousands apart, as the page's language writes them."""
    return f"{count:,}".replace(",", "." if say.lang == "vi" else ",")


def lang_name(lang: str | None, say: Words) -> str:
    """The language of this code in words, where there are some."""
    return say(f"library.in_{lang}") if say.has(f"library.in_{lang}") else lang or say("common.not_stated")


def title_of(title: str | None, say: Words) -> str:
    """An article's title, cut where it is very long, or the words for none."""
    told = " ".join((title or "").split()) or say("library.no_title")
    return told if len(told) <= 200 else told[:199] + "…"


def _row(row: Row, say: Words) -> str:
    source, title = row.source, title_of(row.source.title, say)
    published = day(source.published, say) if source.published else say("common.not_stated")
    plain = (
        source.outlet or source.agency or say("common.not_stated"),
        published,
        lang_name(source.lang, say),
        number(row.chars, say),
        number(row.sources, say),
        number(row.events, say),
    )
    cells = "".join(
        f'<td data-label="{escaped(say(f"library.{column}"))}" dir="auto">{escaped(text)}</td>'
        for column, text in zip(COLUMNS[1:], plain, strict=True)
    )
    button = (
        f'<button type="button" data-article="{escaped(row.id)}" '
        f'aria-label="{escaped(say("library.details_of", title=title))}">{escaped(say("library.details"))}</button>'
    )
    lang = f' lang="{escaped(source.lang)}"' if source.lang else ""
    return f'<tr><th scope="row"{lang}>{opener(title, row.id)} {button}</th>{cells}</tr>'


def _undated(shelf: Shelf, asked: Asked, say: Words) -> str:
    if not shelf.undated or (asked.order != "newest" and not (asked.since or asked.until)):
        return ""
    key = "undated_out" if asked.since or asked.until else "undated_last"
    return f'<p class="undated">{escaped(say(f"library.{key}", count=number(shelf.undated, say)))}</p>'
