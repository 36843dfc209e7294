"""Statements turned around: a negation put in or left out, an opposite, a plan told as done, against the cited text.

Word lists (polarity.toml) and the clause that the statement tells of, found by shared words within a language and by
figures, names and concepts across languages. Where no clause stands out, any negation of the text backs the statement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.clauses import Told, anchors, called, read
from rag.domain import Evidence
from rag.modality import coming, turned
from rag.opposites import opposed, other_side
from rag.polarity_words import Mark, Pole, not_yet, oneway

_TOLD_AS_IS, _CLEARLY_MORE, _HALF = 0.6, 0.3, 0.5
_NEAR, _NEXT, _FAR = 3, 4, 12
_SURELY = 3
_LONGEST, _MOST = 1_000, 30  # characters of a statement, and marks of one kind in it
# "unresolved", "non-aligned", "countless": no negation of their own, but they may stand for one.
_OF_THINGS = frozenset({"neither", "none", "no"})  # the verb that they deny stands behind the things
_AFFIX = re.compile(r"\b(?:un(?!i|der|til|less|veil)[a-z]{4,}|non-?[a-z]{4,}|dis(?!c|t|p)[a-z]{4,}|[a-z]{3,}less)\b")


def unsupported(statement: str, *, lang: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The words of the statement that turn around what the cited text says, as the statement spells them.

    A negation that the text has not, a word that the text denies, an opposite of the text's word, and what is done
    for what is planned; () where there is none or no text is cited. A negation and an opposite need to be against
    every cited text, a denial to be in one.
    """
    told = read(statement[:_LONGEST], lang=lang)
    sources = [Source(told, read(each.text, lang=each.lang)) for each in evidence if each.text.strip()]
    if not sources:
        return ()
    wrong = [
        told.words_of(mark)
        for mark in told.of("negation")[:_MOST]
        if all(_puts_in(told, mark, source) for source in sources)
    ]
    wrong += [word for source in sources for word in _left_out(told, source)]
    wrong += [
        told.words_of(mark)
        for mark in told.of("pole")[:_MOST]
        if any(all(opposed(told, mark, pole, s.told, s.called) for s in sources) for pole in mark.poles)
    ]
    wrong += turned(told, [source.told for source in sources])
    return tuple(dict.fromkeys(wrong))


class Source:
    """A cited text beside the statement: which of its clauses deny, and what of the statement each clause tells."""

    def __init__(self, statement: Told, told: Told) -> None:
        self.told = told
        self.called = called(statement, told)
        self.same_language = statement.lang == told.lang
        self.doubts = tuple(sorted({*told.of("negation"), *told.of("soft")}, key=lambda mark: mark.first))
        self.denying = {told.clause[mark.first] for mark in self.doubts}
        self.clauses = [self._clause(number) for number in told.clauses]

    def _clause(self, number: int) -> Clause:
        first, last = self.told.bounds(number)
        deny = number in self.denying
        return Clause(deny, frozenset(self.told.stems(first, last)), anchors(self.told, first, last, self.called))

    def denied(self) -> frozenset[str]:
        """The stems that a negation of the text covers: behind it in its clause, or shortly before it."""
        return frozenset(stem for mark in self.doubts for stem in _covered(self.told, mark))


@dataclass(frozen=True, slots=True)
class Clause:
    """Whether a clause holds a word of negation, its stems, and its anchors in the statement's names."""

    denies: bool
    stems: frozenset[str]
    anchors: frozenset[str]


def _covered(told: Told, mark: Mark) -> list[str]:
    first = told.bounds(told.clause[mark.first])[0]
    return [*told.after(mark), *told.stems(max(first, mark.first - _NEAR), mark.first)]


def _puts_in(told: Told, mark: Mark, source: Source) -> bool:
    """Whether the text lacks this negation of the statement."""
    if _stands_for_an_opposite(told, mark, source.told) or _is_to_come(told, mark, source):
        return False
    if set(_next_poles(told, mark)) & {pole for other in source.doubts for pole in _next_poles(source.told, other)}:
        return False
    if not source.doubts or (not source.told.of("negation") and _denies_what_is_said(told, mark, source.told)):
        return True
    if source.same_language:
        return _affirmed(told, mark, source)
    first, last = told.bounds(told.clause[mark.first])
    wanted = anchors(told, mark.last, min(last, mark.last + _FAR), source.called)
    if len(wanted) < 2:
        wanted |= anchors(told, max(first, mark.first - _NEAR), mark.first, source.called)
    affirmed, denied = (
        max((len(wanted & c.anchors) for c in source.clauses if c.denies is deny), default=0) for deny in (False, True)
    )
    return affirmed - denied >= (3 if denied else 2) or _denies_other_things(told, mark, source, wanted)


def _denies_other_things(told: Told, mark: Mark, source: Source, wanted: frozenset[str]) -> bool:
    """Across languages: whether the text affirms what stands next to the negation and denies only something else."""
    last = min(told.bounds(told.clause[mark.first])[1], mark.last + _NEXT)
    near = anchors(told, mark.last, last, {})
    if not any(near & clause.anchors for clause in source.clauses if not clause.denies):
        return False
    return all(clause.anchors and not wanted & clause.anchors for clause in source.clauses if clause.denies)


def _is_to_come(told: Told, mark: Mark, source: Source) -> bool:
    """Whether a negation is one of what has not happened yet, and the text tells that as still to come."""
    first, last = told.bounds(told.clause[mark.first])
    near = {token.word for token in told.tokens[max(mark.first - 2, 0) : min(last, mark.last + _FAR)]}
    planned = coming(source.told)
    if not planned or not near & not_yet(told.lang):
        return False
    wanted = set(told.stems(first, last)) if source.same_language else anchors(told, first, last, source.called)
    shares = [len(wanted & (c.stems if source.same_language else c.anchors)) for c in source.clauses]
    return max(shares[number] for number in planned) == max(shares)


