import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.measures import asked_for, called, states
from rag.text import LANGUAGES, language

DATA = tomllib.loads((Path(__file__).parent.parent / "rag" / "data" / "measures.toml").read_text(encoding="utf-8"))


def kinds(question: str, lang: str) -> set[str]:
    return {expected.kind for expected in asked_for(question, lang=lang)}


def answers(question: str, lang: str, sentence: str, sentence_lang: str) -> bool:
    return any(states(expected, sentence, lang=sentence_lang) for expected in asked_for(question, lang=lang))


@pytest.mark.parametrize(
    ("kind", "questions"),
    [
        ("money", ["How much will it cost?", "Cây cầu tốn bao nhiêu tiền?", "大桥要花多少钱？", "Сколько стоит мост?"]),
        ("people", ["How many soldiers came?", "Bao nhiêu binh sĩ đến?", "来了多少名士兵？", "Сколько солдат?"]),
        ("percent", ["What percentage fell?", "Giảm bao nhiêu phần trăm?", "下降了百分之几？", "Сколько процентов?"]),
        ("area", ["How many hectares burned?", "Rừng rộng bao nhiêu héc-ta?", "面积有多大？", "Какова площадь леса?"]),
        ("length", ["How far is Huế?", "Đường dài bao nhiêu?", "有多远？", "Какова длина дороги?"]),
        ("weight", ["How many tonnes were sold?", "Bán bao nhiêu tấn?", "卖了多少吨？", "Сколько тонн продано?"]),
        ("duration", ["How long did it last?", "Kéo dài bao lâu?", "会谈了几个小时？", "Как долго это длилось?"]),
        ("time", ["When did he leave?", "Ông đi ngày nào?", "他什么时候离开？", "Когда он уехал?"]),
        ("count", ["How many ships sank?", "Bao nhiêu con tàu chìm?", "沉了多少艘船？", "Сколько кораблей затонуло?"]),
        ("hotel", ["In which hotel did they meet?", "Gặp ở khách sạn nào?", "在哪家酒店会面？", "В какой гостинице?"]),
    ],
)  # fmt: skip
def test_a_question_asks_for_one_kind_in_every_language(kind: str, questions: list[str]) -> None:
    assert [kinds(question, lang) for question, lang in zip(questions, ("en", "vi", "zh", "ru"), strict=True)] == [
        {kind}
    ] * 4


def test_vietnamese_is_understood_without_marks_and_in_lower_case() -> None:
    assert kinds("co bao nhieu nguoi du hop", "vi") == {"people"}
    assert kinds("khu kinh te rong bao nhieu", "vi") == {"area"}
    assert kinds("nha may nam o dau", "vi") == set()  # no "mấy năm"


@pytest.mark.parametrize(
    "question",
    [
        "What did Lavrov say when he met Wang Yi?",
        "Who met whom in Jakarta?",
        "When many people are arrested, what do they ask for?",
        "How often do the ministers meet?",
        "愿在多大范围内推动合作？",
        "How far does Moscow hope to take its relations with Beijing?",
        "How far will the ministry go to keep the plant open?",
    ],
)
def test_nothing_is_expected_where_the_kind_is_not_certain(question: str) -> None:
    assert kinds(question, language(question)) == set()


def test_one_question_may_ask_for_two_kinds() -> None:
    assert kinds("How many people died, and when did they die?", "en") == {"people", "time"}
    assert kinds("Lễ ký diễn ra khi nào và trị giá bao nhiêu?", "vi") == {"time", "money"}


def test_a_number_before_a_noun_is_no_length() -> None:
    assert kinds("Tòa nhà cao bao nhiêu tầng?", "vi") == {"count"}
    assert kinds("Tòa nhà cao bao nhiêu mét?", "vi") == {"length"}


