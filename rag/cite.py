"""Citations: the only place that makes one, so that every quote stands in its article."""

from __future__ import annotations

from rag.domain import Article, Citation, Statement


def cite(article: Article, start: int, end: int) -> Citation:
    """The citation of a span, white space at its edges left out: `quote == article.text[start:end]`.

    Raises ValueError where the span lies outside the text or holds nothing but white space.
    """
    span = article.text[start:end] if 0 <= start <= end <= len(article.text) else ""
    quote = span.strip()
    if not quote:
        raise ValueError(f"article {article.id} has no text at {start}:{end}")
    start += len(span) - len(span.lstrip())
    return Citation(source=article.source, start=start, end=start + len(quote), quote=quote)


def quoted(article: Article, start: int, end: int) -> Statement:
    """A statement that is the article's own words."""
    citation = cite(article, start, end)
    return Statement(text=citation.quote, lang=article.source.lang, citations=(citation,), support="quoted")
