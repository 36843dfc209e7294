"""Several workers, or Ray's, give the store that one plain ingest gives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noting import DIMENSION, NotingEmbedder

from eval.ray_same import compare, state, write
from rag import feeds, ingesting
from rag.desk import open_desk
from rag.errors import InputError, MissingExtra
from rag.feeds import Found
from rag.ray_stages import Cluster
from rag.share import Share, share
from rag.store import Store

with_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray")


@pytest.fixture(autouse=True)
def workers_find_the_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", f"{here.parent}{os.pathsep}{here}")


def found_in(folder: Path) -> list[Found]:
    return [file for file in feeds.discover([str(folder)]) if isinstance(file, Found)]


def made(folder: Path) -> Store:
    return Store.open(folder, create=True, embedder=NotingEmbedder.name, dimension=DIMENSION)


def ingest(store: Store, files: Sequence[Found], notes: Path, make: ingesting.Make = ingesting.here) -> None:
    ingesting.ingest(files, store=store, embedder=NotingEmbedder(notes), make=make)


def ray_of(folder: Path, notes: Path, *, broken: bool = False) -> Cluster:
    return Cluster(partial(Store.open, folder), partial(NotingEmbedder, notes, broken=broken), cpus=2)


@with_ray
@pytest.mark.slow
def test_ray_goes_on_where_an_ingest_ended_and_gives_the_same_store(tmp_path: Path) -> None:
    write(tmp_path / "files", 60)
    files = found_in(tmp_path / "files")
    assert len(files) > 3
    plain, other = tmp_path / "plain", tmp_path / "ray"
    with made(plain) as store:
        ingest(store, files, tmp_path / "plain.notes")
        expected = state(store, files)
    with made(other) as store:
        ingest(store, files[:3], tmp_path / "before.notes")
        ingest(store, files, tmp_path / "ray.notes", ray_of(other, tmp_path / "ray.notes"))
        assert [each for each in compare(expected, state(store, files)) if each.different] == []
        before, by_ray = ((tmp_path / f"{name}.notes").read_text().splitlines() for name in ("before", "ray"))
        assert not set(before) & set(by_ray)
        assert {*before, *by_ray} == set((tmp_path / "plain.notes").read_text().splitlines())
        generation = store.generation
        ingest(store, files, tmp_path / "again.notes", ray_of(other, tmp_path / "again.notes"))
        assert store.generation == generation
    assert not (tmp_path / "again.notes").exists()


@with_ray
@pytest.mark.slow
def test_what_fails_in_a_worker_is_said_in_its_own_line(tmp_path: Path) -> None:
    write(tmp_path / "files", 5)
    with made(tmp_path / "store") as store:
        broken = ray_of(tmp_path / "store", tmp_path / "notes", broken=True)
        with pytest.raises(InputError, match=r"^the model in models/e5 is damaged; delete that folder$"):
            ingest(store, found_in(tmp_path / "files"), tmp_path / "notes", broken)
        assert store.count() == 0


def test_without_ray_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "files", 2)
    monkeypatch.setitem(sys.modules, "ray", None)
    with made(tmp_path / "store") as store, pytest.raises(MissingExtra, match=r'pip install "rag\[ray\]"'):
        ingest(store, found_in(tmp_path / "files"), tmp_path, ray_of(tmp_path / "store", tmp_path))


def test_a_cluster_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path / "files", 2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        cluster = replace(ray_of(tmp_path / "store", tmp_path), address=address)
        with made(tmp_path / "store") as store, pytest.raises(InputError, match=f"no Ray at {address}"):
            ingest(store, found_in(tmp_path / "files"), tmp_path, cluster)


@given(st.integers(1, 9), st.text(min_size=1))
def test_every_file_is_in_one_share(of: int, path: str) -> None:
    assert sum(Share(number, of).holds(path) for number in range(1, of + 1)) == 1


def test_shares_are_of_like_size() -> None:
    counts = [sum(share(f"{number}/4").holds(f"báo/{each}.txt") for each in range(4000)) for number in range(1, 5)]
    assert sum(counts) == 4000
    assert all(900 < count < 1100 for count in counts)


@pytest.mark.parametrize("stated", ["0/4", "5/4", "2", "1/0", "a/b", "-1/4", "1/4/2", ""])
def test_what_is_no_share_is_refused_with_the_remedy(stated: str) -> None:
    with pytest.raises(InputError, match="write 2/4"):
        share(stated)


@pytest.mark.slow
def test_four_workers_at_once_give_the_store_of_one(tmp_path: Path) -> None:
    """With shares and without. Files of near-duplicates would show which of them came first."""
    write(tmp_path / "files", 40, changed=0)
    files = found_in(tmp_path / "files")
    open_desk(store=tmp_path / "one").ingest([str(tmp_path / "files")])
    command = [sys.executable, "-m", "rag.cli", "ingest", str(tmp_path / "files"), "--store"]
    parts = [["parts", "--part", f"{number}/4"] for number in range(1, 5)]
    for workers in (parts, [["all"]] * 4):
        running = [
            subprocess.Popen([*command, str(tmp_path / name), *options], stdout=subprocess.DEVNULL)
            for name, *options in workers
        ]
        assert [process.wait() for process in running] == [0] * 4
    held = []
    for name in ("one", "parts", "all"):
        with Store.open(tmp_path / name) as store:
            held.append(state(store, files))
    for each in held[1:]:
        differ = {one.what for one in compare(held[0], each) if one.different}
        assert differ <= {"order of articles"}
