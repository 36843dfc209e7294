from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from invented import DIMENSION, entry, ingest, open_store, record, sentence_vectors, sha, text_of, vector
from numpy.typing import NDArray

from rag import lexical, nearest
from rag.domain import Name
from rag.errors import InputError, StoreBusy, StoreError
from rag.intake import Entry, directions, unpacked
from rag.store import Store
from rag.vectors import Passages, sound

QUOC_HOI = "Quốc hội khai mạc kỳ họp.\nBộ trưởng Bùi Thanh Sơn gặp Vương Nghị (王毅) ở Hà Nội."
NEAR = "\n".join(text_of(900 + part).replace("0", "") for part in range(4))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as made:
        yield made


def state(store: Store) -> dict[str, object]:
    """All that a reader can see, and what Chroma holds."""
    store.flush()
    rows = store.articles()
    chunks = [chunk for row in rows for chunk in store.chunks_of(row.id)]
    vectors = store.vectors_of([chunk.id for chunk in chunks])
    return {
        "articles": [store.article(row.id) for row in rows],
        "sources": [store.sources(row.id) for row in rows],
        "chunks": chunks,
        "vectors": {chunk: one.tobytes() for chunk, one in vectors.items()},
        "names": sorted(store.names()),
        "languages": store.languages(),
        "words": store.lexical(["quốc", "bài", "hội"], limit=1000),
        "chroma": in_chroma(store),
    }


def in_chroma(store: Store) -> dict[str, int]:
    folder = store.path / str(store._catalogue.meta()["chroma"])
    if not folder.exists():
        return {}
    passages = Passages(folder)
    try:
        return {lang: count for lang in passages.languages() if (count := passages.count(lang))}
    finally:
        passages.close()


def test_an_article_comes_back_as_it_went_in(store: Store) -> None:
    given_entry = entry(QUOC_HOI, names=(Name("Vương Nghị", "person", 48, 58),))
    assert list(store.commit(record("a.txt", QUOC_HOI), [given_entry])) == ["new"]
    assert store.article(given_entry.article.id[:6]) == given_entry.article
    assert store.chunks_of(given_entry.article.id) == given_entry.chunks
    assert store.sources(given_entry.article.id) == (given_entry.article.source,)
    assert store.names() == [("Vương Nghị", "person", given_entry.article.id)]
    assert store.known(given_entry.article.id)
    assert store.articles([given_entry.article.id])[0].chars == len(QUOC_HOI)


def test_ingesting_twice_changes_nothing(store: Store) -> None:
    texts = [text_of(number) for number in range(5)]
    for place, text in enumerate(texts):
        assert ingest(store, text, f"{place}.txt") == "new"
    before, generation = state(store), store.generation
    assert [ingest(store, text, f"{place}.txt") for place, text in enumerate(texts)] == ["same"] * 5
    assert state(store) == before
    assert store.generation == generation


def test_a_file_is_unchanged_by_its_bytes_and_not_by_its_time(store: Store) -> None:
    ingest(store, QUOC_HOI)
    file = record("a.txt", QUOC_HOI)
    assert store.file_unchanged("a.txt", size=file.size, mtime_ns=99, sha256=lambda: file.sha256)
    assert not store.file_unchanged("a.txt", size=file.size, mtime_ns=1, sha256=lambda: sha("khác"))
    assert not store.file_unchanged("b.txt", size=file.size, mtime_ns=1, sha256=lambda: file.sha256)


def test_a_changed_file_replaces_its_article_everywhere(store: Store) -> None:
    ingest(store, QUOC_HOI)
    store.flush()
    after = "Chính phủ họp phiên thường kỳ.\nThủ tướng phát biểu."
    assert ingest(store, after) == "updated"
    assert [row.id for row in store.articles()] == [entry(after).article.id]
    assert store.lexical(["quốc hội"], limit=5) == []
    assert [chunk for chunk, _ in store.dense(vector("x"), lang="vi", limit=9)] == [
        chunk.id for chunk in sorted(entry(after).chunks, key=lambda c: -float(vector(c.text) @ vector("x")))
    ]
    assert state(store)["chroma"] == {"vi": 2}