def test_a_sentence_states_a_sum_in_any_language() -> None:
    question = "How much will the bridge cost?"
    assert answers(question, "en", "The bridge will cost $45 million.", "en")
    assert answers(question, "en", "Cây cầu có vốn đầu tư 1.200 tỷ đồng.", "vi")
    assert answers(question, "en", "大桥总投资2亿元人民币。", "zh")
    assert answers(question, "en", "Мост обойдётся в 5,2 млрд рублей.", "ru")
    assert not answers(question, "en", "The bridge will be 2.3 km long and open in 2027.", "en")
    assert not answers(question, "en", "Hai bên nhất trí, đồng thời ký 3 văn kiện.", "vi")


def test_a_number_of_people_is_no_date_and_no_sum() -> None:
    question = "Đoàn có bao nhiêu người?"
    assert answers(question, "vi", "Đoàn gồm 24 đại biểu.", "vi")
    assert answers(question, "vi", "The delegation has two dozen members.", "en")
    assert not answers(question, "vi", "Ngày 24/10/2023, đoàn thăm Hà Nội và ký hợp đồng 5 triệu USD.", "vi")
    assert not answers(question, "vi", "Both sides agreed on March 1.", "en")


def test_the_heads_of_two_states_and_a_house_number_are_no_number_of_people() -> None:
    question = "How many people came?"
    assert not answers(question, "en", "Under the guidance of the two heads of state, ties have matured.", "en")
    assert not answers(question, "en", "Lễ ký tại trụ sở Bộ, số 8 Chu Văn An, bộ trưởng dự.", "vi")
    assert answers(question, "en", "Con số 8 đại biểu là ít.", "vi")


def test_an_anniversary_is_no_length_of_time() -> None:
    question = "Hiệp ước được gia hạn thêm mấy năm?"
    assert not answers(question, "vi", "Hai nước kỷ niệm 20 năm ký hiệp ước.", "vi")
    assert answers(question, "vi", "Hiệp ước được gia hạn 5 năm.", "vi")


def test_number_words_count() -> None:
    assert answers("How many projects are there?", "en", "Ấn Độ có sáu dự án tại Nghệ An.", "vi")
    assert answers("Có bao nhiêu tàu?", "vi", "两艘船已抵达。", "zh")
    assert answers("Сколько кораблей прибыло?", "ru", "Прибыли три корабля.", "ru")
    assert not answers("How many projects are there?", "en", "Hai nước nhất trí tăng cường hợp tác.", "vi")


def test_a_time_may_be_relative() -> None:
    for sentence, lang in (
        ("They met on 4 March.", "en"),
        ("They met last weekend.", "en"),
        ("Hôm qua, hai bên đã gặp nhau.", "vi"),
        ("双方上周举行会谈。", "zh"),
        ("Они встретились вчера.", "ru"),
    ):
        assert answers("When did they meet?", "en", sentence, lang), sentence
    assert not answers("When did they meet?", "en", "Hai bên nhấn mạnh tầm quan trọng của hợp tác.", "vi")


def test_every_kind_has_a_name_and_questions_in_every_language() -> None:
    for kind, questions in DATA["asks"].items():
        assert set(questions) == set(LANGUAGES), kind
        if kind != "nothing":
            assert called(kind, lang="en")
            assert called(kind, lang="vi") != called(kind, lang="en")
    for name in ("numbers", "vague", "pairs", "compounds", "time", "span"):
        assert set(DATA[name]) >= set(LANGUAGES), name
    for kind, units in DATA["units"].items():
        assert set(units) == {"any", *LANGUAGES}, kind


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from([*LANGUAGES, "", "fr"]))
def test_any_text_is_read_and_always_the_same_way(question: str, sentence: str, lang: str) -> None:
    for expected in asked_for(f"{question} bao nhiêu", lang="vi") + asked_for(question, lang=lang):
        assert states(expected, sentence, lang=lang) is states(expected, sentence, lang=lang)


def test_a_long_line_is_read_in_linear_time() -> None:
    expected = asked_for("How many people came?", lang="en")
    assert not any(states(one, "1 and 2, " * 20_000, lang="en") for one in expected)
