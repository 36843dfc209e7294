"""Events as an iCalendar file (RFC 5545)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from rag.brief_labels import label
from rag.domain import Event
from rag.render import cited_text, plain

if TYPE_CHECKING:
    from icalendar import Event as Entry

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_QUOTES = 5  # quotes in the description of an event


def events_ics(events: Iterable[Event]) -> tuple[str, int]:
    """All-day events, and how many of the events are not in it because they state no full date.

    Nothing in it comes from the clock: DTSTAMP is the event's own first day, UID its id.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//rag//events//EN")
    calendar.add("version", "2.0")
    left_out = 0
    for event in events:
        if (days := full_days(event)) is None:
            left_out += 1
        else:
            calendar.add_component(_entry(event, *days))
    return calendar.to_ical().decode(), left_out


def full_days(event: Event) -> tuple[date, date] | None:
    """The first and the last day of an event; None where one is not stated with its month and year."""
    first, _, last = ((event.date and event.date.edtf) or "").partition("/")
    days = _day(first), _day(last or first)
    if days[0] is None or days[1] is None or days[1] < days[0] or days[1] == date.max:
        return None
    return days[0], days[1]


def _day(edtf: str) -> date | None:
    try:
        return date.fromisoformat(edtf) if _DAY.fullmatch(edtf) else None
    except ValueError:
        return None


def _entry(event: Event, first: date, last: date) -> Entry:
    from icalendar import Event as Entry

    entry = Entry()
    entry.add("uid", f"{event.id}@rag")
    entry.add("dtstamp", datetime.combine(first, time(), UTC))
    entry.add("dtstart", first)
    entry.add("dtend", last + timedelta(days=1))
    entry.add("summary", _line(summary(event)))
    entry.add("description", plain("\n".join(_description(event))))
    entry.add("categories", [event.kind])
    if event.place:
        entry.add("location", _line(event.place.text))
    return entry


def summary(event: Event) -> str:
    """`Meeting - Jakarta: Sergei Lavrov, Vương Nghị`, as far as it is stated."""
    where = f" - {event.place.text}" if event.place else ""
    who = ", ".join(each.name for each in event.participants)
    return f"{label('en', 'kinds', event.kind)}{where}: {who or event.headline.text}"


def _description(event: Event) -> Iterator[str]:
    """What is told, in quotes, each with where it stands; then what articles differ on and what none states."""
    facts = (event.headline, *event.agreed, *event.documents)
    quotes = dict.fromkeys(citation for fact in facts for citation in fact.citations)
    for citation in list(quotes)[:_MOST_QUOTES]:
        yield f"“{' '.join(citation.quote.split())}”"
        yield f"({' '.join(cited_text(citation).split())})"
    for conflict in event.conflicts:
        yield f"Articles differ on the {conflict.field}: {' / '.join(value for value, _ in conflict.values)}"
    if event.not_stated:
        yield f"Not stated: {', '.join(name.replace('_', ' ') for name in event.not_stated)}"
    yield from dict.fromkeys(source.url for source in event.sources if source.url)


def _line(text: str) -> str:
    return " ".join(plain(text).split())
