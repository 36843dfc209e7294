"""A language model behind a scripted server: what it says, and everything that can go wrong with it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr
from scripted import Cut, Drip, Endless, Raw, Reply, Says, Scripted, ScriptedServer, Silence, Status, context_full

from rag import config
from rag.errors import InputError, MissingExtra, ModelBusy, ModelError
from rag.llm import Meter, Model, connect
from rag.prompts import Prompt


class Written(BaseModel):
    quotes: list[str]
    statement: str


class Answered(BaseModel):
    answered: bool
    statements: list[Written]


class Question(BaseModel):
    question: str


PROMPT = Prompt("answer", "Trả lời bằng {JSON}.", "Câu hỏi: $question", "0" * 64)
ASKED = {"question": "Ông {question} đã gặp $question?"}
FIRST = {"quotes": ["Ông Trọng thăm Bắc Kinh."], "statement": "Ông Trọng đã thăm Bắc Kinh."}
SECOND = {"quotes": ["Hai bên ký 13 văn kiện."], "statement": "Hai bên ký 13 văn kiện."}
WHOLE = {"answered": True, "statements": [FIRST, SECOND]}
TEXT = json.dumps(WHOLE, ensure_ascii=False)
PARTS = [("item", FIRST), ("item", SECOND), ("end", WHOLE)]
KEY = "sk-very-secret-0123456789"


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """LangChain takes seconds to import; the time limits below are of calls alone."""
    with ScriptedServer(["Yes"]) as server:
        model_of(server).odds(PROMPT, ASKED, meter=Meter(60))


@pytest.fixture(scope="module")
def echo() -> Iterator[tuple[Model, list[Reply]]]:
    """A model that gives the reply in the list, and the list."""
    replies: list[Reply] = []

    def reply(request: dict[str, Any]) -> Scripted:
        found = replies[0]
        assert not callable(found)
        return found

    with ScriptedServer([reply]) as server:
        yield model_of(server), replies


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    yield
    end = time.monotonic() + 2
    while calls := [thread for thread in threading.enumerate() if thread.name == "rag-llm"]:
        assert time.monotonic() < end, f"still running: {calls}"
        time.sleep(0.02)


def model_of(server: ScriptedServer, **options: Any) -> Model:
    return connect(**{"model": "scripted", "base_url": server.base_url, "retries": 0, **options})


def items(model: Model, *, meter: Meter | None = None, stop: threading.Event | None = None) -> Iterator[Any]:
    return model.items(PROMPT, ASKED, Answered, each="statements", meter=meter or Meter(5), stop=stop)


# What it says


def test_a_reply_has_the_shape_that_was_asked_for() -> None:
    with ScriptedServer(['{"question": "Ông Trọng đã gặp ai?"}']) as server:
        reply = model_of(server).reply(PROMPT, ASKED, Question, meter=Meter(5))
    assert reply == Question(question="Ông Trọng đã gặp ai?")
    request = server.requests[0]
    assert [message["content"] for message in request["messages"]] == [
        "Trả lời bằng {JSON}.",
        "Câu hỏi: Ông {question} đã gặp $question?",
    ]
    assert request["temperature"] == 0
    assert isinstance(request["seed"], int)
    assert request["max_tokens"] == 900
    assert request["response_format"]["json_schema"]["schema"]["required"] == ["question"]


def test_items_come_while_the_model_still_writes() -> None:
    with ScriptedServer([Says(TEXT, size=TEXT.index("}") + 1, pause=0.5)]) as server:
        started = time.monotonic()
        kinds = [(kind, time.monotonic() - started) for kind, _ in items(model_of(server))]
    assert [kind for kind, _ in kinds] == ["item", "item", "end"]
    assert kinds[1][1] - kinds[0][1] > 0.3


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_items_and_the_end_are_the_same_however_they_arrive(size: int) -> None:
    with ScriptedServer([Says(TEXT, size=size)]) as server:
        assert list(items(model_of(server))) == PARTS


def test_a_missing_variable_is_an_error_before_anything_is_sent() -> None:
    with ScriptedServer([TEXT]) as server, pytest.raises(KeyError, match="question"):
        model_of(server).reply(PROMPT, {}, Answered, meter=Meter(5))
    assert server.requests == []


def test_what_is_no_unicode_is_sent_all_the_same() -> None:
    with ScriptedServer([TEXT]) as server:
        model_of(server).reply(PROMPT, {"question": "a\ud800b\x00"}, Answered, meter=Meter(5))
    assert server.requests[0]["messages"][1]["content"] == "Câu hỏi: a?b\x00"


def test_the_meter_counts_calls_tokens_time_and_cost() -> None:
    meter = Meter(5)
    with ScriptedServer([Says(TEXT, size=40, pause=0.02), Says(TEXT, usage=False)]) as server:
        model = model_of(server, price_input=2.0, price_output=10.0)
        list(items(model, meter=meter))
        assert (meter.calls, meter.input_tokens, meter.output_tokens) == (1, 100, 10)
        assert meter.cost == pytest.approx(0.0003)
        list(items(model, meter=meter))
    assert meter.calls == 2
    assert meter.output_tokens > 10  # an estimate, where the endpoint does not say
    assert 0.05 < meter.as_dict()["seconds"] < 5
    assert "cost" not in Meter().as_dict()


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Says("Yes", first=[("Yes", -0.5), ("No", -3.0)]), 2.5),
        (Says("No", first=[("No", -0.1), ("no", -9.0)]), pytest.approx(-8.9, abs=0.01)),
        ("Yes.", 4.0),
        ("**No**", -4.0),
        ("Maybe", None),
        ("", None),
    ],
)
def test_odds_come_from_probabilities_else_from_the_word(reply: Reply, found: float | None) -> None:
    with ScriptedServer([reply]) as server:
        assert model_of(server).odds(PROMPT, ASKED, meter=Meter(5)) == found
    assert server.requests[0]["top_logprobs"] == 10


# What the endpoint does not know


@pytest.mark.parametrize(
    ("refuses", "held"),
    [
        ((), "response_format"),
        (("response_format",), "tools"),
        (("response_format", "tools"), None),
        (("seed", "temperature", "stream_options"), "response_format"),
        (("max_tokens",), "max_completion_tokens"),
        (("max_tokens", "max_completion_tokens"), "response_format"),
    ],
)
def test_what_an_endpoint_refuses_is_left_out_from_then_on(refuses: tuple[str, ...], held: str | None) -> None:
    with ScriptedServer([TEXT], refuses=refuses) as server:
        model = model_of(server)
        assert list(items(model)) == PARTS
        asked = len(server.requests)
        assert asked == len(refuses) + 1
        assert list(items(model)) == PARTS
    assert len(server.requests) == asked + 1
    assert not set(refuses) & server.requests[-1].keys()
    assert held is None or held in server.requests[-1]


def test_calls_at_the_same_time_leave_out_the_same() -> None:
    with ScriptedServer([TEXT], refuses=["seed"]) as server, ThreadPoolExecutor(4) as pool:
        model = model_of(server)
        assert list(pool.map(lambda _: list(items(model)), range(4))) == [PARTS] * 4
        assert list(items(model)) == PARTS
    assert "response_format" in server.requests[-1]


def test_a_model_without_schema_and_tools_is_told_the_shape() -> None:
    with ScriptedServer([TEXT], refuses=["response_format", "tools"]) as server:
        assert list(items(model_of(server))) == PARTS
    asked = [request["messages"][1]["content"] for request in server.requests]
    assert [text.count('"statements"') > 0 for text in asked] == [False, False, True]


def test_a_model_that_speaks_where_it_should_call_a_tool_is_understood() -> None:
    with ScriptedServer([Says(f"Here: {TEXT}", speaks=True)], refuses=["response_format"]) as server:
        assert list(items(model_of(server))) == PARTS


def test_an_endpoint_without_probabilities_is_asked_for_the_word() -> None:
    with ScriptedServer(["Yes"], refuses=["logprobs"]) as server:
        assert model_of(server).odds(PROMPT, ASKED, meter=Meter(5)) == 4.0


def test_the_only_model_of_an_endpoint_needs_no_name() -> None:
    with ScriptedServer([TEXT], models=["qwen"]) as server:
        model = model_of(server, model=None)
        assert model.name == ""
        list(items(model))
        assert (model.name, server.requests[0]["model"]) == ("qwen", "qwen")
        assert model.models(meter=Meter(5)) == ("qwen",)


@pytest.mark.parametrize(("models", "named"), [(["a", "b"], "serves a, b"), ([], "names no model")])
def test_one_of_several_models_has_to_be_named(models: list[str], named: str) -> None:
    with (
        ScriptedServer([TEXT], models=models) as server,
        pytest.raises(ModelError, match=f"{named}; set RAG_LLM_MODEL"),
    ):
        list(items(model_of(server, model=None)))


# What goes wrong

FAULTS: dict[str, tuple[Reply, type[ModelError], str]] = {
    "wrong key": (Status(401), ModelError, "refuses the key.*RAG_LLM_API_KEY"),
    "forbidden": (Status(403), ModelError, "refuses the key.*RAG_LLM_API_KEY"),
    "unknown model": (Status(404, "no such model"), ModelError, "no model scripted.*RAG_LLM_MODEL"),
    "full context": (context_full(), ModelError, "context.*RAG_LLM_CONTEXT"),
    "too large": (Status(413), ModelError, "context"),
    "refused": (Status(400, "odd"), ModelError, "refuses the request .400: odd"),
    "moved": (Status(302, "", {"Location": "http://127.0.0.1:9/"}), ModelError, "refuses the request"),
    "no credit": (Status(429, "insufficient_quota"), ModelError, "no credit"),
    "overloaded": (Status(429), ModelBusy, "try again"),
    "failing": (Status(500), ModelBusy, "try again"),
    "silent": (Silence(), ModelBusy, "within 1 s; RAG_LLM_TIMEOUT"),
    "drip": (Drip(), ModelBusy, "within 1 s"),
    "drip of headers": (Drip(headers=True), ModelBusy, "within 1 s"),
    "endless": (Endless('{"answered": "'), ModelBusy, "cut|within 1 s"),
    "endless and empty": (Endless("", "", 0.01), ModelBusy, "within 1 s"),
    "endless spaces": (Endless('{"answered":', " " * 200), ModelBusy, "cut"),
    "one endless line": (Raw(b"data: " + b"x" * 9_000_000), ModelBusy, "does not end"),
    "cut at once": (Cut(), ModelBusy, "broke the connection off"),
    "cut": (Cut('{"answered": tr'), ModelBusy, "broke the connection off"),
    "cut without a word": (Says('{"answered": tr', finish=None), ModelBusy, "can be read"),
    "half": ('{"answered": true, "statements": [{"quo', ModelBusy, "can be read"),
    "at its limit": (Says('{"answered": true, "sta', finish="length"), ModelBusy, "RAG_LLM_MAX_TOKENS"),
    "wrong types": ('{"answered": 3, "statements": "no"}', ModelBusy, "can be read"),
    "empty": ("", ModelBusy, "can be read"),
    "prose": ("I am sorry, I can not.", ModelBusy, "can be read"),
    "no stream": (Raw(b"hello"), ModelBusy, "no reply of a chat model"),
    "no chunk": (Raw(b"data: [1, 2]\n\ndata: [DONE]\n\n"), ModelBusy, "no reply of a chat model"),
    "no JSON": (Raw(b"data: {{\n\n"), ModelBusy, "no reply of a chat model"),
    "an error in the stream": (Raw(b'data: {"error": {"message": "out of memory"}}\n\n'), ModelBusy, "out of memory"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_ends_within_the_limit_in_one_line(fault: str) -> None:
    reply, kind, words = FAULTS[fault]
    with ScriptedServer([reply]) as server:
        started = time.monotonic()
        with pytest.raises(ModelError, match=words) as raised:
            list(items(model_of(server, api_key=KEY), meter=Meter(1)))
        assert time.monotonic() - started < 3
    assert raised.type is kind
    assert "\n" not in str(raised.value)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("fault", ["silent", "drip", "endless and empty", "endless spaces"])
def test_the_server_sees_that_nobody_waits_any_more(fault: str) -> None:
    with ScriptedServer([FAULTS[fault][0]]) as server:
        with pytest.raises(ModelBusy):
            model_of(server).reply(PROMPT, ASKED, Answered, meter=Meter(1))
        assert server.left.wait(1)


def test_a_server_that_repeats_the_key_does_not_get_it_printed() -> None:
    refusal = Status(400, f"bad {KEY} \x1b[31m\nsecond line")
    with ScriptedServer([refusal]) as server, pytest.raises(ModelError) as raised:
        list(items(model_of(server, api_key=SecretStr(f" {KEY}\n"))))
    assert server.keys == [KEY]
    assert str(raised.value).endswith("refuses the request (400: bad *** [31m second line)")


def test_where_no_server_listens_the_address_is_to_be_checked() -> None:
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9 cannot be reached .*RAG_LLM_BASE_URL"):
        list(items(connect(model="x", base_url="http://127.0.0.1:9/v1")))


def test_a_cut_reply_gives_its_finished_items_and_then_the_error() -> None:
    with ScriptedServer([Cut(TEXT[:-10])]) as server:
        parts = items(model_of(server))
        assert next(parts) == PARTS[0]
        with pytest.raises(ModelBusy, match="broke the connection off"):
            next(parts)


def test_a_reply_at_its_token_limit_keeps_its_finished_items() -> None:
    with ScriptedServer([Says(TEXT[:-10], finish="length")]) as server:
        end = {"answered": True, "statements": [FIRST]}
        assert list(items(model_of(server))) == [("item", FIRST), ("end", end)]


def test_an_item_of_another_type_is_left_out() -> None:
    mixed = {"answered": True, "statements": [{"quotes": 1}, FIRST, "x"]}
    with ScriptedServer([json.dumps(mixed)]) as server:
        assert list(items(model_of(server))) == [("item", FIRST), ("end", {"answered": True, "statements": [FIRST]})]


def test_a_reply_that_cannot_be_read_is_asked_for_once_more() -> None:
    with ScriptedServer(["Gladly!", TEXT]) as server:
        assert model_of(server).reply(PROMPT, ASKED, Answered, meter=Meter(5)).statements[1].statement
    assert "JSON schema" in server.requests[1]["messages"][1]["content"]
    assert "response_format" not in server.requests[1]


@pytest.mark.parametrize("fault", [Status(429, "slow", {"Retry-After": "0.2"}), Status(503), Cut()])
def test_what_may_pass_is_tried_again(fault: Reply) -> None:
    with ScriptedServer([fault, TEXT]) as server:
        assert list(items(model_of(server, retries=1))) == PARTS


def test_a_server_that_wants_a_longer_wait_than_there_is_time_is_not_waited_for() -> None:
    with ScriptedServer([Status(429, "slow", {"Retry-After": "60"})]) as server:
        started = time.monotonic()
        with pytest.raises(ModelBusy):
            list(items(model_of(server, retries=3)))
        assert time.monotonic() - started < 1


def test_what_will_not_pass_is_not_tried_again() -> None:
    with ScriptedServer([Status(401)]) as server, pytest.raises(ModelError):
        list(items(model_of(server, retries=3)))
    assert len(server.requests) == 1


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["answered", "statements", "quotes", "statement", "x"]), inner, max_size=4
            )
        ),
    ).map(json.dumps)
)
def test_whatever_a_model_says_is_a_reply_or_a_model_error(echo: tuple[Model, list[Reply]], text: str) -> None:
    model, replies = echo
    replies[:] = [text]
    try:
        parts = list(items(model))
    except ModelError:
        return
    assert [kind for kind, _ in parts].index("end") == len(parts) - 1
    assert all(Written.model_validate(value) for kind, value in parts if kind == "item")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["text/event-stream", "application/json", "text/html"]))
def test_whatever_a_server_sends_is_a_reply_or_a_model_error(
    echo: tuple[Model, list[Reply]], body: bytes, content_type: str
) -> None:
    model, replies = echo
    replies[:] = [Raw(b"data: " + body + b"\n\n", content_type)]
    with pytest.raises(ModelError):
        list(items(model))
    with pytest.raises(ModelError):
        model.odds(PROMPT, ASKED, meter=Meter(5))


# Stopping and sharing


def closed(parts: Any, stop: threading.Event) -> None:
    parts.close()


def stopped(parts: Any, stop: threading.Event) -> None:
    stop.set()
    assert list(parts) == []


@pytest.mark.parametrize("end", [closed, stopped])
def test_a_stop_ends_the_servers_work_at_once(end: Callable[[Any, threading.Event], None]) -> None:
    stop = threading.Event()
    with ScriptedServer([Endless(TEXT[: TEXT.index("}") + 1], " ", 0.02)]) as server:
        parts = items(model_of(server), stop=stop, meter=Meter(30))
        assert next(parts) == PARTS[0]
        started = time.monotonic()
        end(parts, stop)
        assert server.left.wait(1)
        assert time.monotonic() - started < 1.5


def test_a_stop_ends_the_wait_for_a_silent_server() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with ScriptedServer([Silence()]) as server:
        started = time.monotonic()
        assert list(items(model_of(server), stop=stop, meter=Meter(30))) == []
        assert time.monotonic() - started < 1
        assert server.left.wait(1)


def test_no_more_calls_run_at_once_than_are_allowed() -> None:
    running: list[int] = [0, 0]
    lock = threading.Lock()

    def reply(request: dict[str, Any]) -> str:
        with lock:
            running[0] += 1
            running[1] = max(running)
        time.sleep(0.1)
        with lock:
            running[0] -= 1
        return TEXT

    with ScriptedServer([reply]) as server, ThreadPoolExecutor(6) as pool:
        model = model_of(server, concurrency=2)
        assert list(pool.map(lambda _: list(items(model)), range(6))) == [PARTS] * 6
    assert running == [0, 2]


def test_the_wait_for_a_free_place_counts_against_the_limit() -> None:
    with ScriptedServer([Silence()]) as server:
        model = model_of(server, concurrency=1)
        stop = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(lambda: list(items(model, stop=stop, meter=Meter(30))))
            while not server.requests:
                time.sleep(0.01)
            with pytest.raises(ModelBusy, match=r"within 0\.5 s"):
                list(items(model, meter=Meter(0.5)))
            stop.set()
            assert first.result() == []


# The cache


def test_a_reply_is_paid_once(tmp_path: Path) -> None:
    cache, meter = tmp_path / "store" / "llm_cache.sqlite", Meter(5)
    with ScriptedServer([TEXT, Says("Yes", first=[("Yes", -0.5), ("No", -3.0)])]) as server:
        for _ in range(2):
            model = model_of(server, cache=cache)
            assert list(items(model, meter=meter)) == PARTS
            assert model.odds(PROMPT, ASKED, meter=meter) == 2.5
        assert len(server.requests) == 2
        assert (meter.calls, meter.cached) == (2, 2)
        model.odds(PROMPT, {"question": "Khác?"}, meter=meter)
        model_of(server, cache=cache, model="other").odds(PROMPT, ASKED, meter=meter)
        model_of(server).odds(PROMPT, ASKED, meter=meter)
        assert len(server.requests) == 5


@pytest.mark.parametrize("reply", [Says(TEXT[:-10], finish="length"), json.dumps({**WHOLE, "statements": [FIRST, 1]})])
def test_a_reply_that_is_not_all_there_is_not_kept(tmp_path: Path, reply: Reply) -> None:
    with ScriptedServer([reply, TEXT]) as server:
        model = model_of(server, cache=tmp_path / "cache")
        assert PARTS[0] in list(items(model))
        assert list(items(model)) == PARTS


def test_a_damaged_cache_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    with ScriptedServer([TEXT]) as server:
        model = model_of(server, cache=path)
        list(items(model))
        path.write_bytes(b"SQLite format 3\x00" + os.urandom(5000))
        for _ in range(2):
            assert list(items(model)) == PARTS
    assert len(server.requests) == 2


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with ScriptedServer([TEXT]) as server:
        assert list(items(model_of(server, cache=tmp_path / "file" / "cache"))) == PARTS
        assert list(items(model_of(server, cache=tmp_path))) == PARTS


# Where text goes


@pytest.mark.parametrize(
    ("base_url", "outside"),
    [
        ("http://127.0.0.1:8080/v1", None),
        ("http://localhost/v1/", None),
        ("http://[::1]:80/v1", None),
        ("http://192.168.1.5/v1", "192.168.1.5"),
        ("https://user:pass@llm.example.org/v1", "llm.example.org"),
        ("http://127.0.0.1.example.org/v1", "127.0.0.1.example.org"),
        (None, "api.openai.com"),
    ],
)
def test_a_host_outside_this_machine_is_named(base_url: str | None, outside: str | None) -> None:
    assert connect(model="x", base_url=base_url).outside == outside


def test_the_first_use_of_a_host_outside_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    model = connect(model="x", base_url="http://nowhere.invalid/v1", retries=0)
    for _ in range(2):
        with pytest.raises(ModelError, match=r"nowhere\.invalid cannot be reached"):
            list(items(model))
    said = "rag: sending questions and passages to nowhere.invalid (RAG_LLM_BASE_URL)\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("base_url", ["localhost:8080", "ftp://host/v1", "http://", "http://[::1", "http://a:b/v1"])
def test_an_address_that_is_none_is_an_error(base_url: str) -> None:
    with pytest.raises(ModelError, match="RAG_LLM_BASE_URL is no address"):
        connect(model="x", base_url=base_url)


@pytest.mark.parametrize("key", ["sk-one\nsk-two", "khoá"])
def test_a_key_that_cannot_be_sent_is_an_error_that_does_not_show_it(key: str) -> None:
    with pytest.raises(ModelError, match="RAG_LLM_API_KEY") as raised:
        connect(model="x", api_key=key)
    assert key not in str(raised.value)


def test_a_model_needs_a_name_or_an_address() -> None:
    with pytest.raises(ModelError, match="RAG_LLM_MODEL"):
        connect()
    with pytest.raises(ModelError, match="RAG_LLM_MODEL"):
        connect(provider="anthropic", base_url="http://127.0.0.1:9")


def test_a_provider_whose_package_is_missing_names_it() -> None:
    with pytest.raises(MissingExtra, match=r"pip install langchain-mistralai$"):
        list(items(connect(model="x", provider="mistralai")))


OTHER_PROVIDER = """
import time
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

