"""What a briefing says, in which order, and how it is written."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import gold_events
from rag.brief_html import brief_html
from rag.brief_labels import LANGS, day_words, label, table
from rag.briefing import briefing, rank
from rag.cite import cite
from rag.domain import Article, Briefing, Event, EventDate, EventPlace, Fact, LeftOut, Participant, Source, Statement
from rag.errors import InputError
from rag.render_brief import brief_json, brief_markdown, every_statement

TEXT = (
    "Bên lề hội nghị tại Jakarta ngày 13/7, Ngoại trưởng Nga Sergei Lavrov gặp Ủy viên Bộ Chính trị Vương Nghị. "
    "Hai bên nhất trí mở rộng hợp tác. Ông Lavrov nói: <b>hợp tác</b> [1] là *cần thiết*."
)
SOURCE = Source("a1", "a1.txt", "0", outlet="Báo Mẫu", title="Lavrov gặp Vương Nghị", lang="vi", url="https://m.vn/1")
ARTICLE = Article(SOURCE, TEXT)


def span(words: str) -> tuple[int, int]:
    return TEXT.index(words), TEXT.index(words) + len(words)


def meeting() -> Event:
    date_, place, told = cite(ARTICLE, *span("13/7")), cite(ARTICLE, *span("Jakarta")), cite(ARTICLE, 0, 106)
    lavrov, wang = cite(ARTICLE, *span("Sergei Lavrov")), cite(ARTICLE, *span("Vương Nghị"))
    agreed = cite(ARTICLE, *span("mở rộng hợp tác"))
    return Event(
        id="a1#1",
        kind="meeting",
        lang="vi",
        headline=Fact(told.quote, (told,)),
        sources=(SOURCE,),
        date=EventDate("XXXX-07-13", "13/7", date_),
        place=EventPlace("Jakarta", "ID", place),
        participants=(
            Participant("Sergei Lavrov", (), "Ngoại trưởng Nga", "RU", 1, (lavrov,)),
            Participant("Vương Nghị", (), "Ủy viên Bộ Chính trị", "CN", 2, (wang,)),
        ),
        agreed=(Fact(agreed.quote, (agreed,)),),
        records=("a1#1",),
    )


def one(event: Event, lang: str = "en") -> Briefing:
    return briefing([event], period=("2023-07-14", "2023-07-14"), compared=("2023-07-13", "2023-07-13"), lang=lang)


@cache
def gold() -> list[Event]:
    """The gold records of the invented articles, of eight languages' worth of trouble."""
    return sorted(gold_events.events("synthetic").values(), key=lambda event: event.id)


def test_the_lead_says_who_what_where_when_and_quotes_what_was_agreed() -> None:
    (told,) = one(meeting()).lead
    assert told.text == (
        "Meeting of Sergei Lavrov (Foreign Minister, Russia) and Vương Nghị (Ủy viên Bộ Chính trị, China) in Jakarta, "
        "Indonesia, on 13 July (year not stated) - agreed: “mở rộng hợp tác”."
    )
    assert {citation.quote for citation in told.citations} >= {"mở rộng hợp tác"}


def test_a_vietnamese_briefing_is_vietnamese() -> None:
    (told,) = one(meeting(), "vi").lead
    assert told.text == (
        "Cuộc gặp giữa Sergei Lavrov (Ngoại trưởng Nga) và Vương Nghị (Ủy viên Bộ Chính trị, Trung Quốc) tại Jakarta, "
        "Indonesia ngày 13/7 (không ghi năm) - thỏa thuận: “mở rộng hợp tác”."
    )


def test_an_implied_year_is_told_apart_from_the_date() -> None:
    event = meeting()
    assert event.date
    implied = replace(event, date=replace(event.date, implied_year="2023", implied_by=event.headline.citations[0]))
    assert "13 July (year not stated; the article implies 2023)" in one(implied).lead[0].text


def test_what_no_article_states_is_not_said() -> None:
    bare = replace(meeting(), date=None, place=None, participants=(), agreed=())
    (told,) = one(bare).lead
    assert told.text.startswith("Meeting - “Bên lề hội nghị")
    assert "Not stated: date, place, who took part, what was agreed" in brief_markdown(one(bare))


