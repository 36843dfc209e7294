"""Documents that an article says were signed, issued or extended, by the words that name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from rag.domain import Fact
from rag.reading import Reading
from rag.told_words import Span, any_of, clause_before, facts, phrases, pieces, trimmed

_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb"
    r"|Sept?|Oct|Nov|Dec)\.?"
)
_EN_ENDS = re.compile(
    rf"[;:.](?=\s|$)|,\s|\s(?:after|when|while|during|as part of|before|following|which|that will"
    rf"|in the presence|at a ceremony"
    rf"|on the sidelines|on (?:{_DAY}|{_MONTH}\s\d|\d)|last (?:week|month|year|{_DAY}|night)|alongside)\b"
    rf"|\s(?:in|at) (?:[A-Z]\w+\s?){{1,3}}(?=$|,| on\b)"
)
_EN_TRAILS = re.compile(r"(?:\s{1,40}+(?:here|yesterday|today|earlier|this week|on \w{1,20}day)){1,6}$")
_VI_ENDS = re.compile(
    r"[;:.](?=\s|$)|,\s|\s(?:hôm (?:qua|nay|\d)|vào (?:ngày|sáng|chiều|tối|hôm|tháng|năm|chiều|cuối|đầu)"
    r"|ngày \d|sáng \d|chiều \d|tối \d|trước sự chứng kiến|trong khuôn khổ|nhân (?:dịp|chuyến)"
    r"|tại (?:lễ|buổi|cuộc|hội|thủ đô|thành phố|Hà Nội)|dưới sự chứng kiến|sau khi|trong khi|nhằm)\b"
)
_NUMBERS = r"(?:một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|\d+|các|những|nhiều|bản|loạt|một số|một loạt|số|cả)"
_EN_NUMBERS = (
    r"(?:an?|the|two|three|four|five|six|seven|eight|nine|ten|\d+|several|some|many|a number of"
    r"|a series of|a set of|their|its|a total of)"
)
_ZH = re.compile(
    r"(?:签署|签订|签|发表|通过|续签)了?([^，。；]{0,40}?(?:协议|备忘录|声明|条约|协定|合同|宣言|公报|计划))|(?<=根据)(协议)"
)
_VI_PASSIVE = re.compile(
    r"\s{1,40}+(?:\w{1,40}+\s{1,40}+){0,4}?(?:đã|vừa|cũng đã) được (?:hai bên |các bên )?(?:ký|kí|gia hạn|thông qua"
    r"|ban hành|công bố|ký kết)\b"
)
_EN_PASSIVE = re.compile(
    r"(?:was|were|has been|have been)\s+(?:also\s+)?(?:signed|adopted|issued|extended|renewed|ratified"
    r"|initialed|concluded)\b"
)
_EN_DOWN = re.compile(r",?\s{1,40}+(?:and|as well as|along with|plus|including)\s{1,40}+|,\s{1,40}+")


def documents(reading: Reading, spans: Sequence[Span]) -> tuple[Fact, ...]:
    """The documents that were signed, issued, adopted or extended, by the noun phrases that name them.

    A document that is only referred to, is still to be signed, or was signed on an anniversary's occasion is none.
    Several in one sentence are several Facts. Linear in the text.
    """
    read = {"vi": _vietnamese, "zh": _chinese}.get(reading.lang, _english)
    found = (span for start, end in pieces(reading, spans) for span in read(reading.flowing, start, end))
    return facts(reading, found, least=2)


@cache
def _vi_head() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:(?:{_NUMBERS})\s+){{0,3}}(?P<noun>{any_of('documents', 'nouns_vi')})", re.IGNORECASE)


@cache
def _en_head() -> re.Pattern[str]:
    return re.compile(
        rf"\s*(?:{_EN_NUMBERS}\s+)?(?:(?!of\b|on\b|to\b|in\b|and\b|for\b|with\b|that\b"
        rf"|by\b)[\w.'’-]+\s+){{0,6}}?(?P<noun>{any_of('documents', 'nouns_en')})",
        re.IGNORECASE,
    )


def _vietnamese(text: str, start: int, end: int) -> Iterator[Span]:
    reach = start
    for verb in _verbs("vi").finditer(text, start, end):
        if verb.start() < reach or _is_not(clause_before(text, start, verb.start(), ".;:!?,"), "vi"):
            continue
        for span in _listed_vi(text, verb, end):
            reach = span[1]
            yield span
    passive = _VI_PASSIVE.search(text, start, end)
    if passive and reach == start:
        head = _vi_head().match(text, max(start, text.rfind(",", start, passive.start()) + 1), passive.start() + 1)
        if head:
            yield trimmed(text, head.start(), passive.start())


def _listed_vi(text: str, verb: re.Match[str], end: int) -> Iterator[Span]:
    """The documents behind a verb: the first, with whom it was signed left out, and those joined to it."""
    head = _vi_head().match(text, verb.end(), end)
    if head is None:
        beside = re.compile(
            r"\s+(?:với|cùng)\s+[^,;.]{2,80}?(?=\s" + any_of("documents", "nouns_vi") + ")", re.IGNORECASE
        )
        other = beside.match(text, verb.end(), end)
        head = _vi_head().match(text, other.end(), end) if other else None
    if head is None or not _makes(verb.group(), head["noun"], "vi"):
        return
    while head is not None:
        joined = re.compile(
            rf"(?:,\s*(?:và\s+)?|\s+và\s+|[,:]?\s*(?:gồm(?: có)?|bao gồm|trong đó có|như"
            rf"|là):?\s+)(?=(?:{_NUMBERS}\s+){{0,2}}{any_of('documents', 'nouns_vi')})",
            re.IGNORECASE,
        )
        following = joined.search(text, head.end(), end)
        stop = _VI_ENDS.search(text, head.end(), following.start() if following else end)
        last = stop.start() if stop else (following.start() if following else end)
        yield trimmed(text, head.start(), last)
        if following is None or (stop and text[stop.start()] in ";."):
            return
        head = _vi_head().match(text, following.end(), end)


def _english(text: str, start: int, end: int) -> Iterator[Span]:
    reach = start
    for verb in _verbs("en").finditer(text, start, end):
        if verb.start() < reach or _is_not(clause_before(text, start, verb.start()), "en"):
            continue
        head = _en_head().match(text, verb.end(), end)
        if head is None or not _makes(verb.group(), head["noun"], "en"):
            continue
        while head is not None:
            stop = _EN_ENDS.search(text, head.end(), end)
            last = stop.start() if stop else end
            following = _joined_en(text, head.end(), end)
            if following and following[0] <= last:
                last = following[0]
            trails = _EN_TRAILS.search(text, head.end(), last)
            yield trimmed(text, head.start(), trails.start() if trails else last)
            reach = last
            head = following[1] if following and following[0] <= last else None
    for passive in _EN_PASSIVE.finditer(text, start, end):
        before = clause_before(text, start, passive.start())
        if re.search(r"\b(?:which|that|when|it|they|before|after)\s*$", before):
            continue
        opening = passive.start() - len(before)
        found = _en_head().match(text, opening, passive.start())
        if found:
            yield trimmed(text, found.start(), passive.start())


def _joined_en(text: str, at: int, end: int) -> tuple[int, re.Match[str]] | None:
    """The next document joined by `and` or a comma within the clause, and where its joining begins."""
    for down in _EN_DOWN.finditer(text, at, min(end, at + 400)):
        head = re.compile(rf"(?={_EN_NUMBERS}\s){_en_head().pattern}", re.IGNORECASE).match(text, down.end(), end)
        if head:
            return down.start(), head
    return None


def _chinese(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _ZH.finditer(text, start, end):
        yield found.span(1) if found[1] else found.span(2)


@cache
def _verbs(lang: str) -> re.Pattern[str]:
    closing = r"|\b(?:closed|ended|concluded|wrapped up)\b[^,.;]{0,60}?\swith\b" if lang == "en" else ""
    return re.compile(any_of("documents", f"verbs_{lang}") + closing, re.IGNORECASE)


@cache
def _before_not(lang: str) -> re.Pattern[str]:
    between = r"(?:\s+(?:\w+\s+){0,3}|\s*)" if lang == "vi" else r"(?:\s+(?:\w+\s+){0,2}|\s*)"
    return re.compile(rf"{any_of('documents', f'not_{lang}')}{between}$", re.IGNORECASE)


def _is_not(before: str, lang: str) -> bool:
    """Whether it was not signed, or not now: `will sign`, `20 years since they signed`."""
    if lang == "vi" and re.search(r"\b(?:đã|vừa)\s+(?:\w+\s+){0,4}$", before):
        return bool(re.search(r"\b(?:chưa|không)\s+(?:\w+\s+){0,2}$", before))
    if lang == "vi":
        before = re.sub(r"ngày\s+\d\S*|năm\s+\d+|hôm\s+\d\S*", "", before)
    return bool(_before_not(lang).search(before))


def _makes(verb: str, noun: str, lang: str) -> bool:
    """Whether a verb makes a document of a noun: a plan is one where it is signed, not where it is announced."""
    signs = re.match(
        r"ký|kí|gia hạn|chứng kiến|lễ ký|sign|ink|extend|renew|adopt|initial|thông qua|ban hành|conclud"
        r"|exchang|co-sign|seal|clinch|clos|end|issu",
        verb.strip().lower(),
    )
    return bool(signs) or " ".join(noun.lower().split()) not in phrases("documents", f"signed_only_{lang}")
