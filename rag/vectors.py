"""The door to Chroma: one collection of unit vectors per passage language. Knows no texts and no articles.

Two processes that write one folder lose vectors without an error, and a client never sees what another one
wrote. So the store opens a client only while it holds the writer lock, and closes it after each drain. A server
has neither fault; there the collections of a generation begin with its name.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from rag.errors import StoreError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

BATCH = 2000
PROBE_SECONDS = 300
_CONFIGURATION: dict[str, Any] = {"hnsw": {"space": "cosine", "ef_search": 600}}
_live: set[int] = set()
_live_lock = threading.Lock()


class VectorsFailed(StoreError):
    """Chroma does not answer; the catalogue can be compared exactly meanwhile."""


class VectorsDamaged(VectorsFailed):
    """Chroma cannot use its folder. The catalogue can: build the folder anew."""


class VectorsAway(VectorsFailed):
    """The Chroma server cannot be reached, or fails. Nothing is lost: the outbox keeps what it is to take."""


class Passages:
    """A Chroma client of its own; sees what was written before it opened, and its own writes.

    On a folder, or with `server`, its address (http://host:port), on the collections there that bear the folder's name.
    """

    def __init__(self, folder: Path, *, server: str | None = None) -> None:
        self.folder = folder
        self.server = server
        self._before = f"{folder.name}-passages-" if server else "passages-"
        self._collections: dict[str, Collection] = {}
        with self._explained():
            self._client = self._on_folder() if server is None else _on_server(server)

    def _on_folder(self) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        # Chroma shares one client per spelling of a path, with all that it has cached.
        with _live_lock:
            self._turn = next(turn for turn in itertools.count() if turn not in _live)
            _live.add(self._turn)
        spelling = str(self.folder) + (os.sep + ".") * self._turn
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return chromadb.PersistentClient(spelling, settings=Settings(anonymized_telemetry=False))
        except BaseException:
            _live.discard(self._turn)
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (StoreError, ImportError, MemoryError):
            raise
        except Exception as error:
            if self.server:
                raise VectorsAway(
                    f"Chroma at {self.server} fails ({_short(error)}); start it, or name another RAG_STORE; "
                    "what it lacks it gets with the next ingest"
                ) from error
            raise VectorsDamaged(
                f"the vectors in {self.folder} cannot be used ({error}); "
                "run `rag doctor --deep --repair` to build them anew"
            ) from error

    def languages(self) -> list[str]:
        """The passage languages that have a collection."""
        with self._explained():
            names = [found.name for found in self._client.list_collections()]
            return [name.removeprefix(self._before) for name in names if name.startswith(self._before)]

    def _collection(self, lang: str) -> Collection:
        if lang not in self._collections:
            self._collections[lang] = self._client.get_or_create_collection(
                f"{self._before}{lang}",
                configuration=_CONFIGURATION,  # type: ignore[arg-type]
                embedding_function=None,
            )
        return self._collections[lang]

    def upsert(self, lang: str, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store unit vectors (passages x dimension) under their chunk ids."""
        with self._explained():
            for start in range(0, len(ids), BATCH):
                part = slice(start, start + BATCH)
                self._collection(lang).upsert(ids=list(ids[part]), embeddings=vectors[part])

    def delete(self, lang: str, ids: Sequence[str]) -> None:
        """Forget these ids; unknown ones are no error."""
        with self._explained():
            for start in range(0, len(ids), BATCH):
                self._collection(lang).delete(ids=list(ids[start : start + BATCH]))

    def count(self, lang: str) -> int:
        """How many vectors the language has."""
        with self._explained():
            return self._collection(lang).count()

    def query(self, lang: str, vector: NDArray[np.float32], *, limit: int) -> list[tuple[str, float]]:
        """The nearest chunk ids of a loaded language with their cosine, best first (approximate: HNSW)."""
        if lang not in self._collections:
            return []
        with self._explained():
            found = self._collections[lang].query(
                query_embeddings=vector[np.newaxis, :], n_results=limit, include=["distances"]
            )
            distances = found["distances"] or [[]]
            return [(chunk, 1.0 - far) for chunk, far in zip(found["ids"][0], distances[0], strict=True)]

    def load(self) -> None:
        """Read every collection's index into memory, which Chroma otherwise does at its first question."""
        with self._explained():
            for lang in self.languages():
                some = self._collection(lang).get(limit=1, include=["embeddings"])["embeddings"]
                if some is not None and len(some):
                    self.query(lang, np.asarray(some[0], dtype=np.float32), limit=1)

    def close(self) -> None:
        """Let go of the folder. Closing twice is no error."""
        self._collections.clear()
        if self.server is None:  # clients of one server share a connection
            self._client.close()  # type: ignore[attr-defined]
            _live.discard(self._turn)


def sweep_server(server: str, start: str, *, but: str) -> None:
    """Remove the collections whose names begin so, other than those of the generation named `but`."""
    passages = Passages(Path(but), server=server)
    with passages._explained():
        for found in passages._client.list_collections():
            if found.name.startswith(start) and not found.name.startswith(passages._before):
                passages._client.delete_collection(found.name)


def sound(folder: Path) -> bool:
    """Whether Chroma can open the folder and answer. Asked of a child, since a damaged index can crash it."""
    here = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    try:
        child = subprocess.run(
            [sys.executable, "-m", "rag.vectors", str(folder)],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            timeout=PROBE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    return child.returncode == 0


def _on_server(address: str) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    parts = urlsplit(address)
    secure = parts.scheme == "https"
    return chromadb.HttpClient(
        host=parts.hostname or "",
        port=parts.port or (443 if secure else 8000),
        ssl=secure,
        settings=Settings(anonymized_telemetry=False),
    )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


if __name__ == "__main__":
    probed = Passages(Path(sys.argv[1]))
    probed.load()
    probed.close()
