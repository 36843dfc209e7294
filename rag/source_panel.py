"""What the source panel shows of an address: the article, cut at the quote to the character, in plain text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import uploads
from rag.answer_html import day
from rag.domain import Source
from rag.errors import InputError, RagError
from rag.ui_words import Words

if TYPE_CHECKING:
    from rag.desk import Desk

AROUND = 100_000  # characters of an article that are shown before and after the quote


def passage(desk: Desk, where: str, say: Words, *, local: bool = True) -> dict[str, Any]:
    """The article of an address `ARTICLE-START-END`: what its page states, and its text cut at the quote.

    All values are plain text: title, lang, fields as [name, value] pairs, before, quote, after; or an error. Far from
    the quote a very long article is cut, which `cut_before` and `cut_after` say. 0 and 0 give it from its beginning.
    Where the page is not `local`, a file's name is told without its folder.
    """
    try:
        article_id, start, end = _parsed(where)
        article = desk.show(article_id).article
        text, source = article.text, article.source
        if not (start < end <= len(text) or start == end == 0):
            raise InputError(f"article {article_id} has no characters {start} to {end}; ask again")
    except RagError as error:
        return {"error": say.phrased(str(error))}
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    return {
        "title": source.title or say("ask.no_title"),
        "lang": source.lang or "",
        "fields": _fields(replace(source, path=_path(source, desk, local=local)), say),
        "before": text[first:start],
        "quote": text[start:end],
        "after": text[end:last],
        "cut_before": first > 0,
        "cut_after": last < len(text),
    }


def _parsed(where: str) -> tuple[str, int, int]:
    article_id, start, end = (*str(where).rsplit("-", 2), "", "")[:3]
    if not (article_id and start.isdecimal() and end.isdecimal() and max(len(start), len(end)) < 12):
        raise InputError(f"{where!r} is no address of a passage; click a citation in the chat")
    return article_id, int(start), int(end)


def _path(source: Source, desk: Desk, *, local: bool) -> str:
    """The file as readers know it: of what came in through the page its own name."""
    path = uploads.shown(desk.settings.store, source.path)
    return path if local else Path(path).name


def _fields(source: Source, say: Words) -> list[tuple[str, str]]:
    path = source.path
    fields = {
        "outlet": source.outlet or source.agency,
        "date": day(source.published, say) if source.published else None,
        "language": source.lang,
        "byline": source.author,
        "file": say("ask.line", path=path, item=source.item) if source.item else path,
        "address": source.url,
    }
    always = ("outlet", "date", "language", "file")
    return [
        (say(f"ask.field_{name}"), value or say("common.not_stated"))
        for name, value in fields.items()
        if value or name in always
    ]
