"""Who met whom: persons met across articles and languages, the pairs of them that met, as data and as a picture."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from eval import gold_events
from rag.cite import cite
from rag.cli import app
from rag.domain import Article, Event, EventDate, EventKind, EventPlace, Fact, Participant, Source
from rag.links import groups
from rag.meetings import Graph, meetings, top
from rag.meetings_formats import BETWEEN, graph_json, graph_markdown, graphml, words
from rag.meetings_layout import laid_out
from rag.meetings_picture import svg
from rag.merging import merged

SVG = "{http://www.w3.org/2000/svg}"
Who = tuple[str, str | None, str | None]


def told(
    number: int,
    *who: Who,
    lang: str = "en",
    kind: EventKind = "meeting",
    date: str | None = None,
    place: str | None = None,
    background: bool = False,
) -> Event:
    """An article's record of an event: who took part by name, country and role, sides in order of the countries."""
    text = " / ".join([*(name for name, _, _ in who), date or "no day", place or "nowhere"])
    article = Article(Source(f"{number:016x}", "", "", lang=lang), text)
    countries = list(dict.fromkeys(country for _, country, _ in who if country))
    cited = (cite(article, 0, len(text)),)
    return Event(
        id=f"{number:016x}#1",
        kind=kind,
        lang=lang,
        headline=Fact(text, cited),
        sources=(article.source,),
        date=EventDate(date, date, cited[0]) if date else None,
        place=EventPlace(place, None, cited[0]) if place else None,
        participants=tuple(
            Participant(name, (), role, country, countries.index(country) + 1 if country else None, cited)
            for name, country, role in who
        ),
        background=background,
    )


@cache
def linked(corpus: str) -> tuple[Event, ...]:
    return tuple(merged(records) for records in groups(gold_events.events(corpus).values()))


def named(graph: Graph) -> list[tuple[str, str | None]]:
    return sorted((node.name, node.country) for node in graph.nodes)


JAKARTA = told(
    1,
    ("Sergei Lavrov", "RU", "Ngoại trưởng Nga"),
    ("Vương Nghị", "CN", "Ủy viên Bộ Chính trị"),
    lang="vi",
    date="XXXX-07-13",
    place="Jakarta",
)
BEIJING = told(
    2,
    ("Wang Yi", "CN", "Chinese Foreign Minister"),
    ("Sergey Lavrov", "RU", "Russian Foreign Minister"),
    date="2023-10-16",
    place="Beijing",
)


def test_lavrov_and_wang_yi_are_one_person_each_in_a_vietnamese_and_an_english_article() -> None:
    graph = meetings([JAKARTA, BEIJING])
    assert len(graph.nodes) == 2
    wang = next(node for node in graph.nodes if node.country == "CN")
    assert {wang.name, *wang.also} == {"Vương Nghị", "Wang Yi"}
    (edge,) = graph.edges
    assert [meeting.date for meeting in edge.meetings] == ["2023-10-16", "XXXX-07-13"]
    assert [meeting.together for meeting in edge.meetings] == [False, False]
    assert all(citation.quote for meeting in edge.meetings for citation in meeting.citations)


def test_two_persons_of_one_name_and_two_countries_stay_apart() -> None:
    here = told(1, ("Wang Yi", "CN", None), ("Sergey Lavrov", "RU", None))
    there = told(2, ("Wang Yi", "SG", None), ("Retno Marsudi", "ID", None))
    assert named(meetings([here, there])) == [
        ("Retno Marsudi", "ID"),
        ("Sergey Lavrov", "RU"),
        ("Wang Yi", "CN"),
        ("Wang Yi", "SG"),
    ]


def test_a_name_without_a_country_that_fits_two_persons_is_neither() -> None:
    here = told(1, ("Wang Yi", "CN", None), ("Sergey Lavrov", "RU", None))
    there = told(2, ("Wang Yi", "SG", None), ("Retno Marsudi", "ID", None))
    unknown = told(3, ("Wang Yi", None, None), ("Park Jin", "KR", None))
    found = [node.country for node in meetings([here, there, unknown]).nodes if node.name == "Wang Yi"]
    assert sorted(found, key=str) == ["CN", None, "SG"]
    assert len([node for node in meetings([here, unknown]).nodes if node.name == "Wang Yi"]) == 1


def test_two_persons_of_one_name_and_two_offices_stay_apart() -> None:
    health = told(1, ("Nguyễn Văn Nam", "VN", "Bộ trưởng Y tế"), ("Anna Berg", "SE", None), lang="vi")
    army = told(2, ("Nguyen Van Nam", "VN", "Defence Minister"), ("Paul Roux", "FR", None))
    again = told(3, ("Nguyen Van Nam", "VN", "Health Minister"), ("Paul Roux", "FR", None))
    assert len([node for node in meetings([health, army]).nodes if node.country == "VN"]) == 2
    assert len([node for node in meetings([health, again]).nodes if node.country == "VN"]) == 1


