"""The tab Events: a table, a line of time and who met whom, each part of which opens the words that say it."""

from __future__ import annotations

import csv
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import Open, serving
from browser.test_page import opened
from rag.desk import Desk
from rag.recorded import Wanted

pytestmark = pytest.mark.browser


def events(visit: Open, address: str, **window: Any) -> Any:
    """The page with the tab of events open, its first view shown."""
    page = visit(address, **window)
    page.locator("#tab-events-button").click()
    page.locator("#events-shown .facts, #events-shown table").first.wait_for()
    return page


def view(page: Any, name: str) -> Any:
    page.locator("#events-view").get_by_label(name, exact=True).check()
    shown = page.locator("#tab-events .picture svg")
    shown.wait_for()
    return shown


def test_every_cell_of_the_table_opens_the_words_that_it_was_read_from(
    visit: Open, seeds_page: str, desk: Desk
) -> None:
    page = events(visit, seeds_page)
    told = desk.events_page(Wanted(background=False)).events
    rows = page.locator("#tab-events table > tbody > tr:not(.whole)")
    assert rows.count() == len(told) > 3
    assert all(row.locator("td").count() == row.locator("td:has(a.cite)").count() == 6 for row in rows.all())
    meeting = next(event for event in told if event.date and event.date.edtf == "XXXX-07-13")
    row = page.locator("#tab-events table > tbody", has_text="13 July (year unknown)")
    assert meeting.date
    assert meeting.place
    row.locator("td.date a").click()
    opened(page, meeting.date.citation.quote)
    row.locator("td.place a").click()
    opened(page, meeting.place.citation.quote)
    row.locator("td.who a").first.click()
    opened(page, meeting.participants[0].citations[0].quote)


def test_a_row_unfolds_to_its_card_by_the_keyboard(visit: Open, seeds_page: str, desk: Desk) -> None:
    page = events(visit, seeds_page)
    row = page.locator("#tab-events table > tbody").first
    card = row.locator(".event-card")
    assert not card.is_visible()
    row.locator("summary").first.focus()
    page.keyboard.press("Enter")
    card.wait_for()
    event = desk.events_page(Wanted(background=False)).events[0]
    agreed = card.locator("dl > div", has_text="Agreed").locator("a.cite").first
    agreed.click()
    opened(page, event.agreed[0].citations[0].quote)
    assert "Not stated" in card.inner_text()


def test_the_timeline_has_a_place_for_what_has_no_year_and_its_marks_open_their_source(
    visit: Open, seeds_page: str, desk: Desk
) -> None:
    page = events(visit, seeds_page + "vi/")
    shown = view(page, "Dòng thời gian")
    told = desk.events_page(Wanted(background=False)).events
    assert shown.locator("a.cite").count() == len(told)
    assert {"không rõ năm", "không rõ ngày"} <= set(shown.locator("text").all_text_contents())
    mark = shown.locator('a[aria-label*="13/7"]')
    mark.focus()
    page.keyboard.press("Enter")
    opened(page, next(e.headline.citations[0].quote for e in told if e.date and e.date.edtf == "XXXX-07-13"))


def test_who_met_whom_of_one_person_is_a_picture_and_a_table_that_open_their_source(
    visit: Open, seeds_page: str
) -> None:
    page = events(visit, seeds_page)
    page.get_by_label("People (comma between)").locator("visible=true").first.fill("Wang Yi")
    page.keyboard.press("Enter")
    page.locator("#tab-events caption", has_text="of 1").wait_for()
    shown = view(page, "Who met whom")
    assert shown.locator("a.cite").count() == 1
    row = page.locator("#tab-events table > tbody > tr")
    assert row.count() == 1
    assert "Vương Nghị" in row.inner_text()
    shown.locator("a.cite").focus()
    page.keyboard.press("Enter")
    page.locator(".source mark", has_text="13/7").wait_for()


def test_the_files_hold_what_is_wanted(visit: Open, seeds_page: str) -> None:
    page = events(visit, seeds_page)
    page.locator("#events-limits").get_by_text("More limits").click()
    page.get_by_label("Visit", exact=True).check()
    page.locator("#tab-events caption", has_text="Events 1 to 1 of 1").wait_for()
    page.locator("#events-make").click()
    files = {}
    for ending in ("csv", "json", "ics"):
        button = page.locator(f"#events-{ending}")
        button.wait_for()
        with page.expect_download() as download:
            button.click()
        files[ending] = Path(download.value.path()).read_text("utf-8-sig")
    assert [row["kind"] for row in csv.DictReader(files["csv"].splitlines())] == ["visit"]
    assert [event["date"]["edtf"] for event in json.loads(files["json"])["events"]] == ["2023-02-02/2023-02-03"]
    assert "DTSTART;VALUE=DATE:20230202" in files["ics"]


def test_no_store_and_a_day_that_is_none_say_what_to_do(
    visit: Open, seeds_page: str, servers: ExitStack, tmp_path: Path
) -> None:
    page = visit(servers.enter_context(serving(tmp_path / "store")))
    page.locator("#tab-events-button").click()
    page.locator("#events-shown .notice", has_text="rag ingest").wait_for()
    page = events(visit, seeds_page + "vi/")
    page.locator("#events-first").get_by_label("Từ ngày").fill("31/2")
    page.keyboard.press("Enter")
    page.locator("#events-shown .notice", has_text="“31/2” không phải là ngày có năm").wait_for()
