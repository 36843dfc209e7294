"""`rag brief` over a real store of a few articles."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.briefs import Asked
from rag.cli import app
from rag.desk import Desk, open_desk
from rag.errors import InputError

MONDAY = {
    "title": "Bộ trưởng Phạm Lan Anh gặp Đại sứ Na Uy",
    "published": "2024-09-02",
    "outlet": "Báo Ví Dụ",
    "text": "Sáng 2/9, tại Hà Nội, Bộ trưởng Ngoại giao Phạm Lan Anh đã gặp Đại sứ Na Uy Kari Solberg.\n"
    "Hai bên nhất trí lập quỹ học bổng trị giá 3 triệu euro cho sinh viên ngành biển.\n"
    "Đại sứ Kari Solberg nói Na Uy coi Việt Nam là đối tác quan trọng trong khu vực.",
}
TUESDAY = {
    "title": "Blast near Kidal kills 11",
    "published": "2024-09-03",
    "outlet": "Example Wire",
    "text": "A bomb hit a bus near the town of Kidal in northern Mali on Tuesday, killing 11 people, the governor of "
    "Kidal, Moussa Traore, said.\nNobody has claimed the attack, he said. Two of the wounded are children.",
}
UNDATED = {
    "title": "Gặp gỡ về cầu Rạch Mới",
    "text": "Sáng 3/9, Chủ tịch UBND tỉnh Cà Mau Lê Văn Tám đã gặp Tổng Lãnh sự Nhật Bản Kenji Ito tại Cà Mau.\n"
    "Hai bên nhất trí khởi công cầu Rạch Mới vào tháng sau với vốn 12 triệu USD.",
}
AGAIN = {**MONDAY, "outlet": "Báo Đăng Lại"}
runner = CliRunner()


def ingest(store: Path, file: Path, *articles: dict[str, str]) -> None:
    file.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in articles), encoding="utf-8")
    desk = open_desk(store=store)
    desk.ingest([str(file)])
    desk.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days' articles, and one of no known day."""
    folder = tmp_path_factory.mktemp("brief")
    ingest(folder / "store", folder / "news.jsonl", MONDAY, TUESDAY, UNDATED, AGAIN)
    return folder / "store"


@pytest.fixture(scope="module")
def desk(store: Path) -> Iterator[Desk]:
    opened = open_desk(store=store)
    yield opened
    opened.close()


