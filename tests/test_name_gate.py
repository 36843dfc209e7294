"""The gate over questions that name persons, offices and organisations: what nobody holds is refused, nothing else."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag import names
from rag.answer import gate
from rag.domain import Article, NameMatch
from rag.prepare import clean_file
from rag.text import fold, language, words

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "eval" / "data" / "name_questions.jsonl"
CORPORA = {"seeds": ROOT / "seeds", "synthetic": ROOT / "eval" / "data" / "synthetic"}


class Corpus:
    """Articles, their names, and their paragraphs by the words in them."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = {article.id: article for article in articles}
        self.paragraphs = {a.id: [(line, _folded(line)) for line in a.text.splitlines()] for a in articles}
        self.index = names.NameIndex(
            [
                (name.text, name.kind, article.id)
                for article in articles
                for name in names.find(article.text, lang=article.source.lang or "en")
            ]
        )

    def passages(self, terms: Sequence[str], articles: frozenset[str], limit: int) -> list[tuple[str, str, str]]:
        wanted = [_folded(term) for term in terms]
        found = [
            (id, self.articles[id].source.lang or "en", paragraph)
            for id in sorted(articles)
            for paragraph, folded in self.paragraphs[id]
            if any(term in folded for term in wanted)
        ]
        return found[:limit]

    def _as_spelled(self, query: str) -> tuple[str, ...]:
        return tuple(id for id, article in self.articles.items() if query in article.text)

    def names(self, question: str) -> tuple[NameMatch, ...]:
        lang = language(question)
        found = tuple(
            name if name.articles else replace(name, articles=self._as_spelled(name.query))
            for name in names.in_question(question, lang=lang, index=self.index)
        )
        return found + names.named_by_office(question, lang=lang, names=found, index=self.index, passages=self.passages)

    def refuses(self, question: str) -> bool:
        return bool(gate(self.names(question), lang="en").reason)


def _folded(text: str) -> str:
    """A text's folded words between spaces; hanzi stand alone there, so that a run is found inside a longer one."""
    apart = re.sub("([\u3400-\u9fff])", r" \1 ", text)
    return f" {' '.join(words(fold(apart)))} "


@pytest.fixture(scope="module")
def corpora() -> dict[str, Corpus]:
    return {name: Corpus(list(_articles(folder))) for name, folder in CORPORA.items()}


def _articles(folder: Path) -> Iterator[Article]:
    return (found for found in clean_file(str(folder)) if isinstance(found, Article))


def test_the_gate_refuses_unknown_names_and_no_others(corpora: dict[str, Corpus]) -> None:
    """Over persons, offices and organisations in four languages: precision 1.0 and recall at least 0.9."""
    counts: Counter[tuple[bool, bool]] = Counter()
    wrongly = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        refused = corpora[row["corpus"]].refuses(row["question"])
        counts[row["known"], refused] += 1
        if row["known"] and refused:
            wrongly.append(row["question"])
    assert not wrongly
    assert counts[False, True] / (counts[False, True] + counts[False, False]) >= 0.9
    assert counts.total() >= 100
