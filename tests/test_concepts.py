import tomllib
from pathlib import Path

from rag.concepts import of_question
from rag.text import LANGUAGES

DATA = Path(__file__).parent.parent / "rag" / "data" / "concepts.toml"


def names(question: str, lang: str) -> set[str]:
    return {concept.name for concept in of_question(question, lang=lang)}


def test_a_question_uses_the_same_concept_in_every_language() -> None:
    assert "sign" in names("What did they sign?", "en")
    assert "sign" in names("Hai bên đã ký kết những gì?", "vi")
    assert "sign" in names("hai ben da ky ket nhung gi", "vi")
    assert "sign" in names("双方签署了什么？", "zh")
    assert "sign" in names("Что подписали стороны?", "ru")


def test_marks_tell_words_apart_where_the_question_has_them() -> None:
    assert "visit" in names("Ai đã thăm Hà Nội?", "vi")
    assert "visit" not in names("Ai tham gia hội nghị?", "vi")


def test_every_concept_has_words_in_every_language() -> None:
    for name, rows in tomllib.loads(DATA.read_text(encoding="utf-8")).items():
        assert set(rows) == set(LANGUAGES), name
        assert all(phrase.strip() for row in rows.values() for phrase in row.split(",")), name
