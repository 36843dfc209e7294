"""The fresh gold questions: every gold string stands in the raw file, and every record keeps to the README's words."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "eval" / "data"
FILES = ("seeds_fresh.jsonl", "synthetic_fresh.jsonl", "nearmiss_dev.jsonl")
REASONS = {"unknown name", "no article with all", "fact not stated", "no bearing"}
KINDS = {"names", "spelling", "place", "no name"}
SCRIPTS = {"zh": r"[\u4e00-\u9fff]", "ru": r"[\u0400-\u04ff]", "en": r"^[\x00-\x7f]*$"}

Record = dict[str, Any]


def read(name: str) -> list[Record]:
    records: list[Record] = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return records


def corpus(name: str, record: Record) -> str:
    return str(record.get("corpus", name.split("_")[0]))


def raw(where: str, answer: Record) -> str:
    """The raw text of one article: the whole file, or `text` of the named line of a .jsonl file."""
    if where == "seeds":
        (path,) = (ROOT / "seeds").glob(f"{answer['article']}_*.txt")
        return path.read_text(encoding="utf-8")
    text = (DATA / "synthetic" / str(answer["article"])).read_text(encoding="utf-8")
    if answer["article"].endswith(".jsonl"):
        return str(json.loads(text.splitlines()[answer["line"] - 1])["text"])
    assert "line" not in answer
    return text


def language(answer: Record) -> str:
    """The language of a synthetic article: its line's own, otherwise the two letters that start the file's name."""
    name = str(answer["article"])
    if name.endswith(".jsonl"):
        lines = (DATA / "synthetic" / name).read_text(encoding="utf-8").splitlines()
        return str(json.loads(lines[answer["line"] - 1])["lang"])
    return name[:2]


def answers(record: Record) -> Iterator[Record]:
    yield record
    yield from record.get("also", [])


def form(record: Record) -> str:
    """The form that the question's letters show."""
    question, spelled = record["question"], record["lang"] in ("en", "vi")
    marks = (
        (record["lang"] == "vi" and question.isascii(), "no diacritics"),
        (spelled and question == question.lower(), "lower case"),
    )
    return ", ".join(word for shown, word in marks if shown) or "plain"


@pytest.mark.parametrize("name", FILES)
def test_every_gold_string_stands_in_one_line_of_its_raw_file(name: str) -> None:
    for record in read(name):
        for answer in answers(record) if record["answerable"] else ():
            assert answer["gold"], record["id"]
            text = raw(corpus(name, record), answer)
            assert [gold for gold in answer["gold"] if gold not in text or "\n" in gold] == [], record["id"]


@pytest.mark.parametrize("name", FILES)
def test_only_answerable_questions_have_gold(name: str) -> None:
    for record in read(name):
        if record["answerable"]:
            assert all(record["gold"]), record["id"]
            assert record["reason"] is None, record["id"]
        else:
            assert (record["article"], record["gold"]) == (None, []), record["id"]
            assert record["reason"] in REASONS, record["id"]
            assert not {"also", "line", "cross"} & set(record), record["id"]


@pytest.mark.parametrize("name", FILES)
def test_no_article_answers_twice_in_one_record(name: str) -> None:
    for record in read(name):
        named = [(answer["article"], answer.get("line")) for answer in answers(record)]
        assert len(set(named)) == len(named), record["id"]


@pytest.mark.parametrize("name", FILES)
def test_form_script_and_kind_are_the_readme_s(name: str) -> None:
    for record in read(name):
        assert record["form"] == form(record), record["id"]
        assert record["kind"] in KINDS, record["id"]
        assert record["lang"] in {"en", "vi", "zh", "ru"}, record["id"]
        if record["lang"] in SCRIPTS:
            assert re.search(SCRIPTS[record["lang"]], record["question"]), record["id"]


@pytest.mark.parametrize("name", FILES)
def test_cross_says_whether_an_article_speaks_the_question_s_language(name: str) -> None:
    for record in read(name):
        if corpus(name, record) == "synthetic" and record["answerable"]:
            spoken = {language(answer) for answer in answers(record)}
            assert record["cross"] is (record["lang"] not in spoken), record["id"]


def test_ids_and_questions_are_used_once() -> None:
    older = [path.name for path in DATA.glob("*.jsonl") if path.name not in FILES]
    records = [record for name in (*older, *FILES) for record in read(name) if "question" in record]
    fresh = [record for name in FILES for record in read(name)]
    identifiers = [record["id"] for record in records]
    assert len(set(identifiers)) == len(identifiers)
    seen: dict[str, list[str]] = defaultdict(list)
    for record in records:
        seen[record["question"].casefold().rstrip("?？ ")].append(record["id"])
    assert [ids for ids in seen.values() if len(ids) > 1 and {r["id"] for r in fresh} & set(ids)] == []


def test_a_pair_is_one_answerable_question_and_one_near_miss_in_one_language() -> None:
    pairs: dict[int, list[Record]] = defaultdict(list)
    for record in read("nearmiss_dev.jsonl"):
        pairs[record["pair"]].append(record)
    for first, second in pairs.values():
        assert (first["answerable"], second["answerable"]) == (True, False), first["id"]
        assert second["reason"] == "fact not stated", second["id"]
        assert all(first[key] == second[key] for key in ("corpus", "lang", "kind")), first["id"]


def test_development_pairs_keep_off_the_held_out_articles() -> None:
    """A synthetic article that only held-out questions ask about has no near miss to tune on."""
    splits: dict[tuple[str, int | None], set[str]] = defaultdict(set)
    for record in read("synthetic_questions.jsonl"):
        for answer in answers(record) if record["answerable"] else ():
            splits[answer["article"], answer.get("line")].add(record["split"])
    for record in read("nearmiss_dev.jsonl"):
        if corpus("nearmiss_dev.jsonl", record) == "synthetic" and record["answerable"]:
            for answer in answers(record):
                assert splits[answer["article"], answer.get("line")] != {"held"}, record["id"]
