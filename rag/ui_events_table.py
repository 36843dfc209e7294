"""The events as a table of the page: every cell opens what it was read from, and a row unfolds to its card."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rag.answer_html import escaped, facts
from rag.brief_labels import label, place_words
from rag.domain import Event
from rag.event_cards import card_html, date_text, one_line
from rag.ui_page import cited, opener
from rag.ui_words import Words

_PERSONS, _SOURCES = 4, 3  # of a row; its card has all
_COLUMNS = ("date", "kind", "place", "who", "what", "sources")


def table_html(events: Sequence[Event], say: Words, *, caption: str) -> str:
    """The table, its columns named in the page's language; what articles say is text in it, never markup."""
    heads = "".join(f'<th scope="col" class="{name}">{escaped(say(f"events.{name}"))}</th>' for name in _COLUMNS)
    rows = "".join(_row(event, say) for event in events)
    return (
        f'<div class="scrolled" role="region" tabindex="0" aria-label="{escaped(caption)}"><table>'
        f"<caption>{escaped(caption)}</caption><thead><tr>{heads}</tr></thead>{rows}</table></div>"
    )


def _row(event: Event, say: Words) -> str:
    kind = label(say.lang, "kinds", event.kind)
    headline = cited(event.headline.citations[0], one_line(event.headline.text))
    cells = (
        cited(event.date.citation, date_text(event.date, say)) if event.date else _lacking(event, say),
        cited(event.headline.citations[0], kind),
        cited(event.place.citation, place_words(event.place, say.lang)) if event.place else _lacking(event, say),
        _who(event, say),
        f'<span lang="{escaped(event.lang)}">{headline}</span>',
        _sources(event, say),
    )
    told = "".join(f'<td class="{name}">{cell}</td>' for name, cell in zip(_COLUMNS, cells, strict=True))
    return (
        f'<tbody><tr>{told}</tr><tr class="whole"><td colspan="{len(_COLUMNS)}"><details>'
        f"<summary>{escaped(say('events.whole'))}</summary>{card_html(event, say)}</details></td></tr></tbody>"
    )


def _lacking(event: Event, say: Words) -> str:
    return opener(say("common.not_stated"), event.sources[0].id)


def _who(event: Event, say: Words) -> str:
    names = [cited(one.citations[0], one_line(one.name)) for one in event.participants[:_PERSONS]]
    return _shortened(names, len(event.participants), say) if names else _lacking(event, say)


def _sources(event: Event, say: Words) -> str:
    once = {source.id: source for source in reversed(event.sources)}
    told = [
        opener(one.outlet or one.agency or one.title or say("ask.no_outlet"), one.id, title=facts(one, say))
        for one in islice((once[article] for article in event.articles), _SOURCES)
    ]
    return _shortened(told, len(once), say)


def _shortened(links: Sequence[str], count: int, say: Words) -> str:
    more = [escaped(say("events.and_more", count=count - len(links)))] if count > len(links) else []
    return "".join(f"<div>{each}</div>" for each in (*links, *more))
