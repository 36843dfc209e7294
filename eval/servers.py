"""A PostgreSQL and a Chroma server of one's own on the loopback, started and stopped here: for tests and measurements.

Both keep what they hold in the folder given. PostgreSQL's programs come from the system (Debian: `postgresql`).
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from rag.errors import InputError

_PATIENCE = 90.0
_PROGRAMS = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt/postgresql")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> Path | None:
    """A program of PostgreSQL's, the newest there is; None where it is not installed."""
    found = shutil.which(name)
    if found and name != "postgres":
        return Path(found)
    places = [path for place in _PROGRAMS for path in Path(place).glob(f"**/bin/{name}")]
    return max(places, default=None)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A new database in the folder, as a SQLAlchemy URL, until the end of the block. Raises InputError without one."""
    initdb, server = program("initdb"), program("postgres")
    if initdb is None or server is None:
        raise InputError("PostgreSQL is not installed; install your system's package `postgresql`")
    data, port = folder / "postgres", free_port()
    data.mkdir(parents=True)
    user = _unprivileged(data)
    log = (folder / "postgres.log").open("wb")
    subprocess.run(
        [str(initdb), "-D", str(data), "-U", "rag", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
        check=True,
        stdout=log,
        stderr=log,
        user=user,
    )
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    child = subprocess.Popen([str(server), "-D", str(data), *options], stdout=log, stderr=log, user=user)
    try:
        _await(lambda: _takes(port), child, folder / "postgres.log")
        yield f"postgresql://rag@127.0.0.1:{port}/postgres"
    finally:
        child.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        _ended(child)
        log.close()


class Chroma:
    """`chroma run` on a folder, at one address through any number of kills and starts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._log: IO[bytes] = (folder / "chroma.log").open("ab")
        self._child: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(self._folder / "chroma")]
        self._child = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(self._port)], stdout=self._log, stderr=self._log
        )
        _await(lambda: _takes(self._port), self._child, self._folder / "chroma.log")

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
        self._child = None

    def stop(self) -> None:
        """End it."""
        if self._child is not None:
            self._child.terminate()
            _ended(self._child)
        self._log.close()


@contextmanager
def chroma(folder: Path) -> Iterator[Chroma]:
    """A Chroma server on the folder until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Chroma(folder)
    try:
        yield server
    finally:
        server.stop()


def _unprivileged(data: Path) -> str | None:
    """PostgreSQL refuses to run as root: whose it is to be, there."""
    if os.getuid() != 0:
        return None
    user = next((name for name in ("postgres", "nobody") if _known(name)), None)
    if user is None:
        raise InputError("PostgreSQL does not run as root, and there is no other user; run this as one")
    shutil.chown(data, user)
    for parent in data.parents:
        with suppress(OSError):
            parent.chmod(parent.stat().st_mode | 0o011)  # it must get there
    return user


def _known(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def _takes(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _await(there: Callable[[], bool], child: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while not there():
        if child.poll() is not None or time.monotonic() > end:
            said = log.read_text("utf-8", "replace").strip().splitlines()
            child.kill()
            raise InputError(f"a server did not start: {said[-1] if said else 'it said nothing'}; see {log}")
        time.sleep(0.05)


def _ended(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
