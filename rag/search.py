"""Hybrid retrieval: dense, lexical and name evidence for a question, in each passage language, in one list.

Dense search is asked with the question and with its names put into each language's spelling, and centred on
the language's mean so that the question's own language does not bury the others. Lexical evidence is the share
of the question's possible BM25 that a passage reaches, so it fades by itself across languages. Named persons
and places count where the article, and where the passage, holds them.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag import concepts
from rag import names as bridge
from rag.domain import Chunk, Hit, NameMatch
from rag.remembered import remembered
from rag.store import Allowed, Store
from rag.text import fold, has_marks, stopwords, words

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from rag.embed import Embedder, Reranker

Floats = NDArray[np.float32]

SENTENCE_WEIGHT = 0.4
LEXICAL_WEIGHT = 0.12
LEXICAL_WEIGHT_ACROSS = 0.05
LEXICAL_USUAL = 0.3  # what a passage in the question's language reaches by its subject alone
CONCEPT_WEIGHT = 1.5
PAIR_WEIGHT = 0.5  # of the mean weight of the two words
ARTICLE_NAMES_WEIGHT = 0.03
PASSAGE_NAMES_WEIGHT = 0.01
CANDIDATES = 40  # passages per language and channel
_FEW = 6  # a language with this many passages is centred half on their mean, half on the background
_TELLING = 4  # letters without which a spelling without marks could be any of many
_RARE = 50  # articles that hold a name, under which its letters are looked for too
_MENTIONS = 200  # passages read for that
_K1, _B = 1.2, 0.75
_THREADS = 2
_USUAL_LENGTH = 120  # words of a passage


@dataclass(frozen=True, slots=True)
class Evidence:
    """A word of the question, or a concept in the words of one language: any of `forms` counts as it.

    `folded` forms are compared without marks. `name` is true for a word of a named person or place, `pair` for two
    neighbouring words: what is one word in Vietnamese or Chinese.
    """

    weight: float
    forms: tuple[str, ...]
    folded: bool
    name: bool = False
    concept: bool = False
    pair: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """A question's vector (dimension,) and the mean similarity of a language's passages to it."""

    vector: Floats
    offset: float

    def similarity(self, vectors: Floats) -> Floats:
        """The centred cosine (n,) of unit vectors (n, dimension)."""
        centred: Floats = vectors @ self.vector - self.offset
        return centred


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as search understands it, by passage language.

    `wordings` are the question and its rewriting with the language's spellings of the names; `bare` is the
    question without its names: what is asked of them.
    """

    question: str
    lang: str
    names: tuple[NameMatch, ...] = ()
    wordings: Mapping[str, tuple[Wording, ...]] = field(default_factory=dict)
    bare: Mapping[str, Wording] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)

    def similarity(self, lang: str, vectors: Floats) -> Floats:
        """The centred cosine (n,) of unit vectors (n, dimension), by the better wording of the question."""
        best: Floats = np.max([wording.similarity(vectors) for wording in self.wordings[lang]], axis=0)
        return best

    def coverage(self, lang: str, texts: Sequence[str], folded: Sequence[str]) -> list[float]:
        """How much of the question's words each passage holds, names among them: 0 to 1; `folded` as `Store.words`.

        The BM25 (Robertson and Zaragoza 2009) of the text over the most that the words could give. Where a
        word stands in no passage of the language, 1 is out of reach. Concepts count across languages only:
        within one the words tell passages apart better alone.
        """
        counted = [item for item in self.evidence[lang] if not item.concept or lang != self.lang]
        length = sum(text.count(" ") + 1 for text in texts) / max(1, len(texts))
        marked = folded if all(item.folded for item in counted) else [concepts.spaced(text) for text in texts]
        return [_bm25(counted, *both, length) for both in zip(folded, marked, strict=True)]

    def bearing(self, lang: str, text: str) -> float:
        """How much of what is asked of the names a sentence holds, in words and in concepts: 0 to 1, as BM25."""
        counted = [item for item in self.evidence[lang] if not (item.name or item.pair)]
        return _bm25(counted, concepts.spaced(fold(text)), concepts.spaced(text), _USUAL_LENGTH)


