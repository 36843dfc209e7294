"""The tab Briefings over a store of two days: what is new and changed, sources, files, paper, a day without news."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cli_brief import MONDAY, TUESDAY, UNDATED, ingest, run

from browser.conftest import Open, serving

pytestmark = pytest.mark.browser

LATER = {
    "title": "Toll of Kidal blast rises",
    "published": "2024-09-04",
    "outlet": "<b>Wire</b> & Co",
    "text": "The toll of the bomb that hit a bus near the town of Kidal in northern Mali on Tuesday has risen to 14 "
    "people killed, the governor of Kidal, Moussa Traore, said.",
}
HOSTILE = {
    "title": '<img src=x onerror="alert(1)"> **bold** <script>alert(2)</script>',
    "published": "2024-09-04",
    "text": "Foreign Minister Maria Lopez of Spain met Foreign Minister Jean Petit of France in Madrid on 4 September "
    "2024 and they agreed to open <script>alert(3)</script> a joint office.",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("briefings")
    ingest(folder / "store", folder / "news.jsonl", MONDAY, TUESDAY, UNDATED, LATER, HOSTILE)
    return folder / "store"


@pytest.fixture(scope="module")
def address(chromium: Any, store: Path) -> Iterator[str]:
    with serving(store) as address:
        yield address


def opened(page: Any) -> Any:
    """The tab, once the newest day's briefing is there."""
    page.locator("#tabs button[role=tab]").nth(1).click()
    page.locator("#briefing .brief").wait_for()
    return page.locator("#briefing .brief")


def brief(page: Any, day: str, title: str) -> Any:
    """The briefing of a day."""
    page.locator("#briefings-days").locator("input[type=text], textarea").nth(0).fill(day)
    page.locator("#briefings-days").locator("input[type=text], textarea").nth(1).fill(day)
    page.locator("#briefings-write").click()
    page.locator("#briefing h3", has_text=title).wait_for()
    return page.locator("#briefing .brief")


def test_the_newest_day_stands_there_with_what_is_new_and_changed(visit: Open, address: str) -> None:
    told = opened(visit(address))
    assert told.locator("h3").inner_text() == "Briefing, 4 September 2024"
    kidal = told.locator("article", has_text="Kidal").first
    assert kidal.locator(".mark").all_inner_texts() == ["Changed"]
    assert told.locator("article", has_text="Madrid").first.locator(".mark").all_inner_texts() == ["New"]
    assert not kidal.locator(".importance table").is_visible()
    kidal.locator(".importance summary").click()
    assert "later news of it" in kidal.locator(".importance table").inner_text()
    kidal.locator(".record summary").click()
    assert "Moussa Traore" in kidal.locator(".record").inner_text()


def test_a_citation_opens_its_source_and_what_articles_say_is_text(visit: Open, address: str) -> None:
    page = visit(address)
    told = opened(page)
    assert "<script>alert(3)</script>" in told.inner_text()
    assert "<b>Wire</b> & Co" in told.inner_text()
    assert told.locator("script, img, b").count() == 0
    told.locator(".lead a.cite").first.click()
    page.locator(".source mark").wait_for()
    assert page.locator(".source mark").inner_text() in (LATER["text"], HOSTILE["text"])


def test_the_files_are_those_of_the_command(visit: Open, address: str, store: Path) -> None:
    page = visit(address)
    opened(page)
    brief(page, "2024-09-03", "3 September 2024")
    for key, form in (("markdown", "md"), ("html", "html"), ("json", "json")):
        with page.expect_download() as got:
            page.locator(f"#briefings-{key}").click()
        text = Path(got.value.path()).read_text(encoding="utf-8")
        assert got.value.suggested_filename == f"brief-2024-09-03.en.{form}"
        told = run("--date", "2024-09-03", "--store", str(store), "--format", form)
        assert (json.loads(text) == json.loads(told)) if form == "json" else text == told


def test_a_day_without_news_says_so_and_offers_the_nearest(visit: Open, address: str) -> None:
    page = visit(f"{address}vi/")
    told = opened(page)
    assert told.locator("h3").inner_text() == "Bản tin tóm tắt 4/9/2024"
    told = brief(page, "2024-09-10", "10/9/2024")
    assert "Không có tin" in told.inner_text()
    page.get_by_role("button", name="‹ 4/9/2024").click()
    page.locator("#briefing h3", has_text="Bản tin tóm tắt 4/9/2024").wait_for()
    assert not page.get_by_text("Những ngày gần nhất có bài").is_visible()
    from playwright.sync_api import expect

    first = page.locator("#briefings-days").locator("input[type=text], textarea").nth(0)
    expect(first).to_have_value("2024-09-04")
    first.fill("hôm qua")
    page.locator("#briefings-write").click()
    page.get_by_text("“hôm qua” không phải là ngày có năm.").wait_for()


def test_paper_holds_the_briefing_alone_with_its_sources(visit: Open, address: str) -> None:
    page = visit(address)
    told = opened(page)
    assert not told.locator(".sources").is_visible()
    page.emulate_media(media="print")
    assert told.locator(".sources").is_visible()
    for other in ("#title", "#source", "#briefings-write", "#briefings-heading", "#tabs [role=tablist]"):
        assert not page.locator(other).first.is_visible()
