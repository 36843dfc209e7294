"""Moves a store: into one compressed archive while others write, and out of it into a folder or servers, whole.

Chroma stays behind: it is built anew from the catalogue, and nothing is embedded again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from filelock import FileLock, Timeout

from rag import __version__, moving_servers
from rag.archive import CATALOGUE, CONVERSATIONS, FORMAT, HEADER, UPLOADS, VERSION, Moved, damaged, unpacked
from rag.catalogue import plain
from rag.errors import InputError, StoreBusy, StoreError
from rag.proof import REPAIR
from rag.store import Servers, Store

Progress = Callable[[int, int], None]

_DATABASES = (CATALOGUE, CONVERSATIONS)
_PLAIN = ("feedback.jsonl", "aliases.toml")
_LANGUAGE = re.compile(r"[a-z0-9_]{1,16}")  # each has a table of its name
_TRIGGERS = {"sources_gone"}
_LEVEL = 3
_LOCK = "import.lock"
_BROKEN = (tarfile.TarError, EOFError, zlib.error, UnicodeDecodeError, ValueError, KeyError, TypeError)


def export(path: Path, target: Path, *, servers: Servers | None = None, overwrite: bool = False) -> Moved:
    """Write the store in this folder, or on servers, into one archive, as it is at one moment; others may write it.

    With it go conversations, feedback, spellings and what came in through the page, of this folder: with servers, what
    this machine has of them. Raises InputError for a target that is there or cannot be written, StoreError.
    """
    path, target = Path(path).absolute(), Path(target).absolute()
    if target.exists() and not overwrite:
        raise InputError(f"{target} is there already; choose another name or give --overwrite")
    part = target.with_name(f".{target.name}.part")
    try:
        with TemporaryDirectory(prefix=".rag-export-", dir=target.parent) as folder:
            moved = _exported(path, servers, Path(folder), part)
        part.replace(target)
    except OSError as error:
        raise InputError(f"{target} cannot be written ({error.strerror or error}); choose another place") from error
    finally:
        part.unlink(missing_ok=True)
    return moved


def take_in(archive: Path, path: Path, *, servers: Servers | None = None, progress: Progress | None = None) -> Moved:
    """Make the store of an archive in this folder, which must be new or empty; Chroma is built anew on the way.

    Nothing is there until all is: it is made beside the folder and then moved into its place. `progress(done,
    passages)`. Raises InputError for what is no archive of a store or is damaged, StoreError for a folder that is not
    empty or cannot be written, StoreBusy where another process is importing into it.

    With `servers` it is made there in one transaction, where there is none yet, and then Chroma takes its vectors; what
    lies beside a catalogue comes into the folder, which may hold other things.
    """
    archive, path = Path(archive).absolute(), Path(path).absolute()
    if servers is not None:
        return _to_servers(archive, path, servers, progress)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StoreError(f"{path} is not empty; name a new folder with --store")
    beside = path.with_name(f".{path.name}.importing")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(beside):
            moved = _taken(archive, beside, path)
            with Store.open(beside) as store:
                store.rebuild(progress)
            (beside / _LOCK).unlink()
            beside.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be made ({error.strerror or error}); see that there is room") from error
    return moved


@contextmanager
def _alone(beside: Path) -> Iterator[None]:
    """A new folder for one import at a time; what a killed one left goes first, and this one where it fails."""
    beside.mkdir(exist_ok=True)
    try:
        with FileLock(beside / _LOCK, timeout=0):
            for left in beside.iterdir():
                if left.name != _LOCK:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
            try:
                yield
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)
                raise
    except Timeout as error:
        raise StoreBusy(f"another process is importing to {beside}; wait for it and try again") from error


def _to_servers(archive: Path, path: Path, servers: Servers, progress: Progress | None) -> Moved:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".rag-import-", dir=path) as folder:
            moved = _taken(archive, Path(folder), path)
            with _laid(Path(folder), path):
                moving_servers.poured(Path(folder) / CATALOGUE, servers.catalogue)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror or error}); see that there is room") from error
    with Store.open(path, servers=servers) as store:
        store.flush(progress)
    return moved


@contextmanager
def _laid(folder: Path, path: Path) -> Iterator[None]:
    """What lies beside a catalogue, moved from one folder to another where nothing of it is, and gone if this fails."""
    names = [name for name in (CONVERSATIONS, *_PLAIN) if (folder / name).is_file()]
    if (folder / UPLOADS).is_dir():
        names += [f"{UPLOADS}/{each.name}" for each in (folder / UPLOADS).iterdir()]
    for name in names:
        if (path / name).exists():
            raise StoreError(f"{path / name} is there already; move it away and import again")
    try:
        for name in names:
            (path / name).parent.mkdir(exist_ok=True)
            (folder / name).replace(path / name)
        yield
    except BaseException:
        for name in names:
            (path / name).unlink(missing_ok=True)
        raise


def _exported(path: Path, servers: Servers | None, folder: Path, part: Path) -> Moved:
    """Snapshots of the databases, then the archive of them and the other files."""
    with Store.open(path, servers=servers) as store:
        embedder, dimension = store.embedder, store.dimension
    members: dict[str, Path] = {}
    if servers is not None:
        drawn = folder / f"drawn-{CATALOGUE}"
        moving_servers.drawn(servers.catalogue, drawn)
        _snapshot(drawn, folder / CATALOGUE)
        drawn.unlink()
        members[CATALOGUE] = folder / CATALOGUE
    for name in _DATABASES:
        if name not in members and (path / name).is_file():
            _snapshot(path / name, folder / name)
            members[name] = folder / name
    members |= {name: path / name for name in _PLAIN if (path / name).is_file()}
    if (path / UPLOADS).is_dir():
        found = sorted(each for each in (path / UPLOADS).iterdir() if each.is_file() and not each.is_symlink())
        members |= {f"{UPLOADS}/{each.name}": each for each in found}
    articles, passages = _counted(folder / CATALOGUE)
    about = Moved(str(path), embedder, dimension, articles, passages, 0)
    with tarfile.open(part, "w:gz", compresslevel=_LEVEL, format=tarfile.PAX_FORMAT) as tar:
        files = {name: _described(file) for name, file in members.items()}
        header = {"format": FORMAT, "version": VERSION, "made_by": __version__, **asdict(about), "files": files}
        _add(tar, HEADER, io.BytesIO(data := json.dumps(header, ensure_ascii=False).encode()), len(data))
        for name, file in members.items():
            with file.open("rb") as stream:
                _add(tar, name, stream, files[name]["bytes"])
    return Moved(about.folder, embedder, dimension, articles, passages, part.stat().st_size)


def _snapshot(source: Path, target: Path) -> None:
    """A database as it is at one moment, whoever writes it. Raises StoreError."""
    readable = source.as_uri() + ("" if os.access(source.parent, os.W_OK) else "?immutable=1")
    try:
        with (
            closing(sqlite3.connect(readable, uri=True, timeout=60)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied ({error}); {REPAIR}") from error


def _counted(catalogue: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(catalogue)) as db:
        sql = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM chunks)"
        articles, passages = db.execute(sql).fetchone()
        return int(articles), int(passages)


def _described(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        return {"sha256": hashlib.file_digest(stream, "sha256").hexdigest(), "bytes": file.stat().st_size}


def _add(tar: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    tar.addfile(member, stream)


def _taken(archive: Path, folder: Path, path: Path) -> Moved:
    """The archive's members in a folder, its catalogue of this version and ready for the place to which it comes."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            moved = unpacked(archive, tar, folder)
    except OSError as error:
        if error.filename is None and not isinstance(error, FileNotFoundError) and error.errno is None:
            raise damaged(archive, str(error)) from error  # what gzip says of bytes that are not its own
        if error.filename == str(archive):
            raise InputError(f"{archive} cannot be read ({error.strerror}); name an archive of `rag export`") from error
        raise
    except _BROKEN as error:
        raise damaged(archive, str(error)) from error
    _trusted(archive, folder / CATALOGUE)
    _placed(folder / CATALOGUE, Path(moved.folder), path)
    Store.open(folder, embedder=moved.embedder, dimension=moved.dimension).close()
    return moved


