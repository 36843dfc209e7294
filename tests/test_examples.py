from rag.desk import Desk
from rag.examples import example_questions
from rag.ui_words import Words


def test_example_questions_are_of_the_articles_at_hand_and_have_answers(desk: Desk) -> None:
    events = desk.events().events
    for lang in ("en", "vi"):
        asked = example_questions(events, Words(lang))
        assert 2 <= len(asked) <= 4
        assert len(set(asked)) == len(asked)
        for question in asked:
            found = desk.requested(question) or desk.ask(question)
            assert not found.refused, question


def test_the_newest_day_is_offered_for_a_briefing(desk: Desk) -> None:
    asked = example_questions(desk.events().events, Words("vi"), newest="2023-10-24")
    assert asked[-1] == "Điểm tin ngày 2023-10-24"


def test_no_events_give_no_examples() -> None:
    assert example_questions((), Words("en")) == ()
