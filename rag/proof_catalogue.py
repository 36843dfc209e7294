"""Compares what a catalogue says in several places: texts, passages, vectors, words, titles, sums, events, files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import feeds, lexical, near
from rag.clean import article_id
from rag.domain import Chunk
from rag.files import open_file
from rag.proof import AGAIN, REPAIR, RESTORE, Tally
from rag.sql import NUMBERS, TEXTS, Database

Progress = Callable[[int, int], None]

PAGE = 64
_SUM_ERROR = 1e-3  # of sums that were added to and taken from, in float64
_TORN = (
    ("lost", "articles without a source of their own text", AGAIN, "articles",
     "SELECT id FROM articles a WHERE NOT EXISTS "
     "(SELECT 1 FROM sources s WHERE s.article = a.id AND s.content = a.id)"),
    ("lost", "files that count as read and gave nothing", REPAIR, "files",
     "SELECT path FROM files f WHERE status = 'ok' AND NOT EXISTS (SELECT 1 FROM sources s WHERE s.path = f.path)"),
    ("half", "pairs of event records that are linked one way only", REPAIR, "events",
     "SELECT CAST(l.record AS TEXT) FROM record_links l WHERE NOT EXISTS "
     "(SELECT 1 FROM record_links r WHERE r.record = l.other AND r.other = l.record)"),
)  # fmt: skip


class Reader:
    """Compares the parts of one catalogue, inside one reading transaction, into a tally."""

    def __init__(self, db: Database, tally: Tally, *, dimension: int) -> None:
        self._db = db
        self._tally = tally
        self._dimension = dimension
        self._sums: dict[str, NDArray[np.float64]] = {}
        self._counts: dict[str, int] = {}

    def read(self, progress: Progress | None = None) -> None:
        """Everything but the engine's own pages and the files on disk."""
        total, done = self._one("SELECT count(*) FROM articles"), 0
        for page in self._pages():
            self._page(page)
            done += len(page)
            if progress is not None:
                progress(done, total)
        self._tally.checks("articles", done)
        self._passages()
        self._languages()
        self._words()
        self._titles()
        self._torn()
        self._waiting()

    def _one(self, sql: str) -> int:
        return int(self._db.execute(sql).fetchone()[0])

    def _pages(self) -> Iterator[list[tuple[Any, ...]]]:
        last = 0
        sql = f"SELECT number, id, text, chars, lang FROM articles WHERE number > ? ORDER BY number LIMIT {PAGE}"
        while rows := self._db.execute(sql, (last,)).fetchall():
            last = rows[-1][0]
            yield rows

    def _page(self, articles: Sequence[tuple[Any, ...]]) -> None:
        ids = json.dumps([row[1] for row in articles])
        rows = self._db.execute(
            'SELECT c.number, c.id, c.article, c.start, c."end", c.lang, v.data, s.data FROM chunks c '
            "LEFT JOIN vectors v ON v.number = c.vector LEFT JOIN sentences s ON s.vector = c.vector "
            f"WHERE c.article IN {TEXTS} ORDER BY c.article, c.start",
            (ids,),
        ).fetchall()
        names = self._db.execute(
            f'SELECT article, start, "end", text FROM names WHERE article IN {TEXTS}', (ids,)
        ).fetchall()
        by_article: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            by_article.setdefault(row[2], []).append(row)
        texts = {row[1]: row[2] for row in articles}
        for number, article, text, chars, lang in articles:
            self._article(article, text, chars, lang, by_article.get(article, []))
            if not self._has_bands(number) and near.bands(text):
                self._tally.fault("articles", "lost", "articles that no near-duplicate would meet", article)
        self._indexed([(row, texts[row[2]][row[3] : row[4]]) for row in rows])
        for article, start, end, spelled in names:
            if texts[article][start:end] != spelled:
                says = "names that do not stand where they are said to"
                self._tally.fault("articles", "half", says, f"{article}:{start}", remedy=AGAIN)
        self._tally.checks("names", len(names))

    def _has_bands(self, number: int) -> bool:
        return self._db.execute("SELECT 1 FROM near WHERE article = ? LIMIT 1", (number,)).fetchone() is not None

    def _article(self, article: str, text: str, chars: int, lang: str, chunks: Sequence[tuple[Any, ...]]) -> None:
        if article_id(text) != article or len(text) != chars:
            self._tally.fault("articles", "half", "texts that are not the ones stored", article, remedy=AGAIN)
        at = 0
        for _, chunk, _, start, end, its_lang, _, _ in chunks:
            if start != at or end <= start or chunk != Chunk(article, start, end, "").id or its_lang != lang:
                break
            at = end
        if at != len(text):
            says = "articles whose passages do not rejoin to their text"
            self._tally.fault("articles", "half", says, article, remedy=AGAIN)
        for row in chunks:
            self._vector(row)
        self._tally.checks("passages", len(chunks))

    def _vector(self, row: tuple[Any, ...]) -> None:
        chunk, lang, data, sentences = row[1], row[5], row[6], row[7]
        size = 4 * self._dimension
        if data is None:
            self._tally.fault("vectors", "lost", "passages without a vector", chunk, remedy=AGAIN)
            return
        vector = np.frombuffer(data, dtype=np.float32) if len(data) == size else np.full(1, np.nan)
        if not np.isfinite(vector).all() or not _is_unit(vector) or len(sentences or b"") % self._dimension:
            says = f"vectors that are not {self._dimension} finite numbers of length one"
            self._tally.fault("vectors", "half", says, chunk, remedy=AGAIN)
            return
        self._sums[lang] = self._sums.get(lang, 0.0) + vector.astype(np.float64)
        self._counts[lang] = self._counts.get(lang, 0) + 1
        self._tally.checks("vectors", 1)

    def _indexed(self, chunks: Sequence[tuple[tuple[Any, ...], str]]) -> None:
        """Whether each passage's words stand in the index of its language."""
        for lang in {row[5] for row, _ in chunks}:
            mine = [(row[0], row[1], text) for row, text in chunks if row[5] == lang]
            held = indexed(self._db, f"words_{lang}", [number for number, _, _ in mine])
            for number, chunk, text in mine:
                if number not in held:
                    self._tally.fault("words", "lost", "passages that the word index lacks", chunk)
                elif held[number] != lexical.words(text):
                    self._tally.fault("words", "half", "passages whose words are not those of their text", chunk)
            self._tally.checks("words", len(held))

    def _passages(self) -> None:
        orphans = self._one("SELECT count(*) FROM chunks WHERE article NOT IN (SELECT id FROM articles)")
        if orphans:
            self._tally.fault("articles", "half", "passages of no article", f"{orphans} rows", count=orphans)
        unused = self._one("SELECT count(*) FROM vectors WHERE number NOT IN (SELECT vector FROM chunks)")
        if unused:
            self._tally.notices.append(f"{unused} vectors of earlier texts are kept; `rag reindex` drops them")

    def _languages(self) -> None:
        stored = {row[0]: row[1:] for row in self._db.execute("SELECT lang, chunks, total FROM languages")}
        for lang in sorted(stored.keys() | self._counts.keys()):
            count, data = stored.get(lang, (0, b""))
            right = count == self._counts.get(lang, 0) and len(data) == 8 * self._dimension
            if not right or np.abs(np.frombuffer(data) - self._sums[lang]).max() > _SUM_ERROR:
                self._tally.fault("languages", "half", "counts or sums that are not those of the passages", lang)
        self._tally.checks("languages", len(stored))

    def _words(self) -> None:
        for table in self._db.word_tables.names(self._db, "words_"):
            lang = table.removeprefix("words_")
            place, number, _ = self._db.word_tables.titled(table)
            extra = self._db.execute(
                f"SELECT {number} FROM {place} WHERE {number} NOT IN (SELECT number FROM chunks WHERE lang = ?)",
                (lang,),
            ).fetchall()
            for row in extra:
                says = "words of passages that are not of that language, or not there"
                self._tally.fault("words", "doubled", says, f"{lang} {row[0]}")

    def _titles(self) -> None:
        if not self._db.has_table("titles"):
            return
        place, key, words = self._db.word_tables.titled("titles")
        rows = self._db.execute(
            f"SELECT s.number, s.title, t.{key}, t.{words} FROM sources s LEFT JOIN {place} t ON t.{key} = s.number"
        )
        for number, title, held, folded in rows:
            if title and held is None:
                self._tally.fault("titles", "lost", "titles that the index lacks", str(number))
            elif _bare(folded or "") != lexical.words(title or ""):
                self._tally.fault("titles", "half", "titles whose words are not theirs", str(number))
            self._tally.checks("titles", 1 if title else 0)
        gone = self._one(f"SELECT count(*) FROM {place} WHERE {key} NOT IN (SELECT number FROM sources)")
        if gone:
            self._tally.fault("titles", "doubled", "titles of no source", f"{gone} rows", count=gone)

    def _torn(self) -> None:
        for kind, says, remedy, part, sql in _TORN:
            for row in self._db.execute(sql).fetchall():
                self._tally.fault(part, kind, says, str(row[0]), remedy=remedy)  # type: ignore[arg-type]
        self._tally.checks("sources", self._one("SELECT count(*) FROM sources"))
        self._tally.checks("records", self._one("SELECT count(*) FROM records"))
        unread = self._one("SELECT count(*) FROM articles WHERE id NOT IN (SELECT article FROM told)")
        if unread:
            self._tally.notices.append(f"{unread} articles were not read for events yet; the next ingest reads them")

    def _waiting(self) -> None:
        waiting = self._one("SELECT count(*) FROM outbox")
        if waiting:
            self._tally.notices.append(f"{waiting} vectors are to be taken or dropped by Chroma with the next ingest")


