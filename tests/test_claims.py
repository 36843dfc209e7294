"""Statements against what they cite, through the desk: the article's own full names count."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.desk import Desk, open_desk

ARTICLE = """The two delegations met in Prague for two days of talks on magnets.
Chinese Vice Commerce Minister Liang Shaohua and the chief negotiator, Katarzyna Wolanska, led the talks.
The rooms of the old exchange had been rented for the week, and the press was kept outside.
Nobody was willing to say beforehand what would be on the table.
Officials of both sides ate separately on the first evening.
Liang said that China had approved 1,870 applications since April.
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("claims")
    Path(folder / "a.txt").write_text(ARTICLE)
    desk = open_desk(store=folder / "store")
    desk.ingest([str(folder / "a.txt")])
    return desk


QUOTE = "Liang said that China had approved 1,870 applications since April."


@pytest.mark.parametrize(
    "statement",
    [
        "Lương Thiệu Hoa cho biết Trung Quốc đã phê duyệt 1.870 đơn kể từ tháng 4.",
        "Liang Shaohua said that China had approved 1,870 applications since April.",
    ],
)
def test_a_full_name_is_that_of_the_short_one_cited(desk: Desk, statement: str) -> None:
    found = desk.check(statement, [QUOTE], desk.articles()[0].id)
    assert found.support in ("supported", "partial"), found.reasons


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("Vương Thiệu Hoa cho biết Trung Quốc đã phê duyệt 1.870 đơn kể từ tháng 4.", "Vương Thiệu Hoa"),
        ("Katarzyna Wolanska said that China had approved 1,870 applications.", "Katarzyna Wolanska"),
    ],
)
def test_another_name_is_not(desk: Desk, statement: str, name: str) -> None:
    found = desk.check(statement, [QUOTE], desk.articles()[0].id)
    assert (found.support, f"name: {name}" in found.reasons) == ("unsupported", True)
