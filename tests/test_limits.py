"""What a question is asked of: its date words, the clock they count from, persons and countries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag import render
from rag.answer_html import answer_html
from rag.cli import app
from rag.desk import Desk, Filters, open_desk
from rag.domain import Answer, DateFilter
from rag.errors import InputError
from rag.ui_words import Words

NEWS = {
    "thay.html": "2023-10-17",
    "nga.html": "2023-10-24",
    "cu.html": "2021-03-05",
    "la.html": None,
}
TEXTS = {
    "thay.html": "Bộ trưởng Giao thông Phạm Văn Thái đã ký thỏa thuận xây cầu với phía Nhật Bản tại Vĩnh Long.",
    "nga.html": "Đại sứ Nga Igor Petrov đã thăm cảng Hải Phòng và ký thỏa thuận vận tải biển với thành phố này.",
    "cu.html": "Bà Nguyễn Thu Hà đã ký thỏa thuận trồng rừng ngập mặn với các nhà khoa học Hà Lan tại Cà Mau.",
    "la.html": "Ngày 2/8, ông Trần Quốc Bảo đã ký thỏa thuận nuôi tôm với các doanh nghiệp Thái Lan tại Bạc Liêu.",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four articles: of last week, of the newest day, an old one, and one that states a day without a year."""
    folder = tmp_path_factory.mktemp("news")
    for name, text in TEXTS.items():
        stated = f'<meta property="article:published_time" content="{NEWS[name]}">' if NEWS[name] else ""
        page = f"<html lang='vi'><head><title>{text[:40]}</title>{stated}</head><body><article><p>{text}</p><p>"
        page += f"{text[:-1]}, theo thông tin của địa phương.</p></article></body></html>"
        (folder / name).write_text(page)
    return folder


@pytest.fixture(scope="module")
def news(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    opened = open_desk(store=tmp_path_factory.mktemp("limits") / "store")
    opened.ingest([str(folder)])
    yield opened
    opened.close()


def found(desk: Desk, question: str, **filters: object) -> set[str]:
    hits = desk.search(question, filters=Filters(**filters)).hits  # type: ignore[arg-type]
    return {Path(hit.source.path).name for hit in hits}


def test_last_week_counts_from_the_newest_article_and_the_answer_says_so(news: Desk) -> None:
    question = "Tuần trước ai đã ký thỏa thuận?"
    assert found(news, question) == {"thay.html"}
    answer = news.ask(question)
    assert answer.dates == (
        DateFilter("Tuần trước", "2023-10-16", "2023-10-22", "question", True, "2023-10-24", 1, 0, 3),
    )
    said = 'Dates: "Tuần trước" read as 2023-10-16/2023-10-22 (counted from 2023-10-24): 1 article inside, 3 left out'
    assert render.answer_text(answer).endswith(said)
    assert "2023-10-16/2023-10-22" in answer_html(answer, Words("en")).replace("&#45;", "-").replace("&#47;", "/")


def test_today_is_what_the_user_says_it_is(news: Desk) -> None:
    assert found(news, "ai đã ký thỏa thuận hôm nay?", today="2021-03-05") == {"cu.html"}
    assert found(news, "Who signed an agreement last week?", today="2021-03-08") == {"cu.html"}
    for wrong in ("hôm qua", "2023", "2023-02-30", "0001-01-01", "XXXX-07-13"):
        with pytest.raises(InputError, match="2023-10-24"):
            news.search("ai đã ký thỏa thuận hôm nay?", filters=Filters(today=wrong))


def test_a_day_without_a_year_leaves_articles_of_any_year(news: Desk) -> None:
    assert found(news, "Ai ký thỏa thuận ngày 2/8?") == {"la.html"}
    assert found(news, "Ai ký thỏa thuận ngày 2/8/2023?") == {"la.html"}
    [period] = news.search("Ai ký thỏa thuận ngày 2/8/2023?").dates
    assert (period.inside, period.unknown, period.left_out) == (0, 1, 3)


def test_date_words_can_be_switched_off(news: Desk) -> None:
    assert found(news, "Ai ký thỏa thuận ngày 2/8?", date_words=False) == set(TEXTS)
    assert news.ask("Ai ký thỏa thuận ngày 2/8?", filters=Filters(date_words=False)).dates == ()


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Who signed an agreement on 14 May?", "no article is from, or mentions, 14 May"),
        ("Ai ký thỏa thuận ngày 14/5?", "không bài nào thuộc về hoặc nhắc đến ngày 14/5"),
        (
            "What did the minister Pham Van Thai sign on 14 May 2023?",
            "no article that mentions Pham Van Thai is from, or mentions, 14 May 2023",
        ),
    ],
)
def test_refuses_where_no_article_is_of_the_day(news: Desk, question: str, reason: str) -> None:
    answer = news.ask(question)
    assert answer.refused
    assert answer.reason == reason
    assert answer.dates[0].inside == answer.dates[0].unknown == 0