@pytest.mark.parametrize("lang", LANGS)
def test_every_kind_has_its_words_in_each_language(lang: str) -> None:
    for kind in table()["kinds"]:
        event = replace(meeting(), kind=kind)
        for each in (event, replace(event, participants=()), replace(event, place=None, date=None)):
            (told,) = one(each, lang).lead
            assert "{" not in told.text
            assert told.citations
        assert label(lang, "kinds", kind) in brief_markdown(one(event, lang))


def test_an_article_with_a_greater_office_comes_first_and_ties_are_settled_by_the_day() -> None:
    head = replace(meeting(), id="z#1", records=("z#1",), participants=(
        Participant("A B", (), "President", "US", 1, meeting().participants[0].citations),), agreed=())  # fmt: skip
    clerk = replace(head, id="a#1", records=("a#1",), participants=(
        Participant("A B", (), "clerk", "US", 1, head.participants[0].citations),))  # fmt: skip
    found = briefing([clerk, head], period=("2023-07-14",) * 2, link=lambda every: [[e] for e in every])
    assert [told.event.id for told in found.events] == ["z#1", "a#1"]
    assert dict(found.events[0].counted)["rank"] == 5
    twins = [replace(head, id=f"{letter}#1", records=(f"{letter}#1",)) for letter in "cab"]
    ordered = briefing(twins, period=("2023-07-14",) * 2, link=lambda every: [[e] for e in every])
    assert [told.event.id for told in ordered.events] == ["a#1", "b#1", "c#1"]


@pytest.mark.parametrize(
    ("role", "lang", "least", "most"),
    [
        ("Tổng thống Pháp", "vi", 5, 5),
        ("Russian Foreign Minister", "en", 4, 4),
        ("Bộ trưởng Nông nghiệp", "vi", 3, 3),
        ("Thứ trưởng Nông nghiệp", "vi", 2, 3),
        ("Deputy Agriculture Minister", "en", 2, 3),
        ("nông dân", "vi", 1, 1),
    ],
)
def test_the_rank_of_an_office(role: str, lang: str, least: float, most: float) -> None:
    person = Participant("A B", (), role, None, None, ())
    assert least <= rank(person, lang) <= most


def test_a_sentence_without_end_is_quoted_in_part() -> None:
    endless = Article(SOURCE, "Hai bên hội đàm " + "rất lâu " * 20_000)
    told = cite(endless, 0, len(endless.text))
    event = replace(meeting(), headline=Fact(told.quote, (told,)), agreed=(Fact(told.quote, (told,)),))
    found = one(event)
    assert max(len(statement.text) for statement in every_statement(found)) < 2_000
    assert len(brief_markdown(found)) < 10_000
    assert len(brief_html(found)) < 20_000


def test_a_day_without_news_says_so_and_what_is_no_longer_told() -> None:
    found = briefing([], [meeting()], period=("2023-07-14",) * 2, compared=("2023-07-13",) * 2)
    text = brief_markdown(found)
    assert "No news" in text
    assert "## No longer told" in text
    assert "Lavrov" in text
    assert "Không có tin" in brief_markdown(replace(found, lang="vi", dropped=()))


def test_articles_left_out_are_told_with_the_reason() -> None:
    yearless = replace(SOURCE, id="b", published="XXXX-07-14", title="Không ghi năm")
    left = [LeftOut(yearless, "no stated year"), LeftOut(SOURCE, "duplicate", yearless), LeftOut(SOURCE, "no event")]
    text = brief_markdown(briefing([], period=("2023-07-14",) * 2, left_out=left))
    assert "states 14 July and no year" in text
    assert "a version of “Không ghi năm”" in text or "a version of Báo Mẫu, “Không ghi năm”" in text
    assert "tells no event" in text


