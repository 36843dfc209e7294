"""The archive of a store: a gzipped tar whose first member says what it is and holds the SHA-256 of every other one."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError, StoreError

FORMAT = "rag-store"
VERSION = 1
HEADER = "rag-store.json"
CATALOGUE = "catalogue.sqlite3"
CONVERSATIONS = "conversations.sqlite"
UPLOADS = "uploads"
_MEMBER = re.compile(
    rf"{re.escape(CATALOGUE)}|{re.escape(CONVERSATIONS)}|feedback\.jsonl|aliases\.toml|uploads/[^/\0]+"
)
_HEADER_MOST = 50_000_000
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Moved:
    """What an archive holds: the folder it came from, by which embedder, and how much; `bytes` are the archive's."""

    folder: str
    embedder: str
    dimension: int
    articles: int
    passages: int
    bytes: int


def unpacked(archive: Path, tar: tarfile.TarFile, folder: Path) -> Moved:
    """The members that the header names in a folder, each with the bytes that it says, and no other.

    Raises InputError, StoreError where there is no room, and what tarfile and json raise of damaged bytes.
    """
    header = _header(archive, tar)
    files: dict[str, dict[str, Any]] = header["files"]
    strange = [name for name in files if not _MEMBER.fullmatch(name) or name.endswith(("/.", "/.."))]
    if strange or CATALOGUE not in files:
        raise damaged(archive, f"it must hold {CATALOGUE} and may not hold {strange[:1]}")
    needed = sum(int(each["bytes"]) for each in files.values())
    if needed > (free := shutil.disk_usage(folder).free):
        raise StoreError(f"{folder.parent} has {free} bytes of room and {needed} are needed; make room")
    for name, told in files.items():
        member = tar.next()
        if member is None or member.name != name or not member.isreg() or member.size != told["bytes"]:
            raise damaged(archive, f"{name} is not there as the header says")
        stream = tar.extractfile(member)
        assert stream is not None
        (folder / name).parent.mkdir(exist_ok=True)
        digest = hashlib.sha256()
        with (folder / name).open("xb") as target:
            while block := stream.read(_BLOCK):
                digest.update(block)
                target.write(block)
        if digest.hexdigest() != told["sha256"]:
            raise damaged(archive, f"{name} is not what was exported")
    if tar.next() is not None:
        raise damaged(archive, "it holds more than its header says")
    folder_before, embedder = str(header["folder"]), str(header["embedder"])
    dimension, articles, passages = (int(header[name]) for name in ("dimension", "articles", "passages"))
    return Moved(folder_before, embedder, dimension, articles, passages, archive.stat().st_size)


def _header(archive: Path, tar: tarfile.TarFile) -> dict[str, Any]:
    member = tar.next()
    if member is None or member.name != HEADER or not member.isreg() or member.size > _HEADER_MOST:
        raise damaged(archive, "it does not begin with a header")
    stream = tar.extractfile(member)
    assert stream is not None
    header: dict[str, Any] = json.loads(stream.read())
    if header["format"] != FORMAT:
        raise damaged(archive, "it holds something else")
    if header["version"] != VERSION:
        raise InputError(
            f"{archive} has version {header['version']} of the archive and this program reads {VERSION}; "
            "import it with the program that made it, or a newer one"
        )
    return header


def damaged(archive: Path, why: str) -> InputError:
    """The error of an archive that cannot be used."""
    return InputError(f"{archive} is no archive of a store, or is damaged ({why}); export the store again")
