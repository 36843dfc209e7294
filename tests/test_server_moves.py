"""What works on a folder works on servers: the proof and its repair, export and import, across and back."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from invented import DIMENSION, ingest, open_store, text_of
from noting import NotingEmbedder
from typer.testing import CliRunner

from eval.same import contents, differences
from eval.servers import Chroma, chroma, postgres, program
from rag import deep, moving, uploads
from rag.cli import app
from rag.config import settings
from rag.desk import open_desk
from rag.errors import InputError, StoreError
from rag.postgres import PostgresCatalogue
from rag.proof import Proof
from rag.ray_stages import Cluster
from rag.store import Servers, Store
from rag.stored import stored
from rag.vectors import Passages

pytest.importorskip("sqlalchemy")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program("postgres") is None, reason="PostgreSQL is not installed"),
]
ROOT = Path(__file__).parent.parent
ARTICLES = 4


@dataclass(frozen=True, slots=True)
class World:
    """The two servers; each database on them is a store of its own."""

    server: Chroma
    address: str

    def database(self, name: str) -> Servers:
        import psycopg

        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return Servers(self.server.address, self.address.removesuffix("postgres") + name)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with postgres(folder / "database") as address, chroma(folder / "chroma") as server:
        yield World(server, address)


@pytest.fixture
def servers(world: World, request: pytest.FixtureRequest) -> Servers:
    """A database of this test alone."""
    return world.database(request.node.name[:60].lower())


def filled(path: Path, servers: Servers) -> None:
    made_by: dict[str, Any] = {"embedder": "invented", "dimension": DIMENSION}
    with Store.open(path, create=True, servers=servers, wait=5, **made_by) as store:
        for number in range(ARTICLES):
            ingest(store, text_of(number), f"{number}.txt")
        store.tell({row.id: () for row in store.articles()})
        store.flush()


def prove(path: Path, servers: Servers) -> Proof:
    return deep.prove(path, servers=servers, wait=1)


def held(path: Path, servers: Servers | None = None) -> Any:
    with Store.open(path, servers=servers) as store:
        return contents(store)


def change(servers: Servers, *statements: str) -> None:
    """Change the catalogue behind the program's back."""
    catalogue = PostgresCatalogue(servers.catalogue, wait=5)
    with catalogue.writing() as db:
        for statement in statements:
            db.execute(statement)
    catalogue.close()


def vectors_of(path: Path, servers: Servers) -> Passages:
    catalogue = PostgresCatalogue(servers.catalogue, wait=5)
    name = str(catalogue.meta()["chroma"])
    catalogue.close()
    return Passages(path / name, server=servers.chroma)


def test_a_store_on_servers_is_proved_whole(tmp_path: Path, servers: Servers) -> None:
    filled(tmp_path, servers)
    found = prove(tmp_path, servers)
    assert found.faults == ()
    assert found.notices == (deep.NO_FILES,)
    for part in ("passages", "vectors", "words", "chroma"):
        assert found.checked[part] == 3 * ARTICLES
    assert found.checked["found by their own vector"] > 0


FAULTS = {
    "words lost": ("DELETE FROM words_vi WHERE number = 2", "words", "lost"),
    "words of another text": ("UPDATE words_vi SET text = ' a  b ', size = 2 WHERE number = 3", "words", "half"),
    "words that lead astray": ("UPDATE words_vi SET words = '{a}' WHERE number = 3", "words", "half"),
    "totals that rank wrongly": ("UPDATE word_totals SET size = size + 1 WHERE name = 'words_vi'", "words", "half"),
    "a wrong count": ("UPDATE languages SET chunks = chunks + 1", "languages", "half"),
    "no keys of near-duplicates": ("DELETE FROM near WHERE article = 2", "articles", "lost"),
    "a file that gave nothing": (
        "INSERT INTO files VALUES ('z.txt', 1, 1, 'x', 'ok', NULL, '2026')",
        "files",
        "lost",
    ),
}


@pytest.fixture(scope="module")
def shared(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Servers]:
    path, servers = tmp_path_factory.mktemp("shared"), world.database("shared")
    filled(path, servers)
    return path, servers


