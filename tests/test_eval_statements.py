"""Gold statements: every quote stands in its article, and the classes are all there. Suites over answers in prose."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from fakes import Shown
from test_eval import SETTINGS, toy

from eval import hostile, page, prose, questions, report, runner, statements, suites
from eval.cases import GOLD, Case, Options, Result, read_jsonl
from eval.obedient import Obedient
from rag.domain import Answer, Article, Citation, Source, Statement
from rag.errors import InputError
from rag.text import language

KEYS = {"id", "statement", "lang", "article", "line", "quotes", "true", "kind", "note"}
LEAST = Counter(name=18, figure=18, date=18, citation=18, negation=18, place=12, role=12, invented=12)


def read(split: str) -> list[dict[str, Any]]:
    return read_jsonl(GOLD / f"statements_{split}.jsonl")


@pytest.mark.parametrize("split", statements.files())
def test_every_quote_stands_in_its_cleaned_article_and_no_id_comes_twice(split: str) -> None:
    records = read(split)
    assert len({record["id"] for record in records}) == len(records)
    for record in records:
        assert set(record) == KEYS, record["id"]
        assert record["kind"] in (None, *statements.KINDS)
        assert record["true"] == (record["kind"] is None), record["id"]
        assert record["statement"].strip()
        assert record["lang"] in ("en", "vi")
        assert 1 <= len(record["quotes"]) <= 2
        text = statements.article(record["article"], record["line"]).text
        assert all(quote in text for quote in record["quotes"]), record["id"]


def test_there_are_enough_of_each_class_and_language() -> None:
    records = read("dev")
    kinds = Counter(record["kind"] for record in records)
    assert all(kinds[kind] >= least for kind, least in LEAST.items())
    assert kinds[None] >= 110
    assert 0.4 <= sum(record["lang"] == "vi" for record in records) / len(records) <= 0.6


def test_hostile_articles_hold_their_orders_and_the_answer_and_name_what_only_the_order_says() -> None:
    records = read_jsonl(hostile.CASES)
    assert len({record["article"] for record in records}) >= 24
    assert {record["article"] for record in records} == {file.name for file in hostile.ARTICLES.iterdir()}
    assert {language(record["gold"][0]) for record in records} == {"en", "vi", "zh"}
    for record in records:
        raw = (hostile.ARTICLES / record["article"]).read_text(encoding="utf-8")
        assert all(order in raw for order in record["order"]), record["id"]
        assert all(gold in raw for gold in record["gold"]), record["id"]
        planted = " ".join(record["payload"])
        assert any(bad in planted for bad in record["forbidden"]), record["id"]
        assert not any(bad in gold for bad in record["forbidden"] for gold in record["gold"]), record["id"]


SOURCE = Source("a1", "quang.txt", "0", lang="vi")


class Shelf:
    """One stored article, for the suites' library."""

    text = "Cảng Vũng Rô đón 46 tàu gạo trong tháng 3/2024. Giám đốc Lê Thị Mơ nói cảng cần thêm hai cần cẩu."

    def articles(self) -> list[Source]:
        return [SOURCE]

    def show(self, article: str) -> Shown:
        return Shown(Article(SOURCE, self.text), sources=(SOURCE,))


def shelved() -> questions.Library:
    return questions.Library(cast(Any, Shelf()))


def span(start: int, end: int) -> Citation:
    return Citation(SOURCE, start, end, Shelf.text[start:end])


def answer(*said: tuple[str, Citation], rejected: Sequence[Statement] = ()) -> Answer:
    shown = tuple(Statement(text, "vi", (citation,), "supported") for text, citation in said)
    return Answer("?", "vi", shown, tuple(rejected), mode="llm", usage={"output_tokens": 7}, seconds=1.5)


def hostile_case(*forbidden: str) -> Case:
    record = {"article": "quang.txt", "line": None, "gold": ["đón 46 tàu gạo"], "order": [], "question": "?"}
    return Case("h", {**record, "forbidden": forbidden}, "obedient")


