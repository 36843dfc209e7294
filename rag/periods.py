"""The period that a question asks about: its date words, absolute ones and those that count from a day.

What is part of a name ("Nghị quyết 35/2023", "the treaty of 1979"), a comparison, or loose ("recently", "hiện nay")
is no period: a filter that is missed costs less than an article that is wrongly left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.dates import UNKNOWN_YEAR
from rag.text import fold
from rag.time_words import HAN, Span, listed, spans

_LOOK = 80  # characters before and after a date that can change what it means


@dataclass(frozen=True, slots=True)
class Period:
    """A period that a question states: `text == question[start:end]`, EDTF dates from `since` until `until`.

    None is an open end; `XXXX-07-13` any year's. `relative` words count from `relative_to`, an ISO day; where that
    is not known, neither end is.
    """

    since: str | None
    until: str | None
    text: str
    start: int
    end: int
    relative: bool = False
    relative_to: str | None = None

    @property
    def known(self) -> bool:
        """Whether it can filter."""
        return self.since is not None or self.until is not None


def of_question(question: str, *, lang: str, today: date | None) -> tuple[Period, ...]:
    """The periods that a question states, in order, without overlaps.

    Relative words count from `today`; where it is None they give a Period without ends.
    """
    stated = _ranges(question, _dated(question, spans(question, lang=lang, today=today)))
    found = [_bounded(question, span) for span in stated if not _named(question, span) and not _loose(question, span)]
    day = today.isoformat() if today else None
    return tuple(
        Period(s.since, s.until, question[s.start : s.end], s.start, s.end, s.relative, day if s.relative else None)
        for s in found
        if s is not None
    )


# What stands around them

_JOINT = re.compile(r"\s*(?:,|of|in|của|в|的|năm)?\s*", re.IGNORECASE)
_TO = re.compile(
    r"\s{0,40}+(?:-|–|—|to|until|till|through|đến|cho đến|tới|den|cho den|toi|至|到|по|до)\s{0,40}+"
    r"(?:hết\s|het\s)?(?:the\s|ngày\s|ngay\s)?",
    re.IGNORECASE,
)
_AND = re.compile(r"\s{0,40}+(?:and|và|va|и|和)\s{0,40}+(?:the\s|ngày\s)?", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:between|giữa|giua|между)\s*$", re.IGNORECASE)
_MODIFIED = (
    r"(?:\s+(?:the\s+)?(?:(?:beginning|start|end|middle)\s+of|early|late|in|on"
    r"|đầu|cuối|giữa|dau|cuoi|giua|ngày|ngay|hết|het))*\s*$"
)
_BEFORE = (
    ("from", re.compile(rf"\b(?:since|from|starting from|kể từ|từ|ke tu|начиная с|с){_MODIFIED}", re.IGNORECASE)),
    ("from", re.compile(r"[自从]\s*$")),
    ("after", re.compile(rf"\b(?:after|later than|sau|после){_MODIFIED}", re.IGNORECASE)),
    ("before", re.compile(rf"\b(?:before|prior to|earlier than|ahead of|trước|truoc){_MODIFIED}", re.IGNORECASE)),
    (
        "until",
        re.compile(
            rf"\b(?:until|till|by|up to|through|tính đến|cho đến|đến|tới|cho tới|tinh den|den|toi|до|к){_MODIFIED}",
            re.IGNORECASE,
        ),
    ),
    ("until", re.compile(r"[至到]\s*$")),
)
_AFTER = (
    (
        "from",
        re.compile(
            r"\s{0,40}+(?:đến nay|den nay|trở đi|tro di|trở lại đây|onwards?\b|or later\b|以来|起(?!草))", re.IGNORECASE
        ),
    ),
    ("after", re.compile("(?:以后|之后)")),
    ("before", re.compile("(?:以前|之前)")),
)
_EVENT = re.compile(
    r"\b(?:after|before|since|following|followed|ahead of|until|sau|trước|kể từ|từ khi|truoc|ke tu|после|до|перед)\b"
    r"[^,;.?!:]*\S\s*$",
    re.IGNORECASE,
)
_ASKS_NEWS = re.compile(
    r"\b(?:did|was|were|happened|happening|has|have|had|news|headlines|said|met|signed|announced)\b|\w(?:л|ла|ло|ли|лся|лась|лись|лось)\b|новост",
    re.IGNORECASE,
)
_QUESTION_NOUN = re.compile(r"\b(?:nào|gì|nao|gi|which|what)\s*$", re.IGNORECASE)


def _dated(question: str, found: Sequence[Span]) -> list[Span]:
    """ "tháng 10 năm ngoái", "去年10月": a date without a year takes the year that the clock gives beside it."""
    joined: list[Span] = []
    for span in found:
        last = joined[-1] if joined else None
        if last and _JOINT.fullmatch(question, last.end, span.start):
            date_, year = (last, span.year) if span.year else (span, last.year)
            yearless = date_.since and date_.since.startswith(UNKNOWN_YEAR)
            if year and yearless and date_.until:
                since, until = (end.replace(UNKNOWN_YEAR, f"{year:04}") for end in (date_.since or "", date_.until))
                joined[-1] = Span(since, until, last.start, span.end, True)
                continue
        joined.append(span)
    return joined


def _ranges(question: str, found: Sequence[Span]) -> list[Span]:
    """ "từ 3/2023 đến 5/2023", "between May and July 2023": two dates as one period."""
    joined: list[Span] = []
    for span in found:
        last = joined[-1] if joined else None
        if last and _range(question, last, span):
            since = _with_year_of(last.since, span.until)
            if since is not None and span.until is not None and _in_order(since, span.until):
                relative = last.relative or span.relative
                joined[-1] = Span(since, span.until, last.start, span.end, relative, closed=True)
                continue
        joined.append(span)
    return joined


def _range(question: str, last: Span, span: Span) -> bool:
    if _TO.fullmatch(question, last.end, span.start):
        return True
    between = _BETWEEN.search(question[max(0, last.start - _LOOK) : last.start])
    return bool(between and _AND.fullmatch(question, last.end, span.start))


def _with_year_of(since: str | None, until: str | None) -> str | None:
    if since and until and since.startswith(UNKNOWN_YEAR) and not until.startswith(UNKNOWN_YEAR):
        year = int(until[:4]) - (since[4:] > until[4:])
        return since.replace(UNKNOWN_YEAR, f"{year:04}") if len(until) > 4 else None
    return since


def _in_order(since: str, until: str) -> bool:
    return since[:4].isdigit() == until[:4].isdigit() and since[: len(until)] <= until


def _bounded(question: str, span: Span) -> Span | None:
    """The span with the words that open one of its ends; None where they make it unclear."""
    before = question[max(0, span.start - _LOOK) : span.start]
    for kind, pattern in _BEFORE:
        match = pattern.search(before)
        if match:
            start = span.start - len(before) + match.start()
            after = next((m for k, p in _AFTER if k == "from" and (m := p.match(question, span.end))), None)
            return _open(replace(span, start=start, end=after.end() if after and kind == "from" else span.end), kind)
    for kind, pattern in _AFTER:
        match = pattern.match(question, span.end)
        if match:
            return _open(replace(span, end=match.end()), kind)
    return None if _EVENT.search(before) else span


def _open(span: Span, kind: str) -> Span | None:
    """One end open. A whole range keeps both: "từ 3/2023 đến 5/2023"."""
    if span.since is None or span.until is None:
        return span
    if kind == "from" and span.closed:
        return span
    if UNKNOWN_YEAR in span.since + span.until:
        return None
    if kind == "from":
        return replace(span, until=None)
    if kind == "until":
        return replace(span, since=None)
    edge = _beside(span.until, 1) if kind == "after" else _beside(span.since, -1)
    if edge is None:
        return None
    return replace(span, since=edge, until=None) if kind == "after" else replace(span, since=None, until=edge)


def _beside(edtf: str, step: int) -> str | None:
    """The year, month or day after (1) or before (-1)."""
    parts = [int(part) for part in edtf.split("-")]
    try:
        if len(parts) == 1:
            return date(parts[0] + step, 1, 1).isoformat()[:4]
        if len(parts) == 2:
            year, month = divmod(parts[0] * 12 + parts[1] - 1 + step, 12)
            return date(year, month + 1, 1).isoformat()[:7]
        return (date(*parts) + timedelta(days=step)).isoformat()
    except (ValueError, OverflowError):
        return None


def _named(question: str, span: Span) -> bool:
    """Whether the date is part of a name, or what something is compared with."""
    if span.relative:
        return _ends_with(question[max(0, span.start - _LOOK) : span.start], listed("compared"))
    before, text = question[max(0, span.start - _LOOK) : span.start], question[span.start : span.end]
    if _ends_with(before, listed("compared")):
        return True
    if text[:3] in ("May", "Mar") and re.search(r"(?<!^)\b(?!In|On|By|Since|From|Until)[A-Z]\w+\s$", before):
        return True  # "Theresa May 2018"
    opened = re.match(r"(?:ngày|ngay|hôm|tháng|thang)\s", text, re.IGNORECASE)
    if opened or _QUESTION_NOUN.search(before):
        return False
    if _ends_with(before, listed("named")):
        return True
    own = before.split()
    for _ in range(3 if len(text) < 9 else 0):  # a year alone
        if not own or not _in_name(own):
            break
        own.pop()
        if _ends_with(" ".join(own), listed("named")):
            return True
    return False


def _in_name(words: Sequence[str]) -> bool:
    """Whether the last word belongs to what a name has after its noun: "hiệp định Paris", "luật Đất đai"."""
    last = words[-1]
    return last[0].isupper() or last.isdigit() or last in ("of", "the", "về") or words[-2:][0][0].isupper()


def _ends_with(text: str, phrases: Sequence[str]) -> bool:
    words = " " + " ".join(fold(text).split())
    return any(words.endswith(phrase if HAN.search(phrase) else " " + phrase) for phrase in phrases)


def _loose(question: str, span: Span) -> bool:
    """ "Where does he live today?": not that day."""
    word = question[span.start : span.end].lower()
    return word in ("today", "сегодня") and not _ASKS_NEWS.search(question)