def _trusted(archive: Path, catalogue: Path) -> None:
    """The catalogue is whole, and holds nothing that would run, by itself or in our SQL. Raises InputError."""
    try:
        with closing(sqlite3.connect(catalogue)) as db:
            db.execute("PRAGMA trusted_schema = OFF")
            said = [row[0] for row in db.execute("PRAGMA quick_check (1)")]
            active = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
            strange = [row[0] for row in db.execute(active) if row[0] not in _TRIGGERS]
            languages = (str(row[0]) for row in db.execute("SELECT DISTINCT lang FROM chunks"))
            strange += [lang for lang in languages if not _LANGUAGE.fullmatch(lang)]
    except sqlite3.Error as error:
        raise damaged(archive, f"its catalogue: {error}") from error
    if said != ["ok"] or strange:
        raise damaged(archive, f"its catalogue: {said[0]} {' '.join(strange)}".strip())


def _placed(catalogue: Path, before: Path, after: Path) -> None:
    """What came in through the page lies in the new folder now, and its sources say so."""
    old, new = plain(f"{before / UPLOADS}{os.sep}"), plain(f"{after / UPLOADS}{os.sep}")
    with closing(sqlite3.connect(catalogue)) as db, db:
        for table in ("files", "sources"):
            db.execute(
                f"UPDATE {table} SET path = ? || substr(path, ?) WHERE substr(path, 1, ?) = ?",
                (new, len(old) + 1, len(old), old),
            )
