"""The words of told.toml as patterns, and the clauses in which they stand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from rag.domain import Fact
from rag.reading import Reading

Span = tuple[int, int]
_LONGEST = 2_000  # characters of a sentence that are read
_CLOSING = " \t\n.,;:!?…\"“”。；，'’"
_REPORTED = re.compile(
    r",\s+(?:according to|as reported|(?:theo|dẫn) (?=thông|một|tuyên|số liệu|Bộ|hãng|TTXVN|nguồn|báo|ông|bà|người)"
    r"|[^,;.]{2,80}?\s(?:said|announced|reported|added|told|showed|noted)\b)[^;]*$"
)


@cache
def data() -> dict[str, Any]:
    """The tables of told.toml."""
    return tomllib.loads(files("rag").joinpath("data/told.toml").read_text(encoding="utf-8"))


@cache
def phrases(table: str, key: str) -> tuple[str, ...]:
    """The phrases of an entry, the longest first."""
    text: str = data()[table].get(key, "")
    found = {phrase.strip() for line in text.split("\n") for phrase in line.split("|")} - {""}
    return tuple(sorted(found, key=lambda phrase: (-len(phrase), phrase)))


@cache
def any_of(table: str, key: str) -> str:
    """A regular expression for any of the phrases of an entry, as whole words but in Chinese."""
    listed = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in phrases(table, key))
    if not listed:
        return r"(?!)"
    return f"(?:{listed})" if key.endswith("zh") else rf"\b(?:{listed})\b"


@cache
def pattern(table: str, key: str) -> re.Pattern[str]:
    """`any_of` compiled, whatever the case."""
    return re.compile(any_of(table, key), re.IGNORECASE)


def pieces(reading: Reading, spans: Iterable[Span]) -> Iterator[Span]:
    """The sentences in the order of the text, each once, of a long one its beginning."""
    for start, end in sorted(set(spans)):
        yield start, min(end, start + _LONGEST)


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without blanks and punctuation at its edges; a closing quotation mark that was opened inside stays."""
    while start < end and text[start] in _CLOSING + "-–—>":
        if text[start] in "\"“'" and text.find("”" if text[start] == "“" else text[start], start + 1, end) > 0:
            break
        start += 1
    while end > start and text[end - 1] in _CLOSING:
        inside = text[start : end - 1]
        if (text[end - 1] == "”" and inside.count("“") > inside.count("”")) or (
            text[end - 1] == '"' and inside.count('"') % 2
        ):
            break
        end -= 1
    return start, end


def without_source(text: str, start: int, end: int) -> Span:
    """The span of a clause without `, according to ...` and `, the ministry said` at its end."""
    found = _REPORTED.search(text, start, end)
    return trimmed(text, start, found.start() if found else end)


def fact(reading: Reading, start: int, end: int) -> Fact:
    """What stands in a span, in the article's words."""
    citation = reading.cite(start, end)
    return Fact(citation.quote, (citation,))


def facts(reading: Reading, found: Iterable[Span], *, least: int = 6) -> tuple[Fact, ...]:
    """Facts of spans, each text once, nothing shorter than `least` characters."""
    result: dict[str, Fact] = {}
    for start, end in found:
        if end - start >= least:
            one = fact(reading, start, end)
            result.setdefault(" ".join(one.text.split()).lower(), one)
    return tuple(result.values())


def clause_before(text: str, start: int, at: int, marks: str = '.;:!?“”"') -> str:
    """What stands before a character in its clause."""
    part = text[start:at]
    cut = max((part.rfind(mark) for mark in marks), default=-1)
    return part[cut + 1 :]
