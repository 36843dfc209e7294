"""Excerpts of articles for a language model: the best sentences with their neighbours, as data it can only read."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer import Candidate
from rag.domain import Article
from rag.orders import is_order, orders
from rag.split import sentence_spans
from rag.text import visible

_LINE_MOST = 800
_TITLE_MOST = 160
_BRACKETS = str.maketrans("<>", "‹›")


def excerpts(ranked: Sequence[Candidate], *, most: int) -> str:
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
    return "\n\n".join(_block(number, article, texts) for number, (article, texts) in enumerate(told, 1))


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


def _block(number: int, article: Article, lines: Sequence[str]) -> str:
    source = article.source
    title = "" if is_order(source.title or "") else _line(source.title or "")[:_TITLE_MOST]
    facts = [part for part in (title, _line(source.outlet or ""), source.published or "date not stated") if part]
    return "\n".join([f"[{number}] {' · '.join(facts)}", *lines])


def _line(text: str) -> str:
    return " ".join(visible(text).split())[:_LINE_MOST].translate(_BRACKETS)
