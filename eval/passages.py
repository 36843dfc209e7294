"""Passage retrieval: a question's own passage among all, in its own language and across."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from eval.cases import Case, Options, Result, Suite, Try, public, read_jsonl
from eval.metrics import ranking
from rag import names
from rag.desk import Desk, open_desk
from rag.domain import Article, Chunk, Source
from rag.prepare import vector_key
from rag.split import headed, sentence_texts, split
from rag.store import Entry, FileRecord, Store
from rag.text import language

HEADLINE = "Recall@1"
RANKED = ("Recall@1", "Recall@5", "Recall@10", "MRR@10", "nDCG@10")
FOUND = ("Success@1", "Success@5", "Success@10", "MRR@10", "nDCG@10")
DEPTH = 200  # passages of the one list, of which each language's are taken
_BATCH = 32
_ANY = "any"


def xquad(*langs: str) -> Suite:
    """XQuAD with these languages in one index: each language's passages ranked, and the one list that users see.

    In the one list a question's passage in any language counts as found.
    """

    def load(options: Options) -> list[Case]:
        return [case for lang in langs for case in _cases(public(options, "xquad"), lang, langs)]

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        with tempfile.TemporaryDirectory() as temporary:
            desk = open_desk(store=Path(temporary) / "store")
            try:
                for lang in langs:
                    store_articles(desk, _articles(public(options, "xquad"), lang), whole=True)
                yield _searching(desk, langs)
            finally:
                desk.close()

    name = "xquad" if set(langs) == {"vi", "en"} else f"xquad-{'-'.join(langs)}"
    return Suite(name, load, opened, HEADLINE, f"the question's own passage of XQuAD, {', '.join(langs)} in one index")


def _cases(folder: Path, lang: str, langs: Sequence[str]) -> Iterator[Case]:
    for record in read_jsonl(folder / f"questions_{lang}.jsonl"):
        for target in (*langs, _ANY):
            split = "one list" if target == _ANY else "by language"
            groups = {"language": lang} if target == _ANY else {"pair": f"{lang}>{target}"}
            data = {"question": record["question"], "passage": record["pid"], "target": target}
            worst = dict.fromkeys(FOUND if target == _ANY else RANKED, 0.0)
            yield Case(f"{lang} {record['qid']} {target}", data, split, groups, worst)


def _articles(folder: Path, lang: str) -> list[Article]:
    articles = []
    for record in read_jsonl(folder / f"passages_{lang}.jsonl"):
        key = hashlib.sha256(record["text"].encode()).hexdigest()
        articles.append(Article(Source(key[:16], f"{record['pid']} {lang}", key, lang=lang), record["text"]))
    return articles


def store_articles(desk: Desk, articles: Sequence[Article], *, whole: bool = False) -> None:
    """Store articles as they are, past cleaning, which is measured elsewhere; with `whole`, each as one passage."""
    path, model = desk.settings.store, desk.embedder
    with Store.open(path, create=True, embedder=model.name, dimension=model.dimension) as store:
        for at in range(0, len(articles), _BATCH):
            _commit(store, desk, articles[at : at + _BATCH], whole)
        store.flush()


def _commit(store: Store, desk: Desk, articles: Sequence[Article], whole: bool) -> None:
    passages = [
        (article, chunk)
        for article in articles
        for chunk in ([Chunk(article.id, 0, len(article.text), article.text)] if whole else split(article))
    ]
    texts = [chunk.text if whole else headed(article, chunk) for article, chunk in passages]
    groups = desk.embedder.groups(
        [(text, *sentence_texts(*passage)) for text, passage in zip(texts, passages, strict=True)]
    )
    embedded = [
        (chunk, vector_key(text), vectors) for (_, chunk), text, vectors in zip(passages, texts, groups, strict=True)
    ]
    for article in articles:
        own = [each for each in embedded if each[0].article == article.id]
        chunks, keys = tuple(chunk for chunk, _, _ in own), tuple(key for _, key, _ in own)
        vectors = {key: vectors[0] for _, key, vectors in own}
        sentences = {key: vectors[1:] for _, key, vectors in own}
        found = names.find(article.text, lang=article.source.lang or language(article.text))
        entry = Entry(article, chunks, keys, vectors, found, sentences)
        store.commit(FileRecord(article.source.path, len(article.text), 0, article.source.raw_sha256), [entry])


def _searching(desk: Desk, langs: Sequence[str]) -> Try:
    passages = {row.id: row.source.path for row in desk.articles()}
    texts = {row.source.path: row.id for row in desk.articles()}

    @lru_cache(maxsize=1)
    def ranked(question: str) -> tuple[str, ...]:
        return tuple(passages[hit.source.id] for hit in desk.search(question, limit=DEPTH).hits)

    def attempt(case: Case) -> Result:
        question, passage, target = (case.data[key] for key in ("question", "passage", "target"))
        found = ranked(question)
        if target != _ANY:
            found = tuple(name for name in found if name.endswith(f" {target}"))
        gold = {f"{passage} {lang}" for lang in langs if target in (lang, _ANY)}
        scores = ranking(gold, found, FOUND if target == _ANY else RANKED)
        first = desk.show(texts[found[0]]).article.text if found else "nothing"
        wanted = desk.show(texts[min(gold)]).article.text
        return Result(scores, question, wanted, first, bool(found) and found[0] in gold)

    return attempt
