import pytest

from rag import embed
from rag.denied import left_out
from rag.domain import Evidence
from rag.embed import Embedder


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return embed.load("bundled")


@pytest.mark.parametrize(
    ("statement", "lang", "text", "text_lang"),
    [
        (
            "Zambia signed the charter as a guest.",
            "en",
            "Zambia, which came as a guest, did not sign the charter.",
            "en",
        ),
        ("Hãng đã đồng ý hạ giá vé.", "vi", "The airline has not agreed to cut its fares, which rose in May.", "en"),
        ("Khoản vay có kèm điều kiện.", "vi", "The bank said that no conditions are attached to the loan.", "en"),
        ("The minister named the two companies.", "en", "Bộ trưởng không nêu tên hai công ty, dù đã được hỏi.", "vi"),
    ],
)
def test_what_the_text_denies_is_not_said_plainly(
    embedder: Embedder, statement: str, lang: str, text: str, text_lang: str
) -> None:
    assert left_out(statement, lang=lang, evidence=[Evidence(text, text_lang)], vectors=embedder.passages)


@pytest.mark.parametrize(
    ("statement", "lang", "text", "text_lang"),
    [
        ("Fares rose in May.", "en", "The airline has not agreed to cut its fares, which rose in May.", "en"),
        ("Giá vé tăng trong tháng 5.", "vi", "The airline has not agreed to cut its fares, which rose in May.", "en"),
        (
            "The union will keep its arms until the council recognises it.",
            "en",
            "Liên minh sẽ không giao nộp vũ khí chừng nào hội đồng chưa công nhận họ.",
            "vi",
        ),
        ("Zambia did not sign.", "en", "Zambia, which came as a guest, did not sign the charter.", "en"),
        ("Hai bên ký hiệp định về nghề cá.", "vi", "The two sides signed an agreement on fisheries.", "en"),
        ("Anything", "en", "", "en"),
    ],
)
def test_what_the_text_says_beside_a_denial_may_be_said(
    embedder: Embedder, statement: str, lang: str, text: str, text_lang: str
) -> None:
    assert not left_out(statement, lang=lang, evidence=[Evidence(text, text_lang)], vectors=embedder.passages)
