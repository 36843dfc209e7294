"""Readers beside a writer: never blocked, and what they see is one whole state."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from invented import DIMENSION, ingest, open_store, record, text_of, vector

from rag import search
from rag.asking import _steady
from rag.domain import Answer
from rag.errors import InputError, StoreBusy
from rag.outbox import WriterLock
from rag.store import Store


@contextmanager
def long_transaction(store: Store, *gone: str) -> Iterator[None]:
    """A writer that holds the lock, and has deleted these articles in a transaction that is not at its end."""
    held, done = threading.Event(), threading.Event()

    def write() -> None:
        with pytest.raises(KeyboardInterrupt), store._writer(), store._catalogue.writing() as db:  # noqa: PT012
            for one in gone:
                db.execute("DELETE FROM articles WHERE id = ?", (one,))
            held.set()
            done.wait(20)
            raise KeyboardInterrupt  # it is not committed

    thread = threading.Thread(target=write)
    thread.start()
    held.wait(20)
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_readers_see_the_old_state_whole_while_a_writer_is_at_work(tmp_path: Path) -> None:
    with open_store(tmp_path) as writer, Store.open(tmp_path, wait=0.1) as reader:
        for number in range(6):
            ingest(writer, text_of(number), f"{number}.txt")
        writer.flush()
        rows = [row.id for row in reader.articles()]
        with long_transaction(writer, *rows[:3]):
            assert [row.id for row in reader.articles()] == rows
            for number, one in enumerate(rows):
                text = text_of(number)
                assert reader.article(one).text == text
                assert "".join(chunk.text for chunk in reader.chunks_of(one)) == text
                chunk = reader.chunks_of(one)[0]
                assert reader.dense(vector(chunk.text), lang="vi", limit=1)[0][0] == chunk.id
            assert len(reader.lexical(["bài"], limit=100)) == 18
            with Store.open(tmp_path, wait=0.1) as newcomer:
                assert newcomer.count() == 6
            with pytest.raises(StoreBusy):
                ingest(reader, text_of(9), "9.txt")


def test_an_article_that_goes_while_it_is_found_is_left_out_and_breaks_nothing(tmp_path: Path) -> None:
    class OneVector:
        dimension = DIMENSION

        def queries(self, texts: list[str]) -> object:
            import numpy as np

            return np.stack([vector("hội nghị") for _ in texts])

        passages = queries

    with open_store(tmp_path) as store:
        for number in range(6):
            ingest(store, text_of(number), f"{number}.txt")
        gone = store.articles()[0].id
        asked = search.understand("hội nghị", lang="vi", names=(), store=store, embedder=OneVector())  # type: ignore[arg-type]
        for moment in ("words", "chunks", "sentence_vectors", "articles"):
            ingest(store, text_of(0), "0.txt")
            look = getattr(store, moment)

            def vanishing(*given: object, look=look, **named: object) -> object:  # type: ignore[no-untyped-def]
                with Store.open(tmp_path) as other:
                    other.delete(gone)
                return look(*given, **named)

            setattr(store, moment, vanishing)
            hits = search.search(asked, store=store, limit=100)
            setattr(store, moment, look)
            assert {hit.chunk.article for hit in hits} >= {row.id for row in store.articles()}
            assert len(hits) >= 15
            store.commit(record("0.txt"), [])


def test_a_killed_writer_leaves_a_lock_that_is_free_at_once(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    program = (
        "import sys, time; from pathlib import Path; from rag.outbox import WriterLock\n"
        "with WriterLock(Path(sys.argv[1]), wait=0)():\n    print('held', flush=True)\n    time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    told = json.loads((tmp_path / "writer.json").read_text("utf-8"))
    assert (told["pid"], told["host"]) == (holder.pid, socket.gethostname())
    with (
        pytest.raises(StoreBusy, match=rf"written by process {holder.pid} on {socket.gethostname()} since 2"),
        WriterLock(tmp_path, wait=0.05)(),
    ):
        pass
    holder.kill()
    holder.wait()
    with WriterLock(tmp_path, wait=0)():
        assert json.loads((tmp_path / "writer.json").read_text("utf-8"))["pid"] == os.getpid()


def test_a_store_in_a_folder_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    with open_store(tmp_path / "store") as store:
        ingest(store, text_of(1))
    program = (
        "import sys; from pathlib import Path; from eval.faults_child import powerless; from rag.store import Store\n"
        "powerless()\n"
        "with Store.open(Path(sys.argv[1])) as store:\n    print(store.article(store.articles()[0].id).text)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "store")]
    (tmp_path / "store").chmod(0o555)
    try:
        alone = subprocess.run(command, capture_output=True, text=True, check=False)
        live = sqlite3.connect(tmp_path / "store" / "catalogue.sqlite3")
        live.execute("SELECT count(*) FROM articles").fetchone()
        beside = subprocess.run(command, capture_output=True, text=True, check=False)
        live.close()
    finally:
        (tmp_path / "store").chmod(0o755)
    assert (alone.stdout, beside.stdout) == (text_of(1) + "\n", text_of(1) + "\n"), alone.stderr + beside.stderr


def test_a_question_is_asked_anew_where_an_article_went_and_only_then(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        turns: list[int] = []

        def answered() -> Iterator[Answer]:
            turns.append(len(turns))
            if len(turns) == 1:
                ingest(store, text_of(1))
                raise InputError("there is no article 'a'")
            yield Answer("a question", "vi")

        parts = SimpleNamespace(store=store)
        assert [each.question for each in _steady(answered, parts)] == ["a question"]  # type: ignore[arg-type, union-attr]
        assert turns == [0, 1]

        def wrong() -> Iterator[Answer]:
            turns.append(-1)
            raise InputError("no date")
            yield

        with pytest.raises(InputError, match="no date"):
            list(_steady(wrong, parts))  # type: ignore[arg-type]
        assert turns == [0, 1, -1]
