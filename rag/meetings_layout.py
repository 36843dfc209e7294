"""Where the persons of a graph stand in a picture: apart, so that no label lies on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from rag.meetings import Graph

Point = tuple[float, float]

_SEED = 5
_ROUNDS = 400
_PULL = 150.0  # pixels that the edge of a pair would have
_GAP = 30.0  # between parts of the graph that nothing joins


def laid_out(graph: Graph, boxes: Mapping[str, Point]) -> tuple[dict[str, Point], Point]:
    """The place of each node by id, and how wide and high the whole is. `boxes` are the nodes' widths and heights.

    Each connected part is laid out by springs (Fruchterman and Reingold's, in networkx, with a fixed seed), then its
    boxes are pushed apart, then the parts are put in rows, the largest first.
    """
    import networkx

    made = networkx.Graph()
    made.add_nodes_from(sorted(node.id for node in graph.nodes))
    made.add_edges_from(sorted((edge.a, edge.b) for edge in graph.edges))
    parts = sorted((sorted(part) for part in networkx.connected_components(made)), key=lambda part: (-len(part), part))
    placed = []
    for part in parts:
        placed.append(_at_corner(_apart(_sprung(part, made), boxes), boxes))
    return _in_rows(placed)


def _sprung(part: Sequence[str], whole: Any) -> dict[str, Point]:
    """The points of a connected part; two persons stand side by side."""
    import networkx

    if len(part) == 2:
        return {part[0]: (0.0, 0.0), part[1]: (_PULL, 0.0)}
    ordered = networkx.Graph()
    ordered.add_nodes_from(part)
    ordered.add_edges_from(sorted((min(a, b), max(a, b)) for a, b in whole.subgraph(part).edges))
    raw = networkx.spring_layout(ordered, seed=_SEED, iterations=200)
    scale = _PULL * len(part) ** 0.5 / 1.6
    return {node: (float(raw[node][0]) * scale * 1.3, float(raw[node][1]) * scale) for node in part}


def _apart(points: dict[str, Point], boxes: Mapping[str, Point]) -> dict[str, Point]:
    """The points moved until no two boxes overlap; what a last round leaves is put below all others."""
    at = dict(points)
    for _ in range(_ROUNDS):
        moved = False
        for one, other in combinations(sorted(at), 2):
            moved |= _push(at, one, other, boxes)
        if not moved:
            break
    return at


def _push(at: dict[str, Point], one: str, other: str, boxes: Mapping[str, Point]) -> bool:
    """Move two overlapping boxes along the side by which they overlap least; whether they did."""
    (x1, y1), (x2, y2) = at[one], at[other]
    over_x = (boxes[one][0] + boxes[other][0]) / 2 - abs(x1 - x2)
    over_y = (boxes[one][1] + boxes[other][1]) / 2 - abs(y1 - y2)
    if over_x <= 0 or over_y <= 0:
        return False
    if over_x < over_y:
        step = (over_x / 2 + 0.5) * (1 if x1 >= x2 else -1)
        at[one], at[other] = (x1 + step, y1), (x2 - step, y2)
    else:
        step = (over_y / 2 + 0.5) * (1 if y1 >= y2 else -1)
        at[one], at[other] = (x1, y1 + step), (x2, y2 - step)
    return True


def _at_corner(at: dict[str, Point], boxes: Mapping[str, Point]) -> tuple[dict[str, Point], Point]:
    """The points moved so that their boxes begin at 0, 0, and how wide and high they are together."""
    left = min(x - boxes[node][0] / 2 for node, (x, _) in at.items())
    top = min(y - boxes[node][1] / 2 for node, (_, y) in at.items())
    right = max(x + boxes[node][0] / 2 for node, (x, _) in at.items())
    bottom = max(y + boxes[node][1] / 2 for node, (_, y) in at.items())
    return {node: (x - left, y - top) for node, (x, y) in at.items()}, (right - left, bottom - top)


def _in_rows(parts: Sequence[tuple[dict[str, Point], Point]]) -> tuple[dict[str, Point], Point]:
    area = sum((wide + _GAP) * (high + _GAP) for _, (wide, high) in parts)
    limit = max([(1.5 * area) ** 0.5, *(wide for _, (wide, _) in parts)])
    at: dict[str, Point] = {}
    x = y = row = width = 0.0
    for points, (wide, high) in parts:
        if x and x + wide > limit:
            x, y, row = 0.0, y + row + _GAP, 0.0
        at |= {node: (px + x, py + y) for node, (px, py) in points.items()}
        x, row = x + wide + _GAP, max(row, high)
        width = max(width, x - _GAP)
    return at, (width, y + row)
