"""Dates as Vietnamese, English and Chinese news states them, and what only looks like one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import find_dates, normalise_published

EDTF_DAY = r"(?:[12][0-9]{3}|XXXX)(?:-[0-9]{2}(?:-[0-9]{2})?)?"
EDTF = re.compile(rf"{EDTF_DAY}(?:/{EDTF_DAY})?")


def stated(text: str, lang: str | None = None) -> list[tuple[str, str]]:
    return [(date.edtf, date.text) for date in find_dates(text, lang=lang)]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Ngày 13/7, tại Jakarta", [("XXXX-07-13", "Ngày 13/7")]),
        ("sáng 5-3, đoàn công tác", [("XXXX-03-05", "5-3")]),
        ("Sáng 20.11, Quốc hội bắt đầu đợt 2", [("XXXX-11-20", "20.11")]),
        ("ngày 13 tháng 7 năm 2023", [("2023-07-13", "ngày 13 tháng 7 năm 2023")]),
        ("ngày 13/7 năm 2023", [("2023-07-13", "ngày 13/7 năm 2023")]),
        ("trong tháng 10/2023", [("2023-10", "tháng 10/2023")]),
        ("tháng 10 năm 2023", [("2023-10", "tháng 10 năm 2023")]),
        ("Thứ ba, 03/04/2023 | 15:30 GMT+7", [("2023-04-03", "03/04/2023")]),
        ("so với cùng kỳ năm 2022", [("2022", "năm 2022")]),
        ("6 tháng đầu năm 2023", [("2023", "năm 2023")]),
        ("phải đến 4/6 mới công bố kết quả", [("XXXX-06-04", "4/6")]),
        ("ngày mai 25/10 tại Nhà làm việc", [("XXXX-10-25", "25/10")]),
        ("từ ngày 13 đến 15/7/2023", [("2023-07-13/2023-07-15", "ngày 13 đến 15/7/2023")]),
        ("giai đoạn 2021-2025", [("2021/2025", "giai đoạn 2021-2025")]),
        ("ngay 13/7 hai ben gap nhau o Jakarta", [("XXXX-07-13", "ngay 13/7")]),
    ],
)
def test_vietnamese_dates(text: str, dates: list[tuple[str, str]]) -> None:
    assert stated(text, "vi") == dates


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("on 13 July 2023 in Jakarta", [("2023-07-13", "13 July 2023")]),
        ("met on July 13", [("XXXX-07-13", "July 13")]),
        ("what did they sign on march 5?", [("XXXX-03-05", "march 5")]),
        ("HANOI, Oct. 24 (Xinhua) --", [("XXXX-10-24", "Oct. 24")]),
        ("from February 2 to 3 for consultations", [("XXXX-02-02/XXXX-02-03", "February 2 to 3")]),
        ("from Feb 2 to 3, 2023", [("2023-02-02/2023-02-03", "Feb 2 to 3, 2023")]),
        ("2023-02-04 15:13:19CGTN Editor", [("2023-02-04", "2023-02-04")]),
        ("Updated: October 24, 2023, 3:30 p.m.", [("2023-10-24", "October 24, 2023")]),
        ("in October 2023", [("2023-10", "October 2023")]),
        ("since 2021", [("2021", "2021")]),
        ("dated 24/10/2023", [("2023-10-24", "24/10/2023")]),
        ("dated 03/04/2023", [("2023", "03/04/2023")]),
    ],
)
def test_english_dates(text: str, dates: list[tuple[str, str]]) -> None:
    assert stated(text, "en") == dates


def test_chinese_and_russian_dates() -> None:
    assert stated("2023年7月13日", "zh") == [("2023-07-13", "2023年7月13日")]
    assert stated("新华社雅加达7月13日电", "zh") == [("XXXX-07-13", "7月13日")]
    assert stated("2月2日至3日", "zh") == [("XXXX-02-02/XXXX-02-03", "2月2日至3日")]
    assert stated("13 июля 2023 года", "ru") == [("2023-07-13", "13 июля 2023 года")]


@pytest.mark.parametrize(
    "text",
    [
        "1/3 dân số thế giới",
        "từ 1/3 số phiếu",
        "kỷ niệm 100 năm thành lập",
        "tăng 2,65% so với cùng kỳ",
        "thắng 2-1 ở phút 90",
        "phục vụ 24/7",
        "mỗi ngày 5-7 giờ",
        "điện thoại 024 3926 2211, 0912.345.678, 86-10-65961114",
        "tổng giá trị 1,5 triệu Nhân dân tệ",
        "ngày 31/2",
        "ngày 13/15",
    ],
)
def test_what_only_looks_like_a_date_in_vietnamese(text: str) -> None:
    assert stated(text, "vi") == []


@pytest.mark.parametrize(
    "text", ["about 2000 people", "it may 5 times", "a score of 3-2", "February 30", "10.5 percent"]
)
def test_what_only_looks_like_a_date_in_english(text: str) -> None:
    assert stated(text, "en") == []


@pytest.mark.parametrize(
    ("value", "edtf"),
    [
        ("2023-10-24T15:30:00+07:00", "2023-10-24"),
        ("20231024", "2023-10-24"),
        ("Tue, 24 Oct 2023 15:30:00 +0700", "2023-10-24"),
        ("24/10/2023 15:30", "2023-10-24"),
        ("24.10.2023", "2023-10-24"),
        ("October 24, 2023", "2023-10-24"),
        ("XXXX-07-13", "XXXX-07-13"),
        ("13/7", None),
        ("2023-13-45", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_publication_dates_in_metadata(value: str, edtf: str | None) -> None:
    assert normalise_published(value) == edtf


def test_the_language_decides_a_numeric_date_that_reads_both_ways() -> None:
    assert normalise_published("03/04/2023", lang="vi") == "2023-04-03"
    assert normalise_published("03/04/2023", lang="en") == "2023"


PIECES = st.sampled_from(
    [
        "ngày ",
        "13/7",
        "5-3",
        "/2023",
        " năm ",
        "2023",
        "July ",
        "to ",
        "Feb. ",
        "2",
        "年",
        "7月",
        "13日",
        "-",
        "/",
        ".",
        " tháng ",
    ]
)


@given(
    st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join),
    st.sampled_from([None, "vi", "en", "zh"]),
)
def test_every_date_is_valid_edtf_and_stands_in_its_text(text: str, lang: str | None) -> None:
    end = 0
    for date in find_dates(text, lang=lang):
        assert date.text == text[date.start : date.end]
        assert date.start >= end
        assert EDTF.fullmatch(date.edtf)
        end = date.end


@given(st.text(max_size=60))
def test_any_metadata_gives_edtf_or_nothing(value: str) -> None:
    edtf = normalise_published(value)
    assert edtf is None or EDTF.fullmatch(edtf.rstrip("?~%"))
