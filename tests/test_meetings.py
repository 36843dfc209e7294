"""Who met whom: persons are one across languages, and every format says the same."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from itertools import permutations
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from eval import gold_events
from rag.domain import Citation, Event, EventKind, Fact, Participant, Source
from rag.links import groups
from rag.meetings import Graph, meetings, top
from rag.meetings_formats import graph_json, graph_markdown, graphml
from rag.meetings_picture import svg
from rag.merging import merged


@cache
def told() -> tuple[Event, ...]:
    records = [event for corpus in ("seeds", "synthetic") for event in gold_events.events(corpus).values()]
    return tuple(merged(group) for group in groups(records))


def person(name: str, country: str | None, side: int | None = None, role: str | None = None) -> Participant:
    return Participant(name, (), role, country, side, ())


def event(number: int, *participants: Participant, lang: str = "en", kind: EventKind = "meeting") -> Event:
    source = Source(f"{number:016x}", "a.txt", "0" * 64, lang=lang)
    headline = Fact("They met.", (Citation(source, 0, 9, "They met."),))
    made = Event(f"{source.id}#1", "meeting", lang, headline, (source,), participants=participants)
    return replace(made, kind=kind, records=(made.id,))


def names(graph: Graph) -> set[str]:
    return {node.name for node in graph.nodes}


def test_one_person_in_two_languages_is_one_node() -> None:
    vietnamese = event(1, person("Sergei Lavrov", "RU", 1), person("Vương Nghị", "CN", 2), lang="vi")
    english = event(2, person("Sergey Lavrov", "RU", 1), person("Wang Yi", "CN", 2))
    graph = meetings([vietnamese, english])
    assert len(graph.nodes) == 2
    (edge,) = graph.edges
    assert len(edge.meetings) == 2
    assert {form for node in graph.nodes for form in (node.name, *node.also)} == {
        *("Sergei Lavrov", "Sergey Lavrov", "Vương Nghị", "Wang Yi")
    }


def test_two_persons_of_one_name_and_two_countries_stay_apart() -> None:
    one = event(1, person("Kim Min-jae", "KR", 1), person("Anna Berg", "SE", 2))
    other = event(2, person("Kim Min-jae", "KP", 1), person("Anna Berg", "SE", 2))
    assert len(meetings([one, other]).nodes) == 3


@pytest.mark.parametrize("kind", ["attack", "statement", "election"])
def test_only_meetings_count(kind: EventKind) -> None:
    assert meetings([event(1, person("Anna Berg", "SE"), person("Kim Min-jae", "KR"), kind=kind)]) == Graph()


def test_who_met_nobody_is_left_out() -> None:
    background = replace(event(2, person("Anna Berg", "SE"), person("Kim Min-jae", "KR")), background=True)
    assert meetings([event(1, person("Anna Berg", "SE")), background]) == Graph()


def test_the_order_of_the_events_makes_no_difference() -> None:
    some = sorted(told(), key=lambda each: -len(each.participants))[:5]
    assert len({repr(meetings(order)) for order in permutations(some)}) == 1


def test_graphml_says_what_the_graph_says() -> None:
    graph = meetings(told())
    read = networkx.read_graphml(io.BytesIO(graphml(graph).encode()))
    assert {read.nodes[node]["name"] for node in read} == names(graph)
    assert {frozenset(edge) for edge in read.edges} == {frozenset((edge.a, edge.b)) for edge in graph.edges}
    assert sum(read.edges[edge]["weight"] for edge in read.edges) == sum(len(edge.meetings) for edge in graph.edges)


def test_the_most_met_are_kept_and_the_rest_counted() -> None:
    graph = meetings(told())
    kept, left_out = top(graph, 6)
    assert len(kept.nodes) + left_out == len(graph.nodes)
    assert len(kept.nodes) <= 6
    ends = {end for edge in kept.edges for end in (edge.a, edge.b)}
    assert ends == {node.id for node in kept.nodes}
    assert f"{left_out}" in svg(kept, left_out=left_out)


def test_every_meeting_is_cited() -> None:
    texts = {a.id: a.text for corpus in ("seeds", "synthetic") for a in gold_events.articles(corpus).values()}
    found = [meeting for edge in meetings(told()).edges for meeting in edge.meetings]
    assert found
    for meeting in found:
        assert meeting.citations
        assert all(c.quote == texts[c.source.id][c.start : c.end] for c in meeting.citations)


HOSTILE = st.one_of(
    st.text(min_size=1, max_size=30), st.sampled_from(["<script>alert(1)</script>", "]]>", "&amp;", '"'])
)


@given(HOSTILE, HOSTILE)
@hypothesis_settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_name_holds_every_format_is_well_formed(one: str, other: str) -> None:
    graph = meetings([event(1, person(one, "SE", 1, role=other), person(f"Anna {other} Berg", "KR", 2))])
    picture = svg(graph)
    ElementTree.fromstring(picture)
    assert "<script" not in picture
    networkx.read_graphml(io.BytesIO(graphml(graph).encode()))
    assert set(graph_json(graph)) >= {"nodes", "edges"}
    assert "<script>" not in graph_markdown(graph)


def test_the_picture_is_the_same_twice() -> None:
    graph, _ = top(meetings(told()), 40)
    assert svg(graph) == svg(graph)
