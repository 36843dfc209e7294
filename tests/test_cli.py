"""The command line as a user types it: exit codes, JSON objects, one-line errors."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SEEDS = Path(__file__).parent.parent / "seeds"


def rag(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag.cli", *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )


def printed(*arguments: str, stdin: str = "") -> Any:
    done = rag(*arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_help_answers_at_once() -> None:
    rag("--help")
    started = time.perf_counter()
    assert rag("--help").returncode == 0
    assert time.perf_counter() - started < 1.5  # 0.5 s on an idle machine; this one may be busy


def test_ask_prints_the_object_of_the_design(seeds_store: Path) -> None:
    answer = printed("ask", "what did Lavrov and Wang Yi agree on?", "--json", "--store", str(seeds_store))
    assert set(answer) == {
        *("question", "lang", "mode", "model", "refused", "reason", "statements", "rejected", "names", "usage"),
        *("dates", "seconds"),
    }
    citation = answer["statements"][0]["citations"][0]
    assert set(citation) == {"article", "title", "url", "outlet", "published", "start", "end", "quote"}
    shown = printed("show", citation["article"], "--json", "--store", str(seeds_store))
    assert shown["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert "".join(shown["text"][chunk["start"] : chunk["end"]] for chunk in shown["chunks"]) == shown["text"]


def test_a_refusal_is_work_done(seeds_store: Path) -> None:
    done = rag("ask", "what did Lavrov and Blinken agree on?", "--store", str(seeds_store))
    assert done.returncode == 0
    assert "no article mentions Blinken" in done.stdout


def test_a_batch_gives_one_object_a_line_in_order(seeds_store: Path) -> None:
    questions = ["Who met Lavrov in Jakarta?", "", "Tống Đào và Lê Hoài Trung đã ký gì?"]
    done = rag("ask", "--batch", "-", "--store", str(seeds_store), stdin="\n".join(questions))
    assert [json.loads(line)["question"] for line in done.stdout.splitlines()] == [questions[0], questions[2]]


def test_search_and_articles_print_their_objects(seeds_store: Path) -> None:
    found = printed("search", "ASEAN", "--json", "--limit", "3", "--store", str(seeds_store))
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    assert {"score", "channels", "article", "start", "end", "text", "names"} <= set(found["hits"][0])
    assert len(printed("articles", "--json", "--store", str(seeds_store))["articles"]) == 5


def test_names_compares_two_spellings_or_lists_the_stored_ones(seeds_store: Path) -> None:
    compared = printed("names", "Wang Yi", "Vương Nghị", "--json")
    assert set(compared) == {"a", "b", "match", "score", "why"}
    assert compared["match"] is True
    assert printed("names", "Wang Yi", "Yang Ji", "--json")["match"] is False
    listed = printed("names", "王毅", "--json", "--store", str(seeds_store))
    assert [found["spelling"] for found in listed["matched"]] == ["Vương Nghị"]
    done = rag("names", "--batch", "-", "--store", str(seeds_store), stdin="Lavrov\tЛавров\nMoscow\n")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["match"] is True
    assert {found["spelling"] for found in second["matched"]} >= {"Moscow", "Moskva"}


def test_clean_keeps_the_body_and_says_what_the_page_does_not_state() -> None:
    cleaned = printed("clean", str(SEEDS / "000_b32313107789612d.txt"), "--json")
    assert cleaned["kept"] == [1, 2, 3, 4, 5]
    assert cleaned["title"] is None
    assert cleaned["published"] is None
    assert cleaned["agency"] == "TTXVN"
    assert all(dropped["reason"] for dropped in cleaned["dropped"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "nothing", "--store", "{store}"), 1, "nothing"),
        (("ask", "who?", "--store", "/nonexistent/store"), 1, "rag ingest"),
        (("ask", "--store", "{store}"), 2, "QUESTION"),
        (("ask", "who?", "--since", "yesterday", "--store", "{store}"), 1, "yesterday"),
        (("clean", "/nonexistent.txt"), 1, "/nonexistent.txt"),
        (("search", "x", "--limit", "0", "--store", "{store}"), 2, "limit"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_errors_name_the_thing(seeds_store: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = rag(*(part.format(store=seeds_store) for part in arguments))
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert code == 2 or len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_setting_is_an_error(seeds_store: Path) -> None:
    done = rag("articles", "--store", str(seeds_store), RAG_EMBEDER="x")
    assert done.returncode == 1
    assert "RAG_EMBEDER is not a setting" in done.stderr


def test_control_characters_of_an_article_do_not_reach_the_terminal(tmp_path: Path) -> None:
    body = (
        "Bộ trưởng tiếp khách \x1b[31mquốc tế\u202e tại Hà Nội và nhất trí tăng cường hợp tác hai nước trong năm tới."
    )
    (tmp_path / "a.txt").write_text(body)
    assert rag("ingest", str(tmp_path / "a.txt"), "--store", str(tmp_path / "store")).returncode == 0
    done = rag("ask", "Bộ trưởng tiếp khách ở đâu?", "--store", str(tmp_path / "store"))
    assert "Hà Nội" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
