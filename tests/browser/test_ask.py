"""The tab where questions are asked: conversations, what stands below an answer, limits, the source panel's steps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import Open, serving
from browser.test_page import FLAGSHIP, REFUSED, ask, opened, quotes
from rag.desk import Desk

pytestmark = pytest.mark.browser

SECOND = "Tống Đào và Lê Hoài Trung đã ký những gì?"


@pytest.fixture(scope="module")
def store(seeds_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the seeds that these tests write to; each window has conversations of its own."""
    return Path(shutil.copytree(seeds_store, tmp_path_factory.mktemp("ask") / "store"))


@pytest.fixture(scope="module")
def here(store: Path) -> Iterator[str]:
    """The address of the page of that store."""
    with serving(store) as address:
        yield address


def turns(page: Any) -> list[str]:
    return [text.strip() for text in page.locator("#chat .asked").all_inner_texts()]


def named(page: Any) -> str:
    """The page's address once it names the conversation."""
    page.wait_for_url("**c=*")
    return str(page.url)


def test_a_conversation_is_there_again_and_its_citations_open(visit: Open, here: str, desk: Desk) -> None:
    page = visit(here)
    ask(page, FLAGSHIP)
    ask(page, SECOND)
    address = named(page)
    page.reload()
    page.locator("#chat .actions").nth(1).wait_for()
    assert turns(page) == [FLAGSHIP, SECOND]
    page.locator("#chat .answer").first.locator("a.cite").first.click()
    opened(page, quotes(desk.ask(FLAGSHIP))[0])
    page.locator("#new").click()
    page.locator("#chat .answer").first.wait_for(state="detached")
    page.goto(address)
    page.locator("#chat .actions").nth(1).wait_for()
    assert turns(page) == [FLAGSHIP, SECOND]


def test_a_link_shares_a_conversation_and_whoever_goes_on_has_their_own(visit: Open, here: str) -> None:
    page = visit(here)
    ask(page, FLAGSHIP)
    address = named(page)
    other = visit(address)
    other.locator("#chat .actions").wait_for()
    assert turns(other) == [FLAGSHIP]
    ask(other, SECOND)
    other.wait_for_function("address => location.href !== address", arg=address)
    page.reload()
    page.locator("#chat .actions").first.wait_for()
    assert turns(page) == [FLAGSHIP]


def test_a_conversation_is_deleted_after_a_second_look(visit: Open, here: str) -> None:
    page = visit(here)
    ask(page, FLAGSHIP)
    address = named(page)
    page.locator("#delete").click()
    page.locator("#keep").click()
    page.locator("#sure").wait_for(state="hidden")
    page.locator("#delete").click()
    page.locator("#sure").click()
    page.locator("#chat .answer").first.wait_for(state="detached")
    page.goto(address)
    page.locator("#chat .notice").wait_for()


def test_a_question_that_is_edited_takes_the_place_of_the_first(visit: Open, here: str) -> None:
    page = visit(here)
    ask(page, REFUSED)
    page.locator("#chat .act-edit").click()
    box = page.locator("#question textarea")
    assert box.input_value() == REFUSED
    box.fill(FLAGSHIP)
    page.keyboard.press("Enter")
    page.locator("#chat .answer a.cite").first.wait_for()
    assert turns(page) == [FLAGSHIP]
    page.locator("#chat .act-again").click()
    page.wait_for_function("document.querySelectorAll('#chat .answer a.cite').length === 0")
    page.locator("#chat .answer a.cite").first.wait_for()
    assert turns(page) == [FLAGSHIP]


def test_thumbs_and_copy_stand_below_an_answer(visit: Open, here: str, store: Path, desk: Desk) -> None:
    page = visit(here)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, FLAGSHIP)
    page.locator("#chat .act-up").click()
    page.locator("#chat .act-up[aria-pressed=true]").wait_for()
    case = json.loads((store / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert case["question"] == FLAGSHIP
    assert case["verdict"] == "up"
    page.locator("#chat .act-copy").click()
    page.locator("#chat .told").get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    for statement in desk.ask(FLAGSHIP).statements:
        assert f"{statement.citations[0].start}-{statement.citations[0].end}" in copied
        assert " ".join(statement.text.split())[:40] in copied


def test_the_source_panel_steps_through_the_citations(visit: Open, seeds_page: str, desk: Desk) -> None:
    page = visit(seeds_page)
    ask(page, FLAGSHIP).locator("a.cite").first.click()
    expected = quotes(desk.ask(FLAGSHIP))
    opened(page, expected[0])
    page.get_by_label("Next citation").click()
    opened(page, expected[1])
    page.get_by_label("Previous citation").click()
    opened(page, expected[0])
    assert page.get_by_label("Previous citation").is_disabled()


def test_limits_hold_and_are_said(visit: Open, seeds_page: str) -> None:
    page = visit(seeds_page)
    page.locator("#limits button").first.click()
    page.get_by_label("Outlet").fill("nowhere gazette")
    page.keyboard.press("Tab")
    answer = ask(page, FLAGSHIP)
    assert "Limited to: nowhere gazette" in answer.inner_text()
    assert answer.locator("a.cite").count() == 0
    assert "Ask without the limits" in answer.inner_text()


def test_a_request_is_answered_in_place_with_the_event(visit: Open, seeds_page: str) -> None:
    page = visit(seeds_page + "vi/")
    page.locator("#question textarea").fill("tóm tắt cuộc hội đàm trực tuyến")
    page.keyboard.press("Enter")
    page.locator("#chat .event-card a.cite").first.click()
    mark = page.locator(".source .text mark")
    mark.wait_for()
    assert mark.text_content()
