"""Runs of the harness as child processes: one at a time, followed, stopped, ended with the server, kept, compared."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from running import finished

from eval import suites
from rag import evaluations, ui_evaluation
from rag.errors import InputError
from rag.evaluations import Evaluator
from rag.ui_evaluation_report import comparison_html, report_html, wrong_html
from rag.ui_page import Page
from rag.ui_words import Words

ROOT = Path(__file__).parent.parent
SLOW = (sys.executable, "-c", "import time; time.sleep(60)")
EN = Words("en")


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def kept(store: Path, stamp: str, scores: dict[str, float]) -> evaluations.Run:
    """A run in the store's folder that has nothing but these cases' scores."""
    folder = store / "evaluations" / f"{stamp}-own"
    folder.mkdir(parents=True)
    outcomes = [{"case": case, "scores": {"recall": score}} for case, score in scores.items()]
    (folder / "report.json").write_text(json.dumps({"suites": [{"suite": "own", "outcomes": outcomes}]}))
    return evaluations.find(store, folder.name)


def test_the_harness_lists_its_suites_as_the_document_does() -> None:
    listed = evaluations.suites()
    assert [each.name for each in listed] == [*suites.SUITES]
    assert all(each.about for each in listed)
    rows = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in row.split("|")] for row in rows if row.startswith("| `")]
    documented: dict[str, str] = {}
    for row in cells:
        documented.setdefault(row[1].strip("`"), row[3] if len(row) == 5 else "")
    for each in listed:
        assert bool(each.needs) == bool(documented[each.name]), each.name
        assert each.needs.rstrip("/") in documented[each.name]


def test_one_suite_runs_at_a_time_and_can_be_stopped(tmp_path: Path) -> None:
    evaluator = Evaluator(SLOW)
    assert evaluator.progress() is None
    evaluator.start("names", tmp_path)
    with pytest.raises(InputError, match="names is running"):
        evaluator.start("qa", tmp_path)
    evaluator.stop()
    found = evaluator.progress()
    assert found is not None
    assert found.state == "stopped"
    evaluator.start("qa", tmp_path)
    evaluator.stop()


def test_a_run_that_fails_tells_what_it_said_last(tmp_path: Path) -> None:
    evaluator = Evaluator((sys.executable, "-c", "raise SystemExit('rag: no such data')"))
    evaluator.start("xquad", tmp_path)
    until(lambda: (found := evaluator.progress()) is not None and found.state == "failed")
    found = evaluator.progress()
    assert found is not None
    assert found.said == "rag: no such data"
    assert evaluations.runs(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="a process is looked up as POSIX does")
def test_a_suite_ends_when_its_server_is_killed(tmp_path: Path) -> None:
    child_of_it = (
        "import threading, time; from rag import cli_eval; "
        "threading.Thread(target=cli_eval._wait, daemon=True).start(); time.sleep(600)"
    )
    told = (
        "import sys, time; from pathlib import Path; from rag.evaluations import Evaluator; "
        f"evaluator = Evaluator((sys.executable, '-c', {child_of_it!r})); "
        f"evaluator.start('synthetic', Path({str(tmp_path)!r})); print(evaluator._child.pid, flush=True); "
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", told], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        child = int(server.stdout.readline())
        assert _alive(child)
        server.kill()
    until(lambda: not _alive(child))


def test_the_oldest_runs_go(tmp_path: Path) -> None:
    for number in range(evaluations.MOST + 2):
        kept(tmp_path, f"20250101T{number:06}000000Z", {"a": 1.0})
    evaluator = Evaluator(SLOW)
    evaluator.start("../odd name", tmp_path)
    evaluator.stop()
    names = sorted(each.name for each in (tmp_path / "evaluations").iterdir())
    assert len(names) == evaluations.MOST
    assert names[0].startswith("20250101T000003")
    assert names[-1].endswith("-odd-name")


def test_no_name_leads_out_of_the_folder_of_runs(tmp_path: Path) -> None:
    kept(tmp_path, "20250101T000000000000Z", {"a": 1.0})
    with pytest.raises(InputError):
        evaluations.find(tmp_path, "../evaluations/20250101T000000000000Z-own")


def test_two_runs_are_compared_case_by_case(tmp_path: Path) -> None:
    before = kept(tmp_path, "20250101T000000000000Z", dict.fromkeys("abcdefgh", 0.0))
    now = kept(tmp_path, "20250102T000000000000Z", dict.fromkeys("bcdefghi", 1.0))
    (change,) = evaluations.compared(before, now)
    assert (change["before"], change["now"], change["n"], change["verdict"]) == (0.0, 1.0, 7, "better")
    (back,) = evaluations.compared(now, before)
    assert back["verdict"] == "worse"
    assert "<td>+1.000 [+1.000, +1.000]</td>" in unescape(comparison_html([change], EN))
    page: Any = Page(lambda: _desk(tmp_path), EN)
    assert "yes, better" in unescape(ui_evaluation.comparison(page, before.name, now.name))
    assert "could not be compared" in ui_evaluation.comparison(page, before.name, "none")


def test_what_a_report_says_is_no_markup() -> None:
    evil = "<script>alert(1)</script>"
    figure = {"split": evil, "group": "", "of": "", "metric": evil, "value": 0.5, "low": 0.2, "high": 0.9, "n": 3}
    case = {"case": evil, "asked": evil, "wanted": evil, "got": evil, "right": False, "error": "at a folder"}
    suite = {"suite": evil, "about": evil, "cases": 1, "failed": 1, "seconds": 1.0, "figures": [figure]}
    shown = report_html({"suites": [{**suite, "outcomes": [case]}]}, EN)
    assert "<script" not in shown
    assert "<circle" in shown
    here = wrong_html([case] * 25, 20, EN, local=True)
    assert "<script" not in here
    assert here.count("<li>") == 5
    assert "21 to 25 of 25" in here
    assert "at a folder" in here
    assert "at a folder" not in wrong_html([case], 0, EN, local=False)


def test_who_is_not_on_this_machine_runs_and_stops_nothing(tmp_path: Path) -> None:
    import gradio

    def buttons(local: bool) -> set[str]:
        page: Any = Page(lambda: _desk(tmp_path), EN, local)
        with gradio.Blocks(analytics_enabled=False) as blocks, gradio.Tabs(), gradio.Tab("Evaluation"):
            ui_evaluation.build(page)
        return {str(each.elem_id) for each in blocks.blocks.values() if isinstance(each, gradio.Button)}

    assert {"evaluation-run", "evaluation-stop"} <= buttons(True)
    assert not {"evaluation-run", "evaluation-stop"} & buttons(False)
    assert "evaluation-compare" in buttons(False)


def test_the_boxes_are_held_to_what_they_ask_for(tmp_path: Path) -> None:
    page: Any = Page(lambda: _desk(tmp_path), EN)
    for suite, limit in ((None, ""), ("names", "0"), ("names", "a few"), ("names", "-3")):
        with pytest.raises(InputError):
            ui_evaluation.start(page, suite, limit, "")
    assert not (tmp_path / "evaluations").exists()


def test_nothing_is_followed_where_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui_evaluation, "EVALUATOR", Evaluator(SLOW))

    async def all_of() -> list[str]:
        return [html async for html in ui_evaluation.follow(EN)]

    (told,) = finished(all_of())
    assert "Nothing is running" in told


def _desk(store: Path) -> Any:
    return SimpleNamespace(settings=SimpleNamespace(store=store))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.is_file() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
