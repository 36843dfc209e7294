"""The lines that sign and date an article: a writer's name, a source, an agency, a dateline."""

from __future__ import annotations

import re
from functools import cache

from rag.dates import PartialDate, find_dates
from rag.lines import Line, words
from rag.text import fold

_TIME = re.compile(r"(?<![0-9])[0-9]{1,2}[:h][0-9]{2}(?::[0-9]{2})?")
_DIGIT = re.compile(r"[0-9]")
_SHORT_DATE = re.compile(r"(?<![0-9/.:])(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})(?![0-9/.:])")
_WEEKDAY = re.compile(r"\b(?:thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật|cập nhật|ngày đăng)\b", re.IGNORECASE)
_BY = re.compile(r"^(?:by|written by|reported by|story by|text by|tác giả|作者)\b[\s:：]*", re.IGNORECASE)
_BESIDE_DATE = re.compile(r"\s[-–—|·•●/]\s|\s[-–—|·•●/]\s?$|,\s")
_TOKEN = re.compile(r"[^\W\d_]+")
_NAME_TOKEN = re.compile(r"^(?:[^\W\d_]\.|[^\W\d_]{1,4}\.)*[^\W\d_](?:[^\W\d_]|['’.\-])*$")
_JOINS = {"-", "–", "—", "&", "và", "and"}
_BRACKETS = "()[]【】（）《》*_|"
_HAN_NAME = re.compile(r"^[\s:：]*([\u4e00-\u9fff]{2,4}(?:[、\s][\u4e00-\u9fff]{2,4}){0,3})")
_LONGEST_NAME = 7
_DOER = re.compile(
    r"\s(?:\((?:thực hiện|lược dịch|tổng hợp|dịch|biên dịch|ghi|theo [^()]{2,40})\)|thực hiện|lược dịch|tổng hợp|ghi)$",
    re.IGNORECASE,
)
_WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_PLACED = re.compile(r"\s(?:in|tại|từ)\s[A-ZĐ][\w .]{1,30}$")


@cache
def _agencies() -> re.Pattern[str]:
    return re.compile(r"(?<![A-Za-z])(?:" + "|".join(map(re.escape, words("agencies"))) + r")(?![a-z])")


@cache
def _label(kind: str) -> re.Pattern[str]:
    return re.compile(r"(?:" + "|".join(map(re.escape, words(kind))) + r")(?=\W|$)", re.IGNORECASE)


@cache
def _date_words() -> frozenset[str]:
    return frozenset(fold(word) for word in words("dateline"))


def known_agency(text: str) -> str | None:
    """The first news agency or medium of the list that the text names, shortest form ("TTXVN/Vietnam+" -> "TTXVN")."""
    found = _agencies().search(text)
    return found[0].split("/")[0] if found else None


def agency_alone(line: Line) -> bool:
    """Whether the line is an agency's name and nothing else: "RT", "(TTXVN/Vietnam+)", "AFP, Reuters"."""
    bare = line.text.strip(_BRACKETS + " .-–—") if len(line.text) <= 40 else ""
    rest = _agencies().sub("", bare)
    return rest != bare and not _TOKEN.search(rest)


def stated_source(line: Line) -> str | None:
    """The source of a line such as "Nguồn TTXVN", "(Theo Khmer Times)", "来源：新华社"."""
    if len(line.text) > 60:
        return None
    bare = line.text.strip(_BRACKETS + " .")
    label = _label("source").match(bare)
    rest = bare[label.end() :].lstrip(" :：-") if label else ""
    if not rest or not (rest[0].isupper() or "\u3400" <= rest[0] <= "\u9fff") or len(rest.split()) > 6:
        return None
    named = _agencies().match(rest)
    if named and not _TOKEN.search(_agencies().sub("", rest)):
        return named[0].split("/")[0]
    sentence = line.shape in ("remark", "item") and not line.text.startswith(("(", "["))
    return None if sentence or "," in rest else rest


def _names(text: str) -> str | None:
    """The run of names at the beginning: "Marta Keller in Brussels" -> "Marta Keller"."""
    han = _HAN_NAME.match(text[:40])
    if han:
        return han[1]
    taken: list[str] = []
    tokens = text[:120].strip(_BRACKETS + " :：").split()
    for position, token in enumerate(tokens):
        bare = token.rstrip(",;").strip(_BRACKETS)
        if token in _JOINS:
            if not taken or position + 1 == len(tokens):
                break
            taken.append(token)
            continue
        parts = bare.split("/")
        shouted = len(bare) > 2 and bare.isupper() and any(t[1:2].islower() for t in taken)
        if shouted or not bare[:1].isupper() or not all(_NAME_TOKEN.match(part) for part in parts):
            break
        taken.append(token)
    while taken and taken[-1] in _JOINS:
        taken.pop()
    return " ".join(taken).rstrip(",;") or None


