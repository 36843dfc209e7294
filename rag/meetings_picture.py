"""The graph of who met whom as a picture: one SVG file that needs nothing else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from rag.meetings import Edge, Graph, Node
from rag.meetings_formats import country_name, when_and_where, words
from rag.meetings_layout import Point, laid_out

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7f7f7f")  # Okabe and Ito's
_SHAPES = 7
_RADIUS = 9.0
_LETTER, _LINE = 7.0, 15.0  # at 12 pixels
_MOST_LETTERS = 28
_MOST_IN_LEGEND = 24
_MARGIN = 24.0
_STYLE = """
  text { font: 12px system-ui, "Noto Sans", "DejaVu Sans", sans-serif; fill: #1b1b1b; }
  .name { text-anchor: middle; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round; }
  .title { font-size: 16px; font-weight: 600; }
  .note { fill: #555555; }
  .paper { fill: #ffffff; }
  .met { stroke: #6b6b6b; stroke-linecap: round; fill: none; }
  .together { stroke-dasharray: 2 6; }
  .person { stroke: #1b1b1b; stroke-width: 1.2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f0f0; }
    .name { stroke: #1a1a1a; }
    .note { fill: #b5b5b5; }
    .paper { fill: #1a1a1a; }
    .met { stroke: #a0a0a0; }
    .person { stroke: #f0f0f0; }
  }
"""


def svg(graph: Graph, *, left_out: int = 0) -> str:
    """The picture: persons as shapes, one shape and colour for a country; lines as wide as the pair met often.

    A dotted line joins two who were only ever on one side. What the pointer rests on tells names, dates and places.
    The same graph gives the same bytes.
    """
    boxes = {node.id: box(node) for node in graph.nodes}
    at, (wide, high) = laid_out(graph, boxes)
    marks = marks_of(graph.nodes)
    legend = list(_legend(graph, marks, left_out))
    top = _MARGIN + 28
    width = max(wide, 460.0) + 2 * _MARGIN
    height = top + high + _MARGIN + _LINE * 1.4 * len(legend) + _MARGIN
    moved = {node: (x + _MARGIN, y + top) for node, (x, y) in at.items()}
    name = {node.id: words(node.name) for node in graph.nodes}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-labelledby="title">',
        '<title id="title">Who met whom</title>',
        f"<style>{_STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        f'<text class="title" x="{_MARGIN:.1f}" y="{_MARGIN + 6:.1f}">Who met whom</text>',
        *(_line(edge, moved, name) for edge in graph.edges),
        *(_person(node, moved[node.id], marks[node.country]) for node in graph.nodes),
    ]
    for number, (mark, text) in enumerate(legend):
        y = top + high + _MARGIN + _LINE * 1.4 * number
        parts.append(f'{mark.format(x=_MARGIN + 12, y=y)}<text class="note" x="{_MARGIN + 34:.1f}" y="{y + 4:.1f}">')
        parts[-1] += f"{escape(text)}</text>"
    return "\n".join([*parts, "</svg>", ""])


def shown_label(node: Node) -> tuple[str, str]:
    name = words(node.name)
    shown = name if len(name) <= _MOST_LETTERS else name[: _MOST_LETTERS - 1] + "…"
    return shown, words(node.country or "")


def box(node: Node) -> Point:
    """How wide and high a person is with the label below; characters of East Asia are twice as wide."""
    shown, _ = shown_label(node)
    return max(_wide(shown), 4 * _RADIUS) + 8, 2 * _RADIUS + 2 * _LINE + 8


def _wide(label: str) -> float:
    return _LETTER * sum(2 if ord(character) >= 0x2E80 else 1 for character in label)


def marks_of(nodes: Sequence[Node]) -> dict[str | None, tuple[int, str]]:
    """A shape and a colour for each country, those of most persons first; none for what has no country."""
    counted = Counter(node.country for node in nodes)
    known = sorted((country for country in counted if country), key=lambda country: (-counted[country], country))
    marks: dict[str | None, tuple[int, str]] = {None: (_SHAPES, "none")}
    for number, country in enumerate(known):
        marks[country] = (number % _SHAPES, _COLOURS[number % len(_COLOURS)])
    return marks


def _line(edge: Edge, at: Mapping[str, Point], name: Mapping[str, str]) -> str:
    (x1, y1), (x2, y2) = at[edge.a], at[edge.b]
    told = [f"{name[edge.a]} – {name[edge.b]}", *(when_and_where(meeting) for meeting in edge.meetings)]
    kind = "met" if edge.faced else "met together"
    width = min(1.5 * len(edge.meetings), 12.0)
    return (
        f'<g><title>{escape(chr(10).join(told))}</title><line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" '
        f'x2="{x2:.1f}" y2="{y2:.1f}" stroke-width="{width:.1f}"/></g>'
    )


def _person(node: Node, at: Point, mark: tuple[int, str]) -> str:
    x, y = at
    shown, code = shown_label(node)
    told = [", ".join(part for part in (words(node.name), words(node.role or ""), country_name(node.country)) if part)]
    if node.also:
        told.append(f"also {', '.join(words(form) for form in node.also)}")
    y_name = y + _RADIUS + _LINE - 2
    wide = _wide(shown)  # a line behind a letter would read as one of its marks
    behind = (
        f'<rect class="paper" x="{x - wide / 2:.1f}" y="{y + _RADIUS:.1f}" width="{wide:.1f}" height="{_LINE:.1f}"/>'
    )
    return (
        f"<g><title>{escape(chr(10).join(told))}</title>{behind}{shape(mark, x, y)}"
        f'<text class="name" x="{x:.1f}" y="{y_name:.1f}">{escape(shown)}</text>'
        f'<text class="name note" x="{x:.1f}" y="{y_name + _LINE - 2:.1f}">{escape(code)}</text></g>'
    )


def shape(mark: tuple[int, str], x: float, y: float) -> str:
    number, colour = mark
    if number in (0, _SHAPES):
        return f'<circle class="person" cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:.1f}" fill="{colour}"/>'
    points = " ".join(f"{px:.1f},{py:.1f}" for px, py in _corners(number, x, y))
    return f'<polygon class="person" points="{points}" fill="{colour}"/>'


def _corners(number: int, x: float, y: float) -> Iterator[Point]:
    """Square, triangle, diamond, hexagon, triangle downwards, star."""
    count, turned = ((4, 45), (3, 0), (4, 0), (6, 0), (3, 180), (10, 0))[number - 1]
    for corner in range(count):
        radius = _RADIUS * (0.5 if count == 10 and corner % 2 else 1.2)
        angle = math.radians(360 * corner / count + turned - 90)
        yield x + radius * math.cos(angle), y + radius * math.sin(angle)


def _legend(graph: Graph, marks: Mapping[str | None, tuple[int, str]], left_out: int) -> Iterable[tuple[str, str]]:
    """What each mark means: a drawing to be put at `x` and `y`, and its words."""
    counted = Counter(node.country for node in graph.nodes)
    known = [country for country in marks if counted[country]]
    for country in known[:_MOST_IN_LEGEND]:
        drawn = f'<g transform="translate({{x:.1f}} {{y:.1f}})">{shape(marks[country], 0, 0)}</g>'
        yield drawn, f"{country_name(country) or 'no country stated'}: {counted[country]}"
    if len(known) > _MOST_IN_LEGEND:
        yield "", f"{len(known) - _MOST_IN_LEGEND} more countries, by the code below the name"
    line = '<g transform="translate({{x:.1f}} {{y:.1f}})"><line class="{kind}" x1="-12" x2="12" stroke-width="3"/></g>'
    if any(edge.faced for edge in graph.edges):
        yield line.format(kind="met"), "met; the wider, the more often"
    if not all(edge.faced for edge in graph.edges):
        yield line.format(kind="met together"), "took part on the same side only"
    persons = f"{len(graph.nodes)} persons, {len(graph.edges)} pairs"
    yield "", persons + (f"; {left_out} more persons are left out" if left_out else "")
