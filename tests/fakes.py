"""Small honest stand-ins, so that no test patches anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from rag.config import settings
from rag.domain import Answer, Article, Chunk, Source, Statement
from rag.errors import InputError
from rag.shelf import Facets


@dataclass(frozen=True, slots=True)
class Row:
    source: Source


@dataclass(frozen=True, slots=True)
class Shown:
    article: Article
    chunks: tuple[Chunk, ...] = ()
    sources: tuple[Source, ...] = ()


class FakeConversations:
    """Conversations that keep nothing and say they did."""

    def save(self, owner: str, conversation: str | None, turn: Any) -> str:
        return conversation or "kept"

    def list(self, owner: str, *, limit: int = 50, offset: int = 0) -> tuple[()]:
        return ()


class FakeDesk:
    """A desk that holds these articles and gives these answers in turn; an exception among them is raised.

    `pause` seconds pass before each statement of a stream but the first. `closed` is set when a stream is closed
    before its end. `histories` holds the earlier answers that each question was asked with.
    """

    def __init__(
        self,
        articles: Sequence[Article] = (),
        answers: Sequence[Answer | Exception] = (),
        *,
        pause: float = 0.0,
    ) -> None:
        self._articles = {article.id: article for article in articles}
        self._answers = list(answers)
        self._pause = pause
        self.asked: list[str] = []
        self.histories: list[tuple[Answer, ...]] = []
        self.closed = threading.Event()
        self.settings = settings(store=Path("nowhere"))

    @property
    def conversations(self) -> FakeConversations:
        return FakeConversations()

    def requested(self, text: str, *, lang: str | None = None) -> None:
        return None

    def facets(self) -> Facets:
        return Facets()

    def newest_day(self) -> None:
        return None

    def recent(self) -> tuple[()]:
        return ()

    def spellings(self, query: str) -> list[Any]:
        return []

    def count_articles(self) -> int:
        return len(self._articles)

    def articles(self) -> list[Row]:
        return [Row(article.source) for article in self._articles.values()]

    def show(self, article: str) -> Shown:
        if article not in self._articles:
            raise InputError(f"there is no article {article}; `rag articles` lists them")
        return Shown(self._articles[article])

    def ask(self, question: str, **options: Any) -> Answer:
        *_, answer = self.stream(question, **options)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        question: str,
        *,
        filters: Any = None,
        limit: int = 12,
        mode: str | None = None,
        lang: str | None = None,
        history: Sequence[Answer] = (),
        stop: Event | None = None,
    ) -> Iterator[Statement | Answer]:
        self.asked.append(question)
        self.histories.append(tuple(history))
        answer = self._answers[(len(self.asked) - 1) % len(self._answers)]
        if isinstance(answer, Exception):
            raise answer
        never = threading.Event()
        try:
            for number, statement in enumerate(answer.statements):
                never.wait(self._pause if number else 0)
                yield statement
            yield answer
        except GeneratorExit:
            self.closed.set()
            raise
