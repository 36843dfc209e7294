"""Which of several a question asks about: the second forum is not the third."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.figures import figures
from rag.text import has_marks

_BARE = re.compile(r"\b(?:lan|khoa|ky|phien) thu (nhat|hai|ba|tu|nam|sau|bay|tam|chin|muoi)\b")  # without its marks
_BEFORE = re.compile(r"\bthứ\s+$", re.IGNORECASE)
_VALUES = dict(zip("nhat hai ba tu nam sau bay tam chin muoi".split(), range(1, 11), strict=True))


def another(question: str, text: str, *, asked_in: str, lang: str) -> bool:
    """Whether the question asks about the second, third ... of something and the text tells only of other ones."""
    asked = _ordinals(question, asked_in)
    told = _ordinals(text, lang)
    return bool(asked and told) and asked.isdisjoint(told)


def first(question: str, *, lang: str) -> str | None:
    """The question's first ordinal in its own words; None where it has none."""
    found = next((figure for figure in figures(question, lang=lang) if figure.unit == "ordinal"), None)
    if found is not None:
        before = _BEFORE.search(question[: found.start])
        return question[before.start() if before else found.start : found.end]
    bare = _BARE.search(question.lower()) if lang == "vi" and not has_marks(question) else None
    return bare[0] if bare else None


def _ordinals(text: str, lang: str) -> set[Decimal]:
    found = {figure.value for figure in figures(text, lang=lang) if figure.unit == "ordinal"}
    if lang == "vi" and not has_marks(text):
        found |= {Decimal(_VALUES[match[1]]) for match in _BARE.finditer(text.lower())}
    return found
