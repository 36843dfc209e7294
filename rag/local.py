"""The door to llama.cpp: a model file served on this machine, for where no other endpoint is at hand.

The server runs in a child process (`python -m rag.local FILE`), so that a crash of its native code ends no
question, and it ends with whoever started it: its standard input closes.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from rag.errors import InputError, MissingExtra, ModelBusy, ModelError

CONTEXT = 8192
STARTING_MOST = 600.0

_STOPPING_MOST = 10.0
_MAGIC = b"GGUF"
_ON_A_HUB = re.compile(r"([\w.-]{1,96}+/[\w.-]{1,96}+):([\w./-]{1,250}\.gguf)", re.ASCII)


def locate(name: str) -> Path:
    """The model file of this name: a path, or `organisation/repository:file.gguf` of a model hub.

    A hub's file is fetched once and then found where huggingface_hub keeps it. Raises ModelError where there
    is no such file or it is no GGUF model, MissingExtra where a hub is named and huggingface_hub is missing.
    """
    path = Path(name).expanduser()
    if not path.is_file() and (on_a_hub := _ON_A_HUB.fullmatch(name)):
        path = _fetched(*on_a_hub.groups())
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ModelError(
            f"no model file at {path} ({error.strerror}); set RAG_LLM_FILE to the path of a .gguf file, or to "
            "organisation/repository:file.gguf where a model hub can be reached"
        ) from error
    if magic != _MAGIC:
        raise ModelError(f"{path} is no GGUF model; set RAG_LLM_FILE to a .gguf file that was fetched whole")
    return path


def _fetched(repository: str, file: str) -> Path:
    try:
        from huggingface_hub import hf_hub_download
    except ModuleNotFoundError as error:
        if error.name != "huggingface_hub":
            raise
        raise MissingExtra("a model of a hub needs huggingface_hub: pip install huggingface_hub") from error
    try:
        return Path(hf_hub_download(repository, file))
    except (OSError, ValueError) as error:
        said = str(error).strip().partition("\n")[0]
        raise ModelError(
            f"{repository}:{file} could not be fetched ({said}); fetch the file on a machine that reaches the hub "
            "and set RAG_LLM_FILE to its path"
        ) from error


@contextmanager
def serve(path: Path, *, context: int = CONTEXT, slots: int = 1, most: float = STARTING_MOST) -> Iterator[str]:
    """The base URL (`http://127.0.0.1:PORT/v1`) of a server of this model, which ends with the block.

    The model's name there is the file's without `.gguf`. It answers `slots` questions at once, each with
    `context` tokens. Raises ModelError where the file is no model that llama.cpp reads, ModelBusy where it is
    not up after `most` seconds, MissingExtra where xllamacpp is missing.
    """
    if context < 1 or slots < 1:
        raise InputError(f"a model serves at least one slot of one token, not {slots} of {context}; give more")
    path = locate(str(path))
    if find_spec("xllamacpp") is None:
        raise MissingExtra('a model file needs xllamacpp: pip install "rag[local]"')
    with tempfile.TemporaryFile() as log, _child(path, context, slots, log) as child:
        giving_up = threading.Timer(most, child.kill)
        giving_up.start()
        started = time.monotonic()
        try:
            address = child.stdout.readline().decode().strip() if child.stdout else ""
            if not address:
                child.wait()
        finally:
            giving_up.cancel()
        if address:
            yield f"{address}/v1"
        elif time.monotonic() - started >= most:
            raise ModelBusy(f"{path} was not up after {most:.0f} s; try again, or set a smaller model")
        else:
            raise ModelError(f"{path} could not be served ({_end(child, log)}); set RAG_LLM_FILE to another model")


@contextmanager
def _child(path: Path, context: int, slots: int, log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    here = str(Path(__file__).resolve().parent.parent)
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "rag.local", str(path), f"--context={context}", f"--slots={slots}"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,  # an interrupt at the terminal is the parent's to handle
    )
    try:
        yield child
    finally:
        _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(_STOPPING_MOST)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _end(child: subprocess.Popen[bytes], log: IO[bytes]) -> str:
    """How a child ended before it was up: the signal that killed it, or its last line."""
    status = child.wait()
    if status < 0:
        return f"killed by signal {-status}, of want of memory perhaps"
    log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
    lines = log.read().decode("utf-8", "replace").split("\n")
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), f"exit status {status}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a model file until standard input ends; prints the server's address when it is up."""
    parser = argparse.ArgumentParser(prog="python -m rag.local", description=main.__doc__)
    parser.add_argument("file", type=Path, help="a .gguf file")
    parser.add_argument("--context", type=int, default=CONTEXT, help="tokens of each question and its answer")
    parser.add_argument("--slots", type=int, default=1, help="questions at once")
    given = parser.parse_args(arguments)
    with os.fdopen(os.dup(1), "w") as announcement:
        os.dup2(2, 1)  # what llama.cpp prints is log
        server = _server(given.file, given.context, given.slots)
        print(server.listening_address, file=announcement)
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    sys.stdin.buffer.read()
    del server  # closes its port


def _server(path: Path, context: int, slots: int) -> Any:
    import xllamacpp  # type: ignore[import-not-found,unused-ignore]

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {path.stem}
    parameters.n_ctx, parameters.n_parallel = context * slots, slots  # llama.cpp divides the first by the second
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.use_jinja = True
    return xllamacpp.Server(parameters)


if __name__ == "__main__":
    main()
