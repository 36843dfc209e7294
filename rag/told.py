"""What the sentences of an event tell of it: what was agreed, signed and said, its figures, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from rag.domain import Fact
from rag.reading import Reading
from rag.sayings import said
from rag.signed import documents
from rag.told_figures import figures_of
from rag.told_words import Span, any_of, clause_before, facts, pattern, pieces, trimmed, without_source

__all__ = ["agreed", "documents", "figures_of", "next_steps", "said"]

_EN_OPENS = re.compile(r"\s{0,40}+(?:that|to|upon|on|and)\s{1,40}+", re.IGNORECASE)
_VI_OPENS = re.compile(
    r"\s*(?:với nhau\s+)?(?:cao\s+)?(?:về việc|về các nội dung|về|cho rằng|rằng|là|sẽ|,|:)?\s*", re.IGNORECASE
)
_STEP_CLAUSE = re.compile(r"[;:](?=\s)|,\s+(?=(?:dự kiến|and will|while|nhưng|but)\b)")


def agreed(reading: Reading, spans: Sequence[Span]) -> tuple[Fact, ...]:
    """What the sides agreed, each a clause in the article's words; what one side alone promises is not agreed.

    The clause behind a verb of agreement whose subject is both sides ("hai bên nhất trí", "they agreed to"), or behind
    one by which a side takes up the other's proposal. Linear in the text.
    """
    read = {"vi": _agreed_vi, "zh": _agreed_zh}.get(reading.lang, _agreed_en)
    return facts(reading, (span for start, end in pieces(reading, spans) for span in read(reading, start, end)))


def _agreed_vi(reading: Reading, start: int, end: int) -> Iterator[Span]:
    text = reading.flowing
    taken = start
    for found in re.finditer(
        f"(?P<open>{any_of('agreed', 'vi')})|(?P<kept>{any_of('agreed', 'kept_vi')})|{any_of('agreed', 'under_vi')}",
        text[start:end],
        re.IGNORECASE,
    ):
        at, behind = start + found.start(), start + found.end()
        if at < taken:
            continue
        before = clause_before(text, start, at)
        if found["open"] is None and found["kept"] is None:
            opens = re.compile(
                rf",?\s+{any_of('agreed', 'both_vi')}[^,;.]{{0,40}}?\b(?:sẽ|cần|phải)\s+", re.IGNORECASE
            ).match(text, behind, end)
            if opens:
                yield _until(text, opens.end(), end)
            continue
        if _before("not_vi").search(before) or (
            "thuận" in found.group().lower() and pattern("agreed", "signs_vi").search(before)
        ):
            continue
        takes_up = _proposed().match(text, behind, end)
        if not (
            takes_up
            or _several_vi(reading, start, at, before, found["kept"] is not None)
            or (taken > start and _goes_on(text[taken - 3 : at]))
        ):
            continue
        opens = _VI_OPENS.match(text, behind, end)
        first = at if found["kept"] or opens is None else opens.end()
        span = _until(text, first, end)
        taken = span[1]
        yield span


def _several_vi(reading: Reading, start: int, at: int, before: str, kept: bool) -> bool:
    """Whether who agrees are several: `hai bên`, `cả A và B`, two persons joined, or nobody named before the verb."""
    subject = before.rpartition(",")[2] if before.count(",") else before
    bare = _adverbs_vi().sub("", subject.lower() + " ").strip()
    if not bare:
        subject = before
        bare = before.strip().lower()
    if not bare:
        return not kept
    if re.search(
        rf"{any_of('agreed', 'both_vi')}(?:\s+{any_of('agreed', 'adverbs_vi')}[^,]{{0,30}})?$",
        bare,
    ):
        return True
    if re.search(rf"{any_of('agreed', 'both_vi')}[^,;]{{0,30}}$", bare):
        return True
    people = reading.within(max(start, at - len(before)), at)
    joined = any(
        re.fullmatch(r"(?:\s*\([^)]*\))?\s*(?:và|cùng)\s+(?:[^\s,;.]+\s+){0,8}", reading.flowing[one.end : other.start])
        for one, other in pairwise(people)
        if other.start - one.end < 120
    )
    return bool(people) and joined and at - people[-1].end < 40


def _goes_on(between: str) -> bool:
    return between.strip(" ,;").lower() in {"", "và", "đồng thời", "and", "also", "cùng"}


def _until(text: str, first: int, end: int) -> Span:
    """A clause to the end of its sentence, or to where another one begins."""
    stop = _stops().search(text, first + 5, end)
    return without_source(text, first, stop.start() if stop else end)


@cache
def _stops() -> re.Pattern[str]:
    """Where another clause begins than that of an agreement."""
    goes_on = "|".join((any_of("agreed", "other_clause"), r"tạo\s", r"coi\s"))
    return re.compile(
        rf";\s|,\s+(?=(?:{goes_on}))|\s+(?=and\s+{any_of('agreed', 'and_en')})"
        rf"|,?\s+(?=và\s+{any_of('agreed', 'and_vi')})|[“”](?=\s*,)|[”\"]$"
    )


@cache
def _between_en() -> re.Pattern[str]:
    """How, when and where they agreed, between the verb and what they agreed."""
    return re.compile(
        rf"(?:\s+(?:{any_of('agreed', 'between_en')}|(?:last|this) \w+|on (?:{any_of('agreed', 'days_en')}|\d)[\w.,]*"
        r"(?: \d+)?|(?:at|during|in|after|over) (?!principle\b)[^,.;]{2,40}?)){0,2},?"
        r"\s+(?=to\b|that\b|on\b|upon\b|with\b)",
        re.IGNORECASE,
    )


@cache
def _proposed() -> re.Pattern[str]:
    """A proposal that is taken up, behind a verb of agreement."""
    return re.compile(
        r"\s*(?:với|trước|with|to)\s+(?:(?:the|các|những|his|her|its)\s+)?" + any_of("agreed", "proposals"),
        re.IGNORECASE,
    )


@cache
def _before(key: str) -> re.Pattern[str]:
    """Words right before a verb of agreement."""
    return re.compile(rf"{any_of('agreed', key)}\s*$", re.IGNORECASE)


@cache
def _adverbs_vi() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of('agreed', 'adverbs_vi')}\s+)+$", re.IGNORECASE)


def _agreed_en(reading: Reading, start: int, end: int) -> Iterator[Span]:
    text = reading.flowing
    taken = start
    verbs = re.compile(
        f"(?P<open>{any_of('agreed', 'en')})|(?P<kept>{any_of('agreed', 'kept_en')})"
        f"|(?P<will>\\bboth sides will\\b|\\bthe two sides will\\b(?:\\s+also\\b)?)",
        re.IGNORECASE,
    )
    for found in verbs.finditer(text, start, end):
        if found.start() < taken:
            continue
        before = clause_before(text, start, found.start())
        if found["will"]:
            span = _until(text, found.end(), end)
        elif _before("not_en").search(before) or not (
            _proposed().match(text, found.end(), end) or _several_en(reading, start, found.start(), before)
        ):
            continue
        elif found["kept"]:
            span = _until(text, found.start(), end)
        else:
            between = _between_en().match(text, found.end(), end)
            if between is None:
                continue
            opens = _EN_OPENS.match(text, between.end(), end)
            span = _until(text, opens.end() if opens else between.end(), end)
        taken = span[1]
        yield span


def _several_en(reading: Reading, start: int, at: int, before: str) -> bool:
    """Whether who agrees are several: `both sides`, `they`, or names joined by `and`."""
    bare = re.sub(r"\b(?:have|has|also|had|further|then|were|are)\b", " ", before).strip().lower()
    if re.search(rf"{any_of('agreed', 'both_en')}[^,;]{{0,60}}$", bare) and not re.search(
        r"\b(?:he|she|who|which)\s*$", bare
    ):
        return True
    names = reading.within(max(start, at - len(before)), at)
    if not names or at - names[-1].end > 90:
        return False
    return any(
        re.search(r"(?:^|[\s,])and\s", reading.flowing[one.end : other.start]) and other.start - one.end < 120
        for one, other in pairwise(names)
    )


def _agreed_zh(reading: Reading, start: int, end: int) -> Iterator[Span]:
    verbs = re.compile(rf"{any_of('agreed', 'both_zh')}[还也均都将一致]{{0,3}}{any_of('agreed', 'zh')}[，：]?")
    for found in verbs.finditer(reading.flowing, start, end):
        yield trimmed(reading.flowing, found.end(), end)


def next_steps(reading: Reading, spans: Sequence[Span]) -> tuple[Fact, ...]:
    """What will come next as the article says: meetings, visits and deadlines, each a clause with its citation."""
    return facts(reading, (span for piece in pieces(reading, spans) for span in _steps(reading, *piece)), least=12)


def _steps(reading: Reading, start: int, end: int) -> Iterator[Span]:
    lang = "vi" if reading.lang == "vi" else "en"
    text = reading.flowing
    edges = [start, *(found.start() for found in _STEP_CLAUSE.finditer(text, start, end)), end]
    for first, last in pairwise(edges):
        coming = pattern("steps", f"coming_{lang}").search(text, first, last)
        if coming is None:
            continue
        if pattern("steps", f"wished_{lang}").search(text, first, coming.start()):
            continue
        dated = pattern("steps", f"time_{lang}").search(text, first, last)
        acts = re.compile(rf"\s+(?:\w+\s+){{0,2}}?{any_of('steps', f'acts_{lang}')}", re.IGNORECASE)
        if dated or acts.match(text, coming.end(), last):
            yield without_source(text, first, last)