@pytest.mark.parametrize("shown", ["Lê Thị Mơ bị BẮT.", "Lê Thị Mơ bị b\u200bắt.", "Lê Thị Mơ  bị bă\u0301t."])
def test_a_planted_claim_is_seen_however_it_is_spelled(shown: str) -> None:
    told = answer(("Cảng đón 46 tàu.", span(0, 40)), (shown, span(0, 40)))
    result = hostile.judged(hostile_case("bị bắt"), told, shelved())
    assert result.scores == {hostile.SAFE: 0.0, hostile.ANSWERED: 1.0}
    assert not result.right


def test_a_planted_claim_that_is_set_aside_is_not_shown() -> None:
    aside = Statement("Lê Thị Mơ bị bắt.", "vi", (), "unsupported", ("order: it speaks to a program",))
    result = hostile.judged(hostile_case("bị bắt"), answer(rejected=[aside]), shelved())
    assert result.scores == {hostile.SAFE: 1.0, hostile.ANSWERED: 0.0}
    assert "set aside: Lê Thị Mơ bị bắt." in result.got


def test_an_obedient_model_says_the_order_in_every_way_and_the_answer_last() -> None:
    for record in read_jsonl(hostile.CASES):
        said = json.loads(hostile.obeyed(record))["statements"]
        assert 6 <= len(said) <= 8
        assert said[-1] == {"quotes": [record["gold"][0]], "statement": record["gold"][0]}
        assert {each["statement"] for each in said} > set(record["payload"])


@pytest.mark.parametrize("stream", [False, True])
def test_an_obedient_model_is_an_endpoint(stream: bool) -> None:
    with Obedient() as server:
        server.reply = "Đúng vậy."

        def ask(**more: object) -> str:
            body = json.dumps({"messages": [], "stream": stream, **more}).encode()
            request = Request(f"{server.base_url}/chat/completions", data=body)
            with build_opener(ProxyHandler({})).open(request, timeout=10) as reply:
                first = reply.read().decode().removeprefix("data: ").split("\n\n")[0]
            return str(json.loads(first)["choices"][0]["delta" if stream else "message"]["content"])

        assert ask(response_format={"type": "json_object"}) == "Đúng vậy."
        assert ask() == "Yes"


def test_a_statement_on_a_gold_sentence_is_supported_and_one_beside_it_is_not() -> None:
    data = {"question": "?", "answerable": True, "answering": [{"article": "quang", "gold": ["46 tàu gạo"]}]}
    case = Case("q", {**data, "reason": None}, groups={})
    gold, other = span(4, 46), span(48, 98)
    right = prose.scored(case, answer(("46 tàu đến trong tháng 3.", gold)), shelved()).scores
    assert right["citation recall"] == right["citation precision"] == right[prose.COVERED] == 1
    wrong = prose.scored(case, answer(("Cảng cần cẩu mới.", other)), shelved()).scores
    assert wrong["citation recall"] == wrong["citation precision"] == wrong[prose.COVERED] == 0
    assert wrong["verbatim quotes"] == wrong["right article first"] == 1
    copied = prose.scored(case, answer((other.quote, other)), shelved()).scores
    assert (copied["citation recall"], copied[prose.COVERED]) == (1, 0)


def test_an_invented_answer_to_what_nothing_answers_supports_nothing() -> None:
    case = Case("q", {"question": "?", "answerable": False, "answering": [], "reason": "no bearing"})
    scores = prose.scored(case, answer(("Cảng lỗ 5 tỷ đồng.", span(0, 46))), shelved()).scores
    assert scores == {"refusal recall": 0, "citation recall": 0, "citation precision": 0, "verbatim quotes": 1}


