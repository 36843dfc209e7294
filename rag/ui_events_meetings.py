"""Who met whom as a part of the page: a picture whose lines open their source, and the same as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from rag.answer_html import address, escaped
from rag.brief_labels import country_words, label, place_words
from rag.domain import Event
from rag.event_cards import date_text, one_line
from rag.meetings import Edge, Graph, Meeting, Node, meetings, top
from rag.meetings_formats import words
from rag.meetings_layout import Point, laid_out
from rag.meetings_picture import box, marks_of, shape, shown_label
from rag.ui_page import cited, opener
from rag.ui_words import Words

PERSONS = 30  # in the picture and the table
_MARGIN = 24.0
_LINES = 200  # of the table
_COLUMNS = ("who", "with", "date", "place", "kind")


def meetings_html(events: Sequence[Event], say: Words) -> str:
    """The picture and the table of who met whom in these events, of the persons of most events; "" where nobody did."""
    graph, left_out = top(meetings(events), PERSONS)
    if not graph.edges:
        return ""
    told = {event.id: event for event in events}
    counts = {"persons": len(graph.nodes), "pairs": len(graph.edges)}
    note = say("events.met_counts", **counts) + (say("events.met_left_out", count=left_out) if left_out else "")
    return f'<p class="facts">{escaped(note)}</p>{_picture(graph, told, say)}{_table(graph, told, say)}'


def _picture(graph: Graph, told: Mapping[str, Event], say: Words) -> str:
    boxes = {node.id: box(node) for node in graph.nodes}
    at, (wide, high) = laid_out(graph, boxes)
    marks = marks_of(graph.nodes)
    moved = {node: (x + _MARGIN, y + _MARGIN) for node, (x, y) in at.items()}
    names = {node.id: words(node.name) for node in graph.nodes}
    lines = "".join(_line(edge, moved, names, told, say) for edge in graph.edges)
    persons = "".join(_person(node, moved[node.id], marks[node.country], say) for node in graph.nodes)
    title, width, height = escaped(say("events.met")), wide + 2 * _MARGIN, high + 2 * _MARGIN
    return (
        f'<div class="scrolled picture" role="region" tabindex="0" aria-label="{title}">'
        f'<svg viewBox="0 0 {width:.1f} {height:.1f}" style="min-width:{0.75 * width:.0f}px;'
        f'max-width:{width:.0f}px" role="group" '
        f'aria-label="{title}">{lines}{persons}</svg></div><p class="facts">{escaped(say("events.met_marks"))}</p>'
    )


def _line(edge: Edge, at: Mapping[str, Point], names: Mapping[str, str], told: Mapping[str, Event], say: Words) -> str:
    (x1, y1), (x2, y2) = at[edge.a], at[edge.b]
    when = [_when(meeting, told, say) for meeting in edge.meetings]
    named = escape("\n".join([f"{names[edge.a]} – {names[edge.b]}", *when]))
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    width = min(1.5 * len(edge.meetings), 12.0)
    where = escaped(address(edge.meetings[0].citations[0]))
    return (
        f'<a class="cite" href="#source-{where}" aria-label="{named}"><title>{named}</title>'
        f'<line class="reach" {ends}/>'
        f'<line class="{"met" if edge.faced else "met together"}" {ends} stroke-width="{width:.1f}"/></a>'
    )


def _when(meeting: Meeting, told: Mapping[str, Event], say: Words) -> str:
    event = told[meeting.event]
    kind = label(say.lang, "kinds", meeting.kind)
    together = say("events.one_side") if meeting.together else ""
    place = place_words(event.place, say.lang)
    return words(", ".join(filter(None, [kind, date_text(event.date, say), place, together])))


def _person(node: Node, at: Point, mark: tuple[int, str], say: Words) -> str:
    x, y = at
    shown, code = shown_label(node)
    country = country_words(node.country, say.lang) if node.country else ""
    named = escape(", ".join(filter(None, [words(node.name), words(node.role or ""), country])))
    return (
        f"<g><title>{named}</title>{shape(mark, x, y)}"
        f'<text class="name" x="{x:.1f}" y="{y + 22:.1f}">{escape(shown)}</text>'
        f'<text class="name note" x="{x:.1f}" y="{y + 35:.1f}">{escape(code)}</text></g>'
    )


def _table(graph: Graph, told: Mapping[str, Event], say: Words) -> str:
    names = {node.id: one_line(node.name) for node in graph.nodes}
    pairs = sorted(graph.edges, key=lambda edge: (-len(edge.meetings), names[edge.a], names[edge.b], edge.a, edge.b))
    lines = [(edge, meeting) for edge in pairs for meeting in edge.meetings]
    rows = "".join(_row(names[edge.a], names[edge.b], told[one.event], say) for edge, one in lines[:_LINES])
    heads = "".join(f'<th scope="col">{escaped(say(f"events.{name}"))}</th>' for name in _COLUMNS)
    caption = escaped(say("events.met_table", count=min(len(lines), _LINES), total=len(lines)))
    return (
        f'<div class="scrolled" role="region" tabindex="0" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(one: str, other: str, event: Event, say: Words) -> str:
    lacking = opener(say("common.not_stated"), event.sources[0].id)
    cells = (
        _named(one, event),
        _named(other, event),
        cited(event.date.citation, date_text(event.date, say)) if event.date else lacking,
        cited(event.place.citation, place_words(event.place, say.lang)) if event.place else lacking,
        cited(event.headline.citations[0], label(say.lang, "kinds", event.kind)),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _named(name: str, event: Event) -> str:
    """The person, opening the words that name him in the event, where he is named so."""
    forms = {one_line(form): one for one in event.participants for form in (*one.also, one.name)}
    citation = forms[name].citations[0] if name in forms else event.headline.citations[0]
    return cited(citation, name)
