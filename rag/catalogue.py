"""The door to SQLite: the catalogue, the truth of a store. Its tables, its transactions, its reading."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.domain import Article, Chunk, Dropped, Source
from rag.errors import InputError, StoreError
from rag.sql import TEXTS, Database
from rag.word_tables import Fts5

VERSION = "5"
BEFORE = ("3", "4")  # what a store can be brought from: the same without events, and without what linking reads fast

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ok', 'rejected')), reason TEXT, seen_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL,
    chars INTEGER NOT NULL, kept TEXT NOT NULL, dropped TEXT NOT NULL, lang TEXT NOT NULL
);
CREATE TABLE sources (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    article TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE, content TEXT NOT NULL,
    path TEXT NOT NULL, raw_sha256 TEXT NOT NULL, item INTEGER NOT NULL, url TEXT, outlet TEXT, title TEXT,
    author TEXT, agency TEXT, lang TEXT, published TEXT,
    outlet_key TEXT, first_day TEXT, last_day TEXT, UNIQUE (path, content, item)
);
CREATE INDEX sources_item ON sources (path, item);
CREATE INDEX sources_article ON sources (article);
CREATE INDEX sources_day ON sources (first_day);
CREATE TABLE dates (
    article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE, kind INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, from_md INTEGER NOT NULL, to_md INTEGER NOT NULL,
    PRIMARY KEY (article, kind, first, last, from_md, to_md)
) WITHOUT ROWID;
CREATE INDEX dates_day ON dates (kind, first, last);
CREATE INDEX dates_month ON dates (kind, from_md, to_md, first, last);
CREATE TABLE vectors (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, data BLOB NOT NULL);
CREATE TABLE sentences (
    vector INTEGER PRIMARY KEY REFERENCES vectors (number) ON DELETE CASCADE, data BLOB NOT NULL
);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    article TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, lang TEXT NOT NULL,
    vector INTEGER NOT NULL REFERENCES vectors (number)
);
CREATE INDEX chunks_article ON chunks (article);
CREATE INDEX chunks_lang ON chunks (lang);
CREATE INDEX chunks_vector ON chunks (vector);
CREATE TABLE languages (lang TEXT PRIMARY KEY, chunks INTEGER NOT NULL, total BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE names (
    article TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, text TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (article, start, "end", text)
) WITHOUT ROWID;
CREATE TABLE near (
    band INTEGER NOT NULL, article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
    PRIMARY KEY (band, article)
) WITHOUT ROWID;
CREATE INDEX near_article ON near (article);
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, chunk TEXT NOT NULL, lang TEXT NOT NULL, UNIQUE (chunk, lang)
);
"""

_EVENTS_SCHEMA = """
CREATE TABLE told (
    article TEXT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE, published TEXT, title TEXT, outlet TEXT
) WITHOUT ROWID;
CREATE TABLE records (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    article TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, background INTEGER NOT NULL, first INTEGER, last INTEGER, from_md INTEGER, to_md INTEGER,
    low INTEGER, high INTEGER, any_low INTEGER, any_high INTEGER, dated INTEGER, data TEXT NOT NULL, traits TEXT
);
CREATE INDEX records_article ON records (article);
CREATE INDEX records_day ON records (first, last);
CREATE INDEX records_month ON records (from_md, to_md) WHERE first ISNULL;
CREATE TABLE record_keys (
    key TEXT NOT NULL, met INTEGER NOT NULL, record INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE,
    PRIMARY KEY (key, met, record)
) WITHOUT ROWID;
CREATE INDEX record_keys_record ON record_keys (record);
CREATE TABLE record_countries (
    country TEXT NOT NULL, record INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE,
    PRIMARY KEY (country, record)
) WITHOUT ROWID;
CREATE INDEX record_countries_record ON record_countries (record);
CREATE TABLE record_links (
    record INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE,
    other INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE, PRIMARY KEY (record, other)
) WITHOUT ROWID;
CREATE INDEX record_links_other ON record_links (other);
"""

