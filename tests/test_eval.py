"""The harness: its numbers by hand, a run that is interrupted, a case that fails, a suite of one's own, the gate."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import cleaning, compare, metrics, page, passages, questions, report, runner, spellings, suites
from eval.cases import Case, Options, Result, Suite, Try
from eval.main import main
from rag.desk import Desk
from rag.errors import InputError

SETTINGS: dict[str, Any] = {"embedder": "none"}


def toy(attempt: Try, n: int = 6, *, name: str = "toy", floors: Mapping[str, Any] | None = None) -> Suite:
    """A suite of `n` numbers, even ones in one group and odd ones in the other."""
    cases = [Case(str(i), {"i": i}, groups={"pair": ("vi>en", "en>vi")[i % 2]}, worst={"score": 0.0}) for i in range(n)]

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        yield attempt

    return Suite(name, lambda options: cases, opened, "score", floors=floors or {})


def third(case: Case) -> Result:
    return Result({"score": float(case.data["i"] % 3 == 0)}, f"number {case.id}", "0", "1", case.data["i"] % 3 == 0)


def values(finished: runner.Finished) -> dict[str, float]:
    return {figure.key: figure.value for figure in finished.figures}


def test_ranked_lists_score_as_computed_by_hand() -> None:
    names = ("nDCG@10", "Recall@1", "Recall@5", "MRR@10", "Success@1", "Success@5")
    ideal = 1 + 1 / math.log2(3)
    assert metrics.ranking({"a", "b"}, ["a", "c", "b"], names) == pytest.approx(
        {"nDCG@10": (1 + 0.5) / ideal, "Recall@1": 0.5, "Recall@5": 1, "MRR@10": 1, "Success@1": 1, "Success@5": 1}
    )
    assert metrics.ranking({"b"}, ["a", "c", "b"], names) == pytest.approx(
        {"nDCG@10": 0.5, "Recall@1": 0, "Recall@5": 1, "MRR@10": 1 / 3, "Success@1": 0, "Success@5": 1}
    )
    assert set(metrics.ranking({"b"}, [], names).values()) == {0.0}


def test_long_lists_keep_their_order() -> None:
    ranked = [f"p{i}" for i in range(200)]
    assert metrics.ranking({"p9"}, ranked, ["MRR@10", "Recall@10"]) == pytest.approx({"MRR@10": 0.1, "Recall@10": 1})
    assert metrics.ranking({"p10"}, ranked, ["MRR@10", "Recall@10"]) == {"MRR@10": 0, "Recall@10": 0}


def test_overlap_counts_what_is_repeated() -> None:
    assert metrics.overlap(["a", "a", "b"], ["a", "b", "c", "d"]) == pytest.approx((2 / 3, 1 / 2, 4 / 7))
    assert metrics.overlap([], ["a"]) == (0, 0, 0)
    assert metrics.overlap([], []) == (1, 1, 1)
    assert metrics.token_f1("Hà Nội, Hà Nội", "Hà Nội") == pytest.approx((0.5, 1, 2 / 3))


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc"), min_size=1))
def test_f1_lies_between_precision_and_recall(found: list[str], gold: list[str]) -> None:
    precision, recall, f1 = metrics.overlap(found, gold)
    assert min(precision, recall) - 1e-9 <= f1 <= max(precision, recall) + 1e-9


def test_citations_score_as_alce_defines_them() -> None:
    def holds_all_words(texts: Sequence[str], statement: str) -> bool:
        return set(statement.split()) <= set(" ".join(texts).split())

    both_needed = ("a b", ["a", "b"])
    one_too_many = ("a", ["a", "c"])
    not_entailed = ("a d", ["a"])
    bare = ("a", list[str]())
    assert metrics.alce([both_needed], holds_all_words) == (1, 1)
    assert metrics.alce([one_too_many], holds_all_words) == (1, 0.5)
    assert metrics.alce([both_needed, one_too_many, not_entailed, bare], holds_all_words) == (0.5, 3 / 5)
    assert metrics.alce([], holds_all_words) == (1, 1)


def test_refusals_have_precision_where_refused_and_recall_where_unanswerable() -> None:
    assert metrics.refusal(refused=True, answerable=False) == {"refusal precision": 1, "refusal recall": 1}
    assert metrics.refusal(refused=True, answerable=True) == {"refusal precision": 0}
    assert metrics.refusal(refused=False, answerable=False) == {"refusal recall": 0}
    assert metrics.refusal(refused=False, answerable=True) == {}


def test_intervals_hold_the_mean_and_depend_on_the_seed_alone() -> None:
    scores = [1.0] * 70 + [0.0] * 30
    low, high = metrics.interval(scores, seed=3)
    assert 0.59 < low < 0.7 < high < 0.8  # the normal interval is 0.61 to 0.79
    assert metrics.interval(scores, seed=3) == (low, high)
    assert metrics.interval([1.0, 1.0], seed=3) == (1, 1)


def test_figures_are_told_per_split_and_group_with_the_gap_between_language_pairs() -> None:
    finished = runner.run(toy(third, 12), Options(), settings=SETTINGS)
    assert values(finished) == {"all: score": 4 / 12, "all, pair vi>en: score": 2 / 6, "all, pair en>vi: score": 2 / 6}
    uneven = toy(lambda case: Result({"score": float(case.data["i"] % 2)}), 12)
    assert runner.run(uneven, Options(), settings=SETTINGS).gaps == {"all": 1.0}


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    tried: list[str] = []

    def stops_at(number: int) -> Try:
        def attempt(case: Case) -> Result:
            if case.data["i"] == number:
                raise KeyboardInterrupt
            tried.append(case.id)
            return third(case)

        return attempt

    with pytest.raises(KeyboardInterrupt):
        runner.run(toy(stops_at(3)), Options(), settings=SETTINGS, out=tmp_path)
    journal = tmp_path / "outcomes" / "toy.jsonl"
    with journal.open("a", encoding="utf-8") as stream:
        stream.write('{"key": "half a li')
    finished = runner.run(toy(stops_at(99)), Options(), settings=SETTINGS, out=tmp_path)
    assert tried == ["0", "1", "2", "3", "4", "5"]
    assert finished.resumed == 3
    assert values(finished) == values(runner.run(toy(third), Options(), settings=SETTINGS))
    assert runner.run(toy(stops_at(0)), Options(), settings=SETTINGS, out=tmp_path).resumed == 6


def test_outcomes_of_other_settings_are_not_taken_up(tmp_path: Path) -> None:
    runner.run(toy(third), Options(), settings=SETTINGS, out=tmp_path)
    assert runner.run(toy(third), Options(), settings={"embedder": "another"}, out=tmp_path).resumed == 0


def test_a_case_that_raises_is_a_failed_case() -> None:
    def attempt(case: Case) -> Result:
        if case.data["i"] == 0:
            raise ZeroDivisionError("nothing to divide")
        return third(case)

    finished = runner.run(toy(attempt), Options(), settings=SETTINGS)
    assert values(finished)["all: score"] == 1 / 6
    assert finished.outcomes[0].error == "ZeroDivisionError: nothing to divide"
    assert not finished.outcomes[0].right


def test_a_suite_that_cannot_be_opened_fails_all_its_cases() -> None:
    @contextmanager
    def broken(options: Options) -> Iterator[Try]:
        raise OSError("no space")
        yield third

    finished = runner.run(replace(toy(third), opened=broken), Options(), settings=SETTINGS)
    assert {outcome.error for outcome in finished.outcomes} == {"OSError: no space"}
    assert values(finished)["all: score"] == 0


def test_the_seed_draws_the_cases_of_a_limited_run() -> None:
    def drawn(seed: int) -> list[str]:
        return [case.id for case in runner.chosen(toy(third, 50).load(Options()), Options(seed=seed, limit=5))]

    assert drawn(1) == drawn(1) != drawn(2)
    assert sorted(drawn(1), key=int) == drawn(1)


def test_the_same_seed_draws_the_same_false_pairs() -> None:
    rows = [{"forms": {"vi": [name]}} for name in ("Vương Nghị", "Bùi Thanh Sơn", "Tống Đào", "Lê Hoài Trung")]
    assert spellings.cases_of(rows, seed=1) == spellings.cases_of(rows, seed=1)


def test_the_gate_names_the_suite_and_the_figure() -> None:
    floors = {"all: score": 0.5, "all, pair vi>en: score": {"most": 0.1}, "all: speed": 1.0}
    finished = runner.run(toy(third, floors=floors), Options(), settings=SETTINGS)
    assert [str(breach) for breach in compare.breaches(finished)] == [
        "toy: all: score is 0.3333, less than its floor 0.5",
        "toy: all, pair vi>en: score is 0.3333, more than its ceiling 0.1",
        "toy: all: speed is missing; its bound is 1",
    ]
    passing = replace(finished, suite=toy(third, floors={"all: score": 0.3}))
    assert not list(compare.breaches(passing))


def test_a_baseline_is_compared_case_by_case(tmp_path: Path) -> None:
    before = runner.run(toy(third), Options(), settings=SETTINGS)
    after = runner.run(toy(lambda case: Result({"score": float(case.data["i"] in (1, 2, 3))})), Options(), settings={})
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report.as_json(report.Report(SETTINGS, (before,)), Options())), encoding="utf-8")
    (change,) = compare.changes(after, compare.read_baseline(file), seed=0)
    assert (change.before, change.now) == (2 / 6, 3 / 6)
    assert (change.wins, change.losses, change.n) == (2, 1, 6)
    assert change.low <= 1 / 6 <= change.high
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match=r"report\.json"):
        compare.read_baseline(file)


def test_a_clear_loss_against_the_baseline_is_a_breach() -> None:
    def changed(metric: str, now: float) -> list[compare.Breach]:
        finished = runner.run(toy(lambda case: Result({metric: now}), 8), Options(), settings=SETTINGS)
        baseline = {"toy": {str(i): {metric: 0.5} for i in range(8)}}
        return list(compare.losses(compare.changes(finished, baseline, seed=0)))

    assert [str(breach) for breach in changed("score", 0.4)] == [
        "toy: score against the baseline is 0.4000, less than its floor 0.5"
    ]
    assert changed("score", 0.6) == changed("score", 0.5) == changed("false match rate", 0.4) == []
    assert changed("false match rate", 0.6)[0].most


def test_the_page_asks_nobody_and_escapes_what_articles_say() -> None:
    hostile = "<script>alert(1)</script><img src='http://127.0.0.1/x'>"
    finished = runner.run(
        toy(lambda case: Result({"score": 0.0}, hostile, hostile, hostile, False)), Options(), settings={}
    )
    html = page.as_html(report.Report({"embedder": hostile}, (finished,)), "today")
    assert "<script" not in html
    assert "<img" not in html
    assert "default-src 'none'" in html
    assert html.count("<details><summary>") == 7  # six cases and the groups
    assert "<svg" in html


def judged(question: Mapping[str, Any], desk: Desk) -> Result:
    (case,) = questions.cases_of([question], split="all")
    return questions.asked(case, desk, questions.Library(desk))


def test_an_answer_scores_by_the_gold_sentence_it_quotes(desk: Desk) -> None:
    question = "Ông Lavrov và ông Vương Nghị tái khẳng định sự ủng hộ vai trò của tổ chức nào?"
    gold = "tái khẳng định sự ủng hộ vai trò trung tâm của ASEAN"
    scores = judged({"question": question, "article": "000", "gold": [gold]}, desk).scores
    assert scores["Success@5"] == scores["Recall@5"] == scores["right article first"] == 1
    assert scores["search: MRR@10"] == scores["search: languages shown"] == 1
    assert scores["verbatim quotes"] == scores["citation recall"] == scores["citation precision"] == 1
    wrong = judged({"question": question, "article": "001", "gold": ["vắc xin"]}, desk)
    assert wrong.scores["Success@5"] == wrong.scores["right article first"] == 0
    assert not wrong.right


def test_gold_that_cleaning_lost_counts_as_not_found(desk: Desk) -> None:
    gold = ["tái khẳng định sự ủng hộ vai trò trung tâm của ASEAN", "câu này không có trong bài"]
    question = "Lavrov và Vương Nghị tái khẳng định ủng hộ vai trò của tổ chức nào?"
    assert judged({"question": question, "article": "000", "gold": gold}, desk).scores["Recall@5"] == 0.5


def test_refusing_what_has_no_answer_is_right(desk: Desk) -> None:
    result = judged({"question": "What did Lavrov and Blinken agree on?", "answerable": False}, desk)
    assert result.scores == {"refusal precision": 1, "refusal recall": 1}
    assert result.right


@pytest.mark.parametrize("record", [{"gold": ["x"]}, {"question": "Who met?", "answerable": True}])
def test_a_question_that_cannot_be_judged_is_named(record: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="case 1 has no"):
        questions.cases_of([record], split="all")


def test_every_suite_of_the_gate_has_cases_and_floors() -> None:
    for name in suites.WITHOUT_DATA:
        suite = suites.find(name)
        assert len(suite.load(Options())) >= 30
        finished = runner.Finished(suite, (), (), {}, 0.0)
        assert compare.floors_of(finished)


def test_gold_kept_lines_score_one_and_a_lost_line_less() -> None:
    text = "Trang chủ\nNgày 13/7, hai bộ trưởng gặp nhau tại Jakarta và trao đổi về hợp tác.\nChia sẻ"
    (case, other) = cleaning.cases_of([{"text": text, "kept": [2]}, {"text": text, "kept": [1, 2]}], Path())
    assert cleaning.judged(case).scores["line F1"] == 1
    assert cleaning.judged(other).scores["line recall"] == 0.5
    assert cleaning.judged(other).wanted == "+ Trang chủ"


def test_passages_are_found_in_their_language_and_in_the_one_list(tmp_path: Path) -> None:
    folder = tmp_path / "xquad"
    folder.mkdir()
    told = {
        "vi": ["Sông Hồng chảy qua Hà Nội.", "Nhà máy thép đóng cửa vì lỗ.", "Đội bóng thắng trận chung kết."],
        "en": ["The Red River flows through Hanoi.", "The steel mill closed at a loss.", "The team won the final."],
    }
    asked = {"vi": "Sông nào chảy qua Hà Nội?", "en": "Which river flows through Hanoi?"}
    for lang, texts in told.items():
        rows = [{"pid": f"p{i}", "text": text} for i, text in enumerate(texts)]
        (folder / f"passages_{lang}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        (folder / f"questions_{lang}.jsonl").write_text(json.dumps({"qid": "q", "pid": "p0", "question": asked[lang]}))
    finished = runner.run(passages.xquad("vi", "en"), Options(tmp_path), settings=SETTINGS)
    assert not [outcome.error for outcome in finished.outcomes if outcome.error]
    assert values(finished)["by language: Recall@1"] == values(finished)["one list: Success@1"] == 1
    assert {outcome.groups.get("pair") for outcome in finished.outcomes} >= {"vi>vi", "vi>en", "en>vi", "en>en"}


def test_a_suite_that_reads_public_data_asks_for_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--data DIR"):
        main(["xquad"], out=tmp_path)
    with pytest.raises(InputError, match=r"xquad is missing"):
        main(["xquad"], data=tmp_path, out=tmp_path)


def test_a_name_that_is_no_suite_is_told_the_suites(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cleaning, qa, .* nor a folder with a suite\.toml"):
        main([str(tmp_path)], out=tmp_path)


OWN = """
name = "fisheries"
kind = "questions"
cases = "questions.jsonl"
articles = ["articles"]

