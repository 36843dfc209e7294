"""A model file served on this machine, and what is said of files and names that cannot be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from rag.errors import InputError, MissingExtra, ModelBusy, ModelError
from rag.local import locate, serve

PACKAGE = Path(__file__).parent.parent
MODEL = os.environ.pop("RAG_TEST_GGUF", "")  # out of the environment, for it is no setting of the program
needs_xllamacpp = pytest.mark.skipif(find_spec("xllamacpp") is None, reason='needs xllamacpp: pip install "rag[local]"')
needs_a_model = pytest.mark.skipif(not MODEL, reason="RAG_TEST_GGUF names no model file")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A file that begins as a model does and goes on otherwise."""
    path = tmp_path / "mô hình hỏng.gguf"
    path.write_bytes(b"GGUF" + b"x" * 1000)
    return path


def test_a_file_that_begins_as_a_model_is_found_by_its_path(broken: Path) -> None:
    assert locate(str(broken)) == broken


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"không-có\.gguf .*; set RAG_LLM_FILE"):
        locate(str(tmp_path / "không-có.gguf"))


def test_a_folder_is_no_model_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="RAG_LLM_FILE"):
        locate(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"GG", b"version https://git-lfs\n", b"<!doctype html>"])
def test_a_file_that_is_no_model_is_named_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.gguf").write_bytes(content)
    with pytest.raises(ModelError, match="is no GGUF model; set RAG_LLM_FILE"), serve(tmp_path / "a.gguf"):
        pass


def test_a_model_of_a_hub_that_cannot_be_reached_is_explained(tmp_path: Path) -> None:
    code = """if True:
        from rag.local import locate
        try: locate("some/repo:part/model-Q4_K_M.gguf")
        except Exception as error: print(repr(error))"""
    nowhere = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "PYTHONPATH": str(PACKAGE)}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **nowhere}, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("ModelError('some/repo:part/model-Q4_K_M.gguf could not be fetched")
    assert "set RAG_LLM_FILE to its path" in done.stdout
    assert done.stdout.count("\n") == 1


def test_a_path_with_a_colon_that_is_there_is_no_hubs_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b:c.gguf").write_bytes(b"GGUF")
    assert locate("a/b:c.gguf") == Path("a/b:c.gguf")


@pytest.mark.parametrize("size", [{"context": 0}, {"slots": 0}])
def test_a_server_without_room_is_refused(broken: Path, size: dict[str, int]) -> None:
    with pytest.raises(InputError, match="give more"), serve(broken, **size):
        pass


@pytest.mark.skipif(find_spec("xllamacpp") is not None, reason="the extra is installed")
def test_without_the_extra_the_command_is_named(broken: Path) -> None:
    with pytest.raises(MissingExtra, match=r'pip install "rag\[local\]"'), serve(broken):
        pass


@needs_xllamacpp
@pytest.mark.slow
def test_a_file_that_only_begins_as_a_model_is_explained(broken: Path) -> None:
    with pytest.raises(ModelError, match=r"could not be served .*; set RAG_LLM_FILE"), serve(broken):
        pass


@needs_xllamacpp
@needs_a_model
@pytest.mark.slow
def test_a_model_file_answers_under_its_name_and_ends_with_the_block() -> None:
    with serve(Path(MODEL), context=512, slots=2) as base_url:
        assert base_url.startswith("http://127.0.0.1:")
        assert _asked(f"{base_url}/models")["data"][0]["id"] == Path(MODEL).stem
        assert _asked(f"{base_url.removesuffix('/v1')}/props")["default_generation_settings"]["n_ctx"] == 512
        question = {"messages": [{"role": "user", "content": "Ai thăm Lào?"}], "max_tokens": 4}
        assert _asked(f"{base_url}/chat/completions", question)["usage"]["completion_tokens"] == 4
    with pytest.raises(OSError, match="refused"):
        _asked(f"{base_url}/models")


@needs_xllamacpp
@needs_a_model
@pytest.mark.slow
def test_a_model_that_is_not_up_in_time_is_given_up() -> None:
    with pytest.raises(ModelBusy, match="not up after"), serve(Path(MODEL), most=0.01):
        pass


@needs_xllamacpp
@needs_a_model
@pytest.mark.slow
def test_the_server_ends_with_a_parent_that_is_killed() -> None:
    code = f"""if True:
        import pathlib, sys, time
        from rag.local import serve
        with serve(pathlib.Path({MODEL!r}), context=512) as base_url:
            print(base_url, flush=True)
            time.sleep(600)"""
    path = os.pathsep.join(filter(None, [str(PACKAGE), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    base_url = parent.stdout.readline().strip()
    _asked(f"{base_url}/models")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 20
    while _answers(base_url):
        assert time.monotonic() < until
        time.sleep(0.1)


def _asked(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def _answers(base_url: str) -> bool:
    try:
        _asked(f"{base_url}/models")
    except OSError:
        return False
    return True
