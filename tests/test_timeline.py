"""`rag timeline` over a real store: a person in any spelling, a country, what has no year under its own heading."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli import app
from rag.timeline import is_country

runner = CliRunner()


def told(store: Path, about: str, *options: str) -> str:
    done = runner.invoke(app, ["timeline", about, "--store", str(store), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_person_has_one_timeline_in_either_spelling(seeds_store: Path) -> None:
    vietnamese, english = (told(seeds_store, name).split("\n", 1)[1] for name in ("Vương Nghị", "Wang Yi"))
    assert vietnamese == english
    assert "Spellings: Vương Nghị" in vietnamese


def test_a_day_whose_year_nobody_states_stands_apart(seeds_store: Path) -> None:
    dated, undated = told(seeds_store, "Lavrov").split("## Year not stated")
    assert "2023-02-02/2023-02-03" in dated
    assert "13 July (year not stated)" in undated


def test_a_country_has_the_same_timeline_by_name_and_by_code(seeds_store: Path) -> None:
    by_name, by_code = (json.loads(told(seeds_store, about, "--json")) for about in ("Trung Quốc", "CN"))
    assert by_name["kind"] == by_code["kind"] == "country"
    assert by_name["events"] == by_code["events"]
    assert by_name["events"][0]["headline"]["citations"][0]["quote"]


def test_a_period_leaves_out_what_states_no_year_and_counts_it(seeds_store: Path) -> None:
    found = json.loads(told(seeds_store, "Lavrov", "--since", "2023", "--until", "2023", "--json"))
    assert found["undated"] == []
    assert found["left_out"] == 1


@pytest.mark.parametrize(("about", "country"), [("Việt Nam", True), ("VN", True), ("Lavrov", False)])
def test_a_country_is_told_from_a_person(about: str, country: bool) -> None:
    assert is_country(about) is country
