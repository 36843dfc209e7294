"""Where an event happened: the place that its sentences put it in, the dateline, the country of a visit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from rag import places
from rag.domain import EventPlace
from rag.event_kinds import SENTENCE_MOST
from rag.reading import Reading, Span
from rag.text import has_marks

_UPPER = "A-ZĐÀ-ÖØ-ÞĂĨŨƠƯẠ-Ỹ"
_WORD = rf"[{_UPPER}](?:[\w’'\-]*\w)?"
_NAME = rf"{_WORD}(?:[ \n](?:(?:de|del|la|el|al|of|and the)[ \n])?{_WORD}){{0,5}}"
_KIND = r"(?:thủ[ \n]đô|thành[ \n]phố|tỉnh|TP\.?|đảo|quận|huyện|xã|thị[ \n]xã|bang|cảng|khu|sân[ \n]bay|công[ \n]viên|trụ[ \n]sở|cố[ \n]đô|nước|phía|cửa[ \n]khẩu|khách[ \n]sạn|Nhà)"
_VI = re.compile(
    rf"(?P<how>(?<!\w)(?:tại|ở|ngoài[ \n]khơi|gần|cách|tới|đến|thăm|sang|với[ \n]UBND))[ \n](?P<more>(?:{_KIND}[ \n]){{0,3}})(?P<name>{_NAME}(?:,[ \n](?:{_KIND}[ \n]|số[ \n]\d+[ \n])?{_NAME}){{0,3}})"
)
_EN = re.compile(
    rf"(?P<how>(?<!\w)(?:in|at|near|off|outside|to|visited|visiting))[ \n](?P<more>(?:(?:the|its|a)[ \n])?(?:[\w’'\-]+[ \n]){{0,6}}?(?:of[ \n])?)(?P<name>{_NAME}(?:,[ \n]{_NAME}){{0,2}})"
)
_ZH = re.compile(r"(?P<how>在|于|访问|抵达)(?P<more>)(?P<name>[\u3400-\u9fff]{2,12})")
_ADJECTIVE = re.compile(rf"\b{_WORD}")
_DATELINE = re.compile(
    rf"\s*(?:\([^)\n]{{1,40}}\)\s*[-–—]+\s*)?(?P<name>[{_UPPER}][{_UPPER} .’'\-]{{2,30}}(?:,\s?{_WORD}\.?(?:\s{_WORD}){{0,2}}(?=,|\s?[(\-–—]))?|(?:{_NAME})(?=[^.\n]{{0,40}}\((?:TTXVN|Xinhua|Reuters|AFP|AP|VNA)))(?:,\s?(?:ngày\s)?[\w./, ]{{1,20}})?\s*(?:\([^)\n]{{1,40}}\))?\s*(?:--|[-–—])\s"
)
_BRACKET = re.compile(rf"[ \n]?\((?P<country>{_NAME})\)")
_HERE = re.compile(r"\bhere\b")
_NOT_BEFORE = re.compile(
    r"(?:Đại sứ|ambassador|đại diện|cơ quan đại diện|envoy|consul[\w-]*|Lãnh sự|Representative|Asean|doanh nghiệp|công dân|plant|plants|facility|companies|market|bases?|committee|rules?|trade|interests?|projects?|dự án|nhà máy|lao động|người Việt|residence|families)\W*(?:[\w’'-]+\W){0,3}$",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"\b(?:to (?:build|rebuild|set|bring|give|study|help|open|establish|send|buy|supply|restore|train|lay|make|develop)|opening|linking|connecting|that|which|để|nhằm|về|on (?!Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|the|\d)\w+)\b|(?:dự án|xây dựng)"
)
_TIMES = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Quý|Tháng|Thứ)\b"
)
_NO_PLACE = re.compile(
    r"(?:Hội nghị|Hội thảo|Diễn đàn|Đại hội|Kỳ họp|Phiên họp|Tọa đàm|Hội đồng|Liên hợp quốc|Bộ trưởng|Thứ trưởng|Ngoại trưởng|Chủ tịch|Thủ tướng|Tổng|Phó|Ông|Bà|Ủy ban|Đảng|Chính phủ|Conference|Summit|Forum|Foreign|President|Prime|Minister|Ministry|United Nations|Congress)"
)
_STRONG = frozenset("tại in at near off ở 在 于 ngoài khơi outside cách".split())
_VISITED = frozenset("thăm to visited visiting tới đến sang 访问 抵达".split())
_MOST_SENTENCES = 12


@dataclass(frozen=True, slots=True)
class _Found:
    """A place that words put something in, with what tells how sure that is (the smaller, the surer)."""

    start: int
    end: int
    country: str | None
    unsure: float


def event_place(
    reading: Reading, spans: Sequence[Span], *, at: int, visit: bool, whole: bool = True
) -> EventPlace | None:
    """The place of the event whose telling words stand at `at` in the first of the spans; None where none is stated.

    A `visit` is placed by what was visited. With `whole`, the dateline and the other sentences count.
    """
    found: list[_Found] = []
    for number, (start, end) in enumerate(spans[:_MOST_SENTENCES]):
        for place in _stated(reading, start, end, visit=visit):
            far = abs(place.start - at) / 1_000 if number == 0 else 0.2
            behind = _PURPOSE.search(reading.text[at : place.start]) if number == 0 and at < place.start else None
            found.append(
                _Found(place.start, place.end, place.country, place.unsure + far + 2 * number + 2.5 * bool(behind))
            )
    if whole and (dateline := _dateline(reading)):
        here = _HERE.search(reading.text[spans[0][0] : spans[0][1]]) if spans else None
        found.append(_Found(*dateline, _country(reading, *dateline), 0.0 if here else 2.4))
    if not found:
        return None
    best = min(found, key=lambda each: (each.unsure, each.start))
    if best.unsure >= 5 or (not whole and best.unsure >= 2):
        return None
    citation = reading.cite(best.start, best.end)
    return EventPlace(citation.quote, best.country or _neighbours(reading, best.start), citation)


def _stated(reading: Reading, start: int, end: int, *, visit: bool) -> Iterator[_Found]:
    end = min(end, start + SENTENCE_MOST)
    text = reading.text[start:end]
    pattern = {"vi": _VI, "zh": _ZH}.get(reading.lang, _EN)
    position = 0
    while match := pattern.search(text, position):
        position = match.start("how") + 1
        first, last = start + match.start("name"), start + match.end("name")
        how = match["how"].split()[0].lower()
        if reading.lang == "zh":
            inside = [n for n in reading.within(first, last, "place") if n.start - first <= 4]
            if not inside:
                continue
            first, last = inside[0].start, inside[-1].end
        if _TIMES.match(match["name"]) or _NO_PLACE.match(match["name"]):
            continue
        if reading.within(first, last, "person") or _of_person(reading, first):
            continue
        before = text[max(0, match.start() - 50) : match.start()]
        country = _country(reading, first, last) or _described(match["more"])
        known = country is not None
        if how in ("to", "visited", "visiting", "thăm", "tới", "đến", "sang") and not known:
            continue
        if reading.lang == "en" and not known and match["more"].strip() and not _of_places(match["more"]):
            continue
        if how not in _STRONG and not visit:
            continue
        unsure = 0.0 if how in _STRONG else 0.5
        if visit:
            unsure = 0.0 if how in _VISITED else 0.4
        if _NOT_BEFORE.search(before):
            unsure += 3
        yield _Found(first, last, country, unsure)


def _of_places(words: str) -> bool:
    """ "the old imperial city of", "a park in the": words that lead to a place's name."""
    return bool(
        re.search(
            r"(?:city|town|province|port|capital|village|island|district|region|state|resort|county)\s(?:of\s)?$", words
        )
    )


