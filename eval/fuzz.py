"""Fuzzing: inputs that are made to break the steps, the laws that must hold for each, and the time that each takes.

`python -m eval.fuzz --minutes 60` divides the time evenly among the targets; `--examples N` tries N inputs of each.
`--linear` measures how time grows with the length of the worst lines instead. The exit status is 1 for anything found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from eval.fuzz_laws import TARGETS, Broken, Target

CORPUS = Path(__file__).parent.parent / "tests" / "data" / "fuzz"
_BATCH = 150  # inputs between two looks at the clock
_SECONDS, _SECONDS_EACH = 3.0, 5e-4  # the processor time that an input may take, and each character of it


@dataclass(slots=True)
class Tally:
    """What was tried of a target: `crashes` are minimised inputs by where they broke."""

    target: str
    inputs: int = 0
    slowest: float = 0.0
    slowest_size: int = 0
    crashes: dict[str, Any] = field(default_factory=dict)


class TooSlow(Broken):
    """An input that took more time than its length allows."""


def fuzz(target: Target, *, seconds: float | None, examples: int, first: int = 0) -> Tally:
    """Try inputs of a target until the time is over, or so many; a crash is made small, kept, and the run goes on.

    The inputs are those of the seeds from `first` on: the same ones each time.
    """
    tally, number, ends = Tally(target.name), first, time.monotonic() + (seconds or 0)
    while time.monotonic() < ends if seconds is not None else tally.inputs < examples:
        _batch(target, tally, number, _BATCH if seconds is not None else min(_BATCH, examples - tally.inputs))
        number += 1
    return tally


def _batch(target: Target, tally: Tally, number: int, examples: int) -> None:
    last: list[Any] = []

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(target.inputs)
    def obeys(fed: Any) -> None:
        last[:] = [fed]
        tally.inputs += 1
        started = time.process_time()
        size = target.law(fed)
        taken = time.process_time() - started
        if taken > tally.slowest:
            tally.slowest, tally.slowest_size = taken, size
        if taken > _SECONDS + _SECONDS_EACH * size:
            raise TooSlow(f"{taken:.1f} s for {size} characters")

    try:
        obeys()
    except Exception as error:
        tally.crashes.setdefault(_place(error), last[0])


def _place(error: Exception) -> str:
    """What went wrong and where, without the input: two crashes of one cause are one."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "hypothesis" not in frame.filename]
    while len(frames) > 1 and frames[-1].name == "holds":
        frames.pop()
    where = frames[-1]
    told = str(error).split(":")[0][:80] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} {told} at {Path(where.filename).name}:{where.lineno} {where.name}".replace(
        "\n", " "
    )


def keep(tally: Tally, corpus: Path) -> Iterator[Path]:
    """Write the inputs that broke a target into the corpus; where they are."""
    for place, fed in tally.crashes.items():
        text = json.dumps({"target": tally.target, "found": place, "input": packed(fed)}, ensure_ascii=True, indent=1)
        path = corpus / f"{tally.target}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
        yield path


def packed(fed: Any) -> Any:
    """An input as JSON: bytes as {"hex": ...}, a tuple as a list."""
    if isinstance(fed, bytes):
        return {"hex": fed.hex()}
    return [packed(each) for each in fed] if isinstance(fed, tuple) else fed


def unpacked(kept: Any) -> Any:
    """The input that `packed` wrote."""
    if isinstance(kept, dict):
        return bytes.fromhex(kept["hex"])
    return tuple(unpacked(each) for each in kept) if isinstance(kept, list) else kept


def rows(tallies: Sequence[Tally]) -> str:
    """A line for each target: inputs, crashes, and the slowest input."""
    lines = [f"{'target':10} {'inputs':>9} {'crashes':>8} {'slowest':>9} {'its size':>9}"]
    for tally in tallies:
        slowest = f"{tally.slowest:>7.2f} s {tally.slowest_size:>9,}"
        lines.append(f"{tally.target:10} {tally.inputs:>9,} {len(tally.crashes):>8} {slowest}")
    inputs, crashes = sum(tally.inputs for tally in tallies), sum(len(tally.crashes) for tally in tallies)
    return "\n".join([*lines, f"{'all':10} {inputs:>9,} {crashes:>8}"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m eval.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, help="how long, all targets together")
    parser.add_argument("--examples", type=int, default=300, help="how many inputs of each target, without --minutes")
    parser.add_argument("--target", action="append", choices=[target.name for target in TARGETS], help="these alone")
    parser.add_argument("--seed", type=int, default=0, help="the first seed: another one gives other inputs")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="where inputs that break something are kept")
    parser.add_argument("--linear", action="store_true", help="measure growth on the worst lines, to --megabytes")
    parser.add_argument("--megabytes", type=float, default=10.0, help="the longest text of --linear")
    options = parser.parse_args(arguments)
    if options.linear:
        from eval.fuzz_linear import report

        return report(most=int(options.megabytes * 1e6), print_line=_print)
    return _fuzzed(options, _print)


def _print(text: str) -> None:
    print(text, flush=True)


def _fuzzed(options: argparse.Namespace, print_line: Callable[[str], None]) -> int:
    chosen = [target for target in TARGETS if not options.target or target.name in options.target]
    seconds = options.minutes * 60 / len(chosen) if options.minutes else None
    tallies = []
    for target in chosen:
        tally = fuzz(target, seconds=seconds, examples=options.examples, first=options.seed)
        tallies.append(tally)
        for place, path in zip(tally.crashes, keep(tally, options.corpus), strict=True):
            print_line(f"{target.name}: {place}\n    kept in {path}")
    print_line(rows(tallies))
    return int(any(tally.crashes for tally in tallies))


if __name__ == "__main__":
    sys.exit(main())
