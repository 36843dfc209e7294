"""`rag doctor`: each part is tried, none may take the others with it, and what fails says what to do."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from scripted import Cut, Drip, Endless, Raw, Reply, Says, ScriptedServer, Silence, Status

from rag import doctor_model, render
from rag.config import settings
from rag.doctor import PROMPTS, examine
from rag.errors import InputError, MissingExtra, StoreError
from rag.health import Health, Probe, attempted
from rag.outbox import WriterLock
from rag.store import Store
from rag.vectors import Passages

PARTS = {"store", "vectors", "events", "embedder", "prompts", "model", "reranker", "nli", "versions"}


def found(store: Path, **given: object) -> dict[str, Health]:
    """What is found of each part; of a part found twice the worse."""
    worst: dict[str, Health] = {}
    for health in examine(settings(store=store, **given)):
        if health.part not in worst or worst[health.part].ok is not False:
            worst[health.part] = health
    return worst


@pytest.fixture
def own_store(seeds_store: Path, tmp_path: Path) -> Path:
    """A copy of the seeds' store that a test may damage."""
    return Path(shutil.copytree(seeds_store, tmp_path / "kho tin"))


def chroma(store: Path) -> Path:
    (folder,) = (path for path in store.glob("chroma*") if path.is_dir())
    return folder


def test_all_is_well_with_a_store_and_no_model(seeds_store: Path) -> None:
    parts = found(seeds_store)
    assert set(parts) == PARTS
    assert [health for health in parts.values() if health.ok is False or health.remedy] == []
    with Store.open(seeds_store) as store:
        passages = sum(store.languages().values())
    assert f"5 articles, {passages} passages" in parts["store"].says
    assert parts["vectors"].says == f"{passages} vectors for {passages} passages"
    assert "384 dimensions" in parts["embedder"].says
    assert {part for part, health in parts.items() if health.ok is None} == {"model", "reranker", "nli"}
    assert "answers are extracts" in parts["model"].says


def test_without_a_store_the_rest_is_tried_and_nothing_is_made(tmp_path: Path) -> None:
    parts = found(tmp_path / "none")
    assert set(parts) == PARTS - {"vectors", "events"}
    assert parts["store"] == Health("store", False, f"no store at {tmp_path / 'none'}", "run `rag ingest PATH`")
    assert parts["embedder"].ok is True
    assert not (tmp_path / "none").exists()


def test_a_vector_that_chroma_lacks_is_missed(own_store: Path) -> None:
    with closing(Passages(chroma(own_store))) as passages, Store.open(own_store) as store:
        chunk = store.chunks_of(store.articles()[0].id)[0]
        for lang in passages.languages():
            passages.delete(lang, [chunk.id])
    vectors = found(own_store)["vectors"]
    assert (vectors.ok, vectors.remedy) == (False, "run `rag doctor --deep --repair`")
    with Store.open(own_store) as store:
        store.rebuild()
    assert found(own_store)["vectors"].ok is True


def test_articles_that_were_not_read_for_events_are_told_with_the_remedy(own_store: Path) -> None:
    assert found(own_store)["events"].ok is True
    with sqlite3.connect(own_store / "catalogue.sqlite3") as db:
        db.execute("DELETE FROM told")
    unread = found(own_store)["events"]
    assert (unread.ok, unread.remedy) == (False, "run `rag reindex`")
    assert "5 of 5 articles" in unread.says


