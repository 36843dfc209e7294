"""What a Vietnamese question refers back to an earlier one by: "ông ấy", "hai bên", "ở đó", "cuộc gặp này", "việc này".

A question without any marks is read with the marks of the rules taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from rag.follow_words import Reference, Stated, any_of, named_here, nobody_before, table
from rag.text import fold, has_marks

_VERB_VI = (
    r"(?:đã|sẽ|đang|có|cũng|còn|nói|gặp|muốn|nghĩ|phát biểu|đến|thăm|khẳng định|nhấn mạnh|là|tới|cho|đánh giá"
    r"|nhận xét|kêu gọi|đề nghị|sang|đi|làm|ký|hứa|thống nhất|nhất trí|vừa|từng|chưa|không|đồng ý|thảo luận|bàn)"
)
_THIS_VI = r"(?:này|đó|ấy|đấy|nói trên|kể trên|trên|vừa rồi|vừa qua)"


@cache
def _vi(folded: bool) -> dict[str, re.Pattern[str]]:
    twos, countries, place, event = (any_of(f"{name}_vi") for name in ("twos", "countries", "places", "events"))
    offices = "|".join(word for line in table()["offices"] for word in line.split("|") if not word.isascii())
    patterns = {
        "person": r"(?<!\w)(?:ông|bà|anh|chị|cô|ngài|cụ) (?:ấy|ta|này|đó)(?!\w)",
        "bare": rf"(?<!\w)(?<!hai )(?<!các )(?<!quý )(?:ông|bà)(?= {_VERB_VI}(?!\w))"
        r"|(?<=(?:về|của|với|cho|gặp|bởi) )(?:ông|bà)(?=[?!.,]|$)",
        "office": rf"(?<!\w)(?:(?:ông |bà |vị |nhà )?(?P<role>{offices}|nhân vật|người) (?:này|đó|ấy)"
        r"|vị (?:này|ấy))(?!\w)",
        "they": rf"(?<!dòng )(?<!gia )(?<!cùng )(?<!mang )(?<!tên )(?<!\w)họ(?= {_VERB_VI}(?!\w)|[?!.,]|$)"
        r"|(?<=(?:với|của|giữa|gặp) )họ(?=[?!.,]|$| (?:là|ở|tại|về|vào|khi|trong))",
        "pair": rf"(?<!\w)(?P<it>(?:cả )?hai {twos}|đôi bên|cả hai)(?: (?:này|đó|ấy|trên))?(?!\w)",
        "countries": rf"(?<!\w)(?P<it>(?:cả )?hai {countries})(?: (?:này|đó|ấy|trên))?(?!\w)",
        "there": r"(?<!\w)(?P<lead>ở|tại|đến|tới|sang) (?:đó|đây|đấy|nơi đó|nơi này|nơi ấy)(?!\w)",
        "place": rf"(?<!\w){place} (?:này|đó|ấy)(?!\w)",
        "event": rf"(?<!\w)(?P<noun>{event}) {_THIS_VI}(?!\w)",
        "opening": rf"^(?:và |vậy |thế )?(?P<it>(?P<noun>{event}))(?= (?:diễn ra|kéo dài|bắt đầu|kết thúc|bàn"
        r"|thảo luận|được|đã|nhằm|về gì|ở đâu|khi nào|có)(?!\w))",
        "thing": r"(?<!\w)(?:nó|(?:điều|việc|vấn đề|chuyện) (?:này|đó|ấy))(?!\w)",
    }
    written = {name: fold(p).replace("(?p<", "(?P<") if folded else p for name, p in patterns.items()}
    return {name: re.compile(_one_width(pattern), re.IGNORECASE) for name, pattern in written.items()}


def _one_width(pattern: str) -> str:
    """Look-behinds of several widths as several look-behinds, which is what `re` takes."""

    def split(found: re.Match[str]) -> str:
        return f"(?:{'|'.join(f'(?<={word} )' for word in found[1].split('|'))})"

    return re.sub(r"\(\?<=\(\?:([^)]*)\) \)", split, pattern)


def vietnamese(question: str, names: Sequence[Stated]) -> Iterator[Reference]:
    folded = not has_marks(question)
    text = fold(question) if folded and len(fold(question)) == len(question) else question
    patterns = _vi(text is not question)
    persons = [name for name in names if name.kind == "person"]
    for kind in ("person", "bare", "office"):
        found = patterns[kind].search(text)
        if found and _alone_vi(question, found, names) and not _behind(found, persons):
            start, end = _span(found)
            role = (found["role"] or "").lower() if kind == "office" else ""
            lead = "" if kind == "office" else question[start:end].split()[0]
            yield Reference(start, end, "person", lead=lead, role="" if role in ("người", "nhân vật") else role)
            break
    for kind in ("pair", "they", "countries"):
        found = patterns[kind].search(text)
        if (
            found
            and not (kind == "they" and not _alone_vi(question, found, names))
            and not _ours(question, found, names)
        ):
            yield Reference(*_span(found), "countries" if kind == "countries" else "pair")
    yield from _things_vi(question, text, patterns, names)


def _ours(question: str, found: re.Match[str], names: Sequence[Stated]) -> bool:
    return "it" in found.re.groupindex and found["it"] is not None and named_here(question, found, names)


def _span(found: re.Match[str]) -> tuple[int, int]:
    return (found.start(), found.end())


def _alone_vi(question: str, found: re.Match[str], names: Sequence[Stated]) -> bool:
    return nobody_before(question, found.start(), names, "vi")


def _behind(found: re.Match[str], persons: Sequence[Stated]) -> bool:
    """Whether "khi ông ấy gặp X, Y nói gì" names its own person in a later clause, or a name follows at once."""
    end = found.end()
    clause = "," in found.string[end:]
    return any(person.start >= end and (clause or person.start <= end + 1) for person in persons)


def _things_vi(
    question: str, text: str, patterns: dict[str, re.Pattern[str]], names: Sequence[Stated]
) -> Iterator[Reference]:
    places = [name for name in names if name.kind == "place"]
    event = patterns["event"].search(text)
    if event and len(names) < 2:
        start = event.start()
        yield Reference(*_span(event), "event", lead=question[start : start + len(event["noun"])])
    opening = patterns["opening"].search(text)
    if opening and not event and not names:
        yield Reference(*opening.span("it"), "event", lead=question[slice(*opening.span("noun"))])
    there = patterns["there"].search(text)
    if there and not places:
        yield Reference(*_span(there), "place", lead=question[there.start() : there.start() + len(there["lead"])])
    place = patterns["place"].search(text)
    if place and not any(each.start < place.start() for each in places):
        yield Reference(*_span(place), "place")
    thing = patterns["thing"].search(text)
    if thing and not names:
        yield Reference(*_span(thing), "thing")
