"""Files into the store: what is new is read, embedded and committed; what is known costs a hash."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag import events, feeds
from rag.domain import Ingested, Outcome, Rejected
from rag.prepare import Slice, batches, prepared, vector_key
from rag.recorded import Linking, row
from rag.split import headed, sentence_texts
from rag.store import Embedded, Entry, Store

if TYPE_CHECKING:
    from rag.embed import Embedder

Progress = Callable[[int, int], None]

TOLD_TOGETHER = 64  # articles read for events in one transaction


def ingest(
    found: Sequence[feeds.Found | Rejected], *, store: Store, embedder: Embedder, progress: Progress | None = None
) -> Ingested:
    """Read the found files into the store. `progress(done, files)`. An interrupted run goes on with the next one."""
    return _Reading(store, embedder).read(found, progress)


def reindex(*, store: Store, embedder: Embedder, progress: Progress | None = None) -> int:
    """Make Chroma, the word index and the events anew from the catalogue; the number of passages.

    Embeds again only where the embedder is not the store's.
    """
    store.untell()
    tell(store)
    if store.embedder == embedder.name:
        return store.rebuild(progress)
    return store.replace_vectors(embedder.name, embedder.dimension, _embedded_again(store, embedder, progress))


def tell(store: Store, progress: Progress | None = None) -> int:
    """Read for events, and link, every article that was not yet, or whose source says otherwise now; how many.

    So a store of an older version gets its events, and an interrupted `reindex` goes on.
    """
    waiting = store.untold()
    linking = Linking(store)
    for at in range(0, len(waiting), TOLD_TOGETHER):
        part = waiting[at : at + TOLD_TOGETHER]
        articles = [store.article(one) for one in part]
        records = {article.id: tuple(map(row, events.extract(article))) for article in articles}
        store.tell(records, link=linking)
        if progress is not None:
            progress(at + len(part), len(waiting))
    return len(waiting)


def _embedded_again(store: Store, embedder: Embedder, progress: Progress | None) -> Iterator[list[Embedded]]:
    stored = store.articles()
    for done, each in enumerate(stored, 1):
        article, chunks = store.article(each.id), store.chunks_of(each.id)
        texts = [headed(article, chunk) for chunk in chunks]
        groups = [(text, *sentence_texts(article, chunk)) for text, chunk in zip(texts, chunks, strict=True)]
        yield [
            (chunk.id, vector_key(text), vectors[0], vectors[1:])
            for chunk, text, vectors in zip(chunks, texts, embedder.groups(groups), strict=True)
        ]
        if progress is not None:
            progress(done, len(stored))


@dataclass(frozen=True, slots=True)
class _Reading:
    store: Store
    embedder: Embedder

    def read(self, found: Sequence[feeds.Found | Rejected], progress: Progress | None) -> Ingested:
        started = time.perf_counter()
        rejected = [item for item in found if isinstance(item, Rejected)]
        files = [item for item in found if not isinstance(item, Rejected)]
        outcomes: list[Outcome] = []
        fresh = [pair for file in files if (pair := self._fresh(file)) is not None]
        changed = {file.path for file, _ in fresh}
        known = [file for file in files if file.path not in changed]
        rejected += [Rejected(file.path, why) for file in known if (why := self.store.rejection(file.path))]
        done, todo = len(known), fresh
        while todo:
            again: set[str] = set()
            for batch in batches(prepared(todo)):
                again |= self._commit(batch, outcomes)
                rejected += [item for part in batch for item in part.rejected]
                done += sum(part.last for part in batch)
                if progress is not None:
                    progress(done, max(done, len(files)))
            # What was a near-duplicate of an article that is gone now is an article of its own.
            todo = [(file, None) for file in feeds.discover(sorted(again)) if isinstance(file, feeds.Found)]
        tell(self.store)
        self.store.flush()
        return Ingested(tuple(outcomes), tuple(rejected), len(known), time.perf_counter() - started)

    def _fresh(self, file: feeds.Found) -> tuple[feeds.Found, str | None] | None:
        digest: str | None = None

        def sha256() -> str:
            nonlocal digest
            digest = feeds.digest(file.path)
            return digest

        try:
            known = self.store.file_unchanged(file.path, size=file.size, mtime_ns=file.mtime_ns, sha256=sha256)
        except OSError:
            return file, None  # it went away or lost its rights; reading it says so
        return None if known else (file, digest)

    def _commit(self, batch: Sequence[Slice], outcomes: list[Outcome]) -> set[str]:
        """Embed what is new in the batch and store it; the files that must be read again."""
        articles = [article for part in batch for article in part.articles if not self.store.known(article.article.id)]
        texts = {
            key: (text, *sentences)
            for article in articles
            for key, text, sentences in zip(article.keys, article.texts, article.sentences, strict=True)
        }
        linking = Linking(self.store)
        known = self.store.vectors_known(list(texts))
        needed = [key for key in texts if key not in known]
        vectors = dict(zip(needed, self.embedder.groups([texts[key] for key in needed]), strict=True))
        told = {a.article.id: tuple(map(row, events.extract(a.article, names=a.names))) for a in articles}
        again: set[str] = set()
        for part in batch:
            if part.last and part.first and not part.articles:
                self.store.reject(part.file, "; ".join(item.reason for item in part.rejected) or "holds no article")
                continue
            entries = [
                Entry(
                    a.article,
                    a.chunks,
                    a.keys,
                    {key: vectors[key][0] for key in a.keys if key in vectors},
                    a.names,
                    {key: vectors[key][1:] for key in a.keys if key in vectors},
                    told.get(a.article.id),
                )
                for a in part.articles
            ]
            report = self.store.commit(part.file, entries, first=part.first, last=part.last, link=linking)
            again.update(report.again)
            outcomes += [
                Outcome(part.file.path, a.item, a.article.id, a.article.source.title, what)
                for a, what in zip(part.articles, report.outcomes, strict=True)
            ]
        return again
