"""Questions that event records answer, and those they leave alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import cast

import pytest

from eval import gold_events
from rag import recorded
from rag.domain import Citation, Event, NameKind, NameMatch
from rag.event_answers import answer
from rag.event_questions import understand
from rag.links import groups
from rag.merging import merged
from rag.record_answers import of_records
from rag.store import Store


@cache
def events() -> tuple[Event, ...]:
    records = [event for corpus in ("seeds", "synthetic") for event in gold_events.events(corpus).values()]
    return tuple(merged(group) for group in groups(records))


def whole(citation: Citation) -> Citation:
    return citation


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
    first, *rest = answer(asked, events(), lang="en", sentence=whole).statements
    assert "13 July (year not stated)" in first.text
    assert "Jakarta" in first.text
    assert first.support == "supported"
    assert {each.support for each in rest} == {"quoted"}


def test_linked_events_are_counted_and_not_their_articles() -> None:
    asked = understand("Lê Quang Vĩnh và Aino Lehtonen đã điện đàm mấy lần?", lang="vi", names=CALL)
    assert asked is not None
    first, *_ = answer(asked, events(), lang="vi", sentence=whole).statements
    assert first.text == "Các bài báo nói đến 2 cuộc điện đàm."


def test_a_visit_outside_the_period_is_left_out_and_none_is_no_answer() -> None:
    inside = understand("Who visited Hà Nội in September 2024?", lang="en", names=names("Hà Nội/place"))
    outside = understand("Who visited Hà Nội in September 2019?", lang="en", names=names("Hà Nội/place"))
    assert inside is not None
    assert outside is not None
    told = answer(inside, events(), lang="en", sentence=whole).statements
    assert "Ospanov" in told[0].text
    assert not any("Valdebenito" in each.text for each in told)
    assert answer(outside, events(), lang="en", sentence=whole).statements == ()


def test_what_was_signed_is_told_by_the_articles_own_words() -> None:
    named = names("Haliza Zainuddin/person", "Ernesto Villarama/person")
    asked = understand("What did Haliza Zainuddin and Ernesto Villarama sign?", lang="en", names=named)
    assert asked is not None
    told = answer(asked, events(), lang="en", sentence=whole).statements
    assert any(each.text.startswith("an agreement") for each in told)
    assert {each.support for each in told} == {"quoted"}


def test_a_call_is_no_meeting_and_a_signing_by_both_is_one() -> None:
    call = understand("How many times did Lê Quang Vĩnh meet Aino Lehtonen?", lang="en", names=CALL)
    named = names("Trần Đức Hòa/person", "Park Jin-ho/person")
    signing = understand("How many times did Trần Đức Hòa meet Park Jin-ho?", lang="en", names=named)
    assert call is not None
    assert signing is not None
    assert answer(call, events(), lang="en", sentence=whole).statements == ()
    first, *_ = answer(signing, events(), lang="en", sentence=whole).statements
    assert first.text.startswith("The articles tell of 1 signing: Signing - Busan")


def test_what_may_be_of_the_period_stands_apart_and_a_long_list_says_how_many_more() -> None:
    asked = understand("Who visited Vietnam in August 2024?", lang="en", names=names("Vietnam/place"))
    assert asked is not None
    visits = [event for event in events() if event.kind == "visit" and event.place and event.place.country == "VN"]
    (dated,) = [event for event in visits if event.date and event.date.edtf == "2024-10-07"]
    assert dated.date is not None
    inside = [
        replace(dated, id=f"{n:02d}", date=replace(dated.date, edtf=f"2024-08-{n:02d}"), sources=())
        for n in range(1, 24)
    ]
    told = [each.text for each in answer(asked, [*visits, *inside], lang="en", sentence=whole).statements]
    assert "3 more are not listed here." in told
    apart = told.index("1 more may be of the period, for the articles state no full date.")
    assert "15 August (year not stated)" in told[apart + 1]


def test_what_is_only_to_come_is_not_the_last_one() -> None:
    asked = understand("When did Lê Quang Vĩnh last call Aino Lehtonen?", lang="en", names=CALL)
    assert asked is not None
    calls = [event for event in events() if event.kind == "call" and "Aino Lehtonen" in str(event.participants)]
    latest = max(calls, key=lambda event: str(event.date and event.date.edtf))
    assert latest.date is not None
    planned = replace(latest, id="planned", background=True, date=replace(latest.date, edtf="2024-12-01"))
    first, *_ = answer(asked, [*calls, planned], lang="en", sentence=whole).statements
    assert "22 October 2024" in first.text


def test_every_statement_is_cited_with_the_articles_own_characters() -> None:
    asked = understand("List the meetings of Sergei Lavrov", lang="en", names=LAVROV[:1])
    assert asked is not None
    texts = {a.id: a.text for c in ("seeds", "synthetic") for a in gold_events.articles(c).values()}
    told = answer(asked, events(), lang="en", sentence=whole).statements
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
    store = cast(Store, None)
    ordinary, form = "What did Sergei Lavrov tell Vương Nghị?", "When did Sergei Lavrov last meet Vương Nghị?"
    assert of_records(ordinary, lang="vi", names=LAVROV, chosen=None, store=store) is None
    assert read == []
    told = of_records(form, lang="vi", names=LAVROV, chosen=None, store=store)
    assert told is not None
    assert told.lang == "en"
    assert len(read) == 1
