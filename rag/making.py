"""What costs of prepared articles: their events and vectors, made only where the store has none yet.

Every step is a function of its arguments alone, so that it can run in another process. What is known is what the store
said at some moment: whoever commits asks again, and makes what lacks then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag import events
from rag.prepare import Prepared, Slice
from rag.recorded import row
from rag.store import Store

if TYPE_CHECKING:
    from rag.embed import Embedder


@dataclass(frozen=True, slots=True)
class Known:
    """Which articles (ids) are stored, and of the other articles' passages which vectors (keys)."""

    articles: frozenset[str] = frozenset()
    vectors: frozenset[str] = frozenset()


def known(store: Store, slices: Sequence[Slice]) -> Known:
    """What the store has of these articles now."""
    ids = dict.fromkeys(article.id for part in slices for article in part.articles)
    articles = frozenset(one for one in ids if store.known(one))
    keys = dict.fromkeys(key for article in _others(slices, articles) for key in article.keys)
    return Known(articles, frozenset(store.vectors_known(list(keys))) if keys else frozenset())


def told(slices: Sequence[Slice], known: Known) -> list[Slice]:
    """The slices with the records of every article that is not known."""

    def tell(article: Prepared) -> Prepared:
        if article.records is not None or article.id in known.articles:
            return article
        return replace(article, records=tuple(map(row, events.extract(article.article, names=article.names))))

    return [replace(part, articles=tuple(map(tell, part.articles))) for part in slices]


def embedded(slices: Sequence[Slice], known: Known, embedder: Embedder) -> list[Slice]:
    """The slices with the vectors that are not known of every article that is not known, embedded in one go."""
    unknown = list(_others(slices, known.articles))
    vectors = {key: found for article in unknown for key, found in article.vectors.items()}
    texts = {
        key: (text, *sentences)
        for article in unknown
        for key, text, sentences in zip(article.keys, article.texts, article.sentences, strict=True)
        if key not in known.vectors and key not in vectors
    }
    if texts:
        vectors |= zip(texts, embedder.groups(list(texts.values())), strict=True)

    def embed(article: Prepared) -> Prepared:
        if article.id in known.articles:
            return article
        return replace(article, vectors={key: vectors[key] for key in article.keys if key in vectors})

    return [replace(part, articles=tuple(map(embed, part.articles))) for part in slices]


def _others(slices: Sequence[Slice], known: frozenset[str]) -> Iterator[Prepared]:
    return (article for part in slices for article in part.articles if article.id not in known)
