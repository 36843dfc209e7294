"""What is stored says its version; what a newer program stored is refused with the remedy, and left as it is."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from eval.compare import read_baseline
from rag import briefs, conversations, evaluations, feedback, llm_cache
from rag.conversations import Conversations
from rag.domain import Answer, Briefing
from rag.errors import InputError, StoreError
from rag.render_brief import brief_json

ANSWER = Answer("ai đã gặp Lavrov?", "vi", reason="không có")


def user_version(file: Path, number: int | None = None) -> int:
    with closing(sqlite3.connect(file)) as db, db:
        if number is not None:
            db.execute(f"PRAGMA user_version = {number}")
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_verdicts(tmp_path: Path) -> None:
    feedback.judge(tmp_path, ANSWER, "up")
    file = tmp_path / feedback.FILE
    case = json.loads(file.read_text(encoding="utf-8"))
    assert case["version"] == feedback.VERSION
    del case["version"]  # as the first ones were written
    file.write_text(json.dumps(case) + "\n", encoding="utf-8")
    assert len(feedback.cases(tmp_path)) == 1
    file.write_text(json.dumps({**case, "version": 2}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 1 has version 2 .* update rag"):
        feedback.cases(tmp_path)


def test_kept_replies(tmp_path: Path) -> None:
    file = tmp_path / "llm_cache.sqlite"
    cache = llm_cache.Cache(file)
    cache.put("key", "reply")
    assert (cache.get("key"), user_version(file)) == ("reply", llm_cache.VERSION)
    user_version(file, 0)  # as the first ones were
    assert (cache.get("key"), user_version(file)) == ("reply", llm_cache.VERSION)
    user_version(file, 2)
    before = file.read_bytes()
    assert cache.get("key") is None
    cache.put("other", "reply")
    assert file.read_bytes() == before


def test_conversations(tmp_path: Path) -> None:
    kept = Conversations(tmp_path)
    kept.save("owner", None, conversations.Turn("ai?", ANSWER))
    assert user_version(kept.file) == conversations.VERSION
    user_version(kept.file, 2)
    with pytest.raises(StoreError, match=r"has version 2 .* move it away"):
        Conversations(tmp_path).list("owner")


def test_briefings_that_are_out(tmp_path: Path) -> None:
    told = Briefing("2023-07-13", "2023-07-14", "vi", None, seen=3)
    asked = briefs.Asked(None, None, True, "vi")
    briefs.remember(tmp_path, asked, told)
    file = tmp_path / "briefings.json"
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["version"] == 1
    file.write_text(json.dumps(kept["briefings"]), encoding="utf-8")  # as the first ones were written
    briefs.remember(tmp_path, asked, told)
    assert json.loads(file.read_text(encoding="utf-8")) == kept
    file.write_text(json.dumps({**kept, "version": 2}), encoding="utf-8")
    with pytest.raises(InputError, match=r"has version 2 .* update rag"):
        briefs.remember(tmp_path, asked, told)
    assert next(iter(brief_json(told).items())) == ("version", 1)


def test_reports(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    run = evaluations.Run("20260101T000000Z-qa", "qa", "", tmp_path)
    for version in ({}, {"version": evaluations.VERSION}):
        file.write_text(json.dumps({**version, "suites": []}), encoding="utf-8")
        assert evaluations.report(run)["suites"] == []
        assert read_baseline(file) == {}
    file.write_text(json.dumps({"version": 22, "suites": []}), encoding="utf-8")
    for read in (lambda: evaluations.report(run), lambda: read_baseline(file)):
        with pytest.raises(InputError, match=r"has version 22 .* update rag"):
            read()
