"""What comes in through the page: files and pasted text, kept in the store's folder so that sources stay there."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from rag.dates import normalise_published
from rag.errors import InputError, StoreError
from rag.files import KINDS, is_packed, kind_of
from rag.text import language, nfc

MOST_FILES = 200
MOST_BYTES = 50_000_000  # of one file
FOLDER = "uploads"
PASTED = "pasted"

_HASH = 12
_NAME = 80
_KEPT_NAME = re.compile(rf"[0-9a-f]{{{_HASH}}}-(.+)", re.DOTALL)
_UNSAFE = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in: where it lies now, and the name that whoever sent it gave it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """A text that somebody typed or pasted, and what they say of it. `published` is a date as far as it is known."""

    text: str
    title: str = ""
    outlet: str = ""
    published: str = ""
    url: str = ""


def wrong(upload: Upload) -> str | None:
    """Which limit a file breaks: `kind`, `size` or `empty`; None where it can be read."""
    if not kind_of(upload.name):
        return "kind"
    size = upload.path.stat().st_size
    return "size" if size > MOST_BYTES else None if size else "empty"


def keep(store: Path, upload: Upload) -> Path:
    """Copy a file into the store's folder under a safe name; where it is there now. Raises StoreError."""
    with upload.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    target = _target(store, digest, upload.name)
    if not target.exists():
        with upload.path.open("rb") as stream:
            _write(target, stream.read())
    return target


def paste(store: Path, pasted: Pasted) -> Path:
    """Write a pasted text into the store's folder; where it is. Raises InputError for no text, no date; StoreError."""
    if not pasted.text.strip():
        raise InputError("there is no text; paste the article")
    if pasted.published.strip() and published(pasted) is None:
        raise InputError(f"{pasted.published.strip()!r} is no date; write 2023-10-24, 2023-10, 2023 or XXXX-10-24")
    facts = {"title": pasted.title, "outlet": pasted.outlet, "published": published(pasted), "url": pasted.url}
    record = {"text": pasted.text} | {name: told.strip() for name, told in facts.items() if told and told.strip()}
    data = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    if len(data) > MOST_BYTES:
        raise InputError(f"the text is longer than {MOST_BYTES // 1_000_000} MB; paste less at once")
    target = _target(store, hashlib.sha256(data).hexdigest(), f"{pasted.title.strip() or PASTED}.jsonl")
    if not target.exists():
        _write(target, data)
    return target


def published(pasted: Pasted) -> str | None:
    """The stated date as EDTF, as far as it is one."""
    told = pasted.published.strip()
    langs = (language(pasted.text[:4000]), "vi", "en") if told else ()
    return next((found for lang in langs if (found := normalise_published(told, lang=lang))), None)


def shown(store: Path, path: str) -> str:
    """A source's path as readers know it: of what came in through the page its own name."""
    place = Path(path)
    if place.parent == _folder(store) and (found := _KEPT_NAME.fullmatch(place.name)):
        return found[1]
    return path


def forget(store: Path, paths: Sequence[str]) -> None:
    """Delete those of the files that came in through the page; others are left alone."""
    for path in paths:
        if Path(path).parent == _folder(store) and _KEPT_NAME.fullmatch(Path(path).name):
            with suppress(OSError):
                Path(path).unlink()


def safe(name: str) -> str:
    """A file name of letters, digits, dots and dashes that leads nowhere else, with the ending that tells the kind."""
    base = nfc(name.encode("utf-8", "ignore").decode()).replace("\\", "/").rsplit("/", 1)[-1]
    packed = ".gz" if is_packed(base) else ""
    stem, kind = os.path.splitext(base[: len(base) - len(packed)])
    ending = (kind.lower() if kind.lower() in KINDS else "") + packed
    clean = _UNSAFE.sub("_", stem)
    while len(clean.encode()) > _NAME:
        clean = clean[:-1]
    return (clean.strip("._-") or "file") + ending


def _folder(store: Path) -> Path:
    return Path(os.path.realpath(store)) / FOLDER


def _target(store: Path, digest: str, name: str) -> Path:
    folder = _folder(store)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made ({error.strerror}); choose another --store") from error
    return folder / f"{digest[:_HASH]}-{safe(name)}"


def _write(target: Path, data: bytes) -> None:
    """All of the file or nothing of it."""
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as part:
            part.write(data)
        os.replace(part.name, target)
    except OSError as error:
        raise StoreError(f"{target} cannot be written ({error.strerror}); see that the disk has room") from error
