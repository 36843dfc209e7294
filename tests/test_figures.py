"""Figures read alike in Vietnamese, English, Chinese and Russian."""

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.figures import Figure, base, figures
from rag.hours import hours
from rag.moments import read
from rag.numerals import numbers


def only(text: str, lang: str) -> Figure:
    (figure,) = figures(text, lang=lang)
    return figure


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (
            320_000_000,
            "USD",
            {"vi": "320 triệu USD", "en": "$320 million", "zh": "3.2亿美元", "ru": "320 млн долларов"},
        ),
        (9, "month", {"vi": "chín tháng", "en": "nine months", "zh": "9个月", "ru": "девять месяцев"}),
        (24_000, "tonne", {"vi": "24.000 tấn", "en": "24,000 tons", "zh": "2.4万吨", "ru": "24 тыс. тонн"}),
        (
            25,
            "percent",
            {"vi": "hai mươi lăm phần trăm", "en": "twenty-five percent", "zh": "百分之二十五", "ru": "25%"},
        ),
        (56, "ordinal", {"vi": "lần thứ 56", "en": "the 56th", "zh": "第56次", "ru": "56-й"}),
        (13, "ordinal", {"vi": "Đại hội lần thứ XIII", "en": "the thirteenth"}),
        (3, "ordinal", {"vi": "lần thứ ba", "en": "the third time", "zh": "第三", "ru": "третий"}),
        (12_500, "person", {"vi": "12.500 người", "en": "12,500 people", "zh": "12500人", "ru": "12 500 человек"}),
    ],
)
def test_one_figure_in_four_languages(value: int, unit: str, told: dict[str, str]) -> None:
    for lang, text in told.items():
        figure = only(text, lang)
        assert (int(figure.value), figure.unit) == (value, unit), text


def test_the_decimal_comma_and_the_thousands_dot() -> None:
    assert only("1,5 triệu", "vi").value == only("1.5 million", "en").value == 1_500_000
    assert only("1.500 ha", "vi").value == only("1,500 hectares", "en").value == 1_500
    assert only("4,5 km", "vi").value == only("4.5 km", "en").value == Decimal("4.5")


def test_vietnamese_number_words() -> None:
    told = {
        "hai nghìn năm trăm": 2_500,
        "một trăm linh năm": 105,
        "mười lăm": 15,
        "ba triệu rưỡi": 3_500_000,
        "nửa triệu": 500_000,
        "15 nghìn tỷ": 15_000_000_000_000,
        "1 tỷ 200 triệu": 1_200_000_000,
    }
    assert {text: [number.value for number in numbers(text, lang="vi")] for text in told} == {
        text: [value] for text, value in told.items()
    }


def test_nam_is_five_before_a_noun_and_a_year_after_a_figure() -> None:
    assert only("ký năm văn kiện", "vi").counted == "document"
    assert (int(only("hai mươi năm", "vi").value), only("hai mươi năm", "vi").unit) == (20, "year")
    assert figures("cuối năm nay", lang="vi") == figures("năm 2023", lang="vi") == ()


def test_names_dates_and_hours_are_no_figures() -> None:
    assert figures("G20, COVID-19, F-16, 5G; ngày 13/7/2023, năm 2024, lúc 15h30", lang="vi") == ()
    assert figures("in 2023, on July 13, at 3 p.m., APEC 2023", lang="en") == ()
    assert figures("ông Ba đến Ba Lan hôm thứ Ba", lang="vi") == ()


def test_hedges_have_a_direction() -> None:
    assert [figure.direction for figure in figures("hơn 300 đại biểu, gần 40 nước, khoảng 5 km", lang="vi")] == [
        1,
        -1,
        0,
    ]
    assert all(figure.approximate for figure in figures("more than 300, nearly 40, about 5", lang="en"))
    assert not only("300 đại biểu", "vi").approximate


def test_a_range_shares_its_unit() -> None:
    for text, lang in (("10-15%", "en"), ("từ 10 đến 15%", "vi")):
        assert [(int(figure.value), figure.unit) for figure in figures(text, lang=lang)] == [
            (10, "percent"),
            (15, "percent"),
        ]


def test_dollars_of_other_countries_are_their_own() -> None:
    assert only("3,2 triệu đô la Úc", "vi").unit == only("A$3.2 million", "en").unit == "AUD"
    assert only("$5m", "en").value == 5_000_000


def test_units_of_one_kind_come_out_alike() -> None:
    assert base(only("half an hour", "en")) == base(only("30 phút", "vi"))
    assert base(only("two decades", "en")) == base(only("20 năm", "vi"))


def test_hours_of_the_day() -> None:
    assert [hour.minutes for hour in hours("15h30, 3:30 p.m., 9 giờ sáng, 下午3点, 10 p.m.")] == [
        930,
        930,
        540,
        900,
        1320,
    ]


def test_relative_words_count_from_the_day_of_publication() -> None:
    (moment,) = read("Hôm qua, hai bên hội đàm.", lang="vi", published="2023-10-25")
    assert moment.since == (2023, 10, 24)
    (moment,) = read("Hôm qua, hai bên hội đàm.", lang="vi", published=None)
    assert (moment.level, moment.kind) == (-1, "yesterday")


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(["vi", "en", "zh", "ru", ""]))
def test_figures_stand_where_they_say(text: str, lang: str) -> None:
    found = figures(text, lang=lang)
    assert all(figure.text == text[figure.start : figure.end] for figure in found)
    assert [figure.start for figure in found] == sorted(figure.start for figure in found)


@settings(deadline=None)
@given(st.integers(2, 10**9))
def test_digits_are_read_as_each_language_groups_them(value: int) -> None:
    grouped = f"{value:,}"
    assert only(f"{grouped} kg", "en").value == value
    assert only(f"{grouped.replace(',', '.')} kg", "vi").value == value


@pytest.mark.parametrize("piece", ["1 ", "1,", "một trăm ", "3 tháng ", "năm ", "Thứ Ba ", "一百", "ngày 1/1 "])
def test_a_long_line_takes_time_in_proportion(piece: str) -> None:
    started = time.perf_counter()
    figures(piece * 4_000, lang="vi")
    assert time.perf_counter() - started < 5
