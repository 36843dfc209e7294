"""A run's report as HTML: its figures, their plot, the cases that went wrong; and two runs beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rag.answer_html import escaped
from rag.evaluations import Progress
from rag.ui_page import notice
from rag.ui_words import Words

PAGE = 10  # cases shown at a time
_WIDE, _ROW, _TOP, _LEFT, _RIGHT = 560, 44, 10, 12, 548  # of the plot
_TEXT = 600  # characters of a case's text

Record = Mapping[str, Any]


def progress_html(found: Progress, say: Words) -> str:
    """How far a run is, and how it ended."""
    values = {"suite": found.run.suite, "done": found.done, "total": found.total}
    key = found.state if found.total or found.state != "running" else "loading"
    bar = ""
    if found.state == "running":
        at = f' max="{found.total}" value="{min(found.done, found.total)}"' if found.total else ""
        bar = f'<progress aria-label="{escaped(say("evaluation.progress"))}"{at}></progress>'
    said = f'<p lang="en" dir="auto">{escaped(_cut(found.said))}</p>' if found.said else ""
    return f"{notice(say(f'evaluation.{key}', **values))}{bar}{said}"


def report_html(report: Record, say: Words) -> str:
    """The figures of each suite in the report, as a table and as a plot."""
    return "".join(_suite(suite, say) for suite in report["suites"])


def wrong(report: Record) -> list[Record]:
    """The cases of the report that are not right."""
    return [case for suite in report["suites"] for case in suite["outcomes"] if not case["right"]]


def wrong_html(cases: Sequence[Record], first: int, say: Words, *, local: bool) -> str:
    """Ten of the cases that went wrong: asked, wanted, got. What failed is told where the page is `local`."""
    if not cases:
        return notice(say("evaluation.none_wrong"))
    last = min(first + PAGE, len(cases))
    shown = "".join(_case(case, say, local=local) for case in cases[first:last])
    told = say("evaluation.wrong_of", first=first + 1, last=last, count=len(cases))
    return f'<p role="status">{escaped(told)}</p><ol start="{first + 1}">{shown}</ol>'


def comparison_html(changes: Sequence[Record], say: Words) -> str:
    """A table: the score, then, now, the difference with its interval, and whether it is clear."""
    if not changes:
        return notice(say("evaluation.nothing_common"))
    rows = "".join(
        _row(
            f"{change['suite']}: {change['metric']}",
            (
                _number(change["before"]),
                _number(change["now"]),
                f"{_signed(change['now'] - change['before'])} [{_signed(change['low'])}, {_signed(change['high'])}]",
                str(change["n"]),
                say(f"evaluation.{change['verdict'] or 'unclear'}"),
            ),
        )
        for change in changes
    )
    return _table(say("evaluation.compare_caption"), ("figure", "then", "now", "difference", "n", "clear"), rows, say)


def _suite(suite: Record, say: Words) -> str:
    figures = [figure for figure in suite["figures"] if not figure["group"]]
    summary = say(
        "evaluation.summary",
        cases=suite["cases"],
        wrong=sum(not case["right"] for case in suite["outcomes"]),
        failed=suite["failed"],
        seconds=f"{suite['seconds']:.1f}",
    )
    rows = "".join(
        _row(
            f"{figure['split']}: {figure['metric']}",
            (_number(figure["value"]), f"{_number(figure['low'])} – {_number(figure['high'])}", str(figure["n"])),
        )
        for figure in figures
    )
    about = f'<p lang="en">{escaped(suite["about"])}</p>' if suite["about"] else ""
    return (
        f'<h4 lang="en">{escaped(suite["suite"])}</h4>{about}<p>{escaped(summary)}</p>'
        f"{_table(say('evaluation.figures_caption'), ('figure', 'value', 'interval', 'n'), rows, say)}"
        f"{_plot(figures, suite['suite'], say)}"
    )


def _plot(figures: Iterable[Record], suite: str, say: Words) -> str:
    """A dot for each share, with the bar of its interval; figures beyond 0 to 1 stand in the table alone."""
    shares = [figure for figure in figures if 0 <= figure["low"] <= figure["high"] <= 1]
    if not shares:
        return ""
    high = _TOP + _ROW * len(shares) + 24
    marks = "".join(_mark(figure, _TOP + _ROW * number) for number, figure in enumerate(shares))
    ticks = "".join(
        f'<line class="grid" x1="{_x(at)}" x2="{_x(at)}" y1="{_TOP}" y2="{high - 20}"/>'
        f'<text class="tick" x="{_x(at)}" y="{high - 6}" text-anchor="middle">{at:g}</text>'
        for at in (0, 0.25, 0.5, 0.75, 1)
    )
    title = escaped(say("evaluation.plot_title", suite=suite))
    told = "; ".join(f"{figure['split']}: {figure['metric']} {_number(figure['value'])}" for figure in shares)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{title}">'
        f'<svg role="img" viewBox="0 0 {_WIDE} {high}" width="{_WIDE}" height="{high}" aria-label="{title}">'
        f"<title>{title}</title><desc>{escaped(told)}</desc>{ticks}{marks}</svg></div>"
    )


def _mark(figure: Record, top: int) -> str:
    middle = top + 30
    return (
        f'<text lang="en" x="{_LEFT}" y="{top + 16}">{escaped(figure["split"])}: {escaped(figure["metric"])} '
        f'<tspan class="value">{_number(figure["value"])}</tspan></text>'
        f'<line class="bar" x1="{_x(figure["low"])}" x2="{_x(figure["high"])}" y1="{middle}" y2="{middle}"/>'
        f'<circle cx="{_x(figure["value"])}" cy="{middle}" r="5"/>'
    )


def _x(share: float) -> str:
    return f"{_LEFT + share * (_RIGHT - _LEFT):.1f}"


def _case(case: Record, say: Words, *, local: bool) -> str:
    told = {key: case[key] for key in ("asked", "wanted", "got") if case[key]}
    if case["error"]:
        told["error"] = case["error"] if local else say("evaluation.error_elsewhere")
    terms = "".join(
        f'<dt>{escaped(say(f"evaluation.{key}"))}</dt><dd dir="auto">{escaped(_cut(str(text)))}</dd>'
        for key, text in told.items()
    )
    return f'<li><p class="case" lang="en">{escaped(case["case"])}</p><dl>{terms}</dl></li>'


def _table(caption: str, heads: Sequence[str], rows: str, say: Words) -> str:
    columns = "".join(f'<th scope="col">{escaped(say(f"evaluation.{head}"))}</th>' for head in heads)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escaped(caption)}"><table>'
        f"<caption>{escaped(caption)}</caption><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(head: str, cells: Iterable[str]) -> str:
    inner = "".join(f"<td>{escaped(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row" lang="en">{escaped(head)}</th>{inner}</tr>'


def _number(value: float) -> str:
    return f"{value:.5f}" if 0 < value < 0.01 else f"{value:.3f}"


def _signed(value: float) -> str:
    return f"{value:+.3f}"


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}…"
