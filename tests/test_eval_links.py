"""The suite `links`: B-cubed by hand, and what counts as a planted conflict."""

from __future__ import annotations

import pytest

from eval.gold_events import articles
from eval.links import is_planted
from eval.metrics import b_cubed, harmonic
from rag.cite import cite
from rag.domain import Conflict


def test_b_cubed_of_the_paper_by_hand() -> None:
    gold = [["a", "b", "c"], ["d"]]
    scores = b_cubed([["a", "b"], ["c", "d"]], gold)
    assert scores == {"a": (1, 2 / 3), "b": (1, 2 / 3), "c": (1 / 2, 1 / 3), "d": (1 / 2, 1)}


def test_an_item_that_was_not_found_stands_alone_and_unknown_ones_count_for_nothing() -> None:
    assert b_cubed([["a", "x"]], [["a", "b"]]) == {"a": (1, 1 / 2), "b": (1, 1 / 2)}


def test_f1_is_the_harmonic_mean() -> None:
    assert harmonic(1, 0.5) == pytest.approx(2 / 3)
    assert harmonic(0, 0) == 0


def _conflict(vi: str, en: str) -> Conflict:
    one, other = (articles("synthetic")[name, 0] for name in ("vi01_busan_pin.txt", "en01_busan_battery.txt"))
    at, there = one.text.index(vi), other.text.index(en)
    cited = cite(one, at, at + len(vi)), cite(other, there, there + len(en))
    return Conflict("figure", ((vi, cited[0]), (en, cited[1])))


def test_a_planted_conflict_is_found_where_both_of_its_values_are_cited() -> None:
    planted = {
        "field": "figures: cost of the plant",
        "values": [
            {"article": "vi01_busan_pin.txt", "text": "320 triệu USD", "value": "320"},
            {"article": "en01_busan_battery.txt", "text": "about $300 million", "value": "300"},
        ],
    }
    assert is_planted(_conflict("320 triệu USD", "$300 million"), planted)
    assert not is_planted(_conflict("500 kỹ sư", "$300 million"), planted)
    assert not is_planted(_conflict("320 triệu USD", "$300 million"), planted | {"field": "date"})