def test_delete_removes_from_catalogue_words_and_chroma(store: Store) -> None:
    ingest(store, QUOC_HOI)
    ingest(store, text_of(1), "b.txt")
    assert state(store)["chroma"] == {"vi": 5}
    kept = entry(text_of(1)).article.id
    assert store.delete(entry(QUOC_HOI).article.id)
    assert not store.delete(entry(QUOC_HOI).article.id)
    after = state(store)
    assert [row.id for row in store.articles()] == [kept]
    assert after["chroma"] == after["languages"] == {"vi": 3}
    assert store.lexical(["Bùi Thanh Sơn"], limit=5) == []
    assert store.vectors_known([sha(line + "\n") for line in QUOC_HOI.split("\n")]) == set()
    with pytest.raises(InputError, match="rag articles"):
        store.article(entry(QUOC_HOI).article.id)


def test_the_same_text_elsewhere_is_a_further_source(store: Store) -> None:
    ingest(store, QUOC_HOI)
    copy = entry(QUOC_HOI, path="b.txt", outlet="Báo Khác")
    article = copy.article.id
    assert list(store.commit(record("b.txt", QUOC_HOI), [copy])) == [f"duplicate of {article}"]
    assert [source.path for source in store.sources(article)] == ["a.txt", "b.txt"]
    assert store.articles()[0].sources == 2
    assert store.languages() == {"vi": 2}
    ingest(store, text_of(1))
    assert [source.outlet for source in store.sources(article)] == ["Báo Khác"]
    assert store.article(article).source == copy.article.source


def test_corrected_facts_of_the_same_text_update_its_source(store: Store) -> None:
    ingest(store, QUOC_HOI)
    dated = entry(QUOC_HOI, published="2022-01-02", title="Kỳ họp")
    assert list(store.commit(record("a.txt", QUOC_HOI), [dated])) == ["updated"]
    assert store.article(dated.article.id).source == dated.article.source
    assert store.allowed(since="2022", until="2022").articles == {dated.article.id}


def test_a_near_duplicate_is_a_source_of_the_first_and_comes_back_when_that_goes(store: Store) -> None:
    other = NEAR.replace("đoạn 2.", "đoạn 2 theo nguồn tin riêng.", 1)
    first, second = entry(NEAR).article.id, entry(other).article.id
    assert ingest(store, NEAR) == "new"
    assert ingest(store, other, "b.txt") == f"near-duplicate of {first}"
    assert ingest(store, other, "b.txt") == "same"
    assert [row.id for row in store.articles()] == [first]
    assert [(source.id, source.path) for source in store.sources(first)] == [
        (first, "a.txt"),
        (first, "b.txt"),
    ]
    report = store.commit(record("a.txt", QUOC_HOI), [entry(QUOC_HOI)])
    assert report.again == ("b.txt",)
    file = record("b.txt", other)
    assert not store.file_unchanged("b.txt", size=file.size, mtime_ns=1, sha256=lambda: file.sha256)
    assert ingest(store, other, "b.txt") == "new"
    assert store.known(second)


def test_two_outlets_with_conflicting_figures_stay_two_articles(store: Store) -> None:
    text = NEAR + "\nTổng trị giá 39.4 triệu USD."
    assert ingest(store, text) == "new"
    assert ingest(store, text.replace("39.4", "39.8"), "b.txt") == "new"
    assert len(store.articles()) == 2


def test_a_file_that_changes_a_little_replaces_itself_and_is_no_near_duplicate(store: Store) -> None:
    ingest(store, NEAR)
    assert ingest(store, NEAR + " Hết.") == "updated"
    assert [row.id for row in store.articles()] == [entry(NEAR + " Hết.").article.id]


