"""The threat model names a test for each threat, and each of them exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").split("\n")
    if line.startswith("|")
][2:]
DEFINED = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_the_table_is_read() -> None:
    assert len(ROWS) >= 25


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_threat_has_a_defence_and_a_test_that_exists(row: list[str]) -> None:
    threat, defence, named = row
    assert threat
    assert defence
    tests = re.findall(r"`(test_\w+)`", named)
    assert tests
    assert set(tests) <= DEFINED
