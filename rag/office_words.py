"""Words of offices: the lists of `participants.toml`, patterns of titles, and the countries that an office names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from rag import places
from rag.wordlists import compounds_like_places, titles


def countries(text: str, lang: str) -> list[tuple[str, int, int]]:
    """The countries of the places that a short text names, in order: ISO code and span."""
    found: list[tuple[str, int, int]] = []
    if lang == "zh":
        spans = (
            (a, b, {places.entities()[n].country for n in numbers} - {""})
            for a, b, numbers in places.in_hanzi(text, 0, len(text))
        )
        return [(codes.pop(), a, b) for a, b, codes in spans if len(codes) == 1]
    run, i = places.words(text), 0
    while i < len(run):
        count, numbers = places.longest_at(run, i, text, bare=lang != "vi")
        named = text[run[i].start : run[i + count - 1].end] if count else ""
        codes = {places.entities()[number].country for number in numbers} - {""}
        part_of_the_world = i > 0 and run[i - 1].text.lower() == "châu"
        compound = lang == "vi" and count == 1 and _is_compound(text[run[i].start : run[min(i + 1, len(run) - 1)].end])
        if len(codes) == 1 and named[0].isupper() and not part_of_the_world and not compound:
            found.append((codes.pop(), run[i].start, run[i + count - 1].end))
        i += count if codes else 1
    return found


def _is_compound(two: str) -> bool:
    return two.lower() in compounds_like_places()


@cache
def words(key: str) -> frozenset[str]:
    """A list of `participants.toml`."""
    return frozenset(_listed(key))


def _listed(key: str) -> Iterator[str]:
    for phrase in re.split(r"[|\n]", _tables().get(key, "")):
        if phrase.strip():
            yield phrase.strip()


@cache
def _tables() -> dict[str, str]:
    return tomllib.loads((files("rag") / "data" / "participants.toml").read_text(encoding="utf-8"))


def pattern(phrases: frozenset[str], *, ignore_case: bool = True) -> re.Pattern[str]:
    """Whole phrases, the longest first; nothing where there are none. In hanzi no edge of a word is asked for."""
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    written = "(?!)" if not ordered else "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in ordered)
    if places.HANZI.search(written):
        return re.compile(f"(?:{written})")
    return re.compile(rf"(?<![\w'’])(?:{written})(?!\w)", re.IGNORECASE if ignore_case else 0)


@cache
def title_pattern(lang: str) -> re.Pattern[str]:
    """The titles and offices of a language, forms of address left out."""
    if lang == "zh":
        return pattern(titles("zh") | words("titles_zh"))
    known = titles(lang) - words(f"address_{lang}") | words(f"titles_{lang}")
    plurals = {f"{title}s" for title in known if lang == "en" and not title.endswith("s")}
    return pattern(known | plurals)


def is_title(spelling: str) -> bool:
    """Whether an English spelling is a title and nothing else."""
    return title_pattern("en").fullmatch(spelling) is not None