def test_relative_words_limit_nothing_where_no_article_states_a_day(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXTS["la.html"])
    desk = open_desk(store=tmp_path / "store")
    desk.ingest([str(tmp_path / "a.txt")])
    result = desk.search("Tuần trước ai đã ký thỏa thuận?")
    assert len(result.hits) == 1
    assert result.dates == (DateFilter("Tuần trước", None, None, relative=True),)
    assert "limits nothing" in render.dates_text(result.dates)
    desk.close()


def test_since_and_until_are_said_and_hold_beside_date_words(news: Desk) -> None:
    result = news.search("Ai đã ký thỏa thuận tuần trước?", filters=Filters(since="2023-10"))
    assert {Path(hit.source.path).name for hit in result.hits} == {"thay.html"}
    assert [(d.given, d.text, d.inside, d.left_out) for d in result.dates] == [
        ("option", "since 2023-10", 2, 2),
        ("question", "tuần trước", 1, 1),
    ]
    assert result.undated == 1
    assert found(news, "Ai đã ký thỏa thuận tuần trước?", until="2023-10-16") == set()


def test_a_person_filter_meets_persons_only(news: Desk) -> None:
    assert found(news, "thỏa thuận", people=("pham van thai",)) == {"thay.html"}
    assert found(news, "thỏa thuận", people=("Thái Lan",)) == set()
    assert found(news, "thỏa thuận", names=("Thái Lan",)) == {"la.html"}
    assert found(news, "thỏa thuận", people=("Phạm Văn Thái", "Igor Petrov")) == set()


@pytest.mark.parametrize("country", ["Nga", "Russia", "俄罗斯", "Россия", "nga"])
def test_a_country_filter_holds_in_any_language(news: Desk, country: str) -> None:
    assert found(news, "thỏa thuận", countries=(country,)) == {"nga.html"}


def test_what_is_no_country_is_an_error_with_the_remedy(news: Desk) -> None:
    for wrong in ("Hải Phòng", "Igor Petrov", ""):
        with pytest.raises(InputError, match="filter by name"):
            news.search("thỏa thuận", filters=Filters(countries=(wrong,)))


def test_the_command_line_takes_the_filters(news: Desk) -> None:
    store = ["--store", str(news.settings.store)]
    run = CliRunner().invoke(app, ["search", "Ai ký thỏa thuận hôm nay?", "--today", "2021-03-05", *store])
    assert 'Dates: "hôm nay" read as 2021-03-05 (counted from 2021-03-05)' in run.stdout
    run = CliRunner().invoke(app, ["ask", "ai ký ngày 2/8?", "--no-date-words", "--json", *store])
    assert '"dates": []' in run.stdout
    run = CliRunner().invoke(
        app, ["search", "thỏa thuận", "--country", "Japan", "--person", "Pham Van Thai", "--json", *store]
    )
    assert "thay.html" not in run.stdout
    assert '"outlet"' in run.stdout
    assert "Vĩnh Long" in run.stdout


def test_hostile_date_words_stay_text() -> None:
    answer = Answer("?", "en", reason="x", dates=(DateFilter("<b>\x1b[31m", "2023", "2023"),))
    assert "<b>" not in answer_html(answer, Words("en"))
    assert "\x1b" not in render.answer_text(answer)
