"""What a request in the chat asks for: a summary of an event, or a briefing. A question is none.

The words are those of rag/data/requests.toml. A text is a request only where it begins with them, after what is polite.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from rag import event_kinds, periods
from rag.domain import EventKind, NameMatch
from rag.periods import Period
from rag.text import fold, has_marks, nfc, stopwords, words

Kind = Literal["summary", "briefing"]
_KINDS: tuple[Kind, ...] = ("briefing", "summary")
_LANGS = ("vi", "en")
_MOST = 600  # characters of a request; a longer text is none
_ENDS = " \t\n.,;:!?…\"'“”()"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: `about` are the words that say of what, `topic` the same without its period and kind words.

    `lang` is the language of the request's words, `answer_lang` the one that it asks for, else the same. `event_kinds`
    are the kinds of events that its words name, the head of a compound first; `period` is the one that it states,
    without ends where it states several. With `latest` the last of several events is meant.
    """

    text: str
    kind: Kind
    lang: str
    answer_lang: str
    about: str
    topic: str
    event_kinds: tuple[EventKind, ...] = ()
    period: Period | None = None
    latest: bool = False


def read(text: str, *, today: date | None) -> Request | None:
    """The request that a text is, None for a question. Relative date words count from `today` (see `rag.periods`)."""
    if len(text) > 4 * _MOST:
        return None
    plain = " ".join(nfc(text).split())
    if not plain or len(plain) > _MOST:
        return None
    for lang in _LANGS:
        found = _read(plain, lang, today)
        if found is not None:
            return found
    return None


def said(lang: str, key: str, *values: object) -> str:
    """A reason or notice in `lang` (vi, else English)."""
    return str(table()["say"]["vi" if lang == "vi" else "en"][key]).format(*values)


def recorded_as(kind: EventKind) -> tuple[EventKind, ...]:
    """The kinds as which an event of this kind is often recorded."""
    return tuple(table()["related"][kind])


def content(request: Request, names: Sequence[NameMatch]) -> tuple[str, ...]:
    """The words of content that a request has beside these names, its period and its kinds of events."""
    rest = request.topic
    for name in sorted(names, key=lambda name: -len(name.query)):
        rest = rest.replace(name.query, " ")
    common = stopwords(request.lang) | frozenset(table()["common"].split())
    return tuple(dict.fromkeys(word for word in words(rest) if fold(word) not in common and len(word) > 1))


def called(kind: str, lang: str) -> str:
    """A kind of event in `lang` (vi, else English)."""
    return str(table()["called"]["vi" if lang == "vi" else "en"].get(kind, kind))


@cache
def table() -> Mapping[str, Any]:
    """The data file."""
    return tomllib.loads(files("rag").joinpath("data/requests.toml").read_text(encoding="utf-8"))


# The words of a request


def _read(text: str, lang: str, today: date | None) -> Request | None:
    text, wanted = _language(text, lang)
    key = _key(text)
    bare = key if lang == "vi" and not has_marks(text) else None
    at, end = _opened(key, lang, bare), _closed(key, lang, bare)
    for kind in _KINDS:
        start = _after(key[:end], at, kind, lang, bare)
        if start is None:
            continue
        about = text[_between(key[:end], start, lang, bare) : end].strip(_ENDS)
        asks = table()["asks"]["bare" if bare else lang]
        if re.search(asks, _key(about)) and not (lang == "en" and kind == "summary" and _is_verb(key, at, lang)):
            return None
        return _made(text, kind, lang, wanted or lang, about, today)
    return None


def _made(text: str, kind: Kind, lang: str, answer_lang: str, about: str, today: date | None) -> Request | None:
    period, rest = _period(about, kind, lang, today)
    if kind == "summary":
        if not about or re.fullmatch(table()["pronouns"][lang], _key(about)):
            return None
        if period is not None and not rest:
            kind = "briefing"
    kinds, topic = _kinds_in(rest, lang)
    latest = bool(_pattern((table()["latest"][lang],), _bare(text, lang)).search(rest))
    return Request(text, kind, lang, answer_lang, about, topic, kinds, period, latest)


