"""Opposites: a word of the statement whose opposite the cited text has at the same place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from rag.clauses import Told, anchors
from rag.polarity_words import Mark, Pole, bound, converse, oneway, sure

_WINDOW, _BOUND_WINDOW = 6, 4
_FEW, _MOST = 2, 50


def other_side(pole: Pole) -> Pole:
    """The opposite of a pole."""
    return pole[0], 1 - pole[1]


def opposed(told: Told, mark: Mark, pole: Pole, source: Told, called: Mapping[str, str]) -> bool:
    """Whether the cited text has the opposite of this word of the statement where the statement has the word.

    Never where either text uses both words of the pair and nothing around them decides, or negates one.
    """
    own, against = _with(source, pole), _with(source, other_side(pole))
    if not against or _with(told, other_side(pole)) or _negated(told, mark):
        return False
    if oneway(pole[0]) and (pole[1] == 0 or own or source.of("negation") or source.of("soft")):
        return False
    if not own and any(_with(source, other) for other in mark.poles):
        return False
    if converse(pole[0]) and not _same_name_near(told, mark, source, against[0], called):
        return False
    if bound(pole[0]):
        return _bound(told, mark, source, own, against)
    if own:
        ours = _around(told, mark, called, inside=True)
        best, rival = (
            max(len(ours & _around(source, other, called, inside=True)) for other in words) for words in (against, own)
        )
        return best >= 2 and best >= rival + 2
    if sure(pole[0]) and pole[1] == 1:
        return True
    ours = _around(told, mark, called)
    if told.lang == source.lang:
        return len(source.clauses) == 1 or any(ours & _around(source, other, called) for other in against)
    figures = {each for each in ours if each.isdecimal()}
    if any(figures & _around(source, other, called) for other in against):
        return True
    return _in_the_clause_told(told, mark, source, against, called)


def _with(told: Told, pole: Pole) -> list[Mark]:
    """The words of a pole that no negation stands before, the first fifty of them."""
    found = (mark for mark in told.marks if pole in mark.poles and not _negated(told, mark))
    return list(islice(found, _MOST))


def _negated(told: Told, mark: Mark) -> bool:
    return mark.first in told.negated


def _around(told: Told, mark: Mark, called: Mapping[str, str], *, inside: bool = False) -> frozenset[str]:
    """Stems and anchors within six tokens of a word, in its clause alone where told so."""
    start, end = told.bounds(told.clause[mark.first]) if inside else (0, len(told.tokens))
    first, last = max(mark.first - _WINDOW, start), min(mark.last + _WINDOW, end)
    stems = {*told.stems(first, mark.first), *told.stems(mark.last, last)}
    near = anchors(told, first, mark.first, called) | anchors(told, mark.last, last, called)
    return frozenset(stems | near)


def _bound(told: Told, mark: Mark, source: Told, own: Sequence[Mark], against: Sequence[Mark]) -> bool:
    ours = _behind(told, mark)
    if not ours or any(ours & _behind(source, other) for other in own):
        return False
    return any(ours & _behind(source, other) for other in against)


def _behind(told: Told, mark: Mark) -> frozenset[str]:
    """The figures that follow a word directly."""
    last = min(mark.last + _BOUND_WINDOW, len(told.tokens))
    return frozenset(a for a in anchors(told, mark.last, last, {}) if a.isdecimal())


def _in_the_clause_told(
    told: Told, mark: Mark, source: Told, against: Sequence[Mark], called: Mapping[str, str]
) -> bool:
    """Whether the opposite stands in the clause that shares most with the statement's."""
    if len(source.clauses) == 1:
        return True
    first, last = told.bounds(told.clause[mark.first])
    wanted = anchors(told, first, mark.first, called) | anchors(told, mark.last, last, called)
    shares = [len(wanted & anchors(source, *source.bounds(number), called)) for number in source.clauses]
    best = max(shares[source.clause[other.first]] for other in against)
    return best == max(shares) and (best > 0 or len(shares) <= _FEW)


def _same_name_near(told: Told, mark: Mark, source: Told, other: Mark, called: Mapping[str, str]) -> bool:
    ours, theirs = _name_near(told, mark), _name_near(source, other)
    if ours is None or theirs is None:
        return ours is theirs
    return called.get(ours) == called.get(theirs)


def _name_near(told: Told, mark: Mark) -> str | None:
    """The name that stands directly beside a word, else the nearest before it."""
    start, end = told.tokens[mark.first].start, told.tokens[mark.last - 1].end
    before = [name for name in told.names if name.end <= start]
    beside = [name.text for name in told.names if 0 <= name.start - end <= 1 or 0 <= start - name.end <= 1]
    return beside[0] if beside else before[-1].text if before else None