def spelled_out(names: Sequence[NameMatch], *, store: Store) -> tuple[NameMatch, ...]:
    """The names, those that few or no articles are known to hold looked for word by word in the passages.

    Ingest does not take every foreign place or person for a name; a question's own letters still find it.
    """
    return tuple(_spelled_out(name, store) if _rare(name) else name for name in names)


def passages_with(
    terms: Sequence[str], articles: frozenset[str], limit: int, *, store: Store
) -> list[tuple[str, str, str]]:
    """(Article id, language, text) of the passages of these articles with any of the terms, at most `limit`."""
    found = store.lexical(terms, limit=limit, allowed=store.allowed(articles=articles))
    chunks = store.chunks(chunk for chunk, _ in found)
    langs = {row.id: row.source.lang or "" for row in store.articles(list({chunk.article for chunk in chunks}))}
    return [(chunk.article, langs[chunk.article], chunk.text) for chunk in chunks if chunk.article in langs]


def _rare(name: NameMatch) -> bool:
    """Places are known from lists, and a short word could be a part of other names."""
    long = " " in name.query or len(name.query) > _TELLING
    return not name.matched or (name.kind != "place" and long and len(name.articles) < _RARE)


def _spelled_out(name: NameMatch, store: Store) -> NameMatch:
    """Marks may be missing from all of the question's spelling, not differ: `Bỉ` (Belgium) is not `Bí`."""
    plain = str.lower if has_marks(name.query) or len(name.query) < _TELLING else fold
    asked = words(plain(name.query))
    spellings = dict.fromkeys(name.matched)
    articles = dict.fromkeys(name.articles)
    for chunk in store.chunks(chunk for chunk, _ in store.lexical([name.query], limit=_MENTIONS)):
        found, plain_words = words(chunk.text), words(plain(chunk.text))
        if len(plain_words) != len(found):
            plain_words = list(map(plain, found))
        for at in range(len(found) - len(asked) + 1):
            run = found[at : at + len(asked)]
            if plain_words[at : at + len(asked)] == asked and not any(word[0].islower() for word in run):
                spellings[" ".join(run)] = None
                articles[chunk.article] = None
    return replace(name, matched=tuple(spellings), articles=tuple(articles))


def understand(question: str, *, lang: str, names: Sequence[NameMatch], store: Store, embedder: Embedder) -> Asked:
    """The question with its vectors and words for every passage language of the store."""
    counts = store.languages()
    centres = {code: centre(code, store=store, embedder=embedder) for code in counts}
    texts = {code: _wordings(question, names, code) for code in counts}
    bare = _without_names(question, names)
    distinct = list(dict.fromkeys([bare, *(text for each in texts.values() for text in each)]))
    vectors = dict(zip(distinct, embedder.queries(distinct), strict=True))

    def wording(text: str, code: str) -> Wording:
        return Wording(vectors[text], float(vectors[text] @ centres[code]))

    return Asked(
        question,
        lang,
        tuple(names),
        {code: tuple(wording(text, code) for text in texts[code]) for code in counts},
        {code: wording(bare, code) for code in counts},
        {code: _evidence(texts[code], bare, lang, code, store, counts[code]) for code in counts},
    )


def search(
    asked: Asked,
    *,
    store: Store,
    limit: int = 8,
    allowed: Allowed | None = None,
    reranker: Reranker | None = None,
) -> tuple[Hit, ...]:
    """The passages nearest to the question, best first, at most `limit`.

    A Hit's channels are `passage` (centred cosine), `dense` (the same, a share of it that of the passage's best
    sentence), `lexical` (share of the possible BM25), `names` (share of the named persons and places that its article
    holds) and, with a reranker, `reranker`.
    """
    holding = [frozenset(name.articles) for name in asked.names]
    with ThreadPoolExecutor(_THREADS) as pool:  # SQLite, Chroma and numpy work without the interpreter's lock
        parts = pool.map(lambda lang: _in_language(asked, holding, lang, store, allowed), asked.wordings)
    found = [each for part in parts for each in part]
    found.sort(key=lambda each: (-each.score, each.chunk.id))
    found = found[: limit if reranker is None else 4 * limit]
    sources = {row.id: row.source for row in store.articles(list({each.chunk.article for each in found}))}
    hits = [
        Hit(each.chunk, sources[each.chunk.article], each.score, each.channels, each.names)
        for each in found
        if each.chunk.article in sources
    ]
    if reranker is not None and hits:
        hits = _reranked(asked.question, hits, reranker)
    return tuple(hits[:limit])