def _key(text: str) -> str:
    """The text to be matched: lower case, of the same length."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c if len(c.lower()) > 1 else c.lower() for c in text)


def _language(text: str, lang: str) -> tuple[str, str | None]:
    """The text without the words that ask for a language, and that language."""
    for code, pattern in table()["language"].items():
        match = _pattern((pattern,), _bare(text, lang)).search(text)
        if match:
            return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split()), str(code)
    return text, None


def _bare(text: str, lang: str) -> bool:
    return lang == "vi" and not has_marks(text)


@cache
def _pattern(phrases: tuple[str, ...], bare: bool) -> re.Pattern[str]:
    joined = "|".join(phrases).replace(" ", r"\s+")
    joined = fold(joined) if bare else joined
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


def _words(group: str, lang: str) -> tuple[str, ...]:
    return tuple(table()[group][lang])


def _opened(key: str, lang: str, bare: str | None) -> int:
    """Where the text goes on after its polite words."""
    return _past(key, 0, _pattern(_words("opening", lang), bool(bare)))


def _past(key: str, at: int, pattern: re.Pattern[str]) -> int:
    while True:
        at = _skip(key, at)
        match = pattern.match(key, at)
        if match is None or match.end() == at:
            return at
        at = match.end()


def _skip(key: str, at: int) -> int:
    while at < len(key) and key[at] in _ENDS:
        at += 1
    return at


def _closed(key: str, lang: str, bare: str | None) -> int:
    """Where the polite words at its end begin."""
    pattern = _pattern(_words("closing", lang), bool(bare))
    end = len(key.rstrip(_ENDS))
    while True:
        found = [match for match in pattern.finditer(key, 0, end) if match.end() == end and match.start() > 0]
        if not found:
            return end
        end = len(key[: found[0].start()].rstrip(_ENDS))


def _after(key: str, at: int, kind: Kind, lang: str, bare: str | None) -> int | None:
    """Where what the request is about begins; None where no words of such a request stand here."""
    words = table()[kind][lang]
    match = _pattern(tuple(words["verb"]), bool(bare)).match(key, at)
    if match:
        return match.end()
    match = _pattern(tuple(words["noun"]), bool(bare)).match(key, at)
    if match is None:
        return None
    rest = key[match.end() :]
    of = "|".join(f"{re.escape(each)}(?!\\w)" if each.isalpha() else re.escape(each) for each in words["of"])
    of = fold(of) if bare else of
    if not rest.strip() or re.match(rf"\s*(?:{of})", rest):
        return match.end()
    return match.end() if kind == "briefing" and _only_period(rest, lang) else None


def _only_period(text: str, lang: str) -> bool:
    period, rest = _period(text.strip(), "briefing", lang, date(2000, 1, 1))
    return period is not None and (not rest or bool(re.match(r"(?:on|about|về|ve)\b", rest)))


def _is_verb(key: str, at: int, lang: str) -> bool:
    return bool(_pattern(tuple(table()["summary"][lang]["verb"]), False).match(key, at))


def _between(key: str, at: int, lang: str, bare: str | None) -> int:
    return _past(key, at, _pattern(_words_between(lang), bool(bare)))


@cache
def _words_between(lang: str) -> tuple[str, ...]:
    return tuple(each for each in table()["between"][lang] if re.search(r"\w", each))


# What it is about

_LOOSE = re.compile(
    r"^(?:(?:the|on|of|in|for|from|about|and|during|ngày|của|trong|vào|về|và|năm|tháng|news|['’]s|s)\b|[\s,.:;'’-])+"
    r"|(?:\b(?:the|on|of|in|for|from|during|at|dated|ngày|của|trong|vào|năm|hôm|trước)|[\s,.:;'’-])+$",
    re.IGNORECASE,
)


def _period(about: str, kind: Kind, lang: str, today: date | None) -> tuple[Period | None, str]:
    """The period that the words state, one without ends for several, and the rest of them."""
    lead = "news " if kind == "briefing" else ""  # "today" is a day of news, not "nowadays"
    found = periods.of_question(lead + about, lang=lang, today=today)
    rest = lead + about
    for each in reversed(found):
        rest = f"{rest[: each.start]} {rest[each.end :]}"
    rest = " ".join(rest[len(lead) :].split())
    while (shorter := _LOOSE.sub("", rest).strip()) != rest:
        rest = shorter
    if len(found) > 1:
        start, end = found[0].start, found[-1].end
        return Period(None, None, (lead + about)[start:end], start, end), rest
    return (found[0] if found else None), rest


_LEAD = re.compile(r"(?:(?:the|an?|their|this|after|during|in|at)\s)*", re.IGNORECASE)


def _kinds_in(text: str, lang: str) -> tuple[tuple[EventKind, ...], str]:
    """The kinds of events that the words name, in their order, and the words without them."""
    bare = _bare(text, lang)
    found = [
        (_LEAD.match(text, match.start()).end(), match.end(), kind)  # type: ignore[union-attr]
        for kind, pattern in _kind_patterns(lang, bare)
        for match in pattern.finditer(text)
    ]
    kept: list[tuple[int, int, EventKind]] = []
    for start, end, kind in sorted(found, key=lambda each: (each[0] - each[1], each[0])):
        if all(end <= other or start >= stop for other, stop, _ in kept):
            kept.append((start, end, kind))
    kept.sort()
    topic = text
    for start, end, _ in reversed(kept):
        topic = f"{topic[:start]} | {topic[end:]}"
    return tuple(dict.fromkeys(kind for _, _, kind in _heads_first(text, kept, lang))), topic.strip()


def _heads_first(
    text: str, found: Sequence[tuple[int, int, EventKind]], lang: str
) -> Sequence[tuple[int, int, EventKind]]:
    """English puts the head of a compound last: "the sanctions meeting"."""
    size = 1
    while lang == "en" and size < len(found) and text[found[size - 1][1] : found[size][0]] == " ":
        size += 1
    return [*reversed(found[:size]), *found[size:]]


@cache
def _kind_patterns(lang: str, bare: bool) -> tuple[tuple[EventKind, re.Pattern[str]], ...]:
    every: list[tuple[EventKind, re.Pattern[str]]] = []
    for kind in get_args(EventKind):
        phrases = (*table()["kinds"][lang].get(kind, ()), *event_kinds.data()[kind].get(lang, {}).get("named", ()))
        if phrases:
            every.append((kind, _pattern(phrases, bare)))
    return tuple(every)
