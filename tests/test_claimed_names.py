"""Names in statements: those that the cited sentences hold pass in every language, those that they do not are given."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.aliases import Aliases
from rag.claimed_names import unsupported
from rag.domain import Evidence

JAKARTA = Evidence(
    "Về phần mình, Ngoại trưởng Lavrov cũng nhấn mạnh Moskva sẵn sàng hợp tác với Bắc Kinh trong nhiều lĩnh vực.",
    "vi",
    before="Tại cuộc gặp, ông Vương Nghị khẳng định Trung Quốc và Nga vẫn kiên định ủng hộ nhau.",
    setting="Nga và Trung Quốc tăng cường phối hợp\nNgoại trưởng Nga Sergei Lavrov và ông Vương Nghị gặp nhau tại "
    "Jakarta, Indonesia.",
)
FORUMS = Evidence(
    "Ngoài ra, hai bên cũng trao đổi về phối hợp trong Tổ chức Hợp tác Thượng Hải (SCO) và Sáng kiến Vành đai và Con "
    "đường.",
    "vi",
    before="Cả ông Vương Nghị và ông Lavrov đã tái khẳng định vai trò trung tâm của ASEAN.",
    setting=JAKARTA.setting,
)
RICE = Evidence(
    "He asked Jakarta to scrap the quota on Vietnamese dragon fruit in return.",
    "en",
    before='"Our farmers lost two harvests," Ratna said. Can Tho mayor Pham Quoc Toan told the delegation of mills.',
    setting="Minister Ratna courts rice growers\nFood Minister Ratna Kusuma has proposed that Indonesia buy rice.",
)
MONG_CAI = Evidence(
    "王林表示，中方愿在桥头设立免税集市，方便两岸边民。",
    "zh",
    before="10月1日，中国外交部副部长王林在越南芒街与越南外交部副部长谢友义举行会谈。",
)
GREETING = Evidence("Сергей Лавров встретился с Ван И в Джакарте на полях саммита АСЕАН.", "ru")
DEFENCE = Evidence(
    "Bộ trưởng Quốc phòng Phan Văn Giang và người đồng cấp Ấn Độ Rajnath Singh ký Tuyên bố Tầm nhìn chung tại Hà Nội.",
    "vi",
)

HELD = [
    (JAKARTA, "en", "Lavrov said Russia was ready to cooperate with China."),
    (JAKARTA, "en", "Russian Foreign Minister Sergey Lavrov said Moscow was ready to work with Beijing."),
    (JAKARTA, "en", "In Jakarta, Lavrov stressed that Moscow stood ready to work with Beijing."),
    (JAKARTA, "en", "lavrov said russia was ready to cooperate with china"),
    (JAKARTA, "vi", "Ong Lavrov noi Mat-xco-va san sang hop tac voi Bac Kinh."),
    (JAKARTA, "vi", "Ngoại trưởng Nga Sergei Lavrov cho biết Mátxcơva sẵn sàng hợp tác với Trung Quốc."),
    (JAKARTA, "zh", "拉夫罗夫表示，俄罗斯愿与中国合作。"),
    (JAKARTA, "ru", "Лавров заявил, что Россия готова сотрудничать с Китаем."),
    (FORUMS, "en", "China and Russia discussed the SCO and the Belt and Road Initiative."),
    (FORUMS, "en", "Wang Yi and Lavrov discussed the Shanghai Cooperation Organization."),
    (FORUMS, "vi", "Vuong Nghi va Lavrov trao doi ve Sang kien Vanh dai va Con duong."),
    (RICE, "en", "Mayor Pham Quoc Toan asked Indonesia to drop the quota on dragon fruit from Vietnam."),
    (RICE, "vi", "Ông Toàn đề nghị Jakarta bỏ hạn ngạch đối với thanh long Việt Nam."),
    (MONG_CAI, "en", "Chinese Vice Foreign Minister Wang Lin said China would open a market at the bridge."),
    (MONG_CAI, "vi", "Ông Vương Lâm nói phía Trung Quốc sẵn sàng lập chợ miễn thuế."),
    (MONG_CAI, "en", "At the talks in Mong Cai, Wang Lin said China was willing to set up a market."),
    (GREETING, "vi", "Ngoại trưởng Sergei Lavrov gặp ông Vương Nghị tại Jakarta."),
    (DEFENCE, "en", "Phan Van Giang signed the Joint Vision Statement with India's Rajnath Singh."),
    (DEFENCE, "en", "Minister Giang and Minister Singh signed a statement."),
]
NOT_HELD = [
    (JAKARTA, "en", "Wang Yi said Russia was ready to cooperate with China.", "Wang Yi"),
    (JAKARTA, "en", "Ivan Lavrov said Moscow was ready to work with Beijing.", "Ivan Lavrov"),
    (JAKARTA, "en", "In Kuala Lumpur, Lavrov stressed that Moscow stood ready.", "Kuala Lumpur"),
    (JAKARTA, "en", "lavrov said russia was ready to cooperate with india", "india"),
    (JAKARTA, "en", "blinken said russia was ready to cooperate with china", "blinken"),
    (JAKARTA, "vi", "Ông Vương Nghị nói Moskva sẵn sàng hợp tác với Bắc Kinh.", "Vương Nghị"),
    (JAKARTA, "vi", "Ngoại trưởng Lavrov cho biết Kiev sẵn sàng hợp tác với Bắc Kinh.", "Kiev"),
    (JAKARTA, "zh", "拉夫罗夫表示，俄罗斯愿与日本合作。", "日本"),
    (JAKARTA, "ru", "Захарова заявила, что Россия готова сотрудничать с Китаем.", "Захарова"),
    (FORUMS, "en", "The two sides also discussed BRICS.", "BRICS"),
    (FORUMS, "en", "The two sides also discussed ASEAN.", "ASEAN"),
    (FORUMS, "en", "Qin Gang and Lavrov discussed the Shanghai Cooperation Organization.", "Qin Gang"),
    (FORUMS, "en", "China and India discussed the SCO.", "India"),
    (RICE, "vi", "Bà Ratna Kusuma đề nghị Jakarta bỏ hạn ngạch thanh long Việt Nam.", "Ratna Kusuma"),
    (RICE, "en", "Mayor Pham Quoc Tuan asked Indonesia to drop the quota.", "Pham Quoc Tuan"),
    (RICE, "vi", "Ông Toàn đề nghị Jakarta bỏ hạn ngạch đối với thanh long Thái Lan.", "Thái Lan"),
    (MONG_CAI, "en", "Xie Youyi said the Chinese side was willing to set up a market.", "Xie Youyi"),
    (MONG_CAI, "vi", "Ông Tạ Hữu Nghĩa nói phía Trung Quốc sẵn sàng lập chợ miễn thuế.", "Tạ Hữu Nghĩa"),
    (MONG_CAI, "en", "At the talks in Lang Son, Wang Lin spoke of a market.", "Lang Son"),
    (GREETING, "vi", "Ngoại trưởng Sergei Lavrov gặp ông Tần Cương tại Jakarta.", "Tần Cương"),
    (DEFENCE, "en", "Phan Van Khai signed the statement with Rajnath Singh.", "Phan Van Khai"),
    (DEFENCE, "en", "They signed the statement in New Delhi.", "New Delhi"),
]


@pytest.mark.parametrize(("evidence", "lang", "statement"), HELD)
def test_names_that_the_cited_sentences_hold_pass(evidence: Evidence, lang: str, statement: str) -> None:
    assert unsupported(statement, lang=lang, evidence=[evidence]) == ()


@pytest.mark.parametrize(("evidence", "lang", "statement", "name"), NOT_HELD)
def test_names_that_they_do_not_hold_are_given(evidence: Evidence, lang: str, statement: str, name: str) -> None:
    assert unsupported(statement, lang=lang, evidence=[evidence]) == (name,)


def test_he_is_the_subject_of_the_sentence_before() -> None:
    evidence = Evidence(
        "He said Hanoi would decide in May.", "en", before="Minister Lan Vu met Envoy John Carter on Monday."
    )
    assert unsupported("John Carter said Hanoi would decide in May.", lang="en", evidence=[evidence]) == (
        "John Carter",
    )


def test_the_ambassador_is_who_bears_the_title() -> None:
    evidence = Evidence(
        "Đại sứ cũng công bố khoản viện trợ 5,2 triệu USD.",
        "vi",
        before="Chủ tịch tỉnh Lâm Quang Hiếu tiếp Đại sứ Hàn Quốc Park Min-seo.",
    )
    assert unsupported("Park Min-seo announced $5.2 million.", lang="en", evidence=[evidence]) == ()
    assert unsupported("Lam Quang Hieu announced $5.2 million.", lang="en", evidence=[evidence]) == ("Lam Quang Hieu",)


def test_a_full_name_needs_its_given_name_somewhere_in_the_evidence() -> None:
    alone = Evidence("Santoso said the ban would stay.", "en")
    told = Evidence("Santoso said the ban would stay.", "en", before="Mining Minister Agus Santoso spoke on Wednesday.")
    assert unsupported("Agus Santoso said the ban would stay.", lang="en", evidence=[alone]) == ("Agus Santoso",)
    assert unsupported("Agus Santoso said the ban would stay.", lang="en", evidence=[told]) == ()


def test_the_place_of_the_title_holds_only_where_no_other_is_cited() -> None:
    setting = "Ministers meet in Hue"
    silent = Evidence("The talks lasted two hours.", "en", setting=setting)
    placed = Evidence("The talks in Da Nang lasted two hours.", "en", setting=setting)
    assert unsupported("The talks in Hue lasted two hours.", lang="en", evidence=[silent]) == ()
    assert unsupported("The talks in Hue lasted two hours.", lang="en", evidence=[placed]) == ("Hue",)


def test_a_body_in_other_words_of_the_same_language_is_another_body() -> None:
    evidence = Evidence("The Ministry of Finance will lend the money.", "en")
    assert unsupported("The Ministry of Finance lends money.", lang="en", evidence=[evidence]) == ()
    assert unsupported("The Ministry of Agriculture lends money.", lang="en", evidence=[evidence]) != ()


def test_capitals_in_brackets_belong_to_the_words_before() -> None:
    evidence = Evidence("Tập đoàn Dầu khí Việt Nam (PVN) mở rộng hợp tác.", "vi")
    assert unsupported("PetroVietnam (PVN) widens its cooperation.", lang="en", evidence=[evidence]) == ()
    assert unsupported("Lukoil (LUK) widens its cooperation.", lang="en", evidence=[evidence]) != ()


def test_the_alias_file_wins() -> None:
    evidence = Evidence("Ông Sáu Dân thăm công trình.", "vi")
    aliases = Aliases(
        {"sau dan": "Võ Văn Kiệt", "vo van kiet": "Võ Văn Kiệt"}, {"Võ Văn Kiệt": ("Võ Văn Kiệt", "Sáu Dân")}
    )
    assert unsupported("Vo Van Kiet visited the site.", lang="en", evidence=[evidence]) == ("Vo Van Kiet",)
    assert unsupported("Vo Van Kiet visited the site.", lang="en", evidence=[evidence], aliases=aliases) == ()


def test_without_evidence_every_name_is_given() -> None:
    assert unsupported("Lavrov met Wang Yi.", lang="en", evidence=[]) == ("Lavrov", "Wang Yi")


@pytest.mark.parametrize("evidence", [JAKARTA, FORUMS, RICE, MONG_CAI, GREETING, DEFENCE])
def test_a_cited_sentence_holds_its_own_names(evidence: Evidence) -> None:
    assert unsupported(evidence.text, lang=evidence.lang, evidence=[evidence]) == ()


@settings(max_examples=60, deadline=None)
@given(
    statement=st.text(max_size=80), text=st.text(max_size=80), lang=st.sampled_from(("en", "vi", "zh", "ru", "", "xx"))
)
def test_whatever_the_model_writes_the_answer_is_words_of_its_own(statement: str, text: str, lang: str) -> None:
    found = unsupported(statement, lang=lang, evidence=[Evidence(text, lang, before=text)])
    assert all(name and name in statement for name in found)


def test_a_long_statement_and_long_evidence_take_linear_time() -> None:
    started = time.monotonic()
    text = "Lavrov gặp Vương Nghị tại Hà Nội. " * 3_000
    assert unsupported("Lavrov met Wang Yi in Hanoi. " * 300, lang="en", evidence=[Evidence(text, "vi")]) == ()
    assert time.monotonic() - started < 20


def test_a_vietnamese_article_need_not_say_whose_leader_its_own_is() -> None:
    evidence = Evidence("Tổng Bí thư Tô Lâm hội đàm với Chủ tịch Trung Quốc Tập Cận Bình tại Bắc Kinh.", "vi")
    assert unsupported("Vietnam's Party chief To Lam met Xi Jinping.", lang="en", evidence=[evidence]) == ()
    assert unsupported("Vietnam's President Xi Jinping met To Lam.", lang="en", evidence=[evidence]) == ("Vietnam",)


def test_hyphens_hold_a_name_together() -> None:
    evidence = Evidence("Kim Jong-un inspected a shipyard in Sinpo.", "en")
    assert unsupported("Bà Kim Yo-jong thị sát xưởng đóng tàu ở Sinpo.", lang="vi", evidence=[evidence]) == (
        "Kim Yo-jong",
    )


PLANT = Evidence(
    "The plant will cost about $300 million, the ministry said.",
    "en",
    before="Trade Minister Park Jin-ho and Industry Minister Tran Duc Hoa signed the memorandum in Busan.",
    setting="South Korea, Vietnam sign battery deal in Busan\nIt opens the way for a plant in the port of Hai Phong.",
)
EXEMPTION = Evidence("Hoa said Vietnam would exempt equipment from duty.", "en", setting=PLANT.setting)
GANGS = Evidence(
    "The ministers also signed a letter on phishing gangs.",
    "en",
    setting="Undersea cable by 2027\nKim Soo-yeon, South Korea's minister of digital affairs, spoke on Wednesday. She "
    "met Indonesian Communications Minister Budi Hartono.",
)
QUY_NHON = Evidence(
    "Ông nói: “Tôi muốn các bạn trẻ Quy Nhơn học nghề ở nhà”.",
    "vi",
    before="Theo Đại sứ, hơn 1.700 lao động đang làm việc tại đó.",
    setting="Đại sứ Park Min-seo thăm Bình Định\nChủ tịch tỉnh Lâm Quang Hiếu tiếp ông tại Quy Nhơn.",
)
FUND = Evidence("新加坡狮港基金主席王琳日前宣布，将投资4500万美元，在越南金瓯省建厂。", "zh")
CAPTAIN = Evidence("乌拉圭籍船长劳尔·伊巴门迪被禁止入境。", "zh")
TUNA = Evidence("Members of the Indian Ocean Tuna Council elected Mariam Didi as secretary-general.", "en")
FERRY = Evidence(
    "The line stopped in 2013 because of kidnappings in the Sulu Sea.",
    "en",
    setting="Ferry between Sandakan and Zamboanga to return\nMinisters signed an agreement on Wednesday.",
)
ATTACK = Evidence("Một đoàn xe của Liên hợp quốc bị tấn công gần thành phố Gao, miền bắc Mali.", "vi")
SIDES = Evidence("双方同意在北仑河上新建一座铁路桥，越方出资。", "zh", before="中国外交部副部长王林在芒街举行会谈。")

ADDED = [
    (PLANT, "vi", "Nhà máy ở Hải Phòng tốn khoảng 300 triệu đô la Mỹ."),
    (PLANT, "en", "The plant in Hai Phong will cost 300 million US dollars."),
    (EXEMPTION, "vi", "Ông Hòa nói tại Busan rằng Việt Nam sẽ miễn thuế."),
    (GANGS, "en", "Kim Soo-yeon and Budi Hartono signed a letter on phishing gangs."),
    (QUY_NHON, "en", "Park Min-seo wants the youth of Quy Nhon to learn a trade."),
    (FUND, "vi", "Bà Vương Lâm, Chủ tịch quỹ Lion Harbour của Singapore, sẽ đầu tư vào Cà Mau."),
    (CAPTAIN, "vi", "Thuyền trưởng người Uruguay Raúl Ibarmendi bị cấm nhập cảnh."),
    (TUNA, "vi", "Bà Mariam Didi được bầu làm tổng thư ký Hội đồng Cá ngừ Ấn Độ Dương."),
    (FERRY, "en", "Kidnappings in the Sulu Sea ended the Sandakan-Zamboanga ferry in 2013."),
    (ATTACK, "en", "A UN convoy was attacked near Gao in northern Mali."),
    (SIDES, "en", "Vietnam will pay for the bridge, China and Vietnam agreed."),
]
DISPLACED = [
    (EXEMPTION, "en", "Hoa said South Korea would exempt equipment from duty.", "South Korea"),
    (EXEMPTION, "en", "Trade Minister Park Jin-ho said Vietnam would exempt equipment from duty.", "Park Jin-ho"),
    (FERRY, "en", "The line stopped because of kidnappings in Sandakan.", "Sandakan"),
    (QUY_NHON, "en", "Lam Quang Hieu wants the youth of Quy Nhon to learn a trade.", "Lam Quang Hieu"),
    (CAPTAIN, "vi", "Thuyền trưởng người Uruguay Rodrigo Valdebenito bị cấm nhập cảnh.", "Rodrigo Valdebenito"),
    (ATTACK, "vi", "Đoàn xe bị tấn công gần thành phố Vinh.", "Vinh"),
    (ATTACK, "en", "A UN convoy was attacked near Timbuktu in northern Mali.", "Timbuktu"),
    (FERRY, "en", "Kidnappings ended the Sandakan-Surabaya ferry in 2013.", "Surabaya"),
    (SIDES, "en", "Singapore will pay for the bridge.", "Singapore"),
    (PLANT, "en", "The plant will cost 300 million dollars, Japan said.", "Japan"),
]


@pytest.mark.parametrize(("evidence", "lang", "statement"), ADDED)
def test_a_name_of_the_setting_passes_where_it_displaces_none(evidence: Evidence, lang: str, statement: str) -> None:
    assert unsupported(statement, lang=lang, evidence=[evidence]) == ()


@pytest.mark.parametrize(("evidence", "lang", "statement", "name"), DISPLACED)
def test_a_name_of_the_setting_in_the_place_of_a_cited_one_is_given(
    evidence: Evidence, lang: str, statement: str, name: str
) -> None:
    assert unsupported(statement, lang=lang, evidence=[evidence]) == (name,)


LABORATORY = Evidence(
    "Under the plan, Norway will pay for a laboratory in the Namibian capital, while Namibia gives the land.",
    "en",
    before="Minister Selma Haufiku and the EU's chief fisheries negotiator, Ingrid Molvaer, met on Monday.",
)


@pytest.mark.parametrize(
    ("lang", "statement", "lost"),
    [
        ("en", "Norway will pay for a laboratory in Windhoek, on land of Namibia.", ()),
        ("vi", "Na Uy sẽ chi tiền cho phòng thí nghiệm tại thủ đô Namibia.", ()),
        ("en", "Norway will pay for a laboratory in Lusaka, on land of Namibia.", ("Lusaka",)),
        ("en", "Norway will pay for a laboratory in the Norwegian capital, on land of Namibia.", ("Norwegian",)),
    ],
)
def test_a_capital_is_told_by_its_country(lang: str, statement: str, lost: tuple[str, ...]) -> None:
    assert unsupported(statement, lang=lang, evidence=[LABORATORY]) == lost


@pytest.mark.parametrize(("body", "lost"), [("EU", ()), ("ASEAN", ("ASEAN",))])
def test_a_person_is_told_by_the_body_that_stands_beside_the_name(body: str, lost: tuple[str, ...]) -> None:
    evidence = Evidence("Molvaer replied that quotas were not on the table.", "en", before=LABORATORY.before)
    statement = f"The {body} negotiator said that quotas were not on the table."
    assert unsupported(statement, lang="en", evidence=[evidence]) == lost