@pytest.mark.parametrize("name", FAULTS)
def test_what_the_catalogue_can_give_is_missed_and_made_anew(name: str, shared: tuple[Path, Servers]) -> None:
    path, servers = shared
    statement, part, kind = FAULTS[name]
    before = held(path, servers)
    change(servers, statement)
    assert (part, kind) in {(fault.part, fault.kind) for fault in prove(path, servers).faults if fault.repairable}
    deep.repair(path, servers=servers)
    assert prove(path, servers).faults == ()
    assert differences(before, held(path, servers)) == {}


def test_what_chroma_has_otherwise_is_missed_and_made_anew(tmp_path: Path, servers: Servers) -> None:
    filled(tmp_path, servers)
    before = held(tmp_path, servers)
    passages = vectors_of(tmp_path, servers)
    (lang,) = passages.languages()
    taken, turned = sorted(before["chunks"])[:2]
    passages.delete(lang, [taken])
    passages.upsert(lang, [turned, "invented:0-9"], -before["vectors"][turned].reshape(1, -1).repeat(2, axis=0))
    found = prove(tmp_path, servers)
    told = {(fault.kind, fault.examples) for fault in found.faults if fault.part == "chroma"}
    assert told >= {("lost", (taken,)), ("half", (turned,)), ("doubled", ("invented:0-9",))}
    deep.repair(tmp_path, servers=servers)
    assert prove(tmp_path, servers).whole


def test_a_server_that_is_away_is_a_fault_with_its_remedy_and_the_rest_is_compared(
    world: World, tmp_path: Path, servers: Servers
) -> None:
    filled(tmp_path, servers)
    world.server.kill()
    try:
        (fault,) = prove(tmp_path, servers).faults
    finally:
        world.server.start()
    assert (fault.part, fault.repairable) == ("chroma", False)
    assert "start it" in fault.remedy
    assert prove(tmp_path, servers).whole


def test_what_is_committed_while_chroma_is_compared_is_no_fault(
    tmp_path: Path, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, servers)
    asked = Passages.load

    def committing(passages: Passages) -> None:
        with Store.open(tmp_path, servers=servers) as store:
            ingest(store, text_of(50), "50.txt")
            store.delete(store.articles()[0].id)
        asked(passages)

    monkeypatch.setattr(Passages, "load", committing)
    assert prove(tmp_path, servers).faults == ()


def test_a_folder_goes_to_servers_and_back(tmp_path: Path, servers: Servers) -> None:
    folder, there, back = (tmp_path / name for name in ("kho tin", "beside", "back"))
    pasted = uploads.paste(folder, uploads.Pasted("Ngoại trưởng Vương Nghị thăm Lào ngày 3/5/2023 và bàn về hợp tác."))
    desk = open_desk(store=folder)
    desk.ingest([str(ROOT / "seeds"), str(pasted)])
    desk.delete([desk.store.articles()[1].id])
    before = contents(desk.store)
    desk.close()
    assert all(before[kind] for kind in ("records", "names", "events"))
    (folder / "feedback.jsonl").write_text("{}\n", "utf-8")

    moved = moving.export(folder, tmp_path / "one.tar.gz")
    assert moving.take_in(tmp_path / "one.tar.gz", there, servers=servers) == moved
    assert set(differences(before, held(there, servers))) == {"sources"}  # what was pasted lies elsewhere
    assert prove(there, servers).faults == ()
    assert sorted(path.name for path in there.iterdir()) == ["feedback.jsonl", "uploads"]

    again = moving.export(there, tmp_path / "two.tar.gz", servers=servers)
    assert (again.articles, again.passages, again.embedder) == (moved.articles, moved.passages, moved.embedder)
    moving.take_in(tmp_path / "two.tar.gz", back)
    assert deep.prove(back, cautious=False, files=False).whole
    with Store.open(back) as store:
        assert Path(store.articles()[-1].source.path) == back / "uploads" / pasted.name
        found = contents(store)
    assert set(differences(before, found)) == {"sources"}
    assert {kind: list(found[kind]) for kind in ("articles", "chunks")} == {
        kind: list(before[kind]) for kind in ("articles", "chunks")
    }


