"""Files to raw articles: what there is to read, and each article as it was found or why it could not be.

Whatever a file holds, reading it takes bounded memory and raises nothing: it gives Raws and Rejecteds.
"""

from __future__ import annotations

import codecs
import errno
import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader, BytesIO
from typing import cast

from rag.decode import MAX_ARTICLE, Unreadable, check_lines, check_size, decode
from rag.domain import Raw, Rejected
from rag.files import DAMAGED, Found, discover, is_packed, is_unicode, kind_of, open_file, reason, unsupported
from rag.markup import extract

MAX_LINE = 16_000_000
_UNPACKED, _RATIO = 50_000_000, 100  # bytes of a gzipped file of lines that are read whatever its size, and times it

__all__ = ["Found", "digest", "discover", "read"]

_FIELDS = ("url", "title", "published", "outlet", "author", "lang")
_FRONT_MATTER = {
    "title": "title",
    "author": "author",
    "byline": "author",
    "url": "url",
    "link": "url",
    "date": "published",
    "published": "published",
    "outlet": "outlet",
    "lang": "lang",
    "language": "lang",
}
_MAX_FRONT_MATTER = 100
_JSON_NAMES = {
    list: "a list",
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    dict: "an object",
}
_JSON_NAMES[type(None)] = "null"


