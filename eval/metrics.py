"""Scores of single cases by their standard names, and their means with bootstrap intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.errors import InputError
from rag.text import words

RESAMPLES = 1_000


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


def _resampled(values: NDArray[np.float64], seed: int, resamples: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    return np.array([values[generator.integers(0, len(values), len(values))].mean() for _ in range(resamples)])


def gap(by_pair: Mapping[str, float]) -> float | None:
    """The parity gap: the best language pair less the worst; None for fewer than two."""
    return max(by_pair.values()) - min(by_pair.values()) if len(by_pair) > 1 else None
