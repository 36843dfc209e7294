"""The tab Library in a browser: found, paged through, read raw beside cleaned, added to, deleted."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import Open, serving
from rag.desk import open_desk

pytestmark = pytest.mark.browser

HOSTILE = """<html><head><title>Hội đàm ở Viêng Chăn</title><meta property="og:site_name" content="<b>Báo X</b>"></head>
<body><script>alert(1)</script><article><h1>Hội đàm ở Viêng Chăn</h1>
<p>Ngày 5/6/2023, hai bộ trưởng đã hội đàm ở Viêng Chăn về đường sắt và thủy điện trên sông Mê Kông.</p>
<p>Họ nói &lt;script&gt;alert(2)&lt;/script&gt; &lt;img src=x onerror=alert(3)&gt; trước báo giới, và hẹn gặp lại.</p>
</article></body></html>
"""
ATTACK = "<script>alert(2)</script> <img src=x onerror=alert(3)>"


def library(page: Any, name: str = "Library") -> Any:
    """The page at its tab Library, the articles listed or the notice shown."""
    page.get_by_role("tab", name=name).click()
    page.locator("#library-rows tbody tr, #library-rows .notice").first.wait_for()
    return page


def rows(page: Any, count: int) -> list[str]:
    """The titles on the table, once there are so many."""
    page.wait_for_function("count => document.querySelectorAll('#library-rows tbody tr').length === count", arg=count)
    return list(page.locator("#library-rows tbody th a.cite").all_inner_texts())


def search(page: Any, words: str) -> None:
    page.locator("#library-words textarea, #library-words input").fill(words)
    page.keyboard.press("Enter")


def test_words_without_marks_find_an_article_that_opens_beside_its_raw_lines(visit: Open, seeds_page: str) -> None:
    page = library(visit(seeds_page))
    assert len(rows(page, 5)) == 5
    search(page, "hoi dam truc tuyen")
    title = rows(page, 1)[0]
    assert "hội đàm trực tuyến" in title
    page.locator("#library-rows a.cite").click()
    page.wait_for_function("title => document.querySelector('.source h2')?.textContent === title", arg=title)
    page.get_by_role("button", name=f"Details of {title}").click()
    page.locator("#library-details h3").wait_for()
    reasons = page.locator("#library-details li.dropped .reason").all_inner_texts()
    assert reasons
    assert all(each.startswith("Dropped: ") for each in reasons)
    assert page.locator("#library-details li.kept").count() == page.locator("#library-details .text p").count() > 3


def test_an_upload_with_scripts_in_it_is_shown_as_text(visit: Open, servers: ExitStack, tmp_path: Path) -> None:
    file, wrong = tmp_path / "Hội đàm <x>.html", tmp_path / "a.exe"
    file.write_text(HOSTILE, encoding="utf-8")
    wrong.write_bytes(b"MZ")
    page = library(visit(servers.enter_context(serving(tmp_path / "store"))))
    assert "no article yet" in page.locator("#library-rows .notice").inner_text()
    page.locator("#library-files input[type=file]").set_input_files([file, wrong])
    page.locator("#library-files [aria-label='a.exe']").wait_for()
    page.locator("#library-upload").click()
    report = page.locator("#library-report tbody")
    report.wait_for(timeout=60_000)
    assert "rejected: not a kind of file" in report.inner_text()
    assert rows(page, 1) == ["Hội đàm ở Viêng Chăn"]
    report.locator("a.cite").click()
    page.wait_for_function("said => document.querySelector('.source .text')?.textContent.includes(said)", arg=ATTACK)
    page.locator("#library-rows button[data-article]").click()
    page.locator("#library-details h3").wait_for()
    assert ATTACK in page.locator("#library-details .text").inner_text()
    assert ATTACK in page.locator("#library-details ol.raw").inner_text()
    assert page.locator("#tab-library img, #tab-library script, .source img, .source script").count() == 0
    kept = [each.name for each in (tmp_path / "store" / "uploads").iterdir()]
    assert len(kept) == 1
    assert kept[0].endswith(".html")


def test_pages_follow_each_other_and_an_article_is_deleted_after_a_question(
    visit: Open, servers: ExitStack, tmp_path: Path
) -> None:
    news = tmp_path / "news.jsonl"
    with news.open("w", encoding="utf-8") as lines:
        for number in range(1, 61):
            words = " ".join(f"chữ{number * place}" for place in range(3, 40))
            text = f"Tỉnh thứ {number} mở {words} và khánh thành cây cầu số {number} qua sông."
            lines.write(json.dumps({"text": text, "title": f"Cầu số {number}"}, ensure_ascii=False) + "\n")
    desk = open_desk(store=tmp_path / "store")
    desk.ingest([str(news)])
    desk.close()
    page = library(visit(servers.enter_context(serving(tmp_path / "store"))))
    rows(page, 50)
    assert page.locator("#library-where p").inner_text() == "1–50 of 60"
    page.locator("#library-next").click()
    assert rows(page, 10)[-1] == "Cầu số 1"
    assert page.locator("#library-where p").inner_text() == "51–60 of 60"
    assert page.locator("#library-next").is_disabled()
    search(page, "cau so 7")
    titles = rows(page, 1)
    page.locator("#library-rows button[data-article]").click()
    page.locator("#library-delete").click()
    page.locator("#library-yes").wait_for()
    assert f"“{titles[0]}”" in page.locator("#library-yes").inner_text()
    page.keyboard.press("Escape")
    page.locator("#library-yes").wait_for(state="hidden")
    page.locator("#library-delete").click()
    page.locator("#library-yes").click()
    page.locator("#library-details .notice").wait_for()
    assert page.locator("#library-details .notice").inner_text() == f"“{titles[0]}” is deleted."
    page.locator("#library-rows .notice").wait_for()
    search(page, "")
    rows(page, 50)
    assert page.locator("#library-where p").inner_text() == "1–50 of 59"


def test_a_text_is_pasted_in_vietnamese_by_keyboard(visit: Open, servers: ExitStack, tmp_path: Path) -> None:
    page = library(visit(servers.enter_context(serving(tmp_path / "store")) + "vi/"), "Thư viện")
    page.locator("#library-paste textarea").fill(
        "Đoàn đại biểu Quốc hội đã thăm Luông Pha Băng và trao học bổng cho sinh viên hai nước."
    )
    for words in ("Thăm Luông Pha Băng", "Báo Mẫu", "hôm nào"):
        page.keyboard.press("Tab")
        page.keyboard.insert_text(words)
    page.get_by_role("button", name="Thêm văn bản").click()
    page.get_by_text("“hôm nào” không phải là ngày").wait_for()
    page.get_by_label("Ngày (không bắt buộc)").fill("2023-06")
    page.get_by_role("button", name="Thêm văn bản").click()
    page.locator("#library-report tbody").wait_for(timeout=60_000)
    assert "1 bài mới" in page.locator("#library-report").inner_text()
    assert rows(page, 1) == ["Thăm Luông Pha Băng"]
    assert page.locator("#library-rows tbody").inner_text().count("2023-06") == 1
