"""What works: the store, its vectors, the embedder, the language model and its prompts, each tried once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from rag import __version__, doctor_model
from rag.errors import StoreBusy, StoreError
from rag.health import Health, Probe, attempted

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.store import Store

PROMPTS = ("answer", "briefing", "event", "judge", "rewrite")

_PACKAGES = ("chromadb", "onnxruntime", "langchain", "langchain-openai", "openai", "gradio")
_EXTRAS = ("sentence-transformers", "torch", "xllamacpp")
_QUESTION = "Bộ trưởng Ngoại giao thăm Lào khi nào?"
_REINDEX = "run `rag reindex`"
_REPAIR = "run `rag doctor --deep --repair`"
_OTHER_MODEL = "try again, or set another RAG_LLM_MODEL or RAG_LLM_BASE_URL"
_LOCK_WAIT = 2.0
_FIRST_REPLY = 60.0  # seconds


def examine(settings: Settings) -> Iterator[Health]:
    """Each part of what is set, as it is tried; a part that fails says what to do. Raises nothing.

    A part that does not answer in its time is given up, and what it has begun goes on until the process ends.
    """
    return _examined(_probes(settings), settings)


def examine_model(settings: Settings) -> Iterator[Health]:
    """The language model alone, up to its first reply, asked once and in a minute at most. Raises nothing."""
    s = settings.model_copy(update={"llm_timeout": min(settings.llm_timeout, _FIRST_REPLY), "llm_retries": 0})
    tries = partial(doctor_model.greeted, s)
    return _examined([Probe("model", tries, 2 * _FIRST_REPLY, _OTHER_MODEL)], s)


def _examined(probes: Iterable[Probe], s: Settings) -> Iterator[Health]:
    key = s.llm_api_key.get_secret_value() if s.llm_api_key else ""
    for probe in probes:
        for health in attempted(probe):
            yield _without(key, health) if key else health


def _without(key: str, health: Health) -> Health:
    remedy = health.remedy and health.remedy.replace(key, "***")
    return Health(health.part, health.ok, health.says.replace(key, "***"), remedy)


def _probes(s: Settings) -> Iterator[Probe]:
    reinstall = "install the package again"
    yield Probe("store", partial(_store, s), 60, "run `rag ingest PATH`, or name another store with --store")
    yield Probe("embedder", partial(_embedder, s), 180, f"set RAG_EMBEDDER to a model that loads, or {reinstall}")
    yield Probe("prompts", _prompts, 10, reinstall)
    yield Probe(
        "model",
        partial(doctor_model.examine, s),
        doctor_model.seconds(s),
        _OTHER_MODEL,
    )
    for part, name, variable in (("reranker", s.reranker, "RAG_RERANKER"), ("nli", s.nli, "RAG_NLI")):
        tries = partial(_cross_encoder, part, name, s.device)
        yield Probe(part, tries, 180, f"set {variable} to a model that loads, or unset it")
    yield Probe("versions", _versions, 10, reinstall)


def _store(s: Settings) -> Iterator[Health]:
    from rag.stored import stored

    with stored(s, wait=_LOCK_WAIT) as store:
        articles, passages = store.count(), sum(store.languages().values())
        records, unread = len(store.records_of()), store.unread()
        says = f"{store.shown}, version {store.version}, {articles} articles, {passages} passages, by {store.embedder}"
        yield Health("store", True, says) if articles else Health("store", False, says, "run `rag ingest PATH`")
        yield _vectors(store, passages, _REINDEX if s.server else _REPAIR)
    if unread:
        yield Health("events", False, f"{unread} of {articles} articles were not read for events yet", _REINDEX)
    elif articles:
        yield Health("events", True, f"{records} records of what happened")


def _vectors(store: Store, passages: int, remedy: str) -> Health:
    """Whether Chroma holds the vectors that the catalogue says it does, beside those it is still to take."""
    from rag.vectors import VectorsDamaged, VectorsFailed

    try:
        held, waiting = store.held(), store.pending
    except StoreBusy as busy:
        return Health("vectors", None, f"not counted: {str(busy).partition(';')[0]}")
    except VectorsFailed as failure:
        says, _, own = str(failure).partition("; ")
        return Health("vectors", False, says, remedy if isinstance(failure, VectorsDamaged) else own)
    says = f"{held} vectors for {passages} passages"
    if waiting:
        says += f", {waiting} to be taken or dropped with the next ingest"
    if held == passages or waiting:
        return Health("vectors", True, says)
    return Health("vectors", False, f"{says}; search compares exactly meanwhile, which is slower", remedy)


def _embedder(s: Settings) -> Iterator[Health]:
    from rag import embed
    from rag.stored import stored

    embedder = embed.load(
        s.embedder, query_prompt=s.query_prompt, passage_prompt=s.passage_prompt, device=s.device, cache=s.cache
    )
    length = len(embedder.query(_QUESTION))
    started = time.perf_counter()
    embedder.query(_QUESTION)
    milliseconds = (time.perf_counter() - started) * 1000
    says = f"{embedder.name}, {length} dimensions, {milliseconds:.0f} ms for a question"
    try:
        with stored(s, wait=_LOCK_WAIT) as store:
            made_by = store.embedder
    except StoreError:
        made_by = embedder.name  # what is wrong with the store is said of the store
    if made_by == embedder.name:
        yield Health("embedder", True, says)
    else:
        yield Health("embedder", False, f"{says}; the store was made with {made_by}", _REINDEX)


def _prompts() -> Iterator[Health]:
    from rag import prompts

    hashes = [f"{name} {prompts.load(name).hash}" for name in PROMPTS]
    yield Health("prompts", True, ", ".join(hashes))


def _cross_encoder(part: str, name: str | None, device: str | None) -> Iterator[Health]:
    from rag import embed

    if name is None:
        yield Health(part, None, "none set")
        return
    started = time.perf_counter()
    if part == "nli":
        embed.load_nli(name, device=device).entails([(_QUESTION, _QUESTION)])
    else:
        embed.load_reranker(name, device=device).scores(_QUESTION, [_QUESTION])
    yield Health(part, True, f"{name} loads and reads a pair in {time.perf_counter() - started:.1f} s")


def _versions() -> Iterator[Health]:
    found = [f"rag {__version__}", f"Python {sys.version.partition(' ')[0]}"]
    lacking = []
    for package in (*_PACKAGES, *_EXTRAS):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            lacking += [package] if package in _PACKAGES else []
    yield Health("versions", True, ", ".join(found))
    if lacking:
        yield Health("versions", False, f"not installed: {', '.join(lacking)}", f"pip install {' '.join(lacking)}")
