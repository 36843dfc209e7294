"""What the library keeps, shows raw, and deletes; what comes in through the page; asking while another desk ingests."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import uploads
from rag.desk import Desk, open_desk
from rag.errors import InputError
from rag.shelf import Asked
from rag.uploads import Pasted, Upload

LAVROV = """Trang chủ
Ngoại trưởng Nga Lavrov gặp Vương Nghị ở Jakarta
Ngày 13/7/2023, tại Jakarta, Ngoại trưởng Nga Sergei Lavrov đã gặp Ủy viên Quốc vụ Trung Quốc Vương Nghị.

Hai bên nhất trí ủng hộ vai trò trung tâm của ASEAN trong cấu trúc khu vực.
Đọc thêm
Nguồn: TTXVN
"""
HARVEST = """Farmers in Sơn La began the plum harvest on 3 June 2023, two weeks earlier than in other years.

The province expects 40,000 tonnes, most of which will be sold in Hà Nội and abroad.
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Desk]:
    """A desk over two articles, each in a file of its own."""
    news = tmp_path / "news"
    news.mkdir()
    (news / "lavrov.txt").write_text(LAVROV, encoding="utf-8")
    (news / "harvest.txt").write_text(HARVEST, encoding="utf-8")
    desk = open_desk(store=tmp_path / "store")
    desk.ingest([str(news)])
    yield desk
    desk.close()


def one(desk: Desk, words: str) -> str:
    """The id of the only article with these words."""
    (row,) = desk.shelf(Asked(words=words)).rows
    return row.id


def rows(desk: Desk, article: str) -> dict[str, int]:
    """How many rows of each table hang on an article, and how many the word index and the vectors have in all."""
    counted = {}
    with sqlite3.connect(desk.settings.store / "catalogue.sqlite3") as db:
        for table in ("sources", "chunks", "names", "records", "told"):
            counted[table] = db.execute(f"SELECT count(*) FROM {table} WHERE article = ?", (article,)).fetchone()[0]
        for table in ("vectors", "titles", "words_vi"):
            counted[table] = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return counted


def test_raw_lines_say_what_was_kept_and_why_the_rest_was_dropped(library: Desk) -> None:
    raw = library.raw(one(library, "lavrov"))
    assert raw.whole
    assert [line.text for line in raw.lines] == LAVROV.split("\n")
    told = {line.text.split(",")[0]: (line.kept, line.reason) for line in raw.lines if line.text}
    assert told["Ngày 13/7/2023"] == (True, "")
    assert told["Ngoại trưởng Nga Lavrov gặp Vương Nghị ở Jakarta"] == (False, "title")
    assert told["Nguồn: TTXVN"] == (False, "source")


def test_where_the_file_is_gone_or_changed_the_stored_lines_are_shown(library: Desk, tmp_path: Path) -> None:
    article = one(library, "lavrov")
    whole = [line for line in library.raw(article).lines if line.text.strip()]
    (tmp_path / "news" / "lavrov.txt").write_text("Khác hẳn.", encoding="utf-8")
    changed = library.raw(article)
    assert not changed.whole
    assert list(changed.lines) == whole
    (tmp_path / "news" / "lavrov.txt").unlink()
    assert library.raw(article) == changed


def test_a_line_of_a_jsonl_file_is_read_again_by_its_number(library: Desk) -> None:
    kept = uploads.paste(library.settings.store, Pasted(LAVROV, title="Gặp gỡ", published="2023-07"))
    both = kept.with_name("0123456789ab-both.jsonl")
    both.write_bytes(b"\n" + kept.read_bytes().replace(b"ASEAN", b"APEC"))
    library.beside().ingest([str(both)])
    raw = library.raw(one(library, "APEC"))
    assert raw.whole
    assert "\n".join(line.text for line in raw.lines) == LAVROV.replace("ASEAN", "APEC")


def test_a_deleted_article_leaves_nothing_and_comes_back_when_it_is_ingested_again(library: Desk) -> None:
    article = one(library, "lavrov")
    before, answer = rows(library, article), library.ask("Lavrov gặp ai ở Jakarta?")
    assert answer.statements
    assert all(before.values())
    assert library.delete([article[:8]]) == 1
    after = rows(library, article)
    assert [after[table] for table in ("sources", "chunks", "names", "records", "told", "words_vi")] == [0] * 6
    assert after["vectors"] < before["vectors"]
    assert after["titles"] == before["titles"] - 1
    assert not library.ask("Lavrov gặp ai ở Jakarta?").statements
    assert library.shelf(Asked(words="lavrov")).total == 0
    report = library.beside().ingest([str(library.settings.store.parent / "news")])
    assert (report.count("new"), report.unchanged) == (1, 1)
    assert library.ask("Lavrov gặp ai ở Jakarta?").statements == answer.statements


def test_an_unknown_id_deletes_nothing(library: Desk) -> None:
    with pytest.raises(InputError, match="no article"):
        library.delete([one(library, "lavrov"), "ffff"])
    assert library.count_articles() == 2


