"""What an article states of days, as rows that a period is compared with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import entry, open_store, record

from rag import article_dates
from rag.article_dates import Kind, read, rows
from rag.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def put(store: Store, name: str, text: str, published: str | None, lang: str = "vi") -> str:
    made = entry(text, path=name, published=published, lang=lang)
    store.commit(record(name, text), [made])
    return made.article.id


def kept(store: Store, since: str | None, until: str | None) -> frozenset[str]:
    return store.allowed(periods=[(since, until)]).articles


def verdict(store: Store, article: str, since: str | None, until: str | None = None) -> str:
    """What a period makes of the one article stored."""
    counted = store.allowed(periods=[(since, until or since)], articles=[article]).periods[0]
    return {(1, 0, 0): "inside", (0, 1, 0): "unknown", (0, 0, 1): "outside"}[
        counted.inside, counted.unknown, counted.left_out
    ]


def test_an_article_is_of_the_days_it_was_published_on_and_of_those_it_states(store: Store) -> None:
    article = put(store, "a.txt", "Hai bên ký thỏa thuận tại Jakarta ngày 20/3/2024.", "2024-04-02")
    assert verdict(store, article, "2024-04") == "inside"
    assert verdict(store, article, "2024-03") == "inside"
    assert verdict(store, article, "2024-03-20") == "inside"
    assert verdict(store, article, "2024-05") == "outside"
    assert verdict(store, article, "2023-03-20") == "outside"
    assert verdict(store, article, "XXXX-03-20") == "inside"


def test_a_day_without_a_year_is_of_the_year_next_to_publication(store: Store) -> None:
    article = put(store, "a.txt", "Ngày 13/7, tại Jakarta, hai bên gặp nhau.", "2023-07-15")
    assert verdict(store, article, "2023-07-13") == "inside"
    assert verdict(store, article, "2022-07-13") == "outside"
    december = put(store, "b.txt", "Ngày 28/12, hai bên đã gặp nhau ở Huế.", "2024-01-03")
    assert verdict(store, december, "2023-12-28") == "inside"


def test_yesterday_in_an_article_is_the_day_before_its_publication(store: Store) -> None:
    article = put(store, "a.txt", "Hôm qua, ông Lavrov tới Hà Nội.", "2023-07-14")
    assert verdict(store, article, "2023-07-13") == "inside"
    assert verdict(store, article, "2023-07-11") == "outside"


def test_an_article_that_states_no_day_may_be_about_one_just_before_its_publication(store: Store) -> None:
    article = put(store, "a.txt", "Hai bộ trưởng gặp nhau ở Jakarta.", "2023-07-14")
    assert verdict(store, article, "2023-07-13") == "unknown"
    assert verdict(store, article, "2023-07-12") == "outside"
    assert verdict(store, article, "2023-07-15") == "outside"


def test_a_weekday_in_an_article_is_one_next_to_its_publication(store: Store) -> None:
    friday = put(store, "a.txt", "The ministers met in Jakarta on Thursday.", "2023-07-14", lang="en")
    assert verdict(store, friday, "2023-07-13") == verdict(store, friday, "2023-07-20") == "unknown"
    assert verdict(store, friday, "2023-07-12") == verdict(store, friday, "2023-07-15") == "outside"


def test_month_and_day_decide_where_the_year_of_publication_is_unknown(store: Store) -> None:
    july = put(store, "a.txt", "Hai bên gặp nhau ở Jakarta.", "XXXX-07-13")
    assert verdict(store, july, "2023-07-13") == "unknown"
    assert verdict(store, july, "XXXX-07-13") == "inside"
    august = put(store, "b.txt", "Ông ấy tới thăm trường học ở Huế.", "XXXX-08-02")
    assert verdict(store, august, "XXXX-07-13") == verdict(store, august, "2023-07-13") == "outside"


def test_an_article_without_any_date_is_kept_and_counted(store: Store) -> None:
    article = put(store, "a.txt", "Hai bên gặp nhau ở Jakarta.", None)
    assert verdict(store, article, "2023-07-13") == verdict(store, article, "1999") == "unknown"


def test_an_undated_article_is_about_the_days_that_it_states_without_a_year(store: Store) -> None:
    article = put(store, "a.txt", "Ngày 13/7, tại Jakarta, hai bên gặp nhau.", None)
    assert verdict(store, article, "XXXX-07-13") == "inside"
    assert verdict(store, article, "2023-07-13") == verdict(store, article, "2023-07-16") == "unknown"
    assert verdict(store, article, "XXXX-08-14") == verdict(store, article, "2023-08-14") == "outside"
    background = put(store, "b.txt", "Hiệp ước có từ ngày 2/9/1999 vẫn còn hiệu lực ở Huế.", None)
    assert verdict(store, background, "2023-08-14") == "unknown"


@pytest.mark.parametrize(
    "text", ["the 2030 Agenda for growth", "mục tiêu đến năm 2030", "2030年议程", "план на 2030 год"]
)
def test_a_year_anywhere_in_the_text_lets_the_article_in(store: Store, text: str) -> None:
    assert verdict(store, put(store, "a.txt", text, "2024-05-05"), "2030") == "inside"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Kim ngạch 9 tháng đầu năm 2023 tăng so với cùng kỳ năm 2022.", "vi"),
        ("They signed a plan for 2022-2026, with a vision to 2045.", "en"),
        ("双方签署了2022年至2026年合作计划。", "zh"),
    ],
)
def test_an_undated_article_is_not_of_years_before_those_that_it_states(store: Store, text: str, lang: str) -> None:
    article = put(store, "a", text, None, lang)
    assert verdict(store, article, "2019") == "outside"
    assert verdict(store, article, "2021") == "unknown"
    assert verdict(store, article, "2022") == "inside"
    assert verdict(store, article, "2024") == "unknown"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Việt Nam phấn đấu đến năm 2050 đạt phát thải ròng bằng 0.", "vi"),
        ("They aim for 30 billion dollars by the year 2030.", "en"),
        ("到2035年，双边贸易额将翻一番。", "zh"),
    ],
)
def test_a_year_that_is_aimed_at_does_not_date_an_article(store: Store, text: str, lang: str) -> None:
    assert verdict(store, put(store, "a", text, None, lang), "2019") == "unknown"


def test_a_long_time_says_nothing_of_one_day_in_it(store: Store) -> None:
    article = put(store, "a.txt", "Giai đoạn 2021-2025, tỉnh xây cầu.", "2021-01-05")
    assert verdict(store, article, "2023-07-13") == "outside"
    assert verdict(store, article, "2021", "2025") == "inside"
    by_year = put(store, "b.txt", "Tỉnh xây trường học ở miền núi.", "2023")
    assert verdict(store, by_year, "2023-07-13") == "unknown"
    assert verdict(store, by_year, "2023") == "inside"


def test_a_visit_of_two_days_is_of_each_of_them(store: Store) -> None:
    article = put(store, "a.txt", "Mr Ma was in Russia from February 2 to 3.", "2023-02-05", lang="en")
    assert verdict(store, article, "2023-02-03") == verdict(store, article, "XXXX-02-02") == "inside"
    month = put(store, "b.txt", "Mr Ma was in Russia in July.", "2023-08-09", lang="en")
    assert verdict(store, month, "2023-07-13") == "unknown"


def test_a_period_over_the_turn_of_the_year(store: Store) -> None:
    article = put(store, "a.txt", "Hai bên gặp nhau ở Jakarta.", "XXXX-01-02")
    assert verdict(store, article, "2023-12-28", "2024-01-03") == "unknown"
    assert verdict(store, article, "2023-12-20", "2023-12-28") == "outside"


def test_a_corrected_date_of_publication_moves_the_article(store: Store) -> None:
    text = "Hai bên gặp nhau ở Jakarta."
    article = put(store, "a.txt", text, "2022-02-02")
    put(store, "a.txt", text, "2023-07-14")
    assert verdict(store, article, "2023-07-14") == "inside"
    assert verdict(store, article, "2022-02-02") == "outside"


def test_the_date_of_a_further_source_counts_until_that_is_gone(store: Store) -> None:
    text = "Hai bên gặp nhau ở Jakarta."
    article = put(store, "a.txt", text, "2022-02-02")
    put(store, "b.txt", text, "2023-07-14")
    assert verdict(store, article, "2023-07-14") == "inside"
    put(store, "b.txt", "Một bài khác hẳn về cây cầu mới ở Huế.", "2023-07-14")
    assert verdict(store, article, "2023-07-14") == "outside"


def test_periods_let_through_what_any_of_them_does(store: Store) -> None:
    ids = [put(store, f"{year}.txt", f"Tin số {year % 7} ở Huế.", f"{year}-05-05") for year in (2021, 2022, 2023)]
    allowed = store.allowed(periods=[("2021", "2021"), ("2023", "2023")])
    assert allowed.articles == {ids[0], ids[2]}
    assert [(count.inside, count.left_out) for count in allowed.periods] == [(1, 2), (1, 2)]


def test_thousands_of_dates_are_bounded_and_keep_the_article_in() -> None:
    text = " ".join(f"ngày {1 + n % 28}/{1 + n % 12}/{1900 + n % 200}" for n in range(20_000))
    found = rows(text, lang="vi", published=["2023-07-13"])
    assert len(found) < 4 * article_dates.MOST
    assert any(row.kind is Kind.OPEN and (row.from_md, row.to_md) == (101, 1231) for row in found)


YEARS = st.integers(1990, 2040)
PARTIAL = st.one_of(
    st.dates().map(lambda day: f"XXXX-{day:%m-%d}"),
    YEARS.map(str),
    st.builds(lambda year, month: f"{year}-{month:02}", YEARS, st.integers(1, 12)),
    st.builds(lambda year, day: f"{year}-{day:%m}-{min(day.day, 28):02}", YEARS, st.dates()),
)
TEXTS = st.lists(
    st.sampled_from(
        [
            *("Ngày 13/7 tại Jakarta.", "Hôm qua họ gặp nhau.", "Năm 2030 là mục tiêu.", "on Monday", "ngày 29/2"),
            *("giai đoạn 2021-2025", "31/12/2020", "1/1", "in July", "tuần trước", "năm ngoái", "Hai bên gặp nhau."),
        ]
    ),
    max_size=5,
).map(" ".join)


@given(TEXTS, PARTIAL)
def test_the_days_of_publication_are_always_let_through(text: str, published: str) -> None:
    found = rows(text, lang="vi", published=[published])
    asked = read(published, published)
    assert asked is not None
    assert len(set(found)) == len(found)
    assert any(
        row.first <= asked.last and row.last >= asked.first and row.from_md <= end and row.to_md >= start
        for row in found
        for start, end in asked.months
    )


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(TEXTS, st.one_of(st.none(), PARTIAL)), min_size=1, max_size=6),
    st.lists(st.dates(date(1000, 1, 1), date(9000, 12, 31)), min_size=4, max_size=4).map(sorted),
)
def test_a_wider_period_lets_through_no_fewer(
    tmp_path_factory: pytest.TempPathFactory, articles: list[tuple[str, str | None]], days: list[date]
) -> None:
    with open_store(tmp_path_factory.mktemp("wider") / "store") as store:
        for number, (text, published) in enumerate(articles):
            put(store, f"{number}.txt", f"{text} Bài {chr(97 + number) * 5}.", published)
        wide, narrow = (str(days[0]), str(days[3])), (str(days[1]), str(days[2]))
        assert kept(store, *narrow) <= kept(store, *wide) <= kept(store, wide[0], None) | kept(store, None, wide[1])
        assert kept(store, wide[0], None) | kept(store, None, wide[0]) == {row.id for row in store.articles()}
