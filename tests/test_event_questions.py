"""Questions that event records answer, and those they leave alone."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import cast

import pytest

from eval import gold_events
from rag import asking, recorded
from rag.domain import Answer, Event, NameKind, NameMatch
from rag.event_answers import answer
from rag.event_questions import understand
from rag.links import groups
from rag.merging import merged


@cache
def events() -> tuple[Event, ...]:
    records = [event for corpus in ("seeds", "synthetic") for event in gold_events.events(corpus).values()]
    return tuple(merged(group) for group in groups(records))


def names(*given: str) -> tuple[NameMatch, ...]:
    return tuple(NameMatch(query, cast(NameKind, kind)) for query, kind in (each.split("/") for each in given))


LAVROV = names("Sergei Lavrov/person", "Vương Nghị/person")
CALL = names("Lê Quang Vĩnh/person", "Aino Lehtonen/person")


@pytest.mark.parametrize(
    ("question", "lang", "named", "form"),
    [
        ("When did Sergei Lavrov last meet Vương Nghị?", "en", LAVROV, "last"),
        ("Sergei Lavrov gặp Vương Nghị lần cuối khi nào?", "vi", LAVROV, "last"),
        ("Sergei Lavrov và Vương Nghị đã gặp nhau mấy lần?", "vi", LAVROV, "count"),
        ("Who visited Hà Nội in September 2024?", "en", names("Hà Nội/place"), "who"),
        ("Ai đã thăm Hà Nội tháng 9/2024?", "vi", names("Hà Nội/place"), "who"),
    ],
)
def test_a_question_of_these_forms_is_understood(
    question: str, lang: str, named: tuple[NameMatch, ...], form: str
) -> None:
    asked = understand(question, lang=lang, names=named)
    assert asked is not None
    assert asked.form == form


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did Sergei Lavrov tell Vương Nghị?", LAVROV),
        ("When did Sergei Lavrov last meet Vương Nghị about grain?", LAVROV),
        ("How many engineers did Sergei Lavrov and Vương Nghị meet?", LAVROV),
        ("Who met Sergei Lavrov?", LAVROV[:1]),
        ("How many times did they meet?", ()),
        ("Who visited Hà Nội?", names("Hà Nội/place")),
    ],
)
def test_any_other_question_goes_its_old_way(question: str, named: tuple[NameMatch, ...]) -> None:
    assert understand(question, lang="en", names=named) is None


def test_the_year_that_no_article_states_is_said_to_be_missing() -> None:
    asked = understand("When did Sergei Lavrov last meet Vương Nghị?", lang="en", names=LAVROV)
    assert asked is not None
    first, *rest = answer(asked, events(), lang="en").statements
    assert "13 July (year not stated)" in first.text
    assert "Jakarta" in first.text
    assert first.support == "supported"
    assert {each.support for each in rest} == {"quoted"}


def test_linked_events_are_counted_and_not_their_articles() -> None:
    asked = understand("Lê Quang Vĩnh và Aino Lehtonen đã điện đàm mấy lần?", lang="vi", names=CALL)
    assert asked is not None
    first, *_ = answer(asked, events(), lang="vi").statements
    assert first.text == "Các bài báo nói đến 2 cuộc điện đàm."


def test_a_visit_outside_the_period_is_left_out_and_none_is_no_answer() -> None:
    inside = understand("Who visited Hà Nội in September 2024?", lang="en", names=names("Hà Nội/place"))
    outside = understand("Who visited Hà Nội in September 2019?", lang="en", names=names("Hà Nội/place"))
    assert inside is not None
    assert outside is not None
    told = answer(inside, events(), lang="en").statements
    assert "Ospanov" in told[0].text
    assert not any("Valdebenito" in each.text for each in told)
    assert answer(outside, events(), lang="en").statements == ()


def test_every_statement_is_cited_with_the_articles_own_characters() -> None:
    asked = understand("List the meetings of Sergei Lavrov", lang="en", names=LAVROV[:1])
    assert asked is not None
    texts = {a.id: a.text for c in ("seeds", "synthetic") for a in gold_events.articles(c).values()}
    told = answer(asked, events(), lang="en").statements
    assert told
    for each in told:
        assert each.citations
        assert all(c.quote == texts[c.source.id][c.start : c.end] for c in each.citations)


def test_the_store_is_read_for_these_forms_only(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []

    def linked(_: object, *, wanted: object) -> list[Event]:
        read.append(wanted)
        return list(events())

    monkeypatch.setattr(recorded, "linked", linked)
    parts = cast(asking.Parts, SimpleNamespace(store=None))
    ordinary, form = "What did Sergei Lavrov tell Vương Nghị?", "When did Sergei Lavrov last meet Vương Nghị?"
    none = Answer(form, "vi")
    assert asking._of_records(ordinary, asking.Understood(ordinary, "vi", LAVROV), parts, None, none) is None
    assert read == []
    told = asking._of_records(form, asking.Understood(form, "vi", LAVROV), parts, None, none)
    assert told is not None
    assert told.lang == "en"
    assert len(read) == 1
