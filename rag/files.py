"""The files there are to read: folders, patterns, rights; and opening one without ever hanging on it."""

from __future__ import annotations

import fnmatch
import gzip
import os
import re
import stat
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader

from rag.decode import Unreadable
from rag.domain import Rejected

KINDS = (".txt", ".md", ".html", ".htm", ".jsonl", ".ndjson")
_NAMELESS = "has a name that is not UTF-8; rename it"
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: its absolute path without links, its size in bytes, when it last changed (ns)."""

    path: str
    size: int
    mtime_ns: int


def discover(paths: Sequence[str]) -> Iterator[Found | Rejected]:
    """The files that these paths name, each once: files, folders (whole, sorted), patterns (`news/**/*.txt`).

    Hidden entries of a folder are left out. What cannot be read, or is not a kind this reads, is a Rejected.
    """
    seen: set[str] = set()
    for path in paths:
        found: Iterator[Found | Rejected]
        if _ADDRESS.match(path):
            found = iter([Rejected(path, "is an address on the network; add --fetch to have it fetched")])
        elif os.path.lexists(path):
            found = _walk(path, ())
        elif any(sign in path for sign in "*?["):
            found = _match(path)
        else:
            found = iter([Rejected(path, "is not there; check the path")])
        for item in found:
            if item.path not in seen:
                seen.add(item.path)
                yield item if is_unicode(item.path) else Rejected(ascii(item.path)[1:-1], _NAMELESS)


def _match(pattern: str) -> Iterator[Found | Rejected]:
    """What a pattern matches; a folder that it matches stands for all it holds, as in a shell."""
    parts = pattern.split("/")
    fixed = next(i for i, part in enumerate(parts) if any(sign in part for sign in "*?["))
    base = "/".join(parts[:fixed]) + ("/" if fixed else "")
    empty = True
    for item in _walk(base or ".", tuple(part for part in parts[fixed:] if part)):
        empty = False
        yield item
    if empty:
        yield Rejected(pattern, "matches no file; check the folder and the ending")


def _walk(start: str, pattern: tuple[str, ...]) -> Iterator[Found | Rejected]:
    """Depth first, sorted, each folder once for what remains of the pattern there."""
    seen: set[tuple[int, int, tuple[str, ...]]] = set()
    root = os.path.realpath(start)
    waiting = [(os.path.abspath(start), pattern)]
    while waiting:
        path, rest = waiting.pop()
        try:
            status = os.stat(path)
            if leads_out(path, root):
                yield Rejected(path, "is a link that leads out of its folder; name what it leads to, to have that read")
                continue
            if not stat.S_ISDIR(status.st_mode):
                if not rest or set(rest) == {"**"}:
                    yield _placed(path, status)
                continue
            if (key := (status.st_dev, status.st_ino, rest)) in seen:
                continue
            seen.add(key)
            names = sorted((name for name in os.listdir(path) if not name.startswith(".")), reverse=True)
        except (OSError, ValueError) as error:
            yield Rejected(path, reason(error))
            continue
        waiting += _children(path, names, rest)


def leads_out(path: str, root: str) -> bool:
    """Whether this is a link to something outside the folder `root`, which is without links."""
    if not os.path.islink(path):
        return False
    place = os.path.realpath(path)
    return place != root and not place.startswith(root.rstrip("/") + "/")


def _children(path: str, names: list[str], rest: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    if not rest:
        return [(os.path.join(path, name), rest) for name in names]
    if rest[0] != "**":
        return [(os.path.join(path, name), rest[1:]) for name in names if fnmatch.fnmatchcase(name, rest[0])]
    if rest == ("**",):
        return [(os.path.join(path, name), ()) for name in names]
    below = [(os.path.join(path, name), rest) for name in names if os.path.isdir(os.path.join(path, name))]
    return below + _children(path, names, rest[1:])


def _placed(path: str, status: os.stat_result) -> Found | Rejected:
    if not stat.S_ISREG(status.st_mode):
        return Rejected(path, _special(status.st_mode))
    if not kind_of(path):
        return Rejected(path, unsupported(path))
    return Found(os.path.realpath(path), status.st_size, status.st_mtime_ns)


def kind_of(path: str) -> str:
    """The ending that says how to read a file, lower case and without .gz; empty where nothing here reads it."""
    ending = os.path.splitext(path.lower().removesuffix(".gz"))[1]
    return ending if ending in KINDS else ""


def is_packed(path: str) -> bool:
    """Whether the name says that the file is gzipped."""
    return path.lower().endswith(".gz")


def unsupported(path: str) -> str:
    """Why a file of this name is not read, and what is."""
    ending = os.path.splitext(path)[1] or "no ending"
    return f"is not a kind this reads ({ending}); it reads {' '.join(KINDS)}, each also with .gz"


def _special(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return f"is {kinds.get(stat.S_IFMT(mode), 'a device')}, not a file; save what it holds as a file"


def reason(error: Exception) -> str:
    """One line: what is wrong with the file, and the remedy."""
    if isinstance(error, Unreadable):
        return str(error)
    if isinstance(error, PermissionError):
        return "cannot be read: no rights; give them with chmod"
    if isinstance(error, FileNotFoundError):
        return "is not there: removed, or a link to nothing; run again"
    if isinstance(error, DAMAGED):
        return "is a broken gzip file (cut short or damaged); fetch or compress it again"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}; check the disk and the path"


def is_unicode(text: str) -> bool:
    """Whether the text can be written as UTF-8: no half of a surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def open_file(path: str) -> BufferedReader:
    """A regular file, opened without waiting: a pipe put in its place cannot hang the run."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise Unreadable(_special(mode))
