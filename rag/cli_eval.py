"""The command `rag eval`. No logic: it finds the harness of the repository and calls it."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

import typer

from rag.cli_events import AsJson
from rag.errors import InputError

Suites = Annotated[list[str] | None, typer.Argument(metavar="SUITE...", help="Names or folders.")]
Data = Annotated[Path | None, typer.Option(help="The folder of public data sets.")]
Out = Annotated[Path | None, typer.Option(help="Where report.json and report.html go.")]
Baseline = Annotated[Path | None, typer.Option(help="An earlier report.json, compared case by case.")]
Gate = Annotated[bool, typer.Option("--gate", help="Exit 1 where a figure is below its floor.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same numbers.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Cases of each suite at most.")]
Listed = Annotated[bool, typer.Option("--list", help="Only tell which suites there are.")]
Compare = Annotated[
    tuple[Path, Path] | None,
    typer.Option(metavar="BEFORE NOW", help="Only set two report.json beside each other, case by case."),
]
WithParent = Annotated[bool, typer.Option("--with-parent", hidden=True, help="End when stdin closes.")]


def register(app: typer.Typer) -> None:
    """Give the application this command."""
    app.command("eval")(evaluate)


def evaluate(
    suites: Suites = None,
    data: Data = None,
    out: Out = None,
    baseline: Baseline = None,
    gate: Gate = False,
    seed: Seed = 0,
    limit: Limit = None,
    listed: Listed = False,
    compare: Compare = None,
    with_parent: WithParent = False,
    as_json: AsJson = False,
) -> None:
    """Measure: run suites (unless told those that need no data), print the figures, write the report."""
    if with_parent:
        Thread(target=_wait, daemon=True).start()
    harness = _harness()
    if listed:
        raise typer.Exit(harness.listed(as_json=as_json))
    if compare:
        raise typer.Exit(harness.compared(*compare, seed=seed, as_json=as_json))
    options = {"data": data, "out": out, "baseline": baseline, "gate": gate, "seed": seed, "limit": limit}
    raise typer.Exit(harness.main(suites or (), as_json=as_json, **options))


def _harness() -> Any:
    try:
        return importlib.import_module("eval.main")
    except ModuleNotFoundError as error:
        if error.name not in ("eval", "eval.main"):
            raise
        raise InputError("the harness is not here; run `rag eval` in a checkout of the repository") from error


def _wait() -> None:
    """Whoever started this has ended: end too, with all that was started in this group."""
    while os.read(sys.stdin.fileno(), 1024):
        continue
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)
