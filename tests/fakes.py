"""Small honest stand-ins, so that no test patches anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.domain import Answer, Article, Chunk, Source
from rag.errors import InputError, RagError


@dataclass(frozen=True, slots=True)
class Row:
    source: Source


@dataclass(frozen=True, slots=True)
class Shown:
    article: Article
    chunks: tuple[Chunk, ...] = ()
    sources: tuple[Source, ...] = ()


class FakeDesk:
    """A desk that holds these articles and gives these answers in turn; a RagError among them is raised."""

    def __init__(self, articles: Sequence[Article] = (), answers: Sequence[Answer | RagError] = ()) -> None:
        self._articles = {article.id: article for article in articles}
        self._answers = list(answers)
        self.asked: list[str] = []

    def articles(self) -> list[Row]:
        return [Row(article.source) for article in self._articles.values()]

    def show(self, article: str) -> Shown:
        if article not in self._articles:
            raise InputError(f"there is no article {article}; `rag articles` lists them")
        return Shown(self._articles[article])

    def ask(self, question: str) -> Answer:
        self.asked.append(question)
        answer = self._answers[(len(self.asked) - 1) % len(self._answers)]
        if isinstance(answer, RagError):
            raise answer
        return answer
