"""What the tab Library makes: tables and details in which no article's words are markup; uploads that take turns."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import ui_library_upload
from rag.desk import Desk, open_desk
from rag.domain import Ingested, Rejected, Source
from rag.shelf import Asked, Row, Shelf
from rag.ui_library_details import details
from rag.ui_library_table import number, shown, table
from rag.ui_library_upload import Line, ingested, lines, report_html
from rag.ui_words import Words

EN, VI = Words("en"), Words("vi")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
TEXT = f"""Đoàn chuyên gia đã khảo sát tuyến đường sắt dài 420 km qua ba tỉnh vùng cao.
Dự án {HOSTILE} dự kiến khởi công vào năm 2026, theo thông báo chung của hai bên.
Đọc thêm
© 2024 Báo Mẫu. All rights reserved.
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    news = tmp_path / "tin.txt"
    news.write_text(TEXT, encoding="utf-8")
    opened = open_desk(store=tmp_path / "store")
    opened.ingest([str(news)])
    yield opened
    opened.close()


def tags(markup: str) -> set[str]:
    return set(re.findall(r"<([a-z]\w*)", markup))


def test_hostile_facts_are_text_in_the_table_and_lead_only_to_the_source_panel() -> None:
    source = Source("a1", HOSTILE, "0", url=HOSTILE, outlet=HOSTILE, title=HOSTILE, lang=HOSTILE, published=HOSTILE)
    markup = table(Shelf((Row(source, 1234, 2, 3),), 1), Asked(), EN, offset=0)
    assert tags(markup) == {"div", "table", "caption", "thead", "tr", "th", "tbody", "a", "td", "button"}
    assert re.findall(r'href="([^"]*)"', markup) == ["#source-a1&#45;0&#45;0"]
    assert "onerror=" not in markup


def test_a_page_says_which_articles_it_shows_in_the_numbers_of_its_language() -> None:
    source = Source("a1", "a.txt", "0")
    shelf = Shelf(tuple(Row(source, 1, 1, 0) for _ in range(50)), 12_345, 7)
    assert shown(shelf, EN, offset=50) == "51–100 of 12,345"
    assert shown(shelf, VI, offset=50) == "51–100 trong tổng số 12.345 bài"
    assert "7 without a known year stand last" in table(shelf, Asked(), EN, offset=0)
    assert "7 without a known year are left out" in table(shelf, Asked(since="2023"), EN, offset=0)
    assert "without a known year" not in table(shelf, Asked(order="title"), EN, offset=0)
    assert number(0, VI) == "0"


def test_details_show_raw_lines_beside_the_cleaned_with_reasons_in_the_pages_language(desk: Desk) -> None:
    article = desk.shelf(Asked()).rows[0].id
    markup = details(desk, article, VI)
    assert not tags(markup) & {"script", "img"}
    assert "onerror=" not in markup
    told = re.findall(r'<span class="reason" lang="vi">(.*?)</span>', markup)
    assert [each.replace("&#58;", ":") for each in told] == ["Đã bỏ: liên kết tới bài khác", "Đã bỏ: bản quyền"]
    assert markup.count('class="kept"') == 2


def test_further_sources_are_listed(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "copy.txt").write_text(TEXT, encoding="utf-8")
    desk.beside().ingest([str(tmp_path / "copy.txt")])
    row = desk.shelf(Asked()).rows[0]
    assert row.sources == 2
    assert "copy&#46;txt" in details(desk, row.id, EN)


def test_uploads_take_turns_and_say_so(desk: Desk, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.txt" for name in ("cầu", "cảng")]
    for path in paths:
        path.write_text(f"Tỉnh này khánh thành {path.stem} mới dài 900 mét vào ngày 2/9/2023.\n", encoding="utf-8")
    turn = ui_library_upload._writers.setdefault(desk.settings.store.absolute(), threading.Lock())
    with turn:
        first, second = (ingested(desk, [path]) for path in paths)
        assert next(first) is next(second) is None
    reports = [[each for each in run if each is not None] for run in (first, second)]
    for steps in reports:
        assert steps[0] == (0, 1)
        assert isinstance(steps[-1], Ingested)
    assert desk.count_articles() == 3


def test_an_error_of_the_upload_is_raised_where_it_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no folder")
    broken = open_desk(store=tmp_path / "store")
    with pytest.raises(Exception, match="cannot be made"):
        list(ingested(broken, [tmp_path / "a.txt"]))


def test_the_report_names_each_file_as_it_was_sent_and_says_why_it_was_rejected(desk: Desk, tmp_path: Path) -> None:
    bad = tmp_path / "0123-x.jsonl"
    bad.write_text("{}\n", encoding="utf-8")
    kept = [(bad, HOSTILE), (tmp_path / "tin.txt", "tin.txt")]
    report = desk.beside().ingest([str(path) for path, _ in kept])
    assert report.rejected == (Rejected(str(bad), "line 1 has no text; add `text` or `html`", 1),)
    found = lines(desk, kept, report)
    assert [(line.file, line.what) for line in found] == [(HOSTILE, "rejected"), ("tin.txt", "unchanged")]
    markup = report_html(found, VI)
    assert "dòng 1 không có nội dung" in markup
    assert "đã có trong thư viện" in markup
    assert not tags(markup) & {"script", "img"}
    assert "2 bài mới" in report_html([Line("a", "new", "a1", "T"), Line("b", "new", "a2", None)], VI)
