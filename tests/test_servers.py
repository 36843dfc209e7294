"""A store on a PostgreSQL and a Chroma server of its own: the same answers as a folder's, and nothing lost by kills."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented import DIMENSION, entry, record, text_of

from eval.same import contents, differences
from eval.server_mode import killed
from eval.servers import Chroma, chroma, postgres, program
from rag import doctor, nearest
from rag import postgres as door
from rag.catalogue import VERSION
from rag.config import settings as read_settings
from rag.desk import Desk, open_desk
from rag.errors import InputError, StoreBusy, StoreError
from rag.shelf import Asked
from rag.store import Servers, Store

pytest.importorskip("sqlalchemy")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program("postgres") is None, reason="PostgreSQL is not installed"),
]
ROOT = Path(__file__).parent.parent
QUESTIONS = ("what did Lavrov and Wang Yi agree on?", "Ông Tống Đào đã nói gì?", "Who signed in Accra?", "ASEAN")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    with chroma(tmp_path_factory.mktemp("chroma")) as running:
        yield running


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres(tmp_path_factory.mktemp("database")) as address:
        yield address


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, server: Chroma, database: str) -> Iterator[tuple[Desk, Desk]]:
    """A desk on a folder and one on servers, of the same articles."""
    folder = tmp_path_factory.mktemp("beside")
    texts = sorted((ROOT / "eval" / "data" / "synthetic").glob("*.txt"))[:12]
    paths = [str(ROOT / "seeds"), *map(str, texts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder / "home"))
        desks = open_desk(store=folder / "store"), open_desk(store=server.address, catalogue=database)
        for desk in desks:
            desk.ingest(paths)
        yield desks
        for desk in desks:
            desk.close()


def test_the_same_articles_make_the_same_store(both: tuple[Desk, Desk]) -> None:
    folder, servers = (contents(desk.store) for desk in both)
    assert len(folder["articles"]) > 10
    assert differences(folder, servers) == {}


@pytest.mark.parametrize("exact", [5000, 0])
def test_questions_get_the_same_answers_whether_few_are_compared_or_chroma_is_asked(
    both: tuple[Desk, Desk], exact: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "EXACT", exact)
    for question in QUESTIONS:
        hits = [[(hit.chunk.id, pytest.approx(hit.score, abs=1e-4)) for hit in d.search(question).hits] for d in both]
        assert hits[0] == hits[1]
        answers = [desk.ask(question) for desk in both]
        assert [s.text for s in answers[0].statements] == [s.text for s in answers[1].statements]
        assert answers[0].refused == answers[1].refused


WORDS = st.sampled_from(["ASEAN", "hợp tác", "hop tac", "song phương", "bộ trưởng", "the", "Nga", "100%", "a?b", "'"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    terms=st.lists(WORDS, min_size=1, max_size=6), limit=st.integers(1, 20), lang=st.sampled_from([None, "vi", "en"])
)
def test_words_are_ranked_as_sqlite_ranks_them(
    both: tuple[Desk, Desk], terms: list[str], limit: int, lang: str | None
) -> None:
    folder, servers = (desk.store.lexical(terms, limit=limit, lang=lang) for desk in both)
    assert [score for _, score in servers] == pytest.approx([score for _, score in folder])
    counts = [desk.store.document_frequency(terms, lang=lang) for desk in both]
    assert counts[0] == counts[1]


@pytest.mark.parametrize("order", ["newest", "title", "ingest"])
@pytest.mark.parametrize("words", ["", "hợp tác", '"hợp tác" Nga'])
def test_the_shelf_and_the_filters_are_the_same(both: tuple[Desk, Desk], order: Any, words: str) -> None:
    shelves = [desk.shelf(Asked(words, order=order), limit=5, offset=1) for desk in both]
    assert shelves[0].rows
    assert [(row.id, row.chars, row.sources, row.events) for row in shelves[0].rows] == [
        (row.id, row.chars, row.sources, row.events) for row in shelves[1].rows
    ]
    assert (shelves[0].total, shelves[0].undated) == (shelves[1].total, shelves[1].undated)
    assert both[0].facets() == both[1].facets()
    left = [desk.store.allowed(since="2023", until="2023-12", lang="en") for desk in both]
    assert (left[0].articles, left[0].undated, left[0].left_out) == (
        left[1].articles,
        left[1].undated,
        left[1].left_out,
    )
    periods = [desk.store.allowed(periods=[("2023-10-01", "2023-10-31"), ("2023", None)]) for desk in both]
    assert (periods[0].articles, periods[0].periods) == (periods[1].articles, periods[1].periods)


def test_a_deleted_article_is_gone_and_comes_back_and_all_can_be_made_anew(both: tuple[Desk, Desk]) -> None:
    _, servers = both
    before = contents(servers.store)
    one = servers.store.articles()[0].id
    source = servers.store.sources(one)[0].path
    assert servers.delete([one]) == 1
    assert one not in contents(servers.store)["articles"]
    servers.ingest([source])
    servers.reindex()
    assert differences(before, contents(servers.store)) == {}


BEFORE_MET = (
    "ALTER TABLE records DROP COLUMN traits",
    "ALTER TABLE record_keys DROP COLUMN met",
    "ALTER TABLE record_keys ADD PRIMARY KEY (key, record)",
)


def test_a_catalogue_of_version_4_is_brought_to_this_one_where_it_is(both: tuple[Desk, Desk]) -> None:
    _, servers = both
    catalogue = servers.store._catalogue
    before, keys = contents(servers.store), _met(servers)
    with catalogue.writing() as db:
        for statement in BEFORE_MET:
            db.execute(statement)
        catalogue.set_meta(version="4")
    catalogue.migrate()
    catalogue.migrate()
    assert servers.store.version == VERSION
    assert _met(servers) == keys
    deleted = servers.articles()[0].id
    servers.delete([deleted])
    servers.ingest(sorted({source[1] for source in before["sources"]}))
    assert differences(before, contents(servers.store)) == {}


def _met(desk: Desk) -> list[tuple[Any, ...]]:
    with desk.store._catalogue.reading() as db:
        sql = "SELECT r.id, k.key, k.met FROM record_keys k JOIN records r ON r.number = k.record ORDER BY 1, 2, 3"
        return db.execute(sql).fetchall()


def test_four_workers_lose_nothing_while_chroma_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with postgres(tmp_path / "database") as address, chroma(tmp_path / "chroma") as server:
        told = killed(tmp_path, server, address, articles=60)
    assert told.kills > 0
    assert (told.found, told.vectors_lacking, told.differences) == (told.articles, 0, {})


def test_without_chroma_articles_are_read_and_searched_and_kept_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with postgres(tmp_path / "database") as address, chroma(tmp_path / "chroma") as server:
        servers = Servers(server.address, address)
        server.kill()
        monkeypatch.setattr(nearest, "EXACT", 0)
        with Store.open(
            tmp_path, create=True, embedder="invented", dimension=DIMENSION, servers=servers, wait=1
        ) as store:
            made = entry(text_of(1), path="1.txt")
            store.commit(record("1.txt", "1"), [made])
            with pytest.raises(StoreError, match="start it"):
                store.flush()
            found = store.dense(next(iter(made.vectors.values())), lang="vi", limit=1)
            assert found[0][0] == made.chunks[0].id
            server.start()
            store.flush()
            assert store.pending == 0


def test_the_doctor_counts_what_chroma_holds_and_says_when_it_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with postgres(tmp_path / "database") as address, chroma(tmp_path / "chroma") as server:
        made_by: dict[str, Any] = {"embedder": "invented", "dimension": DIMENSION}
        with Store.open(tmp_path, create=True, servers=Servers(server.address, address), **made_by) as store:
            store.commit(record("1.txt", "1"), [entry(text_of(1), path="1.txt")])
            store.flush()
        asked = read_settings(store=server.address, catalogue=address)
        found = {health.part: health for health in doctor._store(asked)}
        assert found["store"].ok
        assert "127.0.0.1" in found["store"].says
        assert found["vectors"].says == "3 vectors for 3 passages"
        server.kill()
        found = {health.part: health for health in doctor._store(asked)}
        assert found["store"].ok
        assert not found["vectors"].ok
        assert "start it" in str(found["vectors"].remedy)


def test_who_writes_is_waited_for_and_named(tmp_path: Path, database: str) -> None:
    one, other = (door.PostgresCatalogue(database, wait=0.3) for _ in range(2))
    with one.turn()(), pytest.raises(StoreBusy, match=rf"process {os.getpid()} on .* since"), other.turn()():
        pass
    with other.turn()():
        pass
    with one.writing(), pytest.raises(StoreBusy), other.writing():
        pass
    one.close()
    other.close()


def test_a_wrong_address_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    def told(**environment: str) -> str:
        command = [sys.executable, "-m", "rag.cli", "articles"]
        everything = {**os.environ, "XDG_DATA_HOME": str(tmp_path), **environment}
        done = subprocess.run(command, env=everything, capture_output=True, text=True)
        assert done.returncode == 1
        (line,) = done.stderr.strip().splitlines()
        return line

    there = {"RAG_STORE": "http://127.0.0.1:9"}
    assert "RAG_CATALOGUE" in told(**there)
    assert "postgresql://USER" in told(**there, RAG_CATALOGUE="sqlite:///x")
    line = told(**there, RAG_CATALOGUE="postgresql://rag:secret@127.0.0.1:9/news")
    assert "see that the database is up" in line
    assert "secret" not in line


def test_an_address_is_told_from_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(store=Path("http://chroma.example:8000")).server == "http://chroma.example:8000"
    assert read_settings(store="https://chroma.example/").server == "https://chroma.example"
    assert read_settings(store=Path("news")).server is None
    with pytest.raises(InputError):
        read_settings(store="http://chroma.example", nonsense=1)
    text = "SELECT '100%', \"a?\" FROM t WHERE x = ? AND y LIKE :name AND z::text IN (SELECT value FROM json_each(?))"
    assert door.translated(text) == (
        "SELECT '100%%', \"a?\" FROM t WHERE x = %s AND y LIKE %(name)s AND z::text IN (SELECT value FROM rag_each(%s))"
    )
