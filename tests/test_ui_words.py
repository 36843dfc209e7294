import re
import string
from pathlib import Path

import pytest

from rag.ui_words import LANGS, Words, catalogue

SOURCES = "".join(file.read_text() for file in (Path(__file__).parent.parent / "rag").glob("*.py"))


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_each_word_of_the_page_is_there_in_both_languages_with_the_same_values(key: str) -> None:
    said = catalogue()[key]
    assert set(said) == set(LANGS)
    assert all(text.strip() for text in said.values())
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in said.values()]
    assert fields[0] == fields[1]


def test_every_key_that_the_page_says_is_there() -> None:
    asked = set(re.findall(r'\bsay\("([a-z]+\.[a-z_]+)"', SOURCES))
    assert asked
    assert asked <= set(catalogue())


def test_a_missing_value_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(KeyError):
        Words("en")("no.such_key")