def engine(db: Database, tally: Tally) -> None:
    """SQLite's own look at its pages, indexes, references and word tables, inside a transaction that may write."""
    for (says,) in db.execute("PRAGMA integrity_check (20)").fetchall():
        if says != "ok":
            remedy = REPAIR if "index" in says else RESTORE
            tally.fault("catalogue", "half", "pages or indexes of the file that are damaged", says, remedy=remedy)
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check").fetchall():
        tally.fault("catalogue", "half", "rows that belong to nothing", f"{table} {row} of {parent}")


def words_sound(db: Database, tally: Tally) -> None:
    """Whether each word table leads from its words to its rows; see `sql.WordTables.sound`."""
    for table in [*db.word_tables.names(db, "words_"), *db.word_tables.names(db, "titles")]:
        if not db.word_tables.sound(db, table):
            tally.fault("words", "half", "word tables that lead astray", table)


def files(db: Database, tally: Tally) -> None:
    """Which of the files that were read are gone or changed: no fault, and what `rag ingest` would read again."""
    gone, changed = [], []
    for path, size, sha256 in db.execute("SELECT path, size, sha256 FROM files WHERE status = 'ok'").fetchall():
        tally.checks("files", 1)
        try:
            with open_file(path) as stream:
                same = stream.seek(0, 2) == size
            if not (same and feeds.digest(path) == sha256):
                changed.append(path)
        except (OSError, ValueError):
            gone.append(path)
    for found, what in ((gone, "gone; what they gave is kept"), (changed, "changed; `rag ingest` reads them again")):
        if found:
            tally.notices.append(f"{len(found)} files are {what}: {', '.join(found[:3])}")


def indexed(db: Database, table: str, numbers: Sequence[int]) -> dict[int, str]:
    """The words that the table has under these numbers; nothing where there is no such table."""
    if not db.has_table(table):
        return {}
    place, number, words = db.word_tables.titled(table)
    sql = f"SELECT {number}, {words} FROM {place} WHERE {number} IN {NUMBERS}"
    return {found: _bare(folded) for found, folded in db.execute(sql, (json.dumps(list(numbers)),)).fetchall()}


def _bare(words: str) -> str:
    """Words with single spaces between, however the table keeps them."""
    return " ".join(words.split())


def _is_unit(vector: NDArray[Any]) -> bool:
    length = float(np.linalg.norm(vector))
    return length == 0.0 or abs(length - 1) < 1e-3
