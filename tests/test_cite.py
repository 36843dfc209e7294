import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cite import cite, quoted
from rag.domain import Article, Source

SOURCE = Source(id="a1", path="a.txt", raw_sha256="0", lang="vi")


@given(st.text(), st.integers(-3, 30), st.integers(-3, 30))
def test_a_citation_exists_only_if_its_quote_stands_in_the_article(text: str, start: int, end: int) -> None:
    article = Article(SOURCE, text)
    try:
        citation = cite(article, start, end)
    except ValueError:
        assert not (0 <= start <= end <= len(text)) or not text[start:end].strip()
    else:
        assert citation.quote == text[citation.start : citation.end] == text[start:end].strip()


def test_a_quoted_statement_is_the_articles_own_words() -> None:
    statement = quoted(Article(SOURCE, "Hai bên nhất trí. Ông đi."), 0, 18)
    assert statement.text == statement.citations[0].quote == "Hai bên nhất trí."
    assert statement.support == "quoted"


def test_a_span_of_nothing_is_no_citation() -> None:
    with pytest.raises(ValueError, match="no text"):
        cite(Article(SOURCE, "a  b"), 1, 3)
