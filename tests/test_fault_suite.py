"""The fault suite, a small part of it: `python -m eval.faults` is the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.faults import run, table
from eval.faults_kills import KINDS, Losses

pytestmark = pytest.mark.slow


def test_a_few_faults_of_the_quick_kinds_lose_nothing(tmp_path: Path) -> None:
    quick = ["kill", "quota", "other versions"]
    found = list(run(tmp_path, runs=4, seed=7, only=quick))
    assert [note for one in found for note in one.notes] == []
    assert all(one.whole for one in found)
    struck = {one.fault: one.struck for one in found}
    assert [struck[f"kill -9 in {kind}"] for kind in KINDS] == [1] * len(KINDS)
    assert struck["a quota (RLIMIT_FSIZE)"] == 1
    assert struck["stores of other versions"] == 8


def test_a_loss_is_counted_and_printed() -> None:
    lossy = Losses("kill -9 in ingest", runs=3, struck=2)
    lossy.note("lost", "an article")
    assert not lossy.whole
    assert "| kill -9 in ingest | 3 | 2 | 0 | 1 | 0 | 0 |" in table([lossy])
    assert table([lossy, lossy]).splitlines()[-1] == "| **all** | 6 | 4 | 0 | 2 | 0 | 0 |"
