"""Events as rows: a table for a terminal, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from rag.domain import Event
from rag.render import plain
from rag.render_events import plover

COLUMNS = (
    "id", "kind", "plover", "date", "date_words", "implied_year", "place", "country", "participants", "countries",
    "headline", "agreed", "said", "documents", "figures", "next_steps", "conflicts", "not_stated", "background",
    "articles", "outlets", "titles", "urls",
)  # fmt: skip
_HEADINGS = ("DATE", "KIND", "PLACE", "WHO", "WHAT", "ID")
_LEAST = 60  # characters of the narrowest table
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # full-width forms count as formulas too


def events_csv(events: Iterable[Event]) -> str:
    """CSV with the columns COLUMNS, several values in a cell parted by " | ".

    It begins with a byte order mark, by which spreadsheets read it as UTF-8. A cell that a spreadsheet could take for a
    formula begins with an apostrophe.
    """
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for event in events:
        rows.writerow([_cell(text) for text in _row(event)])
    return "\ufeff" + written.getvalue()


def events_table(events: Sequence[Event], *, width: int) -> str:
    """A line for each event that is no wider than `width` columns of a terminal; "" for none."""
    if not events:
        return ""
    rows = [[" ".join(plain(text).split()) for text in _short(event)] for event in events]
    widths = _widths(rows, max(width, _LEAST))
    lines = [
        "  ".join(_fitted(text, size) for text, size in zip(row, widths, strict=True)) for row in [_HEADINGS, *rows]
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _row(event: Event) -> tuple[str, ...]:
    date, place, first = event.date, event.place, {source.id: source for source in reversed(event.sources)}
    sources = [first[article] for article in event.articles]
    told = [f"{each.speaker}: {each.text}" for each in event.said]
    conflicts = [f"{each.field}: {' / '.join(value for value, _ in each.values)}" for each in event.conflicts]
    countries = dict.fromkeys(each.country for each in event.participants if each.country)
    return (
        event.id,
        event.kind,
        plover(event.kind),
        (date.edtf or "") if date else "",
        date.text if date else "",
        (date.implied_year or "") if date else "",
        place.text if place else "",
        (place.country or "") if place else "",
        _several(each.name for each in event.participants),
        _several(countries),
        event.headline.text,
        _several(each.text for each in event.agreed),
        _several(told),
        _several(each.text for each in event.documents),
        _several(each.text for each in event.figures),
        _several(each.text for each in event.next_steps),
        _several(conflicts),
        _several(event.not_stated),
        "yes" if event.background else "no",
        _several(event.articles),
        _several(source.outlet or "" for source in sources),
        _several(source.title or "" for source in sources),
        _several(source.url or "" for source in sources),
    )


def _several(texts: Iterable[str]) -> str:
    return " | ".join(text for text in texts if text)


def _cell(text: str) -> str:
    kept = " ".join(plain(text).split())
    return f"'{kept}" if _FORMULA.match(kept) else kept


def _short(event: Event) -> tuple[str, ...]:
    who = ", ".join(each.name for each in event.participants)
    when = (event.date.edtf or f"({event.date.text})") if event.date else "-"
    return when, event.kind, event.place.text if event.place else "-", who or "-", event.headline.text, event.id


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Dates, kinds and ids whole where there is room; the words share what is left."""
    needed = [max(_size(text) for text in column) for column in zip(_HEADINGS, *rows, strict=True)]
    date, kind, place, who, _, identity = needed
    date, identity = min(date, 21), min(identity, 24)
    left = width - date - kind - identity - 2 * (len(_HEADINGS) - 1)
    place = max(5, min(place, left // 5))
    who = max(8, min(who, left * 2 // 5))
    what = max(4, min(needed[4], left - place - who))
    return [date, kind, place, who, what, identity]


def _size(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _fitted(text: str, width: int) -> str:
    """The text in so many columns, filled up with spaces or cut with an ellipsis."""
    size = _size(text)
    if size <= width:
        return text + " " * (width - size)
    kept, used = [], 0
    for char in text:
        used += _columns(char)
        if used > width - 1:
            break
        kept.append(char)
    words = "".join(kept)
    return words + "…" + " " * (width - 1 - _size(words))
