"""Statements against the words that they cite: what of a statement stands there, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag import claimed_figures, claimed_names, polarity, roles
from rag.cite import evidence
from rag.denied import Vectors, left_out
from rag.domain import Article, Citation, Evidence, Support
from rag.reading import Reading

# Over the development statements of eval/data a true one is this near to what it cites, and no other sentence of the
# article is this much nearer.
LEAST_SIMILARITY, MOST_GAP, FAR_GAP = 0.04, 0.02, 0.05
SURE_SIMILARITY = 0.06  # under it the statement is called supported in part
LEAST_ENTAILMENT = 0.5

_CHECKS = {
    "name": claimed_names.unsupported,
    "figure": claimed_figures.unsupported,
    "polarity": polarity.unsupported,
    "role": roles.unsupported,
}


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a statement is to what it cites: `similarity` is the centred cosine with the nearest cited sentence.

    `gap` is what `rival`, the nearest other sentence of the cited articles, has more; 0 and None where none is nearer.
    """

    similarity: float
    gap: float = 0.0
    rival: Citation | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a statement is supported, and why no further, each reason as `KIND: the words in question`."""

    support: Support
    reasons: tuple[str, ...] = ()


def check(
    statement: str,
    *,
    lang: str,
    citations: Sequence[Citation],
    article: Callable[[str], Article],
    near: Callable[[str, Sequence[Citation]], Nearness],
    vectors: Vectors,
    entails: Callable[[str, str], float] | None = None,
    asked_figures: bool = False,
) -> Verdict:
    """How far the cited words, and they alone, support a statement in `lang`.

    Its people, places, organisations, figures, dates, negations and, where they are sure, roles must stand there,
    in any language; no other sentence of the cited articles may be nearer to it. `entails(premise, hypothesis)` is
    asked too where it is given; `vectors` gives texts' unit vectors (n, dimension). What passes can still be wrong:
    who did what to whom is rarely seen. With `asked_figures` figures and dates are the answer itself: none may come
    from around the cited words.
    """
    if not citations:
        return Verdict("unsupported", ("quote: none",))
    shown = [
        _with_full_names(each, one, article) for each, one in zip(evidence(citations, article), citations, strict=True)
    ]
    alone = [Evidence(each.text, each.lang) for each in shown]
    reasons = [
        f"{kind}: {words}"
        for kind, find in _CHECKS.items()
        for words in find(statement, lang=lang, evidence=alone if asked_figures and kind == "figure" else shown)
    ]
    if left_out(statement, lang=lang, evidence=shown, vectors=vectors):
        reasons.append("polarity: the cited words deny it")
    nearness = near(statement, citations)
    if nearness.gap > MOST_GAP and (reasons or _fits(statement, lang, nearness, article)):
        reasons.append("citation: another sentence is nearer")
    elif nearness.similarity < LEAST_SIMILARITY:
        reasons.append("content: the cited words say something else")
    if entails is not None and entails("\n".join(each.text for each in shown), statement) < LEAST_ENTAILMENT:
        reasons.append("entailment: the cited words do not imply it")
    if reasons:
        return Verdict("unsupported", tuple(dict.fromkeys(reasons)))
    sure = nearness.similarity >= SURE_SIMILARITY
    return Verdict("supported") if sure else Verdict("partial", ("content: only a part of it is near",))


def _with_full_names(shown: Evidence, citation: Citation, article: Callable[[str], Article]) -> Evidence:
    """The evidence with the full names of those whom it calls "Liang" or "ông Lavrov"."""
    reading = _reading(article(citation.source.id))
    persons = reading.within(citation.start, citation.end, "person")
    full = dict.fromkeys(reading.full(name) for name in persons)
    return replace(shown, named=tuple(name for name in full if name not in shown.text))


@lru_cache(maxsize=32)
def _reading(article: Article) -> Reading:
    return Reading(article)


def _fits(statement: str, lang: str, nearness: Nearness, article: Callable[[str], Article]) -> bool:
    """Whether the nearer sentence may be what the statement tells: a figure that it lacks shows that it is another.

    So does a name, where the sentence is not much nearer.
    """
    if nearness.rival is None:
        return False
    shown = evidence([nearness.rival], article)
    if claimed_figures.unsupported(statement, lang=lang, evidence=shown):
        return False
    return nearness.gap > FAR_GAP or not claimed_names.unsupported(statement, lang=lang, evidence=shown)
