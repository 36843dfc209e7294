"""The functions over HTTP and MCP, asked by the clients that people use."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser.conftest import serving_here
from fakes import FakeDesk
from running import finished

from rag import render, ui_api
from rag.desk import Desk
from rag.errors import InputError, StoreError

FLAGSHIP = "what did Lavrov and Wang Yi agree on?"
DOCUMENT = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
NAMES = ["ask", "search", "brief", "events", "show"]


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with serving_here(desk) as found:
        yield found


@pytest.fixture(scope="module")
def client(address: str) -> Any:
    from gradio_client import Client

    return Client(address, verbose=False)


def timeless(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key != "seconds"}


def with_tools(address: str, use: Callable[[Any], Awaitable[Any]], headers: dict[str, str] | None = None) -> Any:
    """What `use(session)` gives, of an MCP session by streamable HTTP."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def talk() -> Any:
        async with (
            httpx.AsyncClient(headers=headers, timeout=60, follow_redirects=True) as http,
            streamable_http_client(f"{address}gradio_api/mcp", http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    return finished(talk())


def events_of(address: str, name: str, data: list[Any]) -> list[tuple[str, Any]]:
    """The events that a call by plain HTTP streams."""
    posted = httpx.post(f"{address}gradio_api/call/{name}", json={"data": data})
    stream = httpx.get(f"{address}gradio_api/call/{name}/{posted.json()['event_id']}", timeout=60).text
    return [(kind, json.loads(told)) for kind, told in re.findall(r"event: (\w+)\ndata: (.*)\n", stream)]


def test_a_client_is_shown_the_five_functions_and_no_other(client: Any) -> None:
    found = client.view_api(return_format="dict", print_info=False)
    assert list(found["named_endpoints"]) == [f"/{name}" for name in NAMES]
    assert found["unnamed_endpoints"] == {}


def test_the_python_client_asks_the_flagship_and_every_quote_stands_in_its_article(client: Any, desk: Desk) -> None:
    answer = client.predict(FLAGSHIP, api_name="/ask")
    assert timeless(answer) == timeless(json.loads(json.dumps(render.answer_json(desk.ask(FLAGSHIP)))))
    citations = [citation for statement in answer["statements"] for citation in statement["citations"]]
    assert len(citations) > 1
    for citation in citations:
        article = client.predict(citation["article"], api_name="/show")
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_an_mcp_client_lists_five_tools_and_asks_the_flagship(address: str, desk: Desk) -> None:
    async def use(session: Any) -> Any:
        return (await session.list_tools()).tools, await session.call_tool("ask", {"question": FLAGSHIP})

    tools, result = with_tools(address, use)
    assert [tool.name for tool in tools] == NAMES
    for tool in tools:
        assert tool.description
        assert tool.annotations.readOnlyHint
        assert all(argument["description"] for argument in tool.inputSchema["properties"].values())
    expected = timeless(render.answer_json(desk.ask(FLAGSHIP)))
    assert timeless(result.structuredContent) == json.loads(json.dumps(expected))
    assert timeless(json.loads(result.content[0].text)) == timeless(result.structuredContent)


def test_plain_http_needs_only_the_question(address: str, client: Any) -> None:
    ((kind, (answer,)),) = events_of(address, "ask", [FLAGSHIP])
    assert kind == "complete"
    assert timeless(answer) == timeless(client.predict(question=FLAGSHIP, api_name="/ask"))


def test_filters_and_options_reach_the_desk(client: Any) -> None:
    vietnamese = client.predict(FLAGSHIP, source_lang="vi", lang="en", api_name="/ask")
    assert vietnamese["statements"]
    refused = client.predict(FLAGSHIP, source_lang="ru", api_name="/ask")
    assert refused["refused"]
    assert len(client.predict("Lavrov", limit=2, api_name="/search")["hits"]) == 2
    assert client.predict("Lavrov", names=["Blinken"], api_name="/search")["hits"] == []


def test_events_come_in_pages(client: Any) -> None:
    whole = client.predict(background=True, api_name="/events")
    assert whole["total"] == len(whole["events"]) > 2
    first = client.predict(background=True, limit=2, api_name="/events")
    second = client.predict(background=True, limit=2, offset=2, api_name="/events")
    assert first["total"] == second["total"] == whole["total"]
    assert first["events"] + second["events"] == whole["events"][:4]


def test_the_paths_of_this_machine_are_not_told(client: Any, desk: Desk, seeds_store: Path) -> None:
    (row, *_) = desk.articles()
    shown = client.predict(row.source.id, api_name="/show")
    expected = render.show_json(*((found := desk.show(row.source.id)).article, found.chunks, found.sources))
    assert [each["file"] for each in shown["sources"]] == [Path(each["path"]).name for each in expected["sources"]]
    assert {**shown, "sources": None} == {**json.loads(json.dumps(expected)), "sources": None}
    briefing = client.predict(since="2023-01-01", until="2023-12-31", api_name="/brief")
    assert str(Path(row.source.path).parent) not in json.dumps([shown, briefing])


def test_a_briefing_is_of_one_period(client: Any) -> None:
    from gradio_client.exceptions import AppError

    found = client.predict(since="2023-01-01", until="2023-12-31", lang="vi", api_name="/brief")
    assert found["lang"] == "vi"
    assert found["events"]
    with pytest.raises(AppError, match=r"^give date, or since and until"):
        client.predict(api_name="/brief")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"question": ""}, "the question is empty"),
        ({"question": FLAGSHIP, "since": "nonsense"}, "'nonsense' is no date"),
        ({"question": FLAGSHIP, "mode": "poem"}, "mode: Input should be 'extract' or 'llm'"),
        ({"question": ["a list"]}, "question: Input should be a valid string"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    address: str, client: Any, arguments: dict[str, Any], told: str
) -> None:
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError) as caught:
        client.predict(**arguments, api_name="/ask")
    result = with_tools(address, lambda session: session.call_tool("ask", arguments))
    assert result.isError
    assert result.content[0].text == str(caught.value)
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)


