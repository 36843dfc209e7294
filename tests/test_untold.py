"""The articles speak of these people and this event, and not of what is asked."""

import pytest

from rag.desk import Desk
from rag.untold import untold

LOAN = ("The loan carries an interest rate of 1.2 percent and is to be repaid over 30 years.", "en")
PORT = ("Bến cảng dài 420 mét, sâu 16 mét, tạo 3.500 việc làm.", "vi")
MARINES = ("Hai nước nhất trí triển khai 600 lính thủy đánh bộ và 14 tàu tuần tra.", "vi")
FORUM = ("Diễn đàn lần thứ 4 diễn ra tại Đà Nẵng, thu hút 280 đại biểu đến từ 11 nước.", "vi")


@pytest.mark.parametrize(
    ("question", "lang", "phrase"),
    [
        ("What did the ambassador say about visas?", "en", "visas"),
        ("What salary do the dockers earn?", "en", "salary"),
        ("When did he resign?", "en", "resign"),
        ("Ông ấy nói gì về Olympic và thể thao?", "vi", "thể thao"),
        ("大使怎么谈签证？", "zh", "签证"),
        ("Who scored in the match?", "en", "scored"),
        ("Cuộc điện đàm do bên nào đề nghị?", "vi", "bên nào đề nghị"),
        ("At whose request was the call held?", "en", "whose request"),
        ("那里有多少侨胞？", "zh", "侨胞"),
    ],
)
def test_what_no_sentence_has_a_word_for_is_untold_in_any_language(question: str, lang: str, phrase: str) -> None:
    assert untold(question, [LOAN, PORT], lang=lang) == phrase


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("What interest does the loan carry?", "en"),
        ("How many jobs will the berth create?", "en"),
        ("Khoản vay có lãi suất bao nhiêu?", "vi"),
        ("贷款利率是多少？", "zh"),
    ],
)
def test_what_a_sentence_tells_in_another_language_is_told(question: str, lang: str) -> None:
    assert untold(question, [LOAN, PORT], lang=lang) is None


def test_what_only_describes_the_event_may_be_told_in_other_words() -> None:
    assert untold("How long is the berth that the tourists will use?", [LOAN, PORT], lang="en") is None


def test_a_word_in_a_name_asks_for_nothing() -> None:
    question = "What did Visa Inc say?"
    assert untold(question, [PORT], lang="en") == "visa"
    assert untold(question, [PORT], lang="en", names=["Visa Inc"]) is None


def test_a_number_must_stand_beside_what_is_counted() -> None:
    assert untold("How many soldiers will be sent?", [MARINES], lang="en") is None
    army = ("Quân đội hai nước sẽ tuần tra dọc theo dòng sông biên giới cùng nhau từ tuần sau.", "vi")
    assert untold("How many soldiers will be sent?", [army], lang="en") == "soldiers"


def test_the_question_s_own_noun_is_looked_for_where_the_language_is_the_same() -> None:
    sentence = (
        "Gunmen on motorcycles ambushed nurses near Maiduguri on the way home, killing eight people.",
        "en",
    )
    assert untold("How many motorcycles were there?", [sentence], lang="en") == "motorcycles"
    assert untold("How many people were killed?", [sentence], lang="en") is None


def test_the_first_forum_is_not_the_fourth() -> None:
    assert untold("Diễn đàn lần thứ hai họp ở đâu?", [FORUM], lang="vi") == "thứ hai"
    assert untold("Diễn đàn lần thứ 4 họp ở đâu?", [FORUM], lang="vi") is None


def test_sentences_in_a_language_without_such_words_are_left_alone() -> None:
    assert untold("What did he say about visas?", [("Стороны обсудили торговлю.", "ru")], lang="en") is None
    assert untold("Что он сказал о визах?", [LOAN], lang="ru") is None


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What did Ma Zhaoxu say about visas?", "the articles speak of this but say nothing of “visas”"),
        ("Which Russian city did Ma Zhaoxu fly to?", "the articles speak of this but state no city or town"),
        ("Ông Mã Triều Húc từ chức khi nào?", "các bài có nói về việc này nhưng không nói gì về “từ chức”"),
    ],
)
def test_the_refusal_names_what_is_not_told(desk: Desk, question: str, reason: str) -> None:
    answer = desk.ask(question)
    assert answer.reason == reason
    assert not answer.statements


def test_days_that_somebody_spent_are_no_costs(desk: Desk) -> None:
    assert not desk.ask("how many days did ma zhaoxu spend in russia").refused
