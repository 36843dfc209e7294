"""Events in the store: read at ingest, linked as they come, found again by day, person, country and outlet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented import entry, open_store, record

from eval import gold_events
from rag import event_json, near, recorded
from rag.catalogue import BEFORE, VERSION
from rag.cite import cite
from rag.domain import Event, EventDate, Fact, Participant
from rag.errors import InputError
from rag.event_rows import Record, Window
from rag.event_traits import When, packed, traits, unpacked
from rag.ingesting import tell
from rag.links import days_apart, groups
from rag.recorded import Linking, Wanted
from rag.store import Entry, FileRecord, Store

GOLD = gold_events.events("seeds") | gold_events.events("synthetic")
ARTICLES = {
    article.id: article for corpus in ("seeds", "synthetic") for article in gold_events.articles(corpus).values()
}
ALONE = [
    one
    for place, one in enumerate(sorted(ARTICLES))
    if not any(near.near(ARTICLES[one].text, ARTICLES[other].text) for other in sorted(ARTICLES)[:place])
][:20]
PAIR = {"vi01_busan_pin.txt", "en01_busan_battery.txt"}


def gold_of(article: str) -> list[Event]:
    """The gold records of an article, those of a copy of it left out."""
    return list({event.id: event for event in GOLD.values() if event.articles == (article,)}.values())


def ids_of(names: set[str]) -> list[str]:
    return [article.id for (name, _), article in gold_events.articles("synthetic").items() if name in names]


def dumped(events: Sequence[Event]) -> list[str]:
    """Events with all but their sources."""
    return [event_json.dumped(event) for event in events]


def put(store: Store, articles: Sequence[str]) -> None:
    """Articles with their gold records, each from a file of its own."""
    linking = Linking(store)
    for article in articles:
        records = tuple(recorded.row(event) for event in gold_of(article))
        whole = Entry(ARTICLES[article], (), (), {}, records=records)
        store.commit(FileRecord(f"{article}.txt", 1, 0, article), [whole], link=linking)


def told(text: str, *, name: str, edtf: str | None, words: str, country: str = "VN", **facts: str | None) -> Entry:
    """An invented article with one record: a visit of that person on that day."""
    made = entry(text, **facts)  # type: ignore[arg-type]
    article = made.article
    whole, at, on = (cite(article, *_span(text, part)) for part in (text.split("\n")[0], name, words))
    event = Event(
        id=f"{article.id}#1",
        kind="visit",
        lang=article.source.lang or "vi",
        headline=Fact(whole.quote, (whole,)),
        sources=(article.source,),
        date=EventDate(edtf, words, on),
        participants=(Participant(name, (), None, country, None, (at,)),),
        records=(f"{article.id}#1",),
    )
    return Entry(article, (), (), {}, records=(recorded.row(event),))


def _span(text: str, part: str) -> tuple[int, int]:
    return text.index(part), text.index(part) + len(part)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as made:
        yield made


@pytest.fixture
def visits(store: Store) -> Store:
    """Visits of one minister on a day, in a month and on a day without a year; and of another."""
    rows = (
        ("Bộ trưởng Bùi Thanh Sơn thăm Viêng Chăn ngày 24/10/2023.", "Bùi Thanh Sơn", "2023-10-24", "24/10/2023", "VN"),
        ("Tháng 10/2023 ông Bùi Thanh Sơn còn thăm một nước nữa.", "Bùi Thanh Sơn", "2023-10", "Tháng 10/2023", "VN"),
        ("Ngày 24/10, Bộ trưởng Bùi Thanh Sơn thăm thủ đô nước bạn.", "Bùi Thanh Sơn", "XXXX-10-24", "24/10", "VN"),
        ("Ngày 3/5, Bộ trưởng Bùi Thanh Sơn thăm một tỉnh phía Bắc.", "Bùi Thanh Sơn", "XXXX-05-03", "3/5", "VN"),
        ("Wang Yi visited the port from 22 to 26 October 2023.", "Wang Yi", "2023-10-22/2023-10-26", "22 to 26", "CN"),
    )
    for number, (text, name, edtf, words, country) in enumerate(rows):
        made = told(text, name=name, edtf=edtf, words=words, country=country, path=f"{number}.txt", published=None)
        store.commit(record(f"{number}.txt", text), [made])
    return store


@pytest.mark.parametrize("event", list(GOLD.values())[::7], ids=lambda event: event.id)
def test_a_record_comes_back_from_json_as_it_was_with_its_quotes(event: Event) -> None:
    article = ARTICLES[event.sources[0].id]
    written = event_json.dumped(event)
    back = event_json.loaded(written, cite=lambda start, end: cite(article, start, end), sources=event.sources)
    assert event_json.dumped(back) == written
    assert [c.quote for one in back.participants for c in one.citations] == [
        c.quote for one in event.participants for c in one.citations
    ]
    assert back.headline.text == event.headline.text


def test_an_event_of_several_articles_is_not_stored() -> None:
    one, *_, other = GOLD.values()
    both = Event(one.id, one.kind, one.lang, one.headline, (*one.sources, *other.sources))
    with pytest.raises(ValueError, match="several articles"):
        event_json.packed(both)


def test_the_records_of_an_article_come_back_from_the_store(store: Store) -> None:
    articles = list(ARTICLES)[:12]
    put(store, articles)
    expected = [event for article in sorted(articles) for event in gold_of(article)]
    assert dumped(recorded.records(store)) == dumped(expected)
    assert dumped(recorded.records(store, articles=articles[:1])) == dumped(gold_of(articles[0]))
    for event in recorded.records(store):
        for citation in event.headline.citations:
            assert citation.quote == store.article(event.articles[0]).text[citation.start : citation.end]


def test_a_vietnamese_and_an_english_article_tell_one_event(store: Store) -> None:
    put(store, ids_of(PAIR))
    (event,) = recorded.linked(store, wanted=Wanted(people=("Park Jin-ho",)))
    assert len(event.articles) == len(event.records) == 2
    assert {citation.source.id for one in event.participants for citation in one.citations} == set(event.articles)
    (over,) = recorded.linked(store, wanted=Wanted(people=("Trần Đức Hòa",), langs=("en",)))
    assert over == event


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(ALONE), again=st.sampled_from(ALONE))
def test_the_order_of_ingest_and_what_went_and_came_again_make_no_difference(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], again: str
) -> None:
    with open_store(tmp_path_factory.mktemp("one")) as store:
        put(store, order)
        found = recorded.linked(store)
        assert {event.records for event in found} == {
            tuple(sorted(record.id for record in group)) for group in groups(recorded.records(store))
        }
        store.delete(again)
        without = recorded.linked(store)
        assert all(again not in event.articles for event in without)
        put(store, [again])
        assert recorded.linked(store) == found
    with open_store(tmp_path_factory.mktemp("other")) as store:
        put(store, sorted(order))
        assert recorded.linked(store) == found


def test_a_further_source_of_an_article_is_one_of_its_events(store: Store) -> None:
    (article,) = ids_of({"vi01_busan_pin.txt"})
    put(store, [article])
    store.commit(FileRecord("copy.txt", 1, 0, "copy"), [Entry(ARTICLES[article], (), (), {})])
    assert len(store.sources(article)) == 2
    assert all(event.sources == store.sources(article) for event in recorded.records(store))
    assert all(set(event.sources) == set(store.sources(article)) for event in recorded.linked(store))


def test_a_day_gives_its_events_and_says_how_many_may_be_its(visits: Store) -> None:
    found = recorded.happened(visits, wanted=Wanted(since="2023-10-24", until="2023-10-24"))
    assert [event.date.edtf for event in found.events if event.date] == ["2023-10-22/2023-10-26", "2023-10-24"]
    assert found.undated == 2  # the month, and the day without a year; not the third of May


def test_a_month_holds_what_states_the_month(visits: Store) -> None:
    found = recorded.happened(visits, wanted=Wanted(since="2023-10", until="2023-10"))
    assert len(found.events) == 3
    assert found.undated == 1


def test_without_a_period_those_without_a_year_stand_last(visits: Store) -> None:
    found = recorded.happened(visits)
    assert [event.date.edtf for event in found.events if event.date][-2:] == ["XXXX-05-03", "XXXX-10-24"]
    assert (len(found.events), found.undated, found.unread) == (5, 0, 0)


@pytest.mark.parametrize("name", ["Bùi Thanh Sơn", "Bui Thanh Son", "裴青山"])
def test_a_person_is_met_across_scripts(visits: Store, name: str) -> None:
    found = recorded.happened(visits, wanted=Wanted(people=(name,), since="2023-10-24", until="2023-10-24"))
    assert [event.participants[0].name for event in found.events] == ["Bùi Thanh Sơn"]
    assert found.undated == 2


@pytest.mark.parametrize("country", ["CN", "cn", "China", "Trung Quốc", "中国"])
def test_a_country_is_given_by_its_code_or_any_name(visits: Store, country: str) -> None:
    found = recorded.linked(visits, wanted=Wanted(countries=(country,)))
    assert [event.participants[0].name for event in found] == ["Wang Yi"]


def test_outlets_kinds_and_languages_limit_what_is_found(visits: Store) -> None:
    assert len(recorded.linked(visits, wanted=Wanted(outlets=("BÁO BIÊN GIỚI",)))) == 5
    assert recorded.linked(visits, wanted=Wanted(outlets=("Another",))) == []
    assert len(recorded.linked(visits, wanted=Wanted(kinds=("visit", "call")))) == 5
    assert recorded.linked(visits, wanted=Wanted(kinds=("call",))) == []
    assert recorded.linked(visits, wanted=Wanted(langs=("en",))) == []


def test_what_is_only_mentioned_can_be_left_out(store: Store) -> None:
    put(store, [event.articles[0] for event in GOLD.values() if event.background][:6])
    every = recorded.linked(store)
    assert any(event.background for event in every)
    assert recorded.linked(store, wanted=Wanted(background=False)) == [e for e in every if not e.background]


@pytest.mark.parametrize("ends", [("XXXX-10-24", "XXXX-10-24"), ("2023-13", None), ("2023-10-24", "2023-10-01")])
def test_a_period_without_days_is_refused(visits: Store, ends: tuple[str, str | None]) -> None:
    with pytest.raises(InputError, match="write 2023, 2023-10 or 2023-10-24"):
        recorded.linked(visits, wanted=Wanted(since=ends[0], until=ends[1]))


def test_no_country_is_refused(visits: Store) -> None:
    with pytest.raises(InputError, match="Wakanda"):
        recorded.linked(visits, wanted=Wanted(countries=("Wakanda",)))


def test_a_store_of_the_version_before_gets_its_tables_and_then_its_events(tmp_path: Path) -> None:
    articles = ids_of(PAIR)
    with open_store(tmp_path / "store") as store:
        put(store, articles)
        read_now = {article: len(recorded.records(store, articles=[article])) for article in articles}
    with sqlite3.connect(tmp_path / "store" / "catalogue.sqlite3") as db:
        for table in ("record_links", "record_countries", "record_keys", "records", "told"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE meta SET value = ? WHERE key = 'version'", (BEFORE[0],))
    with Store.open(tmp_path / "store") as store:
        assert store._catalogue.meta()["version"] == VERSION
        assert recorded.happened(store).events == ()
        assert (recorded.happened(store).unread, store.untold()) == (2, sorted(articles, key=list(articles).index))
        assert tell(store) == 2
        assert recorded.happened(store).unread == 0
        assert all(read_now.values())
        assert recorded.linked(store)
        assert tell(store) == 0


BEFORE_MET = """
ALTER TABLE records DROP COLUMN traits;
CREATE TABLE keys (
    key TEXT NOT NULL, record INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE, PRIMARY KEY (key, record)
) WITHOUT ROWID;
INSERT INTO keys SELECT key, record FROM record_keys;
DROP TABLE record_keys;
ALTER TABLE keys RENAME TO record_keys;
CREATE INDEX record_keys_record ON record_keys (record);
UPDATE meta SET value = '4' WHERE key = 'version'"""


def test_a_store_of_version_4_keeps_its_events_and_links_new_ones_to_them(tmp_path: Path) -> None:
    articles = ALONE
    with open_store(tmp_path / "whole") as store:
        put(store, articles)
        whole, keys = recorded.linked(store), met(store)
    with open_store(tmp_path / "half") as store:
        put(store, articles[::2])
    with sqlite3.connect(tmp_path / "half" / "catalogue.sqlite3") as db:
        db.executescript(BEFORE_MET)
    with Store.open(tmp_path / "half") as store:
        assert store.version == VERSION
        put(store, articles[1::2])
        assert recorded.linked(store) == whole
        assert met(store) == keys


def met(store: Store) -> list[tuple[str, str, int]]:
    with store._catalogue.reading() as db:
        sql = "SELECT r.id, k.key, k.met FROM record_keys k JOIN records r ON r.number = k.record ORDER BY 1, 2, 3"
        return [tuple(row) for row in db.execute(sql)]


def when(low: int, length: int, year: bool) -> When:
    found = When(low, low + length, True, True)
    return found if year else found.in_any_year


DAY = 738_000
WINDOWS = st.none() | st.builds(
    when,
    st.integers(DAY, DAY + 60) | st.integers(DAY, DAY + 800),
    st.sampled_from([0, 0, 0, 1, 8, 9, 29, 30, 40, 41, 364, 365, 400, 401, 2000]),
    st.sampled_from([True, True, True, False]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WINDOWS, st.sampled_from(["a", "b", "ab", ""])), min_size=2, max_size=40))
def test_records_meet_where_they_share_a_key_and_their_days_touch(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[When | None, str]]
) -> None:
    made = entry("Lavrov visited Hanoi.")
    rows = [
        Record(f"{made.article.id}#{n}", "visit", False, "{}", window=window(lies), keys=frozenset(keys))
        for n, (lies, keys) in enumerate(drawn)
    ]
    with open_store(tmp_path_factory.mktemp("meet") / "store") as store:
        store.commit(record("a.txt", "a"), [replace(made, records=tuple(rows))])
        for row, (lies, keys) in zip(rows, drawn, strict=True):
            expected = {
                other.id
                for other, (its, its_keys) in zip(rows, drawn, strict=True)
                if set(keys) & set(its_keys) and (other is row or (days_apart(lies, its) or 0) <= 1)
            }
            assert set(store.candidates(row.id).values()) == expected


def window(when: When | None) -> Window | None:
    if when is None:
        return None
    any_year = when.in_any_year
    return Window(when.first, when.last, any_year.first, any_year.last, when.year)


def test_what_linking_reads_of_a_record_comes_back_as_it_was() -> None:
    for event in GOLD.values():
        assert unpacked(packed(traits(event))) == traits(event)


def test_a_record_is_met_by_its_key_and_days_at_once(store: Store) -> None:
    put(store, ALONE[:2])
    seen: list[str] = []
    db = store._catalogue._db
    db.set_trace_callback(seen.append)
    store.candidates(recorded.records(store)[0].id)
    db.set_trace_callback(None)
    (asked,) = (sql for sql in seen if "CROSS JOIN record_keys" in sql)
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {asked}")]
    looked_up = [step for step in plan if " theirs " in step]
    assert looked_up
    assert all("key=? AND met>? AND met<?" in step for step in looked_up)


def test_an_article_whose_page_states_another_day_is_read_again(store: Store) -> None:
    text = "Hôm qua, Bộ trưởng Bùi Thanh Sơn đã gặp Ngoại trưởng Vương Nghị tại Hà Nội."
    for day in ("2023-10-24", "2023-11-02"):
        store.commit(record("a.txt", text), [entry(text, published=day)])
        assert len(store.untold()) == 1
        tell(store)
        assert store.untold() == []
        found = [event.sources[0].published for event in recorded.records(store)]
        assert found == [day] * len(found)
        assert found


def test_a_commit_that_is_cut_off_leaves_neither_article_nor_events(store: Store) -> None:
    (article, other) = ids_of(PAIR)
    put(store, [article])
    before = recorded.linked(store)

    def cut(records: Sequence[str]) -> Iterator[tuple[str, str]]:
        assert store.known(other), "the article is written by now"
        raise KeyboardInterrupt
        yield  # pragma: no cover

    whole = Entry(ARTICLES[other], (), (), {}, records=tuple(map(recorded.row, gold_of(other))))
    with pytest.raises(KeyboardInterrupt):
        store.commit(FileRecord("other.txt", 1, 0, other), [whole], link=cut)
    assert not store.known(other)
    assert recorded.linked(store) == before


def test_a_file_that_is_not_stored_is_read_at_once_and_opens_no_store(tmp_path: Path) -> None:
    file = tmp_path / "bài.txt"
    file.write_text(
        "Ngày 24/10/2023, Bộ trưởng Bùi Thanh Sơn đã gặp Ngoại trưởng Vương Nghị tại Hà Nội.\n"
        "Hai bên nhất trí tăng cường hợp tác về nông nghiệp và du lịch giữa hai nước.\n"
        "Ông Vương Nghị cho biết chuyến thăm sẽ mở ra nhiều cơ hội cho doanh nghiệp hai bên.\n"
    )

    def none() -> Store:
        raise AssertionError("no store is needed")

    ((article, found),) = recorded.of(str(file), store=none)
    assert found
    assert all(event.articles == (article.id,) for event in found)


def test_records_are_asked_by_the_beginning_of_an_id(store: Store) -> None:
    article = next(iter(ARTICLES))
    put(store, [article])
    ((whole, found),) = recorded.of(article[:6], store=lambda: store)
    assert whole.id == article
    assert found == recorded.records(store)
    with pytest.raises(InputError, match="no article"):
        recorded.of("zzzz", store=lambda: store)
