"""The second of a row is not the third."""

from __future__ import annotations

import pytest

from rag.ordinals import another


@pytest.mark.parametrize(
    ("question", "asked_in", "text", "lang", "differs"),
    [
        ("Where did the second forum meet?", "en", "Diễn đàn lần thứ ba đã bế mạc tại Huế.", "vi", True),
        ("Dien dan lan thu hai hop o dau?", "vi", "The third forum closed in Vientiane.", "en", True),
        ("Diễn đàn lần thứ ba họp ở đâu?", "vi", "The 3rd forum closed in Vientiane.", "en", False),
        ("Where did the forum meet?", "en", "The third forum closed in Vientiane.", "en", False),
        ("Where did the third forum meet?", "en", "The forum closed in Vientiane.", "en", False),
        ("Where did the third forum meet?", "en", "The second forum was in Huế, the third in Vinh.", "en", False),
        ("Cuộc họp thứ Hai diễn ra ở đâu?", "vi", "Hội nghị lần thứ ba họp ở Huế.", "vi", False),
    ],
)
def test_another_one(question: str, asked_in: str, text: str, lang: str, differs: bool) -> None:
    assert another(question, text, asked_in=asked_in, lang=lang) is differs
