"""What has become of the events of the day before."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from rag.changes import Pair, differences, pairs
from rag.cite import cite
from rag.domain import Article, Citation, Conflict, Event, EventFigure, Fact, Source

DAYS = ("2024-09-14", "2024-09-15")


def record(text: str, *, day: int, lang: str = "en", kind: str = "attack", figure: str = "", number: int = 1) -> Event:
    article = f"{day}{abs(hash_of(text)):06x}"
    source = Source(article, f"{article}.txt", "0", lang=lang, published=DAYS[day], title=text[:20])
    whole = Article(source, text)
    found = cite(whole, 0, len(text))
    figures: tuple[EventFigure, ...] = ()
    if figure:
        at = text.index(figure)
        figures = (EventFigure(figure, "1", None, None, (cite(whole, at, at + len(figure)),)),)
    return Event(
        id=f"{article}#{number}",
        kind=kind,  # type: ignore[arg-type]
        lang=lang,
        headline=Fact(text, (found,)),
        sources=(source,),
        figures=figures,
        records=(f"{article}#{number}",),
    )


def hash_of(text: str) -> int:
    return sum(ord(char) * (at + 7) for at, char in enumerate(text)) % 999_983


def together(found: Iterable[Event]) -> list[list[Event]]:
    """All records are one event."""
    return [list(found)]


def apart(found: Iterable[Event]) -> list[list[Event]]:
    return [[one] for one in found]


def merge(group: Sequence[Event]) -> Event:
    """The records with their figures against one another."""
    values = tuple((f.text, f.citations[0]) for one in group for f in one.figures)
    conflicts = (Conflict("figure", values),) if len(values) > 1 else ()
    return replace(
        group[0],
        sources=tuple(source for one in group for source in one.sources),
        conflicts=conflicts,
        background=all(one.background for one in group),
    )


def told(now: list[Event], before: list[Event]) -> Pair:
    (pair,) = pairs(now, before, link=together, merge=merge)
    return pair


def test_an_event_that_only_today_tells_is_new_and_one_that_only_yesterday_told_is_dropped() -> None:
    today, yesterday = record("A convoy was hit.", day=1), record("A minister resigned.", day=0)
    found = pairs([today], [yesterday], link=apart, merge=merge)
    assert {(pair.both.id, pair.new, pair.dropped) for pair in found} == {
        (today.id, True, False),
        (yesterday.id, False, True),
    }


def test_a_mention_keeps_an_event_from_being_dropped_and_is_not_told_itself() -> None:
    mention = replace(record("The day before, a convoy was hit.", day=1), background=True)
    pair = told([mention], [record("A convoy was hit.", day=0)])
    assert not pair.told
    assert not pair.dropped
    assert not pair.new


def test_what_was_only_mentioned_yesterday_is_new_when_it_is_told() -> None:
    mention = replace(record("He will meet the envoy.", day=0), background=True)
    assert told([record("He met the envoy.", day=1)], [mention]).new


@pytest.mark.parametrize(
    ("before", "now", "because"),
    [
        (("A bomb went off, killing 11 people.", "killing 11 people", "en"),
         ("The toll has risen to 14.", "risen to 14", "en"), "said to be later"),
        (("Vụ va chạm làm 2 người mất tích.", "2 người mất tích", "vi"),
         ("Hiện 1 người mất tích, 18 người được cứu.", "1 người mất tích", "vi"), "toll"),
        (("Nobody has claimed the attack on 1 convoy.", "Nobody has claimed the attack on 1 convoy", "en"),
         ("The Banner claimed the attack on 2 convoys.", "The Banner claimed the attack on 2 convoys", "en"),
         "open before"),
        (("9 tàu cá bị cấm.", "9 tàu cá", "vi"), ("Eleven vessels were banned.", "Eleven vessels", "en"), ""),
        (("It costs 95 ringgit.", "95 ringgit", "en"), ("Giá vé 110 ringgit.", "110 ringgit", "vi"), ""),
    ],
)  # fmt: skip
def test_later_news_is_told_from_a_contradiction(
    before: tuple[str, str, str], now: tuple[str, str, str], because: str
) -> None:
    kind = "sanction" if not because else "attack"
    yesterday = record(before[0], day=0, figure=before[1], lang=before[2], kind=kind)
    today = record(now[0], day=1, figure=now[1], lang=now[2], kind=kind)
    (difference,) = differences(told([today], [yesterday]))
    assert difference.because == because
    assert [value for value, _ in difference.before] == [before[1]]
    assert [value for value, _ in difference.now] == [now[1]]


def test_the_same_value_in_another_language_is_no_difference() -> None:
    yesterday = record("Eleven vessels were banned.", day=0, figure="Eleven vessels")
    today = record("11艘渔船被禁。", day=1, figure="11艘", lang="zh")
    assert not list(differences(told([today], [yesterday])))


def test_what_two_articles_of_one_day_disagree_on_is_no_difference_between_the_days() -> None:
    one, other = record("9 ships.", day=1, figure="9 ships"), record("8 ships went.", day=1, figure="8 ships")
    assert not list(differences(told([one, other], [record("Ships were named.", day=0)])))


def test_a_record_of_both_periods_counts_for_the_later_one() -> None:
    one = record("A convoy was hit.", day=1)
    (pair,) = pairs([one], [one], link=apart, merge=merge)
    assert pair.new
    assert pair.before is None


def test_citations_of_a_difference_are_those_of_the_records() -> None:
    yesterday = record("It costs 95 ringgit.", day=0, figure="95 ringgit")
    today = record("Giá vé 110 ringgit.", day=1, figure="110 ringgit", lang="vi")
    (difference,) = differences(told([today], [yesterday]))
    cited: list[Citation] = [citation for _, citation in (*difference.before, *difference.now)]
    assert {citation.source.id for citation in cited} == {*today.articles, *yesterday.articles}
