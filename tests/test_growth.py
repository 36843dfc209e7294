"""The growth benchmark: its articles are the same for all, its arithmetic is right."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from eval import growth, hnsw
from eval.growth_corpus import LINES, Pool, article, write
from eval.growth_figures import exponent, plot, totals
from eval.growth_ingest import Stages, StandIn, Step, read, save
from eval.growth_peer import scores


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool.load(data=None)


def test_an_article_depends_on_its_number_and_the_seed_alone(pool: Pool) -> None:
    assert article(pool, 7) == article(pool, 7) != article(pool, 8)
    assert article(pool, 7) != article(pool, 7, seed=1)


def test_articles_are_distinct_and_of_both_languages(pool: Pool) -> None:
    made = [article(pool, number) for number in range(400)]
    assert len({each["text"] for each in made}) == 400
    assert {each["lang"] for each in made} == {"vi", "en"}
    assert 30 < np.median([len(each["text"].split()) for each in made]) < 120


def test_a_small_set_is_the_beginning_of_a_larger_one(tmp_path: Path) -> None:
    small = write(tmp_path / "small", LINES, data=None)
    large = write(tmp_path / "large", 2 * LINES, data=None)
    assert small[0].read_bytes() == large[0].read_bytes()
    lines = [json.loads(line) for file in large for line in file.read_text("utf-8").splitlines()]
    assert len(lines) == 2 * LINES == len({line["title"] + line["text"] for line in lines})


def test_files_that_are_there_stay(tmp_path: Path) -> None:
    (first,) = write(tmp_path, LINES, data=None)
    first.write_text("kept", "utf-8")
    assert write(tmp_path, LINES, data=None) == [first]
    assert first.read_text("utf-8") == "kept"


@pytest.mark.parametrize("power", [0.5, 1.0, 1.7])
def test_the_exponent_of_a_power_is_the_power(power: float) -> None:
    assert exponent([(x, 3 * x**power) for x in (1_000.0, 10_000.0, 100_000.0)]) == pytest.approx(power)


def test_one_size_has_no_exponent() -> None:
    assert math.isnan(exponent([(1_000, 5.0)]))
    assert math.isnan(exponent([(1_000, 5.0), (1_000, 6.0)]))
    assert math.isnan(exponent([(1_000, 0.0), (10_000, 6.0)]))


def test_totals_add_up_and_end_at_a_step_that_is_not_done() -> None:
    slow = Step(10, 20, "bundled", cpu=6.0, calibration=0.2, stages={"embed": 4.0}, done=True)
    steps = [
        Step(0, 10, "bundled", cpu=3.0, calibration=0.1, stages={"embed": 2.0}, done=True),
        slow,
        Step(20, 30, "bundled", cpu=1.0, calibration=0.1),
    ]
    assert totals(steps) == [(10, 3.0), (20, 9.0)]
    assert totals(steps, calibrated=True) == [(10, 3.0), (20, 6.0)]
    assert totals(steps, but=("embed",)) == [(10, 1.0), (20, 3.0)]


def test_a_step_is_kept_and_read_again(tmp_path: Path) -> None:
    step = Step(0, 100, "bundled", cpu=1.5, stages={"embed": 1.0}, disk={"Chroma": 2.0})
    save(step, tmp_path / "step.json")
    assert read(tmp_path / "step.json") == step


def test_steps_end_at_every_size() -> None:
    found = growth.steps([1_000, 10_000, 100_000])
    assert found[:4] == [(0, 1_000), (1_000, 2_000), (2_000, 5_000), (5_000, 10_000)]
    assert found[-1] == (90_000, 100_000)
    assert [first for first, _ in found[1:]] == [last for _, last in found[:-1]]


def test_a_stage_inside_another_counts_once() -> None:
    def work() -> int:
        return sum(range(300_000))

    spent: dict[str, float] = {}
    stages = Stages(spent)
    inner = stages.timed("inner", work)
    outer = stages.timed("outer", lambda: inner() + inner() + inner())
    outer()
    assert spent["inner"] > spent["outer"] >= 0


def test_a_stand_in_vector_is_a_unit_vector_of_its_text() -> None:
    made = StandIn(np.eye(30, 384, dtype=np.float32))
    one, other, again = made.passages(["một", "hai", "một"])
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_recall_counts_each_article_once() -> None:
    asked = [{"pid": "a", "question": "?"}, {"pid": "z", "question": "?"}]
    found = scores(lambda _: ["b", "b", "a"], asked)
    assert (found["R@1"], found["R@5"]) == (0.0, 50.0)
    assert found["nDCG@10"] == pytest.approx(50 / math.log2(3))


def test_hnsw_is_compared_with_exact_search() -> None:
    held = np.eye(40, dtype=np.float32)
    asked = held[:2] + 0.01 * np.arange(40, dtype=np.float32)
    right = hnsw.exact(held, asked)
    assert right[0] == {0, *range(31, 40)}
    assert list(hnsw.recall([[0, 31], sorted(right[1])], right)) == [0.2, 1.0]


def test_the_plot_is_a_picture_with_every_series() -> None:
    picture = plot({"ingest": [(1_000, 2.0), (10_000, 20.0)], "one point": [(1_000, 2.0)]})
    texts = [each.text for each in ElementTree.fromstring(picture).iter() if each.tag.endswith("text")]
    assert {"ingest", "power 1.00"} <= set(texts)
    assert "one point" not in texts
