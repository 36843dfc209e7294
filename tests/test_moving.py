"""`rag export` and `rag import`: a store comes out as it went in, or nothing is there."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from invented import ingest, open_store, record, text_of
from typer.testing import CliRunner

from rag import deep, moving, uploads
from rag.archive import CATALOGUE, HEADER
from rag.cli import app
from rag.conversations import Conversations
from rag.domain import Answer
from rag.errors import InputError, RagError, StoreBusy, StoreError
from rag.store import Store
from rag.turns import Turn

ARTICLES = 4


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with all that may lie beside it."""
    folder = tmp_path_factory.mktemp("made") / "kho tin"
    with open_store(folder) as store:
        for number in range(ARTICLES):
            ingest(store, text_of(number), f"{number}.txt")
        pasted = uploads.paste(folder, uploads.Pasted("Ngoại trưởng thăm Lào."))
        ingest(store, text_of(40), str(pasted))
        store.flush()
    (folder / "aliases.toml").write_text('aliases = [["Vương Nghị", "Wang Yi"]]', "utf-8")
    (folder / "feedback.jsonl").write_text("{}\n", "utf-8")
    Conversations(folder).save("ai đó", None, Turn("Ai gặp ai?", Answer("Ai gặp ai?", "vi")))
    return folder


@pytest.fixture(scope="module")
def archive(made: Path) -> Path:
    target = made.parent / "tin.rag.tar.gz"
    moved = moving.export(made, target)
    assert (moved.articles, moved.passages, moved.embedder) == (ARTICLES + 1, 3 * (ARTICLES + 1), "invented")
    assert moved.bytes == target.stat().st_size
    return target


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_store_comes_out_as_it_went_in(made: Path, archive: Path, tmp_path: Path) -> None:
    there = tmp_path / "nơi khác"
    assert moving.take_in(archive, there).passages == 3 * (ARTICLES + 1)
    assert deep.prove(there, cautious=False, files=False).whole
    with Store.open(made) as before, Store.open(there) as after:
        assert [row.id for row in after.articles()] == [row.id for row in before.articles()]
        for row in before.articles():
            chunks = [chunk.id for chunk in before.chunks_of(row.id)]
            assert [chunk.id for chunk in after.chunks_of(row.id)] == chunks
            old, new = before.vectors_of(chunks), after.vectors_of(chunks)
            assert all(old[chunk].tobytes() == new[chunk].tobytes() for chunk in chunks)
        pasted = Path(after.articles()[-1].source.path)
    assert pasted.parent == there / "uploads"
    assert "Ngoại trưởng" in pasted.read_text("utf-8")
    for name in ("aliases.toml", "feedback.jsonl"):
        assert (there / name).read_bytes() == (made / name).read_bytes()
    assert [saved.title for saved in Conversations(there).list("ai đó")] == ["Ai gặp ai?"]
    assert left_behind(tmp_path) == ["nơi khác"]


def test_a_store_is_exported_as_at_one_moment_while_another_writes(tmp_path: Path) -> None:
    done = threading.Event()
    with open_store(tmp_path / "store") as store:
        for number in range(20):
            ingest(store, text_of(number), f"{number}.txt")

        def write() -> None:
            turn = 0
            with open_store(tmp_path / "store") as writer:
                while not done.is_set():
                    ingest(writer, text_of(1000 + turn), f"{turn % 20}.txt")
                    turn += 1

        thread = threading.Thread(target=write)
        thread.start()
        try:
            for turn in range(3):
                moving.export(tmp_path / "store", tmp_path / f"{turn}.tar.gz")
        finally:
            done.set()
            thread.join()
    for turn in range(3):
        moving.take_in(tmp_path / f"{turn}.tar.gz", tmp_path / f"{turn}")
        assert deep.prove(tmp_path / f"{turn}", cautious=False, files=False).whole
        with Store.open(tmp_path / f"{turn}") as taken:
            assert taken.count() == 20


