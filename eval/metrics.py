"""Scores of single cases by their standard names, and their means with bootstrap intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.errors import InputError
from rag.text import words

RESAMPLES = 1_000
MICRO = ("precision", "recall", "F1")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were found, how many there are, and how many of the found are among them."""

    right: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.found + other.found, self.gold + other.gold)

    @property
    def scores(self) -> tuple[float, float, float]:
        """Precision, recall and F1. Nothing found of nothing is right."""
        precision, recall, f1 = _micro(np.array([[self.right, self.found, self.gold]]))[0].tolist()
        return precision, recall, f1


def ranking(relevant: Collection[str], ranked: Sequence[str], names: Iterable[str]) -> dict[str, float]:
    """The scores of one ranked list, by ir-measures; `names` such as nDCG@10, Recall@5, MRR@10, Success@1, P@5."""
    if not relevant:
        raise ValueError("a ranking without anything relevant has no score")
    try:
        import ir_measures
    except ModuleNotFoundError as error:
        raise InputError("ir-measures is not installed; run: python -m pip install -e '.[eval]'") from error
    measures = {ir_measures.parse_measure(_terrier(name)): name for name in names}
    qrels = {"q": dict.fromkeys(relevant, 1)}
    run = {"q": {item: float(-place) for place, item in enumerate(ranked)} or {"": 0.0}}
    found = ir_measures.calc_aggregate(list(measures), qrels, run)
    return {name: float(found[measure]) for measure, name in measures.items()}


def _terrier(name: str) -> str:
    return name.replace("Recall@", "R@").replace("MRR@", "RR@")


def overlap(found: Iterable[str], gold: Iterable[str]) -> tuple[float, float, float]:
    """Precision, recall and F1 of what was found, counted with repetition. Nothing found of nothing is right."""
    ours, theirs = Counter(found), Counter(gold)
    shared = (ours & theirs).total()
    precision = shared / ours.total() if ours else float(not theirs)
    recall = shared / theirs.total() if theirs else 1.0
    return precision, recall, 2 * shared / (ours.total() + theirs.total()) if ours or theirs else 1.0


def token_f1(found: str, gold: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the words of two texts, counted with repetition."""
    return overlap(words(found), words(gold))


def slots(
    found: Mapping[str, Sequence[str]],
    gold: Mapping[str, Sequence[str]],
    *,
    same: Callable[[str, str, str], bool],
) -> dict[str, Tally]:
    """The fillers of each slot against the gold ones, `same(slot, found, gold)` saying which are one.

    Micro precision, recall and F1 (MUC, Chinchor 1992, without partial credit) are the `scores` of the sum. A gold
    filler is found once, by the pairing that finds the most.
    """
    tallies = {}
    for slot in dict.fromkeys((*gold, *found)):
        ours, theirs = found.get(slot, ()), gold.get(slot, ())
        edges = [[place for place, other in enumerate(theirs) if same(slot, filler, other)] for filler in ours]
        tallies[slot] = Tally(_paired(edges), len(ours), len(theirs))
    return tallies


def _paired(edges: Sequence[Sequence[int]]) -> int:
    """How many on the left get one of their own on the right (Kuhn 1955)."""
    held: dict[int, int] = {}

    def place(left: int, tried: set[int]) -> bool:
        for right in edges[left]:
            if right not in tried:
                tried.add(right)
                if right not in held or place(held[right], tried):
                    held[right] = left
                    return True
        return False

    return sum(place(left, set()) for left in range(len(edges)))


def b_cubed(found: Iterable[Collection[str]], gold: Iterable[Collection[str]]) -> dict[str, tuple[float, float]]:
    """Precision and recall of each item of the gold clusters (Bagga and Baldwin 1998); their means are B-cubed's.

    An item that no found cluster holds stands alone. Found items that gold does not know count for nothing.
    """
    of = {item: frozenset(cluster) for cluster in gold for item in cluster}
    ours = {item: frozenset(cluster) & of.keys() for cluster in found for item in cluster}
    scores = {}
    for item, cluster in of.items():
        mine = ours.get(item, frozenset({item}))
        shared = len(mine & cluster)
        scores[item] = (shared / len(mine), shared / len(cluster))
    return scores


def harmonic(precision: float, recall: float) -> float:
    """F1 of a precision and a recall; 0 where both are."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def alce(
    statements: Sequence[tuple[str, Sequence[str]]], entails: Callable[[Sequence[str], str], bool]
) -> tuple[float, float]:
    """Citation recall and precision of statements with their cited texts (ALCE, Gao et al. 2023).

    A statement counts for recall where it has citations and they together entail it. A citation counts for
    precision where its statement does, unless it alone does not entail the statement and the others still do.
    Without statements both are 1.
    """
    recalled, precise, cited = 0, 0, 0
    for statement, texts in statements:
        cited += len(texts)
        if not texts or not entails(texts, statement):
            continue
        recalled += 1
        for number, text in enumerate(texts):
            others = [*texts[:number], *texts[number + 1 :]]
            precise += entails([text], statement) or not (others and entails(others, statement))
    recall = recalled / len(statements) if statements else 1.0
    return recall, precise / cited if cited else float(not statements)


def verbatim(texts: Sequence[str], statement: str) -> bool:
    """Entailment for answers that only quote: the statement stands in one of the texts."""
    return any(statement in text for text in texts)


def refusal(*, refused: bool, answerable: bool) -> dict[str, float]:
    """Refusals as retrieval: precision over what was refused, recall over what cannot be answered."""
    scores = {}
    if refused:
        scores["refusal precision"] = float(not answerable)
    if not answerable:
        scores["refusal recall"] = float(refused)
    return scores


def interval(values: Sequence[float], *, seed: int, resamples: int = RESAMPLES) -> tuple[float, float]:
    """The 95% percentile bootstrap interval of the mean (Efron 1979). The same seed gives the same numbers."""
    means = _resampled(np.asarray(values, dtype=np.float64), seed, resamples)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def micro_intervals(tallies: Sequence[Tally], *, seed: int, resamples: int = RESAMPLES) -> dict[str, tuple[float, ...]]:
    """Precision, recall and F1 over all the tallies, each with the bounds of its 95% bootstrap interval over them."""
    counts = np.array([[tally.right, tally.found, tally.gold] for tally in tallies])
    generator = np.random.default_rng(seed)
    sums = np.array([counts[generator.integers(0, len(counts), len(counts))].sum(0) for _ in range(resamples)])
    rows = [*_micro(counts.sum(0, keepdims=True)), *np.quantile(_micro(sums), (0.025, 0.975), axis=0)]
    return {name: tuple(row[place].item() for row in rows) for place, name in enumerate(MICRO)}


def _micro(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Precision, recall and F1 (n, 3) of right, found and gold (n, 3)."""
    right, found, gold = counts.T.astype(np.float64)
    precision = np.where(found > 0, right / np.maximum(found, 1), gold == 0)
    recall = np.where(gold > 0, right / np.maximum(gold, 1), 1.0)
    f1 = np.where(found + gold > 0, 2 * right / np.maximum(found + gold, 1), 1.0)
    return np.stack([precision, recall, f1], axis=1)


def _resampled(values: NDArray[np.float64], seed: int, resamples: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    return np.array([values[generator.integers(0, len(values), len(values))].mean() for _ in range(resamples)])


def gap(by_pair: Mapping[str, float]) -> float | None:
    """The parity gap: the best language pair less the worst; None for fewer than two."""
    return max(by_pair.values()) - min(by_pair.values()) if len(by_pair) > 1 else None
