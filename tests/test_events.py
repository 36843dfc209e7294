"""Stories of what an article tells as its news, what it only mentions, when and where."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.events import citations, compared, judged, paired
from rag.domain import Article, Event, Source
from rag.event_kinds import plover
from rag.events import extract


def article(
    text: str, *, published: str | None = "2024-10-09", title: str | None = None, lang: str | None = None
) -> Article:
    return Article(Source("a1", "a.txt", "0", title=title, published=published, lang=lang), text)


def events(text: str, *, published: str | None = "2024-10-09", title: str | None = None) -> tuple[Event, ...]:
    return extract(article(text, published=published, title=title))


def news(text: str, *, published: str | None = "2024-10-09", title: str | None = None) -> Event:
    main = [event for event in events(text, published=published, title=title) if not event.background]
    assert len(main) == 1
    return main[0]


LEADS = {
    "Chiều 5/3, Tổng Bí thư Nguyễn Văn An đã tiếp Đại sứ Cuba Orlando Pérez đến chào từ biệt.": "meeting",
    "Bên lề Hội nghị, sáng 9/10, Thủ tướng Lê Minh Hà đã tiếp xúc song phương với Tổng thống Ramon Cruz.": "meeting",
    "Thủ tướng Lê Minh Hà tối 4/2 có cuộc điện đàm với Thủ tướng Ấn Độ Rajesh Kumar.": "call",
    "Sáng 7/8, Bộ trưởng Phan Văn Tú hội đàm trực tuyến với Bộ trưởng Nhật Bản Kenji Tanaka.": "talks online",
    "Chiều 3/6, Thủ tướng Trần Văn Bình đã đến thủ đô Budapest, bắt đầu chuyến thăm chính thức Hungary.": "visit",
    "Ngày 2/2, Bộ Giáo dục và Đào tạo và Đại sứ quán Pháp ký kết thỏa thuận hợp tác.": "signing",
    "Ngày 8/5, Bộ Ngoại giao Việt Nam ra tuyên bố phản đối hành động của tàu nước ngoài.": "statement",
    "Ngày 14/9, Diễn đàn Doanh nghiệp Việt - Đức đã khai mạc tại Berlin.": "conference",
    "Chính phủ Ấn Độ ngày 18/9 trao tặng 35 tấn hàng cứu trợ cho người dân Yên Bái.": "aid",
    "Quốc hội Thái Lan hôm 16/8 bổ nhiệm bà Chanida Wong làm Thủ tướng.": "appointment",
    "Ngày 6/10, ứng cử viên Karl Berg đã đắc cử Tổng thống Áo.": "election",
    "Liên minh châu Âu ngày 24/6 áp đặt gói trừng phạt thứ 14 đối với Nga.": "sanction",
    "Rạng sáng 2/9, một nhóm tay súng đã tấn công đồn cảnh sát ở tỉnh Khyber.": "attack",
    "Ngày 7/10, cầu vượt sông Hồng mới đã được khánh thành.": "other",
    "Secretary of State Mary Hall met with Egyptian President Omar Fahmy in Cairo on Tuesday.": "meeting",
    "French President Luc Martin spoke by phone with Turkish President Kemal Demir on Sunday.": "call",
    "The two environment ministers held online talks on Thursday on mangroves.": "talks online",
    "Polish Foreign Minister Jan Nowak paid an official visit to Vietnam from May 3 to 5.": "visit",
    "Germany and Namibia signed a deal on green hydrogen in Windhoek on Monday.": "signing",
    "Chủ tịch nước Lê Hữu Nam ngày 2/6 đã ký quyết định cử ông Hà Văn Long làm Đại sứ tại Lào.": "appointment",
    "Ngày 2/6, ba tay súng xông vào một quán ăn ở thị trấn Bamenda, bắn chết 4 người.": "attack",
    "Ngày 2/6, đoàn công tác tỉnh Hủa Phăn đã đến thăm, chúc Tết tỉnh Thanh Hóa.": "visit",
    "Germany's ambassador, Klaus Weber, presented 50 laptops to a school in Ha Giang on Tuesday.": "aid",
    "Ngày 2/6, Đại sứ quán Ấn Độ bàn giao 20 máy thở cho Bộ Y tế.": "aid",
    "Bộ Ngoại giao Thái Lan hôm 2/6 ra thông cáo phản đối việc tàu cá bị bắt giữ ở biển Andaman.": "statement",
    "At least 12 people were killed when a car bomb exploded in Mogadishu on Thursday.": "attack",
    "President John Carver signed an executive order imposing sanctions on two banks on Thursday.": "sanction",
    "Japan will provide 300 million yen in grant aid to Laos, the foreign ministry announced on Thursday.": "aid",
    "Norway's Foreign Ministry issued a statement on Friday condemning the coup.": "statement",
    "The 12th Mekong River Forum opened in Phnom Penh on Tuesday with 300 delegates.": "conference",
    "Japan donated 2 million doses of vaccine to Laos on Friday.": "aid",
    "Kenya's defense minister, John Mwangi, resigned on Tuesday.": "appointment",
    "Maria Lopez won Ecuador's presidential election on Sunday with 54 percent of the vote.": "election",
    "Britain froze the assets of two bankers on Monday.": "sanction",
    "A suicide bomber blew himself up at a checkpoint in Mogadishu on Saturday.": "attack",
    "The first train of cherries from Chile reached Guangzhou on Wednesday.": "other",
}


@pytest.mark.parametrize(("lead", "kind"), LEADS.items())
def test_the_first_sentence_tells_of_which_kind_the_news_is(lead: str, kind: str) -> None:
    assert news(lead).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "Cách nấu phở bò: chuẩn bị xương bò, quế, hồi và gừng nướng.",
        "Boil the beef bones for six hours. Add star anise and cinnamon.",
        "The Treaty of Westphalia, signed in 1648, ended the Thirty Years' War.",
        "Chúng ta cần nghĩ lại về cách giữ kho lưu trữ. Mỗi tờ giấy cũ là một nhân chứng.",
        "",
    ],
)
def test_a_recipe_a_history_and_an_opinion_tell_no_event(text: str) -> None:
    assert events(text) == ()


def test_a_page_of_prices_tells_no_event() -> None:
    assert events("Ngày 9/10, giá vàng SJC tăng 500.000 đồng.", title="Giá vàng hôm nay 9/10") == ()


def test_a_year_that_nobody_states_stays_unknown() -> None:
    date = news("Ngày 13/7, Ngoại trưởng Sergei Lavrov đã gặp ông Vương Nghị.", published=None).date
    assert date is not None
    assert (date.edtf, date.implied_year) == ("XXXX-07-13", None)


def test_a_year_that_the_article_implies_stands_apart_with_its_evidence() -> None:
    text = (
        "Ngày 24/10, Bộ trưởng Lê Nam tiếp Bí thư Trần Hoa.\nGRDP 6 tháng đầu năm 2023 tăng 2% so với cùng kỳ năm 2022."
    )
    date = news(text, published=None).date
    assert date is not None
    assert date.implied_by is not None
    assert (date.edtf, date.implied_year, date.implied_by.quote) == ("XXXX-10-24", "2023", "6 tháng đầu năm 2023")


@pytest.mark.parametrize(
    "words",
    [
        "Quy hoạch tỉnh thời kỳ 2021-2030, tầm nhìn đến năm 2050.",
        "Hai nước có quan hệ ngoại giao từ năm 1972.",
        "6 tháng đầu năm 2023 tăng 2%, 6 tháng đầu năm 2024 tăng 3%.",
        "9 tháng đầu năm 2023 tăng 2%, so với kế hoạch.",
    ],
)
def test_plans_history_two_years_and_months_still_to_come_imply_no_year(words: str) -> None:
    date = news(f"Ngày 24/5, Bộ trưởng Lê Nam tiếp Bí thư Trần Hoa.\n{words}", published=None).date
    assert date is not None
    assert date.implied_year is None


@pytest.mark.parametrize(
    ("words", "edtf"),
    [
        ("Hôm qua", "2024-10-08"),
        ("Ngày 28/2", "2024-02-28"),
        ("Chiều thứ Hai", "2024-10-07"),
        ("Cuối tuần qua", "2024-10-05/2024-10-06"),
        ("Từ ngày 2 đến 4/10", "2024-10-02/2024-10-04"),
    ],
)
def test_days_count_from_the_publication(words: str, edtf: str) -> None:
    date = news(f"{words}, Bộ trưởng Lê Nam đã hội đàm với Bộ trưởng Trần Hoa.").date
    assert date is not None
    assert date.edtf == edtf


def test_a_day_of_december_in_the_news_of_january_is_of_the_year_before() -> None:
    date = news("Ngày 28/12, Bộ trưởng Lê Nam đã hội đàm với Bộ trưởng Trần Hoa.", published="2024-01-03").date
    assert date is not None
    assert date.edtf == "2023-12-28"


@pytest.mark.parametrize("published", [None, "XXXX-10-09", "2024"])
def test_relative_words_date_nothing_where_no_full_day_is_stated(published: str | None) -> None:
    date = news("The ministers of India and Japan held talks in Delhi on Friday.", published=published).date
    assert date is not None
    assert (date.edtf, date.text) == (None, "Friday")


def test_the_date_of_a_dateline_is_not_that_of_the_event() -> None:
    text = "HANOI, Sept 26 - Vietnam has named Do Hai as its ambassador to Chile. He got the decision on September 24."
    date = news(text, published="2024-09-26").date
    assert date is not None
    assert date.edtf == "2024-09-24"


@pytest.mark.parametrize(
    ("text", "place", "country"),
    [
        ("BUSAN -- Ministers Park Jin-ho and Tran Duc Hoa signed a memorandum on Monday.", "BUSAN", "KR"),
        ("Hôm qua, tại thành phố Busan (Hàn Quốc), hai Bộ trưởng đã ký Bản ghi nhớ.", "Busan", "KR"),
        ("Polish Foreign Minister Jan Nowak visited Vietnam on Monday.", "Vietnam", "VN"),
        ("Thủ tướng Lê Minh Hà hôm qua điện đàm với Thủ tướng Ấn Độ về tình hình tại Myanmar.", None, None),
        ("Đại sứ Hàn Quốc tại Việt Nam Park Min-seo hôm qua gặp Bộ trưởng Lê Nam.", None, None),
    ],
)
def test_the_place_is_where_it_happened(text: str, place: str | None, country: str | None) -> None:
    found = news(text).place
    assert (found and found.text, found and found.country) == (place, country)


def test_the_conference_beside_which_they_met_is_background() -> None:
    text = "Ngày 9/10, Ngoại trưởng Lê Nam đã gặp Ngoại trưởng Trần Hoa bên lề Hội nghị ASEAN tại Jakarta, Indonesia."
    main, beside = events(text)
    assert (main.kind, main.background) == ("meeting", False)
    assert (beside.kind, beside.background) == ("conference", True)
    assert beside.place is not None
    assert beside.place.country == "ID"


def test_an_earlier_call_with_a_day_of_its_own_is_background_and_its_sentence_is_not_the_news() -> None:
    text = (
        "Tối 8/10, Bộ trưởng Lê Nam điện đàm với Bộ trưởng Phần Lan Aino Lehtonen.\n"
        "Trong cuộc điện đàm ngày 3/9, hai bên đã nhất trí nối lại Ủy ban hỗn hợp."
    )
    main, earlier = events(text)
    assert (main.kind, earlier.kind, earlier.background) == ("call", "call", True)
    assert (main.date and main.date.edtf, earlier.date and earlier.date.edtf) == ("2024-10-08", "2024-09-03")
    assert main.agreed == ()


def test_the_day_of_the_telling_gives_way_to_the_day_of_the_event() -> None:
    lead = "Laos and Oman have signed a memorandum on dates, the ministry said Thursday."
    after = " Ministers Bounmy Sisa and Said Harith signed the memorandum in Muscat on October 7."
    event = news(lead + after, published="2024-10-10")
    assert (event.kind, event.date and event.date.edtf) == ("signing", "2024-10-07")
    alone = news(lead, published="2024-10-10")
    assert alone.date
    assert alone.date.edtf == "2024-10-10"


def test_a_date_to_come_is_not_of_the_year_that_is_gone() -> None:
    text = "Ana Silva was elected speaker on Thursday. She takes office on January 1 after a vote in Lisbon."
    assert [event.date and event.date.edtf for event in events(text, published="2025-09-26")] == ["2025-09-25"]


def test_a_vote_to_come_is_on_its_own_day() -> None:
    event = news(
        "Voters in Malawi go to the polls on Sept. 16, the commission said on Thursday.", published="2025-06-13"
    )
    assert (event.kind, event.date and event.date.edtf) == ("election", "2025-09-16")


def test_this_morning_is_the_day_of_publication_where_no_other_is_told() -> None:
    lead = "Hạ viện Thái Lan sáng nay{} bầu ông Somsak Chaiyo làm Thủ tướng."
    dates = [news(lead.format(day), published="2025-06-13").date for day in ("", " (12/6)")]
    assert [date and date.edtf for date in dates] == ["2025-06-13", "2025-06-12"]
    assert news(lead.format(""), published=None).date is None


def test_wednesday_after_something_is_not_next_wednesday() -> None:
    event = news("Bộ trưởng Y tế Emma Clark đã từ chức hôm thứ Tư sau khi bị chỉ trích.", published="2025-06-13")
    assert event.date
    assert event.date.edtf == "2025-06-11"


def test_what_was_before_the_news_is_in_its_implied_year() -> None:
    text = (
        "Ngày 15/10, Thứ trưởng Lê Văn Nam hội đàm với Thứ trưởng Kazakhstan Aigerim Sultanbekova. "
        "Kim ngạch 9 tháng đầu năm 2025 đạt 700 triệu USD. Cuộc gặp trước đó tại Astana hồi tháng 5 đã bàn về vận tải."
    )
    dates = [(event.date.edtf, event.date.implied_year) for event in events(text, published=None) if event.date]
    assert dates == [("XXXX-10-15", "2025"), ("XXXX-05", "2025")]


def test_an_attack_that_a_spokesperson_is_asked_about_is_background() -> None:
    text = (
        "Việt Nam hết sức quan ngại trước vụ tàu chở dầu bị tấn công ở Biển Đỏ.\n"
        "Chiều 8/5, tại cuộc họp báo, trả lời câu hỏi về phản ứng của Việt Nam trước vụ việc tàu Sao Mai bị tấn công "
        "tối 6/5, Người phát ngôn Bộ Ngoại giao Lê Thị Vân nêu rõ lập trường của Việt Nam."
    )
    told = [(event.kind, event.background, event.date and event.date.edtf) for event in events(text, published=None)]
    assert told == [("statement", False, "XXXX-05-08"), ("attack", True, "XXXX-05-06")]


def test_a_dateline_tells_the_town_of_a_building() -> None:
    event = news(
        "Hà Nội (TTXVN) - Hôm qua, tại trụ sở Bộ Ngoại giao, Thứ trưởng Lê Văn Nam tiếp Đại sứ Cuba Juan Ruiz."
    )
    assert event.place
    assert (event.place.text, event.place.country) == ("Hà Nội", "VN")
    without = news("Hôm qua, tại trụ sở Bộ Ngoại giao, Thứ trưởng Lê Văn Nam tiếp Đại sứ Cuba Juan Ruiz.")
    assert without.place
    assert without.place.text == "trụ sở Bộ Ngoại giao"


def test_a_sentence_may_begin_with_its_place() -> None:
    event = news("Tại huyện Mường Khương, Đại sứ Ireland Nora Quinn đã trao tặng 200 máy lọc nước cho người dân.")
    assert event.place
    assert (event.place.text, event.place.country) == ("Mường Khương", "VN")


def test_one_event_in_several_paragraphs_is_one_record() -> None:
    text = (
        "Ngày 8/10, Bộ trưởng Lê Nam hội đàm với Bộ trưởng Trần Hoa.\n"
        "Tại hội đàm, hai bên nhất trí mở tuyến bay mới.\nKết thúc hội đàm, hai Bộ trưởng đã ký Bản ghi nhớ hợp tác."
    )
    assert [event.kind for event in events(text)] == ["meeting"]


def test_a_list_of_news_has_an_event_for_each_item() -> None:
    text = (
        "1. Đồng Tháp: Ngày 27/9, bà Huỳnh Thị Sen và ông Marijke Veenstra ký thỏa thuận về ba hồ trữ lũ.\n"
        "2. Bổ nhiệm: Ngày 25/9, ông Đỗ Hải Triều nhận quyết định làm Đại sứ.\n"
        "3. Lào: Ngày 24/9, Thứ trưởng Bounmy Keosavath gặp Thứ trưởng Pavel Hryshkevich tại Viêng Chăn."
    )
    found = events(text, published=None, title="Điểm tin tuần (23 - 28/9/2024)")
    assert [event.kind for event in found] == ["signing", "appointment", "meeting"]
    assert [event.date and event.date.edtf for event in found] == ["2024-09-27", "2024-09-25", "2024-09-24"]


def test_every_record_has_an_id_of_its_own() -> None:
    found = events("Ngày 8/10, Bộ trưởng Lê Nam gặp Bộ trưởng Trần Hoa. Ngày 1/9, hai bên đã điện đàm.")
    assert [event.id for event in found] == ["a1#1", "a1#2"]
    assert all(event.records == (event.id,) for event in found)


def test_the_kinds_have_the_classes_of_plover() -> None:
    assert [plover(kind) for kind in ("meeting", "aid", "sanction", "attack", "statement")] == [
        "CONSULT", "AID", "SANCTION", "ASSAULT", "",
    ]  # fmt: skip


_WORDS = st.sampled_from(
    "Ngày 13/7, hội đàm với Bộ trưởng Lê Nam tại Hà Nội (Việt Nam) ký kết ; bên lề Hội nghị hôm qua năm 2023. “ ” \n - "
    "met with signed on Monday in Cairo President Omar Fahmy will visit attacked 29/2 thứ Hai 1. 签署 10月1日".split(
        " "
    )
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(_WORDS, max_size=60).map(" ".join)))
def test_of_any_text_every_citation_stands_in_it(text: str) -> None:
    source = article(text)
    for event in extract(source):
        assert all(text[each.start : each.end] == each.quote for each in citations(event))


@pytest.mark.parametrize("unit", ["a-", "Hà Nội, ", "tại Hà Nội ngày 13/7 gặp Bộ trưởng Lê Nam ", "met with (", "1. "])
def test_a_megabyte_on_one_line_takes_no_longer_than_its_length(unit: str) -> None:
    text = unit * (30_000 // len(unit))
    started = time.process_time()
    extract(article(text, lang="vi"), names=())
    once = time.process_time() - started
    started = time.process_time()
    extract(article(text * 4, lang="vi"), names=())
    assert time.process_time() - started < 8 * once + 1.0


def test_a_suite_counts_a_record_that_is_missing_and_one_too_many() -> None:
    one = news("Ngày 8/10, Bộ trưởng Lê Nam hội đàm với Bộ trưởng Trần Hoa.")
    other = news("Germany and Namibia signed a deal in Windhoek on Monday.")
    assert {pair.found and pair.found.kind for pair in paired([one], [one, other])} == {"meeting", None}
    assert compared(paired([one], [one])[0])["participants"].scores == (1.0, 1.0, 1.0)
    tallies, wrong = judged([], [other])
    assert tallies["kind"].gold == 1
    assert wrong