def lines_of(numbers: range) -> list[Entry]:
    return [entry(text_of(n), path="c.jsonl", item=place) for place, n in enumerate(numbers, 1)]


def test_a_file_of_many_articles_is_replaced_as_a_set(store: Store) -> None:
    store.commit(record("c.jsonl", "1"), lines_of(range(4)))
    report = store.commit(record("c.jsonl", "2"), lines_of(range(2, 6)))
    assert list(report) == ["updated", "updated", "new", "new"] or list(report)[2:] == ["new", "new"]
    assert {row.id for row in store.articles()} == {made.article.id for made in lines_of(range(2, 6))}
    assert sorted(row.source.item for row in store.articles()) == [1, 2, 3, 4]


def test_slices_lose_nothing_before_the_last_one(store: Store) -> None:
    store.commit(record("c.jsonl", "1"), lines_of(range(4)))
    changed, file = lines_of(range(1, 7)), record("c.jsonl", "2")
    store.commit(file, changed[:3], last=False)
    assert {made.article.id for made in lines_of(range(4))} <= {row.id for row in store.articles()}
    assert not store.file_unchanged("c.jsonl", size=file.size, mtime_ns=1, sha256=lambda: file.sha256)
    store.commit(file, changed[3:], first=False)
    assert {row.id for row in store.articles()} == {made.article.id for made in changed}
    assert store.file_unchanged("c.jsonl", size=file.size, mtime_ns=1, sha256=lambda: file.sha256)
    with pytest.raises(ValueError, match="first slice"):
        store.commit(file, [], first=False)


def test_a_commit_that_fails_leaves_nothing_of_itself(store: Store) -> None:
    ingest(store, text_of(1), "b.txt")
    before = state(store)
    good, bad = entry(text_of(2)), entry(text_of(3), item=1, known=True)
    with pytest.raises(StoreError, match="ingest the file again"):
        store.commit(record("a.txt", "x"), [good, bad])
    assert state(store) == before


def test_the_vectors_of_a_passages_sentences_are_kept_with_it_and_go_with_it(store: Store) -> None:
    ingest(store, QUOC_HOI)
    first, second, *_ = entry(QUOC_HOI).chunks
    found = store.sentence_vectors([first.id, second.id, "unknown:0"])
    assert set(found) == {first.id, second.id}
    for chunk in (first, second):
        assert np.sum(found[chunk.id] * sentence_vectors(chunk.text), axis=1) == pytest.approx([1, 1], abs=0.01)
        assert np.linalg.norm(found[chunk.id], axis=1) == pytest.approx([1, 1], abs=1e-5)
    store.delete(entry(QUOC_HOI).article.id)
    assert store.sentence_vectors([first.id]) == {}
    with sqlite3.connect(store.path / "catalogue.sqlite3") as db:
        assert db.execute("SELECT count(*) FROM sentences").fetchone() == (0,)


@given(arrays(np.float32, (3, DIMENSION), elements=st.floats(-9, 9, width=32)))
def test_a_packed_vector_keeps_its_direction(rows: NDArray[np.float32]) -> None:
    lengths = np.linalg.norm(rows, axis=1)
    found = unpacked(directions(rows, DIMENSION), DIMENSION)
    for row, length, back in zip(rows, lengths, found, strict=True):
        assert (float(row @ back) / length > 0.999) if length > 1e-3 else np.isfinite(back).all()


def test_a_vector_of_equal_text_is_stored_once_and_asked_for_once(store: Store) -> None:
    ingest(store, QUOC_HOI)
    shared = QUOC_HOI.split("\n")[0] + "\n"
    assert store.vectors_known([sha(shared), sha("khác")]) == {sha(shared)}
    again = entry(shared + "Đoạn mới.", path="b.txt")
    lacking = {key: one for key, one in again.vectors.items() if key != sha(shared)}
    lean = Entry(again.article, again.chunks, again.embedded, lacking)
    assert list(store.commit(record("b.txt", "x"), [lean])) == ["new"]
    found = store.vectors_of([again.chunks[0].id])[again.chunks[0].id]
    assert np.allclose(found, vector(shared))


