"""`rag summarize` and `rag events` over a real store of five articles."""

import csv
import io
import json
from pathlib import Path

import pytest
from icalendar import Calendar
from typer.testing import CliRunner

from rag.cli import app
from rag.event_tables import COLUMNS

SEEDS = Path(__file__).parent.parent / "seeds"
runner = CliRunner()


def run(*arguments: str, typed: str | None = None, code: int = 0) -> tuple[str, str]:
    done = runner.invoke(app, [*arguments], input=typed, env={"COLUMNS": "100"})
    assert done.exit_code == code, done.output
    return done.stdout, done.stderr


def test_an_article_that_is_not_stored_is_summarized_from_its_file() -> None:
    shown, _ = run("summarize", str(sorted(SEEDS.iterdir())[0]))
    assert "date: XXXX-07-13 (Ngày 13/7)" in shown
    assert "participant: Vương Nghị" in shown


def test_a_batch_gives_a_line_for_each_and_says_what_is_wrong_with_one(seeds_store: Path) -> None:
    shown, _ = run("summarize", "--batch", "-", "--store", str(seeds_store), typed="7722\n\nnope\n")
    first, second = map(json.loads, shown.splitlines())
    assert first["events"][0]["kind"] == "meeting"
    assert second["input"] == "nope"


def test_neither_an_id_nor_a_batch_is_wrong_usage() -> None:
    run("summarize", code=2)


def test_the_table_fits_the_terminal(seeds_store: Path) -> None:
    shown, _ = run("events", "--store", str(seeds_store))
    assert "2023-02-02/2023-02-03" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_a_period_says_how_many_are_left_out_for_want_of_a_year(seeds_store: Path) -> None:
    shown, said = run("events", "--since", "2023", "--store", str(seeds_store), "--json")
    found = json.loads(shown)
    assert found["undated"] > 0
    assert f"{found['undated']} events left out" in said


def test_csv_and_calendar_are_written_to_files(seeds_store: Path, tmp_path: Path) -> None:
    table, calendar = tmp_path / "events.csv", tmp_path / "events.ics"
    run("events", "--format", "csv", "--out", str(table), "--store", str(seeds_store))
    _, said = run("events", "--format", "ics", "--out", str(calendar), "--store", str(seeds_store))
    rows = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    (visit,) = Calendar.from_ical(calendar.read_bytes()).walk("VEVENT")
    assert "Ma Zhaoxu" in str(visit["SUMMARY"])
    assert f"{len(rows) - 2} events are not in the calendar" in said


@pytest.mark.parametrize(("option", "value", "count"), [("--person", "Wang Yi", 1), ("--kind", "visit", 1)])
def test_options_limit_the_events(seeds_store: Path, option: str, value: str, count: int) -> None:
    shown, _ = run("events", option, value, "--store", str(seeds_store), "--json")
    assert len(json.loads(shown)["events"]) == count


def test_an_unknown_kind_is_an_error_that_names_the_kinds(seeds_store: Path) -> None:
    done = runner.invoke(app, ["events", "--kind", "party", "--store", str(seeds_store)])
    assert "talks online" in str(done.exception)
