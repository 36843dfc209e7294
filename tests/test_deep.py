"""`rag doctor --deep`: whatever is taken from one part of a store is missed, and where it can be, made anew."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from invented import ingest, open_store, record, text_of, vector
from typer.testing import CliRunner

from rag import deep
from rag.cli import app
from rag.errors import StoreError
from rag.outbox import WriterLock
from rag.proof import Proof
from rag.vectors import Passages

ARTICLES = 4


def prove(store: Path) -> Proof:
    """The proof without the child process that opens Chroma first."""
    return deep.prove(store, wait=1, cautious=False, files=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "store"
    with open_store(folder) as store:
        for number in range(ARTICLES):
            ingest(store, text_of(number), f"{number}.txt")
        store.tell({row.id: () for row in store.articles()})
        store.flush()
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "kho tin"))


def change(store: Path, *statements: str) -> None:
    """Change the catalogue behind the program's back."""
    with closing(sqlite3.connect(store / "catalogue.sqlite3")) as db, db:
        for statement in statements:
            db.execute(statement)


def test_a_whole_store_is_proved_whole(store: Path) -> None:
    found = prove(store)
    assert found.whole
    assert found.notices == ()
    assert {name: found.checked[name] for name in ("articles", "passages", "vectors", "words", "chroma")} == {
        "articles": ARTICLES,
        "passages": 3 * ARTICLES,
        "vectors": 3 * ARTICLES,
        "words": 3 * ARTICLES,
        "chroma": 3 * ARTICLES,
    }


REPAIRABLE = {
    "words lost": (("DELETE FROM words_vi WHERE rowid = 2",), "words", "lost"),
    "words doubled": (("INSERT INTO words_vi (rowid, text) VALUES (999, 'a b')",), "words", "doubled"),
    "words of another text": (("UPDATE words_vi SET text = 'a b' WHERE rowid = 3",), "words", "half"),
    "words that lead astray": (("DELETE FROM words_vi_data WHERE id > 10",), "words", "half"),
    "a wrong count": (("UPDATE languages SET chunks = chunks + 1",), "languages", "half"),
    "a wrong sum": (("UPDATE languages SET total = zeroblob(length(total))",), "languages", "half"),
    "no keys of near-duplicates": (("DELETE FROM near WHERE article = 2",), "articles", "lost"),
    "a file that gave nothing": (
        ("INSERT INTO files VALUES ('z.txt', 1, 1, 'x', 'ok', NULL, '2026')",),
        "files",
        "lost",
    ),
    "rows of nothing": (("INSERT INTO near VALUES (5, 999)",), "catalogue", "half"),
}


@pytest.mark.parametrize("name", REPAIRABLE)
def test_what_the_catalogue_can_give_is_missed_and_made_anew(store: Path, name: str) -> None:
    statements, part, kind = REPAIRABLE[name]
    change(store, *statements)
    found = prove(store)
    assert (part, kind) in {(fault.part, fault.kind) for fault in found.faults if fault.repairable}
    deep.repair(store)
    again = prove(store)
    assert again.whole, again.faults
    assert again.checked["vectors"] == 3 * ARTICLES


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM chunks WHERE number = 2", "do not rejoin"),
        ("UPDATE articles SET text = 'x' || text WHERE number = 1", "not the ones stored"),
        ("UPDATE chunks SET start = start + 1 WHERE number = 3", "do not rejoin"),
        ("UPDATE vectors SET data = zeroblob(12) WHERE number = 1", "finite numbers of length one"),
        ("DELETE FROM vectors WHERE number = 1", "without a vector"),
        ("DELETE FROM sources WHERE number = 1", "without a source"),
        ("UPDATE names SET start = start + 1", ""),
    ],
)
def test_what_only_its_file_can_give_back_is_told_with_the_article(store: Path, statement: str, says: str) -> None:
    if not says:  # the invented articles have no names
        change(store, "INSERT INTO names SELECT id, 0, 3, 'Lào', 'place' FROM articles WHERE number = 1")
        says = "do not stand"
    else:
        change(store, statement)
    found = prove(store)
    (fault,) = (fault for fault in found.faults if says in fault.says)
    assert "rag delete" in fault.remedy
    assert not fault.repairable
    assert fault.examples


