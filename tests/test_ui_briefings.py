"""What the tab Briefings asks for, from what stands in its boxes."""

from datetime import date

import pytest

from rag.errors import InputError
from rag.ui_briefings import asked, period
from rag.ui_words import Words

EN, VI = Words("en"), Words("vi")


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2024-09-17", "", date(2024, 9, 17), date(2024, 9, 17)),
        ("", "2024-09-17", date(2024, 9, 17), date(2024, 9, 17)),
        ("2024-02", "", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023", "2024-01", date(2023, 1, 1), date(2024, 1, 31)),
    ],
)
def test_a_box_states_a_day_a_month_or_a_year(since: str, until: str, first: date, last: date) -> None:
    assert period(EN, since, until) == (first, last)


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        ("17/9/2024", "", "không phải là ngày có năm"),
        ("2024-02-30", "", "không phải là ngày có năm"),
        ("XXXX-09-17", "", "không phải là ngày có năm"),
        ("2024-09-17", "2024-09-16", "kết thúc trước khi bắt đầu"),
        ("1990", "2024", "dài hơn"),
    ],
)
def test_what_is_no_period_is_told_in_the_pages_words(since: str, until: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        period(VI, since, until)


def test_limits_stand_with_commas_between_and_a_wrong_country_is_told() -> None:
    day = (date(2024, 9, 17), date(2024, 9, 17))
    wanted = asked(VI, day, "vi", " Phạm Lan Anh, Kari Solberg,", "Na Uy; VN", "")
    assert wanted.people == ("Phạm Lan Anh", "Kari Solberg")
    assert wanted.countries == ("Na Uy", "VN")
    assert wanted.outlets == ()
    with pytest.raises(InputError, match="Không biết nước nào là “Atlantis”"):
        asked(VI, day, "vi", "", "Atlantis", "")