def test_another_language_is_refused_with_the_remedy() -> None:
    with pytest.raises(InputError, match="en or vi"):
        briefing([], period=("2023-07-14",) * 2, lang="fr")


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_the_records_does_not_matter(data: st.DataObject) -> None:
    every = gold()
    now = data.draw(st.lists(st.sampled_from(every), max_size=12, unique_by=lambda event: event.id))
    before = data.draw(st.lists(st.sampled_from(every), max_size=8, unique_by=lambda event: event.id))
    lang = data.draw(st.sampled_from(LANGS))
    days = {"period": ("2024-09-15",) * 2, "compared": ("2024-09-14",) * 2, "lang": lang}
    one_way = briefing(now, before, **days)  # type: ignore[arg-type]
    other_way = briefing(
        data.draw(st.permutations(now)),
        data.draw(st.permutations(before)),
        **days,  # type: ignore[arg-type]
    )
    assert one_way == other_way
    assert brief_markdown(one_way) == brief_markdown(other_way)
    assert len(one_way.lead) <= 5
    assert all(statement.citations for statement in every_statement(one_way))
    assert {told.event.id for told in one_way.events} >= set(one_way.new)
    assert _quotes_are_verbatim(one_way)


def _quotes_are_verbatim(found: Briefing) -> bool:
    """Whether what stands in quotation marks stands in the quotes that are cited, dots at a cut aside."""
    return all(_verbatim(statement) for statement in every_statement(found))


def _verbatim(statement: Statement) -> bool:
    cited = " ".join(" ".join(citation.quote.split()) for citation in statement.citations)
    said = re.findall(r"“([^“”]+)”", statement.text)
    return all(part.strip() in cited for words in said for part in words.split("...") if len(part) > 40)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_is_told_without_what_is_not_stated(one: date) -> None:
    for lang in LANGS:
        words = day_words(f"XXXX-{one:%m-%d}", lang)
        assert str(one.day) in words
        assert not re.search(r"\d{4}", words)
        assert str(one.year) in day_words(one.isoformat(), lang)


def test_an_interval_within_a_month_names_the_month_once() -> None:
    assert day_words("2024-09-09/2024-09-11", "en") == "9-11 September 2024"
    assert day_words("2024-09-09/2024-09-11", "vi") == "9-11/9/2024"
    assert day_words("2024-09", "vi") == "tháng 9/2024"


class _Page(HTMLParser):
    """The elements of a page, its links and its ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        told = dict(attrs)
        self.ids |= {told["id"] or ""} if "id" in told else set()
        self.links += [told["href"] or ""] if "href" in told else []


def test_the_page_needs_nothing_else_and_article_text_is_no_markup() -> None:
    said = cite(ARTICLE, *span("<b>hợp tác</b> [1] là *cần thiết*"))
    hostile = replace(meeting(), next_steps=(Fact(said.quote, (said,)),))
    page = _Page(brief_html(one(hostile)))
    assert not {"script", "img", "link", "iframe", "b"} & set(page.tags)
    assert {"header", "main", "footer", "section", "article", "h1", "h2", "h3"} <= set(page.tags)
    assert all(link.startswith("#") or link == SOURCE.url for link in page.links)
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
    assert "\\<b\\>hợp tác\\</b\\> \\[1\\] là \\*cần thiết\\*" in brief_markdown(one(hostile))


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    event = meeting()
    source = replace(SOURCE, url="javascript:alert(1)")
    event = replace(event, headline=Fact(event.headline.text, (replace(event.headline.citations[0], source=source),)))
    assert "javascript" not in brief_html(one(event))
    assert "javascript" not in brief_markdown(one(event))


def test_the_json_has_the_documented_keys_and_a_day_only_where_it_is_given() -> None:
    found = one(meeting())
    told = json.loads(json.dumps(brief_json(found)))
    assert set(told) == {
        "version", "period", "compared", "lang", "lead", "events", "new", "changed", "contradicted", "dropped",
        "undated", "left_out", "articles_seen", "weights", "notices", "mode", "model", "rejected", "usage", "prompts",
    }  # fmt: skip
    assert told["new"] == ["a1#1"]
    assert brief_json(found, generated="2023-07-15")["generated"] == "2023-07-15"
    assert "15 July 2023" in brief_markdown(found, generated="2023-07-15")


def test_an_event_that_is_told_again_without_a_change_is_neither_new_nor_changed() -> None:
    again = replace(meeting(), id="a2#1", records=("a2#1",))
    yesterday = (date(2023, 7, 14) - timedelta(1)).isoformat()
    found = briefing(
        [meeting()],
        [again],
        period=("2023-07-14",) * 2,
        compared=(yesterday, yesterday),
        link=lambda every: [list(every)],
    )
    assert not found.new
    assert not found.changed
    assert not found.dropped
    assert "new" not in dict(found.events[0].counted)
