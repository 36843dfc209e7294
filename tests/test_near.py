from __future__ import annotations

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from invented import SYLLABLES, text_of

from rag.near import bands, near, shingles

REPORT = (
    "Theo Cục Thống kê tỉnh Quảng Ngãi, chín tháng đầu năm 2023 kim ngạch xuất khẩu của tỉnh ước đạt 1,7 tỷ "
    "USD, tăng 3,2% so với cùng kỳ năm trước. Các mặt hàng chủ yếu là thép, giày dép, sợi bông và tinh bột "
    "mì. Lãnh đạo tỉnh cho biết sẽ tiếp tục hỗ trợ doanh nghiệp tìm thị trường mới trong quý cuối năm."
)


def test_a_report_with_another_closing_line_is_near() -> None:
    other = REPORT.replace("trong quý cuối năm", "trong thời gian tới")
    assert near(REPORT, other)
    assert set(bands(REPORT)) & set(bands(other))


def test_the_same_report_with_another_figure_is_never_near() -> None:
    other = REPORT.replace("1,7 tỷ", "1,9 tỷ")
    assert not near(REPORT, other)
    assert not set(bands(REPORT)) & set(bands(other))


def test_the_same_report_with_another_name_is_never_near() -> None:
    assert not near(REPORT, REPORT.replace("Quảng Ngãi", "Quảng Nam"))


def test_a_figure_said_twice_is_not_the_figure_said_once() -> None:
    assert not near(REPORT, REPORT + " Năm 2023.")


def test_accents_make_no_difference() -> None:
    plain = "".join(c for c in unicodedata.normalize("NFD", REPORT) if not unicodedata.combining(c))
    assert near(REPORT, plain.replace("đ", "d"))
    assert bands(REPORT) == bands(REPORT.upper())


def test_another_word_at_the_start_of_a_sentence_is_no_other_name() -> None:
    assert near(REPORT + " Đây là tin vui.", REPORT + " Thật là tin vui.")
    assert not near(REPORT + " Macron đã đến.", REPORT + " Scholz đã đến.")


def test_the_same_report_on_another_place_is_never_near() -> None:
    assert not near(REPORT, REPORT.replace("Quảng Ngãi", "Bình Định"))


def test_two_reports_on_one_subject_are_not_near() -> None:
    other = "Quảng Ngãi xuất khẩu 1,7 tỷ USD trong chín tháng năm 2023, tăng 3,2%, theo số liệu mới công bố."
    assert not near(REPORT, other)


def test_chinese_is_compared_by_characters() -> None:
    text = "外交部长王毅在雅加达会见俄罗斯外长拉夫罗夫双方就双边关系和地区问题交换了意见"
    assert near(text, text.replace("交换了意见", "交换意见"))
    assert not near(text, "中国海关总署公布前三季度进出口数据同比增长主要出口机电产品和劳动密集型产品")


def test_texts_without_words_are_near_to_nothing() -> None:
    for text in ("", " … ", "\x00\x01"):
        assert bands(text) == ()
        assert not near(text, text)


def test_bands_meet_for_nearly_all_pairs_at_the_threshold() -> None:
    drawn, met, pairs = random.Random(7), 0, 0
    for number in range(60):
        one = drawn.choices(SYLLABLES, k=300)
        other = [*one[:270], *drawn.choices(SYLLABLES, k=30)]
        if near(" ".join(one), " ".join(other)):
            pairs += 1
            met += bool(set(bands(" ".join(one))) & set(bands(" ".join(other))))
        assert not near(text_of(number), text_of(number + 1))
    assert pairs > 40
    assert met >= 0.97 * pairs


@given(st.text(max_size=200))
def test_every_text_with_words_is_near_to_itself(text: str) -> None:
    assert near(text, text) == bool(shingles(text))
    assert bands(text) == bands(text)
