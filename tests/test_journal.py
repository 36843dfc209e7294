"""The log: what happened, never what was said."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rag import journal
from rag.errors import InputError

SECRET = "Bímậtkhôngaibiết"
ARTICLE = (
    f"{SECRET} gặp Ngoại trưởng Lavrov\n\nHÀ NỘI, ngày 13/7/2023 - Ông {SECRET} đã gặp Ngoại trưởng Nga Sergey Lavrov "
    "tại Jakarta. Hai bên nhất trí tăng cường hợp tác kinh tế và thương mại giữa hai nước trong thời gian tới.\n"
)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    journal.write("text", level="warning")
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(form: journal.Format = "json", **options: Any) -> io.StringIO:
    said = io.StringIO()
    with redirect_stderr(said):
        journal.write(form, **options)
    return said


def lines(said: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_what_was_counted() -> None:
    said = logged()
    journal.tell("ingest", files=3, new=2, seconds=0.5)
    (line,) = lines(said)
    assert line.pop("time").startswith("20")
    assert line == {"level": "info", "event": "ingest", "files": 3, "new": 2, "seconds": 0.5}


def test_a_span_says_how_it_ended_and_how_long_it_took() -> None:
    said = logged()
    with journal.span("search") as told:
        assert journal.running() == {"search": 1}
        told["hits"] = 4
    assert journal.running() == {}
    for error in (InputError(SECRET), ValueError(SECRET), KeyboardInterrupt()):
        with pytest.raises(type(error)), journal.span("search"):
            raise error
    told_lines = lines(said)
    assert [(line["outcome"], line.get("error")) for line in told_lines] == [
        ("done", None),
        ("failed", "InputError"),
        ("failed", "ValueError"),
        ("stopped", None),
    ]
    assert [line["level"] for line in told_lines] == ["info", "info", "warning", "info"]
    assert all(line["seconds"] >= 0 for line in told_lines)
    assert SECRET not in said.getvalue()


def fails(text: str) -> None:
    try:
        raise KeyError(text)
    except KeyError as error:
        raise ValueError(f"cannot read {text}") from error


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_record_holds_a_text_be_it_an_argument_an_exception_or_another_librarys_message(
    form: journal.Format,
) -> None:
    said = logged(form, level="debug")
    own, other = logging.getLogger("rag.somewhere"), logging.getLogger("library")
    own.warning("the tool %s failed", SECRET)
    other.warning(f"cannot parse {SECRET}")
    other.error("cannot parse %r", SECRET)
    journal.tell("ask", texts={"question": SECRET}, lang="vi")
    try:
        fails(SECRET)
    except ValueError:
        own.exception("it failed")
        other.exception(f"it failed: {SECRET}")
    assert SECRET not in said.getvalue()
    assert json.dumps(SECRET)[1:-1] not in said.getvalue()
    assert said.getvalue().count("ValueError") == 2
    assert "fails" in said.getvalue()  # where it failed is told
    assert "the tool %s failed" in said.getvalue()


def test_the_texts_are_there_where_they_are_asked_for() -> None:
    said = logged(texts=True)
    journal.tell("ask", texts={"question": SECRET})
    try:
        fails(SECRET)
    except ValueError:
        logging.getLogger("library").exception("it failed")
    first, second = lines(said)
    assert first["question"] == SECRET
    assert SECRET in second["traceback"]


def test_off_says_nothing_and_a_level_leaves_out_what_is_less() -> None:
    said = logged("off")
    logging.getLogger("rag").error("gone")
    assert said.getvalue() == ""
    said = logged("json", level="error")
    journal.tell("ask")
    journal.tell("worse", level=logging.ERROR)
    assert [line["event"] for line in lines(said)] == ["worse"]


def test_warnings_alone_are_said_as_text_unless_more_is_asked_for() -> None:
    said = logged("text")
    journal.tell("ask", lang="vi")
    logging.getLogger("rag.x").warning("mind this")
    assert said.getvalue().count("\n") == 1
    assert "mind this" in said.getvalue()
    said = logged("text", verbose=True)
    journal.tell("ask", lang="vi")
    assert said.getvalue() == "rag: ask lang=vi\n"


@given(some.text())
def test_one_event_is_one_line_whatever_a_value_holds(value: str) -> None:
    for form in ("json", "text"):
        said = logged(form, verbose=True)
        journal.tell("ask", lang=value)
        assert len(said.getvalue().splitlines()) == 1


def test_what_nobody_asked_for_is_not_told() -> None:
    heard: list[str] = []

    def listener(event: str, facts: Mapping[str, Any]) -> None:
        heard.append(event)

    with journal.heard(listener):
        with journal.quiet():
            journal.tell("ask")
        journal.tell("search")
    journal.tell("brief")
    assert heard == ["search"]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="RAG_LOG_FILE"):
        journal.write("json", file=tmp_path)


def test_no_command_writes_a_text_into_its_log(tmp_path: Path) -> None:
    (tmp_path / "một.txt").write_text(ARTICLE, encoding="utf-8")
    log = tmp_path / "log.jsonl"
    environment = {**os.environ, "RAG_LOG": "json", "RAG_LOG_LEVEL": "debug", "RAG_LOG_FILE": str(log)}
    environment["RAG_STORE"] = str(tmp_path / "store")
    for arguments in (
        ["ingest", str(tmp_path / "một.txt")],
        ["ask", f"{SECRET} đã gặp ai?", "--json"],
        ["search", SECRET],
        ["brief", "--date", "2023-07-13"],
        ["search", ""],  # an error
    ):
        done = subprocess.run(
            [sys.executable, "-m", "rag.cli", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        assert SECRET not in done.stderr
    told = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    events = [line["event"] for line in told if line["event"] in ("ingest", "ask", "search", "brief")]
    assert events == ["ingest", "ask", "search", "brief", "search"]
    assert told[-1]["error"] == "InputError"
    for line in told:
        assert SECRET not in json.dumps(line, ensure_ascii=False)
