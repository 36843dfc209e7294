"""The events on a line of time, as a picture of the page: a row for each kind, and rows for those without a day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from rag.answer_html import address, escaped
from rag.brief_labels import day_words, label, place_words
from rag.domain import Event
from rag.event_calendar import full_days
from rag.event_cards import date_text, one_line
from rag.render import plain
from rag.ui_words import Words

_WIDE, _LEFT, _RIGHT = 640.0, 118.0, 50.0  # of the picture, and of what stands beside the line of time
_SLOT, _MARK = 14.0, 11.0  # the room of a mark, and the mark
_SLOTS = int((_WIDE - _LEFT - _RIGHT) / _SLOT)
_STACK = 10  # marks above each other
_TICKS = 3  # parts of the line of time
_MOST_LETTERS = 200
_YEARLESS = re.compile(r"XXXX-(\d\d)(?:-(\d\d))?")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of marks: events by the slot they stand in. `months` where its line is a year of no known number."""

    name: str
    slots: tuple[tuple[int, Event], ...]
    months: bool = False

    @property
    def stack(self) -> int:
        """How many marks stand above each other at most."""
        return min(self._most, _STACK)

    @property
    def cut(self) -> bool:
        """Whether somewhere there are more than are drawn."""
        return self._most > _STACK

    @property
    def _most(self) -> int:
        return max(Counter(slot for slot, _ in self.slots).values())


def timeline_html(events: Sequence[Event], say: Words) -> str:
    """The picture in a box that scrolls where it is narrow. Each mark opens the sentence that tells its event.

    An event stands at its first day; one whose year nobody states on a year of its own, one with no full day in a last
    row. The same events give the same picture.
    """
    days = {event.id: found[0] for event in events if (found := full_days(event))}
    first, last = (min(days.values()), max(days.values())) if days else (None, None)
    rows = list(_rows(events, days, say))
    parts, y = [], 10.0
    for number, row in enumerate(rows):
        if row.months or (number and not row.months and rows[number - 1].months):
            y += 10
        height = max(row.stack, 2) * _SLOT + (20 if row.cut else 8)
        parts.append(_drawn(row, y, height, say))
        y += height
        dated = row.name in _kinds(say) and number + 1 == sum(each.name in _kinds(say) for each in rows)
        if first and last and dated:
            parts.append(_axis([(at, day_words(str(day), say.lang)) for at, day in _ticks(first, last)], y))
            y += 34
        elif row.months:
            parts.append(_axis([((month - 1) / 12, _month(month, say)) for month in range(1, 13, 2)], y))
            y += 34
    y += 6
    title = escaped(say("events.timeline_of", count=len(events)))
    return (
        f'<div class="scrolled picture" role="region" tabindex="0" aria-label="{title}">'
        f'<svg viewBox="0 0 {_WIDE:.0f} {y:.0f}" style="min-width:{_WIDE * 0.85:.0f}px" role="group" '
        f'aria-label="{title}">{"".join(parts)}</svg></div>'
    )


def _kinds(say: Words) -> set[str]:
    return {label(say.lang, "kinds", kind) for kind in _ORDER}


_ORDER = (
    "meeting", "call", "talks online", "visit", "signing", "statement", "conference", "aid", "appointment", "election",
    "sanction", "attack", "other",
)  # fmt: skip


def _rows(events: Sequence[Event], days: dict[str, date], say: Words) -> Iterator[_Row]:
    first = min(days.values(), default=date.min)
    span = max((max(days.values(), default=first) - first).days, 1)
    for kind in _ORDER:
        dated = [event for event in events if event.kind == kind and event.id in days]
        slots = [((days[event.id] - first).days * (_SLOTS - 1) // span, event) for event in dated]
        if slots:
            yield _Row(label(say.lang, "kinds", kind), _sorted(slots))
    yearless = [(_yearly(found), event) for event in events if (found := _yearless(event))]
    if yearless:
        yield _Row(say("common.unknown_year"), _sorted(yearless), months=True)
    rest = [event for event in events if event.id not in days and not _yearless(event)]
    if rest:
        yield _Row(say("events.no_day"), tuple((number % _SLOTS, event) for number, event in enumerate(rest)))


def _sorted(slots: list[tuple[int, Event]]) -> tuple[tuple[int, Event], ...]:
    return tuple(sorted(slots, key=lambda each: (each[0], each[1].id)))


def _yearless(event: Event) -> re.Match[str] | None:
    return _YEARLESS.match((event.date and event.date.edtf) or "")


def _yearly(found: re.Match[str]) -> int:
    month, day = int(found[1]), int(found[2] or 1)
    return min(int(((month - 1) * 31 + day - 1) / 372 * _SLOTS), _SLOTS - 1)


def _ticks(first: date, last: date) -> Iterator[tuple[float, date]]:
    span = (last - first).days
    for number in range(_TICKS + 1):
        if number == 0 or span * number // _TICKS != span * (number - 1) // _TICKS:
            days = span * number // _TICKS
            yield days / max(span, 1) * (_SLOTS - 1) / _SLOTS, first + timedelta(days)


def _month(month: int, say: Words) -> str:
    return day_words(f"XXXX-{month:02}", say.lang)


def _axis(ticks: Sequence[tuple[float, str]], y: float) -> str:
    wide = _SLOTS * _SLOT
    marks = "".join(
        f'<line class="axis" x1="{_x(at * _SLOTS):.1f}" x2="{_x(at * _SLOTS):.1f}" y1="{y:.1f}" y2="{y + 5:.1f}"/>'
        f'<text x="{_x(at * _SLOTS):.1f}" y="{y + 18:.1f}" text-anchor="middle">{escaped(words)}</text>'
        for at, words in ticks
    )
    return f'<line class="axis" x1="{_LEFT}" x2="{_LEFT + wide}" y1="{y:.1f}" y2="{y:.1f}"/>{marks}'


def _x(slot: float) -> float:
    """The middle of a slot."""
    return _LEFT + slot * _SLOT + _SLOT / 2


def _drawn(row: _Row, y: float, height: float, say: Words) -> str:
    bottom = y + height - 2
    at: Counter[int] = Counter()
    marks = []
    for slot, event in row.slots:
        at[slot] += 1
        if at[slot] <= _STACK:
            marks.append(_mark(event, _x(slot), bottom - (at[slot] - 1) * _SLOT, say))
    more = "".join(
        f'<text class="more" x="{_x(slot):.1f}" y="{bottom - _STACK * _SLOT + 2:.1f}" text-anchor="middle">'
        f"+{count - _STACK}</text>"
        for slot, count in sorted(at.items())
        if count > _STACK
    )
    line = f'<line class="row" x1="0" x2="{_WIDE:.0f}" y1="{y + height:.1f}" y2="{y + height:.1f}"/>'
    return f'<text class="kind" x="4" y="{bottom - 3:.1f}">{escaped(row.name)}</text>{line}{"".join(marks)}{more}'


def _mark(event: Event, x: float, bottom: float, say: Words) -> str:
    told = ", ".join(
        filter(
            None, [label(say.lang, "kinds", event.kind), date_text(event.date, say), place_words(event.place, say.lang)]
        )
    )
    named = escape(f"{told}: {plain(one_line(event.headline.text))[:_MOST_LETTERS]}")
    where = escaped(address(event.headline.citations[0]))
    return (
        f'<a class="cite" href="#source-{where}" aria-label="{named}"><title>{named}</title>'
        f'<rect x="{x - _MARK / 2:.1f}" y="{bottom - _MARK:.1f}" width="{_MARK}" height="{_MARK}" rx="2"/></a>'
    )
