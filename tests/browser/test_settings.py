"""The tab Settings in a browser: a model tested and used, its key told to nobody, language and colours."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from scripted import ScriptedServer
from test_desk_model import CAPITAL, KEY, QUESTION, REPLY, TRUE

from browser.conftest import Open, serving_here
from browser.test_page import ask
from rag.desk import Desk, open_desk

pytestmark = pytest.mark.browser

DEAD = "http://127.0.0.1:9/v1"


@pytest.fixture
def own(seeds_store: Path) -> Iterator[Desk]:
    """A desk on the seeds whose model a test may change."""
    desk = open_desk(store=seeds_store, llm_cache=False, llm_retries=0, judge="off")
    yield desk
    desk.close()


class Recorded:
    """The application, and all that it sends to browsers."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.sent = bytearray()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def recorded(message: Any) -> None:
            self.sent += message.get("body", b"") + repr(message.get("headers", "")).encode()
            await send(message)

        await self.app(scope, receive, recorded)


def settings(page: Any, name: str = "Settings") -> Any:
    """The page at its tab Settings."""
    page.get_by_role("tab", name=name).click()
    page.locator("#settings-about dl").wait_for()
    return page


def fill(page: Any, base_url: str, *, model: str = "", key: str = "") -> None:
    for box, text in (("base-url", base_url), ("model-name", model), ("key", key)):
        page.locator(f"#settings-{box} input").fill(text)


def said(page: Any, words: str) -> Any:
    found = page.locator("#settings-said").get_by_text(re.compile(words))
    found.wait_for()
    return found


def test_an_endpoint_is_tested_and_used_and_its_key_is_told_to_nobody(
    visit: Open, servers: ExitStack, own: Desk
) -> None:
    recorders: list[Recorded] = []

    def around(app: Any) -> Recorded:
        recorders.append(Recorded(app))
        return recorders[0]

    model = servers.enter_context(ScriptedServer([CAPITAL, REPLY], key=KEY))
    page = settings(visit(servers.enter_context(serving_here(own, around=around))))
    fill(page, model.base_url, model="scripted", key=KEY)
    page.locator("#settings-test").click()
    said(page, "JSON in the shape asked for")
    assert page.locator("#settings-said .state").all_inner_texts() == ["Works"] * 3
    assert not own.settings.llm_set
    page.locator("#settings-use").click()
    said(page, "writes the answers")
    page.wait_for_function("document.querySelector('#settings-key input').value === ''")
    lines = page.locator("#settings-in-use pre").inner_text().split("\n")
    assert lines == [
        f"RAG_LLM_BASE_URL={model.base_url}", "RAG_LLM_MODEL=scripted", "RAG_LLM_API_KEY=<your key>",
    ]  # fmt: skip
    page.get_by_role("tab", name="Ask").click()
    assert TRUE in ask(page, QUESTION).inner_text()
    assert set(model.keys) == {KEY}
    assert KEY not in page.content()
    settings(page)
    page.locator("#settings-none").click()
    said(page, "own sentences")
    assert not own.settings.llm_set
    assert b"writes the answers" in recorders[0].sent
    assert KEY.encode() not in recorders[0].sent


def test_what_fails_is_one_line_and_text_goes_nowhere_unasked(visit: Open, servers: ExitStack, own: Desk) -> None:
    page = settings(visit(servers.enter_context(serving_here(own)) + "vi/"), "Cài đặt")
    fill(page, DEAD, model="m")
    page.locator("#settings-test").click()
    said(page, "không kết nối được với 127.0.0.1:9")
    (line,) = page.locator("#settings-said li").all_inner_texts()
    assert line.startswith("Không hoạt động")
    assert page.locator("#settings-said [lang=en]").count() == 0

    fill(page, "https://llm.example/v1", model="m", key=KEY)
    for button in ("test", "use"):
        page.locator(f"#settings-{button}").click()
        said(page, "llm.example nằm ngoài máy này")
    box = page.get_by_role("checkbox", name="Gửi câu hỏi và các đoạn trích tới llm.example")
    box.check()
    page.locator("#settings-base-url input").fill("https://other.example/v1")
    page.locator("#settings-use").click()
    said(page, "other.example nằm ngoài máy này")
    assert not own.settings.llm_set
    page.get_by_role("checkbox", name="tới other.example").check()
    page.locator("#settings-use").click()
    said(page, "other.example viết câu trả lời")
    assert own.settings.llm_base_url == "https://other.example/v1"
    assert "gửi tới other.example" in page.locator("#settings-in-use").inner_text()
    page.locator("#settings-about").get_by_text("gửi tới other.example").wait_for()


def test_dark_is_chosen_and_kept_and_the_other_language_is_a_link_away(visit: Open, seeds_page: str) -> None:
    page = settings(visit(seeds_page))
    page.locator("#settings-theme").get_by_text("Dark").click()
    page.wait_for_selector("body.dark")
    page.locator("#settings-languages a[hreflang=vi]").click()
    page.wait_for_url("**/vi/")
    page.wait_for_selector("body.dark")
    settings(page, "Cài đặt")
    assert page.locator("#settings-languages a[aria-current=page]").inner_text() == "Tiếng Việt"
    page.wait_for_function("document.querySelector('#settings-theme input:checked')?.value === 'dark'")
    page.locator("#settings-theme").get_by_text("Sáng").click()
    page.wait_for_selector("body:not(.dark)")
    page.reload()
    page.wait_for_function("document.querySelector('#title p')?.textContent")
    assert page.locator("body.dark").count() == 0


def test_what_works_is_told_in_the_words_of_the_page(visit: Open, seeds_page: str) -> None:
    page = settings(visit(seeds_page + "vi/"), "Cài đặt")
    page.locator("#settings-doctor").click()
    page.locator("#settings-report").get_by_text("Mọi thứ đã đặt đều hoạt động.").wait_for()
    rows = page.locator("#settings-report tbody tr").all_inner_texts()
    assert re.search(r"Kho tin\s+Hoạt động\s+.*, 5 bài, ", rows[0])
    assert page.locator("#settings-report [lang=en]").count() == 0