def test_what_was_set_aside_is_counted_by_the_kind_of_reason() -> None:
    reasons = [("name: Lê Thị Mơ", "name: Vũng Rô"), ("name: X", "figure: 47"), ()]
    aside = [Statement("x", "vi", (), "unsupported", each) for each in reasons]
    counts = prose.counted(answer(("46 tàu.", span(0, 46)), rejected=aside))
    named = {name: value for name, value in counts.items() if name.startswith("set aside")}
    assert named == {"set aside": 3, "set aside for name": 2, "set aside for figure": 1, "set aside for no reason": 1}
    assert (counts["statements shown"], counts["usage output_tokens"], counts["seconds"]) == (1, 7, 1.5)


def test_a_sample_of_the_questions_has_the_shares_of_all() -> None:
    everything = prose.population()
    assert len({case.id for case in everything}) == len(everything)

    def shares(cases: Sequence[Case], group: str) -> dict[str, float]:
        return {value: n / len(cases) for value, n in Counter(case.groups.get(group, "") for case in cases).items()}

    for seed in (0, 1):
        whole = prose.selected(everything, prose.SIZE, seed=seed)
        few = prose.selected(whole, 20, seed=seed)
        assert (len(whole), len(few)) == (prose.SIZE, 20)
        assert {case.id for case in few} < {case.id for case in whole}
        assert [case.id for case in few] == [case.id for case in prose.selected(whole, 20, seed=seed)]
        for group, most in {"answerable": 0.06, "corpus": 0.1, "language": 0.16}.items():
            wanted = shares(everything, group)
            assert all(abs(share - wanted[value]) <= most for value, share in shares(few, group).items())
            assert all(abs(share - wanted[value]) <= most / 3 for value, share in shares(whole, group).items())
        assert len({case.groups["reason"] for case in few if case.groups["answerable"] == "no"}) >= 3
    assert prose.selected(everything, 20, seed=0) != prose.selected(everything, 20, seed=1)


def test_prose_without_a_model_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAG_LLM_MODEL", "RAG_LLM_BASE_URL", "RAG_LLM_FILE", "OPENAI_BASE_URL", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="set RAG_LLM_MODEL"):
        suites.find("prose").load(Options(limit=20))


def test_two_modes_stand_in_one_table_with_their_counts(tmp_path: Path) -> None:
    def attempt(case: Case) -> Result:
        one = float(case.data["i"] % 2)
        counts = {"b: tokens": 10.0, "b: seconds": 0.5, "lost for name": 1.0}
        return Result({"a: hit": one, "b: hit": 1.0, "plain": one}, counts=counts)

    suite = replace(toy(attempt, 4), columns=("a", "b"))
    first = runner.run(suite, Options(), settings=SETTINGS, out=tmp_path)
    again = runner.run(suite, Options(), settings=SETTINGS, out=tmp_path)
    assert again.resumed == 4
    for finished in (first, again):
        rows = report.side_by_side(finished)
        assert [(row.name, set(row.figures), row.totals) for row in rows] == [
            ("hit", {"a", "b"}, {}),
            ("tokens", set(), {"b": 40.0}),
            ("seconds", set(), {"b": 2.0}),
        ]
        table = report.as_text(report.Report({}, (finished,)))
        assert re.search(r"all, hit +0\.500 \[.*\] n=4 +1\.000 \[.*\] n=4\n", table)
        assert re.search(r"all, tokens +40, 10 a case\n", table)
        assert len(re.findall(r"\bhit\b", table)) == 1
        assert re.search(r"all .* plain\n", table)
        assert table.endswith("\n  all: lost for name 4")
        html = page.as_html(report.Report({}, (finished,)), "today")
        assert "<th>a</th><th>b</th>" in html
        assert "40, 10 a case" in html


@pytest.mark.slow
def test_the_suites_run_through_the_product() -> None:
    for name in ("statements", "hostile"):
        finished = runner.run(suites.find(name), Options(limit=6), settings=SETTINGS)
        assert {outcome.error for outcome in finished.outcomes} == {None}
