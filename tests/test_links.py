"""Records that tell one event are linked, across languages, in whatever order they come."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.gold_events import events
from rag.domain import Citation, Event, EventDate, EventFigure, EventKind, EventPlace, Fact, Participant, Source
from rag.links import Links, evidence, groups, keys, same


@cache
def gold() -> tuple[Event, ...]:
    return tuple({event.id: event for event in events("synthetic").values()}.values())


def record(
    number: int,
    text: str,
    *persons: tuple[str, str],
    kind: EventKind = "meeting",
    lang: str = "vi",
    day: str | None = None,
    published: str | None = None,
    place: tuple[str, str] | None = None,
    figure: tuple[str, str, str] | None = None,
    background: bool = False,
) -> Event:
    """A record of article `number` that says all in one sentence."""
    source = Source(f"a{number:05}", "a.txt", "0" * 64, lang=lang, published=published)
    cited = Citation(source, 0, len(text), text)
    return Event(
        id=f"{source.id}#1",
        kind=kind,
        lang=lang,
        headline=Fact(text, (cited,)),
        sources=(source,),
        date=EventDate(day, day, cited) if day else None,
        place=EventPlace(*place, cited) if place else None,
        participants=tuple(Participant(name, (), None, country, None, (cited,)) for name, country in persons),
        figures=(EventFigure(figure[0], figure[1], figure[2], None, (cited,)),) if figure else (),
        records=(f"{source.id}#1",),
        background=background,
    )


VN = record(
    1,
    "Ngày 3/9, Bộ trưởng Nguyễn Văn Hoà gặp Bộ trưởng Lào Somchit Phommavong tại Hà Nội.",
    ("Nguyễn Văn Hoà", "VN"),
    ("Somchit Phommavong", "LA"),
    day="XXXX-09-03",
    place=("Hà Nội", "VN"),
)
EN = record(
    2,
    "Minister Nguyen Van Hoa received Laos's Somchit Phommavong in Hanoi on September 3.",
    ("Nguyen Van Hoa", "VN"),
    ("Somchit Phommavong", "LA"),
    lang="en",
    day="2024-09-03",
    place=("Hanoi", "VN"),
)


def test_one_meeting_in_two_languages_is_one_event() -> None:
    assert same(VN, EN)
    assert groups([VN, EN]) == ((VN, EN),)


def test_the_same_two_ministers_seven_weeks_later_are_another_event() -> None:
    later = record(
        3,
        "Minister Nguyen Van Hoa met Somchit Phommavong again in Hanoi.",
        ("Nguyen Van Hoa", "VN"),
        ("Somchit Phommavong", "LA"),
        lang="en",
        day="2024-10-22",
        place=("Hanoi", "VN"),
    )
    assert not same(EN, later)
    assert not same(VN, later)


def test_a_day_without_its_year_meets_that_day_of_a_year_and_none_far_from_it() -> None:
    assert same(VN, EN)
    assert not same(record(4, VN.headline.text, ("Nguyễn Văn Hoà", "VN"), day="XXXX-09-12"), EN)


def test_a_host_who_receives_two_guests_on_one_day_has_two_meetings() -> None:
    guest = record(
        5,
        "Minister Nguyen Van Hoa received Cambodia's Chan Sopheak in Hanoi on September 3.",
        ("Nguyen Van Hoa", "VN"),
        ("Chan Sopheak", "KH"),
        lang="en",
        day="2024-09-03",
        place=("Hanoi", "VN"),
    )
    assert not same(EN, guest)


def test_a_call_is_no_meeting_of_the_same_two() -> None:
    call = record(
        12, "Nguyen Van Hoa spoke by telephone with Somchit Phommavong.", ("Nguyen Van Hoa", "VN"),
        ("Somchit Phommavong", "LA"), kind="call", lang="en", published="2024-09-03",
    )  # fmt: skip
    meeting = record(
        13, "Nguyen Van Hoa met Somchit Phommavong.", ("Nguyen Van Hoa", "VN"), ("Somchit Phommavong", "LA"),
        lang="en", published="2024-09-04",
    )  # fmt: skip
    assert not same(call, meeting)


def test_undated_reports_that_were_published_a_week_apart_are_two_events() -> None:
    persons = ("Nguyen Van Hoa", "VN"), ("Somchit Phommavong", "LA")
    one = record(14, "Nguyen Van Hoa met Somchit Phommavong.", *persons, lang="en", published="2024-09-03")
    next_day = record(15, one.headline.text, *persons, lang="en", published="2024-09-04")
    later = record(16, one.headline.text, *persons, lang="en", published="2024-09-10")
    assert same(one, next_day)
    assert not same(one, later)


def test_a_hanzi_name_and_its_vietnamese_reading_are_one_person() -> None:
    chinese = record(
        6, "10月1日，王林在芒街与谢友义举行会谈。", ("王林", "CN"), ("谢友义", "VN"), lang="zh", day="XXXX-10-01",
        place=("芒街", "VN"),
    )  # fmt: skip
    vietnamese = record(
        7, "Ngày 1/10, ông Tạ Hữu Nghĩa hội đàm với ông Vương Lâm tại Móng Cái.", ("Tạ Hữu Nghĩa", "VN"),
        ("Vương Lâm", "CN"), day="2024-10-01", place=("Móng Cái", "VN"),
    )  # fmt: skip
    assert same(chinese, vietnamese)


def test_an_attack_and_the_statement_about_it_stay_apart() -> None:
    attack = record(
        8, "Gunmen attacked a convoy near Gao.", kind="attack", lang="en", day="2024-09-14", place=("Gao", "ML")
    )
    statement = record(
        9, "The spokesperson condemned the attack on a convoy near Gao.", ("Đoàn Khánh Vân", "VN"), kind="statement",
        lang="en", day="2024-09-15", place=("Gao", "ML"),
    )  # fmt: skip
    assert not same(attack, statement)


def test_the_records_of_one_article_are_not_linked_but_where_they_are_plainly_one() -> None:
    twice = Event(**{**{name: getattr(EN, name) for name in EN.__slots__}, "id": "a00002#2", "records": ("a00002#2",)})
    other = Event(**{**{name: getattr(twice, name) for name in EN.__slots__}, "date": None})
    assert same(EN, twice)
    assert not same(EN, other)


def test_an_embedding_may_decide_what_the_words_leave_open() -> None:
    one = record(10, "Hai bên bàn việc nối lại đường bay.", ("Aino Lehtonen", "FI"), kind="aid")
    other = record(11, "Flights will be taken up again.", ("Aino Lehtonen", "FI"), kind="aid", lang="en")
    assert not same(one, other)
    assert same(one, other, near=lambda first, second: 1.0)


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_records_come_makes_no_difference(chance: random.Random) -> None:
    shuffled = list(gold())
    chance.shuffle(shuffled)
    links = Links()
    for each in shuffled:
        links.add(each)
        links.add(each)
    assert groups(shuffled) == links.groups() == groups(gold())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_linking_is_symmetric_and_what_it_links_shares_a_key(data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(gold())), data.draw(st.sampled_from(gold()))
    assert same(one, other) == same(other, one)
    if same(one, other):
        assert keys(one) & keys(other)


def test_the_place_of_one_record_that_the_other_only_names_weighs_the_same_either_way() -> None:
    for one in gold()[::3]:
        for other in gold()[::3]:
            bare = replace(other, place=None)
            assert evidence(one, bare) == pytest.approx(evidence(bare, one))


def test_the_groups_are_the_connected_components_of_same() -> None:
    of = {each.id: number for number, group in enumerate(groups(gold())) for each in group}
    linked = [(one, other) for one in gold() for other in gold() if same(one, other)]
    assert all(of[one.id] == of[other.id] for one, other in linked)
    for group in groups(gold()):
        reached = {group[0].id}
        for _ in group:
            reached |= {other.id for one, other in linked if one.id in reached}
        assert reached == {each.id for each in group}


def _invented(count: int) -> list[Event]:
    """Two reports each of many meetings, of 400 persons, on the days of a year."""
    chance = random.Random(5)
    syllables = [a + b for a in "b d k l m n p r s t v z".split() for b in "a e i o u an or el is um".split()]
    people = [" ".join("".join(chance.choices(syllables, k=3)).title() for _ in range(2)) for _ in range(400)]
    matters = ["".join(chance.choices(syllables, k=3)) for _ in range(3_000)]
    found = []
    for number in range(count):
        day = date(2024, 1, 1) + timedelta(days=chance.randrange(366))
        one, other = chance.sample(people, 2)
        told = " ".join(chance.choices(matters, k=8))
        money = chance.randrange(2, 900)
        for copy in range(2):
            found.append(
                record(
                    number * 2 + copy,
                    f"{one} met {other} on {told} for {money} million dollars.",
                    (one, "VN"),
                    (other, "FI"),
                    lang="en",
                    day=day.isoformat() if chance.random() < 0.9 else None,
                    published=(day + timedelta(days=copy)).isoformat(),
                    figure=(f"{money} million dollars", str(money * 10**6), "USD"),
                )
            )
    return found


def test_invented_meetings_are_told_apart() -> None:
    found = groups(_invented(300))
    assert len(found) == 300
    assert all(len(group) == 2 for group in found)


@pytest.mark.slow
def test_ten_thousand_records_are_linked_in_seconds() -> None:
    records = _invented(5_000)
    begun = time.perf_counter()
    found = groups(records)
    assert time.perf_counter() - begun < 20
    assert len(found) > 4_900


def test_without_a_day_one_shared_name_does_not_make_two_records_one_event() -> None:
    quota = "The fisheries quota talks in Helsinki broke off after the third round of bargaining over herring."
    two = quota.replace("after", "at the Kalevala centre after")
    day, place = "2024-05-03", ("Helsinki", "FI")

    def both(text: str, **facts: Any) -> bool:
        one, other = (record(n, text, kind="conference", lang="en", place=place, **facts) for n in (1, 2))
        assert evidence(one, other) > 3.6
        return same(one, other)

    assert both(quota, day=day)
    assert not both(quota)
    assert both(two)
