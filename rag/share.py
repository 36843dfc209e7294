"""A worker's share of the files, so that several workers divide a folder without talking to each other."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from rag.errors import InputError

_STATED = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Share:
    """The `number`-th of `of` shares, counted from one. Every path is in exactly one of them, the same everywhere."""

    number: int
    of: int

    def holds(self, path: str) -> bool:
        """Whether this share has the file of that path, by a hash of the path as it was given."""
        digest = hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1


def share(stated: str) -> Share:
    """The share that `2/4` states. Raises InputError for anything else."""
    found = _STATED.fullmatch(stated.strip())
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of:
        raise InputError(f"--part {stated!r} is no share; write 2/4 for the second of four")
    return Share(number, of)
