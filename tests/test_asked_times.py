"""News of another time is no answer to a question about one."""

from __future__ import annotations

import pytest

from rag.asked_times import Told, of_another_time
from rag.desk import Desk
from rag.domain import DateFilter

NINE_MONTHS = Told("Kim ngạch 9 tháng đầu năm 2023 ước đạt 1,9 tỷ USD, so với cùng kỳ năm 2022 tăng 8,7%.", "vi")
PLAN = Told("Hai Đảng ký Kế hoạch hợp tác giai đoạn 2021-2025.", "vi")
UNDATED = Told("The two sides agreed to open a consulate in Jeju.", "en")


def asked(since: str, until: str | None = None, text: str = "then") -> list[DateFilter]:
    return [DateFilter(text, since, until or since)]


@pytest.mark.parametrize("since", ["2019", "2022", "2024", "2022-03"])
def test_a_figure_of_another_year_is_no_answer_though_it_is_compared_with_that_year(since: str) -> None:
    assert of_another_time(asked(since, text="in that year"), [NINE_MONTHS]) == "in that year"


@pytest.mark.parametrize("since", ["2023", "2023-05", "XXXX-03-02"])
def test_a_time_that_touches_the_one_told_may_be_answered(since: str) -> None:
    assert of_another_time(asked(since), [NINE_MONTHS]) is None


def test_another_sentence_among_the_nearest_may_tell_of_it() -> None:
    then = Told("Năm 2019 tỉnh xuất khẩu 600 triệu USD.", "vi")
    assert of_another_time(asked("2019"), [NINE_MONTHS, then]) is None
    assert of_another_time(asked("2019"), [NINE_MONTHS, PLAN]) == "then"


def test_what_is_said_before_a_sentence_dates_it() -> None:
    told = Told("They signed papers on 3 May 2018.", "en", before="He visited the port in 2019. Then he flew home.")
    assert of_another_time(asked("2019"), [told]) is None


def test_a_plan_of_five_years_is_not_of_a_day_before_it_and_says_little_of_one_in_it() -> None:
    assert of_another_time(asked("2015"), [PLAN]) == "then"
    assert of_another_time(asked("2022-05-01"), [PLAN]) is None


def test_a_sentence_without_a_time_is_of_the_time_of_its_article() -> None:
    assert of_another_time(asked("2019"), [UNDATED]) is None
    now = Told(UNDATED.text, "en", published=("2019-07-02",))
    assert of_another_time(asked("2019-06"), [NINE_MONTHS, now]) is None
    assert of_another_time(asked("2017"), [NINE_MONTHS, now]) == "then"


def test_a_question_about_no_time_or_an_option_refuses_nothing() -> None:
    assert of_another_time([], [NINE_MONTHS]) is None
    assert of_another_time([DateFilter("since 2019", "2019", "2019", "option")], [NINE_MONTHS]) is None
    assert of_another_time([DateFilter("since 2019", "2019", None)], [NINE_MONTHS]) is None
    assert of_another_time([*asked("2019"), *asked("2020")], [NINE_MONTHS]) is None


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Kim ngạch xuất khẩu của Quảng Ngãi quý 1 năm 2022 là bao nhiêu?", "thời gian khác"),
        ("What did Lavrov and Wang Yi discuss on 14 July?", "at other times"),
        ("How much did Quang Ngai export in 2017?", "2017"),
    ],
)
def test_the_refusal_names_the_time(desk: Desk, question: str, reason: str) -> None:
    answer = desk.ask(question)
    assert answer.refused
    assert reason in (answer.reason or "")


@pytest.mark.parametrize(
    "question", ["Quảng Ngãi xuất khẩu bao nhiêu trong 9 tháng đầu năm 2023?", "What did Lavrov do on 13 July?"]
)
def test_its_own_time_is_answered(desk: Desk, question: str) -> None:
    assert desk.ask(question).statements