def test_vectors_that_are_gone_or_damaged_are_to_be_built_anew(own_store: Path) -> None:
    (chroma(own_store) / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    assert found(own_store)["vectors"].remedy == "run `rag doctor --deep --repair`"
    shutil.rmtree(chroma(own_store))
    gone = found(own_store)["vectors"]
    assert (gone.ok, gone.remedy) == (False, "run `rag doctor --deep --repair`")
    assert not list(own_store.glob("chroma*/"))


def test_a_store_that_is_being_written_is_no_failure(own_store: Path) -> None:
    with WriterLock(own_store, wait=0)():
        vectors = found(own_store)["vectors"]
    assert vectors.ok is None
    assert f"being written by process {os.getpid()}" in vectors.says


def test_a_store_of_another_embedder_is_told_with_the_embedder(tmp_path: Path) -> None:
    Store.open(tmp_path, create=True, embedder="another", dimension=8).close()
    parts = found(tmp_path)
    assert parts["store"].remedy == "run `rag ingest PATH`"  # it is empty
    assert parts["embedder"].says.endswith("the store was made with another")
    assert parts["embedder"].remedy == "run `rag reindex`"


def test_a_store_of_another_version_or_no_store_at_all_is_told(own_store: Path) -> None:
    with closing(sqlite3.connect(own_store / "catalogue.sqlite3")) as db:
        db.execute("UPDATE meta SET value = '1' WHERE key = 'version'")
        db.commit()
    version = found(own_store)["store"]
    assert "has version 1" in version.says
    assert version.remedy is not None
    assert "ingest into a new one" in version.remedy
    (own_store / "catalogue.sqlite3").write_bytes("không phải cơ sở dữ liệu".encode() * 1000)
    parts = found(own_store)
    assert parts["store"].ok is False
    assert parts["store"].remedy
    assert parts["embedder"].ok is True


def test_a_model_that_does_not_load_is_told_with_the_setting(
    seeds_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    parts = found(seeds_store, embedder="/không/có", reranker="/không/có", nli="/không/có")
    assert {part for part in parts if parts[part].ok is False} == {"embedder", "reranker", "nli"}
    for part in ("embedder", "reranker", "nli"):
        assert parts[part].remedy


CAPITAL = '{"city": "Viêng Chăn", "country": "Lào"}'
CAPITALS = f'{{"cities": [{CAPITAL}, {{"city": "Paris", "country": "France"}}]}}'
YES = Says("Yes", first=[("Yes", -0.1), ("No", -2.4)])
KEY = "sk-secret-123"


def model_of(server: ScriptedServer, **given: object) -> dict[str, Health]:
    configuration = settings(llm_base_url=server.base_url, llm_retries=0, **given)
    probe = Probe("model", partial(doctor_model.examine, configuration), doctor_model.seconds(configuration), "do this")
    return {health.part: health for health in attempted(probe)}


def test_a_model_that_does_all_is_told_with_what_it_does() -> None:
    with ScriptedServer([CAPITAL, Says(CAPITALS, pause=0.05), YES]) as server:
        parts = model_of(server, llm_context=4096)
    assert [health for health in parts.values() if not health.ok] == []
    assert parts["model address"].says == f"{server.base_url[7:-3]}; nothing leaves this machine"
    assert parts["model"].says == "scripted; 4096 tokens of context"
    assert "JSON in the shape asked for" in parts["model reply"].says
    assert parts["model stream"].says.startswith("the first object after")
    assert "log-odds +2.3" in parts["model judge"].says


def test_a_model_without_shapes_and_probabilities_works_too() -> None:
    refused = ["response_format", "tools", "logprobs", "seed"]
    with ScriptedServer([CAPITAL, CAPITALS, "Yes."], refuses=refused) as server:
        parts = model_of(server)
    assert [health for health in parts.values() if not health.ok] == []
    assert "by its first word alone" in parts["model judge"].says


def test_a_model_that_judges_nothing_fails_only_where_it_is_to_judge() -> None:
    for judge, ok in (("off", None), ("model", False)):
        with ScriptedServer([CAPITAL, CAPITALS, "Perhaps"]) as server:
            assert model_of(server, judge=judge)["model judge"].ok is ok


def test_a_fault_after_the_first_reply_is_of_what_was_tried() -> None:
    with ScriptedServer([CAPITAL, Status(500), YES]) as server:
        parts = model_of(server)
    assert parts["model"].ok is parts["model reply"].ok is parts["model judge"].ok is True
    assert parts["model stream"].ok is False
    assert parts["model stream"].remedy == "try again later"


def test_a_wrong_key_is_told_and_never_printed(tmp_path: Path) -> None:
    with ScriptedServer([CAPITAL], key="another") as server:
        parts = found(tmp_path, llm_base_url=server.base_url, llm_api_key=KEY)
        assert server.keys[0] == KEY
    assert parts["model"].ok is False
    assert "RAG_LLM_API_KEY" in str(parts["model"].remedy)
    assert KEY not in str(parts)


def test_an_unknown_model_is_told_with_those_there_are() -> None:
    with ScriptedServer([Status(404, "model not found")], models=["nhỏ", "to"]) as server:
        unknown = model_of(server, llm_model="vừa")["model"]
        unnamed = model_of(server)["model"]
    assert unknown.ok is unnamed.ok is False
    assert "vừa" in unknown.says
    for health in (unknown, unnamed):
        assert "RAG_LLM_MODEL" in str(health.remedy)
        assert "nhỏ, to" in f"{health.says} {health.remedy}"


@pytest.mark.parametrize(
    "fault",
    [
        Status(500),
        Status(429, headers={"Retry-After": "3600"}),
        Silence(),
        Drip(),
        Cut('{"city": "Viêng'),
        Endless("{"),
        Raw(b"\xff\x00<html>"),
        "",
        "không phải JSON",
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_faulty_endpoint_ends_in_one_line_within_the_time(fault: Reply) -> None:
    started = time.monotonic()
    with ScriptedServer([fault]) as server:
        parts = model_of(server, llm_timeout=1.5)
    assert time.monotonic() - started < 15
    assert parts["model"].ok is False
    assert parts["model"].remedy
    assert "\n" not in parts["model"].says


def test_an_endpoint_that_is_not_there_is_told() -> None:
    with ScriptedServer([CAPITAL]) as server:
        pass
    gone = model_of(server, llm_model="scripted")["model"]
    assert gone.ok is False
    assert "cannot be reached" in gone.says


def test_text_that_would_leave_this_machine_is_told_with_the_host_before_any_leaves() -> None:
    elsewhere = settings(llm_base_url="https://user:word@llm.invalid:9/v1", llm_model="x")
    address = next(doctor_model.examine(elsewhere))
    assert address.says == "llm.invalid:9; questions and passages leave this machine for llm.invalid"


def test_a_model_file_that_is_none_is_told(tmp_path: Path) -> None:
    model = found(tmp_path, llm_file=tmp_path / "không-có.gguf")["model"]
    assert "không-có.gguf" in model.says
    assert "RAG_LLM_FILE" in str(model.remedy)


def test_the_prompts_that_are_tried_are_those_there_are() -> None:
    assert sorted(PROMPTS) == sorted(path.stem for path in (Path(__file__).parent.parent / "prompts").glob("*.md"))


def _raising(error: BaseException) -> Iterator[Health]:
    yield Health("part", True, "the first half works")
    raise error


@pytest.mark.parametrize(
    ("error", "says", "remedy"),
    [
        (StoreError("the thing is broken; mend it; or buy another"), "the thing is broken", "mend it; or buy another"),
        (InputError("no remedy in it"), "no remedy in it", "do this"),
        (MissingExtra("needs x: pip install x"), "needs x", "pip install x"),
        (RuntimeError("two\nlines"), "RuntimeError: two lines", "do this"),
        (SystemExit(3), "SystemExit: 3", "do this"),
        (ValueError("x" * 10_000_000), f"ValueError: {'x' * 500} ...", "do this"),
    ],
)
def test_a_failure_of_any_kind_is_one_line_after_what_was_found(error: BaseException, says: str, remedy: str) -> None:
    first, second = attempted(Probe("part", lambda: _raising(error), 10, "do this"))
    assert first.ok is True
    assert second == Health("part", False, says, remedy)


def test_a_part_that_does_not_answer_is_given_up_after_its_time() -> None:
    def slow() -> Iterator[Health]:
        yield Health("part", True, "the first half works")
        time.sleep(5)

    started = time.monotonic()
    first, second = attempted(Probe("part", slow, 0.3, "do this"))
    assert time.monotonic() - started < 3
    assert first.ok is True
    assert second == Health("part", False, "no result within 0.3 s", "do this")


def test_a_part_may_have_nothing_to_say() -> None:
    def nothing() -> Iterable[Health]:
        return ()

    assert list(attempted(Probe("part", nothing, 1, ""))) == []


def test_a_report_is_plain_lines_and_stable_keys() -> None:
    parts = [
        Health("store", True, "good"),
        Health("nli", None, "none set"),
        Health("model", False, "a\x1b[2J\nb", "set it"),
    ]
    assert render.doctor_text(parts).splitlines() == [
        "ok      store: good",
        "-       nli: none set",
        "FAILED  model: a�[2J b",
        "        set it",
    ]
    report = render.doctor_json(parts)
    assert report["ok"] is False
    assert report["parts"][0] == {"part": "store", "ok": True, "says": "good", "remedy": None}
    assert render.doctor_json(parts[:2])["ok"] is True


def _rag(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag.cli", "doctor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **environment})


def test_the_command_exits_0_where_all_that_is_set_works_and_1_with_the_remedy_else(
    seeds_store: Path, tmp_path: Path
) -> None:
    well = _rag("--json", "--store", str(seeds_store))
    assert (well.returncode, well.stderr) == (0, "")
    assert json.loads(well.stdout)["ok"] is True
    ill = _rag("--store", str(tmp_path / "none"))
    assert (ill.returncode, ill.stderr) == (1, "")
    assert "run `rag ingest PATH`" in ill.stdout
