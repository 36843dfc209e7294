"""Answers are kept as spans: read again they are the same, and nothing is quoted that no longer stands there."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer_json import GONE, NOTHING_LEFT, packed, unpacked
from rag.cite import cite
from rag.desk import Desk
from rag.domain import Answer, Article, Citation, Conflict, DateFilter, NameMatch, Source, Statement
from rag.errors import InputError
from rag.turns import citing

VNA = Article(Source("a1", "vna.txt", "0", outlet="VNA", lang="vi"), "Ông Lavrov gặp ông Vương Nghị.\nHọ nói về ASEAN.")
TASS = Article(Source("b2", "tass.txt", "1", lang="en"), "Lavrov met Wang Yi on 13 July. They discussed ASEAN.")


def of(*articles: Article) -> Callable[[str, int, int], Citation]:
    stored = {article.id: article for article in articles}

    def article(name: str) -> Article:
        if name not in stored:
            raise InputError(f"there is no article {name}")
        return stored[name]

    return citing(article)


def told(text: str, *citations: Citation) -> Statement:
    return Statement(text, "vi", citations, "supported", ("name: Lavrov",))


words = st.text(max_size=30)
numbers = st.floats(allow_nan=False, allow_infinity=False)
meters = st.dictionaries(words, numbers, max_size=3)


@st.composite
def citations(draw: st.DrawFn) -> Citation:
    article = draw(st.sampled_from([VNA, TASS]))
    start = draw(st.integers(0, len(article.text) - 3))
    return cite(article, start, draw(st.integers(start + 2, len(article.text))))


statements = st.builds(
    Statement,
    words,
    st.none() | words,
    st.lists(citations(), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["quoted", "supported", "partial"]),
    st.lists(words, max_size=2).map(tuple),
)
answers = st.builds(
    Answer,
    question=words,
    lang=st.sampled_from(["vi", "en"]),
    statements=st.lists(statements, max_size=3).map(tuple),
    rejected=st.lists(statements | statements.map(lambda each: replace(each, citations=())), max_size=2).map(tuple),
    names=st.lists(st.builds(NameMatch, words, st.just("person"), st.tuples(words), st.tuples(words))).map(tuple),
    dates=st.lists(st.builds(DateFilter, words, st.none() | words, st.none(), st.just("option"))).map(tuple),
    reason=st.none() | words,
    mode=st.sampled_from(["extract", "llm"]),
    model=st.none() | words,
    usage=meters,
    seconds=numbers,
    rewritten=st.none() | words,
    conflicts=st.lists(
        st.builds(Conflict, st.just("figure"), st.tuples(st.tuples(words, citations()), st.tuples(words, citations())))
    ).map(tuple),
    notices=st.lists(words, max_size=2).map(tuple),
    prompts=st.dictionaries(words, words, max_size=2),
)


@given(answers)
def test_an_answer_is_the_same_again_while_its_articles_stand(answer: Answer) -> None:
    assert unpacked(json.loads(json.dumps(packed(answer))), cite=of(VNA, TASS)) == answer


@given(answers, st.sampled_from([(), (VNA,), (TASS,)]))
def test_without_some_articles_nothing_is_shown_that_they_alone_said(answer: Answer, left: tuple[Article, ...]) -> None:
    again = unpacked(packed(answer), cite=of(*left))
    texts = {article.id: article.text for article in left}
    shown = [citation for statement in (*again.statements, *again.rejected) for citation in statement.citations]
    shown += [citation for conflict in again.conflicts for _, citation in conflict.values]
    assert all(each.quote == texts[each.source.id][each.start : each.end] for each in shown)
    assert all(statement.citations for statement in again.statements)
    assert len(again.statements) + len(again.rejected) == len(answer.statements) + len(answer.rejected)


def test_the_flagship_is_the_same_again(desk: Desk) -> None:
    answer = desk.ask("Ngoại trưởng Nga và Trung Quốc đã bàn những gì?")
    assert answer.statements
    assert unpacked(json.loads(json.dumps(packed(answer))), cite=citing(desk.store.article)) == answer


def test_a_statement_whose_article_is_gone_is_set_aside_with_the_reason() -> None:
    first, second = told("Lavrov gặp Vương Nghị", cite(VNA, 0, 30)), told("13/7", cite(TASS, 0, 30))
    again = unpacked(packed(Answer("ai?", "vi", (first, second))), cite=of(VNA))
    assert again.statements == (first,)
    assert again.rejected == (Statement("13/7", "vi", (), "unsupported", (GONE, "name: Lavrov")),)
    assert not again.refused


def test_an_answer_of_which_nothing_is_left_says_so() -> None:
    again = unpacked(packed(Answer("ai?", "vi", (told("gặp", cite(VNA, 0, 30)),))), cite=of())
    assert again.refused
    assert again.reason == NOTHING_LEFT


def test_a_statement_of_two_articles_keeps_the_citation_that_stands() -> None:
    both = told("họ gặp nhau", cite(VNA, 0, 30), cite(TASS, 0, 30))
    (kept,) = unpacked(packed(Answer("ai?", "vi", (both,))), cite=of(TASS)).statements
    assert kept == replace(both, citations=both.citations[1:])


@pytest.mark.parametrize("text", ["Ông Blinken gặp ông Vương Nghị.\nHọ nói về ASEAN.", "Ngắn."])
def test_other_words_in_the_place_of_a_quote_are_not_quoted(text: str) -> None:
    answer = Answer("ai?", "vi", (told("gặp", cite(VNA, 0, 30)),))
    again = unpacked(packed(answer), cite=of(replace(VNA, text=text)))
    assert [each.reasons[0] for each in again.rejected] == [GONE]


def test_an_article_whose_id_only_begins_alike_is_another() -> None:
    answer = Answer("ai?", "vi", (told("gặp", cite(VNA, 0, 30)),))
    longer: Mapping[str, Article] = {"a1": replace(VNA, source=replace(VNA.source, id="a1b2"))}
    assert unpacked(packed(answer), cite=citing(longer.__getitem__)).refused


def test_articles_differ_only_while_two_of_them_stand() -> None:
    differ = Conflict("date", (("13/7", cite(TASS, 0, 30)), ("14/7", cite(VNA, 0, 30))))
    answer = Answer("khi nào?", "vi", (told("gặp", cite(VNA, 0, 30)),), conflicts=(differ,))
    assert unpacked(packed(answer), cite=of(VNA, TASS)).conflicts == (differ,)
    assert unpacked(packed(answer), cite=of(VNA)).conflicts == ()


def test_what_was_set_aside_before_keeps_its_own_reason() -> None:
    aside = Statement("Blinken gặp Vương Nghị", "vi", (cite(VNA, 0, 30),), "unsupported", ("name: Blinken",))
    (again,) = unpacked(packed(Answer("ai?", "vi", rejected=(aside,))), cite=of()).rejected
    assert again == replace(aside, citations=())