def centre(lang: str, *, store: Store, embedder: Embedder) -> Floats:
    """What similarities to a language's passages are centred on (dimension,): their mean, with few the background's."""
    n = store.languages().get(lang, 0)
    background = _background(embedder, lang)
    if not n:
        return background
    blended: Floats = np.asarray((n * store.mean(lang) + _FEW * background) / (n + _FEW), dtype=np.float32)
    return blended


@lru_cache(maxsize=16)
def _background(embedder: Embedder, lang: str) -> Floats:
    """The mean vector (dimension,) of a language's background passages; English ones where it has none."""
    data = tomllib.loads((files("rag") / "data" / "background.toml").read_text(encoding="utf-8"))
    mean: Floats = embedder.passages(data.get(lang, data["en"])).mean(axis=0)
    return mean


def _wordings(question: str, names: Sequence[NameMatch], lang: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((question, bridge.rewrite(question, names, lang=lang))))


def _without_names(question: str, names: Sequence[NameMatch]) -> str:
    bare = question
    for name in names:
        bare = bare.replace(name.query, " ")
    return " ".join(bare.split()) or question


def _evidence(
    texts: Sequence[str], bare: str, question_lang: str, lang: str, store: Store, passages: int
) -> tuple[Evidence, ...]:
    """The question's words, within one language with their marks where the question has them, and its concepts."""
    within = question_lang == lang
    folded = not (within and has_marks(texts[0]))
    plain = fold if folded else str.lower
    stop = stopwords(lang, folded=folded) | (frozenset() if within else stopwords(question_lang))
    asked = set(words(plain(bare)))
    terms = dict.fromkeys(word for text in texts for word in words(plain(text)) if word not in stop)
    frequency = store.document_frequency(terms, lang=lang)
    weights = {term: _idf(passages, frequency.get(term, 0)) for term in terms}
    evidence = [Evidence(weights[term], (f" {term} ",), folded=folded, name=term not in asked) for term in terms]
    if within:
        neighbours = dict.fromkeys(pair for pair in pairwise(words(plain(texts[0]))) if not stop.issuperset(pair))
        evidence += [
            Evidence(_pair_weight(pair, weights), (f" {' '.join(pair)} ",), folded=folded, pair=True)
            for pair in neighbours
        ]
    evidence += [
        Evidence(CONCEPT_WEIGHT, concept.phrases.get(lang, ()), folded=False, concept=True)
        for concept in concepts.of_question(bare, lang=question_lang)
    ]
    return tuple(evidence)


def _pair_weight(pair: tuple[str, str], weights: Mapping[str, float]) -> float:
    return PAIR_WEIGHT * sum(weights.get(word, 0.0) for word in pair) / 2


def _bm25(evidence: Sequence[Evidence], folded: str, marked: str, usual: float) -> float:
    """The BM25 of a text's words over the most that the evidence could give; `usual` is the usual length in words."""
    possible = sum(item.weight for item in evidence) * (_K1 + 1)
    if not possible:
        return 0.0
    norm = _K1 * (1 - _B + _B * folded.count(" ") / usual)
    total = 0.0
    for item in evidence:
        text = folded if item.folded else marked
        if n := sum([text.count(form) for form in item.forms]):
            total += item.weight * n * (_K1 + 1) / (n + norm)
    return total / possible


def _idf(passages: int, holding: int) -> float:
    return math.log(1 + (passages - holding + 0.5) / (holding + 0.5))


@dataclass(frozen=True, slots=True)
class _Scored:
    """A Hit without its source, which only those shown need."""

    chunk: Chunk
    score: float
    channels: dict[str, float]
    names: tuple[str, ...]


