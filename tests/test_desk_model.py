"""The desk's language model is changed while others ask: each answer ends with the model it began with."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import Says, ScriptedServer, Status

from rag.desk import Desk, open_desk
from rag.errors import ModelError

QUESTION = "What did Lavrov and Wang Yi reaffirm?"
QUOTE = "cả ông Vương Nghị và ông Lavrov đã tái khẳng định sự ủng hộ vai trò trung tâm của ASEAN"
TRUE = "Wang Yi and Lavrov reaffirmed their support for the central role of ASEAN."
REPLY = json.dumps({"answered": True, "statements": [{"quotes": [QUOTE], "statement": TRUE}]}, ensure_ascii=False)
CAPITAL = '{"city": "Viêng Chăn", "country": "Lào"}'
KEY = "sksecret123"  # the same in HTML


@pytest.fixture
def plain(seeds_store: Path) -> Iterator[Desk]:
    """A desk of its own on the seeds, without a model."""
    desk = open_desk(store=seeds_store, llm_cache=False, llm_retries=0, judge="off")
    yield desk
    desk.close()


def test_a_model_is_used_from_the_next_question_on_and_given_up_again(plain: Desk) -> None:
    with ScriptedServer([REPLY], key=KEY) as server:
        assert plain.ask(QUESTION).mode == "extract"
        store = plain.store
        plain.use_model(base_url=server.base_url + "/", model=" scripted ", api_key=KEY)
        answer = plain.ask(QUESTION)
        assert (answer.mode, answer.model) == ("llm", "scripted")
        assert [statement.text for statement in answer.statements] == [TRUE]
        assert set(server.keys) == {KEY}
        assert plain.beside().ask(QUESTION).mode == "llm"
        plain.use_no_model()
        assert plain.ask(QUESTION).mode == "extract"
        assert plain.settings.llm_api_key is None
        assert plain.store is store


def test_an_answer_ends_with_the_model_it_began_with(plain: Desk) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slowly(_: dict[str, Any]) -> str:
        started.set()
        assert go_on.wait(20)
        return REPLY

    with ScriptedServer([slowly]) as first, ScriptedServer([REPLY]) as second:
        plain.use_model(base_url=first.base_url, model="first")
        answers = []
        asking = threading.Thread(target=lambda: answers.append(plain.ask(QUESTION)))
        asking.start()
        assert started.wait(20)
        plain.use_model(base_url=second.base_url, model="second")
        assert plain.ask(QUESTION).model == "second"
        plain.use_no_model()
        go_on.set()
        asking.join(20)
        assert [(answer.mode, answer.model) for answer in answers] == [("llm", "first")]
        assert plain.ask(QUESTION).mode == "extract"


def test_a_question_that_came_before_keeps_its_model_even_if_it_asks_later(plain: Desk) -> None:
    with ScriptedServer([REPLY]) as first, ScriptedServer([REPLY]) as second:
        plain.use_model(base_url=first.base_url, model="first")
        earlier = plain.stream(QUESTION)
        plain.use_model(base_url=second.base_url, model="second")
        *_, answer = earlier
        assert getattr(answer, "model", None) == "first"
        assert plain.ask(QUESTION).model == "second"


def test_what_was_set_for_one_model_is_not_held_true_of_another(seeds_store: Path) -> None:
    desk = open_desk(
        store=seeds_store, mode="extract", llm_base_url="http://127.0.0.1:9/v1", llm_model="a", llm_api_key=KEY,
        llm_context=4096, llm_price_input=1.0, llm_provider="openai",
    )  # fmt: skip
    desk.use_model(base_url="http://127.0.0.1:9/v1", model="a", api_key=KEY)
    assert (desk.settings.llm_context, desk.settings.llm_price_input, desk.settings.mode) == (4096, 1.0, None)
    desk.use_model(base_url="http://127.0.0.1:9/v1", model="b")
    assert (desk.settings.llm_context, desk.settings.llm_price_input, desk.settings.llm_api_key) == (None, None, None)


@pytest.mark.parametrize(
    ("base_url", "key"), [("nowhere", ""), ("ftp://127.0.0.1/v1", ""), ("http://127.0.0.1:9/v1", "khoá"), ("", "")]
)
def test_what_is_no_address_or_no_key_changes_nothing(plain: Desk, base_url: str, key: str) -> None:
    before = plain.settings
    with pytest.raises(ModelError):
        plain.use_model(base_url=base_url, api_key=key)
    assert plain.settings is before


def test_a_model_is_tried_without_being_used_and_its_key_is_never_told(plain: Desk) -> None:
    with ScriptedServer([Says(CAPITAL)], key=KEY) as server:
        found = list(plain.try_model(base_url=server.base_url, model="scripted", api_key=KEY))
        assert [(health.part, health.ok) for health in found] == [
            ("model address", True), ("model", True), ("model reply", True),
        ]  # fmt: skip
        assert len(server.requests) == 1
        refused = list(plain.try_model(base_url=server.base_url, model="scripted", api_key=KEY + "0"))[-1]
        assert (refused.ok, refused.remedy) == (False, "set RAG_LLM_API_KEY")
        assert KEY not in f"{found} {refused}"
    assert not plain.settings.llm_set


def test_an_endpoint_without_the_model_names_those_it_serves(plain: Desk) -> None:
    with ScriptedServer([Status(404, "no such model")], models=["qwen", "gemma"]) as server:
        last = list(plain.try_model(base_url=server.base_url, model="other"))[-1]
    assert last.ok is False
    assert last.remedy is not None
    assert last.remedy.endswith("serves: qwen, gemma")
