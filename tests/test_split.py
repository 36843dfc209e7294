import itertools

from hypothesis import given
from hypothesis import strategies as st

from rag.domain import Article, Source
from rag.split import MOST, headed, sentence_spans, sentence_texts, split

PARAGRAPHS = st.lists(st.text(alphabet=st.sampled_from("aăđươ .!?…”\nABĐ。1 ")), max_size=40).map("\n".join)


def article(text: str, title: str | None = None) -> Article:
    return Article(Source(id="a1", path="a.txt", raw_sha256="0", title=title), text)


@given(PARAGRAPHS)
def test_passages_rejoin_to_the_exact_text(text: str) -> None:
    chunks = split(article(text), least=5, most=30)
    assert "".join(chunk.text for chunk in chunks) == text
    assert all(chunk.text == text[chunk.start : chunk.end] for chunk in chunks)
    assert all(len(chunk.text) <= 30 or not chunk.text[30:].strip() for chunk in chunks)


@given(PARAGRAPHS)
def test_the_sentences_of_the_passages_are_the_text_but_for_blanks(text: str) -> None:
    source = article(text)
    chunks = split(source, least=5, most=30)
    spans = [span for chunk in chunks for span in sentence_spans(chunk)]
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    parts = [part for chunk in chunks for part in sentence_texts(source, chunk)]
    assert parts == [text[start:end].strip() for start, end in spans]
    assert all(parts)


def test_a_subhead_goes_with_the_paragraph_below_it() -> None:
    paragraph = "Hai bên nhất trí tăng cường hợp tác. " * 8
    chunks = split(article(f"{paragraph}\nQuảng Ngãi xác định hai trọng tâm\n{paragraph}"))
    assert [chunk.text.split()[0] for chunk in chunks] == ["Hai", "Quảng"]


def test_a_line_without_a_full_stop_is_still_cut() -> None:
    chunks = split(article("từ " * 100_000))
    assert max(len(chunk.text) for chunk in chunks) <= MOST


def test_the_header_is_embedded_but_is_not_in_the_passage() -> None:
    lead, body = "Ngày 13/7, hai Ngoại trưởng gặp nhau. " * 7, "Hai bên ủng hộ ASEAN. " * 12
    source = article(f"{lead}\n{body}", title="Cuộc gặp tại Jakarta")
    first, second = split(source)
    assert headed(source, first).startswith("Cuộc gặp tại Jakarta\nNgày 13/7")
    assert headed(source, second).startswith("Cuộc gặp tại Jakarta\nNgày 13/7, hai Ngoại trưởng gặp nhau.\nHai bên")
    assert "Jakarta" not in second.text