def test_rebuilding_changes_nothing_that_a_reader_sees(store: Store) -> None:
    for number in range(20):
        ingest(store, text_of(number), f"{number}.txt")
    ingest(store, QUOC_HOI, "0.txt")
    before = state(store)
    assert store.rebuild() == 59
    assert state(store) == before


def test_the_mean_is_that_of_the_stored_vectors(store: Store) -> None:
    for number in range(4):
        ingest(store, text_of(number), f"{number}.txt")
    store.delete(entry(text_of(2)).article.id)
    texts = [chunk.text for n in (0, 1, 3) for chunk in entry(text_of(n)).chunks]
    assert np.allclose(store.mean("vi"), np.mean([vector(text) for text in texts], axis=0), atol=1e-6)
    assert not store.mean("ru").any()


def test_words_are_found_without_accents_and_in_chinese(store: Store) -> None:
    ingest(store, QUOC_HOI)
    first, second = (chunk.id for chunk in entry(QUOC_HOI).chunks)
    ingest(store, text_of(1), "b.txt")
    assert [chunk for chunk, _ in store.lexical(["khai mac"], limit=5)] == [first]
    assert [chunk for chunk, _ in store.lexical(["王毅"], limit=5)] == [second]
    assert store.lexical(["毅王"], limit=5) == []
    assert [chunk for chunk, _ in store.lexical(["THANH SƠN", "vắng mặt"], limit=5, lang="vi")] == [second]
    assert store.lexical(["thanh son"], limit=5, lang="en") == []
    assert all(score > 0 for _, score in store.lexical(["hội", "bài"], limit=5))
    assert store.document_frequency(["bài", "khai mạc", "vắng"]) == {"bài": 3, "khai mạc": 1, "vắng": 0}


def test_the_words_of_a_passage_come_back_folded(store: Store) -> None:
    ingest(store, QUOC_HOI)
    first, second = store.chunks_of(store.articles()[0].id)
    found = store.words([second.id, first.id, "unknown:0"])
    assert found[first.id] == " quoc hoi khai mac ky hop "
    assert found[second.id] == " bo truong bui thanh son gap vuong nghi 王 毅 o ha noi "
    assert len(found) == 2


def test_common_words_rank_only_what_holds_a_rare_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"hội nghị thương mại số {number}\n" for number in range(30)]
    rare = "hội nghị thương mại về vắc xin\n"
    common = "hội nghị thương mại, hội nghị thương mại\n"
    article = entry("".join([*texts, rare, common]))
    store.commit(record("a.txt", article.article.text), [article])
    terms = ["hội", "nghị", "thương", "mại", "vắc", "xin"]
    in_full = store.lexical(terms, limit=40)
    assert len(in_full) == 32
    monkeypatch.setattr(lexical, "RANKED_PER_RESULT", 1)
    found = store.lexical(terms, limit=1)
    assert found[0][0] == in_full[0][0]
    assert store.chunks([found[0][0]])[0].text == rare
    assert found[0][1] > in_full[0][1]  # what is rare counts twice
    assert len(store.lexical(["hội", "nghị"], limit=40)) == 32


def test_the_count_of_a_word_follows_what_is_stored(store: Store) -> None:
    ingest(store, QUOC_HOI)
    assert store.document_frequency(["Quốc hội", "vắc xin"], lang="vi") == {"Quốc hội": 1, "vắc xin": 0}
    ingest(store, "Quốc hội bàn về vắc xin.\n", "b.txt")
    assert store.document_frequency(["Quốc hội", "vắc xin"], lang="vi") == {"Quốc hội": 2, "vắc xin": 1}


