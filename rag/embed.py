"""The door to embedding models: the bundled one, or any model of sentence-transformers, and its cross-encoders.

LangChain's `Embeddings` takes over half a second and 50 MB to import, so an embedder here has that interface
without importing it: `embedder.langchain()` makes it known to LangChain's own type checks.
"""

from __future__ import annotations

import asyncio
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from rag import e5
from rag.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

Floats = NDArray[np.float32]
Progress = Callable[[int], None]

BUNDLED = "bundled"
_BATCH = 32


class Embedder(ABC):
    """Texts to unit vectors. `name` is stored with them: vectors of another name do not compare.

    `sentences` is whether an ingest has it embed each passage's sentences too, or only the passage.
    """

    name: str
    dimension: int
    sentences: bool = True

    @abstractmethod
    def passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        """Unit vectors [texts, dimension] of texts to be found. `progress` gets the number of texts finished
        since it was last called."""

    @abstractmethod
    def query(self, text: str) -> Floats:
        """The unit vector [dimension] of a question."""

    def queries(self, texts: Sequence[str]) -> Floats:
        """The unit vectors [texts, dimension] of questions, in one go where the model can."""
        return np.stack([self.query(text) for text in texts]) if texts else np.empty((0, self.dimension), np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for `passages`, in lists."""
        return cast("list[list[float]]", self.passages(texts).tolist())

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for `query`, as a list."""
        return cast("list[float]", self.query(text).tolist())

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """`embed_documents` in a thread."""
        return await asyncio.to_thread(self.embed_documents, texts)

    def groups(self, texts: Sequence[Sequence[str]]) -> list[Floats]:
        """For each group of texts, a passage and its sentences, their unit vectors [texts of the group, dimension], all
        embedded in one go; without `sentences` those of the passages [1, dimension] only."""
        groups = texts if self.sentences else [group[:1] for group in texts]
        flat = self.passages([text for group in groups for text in group])
        ends = np.cumsum([len(group) for group in groups])
        return np.split(flat, ends[:-1]) if groups else []

    async def aembed_query(self, text: str) -> list[float]:
        """`embed_query` in a thread."""
        return await asyncio.to_thread(self.embed_query, text)

    def langchain(self) -> Embeddings:
        """This very object, which from now on passes `isinstance(embedder, Embeddings)`."""
        from langchain_core.embeddings import Embeddings

        Embeddings.register(Embedder)  # type: ignore[type-abstract]
        return cast("Embeddings", self)


class BundledEmbedder(Embedder):
    """multilingual-e5-small in int8, for CPUs, loaded when first used; the first use on a machine converts it."""

    name = e5.NAME
    dimension = e5.DIMENSION

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache

    @cached_property
    def _model(self) -> e5.E5:
        return e5.E5(e5.prepare(self._cache))

    def passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        return self._model.embed(texts, prefix="passage: ", progress=progress)

    def query(self, text: str) -> Floats:
        (vector,) = self.queries([text])
        return cast("Floats", vector)

    def queries(self, texts: Sequence[str]) -> Floats:
        return self._model.embed(texts, prefix="query: ")


class SentenceTransformerEmbedder(Embedder):
    """Any model of sentence-transformers, by name or folder.

    The model's own prompts named `query` and `passage` (or `document`) hold unless others are given.
    """

    def __init__(
        self,
        model: str,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        device: str | None = None,
    ) -> None:
        library = _sentence_transformers()
        try:
            self._model = library.SentenceTransformer(model, device=device)
        except (OSError, ValueError) as error:
            raise InputError(f"no model {model!r}: name a folder that holds one ({error})") from error
        own = self._model.prompts
        passage = own.get("passage") or own.get("document", "")
        self._query: str = own.get("query", "") if query_prompt is None else query_prompt
        self._passage: str = passage if passage_prompt is None else passage_prompt
        self.dimension = len(self.query("a"))
        self.name = _identity(model, self._query, self._passage)

    def passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        for start in range(0, len(texts), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._encode([texts[number] for number in batch], self._passage)
            if progress is not None:
                progress(len(batch))
        return vectors

    def query(self, text: str) -> Floats:
        (vector,) = self._encode([text], self._query)
        return cast("Floats", vector)

    def _encode(self, texts: Sequence[str], prompt: str) -> Floats:
        vectors: Any = self._model.encode(
            [_encodable(text) for text in texts],
            prompt=prompt,
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, np.float32)


class Reranker:
    """A cross-encoder of sentence-transformers: reads question and text together."""

    def __init__(self, model: str, *, device: str | None = None) -> None:
        library = _sentence_transformers()
        try:
            self._model = library.CrossEncoder(model, device=device)
        except (OSError, ValueError) as error:
            raise InputError(f"no reranker {model!r}: name a folder that holds one ({error})") from error

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """One score a text [texts], higher for texts that answer better; the scale is the model's."""
        if not texts:
            return np.empty(0, np.float32)
        pairs = [(question, text) for text in texts]
        found: Any = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        return np.asarray(found, np.float32)


class NLI:
    """A cross-encoder of sentence-transformers for natural language inference: reads a premise and a hypothesis."""

    def __init__(self, model: str, *, device: str | None = None) -> None:
        library = _sentence_transformers()
        try:
            self._model = library.CrossEncoder(model, device=device)
        except (OSError, ValueError) as error:
            raise InputError(f"no NLI model {model!r}: name a folder that holds one ({error})") from error
        labels: dict[int, str] = self._model.config.id2label
        entailing = [number for number, label in labels.items() if label.lower().startswith("entail")]
        if len(labels) < 2 or len(entailing) != 1:
            raise InputError(
                f"the model {model!r} has the labels {', '.join(labels.values())}, of which it must be plain that one "
                "is entailment; write them into id2label of its config.json, or name an NLI model"
            )
        self._entailing = int(entailing[0])

    def entails(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """For each pair the probability, 0 to 1, that its first text entails its second [pairs].

        A pair longer than the model's window is cut at the end of its longer text.
        """
        if not pairs:
            return np.empty(0, np.float32)
        import torch

        found: Any = self._model.predict(
            [(_encodable(premise), _encodable(hypothesis)) for premise, hypothesis in pairs],
            activation_fn=torch.nn.Softmax(dim=-1),
            batch_size=_BATCH,
            show_progress_bar=False,
        )
        return np.asarray(found, np.float32)[:, self._entailing]


def load(
    model: str | None = None,
    *,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    device: str | None = None,
    cache: Path | None = None,
    sentences: bool = True,
) -> Embedder:
    """The bundled embedder for None or "bundled", else that sentence-transformers model (name or folder).

    `sentences` as `Embedder` has it. Raises InputError where there is no such model or the cache cannot be written,
    MissingExtra where sentence-transformers is needed and not installed.
    """
    found: Embedder
    if model is not None and model != BUNDLED:
        found = SentenceTransformerEmbedder(
            model, query_prompt=query_prompt, passage_prompt=passage_prompt, device=device
        )
    elif (query_prompt, passage_prompt, device) != (None, None, None):
        raise InputError("the bundled embedder has its own prompts and runs on the CPU; name a model")
    else:
        found = BundledEmbedder(cache)
    found.sentences = sentences
    return found


def load_reranker(model: str, *, device: str | None = None) -> Reranker:
    """The sentence-transformers cross-encoder of that name or folder. Raises as `load` does."""
    return Reranker(model, device=device)


def load_nli(model: str, *, device: str | None = None) -> NLI:
    """The NLI cross-encoder of that name or folder.

    Raises as `load` does, and InputError where the model does not say which of its labels is entailment.
    """
    return NLI(model, device=device)


def _encodable(text: str) -> str:
    """The text without the lone surrogates that tokenizers refuse."""
    return text.encode("utf-8", "replace").decode()


def _sentence_transformers() -> Any:
    try:
        import sentence_transformers  # type: ignore[import-not-found,unused-ignore]
    except ModuleNotFoundError as error:
        if error.name not in ("sentence_transformers", "torch"):
            raise
        command = 'pip install torch==2.13.0 "rag[st]"'
        raise MissingExtra(f"this model needs sentence-transformers and torch: {command}") from error
    return sentence_transformers


def _identity(model: str, query: str, passage: str) -> str:
    """A hub's name, or a folder's and a hash of the end of its weights, for folders are named alike; and the
    prompts."""
    name = model
    if (folder := Path(model)).is_dir():
        size, weights = max((path.stat().st_size, path) for path in folder.rglob("*") if path.is_file())
        with weights.open("rb") as file:
            file.seek(max(0, size - 65536))
            name = f"{folder.resolve().name}@{hashlib.sha256(file.read()).hexdigest()[:8]}"
    return f"{name} query={query!r} passage={passage!r}" if query or passage else name