class ChatFireworks(BaseChatModel):
    model: str
    temperature: float
    max_tokens: int
    _llm_type = "other"

    def _stream(self, messages, stop=None, run_manager=None, tools=(), **options):
        if self.model == "silent":
            time.sleep(1)
        for part in SAYS:
            call = [{"name": None, "args": part, "id": None, "index": 0}]
            found = AIMessageChunk(content="", tool_call_chunks=call) if tools else AIMessageChunk(content=part)
            yield ChatGenerationChunk(message=found)

    def _generate(self, *arguments, **options):
        raise NotImplementedError

    def bind_tools(self, tools, *, tool_choice=None, **options):
        if self.model == "plain":
            raise NotImplementedError
        return self.bind(tools=[tools[0]["function"]["parameters"]["required"]])
"""


def test_another_provider_of_langchain_is_asked_through_its_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"SAYS = {TEXT.replace('}', '}|').split('|')!r}\n{OTHER_PROVIDER}"
    (tmp_path / "langchain_fireworks.py").write_text(said, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    model = connect(model="x", provider="fireworks", retries=0)
    assert model.outside == "fireworks"
    assert list(items(model)) == PARTS
    assert model.models(meter=Meter(5)) == ()
    assert list(items(connect(model="plain", provider="fireworks", retries=0))) == PARTS
    with pytest.raises(ModelBusy, match=r"within 0\.5 s"):
        list(items(connect(model="silent", provider="fireworks", retries=0), meter=Meter(0.5)))


def test_an_unknown_provider_is_an_error() -> None:
    with pytest.raises(ModelError, match="RAG_LLM_PROVIDER"):
        list(items(connect(model="x", provider="nobody")))


def test_neither_tracing_nor_a_proxy_nor_a_redirect_takes_text_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([TEXT]) as server, ScriptedServer([TEXT]) as elsewhere:
        other = elsewhere.base_url.removesuffix("/v1")
        for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING_V2"):
            monkeypatch.setenv(name, "true")
        for name in (
            "LANGSMITH_ENDPOINT",
            "LANGCHAIN_ENDPOINT",
            "HTTP_PROXY",
            "http_proxy",
            "ALL_PROXY",
            "OPENAI_PROXY",
        ):
            monkeypatch.setenv(name, other)
        monkeypatch.setenv("LANGSMITH_API_KEY", "x")
        assert list(items(model_of(server))) == PARTS
        time.sleep(0.5)
        assert elsewhere.paths == []


# Settings


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in os.environ:
        if name.startswith(("RAG_", "OPENAI_")):
            monkeypatch.delenv(name)
    return monkeypatch


def test_a_key_alone_sets_no_model(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("OPENAI_API_KEY", KEY)
    found = config.settings()
    assert not found.llm_set
    assert KEY not in repr(found)
    clean.setenv("OPENAI_MODEL", "m")
    assert config.settings().llm_set


def test_the_variables_of_openai_hold_where_ours_are_not_set(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    clean.setenv("OPENAI_MODEL", "theirs")
    clean.setenv("OPENAI_API_KEY", KEY)
    clean.setenv("RAG_LLM_MODEL", "ours")
    found = config.settings()
    assert (found.llm_base_url, found.llm_model) == ("http://127.0.0.1:1/v1", "ours")
    assert found.llm_api_key
    assert found.llm_api_key.get_secret_value() == KEY
    assert config.settings(llm_model="given").llm_model == "given"
    clean.setenv("RAG_LLM_PROVIDER", "anthropic")
    assert config.settings().llm_api_key is None


def test_openais_key_is_not_sent_to_an_address_of_ours(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("OPENAI_API_KEY", KEY)
    clean.setenv("RAG_LLM_BASE_URL", "https://models.example/v1")
    assert config.settings().llm_api_key is None
    clean.setenv("RAG_LLM_API_KEY", "ours")
    key = config.settings().llm_api_key
    assert key is not None
    assert key.get_secret_value() == "ours"


@pytest.mark.parametrize(
    ("name", "value"),
    [("RAG_LLM_TIMEOUT", "0"), ("RAG_LLM_TIMEOUT", "inf"), ("RAG_LLM_RETRIES", "-1"), ("RAG_JUDGE", "maybe")],
)
def test_a_setting_that_makes_no_sense_is_an_error(clean: pytest.MonkeyPatch, name: str, value: str) -> None:
    clean.setenv(name, value)
    with pytest.raises(InputError, match=name.removeprefix("RAG_").lower()):
        config.settings()


def test_making_a_model_imports_and_connects_to_nothing() -> None:
    code = (
        "import sys\nfrom rag.llm import connect\n"
        "connect(model='x', base_url='http://127.0.0.1:9/v1')\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {"langchain", "langchain_core", "langchain_openai", "openai", "httpx2", "langsmith"}
    assert not set(done.stdout.split()) & loaded
