"""Who did what to whom in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.actors import actors

ENGLISH = [
    ("Hungary will support a resolution against Serbia.", "Hungary", "Serbia"),
    ("Britain was accused by Libya of spying.", "Libya", "Britain"),
    ("Finland will give Tanzania a grant, the finance ministry said on Monday.", "Finland", "Tanzania"),
    ("Under the plan, Israel will evacuate settlements in the Gaza Strip.", "Israel", "Gaza Strip"),
    ("A missionary from Canada was arrested in Lebanon.", "Lebanon", "Canada"),
    ("Uganda has granted asylum to 18 Rwandan rebels.", "Uganda", "Rwandan rebels"),
]
VIETNAMESE = [
    ("Mỹ áp đặt trừng phạt đối với Nga hôm 3/2.", "Mỹ", "Nga"),
    ("Philippines bị Trung Quốc cáo buộc xâm phạm lãnh hải.", "Trung Quốc", "Philippines"),
    ("Theo TTXVN, Nhật Bản viện trợ cho Lào 2 triệu USD.", "Nhật Bản", "Lào"),
    ("Bộ trưởng Bùi Thanh Sơn tiếp Đại sứ Hàn Quốc.", "Bộ trưởng Bùi Thanh Sơn", "Đại sứ Hàn Quốc"),
]


@pytest.mark.parametrize(("text", "source", "target"), ENGLISH)
def test_who_acts_and_on_whom_in_english(text: str, source: str, target: str) -> None:
    (found,) = actors(text, lang="en")
    assert (found.source, found.target) == ((source,), (target,))


@pytest.mark.parametrize(("text", "source", "target"), VIETNAMESE)
def test_who_acts_and_on_whom_in_vietnamese(text: str, source: str, target: str) -> None:
    (found,) = actors(text, lang="vi")
    assert (found.source, found.target) == ((source,), (target,))


def test_what_two_do_together_has_both_on_each_side() -> None:
    (found,) = actors("Senior Hungarian and Romanian officials agreed on Wednesday to help refugees.", lang="en")
    assert found.source == found.target == ("Senior Hungarian", "Romanian officials")
    (found,) = actors("Trung Quốc và Nga nhất trí tăng cường hợp tác.", lang="vi")
    assert found.source == found.target == ("Trung Quốc", "Nga")


def test_what_one_does_alone_has_no_target() -> None:
    (found,) = actors("Georgian President Eduard Shevardnadze resigned as the opposition marched.", lang="en")
    assert found.source == ("Georgian President Eduard Shevardnadze",)
    assert found.target == ()


def test_a_sentence_that_names_nobody_has_no_actors() -> None:
    assert actors("It rained all day.", lang="en") == ()


@given(st.text(alphabet="Nga Mỹ và bị by was The.,()\n'sẽ", max_size=200), st.sampled_from(["en", "vi"]))
def test_actors_stand_in_the_sentence(text: str, lang: str) -> None:
    for found in actors(text, lang=lang):
        assert found.source
        assert all(party in text for party in (*found.source, *found.target))
