"""Thumbs up and down as cases: what was asked, what was shown, and the verdict, one JSON object a line."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from rag.domain import Answer
from rag.errors import InputError, StoreBusy, StoreError
from rag.limits import Filters

Verdict = Literal["up", "down"]

FILE = "feedback.jsonl"
VERSION = 1
NOTE_MOST = 2_000
BYTES_MOST = 100_000_000
_WAIT = 10.0  # seconds for others' lines


def judge(
    folder: Path, answer: Answer, verdict: Verdict, *, note: str = "", filters: Filters | None = None, owner: str = ""
) -> None:
    """Append the verdict on an answer to feedback.jsonl in this folder. Threads and processes may do so at once.

    Raises InputError for another verdict and a note of more than 2,000 characters, StoreError where the file cannot be
    written or holds 100 MB.
    """
    if verdict not in ("up", "down"):
        raise InputError(f"{verdict!r} is no verdict; give up or down")
    if len(note) > NOTE_MOST:
        raise InputError(f"the note has {len(note)} characters; {NOTE_MOST} are the most")
    case = _case(answer, verdict, note=note, filters=filters or Filters(), owner=owner)
    line = json.dumps(case, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    file = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "feedback.lock", timeout=_WAIT):
            _append(file, line)
    except Timeout as error:
        raise StoreBusy(f"{file} is being written by another process; wait and try again") from error
    except OSError as error:
        raise StoreError(
            f"{file} cannot be written ({error.strerror}); see that its folder can be written and the disk has room"
        ) from error


def cases(folder: Path) -> list[dict[str, Any]]:
    """The cases of feedback.jsonl in order, each with its `id`; of what the same owner judged again, the last verdict.

    Raises InputError where the file is missing, or a line in it is no case.
    """
    file = folder / FILE
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError as error:
        raise InputError(f"there is no {file}; judge answers with the thumbs of `rag serve` first") from error
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror})") from error
    last: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            case = _read(file, number, line)
            name = _id(case)
            last[name] = {**case, "id": name}
    return list(last.values())


def _case(answer: Answer, verdict: Verdict, *, note: str, filters: Filters, owner: str) -> dict[str, Any]:
    return {
        "version": VERSION,
        "question": answer.question,
        "asked": answer.rewritten or answer.question,
        "lang": answer.lang,
        "filters": {name: value for name, value in asdict(filters).items() if value not in (None, ())},
        "mode": answer.mode,
        "model": answer.model,
        "refused": answer.refused,
        "reason": answer.reason,
        "statements": [
            {
                "text": statement.text,
                "citations": [
                    {"article": each.source.id, "start": each.start, "end": each.end} for each in statement.citations
                ],
            }
            for statement in answer.statements
        ],
        "verdict": verdict,
        "note": note,
        "owner": hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:16] if owner else "",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _append(file: Path, line: bytes) -> None:
    """Add the line whole or not at all, on a line of its own whatever stands before it."""
    with file.open("ab+", buffering=0) as stream:
        size = stream.seek(0, os.SEEK_END)
        if size + len(line) > BYTES_MOST:
            raise StoreError(f"{file} holds {BYTES_MOST} bytes, the most; move it away to begin anew")
        stream.seek(max(0, size - 1))
        whole = (b"" if size == 0 or stream.read(1) == b"\n" else b"\n") + line + b"\n"
        try:
            written = stream.write(whole)
        except OSError:
            stream.truncate(size)
            raise
        if written < len(whole):
            stream.truncate(size)
            raise OSError(None, "the disk is full")


def _read(file: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        case = json.loads(line)
        made_by = case.get("version", 1)
        if made_by != VERSION:
            raise InputError(
                f"{file} line {number} has version {made_by} and this program reads {VERSION}; update rag, or delete it"
            )
        whole = (
            isinstance(case["asked"], str)
            and case["verdict"] in ("up", "down")
            and isinstance(case["refused"], bool)
            and all(_is_span(each) for statement in case["statements"] for each in statement["citations"])
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{file} line {number} is no case ({error}); mend or delete it") from error
    if not whole:
        raise InputError(f"{file} line {number} is no case; mend or delete it")
    return dict(case)


def _is_span(citation: Mapping[str, Any]) -> bool:
    return isinstance(citation["article"], str) and isinstance(citation["start"], int) and citation["end"] > 0


def _id(case: Mapping[str, Any]) -> str:
    """What makes two verdicts one case: who judged, what was asked, and how."""
    key = json.dumps([case.get(name) for name in ("owner", "asked", "lang", "filters", "mode")], sort_keys=True)
    return hashlib.sha256(key.encode()).hexdigest()[:12]
