"""The period that a question asks about, in four languages, and date words that are none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.periods import Period, of_question
from rag.text import language

TUESDAY = date(2023, 10, 24)


def asked(question: str, *, today: date | None = TUESDAY) -> tuple[Period, ...]:
    return of_question(question, lang=language(question), today=today)


def read(question: str) -> list[tuple[str | None, str | None, str]]:
    return [(period.since, period.until, period.text) for period in asked(question)]


@pytest.mark.parametrize(
    ("question", "since", "until", "text"),
    [
        ("What did Lavrov and Wang Yi agree on 13 July?", "XXXX-07-13", "XXXX-07-13", "13 July"),
        ("What was agreed in March 2024?", "2024-03", "2024-03", "March 2024"),
        ("Who was sanctioned on 19/9?", "XXXX-09-19", "XXXX-09-19", "19/9"),
        ("Ai thăm Hà Nội trong tháng 10 năm 2023?", "2023-10", "2023-10", "tháng 10 năm 2023"),
        ("ai tham ha noi thang 10 nam 2023?", "2023-10", "2023-10", "thang 10 nam 2023"),
        ("Sáng 24/10 ai tiếp đoàn?", "XXXX-10-24", "XXXX-10-24", "24/10"),
        ("2024年9月19日加拿大制裁了谁？", "2024-09-19", "2024-09-19", "2024年9月19日"),
        ("印尼外长约定11月在哪里会面？", "XXXX-11", "XXXX-11", "11月"),
        ("Что подписали в июле 2023 года?", "2023-07", "2023-07", "июле 2023 года"),
        ("Who met whom between May and July 2023?", "2023-05", "2023-07", "May and July 2023"),
        ("từ ngày 13 đến 15/7/2023 ai gặp ai?", "2023-07-13", "2023-07-15", "từ ngày 13 đến 15/7/2023"),
        ("Từ tháng 3 đến tháng 5 năm 2023 có gì?", "2023-03", "2023-05", "Từ tháng 3 đến tháng 5 năm 2023"),
        ("What agreements were signed since 2021?", "2021", None, "since 2021"),
        ("Từ đầu năm 2021 đến nay xuất khẩu thế nào?", "2021", None, "Từ đầu năm 2021 đến nay"),
        ("What happened before 2023?", None, "2022", "before 2023"),
        ("Trước ngày 1/3/2024 ai từ chức?", None, "2024-02-29", "Trước ngày 1/3/2024"),
        ("What was said after 31 December 2023?", "2024-01-01", None, "after 31 December 2023"),
        ("中国2023年以来签署了什么？", "2023", None, "2023年以来"),
        ("Which industries are pillars by 2030?", None, "2030", "by 2030"),
    ],
)
def test_dates_in_a_question(question: str, since: str, until: str, text: str) -> None:
    assert read(question) == [(since, until, text)]


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What did Lavrov say yesterday?", "2023-10-23", "2023-10-23"),
        ("Hôm kia ai phát biểu?", "2023-10-22", "2023-10-22"),
        ("hom qua ai gap ai?", "2023-10-23", "2023-10-23"),
        ("What was signed last week?", "2023-10-16", "2023-10-22"),
        ("Tuần trước ai thăm Hà Nội?", "2023-10-16", "2023-10-22"),
        ("上周谁访问了北京？", "2023-10-16", "2023-10-22"),
        ("Что подписали на прошлой неделе?", "2023-10-16", "2023-10-22"),
        ("Cuối tuần qua ở Huế có gì?", "2023-10-21", "2023-10-22"),
        ("tuan nay ai tham ha noi?", "2023-10-23", "2023-10-29"),
        ("Who resigned this month?", "2023-10", "2023-10"),
        ("Tháng trước xuất khẩu bao nhiêu?", "2023-09", "2023-09"),
        ("xuat khau nam ngoai bao nhieu?", "2022", "2022"),
        ("去年谁辞职了？", "2022", "2022"),
        ("Tháng 10 năm ngoái ai thăm Hà Nội?", "2022-10", "2022-10"),
        ("王林今年4月在哪里举行会谈？", "2023-04", "2023-04"),
        ("Кто приехал в октябре прошлого года?", "2022-10", "2022-10"),
        ("Who met in the last three days?", "2023-10-21", "2023-10-24"),
        ("Trong hai tuần qua ai bị trừng phạt?", "2023-10-10", "2023-10-24"),
        ("过去三天谁来了？", "2023-10-21", "2023-10-24"),
        ("Who resigned two days ago?", "2023-10-22", "2023-10-22"),
        ("What has changed since last week?", "2023-10-16", None),
        ("Từ hôm qua đến hôm nay có gì mới?", "2023-10-23", "2023-10-24"),
    ],
)
def test_words_that_count_from_the_corpus_day(question: str, since: str, until: str) -> None:
    [period] = asked(question)
    assert (period.since, period.until) == (since, until)
    assert (period.relative, period.relative_to) == (True, "2023-10-24")


@pytest.mark.parametrize(
    "question",
    [
        "What is in the 2030 Agenda?",
        "Chiến lược 2021-2030 nêu gì?",
        "Nghị quyết 35/2023 quy định gì?",
        "Điều 13/7 nói gì?",
        "Luật Đất đai năm 2024 quy định gì?",
        "Hiệp định Paris năm 1973 nói gì?",
        "What does the treaty of 1979 say?",
        "World Cup năm 2026 tổ chức ở đâu?",
        "When does Hà Nội host APEC 2027?",
        "Who won at Seoul 1988?",
        "Vụ 11/9 xảy ra ở đâu?",
    ],
)
def test_a_date_in_a_name_is_no_period(question: str) -> None:
    assert asked(question) == ()


@pytest.mark.parametrize(
    "question",
    [
        "What may China do?",
        "Who is May?",
        "Did Theresa May 2018 resign?",
        "What does Russia Today report?",
        "Where does Jack Ma live today?",
        "Hiện nay quan hệ hai nước ra sao?",
        "Viet Nam nay xuat khau gi?",
        "Những năm qua quan hệ thế nào?",
        "Gần đây ai thăm Việt Nam?",
        "Đường dây nóng phục vụ 24/7 ở đâu?",
        "Mỗi ngày 5-7 giờ ai trực?",
        "GRDP tăng bao nhiêu so với năm 2022?",
        "How much did exports grow compared with last year?",
        "Tăng bao nhiêu so với cùng kỳ năm trước?",
        "2023 hay 2024?",
    ],
)
def test_loose_words_and_comparisons_are_no_period(question: str) -> None:
    assert asked(question) == ()


@pytest.mark.parametrize(
    "question",
    [
        "Sau cuộc gặp ngày 13/7 hai bên nói gì?",
        "What did Lavrov say before the July 13 meeting?",
        "Who resigned since the agreement signed in 2021?",
    ],
)
def test_the_date_of_an_event_that_another_follows_is_no_period(question: str) -> None:
    assert asked(question) == ()


@pytest.mark.parametrize("question", ["Quý III/2023 GDP tăng bao nhiêu?", "How did it grow in the first half of 2023?"])
def test_a_part_of_a_year_is_its_year_for_the_figures_come_later(question: str) -> None:
    [period] = asked(question)
    assert (period.since, period.until) == ("2023", "2023")


def test_without_a_day_to_count_from_relative_words_have_no_ends_and_dates_do() -> None:
    relative, absolute = asked("Did they meet last week or on 13 July 2023?", today=None)
    assert (relative.text, relative.known, relative.relative) == ("last week", False, True)
    assert (absolute.since, absolute.known, absolute.relative_to) == ("2023-07-13", True, None)


PIECES = st.sampled_from(
    [
        *("since ", "from ", "trước ", "sau ", "đến ", "between ", " and ", " to ", "the ", "ngày ", "tháng ", "năm "),
        *(
            "2023",
            "13/7",
            "7",
            "July ",
            "May ",
            "last week",
            "hôm qua",
            "tuần trước",
            "năm ngoái",
            "去年",
            "10月",
            "以来",
        ),
        *("3 days ago", "trong 3 ngày qua", "29/2/2024", "của ", "agreement ", "вчера", " июля ", "so với "),
    ]
)
QUESTIONS = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=20).map("".join)
DAYS = st.dates(date(1000, 1, 1), date(9000, 12, 31))


@given(QUESTIONS, st.sampled_from(["vi", "en", "zh", "ru"]), st.one_of(st.none(), DAYS))
def test_every_period_stands_in_its_question_in_order(question: str, lang: str, today: date | None) -> None:
    end = 0
    for period in of_question(question, lang=lang, today=today):
        assert period.text == question[period.start : period.end]
        assert period.start >= end
        assert period.known or (period.relative and today is None)
        end = period.end


WORDS = st.sampled_from(
    "ai gặp ông Lavrov ở đâu who met Wang Yi in Jakarta 王毅 谁 кто встретил что quan hệ ra sao".split()
)


@given(st.lists(WORDS, max_size=12).map(" ".join), DAYS)
def test_a_question_without_digits_and_date_words_has_no_period(question: str, today: date) -> None:
    assert asked(question, today=today) == ()


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_last_week_is_the_seven_days_before_this_one(today: date) -> None:
    [last], [this] = asked("what happened last week?", today=today), asked("what happened this week?", today=today)
    first, end = (date.fromisoformat(day or "") for day in (last.since, last.until))
    assert (end - first, date.fromisoformat(this.since or "") - end) == (timedelta(days=6), timedelta(days=1))
    assert first.weekday() == 0
    assert end < today
