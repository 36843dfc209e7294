"""Thumbs are kept as cases, and the harness asks them again of the store that was judged."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import feedback as measured
from eval import runner, suites
from eval.cases import Options
from rag import feedback
from rag.cite import cite
from rag.desk import Desk, open_desk
from rag.domain import Answer, Article, Source, Statement
from rag.errors import InputError, StoreError
from rag.feedback import FILE, cases, judge
from rag.limits import Filters

VNA = Article(Source("a1", "vna.txt", "0", lang="vi"), "Ông Lavrov gặp ông Vương Nghị tại Jakarta. Họ nói về ASEAN.")
MET, SAID = (Statement(VNA.text[a:b], "vi", (cite(VNA, a, b),), "quoted") for a, b in ((0, 42), (43, 59)))
ANSWER = Answer("Ai gặp ông Vương Nghị?", "vi", (MET,))
REFUSAL = Answer("Merkel gặp ai?", "vi", reason="no article mentions Merkel")


def test_a_case_holds_what_was_asked_and_shown(tmp_path: Path) -> None:
    followed = replace(ANSWER, question="và ông ấy?", rewritten="Ai gặp ông Vương Nghị?")
    judge(tmp_path, followed, "up", note="đúng rồi", filters=Filters(since="2023-07", names=("Lavrov",)), owner="Lan")
    (case,) = cases(tmp_path)
    assert case["question"] == "và ông ấy?"
    assert case["asked"] == "Ai gặp ông Vương Nghị?"
    assert case["filters"] == {"since": "2023-07", "names": ["Lavrov"], "date_words": True}
    assert case["statements"] == [{"text": MET.text, "citations": [{"article": "a1", "start": 0, "end": 42}]}]
    assert (case["lang"], case["mode"], case["refused"]) == ("vi", "extract", False)
    assert (case["verdict"], case["note"]) == ("up", "đúng rồi")
    assert case["date"].startswith("20")
    assert "Lan" not in (tmp_path / FILE).read_text(encoding="utf-8")


def test_of_one_owner_the_last_verdict_counts(tmp_path: Path) -> None:
    for owner, verdict in (("Lan", "up"), ("Minh", "up"), ("Lan", "down")):
        judge(tmp_path, ANSWER, "up" if verdict == "up" else "down", owner=owner)
    judge(tmp_path, ANSWER, "up", owner="Lan", filters=Filters(lang="vi"))
    assert [case["verdict"] for case in cases(tmp_path)] == ["down", "up", "up"]
    assert len({case["id"] for case in cases(tmp_path)}) == 3


def test_hostile_words_stay_on_their_line(tmp_path: Path) -> None:
    hostile = "a\nb\r\u2028c\u0085d\x00\x1c<script> nửa \ud83d"
    for each in (hostile, "ai?"):
        judge(tmp_path, replace(REFUSAL, question=each, reason=each), "down", note=each)
    assert [case["asked"] for case in cases(tmp_path)] == [hostile.replace("\ud83d", "?"), "ai?"]
    assert (tmp_path / FILE).read_bytes().count(b"\n") == 2


def test_half_a_line_of_a_killed_process_spoils_no_other_and_is_named(tmp_path: Path) -> None:
    judge(tmp_path, ANSWER, "up")
    with (tmp_path / FILE).open("a") as stream:
        stream.write('{"question": "ai')
    judge(tmp_path, REFUSAL, "up")
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8").splitlines()[2])["refused"]
    with pytest.raises(InputError, match=r"feedback\.jsonl line 2 is no case"):
        cases(tmp_path)


@pytest.mark.parametrize(
    "line", ["[]", "null", '{"asked": "ai?"}', '{"asked":1,"verdict":"up","refused":true,"statements":[]}']
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / FILE).write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2 is no case"):
        cases(tmp_path)


def test_another_verdict_and_an_endless_note_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'maybe' is no verdict"):
        judge(tmp_path, ANSWER, "maybe")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="2001 characters"):
        judge(tmp_path, ANSWER, "up", note="x" * 2_001)
    assert not (tmp_path / FILE).exists()


def test_the_file_grows_only_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "BYTES_MOST", 1_000)
    judge(tmp_path, ANSWER, "up")
    with pytest.raises(StoreError, match="move it away"):
        judge(tmp_path, ANSWER, "down", note="x" * 500)
    assert len(cases(tmp_path)) == 1
    assert (tmp_path / FILE).stat().st_size <= 1_000


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"feedback\.jsonl cannot be written"):
        judge(tmp_path / "file", ANSWER, "up")


def test_threads_and_processes_write_whole_lines(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.domain import Answer; from rag.feedback import judge\n"
        "for each in range(20): judge(Path(sys.argv[1]), Answer(f'{sys.argv[2]} {each}', 'vi'), 'up')"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in ("một", "hai")]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda each: judge(tmp_path, replace(ANSWER, question=f"ba {each}"), "up"), range(20)))
    assert [each.wait(60) for each in started] == [0, 0]
    assert len(cases(tmp_path)) == 60


@pytest.mark.parametrize(
    ("shown", "verdict", "now", "right"),
    [
        (ANSWER, "up", ANSWER, True),
        (ANSWER, "up", replace(ANSWER, statements=(SAID, replace(MET, citations=(cite(VNA, 4, 20),)))), True),
        (ANSWER, "up", replace(ANSWER, statements=(SAID,)), False),
        (ANSWER, "up", REFUSAL, False),
        (ANSWER, "down", ANSWER, False),
        (ANSWER, "down", replace(ANSWER, statements=(MET, SAID)), True),
        (ANSWER, "down", REFUSAL, True),
        (REFUSAL, "up", REFUSAL, True),
        (REFUSAL, "up", ANSWER, False),
        (REFUSAL, "down", REFUSAL, False),
        (REFUSAL, "down", ANSWER, True),
    ],
)
def test_praised_answers_are_kept_and_others_mended(
    tmp_path: Path, shown: Answer, verdict: feedback.Verdict, now: Answer, right: bool
) -> None:
    judge(tmp_path, shown, verdict)
    (case,) = cases(tmp_path)
    result = measured.judged(case, now)
    assert result.right == right
    assert result.scores == {measured.KEPT if verdict == "up" else measured.MENDED: float(right)}


@pytest.fixture
def store(seeds_store: Path, tmp_path: Path) -> Path:
    """A store of its own of the five seeds, in which four answers were judged."""
    folder = Path(shutil.copytree(seeds_store, tmp_path / "store"))
    desk = open_desk(store=folder)
    met = desk.ask("what did Lavrov and Wang Yi agree on?")
    desk.judge(met, "up", owner="Lan")
    desk.judge(met, "down", owner="Minh")
    desk.judge(desk.ask("who is Angela Merkel?"), "up", owner="Lan")
    desk.judge(desk.ask("what did Xi Jinping say?", filters=Filters(lang="ko")), "up", filters=Filters(lang="ko"))
    desk.close()
    return folder


def figures(options: Options) -> Mapping[str, float]:
    finished = runner.run(suites.find("feedback"), options, settings={})
    assert [outcome.error for outcome in finished.outcomes] == [None] * len(finished.outcomes)
    return {figure.metric: figure.value for figure in finished.figures if not figure.group}


def test_the_harness_asks_the_cases_again_of_their_store(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {"up kept": 1.0, "down mended": 0.0}
    assert figures(Options(data=store)) == expected
    monkeypatch.setenv("RAG_STORE", str(store))
    assert figures(Options()) == expected


def test_outcomes_over_other_articles_are_not_taken_up_again(store: Path, tmp_path: Path) -> None:
    def resumed() -> int:
        return runner.run(suites.find("feedback"), Options(data=store), settings={}, out=tmp_path / "out").resumed

    assert [resumed(), resumed()] == [0, 4]
    (tmp_path / "new.txt").write_text("Ông Lavrov gặp ông Vương Nghị tại Jakarta ngày 13/7.\n" * 3, encoding="utf-8")
    desk = open_desk(store=store)
    desk.ingest([str(tmp_path / "new.txt")])
    desk.close()
    assert resumed() == 0


def test_without_a_judged_answer_the_suite_says_what_to_do(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="judge answers with the thumbs"):
        suites.find("feedback").load(Options(data=tmp_path))
    assert "feedback" not in suites.WITHOUT_DATA


def test_an_edited_case_that_cannot_be_asked_fails_alone(store: Path) -> None:
    lines = (store / FILE).read_text(encoding="utf-8").splitlines()
    spoiled: dict[str, Any] = {**json.loads(lines[0]), "owner": "x", "filters": {"colour": "red"}}
    (store / FILE).write_text("\n".join([*lines, json.dumps(spoiled)]), encoding="utf-8")
    finished = runner.run(suites.find("feedback"), Options(data=store), settings={})
    assert [outcome.error is None for outcome in finished.outcomes] == [True] * 4 + [False]