def _of_person(reading: Reading, start: int) -> bool:
    """Whether a name that begins here is, or begins inside, a person's."""
    return any(name.start <= start < name.end for name in reading.within(max(0, start - 40), start + 60, "person"))


def _country(reading: Reading, start: int, end: int) -> str | None:
    """The country of a stated place: of the last of its parts that is known, or the one that brackets add."""
    text = reading.text
    if bracket := _BRACKET.match(text, end, end + 50):
        if found := places.country(bracket["country"]):
            return found
    parts = [part.strip() for part in text[start:end].split(",")]
    for part in reversed(parts):
        words = part.split()
        for first in range(len(words)):
            if found := _lookup(" ".join(words[first:])):
                return found
    return None


@cache
def _lookup(spelling: str) -> str | None:
    return places.country(spelling)


def _described(words: str) -> str | None:
    """ "the Vietnamese port city of": the country whose adjective stands before a place."""
    codes = [code for word in _ADJECTIVE.findall(words) if (code := _lookup(word))]
    return codes[-1] if codes else None


def _dateline(reading: Reading) -> Span | None:
    """The place in capitals, or before an agency's name, with which the text begins."""
    match = _DATELINE.match(reading.text, 0, 160)
    if not match or (places.lookup(match["name"]) == frozenset() and not match["name"].split(",")[0].isupper()):
        return None
    return match.span("name")


def _neighbours(reading: Reading, at: int) -> str | None:
    """The country in which the towns and regions named around a place all lie; for a Vietnamese name, Vietnam."""
    codes = set()
    for name in reading.within(max(0, at - 200), at + 200, "place"):
        kinds = {places.entities()[number].kind for number in places.lookup(name.text)}
        if kinds & {"city", "region", "capital"} and (code := _lookup(name.text)):
            codes.add(code)
    if len(codes) == 1:
        return codes.pop()
    words = reading.text[at : at + 12]
    return "VN" if reading.lang == "vi" and not codes and has_marks(words) else None