def digest(path: str) -> str:
    """The sha256 (hex) of the file's bytes, in bounded memory. OSError where it cannot be read."""
    try:
        with open_file(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except Unreadable as error:
        raise OSError(errno.EINVAL, str(error), path) from None


def read(found: Found, *, sha256: str | None = None, item: int = 0) -> Iterator[Raw | Rejected]:
    """The articles of a file: one, or one a line for .jsonl, or that of the line `item` alone. Raises nothing.

    `sha256` is the file's digest where it is known already. A Raw's lines, split at "\\n", are those of its
    .txt or .md file, so that their numbers are too.
    """
    try:
        if (kind := kind_of(found.path)) in (".jsonl", ".ndjson"):
            yield from _read_lines(found.path, item)
        elif kind:
            yield _read_one(found.path, kind, sha256)
        else:
            yield Rejected(found.path, unsupported(found.path))
    except (OSError, *DAMAGED, Unreadable) as error:
        yield Rejected(found.path, reason(error))


def _read_one(path: str, kind: str, sha256: str | None) -> Raw:
    with open_file(path) as stream:
        data = stream.read(MAX_ARTICLE + 1)
    check_size(len(data))
    sha256 = sha256 or hashlib.sha256(data).hexdigest()
    if is_packed(path):
        with gzip.GzipFile(fileobj=BytesIO(data)) as unpacked:
            data = unpacked.read(MAX_ARTICLE + 1)
        check_size(len(data))
    text = decode(data, declared=kind in (".html", ".htm"))
    if not text.strip():
        raise Unreadable("is empty; fetch it again")
    raw = Raw(text=text, path=path, sha256=sha256)
    if kind == ".md":
        return _with_front_matter(raw)
    return raw if kind == ".txt" else _with_page(raw, text)


def _with_page(raw: Raw, html: str) -> Raw:
    """The Raw with the page's article for text, and what the page states where the Raw has nothing."""
    page = extract(html)
    if not page.text:
        raise Unreadable("holds markup but no text; fetch the page with its article")
    stated = {name: getattr(raw, name) or getattr(page, name) for name in _FIELDS}
    return replace(raw, text=page.text, markup=True, **stated)


def _with_front_matter(raw: Raw) -> Raw:
    """The Raw with its front matter as metadata, those lines left blank: the others keep their numbers."""
    lines = raw.text.split("\n")
    stated: dict[str, str] = {}
    closing = next((i for i, line in enumerate(lines[:_MAX_FRONT_MATTER]) if i and line.rstrip() in ("---", "...")), 0)
    if lines[0].rstrip() == "---" and closing:
        for line in lines[1:closing]:
            key, _, value = line.partition(":")
            name, value = _FRONT_MATTER.get(key.strip().lower()), value.strip().strip("\"'").strip()
            if name and value:
                stated.setdefault(name, value)
        lines[: closing + 1] = [""] * (closing + 1)
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise Unreadable("is empty but for its front matter; fetch it again")
    if first.startswith("# "):
        stated.setdefault("title", first[2:].strip())
    return replace(raw, text="\n".join(lines), **stated)  # type: ignore[arg-type]


def _read_lines(path: str, item: int) -> Iterator[Raw | Rejected]:
    """One article a line, in memory bounded by the longest line allowed."""
    with open_file(path) as packed:
        stream = cast(BufferedReader, gzip.GzipFile(fileobj=packed)) if is_packed(path) else packed
        number, empty = 0, True
        try:
            for number, line in enumerate(_lines(stream, packed), 1):
                if number == 1 and line is not None:
                    check_lines(line)
                    line = line.removeprefix(codecs.BOM_UTF8)
                if line is None or line.strip():
                    empty = False
                    if item in (0, number):
                        yield _read_line(path, number, line)
                if item == number:
                    break
        except DAMAGED as error:
            raise Unreadable(f"{reason(error)}; its first {number} lines were read") from None
        if empty:
            raise Unreadable("is empty; fetch it again")


def _lines(stream: BufferedReader, packed: BufferedReader) -> Iterator[bytes | None]:
    """Lines without their end; None for one that is too long, which is passed over and never held.

    Raises Unreadable for a gzip bomb: a file that unpacks to far more than news does.
    """
    read = 0

    def counted(line: bytes) -> bytes:
        nonlocal read
        read += len(line)
        if stream is not packed and read > _UNPACKED and read > _RATIO * packed.tell():
            raise Unreadable(f"unpacks to more than {_RATIO} times its size, as no news does; unpack it and look")
        return line

    while line := counted(stream.readline(MAX_LINE + 1)):
        if len(line) <= MAX_LINE or line.endswith(b"\n"):
            yield line.rstrip(b"\r\n")
            continue
        while (line := counted(stream.readline(1_000_000))) and not line.endswith(b"\n"):
            pass
        yield None


def _read_line(path: str, number: int, line: bytes | None) -> Raw | Rejected:
    try:
        if line is None:
            raise Unreadable(f"is longer than {MAX_LINE // 1_000_000} MB; write one article a line")
        record = _record(line)
        text, html = record.pop("text"), record.pop("html")
        raw = Raw(path=path, sha256=hashlib.sha256(line).hexdigest(), item=number, text=text or "", **record)  # type: ignore[arg-type]
        if text:
            return replace(raw, text=text.replace("\r\n", "\n").replace("\r", "\n"))
        if html:
            return _with_page(raw, html)
        raise Unreadable("has no text; add `text` or `html`")
    except Unreadable as error:
        return Rejected(path, f"line {number} {error}", number)


def _record(line: bytes) -> dict[str, str | None]:
    """The known fields of a line, each stripped text or None where it is absent, null or blank."""
    try:
        value = json.loads(decode(line))
    except RecursionError:
        raise Unreadable("is nested too deeply; write one flat JSON object a line") from None
    except ValueError as error:
        detail = (
            f"{error.msg} at character {error.pos}" if isinstance(error, json.JSONDecodeError) else "a number too long"
        )
        raise Unreadable(f"is not JSON: {detail}; write one JSON object a line") from None
    if not isinstance(value, dict):
        raise Unreadable(f"is {_JSON_NAMES[type(value)]}, not an object; write one JSON object a line")
    return {name: _field(name, value.get(name)) for name in ("text", "html", *_FIELDS)}


def _field(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unreadable(f"has {_JSON_NAMES[type(value)]} as `{name}`; write it as text in quotes")
    if "\0" in value or not is_unicode(value):
        raise Unreadable(f"has a NUL or half a surrogate pair in `{name}`; write real characters")
    if len(value) > MAX_ARTICLE // 4 and len(value.encode()) > MAX_ARTICLE:
        raise Unreadable(f"has more than {MAX_ARTICLE // 1_000_000} MB in `{name}`; split the article")
    if name in ("text", "html"):
        return value if value.strip() else None
    return " ".join(value.split()) or None
