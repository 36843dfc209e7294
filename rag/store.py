"""The store: a catalogue (SQLite) that is the truth, and vectors (Chroma) that serve the search, in one folder.

A commit writes the catalogue and, in the same transaction, an outbox of the chunks whose vectors Chroma must
still take or drop. `flush` drains it. So a kill at any moment loses nothing: what Chroma does not hold yet
is compared exactly, and what it holds too much is left out. Few vectors are compared exactly without it.

Where one machine is too small, PostgreSQL holds the catalogue and a Chroma server the vectors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from rag import event_rows, filters, intake, lexical, published
from rag.catalogue import BEFORE, VERSION, ArticleRow, Catalogue, plain
from rag.domain import Article, Chunk, Source
from rag.errors import StoreError
from rag.event_rows import Condition, Outline, Pair, Record
from rag.filters import Allowed
from rag.intake import Entry, FileRecord, Report
from rag.nearest import Nearest
from rag.outbox import Outbox, Progress, Turn, WriterLock
from rag.published import Page
from rag.shelf import Asked, Facets, Shelf, Shelves
from rag.sql import TEXTS, Database

__all__ = ["Allowed", "ArticleRow", "Condition", "Entry", "FileRecord", "Record", "Report", "Servers", "Store"]

DRAIN_AT = 4000

Embedded = tuple[str, str, NDArray[np.float32], NDArray[np.float32]]
Link = Callable[[Sequence[str]], Iterable[Pair]]  # the pairs that new records (ids) make with stored ones


@dataclass(frozen=True, slots=True)
class Servers:
    """A store on servers: Chroma's address (http://host:8000) and the catalogue's (postgresql://...)."""

    chroma: str
    catalogue: str = field(repr=False)


class Store:
    """An open store. Threads may share it; processes may each open their own and write in turns."""

    def __init__(
        self, path: Path, catalogue: Catalogue, writer: Turn, *, wait: float, server: str | None = None
    ) -> None:
        self.path = path
        self._shown = str(catalogue.file if server else path)
        self._catalogue = catalogue
        self._writer = writer
        # A database on a server puts its writers in a row by itself.
        self._committing: Callable[[], AbstractContextManager[None]] = nullcontext if server else writer
        self._wait = wait
        self._outbox = Outbox(path, catalogue, writer, server=server)
        self._seen: dict[str, set[tuple[int, str]]] = {}
        self._nearest = Nearest(catalogue, self._outbox.open_for_reading)
        self._counts = lexical.Counts()
        self._shelves = Shelves(catalogue)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool = False,
        embedder: str | None = None,
        dimension: int | None = None,
        wait: float = 120.0,
        servers: Servers | None = None,
    ) -> Store:
        """The store in this folder, or on these servers; made where `create` is set and there is none.

        `wait` is how many seconds a write waits for another writer. Raises StoreError where there is no
        store, where another embedder made it, or where it has another version.
        """
        path = Path(path).absolute()
        file = path / "catalogue.sqlite3"
        if not create and servers is None and not file.is_file():
            raise StoreError(f"no store at {path}; run `rag ingest PATH`")
        if create:
            try:
                path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"{path} cannot be made ({error.strerror}); choose another --store") from error
        if servers is None:
            store = cls(path, Catalogue(file, wait=wait), WriterLock(path, wait=wait), wait=wait)
        else:
            store = cls._on(servers, path, wait)
        try:
            # Two processes that turn a new file to WAL at once fail at once, whatever the timeout.
            with store._writer() if create else nullcontext():
                store._settle(create=create, embedder=embedder, dimension=dimension)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def _on(cls, servers: Servers, path: Path, wait: float) -> Store:
        from rag.postgres import PostgresCatalogue

        catalogue = PostgresCatalogue(servers.catalogue, wait=wait)
        return cls(path, catalogue, catalogue.turn(), wait=wait, server=servers.chroma)

    def _settle(self, *, create: bool, embedder: str | None, dimension: int | None) -> None:
        meta = self._catalogue.meta()
        if not meta:
            if not create:
                raise StoreError(f"no store at {self._shown}; run `rag ingest PATH`")
            if embedder is None or dimension is None:
                raise StoreError(f"{self._shown}: a new store needs its embedder and dimension")
            self._catalogue.create(
                version=VERSION,
                embedder=embedder,
                dimension=dimension,
                generation=0,
                dirty=0,
                chroma="chroma" if self._outbox.server is None else f"rag{uuid4().hex[:12]}",
            )
            meta = self._catalogue.meta()
        if meta["version"] in BEFORE:
            self._catalogue.migrate()
            meta = self._catalogue.meta()
        if meta["version"] != VERSION:
            raise StoreError(
                f"{self._shown} has version {meta['version']} of the store and this program needs {VERSION}; "
                "ingest into a new one with --store, or use the program that made it"
            )
        made_by, size = str(meta["embedder"]), int(meta["dimension"])
        if embedder not in (None, made_by) or dimension not in (None, size):
            raise StoreError(
                f"{self._shown} was made with the embedder {made_by} ({size} dimensions), not "
                f"{embedder or made_by} ({dimension or size}); run "
                "`rag reindex` to embed it again, set RAG_EMBEDDER to what made it, or use another --store"
            )

    @property
    def shown(self) -> str:
        """Where it is, as one may show it: its folder, or its database without the password."""
        return self._shown

    @property
    def version(self) -> str:
        """The version of the form in which it is stored."""
        return str(self._catalogue.meta()["version"])

    @property
    def embedder(self) -> str:
        """The name of the embedder whose vectors the store holds."""
        return str(self._catalogue.meta()["embedder"])

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        return int(self._catalogue.meta()["dimension"])

    @property
    def generation(self) -> int:
        """A number that grows with every change, by whichever process."""
        return int(self._catalogue.meta()["generation"])

    def file_unchanged(self, path: str, *, size: int, mtime_ns: int, sha256: Callable[[], str]) -> bool:
        """Whether the file was read to its end with these very bytes. Hashes only at equal size."""
        with self._catalogue.reading() as db:
            row = db.execute("SELECT size, sha256 FROM files WHERE path = ?", (plain(path),)).fetchone()
        return row is not None and row[0] == size and row[1] == sha256()

    def rejection(self, path: str) -> str | None:
        """Why the file was rejected when it was last read; None where it was not."""
        with self._catalogue.reading() as db:
            row = db.execute("SELECT reason FROM files WHERE path = ?", (plain(path),)).fetchone()
        return None if row is None else row[0]

    def vectors_known(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose vector is stored."""
        with self._catalogue.reading() as db:
            sql = f"SELECT key FROM vectors WHERE key IN {TEXTS}"
            return {row[0] for row in db.execute(sql, (json.dumps(list(keys)),))}

    def known(self, article_id: str) -> bool:
        """Whether an article of this id is stored."""
        with self._catalogue.reading() as db:
            return db.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is not None

    def commit(
        self,
        file: FileRecord,
        entries: Sequence[Entry],
        *,
        first: bool = True,
        last: bool = True,
        link: Link | None = None,
    ) -> Report:
        """Replace what the file gave before by these entries, in one transaction.

        `link` is asked, inside it, which stored records are one event with the new ones.

        A file too large for that is given in slices, `first` and `last` set on the ends: what it gave before
        goes, and the file counts as read, with the last one only. Raises StoreBusy, StoreError, InputError.
        """
        path = plain(file.path)
        if first:
            self._seen[path] = set()
        elif path not in self._seen:
            raise ValueError(f"{path}: the first slice is missing")
        seen = self._seen[path]
        again: set[str] = set()
        marks: list[tuple[int, str]] = []
        try:
            with self._committing(), self._catalogue.writing() as db:
                dimension = self.dimension
                outcomes = []
                for entry in entries:
                    outcomes.append(intake.put(db, path, entry, seen, dimension))
                    marks.append((entry.article.source.item, entry.article.id))
                    seen.add(marks[-1])
                _link(db, link, [record.id for entry in entries for record in entry.records or ()])
                changed = any(outcome != "same" for outcome in outcomes)
                if last:
                    gone, again = intake.forget(db, path, seen)
                    changed = changed or gone
                    if path not in again:
                        intake.write_file(db, file, "ok")
                if changed:
                    self._catalogue.changed()
        except BaseException:
            seen.difference_update(marks)
            raise
        if last:
            del self._seen[path]
        if self._outbox.pending() >= DRAIN_AT:
            with suppress(StoreError):  # The commit stands, and a later drain goes on.
                self._outbox.flush()
        return Report(tuple(outcomes), tuple(sorted(again)))

    def reject(self, file: FileRecord, reason: str) -> None:
        """Record that the file holds nothing usable. What it gave before stays."""
        with self._committing(), self._catalogue.writing() as db:
            intake.write_file(db, file, "rejected", reason)

    def delete(self, *article_ids: str) -> int:
        """Remove articles with all that hangs on them, in one transaction; how many there were.

        Their sources go with them, those of near-duplicates too. The files of all of these count as unread: what is
        ingested again comes back, and a near-duplicate then is an article of its own.
        """
        with self._committing(), self._catalogue.writing() as db:
            there = [one for one in dict.fromkeys(article_ids) if self.known(one)]
            if not there:
                return 0
            intake.unread(db, self.paths_of(there))
            for one in there:
                intake.remove(db, one)
            intake.drop_orphans(db)
            self._catalogue.changed()
        return len(there)

    def tell(self, records: Mapping[str, Sequence[Record]], *, link: Link | None = None) -> None:
        """These records in the place of those of each article (id), in one transaction; articles gone are left out."""
        with self._committing(), self._catalogue.writing() as db:
            there = [article for article in records if self.known(article)]
            for article in there:
                event_rows.put(db, article, records[article])
            _link(db, link, [record.id for article in there for record in records[article]])
            self._catalogue.changed()

    def untell(self) -> None:
        """Forget all events: every article counts as not read for them."""
        with self._committing(), self._catalogue.writing() as db:
            event_rows.clear(db)
            self._catalogue.changed()

    def untold(self) -> list[str]:
        """The ids of the articles that are to be read for events: never, or not with what their source now says."""
        return event_rows.untold(self._catalogue)

    def unread(self) -> int:
        """How many articles were never read for events."""
        return event_rows.unread(self._catalogue)

    def candidates(self, record: str) -> dict[int, str]:
        """Number and id of the records that share a blocking key with this one (an id) and whose days may be its days.

        This one is among them; none where it is unknown or has no keys.
        """
        return event_rows.candidates(self._catalogue, record)

    def records_of(self, articles: Collection[str] | None = None) -> list[int]:
        """The numbers of the records of these articles (None: of all), in the order of their ids."""
        return event_rows.of_articles(self._catalogue, articles)

    def record_traits(self, numbers: Collection[int]) -> dict[int, str | None]:
        """What linking reads of each of these records; None for one of a store that an older program made."""
        return event_rows.traits(self._catalogue, numbers)

    def record_groups(
        self, conditions: Sequence[Condition] = (), *, unless: Condition | None = None
    ) -> list[tuple[int, ...]]:
        """The records (numbers) of each event of which, for each condition, one record at least fulfils it.

        Without the events of which one fulfils `unless`.
        """
        return event_rows.components(self._catalogue, conditions, unless=unless)

    def record_data(self, numbers: Collection[int]) -> list[tuple[int, str, str]]:
        """Number, article and JSON of each of these records, by article."""
        return event_rows.data(self._catalogue, numbers)

    def record_outlines(self, numbers: Collection[int], *, more: str = "") -> list[Outline]:
        """What puts each of these records in order; `more`: its "place" or the number of its "sources" too."""
        return event_rows.outlines(self._catalogue, numbers, more=more)

    @property
    def pending(self) -> int:
        """How many passages Chroma must still take or drop."""
        return self._outbox.pending()

    def held(self) -> int:
        """How many vectors Chroma holds. Raises StoreBusy while another process writes the folder, StoreError."""
        return self._outbox.held()

    def flush(self, progress: Progress | None = None) -> None:
        """Bring Chroma up to the catalogue: the end of every ingest. Interrupted, it goes on next time."""
        self._outbox.flush(progress, patience=self._wait)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make the word index and Chroma anew from the catalogue, embedding nothing; the number of chunks."""
        with self._writer():
            with self._catalogue.writing() as db:
                intake.drop_orphans(db)
                intake.recount(db)
                lexical.rebuild(db)
                self._catalogue.changed()
            self._outbox.renew()
        self.flush(progress)
        return sum(self.languages().values())

    def replace_vectors(self, embedder: str, dimension: int, batches: Iterable[Sequence[Embedded]]) -> int:
        """Change to another embedder; batches of (chunk id, vector key, vector, sentences' vectors), all chunks in all.

        The store stays as it was until the last one, then changes in one transaction. Returns the number of
        chunks. Raises StoreError where one has no vector, which an ingest in the meantime can cause.
        """
        with self._writer(), self._catalogue.writing() as db:
            db.execute("DROP TABLE IF EXISTS next_vectors")
            db.execute(
                "CREATE TABLE next_vectors (chunk TEXT PRIMARY KEY, key TEXT NOT NULL, data BLOB NOT NULL, "
                "sentences BLOB NOT NULL)"
            )
        for batch in batches:
            rows = [
                (chunk, key, intake.unit(vector, dimension).tobytes(), intake.directions(sentences, dimension))
                for chunk, key, vector, sentences in batch
            ]
            with self._writer(), self._catalogue.writing() as db:
                sql = (
                    "INSERT INTO next_vectors VALUES (?, ?, ?, ?) ON CONFLICT (chunk) DO UPDATE SET "
                    "key = excluded.key, data = excluded.data, sentences = excluded.sentences"
                )
                db.executemany(sql, rows)
        with self._writer():
            with self._catalogue.writing() as db:
                intake.switch_vectors(db, self._shown)
                self._catalogue.set_meta(embedder=embedder, dimension=dimension)
                self._catalogue.changed()
                self._outbox.point_to_new_folder(db)
            self._outbox.sweep()
        self.flush()
        return sum(self.languages().values())

    def count(self) -> int:
        """How many articles there are."""
        return self._catalogue.count()

    def articles(self, ids: Sequence[str] | None = None) -> list[ArticleRow]:
        """The articles of these ids in their order, unknown ones left out; without ids, all as ingested."""
        return self._catalogue.articles(ids)

    def article(self, id_or_prefix: str) -> Article:
        """The article whose id is, or begins with, this. Raises InputError for none and for several."""
        return self._catalogue.article(id_or_prefix)

    def shelf(self, asked: Asked, *, limit: int = 50, offset: int = 0) -> Shelf:
        """One page of the articles that are asked for. Raises InputError for what is no date, StoreError."""
        return self._shelves.shelf(asked, limit=limit, offset=offset)

    def facets(self) -> Facets:
        """The outlets and languages that there are to filter by, counted."""
        return self._shelves.facets()

    def paths_of(self, article_ids: Sequence[str]) -> list[str]:
        """The files in which these articles were found, those of near-duplicates too."""
        return self._shelves.paths_of(list(article_ids))

    def articles_of(self, path: str, *, limit: int = 1000) -> list[str]:
        """The ids of the articles that a file has given, by its lines."""
        return self._shelves.articles_of(path, limit=limit)

    def sources(self, article_id: str) -> tuple[Source, ...]:
        """Where the article was found, in order; near-duplicates of its text last."""
        return self._catalogue.sources(article_id)

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks of these ids in their order, unknown ones left out."""
        return self._catalogue.chunks(ids)

    def chunks_of(self, article_id: str) -> tuple[Chunk, ...]:
        """The article's chunks in order."""
        return self._catalogue.chunks_of(article_id)

    def names(self) -> list[tuple[str, str, str]]:
        """Each spelling of a name, its kind and an article that holds it; no two alike."""
        return self._catalogue.names()

    def languages(self) -> dict[str, int]:
        """Each passage language and its number of chunks."""
        return self._catalogue.languages()

    def mean(self, lang: str) -> NDArray[np.float32]:
        """The mean of the language's unit vectors (dimension,), for centring; zeros where it has none."""
        with self._catalogue.reading() as db:
            row = db.execute("SELECT chunks, total FROM languages WHERE lang = ?", (lang,)).fetchone()
            if row is None:
                return np.zeros(self.dimension, dtype=np.float32)
        mean: NDArray[np.float32] = (np.frombuffer(row[1]) / row[0]).astype(np.float32)
        return mean

    def allowed(
        self,
        *,
        since: str | date | None = None,
        until: str | date | None = None,
        outlet: str | None = None,
        lang: str | None = None,
        articles: Iterable[str] | None = None,
        periods: Sequence[filters.Ends] = (),
    ) -> Allowed:
        """The articles that these filters leave; see `filters.allowed`. Raises InputError."""
        return filters.allowed(
            self._catalogue,
            since=since,
            until=until,
            outlet=outlet,
            lang=lang,
            articles=articles,
            periods=periods,
        )

    def newest_day(self, *, until: date) -> date | None:
        """The latest day, no later than `until`, on which an article states that it was published."""
        return filters.newest_day(self._catalogue, until=until)

    def oldest_day(self, *, since: date) -> date | None:
        """The first day, no earlier than `since`, on which an article states that it was published."""
        return filters.oldest_day(self._catalogue, since=since)

    def published(self, since: date, until: date) -> list[Page]:
        """The pages that state a day of publication within these days, or such a day of no year."""
        return published.pages(self._catalogue, since, until)

    def undated(self, since: date, until: date) -> list[str]:
        """The ids of the articles of no known day whose text states one that may be within these."""
        return published.undated(self._catalogue, since, until)

    def dense(
        self, vector: NDArray[np.float32], *, lang: str, limit: int, allowed: Allowed | None = None
    ) -> list[tuple[str, float]]:
        """The language's chunk ids nearest to the vector with their cosine, best first.

        Exact up to 5,000 candidates, by Chroma's HNSW beyond.
        """
        asked = intake.unit(vector, self.dimension)
        return self._nearest.dense(asked, lang=lang, limit=limit, allowed=allowed)

    def vectors_of(self, chunk_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The unit vectors of these chunks; unknown ids are left out."""
        with self._catalogue.reading() as db:
            rows = db.execute(
                f"SELECT c.id, v.data FROM chunks c JOIN vectors v ON v.number = c.vector WHERE c.id IN {TEXTS}",
                (json.dumps(list(chunk_ids)),),
            )
            return {chunk: np.frombuffer(data, dtype=np.float32) for chunk, data in rows}

    def sentence_vectors(self, chunk_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The unit vectors (sentences, dimension) of these chunks' sentences; chunks without any are left out."""
        with self._catalogue.reading() as db:
            rows = db.execute(
                f"SELECT c.id, s.data FROM chunks c JOIN sentences s ON s.vector = c.vector WHERE c.id IN {TEXTS}",
                (json.dumps(list(chunk_ids)),),
            ).fetchall()
        vectors = intake.unpacked(b"".join(row[1] for row in rows), self.dimension)
        ends = np.cumsum([len(row[1]) for row in rows[:-1]], dtype=int) // self.dimension
        return dict(zip((row[0] for row in rows), np.split(vectors, ends), strict=True)) if rows else {}

    def lacks_sentences(self) -> bool:
        """Whether some passage was stored without the vectors of its sentences."""
        sql = (
            "SELECT 1 FROM vectors v LEFT JOIN sentences s ON s.vector = v.number "
            "WHERE s.data IS NULL OR length(s.data) = 0 LIMIT 1"
        )
        with self._catalogue.reading() as db:
            return db.execute(sql).fetchone() is not None

    def lexical(
        self, terms: Iterable[str], *, limit: int, lang: str | None = None, allowed: Allowed | None = None
    ) -> list[tuple[str, float]]:
        """Chunk ids with any of these words or phrases, their BM25 (positive, more is better), best first."""
        with self._catalogue.reading() as db:
            among = None if allowed is None else _chosen(allowed, lang, self.languages())
            return lexical.search(db, terms, limit=limit, lang=lang, among=among, counts=self._counts)

    def words(self, chunk_ids: Sequence[str]) -> dict[str, str]:
        """The folded words of these chunks as the word index keeps them, one space around each."""
        with self._catalogue.reading() as db:
            return lexical.texts(db, chunk_ids)

    def document_frequency(self, terms: Iterable[str], *, lang: str | None = None) -> dict[str, int]:
        """In how many chunks (of that language) each word or phrase stands; `languages` has the totals."""
        with self._catalogue.reading() as db:
            return lexical.frequency(db, terms, lang=lang, counts=self._counts)

    def close(self) -> None:
        """Let go of the folder. What Chroma does not hold yet stays in the outbox."""
        self._nearest.close()
        self._catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _link(db: Database, link: Link | None, records: Sequence[str]) -> None:
    if link is not None and records:
        event_rows.link(db, link(records))


def _chosen(allowed: Allowed, lang: str | None, counts: Mapping[str, int]) -> list[int] | None:
    """The chunk numbers to choose from; None where these are all of the languages asked for."""
    asked = [lang] if lang else list(counts)
    if all(len(allowed.chunks.get(code, ())) == counts.get(code, 0) for code in asked):
        return None
    return [number for code in asked if code in allowed.chunks for number in allowed.chunks[code].tolist()]