[floors]
"all: Success@5" = 1.0
"all: refusal recall" = 1.0
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """What docs/evaluation.md shows."""
    folder = tmp_path / "fisheries"
    (folder / "articles").mkdir(parents=True)
    (folder / "suite.toml").write_text(OWN, encoding="utf-8")
    (folder / "articles" / "ca-tra.txt").write_text(
        "Ngày 5/3/2024, Cục Thủy sản cho biết xuất khẩu cá tra đạt 1,8 tỷ USD trong năm qua.\n"
        "Ông Trần Văn Lực đề nghị các tỉnh kiểm soát chất lượng nước nuôi.\n",
        encoding="utf-8",
    )
    asked = [
        {"question": "Xuất khẩu cá tra đạt bao nhiêu?", "article": "ca-tra.txt", "gold": ["đạt 1,8 tỷ USD"]},
        {"question": "What did Antony Blinken say about catfish?", "answerable": False},
    ]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    return folder


def rag_eval(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    code = "from rag.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, "eval", *map(str, arguments)], capture_output=True, text=True)


def test_a_users_own_suite_runs_and_holds_the_gate(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = rag_eval(own, "--out", out, "--gate")
    assert done.returncode == 0, done.stderr
    assert "fisheries: 2 cases, 0 not right, 0 failed" in done.stdout
    told = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [outcome["case"] for outcome in told["suites"][0]["outcomes"]] == ["1", "2"]
    assert told["settings"]["embedder"] == "bundled"
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")

    (own / "suite.toml").write_text(OWN.replace('"all: refusal recall" = 1.0', '"all: MRR@10" = {most = 0.2}'))
    again = rag_eval(own, "--out", out, "--gate", "--baseline", out / "report.json")
    assert again.returncode == 1
    assert "ABOVE: fisheries: all: MRR@10 is 1.0000, more than its ceiling 0.2" in again.stdout
    assert "+0 -0 of 1" in again.stdout


def test_new_articles_make_a_users_suite_run_again(own: Path) -> None:
    before = suites.from_folder(own).load(Options())
    (own / "articles" / "tom.txt").write_text("Tôm sú được giá.\n", encoding="utf-8")
    assert suites.from_folder(own).load(Options()) != before


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("kin = 'names'", "`kin` is not a key"),
        ("kind = 'poems'", "`kind` is 'poems'"),
        ("name = 'qa'", "no suite's own name"),
        ("articles = 'none'", "which is missing"),
        ("cases = 'none.jsonl'", r"none\.jsonl cannot be read"),
        ("=", "is not TOML"),
    ],
)
def test_a_mistake_in_a_users_suite_is_named(own: Path, told: str, why: str) -> None:
    cases = "" if "cases" in told else 'cases = "questions.jsonl"\n'
    (own / "suite.toml").write_text(cases + told, encoding="utf-8")
    with pytest.raises(InputError, match=why):
        suites.from_folder(own)


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("names", {"forms": {"vi": ["Vương Nghị"], "zh": ["王毅"]}}),
        ("cleaning", {"text": "Trang chủ\nNgày 13/7, hai bộ trưởng gặp nhau tại Jakarta.\nChia sẻ", "kept": [2]}),
    ],
)
def test_names_and_pages_can_be_suites_of_ones_own(tmp_path: Path, kind: str, record: dict[str, Any]) -> None:
    (tmp_path / "suite.toml").write_text(f'name = "mine"\nkind = "{kind}"\n', encoding="utf-8")
    (tmp_path / "cases.jsonl").write_text(json.dumps(record), encoding="utf-8")
    finished = runner.run(suites.from_folder(tmp_path), Options(), settings=SETTINGS)
    assert finished.outcomes
    assert all(outcome.right for outcome in finished.outcomes)


def test_without_the_harness_the_command_says_where_it_is() -> None:
    code = "import sys; sys.modules['eval'] = None; sys.argv = ['rag', 'eval']; from rag.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "rag: the harness is not here; run `rag eval` in a checkout of the repository\n"