def test_a_near_duplicate_goes_with_its_article_and_is_its_own_when_read_again(library: Desk, tmp_path: Path) -> None:
    again = tmp_path / "copy.txt"
    again.write_text(LAVROV.replace("nhất trí ủng hộ", "nhất trí  ủng hộ") + "\n", encoding="utf-8")
    library.beside().ingest([str(again)])
    article = one(library, "lavrov")
    assert len(library.show(article).sources) == 2
    library.delete([article])
    assert library.beside().ingest([str(again)]).count("new") == 1


def test_what_came_in_through_the_page_is_deleted_with_its_article(library: Desk, tmp_path: Path) -> None:
    store = library.settings.store
    kept = uploads.paste(store, Pasted("Hai nước ký hiệp định hàng không mới ở Viêng Chăn vào ngày 2 tháng 5."))
    library.beside().ingest([str(kept)])
    library.delete([one(library, "vieng chan")])
    assert not kept.exists()
    library.delete([one(library, "lavrov")])
    assert (tmp_path / "news" / "lavrov.txt").exists()


def test_others_ask_while_another_desk_ingests_and_then_see_the_new_articles(library: Desk, tmp_path: Path) -> None:
    failed: list[BaseException] = []
    asked: list[int] = []
    done = threading.Event()

    def asking() -> None:
        try:
            while not done.is_set():
                asked.append(len(library.ask("Lavrov gặp ai ở Jakarta?").statements))
        except BaseException as error:  # told by the assertion below
            failed.append(error)

    more = tmp_path / "more"
    more.mkdir()
    for number in range(30):
        text = f"Ngày {number % 28 + 1}/5/2023, đoàn số {number} của tỉnh thứ {number} đến thăm cảng {number * 7}.\n"
        (more / f"{number}.txt").write_text(
            text + f"Đoàn {number} bàn về xuất khẩu {number * 3} tấn cà phê.\n", "utf-8"
        )
    threads = [threading.Thread(target=asking) for _ in range(2)]
    for thread in threads:
        thread.start()
    writing = library.beside()
    assert writing.embedder is library.embedder
    report = writing.ingest([str(more)])
    done.set()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert min(asked) == max(asked) > 0
    assert report.count("new") + report.count("near-duplicate") == 30
    assert library.ask("Đoàn số 7 đến thăm cảng nào?").statements
    assert library.shelf(Asked(words="ca phe")).total == report.count("new")


def test_an_upload_outlives_where_it_came_from_under_its_own_name(tmp_path: Path) -> None:
    sent = tmp_path / "tmp1"
    sent.write_text(HARVEST, encoding="utf-8")
    kept = uploads.keep(tmp_path / "store", Upload(sent, "../../Mận hậu <Sơn La>.TXT"))
    sent.unlink()
    assert kept.read_text(encoding="utf-8") == HARVEST
    assert kept.parent == tmp_path / "store" / "uploads"
    assert uploads.shown(tmp_path / "store", str(kept)) == "Mận_hậu_Sơn_La.txt"
    assert uploads.shown(tmp_path / "store", "/news/a.txt") == "/news/a.txt"


@given(st.text())
def test_whatever_a_file_is_called_its_name_leads_nowhere(name: str) -> None:
    clean = uploads.safe(name)
    assert clean == os.path.basename(clean)
    assert clean not in (".", "..", "")
    assert not clean.startswith(".")
    assert len(clean.encode()) < 120


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [("a.txt", b"x", None), ("a.HTML.gz", b"x", None), ("a.exe", b"x", "kind"), ("a.txt", b"", "empty")],
)
def test_files_of_other_kinds_and_empty_ones_are_refused(
    tmp_path: Path, name: str, data: bytes, expected: str | None
) -> None:
    (tmp_path / "sent").write_bytes(data)
    assert uploads.wrong(Upload(tmp_path / "sent", name)) == expected


def test_a_pasted_text_keeps_what_is_said_of_it(library: Desk) -> None:
    text = "The lychee season opened in Bắc Giang with a fair for traders from six countries."
    pasted = Pasted(text, " Mùa vải\n", "Báo Sơn La", "tháng 6/2023", "https://a.example/")
    library.beside().ingest([str(uploads.paste(library.settings.store, pasted))])
    source = library.show(one(library, "lychee")).article.source
    told = (source.title, source.outlet, source.published, source.url)
    assert told == ("Mùa vải", "Báo Sơn La", "2023-06", "https://a.example/")
    with pytest.raises(InputError, match="is no date"):
        uploads.paste(library.settings.store, Pasted("Văn bản.", published="hôm nào đó"))
    with pytest.raises(InputError, match="no text"):
        uploads.paste(library.settings.store, Pasted(" \n"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def test_the_command_asks_first_and_deletes_with_yes(library: Desk) -> None:
    article, store = one(library, "lavrov"), str(library.settings.store)
    refused = run("delete", article, "--store", store)
    assert (refused.returncode, refused.stderr) == (
        1,
        "rag: deleting asks first; give --yes where there is no terminal\n",
    )
    assert library.count_articles() == 2
    done = run("delete", article[:6], "--yes", "--store", store)
    assert (done.returncode, done.stdout) == (0, "1 article deleted\n")
    assert library.count_articles() == 1
    assert run("delete", article, "--yes", "--store", store).stderr.startswith("rag: there is no article")
