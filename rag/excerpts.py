"""Excerpts of articles for a language model: the best sentences with their neighbours, as data it can only read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer import Candidate
from rag.domain import Article
from rag.orders import is_order, orders
from rag.split import sentence_spans
from rag.text import visible

_LINE_MOST = 800
_TITLE_MOST = 160
_BRACKETS = str.maketrans("<>", "‹›")


@dataclass(frozen=True, slots=True)
class Excerpts:
    """What a model reads, and the titles in it, which it may take for a line of an article."""

    text: str
    titles: tuple[str, ...]


def excerpts(ranked: Sequence[Candidate], *, most: int) -> Excerpts:
    """Lines of the articles around the ranked sentences, the best first, at most about `most` characters.

    Each article stands under its number, title, outlet and date; its lines in their order, white space as one space,
    angle brackets as single quotation marks (no model reads them as its own). Orders to a program are left out.
    """
    lines: dict[str, dict[int, str]] = {}
    articles: dict[str, Article] = {}
    size = 0
    for candidate in ranked:
        article = articles.setdefault(candidate.article.id, candidate.article)
        chosen = lines.setdefault(article.id, {})
        for start, text in _around(candidate):
            if start not in chosen and size + len(text) <= most:
                chosen[start] = text
                size += len(text)
        if size + _LINE_MOST // 4 > most:
            break
    told = [(articles[id], [text for _, text in sorted(chosen.items())]) for id, chosen in lines.items() if chosen]
    heads = [(_title(article), _head(article)) for article, _ in told]
    blocks = [
        "\n".join([f"[{n}] {head}", *texts])
        for n, ((_, head), (_, texts)) in enumerate(zip(heads, told, strict=True), 1)
    ]
    return Excerpts("\n\n".join(blocks), tuple(each for pair in heads for each in pair))


def _around(candidate: Candidate) -> list[tuple[int, str]]:
    """(Start, line) of the sentence and those beside it in its passage, the sentence first."""
    article = candidate.article
    spans = sentence_spans(candidate.hit.chunk)
    texts = [article.text[start:end] for start, end in spans]
    lines = {
        start: _line(text) for (start, _), text, order in zip(spans, texts, orders(texts), strict=True) if not order
    }
    own = next((place for place, (start, _) in enumerate(spans) if start == candidate.start), 0)
    near = [place for place in (own, own - 1, own + 1) if 0 <= place < len(spans)]
    return [(spans[place][0], lines[spans[place][0]]) for place in near if spans[place][0] in lines]


def _title(article: Article) -> str:
    title = article.source.title or ""
    return "" if is_order(title) else _line(title)[:_TITLE_MOST]


def _head(article: Article) -> str:
    source = article.source
    return " · ".join(
        part for part in (_title(article), _line(source.outlet or ""), source.published or "date not stated") if part
    )


def _line(text: str) -> str:
    return " ".join(visible(text).split())[:_LINE_MOST].translate(_BRACKETS)