def test_a_filter_that_leaves_all_of_a_language_ranks_as_none(store: Store) -> None:
    for number in range(9):
        ingest(store, text_of(number), f"{number}.txt")
    allowed = store.allowed(lang="vi")
    terms = ["hội", "bài", "kinh tế"]
    for lang in ("vi", None):
        assert store.lexical(terms, limit=9, lang=lang, allowed=allowed) == store.lexical(terms, limit=9, lang=lang)
    some = store.allowed(articles=[store.articles()[0].id])
    chosen = store.lexical(terms, limit=99, allowed=some)
    assert chosen == [pair for pair in store.lexical(terms, limit=99) if pair[0].startswith(min(some.articles))]


@pytest.mark.parametrize(
    "term",
    [
        '"',
        'a" OR text:*',
        "NEAR(a b)",
        "a\x00b",
        "*",
        "-",
        "text:",
        "'",
        "a AND",
        "^a",
        "\ud800",
        "(" * 500,
        "{}",
    ],
)
def test_hostile_terms_are_words_or_nothing(store: Store, term: str) -> None:
    ingest(store, QUOC_HOI)
    assert store.lexical([term], limit=5) == []
    assert len(store.lexical([term, "quoc hoi"], limit=5)) == 1
    assert store.document_frequency([term], lang='"') == {term: 0}


def test_a_thousand_terms_are_no_error(store: Store) -> None:
    ingest(store, QUOC_HOI)
    assert len(store.lexical([f"từ{n}" for n in range(3000)] + ["quốc"], limit=5)) == 1


def test_any_term_can_be_asked(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ingest(store, QUOC_HOI)

        @settings(max_examples=200, deadline=None)
        @given(st.lists(st.text(), max_size=4))
        def ask(terms: list[str]) -> None:
            assert len(store.lexical([*terms, "quốc"], limit=9)) >= 1

        ask()


def test_text_with_control_characters_comes_back_whole(store: Store) -> None:
    text = "Trước\x00giữa\x07 và 𝔘nicode\nsau\x00"
    ingest(store, text)
    assert store.article(entry(text).article.id).text == text
    assert [chunk.text for chunk in store.chunks_of(entry(text).article.id)] == [
        "Trước\x00giữa\x07 và 𝔘nicode\n",
        "sau\x00",
    ]
    broken = replace(entry("x", path="b.txt").article, text="\ud800 x")
    with pytest.raises(InputError, match=r"b\.txt"):
        store.commit(record("b.txt", "x"), [Entry(broken, (), (), {})])


def test_a_path_that_is_no_utf8_is_a_path(store: Store) -> None:
    path = b"b\xe1o.txt".decode("utf-8", "surrogateescape")
    assert ingest(store, QUOC_HOI, path) == "new"
    assert ingest(store, QUOC_HOI, path) == "same"
    file = record(path, QUOC_HOI)
    assert store.file_unchanged(path, size=file.size, mtime_ns=1, sha256=lambda: file.sha256)


def test_a_date_filter_takes_what_can_lie_inside_and_counts_the_undated(store: Store) -> None:
    published = [
        "2023-10-24",
        "2023-10",
        "2023",
        "XXXX-07-13",
        None,
        "2023-11-02?",
        "2022-12-31",
        "2023-09-30/2023-10-02",
    ]
    ids = []
    for number, date in enumerate(published):
        made = entry(text_of(number), path=f"{number}.txt", published=date)
        store.commit(record(f"{number}.txt", "x"), [made])
        ids.append(made.article.id)
    october = store.allowed(since="2023-10-01", until="2023-10-31")
    assert october.articles == {ids[place] for place in (0, 1, 2, 7)}
    assert october.undated == 2
    assert store.allowed(since="2023-11").articles == {ids[2], ids[5]}
    assert store.allowed().articles == set(ids)
    assert store.allowed(until="2022").undated == 2
    for wrong in ("hôm qua", "XXXX-07-13"):
        with pytest.raises(InputError, match="2023-10-24"):
            store.allowed(since=wrong)
    with pytest.raises(InputError, match="before it begins"):
        store.allowed(since="2024", until="2023")


def test_filters_hold_in_every_channel(store: Store) -> None:
    here = entry(text_of(1), outlet="Báo Biển")
    there = entry(text_of(2), path="b.txt", outlet="The Sea", lang="en-GB", published="2020")
    store.commit(record("a.txt", "x"), [here])
    store.commit(record("b.txt", "x"), [there])
    assert store.allowed(outlet="bao bien").articles == {here.article.id}
    assert store.allowed(lang="en").articles == store.allowed(until="2021").articles == {there.article.id}
    only = store.allowed(articles=[here.article.id, "unknown"])
    assert {chunk for chunk, _ in store.dense(vector("x"), lang="vi", limit=9, allowed=only)} == {
        chunk.id for chunk in here.chunks
    }
    assert store.dense(vector("x"), lang="en", limit=9, allowed=only) == []
    assert len(store.dense(vector("x"), lang="en", limit=9)) == 3
    assert len(store.lexical(["bài"], limit=9)) == 6
    assert {c.split(":")[0] for c, _ in store.lexical(["bài"], limit=9, allowed=only)} == {here.article.id}


def test_a_language_that_is_no_code_is_read_from_the_text(store: Store) -> None:
    store.commit(record("a.txt", "x"), [entry(QUOC_HOI, lang="Tiếng Việt; DROP TABLE")])
    assert store.languages() == {"vi": 2}


def test_reading_needs_a_store_and_its_own_embedder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="rag ingest"):
        Store.open(tmp_path / "none")
    open_store(tmp_path / "store").close()
    assert Store.open(tmp_path / "store").embedder == "invented"
    with pytest.raises(StoreError, match=r"invented.*other.*rag reindex"):
        Store.open(tmp_path / "store", embedder="other", dimension=DIMENSION)
    with pytest.raises(StoreError, match="24 dimensions"):
        Store.open(tmp_path / "store", create=True, embedder="invented", dimension=8)
    with sqlite3.connect(tmp_path / "store" / "catalogue.sqlite3") as db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'version'")
    with pytest.raises(StoreError, match="version 0"):
        Store.open(tmp_path / "store")
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "catalogue.sqlite3").write_bytes(b"no database" * 500)
    with pytest.raises(StoreError, match="--store"):
        Store.open(tmp_path / "junk")
    with pytest.raises(StoreError, match="--store"):
        open_store(tmp_path / "junk" / "catalogue.sqlite3" / "below")