def bare_byline(line: Line) -> str | None:
    """A line that is a writer's name alone: "Bảo Chi", "Nh.Thạch", "Huyền Lê (Theo AFP)", "PV/VOV.VN"."""
    text = _PLACED.sub("", _DOER.sub("", line.text)) if len(line.text) <= 80 else line.text
    if (
        line.reason not in (None, "byline")
        or line.shape != "headline"
        or len(text) > 45
        or any(c.isdigit() for c in text)
        or agency_alone(line)
    ):
        return None
    named = _names(text)
    tokens = text.split()
    if named != text or len(tokens) > 8 or (len(tokens) == 1 and not re.search(r"[./]|^[A-ZĐ]\w+\.", text)):
        return None
    return named


def labelled_byline(line: Line) -> str | None:
    """The name after "Tin, ảnh:", "By", "Editor :", "责任编辑：", "（记者 ...）"."""
    if len(line.text) > 120:
        return None
    text = line.text.strip(_BRACKETS + " ")
    label = _label("byline").match(text)
    if not label:
        return None
    rest = text[label.end() :]
    colon = rest.lstrip()[:1] in (":", "：") or (rest[:1].isspace() and _HAN_NAME.fullmatch(rest) is not None)
    if not colon and label[0].casefold() not in ("by", "written by", "reported by", "story by"):
        return None
    rest = rest.lstrip(" :：")
    named = _names(rest) or (rest.strip() if colon and len(rest.split()) <= 2 else None)
    return named if named and len(named) >= 0.4 * len(rest) else None


def dateline(line: Line, lang: str | None = None) -> tuple[PartialDate, str] | None:
    """The date of a line that is a date, with a time, a place or a name beside it, and the line without it."""
    if len(line.text) > 120 or line.shape == "prose" or not _DIGIT.search(line.text):
        return None
    dates = [date for date in find_dates(line.text, lang=lang) if "/" not in date.edtf] or _short_dates(line.text, lang)
    if not dates:
        return None
    date = dates[0]
    rest = line.text[: date.start] + " " + line.text[date.end :]
    timed = _TIME.search(rest)
    rest = _TIME.sub(" ", rest)
    left = [token for token in _TOKEN.findall(rest) if fold(token) not in _date_words()]
    spent = sum(map(len, left))
    if line.shape == "remark" and spent:
        return None
    if spent > 25 and not (timed and spent <= 60) and not (timed and date.start == 0):
        return None
    return date, rest


def _short_dates(text: str, lang: str | None) -> list[PartialDate]:
    """`11/06` beside a weekday or a time in Vietnamese, where the day stands first."""
    if lang not in (None, "vi") or not (_WEEKDAY.search(text) or _TIME.search(text)):
        return []
    found = (find_dates(f"ngày {match[0]}", lang="vi") for match in _SHORT_DATE.finditer(text))
    places = _SHORT_DATE.finditer(text)
    return [
        PartialDate(dates[0].edtf, place[0], place.start(), place.end())
        for dates, place in zip(found, places, strict=True)
        if dates and "/" not in dates[0].edtf
    ]


def edits(text: str) -> bool:
    """Whether the first label of a line is an editor's, who did not write the article."""
    label = _label("byline").search(text)
    return label is not None and _label("editor").fullmatch(label[0]) is not None


def dateline_author(line: Line, date: PartialDate, rest: str) -> tuple[str, bool] | None:
    """The writer that a dateline names, and whether as its editor: "2023-02-04 15:13 Editor : Chen Tianhao",
    "Phương Linh - 18:20 13/07/2023", "By Anna Berg | May 3"."""
    labelled = []
    for label in _label("byline").finditer(rest):
        if rest[label.end() :].lstrip()[:1] in (":", "：") and rest[label.end() :].strip():
            named = _names(rest[label.end() :].lstrip(" :：\u3000"))
            labelled += [(named, edits(label[0]))] if named else []
    if labelled:
        return min(labelled, key=lambda found: found[1])
    before = line.text[: date.start]
    by = _BY.match(before)
    first = next(filter(None, map(str.strip, _BESIDE_DATE.split(before[by.end() if by else 0 :]))), "")
    named = _names(first.strip(_BRACKETS + " :")) if date.start > 3 else None
    tokens = named.split() if named else []
    spoken = {token.casefold() for token in tokens}
    if not named or len(tokens) > _LONGEST_NAME or spoken <= set(words("dateline")) or spoken & _WEEKDAYS:
        return None
    shouted = named.isupper() and len(tokens) > 4
    return (named, False) if len(tokens) >= 2 and not shouted else None
