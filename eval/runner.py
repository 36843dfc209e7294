"""Runs a suite case by case: resumed where it was interrupted, a case that raises counted and passed over."""

from __future__ import annotations

import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from eval.cases import ROOT, Case, Figure, Options, Outcome, Result, Suite, Try
from eval.metrics import Tally, gap, interval, micro_intervals
from rag.errors import InputError, RagError

_LEAST_FOR_A_GAP = 5  # cases of a language pair


@dataclass(frozen=True, slots=True)
class Finished:
    """A suite's outcomes in the order of its cases, and its figures. `gaps` are parity gaps by split."""

    suite: Suite
    outcomes: tuple[Outcome, ...]
    figures: tuple[Figure, ...]
    gaps: dict[str, float]
    seconds: float
    resumed: int = 0


def run(suite: Suite, options: Options, *, settings: dict[str, Any], out: Path | None = None) -> Finished:
    """All cases of the suite. With `out`, what an interrupted run with these settings did is not done again.

    Raises InputError where the cases cannot be loaded; whatever one case raises is its outcome.
    """
    started = time.perf_counter()
    cases = chosen(suite.load(options), options)
    file = out / "outcomes" / f"{suite.name}.jsonl" if out else None
    keys = {case.id: _key(suite.name, case, settings) for case in cases}
    known = _known(file) if file else {}
    done = {case.id: known[keys[case.id]] for case in cases if keys[case.id] in known}
    todo = [case for case in cases if case.id not in done]
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".total").write_text(str(len(cases)), encoding="utf-8")  # whoever waits counts the lines
    with _journal(file) as write:
        for case, outcome in _tried(suite, options, todo):
            done[case.id] = outcome
            write({"key": keys[case.id], **asdict(outcome)})
    outcomes = tuple(done[case.id] for case in cases)
    figures = figures_of(outcomes, seed=options.seed)
    resumed = len(cases) - len(todo)
    return Finished(suite, outcomes, figures, gaps_of(figures, suite.headline), time.perf_counter() - started, resumed)


def chosen(cases: Sequence[Case], options: Options) -> list[Case]:
    """All cases, or `limit` of them drawn by the seed, in order. Raises InputError where two have one id."""
    if len({case.id for case in cases}) < len(cases):
        seen: set[str] = set()
        double = next(case.id for case in cases if case.id in seen or seen.add(case.id))  # type: ignore[func-returns-value]
        raise InputError(f"two cases have the id {double}")
    if options.limit is None or options.limit >= len(cases):
        return list(cases)
    numbers = random.Random(options.seed).sample(range(len(cases)), options.limit)
    return [cases[number] for number in sorted(numbers)]


def figures_of(outcomes: Sequence[Outcome], *, seed: int) -> tuple[Figure, ...]:
    """The mean of every score, and micro precision, recall and F1 of every tally, per split and group within it."""
    slices: dict[tuple[str, str, str], list[Outcome]] = {}
    for outcome in outcomes:
        slices.setdefault((outcome.split, "", ""), []).append(outcome)
    for outcome in outcomes:
        for group, of in sorted(outcome.groups.items()):
            slices.setdefault((outcome.split, group, of), []).append(outcome)
    return tuple(figure for where, among in slices.items() for figure in _means(where, among, seed))


def _means(where: tuple[str, str, str], outcomes: Sequence[Outcome], seed: int) -> Iterator[Figure]:
    for metric in dict.fromkeys(metric for outcome in outcomes for metric in outcome.scores):
        values = [outcome.scores[metric] for outcome in outcomes if metric in outcome.scores]
        low, high = interval(values, seed=seed)
        yield Figure(*where, metric, sum(values) / len(values), low, high, len(values))
    for slot in dict.fromkeys(slot for outcome in outcomes for slot in outcome.tallies):
        tallies = [outcome.tallies[slot] for outcome in outcomes if slot in outcome.tallies]
        for metric, (value, low, high) in micro_intervals(tallies, seed=seed).items():
            yield Figure(*where, f"{slot} {metric}", value, low, high, len(tallies))


def totals_of(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """By split, the counts added up over its cases."""
    totals: dict[str, dict[str, float]] = {}
    for outcome in outcomes:
        for name, value in outcome.counts.items():
            split = totals.setdefault(outcome.split, {})
            split[name] = round(split.get(name, 0.0) + value, 6)
    return totals


def gaps_of(figures: Sequence[Figure], headline: str) -> dict[str, float]:
    """By split, how far the headline figure of the best language pair is from the worst one's."""
    pairs: dict[str, dict[str, float]] = {}
    for figure in figures:
        if figure.group == "pair" and figure.metric == headline and figure.n >= _LEAST_FOR_A_GAP:
            pairs.setdefault(figure.split, {})[figure.of] = figure.value
    return {split: found for split, by_pair in pairs.items() if (found := gap(by_pair)) is not None}


def _tried(suite: Suite, options: Options, todo: Sequence[Case]) -> Iterator[tuple[Case, Outcome]]:
    from tqdm import tqdm

    if not todo:
        return
    with ExitStack() as stack:
        try:
            attempt: Try = stack.enter_context(suite.opened(options))
        except InputError:
            raise
        except Exception as error:  # a store that cannot be built fails every case, and the run goes on
            attempt = _always(error)
        bar = stack.enter_context(tqdm(todo, desc=suite.name, unit="case", file=sys.stderr, disable=None, leave=False))
        for case in bar:
            yield case, _outcome(case, attempt)


def _always(error: Exception) -> Try:
    def attempt(case: Case) -> Result:
        raise error

    return attempt


def _outcome(case: Case, attempt: Try) -> Outcome:
    started = time.perf_counter()
    error = None
    try:
        result = attempt(case)
    except Exception as raised:  # whatever it is, it is this case's and not the run's
        kind = "" if isinstance(raised, RagError) else f"{type(raised).__name__}: "
        error = f"{kind}{raised}"
        asked = str(case.data.get("question", case.id))
        result = Result(case.worst, asked, right=False, tallies=case.missed)
    seconds = round(time.perf_counter() - started, 4)
    return Outcome(
        case.id, case.split, dict(case.groups), dict(result.scores), result.asked, result.wanted, result.got,
        result.right, error, seconds, dict(result.tallies), dict(result.counts),
    )  # fmt: skip


@contextmanager
def _journal(file: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    if file is None:
        yield lambda record: None
        return
    with file.open("a", encoding="utf-8") as stream:
        if file.stat().st_size:
            stream.write("\n")  # a kill may have left half a line

        def write(record: dict[str, Any]) -> None:
            _line(stream, record)

        yield write


def _line(stream: TextIO, record: dict[str, Any]) -> None:
    stream.write(json.dumps(record, ensure_ascii=False) + "\n")
    stream.flush()


def _known(file: Path) -> dict[str, Outcome]:
    """Outcomes by key; half a line, or one without the fields of today, counts as not done."""
    known = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else ():
        try:
            record = json.loads(line)
            key = record.pop("key")
            tallies = {slot: Tally(**counts) for slot, counts in record.pop("tallies").items()}
            known[key] = Outcome(**record, tallies=tallies)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return known


def _key(suite: str, case: Case, settings: dict[str, Any]) -> str:
    content = [suite, asdict(case), settings, code()]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:32]


@cache
def code() -> str:
    """A hash of the package, its prompts, the harness and the articles and gold they come with: other code, other
    outcomes."""
    digest = hashlib.sha256()
    for folder in ("rag", "prompts", "eval", "seeds"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and "results" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
