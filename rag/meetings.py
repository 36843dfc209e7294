"""Who met whom: persons met across articles and languages, and the events in which two of them took part."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.domain import Citation, Event, EventKind, Participant
from rag.met_persons import Seen, full, persons
from rag.text import fold

KINDS: tuple[EventKind, ...] = ("meeting", "call", "talks online", "visit", "signing")
_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Node:
    """A person: the fullest common name, `also` the other spellings; role and ISO country where an article says them.

    The id is made of a name and the country; it is the same whatever the order of the events.
    """

    id: str
    name: str
    also: tuple[str, ...]
    country: str | None
    role: str | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """An event in which two persons took part; `date` is EDTF, and an implied year is never part of it.

    `together` is true where they were on one side, false where they faced each other, None where nothing tells.
    """

    event: str
    kind: EventKind
    date: str | None
    implied_year: str | None
    place: str | None
    together: bool | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """Two persons by their nodes' ids, `a` before `b`, and their meetings by date, those without a date last."""

    a: str
    b: str
    meetings: tuple[Meeting, ...]

    @property
    def faced(self) -> bool:
        """Whether they were ever anything but on one side."""
        return any(meeting.together is not True for meeting in self.meetings)


@dataclass(frozen=True, slots=True)
class Graph:
    """The persons who met somebody, by id, and the pairs of them that met."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()

    def events_of(self) -> dict[str, int]:
        """How many events each node took part in, by id."""
        found: dict[str, set[str]] = {node.id: set() for node in self.nodes}
        for edge in self.edges:
            for end in (edge.a, edge.b):
                found[end] |= {meeting.event for meeting in edge.meetings}
        return {node: len(events) for node, events in found.items()}


def meetings(events: Sequence[Event]) -> Graph:
    """The graph of who met whom in linked events, the same whatever their order.

    Only events of `KINDS` that an article reports as its news count, and only persons who took part beside another.
    """
    told = sorted({event.id: event for event in events if _counts(event)}.values(), key=lambda event: event.id)
    seen = [Seen(event, place) for event in told for place in range(len(event.participants))]
    number = {one: at for at, group in enumerate(persons(seen)) for one in group}
    pairs: dict[tuple[int, int], list[Meeting]] = defaultdict(list)
    of_person: dict[int, set[Seen]] = defaultdict(set)
    for event in told:
        for (one, a), (other, b) in combinations(_present(event, number), 2):
            pairs[min(a, b), max(a, b)].append(_meeting(event, one.participant, other.participant))
            of_person[a].add(one)
            of_person[b].add(other)
    nodes = _nodes(of_person)
    edges = (_edge(nodes[a].id, nodes[b].id, found) for (a, b), found in pairs.items())
    return Graph(
        tuple(sorted(nodes.values(), key=lambda node: node.id)), tuple(sorted(edges, key=lambda edge: (edge.a, edge.b)))
    )


def top(graph: Graph, count: int) -> tuple[Graph, int]:
    """The `count` persons of most events with the pairs among them, and how many are left out.

    Of as many events, who met more others goes first. Nobody is kept without one whom he met.
    """
    events = graph.events_of()
    degree = Counter(end for edge in graph.edges for end in (edge.a, edge.b))
    ranked = sorted(events, key=lambda node: (-events[node], -degree[node], node))
    rank = {node: at for at, node in enumerate(ranked)}
    met: dict[str, list[int]] = defaultdict(list)
    for edge in graph.edges:
        met[edge.a].append(rank[edge.b])
        met[edge.b].append(rank[edge.a])
    kept: set[int] = set()
    for at, node in enumerate(ranked):
        added = {at} if any(other in kept for other in met[node]) else {at, min(met[node], default=at)}
        if len(kept | added) <= count:
            kept |= added
    nodes = tuple(node for node in graph.nodes if rank[node.id] in kept)
    edges = tuple(edge for edge in graph.edges if rank[edge.a] in kept and rank[edge.b] in kept)
    return Graph(nodes, edges), len(graph.nodes) - len(nodes)


def _counts(event: Event) -> bool:
    return event.kind in KINDS and not event.background and len(event.participants) > 1


def _present(event: Event, number: dict[Seen, int]) -> list[tuple[Seen, int]]:
    """Who took part, each person once."""
    found: dict[int, Seen] = {}
    for place in range(len(event.participants)):
        one = Seen(event, place)
        if one in number:
            found.setdefault(number[one], one)
    return [(one, person) for person, one in found.items()]


def _edge(a: str, b: str, found: Iterable[Meeting]) -> Edge:
    ordered = sorted(found, key=lambda meeting: (_day(meeting), meeting.event))
    return Edge(min(a, b), max(a, b), tuple(ordered))


def _day(meeting: Meeting) -> tuple[bool, bool, str]:
    """Dates with a year first, those without a date last."""
    date = meeting.date or ""
    return not date, date.startswith("X"), date


def _meeting(event: Event, one: Participant, other: Participant) -> Meeting:
    date, place = event.date, event.place
    cited = list(event.headline.citations)
    cited += [date.citation] if date else []
    cited += [date.implied_by] if date and date.implied_by else []
    cited += [place.citation] if place else []
    for person in sorted((one, other), key=lambda person: person.name):
        cited += person.citations[:1]
    return Meeting(
        event=event.id,
        kind=event.kind,
        date=date.edtf if date else None,
        implied_year=date.implied_year if date else None,
        place=place.text if place else None,
        together=_together(event, one, other),
        citations=_without_parts(cited),
    )


def _without_parts(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Each citation once, those left out that lie within one kept before."""
    kept: list[Citation] = []
    for one in citations:
        if not any(
            each.source.id == one.source.id and each.start <= one.start and one.end <= each.end for each in kept
        ):
            kept.append(one)
    return tuple(kept)