def test_errors_by_plain_http_are_one_line_too(address: str) -> None:
    ((kind, told),) = events_of(address, "ask", [" "])
    assert kind == "error"
    assert told["error"].startswith("the question is empty")
    ((kind, told),) = events_of(address, "show", [])
    assert (kind, told["error"]) == ("error", "article: Input should be a valid string")


def test_a_tool_that_is_not_there_and_an_argument_that_is_not_there(address: str) -> None:
    async def use(session: Any) -> Any:
        return await session.call_tool("delete", {}), await session.call_tool("show", {"article": "a", "all": True})

    missing, extra = with_tools(address, use)
    assert missing.content[0].text == "there is no tool 'delete'; there are ask, search, brief, events, show"
    assert extra.content[0].text == "all: Unexpected keyword argument"


def test_what_nobody_foresaw_is_told_without_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeDesk):
        def show(self, article: str) -> Any:
            raise RuntimeError("secret: /home/me")

    with serving_here(Broken()) as address:
        result = with_tools(address, lambda session: session.call_tool("show", {"article": "a"}))
        ((kind, told),) = events_of(address, "show", ["a"])
    assert result.content[0].text == "the tool failed; the server's log says why"
    assert (kind, told) == ("error", {"error": None})
    assert "secret" in caplog.text


def test_a_store_that_cannot_be_read_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with serving_here(FakeDesk(answers=[StoreError("there is no store; run rag ingest")])) as address:
        result = with_tools(address, lambda session: session.call_tool("ask", {"question": "?"}))
    assert result.content[0].text == "there is no store; run rag ingest"


def test_a_call_that_is_given_up_is_stopped() -> None:
    import threading

    begun, stopped = threading.Event(), threading.Event()

    class Slow(FakeDesk):
        def ask(self, question: str, **options: Any) -> Any:
            begun.set()
            if options["stop"].wait(20):
                stopped.set()
            raise InputError("stopped")

    async def give_up() -> None:
        slow: Any = Slow()
        call = asyncio.ensure_future(ui_api.functions(lambda: slow)["ask"]("?"))
        await asyncio.to_thread(begun.wait, 20)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    finished(give_up())
    assert stopped.wait(20)


def test_the_document_names_every_argument() -> None:
    for name in NAMES:
        section = DOCUMENT.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert named == list(inspect.signature(getattr(ui_api.Functions, name)).parameters)[1:]


def test_the_documents_example_runs(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    exec(example.replace("http://127.0.0.1:7860/", address), {})
    assert "Lavrov" in capsys.readouterr().out


def test_the_documents_curl_lines_are_the_calls_that_the_server_knows(address: str) -> None:
    posts = re.findall(r"curl -s -X POST (\S+) .*?-d '(.*?)'", DOCUMENT, re.DOTALL)
    assert len(posts) >= 2
    for url, body in posts:
        here = url.replace("http://127.0.0.1:7860/", address)
        posted = httpx.post(here, json=json.loads(body))
        stream = httpx.get(f"{address}gradio_api/call/ask/{posted.json()['event_id']}", timeout=60).text
        assert "event: complete" in stream
