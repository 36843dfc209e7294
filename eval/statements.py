"""Gold statements against their quotes, through the product's checker: false ones caught, true ones lost."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from eval.cases import GOLD, ROOT, Case, Options, Result, Suite, Try, read_jsonl
from eval.questions import Library
from rag.desk import Desk, open_desk
from rag.domain import Article
from rag.errors import InputError

CAUGHT, LOST = "caught", "lost"
KINDS = ("name", "place", "figure", "date", "negation", "role", "citation", "invented")
SPLITS = ("dev", "held", "fresh")
FOLDERS = (ROOT / "seeds", GOLD / "synthetic", GOLD / "statements_fresh")

Name = tuple[str, int | None]  # an article by its file, and by its line in a .jsonl file


def suite() -> Suite:
    """`statements`: true and planted false statements, each checked against the sentences that hold its quotes.

    A statement is `caught`, or `lost`, where the checker calls it unsupported: then it is never shown.
    """
    about = "statements against the passages they cite: the share of false ones caught, of true ones lost"
    return Suite("statements", lambda options: load(), _opened, CAUGHT, about)


def files() -> dict[str, Path]:
    """The files of statements that are there, by split."""
    named = {split: GOLD / f"statements_{split}.jsonl" for split in SPLITS}
    return {split: file for split, file in named.items() if file.is_file()}


def load() -> list[Case]:
    """A case for each statement of the files."""
    return [_case(record, split) for split, file in files().items() for record in read_jsonl(file)]


def article(name: str, line: int | None) -> Article:
    """The cleaned article of a file of the gold data. Raises InputError where there is none."""
    for each in _articles(name):
        if each.source.item == (line or 0):
            return each
    raise InputError(f"{name} line {line} is no article of the gold data")


@cache
def _articles(name: str) -> tuple[Article, ...]:
    found = open_desk().clean(str(_path(name)))
    return tuple(each for each in found if isinstance(each, Article))


def _path(name: str) -> Path:
    return next((folder / name for folder in FOLDERS if (folder / name).is_file()), Path(name))


def _case(record: Mapping[str, Any], split: str) -> Case:
    spoken = article(record["article"], record.get("line")).source.lang
    groups = {"pair": f"{record['lang']}>{spoken}"}
    if not record["true"]:
        groups["kind"] = record["kind"]
    worst = {LOST: 1.0} if record["true"] else {CAUGHT: 0.0}
    return Case(record["id"], dict(record), split, groups, worst)


@contextmanager
def _opened(options: Options) -> Iterator[Try]:
    with ExitStack() as stack:
        desks = {split: stack.enter_context(_stored(read_jsonl(file))) for split, file in files().items()}
        libraries = {split: Library(desk) for split, desk in desks.items()}
        yield lambda case: judged(case, desks[case.split], libraries[case.split])


@contextmanager
def _stored(records: Iterable[Mapping[str, Any]]) -> Iterator[Desk]:
    """A store of the articles that the statements are about: a version of another article is not among them."""
    with tempfile.TemporaryDirectory() as temporary:
        desk = open_desk(store=Path(temporary) / "store")
        try:
            desk.ingest(sorted({str(_path(record["article"])) for record in records}))
            yield desk
        finally:
            desk.close()


def judged(case: Case, desk: Desk, library: Library) -> Result:
    """Whether the statement is set aside, and whether it should be.

    Raises InputError where the article is not stored, or lacks a quote.
    """
    data = case.data
    ids = library.ids(data["article"], data.get("line"))
    if len(ids) != 1:
        raise InputError(f"{data['article']} is not stored once but {len(ids)} times")
    if missing := [quote for quote in data["quotes"] if quote not in library.text(ids[0])]:
        raise InputError(f"{data['article']} does not hold the quote {missing[0][:60]!r}")
    found = desk.check(data["statement"], data["quotes"], ids[0], lang=data["lang"])
    aside = found.support == "unsupported"
    kind = "true" if data["true"] else "false"
    scores = {LOST if data["true"] else CAUGHT: float(aside), f"{kind} as partial": float(found.support == "partial")}
    wanted = "shown" if data["true"] else f"set aside: {data['kind']} ({data['note']})"
    told = "\n".join([found.support, *found.reasons, *(f"quote: {quote}" for quote in data["quotes"])])
    why = {f"lost for {reason.partition(':')[0]}": 1.0 for reason in found.reasons if aside and data["true"]}
    return Result(scores, data["statement"], wanted, told, aside != data["true"], counts=why)