def _together(event: Event, one: Participant, other: Participant) -> bool | None:
    """By their sides; else by country where two countries took part. Two alone, or those of one country, met."""
    if one.side and other.side:
        return one.side == other.side
    if len(event.participants) == 2:
        return False
    if not one.country or not other.country:
        return None
    countries = {each.country for each in event.participants}
    return one.country == other.country and len(countries - {None}) > 1


def _nodes(of_person: dict[int, set[Seen]]) -> dict[int, Node]:
    found: dict[int, Node] = {}
    taken: Counter[str] = Counter()
    first = {person: min((one.event.id, one.place) for one in seen) for person, seen in of_person.items()}
    for person in sorted(of_person, key=lambda person: first[person]):
        node = _node(of_person[person])
        taken[node.id] += 1
        again = f"-{taken[node.id]}" if taken[node.id] > 1 else ""
        found[person] = Node(node.id + again, node.name, node.also, node.country, node.role)
    return found


def _node(seen: Iterable[Seen]) -> Node:
    every = [one.participant for one in seen]
    names = Counter(each.name for each in every)
    spelt = {form for each in every for form in (each.name, *each.also)}
    name = min(names, key=lambda form: (len(form.split()) < 2, -names[form], -len(form.split()), form))
    name = next((form for form in sorted(spelt) if fold(form) == fold(name) and not form.isascii()), name)
    country = _most(each.country for each in every)
    return Node(
        id=min(_slug(form, country) for form in full(spelt)),
        name=name,
        also=tuple(sorted(spelt - {name})),
        country=country,
        role=_most(each.role for each in every),
    )


def _most(values: Iterable[str | None]) -> str | None:
    counted = Counter(value for value in values if value)
    return min(counted, key=lambda value: (-counted[value], value), default=None)


def _slug(name: str, country: str | None) -> str:
    """Letters of the name and its country; of a name in other letters a hash, behind all that have letters."""
    letters = _ID.sub("-", fold(name)).strip("-")
    if not letters or not fold(name).isascii():
        letters = f"~{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:10]}"
    return f"{letters}-{country.lower()}" if country else letters
