import pytest

from rag.answer import gate
from rag.desk import Desk
from rag.domain import NameMatch


def person(query: str, *articles: str) -> NameMatch:
    return NameMatch(query, "person", (query,) if articles else (), articles)


def test_a_name_that_no_article_mentions_closes_the_gate() -> None:
    assert gate([person("Lavrov", "a"), person("Blinken")], lang="en").reason == "no article mentions Blinken"
    assert gate([person("Blinken")], lang="vi").reason == "không bài nào nhắc đến Blinken"


def test_names_that_no_single_article_holds_together_close_the_gate() -> None:
    names = [person("Wang Yi", "a", "b"), person("Lavrov", "a"), person("Hà Nội", "c")]
    assert gate(names, lang="en").reason == "no single article mentions Wang Yi, Lavrov and Hà Nội together"


def test_only_articles_that_hold_every_name_may_answer() -> None:
    passed = gate([person("Wang Yi", "a", "b"), person("Lavrov", "b", "c")], lang="en")
    assert passed.reason is None
    assert passed.articles == frozenset({"b"})


def test_organisations_and_questions_without_names_pass() -> None:
    assert gate([NameMatch("BRICS", "organisation")], lang="en").articles is None
    assert gate([], lang="en").reason is None


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("How much did the dinner of Lavrov and Wang Yi cost?", "the articles speak of this but state no sum of money"),
        ("ong Lavrov va ong Vuong Nghi hop bao lau?", "các bài có nói về việc này nhưng không nêu thời lượng"),
        ("Dung Quất rộng bao nhiêu?", "các bài có nói về việc này nhưng không nêu diện tích"),
    ],
)
def test_refuses_where_the_articles_do_not_state_what_is_asked_for(desk: Desk, question: str, reason: str) -> None:
    answer = desk.ask(question)
    assert answer.reason == reason
    assert not answer.statements


def test_a_sentence_that_states_what_is_asked_for_comes_first(desk: Desk) -> None:
    assert "1,9 tỷ USD" in desk.ask("How much did Quang Ngai export in 2023?").statements[0].text
    assert "13/7" in desk.ask("When did Lavrov and Wang Yi meet?").statements[0].text