def test_a_writer_that_waits_in_vain_names_the_holder(tmp_path: Path) -> None:
    with open_store(tmp_path) as one, open_store(tmp_path, wait=0.05) as two:
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with one._writer():
                held.set()
                done.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)
        with pytest.raises(StoreBusy, match=rf"process {os.getpid()} on .* since 2"):
            ingest(two, QUOC_HOI)
        done.set()
        thread.join()
        assert ingest(two, QUOC_HOI) == "new"


def test_a_cold_question_on_a_small_store_does_without_chroma(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ingest(store, QUOC_HOI)
        store.flush()
    program = (
        "import sys; from pathlib import Path; import numpy; from rag.store import Store\n"
        f"store = Store.open(Path({str(tmp_path)!r}))\n"
        f"found = store.dense(numpy.ones({DIMENSION}), lang='vi', limit=5)\n"
        "print(len(found), 'chromadb' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["2", "False"]


def test_what_a_killed_drain_left_is_found_and_drained_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "EXACT", 10)
    with open_store(tmp_path) as store:
        for number in range(6):
            ingest(store, text_of(number), f"{number}.txt")
        store.flush()
        ingest(store, text_of(6), "6.txt")
        store.delete(entry(text_of(0)).article.id)
    with Store.open(tmp_path) as later:
        assert in_chroma(later) == {"vi": 18}
        found_by_their_own_vectors(later, range(1, 7))
        gone = entry(text_of(0)).chunks[0]
        assert gone.id not in dict(later.dense(vector(gone.text), lang="vi", limit=18))
        later.flush()
        assert in_chroma(later) == {"vi": 18}
        assert later._outbox.pending() == 0
        found_by_their_own_vectors(later, range(1, 7))


def found_by_their_own_vectors(store: Store, numbers: Iterable[int]) -> None:
    for number in numbers:
        for chunk in entry(text_of(number)).chunks:
            best, cosine = store.dense(vector(chunk.text), lang="vi", limit=3)[0]
            assert best == chunk.id
            assert cosine == pytest.approx(1, abs=1e-5)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 5,400 chunks: beyond what is compared exactly."""
    folder = tmp_path_factory.mktemp("large")
    with open_store(folder) as store:
        for start in range(0, 540, 90):
            texts = {n: text_of(n, lines=10) for n in range(start, start + 90)}
            made = [entry(text, path=f"{start}.jsonl", item=n) for n, text in texts.items()]
            assert set(store.commit(record(f"{start}.jsonl", "x"), made)) == {"new"}
        store.flush()
        assert in_chroma(store) == {"vi": 5400}
    return folder


def test_chroma_answers_for_a_large_store_as_an_exact_comparison_would(large: Path) -> None:
    with Store.open(large) as store:
        chunks = [c for row in store.articles() for c in store.chunks_of(row.id)]
        matrix = np.stack([vector(chunk.text) for chunk in chunks])
        met = 0
        for place in range(0, 5400, 180):
            asked = vector(chunks[place].text) + vector(f"câu hỏi {place}")
            asked /= np.linalg.norm(asked)
            found = store.dense(asked, lang="vi", limit=10)
            assert [cosine for _, cosine in found] == sorted((c for _, c in found), reverse=True)
            exact = {chunks[best].id for best in np.argsort(-(matrix @ asked))[:10]}
            met += len(exact & {chunk for chunk, _ in found})
        assert met >= 0.97 * 300
        assert store._nearest._loaded is not None


def test_a_filter_on_a_large_store_gives_as_many_as_asked(large: Path) -> None:
    with Store.open(large) as store:
        rows = store.articles()
        for kept in (rows[:40], rows[:520]):
            allowed = store.allowed(articles=[row.id for row in kept])
            found = store.dense(vector("x"), lang="vi", limit=50, allowed=allowed)
            assert len(found) == 50
            assert {chunk.split(":")[0] for chunk, _ in found} <= allowed.articles


def test_a_reader_sees_what_another_process_writes_at_once(large: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from invented import *\n"
        "store = open_store(Path(sys.argv[1]))\n"
        "ingest(store, text_of(7001), 'new.txt'); store.flush(); store.close()"
    )
    with Store.open(large) as reader:
        chunk = entry(text_of(7001)).chunks[0]
        assert reader.dense(vector(chunk.text), lang="vi", limit=1)[0][0] != chunk.id
        before = reader.generation
        subprocess.run([sys.executable, "-c", program, str(large)], check=True, cwd=Path(__file__).parent)
        assert reader.generation > before
        found_by_their_own_vectors(reader, [7001])
    with Store.open(large) as fresh:
        found_by_their_own_vectors(fresh, [7001])


def test_a_damaged_chroma_is_compared_exactly_then_built_anew(large: Path, tmp_path: Path) -> None:
    shutil.copytree(large, tmp_path / "copy")
    with open_store(tmp_path / "copy") as store:
        damaged = store.path / str(store._catalogue.meta()["chroma"])
        (damaged / "chroma.sqlite3").write_bytes(b"junk" * 4096)
        assert not sound(damaged)
        chunk = entry(text_of(5, lines=10)).chunks[4]
        with pytest.warns(RuntimeWarning, match="rag doctor --deep --repair"):
            assert store.dense(vector(chunk.text), lang="vi", limit=1)[0][0] == chunk.id
        ingest(store, QUOC_HOI)
        with pytest.warns(RuntimeWarning, match="anew from the catalogue"):
            store.flush()
        assert in_chroma(store) == store.languages()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert store.dense(vector(chunk.text), lang="vi", limit=1)[0][0] == chunk.id
        assert not damaged.exists()


def test_a_chroma_folder_that_is_gone_hides_nothing(large: Path, tmp_path: Path) -> None:
    shutil.copytree(large, tmp_path / "copy")
    with Store.open(tmp_path / "copy") as store:
        shutil.rmtree(store.path / str(store._catalogue.meta()["chroma"]))
        chunk = entry(text_of(5, lines=10)).chunks[4]
        with pytest.warns(RuntimeWarning, match="rag doctor --deep --repair"):
            assert store.dense(vector(chunk.text), lang="vi", limit=1)[0][0] == chunk.id
        assert store.rebuild() == sum(store.languages().values())
        assert in_chroma(store) == store.languages()


def test_a_question_while_another_writes_is_answered_exactly(large: Path) -> None:
    with Store.open(large) as reader, open_store(large) as writer:
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with writer._writer():
                held.set()
                done.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)
        for number in (5, 300):
            chunk = entry(text_of(number, lines=10)).chunks[4]
            assert reader.dense(vector(chunk.text), lang="vi", limit=1)[0][0] == chunk.id
        assert reader._nearest._loaded is None
        done.set()
        thread.join()


def test_vectors_that_chroma_lost_are_noticed(store: Store) -> None:
    ingest(store, QUOC_HOI)
    store.flush()
    passages = Passages(store.path / "chroma")
    passages.load()
    passages.delete("vi", [entry(QUOC_HOI).chunks[0].id])
    passages.close()
    ingest(store, text_of(1), "b.txt")
    with pytest.warns(RuntimeWarning, match="does not hold what the catalogue holds"):
        store.flush()
    assert in_chroma(store) == {"vi": 5}


def test_another_embedder_replaces_all_vectors_or_none(store: Store) -> None:
    for number in range(3):
        ingest(store, text_of(number), f"{number}.txt")
    store.flush()
    chunks = [chunk for n in range(3) for chunk in entry(text_of(n)).chunks]
    rows = [
        (chunk.id, "e5 " + sha(chunk.text), vector(chunk.text, 8), sentence_vectors(chunk.text, 8)) for chunk in chunks
    ]
    with pytest.raises(StoreError, match="rag reindex"):
        store.replace_vectors("other", 8, [rows[:4]])
    assert (store.embedder, store.dimension) == ("invented", DIMENSION)
    found_by_their_own_vectors(store, range(3))
    assert store.replace_vectors("other", 8, [rows[:5], rows[5:]]) == 9
    assert (store.embedder, store.dimension) == ("other", 8)
    assert store.dense(vector(chunks[4].text, 8), lang="vi", limit=1)[0][0] == chunks[4].id
    assert in_chroma(store) == {"vi": 9}
    assert store.mean("vi").shape == (8,)
    (found,) = store.sentence_vectors([chunks[4].id]).values()
    assert np.sum(found * sentence_vectors(chunks[4].text, 8), axis=1) == pytest.approx([1, 1], abs=0.01)
    with pytest.raises(ValueError, match="8 finite numbers"):
        store.dense(vector("x"), lang="vi", limit=1)


def test_threads_share_a_store(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                ingest(store, text_of(100 * number + step), f"{number}-{step}.txt")
                found_by_their_own_vectors(store, [100 * number + step])
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.articles()) == 20


def test_a_rejected_file_is_not_read_again_and_loses_nothing(store: Store) -> None:
    ingest(store, QUOC_HOI)
    broken = record("a.txt", "\x00")
    store.reject(broken, "no text")
    assert store.file_unchanged("a.txt", size=broken.size, mtime_ns=1, sha256=lambda: broken.sha256)
    assert len(store.articles()) == 1
