"""Bytes to text, honestly: what is not text is refused with the reason, no byte is replaced or guessed."""

from __future__ import annotations

import codecs
import re

MAX_ARTICLE = 5_000_000

_MAGIC = {
    b"%PDF-": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"PK\x03\x04": "a ZIP archive or office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"{\\rtf": "an RTF document",
    b"\x1f\x8b": "a gzip file within",
    b"\x7fELF": "a program",
    b"Rar!\x1a\x07": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"(\xb5/\xfd": "a zstd file",
    b"\xfd7zXZ": "an xz file",
    b"SQLite format 3\x00": "a database",
}
_UNICODE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{2,40})", re.IGNORECASE)
# A page that says latin-1 or gb2312 means these wider sets (WHATWG Encoding Standard).
_WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949"}
_DECLARABLE = frozenset(
    {
        "cp1252",
        "gb18030",
        "cp949",
        "big5",
        "big5hkscs",
        "euc_jp",
        "shift_jis",
        "iso2022_jp",
        "koi8-r",
        "koi8-u",
    }
    | {"cp866", "cp874", "mac-roman"}
    | {f"cp125{digit}" for digit in range(9)}
    | {f"iso8859-{part}" for part in range(2, 17)}
)


class Unreadable(Exception):
    """Why one article cannot be read: a predicate (`is empty; fetch it again`) that follows its name."""


def check_size(size: int) -> None:
    if size > MAX_ARTICLE:
        raise Unreadable(
            f"holds more than {MAX_ARTICLE // 1_000_000} MB, too much for one article; "
            "split it, or write one article a line to a .jsonl file"
        )


def decode(data: bytes, *, declared: bool = False) -> str:
    """The text of these bytes with "\\n" at the end of lines; no byte is ever replaced or guessed."""
    _check_magic(data)
    encoding = next((name for bom, name in _UNICODE.items() if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        charset = _declared(data) if declared and encoding == "utf-8" else None
        text = _decode_as(charset, data) if charset else _refuse(data, error)
    if (zero := text.find("\0")) >= 0:
        raise Unreadable(f"is a binary, not text: NUL at character {zero}; convert it to text first")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _declared(data: bytes) -> str | None:
    """The charset that a page declares, where it is one of the web's and not Unicode."""
    if not (match := _CHARSET.search(data[:4096])):
        return None
    try:
        name = codecs.lookup(match[1].decode("ascii")).name
    except (LookupError, UnicodeDecodeError):
        return None
    name = _WIDER.get(name, name)
    return name if name in _DECLARABLE else None


def _decode_as(charset: str, data: bytes) -> str:
    try:
        return data.decode(charset)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"is not {charset}, which it declares: byte 0x{data[error.start]:02x} at offset {error.start}; "
            "convert it to UTF-8 with iconv"
        ) from None


def _refuse(data: bytes, error: UnicodeDecodeError) -> str:
    sample = data[:65_536]
    control = sum(sample.count(bytes([code])) for code in range(32) if code not in b"\t\n\f\r\x1b")
    if control > 0.05 * len(sample):
        raise Unreadable("is a binary, not text; convert it to text first")
    raise Unreadable(
        f"is not {error.encoding.upper()}: byte 0x{data[error.start]:02x} at offset {error.start}; "
        "convert it to UTF-8 with iconv"
    )


def check_lines(start: bytes) -> None:
    """Refuse a file of lines whose start shows that all of it is something else; Unreadable says what."""
    _check_magic(start)
    if any(start.startswith(bom) for bom, name in _UNICODE.items() if name != "utf-8-sig"):
        raise Unreadable("is UTF-16 or UTF-32; convert it to UTF-8 with iconv")
    if b"\0" in start:
        raise Unreadable("is a binary, not text: NUL in its first line; convert it to text first")


def _check_magic(data: bytes) -> None:
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise Unreadable(f"is {name}, not text; convert it to text first")
