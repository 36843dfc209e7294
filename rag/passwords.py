"""A file of users and their passwords, as `htpasswd -B` writes it: one `NAME:BCRYPT-HASH` a line."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from rag.errors import InputError
from rag.text import nfc

PASSWORD_MOST = 72  # bytes; bcrypt reads no more
_COST_MOST = 16  # a check of this cost takes seconds
_HASH = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_BAD_NAME = re.compile(r"[:\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Users:
    """Who may come in. Threads may share one."""

    def __init__(self, hashes: dict[str, bytes]) -> None:
        import bcrypt

        self._hashes = hashes
        dearest = max(int(hash[4:6]) for hash in hashes.values())
        self._nobody = bcrypt.hashpw(os.urandom(16).hex().encode(), bcrypt.gensalt(dearest))

    def check(self, name: str, password: str) -> bool:
        """Whether this is the user's password; takes as long for a user that there is not."""
        import bcrypt

        known = self._hashes.get(nfc(name))
        given = nfc(password).encode()
        right = bcrypt.checkpw(given[:PASSWORD_MOST], known or self._nobody)
        return right and known is not None and len(given) <= PASSWORD_MOST


def read(path: Path) -> Users:
    """The users of a file. Raises InputError for a file without any, and for a line that is no bcrypt hash."""
    hashes: dict[str, bytes] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, hash = line.strip().partition(":")
        found = _HASH.fullmatch(hash)
        remedy = f"write it with: rag password {path} {name if _is_name(name) else 'NAME'}"
        if not (_is_name(name) and found):
            raise InputError(f"{path} line {number} is no NAME:HASH with a bcrypt hash; {remedy}")
        if not 4 <= int(found[1]) <= _COST_MOST:
            raise InputError(f"{path} line {number}: a bcrypt cost of {found[1]} takes too long to check; {remedy}")
        if nfc(name) in hashes:
            raise InputError(f"{path} line {number}: {name} is there twice; delete one of the lines")
        hashes[nfc(name)] = hash.encode()
    if not hashes:
        raise InputError(f"{path} holds no user; add one with: rag password {path} NAME")
    return Users(hashes)


def write(path: Path, name: str, password: str) -> bool:
    """Add a user to the file or change the password; whether the user is new. Only its owner can read the file.

    Raises InputError for a name with a colon, and for a password that is empty or longer than bcrypt reads.
    """
    import bcrypt

    name, secret = nfc(name), nfc(password).encode()
    if not _is_name(name):
        raise InputError(f"{name!r} is no name of a user; give one without colons, line ends and spaces around it")
    if not secret or b"\x00" in secret:
        raise InputError("the password is empty or holds a zero byte; give another")
    if len(secret) > PASSWORD_MOST:
        raise InputError(f"the password has {len(secret)} bytes of UTF-8; bcrypt reads {PASSWORD_MOST}, so shorten it")
    lines = _lines(path) if path.exists() else []
    hash = bcrypt.hashpw(secret, bcrypt.gensalt()).decode().replace("$2b$", "$2y$", 1)  # as htpasswd writes it
    places = [place for place, line in enumerate(lines) if nfc(line.partition(":")[0].strip()) == name]
    for place in places[:1] or [len(lines)]:
        lines[place : place + 1] = [f"{name}:{hash}"]
    _replace(path, "".join(f"{line}\n" for line in lines))
    return not places


def _is_name(name: str) -> bool:
    return name == name.strip() != "" and not name.startswith("#") and not _BAD_NAME.search(name)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n") if path.stat().st_size else []
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no UTF-8 text"
        raise InputError(f"{path} cannot be read ({reason}); make it with: rag password {path} NAME") from error


def _replace(path: Path, text: str) -> None:
    """Write the file in one step, so that nobody reads half of it."""
    try:
        handle, half = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
        try:
            with open(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(half, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(half)
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another file") from error
