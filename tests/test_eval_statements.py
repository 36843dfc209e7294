"""Gold statements: every quote stands in its article, and the classes are all there. Suites over answers in prose."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from eval import statements
from eval.cases import GOLD, read_jsonl

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
