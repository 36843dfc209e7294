"""Who did what to whom: the parties of PLOVER's gold sentences, as their markup tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from eval.cases import Case, Options, Result, Suite, Try, public, read_jsonl
from eval.metrics import Tally, slots
from rag.actors import actors
from rag.office_words import countries
from rag.text import fold, stopwords, words

SIDES = ("source", "target")
_MARK = re.compile(r"\((SRC/TAR|SRC|TAR):\s*([^()]*)\)")
_SIDES_OF = {"SRC": ("source",), "TAR": ("target",), "SRC/TAR": SIDES}


def suite() -> Suite:
    """`plover`: source and target of each sentence, by the words and countries of the parties.

    What the markup calls SRC/TAR counts on both sides; the lists beside it leave the target out there. A party is
    found where it shares a word with the marked one, or its country. Every second sentence is `dev`, on which the
    rules were made.
    """
    about = "PLOVER's gold sentences: who acts, and on whom"
    return Suite("plover", load, opened, "actors F1", about)


def load(options: Options) -> list[Case]:
    """A case for each sentence. Raises InputError where the data is missing."""
    records = read_jsonl(public(options, "plover", "sentences.jsonl"))
    cases = []
    for number, record in enumerate(records):
        gold = marked(_markup(record["textInfo"]))
        missed = {side: Tally(0, 0, len(gold[side])) for side in SIDES}
        missed["actors"] = missed["source"] + missed["target"]
        data = {"text": " ".join(record["text"].strip("{}").split()), **gold}
        split = "held" if number % 2 else "dev"
        cases.append(Case(record["id"], data, split, {"event": record["event"]}, missed=missed))
    return cases


def _markup(told: Mapping[str, str] | str) -> str:
    return told if isinstance(told, str) else told["markup"]


def marked(markup: str) -> dict[str, list[str]]:
    """The parties that the markup of a sentence gives each side."""
    gold: dict[str, list[str]] = {side: [] for side in SIDES}
    for found in _MARK.finditer(markup):
        for side in _SIDES_OF[found[1]]:
            gold[side].append(" ".join(found[2].split()))
    return gold


@contextmanager
def opened(options: Options) -> Iterator[Try]:
    yield judged


def judged(case: Case) -> Result:
    """The parties of one sentence against the marked ones."""
    found = actors(case.data["text"], lang="en")
    ours = {side: [party for each in found for party in getattr(each, side)] for side in SIDES}
    gold = {side: case.data[side] for side in SIDES}
    tallies = slots(ours, gold, same=lambda _, one, other: same(one, other))
    tallies["actors"] = tallies["source"] + tallies["target"]
    right = tallies["actors"].right == tallies["actors"].gold == tallies["actors"].found
    return Result({}, case.data["text"], _told(gold), _told(ours), right, tallies)


def same(one: str, other: str) -> bool:
    """Whether two parties share a word that means something, or are of one country."""
    if _meaning(one) & _meaning(other):
        return True
    return bool({code for code, *_ in countries(one, "en")} & {code for code, *_ in countries(other, "en")})


def _meaning(party: str) -> frozenset[str]:
    return frozenset(re.sub(r"['’]s?$", "", word) for word in words(fold(party))) - stopwords("en")


def _told(parties: dict[str, list[str]]) -> str:
    return "; ".join(f"{side}: {', '.join(parties[side]) or '-'}" for side in SIDES)
