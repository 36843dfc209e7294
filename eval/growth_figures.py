"""The arithmetic, the tables and the plot of `python -m eval.growth`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from eval.growth_ingest import EMBED, STAGES, Step

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 380, 64, 20, 190, 44
COLOURS = ("#1b6ca8", "#c0392b", "#1e8449", "#8e44ad", "#b9770e", "#34495e")


def exponent(points: Points) -> float:
    """The slope of log y over log x by least squares: 1 is linear. nan for fewer than two sizes or a y of 0."""
    if len({x for x, _ in points}) < 2 or any(x <= 0 or y <= 0 for x, y in points):
        return math.nan
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    over = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return over / sum((x - mean_x) ** 2 for x in xs)


def totals(steps: Sequence[Step], *, calibrated: bool = False, but: Sequence[str] = ()) -> list[tuple[float, float]]:
    """Articles and processor seconds until then, after each finished step; without the stages of `but`.

    Calibrated, the seconds of each step are those that it would take at the speed of the first one.
    """
    found, spent = [], 0.0
    for step in steps:
        if not step.done:
            break
        speed = steps[0].calibration / step.calibration if calibrated else 1.0
        spent += speed * (step.cpu - sum(step.stages.get(stage, 0.0) for stage in but))
        found.append((float(step.last), spent))
    return found


def by_stage(steps: Sequence[Step]) -> str:
    """What each step cost, as Markdown: articles/s, and by stage milliseconds of the processor for an article."""
    names = [*(name for name, _, _ in STAGES), EMBED]
    lines = [
        f"| articles | articles/s | per cpu s | loop s | cpu ms | {' | '.join(names)} | memory MB | disk kB/article |",
        "|---" * (7 + len(names)) + "|",
    ]
    for step in steps:
        if step.done:
            count = step.last - step.first
            stages = " | ".join(f"{1000 * step.stages.get(name, 0.0) / count:.2f}" for name in names)
            disk = 1000 * sum(step.disk.values()) / step.stored
            lines.append(
                f"| {step.first:,} to {step.last:,} | {count / step.wall:.1f} | {count / step.cpu:.1f} | "
                f"{step.calibration:.2f} | {1000 * step.cpu / count:.1f} | {stages} | {step.memory:.0f} | {disk:.1f} |"
            )
    return "\n".join(lines)


def exponents(steps: Sequence[Step], asks: Sequence[Mapping[str, Any]]) -> str:
    """How each figure grows with the articles, as Markdown."""
    done = [step for step in steps if step.done]
    rows: list[tuple[str, Points]] = [
        ("ingest, cpu s", totals(done)),
        ("ingest, cpu s at one speed of the machine", totals(done, calibrated=True)),
        ("ingest but for the embedding, at one speed", totals(done, calibrated=True, but=(EMBED,))),
        ("disk", [(step.last, sum(step.disk.values())) for step in done]),
        ("memory of the ingest", [(step.last, step.memory) for step in done]),
        ("`search` p95", [(found["articles"], row_of(found, "search")[3]) for found in asks]),
        ("`search` cpu", [(found["articles"], row_of(found, "search")[4]) for found in asks]),
        ("memory of `rag serve`", [(found["articles"], found["served"]) for found in asks]),
    ]
    lines = ["| grows with the articles as their power | exponent | from | to |", "|---|---|---|---|"]
    for name, points in rows:
        if not math.isnan(slope := exponent(points)):
            lines.append(f"| {name} | {slope:.3f} | {points[0][0]:,.0f} | {points[-1][0]:,.0f} |")
    return "\n".join(lines)


def row_of(found: Mapping[str, Any], name: str) -> Sequence[Any]:
    """The row of that name of what `eval.growth_asks` measured. Raises StopIteration where there is none."""
    row: Sequence[Any] = next(row for row in found["rows"] if row[0] == name)
    return row


def asked(asks: Sequence[Mapping[str, Any]]) -> str:
    """What was asked of each size, as Markdown."""
    lines = ["| articles | passages | what | n | p50 ms | p95 ms | cpu ms |", "|---|---|---|---|---|---|---|"]
    for found in asks:
        for name, count, p50, p95, cpu in found["rows"]:
            size = f"{found['articles']:,} | {found['chunks']:,}"
            lines.append(f"| {size} | {name} | {count} | {p50:.2f} | {p95:.2f} | {cpu:.2f} |")
    lines += ["", "| articles | passages | first answer of a fresh process | memory of `rag serve` | at most |"]
    lines.append("|---|---|---|---|---|")
    for found in asks:
        lines.append(
            f"| {found['articles']:,} | {found['chunks']:,} | {found['start']:.1f} s | "
            f"{found['served']:.0f} MB | {found['served_most']:.0f} MB |"
        )
    return "\n".join(lines)


def plot(series: Mapping[str, Points], *, across: str = "articles") -> str:
    """An SVG of the series on logarithmic axes, each with its exponent beside its name."""
    series = {name: points for name, points in series.items() if len(points) > 1}
    every = [point for points in series.values() for point in points]
    low_x, high_x = _decades([x for x, _ in every])
    low_y, high_y = _decades([y for _, y in every])

    def place(x: float, y: float) -> tuple[float, float]:
        right, up = (math.log10(x) - low_x) / (high_x - low_x), (math.log10(y) - low_y) / (high_y - low_y)
        return LEFT + right * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    ]
    for power in range(low_x, high_x + 1):
        x, y = place(10.0**power, 10.0**low_y)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{10**power:,}</text>')
    for power in range(low_y, high_y + 1):
        x, y = place(10.0**low_x, 10.0**power)
        parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,.5g}</text>')
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for point in points:
            x, y = place(*point)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        y = TOP + 14 + 34 * number
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{y}" fill="{colour}">{name}</text>')
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{y + 14}" fill="{colour}">power {exponent(points):.2f}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{across}</text></svg>')
    return "\n".join(parts) + "\n"


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)