def _stands_for_an_opposite(told: Told, mark: Mark, source: Told) -> bool:
    """`did not rise` for "fell", `refused` for "không đồng ý"."""
    said = _poles(source)
    if any(pole in said for pole in mark.poles):
        return True
    return any(other_side(pole) in said and pole not in said for pole in _next_poles(told, mark))


def _denies_what_is_said(told: Told, mark: Mark, source: Told) -> bool:
    """`will not exempt` for "sẽ miễn": the text uses the very word, which alone is no negation."""
    doubts = source.of("soft")
    near = _next_poles(told, mark)
    return any(all(pole in doubt.poles for doubt in doubts) for pole in near)


def _poles(told: Told) -> set[Pole]:
    return {pole for mark in told.of("pole") for pole in mark.poles}


def _next_poles(told: Told, mark: Mark) -> tuple[Pole, ...]:
    """The opposites that the first such word close behind a mark belongs to."""
    last = min(told.bounds(told.clause[mark.first])[1], mark.last + _NEAR)
    near = (
        tuple(pole for pole in other.poles if not oneway(pole[0]))
        for other in told.of("pole")
        if mark.last <= other.first < last
    )
    return next((poles for poles in near if poles), ())


def _affirmed(told: Told, mark: Mark, source: Source) -> bool:
    """Whether the text says what the statement denies, in a clause or at a word that no negation of it covers."""
    scope = told.after(mark)
    if not scope:
        return False
    wanted, head = set(scope), scope[0]
    of_things = told.words_of(mark).lower() in _OF_THINGS
    if (wanted if of_things else {head}) & source.denied():
        return False
    affirmed, denied = (
        max((len(wanted & c.stems) / len(wanted) for c in source.clauses if c.denies is deny), default=0.0)
        for deny in (False, True)
    )
    if len(wanted) > 1 and affirmed >= _TOLD_AS_IS and affirmed - denied >= _CLEARLY_MORE:
        return True
    if _affirmed_in_parts(wanted, source):
        return True
    return any(head in c.stems and len(wanted & c.stems) >= _HALF * len(wanted) for c in source.clauses)


def _affirmed_in_parts(wanted: set[str], source: Source) -> bool:
    """Whether the clauses without a negation tell it together, and those with one tell nothing of it."""
    affirmed, denied = (
        {stem for clause in source.clauses if clause.denies is deny for stem in clause.stems} for deny in (False, True)
    )
    found = len(wanted & affirmed)
    return not wanted & denied and found >= max(_SURELY, _TOLD_AS_IS * len(wanted))


def _left_out(told: Told, source: Source) -> list[str]:
    """The words of the statement that the text denies and the statement does not."""
    negations = source.told.of("negation")
    if not negations or source.told.of("condition"):
        return []
    if source.same_language:
        return [word for mark in negations if (word := _denied_word(told, mark, source))]
    if told.of("negation") or told.of("staying") or _unmatched(told, source.told) or _AFFIX.search(told.text.lower()):
        return []
    return [told.text.strip()] if _tells_a_denial(told, source) else []


def _unmatched(told: Told, source: Told) -> bool:
    """Whether the statement has a word near a negation that the text has not ("dỡ bỏ lệnh cấm" for "lift its ban")."""
    said = {pole for mark in source.of("pole") if "negation" not in mark.kinds for pole in mark.poles}
    return any(not said & set(mark.poles) for mark in told.of("soft"))


def _denied_word(told: Told, mark: Mark, source: Source) -> str | None:
    scope = source.told.after(mark, 6)
    if not scope or {other_side(pole) for pole in _poles(told)} & set(_next_poles(source.told, mark)):
        return None
    if len(scope) < 2:
        scope += [stem for stem in _covered(source.told, mark) if stem not in scope]
    if len(scope) < 2:
        return None
    head = scope[0]
    at = next((i for i in range(len(told.tokens)) if told.stem(i) == head), None)
    own = {told.stem(i) for i in range(len(told.tokens))}
    if at is None and (meant := _same_pole(told, mark, source)) is not None:
        at, own = meant.first, own | {head}
    if at is None or sum(stem in own for stem in scope) / len(scope) < _TOLD_AS_IS:
        return None
    doubts = {*told.of("negation"), *told.of("soft")}
    if set(scope) & {stem for doubt in doubts for stem in _covered(told, doubt)}:
        return None
    if any(head in clause.stems for clause in source.clauses if not clause.denies):
        return None
    return told.text[told.tokens[at].start : told.tokens[at].end]


def _same_pole(told: Told, mark: Mark, source: Source) -> Mark | None:
    """The statement's other word for the one that a negation of the text stands directly before."""
    denied = {pole for other in source.told.of("pole") if other.first == mark.last for pole in other.poles}
    return next((other for other in told.of("pole") if denied & set(other.poles)), None)


def _tells_a_denial(told: Told, source: Source) -> bool:
    """Across languages: whether the clause that the statement tells of is one with a negation, beyond doubt."""
    negated = {source.told.clause[mark.first] for mark in source.told.of("negation")}
    if len(negated) == len(source.clauses):
        return True
    return any(_is_denied(anchors(told, *told.bounds(n), source.called), negated, source) for n in told.clauses)


def _is_denied(wanted: frozenset[str], negated: set[int], source: Source) -> bool:
    shares = [len(wanted & clause.anchors) for clause in source.clauses]
    denied = max(share for number, share in enumerate(shares) if number in negated)
    affirmed = max((share for number, share in enumerate(shares) if number not in negated), default=0)
    return denied > affirmed and (denied >= 2 or (affirmed == 0 and 2 * denied >= len(wanted)))
