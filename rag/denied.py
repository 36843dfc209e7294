"""A denial left out: the statement says plainly what the cited text denies, in whatever words and language.

Which clause of the text the statement tells is found by meaning: names aside, the nearest by their vectors. Word lists
alone (`rag.polarity`) see it only where the two share words, figures or names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.clauses import Told, read
from rag.domain import Evidence

Vectors = Callable[[Sequence[str]], NDArray[np.floating[Any]]]

# Over the statements of eval/data no true one without a negation is this near to a clause that has one.
_NEAR = 0.05
_FEWEST = 4  # words of a clause that stands alone
_TELLS = 3
_MOST = 40  # clauses


def left_out(statement: str, *, lang: str, evidence: Sequence[Evidence], vectors: Vectors) -> bool:
    """Whether the statement, which denies nothing, is nearest to a clause of the cited text that does.

    `vectors` gives the unit vectors (n, dimension) of texts.
    """
    told = read(statement, lang=lang)
    if told.of("negation") or told.of("soft"):
        return False
    cited = [read(each.text, lang=each.lang) for each in evidence]
    if told.of("condition") and any(each.of("condition") for each in cited):
        return False  # "will keep them until it agrees" is "sẽ không giao nộp chừng nào chưa đồng ý"
    clauses = [clause for each in cited for clause in _clauses(each)][:_MOST]
    if not any(denies for _, denies in clauses):
        return False
    rows = vectors([_bare(told, 0, len(told.text)), *(text for text, _ in clauses)])
    scores = [float(row @ rows[0]) for row in rows[1:]]
    denied = max(score for score, (_, denies) in zip(scores, clauses, strict=True) if denies)
    affirmed = max((score for score, (_, denies) in zip(scores, clauses, strict=True) if not denies), default=-1.0)
    return denied > affirmed - _NEAR


def _clauses(told: Told) -> list[tuple[str, bool]]:
    """The text's clauses without their names, short ones with the clause before, and whether each denies."""
    denying = {told.clause[mark.first] for mark in told.of("negation")}
    parts: list[tuple[int, int, int, bool]] = []  # first and last character, words, whether it denies
    for number in told.clauses:
        first, last = told.bounds(number)
        if last <= first:
            continue
        start, end = told.tokens[first].start, told.tokens[last - 1].end
        part = (start, end, last - first, number in denying)
        if parts and min(parts[-1][2], part[2]) < _FEWEST:
            earlier = parts.pop()
            part = (earlier[0], end, earlier[2] + part[2], earlier[3] or part[3])
        parts.append(part)
    found = [(_bare(told, start, end), denies) for start, end, _, denies in parts]
    return [(text, denies) for text, denies in found if denies or len(text.split()) >= _TELLS]


def _bare(told: Told, start: int, end: int) -> str:
    """The characters without the names in them."""
    kept, at = [], start
    for name in told.names:
        if start <= name.start and name.end <= end and name.start >= at:
            kept.append(told.text[at : name.start])
            at = name.end
    return " ".join("".join([*kept, told.text[at:end]]).split())
