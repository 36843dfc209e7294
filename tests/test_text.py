import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import fold, language, sentences, words

CASES = [
    ["Tp. HCM hôm nay mưa. ", "Ông đi."],
    ["GS. TS. Nguyễn Văn A. nói rằng có. ", "Bà về."],
    ["Theo Nh. Thạch viết. ", "Ông nói."],
    ["The U.S. President met him. ", "He left the U.S. ", "The talks ended."],
    ["Cuộc gặp diễn ra ngày 24/10. ", "Bộ trưởng tiếp khách."],
    ["“Chúng tôi sẵn sàng.” ", "Ông Lavrov nói thêm. ", "“Tốt!” ông nói."],
    ["Hàn Quốc, Trung Quốc… và Ấn Độ. ", "Phục vụ phát triển… ", "Bộ trưởng cho rằng tốt."],
    ["On Feb. 2 he met Mr. Wang. ", "George W. Bush came at 3 p.m. on Monday."],
    ["1. Mở rộng hợp tác.\n", "2. Tăng cường."],
    ["Tăng 8.7% trong 2023. ", "9 tháng đầu năm đạt 1.9 tỷ."],
    ["Sang châu Âu,..; hỗ trợ doanh nghiệp. ", "Đặc biệt, tốt."],
    ["王毅表示支持。", "拉夫罗夫说：“好。”", "他走了。"],
    ["Nông sản, thép, v.v. ", "Ngoài ra, hai bên nhất trí."],
    ["Không có dấu chấm\n", "Dòng sau"],
]


@pytest.mark.parametrize("expected", CASES, ids=lambda case: case[0].strip())
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    text = "".join(expected)
    assert [text[start:end] for start, end in sentences(text)] == expected


WRAPPED = """\
President Nguyễn met today with the foreign minister of the Republic of
Korea in Phnom Penh. The two ministers discussed the launch of a missile
and what both sides could do to limit the means for unlawful programs.

They agreed to meet again. The talks followed a year of quiet diplomacy
between the two capitals.
Afterwards they went home.
"""


def test_a_line_that_was_broken_at_a_width_goes_on_in_the_next() -> None:
    found = [WRAPPED[start:end] for start, end in sentences(WRAPPED)]
    assert [" ".join(sentence.split()) for sentence in found] == [
        "President Nguyễn met today with the foreign minister of the Republic of Korea in Phnom Penh.",
        "The two ministers discussed the launch of a missile and what both sides could do to limit the means for "
        "unlawful programs.",
        "They agreed to meet again.",
        "The talks followed a year of quiet diplomacy between the two capitals.",
        "Afterwards they went home.",
    ]


def test_headlines_and_one_line_paragraphs_are_not_wrapped_text() -> None:
    lines = [
        "Việt Nam và Hàn Quốc nâng cấp quan hệ lên đối tác chiến lược\n",
        "Nga, Trung tập trận chung\n",
        "Bộ trưởng Ngoại giao tiếp Đại sứ nhiều nước tới chào từ biệt nhân kết thúc nhiệm kỳ\n",
        "Giá vàng hôm nay tăng\n",
        "Hai bên nhất trí thúc đẩy hợp tác kinh tế\n",
        "Tin trong nước",
    ]
    text = "".join(lines)
    assert [text[start:end] for start, end in sentences(text)] == lines


@given(st.text(alphabet=st.sampled_from('aĐ. …!?"”。\n1UTpNh ')) | st.text())
def test_sentence_spans_rejoin(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans) == text


@pytest.mark.parametrize("unit", [".", ".\"'", "a. ", "“. ”", "Tp. ", "ab cd " * 11 + "\n"])
def test_sentences_take_linear_time(unit: str) -> None:
    started = time.perf_counter()
    sentences(unit * 300_000)
    assert time.perf_counter() - started < 10


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_takes_vietnamese_to_plain_letters() -> None:
    assert fold("Nguyễn Phú Trọng, Đặng Hoà, Đặng Hòa") == "nguyen phu trong, dang hoa, dang hoa"
    assert fold("Nguye\u0302\u0303n") == "nguyen"


def test_a_han_character_is_a_word() -> None:
    assert words("Wang Yi 王毅, SCO-2023") == ["Wang", "Yi", "王", "毅", "SCO", "2023"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vuong nghi va lavrov da nhat tri dieu gi", "vi"),
        ("tong dao ky gi", "vi"),
        ("Bùi Thanh Sơn tiếp đoàn Quảng Ngãi", "vi"),
        ("what did lavrov and wang yi agree on", "en"),
        ("Who announced the medical supplies?", "en"),
        ("王毅和拉夫罗夫达成了什么共识", "zh"),
        ("О чём договорились Лавров и Ван И?", "ru"),
        ("13/7", "en"),
        ("", "en"),
    ],
)
def test_the_language_of_a_question_is_told(text: str, expected: str) -> None:
    assert language(text) == expected