@pytest.mark.parametrize(
    ("one", "other", "country"),
    [("Lê Quang Vinh", "Lê Quang Vĩnh", "VN"), ("Kim Tae-hoon", "Kim Soo-yeon", "KR"), ("王毅", "王义", "CN")],
)
def test_names_of_one_script_that_differ_are_two_persons(one: str, other: str, country: str) -> None:
    events = [told(n, (name, country, None), ("Paul Roux", "FR", None)) for n, name in enumerate((one, other))]
    short = [
        replace(event, participants=(replace(event.participants[0], also=("Kim",)), event.participants[1]))
        for event in events
    ]
    assert len(meetings(events).nodes) == len(meetings(short).nodes) == 3


def test_an_event_without_two_participants_makes_no_edge() -> None:
    alone = told(1, ("Wang Yi", "CN", None), kind="visit")
    nobody = told(2, kind="meeting")
    twice = told(3, ("Wang Yi", "CN", None), ("Vương Nghị", "CN", None))
    assert meetings([alone, nobody, twice]) == meetings([]) == Graph()


@pytest.mark.parametrize("kind", ["attack", "statement", "election", "conference"])
def test_what_is_only_mentioned_or_is_no_meeting_makes_no_edge(kind: EventKind) -> None:
    two: Sequence[Who] = (("Wang Yi", "CN", None), ("Sergey Lavrov", "RU", None))
    assert meetings([told(1, *two, background=True), told(2, *two, kind=kind)]) == Graph()


def test_delegates_of_one_side_took_part_together() -> None:
    event = told(1, ("Ma Zhaoxu", "CN", None), ("Sergey Lavrov", "RU", None), ("Andrey Rudenko", "RU", None))
    graph = meetings([event])
    assert {(edge.a, edge.b): edge.faced for edge in graph.edges} == {
        ("andrey-rudenko-ru", "ma-zhaoxu-cn"): True,
        ("andrey-rudenko-ru", "sergey-lavrov-ru"): False,
        ("ma-zhaoxu-cn", "sergey-lavrov-ru"): True,
    }


@settings(max_examples=20, deadline=None)
@given(st.permutations(linked("seeds") + linked("synthetic")))
def test_the_order_of_the_events_makes_no_difference(events: list[Event]) -> None:
    assert meetings(events) == meetings(linked("seeds") + linked("synthetic"))


NAMES = ["Wang Yi", "Vương Nghị", "王毅", "Ван И", "Le Quang Vinh", "Lê Quang Vĩnh", "Lê Quang Vinh", "Lavrov"]
PEOPLE = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(["CN", "VN", "SG", None]), st.sampled_from([None, "Bộ trưởng Y tế"])
)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.lists(st.lists(PEOPLE, min_size=2, max_size=3), max_size=6))
def test_names_in_doubt_go_the_same_way_whatever_the_order(data: st.DataObject, who: list[list[Who]]) -> None:
    events = [told(number, *each, lang="vi") for number, each in enumerate(who)]
    graph = meetings(events)
    assert meetings(data.draw(st.permutations(events))) == graph
    assert len({node.id for node in graph.nodes}) == len(graph.nodes)
    assert all(edge.a < edge.b for edge in graph.edges)


def test_top_keeps_the_persons_of_most_events_and_says_how_many_are_left_out() -> None:
    other = told(3, ("Paul Roux", "FR", None), ("Anna Berg", "SE", None))
    graph = meetings([JAKARTA, BEIJING, other])
    kept, left_out = top(graph, 3)
    assert [node.country for node in kept.nodes] == ["RU", "CN"]
    assert left_out == 2
    assert top(graph, 4) == (graph, 0)


HOSTILE = st.text(
    st.characters(codec="utf-8") | st.sampled_from("<>&\"']]>\x00\x1b\u202e\ufffe\n\r\t"), min_size=1, max_size=30
)


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_a_picture_is_well_formed_and_its_text_escaped(name: str, role: str, place: str) -> None:
    hostile = f'Mai {name}<script>alert("x")</script>'
    event = told(1, (hostile, "VN", role), ("Sergey Lavrov", "RU", None), place=place)
    graph = meetings([event])
    root = ElementTree.fromstring(svg(graph))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "style", "rect", "text", "g", "line", "circle", "polygon"),
    }
    titles = [element.text or "" for element in root.iter(f"{SVG}title")]
    assert any(words(hostile) in title for title in titles)
    assert any("Sergey Lavrov" in title and words(place) in title for title in titles)


