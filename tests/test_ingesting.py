"""Files into the store, in parts that any process can make."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from threading import Event

import pytest
from noting import DIMENSION, NotingEmbedder

from rag import feeds, making
from rag.domain import Ingested
from rag.embed import Floats
from rag.errors import InputError
from rag.feeds import Found
from rag.ingesting import here, ingest
from rag.prepare import PART_RAWS, Job, Slice, parts, prepared
from rag.store import Store

BAD = "không phải JSON"
TEXT = (
    "Bộ trưởng Ngoại giao Bùi Thanh Sơn thăm Viêng Chăn ngày 5/9/2023.\nHai bên nhất trí mở {n} cửa khẩu trong năm nay."
)


def line(number: int) -> str:
    return json.dumps({"title": f"Chuyến thăm {number}", "text": TEXT.format(n=number)}, ensure_ascii=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store", create=True, embedder="noting", dimension=DIMENSION) as opened:
        yield opened


def read(store: Store, path: Path, *, make: object = here) -> Ingested:
    notes = path.with_name("notes")
    return ingest(list(feeds.discover([str(path)])), store=store, embedder=NotingEmbedder(notes), make=make)  # type: ignore[arg-type]


def test_a_file_without_an_article_in_any_part_is_rejected_and_what_it_gave_stays(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(line(1), "utf-8")
    read(store, file)
    file.write_text("\n".join([BAD] * (2 * PART_RAWS + 5)), "utf-8")
    report = read(store, file)
    assert len(report.rejected) == 2 * PART_RAWS + 5
    assert store.count() == 1
    reason = store.rejection(str(file))
    assert reason is not None
    assert reason.count("is not JSON") == 2 * PART_RAWS + 5


def test_an_article_behind_parts_without_one_is_read_and_takes_the_place_of_the_others(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(map(line, range(3))), "utf-8")
    read(store, file)
    file.write_text("\n".join([*[BAD] * (2 * PART_RAWS), line(7)]), "utf-8")
    read(store, file)
    (row,) = store.articles()
    assert row.source.title == "Chuyến thăm 7"
    assert store.rejection(str(file)) is None


def test_parts_hold_every_line_once_and_say_which_is_the_last(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    for count in (1, PART_RAWS, PART_RAWS + 1, 3 * PART_RAWS):
        file.write_text("\n".join(map(line, range(count))), "utf-8")
        (found,) = feeds.discover([str(file)])
        assert isinstance(found, Found)
        got = list(parts((found, None)))
        assert [raw.item for raw in chain.from_iterable(part.raws for part in got)] == list(range(1, count + 1))
        assert [part.first for part in got] == [True, *[False] * (len(got) - 1)]
        assert [part.last for part in got] == [*[False] * (len(got) - 1), True]


def test_what_a_worker_made_can_be_sent(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(map(line, range(3))), "utf-8")
    (found,) = feeds.discover([str(file)])
    assert isinstance(found, Found)
    slices = making.told([prepared(part) for part in parts((found, None))], making.Known())
    assert pickle.loads(pickle.dumps(slices)) == slices
    assert all(article.records for part in slices for article in part.articles)


def test_what_lacks_when_it_is_stored_is_made_then(store: Store, tmp_path: Path) -> None:
    """A worker may have been told of an article that is gone, or not of one that is there."""
    file, notes = tmp_path / "a.jsonl", tmp_path / "notes"
    file.write_text("\n".join(map(line, range(4))), "utf-8")

    def half_made(jobs: Sequence[Job]) -> Iterator[list[Slice]]:
        for slices in here(jobs):
            gone = frozenset(article.id for part in slices for article in part.articles[:2])
            worker = NotingEmbedder(tmp_path / "worker")
            yield making.embedded(making.told(slices, making.Known(gone)), making.Known(gone), worker)

    read(store, file, make=half_made)
    by_worker, here_made = ((tmp_path / name).read_text().splitlines() for name in ("worker", "notes"))
    assert here_made
    assert not set(by_worker) & set(here_made)
    assert store.count() == 4
    assert not store.untold()
    assert len(store.vectors_of([chunk.id for row in store.articles() for chunk in store.chunks_of(row.id)])) == len(
        by_worker
    ) + len(here_made)
    assert notes.exists()


def one_by_one(jobs: Sequence[Job]) -> Iterator[list[Slice]]:
    """Every slice a batch of its own."""
    return ([part] for batch in here(jobs) for part in batch)


def test_a_batch_is_embedded_while_the_next_one_is_read(store: Store, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.jsonl").write_text(line(number), "utf-8")
    second_read = Event()

    class Waiting(NotingEmbedder):
        def groups(self, texts: Sequence[Sequence[str]]) -> list[Floats]:
            assert second_read.wait(20), "nothing was read meanwhile"
            return super().groups(texts)

    def noticed(jobs: Sequence[Job]) -> Iterator[list[Slice]]:
        for number, batch in enumerate(one_by_one(jobs)):
            if number:
                second_read.set()
            yield batch

    found = list(feeds.discover([str(tmp_path)]))
    report = ingest(found, store=store, embedder=Waiting(tmp_path / "notes"), make=noticed)
    assert [outcome.path for outcome in report.outcomes] == [str(tmp_path / f"{number}.jsonl") for number in range(3)]
    assert store.count() == 3


def test_an_article_that_moves_to_a_file_read_later_is_there_and_whole(store: Store, tmp_path: Path) -> None:
    """When its new file is read it is still stored; when that is committed, its old file has let go of it."""
    before, after = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    before.write_text(line(1), "utf-8")
    read(store, tmp_path, make=one_by_one)
    before.write_text(line(2), "utf-8")
    after.write_text(line(1), "utf-8")
    read(store, tmp_path, make=one_by_one)
    assert {row.source.title for row in store.articles()} == {"Chuyến thăm 1", "Chuyến thăm 2"}
    assert not store.untold()
    passages = [chunk.id for row in store.articles() for chunk in store.chunks_of(row.id)]
    assert len(store.vectors_of(passages)) == len(passages)


def test_an_embedder_that_fails_stops_the_ingest_and_what_was_stored_stays(store: Store, tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.jsonl").write_text(line(number), "utf-8")

    class Failing(NotingEmbedder):
        def groups(self, texts: Sequence[Sequence[str]]) -> list[Floats]:
            if "chuyến thăm 2" in texts[0][0].lower():
                raise InputError("the model is gone")
            return super().groups(texts)

    found = list(feeds.discover([str(tmp_path)]))
    with pytest.raises(InputError, match="the model is gone"):
        ingest(found, store=store, embedder=Failing(tmp_path / "notes"), make=one_by_one)
    assert {row.source.title for row in store.articles()} == {"Chuyến thăm 0", "Chuyến thăm 1"}
    read(store, tmp_path)
    assert store.count() == 4
