"""Which town: asked in four languages, and named by sentences that name more than a country."""

import pytest

from rag.asked_places import asks_town, names_town


@pytest.mark.parametrize(
    "question",
    [
        "Which Russian city did Ma Zhaoxu travel to?",
        "In what border town did they meet?",
        "Hai bên gặp nhau ở thành phố nào?",
        "hai ben gap nhau o thanh pho nao",
        "他们在哪个城市会面？",
        "В каком российском городе прошли переговоры?",
    ],
)
def test_a_town_is_asked_for(question: str) -> None:
    assert asks_town(question)
    assert not asks_town("Which country did Ma Zhaoxu travel to, and where did they meet?")


@pytest.mark.parametrize(
    ("sentence", "lang", "told"),
    [
        ("Ma Zhaoxu went to Russia in February for talks with Russian Foreign Minister Sergey Lavrov.", "en", False),
        ("He will travel to Canada on May 3.", "en", False),
        ("They met in Sochi.", "en", True),
        ("The control centre in Pingxiang opened.", "en", True),
        ("Ông Mã Triều Húc đã thăm Nga từ ngày 2/2.", "vi", False),
        ("Hội nghị diễn ra tại thị xã Hồng Ngự.", "vi", True),
        ("马朝旭访问俄罗斯。", "zh", True),
    ],
)
def test_a_country_is_no_town(sentence: str, lang: str, told: bool) -> None:
    assert names_town([(sentence, lang)], "Which Russian city did Ma Zhaoxu go to?") is told


def test_a_town_that_the_question_names_is_no_answer() -> None:
    question = "From Hanoi, which city did he fly to?"
    assert not names_town([("He left Hanoi on Monday.", "en")], question)
    assert names_town([("He left Hanoi for talks in Da Nang.", "en")], question)