def test_what_was_imported_takes_new_articles(tmp_path: Path, servers: Servers) -> None:
    with open_store(tmp_path / "folder") as store:
        ingest(store, text_of(1), "1.txt")
    moving.export(tmp_path / "folder", tmp_path / "one.tar.gz")
    moving.take_in(tmp_path / "one.tar.gz", tmp_path / "there", servers=servers)
    with Store.open(tmp_path / "there", servers=servers) as store:
        assert ingest(store, text_of(1), "1.txt") == "same"
        assert ingest(store, text_of(2), "2.txt") == "new"
        store.flush()
    assert prove(tmp_path / "there", servers).faults == ()


def test_nothing_that_is_there_is_overwritten(tmp_path: Path, servers: Servers, shared: tuple[Path, Servers]) -> None:
    (tmp_path / "beside").mkdir()
    with open_store(tmp_path / "folder") as store:
        ingest(store, text_of(1), "1.txt")
    (tmp_path / "folder" / "feedback.jsonl").write_text("theirs", "utf-8")
    archive = tmp_path / "one.tar.gz"
    moving.export(tmp_path / "folder", archive)
    with pytest.raises(StoreError, match=r"holds a store already.*RAG_CATALOGUE"):
        moving.take_in(archive, tmp_path / "beside", servers=shared[1])
    assert list((tmp_path / "beside").iterdir()) == []

    (tmp_path / "beside" / "feedback.jsonl").write_text("mine", "utf-8")
    with pytest.raises(StoreError, match=r"feedback.jsonl is there already; move it away"):
        moving.take_in(archive, tmp_path / "beside", servers=servers)
    assert (tmp_path / "beside" / "feedback.jsonl").read_text("utf-8") == "mine"
    (tmp_path / "beside" / "feedback.jsonl").unlink()


def test_a_hostile_archive_gets_no_sql_into_the_database(tmp_path: Path, servers: Servers) -> None:
    with open_store(tmp_path / "folder") as store:
        ingest(store, text_of(1), "1.txt")
    archive = tmp_path / "one.tar.gz"
    hostile = {
        "UPDATE articles SET chars = 'many'": r"does not take.*--store",
        "UPDATE chunks SET lang = 'vi (a int); DROP TABLE meta; --'": "is damaged.*DROP TABLE",
        "UPDATE chunks SET lang = 'vi'": None,
        "UPDATE articles SET chars = 1": None,
        """ALTER TABLE near ADD COLUMN 'x") VALUES (1); DROP TABLE meta; --' INTEGER""": "not that of a store",
    }
    for statement, says in hostile.items():
        with open_store(tmp_path / "folder") as store, store._catalogue.writing() as db:
            db.execute(statement)
        moving.export(tmp_path / "folder", archive, overwrite=True)
        if says is not None:
            with pytest.raises(InputError, match=says):
                moving.take_in(archive, tmp_path / "beside", servers=servers)
    assert list((tmp_path / "beside").iterdir()) == []
    with pytest.raises(StoreError, match="no store"):
        Store.open(tmp_path / "beside", servers=servers)


def test_the_commands_take_servers(tmp_path: Path, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with open_store(tmp_path / "folder") as store:
        ingest(store, text_of(1), "1.txt")
    on_servers = {"RAG_STORE": servers.chroma, "RAG_CATALOGUE": servers.catalogue}

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(app, list(arguments), env=on_servers)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    moving.export(tmp_path / "folder", tmp_path / "one.tar.gz")
    assert run("import", str(tmp_path / "one.tar.gz"), "--json")["passages"] == 3
    assert run("export", str(tmp_path / "two.tar.gz"), "--json")["articles"] == 1
    change(servers, "DELETE FROM words_vi")
    found = run("doctor", "--deep", "--repair", "--json")
    assert (found["ok"], found["repaired"], found["checked"]["chroma"]) == (True, True, 3)


def test_what_ray_hands_to_the_worker_that_asks_opens_the_servers(shared: tuple[Path, Servers]) -> None:
    path, servers = shared
    on_servers = settings(store=servers.chroma, catalogue=servers.catalogue).model_copy(update={"store": path})
    handed = pickle.dumps(Cluster(partial(stored, on_servers), partial(NotingEmbedder, path)))
    with pickle.loads(handed).store() as asked:
        assert asked.count() == ARTICLES
