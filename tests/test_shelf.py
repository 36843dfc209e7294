"""The shelf: articles a page at a time, searched, filtered and put in order by the catalogue."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import entry, open_store, record

from rag.errors import InputError
from rag.shelf import Asked, phrases
from rag.store import Store

NEWS = (
    ("Đàm phán ở Hà Nội", "Báo Đà Nẵng", "2023-02-04", "Ông Lavrov gặp ông Vương Nghị."),
    ("Talks in Jakarta", "The Times", "2023-07-13", "Wang Yi met Lavrov there."),
    ("Quốc hội họp", "Báo Đà Nẵng", None, "Kỳ họp thứ tư khai mạc hôm nay."),
    (None, None, "XXXX-07-13", "Hai bên ký văn kiện hợp tác."),
    ("An earlier visit", "The Times", "2021", "The minister came with trade on his mind."),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as made:
        for place, (title, outlet, published, text) in enumerate(NEWS):
            put(made, f"{place}.txt", text, title=title, outlet=outlet, published=published)
        yield made


def put(store: Store, path: str, text: str, **facts: str | None) -> str:
    """The id of the article of this text, found in a file with these facts."""
    lang = "en" if text.isascii() else "vi"
    made = entry(text, path=path, lang=lang, **facts)  # type: ignore[arg-type]
    store.commit(record(path, text + str(facts)), [made])
    return made.article.id


def titles(store: Store, **asked: object) -> list[str | None]:
    return [row.source.title for row in store.shelf(Asked(**asked)).rows]  # type: ignore[arg-type]


def test_the_newest_come_first_and_those_without_a_year_last_and_counted(store: Store) -> None:
    shelf = store.shelf(Asked())
    assert [row.source.published for row in shelf.rows] == ["2023-07-13", "2023-02-04", "2021", "XXXX-07-13", None]
    assert (shelf.total, shelf.undated) == (5, 2)


def test_pages_follow_each_other_without_gap_or_repetition_from_either_end(store: Store) -> None:
    for order in ("newest", "title", "ingest"):
        whole = [row.id for row in store.shelf(Asked(order=order), limit=99).rows]
        for size in (1, 2, 3):
            pages = [store.shelf(Asked(order=order), limit=size, offset=at).rows for at in range(0, 5, size)]
            assert [row.id for page in pages for row in page] == whole
    assert store.shelf(Asked(), offset=99).rows == ()
    assert store.shelf(Asked(), limit=0).total == 5


def test_words_meet_title_and_text_without_their_marks(store: Store) -> None:
    assert titles(store, words="dam phan") == ["Đàm phán ở Hà Nội"]
    assert titles(store, words="Lavrov Jakarta") == ["Talks in Jakarta"]
    assert titles(store, words="LAVROV", order="ingest") == ["Đàm phán ở Hà Nội", "Talks in Jakarta"]
    assert titles(store, words='"Wang Yi met"') == ["Talks in Jakarta"]
    assert titles(store, words='"met Wang"') == []
    assert titles(store, words="?!") == []


def test_filters_narrow_and_say_how_many_have_no_date(store: Store) -> None:
    assert titles(store, outlet="báo đà nẵng") == ["Đàm phán ở Hà Nội", "Quốc hội họp"]
    assert titles(store, lang="en") == ["Talks in Jakarta", "An earlier visit"]
    shelf = store.shelf(Asked(since="2023", until="2023-03"))
    assert [row.source.title for row in shelf.rows] == ["Đàm phán ở Hà Nội"]
    assert (shelf.total, shelf.undated) == (1, 2)
    with pytest.raises(InputError, match="is no date"):
        store.shelf(Asked(since="hôm qua"))


def test_titles_are_put_in_order_without_their_marks_those_without_one_last(store: Store) -> None:
    ordered = ["An earlier visit", "Đàm phán ở Hà Nội", "Quốc hội họp", "Talks in Jakarta", None]
    assert titles(store, order="title") == ordered


def test_a_further_source_counts_and_is_found_by_its_own_title_and_outlet(store: Store) -> None:
    put(store, "copy.txt", NEWS[1][3], title="Gặp gỡ ở Jakarta", outlet="TTXVN", published="2023-07-14")
    for asked in ({"words": "gap go"}, {"outlet": "TTXVN"}):
        (row,) = store.shelf(Asked(**asked)).rows  # type: ignore[arg-type]
        assert (row.source.title, row.sources) == ("Talks in Jakarta", 2)
    for order in ("newest", "ingest", "title"):
        shelf = store.shelf(Asked(order=order))
        assert shelf.total == len(shelf.rows) == 5


def test_what_there_is_to_filter_by_is_counted_by_articles(store: Store) -> None:
    facets = store.facets()
    assert facets.outlets == (("Báo Đà Nẵng", 2), ("The Times", 2))
    assert facets.langs == (("vi", 3), ("en", 2))


def test_what_is_kept_of_a_search_is_forgotten_when_the_store_changes(store: Store) -> None:
    assert store.shelf(Asked(words="hop")).total == 2
    assert store.delete(store.shelf(Asked(words="quoc hoi")).rows[0].id) == 1
    assert store.shelf(Asked(words="hop")).total == 1
    put(store, "1.txt", NEWS[1][3], title="Hội đàm", outlet="The Times", published="2023-07-13")
    assert titles(store, words="hoi dam") == ["Hội đàm"]
    assert titles(store, words="talks") == []


def test_a_store_without_an_index_of_titles_gets_one(store: Store) -> None:
    with store._catalogue.writing() as db:
        db.execute("DROP TRIGGER sources_gone")
        db.execute("DROP TABLE titles")
        store._catalogue.changed()
    assert titles(store, words="quoc hoi") == ["Quốc hội họp"]


def test_titles_go_with_their_sources(store: Store) -> None:
    store.delete(*(row.id for row in store.shelf(Asked()).rows))
    with sqlite3.connect(store.path / "catalogue.sqlite3") as db:
        assert db.execute("SELECT count(*) FROM titles").fetchone() == (0,)


@given(st.text())
def test_whatever_is_searched_for_is_words_and_nothing_else(text: str) -> None:
    for phrase in phrases(text):
        assert phrase == phrase.strip()
        assert '"' not in phrase
    assert len(phrases(text)) <= 12
