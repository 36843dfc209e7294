"""A run as one HTML file: no script, no request to anywhere, article text escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from eval.cases import Figure, Outcome
from eval.report import Report, number, side_by_side
from eval.runner import Finished

_SHOWN = 300  # wrong cases of a suite
_LONG = 3_000  # characters of a text
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
       color: #1b1f24; background: #fff }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem }
th, td { text-align: left; padding: .15rem .6rem .15rem 0; border-bottom: 1px solid #e3e6ea; vertical-align: middle }
td.n { font-variant-numeric: tabular-nums; white-space: nowrap }
table.pairs { width: auto } table.pairs td { padding: .2rem .6rem } caption { text-align: left; white-space: nowrap }
details { margin: .3rem 0 } summary { cursor: pointer }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f6f8; padding: .5rem .7rem; margin: .2rem 0 .6rem }
.red { color: #a40e26 } .dim { color: #57606a } svg { display: block }
@media (prefers-color-scheme: dark) {
  body { color: #e6e8eb; background: #14171a } th, td { border-color: #333a41 } pre { background: #1e2227 }
  .red { color: #ff8b8b } .dim { color: #9aa4af } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(report: Report, written: str) -> str:
    """The whole page."""
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>rag eval</title>",
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        f"<style>{_STYLE}</style></head><body><h1>Evaluation</h1><p class='dim'>{escape(written)}</p>",
        *(f"<p class='red'>{escape(str(breach))}</p>" for breach in report.breaches),
        f"<nav><ul>{''.join(map(_entry, report.finished))}</ul></nav>",
    ]
    for finished in report.finished:
        parts += _suite(finished)
    parts += _changes(report)
    parts.append(f"<h2>Settings</h2><pre>{escape(json.dumps(report.settings, indent=2, ensure_ascii=False))}</pre>")
    return "\n".join([*parts, "</body></html>"])


def _entry(finished: Finished) -> str:
    name = escape(finished.suite.name)
    told = ", ".join(
        f"{figure.split} {figure.value:.3f}"
        for figure in finished.figures
        if not figure.group and figure.metric == finished.suite.headline
    )
    return f"<li><a href='#{name}'>{name}</a>: {escape(f'{finished.suite.headline} {told}')}</li>"


def _suite(finished: Finished) -> Iterator[str]:
    suite = finished.suite
    yield f"<h2 id='{escape(suite.name)}'>{escape(suite.name)}</h2><p>{escape(suite.about)}</p>"
    yield f"<p class='dim'>{len(finished.outcomes)} cases, {finished.seconds:.1f} s</p>"
    top = [figure for figure in finished.figures if not figure.group]
    yield from _beside(finished)
    yield _table(top)
    yield from _pairs(finished)
    if len(top) < len(finished.figures):
        within = [figure for figure in finished.figures if figure.group]
        yield f"<details><summary>by group: {len(within)} figures</summary>{_table(within)}</details>"
    wrong = [outcome for outcome in finished.outcomes if not outcome.right]
    if wrong:
        yield f"<h3>Not right: {len(wrong)}</h3>"
        yield from map(_case, wrong[:_SHOWN])
        if len(wrong) > _SHOWN:
            yield f"<p class='dim'>and {len(wrong) - _SHOWN} more in report.json</p>"


def _beside(finished: Finished) -> Iterator[str]:
    """The suite's columns side by side, counts too."""
    columns, rows = finished.suite.columns, side_by_side(finished)
    if not rows:
        return
    head = "".join(f"<th>{escape(name)}</th>" for name in ("slice", "score or count", *columns))
    told = "".join(
        f"<tr><td>{escape(row.split)}</td><td>{escape(row.name)}</td>"
        f"{''.join(f'<td class=n>{escape(row.cell(column))}</td>' for column in columns)}</tr>"
        for row in rows
    )
    yield f"<table><tr>{head}</tr>{told}</table>"


