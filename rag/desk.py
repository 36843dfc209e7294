"""The desk: the only place that wires the parts together."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from rag import answer as answering
from rag import feeds, names
from rag import search as searching
from rag.config import Settings, settings
from rag.domain import (
    Answer,
    Article,
    Chunk,
    DateFilter,
    Hit,
    Ingested,
    NameMatch,
    Outcome,
    Rejected,
    Source,
)
from rag.errors import InputError
from rag.limits import Filters as Filters
from rag.limits import limits
from rag.prepare import Slice, batches, clean_file, prepared, vector_key
from rag.split import headed, sentence_texts
from rag.store import ArticleRow, Embedded, Entry, Store
from rag.text import language, nfc

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from rag.embed import Embedder, Reranker

Progress = Callable[[int, int], None]

_QUESTION_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a search, the names it matched and the periods that limited it.

    `undated` counts the articles that `since` and `until` left out for want of a year.
    """

    hits: tuple[Hit, ...]
    names: tuple[NameMatch, ...]
    undated: int = 0
    seconds: float = 0.0
    dates: tuple[DateFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One article whole."""

    article: Article
    chunks: tuple[Chunk, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Spelled:
    """A stored spelling of a name: its kind, how many articles hold it, how alike it is and why."""

    text: str
    kind: str
    articles: int
    likeness: names.Likeness


class Desk:
    """A store and the models that read it. Threads may share one for asking; one at a time ingests."""

    def __init__(self, configuration: Settings) -> None:
        self.settings = configuration
        self._indexed: tuple[int, names.NameIndex] | None = None

    @cached_property
    def embedder(self) -> Embedder:
        from rag import embed

        s = self.settings
        return embed.load(
            s.embedder,
            query_prompt=s.query_prompt,
            passage_prompt=s.passage_prompt,
            device=s.device,
            cache=s.cache,
        )

    @cached_property
    def reranker(self) -> Reranker | None:
        from rag import embed

        s = self.settings
        return embed.load_reranker(s.reranker, device=s.device) if s.reranker else None

    @cached_property
    def store(self) -> Store:
        """The store for reading. Raises StoreError where there is none, or another embedder made it."""
        return Store.open(self.settings.store, embedder=self.embedder.name)

    def close(self) -> None:
        """Let go of the store."""
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def ingest(self, paths: Sequence[str], *, progress: Progress | None = None) -> Ingested:
        """Read files, folders and globs into the store, made where there is none. `progress(done, files)`.

        What was read before with the same bytes costs a hash. An interrupted run goes on with the next one.
        Raises StoreError, StoreBusy.
        """
        started = time.perf_counter()
        self.close()
        found = list(feeds.discover(paths))
        rejected = [item for item in found if isinstance(item, Rejected)]
        files = [item for item in found if not isinstance(item, Rejected)]
        outcomes: list[Outcome] = []
        with self._writable() as store:
            fresh = [pair for file in files if (pair := self._fresh(store, file)) is not None]
            changed = {file.path for file, _ in fresh}
            known = [file for file in files if file.path not in changed]
            rejected += [Rejected(file.path, why) for file in known if (why := store.rejection(file.path))]
            done, todo = len(known), fresh
            while todo:
                again: set[str] = set()
                for batch in batches(prepared(todo)):
                    again |= self._commit(store, batch, outcomes)
                    rejected += [item for part in batch for item in part.rejected]
                    done += sum(part.last for part in batch)
                    if progress is not None:
                        progress(done, max(done, len(files)))
                # What was a near-duplicate of an article that is gone now is an article of its own.
                todo = [(file, None) for file in feeds.discover(sorted(again)) if isinstance(file, feeds.Found)]
            store.flush()
        return Ingested(tuple(outcomes), tuple(rejected), len(known), time.perf_counter() - started)

    def _writable(self) -> Store:
        embedder = self.embedder
        return Store.open(self.settings.store, create=True, embedder=embedder.name, dimension=embedder.dimension)

    def _fresh(self, store: Store, file: feeds.Found) -> tuple[feeds.Found, str | None] | None:
        digest: str | None = None

        def sha256() -> str:
            nonlocal digest
            digest = feeds.digest(file.path)
            return digest

        try:
            known = store.file_unchanged(file.path, size=file.size, mtime_ns=file.mtime_ns, sha256=sha256)
        except OSError:
            return file, None  # it went away or lost its rights; reading it says so
        return None if known else (file, digest)

    def _commit(self, store: Store, batch: Sequence[Slice], outcomes: list[Outcome]) -> set[str]:
        """Embed what is new in the batch and store it; the files that must be read again."""
        articles = [article for part in batch for article in part.articles if not store.known(article.article.id)]
        texts = {
            key: (text, *sentences)
            for article in articles
            for key, text, sentences in zip(article.keys, article.texts, article.sentences, strict=True)
        }
        known = store.vectors_known(list(texts))
        needed = [key for key in texts if key not in known]
        vectors = dict(zip(needed, self.embedder.groups([texts[key] for key in needed]), strict=True))
        again: set[str] = set()
        for part in batch:
            if part.last and part.first and not part.articles:
                store.reject(part.file, "; ".join(item.reason for item in part.rejected) or "holds no article")
                continue
            entries = [
                Entry(
                    a.article,
                    a.chunks,
                    a.keys,
                    {key: vectors[key][0] for key in a.keys if key in vectors},
                    a.names,
                    {key: vectors[key][1:] for key in a.keys if key in vectors},
                )
                for a in part.articles
            ]
            report = store.commit(part.file, entries, first=part.first, last=part.last)
            again.update(report.again)
            outcomes += [
                Outcome(part.file.path, a.item, a.article.id, a.article.source.title, what)
                for a, what in zip(part.articles, report.outcomes, strict=True)
            ]
        return again

    def reindex(self, *, progress: Progress | None = None) -> int:
        """Make Chroma and the word index anew from the catalogue; the number of passages.

        Embeds again only where the settings name another embedder than the store's.
        """
        self.close()
        embedder = self.embedder
        with Store.open(self.settings.store) as store:
            if store.embedder == embedder.name:
                return store.rebuild(progress)
            return store.replace_vectors(embedder.name, embedder.dimension, self._embedded_again(store, progress))

    def _embedded_again(self, store: Store, progress: Progress | None) -> Iterator[list[Embedded]]:
        rows = store.articles()
        for done, row in enumerate(rows, 1):
            article, chunks = store.article(row.id), store.chunks_of(row.id)
            texts = [headed(article, chunk) for chunk in chunks]
            groups = [(text, *sentence_texts(article, chunk)) for text, chunk in zip(texts, chunks, strict=True)]
            yield [
                (chunk.id, vector_key(text), vectors[0], vectors[1:])
                for chunk, text, vectors in zip(chunks, texts, self.embedder.groups(groups), strict=True)
            ]
            if progress is not None:
                progress(done, len(rows))

    def clean(self, path: str) -> tuple[Article | Rejected, ...]:
        """The cleaned articles of one file, or why there are none. Touches no store."""
        return clean_file(path)

    def articles(self) -> list[ArticleRow]:
        """What is stored, in order of ingest."""
        return self.store.articles()

    def show(self, article: str) -> Shown:
        """One article by its id or the beginning of it. Raises InputError."""
        whole = self.store.article(article)
        return Shown(whole, self.store.chunks_of(whole.id), self.store.sources(whole.id))

    def search(self, question: str, *, limit: int = 8, filters: Filters | None = None) -> Found:
        """The passages nearest to a question, best first. Raises InputError, StoreError."""
        started = time.perf_counter()
        question, lang, matches = self._understand(question)
        limited = limits(question, lang=lang, filters=filters or Filters(), store=self.store, index=self._names())
        allowed = limited.allowed
        asked = searching.understand(question, lang=lang, names=matches, store=self.store, embedder=self.embedder)
        hits = searching.search(asked, store=self.store, limit=limit, allowed=allowed, reranker=self.reranker)
        undated = allowed.undated if allowed else 0
        return Found(hits, matches, undated, time.perf_counter() - started, limited.dates)

    def ask(self, question: str, *, filters: Filters | None = None, limit: int = 12) -> Answer:
        """What the articles say to a question: cited statements, or a refusal. Raises InputError, StoreError."""
        started = time.perf_counter()
        question, lang, matches = self._understand(question)
        return replace(
            self._answer(question, lang, matches, filters or Filters(), limit),
            seconds=time.perf_counter() - started,
        )

    def _answer(self, question: str, lang: str, matches: tuple[NameMatch, ...], filters: Filters, limit: int) -> Answer:
        gate = answering.gate(matches, lang=lang)
        if gate.reason:
            return answering.refuse(question, lang, matches, gate.reason)
        limited = limits(
            question,
            lang=lang,
            filters=filters,
            store=self.store,
            index=self._names(),
            articles=gate.articles,
            names=() if gate.articles is None else matches,
        )
        if limited.reason:
            return replace(answering.refuse(question, lang, matches, limited.reason), dates=limited.dates)
        asked = searching.understand(question, lang=lang, names=matches, store=self.store, embedder=self.embedder)
        hits = searching.search(asked, store=self.store, limit=limit, allowed=limited.allowed, reranker=self.reranker)
        ranked = answering.rank(
            asked,
            hits,
            article=self.store.article,
            vectors=self.store.sentence_vectors,
            embedder=self.embedder,
        )
        return replace(answering.extract(asked, ranked), dates=limited.dates)

    def retriever(self, *, limit: int = 8) -> BaseRetriever:
        """Search as a LangChain retriever, for the user's own chains."""
        return searching.retriever(lambda question: self.search(question, limit=limit).hits)

    def _understand(self, question: str) -> tuple[str, str, tuple[NameMatch, ...]]:
        question = " ".join(nfc(question).split())
        if not question:
            raise InputError("the question is empty; type one, for example: rag ask 'who met whom?'")
        if len(question) > _QUESTION_MOST:
            raise InputError(f"the question has {len(question)} characters; {_QUESTION_MOST} are the most")
        lang = language(question)
        index, passages = self._names(), partial(searching.passages_with, store=self.store)
        matches = searching.spelled_out(names.in_question(question, lang=lang, index=index), store=self.store)
        matches = names.as_governments(question, matches, lang=lang, index=index)
        by_office = names.named_by_office(question, lang=lang, names=matches, index=index, passages=passages)
        return question, lang, matches + by_office

    def spellings(self, query: str) -> list[Spelled]:
        """The stored spellings that can be this name, best first."""
        index = self._names()
        return [
            Spelled(text, index.kind(text), len(index.articles(text)), likeness)
            for text, likeness in index.ranked(nfc(query), lang=language(query))
        ]

    def same_name(self, one: str, other: str) -> names.Likeness:
        """Whether two spellings can be one name, and why. Needs no store."""
        return names.same(nfc(one), nfc(other), aliases=self._aliases)

    @cached_property
    def _aliases(self) -> names.Aliases:
        given = self.settings.aliases
        if given is not None and not given.is_file():
            raise InputError(f"no alias file at {given}; make one or unset RAG_ALIASES")
        return names.load_aliases(self.settings.alias_file)

    def _names(self) -> names.NameIndex:
        generation = self.store.generation
        if self._indexed is None or self._indexed[0] != generation:
            self._indexed = (
                generation,
                names.NameIndex(self.store.names(), aliases=self._aliases, kept=self.settings.store / "names.json"),
            )
            gc.freeze()  # what lives as long as the store is not walked again at each collection
        return self._indexed[1]


def open_desk(**given: object) -> Desk:
    """A desk with these settings before the environment's: `open_desk(store=Path("news"))`. Raises InputError."""
    return Desk(settings(**given))
