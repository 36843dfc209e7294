"""How near a statement is to the words that it cites, and whether other words of their articles are nearer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.cite import cite
from rag.claims import Nearness
from rag.domain import Article, Citation
from rag.search import Floats, centre
from rag.split import sentence_spans, sentence_texts

if TYPE_CHECKING:
    from rag.embed import Embedder
    from rag.store import Store


def nearness(statement: str, citations: Sequence[Citation], *, store: Store, embedder: Embedder) -> Nearness:
    """How near the statement is to its citations among the sentences of the cited articles."""
    vector = embedder.passages([statement])[0]
    cited, best, rival = -1.0, -1.0, None
    for id in dict.fromkeys(citation.source.id for citation in citations):
        article, spans, vectors = _sentences(store, embedder, id)
        scores = vectors @ vector - centre(article.source.lang or "", store=store, embedder=embedder) @ vector
        for (start, end), score in zip(spans, map(float, scores), strict=True):
            if any(citation.touches(id, start, end) for citation in citations):
                cited = max(cited, score)
            elif score > best:
                best, rival = score, cite(article, start, end)
    return Nearness(cited, best - cited, rival) if rival and best > cited else Nearness(cited)


def nearest(
    statement: str,
    spans: Sequence[tuple[Article, int, int]],
    vectors: Sequence[Floats],
    *,
    store: Store,
    embedder: Embedder,
) -> tuple[Citation, ...]:
    """The citation of the span whose vector is nearest to the statement's, centred; () where there is none."""
    vector = embedder.passages([statement])[0]
    scores = [
        float((row - centre(article.source.lang or "", store=store, embedder=embedder)) @ vector)
        for (article, _, _), row in zip(spans, vectors, strict=True)
    ]
    return (cite(*spans[int(np.argmax(scores))]),) if scores else ()


def _sentences(store: Store, embedder: Embedder, article: str) -> tuple[Article, list[tuple[int, int]], Floats]:
    """The article's sentences with their unit vectors (n, dimension); those that are not stored are made."""
    whole, chunks = store.article(article), store.chunks_of(article)
    stored = store.sentence_vectors([chunk.id for chunk in chunks])
    spans: list[tuple[int, int]] = []
    parts: list[Floats] = []
    for chunk in chunks:
        own = sentence_spans(chunk)
        rows = stored.get(chunk.id)
        if own:
            spans += own
            fits = rows is not None and len(rows) == len(own)
            parts.append(rows if fits and rows is not None else embedder.passages(list(sentence_texts(whole, chunk))))
    return whole, spans, np.concatenate(parts)
