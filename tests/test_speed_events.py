"""The benchmark of events: invented articles that tell events, read, linked, and asked for by day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval import speed_events


def test_the_articles_are_the_same_each_time() -> None:
    some = list(speed_events.written(30, seed=2))
    assert some == list(speed_events.written(30, seed=2)) != list(speed_events.written(30, seed=3))
    assert len({article.id for article in some}) == 30


def test_the_benchmark_prints_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    speed_events.main([f"--work={tmp_path}", "--articles=80", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["articles"] == 80
    assert 0 < found["events"] < found["records"]
    assert min(found["extracted"], found["linked"], found["memory"], found["day_process"]) > 0
    with pytest.raises(SystemExit):
        speed_events.main([f"--work={tmp_path}", "--articles=80"])
