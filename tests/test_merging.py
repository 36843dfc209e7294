"""The records of one event as one Event: every source, every fact once, and what the articles tell differently."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.gold_events import events
from rag.domain import (
    Citation,
    Conflict,
    Event,
    EventDate,
    EventFigure,
    EventKind,
    EventPlace,
    Fact,
    Participant,
    Saying,
    Source,
)
from rag.figures import figures
from rag.links import groups
from rag.merging import merged


@cache
def gold() -> tuple[Event, ...]:
    return tuple({event.id: event for event in events("synthetic").values()}.values())


def record(
    number: int,
    *sentences: str,
    lang: str = "en",
    kind: EventKind = "meeting",
    day: tuple[str, str] | None = None,
    place: str | None = None,
    persons: tuple[str, ...] = (),
    said: tuple[tuple[str, str], ...] = (),
    published: str | None = None,
    background: bool = False,
) -> Event:
    """A record of article `number`: the first sentence tells it, and every figure of all of them is one of its own."""
    source = Source(f"a{number}", "a.txt", "0" * 64, lang=lang, published=published)

    def cited(text: str) -> tuple[Citation, ...]:
        return (Citation(source, 0, len(text), text),)

    found = [
        EventFigure(each.text, str(each.value), each.unit, each.counted, cited(sentence))
        for sentence in sentences
        for each in figures(sentence, lang=lang)
    ]
    return Event(
        id=f"a{number}#1",
        kind=kind,
        lang=lang,
        headline=Fact(sentences[0], cited(sentences[0])),
        sources=(source,),
        date=EventDate(day[0], day[1], cited(day[1])[0]) if day else None,
        place=EventPlace(place, "VN", cited(place)[0]) if place else None,
        participants=tuple(Participant(name, (), None, "VN", None, cited(name)) for name in persons),
        agreed=tuple(Fact(sentence, cited(sentence)) for sentence in sentences[1:]),
        said=tuple(Saying(speaker, text, None, cited(text)) for speaker, text in said),
        figures=tuple(found),
        records=(f"a{number}#1",),
        background=background,
    )


def told(conflict: Conflict) -> tuple[str, ...]:
    return tuple(text for text, _ in conflict.values)


def test_a_plant_that_costs_more_in_one_article_is_a_conflict_with_both_sentences() -> None:
    vi = record(1, "Nhà máy tại Hải Phòng có tổng vốn đầu tư 320 triệu USD.", lang="vi", published="2024-06-11")
    en = record(2, "The plant in Hai Phong will cost about $300 million.", published="2024-06-12")
    (conflict,) = merged([en, vi]).conflicts
    assert conflict.field == "figure"
    assert told(conflict) == ("320 triệu USD", "$300 million")
    assert [citation.source.id for _, citation in conflict.values] == ["a1", "a2"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("About 300 people attended the forum.", "The forum was attended by 297 people."),
        ("The aid package is worth 1.5 million yuan.", "The aid package is worth 1.52 million yuan."),
        ("More than 300 people were killed.", "310 people were killed."),
        ("12 people were killed in the attack.", "14 people were wounded in the attack."),
        ("The plant will cost 320 million dollars.", "Trade reached 400 million dollars."),
        ("The plant will cost 320 million dollars.", "The plant will cost 320 million euros."),
    ],
)
def test_what_agrees_or_counts_other_things_is_no_conflict(one: str, other: str) -> None:
    assert merged([record(1, one), record(2, other)]).conflicts == ()


def test_later_news_is_told_in_the_order_of_publication() -> None:
    first = record(1, "Gunmen attacked a convoy, killing 11 people.", kind="attack", published="2024-09-14")
    later = record(
        2, "The number of people killed in the attack has risen to 14.", kind="attack", published="2024-09-15"
    )
    (conflict,) = merged([later, first]).conflicts
    assert [citation.source.published for _, citation in conflict.values] == ["2024-09-14", "2024-09-15"]


def test_two_days_for_one_appointment_are_a_conflict_and_a_year_more_is_none() -> None:
    vi = record(1, "Bổ nhiệm đại sứ.", lang="vi", day=("XXXX-09-25", "Ngày 25/9"))
    other = record(2, "The envoy was named.", day=("XXXX-09-24", "September 24"))
    full = record(3, "The envoy was named in Hanoi.", day=("2024-09-25", "25 September 2024"))
    assert [told(conflict) for conflict in merged([vi, other]).conflicts] == [("Ngày 25/9", "September 24")]
    both = merged([vi, full])
    assert both.conflicts == ()
    assert both.date is not None
    assert both.date.edtf == "2024-09-25"


def test_a_venue_in_a_town_is_no_other_place() -> None:
    one, other = record(1, "Hàng đã đến.", lang="vi", place="sân bay Nội Bài"), record(2, "Aid came.", place="Hanoi")
    assert merged([one, other]).conflicts == ()
    (conflict,) = merged([record(3, "Signed.", place="HAI PHONG, Vietnam"), other]).conflicts
    assert conflict.field == "place"


def test_the_same_words_of_two_speakers_are_a_conflict() -> None:
    persons = ("Tạ Hữu Nghĩa", "Vương Lâm")
    vi = record(
        1, "Hai bên hội đàm.", lang="vi", persons=persons,
        said=(("Tạ Hữu Nghĩa", "đề nghị hai bên lập khu chợ miễn thuế ở đầu cầu"),),
    )  # fmt: skip
    en = record(
        2, "The two met.", persons=("Ta Huu Nghia", "Wang Lin"),
        said=(("Wang Lin", "asked for a duty-free market at the foot of the bridge"),),
    )  # fmt: skip
    (conflict,) = merged([vi, en]).conflicts
    assert conflict.field == "speaker"
    assert told(conflict) == ("Tạ Hữu Nghĩa", "Wang Lin")


def test_one_person_in_two_spellings_takes_part_once() -> None:
    vi = record(1, "Hai bên hội đàm.", lang="vi", persons=("Phan Thị Mỹ Duyên",), published="2024-09-05")
    en = record(2, "The two met.", persons=("Phan Thi My Duyen",), published="2024-09-06")
    (person,) = merged([en, vi]).participants
    assert (person.name, person.also) == ("Phan Thị Mỹ Duyên", ("Phan Thi My Duyen",))
    assert [citation.source.id for citation in person.citations] == ["a1", "a2"]


def test_a_fact_that_two_articles_give_stands_once_with_both_citations() -> None:
    one = record(1, "They met.", "The bridge will be built by 2030 with 24 million euros.")
    other = record(2, "They met in Hue.", "The bridge will be built by 2030 with 24 million euros.")
    event = merged([one, other])
    (fact,), (figure,) = event.agreed, event.figures
    assert len(fact.citations) == len(figure.citations) == 2


def test_background_mentions_do_not_give_the_headline_and_make_no_background_event() -> None:
    mention = record(1, "After the talks of last week", background=True, published="2024-01-01")
    report = record(2, "The two held talks.", published="2024-01-05")
    assert merged([mention, report]).headline.text == "The two held talks."
    assert not merged([mention, report]).background
    assert merged([mention]).background


def test_nothing_is_no_event() -> None:
    with pytest.raises(ValueError, match="at least one"):
        merged([])


@settings(max_examples=30, deadline=None)
@given(st.data(), st.randoms(use_true_random=False))
def test_merging_keeps_every_source_whatever_the_order(data: st.DataObject, chance: random.Random) -> None:
    group = list(data.draw(st.sampled_from([each for each in groups(gold()) if len(each) > 1])))
    event = merged(group)
    chance.shuffle(group)
    assert merged(group) == event
    assert event.articles == tuple(dict.fromkeys(event.articles))
    assert set(event.articles) == {article for each in group for article in each.articles}
    assert event.records == tuple(sorted(each.id for each in group))
    assert event.id == event.records[0]
    for conflict in event.conflicts:
        articles = [citation.source.id for _, citation in conflict.values]
        assert len(articles) == len(set(articles)) > 1