def _pairs(finished: Finished) -> Iterator[str]:
    """For each split the headline score by language of the question (rows) and of the article, and its parity gap."""
    by_split: dict[str, dict[str, Figure]] = {}
    for figure in finished.figures:
        if figure.group == "pair" and figure.metric == finished.suite.headline:
            by_split.setdefault(figure.split, {})[figure.of] = figure
    for split, by_pair in by_split.items():
        asked, told = (sorted({pair.split(">")[side] for pair in by_pair}) for side in (0, 1))
        head = "".join(f"<th>in {escape(lang)}</th>" for lang in told)
        rows = "".join(
            f"<tr><th>asked in {escape(one)}</th>{''.join(_cell(by_pair.get(f'{one}>{other}')) for other in told)}</tr>"
            for one in asked
        )
        gap = finished.gaps.get(split)
        told_gap = f"; parity gap between language pairs {gap:.3f}" if gap is not None else ""
        caption = f"{split}: {finished.suite.headline} by languages{told_gap}"
        yield f"<table class='pairs'><caption>{escape(caption)}</caption><tr><th></th>{head}</tr>{rows}</table>"


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "<td></td>"
    shade = f"background: rgb(47 111 176 / {0.4 * max(0.0, min(1.0, figure.value)):.2f})"
    return f"<td class='n' style='{shade}'>{figure.value:.3f} <span class='dim'>({figure.n})</span></td>"


def _table(figures: Sequence[Figure]) -> str:
    rows = "".join(
        f"<tr><td>{escape(figure.slice)}</td><td>{escape(figure.metric)}</td><td>{_bar(figure)}</td>"
        f"<td class='n'>{number(figure)}</td><td class='n'>{figure.n}</td></tr>"
        for figure in figures
    )
    head = "<tr><th>slice</th><th>score</th><th></th><th>value, 95% interval</th><th>cases</th></tr>"
    return f"<table>{head}{rows}</table>"


def _bar(figure: Figure) -> str:
    """The figure from 0 to 1 with its interval as a line."""
    wide, value, low, high = 220, *(max(0.0, min(1.0, x)) for x in (figure.value, figure.low, figure.high))
    return (
        f"<svg width='{wide}' height='14' role='img' aria-label='{figure.value:.3f}'>"
        f"<rect width='{wide}' height='14' fill='#88909a' opacity='.2'/>"
        f"<rect width='{value * wide:.1f}' height='14' fill='#2f6fb0'/>"
        f"<line x1='{low * wide:.1f}' x2='{high * wide:.1f}' y1='7' y2='7' stroke='#e0a12b' stroke-width='3'/></svg>"
    )


def _case(outcome: Outcome) -> str:
    name = outcome.case if outcome.case.endswith(outcome.asked) else f"{outcome.case}: {outcome.asked[:200]}"
    red = f"<p class='red'>{escape(outcome.error)}</p>" if outcome.error else ""
    facts = ", ".join(f"{key} {value}" for key, value in {"": outcome.split, **outcome.groups}.items()).strip()
    scores = ", ".join(f"{metric} {value:.2f}" for metric, value in outcome.scores.items())
    texts = "".join(
        f"<div class='dim'>{what}</div><pre>{escape(text[:_LONG])}</pre>"
        for what, text in (("wanted", outcome.wanted), ("got", outcome.got))
        if text
    )
    return (
        f"<details><summary>{escape(name)}</summary>{red}"
        f"<p class='dim'>{escape(facts)}; {escape(scores)}</p>{texts}</details>"
    )


def _changes(report: Report) -> Iterator[str]:
    if not report.changes:
        return
    cells: list[list[Any]] = [
        [c.suite, c.metric, f"{c.before:.3f}", f"{c.now:.3f}", f"{c.now - c.before:+.3f} [{c.low:+.3f}, {c.high:+.3f}]",
         f"+{c.wins} -{c.losses}", c.n] for c in report.changes
    ]  # fmt: skip
    rows = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in cells)
    head = "".join(f"<th>{name}</th>" for name in ("suite", "score", "before", "now", "difference", "cases", "of"))
    yield f"<h2>Against the baseline, case by case</h2><table><tr>{head}</tr>{rows}</table>"