def run(*arguments: str, code: int = 0) -> str:
    done = runner.invoke(app, ["brief", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout


def test_a_days_briefing_tells_what_is_new_and_what_is_no_longer_told(store: Path) -> None:
    text = run("--date", "2024-09-03", "--store", str(store))
    assert text.startswith("# Briefing, 3 September 2024\n")
    assert "killing 11 people" in text
    assert "## New" in text
    assert "Solberg" in text.split("## No longer told")[1].split("##")[0]


def test_an_article_of_no_known_day_is_told_apart_and_not_among_the_events(store: Path) -> None:
    text = run("--date", "2024-09-03", "--store", str(store))
    assert "Gặp gỡ về cầu Rạch Mới" in text.split("## Of no known day")[1]
    assert "Rạch Mới" not in text.split("## Of no known day")[0]


def test_a_republished_article_is_left_out_with_the_reason(store: Path) -> None:
    text = run("--date", "2024-09-02", "--store", str(store), "--lang", "vi")
    assert "## Không đưa vào" in text
    assert "là bản đăng lại của" in text


def test_the_same_briefing_twice_is_the_same_bytes(store: Path) -> None:
    for form in ("md", "html"):
        once = run("--date", "2024-09-02", "--format", form, "--store", str(store))
        assert once == run("--date", "2024-09-02", "--format", form, "--store", str(store))


def test_a_day_without_news_says_so(store: Path) -> None:
    assert "No news" in run("--date", "2020-01-01", "--store", str(store))


def test_json_has_the_documented_keys(store: Path) -> None:
    told = json.loads(run("--date", "2024-09-02", "--store", str(store), "--json"))
    assert told["period"] == {"since": "2024-09-02", "until": "2024-09-02"}
    assert told["compared"] == {"since": "2024-09-01", "until": "2024-09-01"}
    assert told["articles_seen"] == 1
    assert told["lead"][0]["citations"][0]["quote"]
    assert {each["reason"] for each in told["left_out"]} == {"duplicate"}
    assert "generated" not in told


def test_a_span_is_compared_with_one_as_long_before(desk: Desk) -> None:
    found = desk.brief(Asked(date(2024, 9, 2), date(2024, 9, 4)))
    assert found.before == ("2024-08-30", "2024-09-01")
    assert found.seen == 2


def test_people_and_countries_keep_their_events_however_they_are_spelled(desk: Desk) -> None:
    span = {"since": date(2024, 9, 2), "until": date(2024, 9, 3)}
    (norway,) = desk.brief(Asked(**span, countries=("NO",))).events  # type: ignore[arg-type]
    assert "Solberg" in norway.event.headline.text
    (pham,) = desk.brief(Asked(**span, people=("Pham Lan Anh",))).events  # type: ignore[arg-type]
    assert pham.event.id == norway.event.id
    assert not desk.brief(Asked(**span, people=("Angela Merkel",))).events  # type: ignore[arg-type]
    assert not desk.brief(Asked(**span, outlets=("Another Paper",))).events  # type: ignore[arg-type]


def test_since_last_says_that_nothing_is_remembered_and_then_goes_on_from_there(tmp_path: Path) -> None:
    at = ["--since-last", "--store", str(tmp_path / "store")]
    ingest(tmp_path / "store", tmp_path / "monday.jsonl", MONDAY)
    first = run(*at)
    assert "No earlier briefing is remembered" in first
    assert "2 September 2024" in first
    ingest(tmp_path / "store", tmp_path / "tuesday.jsonl", TUESDAY)
    second = run(*at)
    assert second.startswith("# Briefing, 3 September 2024\n")
    assert "Compared with 2 September 2024" in second
    third = run(*at)
    assert "No news" in third
    assert run(*at) == third


def test_a_briefing_that_was_not_written_is_told_again(tmp_path: Path) -> None:
    at = ["--since-last", "--store", str(tmp_path / "store")]
    ingest(tmp_path / "store", tmp_path / "monday.jsonl", MONDAY)
    done = runner.invoke(app, ["brief", *at, "--out", str(tmp_path / "no such folder" / "brief.md")])
    assert isinstance(done.exception, InputError)
    assert not (tmp_path / "store" / "briefings.json").exists()
    run(*at, "--out", str(tmp_path / "brief.md"))
    assert "Solberg" in (tmp_path / "brief.md").read_text(encoding="utf-8")
    assert "No news" in run(*at)


def test_a_page_is_written_where_it_is_asked_for(store: Path, tmp_path: Path) -> None:
    page = tmp_path / "brief.html"
    told = run("--date", "2024-09-02", "--format", "html", "--out", str(page), "--generated", "2024-09-03",
               "--store", str(store))  # fmt: skip
    assert told == ""
    assert "3 September 2024" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wrong",
    [[], ["--date", "2024-09-02", "--since-last"], ["--date", "2024-09-02", "--since", "2024-09-01"]],
)
def test_what_is_asked_must_be_one_period(store: Path, wrong: list[str]) -> None:
    run(*wrong, "--store", str(store), code=2)


def test_a_wrong_day_country_or_period_names_the_remedy(desk: Desk, store: Path) -> None:
    for options in (["--date", "24/10"], ["--date", "2024-09-02", "--country", "Atlantis"]):
        done = runner.invoke(app, ["brief", *options, "--store", str(store)])
        assert isinstance(done.exception, InputError)
        assert "write" in str(done.exception)
    with pytest.raises(InputError, match="ends before it begins"):
        desk.brief(Asked(date(2024, 9, 3), date(2024, 9, 2)))
