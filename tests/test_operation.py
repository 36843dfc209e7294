"""What runs the page: probes, metrics, a stop that loses nothing, and the files that start it."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fakes import FakeDesk
from test_ui_auth import basic, hashed, request

from rag import cli, journal, metrics, observed, ui, ui_health
from rag.desk import Desk, open_desk
from rag.domain import Answer, Statement
from rag.errors import StoreError
from rag.passwords import Users
from rag.store import Store

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "deploy").glob("rag*"))
SERIES = re.compile(r"^(\w+?)(?:_bucket|_sum|_count)?(?:\{.*\})? \S+$")


def no_store() -> Store:
    raise StoreError("no store")


class Inside:
    """The page behind the probes."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.paths.append(scope["path"])
        if scope["path"] == "/broken":
            raise RuntimeError("broken")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})


def operated(lacks: str | None = None, *, gate: ui_health.Gate | None = None, inside: Inside | None = None) -> Any:
    return ui_health.Operated(inside or Inside(), ready=lambda: lacks, gate=gate or ui_health.Gate())


def test_the_probes_answer_without_the_page_and_say_one_word() -> None:
    inside = Inside()
    for lacks in (None, "store"):
        app = operated(lacks, inside=inside)
        assert request(app, path="/healthz").status_code == 200
        ready = request(app, path="/readyz")
        assert ready.status_code == (503 if lacks else 200)
        assert ready.json() == ({"ready": False, "reason": "store"} if lacks else {"ok": True})
        head = request(app, "HEAD", "/readyz")
        assert (head.status_code, head.content) == (ready.status_code, b"")
    assert inside.paths == []


def test_a_closed_gate_takes_no_request_but_is_alive() -> None:
    gate, inside = ui_health.Gate(), Inside()
    app = operated(gate=gate, inside=inside)
    assert request(app, path="/").text == "inside"
    gate.close()
    refused = request(app, path="/")
    assert (refused.status_code, refused.headers["connection"]) == (503, "close")
    assert request(app, path="/healthz").status_code == 200
    assert request(app, path="/readyz").json()["reason"] == "stopping"
    assert request(app, path="/gradio_api/call/ask/1d2c").text == "inside"  # what was asked before
    assert request(app, "POST", "/gradio_api/call/ask").status_code == 503
    assert inside.paths == ["/", "/gradio_api/call/ask/1d2c"]


def test_requests_are_told_by_their_route_and_never_by_what_they_hold() -> None:
    told: list[dict[str, Any]] = []
    secret = "Bímật"

    def listener(event: str, facts: Any) -> None:
        told.append({"event": event, **facts})

    app = operated()
    with journal.heard(listener):
        first = request(app, "POST", "/gradio_api/call/ask", headers={"X-Request-Id": "0123abcd-4567"}, content=secret)
        second = request(app, "BREW", f"/{secret}?q={secret}", headers={"X-Request-Id": secret.encode().hex() + "z"})
        with pytest.raises(RuntimeError):
            request(app, path="/broken")
    assert [(line["method"], line["route"], line["status"]) for line in told] == [
        ("POST", "/gradio_api/call/ask", 200),
        ("other", "other", 200),
        ("GET", "other", 500),
    ]
    assert first.headers["x-request-id"] == "0123abcd-4567"
    assert re.fullmatch("[0-9a-f]{16}", second.headers["x-request-id"])
    assert secret not in json.dumps(told, ensure_ascii=False)


def test_readiness_is_found_out_once_for_many_who_ask() -> None:
    now, asked = 0.0, 0

    def lacks() -> None:
        nonlocal asked
        asked += 1

    ready = ui_health.Readiness(lacks, clock=lambda: now)
    assert [ready() for _ in range(50)] == [None] * 50
    assert asked == 1
    now = 3.0
    assert (ready(), asked) == (None, 2)


