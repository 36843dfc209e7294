"""Figures and dates of statements against the words that they cite, across languages."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.claimed_figures import unsupported
from rag.domain import Evidence

PLANT = (
    "Theo văn kiện, hai bên sẽ xây dựng một nhà máy tái chế pin tại Hải Phòng với tổng vốn đầu tư 320 triệu USD, "
    "dự kiến khởi công trong quý I năm sau."
)
SIGNED = "Ngày 10/6, tại Busan, Bộ trưởng Trần Đức Hòa và Bộ trưởng Park Jin-ho đã ký Bản ghi nhớ về tái chế pin."

DATES = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))


def failed(statement: str, lang: str, text: str, text_lang: str, **around: Any) -> tuple[str, ...]:
    return unsupported(statement, lang=lang, evidence=[Evidence(text, text_lang, **around)])


TRUE = [
    ("The plant will cost $320 million, with work starting in the first quarter of next year.", "en", PLANT, "vi"),
    (
        "Trade reached $15 billion in the first nine months of 2023.",
        "en",
        "Chín tháng đầu năm 2023 đạt 15 tỷ USD.",
        "vi",
    ),
    ("Kim ngạch đạt 8,19 tỷ USD trong nửa đầu năm 2024.", "vi", "2024年上半年，双边贸易额达81.9亿美元。", "zh"),
    ("Russia will supply 300,000 tonnes of wheat.", "en", "Россия поставит 300 тысяч тонн пшеницы.", "ru"),
    ("The committee held its 9th meeting.", "en", "Ủy ban hỗn hợp đã họp lần thứ 9.", "vi"),
    ("Đại hội XIII họp năm 2021.", "vi", "The 13th Congress was held in 2021.", "en"),
    ("Hai bên họp hai lần mỗi năm.", "vi", "The sides meet twice a year.", "en"),
    ("The gate stays open until 10 p.m.", "en", "Cửa khẩu mở đến 22 giờ hằng ngày.", "vi"),
    ("Buổi lễ bắt đầu lúc 15 giờ ngày 5/5.", "vi", "The ceremony began at 3 p.m. on May 5.", "en"),
    ("The two countries mark the 75th anniversary of ties.", "en", "Hai nước kỷ niệm 75 năm quan hệ ngoại giao.", "vi"),
    ("Trade grew by 12.3 percent from the year before.", "en", "Kim ngạch tăng 12,3% so với năm trước.", "vi"),
    ("Half of the votes went to him.", "en", "Ông giành được 50% số phiếu.", "vi"),
    ("Chuyến thăm diễn ra từ ngày 9 đến ngày 11/9.", "vi", "The visit took place on September 9-11.", "en"),
    ("The two ministers signed a memorandum on 10 June.", "en", SIGNED, "vi"),
    ("Đoàn có 25 lãnh đạo doanh nghiệp.", "vi", "The delegation has some 25 business leaders.", "en"),
    ("Giấy phép được cấp trong 12 ngày làm việc.", "vi", "Licences are issued within 12 working days.", "en"),
    ("The bell was found 14 years later.", "en", "Chiếc chuông bị mất năm 1990 và được tìm thấy năm 2004.", "vi"),
    ("The Bank pays the remaining two thirds.", "en", "Hà Nội pays a third of the bill and the Bank the rest.", "en"),
    ("Two neighbours, Laos and Thailand, objected.", "en", "Lào và Thái Lan phản đối.", "vi"),
]


@pytest.mark.parametrize(("statement", "lang", "text", "text_lang"), TRUE)
def test_what_stands_there_passes(statement: str, lang: str, text: str, text_lang: str) -> None:
    assert failed(statement, lang, text, text_lang) == ()


PLANTED = [
    (
        "Giấy phép được cấp trong 12 tuần làm việc.",
        "vi",
        "Licences are issued within 12 working days.",
        "en",
        "12 tuần",
    ),
    ("The bell was found 16 years later.", "en", "Chuông mất năm 1990, được tìm thấy năm 2004.", "vi", "16 years"),
    (
        "The Bank pays the remaining two thirds.",
        "en",
        "Hà Nội pays half of the bill, the Bank the rest.",
        "en",
        "two thirds",
    ),
    ("Three neighbours, Laos and Thailand, objected.", "en", "Lào và Thái Lan phản đối.", "vi", "Three"),
    ("The plant will cost $330 million.", "en", PLANT, "vi", "$330 million"),
    ("The plant will cost 320 million yuan.", "en", PLANT, "vi", "320 million yuan"),
    ("Work starts in the second quarter of next year.", "en", PLANT, "vi", "second quarter"),
    ("Tăng trưởng đạt 5%.", "vi", "There were 5 countries.", "en", "5%"),
    ("There were 10 ministers.", "en", "There were 10 countries.", "en", "10"),
    ("Three ministers signed on 10 June.", "en", SIGNED, "vi", "Three"),
    ("They signed on 11 June.", "en", SIGNED, "vi", "11 June"),
    ("They signed on 10 July.", "en", SIGNED, "vi", "10 July"),
    ("Kim ngạch tăng trong 8 tháng đầu năm 2023.", "vi", "It rose in the first nine months of 2023.", "en", "8 tháng"),
    ("Hai bên gặp nhau hôm thứ Ba.", "vi", "The two sides met on Monday.", "en", "thứ Ba"),
    ("They met on the morning of 3 September.", "en", "Hai bên gặp nhau chiều 3/9.", "vi", "morning"),
    ("The gate stays open until 9 p.m.", "en", "Cửa khẩu mở đến 22 giờ hằng ngày.", "vi", "9 p.m"),
    (
        "The visit took place on September 9-12.",
        "en",
        "Chuyến thăm diễn ra từ ngày 9 đến 11/9.",
        "vi",
        "September 9-12",
    ),
    ("Ủy ban họp lần thứ 8.", "vi", "The committee held its 9th meeting.", "en", "8"),
]


@pytest.mark.parametrize(("statement", "lang", "text", "text_lang", "wrong"), PLANTED)
def test_what_does_not_stand_there_is_named(statement: str, lang: str, text: str, text_lang: str, wrong: str) -> None:
    assert failed(statement, lang, text, text_lang) == (wrong,)


def test_a_year_that_nobody_states_is_unsupported() -> None:
    article = "Ngày 13/7, hai Ngoại trưởng gặp nhau tại Jakarta."
    assert failed("They met in Jakarta on 13 July 2023.", "en", article, "vi") == ("2023",)
    assert failed("They met in Jakarta on 13 July 2023.", "en", article, "vi", published="2023-07-14") == ()
    assert failed("They met in Jakarta on 13 July 2022.", "en", article, "vi", published="2023-07-14") == ("2022",)


def test_a_date_may_come_from_the_setting_only_where_the_cited_words_have_none() -> None:
    setting = "Ngày 13/7, hai Ngoại trưởng gặp nhau."
    assert failed("On 13 July they discussed BRICS.", "en", "Hai bên trao đổi về BRICS.", "vi", setting=setting) == ()
    assert failed("On 13 July they signed.", "en", "Ngày 15/7, hai bên ký kết.", "vi", setting=setting) == ("13 July",)


def test_relative_words_stand_there_or_resolve_to_the_same_day() -> None:
    assert failed("They met yesterday.", "en", "Hôm qua, hai bên gặp nhau.", "vi") == ()
    assert failed("They met yesterday.", "en", "Ngày 24/10, hai bên gặp nhau.", "vi", published="2023-10-25") == ()
    assert failed("They met on October 24.", "en", "Hôm qua, hai bên gặp nhau.", "vi", published="2023-10-25") == ()
    assert failed("They met last week.", "en", "Hôm qua, hai bên gặp nhau.", "vi") == ("last week",)


def test_a_weekday_is_worked_out_from_a_full_date() -> None:
    assert failed("They signed on Monday.", "en", SIGNED, "vi", published="2024-06-11") == ()
    assert failed("They signed on Tuesday.", "en", SIGNED, "vi", published="2024-06-11") == ("Tuesday",)


def test_rounding_needs_a_hedge_in_the_right_direction() -> None:
    article = "Hơn 2.150 người tham dự."
    assert failed("More than 2,000 people attended.", "en", article, "vi") == ()
    assert failed("About 2,200 people attended.", "en", article, "vi") == ()
    assert failed("2,000 people attended.", "en", article, "vi") == ("2,000",)
    assert failed("Nearly 2,000 people attended.", "en", article, "vi") == ("2,000",)


def test_one_claims_nothing_and_two_is_both_sides() -> None:
    assert failed("One of the aims is a new school.", "en", "Mục tiêu là xây trường mới.", "vi") == ()
    assert failed("The two sides agreed on this.", "en", "Đôi bên đã nhất trí về việc này.", "vi") == ()
    assert failed("Two documents were signed.", "en", "Ba văn kiện đã được ký.", "vi") == ("Two",)


def test_several_pieces_of_evidence_bear_a_statement_together() -> None:
    evidence = [Evidence(PLANT, "vi"), Evidence(SIGNED, "vi")]
    assert unsupported("The $320 million deal was signed on 10 June.", lang="en", evidence=evidence) == ()
    assert unsupported("The deal was signed.", lang="en", evidence=()) == ()


@settings(deadline=None, max_examples=60)
@given(st.integers(3, 10**7), st.integers(3, 10**7))
def test_another_figure_never_passes(told: int, claimed: int) -> None:
    article = f"Nhà máy xử lý {told:,} tấn pin mỗi năm.".replace(",", ".")
    statement = f"The plant handles {claimed:,} tons of batteries a year."
    assert bool(failed(statement, "en", article, "vi")) == (told != claimed)


@settings(deadline=None, max_examples=60)
@given(DATES, DATES)
def test_another_day_never_passes(told: date, claimed: date) -> None:
    article = f"Ngày {told.day}/{told.month}/{told.year:04}, hai bên ký thỏa thuận."
    statement = f"They signed it on {claimed.day} {claimed:%B} {claimed.year:04}."
    assert bool(failed(statement, "en", article, "vi")) == (told != claimed)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_is_judged(statement: str, text: str) -> None:
    found = unsupported(statement, lang="vi", evidence=[Evidence(text, "en", text, text, text, text)])
    assert all(isinstance(each, str) and each for each in found)


def test_a_figure_in_the_place_of_another_is_seen_within_one_language() -> None:
    article = "The two sides closed 14 of 17 chapters, Whitaker said."
    assert failed("The two sides closed 17 of 17 chapters.", "en", article, "en") == ("17",)
    plan = "Tỉnh có quy hoạch thời kỳ 2021-2030, tầm nhìn đến năm 2050, và đề án đến năm 2035, tầm nhìn đến năm 2045."
    wrong = "Tỉnh có quy hoạch thời kỳ 2021-2030, tầm nhìn đến năm 2045."
    assert failed(wrong, "vi", plan, "vi") == ("năm 2045",)
    assert failed(wrong.replace("2045", "2050"), "vi", plan, "vi") == ()


LAKES = "The lakes will hold 90 million cubic metres and water 30,000 hectares of rice."
DUTCH = "The Netherlands will put 22.5 million euros into three lakes that store flood water."
SHOW = "Hai bên tổ chức triển lãm tại Lyon vào mùa hè năm sau."
FLEET = "31% số tàu nằm bờ."
WEDNESDAY = {"published": "2024-10-16"}

TOLD_OTHERWISE = [
    ("Illegal fishing is down by almost a third from a year earlier.", "en", "It had dropped by 31 percent.", "en", {}),
    ("Почти треть судов простаивает.", "ru", FLEET, "vi", {}),
    ("Hơn một nửa thuộc về các công ty Hàn Quốc.", "vi", "Korean companies hold 70 percent.", "en", {}),
    ("Nearly half of the goods pass through Hai Phong.", "en", "48%货物经海防转运。", "zh", {}),
    ("At least two in five are women.", "en", "Ít nhất 40% là nữ.", "vi", {}),
    ("Họ giữ 2/3 diện tích ao.", "vi", "They keep two thirds of their ponds.", "en", {}),
    ("The port was closed for about seven weeks.", "en", "Cảng phải đóng cửa 48 ngày.", "vi", {}),
    ("Cuộc gặp kéo dài một tiếng rưỡi.", "vi", "The talks lasted 90 minutes.", "en", {}),
    ("Giấy phép được cấp trong ba tháng.", "vi", "Permits will be granted within 90 days.", "en", {}),
    ("He stayed for two days.", "en", "Ông thăm Hà Nội từ ngày 2 đến 3/2.", "vi", {}),
    ("Giá tăng 100%.", "vi", "The price doubled.", "en", {}),
    ("Ba hồ này trữ 90 triệu m3 nước.", "vi", LAKES, "en", {"before": DUTCH}),
    ("The three lakes are meant to irrigate 30,000 hectares.", "en", LAKES, "en", {"before": DUTCH}),
    ("The show opens next summer.", "en", SHOW, "vi", {}),
    ("展览将于明年夏天举行。", "zh", SHOW, "vi", {}),
    ("Выставка пройдёт следующим летом.", "ru", SHOW, "vi", {}),
    ("Phía Việt Nam cần đến mùa xuân năm sau.", "vi", "Vietnam would need until next spring.", "en", WEDNESDAY),
    ("Work starts in spring.", "en", "Công trình khởi công vào tháng 4.", "vi", {}),
    ("He goes to Santiago in mid-November.", "en", "Ông sẽ đến Santiago ngày 15/11.", "vi", {}),
    ("They met earlier this week.", "en", "Ngày 14/10, hai bên gặp nhau.", "vi", WEDNESDAY),
    ("Vụ việc xảy ra hai ngày trước.", "vi", "It happened on Monday.", "en", WEDNESDAY),
    ("Ông đến nơi tối 15/10.", "vi", "He arrived last night.", "en", WEDNESDAY),
    ("Cầu thông xe vào cuối năm nay.", "vi", "The bridge opens by the end of the year.", "en", WEDNESDAY),
]


@pytest.mark.parametrize(("statement", "lang", "text", "text_lang", "around"), TOLD_OTHERWISE)
def test_the_same_told_in_other_words_passes(
    statement: str, lang: str, text: str, text_lang: str, around: dict[str, str]
) -> None:
    assert failed(statement, lang, text, text_lang, **around) == ()


TOLD_WRONG = [
    ("Almost a third of the ships are idle.", "en", "48% số tàu nằm bờ.", "vi", {}, "a third"),
    ("A quarter of the ships are idle.", "en", "40% số tàu nằm bờ.", "vi", {}, "A quarter"),
    ("Gần một nửa thuộc về Hàn Quốc.", "vi", "Korean companies hold 70 percent.", "en", {}, "một nửa"),
    ("The port was closed for about six weeks.", "en", "Cảng phải đóng cửa 48 ngày.", "vi", {}, "six weeks"),
    ("He stayed for five days.", "en", "Ông thăm Hà Nội từ ngày 2 đến 3/2.", "vi", {}, "five days"),
    ("Ba hồ lũ đủ tưới cho 3.000 ha lúa.", "vi", f"{DUTCH} {LAKES}", "en", {}, "3.000 ha"),
    ("Bốn hồ này trữ 90 triệu m3 nước.", "vi", LAKES, "en", {"before": DUTCH}, "Bốn"),
    (
        "The three ministers will meet.",
        "en",
        "The ministers will meet.",
        "en",
        {"before": "There are three lakes."},
        "three",
    ),
    ("Work starts next winter.", "en", "Work starts next summer.", "en", {}, "winter"),
    ("The show opened last summer.", "en", SHOW, "vi", {}, "last summer"),
    ("展览将于明年冬天举行。", "zh", SHOW, "vi", {}, "冬天"),
    ("He goes to Santiago in late March.", "en", "Ông sẽ đến Santiago ngày 15/3.", "vi", {}, "late March"),
    ("They met last week.", "en", "Ngày 14/10, hai bên gặp nhau.", "vi", WEDNESDAY, "last week"),
    ("Vụ việc xảy ra năm ngày trước.", "vi", "It happened on Monday.", "en", WEDNESDAY, "năm ngày"),
]


@pytest.mark.parametrize(("statement", "lang", "text", "text_lang", "around", "wrong"), TOLD_WRONG)
def test_what_only_resembles_it_is_named(
    statement: str, lang: str, text: str, text_lang: str, around: dict[str, str], wrong: str
) -> None:
    assert failed(statement, lang, text, text_lang, **around) == (wrong,)
