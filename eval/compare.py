"""A run against its floors, and against an earlier run case by case."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.cases import ROOT
from eval.metrics import interval
from eval.runner import Finished
from rag.errors import InputError
from rag.evaluations import check_version

LOWER_IS_BETTER = frozenset({"false match rate", "lost"})
FLOORS = ROOT / "eval" / "floors.toml"

Bound = float | Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Breach:
    """A figure on the wrong side of its bound. `value` is None where the run has no such figure."""

    suite: str
    figure: str
    value: float | None
    bound: float
    most: bool = False

    def __str__(self) -> str:
        side = "more than its ceiling" if self.most else "less than its floor"
        told = "is missing; its bound is" if self.value is None else f"is {self.value:.4f}, {side}"
        return f"{self.suite}: {self.figure} {told} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Change:
    """One score of a suite beside an earlier run, over the cases of both: the mean difference and its interval.

    A win is a case whose score is higher now.
    """

    suite: str
    metric: str
    before: float
    now: float
    low: float
    high: float
    wins: int
    losses: int
    n: int


def floors_of(finished: Finished) -> dict[str, Bound]:
    """The suite's bounds: a number is a floor, `{most = x}` a ceiling. Raises InputError for anything else."""
    bounds = {**tomllib.loads(FLOORS.read_text(encoding="utf-8")).get(finished.suite.name, {}), **finished.suite.floors}
    for figure, bound in bounds.items():
        number = bound.get("most") if isinstance(bound, Mapping) and set(bound) == {"most"} else bound
        if not isinstance(number, int | float):
            raise InputError(f"floors of {finished.suite.name}: {figure} needs a number or {{most = number}}")
    return bounds


def breaches(finished: Finished) -> Iterator[Breach]:
    """The suite's figures on the wrong side of their bounds, and those that are missing."""
    figures = {figure.key: figure.value for figure in finished.figures}
    for key, bound in floors_of(finished).items():
        value = figures.get(key)
        if isinstance(bound, Mapping):
            if value is None or value > bound["most"]:
                yield Breach(finished.suite.name, key, value, bound["most"], most=True)
        elif value is None or value < bound:
            yield Breach(finished.suite.name, key, value, bound)


def read_baseline(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Scores by suite and case of an earlier report.json. Raises InputError."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        check_version(report, path)
        suites = {suite["suite"]: suite["outcomes"] for suite in report["suites"]}
        return {name: {each["case"]: each["scores"] for each in outcomes} for name, outcomes in suites.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path} is no report.json of `rag eval`: {error!r}") from error


def changes(finished: Finished, baseline: Mapping[str, Mapping[str, Any]], *, seed: int) -> list[Change]:
    """The suite's scores beside the baseline's, paired by case; nothing for a suite that the baseline lacks."""
    scores = {outcome.case: outcome.scores for outcome in finished.outcomes}
    return _paired(finished.suite.name, baseline.get(finished.suite.name, {}), scores, seed)


def between(before: Path, now: Path, *, seed: int = 0) -> list[Change]:
    """The scores of one report.json beside another's, paired by suite and case. Raises InputError."""
    earlier, later = read_baseline(before), read_baseline(now)
    return [change for name, scores in later.items() for change in _paired(name, earlier.get(name, {}), scores, seed)]


def verdict(change: Change) -> str:
    """ "better" or "worse" where the whole interval of the difference is, else ""."""
    if change.low <= 0 <= change.high:
        return ""
    return "better" if (change.low > 0) != (change.metric in LOWER_IS_BETTER) else "worse"


def losses(found: Sequence[Change]) -> Iterator[Breach]:
    """The scores that are clearly worse than the baseline's: the whole interval of the difference is."""
    for change in found:
        most = change.metric in LOWER_IS_BETTER
        if verdict(change) == "worse":
            yield Breach(
                change.suite, f"{change.metric} against the baseline", change.now, round(change.before, 4), most
            )


def _paired(
    suite: str, before: Mapping[str, Mapping[str, float]], now: Mapping[str, Mapping[str, float]], seed: int
) -> list[Change]:
    paired: dict[str, list[tuple[float, float]]] = {}
    for case, scores in now.items():
        for metric, value in scores.items():
            if metric in before.get(case, {}):
                paired.setdefault(metric, []).append((before[case][metric], value))
    return [_change(suite, metric, pairs, seed) for metric, pairs in paired.items()]


def _change(suite: str, metric: str, pairs: Sequence[tuple[float, float]], seed: int) -> Change:
    differences = [now - before for before, now in pairs]
    low, high = interval(differences, seed=seed)
    n = len(pairs)
    return Change(
        suite, metric, sum(before for before, _ in pairs) / n, sum(now for _, now in pairs) / n, low, high,
        sum(difference > 0 for difference in differences), sum(difference < 0 for difference in differences), n,
    )  # fmt: skip
