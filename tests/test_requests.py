"""Requests in the chat: which texts are requests, and which event or briefing each gives."""

import io
import json
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import chat
from rag.desk import Desk, open_desk
from rag.limits import Filters
from rag.requested import Briefed, Carded
from rag.requests import Request, read

HERE = Path(__file__).parent
SYNTHETIC = HERE.parent / "eval" / "data" / "synthetic"
PHRASINGS = tomllib.loads((HERE / "request_phrasings.toml").read_text(encoding="utf-8"))
TODAY = date(2023, 10, 25)


def asked(text: str) -> Request:
    found = read(text, today=TODAY)
    assert found is not None
    return found


def kind(text: str) -> str | None:
    found = read(text, today=TODAY)
    return found.kind if found else None


def carded(desk: Desk, text: str) -> Carded:
    found = desk.requested(text)
    assert isinstance(found, Carded)
    return found


def briefed(desk: Desk, text: str) -> Briefed:
    found = desk.requested(text)
    assert isinstance(found, Briefed)
    return found


def source(found: Carded) -> str:
    return Path(found.events[0].sources[0].path).name[:3]


# Which texts are requests


@pytest.mark.parametrize("part", ["tuned", "held"])
@pytest.mark.parametrize("group", ["summaries", "briefings", "questions"])
def test_requests_are_told_from_questions(part: str, group: str) -> None:
    wanted = {"summaries": "summary", "briefings": "briefing"}.get(group)
    missed = [text for text in PHRASINGS[part][group] if kind(text) != wanted]
    allowed = 2 if (part, group) == ("held", "briefings") else 0  # "what's the briefing for ...?", two sentences
    assert len(missed) <= allowed, missed


def test_no_question_of_the_suites_is_a_request() -> None:
    files = [*SYNTHETIC.parent.glob("*questions*.jsonl"), *SYNTHETIC.parent.glob("seeds_*.jsonl")]
    questions = [json.loads(line).get("question") for file in files for line in file.open(encoding="utf-8")]
    texts = [question for question in questions if isinstance(question, str)]
    assert len(texts) > 300
    assert [text for text in texts if kind(text)] == []


def test_a_request_says_what_it_is_about() -> None:
    found = asked("Bạn tóm tắt giúp tôi cuộc hội đàm trực tuyến ngày 19/4/2023 được không?")
    assert (found.kind, found.lang, found.event_kinds) == ("summary", "vi", ("talks online",))
    assert found.about == "cuộc hội đàm trực tuyến ngày 19/4/2023"
    assert found.period is not None
    assert found.period.since == "2023-04-19"


def test_the_head_of_an_english_compound_is_the_event() -> None:
    assert asked("summarise the sanctions meeting in Geneva").event_kinds[0] == "meeting"
    assert asked("summarise the signing at the meeting").event_kinds[0] == "signing"


def test_relative_days_count_from_the_day_given() -> None:
    found = asked("daily briefing for yesterday").period
    assert found is not None
    assert (found.since, found.until) == ("2023-10-24", "2023-10-24")


def test_a_language_can_be_asked_for() -> None:
    assert asked("Soạn bản tin ngày 13/7/2023 bằng tiếng Anh").answer_lang == "en"
    assert asked("brief me on 13 July 2023 in Vietnamese").answer_lang == "vi"
    assert asked("brief me on 13 July 2023").answer_lang == "en"


def test_what_refers_to_an_answer_is_asked_as_a_question() -> None:
    for text in ("summarise it", "tóm tắt lại", "summarize this article", "tóm tắt", "summary"):
        assert kind(text) is None, text


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for each in (text, f"summarise {text}", f"điểm tin {text}", f"tom tat {text}"):
        found = read(each, today=TODAY)
        assert found is None or found.kind in ("summary", "briefing")


def test_megabytes_are_no_request() -> None:
    assert read("summarise " + "a " * 1_000_000, today=TODAY) is None
    assert read("please " * 80 + "summarise", today=TODAY) is None


# What they give


def test_the_jakarta_meeting_is_the_one_of_the_article_about_jakarta(desk: Desk) -> None:
    found = carded(desk, "summarise the Jakarta meeting")
    assert source(found) == "000"
    assert len(found.events) == 1
    assert found.events[0].kind == "meeting"
    assert [name.query for name in found.names] == ["Jakarta"]


def test_the_online_talks_are_found_by_their_kind(desk: Desk) -> None:
    found = carded(desk, "tóm tắt cuộc hội đàm trực tuyến")
    assert source(found) == "003"
    assert [event.kind for event in found.events] == ["talks online"]


def test_names_are_met_across_scripts(desk: Desk) -> None:
    assert source(carded(desk, "summarize the meeting between 王毅 and Lavrov")) == "000"


def test_somebody_nobody_mentions_is_refused_by_name(desk: Desk) -> None:
    found = carded(desk, "tóm tắt cuộc gặp của bà Penny Wong")
    assert found.refused
    assert found.reason is not None
    assert "Penny Wong" in found.reason
    assert "không" in found.reason


def test_a_meeting_is_no_call(desk: Desk) -> None:
    found = carded(desk, "give me a summary of the call between Lavrov and Wang Yi")
    assert found.refused
    assert found.reason is not None
    assert "call" in found.reason


