import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cite import cited, evidence, locate, longest_run, widened
from rag.domain import Article, Source
from rag.split import split

TEXT = (
    "Ngoại trưởng Nga Sergei Lavrov đã gặp ông Vương Nghị tại Jakarta.\n"
    "Theo Bộ Ngoại giao Nga, “hai bên đã tái khẳng định – một lần nữa – sự ủng hộ vai trò trung tâm của ASEAN”. "
    "Cuộc gặp kéo dài hai giờ. Các bên không ra tuyên bố chung."
)
ARTICLE = Article(Source(id="a1", path="a.txt", raw_sha256="0", lang="vi", title="Nga và Trung Quốc hội đàm"), TEXT)


def found(quote: str) -> list[str]:
    return [TEXT[start:end] for start, end in locate(quote, TEXT)]


def test_a_quote_is_found_word_for_word() -> None:
    assert found("đã gặp ông Vương Nghị tại Jakarta") == ["đã gặp ông Vương Nghị tại Jakarta"]


def test_marks_dashes_case_and_spaces_may_differ() -> None:
    assert found('"Hai bên  đã tái khẳng định - một lần nữa - sự ủng hộ"') == [
        "hai bên đã tái khẳng định – một lần nữa – sự ủng hộ"
    ]


def test_three_dots_leave_words_out_in_order() -> None:
    assert found("Sergei Lavrov đã gặp ... sự ủng hộ vai trò trung tâm") == [
        "Sergei Lavrov đã gặp",
        "sự ủng hộ vai trò trung tâm",
    ]
    assert found("sự ủng hộ vai trò trung tâm ... Sergei Lavrov đã gặp") == []


@pytest.mark.parametrize(
    "invented",
    [
        "Sergei Lavrov đã gặp Antony Blinken",
        "ông Lavrov đã gặp ông Vương Nghị tại Jakarta",
        "đã gặp ông Vuong Nghi tại Jakarta",
        "hai bên",
        "ASEAN",
        "",
        "...",
    ],
)
def test_what_does_not_stand_there_or_says_nothing_is_not_found(invented: str) -> None:
    assert found(invented) == []


def test_a_clause_is_cited_with_its_sentence() -> None:
    (citation,) = widened(ARTICLE, locate("vai trò trung tâm của ASEAN", TEXT))
    assert citation.quote.startswith("Theo Bộ Ngoại giao Nga")
    assert citation.quote == TEXT[citation.start : citation.end]


def test_neighbouring_sentences_are_one_citation_and_others_are_not() -> None:
    near = widened(ARTICLE, [*locate("Cuộc gặp kéo dài", TEXT), *locate("không ra tuyên bố chung", TEXT)])
    apart = widened(ARTICLE, [*locate("không ra tuyên bố chung", TEXT), *locate("đã gặp ông Vương Nghị", TEXT)])
    assert [len(near), len(apart)] == [1, 2]
    assert apart[0].start < apart[1].start


def test_evidence_is_the_sentence_and_what_stands_around_it() -> None:
    (citation,) = widened(ARTICLE, locate("Cuộc gặp kéo dài", TEXT))
    (given_,) = evidence([citation], lambda _: ARTICLE)
    assert given_.text == "Cuộc gặp kéo dài hai giờ."
    assert given_.before.startswith("Ngoại trưởng Nga")
    assert given_.after == "Các bên không ra tuyên bố chung."
    assert given_.setting.startswith("Nga và Trung Quốc hội đàm\nNgoại trưởng Nga")


@given(st.text(min_size=1), st.data())
def test_whatever_is_copied_is_found_where_it_reads_the_same(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    for at, end in locate(text[start : start + 40], text):
        assert 0 <= at < end <= len(text)


@given(st.text(), st.text())
def test_arbitrary_quotes_never_fail_and_every_citation_stands(quote: str, text: str) -> None:
    article = Article(Source(id="a", path="a", raw_sha256="0"), text)
    for citation in widened(article, [s for s in locate(quote, text) if text[slice(*s)].strip()]):
        assert text[citation.start : citation.end] == citation.quote


def test_a_quote_that_was_miscopied_at_an_edge_counts_by_what_stands_there() -> None:
    run = longest_run("Người Nga Sergei Lavrov đã gặp ông Vương Nghị tại Jakarta", TEXT)
    assert run is not None
    assert TEXT[slice(*run)] == "Nga Sergei Lavrov đã gặp ông Vương Nghị tại Jakarta"


@pytest.mark.parametrize(
    "invented",
    ["Ngoại trưởng Nga Sergei Lavrov đã gặp Antony Blinken tại Washington hôm qua", "đã gặp ông Vương Nghị", ""],
)
def test_half_a_quote_is_none(invented: str) -> None:
    assert longest_run(invented, TEXT) is None


def test_each_quote_is_cited_where_it_stands_and_others_not_at_all() -> None:
    passages = [(ARTICLE, chunk) for chunk in split(ARTICLE)]
    found = cited(["Cuộc gặp kéo dài hai giờ", "Antony Blinken đã đến Jakarta", "Cuộc gặp kéo dài"], passages)
    assert [citation.quote for citation in found] == ["Cuộc gặp kéo dài hai giờ."]


@given(st.text(), st.text())
def test_a_run_stands_in_the_text(quote: str, text: str) -> None:
    run = longest_run(quote, text)
    assert run is None or 0 <= run[0] < run[1] <= len(text)