@settings(max_examples=40, deadline=None)
@given(HOSTILE, HOSTILE)
def test_graphml_holds_hostile_names_and_markdown_none_of_their_markup(name: str, place: str) -> None:
    event = told(1, (f"Mai {name}", "VN", None), ("Sergey Lavrov", "RU", None), place=f"<b>{place}")
    graph = meetings([event])
    read = networkx.parse_graphml(graphml(graph))
    assert {data["name"] for _, data in read.nodes(data=True)} == {words(node.name) for node in graph.nodes}
    assert not re.search(r"(?<!\\)<", graph_markdown(graph))


@pytest.mark.parametrize("corpus", ["seeds", "synthetic"])
def test_graphml_read_back_equals_the_data(corpus: str) -> None:
    graph = meetings(linked(corpus))
    read = networkx.read_graphml(io.BytesIO(graphml(graph).encode()))
    for node in graph.nodes:
        data = read.nodes[node.id]
        assert (data["name"], data.get("country"), data.get("also", "")) == (
            words(node.name),
            node.country,
            BETWEEN.join(map(words, node.also)),
        )
    assert len(read) == len(graph.nodes)
    assert read.number_of_edges() == len(graph.edges)
    for edge in graph.edges:
        data = read.edges[edge.a, edge.b]
        assert data["weight"] == len(edge.meetings)
        assert data["events"].split(BETWEEN) == [meeting.event for meeting in edge.meetings]
        assert data.get("dates", "?").split(BETWEEN) == [meeting.date or "?" for meeting in edge.meetings]


def test_labels_do_not_overlap_and_the_picture_is_the_same_every_time() -> None:
    graph, left_out = top(meetings(linked("seeds") + linked("synthetic")), 40)
    boxes = {node.id: (7.0 * len(node.name), 44.0) for node in graph.nodes}
    at, (wide, high) = laid_out(graph, boxes)
    placed = [(x, y, *boxes[node]) for node, (x, y) in at.items()]
    for number, (x, y, w, h) in enumerate(placed):
        assert w / 2 - 1 <= x <= wide - w / 2 + 1
        assert h / 2 - 1 <= y <= high - h / 2 + 1
        for other_x, other_y, other_w, other_h in placed[:number]:
            assert abs(x - other_x) >= (w + other_w) / 2 - 0.01 or abs(y - other_y) >= (h + other_h) / 2 - 0.01
    picture = svg(graph, left_out=left_out)
    assert picture == svg(graph, left_out=left_out)
    assert f"{left_out} more persons are left out" in picture


def test_countries_differ_in_shape_and_code_and_not_in_colour_alone() -> None:
    root = ElementTree.fromstring(svg(meetings([JAKARTA])))
    drawn = [element.tag.removeprefix(SVG) for element in root.iter() if element.get("class") == "person"]
    assert sorted(drawn) == ["circle", "circle", "polygon", "polygon"]  # the persons and the legend
    assert {"RU", "CN"} <= {element.text for element in root.iter(f"{SVG}text")}


def test_every_meeting_is_cited_word_for_word() -> None:
    texts = {a.id: a.text for corpus in ("seeds", "synthetic") for a in gold_events.articles(corpus).values()}
    found = [m for edge in meetings(linked("seeds") + linked("synthetic")).edges for m in edge.meetings]
    assert len(found) > 60
    assert all(meeting.citations for meeting in found)
    assert all(c.quote == texts[c.source.id][c.start : c.end] for meeting in found for c in meeting.citations)


def test_json_has_the_keys_that_the_docs_name() -> None:
    made = graph_json(meetings([JAKARTA, BEIJING]), left_out=3)
    assert list(made) == ["nodes", "edges", "left_out"]
    documented = (Path(__file__).parent.parent / "docs" / "meetings.md").read_text(encoding="utf-8")
    keys = {*made["nodes"][0], *made["edges"][0], *made["edges"][0]["meetings"][0]}
    assert [key for key in sorted(keys) if f"`{key}`" not in documented] == []


def test_the_command_tells_who_met_a_person_and_writes_every_format(seeds_store: Path, tmp_path: Path) -> None:
    run = ["meetings", "--store", str(seeds_store)]
    shown = CliRunner().invoke(app, [*run, "--person", "Wang Yi"])
    assert "Sergei Lavrov" in shown.stdout
    assert "XXXX-07-13, meeting, Jakarta" in shown.stdout
    assert json.loads(CliRunner().invoke(app, [*run, "--json"]).stdout)["edges"]
    for form in ("json", "graphml", "svg", "md"):
        out = tmp_path / f"met.{form}"
        done = CliRunner().invoke(app, [*run, "--format", form, "--top", "6", "--out", str(out)])
        assert done.exit_code == 0, done.output
        assert "Lavrov" in out.read_text(encoding="utf-8")
    ElementTree.parse(tmp_path / "met.svg")
    assert len(networkx.read_graphml(tmp_path / "met.graphml")) <= 6
