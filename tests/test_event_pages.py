"""Events a page at a time are the events that are wanted, in an order that holds from page to page."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.desk import Desk, open_desk
from rag.domain import Article, Source
from rag.event_cards import card_html
from rag.event_pages import ORDERS, Order
from rag.events import extract
from rag.recorded import Linking, Wanted, row
from rag.store import Entry, FileRecord, Store
from rag.ui_events import DRAWN, shown
from rag.ui_events_meetings import meetings_html
from rag.ui_events_table import table_html
from rag.ui_events_timeline import timeline_html
from rag.ui_words import Words

DAYS = ("2023-10-03", "2023-09-12", "2023-10-24", "2022-01-05")
HOSTILE = '<script>alert(1)</script><a href="x" onclick=alert(2)>'


def telling(number: int, day: str, name: str, place: str) -> Article:
    year, month, date = day.split("-")
    text = (
        f"Ngày {int(date)}/{int(month)}/{year}, tại {place}, Bộ trưởng Ngoại giao {name} đã hội đàm với "
        f"Ngoại trưởng Nga Sergei Lavrov.\nHai bên nhất trí ký {number + 2} văn kiện."
    )
    return Article(
        Source(f"a{number:03}", f"{number}.txt", str(number), outlet=f"Báo {number} {HOSTILE}", lang="vi"), text
    )


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    path = tmp_path_factory.mktemp("pages") / "store"
    articles = [
        *(telling(n, day, "Nguyễn Văn Thành", "Hà Nội") for n, day in enumerate(DAYS)),
        telling(4, "2023-10-24", "Nguyễn Văn Thành", "Hà Nội"),
        Article(
            Source("a005", "5.txt", "5", lang="vi"),
            "Ngày 13/7, tại Jakarta, Bộ trưởng Ngoại giao Trần Minh Khôi đã gặp Ngoại trưởng Nga Sergei Lavrov.",
        ),
    ]
    with Store.open(path, create=True, embedder="none", dimension=1) as store:
        entries = [Entry(one, (), (), {}, records=tuple(map(row, extract(one)))) for one in articles]
        store.commit(FileRecord("all.jsonl", 1, 0, "0"), entries, link=Linking(store))
    return open_desk(store=Path(path))


def test_a_page_tells_the_same_events_as_the_whole_list(stored: Desk) -> None:
    whole = stored.events(Wanted()).events
    page = stored.events_page(Wanted())
    assert page.total == len(whole) == len(page.events)
    assert {event.id for event in page.events} == {event.id for event in whole}
    dates = [event.date.edtf for event in page.events if event.date and event.date.edtf]
    assert dates == ["2023-10-24", "2023-10-03", "2023-09-12", "2022-01-05", "XXXX-07-13"]
    assert page.undated == 1


@given(order=st.sampled_from(ORDERS), limit=st.integers(1, 7))
@settings(deadline=None, max_examples=25)
def test_pages_of_any_length_put_together_are_the_whole_in_every_order(stored: Desk, order: Order, limit: int) -> None:
    whole = stored.events_page(Wanted(), order=order).events
    parts = [
        event
        for offset in range(0, len(whole), limit)
        for event in stored.events_page(Wanted(), order=order, limit=limit, offset=offset).events
    ]
    assert tuple(parts) == whole
    if order == "sources":
        assert all(len(one.sources) >= len(other.sources) for one, other in pairwise(whole))


def test_an_event_whose_year_nobody_states_stands_behind_those_of_the_period_that_it_may_be_of(stored: Desk) -> None:
    july = stored.events_page(Wanted(since="2023-07"), order="newest")
    assert [event.date.edtf for event in july.events if event.date] == [
        "2023-10-24",
        "2023-10-03",
        "2023-09-12",
        "XXXX-07-13",
    ]
    october = stored.events_page(Wanted(since="2023-10", until="2023-10"))
    assert (october.total, october.undated) == (2, 0)


def test_persons_are_met_across_spellings_and_the_count_is_exact_where_few_are_asked_for(stored: Desk) -> None:
    page = stored.events_page(Wanted(people=("Tran Minh Khoi",)))
    assert (page.total, page.exact) == (1, True)
    assert page.events[0].participants


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_what_articles_say_is_text_in_every_view(stored: Desk, lang: str) -> None:
    say = Words(lang)
    told = stored.events_page(Wanted()).events
    views = [table_html(told, say, caption=HOSTILE), timeline_html(told, say), meetings_html(told, say)]
    for html in (*views, *(card_html(event, say) for event in told)):
        assert html
        assert "<script" not in html
        assert "<a href" not in html
        assert html.count('href="') == html.count('href="#source-')


def test_a_card_tells_that_a_year_is_unknown_and_what_no_article_states(stored: Desk) -> None:
    event = stored.events_page(Wanted(people=("Tran Minh Khoi",))).events[0]
    assert event.date is not None
    card = card_html(event, Words("vi"))
    assert "13&#47;7 &#40;không rõ năm&#41;" in card
    assert "Không nêu" in card
    assert f"#source-a005&#45;{event.date.citation.start}&#45;{event.date.citation.end}" in card


def test_each_view_is_drawn_and_nothing_found_says_what_to_try(stored: Desk) -> None:
    say = Words("en")
    wanted = Wanted(background=False)
    assert shown(stored, say, wanted, view="table", order="newest").html.count("<tbody>") == 5
    assert shown(stored, say, wanted, view="timeline", order="newest").html.count("<rect") == 5 < DRAWN
    assert "events." not in shown(stored, say, wanted, view="met", order="newest").html
    nothing = shown(stored, say, Wanted(since="1999", until="2000", kinds=("attack",)), view="table", order="newest")
    assert say("events.nothing").split(".")[0] in nothing.html