def test_nothing_that_is_there_is_overwritten(made: Path, archive: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there already.*--overwrite"):
        moving.export(made, archive)
    with pytest.raises(StoreError, match=r"not empty.*--store"):
        moving.take_in(archive, made)
    (tmp_path / "a file").write_text("", "utf-8")
    with pytest.raises(StoreError, match="--store"):
        moving.take_in(archive, tmp_path / "a file")
    with pytest.raises(StoreError, match="no store"):
        moving.export(tmp_path / "none", tmp_path / "none.tar.gz")
    (tmp_path / "empty").mkdir()
    moving.take_in(archive, tmp_path / "empty")
    assert left_behind(tmp_path) == ["a file", "empty"]


def changed(
    archive: Path,
    target: Path,
    member: Callable[[str, bytes], tuple[str, bytes] | None] = lambda name, data: (name, data),
    header: Callable[[dict[str, object]], None] = lambda told: None,
    extra: tuple[tarfile.TarInfo, bytes] | None = None,
) -> Path:
    """The archive with other members or another header."""
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for each in old:
            stream = old.extractfile(each)
            assert stream is not None
            data = stream.read()
            if each.name == HEADER:
                told = json.loads(data)
                header(told)
                data = json.dumps(told).encode()
            kept = member(each.name, data)
            if kept is not None:
                info = tarfile.TarInfo(kept[0])
                info.size = len(kept[1])
                new.addfile(info, io.BytesIO(kept[1]))
        if extra is not None:
            new.addfile(extra[0], io.BytesIO(extra[1]))
    return target


def written(target: Path, data: bytes) -> Path:
    target.write_bytes(data)
    return target


def named(name: str, **told: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for field, value in told.items():
        setattr(info, field, value)
    return info


def climbing(told: dict[str, object]) -> None:
    files = told["files"]
    assert isinstance(files, dict)
    files["../climbed"] = {"sha256": hashlib.sha256(b"x").hexdigest(), "bytes": 1}


HOSTILE: dict[str, Callable[[Path, Path], Path]] = {
    "one byte differs": lambda old, new: changed(
        old, new, lambda name, data: (name, data[:-1] + b"?") if name == CATALOGUE else (name, data)
    ),
    "a member lacks": lambda old, new: changed(
        old, new, lambda name, data: None if name == "feedback.jsonl" else (name, data)
    ),
    "a member more": lambda old, new: changed(old, new, extra=(named("evil.py", size=1), b"x")),
    "a path that climbs": lambda old, new: changed(
        old, new, header=climbing, extra=(named("../climbed", size=1), b"x")
    ),
    "an absolute path": lambda old, new: changed(
        old, new, lambda name, data: ("/" + name, data) if name == "aliases.toml" else (name, data)
    ),
    "a link": lambda old, new: changed(
        old,
        new,
        lambda name, data: None if name.startswith("uploads") else (name, data),
        extra=(named("uploads/x.txt", type=tarfile.SYMTYPE, linkname="/etc/passwd"), b""),
    ),
    "another format": lambda old, new: changed(old, new, header=lambda told: told.update(format="other")),
    "a later version": lambda old, new: changed(old, new, header=lambda told: told.update(version=2)),
    "no header": lambda old, new: changed(old, new, lambda name, data: None if name == HEADER else (name, data)),
    "cut": lambda old, new: written(new, old.read_bytes()[: old.stat().st_size // 2]),
    "text": lambda old, new: written(new, "không phải".encode()),
    "gzip of nothing": lambda old, new: written(new, gzip.compress(b"")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_archive_that_is_not_what_was_exported_leaves_nothing(archive: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "into").mkdir()
    hostile = HOSTILE[name](archive, tmp_path / "hostile.tar.gz")
    with pytest.raises(InputError, match=r"hostile\.tar\.gz"):
        moving.take_in(hostile, tmp_path / "into" / "store")
    assert left_behind(tmp_path / "into") == []
    assert left_behind(tmp_path) == ["hostile.tar.gz", "into"]


def test_a_catalogue_with_a_trigger_of_its_own_is_refused(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "store")
    with closing(sqlite3.connect(tmp_path / "store" / "catalogue.sqlite3")) as db, db:
        db.execute("CREATE TRIGGER evil AFTER INSERT ON files BEGIN DELETE FROM articles; END")
    moving.export(tmp_path / "store", tmp_path / "a.tar.gz")
    with pytest.raises(InputError, match="evil"):
        moving.take_in(tmp_path / "a.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_one_import_at_a_time_and_what_a_killed_one_left_is_no_hindrance(archive: Path, tmp_path: Path) -> None:
    left = tmp_path / ".store.importing"
    left.mkdir()
    (left / "catalogue.sqlite3").write_bytes(b"half")
    with moving._alone(left), pytest.raises(StoreBusy, match="another process is importing"):
        moving.take_in(archive, tmp_path / "store")
    moving.take_in(archive, tmp_path / "store")
    assert left_behind(tmp_path) == ["store"]


def test_a_full_disk_leaves_nothing_half(archive: Path, tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; from rag import moving\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "moving.take_in(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(archive), str(tmp_path / "into" / "store")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "rag.errors.StoreError" in ended.stderr.splitlines()[-1]
    assert "room" in ended.stderr.splitlines()[-1]
    assert left_behind(tmp_path / "into") == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 60_000


def test_the_commands_say_what_was_moved(made: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    target, store = str(tmp_path / "a.tar.gz"), str(tmp_path / "store")
    out = runner.invoke(app, ["export", target, "--store", str(made)])
    assert (out.exit_code, "5 articles, 15 passages" in out.stdout) == (0, True)
    taken = runner.invoke(app, ["import", target, "--store", store, "--json"])
    assert json.loads(taken.stdout)["articles"] == ARTICLES + 1
    again = runner.invoke(app, ["import", target, "--store", store])
    assert isinstance(again.exception, RagError)
    assert "not empty" in str(again.exception)
    with Store.open(Path(store)) as opened:
        assert opened.commit(record("0.txt"), []).again == ()
