"""Runs of the harness, each a child process of this one: started, followed, stopped, their reports kept and read."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import IO, Any

from rag.errors import InputError, RagError

VERSION = 1  # of report.json
MOST = 30  # runs kept in a store's folder
_FOLDER = "evaluations"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_NAME = re.compile(r"(\d{8}T\d{6})\d*Z-([\w-]+)")
_COMMAND = (sys.executable, "-m", "rag.cli", "eval")
_PATIENCE = 120  # seconds for the list of suites, and for a comparison


class NoHarness(RagError):
    """The harness is not installed here."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite that can be run: what it needs ("" for nothing) and what it measures."""

    name: str
    needs: str
    about: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is kept: `name` is that of its folder, `started` the time in UTC."""

    name: str
    suite: str
    started: str
    folder: Path

    @property
    def report(self) -> Path:
        return self.folder / "report.json"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `total` is 0 until its cases are loaded; `said` is what a run that failed said last."""

    run: Run
    done: int
    total: int
    state: str  # "running", "finished", "stopped", "failed"
    said: str = ""


def suites() -> tuple[Suite, ...]:
    """The suites of the harness, as it lists them itself. Raises NoHarness, and InputError where it fails."""
    return tuple(Suite(each["name"], each["needs"], each["about"]) for each in _told("--list", "--json"))


def compared(before: Run, now: Run) -> list[dict[str, Any]]:
    """The scores of both runs' common cases beside each other, as `rag eval --compare` tells them."""
    found: list[dict[str, Any]] = _told("--compare", str(before.report), str(now.report), "--json")
    return found


def runs(store: Path) -> list[Run]:
    """The finished runs that are kept in the store's folder, newest first."""
    return [run for run in _all(store) if run.report.is_file()]


def find(store: Path, name: str) -> Run:
    """The run of this name. Raises InputError."""
    found = next((run for run in runs(store) if run.name == name), None)
    if found is None:
        raise InputError(f"there is no run {name}")
    return found


def report(run: Run) -> dict[str, Any]:
    """What the run's report.json holds. Raises InputError."""
    try:
        return _read(run.report, run.report.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise InputError(f"{run.report} cannot be read") from error


class Evaluator:
    """Runs one suite at a time, as a child that ends with this process."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._command = tuple(command)
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._run: Run | None = None
        self._stopped = False
        atexit.register(self.stop)

    def start(self, suite: str, store: Path, *, limit: int | None = None, data: str = "") -> Run:
        """Start a suite, or a folder's own. Raises InputError where another one runs."""
        with self._lock:
            if self._child is not None and self._child.poll() is None and self._run is not None:
                raise InputError(f"{self._run.suite} is running; wait for it or stop it first")
            run = _made(suite, store)
            arguments = [suite, "--out", str(run.folder), "--with-parent"]
            arguments += ["--limit", str(limit)] if limit else []
            arguments += ["--data", data] if data else []
            environment = {**os.environ, **({"RAG_STORE": str(store)} if suite == "feedback" else {})}
            with (run.folder / "log.txt").open("wb") as log:
                self._child = _started([*self._command, *arguments], environment, log)
            self._run, self._stopped = run, False
            return run

    def progress(self) -> Progress | None:
        """How far the run is that was started last; None before the first."""
        with self._lock:
            child, run, stopped = self._child, self._run, self._stopped
        if child is None or run is None:
            return None
        code = child.poll()
        total = sum(_number(file) for file in run.folder.glob("outcomes/*.total"))
        done = sum(file.read_bytes().count(b"\n") for file in run.folder.glob("outcomes/*.jsonl"))
        if code is None:
            return Progress(run, done, total, "running")
        if stopped:
            return Progress(run, done, total, "stopped")
        return Progress(run, done, total, "failed" if code else "finished", _last(run) if code else "")

    def stop(self) -> None:
        """End the run, and all that it started; nothing where none runs."""
        with self._lock:
            child = self._child
            if child is None or child.poll() is not None:
                return
            self._stopped = True
            _killed(child)


def _started(command: list[str], environment: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A child of low priority in a group of its own. Its stdin closes when this process ends, however it ends."""
    windows = sys.platform == "win32"
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=log,
        env=environment,
        start_new_session=not windows,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) if windows else 0,
    )
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, 10)
    return child


def _killed(child: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait()


def _made(suite: str, store: Path) -> Run:
    name = re.sub(r"[^\w-]+", "-", Path(suite).name, flags=re.ASCII).strip("-")[:60] or "suite"
    folder = store / _FOLDER / f"{datetime.now(UTC).strftime(_STAMP)}-{name}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror})") from error
    for old in _all(store)[MOST:]:
        shutil.rmtree(old.folder, ignore_errors=True)
    made = _run(folder)
    assert made is not None, "named so above"
    return made


def _all(store: Path) -> list[Run]:
    folder = store / _FOLDER
    found = [run for each in folder.iterdir() if (run := _run(each))] if folder.is_dir() else []
    return sorted(found, key=lambda run: run.name, reverse=True)


def _run(folder: Path) -> Run | None:
    named = _NAME.fullmatch(folder.name)
    if named is None:
        return None
    started = datetime.strptime(named[1], "%Y%m%dT%H%M%S")
    return Run(folder.name, named[2], f"{started:%Y-%m-%d %H:%M:%S}", folder)


def _told(*arguments: str) -> Any:
    """What the harness says as JSON. Raises NoHarness, and InputError with its last words."""
    try:
        done = subprocess.run(
            [*_COMMAND, *arguments], capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError("the harness did not answer in time") from error
    if done.returncode:
        said = _last_line(done.stderr)
        raise NoHarness(said) if "harness is not here" in said else InputError(said)
    return json.loads(done.stdout)


def _last(run: Run) -> str:
    with suppress(OSError):
        return _last_line((run.folder / "log.txt").read_bytes()[-4000:])
    return ""


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def _number(file: Path) -> int:
    with suppress(OSError, ValueError):
        return int(file.read_text(encoding="utf-8"))
    return 0


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or not isinstance(found.get("suites"), list):
        raise ValueError("no report of rag eval")
    check_version(found, path)
    return found


def check_version(told: Mapping[str, Any], path: Path) -> None:
    """Raises InputError for a report.json that another version of the program made."""
    if (made_by := told.get("version", VERSION)) != VERSION:
        raise InputError(f"{path} has version {made_by} of the report and this program reads {VERSION}; update rag")


EVALUATOR = Evaluator()
