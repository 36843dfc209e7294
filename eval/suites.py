"""Which suites there are, and a user's own from a folder."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval import (
    briefings,
    cleaning,
    duplicates,
    event_questions,
    events,
    evidence,
    feedback,
    hostile,
    links,
    passages,
    plover,
    prose,
    questions,
    readout_events,
    readouts,
    spellings,
    statements,
)
from eval.cases import Suite, read_jsonl
from rag.errors import InputError

SUITES: dict[str, Callable[[], Suite]] = {
    "cleaning": cleaning.lines,
    "qa": questions.seeds,
    "synthetic": questions.synthetic,
    "names": spellings.pairs,
    "duplicates": duplicates.pairs,
    "statements": statements.suite,
    "briefings": briefings.suite,
    "hostile": hostile.suite,
    "event-questions": event_questions.suite,
    "links": links.suite,
    "prose": prose.suite,
    "haystack": questions.haystack,
    "xquad": lambda: passages.xquad("vi", "en"),
    "xquad-vi-en-zh-ru": lambda: passages.xquad("vi", "en", "zh", "ru"),
    "article-html": cleaning.html,
    "readouts": readouts.suite,
    "wice": evidence.suite,
    "plover": plover.suite,
    "events": events.suite,
    "readout-events": readout_events.suite,
    "feedback": feedback.suite,
}
WITHOUT_DATA = (
    "cleaning",
    "qa",
    "synthetic",
    "names",
    "duplicates",
    "statements",
    "hostile",
    "events",
    "event-questions",
    "links",
    "briefings",
)
NEEDS = {
    "haystack": "wh_readouts/",
    "xquad": "xquad/",
    "xquad-vi-en-zh-ru": "xquad/",
    "article-html": "article_html/",
    "readouts": "wh_readouts/",
    "wice": "wice/",
    "readout-events": "wh_readouts/",
    "plover": "plover/",
    "prose": "a language model",
    "feedback": "a store",
}  # what --data must hold, or else
KINDS = ("questions", "cleaning", "names", "duplicates")
_KEYS = {"name", "kind", "cases", "articles", "floors"}
_FILE = "suite.toml"


def find(name: str) -> Suite:
    """The suite of this name, or of this folder. Raises InputError where there is none."""
    if name in SUITES:
        return SUITES[name]()
    folder = Path(name)
    if not (folder / _FILE).is_file():
        raise InputError(f"{name} is neither a suite ({', '.join(SUITES)}) nor a folder with a {_FILE}")
    return from_folder(folder)


def from_folder(folder: Path) -> Suite:
    """A user's own suite: suite.toml and the JSONL file that it names. Raises InputError."""
    file = folder / _FILE
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is not TOML: {error}") from error
    if unknown := sorted(set(told) - _KEYS):
        raise InputError(f"{file}: `{unknown[0]}` is not a key; the keys are {', '.join(sorted(_KEYS))}")
    name, kind = str(told.get("name", folder.resolve().name)), told.get("kind", "questions")
    if kind not in KINDS:
        raise InputError(f"{file}: `kind` is {kind!r}; the kinds are {', '.join(KINDS)}")
    if name in SUITES or not name.replace("-", "").replace("_", "").isalnum():
        raise InputError(f"{file}: `name` is {name!r}; choose letters, digits, - and _, and no suite's own name")
    records = read_jsonl(folder / str(told.get("cases", "cases.jsonl")))
    floors = told.get("floors", {})
    if not records:
        raise InputError(f"{folder / str(told.get('cases', 'cases.jsonl'))} holds no case")
    if kind == "names":
        return spellings.folder(name, records, floors)
    if kind == "cleaning":
        return cleaning.folder(name, records, folder, floors)
    records = _stamped(records, paths := _articles(file, told))
    if kind == "duplicates":
        return duplicates.folder(name, records, paths, floors)
    return questions.folder(name, records, paths, floors)


def _articles(file: Path, told: dict[str, Any]) -> list[Path]:
    given = told.get("articles", "articles")
    paths = [file.parent / name for name in ([given] if isinstance(given, str) else given)]
    for path in paths:
        if not path.exists():
            raise InputError(f"{file}: `articles` names {path}, which is missing")
    return paths


def _stamped(records: list[dict[str, Any]], paths: list[Path]) -> list[dict[str, Any]]:
    """The records with a hash of the articles, so that outcomes over other articles are not taken up again."""
    digest = hashlib.sha256()
    for path in paths:
        for file in [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file()):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return [{**record, "articles": digest.hexdigest()[:16]} for record in records]