def test_a_day_on_which_it_was_not_is_refused(desk: Desk) -> None:
    assert source(carded(desk, "tóm tắt cuộc gặp ở Jakarta ngày 13/7")) == "000"
    found = carded(desk, "tóm tắt cuộc gặp ở Jakarta ngày 14/7")
    assert found.refused
    assert found.reason is not None
    assert "14/7" in found.reason


def test_what_no_event_bears_on_is_refused(desk: Desk) -> None:
    found = carded(desk, "summarise the meeting on rice exports")
    assert found.refused
    assert found.reason is not None
    assert "rice exports" in found.reason


def test_the_reason_is_in_the_language_that_is_asked_for(desk: Desk) -> None:
    found = desk.requested("summarise the meeting with Penny Wong", lang="vi")
    assert found is not None
    assert found.reason == "không bài nào nhắc đến Penny Wong"


def test_a_question_is_left_to_be_asked(desk: Desk) -> None:
    assert desk.requested("what happened at the summit in Bali?") is None
    assert desk.requested("what did the summary say about Jakarta?") is None


def test_a_day_is_briefed(desk: Desk) -> None:
    briefing = briefed(desk, "brief me on 4 February 2023").briefing
    assert briefing is not None
    assert (briefing.since, briefing.until, briefing.lang) == ("2023-02-04", "2023-02-04", "en")
    assert len(briefing.events) == 1


def test_a_person_without_a_period_is_briefed_over_the_whole_store(desk: Desk) -> None:
    briefing = briefed(desk, "bản tin về ông Lavrov").briefing
    assert briefing is not None
    assert (briefing.since, briefing.until, briefing.lang) == ("2023-02-04", "2023-02-04", "vi")
    assert len(briefing.events) == 1


def test_a_day_without_a_year_is_refused_and_the_years_are_told(desk: Desk) -> None:
    known, unknown = briefed(desk, "brief me on 4 February"), briefed(desk, "điểm tin ngày 13/7")
    assert known.briefing is None
    assert known.reason is not None
    assert "from 2023" in known.reason
    assert unknown.briefing is None
    assert unknown.reason is not None
    assert "năm" in unknown.reason


def test_a_briefing_says_what_it_is_not_limited_by(desk: Desk) -> None:
    briefing = briefed(desk, "briefing on trade with Russia in February 2023").briefing
    assert briefing is not None
    assert any("trade" in notice for notice in briefing.notices)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("briefing from 1 May 1990 to 3 May 2023", "1990-05-01"),
        ("briefing from 10 October 2024 to 1 October 2024", "10 October 2024"),
        ("brief me on 31 February 2024", "31 February 2024"),
        ("bản tin về Hà Nội tháng 2/2023", "Hà Nội"),
    ],
)
def test_what_cannot_be_briefed_is_refused_with_the_reason(desk: Desk, text: str, told: str) -> None:
    found = briefed(desk, text)
    assert found.briefing is None
    assert told in (found.reason or "")


def test_a_conversation_shows_the_card_and_the_briefing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "summarise the Jakarta meeting\nbrief me on 4 February 2023\nbriefing on Donald Trump\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    chat.converse(desk, {"filters": Filters()}, as_json=False, verbose=False)
    shown = capsys.readouterr().out
    assert "place: Jakarta" in shown
    assert "# Briefing, 4 February 2023" in shown
    assert "Donald Trump" in shown
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    chat.converse(desk, {"filters": Filters()}, as_json=True, verbose=False)
    summary, briefing, refusal = map(json.loads, capsys.readouterr().out.splitlines())
    assert summary["events"][0]["kind"] == "meeting"
    assert briefing["period"]["since"] == "2023-02-04"
    assert refusal["refused"] is True
    assert "Donald Trump" in refusal["reason"]


# Over a larger store


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    opened = open_desk(store=tmp_path_factory.mktemp("synthetic") / "store")
    opened.ingest([str(SYNTHETIC)])
    yield opened
    opened.close()


def test_requests_over_the_synthetic_articles_give_the_event_that_is_meant(synthetic: Desk) -> None:
    lines = (HERE / "data" / "synthetic_requests.jsonl").read_text(encoding="utf-8").splitlines()
    wrong = []
    for row in map(json.loads, lines):
        found = carded(synthetic, row["request"])
        files = {Path(each.path).name for each in found.events[0].sources} if found.events else set()
        if not (files & set(row["articles"]) if row["articles"] else found.refused):
            wrong.append((row["request"], sorted(files), found.reason))
    assert wrong == []


def test_the_latest_of_several_comes_first(synthetic: Desk) -> None:
    found = carded(synthetic, "tóm tắt cuộc điện đàm gần đây nhất của Bộ trưởng Lê Quang Vĩnh")
    dates = [event.date.edtf for event in found.events if event.date]
    assert dates == ["2024-10-22", "2024-09-03"]


def test_a_kind_alone_that_fits_many_is_refused(synthetic: Desk) -> None:
    assert carded(synthetic, "summarise the meeting").refused


def test_a_summary_of_an_event_holds_what_all_its_articles_say(synthetic: Desk) -> None:
    event = carded(synthetic, "summarise the meeting between Wang Lin and Ta Huu Nghia").events[0]
    assert len(event.articles) > 2
    assert all(
        citation.quote == synthetic.store.article(citation.source.id).text[citation.start : citation.end]
        for citations in [event.headline.citations, *(fact.citations for fact in (*event.agreed, *event.documents))]
        for citation in citations
    )