def test_a_desk_is_ready_when_its_embedder_its_store_and_its_index_are(seeds_store: Path, tmp_path: Path) -> None:
    desk = open_desk(store=seeds_store)
    assert ui_health.lacking(desk) == "embedder"
    assert desk.embedder.dimension > 0
    assert ui_health.lacking(desk) is None
    none = open_desk(store=tmp_path / "none")
    none.__dict__["embedder"] = desk.embedder
    assert ui_health.lacking(none) == "store"
    nearest, desk.store._nearest = desk.store._nearest, cast(Any, None)
    assert ui_health.lacking(desk) == "index"
    desk.store._nearest = nearest
    desk.close()


def test_the_probes_need_no_password_and_the_metrics_do() -> None:
    counted = metrics.Metrics(no_store)
    users = Users({"bob": hashed("secret")})
    app = ui.application(cast(Desk, FakeDesk()), users=users, metrics=counted)
    assert request(app, path="/healthz").status_code == 200
    assert request(app, path="/metrics").status_code == 401
    given = request(app, path="/metrics", headers=basic("bob", "secret"))
    assert given.headers["content-type"] == metrics.CONTENT
    assert "rag_store_up 0.0" in given.text
    alone = ui.application(cast(Desk, FakeDesk()), metrics=counted)
    assert request(alone, path="/metrics").status_code == 200
    assert request(alone, path="/metrics", headers={"Host": "evil.example"}).status_code == 421
    assert request(alone, path="/healthz", headers={"Host": "10.0.0.7:7860"}).status_code == 200


def refusing(stop: threading.Event) -> Iterator[Statement | Answer]:
    yield Answer("ai?", "vi", rejected=(Statement("x", "vi", (), "unsupported"),))


def filled() -> metrics.Metrics:
    """Metrics that were told one of each event."""
    counted = metrics.Metrics(no_store)
    with journal.heard(counted):
        list(observed.asked("ai?", refusing))
        with journal.span("model") as told:
            told |= {"input_tokens": 7, "output_tokens": 3}
        with journal.span("ingest") as told:
            told |= {"new": 2, "rejected": 1}
        journal.tell("request", method="GET", route="/", status=200, ms=12.0)
    return counted


def test_events_are_counted() -> None:
    text = filled().text().decode()
    for line in (
        'rag_asks_total{outcome="refused"} 1.0',
        "rag_statements_rejected_total 1.0",
        "rag_ask_seconds_count 1.0",
        'rag_model_tokens_total{direction="input"} 7.0',
        'rag_ingested_articles_total{outcome="new"} 2.0',
        'rag_ingested_articles_total{outcome="rejected"} 1.0',
        'rag_requests_total{method="GET",route="/",status="200"} 1.0',
        'rag_running{what="ask"} 0.0',
        "rag_store_up 0.0",
    ):
        assert line in text


def test_the_store_shows_in_the_gauges(seeds_store: Path) -> None:
    with Store.open(seeds_store) as store:
        text = metrics.Metrics(lambda: store).text().decode()
    assert "rag_store_up 1.0" in text
    assert "rag_store_articles 5.0" in text
    assert "rag_store_outbox_pending 0.0" in text


def test_the_docs_list_the_metrics_that_there_are(seeds_store: Path) -> None:
    with Store.open(seeds_store) as store:
        counted = metrics.Metrics(lambda: store)
        with journal.heard(counted):
            journal.tell("request", method="GET", route="/", status=200, ms=12.0)
        lines = counted.text().decode().splitlines()
    given = {found[1] for line in lines if not line.startswith("#") and (found := SERIES.match(line))}
    text = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(rag_\w+|process_\w+)", text, re.MULTILINE))
    assert given == told


@contextmanager
def serving(store: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}) as server:
        assert server.stderr is not None
        try:
            said = ""
            for line in server.stderr:
                said += line
                if found := re.search(r"http://\S+/", line):
                    break
            else:
                pytest.fail(f"rag serve ended: {said}")
            yield server, found[0]
        finally:
            server.kill()


def until_ready(address: str) -> None:
    for _ in range(300):
        if httpx.get(f"{address}readyz").status_code == 200:
            return
        time.sleep(0.1)
    pytest.fail("never ready")


