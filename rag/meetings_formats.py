"""The graph of who met whom as JSON, as GraphML for Gephi and yEd, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rag.brief_labels import country_words
from rag.meetings import Edge, Graph, Meeting, Node
from rag.render import citation_json, plain

Json = dict[str, Any]
BETWEEN = " | "  # between the parts of a list that is one text in GraphML
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!()])")


def words(text: str) -> str:
    """The text in one line, without what XML cannot hold or a terminal would obey."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", plain(" ".join(text.split())))


def graph_json(graph: Graph, *, left_out: int = 0) -> Json:
    """The object that `rag meetings --format json` prints; docs/meetings.md tells its keys."""
    events = graph.events_of()
    return {
        "nodes": [
            {
                "id": node.id,
                "name": node.name,
                "also": list(node.also),
                "country": node.country,
                "role": node.role,
                "events": events[node.id],
            }
            for node in graph.nodes
        ],
        "edges": [
            {"a": edge.a, "b": edge.b, "meetings": [_meeting_json(meeting) for meeting in edge.meetings]}
            for edge in graph.edges
        ],
        "left_out": left_out,
    }


def _meeting_json(meeting: Meeting) -> Json:
    return {
        "event": meeting.event,
        "kind": meeting.kind,
        "date": meeting.date,
        "implied_year": meeting.implied_year,
        "place": meeting.place,
        "together": meeting.together,
        "citations": [citation_json(citation) for citation in meeting.citations],
    }


def graphml(graph: Graph) -> str:
    """The graph as GraphML: lists joined by `BETWEEN`, what is not stated left out; `weight` is a pair's meetings."""
    import networkx

    made = networkx.Graph()
    events = graph.events_of()
    for node in graph.nodes:
        made.add_node(node.id, events=events[node.id], **_node_texts(node))
    for edge in graph.edges:
        made.add_edge(edge.a, edge.b, weight=len(edge.meetings), faced=edge.faced, **_edge_texts(edge))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(networkx.generate_graphml(made)) + "\n"


def _node_texts(node: Node) -> dict[str, str]:
    name = words(node.name)
    texts = {"label": name, "name": name, "also": _joined(node.also), "country": node.country, "role": node.role}
    return {key: words(text) for key, text in texts.items() if text}


def _edge_texts(edge: Edge) -> dict[str, str]:
    """A list for each field, in the order of the meetings; `?` where a meeting has none."""
    texts = {
        "events": _joined(meeting.event for meeting in edge.meetings),
        "kinds": _joined(meeting.kind for meeting in edge.meetings),
        "dates": _joined(meeting.date or "?" for meeting in edge.meetings),
        "implied_years": _joined(meeting.implied_year or "?" for meeting in edge.meetings),
        "places": _joined(meeting.place or "?" for meeting in edge.meetings),
        "quotes": _joined(meeting.citations[0].quote for meeting in edge.meetings if meeting.citations),
        "articles": _joined(
            dict.fromkeys(citation.source.id for meeting in edge.meetings for citation in meeting.citations)
        ),
    }
    return {key: words(text) for key, text in texts.items() if text.replace("?", "").replace(BETWEEN, "")}


def _joined(texts: Any) -> str:
    return BETWEEN.join(words(text) for text in texts)


def when_and_where(meeting: Meeting) -> str:
    """Kind, date and place in a line; a year that is only implied is said to be."""
    date = meeting.date or "no date stated"
    if meeting.implied_year:
        date += f" (the year {meeting.implied_year} is implied, not stated)"
    side = ", on one side" if meeting.together else ""
    return words(f"{date}, {meeting.kind}" + (f", {meeting.place}" if meeting.place else "") + side)


def graph_markdown(graph: Graph, *, left_out: int = 0) -> str:
    """The pairs, those of most meetings first, each meeting with its date and the articles' words."""
    name = {node.id: _named(node) for node in graph.nodes}
    lines = ["# Who met whom", ""]
    lines.append(f"{_count(graph.nodes, 'person')}, {_count(graph.edges, 'pair')}.")
    if left_out:
        lines.append(f"{left_out} more left out.")
    for edge in sorted(graph.edges, key=lambda edge: (-len(edge.meetings), edge.a, edge.b)):
        lines += ["", f"## {name[edge.a]} – {name[edge.b]}", ""]
        for meeting in edge.meetings:
            lines.append(f"- {_escaped(when_and_where(meeting))}")
            lines += [f"  - {line}" for line in _cited(meeting)]
    return "\n".join(lines) + "\n"


def _cited(meeting: Meeting) -> Iterator[str]:
    for citation in meeting.citations:
        source = citation.source
        where = BETWEEN.join(part for part in (source.outlet, source.title, source.published, source.id) if part)
        yield f"“{_escaped(citation.quote)}” [{_escaped(where)}, {citation.start}–{citation.end}]"


def _named(node: Node) -> str:
    country = country_name(node.country)
    also = f"; also {', '.join(node.also)}" if node.also else ""
    beside = f"{country}{also}" if country else also.removeprefix("; ")
    return _escaped(f"{node.name} ({beside})" if beside else node.name)


def country_name(code: str | None) -> str:
    """A country's English name, its code where none is known; empty for None."""
    return (country_words(code, "en") or code) if code else ""


def _count(things: tuple[object, ...], word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", words(text))
