"""Event records with a model beside the rules: what it adds, what is set aside, and what a failure costs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from scripted import Reply, ScriptedServer, Silence, Status
from typer.testing import CliRunner

from rag.cli import app
from rag.desk import Desk, open_desk
from rag.domain import Summary
from rag.errors import InputError
from rag.render_events import summary_json

TEXT = """Ngày 13/7, Bộ trưởng Ngoại giao Lào Khamla Vongsa đã hội đàm với ông Trần Văn Lâm tại Viêng Chăn.
Hai bên nhất trí mở thêm một cửa khẩu ở Nậm Cắn.
Trước đó, hai bộ đã trao đổi về dự án cầu treo bắc qua sông Sê Pôn và cho rằng dự án cần làm ngay.
"""
NEXT = "dự án cần làm ngay"
NOTHING: dict[str, Any] = {"participants": [], "place": "", "agreed": [], "documents": [], "said": [], "next_steps": []}


def reply(**said: Any) -> str:
    return json.dumps({**NOTHING, **said}, ensure_ascii=False)


@pytest.fixture
def article(tmp_path: Path) -> str:
    file = tmp_path / "bài.txt"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


@contextmanager
def opened(*replies: Reply, **settings: object) -> Iterator[tuple[Desk, ScriptedServer]]:
    options = {"llm_model": "scripted", "llm_cache": False, "llm_retries": 0, "judge": "off", **settings}
    with ScriptedServer(list(replies)) as server:
        desk = open_desk(llm_base_url=server.base_url, **options)
        try:
            yield desk, server
        finally:
            desk.close()


def summarized(article: str, *replies: Reply, **settings: object) -> Summary:
    with opened(*replies, **settings) as (desk, _):
        return desk.summarize([article])


@pytest.fixture
def by_rule(article: str) -> Summary:
    return open_desk().summarize([article])


def test_without_a_model_the_records_are_those_of_the_rules(article: str, by_rule: Summary) -> None:
    assert by_rule.events
    assert (by_rule.mode, by_rule.model, by_rule.rejected, by_rule.notices) == ("extract", None, (), ())
    with pytest.raises(InputError, match="RAG_LLM_BASE_URL"):
        open_desk().summarize([article], mode="llm")


def test_a_model_adds_to_the_records_and_what_the_article_does_not_bear_out_is_set_aside(
    article: str, by_rule: Summary
) -> None:
    found = summarized(article, reply(next_steps=[NEXT], agreed=["xây một sân bay mới ở Hủa Phăn"]))
    (event,), (before,) = found.events, by_rule.events
    assert [fact.text for fact in event.next_steps] == [*(fact.text for fact in before.next_steps), NEXT]
    assert event.agreed == before.agreed
    assert [each.reasons for each in found.rejected] == [("quote: agreed does not stand in the article",)]
    assert (found.mode, found.model, found.usage["calls"]) == ("llm", "scripted", 1)
    assert set(found.prompts) == {"event"}
    told = summary_json(found)
    assert told["rejected"] == [
        {"text": "xây một sân bay mới ở Hủa Phăn", "reasons": ["quote: agreed does not stand in the article"]}
    ]
    assert set(told) == {"events", "mode", "rejected", "notices", "model", "usage", "prompts"}


def test_the_mode_extract_asks_no_model(article: str, by_rule: Summary) -> None:
    with opened(reply(next_steps=[NEXT])) as (desk, server):
        assert desk.summarize([article], mode="extract") == by_rule
        assert server.requests == []
    assert summarized(article, reply(next_steps=[NEXT]), mode="extract") == by_rule


@pytest.mark.parametrize("fault", [Silence(), Status(401), Status(500), "no JSON"])
def test_a_model_that_fails_leaves_the_rules_records_with_a_notice_in_time(
    article: str, by_rule: Summary, fault: Reply
) -> None:
    started = time.monotonic()
    found = summarized(article, fault, llm_timeout=2)
    assert time.monotonic() - started < 6
    assert found.events == by_rule.events
    (notice,) = found.notices
    assert "as the rules made them" in notice


def test_a_key_that_is_refused_is_tried_once_for_all_articles(article: str, by_rule: Summary) -> None:
    with opened(Status(401)) as (desk, server):
        found = desk.summarize([article, article, article])
        assert len(server.requests) == 1
    assert found.events == by_rule.events * 3
    assert len(found.notices) == 1


def test_one_reply_that_cannot_be_read_costs_one_articles_completion(article: str) -> None:
    with opened("no", "no", reply(next_steps=[NEXT])) as (desk, _):
        found = desk.summarize([article, article])
    assert NEXT not in [fact.text for fact in found.events[0].next_steps]
    assert NEXT in [fact.text for fact in found.events[1].next_steps]
    assert len(found.notices) == 1


def test_what_a_model_completed_is_not_stored(article: str, tmp_path: Path) -> None:
    with opened(reply(next_steps=[NEXT]), store=tmp_path / "store") as (desk, _):
        desk.ingest([article])
        (row,) = desk.articles()
        completed = desk.summarize([row.id])
        stored = desk.summarize([row.id], mode="extract")
    assert NEXT in [fact.text for fact in completed.events[0].next_steps]
    assert NEXT not in [fact.text for fact in stored.events[0].next_steps]


def test_the_command_shows_what_passed_and_says_how_much_was_set_aside(
    article: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invented = "xây một sân bay mới ở Hủa Phăn"
    with ScriptedServer([reply(next_steps=[NEXT], agreed=[invented])]) as server:
        told = {"BASE_URL": server.base_url, "MODEL": "scripted", "CACHE": "0"}
        for name, value in {**{f"LLM_{each}": set_to for each, set_to in told.items()}, "JUDGE": "off"}.items():
            monkeypatch.setenv(f"RAG_{name}", value)
        ruled = CliRunner().invoke(app, ["summarize", article, "--mode", "extract"])
        assert server.requests == []
        folded = CliRunner().invoke(app, ["summarize", article])
        unfolded = CliRunner().invoke(app, ["summarize", article, "-v"])
    assert ruled.exit_code == folded.exit_code == unfolded.exit_code == 0
    assert folded.stdout.count(NEXT) == ruled.stdout.count(NEXT) + 1
    assert "Set aside: 1 statement that failed the check (quote 1)" in folded.stderr
    assert invented not in folded.stdout + folded.stderr
    assert invented in unfolded.stderr
