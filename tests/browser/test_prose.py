"""Answers in prose on the page: as they are written, stopped, continued; whatever a model says is shown as text."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from fakes import FakeDesk

from browser.conftest import Open, serving_here
from browser.test_page import HOSTILE, ask, opened
from rag.cite import cite
from rag.domain import Answer, Article, Conflict, Source, Statement

pytestmark = pytest.mark.browser

ARTICLE = Article(
    Source("a1", "a.txt", "0", outlet="TTXVN", title="Tin vắn", lang="vi"),
    "Ông Lavrov thăm Hà Nội.\nHai bên đã ký 5 văn kiện.\nHọ sẽ gặp lại.",
)
VISIT, SIGNED, AGAIN = (
    cite(ARTICLE, start, start + len(line))
    for line in ARTICLE.text.split("\n")
    for start in (ARTICLE.text.index(line),)
)
PROSE = Answer(
    "What was signed?",
    "en",
    (
        Statement("They signed five documents.", "en", (SIGNED,), "supported"),
        Statement("They will meet again.", "en", (AGAIN,), "partial", ("content: only a part of it is near",)),
        Statement("Họ sẽ gặp lại.", "vi", (AGAIN,), "quoted"),
    ),
    rejected=(Statement("They signed 9 documents.", "en", (SIGNED,), "unsupported", ("figure: 9",)),),
    mode="llm",
    model="m",
    conflicts=(Conflict("figure", (("5 văn kiện", SIGNED), ("6 văn kiện", VISIT))),),
    notices=("the model was slow",),
)


def test_prose_stands_beside_its_original_with_its_support_in_words(visit: Open, servers: ExitStack) -> None:
    address = servers.enter_context(serving_here(FakeDesk([ARTICLE], [PROSE])))
    page = visit(address)
    said = ask(page, "What was signed?")
    items = said.locator("ol.statements > li").all_inner_texts()
    assert "They signed five documents. [1] (supported)" in items[0]
    assert SIGNED.quote in items[0]
    assert "(partial: content: only a part of it is near)" in items[1]
    assert "(quoted)" in items[2]
    assert said.locator(".original").count() == 2
    assert "the model was slow" in said.inner_text()
    assert "Read the original." in said.inner_text()
    said.locator("ol.statements a.cite").first.click()
    opened(page, SIGNED.quote)
    said.locator(".conflict a.cite").nth(1).click()
    opened(page, VISIT.quote)


def test_what_was_set_aside_is_folded_and_opens_with_its_reason(visit: Open, servers: ExitStack) -> None:
    address = servers.enter_context(serving_here(FakeDesk([ARTICLE], [PROSE])))
    said = ask(visit(address), "What was signed?")
    reason = said.get_by_text("figure: 9")
    assert not reason.is_visible()
    assert "They signed 9 documents." not in said.inner_text()
    said.locator("summary").focus()
    said.page.keyboard.press("Enter")
    reason.wait_for()
    assert "They signed 9 documents." in said.inner_text()


def test_what_a_model_says_is_shown_as_text(visit: Open, servers: ExitStack) -> None:
    hostile = Answer(
        "?",
        "en",
        (Statement(HOSTILE, "en", (SIGNED,), "partial", (HOSTILE,)),),
        rejected=(Statement(HOSTILE, "en", (), "unsupported", (f"name: {HOSTILE}",)),),
        mode="llm",
        rewritten=HOSTILE,
        conflicts=(Conflict("date", ((HOSTILE, SIGNED), (HOSTILE, AGAIN))),),
        notices=(HOSTILE,),
    )
    address = servers.enter_context(serving_here(FakeDesk([ARTICLE], [hostile], pause=0.2)))
    page = visit(address)
    said = ask(page, "?")
    said.locator("summary").click()
    said.get_by_text("name: ").wait_for()
    # The statement, its reason, the rewritten question, two values, the notice, what was set aside and why.
    assert said.inner_text().count(HOSTILE) == 8
    assert page.locator("#chat [role=log] :is(script, img, iframe, strong, code, .katex)").count() == 0


def test_stop_ends_the_model_and_keeps_what_passed(visit: Open, servers: ExitStack) -> None:
    desk = FakeDesk([ARTICLE], [PROSE, PROSE], pause=3)
    address = servers.enter_context(serving_here(desk))
    page = visit(address)
    page.locator("#question textarea").fill("What was signed?")
    page.keyboard.press("Enter")
    writing = page.locator("#chat .writing")
    writing.get_by_text("They signed five documents.").wait_for()
    assert not page.locator("#send").is_visible()
    page.locator("#stop").click()
    stopped = page.locator("#chat .answer")
    stopped.wait_for(timeout=2_500)  # before the next statement would have come
    assert "They signed five documents." in stopped.inner_text()
    assert "Stopped." in stopped.inner_text()
    assert desk.closed.wait(10)
    page.locator("#send").wait_for()
    assert not page.locator("#stop").is_visible()


def test_a_window_that_is_closed_ends_the_model(visit: Open, servers: ExitStack) -> None:
    desk = FakeDesk([ARTICLE], [PROSE], pause=3)
    address = servers.enter_context(serving_here(desk))
    page = visit(address)
    page.locator("#question textarea").fill("What was signed?")
    page.keyboard.press("Enter")
    page.locator("#chat .writing").get_by_text("They signed five documents.").wait_for()
    page.context.close()
    assert desk.closed.wait(20)


def test_a_followup_shows_how_it_was_completed(visit: Open, seeds_page: str) -> None:
    page = visit(seeds_page)
    assert "Asked as:" not in ask(page, "what did Lavrov say about China?").inner_text()
    assert (
        "Asked as: and what did Lavrov say about BRICS?" in ask(page, "and what did he say about BRICS?").inner_text()
    )
    page.locator("#new").click()
    page.locator("#chat .answer").first.wait_for(state="detached")
    assert "Asked as:" not in ask(page, "and what did he say about BRICS?").inner_text()
    other: Any = visit(seeds_page)
    assert "Asked as:" not in ask(other, "and what did he say about BRICS?").inner_text()
