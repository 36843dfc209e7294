"""The events that the sentences of an article tell or mention, by the words of data/events.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from rag.domain import EventKind
from rag.reading import Reading

SENTENCE_MOST = 700  # characters of a sentence that are read
_ENDING = 60  # characters of a line that ends an article
_ASKED = 3_000  # characters in which an interview shows itself
_BEFORE = 60  # characters before a verb in which it may be denied
_KINDS: tuple[EventKind, ...] = get_args(EventKind)
_OPENING, _CLOSING = "“«「", "”»」"


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a sentence, by its number, that tell an event (`told`) or only name it.

    `unreal`: it is planned, wished or denied. `beside`: it is the occasion of something else (`aside`, on its
    sidelines). `earlier`: words beside it put it before the news. `weak`: it tells the event where nothing else does.
    """

    kind: EventKind
    sentence: int
    start: int
    end: int
    told: bool
    unreal: bool = False
    beside: bool = False
    aside: bool = False
    earlier: bool = False
    quoted: bool = False
    weak: bool = False


def mentions(reading: Reading, first: int, last: int) -> tuple[Mention, ...]:
    """The events that the sentences from number `first` to before `last` tell or mention, in the order of the text."""
    found: list[Mention] = []
    for number in range(first, last):
        found += _of_sentence(reading, number)
    return tuple(found)


def plover(kind: EventKind) -> str:
    """The class of PLOVER that a kind belongs to, "" where it has none."""
    return str(data()[kind]["plover"])


def order(kind: EventKind) -> int:
    """The smaller, the rather a kind is the event of a clause that tells two."""
    return int(data()[kind]["order"])


def promises_none(title: str) -> bool:
    """Whether a title is that of an opinion, a history, a recipe, prices or the weather."""
    return bool(_plain("no_event", "any").search(title))


def is_digest(title: str) -> bool:
    """Whether a title is that of several short news items."""
    return bool(_plain("no_event", "digest").search(title))


def ends(line: str) -> bool:
    """Whether a short line ends an article, so that what follows is of others: "Nguồn: TTXVN"."""
    return len(line) <= _ENDING and bool(_plain("ends", "any").match(line))


def is_interview(text: str) -> bool:
    """Whether a text is questions and answers."""
    return bool(_plain("interview", "any").search(text[:_ASKED]))


def names_occasion(reading: Reading, words: str) -> bool:
    """Whether words say on whose sidelines something was."""
    return bool(_plain("sidelines", _language(reading)).search(words))


def says_when(reading: Reading, words: str) -> bool:
    """Whether words end with a verb of telling, so that the day behind them is that of the telling."""
    return bool(_ending("telling", _language(reading)).search(words))


def goes_on(reading: Reading, start: int, end: int) -> bool:
    """Whether words put what a sentence tells on the same day as the news before it."""
    return bool(_plain("moreover", _language(reading)).search(reading.text[start : min(end, start + 60)]))


@cache
def data() -> dict[str, Any]:
    """The words of data/events.toml."""
    return tomllib.loads((files("rag") / "data" / "events.toml").read_text(encoding="utf-8"))


def _language(reading: Reading) -> str:
    return reading.lang if reading.lang in ("vi", "en", "zh") else "en"


@cache
def _cues(lang: str) -> tuple[tuple[EventKind, str, re.Pattern[str]], ...]:
    found: list[tuple[EventKind, str, re.Pattern[str]]] = []
    for kind in _KINDS:
        for form in ("told", "named", "weak"):
            patterns = data()[kind].get(lang, {}).get(form, [])
            if patterns:
                joined = "|".join(patterns).replace(" ", r"\s+")
                edges = r"(?:{})" if lang == "zh" else r"(?<![\w-])(?:{})\b"
                found.append((kind, form, re.compile(edges.format(joined), re.IGNORECASE)))
    return tuple(found)


@cache
def _plain(name: str, lang: str) -> re.Pattern[str]:
    return re.compile(data()[name].get(lang, r"(?!)"), re.IGNORECASE)


@cache
def _ending(name: str, lang: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{data()[name].get(lang, '(?!)')})\W{{0,2}}$", re.IGNORECASE)


def _of_sentence(reading: Reading, number: int) -> Iterator[Mention]:
    start, end = reading.sentences[number]
    text = reading.text[start : min(end, start + SENTENCE_MOST)]
    lang = _language(reading)
    quotes = _quotes(text)
    taken: list[tuple[int, int, EventKind]] = []
    earlier = _plain("earlier", lang)
    for kind, form, pattern in _cues(lang):
        for match in pattern.finditer(text):
            at, to = match.span()
            if any(at < other_to and other_at < to and kind == other for other_at, other_to, other in taken):
                continue
            taken.append((at, to, kind))
            before = text[max(0, at - _BEFORE) : at]
            clause = before[max(before.rfind(";"), before.rfind(". ")) + 1 :]
            yield Mention(
                kind,
                number,
                start + at,
                start + to,
                form != "named" and not _ending("noun", lang).search(clause),
                unreal=bool(_ending("unreal", lang).search(clause)) or _future(match[0], lang),
                beside=bool(_ending("beside", lang).search(clause)),
                aside=bool(_plain("sidelines", lang).search(clause)),
                earlier=bool(earlier.search(text)),
                quoted=any(opened <= at < closed for opened, closed in quotes),
                weak=form == "weak",
            )


def _future(words: str, lang: str) -> bool:
    return bool(re.match(r"(?:sẽ|will)\b", words, re.IGNORECASE)) if lang != "zh" else False


def _quotes(text: str) -> list[tuple[int, int]]:
    """What stands between quotation marks; straight ones pair up in turn."""
    found, opened = [], None
    for match in re.finditer(r'["“”«»「」]', text):
        mark = match.group()
        if opened is None and (mark in _OPENING or mark == '"'):
            opened = match.start()
        elif opened is not None and (mark in _CLOSING or mark == '"'):
            found.append((opened, match.start()))
            opened = None
    return found
