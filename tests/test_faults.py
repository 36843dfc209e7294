"""Kills at random moments, and two processes that write at once. Run as a script, this file is the child."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from invented import entry, open_store, record, text_of, vector

from rag import nearest
from rag.store import Store
from rag.vectors import Passages

PATHS = 60
KILLS = int(os.environ.get("KILLS", "8"))  # KILLS=50 tries it longer

pytestmark = pytest.mark.slow


def write(folder: Path, start: int, stop: int) -> None:
    """Commit the articles of these numbers, each in place of the one 60 before it; say which are done."""
    with open_store(folder) as store:
        print("open", flush=True)
        for number in range(start, stop):
            path = f"{number % PATHS if stop > 10_000 else number}.txt"
            store.commit(record(path, str(number)), [entry(text_of(number), path=path)])
            print(number, flush=True)
            if number % 7 == 0:
                store.flush()
        store.flush()


def child(folder: Path, start: int, stop: int) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, str(folder), str(start), str(stop)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent)


def number_of(text: str) -> int:
    return int(text.rsplit("bài ", 1)[1].split()[0])


def check_whole(store: Store, numbers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every article is there once, whole, and found by its words and by its own vectors, exactly and by Chroma."""
    rows = store.articles()
    assert sorted(number_of(store.article(row.id).text) for row in rows) == sorted(numbers)
    for row in rows:
        chunks = store.chunks_of(row.id)
        assert "".join(chunk.text for chunk in chunks) == store.article(row.id).text
        vectors = store.vectors_of([chunk.id for chunk in chunks])
        for chunk in chunks:
            assert vectors[chunk.id] @ vector(chunk.text) == pytest.approx(1, abs=1e-5)
    words = store.lexical(["bài"], limit=10 * len(numbers))
    assert sorted(chunk for chunk, _ in words) == sorted(c.id for row in rows for c in store.chunks_of(row.id))
    for exact in (5000, 0):
        monkeypatch.setattr(nearest, "EXACT", exact)
        for number in numbers:
            for chunk in entry(text_of(number)).chunks:
                assert store.dense(vector(chunk.text), lang="vi", limit=1)[0][0] == chunk.id


def check_chroma(store: Store) -> None:
    """Chroma itself holds every chunk and nothing else, and finds each by its own vector."""
    store.flush()
    passages = Passages(store.path / str(store._catalogue.meta()["chroma"]))
    passages.load()
    chunks = [chunk for row in store.articles() for chunk in store.chunks_of(row.id)]
    assert passages.count("vi") == len(chunks) == store.languages()["vi"]
    for chunk in chunks:
        assert passages.query("vi", vector(chunk.text), limit=1)[0][0] == chunk.id
    passages.close()


def test_kills_lose_nothing_double_nothing_and_leave_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, done, start = random.Random(50), dict[int, int](), 0
    for kill in range(KILLS):
        writer = child(tmp_path, start, 1_000_000)
        assert writer.stdout is not None
        if kill % 10:  # every tenth is killed while it starts
            assert writer.stdout.readline() == "open\n"
            time.sleep(drawn.uniform(0, 2.5))
        else:
            time.sleep(drawn.uniform(0, 0.6))
        writer.send_signal(signal.SIGKILL)
        for line in writer.stdout:
            if line.strip().isdigit() and line.endswith("\n"):
                done[int(line) % PATHS] = int(line)
        writer.wait()
        start = max(done.values(), default=-1) + 1
    assert start > 5 * KILLS
    with open_store(tmp_path) as store:
        found = {
            number % PATHS: number for row in store.articles() for number in [number_of(store.article(row.id).text)]
        }
        unreported = {path: number for path, number in found.items() if done.get(path) != number}
        assert set(unreported.values()) <= {start}
        check_whole(store, list((done | unreported).values()), monkeypatch)
        check_chroma(store)
        assert len(store.languages()) == 1


def test_two_processes_that_write_at_once_end_with_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = [child(tmp_path, 0, 200), child(tmp_path, 200, 400)]
    monkeypatch.setattr(nearest, "EXACT", 0)
    asked = 0
    while any(writer.poll() is None for writer in writers):
        if (tmp_path / "catalogue.sqlite3").exists():
            with open_store(tmp_path) as reader:
                for row in reader.articles()[-20:]:
                    chunk = reader.chunks_of(row.id)[0]
                    assert reader.dense(vector(chunk.text), lang="vi", limit=1)[0][0] == chunk.id
                    asked += 1
        time.sleep(0.05)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert asked > 0
    with Store.open(tmp_path) as store:
        check_whole(store, list(range(400)), monkeypatch)
        check_chroma(store)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
