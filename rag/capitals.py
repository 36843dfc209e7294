"""A capital that stands for its government: `What did Hanoi ask of Beijing?` asks of Vietnam and China."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag import places
from rag.domain import NameMatch
from rag.name_index import NameIndex

# Before one of these the capital is a place where something is.
_WHERE = {
    "en": "in|at|to|from|near|around|outside|inside|through|via|visit|visits|visited|visiting|reach|reached|leave|left",
    "vi": "ở|tại|đến|tới|từ|về|thăm|sang|qua|quanh|gần|rời|thành phố|thủ đô|o|tai|den|toi|tu|ve|tham|thanh pho|thu do",
    "zh": "在|于|到|抵|抵达|访|访问|赴|来|从|离开",
    "ru": "в|во|из|под|около|до|через|возле",
}


def as_governments(question: str, names: Sequence[NameMatch], *, lang: str, index: NameIndex) -> tuple[NameMatch, ...]:
    """The names; a capital that is not where something is also has its country's stored spellings and articles."""
    return tuple(_widened(question, name, lang, index) for name in names)


def _widened(question: str, name: NameMatch, lang: str, index: NameIndex) -> NameMatch:
    country = places.country_of_capital(name.query) if name.kind == "place" else None
    if country is None or _is_where(question, name.query, lang):
        return name
    spellings = index.match(country, lang="en")
    articles = [article for spelling in spellings for article in sorted(index.articles(spelling))]
    return replace(
        name,
        matched=tuple(dict.fromkeys((*name.matched, *spellings))),
        articles=tuple(dict.fromkeys((*name.articles, *articles))),
    )


def _is_where(question: str, capital: str, lang: str) -> bool:
    before = question[: max(0, question.find(capital))].rstrip().lower()
    edge = "" if lang == "zh" else r"(?<!\w)"
    return re.search(rf"{edge}(?:{_WHERE.get(lang, _WHERE['en'])})$", before) is not None
