"""Suites over re-published articles, official readouts and claims; a user's own suites through the command itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from test_eval import SETTINGS, rag_eval, toy, values

from eval import duplicates, evidence, page, readouts, report, runner, suites
from eval.cases import ROOT, Case, Options, Result
from eval.main import main
from rag.errors import InputError

TALKS = (
    "Ngày 5/3/2024, Bộ trưởng Ngoại giao Trần Văn Lực đã tiếp Đại sứ Na Uy Sigrun Aaberg tại Hà Nội.\n"
    "Hai bên trao đổi về xuất khẩu cá tra và kiểm soát chất lượng nước nuôi ở đồng bằng sông Cửu Long.\n"
    "Đại sứ cho biết các trại nuôi của Na Uy sẵn sàng chia sẻ kinh nghiệm về giống và thức ăn.\n"
    "Bộ trưởng đề nghị hai nước sớm ký bản ghi nhớ về thủy sản trong năm nay.\n"
)
PORT = (
    "Ngày 6/3/2024, cảng Hải Phòng đón chuyến tàu hàng đầu tiên từ Vladivostok sau nhiều năm gián đoạn.\n"
    "Con tàu chở gỗ và phân bón, theo ban quản lý cảng, và sẽ quay lại với hàng dệt may vào tuần tới.\n"
)


def written(folder: Path, name: str, content: str | Sequence[Mapping[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else "".join(json.dumps(each) + "\n" for each in content)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_republished_article_is_found_in_every_order_and_the_others_are_left_alone(tmp_path: Path) -> None:
    for name, text in (("a.txt", TALKS), ("b.txt", PORT), ("c.txt", f"Trang chủ\n{TALKS}Chia sẻ\n")):
        written(tmp_path, name, text)
    pair = {"article": "c.txt", "of": {"article": "a.txt"}, "kind": "exact"}
    finished = runner.run(duplicates.folder("mine", [pair], [tmp_path], {}), Options(), settings=SETTINGS)
    assert {outcome.error for outcome in finished.outcomes} == {None}
    assert len(finished.outcomes) == 3 * (1 + 3)
    assert set(values(finished).values()) == {1.0}
    assert {figure.n for figure in finished.figures if figure.metric == "left alone"} == {1}


def test_two_reports_taken_for_one_and_a_version_taken_for_another_report_lower_the_scores(tmp_path: Path) -> None:
    for name, text in (("a.txt", TALKS), ("b.txt", PORT), ("c.txt", TALKS)):
        written(tmp_path, name, text)
    wrong = {"article": "b.txt", "of": {"article": "a.txt"}, "kind": "near"}
    finished = runner.run(duplicates.folder("mine", [wrong], [tmp_path], {}), Options(), settings=SETTINGS)
    figures = values(finished)
    assert figures["as listed: recall"] == figures["as listed: precision"] == figures["as listed: left alone"] == 0
    assert figures["reversed: same as listed"] == 1


def test_a_pair_that_names_no_article_is_told(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", TALKS)
    with pytest.raises(InputError, match="pair 1 needs `article`"):
        duplicates.folder("mine", [{"article": "a.txt", "of": {"article": "z.txt"}}], [tmp_path], {}).load(Options())


def readout(line: int, kind: str, day: str, a: str, b: str, text: str) -> dict[str, Any]:
    title = f"Readout of {a} {'Call' if kind == 'call' else 'Meeting'} with {b}"
    sides = {"side_a": a, "side_b": b, "event_type": kind, "virtual": False}
    return {"id": str(line), "url": f"https://example.org/{line}", "date": day, "title": title, "text": text, **sides}


READOUTS = [
    readout(1, "call", "2021-03-01", "President Joseph R. Biden, Jr.", "Prime Minister Kishida Fumio of Japan",
            "President Biden spoke today with Prime Minister Kishida Fumio of Japan about steel and the climate."),
    readout(2, "meeting", "2021-05-02", "President Biden", "Prime Minister Kishida of Japan",
            "President Biden met today with Prime Minister Kishida of Japan. They discussed semiconductors."),
    readout(3, "call", "2021-06-03", "Vice President Harris", "President Andr\\xE9s Manuel L\\xF3pez Obrador of Mexico",
            "Vice President Harris spoke today with President López Obrador of Mexico about migration."),
    readout(4, "call", "2021-06-04", "White House", "Airline Leaders",
            "White House officials met with leaders of airlines on sustainable fuel."),
]  # fmt: skip


def test_the_sides_of_a_title_become_persons() -> None:
    def told(side: str, *, home: bool = False) -> list[tuple[str, str, str]]:
        return [(person.title, person.name, person.country) for person in readouts.persons(side, home=home)]

    assert told("Vice President Kamala Harris", home=True) == [("Vice President", "Kamala Harris", "US")]
    assert told("President Joseph R. Biden, Jr.", home=True) == [("President", "Joseph R. Biden", "US")]
    assert told("norwegian foreign minister Anniken Huitfeldt") == [("Foreign Minister", "Anniken Huitfeldt", "NO")]
    assert told("President Niinist\\xF6 of Finland on Trade") == [("President", "Niinistö", "FI")]
    assert told("President Macron of France, Chancellor Scholz of Germany, and Prime Minister Draghi of Italy") == [
        ("President", "Macron", "FR"),
        ("Chancellor", "Scholz", "DE"),
        ("Prime Minister", "Draghi", "IT"),
    ]
    assert told("European Leaders") == told("President Macron") == told("Crown Prince Mishal Al-Sabah of Kuwait") == []


def test_readouts_are_asked_for_by_their_sides_in_two_languages_and_by_the_day_where_there_are_several() -> None:
    cases = readouts.cases_of(READOUTS)
    asked = {case.data["question"]: case.data["relevant"] for case in cases}
    assert asked["What did President Joseph R. Biden and Prime Minister Kishida Fumio of Japan discuss?"] == [1, 2]
    assert asked["Phó Tổng thống Harris và Tổng thống Mexico Andrés Manuel López Obrador đã trao đổi về những gì?"] == [
        3
    ]
    sides = "Tổng thống Joseph R. Biden và Thủ tướng Nhật Bản Kishida Fumio đã trao đổi về những gì"
    assert asked[f"{sides} trong cuộc gặp ngày 2/5/2021?"] == [2]
    assert asked["What did Vice President Harris and Prime Minister Kishida Fumio of Japan discuss?"] == []
    assert len({case.id for case in cases}) == len(cases)
    assert cases == readouts.cases_of(READOUTS)


def test_readouts_are_searched_and_asked_without_their_titles(tmp_path: Path) -> None:
    written(tmp_path / "wh_readouts", "few.jsonl", READOUTS)
    finished = runner.run(readouts.suite(), Options(tmp_path), settings=SETTINGS)
    assert {outcome.error for outcome in finished.outcomes} == {None}
    figures = values(finished)
    assert figures["all, asked sides: Recall@10"] == 1
    assert {"all, pair en>en: nDCG@10", "all, pair vi>en: nDCG@10", "all: refusal recall"} <= set(figures)
    assert all("Readout of" not in outcome.wanted for outcome in finished.outcomes)


PAGE = [
    "(meta data) TITLE: Catfish news", "Skip to content",
    "Vietnam exported catfish worth 1.8 billion dollars last year, the fisheries directorate said.",
    "Tran Van Luc asked the provinces to watch the water in which catfish are raised.", "Share this page",
]  # fmt: skip
CLAIMS = [
    {"label": "supported", "supporting_sentences": [[2]], "evidence": PAGE,
     "claim": "Vietnam exported catfish worth 1.8 billion dollars."},
    {"label": "not_supported", "supporting_sentences": [[], [3]], "evidence": PAGE,
     "claim": "Antony Blinken praised the catfish of Vietnam."},
]  # fmt: skip


def test_a_claim_is_asked_of_the_page_that_it_cites(tmp_path: Path) -> None:
    written(tmp_path / "wice", "dev.jsonl", CLAIMS)
    finished = runner.run(evidence.suite(), Options(tmp_path), settings=SETTINGS)
    assert {outcome.error for outcome in finished.outcomes} == {None}
    figures = values(finished)
    assert figures["all: Success@1"] == figures["all: Recall@5"] == figures["all: search: Success@1"] == 1
    assert figures["all: refusal recall"] == figures["all: refusal precision"] == 1


def test_the_best_of_alternative_sets_counts() -> None:
    sets = [frozenset({"1", "2", "3", "4"}), frozenset({"7"})]
    assert evidence.best(sets, ["7", "1"], ["Recall@5", "MRR@10"]) == {"Recall@5": 1, "MRR@10": 1}
    assert evidence.best(sets, ["5", "1", "2", "3"], ["Recall@5", "MRR@10"]) == {"Recall@5": 0.75, "MRR@10": 0.5}


def test_a_claim_whose_sentences_its_page_lacks_is_named() -> None:
    with pytest.raises(InputError, match="claim 1 has no supporting sentences"):
        evidence.cases_of([{**CLAIMS[0], "supporting_sentences": [[9]]}])


def test_the_page_has_a_table_by_languages_and_the_parity_gap() -> None:
    def attempt(case: Case) -> Result:
        return Result({"score": case.data["i"] % 2 * 0.5}, got="7 > 5", right=False)

    finished = runner.run(toy(attempt, 12), Options(), settings=SETTINGS)
    html = page.as_html(report.Report({}, (finished,)), "today")
    assert "all: score by languages; parity gap between language pairs 0.500" in html
    assert "<th>asked in vi</th><td class='n'" in html
    assert "<a href='#toy'>toy</a>: score all 0.250" in html
    assert html.count("7 &gt; 5") == 12


def test_other_public_data_under_the_same_name_is_run_again(tmp_path: Path) -> None:
    file = written(tmp_path / "data" / "wice", "dev.jsonl", CLAIMS)
    before = report.settings_of(Options(tmp_path / "data"))
    assert report.settings_of(Options(tmp_path / "data")) == before
    file.write_text(json.dumps(CLAIMS[0]), encoding="utf-8")
    assert report.settings_of(Options(tmp_path / "data")) != before


def own(folder: Path) -> dict[str, Path]:
    """A suite of each kind, as docs/evaluation.md tells a user to write it."""
    records: dict[str, Sequence[Mapping[str, Any]]] = {
        "questions": [{"question": "Cảng Hải Phòng đón chuyến tàu nào?", "article": "b.txt", "gold": ["Vladivostok"]}],
        "duplicates": [{"article": "c.txt", "of": {"article": "a.txt"}, "kind": "exact"}],
        "names": [{"forms": {"vi": ["Vương Nghị"], "zh": ["王毅"], "en": ["Wang Yi"]}}],
        "cleaning": [{"text": f"Trang chủ\n{PORT}Chia sẻ", "kept": [2, 3]}],
    }
    for name, text in (("a.txt", TALKS), ("b.txt", PORT), ("c.txt", f"Trang chủ\n{TALKS}Chia sẻ\n")):
        written(folder / "articles", name, text)
    headline = {"questions": "Success@5", "duplicates": "x", "names": "recall", "cleaning": "line F1"}
    for kind, cases in records.items():
        split = "reversed" if kind == "duplicates" else "all"
        score = "left alone" if kind == "duplicates" else headline[kind]
        articles = 'articles = "../articles"\n' if kind in ("questions", "duplicates") else ""
        told = f'name = "my-{kind}"\nkind = "{kind}"\n{articles}\n[floors]\n"{split}: {score}" = 1.0\n'
        written(folder / kind, "suite.toml", told)
        written(folder / kind, "cases.jsonl", cases)
    return {kind: folder / kind for kind in records}


def test_a_users_own_suites_of_every_kind_run_from_the_command_and_hold_the_gate(tmp_path: Path) -> None:
    folders, out = own(tmp_path / "mine"), tmp_path / "out"
    done = rag_eval(*folders.values(), "--out", out, "--gate")
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [suite["suite"] for suite in told["suites"]] == [f"my-{kind}" for kind in folders]
    assert all(suite["failed"] == 0 and suite["resumed"] == 0 for suite in told["suites"])

    written(folders["cleaning"], "cases.jsonl", [{"text": f"Trang chủ\n{PORT}Chia sẻ", "kept": [1, 2, 3, 4]}])
    again = rag_eval(folders["cleaning"], folders["names"], "--out", out, "--gate")
    assert again.returncode == 1
    assert [line.partition(": ")[2][:11] for line in again.stdout.splitlines() if "BELOW" in line] == ["my-cleaning"]


def test_the_docs_tell_of_every_suite_and_kind() -> None:
    told = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert not [name for name in (*suites.SUITES, *suites.KINDS) if f"\n| `{name}` |" not in told]


def test_a_duplicates_suite_of_ones_own_needs_its_articles(tmp_path: Path) -> None:
    folder = own(tmp_path)["duplicates"]
    written(folder, "suite.toml", 'name = "mine"\nkind = "duplicates"\n')
    with pytest.raises(InputError, match="which is missing"):
        main([str(folder)], out=tmp_path / "out")