def _in_language(
    asked: Asked, holding: Sequence[frozenset[str]], lang: str, store: Store, allowed: Allowed | None
) -> list[_Scored]:
    """The language's passages with their scores; `holding` are the articles that hold each of the names."""
    found: dict[str, None] = {}
    for wording in asked.wordings[lang]:
        near = store.dense(wording.vector, lang=lang, limit=CANDIDATES, allowed=allowed)
        found.update(dict.fromkeys(chunk for chunk, _ in near))
    terms = [form for item in asked.evidence[lang] if not (item.concept or item.pair) for form in item.forms]
    worded = store.lexical(terms, lang=lang, limit=CANDIDATES, allowed=allowed)
    found.update(dict.fromkeys(chunk for chunk, _ in worded))
    # An ingest may take an article away between two looks: what all of them have seen is whole.
    vectors, words_of = store.vectors_of(list(found)), store.words(list(found))
    chunks = [chunk for chunk in store.chunks(found) if chunk.id in vectors and chunk.id in words_of]
    if not chunks:
        return []
    own = asked.similarity(lang, np.stack([vectors[chunk.id] for chunk in chunks]))
    dense = _with_best_sentence(asked, lang, own, _sentences(store, chunks))
    folded = [words_of[chunk.id] for chunk in chunks]
    lexical = asked.coverage(lang, [chunk.text for chunk in chunks], folded)
    scored = []
    rows = zip(chunks, folded, own.tolist(), dense.tolist(), lexical, strict=True)
    for chunk, text, passage, similarity, covered in rows:
        in_article = sum(chunk.article in articles for articles in holding) / max(1, len(holding))
        spelled = tuple(first for name in asked.names if (first := _first_in(text, name.matched)) is not None)
        channels = {"dense": similarity, "passage": passage, "lexical": covered, "names": in_article}
        score = similarity + _weighed(covered, same_language=lang == asked.lang) + ARTICLE_NAMES_WEIGHT * in_article
        score += PASSAGE_NAMES_WEIGHT * len(spelled) / max(1, len(asked.names))
        scored.append(_Scored(chunk, score, channels, spelled))
    return scored


def _weighed(coverage: float, *, same_language: bool) -> float:
    """What shared words add to a score. Within one language few of them count against a passage: others have none."""
    return LEXICAL_WEIGHT * (coverage - LEXICAL_USUAL) if same_language else LEXICAL_WEIGHT_ACROSS * coverage


def _sentences(store: Store, chunks: Sequence[Chunk]) -> list[Floats | None]:
    stored = store.sentence_vectors([chunk.id for chunk in chunks])
    return [stored.get(chunk.id) for chunk in chunks]


def _with_best_sentence(asked: Asked, lang: str, own: Floats, sentences: Sequence[Floats | None]) -> Floats:
    """The passages' centred cosines (n,), a share of each replaced by its best sentence's where those are stored.

    A passage has many subjects and a question one: XQuAD's Recall@1 across languages rises by five points.
    """
    best = own.copy()
    held = {place: rows for place, rows in enumerate(sentences) if rows is not None and len(rows)}
    if held:
        starts = np.cumsum([0, *(len(rows) for rows in held.values())])[:-1]
        best[list(held)] = np.maximum.reduceat(asked.similarity(lang, np.concatenate(list(held.values()))), starts)
    mixed: Floats = (1 - SENTENCE_WEIGHT) * own + SENTENCE_WEIGHT * best
    return mixed


def _first_in(text: str, spellings: Iterable[str]) -> str | None:
    return next((spelling for spelling in spellings if _spaced(spelling) in text), None)


@remembered(10_000)
def _spaced(spelling: str) -> str:
    return concepts.spaced(fold(spelling))


def _reranked(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    scores = reranker.scores(question, [hit.chunk.text for hit in hits]).tolist()
    scored = [
        Hit(hit.chunk, hit.source, score, {**hit.channels, "reranker": score}, hit.names)
        for hit, score in zip(hits, scores, strict=True)
    ]
    return sorted(scored, key=lambda hit: (-hit.score, hit.chunk.id))


def retriever(find: Callable[[str], Sequence[Hit]]) -> BaseRetriever:
    """Search as a LangChain retriever, for the user's own chains; `find(question)` gives Hits."""
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever

    class HybridRetriever(BaseRetriever):
        def _get_relevant_documents(self, query: str, **_: Any) -> list[Document]:
            return [_document(hit) for hit in find(query)]

    def _document(hit: Hit) -> Document:
        source = hit.source
        metadata = {
            "article": source.id,
            "title": source.title,
            "url": source.url,
            "outlet": source.outlet,
            "published": source.published,
            "lang": source.lang,
            "start": hit.chunk.start,
            "end": hit.chunk.end,
            "score": hit.score,
        }
        return Document(page_content=hit.chunk.text, metadata=metadata, id=hit.chunk.id)

    return HybridRetriever()