def _chroma(store: Path) -> Passages:
    passages = Passages(store / "chroma")
    passages.load()
    return passages


def _lost(passages: Passages) -> None:
    passages.delete("vi", [passages.query("vi", vector("a"), limit=1)[0][0]])


def _doubled(passages: Passages) -> None:
    passages.upsert("vi", ["abc:0"], vector("b")[np.newaxis])


def _moved(passages: Passages) -> None:
    one = passages.query("vi", vector("a"), limit=1)[0][0]
    passages.upsert("vi", [one], vector("elsewhere")[np.newaxis])


@pytest.mark.parametrize(("damage", "kind"), [(_lost, "lost"), (_doubled, "doubled"), (_moved, "half")])
def test_what_chroma_lacks_or_holds_too_much_is_missed_and_made_anew(
    store: Path, damage: Callable[[Passages], None], kind: str
) -> None:
    with closing(_chroma(store)) as passages:
        damage(passages)
    found = prove(store)
    assert {(fault.part, fault.kind, fault.count) for fault in found.faults} == {("chroma", kind, 1)}
    deep.repair(store)
    assert prove(store).whole


@pytest.mark.slow
def test_chroma_gone_or_damaged_is_made_anew_by_the_command(store: Path) -> None:
    (store / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    runner = CliRunner()
    told = runner.invoke(app, ["doctor", "--deep", "--store", str(store)])
    assert told.exit_code == 1
    assert "rag doctor --deep --repair" in told.stdout
    mended = runner.invoke(app, ["doctor", "--deep", "--repair", "--json", "--store", str(store)])
    assert mended.exit_code == 0
    said = json.loads(mended.stdout)
    assert (said["ok"], said["repaired"], said["lost"], said["half"]) == (True, True, 0, 0)
    shutil.rmtree(next(store.glob("chroma*/")))
    gone = prove(store)
    assert {(fault.kind, fault.count) for fault in gone.faults} == {("lost", 3 * ARTICLES)}


def test_what_waits_for_chroma_is_no_fault(store: Path) -> None:
    with open_store(store) as opened:
        ingest(opened, text_of(50), "50.txt")
        opened.delete(opened.articles()[0].id)
    found = prove(store)
    assert found.whole
    assert any(notice.startswith("6 vectors are to be taken or dropped") for notice in found.notices)


def test_a_store_that_is_written_is_compared_but_for_chroma(store: Path) -> None:
    with WriterLock(store, wait=0)():
        found = deep.prove(store, wait=0.05, files=False)
    assert found.whole
    assert "chroma" not in found.checked
    assert any("Chroma was not compared" in notice for notice in found.notices)


def test_files_that_are_gone_or_changed_are_notices(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "tin.txt"
    path.write_text(text_of(70), "utf-8")
    with open_store(store) as opened:
        opened.commit(record(str(path), "another text"), [])
        ingest(opened, text_of(70), str(path))
        opened.flush()
    notices = deep.prove(store, cautious=False).notices
    assert any(notice.startswith(f"{ARTICLES} files are gone") for notice in notices)
    assert any("1 files are changed" in notice and "rag ingest" in notice for notice in notices)


@pytest.mark.parametrize("size", [4096, 20_000])
def test_a_damaged_catalogue_is_told_with_the_way_back(store: Path, size: int) -> None:
    file = store / "catalogue.sqlite3"
    whole = file.read_bytes()
    file.write_bytes(whole[:size])
    (fault,) = prove(store).faults
    assert fault.part == "catalogue"
    assert "rag import" in fault.remedy
    file.write_bytes(b"no database" + whole[11:])
    with pytest.raises(StoreError, match=r"is damaged.*rag import.*rag doctor --deep"):
        open_store(store)


def test_repair_alone_is_refused() -> None:
    assert "doctor --deep --repair" in str(CliRunner().invoke(app, ["doctor", "--repair"]).exception)
