"""Slots of events: found fillers against gold ones, added up over the articles before the scores are taken."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_eval import SETTINGS, toy, values

from eval import metrics, runner
from eval.cases import Case, Options, Result, Suite
from eval.metrics import Tally
from rag import names

FILLERS = st.lists(st.sampled_from("abcd"), max_size=5)


def alike(slot: str, found: str, gold: str) -> bool:
    """What a suite of events passes: people through the bridge, all else by its letters."""
    return names.same(found, gold).match if slot == "participants" else found == gold


def test_slots_are_counted_and_names_meet_through_the_bridge() -> None:
    found = {"kind": ["call"], "participants": ["Wang Yi", "Sergei Lavrov", "Antony Blinken"], "place": ["Jakarta"]}
    gold = {"kind": ["meeting"], "participants": ["Vương Nghị", "Сергей Лавров"], "date": ["XXXX-07-13"]}
    tallies = metrics.slots(found, gold, same=alike)
    assert tallies == {
        "kind": Tally(0, 1, 1),
        "participants": Tally(2, 3, 2),
        "place": Tally(0, 1, 0),
        "date": Tally(0, 0, 1),
    }
    assert sum(tallies.values(), Tally()).scores == pytest.approx((2 / 5, 2 / 4, 4 / 9))


def test_a_gold_filler_is_found_once() -> None:
    twice = {"participants": ["Lavrov", "Sergei Lavrov"]}
    assert metrics.slots(twice, {"participants": ["Sergey Lavrov"]}, same=alike)["participants"] == Tally(1, 2, 1)


def test_a_short_form_that_could_be_two_does_not_take_the_other_ones_place() -> None:
    def holds(slot: str, found: str, gold: str) -> bool:
        return found in gold

    for found in permutations(["Nguyễn", "Nguyễn Phú"]):
        for gold in permutations(["Nguyễn Phú Trọng", "Nguyễn Xuân Phúc"]):
            assert metrics.slots({"who": found}, {"who": gold}, same=holds)["who"] == Tally(2, 2, 2)


def test_nothing_found_of_nothing_is_right_and_nothing_found_of_something_is_not() -> None:
    assert Tally().scores == (1, 1, 1)
    assert Tally(0, 0, 2).scores == (0, 0, 0)
    assert Tally(0, 3, 0).scores == (0, 1, 0)


@given(FILLERS, FILLERS)
def test_with_equal_letters_slots_are_an_overlap(found: list[str], gold: list[str]) -> None:
    tally = metrics.slots({"x": found}, {"x": gold}, same=lambda slot, a, b: a == b)["x"]
    assert tally.scores == pytest.approx(metrics.overlap(found, gold))


def counted() -> Suite:
    """Six articles, the first with ten people to find of whom one is found, the others with one each, found."""

    def attempt(case: Case) -> Result:
        tally = Tally(1, 1, 10) if case.data["i"] == 0 else Tally(1, 1, 1)
        return Result({"slot F1 by article": tally.scores[2]}, tallies={"participants": tally})

    return toy(attempt)


def test_figures_of_slots_are_micro_averages() -> None:
    figures = values(runner.run(counted(), Options(), settings=SETTINGS))
    assert figures["all: participants precision"] == 1
    assert figures["all: participants recall"] == pytest.approx(6 / 15)
    assert figures["all: participants F1"] == pytest.approx(12 / 21)
    assert figures["all: slot F1 by article"] == pytest.approx((2 / 11 + 5) / 6)
    assert figures["all, pair en>vi: participants recall"] == 1


def test_a_case_that_raises_found_nothing_of_what_there_is() -> None:
    def attempt(case: Case) -> Result:
        raise ZeroDivisionError

    cases = [Case("1", {}, missed={"date": Tally(0, 0, 2)})]
    suite = Suite("toy", lambda options: cases, toy(attempt).opened, "date F1")
    assert values(runner.run(suite, Options(), settings=SETTINGS))["all: date F1"] == 0


def test_tallies_of_an_interrupted_run_are_taken_up(tmp_path: Path) -> None:
    first = runner.run(counted(), Options(), settings=SETTINGS, out=tmp_path)
    again = runner.run(counted(), Options(), settings=SETTINGS, out=tmp_path)
    assert again.resumed == 6
    assert again.figures == first.figures
