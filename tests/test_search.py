"""Search over a small store whose vectors are sums of word vectors, so that what is near is known beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pytest
from invented import record, sha, vector
from numpy.typing import NDArray

from rag import names
from rag.domain import Article, Chunk, Hit, Source
from rag.embed import Embedder, Progress
from rag.search import search, spelled_out, understand
from rag.split import sentence_texts
from rag.store import Entry, Store
from rag.text import fold, language, words

WIDE = 256
MEANS = {
    "meets": "gap",
    "minister": "truong",
    "fish": "ca",
    "rice": "gao",
    "trade": "thuong",
}  # words that mean the same


class WordEmbedder(Embedder):
    """The sum of the words' own vectors; a language has a direction of its own, as in real models."""

    name, dimension = "words", WIDE

    def __init__(self, *, apart: float = 0.0) -> None:
        self._apart = apart

    def passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        return np.stack([self.query(text) for text in texts]) if texts else np.empty((0, WIDE), np.float32)

    def query(self, text: str) -> NDArray[np.float32]:
        terms = [fold(word) for word in words(text)] or ["nothing"]
        total = np.sum([vector(MEANS.get(term, term), WIDE) for term in terms], axis=0)
        total = total / np.linalg.norm(total) + self._apart * vector(f"language {language(text)}", WIDE)
        unit: NDArray[np.float32] = (total / np.linalg.norm(total)).astype(np.float32)
        return unit