# `met` of a key, by which records are found by their days: the first day of a record, after a start that tells on how
# many days it may lie at most; below zero where it has no days, no year, or more days than these.
NO_DAYS, NO_YEAR, LONG = -1, -2, -3
SPANS = {0: 8, 10_000_000: 40, 20_000_000: 400}
MET = (
    f"CASE WHEN low ISNULL THEN {NO_DAYS} WHEN dated = 0 THEN {NO_YEAR} "
    + " ".join(f"WHEN high - low <= {most} THEN {start} + low" for start, most in SPANS.items())
    + f" ELSE {LONG} END"
)
_KEYS_SCHEMA = _EVENTS_SCHEMA[slice(*map(_EVENTS_SCHEMA.index, ("CREATE TABLE record_k", "CREATE TABLE record_c")))]
_FROM_4 = f"""
ALTER TABLE records ADD COLUMN traits TEXT;
ALTER TABLE record_keys RENAME TO record_keys_before;
DROP INDEX record_keys_record;
{_KEYS_SCHEMA}
INSERT INTO record_keys SELECT k.key, {MET}, k.record FROM record_keys_before k JOIN records r ON r.number = k.record;
DROP TABLE record_keys_before"""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
SCHEMA = _SCHEMA + _EVENTS_SCHEMA
SOURCE = "path, raw_sha256, item, url, outlet, title, author, agency, lang, published"


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article without its text: the source it was first found in, and how many sources it has in all."""

    source: Source
    chars: int
    sources: int = 1

    @property
    def id(self) -> str:
        return self.source.id


class _Connection(sqlite3.Connection):
    """One that can be found again to be closed."""

    word_tables = Fts5()
    first_place = "json_extract(r.data, '$.place[0]')"

    def has_table(self, name: str) -> bool:
        return self.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None

    def later_keys(self) -> None:
        self.execute("PRAGMA defer_foreign_keys = ON")


class Catalogue:
    """Connections to one catalogue file, one for each thread that asks."""

    def __init__(self, file: Path, *, wait: float) -> None:
        self.file = file
        self._wait = wait
        self._thread = threading.local()
        self._open: weakref.WeakSet[_Connection] = weakref.WeakSet()

    @property
    def _db(self) -> _Connection:
        """This thread's connection."""
        found: _Connection | None = getattr(self._thread, "db", None)
        if found is None:
            found = self._connect()
            self._thread.db = found
        return found

    def _connect(self) -> _Connection:
        writable = os.access(self.file.parent, os.W_OK)
        # SQLite reads a WAL database in a folder that cannot be written only where its log lies there or none is used.
        log = self.file.with_name(f"{self.file.name}-wal")
        address = self.file.absolute().as_uri() + ("" if writable else "?mode=ro" if log.exists() else "?immutable=1")
        db = sqlite3.connect(
            address, uri=True, timeout=self._wait, isolation_level=None, check_same_thread=False, factory=_Connection
        )
        if writable:
            db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        self._open.add(db)
        return db

    def close(self) -> None:
        """Close every thread's connection."""
        for db in list(self._open):
            db.close()
        self._thread = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """One unchanging view of the catalogue, whatever is written meanwhile."""
        with self._transaction("BEGIN") as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """All or nothing: what the block writes is there at its end, or nothing of it."""
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Database]:
        try:
            db = self._db
            if db.in_transaction:
                yield db
                return
            db.execute(begin)
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                raise StoreError(
                    f"{self.file} is damaged ({error}); restore it with `rag import`, or ingest its files into a new "
                    "store with --store; `rag doctor --deep` says more"
                ) from error
            raise StoreError(
                f"{self.file}: {error}; see that the folder can be written and the disk has room, "
                "or ingest into a new store with --store"
            ) from error

    def create(self, **meta: str | int) -> None:
        """The tables of an empty catalogue, unless they are there."""
        with self.writing() as db:
            if db.has_table("meta"):
                return
            for statement in self.statements(SCHEMA):
                db.execute(statement)
            db.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))

    def migrate(self) -> None:
        """A catalogue of a version before becomes one of this version.

        One of version 3 gets its tables of events, empty: no article has been read for them. One of version 4 keeps its
        events; what linking reads of them is read from the articles until `rag reindex`.
        """
        with self.writing() as db:
            version = self.meta()["version"]
            if version not in BEFORE:
                return
            for statement in self.statements(_EVENTS_SCHEMA if version == "3" else _FROM_4):
                db.execute(statement)
            self.set_meta(version=VERSION)

    @staticmethod
    def statements(schema: str) -> list[str]:
        """The statements of a schema, as this engine takes them."""
        return [statement for statement in schema.split(";\n") if statement.strip()]

    def meta(self) -> dict[str, str | int]:
        """What the store says of itself; empty where there is none."""
        with self.reading() as db:
            if not db.has_table("meta"):
                return {}
            return dict(db.execute("SELECT key, value FROM meta"))

    def set_meta(self, **values: str | int) -> None:
        """Change what the store says of itself."""
        with self.writing() as db:
            sql = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
            db.executemany(sql, list(values.items()))

    def changed(self) -> int:
        """Count one more change of the store, inside `writing`; the new generation."""
        generation = int(self.meta()["generation"]) + 1
        self.set_meta(generation=generation)
        return generation

    def sources(self, article: str) -> tuple[Source, ...]:
        """Where the article was found, in order; near-duplicates of its text last."""
        with self.reading() as db:
            rows = db.execute(
                f"SELECT article, {SOURCE} FROM sources WHERE article = ? ORDER BY content != article, number",
                (article,),
            )
            return tuple(Source(*row) for row in rows)

    def count(self) -> int:
        """How many articles there are."""
        with self.reading() as db:
            return int(db.execute("SELECT count(*) FROM articles").fetchone()[0])

    def articles(self, ids: Sequence[str] | None = None) -> list[ArticleRow]:
        """The articles of these ids in their order, unknown ones left out; without ids, all as ingested."""
        chosen = "" if ids is None else f"AND a.id IN {TEXTS}"
        given = () if ids is None else (json.dumps(list(ids)),)
        columns = ", ".join(f"s.{column}" for column in SOURCE.split(", "))
        with self.reading() as db:
            rows = db.execute(
                f"""SELECT a.chars, (SELECT count(*) FROM sources n WHERE n.article = a.id), a.id, {columns}
                FROM articles a JOIN sources s ON s.number = (
                    SELECT min(f.number) FROM sources f WHERE f.article = a.id AND f.content = a.id)
                WHERE 1 = 1 {chosen} ORDER BY a.number""",
                given,
            )
            found = [ArticleRow(Source(*source), chars, count) for chars, count, *source in rows]
        if ids is None:
            return found
        by_id = {row.id: row for row in found}
        return [by_id[one] for one in ids if one in by_id]

    def article(self, start: str) -> Article:
        """The article whose id is, or begins with, `start`. Raises InputError for none and for several."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT id, text, kept, dropped FROM articles WHERE id >= ? AND id < ? ORDER BY id LIMIT 3",
                (plain(start), plain(start) + "\U0010ffff"),
            ).fetchall()
            if not start or not rows:
                raise InputError(f"there is no article {start!r}; `rag articles` lists them")
            if len(rows) > 1 and rows[0][0] != start:
                begun = ", ".join(row[0] for row in rows)
                raise InputError(f"several articles begin with {start!r} ({begun}); give more of the id")
            found, text, kept, dropped = rows[0]
            source = self.sources(found)[0]
        lines = tuple(Dropped(*line) for line in json.loads(dropped))
        return Article(source, text, tuple(json.loads(kept)), lines)

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks of these ids in their order, unknown ones left out."""
        wanted = list(ids)
        found = {chunk.id: chunk for chunk in self._chunks("c.id", wanted)}
        return [found[one] for one in wanted if one in found]

    def chunks_of(self, article: str) -> tuple[Chunk, ...]:
        """The article's chunks in order."""
        return tuple(self._chunks("c.article", [article]))

    def _chunks(self, column: str, values: Sequence[str]) -> list[Chunk]:
        with self.reading() as db:
            spans = db.execute(
                f'SELECT c.article, c.start, c."end" FROM chunks c WHERE {column} IN {TEXTS} '
                "ORDER BY c.article, c.start",
                (json.dumps(values),),
            ).fetchall()
            # Not substr(): SQLite's text functions end at a NUL.
            texts = dict(
                db.execute(
                    f"SELECT id, text FROM articles WHERE id IN {TEXTS}",
                    (json.dumps(sorted({span[0] for span in spans})),),
                )
            )
        return [Chunk(article, start, end, texts[article][start:end]) for article, start, end in spans]

    def names(self) -> list[tuple[str, str, str]]:
        """Each spelling of a name, its kind and an article that holds it; no two alike."""
        with self.reading() as db:
            return [tuple(row) for row in db.execute("SELECT DISTINCT text, kind, article FROM names")]

    def languages(self) -> dict[str, int]:
        """Each passage language and its number of chunks."""
        with self.reading() as db:
            return dict(db.execute("SELECT lang, chunks FROM languages ORDER BY chunks DESC, lang"))


def plain(text: str) -> str:
    """Text that SQLite takes: lone surrogates, as in a file name that is no UTF-8, are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
