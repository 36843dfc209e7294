"""Names across scripts: is one name known in another's spelling, and are two names kept apart."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import permutations
from typing import Any

from eval.cases import GOLD, Case, Options, Result, Suite, Try, public, read_jsonl
from rag import names
from rag.errors import InputError
from rag.text import fold

RECALL, FALSE = "recall", "false match rate"
OTHERS = 200  # other spellings, drawn by the seed, that each spelling is held against
_SCRIPTS = ("vi", "en", "zh", "ru")


def pairs() -> Suite:
    """`names`: eval/data/names.jsonl, and with --data the leaders of the public list."""

    def load(options: Options) -> list[Case]:
        rows = read_jsonl(GOLD / "names.jsonl")
        cases = cases_of(rows, seed=options.seed)
        if options.data is not None:
            leaders = [_leader(row) for row in read_jsonl(public(options, "names", "leaders.jsonl"))]
            cases += cases_of(leaders, seed=options.seed, prefix="leaders ")
        return cases

    return Suite("names", load, _comparing, RECALL, "recall of true pairs by class, false matches among all others")


def folder(name: str, records: Sequence[Mapping[str, Any]], floors: Mapping[str, Any]) -> Suite:
    """A user's own names: `forms` {script: [spellings]}, and if wanted `class` and `split`."""
    return Suite(name, lambda options: cases_of(records, seed=options.seed), _comparing, RECALL, "names", floors)


def _leader(row: Mapping[str, Any]) -> dict[str, Any]:
    forms = {script: row[script] for script in _SCRIPTS if row.get(script)}
    return {"class": row.get("kind", "person"), "split": "leaders", "forms": forms}


def cases_of(rows: Sequence[Mapping[str, Any]], *, seed: int, prefix: str = "") -> list[Case]:
    """For each name a case per direction of scripts, and one against spellings of other names."""
    for number, row in enumerate(rows, 1):
        if not isinstance(row.get("forms"), dict) or not any(row["forms"].values()):
            raise InputError(f"name {number} has no `forms`")
    chance = random.Random(seed)
    spelled = [[form for found in row["forms"].values() for form in found] for row in rows]
    folded = [set(map(fold, forms)) for forms in spelled]
    cases: list[Case] = []
    for number, row in enumerate(rows):
        kind, split = str(row.get("class", "name")), str(row.get("split", "all"))
        label = f"{prefix}{number + 1} {spelled[number][0]}"
        cases += _true(label, row["forms"], kind, split)
        others = [form for other, forms in enumerate(spelled) if not folded[number] & folded[other] for form in forms]
        drawn = chance.sample(others, min(OTHERS, len(others)))
        if drawn:
            data = {"forms": spelled[number], "others": drawn}
            cases.append(Case(f"{label}: others", data, split, {"class": kind}, {FALSE: 1.0}))
    return cases


def _true(label: str, forms: Mapping[str, list[str]], kind: str, split: str) -> Iterator[Case]:
    spelled = [(script, form) for script, found in forms.items() for form in found]
    by_direction: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (a_script, a), (b_script, b) in permutations(spelled, 2):
        by_direction.setdefault((a_script, b_script), []).append((a, b))
    for (a_script, b_script), same in by_direction.items():
        direction = f"{a_script}>{b_script}"
        groups = {"class": kind, "class and pair": f"{kind} {direction}"}
        if {a_script, b_script} <= set(_SCRIPTS):
            groups["pair"] = direction
        yield Case(f"{label}: {direction}", {"same": same}, split, groups, {RECALL: 0.0})


@contextmanager
def _comparing(options: Options) -> Iterator[Try]:
    yield judged


def judged(case: Case) -> Result:
    """Recall over the spellings of one name, or the share of other names' spellings that match."""
    if "same" in case.data:
        pairs = case.data["same"]
        missed = [f"{a} = {b}" for a, b in pairs if not names.same(a, b).match]
        share = 1 - len(missed) / len(pairs)
        return Result({RECALL: share}, case.id, "; ".join(missed), "apart" if missed else "", not missed)
    tried = [(form, other) for form in case.data["forms"] for other in case.data["others"]]
    false = [f"{form} = {other}" for form, other in tried if names.same(form, other).match]
    return Result({FALSE: len(false) / len(tried)}, case.id, "apart", "; ".join(false), not false)