class Blind(WordEmbedder):
    """To which all texts are alike."""

    def query(self, text: str) -> NDArray[np.float32]:
        return vector("everything", WIDE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store", create=True, embedder="words", dimension=WIDE) as made:
        yield made


def add(store: Store, text: str, *, embedder: Embedder | None = None, lang: str | None = None) -> str:
    """Store a text as an article of one passage a line; its id."""
    embedder, whole = embedder or WordEmbedder(), sha(text)
    article = Article(Source(whole[:16], f"{whole[:8]}.txt", whole, lang=lang or language(text)), text)
    ends = list(accumulate(len(line) for line in text.splitlines(keepends=True)))
    chunks = tuple(Chunk(article.id, a, z, text[a:z]) for a, z in pairwise([0, *ends]))
    keys = tuple(sha(chunk.text) for chunk in chunks)
    own = dict(zip(keys, embedder.passages([chunk.text for chunk in chunks]), strict=True))
    sentences = {k: embedder.passages(sentence_texts(article, c)) for k, c in zip(keys, chunks, strict=True)}
    found = names.find(text, lang=article.source.lang or "en")
    store.commit(record(article.source.path, text), [Entry(article, chunks, keys, own, found, sentences)])
    return article.id


def ask(store: Store, question: str, *, embedder: Embedder | None = None) -> tuple[Hit, ...]:
    lang = language(question)
    index = names.NameIndex(store.names())
    matches = spelled_out(names.in_question(question, lang=lang, index=index), store=store)
    embedder = embedder or WordEmbedder()
    asked = understand(question, lang=lang, names=matches, store=store, embedder=embedder)
    return search(asked, store=store)


FILLER = "Quiet rain fell over green hills. Children walked along empty roads. Old trains stood under grey bridges."


def test_one_sentence_that_answers_lifts_a_passage_of_many_subjects(store: Store) -> None:
    wanted = add(store, f"{FILLER} Harbour pilots went on strike. {FILLER}")
    add(store, "Harbour lights. Strike a match. Pilots fly aircraft. Went home.")
    assert ask(store, "Which harbour pilots went on strike?")[0].chunk.article == wanted


def test_a_question_finds_the_spelling_of_a_name_in_the_other_language(store: Store) -> None:
    for subject in ("cá", "gạo", "thép", "than", "muối"):
        add(store, f"Bộ trưởng nói về {subject} trong một ngày dài ở vùng biển phía nam của đất nước.")
    wanted = add(store, "Ông Vương Nghị nói về hợp tác trong một ngày dài ở vùng biển phía nam của đất nước.")
    (first, *_) = ask(store, "What did Wang Yi say?")
    assert first.chunk.article == wanted
    assert first.names == ("Vương Nghị",)
    assert first.channels["names"] == 1


def test_of_two_wordings_the_nearer_one_counts(store: Store) -> None:
    add(store, "Ông Vương Nghị nói về gạo.")
    wordings = names.in_question("Wang Yi", lang="en", index=names.NameIndex(store.names()))
    asked = understand("Wang Yi", lang="en", names=wordings, store=store, embedder=WordEmbedder())
    vectors = WordEmbedder().passages(["Vương Nghị", "Wang Yi"])
    assert len(asked.wordings["vi"]) == 2
    near = asked.similarity("vi", vectors)
    assert near[0] == pytest.approx(max(w.similarity(vectors)[0] for w in asked.wordings["vi"]))
    assert near[0] > 0.5
    assert near[1] > 0.5


def test_of_equal_passages_the_one_in_an_article_that_holds_the_name_comes_first(store: Store) -> None:
    talks = "Talks on rice went on for eleven days."
    for _ in range(3):
        add(store, f"{talks}\nThe minister number {_} was there.")
    wanted = add(store, f"{talks}\nForeign minister Anna Petrova was there.")
    hits = ask(store, "What did Anna Petrova hear of the eleven days of talks on rice?")
    talked = [hit for hit in hits if hit.chunk.text.strip() == talks]
    assert talked[0].chunk.article == wanted
    assert [hit.channels["names"] for hit in talked] == [1, 0, 0, 0]
    assert talked[0].score > talked[1].score


def test_the_questions_own_language_does_not_bury_the_others(store: Store) -> None:
    apart = WordEmbedder(apart=1.5)
    for subject in ("steel", "coal", "salt", "tea", "silk", "glass", "paper", "tin"):
        add(store, f"The delegation spoke of {subject} and of nothing else that day.", embedder=apart)
    wanted = add(store, "gạo thương cá trường gặp", embedder=apart, lang="vi")
    for other in ("mưa rơi trên đồi", "trẻ em đi học", "tàu đứng dưới cầu"):
        add(store, other, embedder=apart, lang="vi")
    assert ask(store, "trade rice fish minister meets", embedder=apart)[0].chunk.article == wanted


def test_words_of_the_question_tell_passages_of_its_language_apart(store: Store) -> None:
    blind = Blind()
    wanted = add(store, f"The zeppelin landed. {FILLER}", embedder=blind)
    for _ in range(3):
        add(store, f"The balloon number {_} landed. {FILLER}", embedder=blind)
    hits = ask(store, "zeppelin", embedder=blind)
    assert hits[0].chunk.article == wanted
    assert hits[0].channels["lexical"] > hits[1].channels["lexical"] == 0
    assert hits[0].score > hits[1].score


def test_a_name_that_ingest_missed_in_an_article_is_found_by_its_letters(store: Store) -> None:
    known = add(store, "Foreign minister Erasmus Quillfeather spoke in Oslo.")
    missed = add(store, "in the hall quillfeather hung. Quillfeather", lang="en")
    lower = add(store, "a quillfeather is a feather of a quill and nothing more than that", lang="en")
    index = names.NameIndex(store.names())
    (name,) = spelled_out(names.in_question("What did Quillfeather say?", lang="en", index=index), store=store)
    assert {known, missed} <= set(name.articles)
    assert lower not in name.articles


def test_two_syllables_that_stand_together_are_a_word(store: Store) -> None:
    blind = Blind()
    wanted = add(store, "Hội nghị bàn về kinh tế của các tỉnh.", embedder=blind)
    for _ in range(3):
        add(store, f"Kinh phí thứ {_} của tế bào.", embedder=blind)
    hits = ask(store, "Kinh tế ra sao?", embedder=blind)
    assert hits[0].chunk.article == wanted
    assert hits[0].channels["lexical"] > hits[1].channels["lexical"]
