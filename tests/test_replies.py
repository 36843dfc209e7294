"""Replies of models, good and bad, read as they arrive."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from rag.replies import Reader, Shape, odds, odds_of, strict


class Written(BaseModel):
    quotes: list[str]
    statement: str


class Reply(BaseModel):
    answered: bool
    statements: list[Written] = Field(default_factory=list)


SHAPE = Shape(Reply, "statements")
FIRST = {"quotes": ['Ông nói: "Hai nước {là} bạn [cũ]," rồi về.\n'], "statement": "Nguyễn Phú Trọng đã về."}
SECOND = {"quotes": ["a\\", '\\"'], "statement": "Đã ký."}
WHOLE = {"answered": True, "statements": [FIRST, SECOND]}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read(text: str, size: int = 3, each: str | None = "statements") -> Reader:
    reader = Reader(each)
    for start in range(0, len(text), size):
        reader.feed(text[start : start + size])
    return reader


@given(
    fields=st.dictionaries(st.text(), values, min_size=1, max_size=4),
    items=st.lists(st.dictionaries(st.text(), values, max_size=3), max_size=4),
    size=st.integers(1, 9),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 2]),
)
def test_what_json_holds_is_read_the_same_in_pieces(
    fields: dict[str, Any], items: list[dict[str, Any]], size: int, ascii_only: bool, indent: int | None
) -> None:
    whole = {**fields, "statements": items}
    reader = read(json.dumps(whole, ensure_ascii=ascii_only, indent=indent), size)
    assert reader.closed
    assert reader.whole() == whole
    assert reader.found == items


@given(cut=st.integers(0, 200))
def test_of_a_reply_that_ends_in_the_middle_only_finished_objects_are_kept(cut: int) -> None:
    text = json.dumps(WHOLE, ensure_ascii=False)
    reader = read(text[:cut])
    finished = [item for item in (FIRST, SECOND) if text.find(json.dumps(item, ensure_ascii=False)) >= 0]
    ends = [
        text.find(json.dumps(item, ensure_ascii=False)) + len(json.dumps(item, ensure_ascii=False)) for item in finished
    ]
    assert reader.found == [item for item, end in zip(finished, ends, strict=True) if end <= cut]
    assert reader.closed == (cut >= len(text))


def test_an_object_is_given_with_the_piece_that_finishes_it() -> None:
    reader = Reader("statements")
    assert reader.feed('{"answered": true, "statements": [{"quotes": [], "statement": "Đã ký."') == []
    assert reader.feed("}, {") == [{"quotes": [], "statement": "Đã ký."}]


@pytest.mark.parametrize(
    "text",
    [
        "```json\n{}\n```".replace("{}", json.dumps(WHOLE)),
        "Sure [1], here {it} is: " + json.dumps(WHOLE) + " I hope that {helps}!",
        '<think>It is {"answered": false, "statements": []}, no.</think>' + json.dumps(WHOLE),
        json.dumps(WHOLE).replace("}]", "},\n ]").replace("]}", "],}"),
    ],
    ids=["fence", "words around", "thoughts first", "commas too many"],
)
def test_json_is_found_in(text: str) -> None:
    reader = read(text)
    assert reader.whole() == WHOLE
    assert reader.closed


def test_a_bare_list_counts_as_the_list_that_was_asked_for() -> None:
    assert read(json.dumps([FIRST, SECOND])).whole() == {"statements": [FIRST, SECOND]}


@given(st.text(alphabet='{}[]",:\\ ntabc1é\n', max_size=80) | st.text(max_size=80))
def test_no_text_is_too_strange_to_read(text: str) -> None:
    reader = read(text)
    end, complete = SHAPE.end(reader, [item for item in map(SHAPE.item, reader.found) if item])
    assert not complete or Reply.model_validate(end)


@pytest.mark.parametrize("part", ["[", '{"a":', '"', "\\", '{"', '{"statements":[{', "}", ",", '{"a":1,', "1" * 50])
def test_a_long_strange_reply_takes_linear_time(part: str) -> None:
    text = '{"statements": ' + part * (20_000 // len(part))
    started = time.perf_counter()
    SHAPE.end(read(text, 50), [])
    assert time.perf_counter() - started < 2


def test_objects_and_replies_of_other_types_are_none() -> None:
    assert SHAPE.item({"quotes": "no list", "statement": "x"}) is None
    assert SHAPE.item({"statement": "x"}) is None
    assert SHAPE.item({**FIRST, "more": 1}) == FIRST
    assert SHAPE.whole({"answered": "perhaps"}) is None
    assert SHAPE.whole({"else": 1}) is None


@pytest.mark.parametrize("statements", ["none", [1, 2], [{"statement": 3}], {"a": 1}])
def test_a_list_with_nothing_usable_in_it_is_no_complete_reply(statements: Any) -> None:
    assert SHAPE.read(json.dumps({"answered": True, "statements": statements})) == []


def test_a_reply_that_was_cut_before_its_list_is_not_complete() -> None:
    reader = read('{"answered": true, "statements": [{"quo')
    assert SHAPE.end(reader, []) == ({"answered": True, "statements": []}, False)


def test_the_schema_asks_for_every_field_and_no_other() -> None:
    class Odd(BaseModel):
        title: str = "a field that is named like a keyword"
        default: int = 1

    found = strict(Odd.model_json_schema())
    assert found["required"] == ["title", "default"]
    assert found["properties"] == {"title": {"type": "string"}, "default": {"type": "integer"}}
    assert found["additionalProperties"] is False
    assert SHAPE.schema["$defs"]["Written"]["required"] == ["quotes", "statement"]
    assert "default" not in SHAPE.schema["properties"]["statements"]


def test_the_odds_count_every_spelling_of_yes_and_no() -> None:
    assert odds([("Yes", -0.1), ("No", -2.1)]) == pytest.approx(2.0)
    assert odds([("Yes", -1.0), (" yes", -1.0), ("NO", -1.0)]) == pytest.approx(0.693, abs=0.001)
    assert odds([("No", -0.1), ("Perhaps", -5.1)]) == pytest.approx(-5.0)
    assert odds([("Perhaps", -0.1)]) is None
    assert odds([]) is None
    assert odds([("Yes", float("-inf")), ("No", float("-inf"))]) == 0.0


def test_without_probabilities_the_first_word_counts() -> None:
    assert odds_of("**Yes**, it is") == 4.0
    assert odds_of("no.") == -4.0
    assert odds_of("Nobody knows") is None
    assert odds_of("") is None