def test_sigterm_lets_an_answer_finish_and_ends_with_0(seeds_store: Path) -> None:
    with serving(seeds_store, RAG_LOG="json") as (server, address):
        until_ready(address)
        asked = httpx.post(f"{address}gradio_api/call/ask", json={"data": ["who met whom in Jakarta?"]})
        event = asked.json()["event_id"]
        answers: list[str] = []

        def read() -> None:
            answers.append(httpx.get(f"{address}gradio_api/call/ask/{event}", timeout=60).text)

        reading = threading.Thread(target=read)
        reading.start()
        time.sleep(0.1)
        server.send_signal(signal.SIGTERM)
        reading.join(30)
        assert server.wait(30) == 0
        assert server.stderr is not None
        said = server.stderr.read()
    assert "event: complete" in answers[0]
    assert "Traceback" not in said
    events = [json.loads(line)["event"] for line in said.splitlines() if line.startswith("{")]
    assert [event for event in events if event in ("ask", "stopped")] == ["ask", "stopped"]


def test_ctrl_c_ends_the_page_with_130_though_a_browser_listens(seeds_store: Path) -> None:
    with (
        serving(seeds_store) as (server, address),
        httpx.Client(timeout=30) as browser,
        browser.stream("GET", f"{address}gradio_api/heartbeat/abc") as stream,
    ):
        assert stream.status_code == 200
        started = time.monotonic()
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 130
        assert time.monotonic() - started < 15


@pytest.mark.slow
def test_an_ingest_that_is_told_to_end_keeps_what_it_read_and_goes_on(tmp_path: Path) -> None:
    for number in range(60):
        text = f"Bài số {number}\n\nNgày {number % 28 + 1}/7/2023, đoàn số {number} đã đến thăm tỉnh số {number}. " * 30
        (tmp_path / f"{number:03}.txt").write_text(text, encoding="utf-8")
    store = tmp_path / "store"
    command = [sys.executable, "-m", "rag.cli", "ingest", str(tmp_path / "*.txt"), "--store", str(store)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not _stored(store):
            time.sleep(0.05)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=30)
    assert (running.returncode, "run the same command to go on" in said) == (143, True), said
    assert 0 < _stored(store) <= 60
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 0 < json.loads(done.stdout)["counts"]["unchanged"] <= 60
    assert _stored(store) == 60


def test_what_is_interrupted_says_how_far_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        with cli._progress("ingest", "file") as progress:
            progress(3, 10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "3 of 10 files are done and kept" in capsys.readouterr().err


def _stored(store: Path) -> int:
    try:
        with Store.open(store) as opened:
            return opened.count()
    except StoreError:
        return 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/rag/bin/rag", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    files = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _containerfile() -> str:
    return (ROOT / "Containerfile").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    """What the units and the container file run, without the program's name."""
    found = []
    for unit in UNITS:
        lines = [line for line in unit.read_text(encoding="utf-8").splitlines() if line.startswith("ExecStart=")]
        found += [shlex.split(line.partition("=")[2])[1:] for line in lines]
    found.append(json.loads(re.findall(r"^CMD (.*)$", _containerfile(), re.MULTILINE)[-1]))
    return found


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_what_is_started_is_a_command_with_options_that_it_has(command: list[str]) -> None:
    import typer

    from rag.cli import app

    group = cast(Any, typer.main.get_command(app))
    group.commands[command[0]].make_context(command[0], command[1:])


def test_the_service_may_write_nothing_but_its_store() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "rag.service")
    service = unit["Service"]
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["StateDirectory"]) == ("strict", "yes", "rag")
    assert "ReadWritePaths" not in service
    from rag.ui_stop import PATIENCE

    assert float(service["TimeoutStopSec"]) > PATIENCE + 5


def test_the_container_file_copies_what_there_is_and_runs_as_nobody() -> None:
    text = _containerfile()
    sources = [word for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for word in line.split()[:-1]]
    assert sources
    allowed = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")}
    for source in sources:
        assert (ROOT / source).exists()
        assert source.removeprefix("./") in allowed
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
    assert "/healthz" in text
    assert "constraints.txt" in text
