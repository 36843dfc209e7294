"""Stories of names: Korean and Russian spellings, people of one sound, short forms, offices, bodies, lower case."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import names
from rag.answer import gate
from rag.declension import nominatives
from rag.domain import NameMatch
from rag.hanzi_persons import persons
from rag.offices import offices

Stored = Sequence[tuple[str, str, str]]


def asked(question: str, lang: str, stored: Stored) -> dict[str, NameMatch]:
    matches = names.in_question(question, lang=lang, index=names.NameIndex(stored))
    return {match.query: match for match in matches}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("尹锡悦", "Yoon Suk-yeol"),
        ("潘基文", "Ban Ki-moon"),
        ("卢武铉", "Roh Moo-hyun"),
        ("徐旭", "Suh Wook"),
        ("Нгуен Фу Чонг", "Nguyễn Phú Trọng"),
        ("Буй Тхань Шон", "Bui Thanh Son"),
        ("Во Нгуен Зяп", "Võ Nguyên Giáp"),
    ],
)
def test_korean_and_russian_spellings_meet(one: str, other: str) -> None:
    assert names.same(one, other).match
    assert names.NameIndex([(other, "person", "a")]).match(one) == (other,)
    assert names.NameIndex([(one, "person", "a")]).match(other) == (one,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("尹锡悦", "Yoon Sang-hyun"),
        ("金正恩", "Kim Jong-il"),
        ("巴金", "Kim Boo-kyum"),
        ("Буй Тхань Шон", "Bùi Thanh Tùng"),
    ],
)
def test_korean_and_russian_spellings_stay_apart(one: str, other: str) -> None:
    assert not names.same(one, other).match


@pytest.mark.parametrize(
    ("oblique", "nominative"),
    [
        ("Лавровым", "Лавров"),
        ("Сергея Лаврова", "Сергей Лавров"),
        ("Зеленскому", "Зеленский"),
        ("Путине", "Путин"),
        ("Ма Чжаосюем", "Ма Чжаосюй"),
    ],
)
def test_russian_cases_lead_back_to_the_nominative(oblique: str, nominative: str) -> None:
    assert nominative in nominatives(oblique)


@given(st.text(alphabet="абвгдеийклмнопрстуыэюя ", max_size=40))
def test_nominatives_are_few_and_keep_the_words(name: str) -> None:
    found = nominatives(name)
    assert len(found) <= 12
    assert all(len(form.split()) == len(name.split()) for form in found)


LI_AND_LE = [("Lý Cường", "person", "premier"), ("Lê Cường", "person", "colonel")]


def test_a_pinyin_question_lists_both_whom_it_can_mean() -> None:
    (match,) = asked("What did Li Qiang say?", "en", LI_AND_LE).values()
    assert match.matched == ("Lý Cường", "Lê Cường")
    assert match.articles == ("colonel", "premier")


@pytest.mark.parametrize(
    ("question", "lang", "article"),
    [
        ("Lý Cường nói gì?", "vi", "premier"),
        ("Lê Cường nói gì?", "vi", "colonel"),
        ("le cuong noi gi", "vi", "colonel"),
        ("李强说了什么？", "zh", "premier"),
        ("黎强说了什么？", "zh", "colonel"),
    ],
)
def test_the_exact_spelling_of_one_is_not_the_other(question: str, lang: str, article: str) -> None:
    (match,) = asked(question, lang, LI_AND_LE).values()
    assert match.articles == (article,)


def test_hanzi_in_the_articles_keep_two_of_one_sound_apart() -> None:
    stored = [("王伟", "person", "minister"), ("王薇", "person", "singer")]
    assert asked("王伟说了什么？", "zh", stored)["王伟"].articles == ("minister",)
    assert asked("What did Wang Wei say?", "en", stored)["Wang Wei"].matched == ("王伟", "王薇")


def test_a_lone_surname_belongs_to_the_person_its_article_names() -> None:
    stored = [
        ("Lindqvist", "person", "a"),
        ("Petra Lindqvist", "person", "a"),
        ("Lindqvist", "person", "b"),
        ("Anders Lindqvist", "person", "b"),
    ]
    assert asked("What did Petra Lindqvist sign?", "en", stored)["Petra Lindqvist"].articles == ("a",)
    assert asked("What did Lindqvist sign?", "en", stored)["Lindqvist"].articles == ("a", "b")
    assert asked("What did Maria Lindqvist sign?", "en", stored)["Maria Lindqvist"].articles == ()


ARTICLES = {
    "vi": "Phó Thủ tướng Trung Quốc Han Zheng gặp Bộ trưởng Nguyễn Hồng Diên tại Moskva. Ông Han cảm ơn ông Diên.",
    "en": "Chinese Vice Minister Ma Zhaoxu met Dr. Petra Lindqvist in Oslo. Ma thanked Lindqvist. Mr Ma left soon.",
}


@pytest.mark.parametrize(
    ("lang", "question", "person"),
    [
        ("vi", "Ông Han nói gì?", "Han Zheng"),
        ("vi", "ong han noi gi", "Han Zheng"),
        ("vi", "Ông Diên gặp ai?", "Nguyễn Hồng Diên"),
        ("en", "When did Ma leave?", "Ma Zhaoxu"),
        ("en", "What did Lindqvist say?", "Petra Lindqvist"),
    ],
)
def test_short_forms_count_for_the_person_of_the_article(lang: str, question: str, person: str) -> None:
    found = names.find(ARTICLES[lang], lang=lang)
    stored = [(name.text, name.kind, lang) for name in found]
    assert any(
        person in match.matched and match.articles == (lang,) for match in asked(question, lang, stored).values()
    )


@pytest.mark.parametrize(
    ("question", "lang", "unknown"),
    [
        ("岸田文雄对越南说了什么？", "zh", "岸田文雄"),
        ("尹锡悦什么时候访问河内？", "zh", "尹锡悦"),
        ("马克龙在河内说了什么？", "zh", "马克龙"),
        ("总理李强在河内签署了什么？", "zh", "李强"),
        ("О чём говорили с Макроном?", "ru", "Макроном"),
        ("tong thong phap macron noi gi", "vi", "macron"),
        ("bo truong nguyen hong dien noi gi", "vi", "nguyen hong dien"),
        ("Ong To Lam tham nuoc nao?", "vi", "To Lam"),
        ("what did macron say", "en", "macron"),
        ("did emmanuel macron visit hanoi", "en", "emmanuel macron"),
        ("Which songs did Sơn Tùng sing?", "en", "Sơn Tùng"),
    ],
)
def test_a_person_whom_nothing_stored_matches_is_still_a_name(question: str, lang: str, unknown: str) -> None:
    stored = [("Hà Nội", "place", "a"), ("Vương Nghị", "person", "a")]
    assert asked(question, lang, stored)[unknown].matched == ()


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("高官会谈的结果是什么？", "zh"),
        ("何时签署的合作文件？", "zh"),
        ("贺信祝贺了什么？", "zh"),
        ("基金支持哪些项目？", "zh"),
        ("Сколько документов подписали стороны?", "ru"),
        ("bo truong ngoai giao gap ai", "vi"),
        ("chu tich ubnd tinh la ai", "vi"),
        ("what did the ministers agree on logistics", "en"),
        ("what did the president announce with the minister", "en"),
    ],
)
def test_common_words_are_no_person(question: str, lang: str) -> None:
    assert asked(question, lang, [("Vương Nghị", "person", "a")]) == {}


@given(st.text(alphabet="王李金马克龙的说在和总理中国岸田会见·？", max_size=60))
def test_persons_of_a_run_of_hanzi_stand_apart_and_inside_it(text: str) -> None:
    spans = persons(text, 0, len(text))
    assert all(0 <= first < last <= len(text) for first, last in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_offices_are_read_with_their_countries() -> None:
    def read(text: str, lang: str) -> list[tuple[str, list[str]]]:
        return [(office.kind, sorted(office.countries)) for office in offices(text, lang=lang)]

    assert read("Phó Thủ tướng Trung Quốc gặp Ngoại trưởng Nga.", "vi") == [
        ("deputy_head_of_government", ["CN"]),
        ("foreign_minister", ["RU"]),
    ]
    assert read("pho thu tuong trung quoc", "vi") == [("deputy_head_of_government", ["CN"])]
    assert read("the Chinese and Russian foreign ministers", "en") == [("foreign_minister", ["CN", "RU"])]
    assert read("Canada's prime minister and the president of France", "en") == [
        ("head_of_government", ["CA"]),
        ("head_of_state", ["FR"]),
    ]
    assert read("俄罗斯外长会见中国外交部副部长", "zh") == [
        ("foreign_minister", ["RU"]),
        ("deputy_foreign_minister", ["CN"]),
    ]
    assert read("президента Франции", "ru") == [("head_of_state", ["FR"])]
    assert read("Chủ tịch UBND tỉnh", "vi") == []


class Told:
    """Invented articles by id: (language, text)."""

    def __init__(self, **articles: tuple[str, str]) -> None:
        self.articles = articles
        self.index = names.NameIndex(
            [
                (name.text, name.kind, id)
                for id, (lang, text) in articles.items()
                for name in names.find(text, lang=lang)
            ]
        )

    def passages(self, terms: Sequence[str], articles: frozenset[str], limit: int) -> list[tuple[str, str, str]]:
        return [(id, *self.articles[id]) for id in sorted(articles)][:limit]

    def by_office(self, question: str, lang: str) -> dict[str, NameMatch]:
        found = names.in_question(question, lang=lang, index=self.index)
        persons = names.named_by_office(question, lang=lang, names=found, index=self.index, passages=self.passages)
        return {match.query: match for match in persons}


RUSSIA = Told(
    a=("vi", "Ngoại trưởng Nga Sergei Lavrov gặp ông Vương Nghị tại Jakarta. Phía Nga hài lòng."),
    b=("en", "Trade between Russia and Canada grew, officials in Ottawa said. Canada exports grain."),
    c=("en", "The president of Brazil met a Kenyan delegation. The president thanked Kenya."),
)


def test_an_office_is_whom_the_articles_give_it_to_in_any_language() -> None:
    for question, lang, query in [
        ("What did the Russian foreign minister say?", "en", "Russian foreign minister"),
        ("俄罗斯外长说了什么？", "zh", "俄罗斯外长"),
        ("Что сказал министр иностранных дел России?", "ru", "министр иностранных дел России"),
    ]:
        match = RUSSIA.by_office(question, lang)[query]
        assert match.matched == ("Sergei Lavrov",)
        assert match.articles == ("a",)


def test_an_office_that_no_article_gives_to_the_country_is_nobody() -> None:
    match = RUSSIA.by_office("What did the Canadian prime minister say?", "en")["Canadian prime minister"]
    assert match.matched == match.articles == ()
    assert RUSSIA.by_office("Thủ tướng Nga nói gì?", "vi")["Thủ tướng Nga"].articles == ()


def test_an_office_is_left_alone_where_the_question_or_an_article_leaves_doubt() -> None:
    doubtful = Told(d=("en", "The foreign minister spoke in Ottawa. Canada and Kenya agreed."))
    assert doubtful.by_office("What did the Canadian foreign minister say?", "en") == {}
    assert RUSSIA.by_office("What did Russian Foreign Minister Sergei Lavrov say?", "en") == {}
    assert RUSSIA.by_office("What did the Peruvian president say?", "en") == {}


def test_bodies_with_forms_in_every_language_are_known_everywhere() -> None:
    for spelling in ("OPEC", "IMF", "世界卫生组织", "Ngân hàng Thế giới", "Интерпол"):
        assert names.organisation_everywhere(spelling)
    for spelling in ("UN", "Liên Hợp Quốc", "White House", "VSIP", "Bộ Ngoại giao", "Russia"):
        assert not names.organisation_everywhere(spelling)


LEADERS = [
    ("Joe Biden", "person", "a"),
    ("Biden", "person", "b"),
    ("Jill Biden", "person", "c"),
    ("Zelenskyy", "person", "b"),
    ("Kim", "person", "d"),
    ("Kim Jong Un", "person", "d"),
    ("Economic", "person", "e"),
    ("Dung Quất", "place", "f"),
    ("Ý", "place", "g"),
]


@pytest.mark.parametrize(
    ("question", "lang", "found"),
    [
        ("What did Biden and Zelenskyy discuss?", "en", {"Biden", "Zelenskyy"}),
        ("what did biden and zelenskyy discuss?", "en", {"biden", "zelenskyy"}),
        ("What did President Biden say?", "en", {"Biden"}),
        ("Biden và Zelenskyy thảo luận gì?", "vi", {"Biden", "Zelenskyy"}),
        ("Tổng thống Biden gặp ai?", "vi", {"Biden"}),
        ("To which year does the plan of the Dung Quat Economic Zone run?", "en", {"Dung Quat"}),
        ("Kim ngạch xuất khẩu của Dung Quất là bao nhiêu?", "vi", {"Dung Quất"}),
        ("Ý tưởng chính của kế hoạch Dung Quất là gì?", "vi", {"Dung Quất"}),
        ("Kim nói gì về hạt nhân?", "vi", {"Kim"}),
        ("Phó Tỉnh trưởng và Biden thảo luận gì?", "vi", {"Biden"}),
    ],
)
def test_a_name_ends_where_titles_verbs_and_common_words_begin(question: str, lang: str, found: set[str]) -> None:
    assert set(asked(question, lang, LEADERS)) == found


def test_a_surname_with_a_title_is_each_person_of_that_surname() -> None:
    assert set(asked("What did President Biden say?", "en", LEADERS)["Biden"].articles) == {"a", "b", "c"}
    assert set(asked("What did Joe Biden say?", "en", LEADERS)["Joe Biden"].articles) == {"a", "b"}


@pytest.mark.parametrize("other", ["did Biden", "Biden và", "President Biden", "Jill Biden"])
def test_a_given_name_of_few_sounds_is_no_initial(other: str) -> None:
    assert not names.same("Joe Biden", other).match
    assert names.same("Joe Biden", "J. Biden").match


PLACES = [("Hà Nội", "place", "a"), ("Việt Nam", "place", "b"), ("China", "place", "b"), ("Đông Nam Á", "place", "c")]


@pytest.mark.parametrize(
    ("question", "lang", "articles"),
    [
        ("What did Hanoi ask of Beijing?", "en", {"a", "b"}),
        ("Hà Nội đề nghị gì?", "vi", {"a", "b"}),
        ("What happened in Hanoi?", "en", {"a"}),
        ("Ai đã tới Hà Nội?", "vi", {"a"}),
        ("谁访问河内？", "zh", {"a"}),
    ],
)
def test_a_capital_is_its_government_unless_something_is_there(question: str, lang: str, articles: set[str]) -> None:
    index = names.NameIndex(PLACES)
    found = names.as_governments(question, names.in_question(question, lang=lang, index=index), lang=lang, index=index)
    assert set(found[0].articles) == articles


def test_a_sea_in_the_title_of_a_treaty_need_not_be_in_any_article() -> None:
    index = names.NameIndex([("Trung Quốc", "place", "a")])
    found = names.in_question("中方对《南海行为准则》怎么看？", lang="zh", index=index)
    assert [name.query for name in found] == ["中方"]
    asked = names.in_question("中方对南海怎么看？", lang="zh", index=index)
    assert [name.query for name in asked] == ["中方", "南海"]


def test_a_part_of_the_world_need_not_be_named_beside_the_others() -> None:
    found = names.in_question("Where in Southeast Asia did China meet?", lang="en", index=names.NameIndex(PLACES))
    assert gate(found, lang="en").articles == frozenset({"b"})
    absent = names.in_question("What did China say of Central Asia?", lang="en", index=names.NameIndex(PLACES))
    assert gate(absent, lang="en").reason == "no article mentions Central Asia"


@pytest.mark.parametrize("question", ["Bùi Thị Quỳnh Vân tiếp ai ở đâu?", "Ai gặp Bùi Thị Quỳnh Vân?"])
def test_syllables_of_a_name_that_are_words_without_marks_stay_a_name(question: str) -> None:
    stored = [("Bùi Thị Quỳnh Vân", "person", "a")]
    assert asked(question, "vi", stored)["Bùi Thị Quỳnh Vân"].articles == ("a",)
