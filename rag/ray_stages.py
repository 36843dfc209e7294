"""The door to Ray: files to prepared articles with their events and vectors, as stages of Ray Data.

read -> prepare (clean, split, names) -> ask what is known -> events -> embed; what comes out is in the order of the
files, whichever worker was first, so that the caller commits what a plain ingest would. Each row of a stage is a unit
of work: some files, then some slices, pickled. The stages are those of `prepare` and `making`.
"""

from __future__ import annotations

import logging
import os
import pickle
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, cast

from rag import __version__, errors, making
from rag.errors import InputError, MissingExtra, RagError
from rag.prepare import Job, Part, Slice, parts, prepared
from rag.store import Store

if TYPE_CHECKING:
    import pyarrow

    from rag.embed import Embedder

HERE = "local"
UNIT_FILES, UNIT_BYTES = 64, 1_000_000  # of files that are read together
OBJECTS = 512 * 1024 * 1024  # bytes of the object store of a cluster that is started here
_UNIT = "unit"
_RAISED = re.compile(r"^rag\.errors\.(\w+): (.*)$", re.MULTILINE)
# The second keeps Ray on the loopback address, on every system, and the token keeps other users of the machine out.
_OWN = {"RAY_AUTH_MODE": "token", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_TOKEN": token_hex(32)}
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Ray at this address, or one on this machine that lives as long as the ingest, with `cpus` (None: all).

    `store` and `embedder` are called in workers: the first on this machine, the other on any. Use as
    `ingesting.ingest(..., make=cluster)`. Raises MissingExtra, InputError.
    """

    store: Callable[[], Store]
    embedder: Callable[[], Embedder]
    address: str = HERE
    cpus: int | None = None
    gpu: bool = False

    def __call__(self, jobs: Sequence[Job]) -> Iterator[list[Slice]]:
        """The slices of each file in turn, with what costs of them."""
        with _ray(self.address, self.cpus) as ray:
            try:
                for table in self._stages(ray, jobs).iter_batches(batch_size=None, batch_format="pyarrow"):
                    for slices, _ in _units(table):
                        yield slices
            except ray.exceptions.RayError as error:
                raise _plain(error) from error

    def _stages(self, ray: Any, jobs: Sequence[Job]) -> Any:
        nodes = [node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]]
        cores = min(filter(None, nodes), default=1)
        stay = {f"node:{ray.util.get_node_ip_address()}": 0.001}  # every node has such a resource of its own
        rows = [{_UNIT: pickle.dumps((__version__, unit))} for unit in _together(jobs)]
        data = ray.data.from_items(rows, override_num_blocks=len(rows))
        # Unlike shares of a core keep Ray from running two stages as one task: a large file's parts go on at once.
        each = {"batch_size": 1, "batch_format": "pyarrow"}
        data = data.map_batches(_read, num_cpus=0.25, **each)
        data = data.map_batches(_prepare, num_cpus=0.5, **each)
        data = data.map_batches(
            _Ask, fn_constructor_args=(self.store,), concurrency=1, num_cpus=0, resources=stay, **each
        )
        data = data.map_batches(_tell, num_cpus=0.5, **each)
        # An embedder uses every core of its machine; one that asked Ray for all of them would wait for ever.
        share = {"num_gpus": 1, "num_cpus": 0.5} if self.gpu else {"num_cpus": max(0.5, cores // 2)}
        workers = max(1, int(ray.cluster_resources().get("GPU", 0)) if self.gpu else len(list(filter(None, nodes))))
        return data.map_batches(_Embed, fn_constructor_args=(self.embedder,), concurrency=(1, workers), **share, **each)


class _Ask:
    """Adds what the store has."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store()

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        return _table((slices, making.known(self._store, slices)) for slices, _ in _units(table))


class _Embed:
    """Adds the vectors."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        self._embedder = embedder()

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        return _table((making.embedded(slices, known, self._embedder), known) for slices, known in _units(table))


def _read(table: pyarrow.Table) -> Iterator[pyarrow.Table]:
    for version, jobs in _units(table):
        if version != __version__:
            raise InputError(f"a Ray worker has rag {__version__} and this machine {version}; install the same one")
        small: list[Part] = []
        for job in jobs:
            for part in parts(job):
                small.append(part)
                if not part.last:
                    yield _table([small])
                    small = []
        if small:
            yield _table([small])


def _prepare(table: pyarrow.Table) -> pyarrow.Table:
    return _table(([prepared(part) for part in unit], None) for unit in _units(table))


def _tell(table: pyarrow.Table) -> pyarrow.Table:
    return _table((making.told(slices, known), known) for slices, known in _units(table))


def _together(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    unit: list[Job] = []
    for job in jobs:
        unit.append(job)
        if len(unit) == UNIT_FILES or sum(file.size for file, _ in unit) >= UNIT_BYTES:
            yield unit
            unit = []
    if unit:
        yield unit


def _units(table: pyarrow.Table) -> Iterator[Any]:
    return (pickle.loads(value.as_buffer()) for value in table[_UNIT])


def _table(units: Any) -> pyarrow.Table:
    import pyarrow

    return pyarrow.table({_UNIT: pyarrow.array([pickle.dumps(unit, protocol=5) for unit in units], pyarrow.binary())})


@contextmanager
def _ray(address: str, cpus: int | None) -> Iterator[Any]:
    """Ray, connected; what was started for it ends with it, and nothing of it leaves the machine on its own."""
    _reach(address)
    own = _OWN if address == HERE else {}
    if "ray" not in sys.modules:  # It reads them once, when it is imported.
        os.environ.update({**_QUIET, **own})
    try:
        import ray
        import ray.data
    except ModuleNotFoundError as error:
        if error.name not in ("ray", "pyarrow"):
            raise
        raise MissingExtra('`rag ingest --ray` needs Ray: pip install "rag[ray]"') from error
    if ray.is_initialized() or any(os.environ.get(name) != value for name, value in own.items()):
        raise InputError("Ray is in use in this process; ingest in another one")
    folder = tempfile.mkdtemp(prefix="rag-") if address == HERE else None
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if folder is None:
            try:
                with _hushed():
                    ray.init(address=address, **quiet)
            except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
                raise _nobody(address, error) from error
        else:
            with _hushed():
                ray.init(
                    address=HERE,
                    num_cpus=cpus,
                    include_dashboard=False,
                    object_store_memory=OBJECTS,
                    _node_ip_address="127.0.0.1",
                    _temp_dir=folder,
                    **quiet,
                )
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what fails is raised
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.execution_options.preserve_order = True
        context.target_max_block_size = 1  # each unit goes on by itself
        yield ray
    finally:
        ray.shutdown()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _reach(address: str) -> None:
    """Raises InputError where nobody listens, of which Ray tells after minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdigit():
        try:
            socket.create_connection((host, int(port)), timeout=10).close()
        except OSError as error:
            raise _nobody(address, error) from error


def _nobody(address: str, error: Exception) -> InputError:
    why = (str(error).splitlines() or [type(error).__name__])[0]
    return InputError(f"no Ray at {address} ({why}); give the address that `ray start` printed")


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing on stderr from native code, which says there what log level it was told."""
    sys.stderr.flush()
    shown, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(shown, 2)
        os.close(shown)
        os.close(nowhere)


def _plain(error: Exception) -> RagError:
    """The worker's own error, of which Ray hands over the traceback only, where this package raised it."""
    if found := _RAISED.findall(str(error)):
        name, message = found[-1]
        return cast("type[RagError]", getattr(errors, name, RagError))(message)
    print(error, file=sys.stderr)
    return RagError("a Ray worker failed (see above); run the same command to go on, or go without --ray")
