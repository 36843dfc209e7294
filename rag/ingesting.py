"""Files into the store: what is new is read, embedded and committed; what is known costs a hash."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag import events, feeds
from rag.domain import Ingested, Outcome, Rejected
from rag.making import embedded, known, told
from rag.prepare import Job, Prepared, Slice, batches, parts, prepared, vector_key
from rag.recorded import Linking, row
from rag.split import headed, sentence_texts
from rag.store import Embedded, Entry, Store

if TYPE_CHECKING:
    from rag.embed import Embedder

Progress = Callable[[int, int], None]
Make = Callable[[Sequence[Job]], Iterable[Sequence[Slice]]]

TOLD_TOGETHER = 64  # articles read for events in one transaction


def here(jobs: Sequence[Job]) -> Iterator[list[Slice]]:
    """The slices of each file in turn, in batches; what costs of them is made when they are committed."""
    return batches(prepared(part) for job in jobs for part in parts(job))


def ingest(
    found: Sequence[feeds.Found | Rejected],
    *,
    store: Store,
    embedder: Embedder,
    progress: Progress | None = None,
    make: Make = here,
) -> Ingested:
    """Read the found files into the store. `progress(done, files)`. An interrupted run goes on with the next one.

    `make` gives the slices of files in their order, and may bring vectors and events along: what lacks is made here.
    """
    return _Reading(store, embedder, make, Linking(store)).read(found, progress)


def reindex(*, store: Store, embedder: Embedder, progress: Progress | None = None) -> int:
    """Make Chroma, the word index and the events anew from the catalogue; the number of passages.

    Embeds again only where the embedder is not the store's, or has sentences embedded that the store lacks.
    """
    store.untell()
    tell(store)
    if store.embedder == embedder.name and not (embedder.sentences and store.lacks_sentences()):
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
    make: Make
    linking: Linking
    barren: dict[str, list[str]] = field(default_factory=dict)

    def read(self, found: Sequence[feeds.Found | Rejected], progress: Progress | None) -> Ingested:
        started = time.perf_counter()
        rejected = [item for item in found if isinstance(item, Rejected)]
        files = [item for item in found if not isinstance(item, Rejected)]
        outcomes: list[Outcome] = []
        fresh = [job for file in files if (job := self._fresh(file)) is not None]
        changed = {file.path for file, _ in fresh}
        known = [file for file in files if file.path not in changed]
        rejected += [Rejected(file.path, why) for file in known if (why := self.store.rejection(file.path))]
        done, todo, make = len(known), fresh, self.make
        while todo:
            again: set[str] = set()
            for batch in self._embedding(make(todo)):
                again |= self._commit(batch, outcomes)
                rejected += [item for part in batch for item in part.rejected]
                done += sum(part.last for part in batch)
                if progress is not None:
                    progress(done, max(done, len(files)))
            # What was a near-duplicate of an article that is gone now is an article of its own.
            todo = [(file, None) for file in feeds.discover(sorted(again)) if isinstance(file, feeds.Found)]
            make = here  # they are few
        tell(self.store)
        self.store.flush()
        return Ingested(tuple(outcomes), tuple(rejected), len(known), time.perf_counter() - started)

    def _embedding(self, batches: Iterable[Sequence[Slice]]) -> Iterator[Sequence[Slice]]:
        """The batches with their vectors, each embedded in a thread while its neighbours are read and committed."""
        pool = ThreadPoolExecutor(1, "embed")
        waiting: Future[list[Slice]] | None = None
        try:
            for batch in batches:
                begun = pool.submit(embedded, batch, known(self.store, batch), self.embedder)
                if waiting is not None:
                    yield waiting.result()
                waiting = begun
            if waiting is not None:
                yield waiting.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _fresh(self, file: feeds.Found) -> Job | None:
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
        """Make what the batch lacks by now and store it; the files that must be read again."""
        there = known(self.store, batch)
        again: set[str] = set()
        for part in told(embedded(batch, there, self.embedder), there):
            if (first := self._begins(part)) is None:
                continue
            entries = list(map(_entry, part.articles))
            report = self.store.commit(part.file, entries, first=first, last=part.last, link=self.linking)
            again.update(report.again)
            outcomes += [
                Outcome(part.file.path, a.item, a.id, a.article.source.title, what)
                for a, what in zip(part.articles, report.outcomes, strict=True)
            ]
        return again

    def _begins(self, part: Slice) -> bool | None:
        """Whether this slice has the first articles of its file; None where none has come yet.

        A file that has none to its end is rejected, and what it gave before stays.
        """
        path = part.file.path
        if part.first:
            self.barren[path] = []
        reasons = self.barren.get(path)
        if reasons is None:
            return False
        if part.articles:
            del self.barren[path]
            return True
        reasons += [item.reason for item in part.rejected]
        if part.last:
            self.store.reject(part.file, "; ".join(self.barren.pop(path)) or "holds no article")
        return None


def _entry(a: Prepared) -> Entry:
    own = {key: vectors[0] for key, vectors in a.vectors.items()}
    sentences = {key: vectors[1:] for key, vectors in a.vectors.items()}
    return Entry(a.article, a.chunks, a.keys, own, a.names, sentences, a.records)
