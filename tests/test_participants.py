"""Who takes part in an event, with office, country and side."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.domain import Article, EventKind, Participant, Source
from rag.participants import participants
from rag.reading import Reading


def took_part(text: str, lang: str, kind: EventKind = "meeting") -> dict[str, Participant]:
    reading = Reading(Article(Source("a", "a.txt", "0", lang=lang), text))
    found = participants(reading, reading.sentences, kind=kind)
    for one in found:
        assert all(each.quote == text[each.start : each.end] for each in one.citations)
    return {one.name: one for one in found}


def offices(text: str, lang: str, kind: EventKind = "meeting") -> dict[str, tuple[str | None, str | None, int | None]]:
    return {name: (one.role, one.country, one.side) for name, one in took_part(text, lang, kind).items()}


def test_offices_before_and_behind_vietnamese_names() -> None:
    text = (
        "Cuộc gặp giữa Ngoại trưởng Nga Sergei Lavrov và ông Vương Nghị, Chủ nhiệm Văn phòng Ủy ban Công tác đối ngoại "
        "Trung ương Đảng Cộng sản Trung Quốc, đã diễn ra tại Jakarta, Indonesia."
    )
    office = "Chủ nhiệm Văn phòng Ủy ban Công tác đối ngoại Trung ương Đảng Cộng sản Trung Quốc"
    assert offices(text, "vi") == {"Sergei Lavrov": ("Ngoại trưởng Nga", "RU", 1), "Vương Nghị": (office, "CN", 2)}


def test_a_seat_in_the_party_is_not_the_office() -> None:
    text = "Ngày 24/10, Ủy viên Trung ương Đảng, Bộ trưởng Ngoại giao Bùi Thanh Sơn đã tiếp đoàn tỉnh Quảng Ngãi."
    assert offices(text, "vi") == {"Bùi Thanh Sơn": ("Bộ trưởng Ngoại giao", "VN", None)}


def test_two_offices_of_one_person_stay_together() -> None:
    text = "Phó Bí thư Tỉnh ủy, Chủ tịch UBND tỉnh Đặng Văn Minh phát biểu tại buổi làm việc."
    assert offices(text, "vi") == {"Đặng Văn Minh": ("Phó Bí thư Tỉnh ủy, Chủ tịch UBND tỉnh", "VN", None)}
    text = "Phó Thủ tướng kiêm Bộ trưởng Ngoại giao Lào Saleumxay Kommasith đến Hà Nội."
    office = "Phó Thủ tướng kiêm Bộ trưởng Ngoại giao Lào"
    assert offices(text, "vi") == {"Saleumxay Kommasith": (office, "LA", None)}


def test_a_minister_of_labour_is_not_of_laos() -> None:
    text = "Bộ trưởng Lao động Hàn Quốc Han Seung-woo tiếp Cục trưởng Cục Pháp chế Lê Văn Nam."
    countries = {name: country for name, (_, country, _) in offices(text, "vi").items()}
    assert countries == {"Han Seung-woo": "KR", "Lê Văn Nam": "VN"}


def test_who_speaks_on_behalf_of_others_takes_part() -> None:
    text = (
        "Đại sứ Ireland Nora Quinn trao quà. Thay mặt lãnh đạo tỉnh, Phó Chủ tịch UBND tỉnh Hồ Thị Lan cảm ơn Ireland."
    )
    assert list(offices(text, "vi", "aid")) == ["Nora Quinn", "Hồ Thị Lan"]


def test_a_list_of_the_delegation_takes_part() -> None:
    text = (
        "Sáng 5/10, Bộ trưởng Ngoại giao Bùi Thanh Sơn tiếp đoàn công tác tỉnh Quảng Ngãi.\n"
        "Về phía tỉnh Quảng Ngãi còn có Phó Bí thư Tỉnh ủy Đặng Ngọc Huy; Chủ tịch UBND tỉnh Đặng Văn Minh."
    )
    assert list(took_part(text, "vi")) == ["Bùi Thanh Sơn", "Đặng Ngọc Huy", "Đặng Văn Minh"]


def test_leaders_under_whose_guidance_others_act_are_only_mentioned() -> None:
    text = (
        "Phó Thủ tướng Trung Quốc Han Zheng điện đàm với Phó Thủ tướng Nga Andrei Belousov.\n"
        "Ông nói, dưới sự lãnh đạo của Chủ tịch Trung Quốc Tập Cận Bình và người đồng cấp Nga Vladimir Putin, quan hệ "
        "đang tốt đẹp."
    )
    assert list(took_part(text, "vi", "call")) == ["Han Zheng", "Andrei Belousov"]


def test_a_plural_title_is_shared() -> None:
    text = (
        "Chinese Vice Foreign Minister Ma Zhaoxu held talks with Russian Deputy Foreign Ministers Andrey Rudenko and "
        "Sergey Vershinin. Ma stressed mutual trust."
    )
    found = took_part(text, "en")
    assert found["Ma Zhaoxu"].also == ("Ma",)
    assert found["Sergey Vershinin"].role == "Russian Deputy Foreign Ministers"
    assert [one.side for one in found.values()] == [1, 2, 2]


def test_offices_around_english_names() -> None:
    text = (
        "Wang Yi, director of the Office of the Foreign Affairs Commission of the Communist Party of China, met Vo "
        "Hoai An, who heads the monuments centre, and the governor of Lyon, Sophie Moreau, in Paris."
    )
    roles = {name: one.role for name, one in took_part(text, "en").items()}
    assert roles == {
        "Wang Yi": "director of the Office of the Foreign Affairs Commission of the Communist Party of China",
        "Vo Hoai An": "heads the monuments centre",
        "Sophie Moreau": "governor of Lyon",
    }


def test_the_country_may_stand_behind_the_name_or_at_the_place_of_the_office() -> None:
    text = (
        "GAO, Mali - Environment Minister Kenji Hayashida of Japan met Boubacar Ag Rhissa, the governor of Gao, and "
        "Mariam Didi (Maldives)."
    )
    countries = {name: one.country for name, one in took_part(text, "en").items()}
    assert countries == {"Kenji Hayashida": "JP", "Boubacar Ag Rhissa": "ML", "Mariam Didi": "MV"}


def test_a_country_may_own_a_name_without_an_office() -> None:
    text = "Mariam Didi won ten votes, ahead of Palau's Ana Remeliik and Samoan Tavita Leota."
    countries = {name: country for name, (_, country, _) in offices(text, "en", "election").items()}
    assert countries == {"Mariam Didi": None, "Ana Remeliik": "PW", "Tavita Leota": "WS"}


def test_a_state_of_two_words_owns_its_minister() -> None:
    text = "South Korea's Foreign Minister Seo Min-jae met Sri Lanka's President Nimal Silva."
    roles = {name: role for name, (role, _, _) in offices(text, "en").items()}
    assert roles == {"Seo Min-jae": "South Korea's Foreign Minister", "Nimal Silva": "Sri Lanka's President"}


def test_the_office_before_the_next_name_is_not_of_who_appoints() -> None:
    text = "Polish Prime Minister Jan Karwacki appointed economist Ewa Nowak as finance minister."
    roles = {name: role for name, (role, _, _) in offices(text, "en", "appointment").items()}
    assert roles == {"Jan Karwacki": "Polish Prime Minister", "Ewa Nowak": "finance minister"}


def test_an_envoy_is_of_the_country_that_names_him() -> None:
    text = "Kenya has named Wanjiru Odhiambo as its new ambassador to Norway."
    assert offices(text, "en", "appointment") == {"Wanjiru Odhiambo": ("new ambassador to Norway", "KE", None)}


def test_who_visits_is_not_of_the_country_that_is_visited_nor_a_director_of_his_town() -> None:
    visit = "Foreign Minister Bounmy Sisa arrived in Beijing on Wednesday on a three-day trip."
    assert offices(visit, "en", "visit") == {"Bounmy Sisa": ("Foreign Minister", None, None)}
    met = "Tại Paris (Pháp), Thứ trưởng Phan Mỹ Linh đã gặp Tổng Giám đốc UNESCO Audrey Martin."
    assert {name: country for name, (_, country, _) in offices(met, "vi").items()} == {
        "Phan Mỹ Linh": "VN",
        "Audrey Martin": None,
    }


def test_an_ambassador_is_of_the_country_that_sends_him() -> None:
    text = "Đại sứ Hàn Quốc tại Việt Nam Park Min-seo gặp Chủ tịch UBND tỉnh Lâm Quang Hiếu."
    assert [one.country for one in took_part(text, "vi").values()] == ["KR", "VN"]


def test_the_new_office_is_the_role_of_who_is_appointed() -> None:
    text = "Các thành viên đã bầu bà Mariam Didi (Maldives) giữ chức Tổng Thư ký nhiệm kỳ năm năm."
    assert offices(text, "vi", "election")["Mariam Didi"][:2] == ("Tổng Thư ký", "MV")


def test_who_hands_over_the_decision_keeps_his_own_office() -> None:
    text = (
        "Ngày 25/9, Thứ trưởng Ngoại giao Tạ Hữu Nghĩa đã trao quyết định bổ nhiệm ông Đỗ Hải Triều giữ chức Đại sứ "
        "Việt Nam tại Chile."
    )
    roles = {name: one.role for name, one in took_part(text, "vi", "appointment").items()}
    assert roles == {"Tạ Hữu Nghĩa": "Thứ trưởng Ngoại giao", "Đỗ Hải Triều": "Đại sứ Việt Nam tại Chile"}


def test_a_place_of_the_office_is_no_part_of_the_name() -> None:
    text = "Thống đốc vùng Gao Boubacar Ag Rhissa gặp thuyền trưởng Raúl Ibarmendi, quốc tịch Uruguay, tại Bamako."
    found = took_part(text, "vi")
    assert list(found) == ["Boubacar Ag Rhissa", "Raúl Ibarmendi"]
    assert found["Raúl Ibarmendi"].country == "UY"


def test_who_is_only_compared_or_speaks_for_others_takes_no_part() -> None:
    text = (
        "Tổng thống Nga Vladimir Putin gặp Chủ tịch Triều Tiên Kim Jong-un.\n"
        "Người phát ngôn Điện Kremlin Dmitry Peskov nói cuộc gặp kéo dài 5 giờ.\n"
        "Đại sứ Lào Somchit Keo gửi hoa chúc mừng."
    )
    assert list(took_part(text, "vi")) == ["Vladimir Putin", "Kim Jong-un"]


def test_a_title_alone_means_the_one_person_who_bears_it() -> None:
    text = "The President spoke today with Israeli Prime Minister Lapid. Aides said President Biden would travel soon."
    assert set(took_part(text, "en", "call")) == {"Lapid", "Biden"}


@settings(max_examples=60)
@given(st.text(alphabet="Lê Văn Nam, . \nPutin,(ng)và của Bộ trưởng Nga", max_size=300), st.sampled_from(["vi", "en"]))
def test_everybody_is_told_once_with_citations_from_the_text(text: str, lang: str) -> None:
    found = took_part(text, lang)
    assert len(found) == len(set(found))
    assert all(one.citations for one in found.values())


def test_a_line_of_many_names_is_read_in_time() -> None:
    text = "Bộ trưởng " + " và ".join(f"Nguyễn Văn {chr(65 + i % 26)}inh" for i in range(4_000)) + " gặp nhau."
    begun = time.perf_counter()
    took_part(text, "vi")
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize("lang", ["zh", "ru"])
def test_other_languages_give_persons_without_an_error(lang: str) -> None:
    text = {"zh": "中国外交部副部长王林10月1日会见越南外交部副部长谢友义。", "ru": "Сергей Лавров встретился с Ван И."}[
        lang
    ]
    found = took_part(text, lang)
    assert lang == "ru" or found["王林"].country == "CN"
