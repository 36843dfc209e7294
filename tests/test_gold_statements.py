"""The gold statements: every quote stands in its cleaned article, and every false one says what is wrong with it."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rag.domain import Article
from rag.prepare import clean_file

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "eval" / "data"
FRESH = DATA / "statements_fresh"
FOLDERS = (ROOT / "seeds", DATA / "synthetic", FRESH)
FILES = sorted(path.name for path in DATA.glob("statements_*.jsonl"))
KEYS = {"id", "statement", "lang", "article", "line", "quotes", "true", "kind", "note"}
MANY = {"name", "figure", "date", "citation", "negation"}
KINDS = MANY | {"place", "role", "invented"}

Record = dict[str, Any]


def read(name: str) -> list[Record]:
    records: list[Record] = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return records


@cache
def cleaned(name: str, line: int | None) -> Article:
    """The article as a reader of the store sees it: of a .jsonl file, the one of the line, from 1."""
    (path,) = [path for path in (folder / name for folder in FOLDERS) if path.exists()]
    found = clean_file(str(path))[0 if line is None else line - 1]
    assert isinstance(found, Article), name
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_quote_is_verbatim_in_its_cleaned_article(name: str) -> None:
    for record in read(name):
        assert (record["line"] is not None) == record["article"].endswith(".jsonl"), record["id"]
        text = cleaned(record["article"], record["line"]).text
        assert 1 <= len(record["quotes"]) <= 2, record["id"]
        assert [quote for quote in record["quotes"] if not quote.strip() or quote not in text] == [], record["id"]


@pytest.mark.parametrize("name", FILES)
def test_a_true_statement_has_no_kind_and_a_false_one_says_what_was_changed(name: str) -> None:
    for record in read(name):
        assert set(record) == KEYS, record["id"]
        assert isinstance(record["true"], bool), record["id"]
        if record["true"]:
            assert record["kind"] is None, record["id"]
        else:
            assert record["kind"] in KINDS, record["id"]
            assert record["note"], record["id"]


@pytest.mark.parametrize("name", FILES)
def test_a_statement_is_one_line_in_the_language_that_it_names(name: str) -> None:
    for record in read(name):
        statement = record["statement"]
        assert statement == " ".join(statement.split()), record["id"]
        assert record["lang"] in {"en", "vi"}, record["id"]
        assert bool(re.search("[ăđơưạ-ỹ]", statement, re.IGNORECASE)) is (record["lang"] == "vi"), record["id"]


def test_no_id_and_no_statement_stands_in_two_records() -> None:
    records = [record for name in FILES for record in read(name)]
    assert [key for key, count in Counter(record["id"] for record in records).items() if count > 1] == []
    said = Counter((record["statement"], *record["quotes"]) for record in records)
    assert [key for key, count in said.items() if count > 1] == []


def test_the_held_statements_are_of_every_kind_and_cross_the_languages() -> None:
    records = read("statements_held.jsonl")
    false = Counter(record["kind"] for record in records if not record["true"])
    assert {kind: false[kind] for kind in KINDS if false[kind] < (20 if kind in MANY else 14)} == {}
    assert false.total() >= 140
    assert sum(record["true"] for record in records) >= 130
    english = sum(record["lang"] == "en" for record in records) / len(records)
    crossing = [record["lang"] != cleaned(record["article"], record["line"]).source.lang for record in records]
    assert 0.4 < english < 0.6
    assert 0.4 < sum(crossing) / len(records) < 0.6


def test_the_fresh_statements_are_of_every_kind_and_cross_the_languages() -> None:
    records = read("statements_fresh.jsonl")
    false = Counter(record["kind"] for record in records if not record["true"])
    assert {kind: false[kind] for kind in KINDS if false[kind] < (16 if kind in MANY else 10)} == {}
    assert false.total() >= 110
    assert sum(record["true"] for record in records) >= 110
    english = sum(record["lang"] == "en" for record in records) / len(records)
    crossing = [record["lang"] != cleaned(record["article"], record["line"]).source.lang for record in records]
    assert 0.4 < english < 0.6
    assert 0.4 < sum(crossing) / len(records) < 0.6


def test_the_fresh_statements_are_about_all_of_their_own_articles_and_of_no_others() -> None:
    about = {record["article"] for record in read("statements_fresh.jsonl")}
    assert about == {path.name for path in FRESH.iterdir()}
    assert Counter(cleaned(name, None).source.lang for name in about) == {"en": 5, "vi": 5}


@pytest.mark.parametrize("path", sorted(FRESH.iterdir()), ids=lambda path: path.stem)
def test_cleaning_keeps_the_whole_of_a_fresh_article(path: Path) -> None:
    title, *paragraphs = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    article = cleaned(path.name, None)
    assert article.source.title == title
    assert article.text == "\n".join(paragraphs)
