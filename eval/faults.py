"""The fault suite: `python -m eval.faults --runs 200` prints what was done to stores and what was lost by it.

So many `rag` commands (a quarter each of ingest, update, delete, reindex) are killed at random moments; then come a
full disk, a quota, no right to write, stores of other versions, damaged Chroma folders and catalogues, wrong clocks,
and two processes that ingest while two ask. After each the deep check compares the whole store, and what a command
had said was committed must be there once. The exit code is 1 where anything was lost, doubled or left half.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from eval.faults_kills import KINDS, Losses, World, kills
from eval.faults_others import FAULTS

_COUNTED = ("runs", "struck", "mended", "lost", "doubled", "half")


def run(
    folder: Path, *, runs: int, seed: int = 1, only: Sequence[str] = (), told: Callable[[str], None] = lambda _: None
) -> Iterator[Losses]:
    """What each fault did, as it is done; `runs` kills in all. `only` has parts of names."""
    base = World(folder / "base")
    base.make()
    for place, kind in enumerate(KINDS):
        count = runs // len(KINDS) + (place < runs % len(KINDS))
        if count and _wanted(f"kill in {kind}", only):
            yield kills(kind, count, base, seed=seed, told=told)
    for name, fault in FAULTS.items():
        if not _wanted(name, only):
            continue
        losses = Losses(name)
        told(name)
        fault(base.copy_to(folder / fault.__name__), losses)
        yield losses


def table(found: Sequence[Losses]) -> str:
    """The losses of each fault and of all, as Markdown."""
    head = ("fault", "runs", "faults", "mended", "lost", "doubled", "half")
    rows = [
        (
            one.fault + (f" (skipped: {one.skipped})" if one.skipped else ""),
            *(str(getattr(one, name)) for name in _COUNTED),
        )
        for one in found
    ]
    sums = [
        sum(getattr(one, name) for one in found) for name in ("runs", "struck", "mended", "lost", "doubled", "half")
    ]
    rows.append(("**all**", *map(str, sums)))
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def _wanted(name: str, only: Sequence[str]) -> bool:
    return not only or any(part in name for part in only)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m eval.faults", description="Damage stores, and count what is lost.")
    parser.add_argument("--runs", type=int, default=200, help="commands to kill, in all (200)")
    parser.add_argument("--seed", type=int, default=1, help="what the moments are drawn from (1)")
    parser.add_argument("--only", action="append", default=[], metavar="PART", help="faults whose name holds this")
    parser.add_argument("--work", type=Path, help="a folder for the stores, unless a temporary one")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="rag-faults-", dir=given.work) as folder:
        say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
        found = list(run(Path(folder), runs=given.runs, seed=given.seed, only=given.only, told=say))
    seconds = time.perf_counter() - began
    whole = all(one.whole for one in found)
    if given.json:
        print(json.dumps({"ok": whole, "seconds": seconds, "faults": [asdict(one) for one in found]}, indent=2))
    else:
        print(table(found))
        print(f"\n{seconds:.0f} s on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for note in [note for one in found for note in one.notes]:
        print(note, file=sys.stderr)
    sys.exit(0 if whole else 1)


if __name__ == "__main__":
    main()
