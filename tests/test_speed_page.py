"""Many people at once: the benchmark of the page, and that nobody waits for another one's slow question."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from browser.conftest import serving_here
from fakes import FakeDesk
from running import finished

from eval import speed_page
from rag.cite import cite
from rag.desk import Desk
from rag.domain import Answer, Article, Source, Statement

ARTICLE = Article(Source("a1", "a.txt", "0", lang="vi"), "Hai bên đã ký 5 văn kiện.")
ANSWER = Answer("?", "vi", (Statement(ARTICLE.text, "vi", (cite(ARTICLE, 0, len(ARTICLE.text)),), "quoted"),))


class SlowDesk(FakeDesk):
    """Answers at once, but a question that holds "slow" only when it is let go."""

    def __init__(self) -> None:
        super().__init__([ARTICLE], [ANSWER])
        self.go = threading.Event()
        self.waiting = threading.Semaphore(0)

    def stream(self, question: str, **options: Any) -> Iterator[Any]:
        if "slow" in question:
            self.waiting.release()
            self.go.wait(60)
        yield from super().stream(question, **options)


def test_twenty_people_ask_at_once_and_each_is_answered(desk: Desk) -> None:
    with serving_here(desk) as address:
        measured = finished(speed_page.together(address, speed_page.questions_of(40), users=20, rounds=2))
    assert measured.errors == []
    assert len(measured.seconds) == 40


@pytest.mark.parametrize("away", [False, True], ids=["waiting", "gone away"])
def test_slow_questions_of_others_delay_nobody(away: bool) -> None:
    slow = SlowDesk()

    async def go(address: str) -> float:
        async with speed_page.opened(address, 13) as (one, *others):
            asked = [asyncio.ensure_future((each.leave if away else each.ask)("slow one")) for each in others]
            for _ in others:
                assert await asyncio.to_thread(slow.waiting.acquire, timeout=20), "the desk is not asked"
            started = time.perf_counter()
            await one.ask("a quick one")
            seconds = time.perf_counter() - started
            slow.go.set()
            await asyncio.gather(*asked)
            return seconds

    with serving_here(slow) as address:
        assert finished(go(address)) < 5  # the slow ones wait until it is answered


def test_a_question_that_nobody_answers_is_an_error_of_the_benchmark() -> None:
    class Broken(FakeDesk):
        def stream(self, question: str, **options: Any) -> Iterator[Any]:
            raise RuntimeError("broken")

    with serving_here(Broken([ARTICLE])) as address:
        measured = finished(speed_page.together(address, ["?"], users=2, rounds=1))
    assert (len(measured.errors), measured.seconds) == (2, [])


def test_the_percentiles_are_of_what_was_answered() -> None:
    measured = speed_page.Measured([0.1] * 95 + [2.0] * 5)
    assert (measured.percentile(50), round(measured.percentile(95), 1)) == (0.1, 0.2)
    assert "100 answers   0 errors" in measured.line("one user")
