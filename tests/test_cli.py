"""The command line as a user types it: exit codes, JSON objects, one-line errors."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from scripted import Endless, ScriptedServer

SEEDS = Path(__file__).parent.parent / "seeds"


def rag(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag.cli", *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )


def interruptible() -> None:
    """For a child: an interrupt is not ignored, as it is in what a shell runs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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
        *("dates", "seconds", "rewritten", "conflicts", "notices", "prompts"),
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


QUOTE = "ông Vương Nghị và ông Lavrov đã tái khẳng định sự ủng hộ vai trò trung tâm của ASEAN"
TRUE = "Wang Yi and Lavrov reaffirmed their support for the central role of ASEAN."
WRITTEN = json.dumps(
    {
        "answered": True,
        "statements": [
            {"quotes": [QUOTE], "statement": TRUE},
            {"quotes": [QUOTE], "statement": "Blinken reaffirmed his support for the central role of ASEAN."},
            {"quotes": ["nobody said this"], "statement": "Something else happened."},
        ],
    }
)
ASKED = "what did Lavrov and Wang Yi support?"


def model(server: ScriptedServer) -> dict[str, str]:
    return {"RAG_LLM_BASE_URL": server.base_url, "RAG_LLM_MODEL": "scripted", "RAG_LLM_CACHE": "0", "RAG_JUDGE": "off"}


def test_with_a_model_ask_writes_and_shows_the_original_sentence_beside_each_statement(seeds_store: Path) -> None:
    with ScriptedServer([WRITTEN]) as server:
        done = rag("ask", ASKED, "--store", str(seeds_store), **model(server))
    assert f"[1] {TRUE} (" in done.stdout
    assert QUOTE in done.stdout
    assert "Set aside: 2 statements that failed the check (name 1, quote 1)" in done.stdout
    assert "Blinken" not in done.stdout
    assert "Model:" not in done.stdout


def test_verbose_ask_says_what_was_set_aside_and_what_the_model_took(seeds_store: Path) -> None:
    with ScriptedServer([WRITTEN]) as server:
        done = rag("ask", ASKED, "-v", "--store", str(seeds_store), **model(server))
    assert "Blinken reaffirmed his support for the central role of ASEAN. [name: Blinken" in done.stdout
    assert "Model: scripted; calls 1" in done.stdout


def test_the_answers_mode_and_language_can_be_chosen(seeds_store: Path) -> None:
    with ScriptedServer([WRITTEN]) as server:
        extracts = rag("ask", ASKED, "--mode", "extract", "--json", "--store", str(seeds_store), **model(server))
        assert server.requests == []
        written = rag("ask", ASKED, "--answer-lang", "vi", "--json", "--store", str(seeds_store), **model(server))
    assert json.loads(extracts.stdout)["mode"] == "extract"
    answer = json.loads(written.stdout)
    assert (answer["mode"], answer["lang"], answer["model"]) == ("llm", "vi", "scripted")
    assert answer["usage"]["calls"] == 1
    assert answer["prompts"]["answer"]
    assert {"language: en"} <= {reason for rejected in answer["rejected"] for reason in rejected["reasons"]}


def test_a_model_that_cannot_be_reached_is_a_notice_on_stderr(seeds_store: Path) -> None:
    address = {"RAG_LLM_BASE_URL": "http://127.0.0.1:9/v1", "RAG_LLM_MODEL": "m", "RAG_LLM_RETRIES": "0"}
    done = rag("ask", ASKED, "--store", str(seeds_store), **address)
    assert done.returncode == 0
    assert "127.0.0.1:9" in done.stderr
    assert "ASEAN" in done.stdout


def test_without_a_model_prose_is_an_error_that_says_what_to_set(seeds_store: Path) -> None:
    done = rag("ask", ASKED, "--mode", "llm", "--store", str(seeds_store))
    assert done.returncode == 1
    assert "RAG_LLM" in done.stderr


def test_on_a_terminal_a_statement_is_there_before_the_answer_ends(seeds_store: Path) -> None:
    command = [sys.executable, "-m", "rag.cli", "ask", ASKED, "--store", str(seeds_store)]
    terminal, theirs = os.openpty()
    with ScriptedServer([Endless(WRITTEN[: WRITTEN.index("Something")])]) as server:
        environment = {**os.environ, **model(server)}
        with subprocess.Popen(
            command, stdout=theirs, stderr=subprocess.PIPE, env=environment, text=True, preexec_fn=interruptible
        ) as running:
            os.close(theirs)
            shown = b""
            while b"Names:" not in shown and TRUE.encode() not in shown:
                shown += os.read(terminal, 4096)
            assert running.poll() is None
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=30)
        assert server.left.wait(10)
    os.close(terminal)
    assert running.returncode == 130
    assert "stopped" in said
    assert "Traceback" not in said


def test_a_conversation_completes_followups_and_shows_how(seeds_store: Path) -> None:
    lines = [
        "what did Lavrov say about China?",
        "and what did he say about BRICS?",
        "/new",
        "/nonsense",
        "",
        "x" * 3000,
    ]
    done = rag("chat", "--store", str(seeds_store), stdin="\n".join([*lines, "Tống Đào đã ký gì?"]))
    assert done.returncode == 0
    assert "Asked as: and what did Lavrov say about BRICS?" in done.stdout
    assert "there is no /nonsense" in done.stderr
    assert "3000 characters" in done.stderr
    assert "Tống Đào" in done.stdout


def test_a_conversation_gives_one_object_a_line_and_forgets_at_new(seeds_store: Path) -> None:
    lines = ["Ông Lavrov đã gặp ai?", "Ông ấy đã nói gì về BRICS?", "/new", "Ông ấy đã nói gì về BRICS?", "/quit", "x"]
    done = rag("chat", "--json", "--store", str(seeds_store), stdin="\n".join(lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["rewritten"] for answer in answers] == [None, "Ông Lavrov đã nói gì về BRICS?", None]


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


def test_on_a_terminal_an_interrupt_stops_the_answer_and_the_conversation_goes_on(seeds_store: Path) -> None:
    command = [sys.executable, "-m", "rag.cli", "chat", "--store", str(seeds_store)]
    terminal, theirs = os.openpty()
    with ScriptedServer([Endless(WRITTEN[: WRITTEN.index("Something")])]) as server:
        environment = {**os.environ, **model(server)}
        running = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            preexec_fn=interruptible,
        )
        os.close(theirs)
        shown = ""

        def until(words: str) -> None:
            nonlocal shown
            while words not in shown:
                assert select.select([terminal], [], [], 60)[0], f"no {words!r} after {shown!r}"
                shown += os.read(terminal, 4096).decode("utf-8", "replace")
            shown = shown.partition(words)[2]

        until("> ")
        os.write(terminal, f"{ASKED}\n".encode())
        until("(supported)")
        running.send_signal(signal.SIGINT)
        until("stopped")
        until("> ")
        assert server.left.wait(10)
        for _ in range(5):  # one that comes while the prompt is being set up waits for a key
            running.send_signal(signal.SIGINT)
            if select.select([terminal], [], [], 2)[0]:
                break
        until("Ctrl+D")
        until("> ")
        os.write(terminal, b"\x04")
        assert running.wait(timeout=30) == 0
    os.close(terminal)
