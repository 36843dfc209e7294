"""Whether a question asks for a town, and whether sentences name one: "went to Russia" names none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag import names, places
from rag.dates import find_dates
from rag.text import fold, nfc, words

_ASKS = re.compile(
    r"\b(?:which|what)(?: \w+){0,2} (?:city|cities|towns?)\b|\b(?:thành phố|thị xã|thị trấn) (?:nào|gì)\b"
    r"|\b(?:thanh pho|thi xa|thi tran) nao\b|哪(?:个|座|一个|一座)?城市|\bкак(?:ом|ой|ие|их) (?:\w+ ){0,2}город"
)
# A capital behind these is a place, whether the gazetteer has it or not.
_LOCATED = {
    "en": re.compile(r"\b(?:in|at|to|near|from|outside|through|of) (?:the )?([A-Z][\w'-]+)"),
    "vi": re.compile(r"\b(?:tại|ở|đến|tới|thăm|về|qua|từ|thành phố|thị xã|thị trấn|TP\.?) ?([A-ZĐÀ-Ỹ][\w-]+)"),
}


def asks_town(question: str) -> bool:
    """Whether the question asks which city or town."""
    return bool(_ASKS.search(nfc(question).lower()))


def names_town(sentences: Sequence[tuple[str, str]], question: str) -> bool:
    """Whether a sentence (text, language) may name a place that is no country and that the question does not name.

    True where one is in a language that says nothing of its places: only Vietnamese and English show them.
    """
    asked = {fold(word) for word in words(question)}
    return any(lang not in _LOCATED or any(_towns(text, lang, asked)) for text, lang in sentences)


def _towns(text: str, lang: str, asked: set[str]) -> Iterator[str]:
    dated = [(found.start, found.end) for found in find_dates(text, lang=lang)]
    spans = [(each.start, each.end) for each in names.find(text, lang=lang) if each.kind == "place"]
    persons = [(each.start, each.end) for each in names.find(text, lang=lang) if each.kind != "place"]
    spans += [
        span
        for span in (match.span(1) for match in _LOCATED[lang].finditer(text))
        if not any(start <= span[0] < end for start, end in [*dated, *persons, *spans])
    ]
    for start, end in spans:
        spelled = text[start:end]
        if not places.is_adjective(spelled) and not _is_country(spelled) and not {*map(fold, words(spelled))} <= asked:
            yield spelled


def _is_country(spelling: str) -> bool:
    return any(places.entities()[number].kind == "country" for number in places.lookup(spelling))
