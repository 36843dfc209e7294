"""The values of the harness: cases, what came of each, suites and how they are run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.metrics import Tally
from rag.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "eval" / "data"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to try. `data` is what the suite reads; `worst` the scores that a case which fails gets, and
    `missed` the tallies.

    Figures are given per `split`, and within it per value of each of the `groups`.
    """

    id: str
    data: Mapping[str, Any]
    split: str = "all"
    groups: Mapping[str, str] = field(default_factory=dict)
    worst: Mapping[str, float] = field(default_factory=dict)
    missed: Mapping[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What a suite says of one case: its scores, and in words what was asked, wanted and got.

    A score that does not apply is left out: the precision of refusals has none where nothing was refused.
    `tallies` are added up over the cases before precision, recall and F1 are taken of them: slots of events. `counts`
    are added up and told as they are.
    """

    scores: Mapping[str, float]
    asked: str = ""
    wanted: str = ""
    got: str = ""
    right: bool = True
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case, done. `error` holds the exception of a case that failed."""

    case: str
    split: str
    groups: Mapping[str, str]
    scores: Mapping[str, float]
    asked: str
    wanted: str
    got: str
    right: bool
    error: str | None
    seconds: float
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """The mean of a score over the `n` cases that have it, with its 95% bootstrap interval.

    The cases are those of a split, or those in it whose `group` is `of`.
    """

    split: str
    group: str
    of: str
    metric: str
    value: float
    low: float
    high: float
    n: int

    @property
    def slice(self) -> str:
        return f"{self.split}, {self.group} {self.of}" if self.group else self.split

    @property
    def key(self) -> str:
        return f"{self.slice}: {self.metric}"


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is done: the folder of public data, the seed, and how many cases of a suite at most.

    `servers` are the settings of a store on servers, where questions are not to be asked of a folder.
    """

    data: Path | None = None
    seed: int = 0
    limit: int | None = None
    servers: Mapping[str, object] | None = None


Try = Callable[[Case], Result]


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases, and what tries one. `opened(options)` gives that as a context, which holds a store where one is needed.

    `headline` is the score whose gap between language pairs is told. `floors` stand beside those of floors.toml. Scores
    and counts whose names begin with one of the `columns` and a colon are told side by side.
    """

    name: str
    load: Callable[[Options], Sequence[Case]]
    opened: Callable[[Options], AbstractContextManager[Try]]
    headline: str
    about: str = ""
    floors: Mapping[str, float | Mapping[str, float]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects of a .jsonl file. Raises InputError that names the file and line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    return [_object(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise InputError(f"{path} line {number} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"{path} line {number} is not a JSON object")
    return value


def public(options: Options, *parts: str) -> Path:
    """A file or folder of the public data. Raises InputError where it is missing."""
    if options.data is None:
        raise InputError(f"this suite reads public data; give the folder that holds {parts[0]}/ with --data DIR")
    path = options.data.joinpath(*parts)
    if not path.exists():
        raise InputError(f"{path} is missing; docs/evaluation.md says where to get it")
    return path
