"""A statement in which the two of a deed have changed places is caught; a passive or another word for it is not."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.domain import Evidence
from rag.roles import unsupported
from rag.text import nfc

RECEIVED = ("vi", "Ngày 5/2, tại Vinh, Bí thư Tỉnh ủy Đinh Thế Lực đã tiếp Đại sứ Ấn Độ Priya Nair.")
THANKED = ("vi", "Ông Lâm Quang Hiếu cảm ơn Đại sứ Park Min-seo đã duy trì quan hệ kết nghĩa.")
INVITED = ("en", "Mr. Morozov invited Vietnam to take a 20 per cent stake in a coal terminal at Taman.")
ASKED = ("en", "She also asked Vietnam to speed up work permits for forestry engineers in Lam Dong province.")
SOLD = ("en", "Russia sold India 11 million tonnes of coal.")


def swapped(statement: str, evidence: tuple[str, str], lang: str) -> tuple[str, ...]:
    return unsupported(statement, lang=lang, evidence=[Evidence(evidence[1], evidence[0])])


@pytest.mark.parametrize(
    ("evidence", "lang", "statement", "words"),
    [
        (RECEIVED, "vi", "Đại sứ Priya Nair đã tiếp ông Đinh Thế Lực.", "tiếp"),
        (RECEIVED, "en", "Ambassador Priya Nair received Dinh The Luc in Vinh.", "received"),
        (RECEIVED, "en", "Dinh The Luc was received by Ambassador Priya Nair.", "received"),
        (RECEIVED, "vi", "Ông Đinh Thế Lực được Đại sứ Priya Nair tiếp tại Vinh.", "tiếp"),
        (THANKED, "en", "Park Min-seo thanked Lam Quang Hieu for the twinning.", "thanked"),
        (ASKED, "en", "Vietnam asked Finland to speed up work permits.", "asked"),
        (SOLD, "en", "India sold Russia 11 million tonnes of coal.", "sold"),
        (SOLD, "vi", "Nga mua Ấn Độ 11 triệu tấn than.", "mua"),
    ],
)
def test_the_two_of_a_deed_change_places(evidence: tuple[str, str], lang: str, statement: str, words: str) -> None:
    assert words in swapped(statement, evidence, lang)


@pytest.mark.parametrize(
    ("evidence", "lang", "statement"),
    [
        (RECEIVED, "en", "Priya Nair was received by Dinh The Luc."),
        (RECEIVED, "vi", "Đại sứ Priya Nair được ông Đinh Thế Lực tiếp tại Vinh."),
        (RECEIVED, "en", "Dinh The Luc met Priya Nair; Priya Nair met Dinh The Luc."),
        (THANKED, "en", "Park Min-seo was thanked by Lam Quang Hieu."),
        (INVITED, "vi", "Ông Morozov mời Việt Nam mua 20% cổ phần."),
        (INVITED, "vi", "Việt Nam được ông Morozov mời mua 20% cổ phần."),
        (SOLD, "en", "India bought Russia's coal."),
        (SOLD, "vi", "Ấn Độ mua của Nga 11 triệu tấn than."),
    ],
)
def test_the_same_deed_in_other_words(evidence: tuple[str, str], lang: str, statement: str) -> None:
    assert swapped(statement, evidence, lang) == ()


def test_another_speaker_than_the_text_s_only_one() -> None:
    text = ("en", "Ratna Kusuma told Pham Quoc Toan that farmers lost two harvests.")
    assert swapped("Phạm Quốc Toản nói với bà Ratna Kusuma rằng nông dân mất hai vụ.", text, "vi")
    assert swapped("Bà Ratna Kusuma nói với ông Phạm Quốc Toản rằng nông dân mất hai vụ.", text, "vi") == ()


@pytest.mark.parametrize("evidence", [RECEIVED, THANKED, INVITED, ASKED, SOLD])
def test_a_text_is_no_swap_of_itself(evidence: tuple[str, str]) -> None:
    assert swapped(evidence[1], evidence, evidence[0]) == ()


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=120), st.text(max_size=200), st.sampled_from(["en", "vi", "zh", "ru"]))
def test_any_text_is_read_and_words_are_the_statements_own(statement: str, text: str, lang: str) -> None:
    for words in unsupported(statement, lang=lang, evidence=[Evidence(text, "en")]):
        assert words in nfc(statement)


def test_a_hostile_text_takes_no_longer_than_a_long_one() -> None:
    text = "Ông Lâm Quang Hiếu cảm ơn Park Min-seo, " * 20_000
    started = time.perf_counter()
    unsupported("Park Min-seo cảm ơn ông Lâm Quang Hiếu.", lang="vi", evidence=[Evidence(text, "vi")])
    assert time.perf_counter() - started < 5


GAVE = ("vi", "Ban Liên lạc Đối ngoại Trung ương Đảng Cộng sản Trung Quốc trao tặng Việt Nam một số vật tư y tế.")


def test_an_organisation_stands_for_the_country_in_its_name() -> None:
    assert swapped("Việt Nam trao tặng Trung Quốc một số vật tư y tế.", GAVE, "vi")
    assert swapped("China gave Vietnam medical supplies.", GAVE, "en") == ()


def test_the_doer_cannot_be_the_one_it_is_done_to_whoever_else_does_it() -> None:
    assert swapped("The district thanked Lam Quang Hieu for the twinning.", THANKED, "en")
