"""Re-published articles: what ingest reports as the same report, whatever order the files come in."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.cases import GOLD, Case, Options, Result, Suite, Try, read_jsonl
from rag.desk import Desk, open_desk
from rag.domain import Outcome
from rag.embed import Embedder, Progress
from rag.errors import InputError

RECALL, PRECISION, KIND, ALONE, STEADY = "recall", "precision", "kind", "left alone", "same as listed"
LISTED = "as listed"
ORDERS = (LISTED, "reversed", "shuffled")
_KINDS = {"duplicate": "exact", "near-duplicate": "near"}

Twins = Mapping[str, tuple[frozenset[str], str | None]]


class Unembedded(Embedder):
    """One number for every text: what ingest takes for the same report does not depend on vectors."""

    name = "none"
    dimension = 1

    def passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Ones (n, 1)."""
        return np.ones((len(texts), 1), dtype=np.float32)

    def query(self, text: str) -> NDArray[np.float32]:
        """A one (1,)."""
        return np.ones(1, dtype=np.float32)


def pairs() -> Suite:
    """`duplicates`: the invented articles, stored in three orders; their re-published versions are known."""
    floors = {f"{order}: {metric}": 1.0 for order in ORDERS for metric in (RECALL, PRECISION, KIND, ALONE)}
    floors |= {f"{order}: {STEADY}": 1.0 for order in ORDERS[1:]}
    return folder("duplicates", read_jsonl(GOLD / "synthetic_duplicates.jsonl"), [GOLD / "synthetic"], floors)


def folder(
    name: str, records: Sequence[Mapping[str, Any]], articles: Sequence[Path], floors: Mapping[str, Any]
) -> Suite:
    """A user's own re-published articles among their own."""
    files = [
        file for path in articles for file in ([path] if path.is_file() else sorted(path.rglob("*"))) if file.is_file()
    ]

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        found = {order: _twins(_ingested(_ordered(files, order, options.seed))) for order in ORDERS}
        yield lambda case: judged(case, found)

    about = "re-published articles, each found as what it is and nothing else, in every order of ingest"
    return Suite(name, lambda options: cases_of(records, files), opened, RECALL, about, floors)


def cases_of(records: Sequence[Mapping[str, Any]], files: Sequence[Path]) -> list[Case]:
    """In each order a case for every pair, which has to be found, and for every article, which has to be left alone.

    The second kind has precision where ingest takes the article for another's version. Raises InputError where a
    record names no article of the files.
    """
    known = set(_articles(files))
    for number, record in enumerate(records, 1):
        if not isinstance(record.get("of"), dict) or not {_name(record), _name(record["of"])} <= known:
            raise InputError(
                f"pair {number} needs `article`, and `of` with `article`, both names of files that are there"
            )
    gold = [(_name(each), _name(each["of"]), str(each.get("kind", "near"))) for each in records]
    of: dict[str, list[str]] = {}
    for one, other, _ in gold:
        of.setdefault(one, []).append(other)
        of.setdefault(other, []).append(one)
    stamp = records[0].get("articles") if records else None
    cases = []
    for order in ORDERS:
        for one, other, kind in gold:
            data = {"order": order, "pair": [one, other], "kind": kind, "articles": stamp}
            cases.append(Case(f"{order}: {one} = {other}", data, order, {"kind": kind}, {RECALL: 0.0, KIND: 0.0}))
        for article in sorted(known):
            data = {"order": order, "article": article, "twins": sorted(of.get(article, ())), "articles": stamp}
            worst = ({} if article in of else {ALONE: 0.0}) | ({} if order == LISTED else {STEADY: 0.0})
            cases.append(Case(f"{order}: {article}", data, order, {}, worst))
    return cases


def judged(case: Case, found: Mapping[str, Twins]) -> Result:
    """The scores of a pair, or of an article."""
    twins = found[case.data["order"]]
    if "pair" in case.data:
        one, other = case.data["pair"]
        together = other in twins[one][0]
        kinds = {kind for kind in (twins[one][1], twins[other][1]) if kind}
        scores = {RECALL: float(together)} | ({KIND: float(case.data["kind"] in kinds)} if together else {})
        got = " or ".join(sorted(kinds)) if together else "apart"
        return Result(scores, f"{one} = {other}", case.data["kind"], got, set(scores.values()) == {1.0})
    article, gold = case.data["article"], set(case.data["twins"])
    with_it, kind = twins[article]
    scores = {} if case.data["order"] == LISTED else {STEADY: float(with_it == found[LISTED][article][0])}
    if kind:
        scores[PRECISION] = float(bool(with_it & gold))
    if not gold:
        scores[ALONE] = float(not with_it)
    wanted, got = (", ".join(sorted(each)) or "no other" for each in (gold, with_it))
    return Result(scores, article, wanted, got, with_it == gold and set(scores.values()) <= {1.0})


def _name(record: Mapping[str, Any]) -> str:
    return f"{record.get('article')}:{record['line']}" if record.get("line") else str(record.get("article"))


def _articles(files: Iterable[Path]) -> Iterator[str]:
    for path in files:
        if path.suffix == ".jsonl":
            yield from (f"{path.name}:{line}" for line in range(1, len(read_jsonl(path)) + 1))
        else:
            yield path.name


def _ordered(files: Iterable[Path], order: str, seed: int) -> list[str]:
    paths = [str(path) for path in files]
    if order == "shuffled":
        random.Random(seed).shuffle(paths)
    return paths[::-1] if order == "reversed" else paths


def _ingested(files: Sequence[str]) -> tuple[Outcome, ...]:
    with tempfile.TemporaryDirectory() as temporary:
        desk: Desk = open_desk(store=Path(temporary) / "store")
        desk.embedder = Unembedded()
        try:
            return desk.ingest(files).outcomes
        finally:
            desk.close()


def _twins(outcomes: Iterable[Outcome]) -> Twins:
    """By article, the others that ingest takes for the same report, and as what it was taken itself, if at all."""
    stored: dict[str, list[str]] = {}
    kinds: dict[str, str | None] = {}
    for outcome in outcomes:
        what, _, original = outcome.what.partition(" of ")
        name = f"{Path(outcome.path).name}:{outcome.item}" if outcome.item else Path(outcome.path).name
        stored.setdefault(original or outcome.article, []).append(name)
        kinds[name] = _KINDS.get(what)
    apart: dict[str, set[str]] = {name: set() for name in kinds}
    for names in stored.values():
        for one, other in combinations(names, 2):
            apart[one].add(other)
            apart[other].add(one)
    return {name: (frozenset(others), kinds[name]) for name, others in apart.items()}
