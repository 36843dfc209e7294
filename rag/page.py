"""What a page states of itself: title, writer, agency, outlet, day of publication. Nothing is guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from rag.dates import PartialDate, find_dates
from rag.lines import Line, words
from rag.text import fold, stopwords

_TIME = re.compile(r"(?<![0-9])[0-9]{1,2}[:h][0-9]{2}(?::[0-9]{2})?")
_DIGIT = re.compile(r"[0-9]")
_TOKEN = re.compile(r"[^\W\d_]+")
_NAME_TOKEN = re.compile(r"^(?:[^\W\d_]\.|[^\W\d_]{1,4}\.)*[^\W\d_](?:[^\W\d_]|['’.\-])*$")
_JOINS = {"-", "–", "—", "&", "và", "and"}
_BRACKETS = "()[]【】（）《》*_|"
_HAN_NAME = re.compile(r"^[\s:：]*([\u4e00-\u9fff]{2,4}(?:[、\s][\u4e00-\u9fff]{2,4}){0,3})")
_AGENCY_LEAD = re.compile(
    r"^[^.。]{0,60}?(?:\(([^()]{2,24})\)\s?(?:[-–—.:])|/([A-ZА-Я]{2,12})/|([\u4e00-\u9fff]{3})[^，。]{0,12}电)"
)
_AGENCY_END = re.compile(r"(?:[-–—]\s?|\()([A-Za-z+/]{2,20})\)?[./]{0,2}$")
_THEO = re.compile(r"\((?:theo|nguồn|source|via)\s?:?\s([^()]{2,40})\)", re.IGNORECASE)
_DOER = re.compile(r"\s\((?:thực hiện|lược dịch|tổng hợp|dịch|biên dịch|ghi|theo [^()]{2,40})\)$", re.IGNORECASE)
_PLACED = re.compile(r"\s(?:in|tại|từ)\s[A-ZĐ][\w .]{1,30}$")
_FOLLOW = re.compile(
    r"^(?:.{0,30}?theo dõi|follow|.{0,20}?đọc)\s(?!us\b|chúng tôi)(\S.{0,50}?)\s(?:trên|on)\b(?!\s(?:behalf))",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"(?:copyrights?|©|\(c\)|bản quyền|版权所有)", re.IGNORECASE)
_NOT_OWNER = re.compile(
    r"^(?:copyrights?|©|\(c\)|bản quyền|thuộc về|by|of|toàn bộ|版权所有|[0-9]{4}(?:\s?[-–]\s?[0-9]{4})?|[\s,.:;|-])*",
    re.IGNORECASE,
)
_OWNER_END = re.compile(r"(?:[.,;|]\s|\s[-–|]\s|[.,;|]?$|\s?all rights|\s?cấm sao)", re.IGNORECASE)
_DOMAIN_LEAD = re.compile(r"^([A-Z][A-Za-z0-9]{1,20}\.(?:VN|vn|com|net|org))\s[-–—]\s")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page states, and the role of each line that states it (line number -> reason it is dropped)."""

    title: str | None = None
    author: str | None = None
    agency: str | None = None
    outlet: str | None = None
    published: str | None = None
    roles: dict[int, str] = field(default_factory=dict)


def overlap(line: Line, body: Counter[str], lang: str) -> float:
    """The share of the line's content words (characters in Chinese) that the body holds."""
    tokens = [token for token in _tokens(line.text) if token not in stopwords(lang)]
    return sum(min(1.0, 0.4 + 0.3 * body[t]) for t in tokens if t in body) / len(tokens) if tokens else 0.0


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    for token in _TOKEN.findall(fold(text[:4000])):
        found.extend(token if "\u3400" <= token[0] <= "\u9fff" else (token,))
    return found


def vocabulary(lines: Sequence[Line]) -> Counter[str]:
    """The folded words of the first lines of a body, with the number of lines that hold each."""
    return Counter(token for line in lines[:20] for token in set(_tokens(line.text)))


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
        line.reason
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
    """The name after "Tin, ảnh:", "By", "Editor :", "责任编辑："."""
    if len(line.text) > 120:
        return None
    text = line.text.strip(_BRACKETS + " ")
    label = _label("byline").match(text)
    if not label:
        return None
    rest = text[label.end() :]
    colon = rest.lstrip()[:1] in (":", "：")
    if not colon and label[0].casefold() not in ("by", "written by", "reported by", "story by"):
        return None
    rest = rest.lstrip(" :：")
    named = _names(rest) or (rest.strip() if colon and len(rest.split()) <= 2 else None)
    return named if named and len(named) >= 0.4 * len(rest) else None


def dateline(line: Line, lang: str | None = None) -> tuple[PartialDate, str] | None:
    """The date of a line that is a date, with a time, a place or a name beside it, and the line without it."""
    if len(line.text) > 120 or line.shape == "prose" or not _DIGIT.search(line.text):
        return None
    dates = find_dates(line.text, lang=lang)
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


def title_of(lines: Sequence[Line], start: int, body: Counter[str], lang: str) -> int | None:
    """The index of the title among the lines above the body, or None.

    A title shares its words with the body, may be said again on the page, and stands over the date, the writer or
    the lead. Menus are short, captions stand below the lead.
    """
    scores: dict[int, float] = {}
    below_lead = False
    for index in range(max(0, start - 80), start):
        line = lines[index]
        below_lead = below_lead or (line.prose and not line.again)
        if not _can_be_title(line):
            continue
        following = lines[index + 1 : index + 3]
        headed = any(dateline(n) or labelled_byline(n) or bare_byline(n) or n.prose for n in following)
        scores[index] = (
            overlap(line, body, lang) * min(len(_tokens(line.text)), 10) / 10
            + max(0.0, 0.4 - 0.02 * (start - index))
            + (0.3 if line.again else 0.0)
            + (0.3 if headed else 0.0)
            - (0.5 if below_lead else 0.0)
        )
    best = max(scores.values(), default=0.0)
    if best < 0.45:
        return None
    return next(index for index, score in scores.items() if score >= 0.9 * best)


def _can_be_title(line: Line) -> bool:
    if line.reason or line.shape not in ("headline", "remark", "prose") or line.size > 260:
        return False
    if line.shape == "prose" and not line.text.endswith(("?", "!", "”", '"')):
        return False
    return len(_tokens(line.text)) >= 4 and not dateline(line) and not labelled_byline(line)


def _outlet(lines: Sequence[Line]) -> str | None:
    for line in lines:
        if len(line.text) > 300:
            continue
        follow = _FOLLOW.match(line.text) if line.reason == "share" else None
        if follow:
            return follow[1]
    for line in lines:
        owner = _owner(line.text) if len(line.text) <= 300 and _COPYRIGHT.match(line.text) else None
        if owner:
            return owner
    leads = (_DOMAIN_LEAD.match(line.text[:60]) for line in lines)
    return next((lead[1] for lead in leads if lead), None)


def _owner(text: str) -> str | None:
    """The owner that a copyright line names: "Copyright ©1999-2023 Chinanews.com. All rights..." -> "Chinanews.com"."""
    rest = _NOT_OWNER.sub("", text)
    end = _OWNER_END.search(rest)
    owner = rest[: end.start()].strip() if end else rest.strip()
    named = owner[:1].isalnum() and (not owner[0].islower() or owner.startswith(("báo ", "tạp chí ", "the ")))
    return owner if named and 2 <= len(owner) <= 60 else None


def host(url: str | None) -> str | None:
    """The site of an address: "https://www.vov.vn/a" -> "vov.vn"."""
    try:
        name = urlsplit(url or "").hostname
    except ValueError:
        return None
    return name.removeprefix("www.") if name else None


def _around(
    lines: Sequence[Line], title: int | None, first: int, last: int, kept: frozenset[int]
) -> Iterator[tuple[int, Line]]:
    """The lines where a page signs and dates an article: near its title, above its body, below its end."""
    top = title if title is not None else first
    above = list(range(max(0, top - 4), top))
    between = [i for i in range(top, last + 1) if i not in kept and i != title and i <= first + 12]
    below = list(range(last + 1, min(len(lines), last + 4)))
    for index in between + above[::-1] + below:
        yield index, lines[index]


def facts(lines: Sequence[Line], title: int | None, kept: Sequence[int], lang: str) -> Facts:
    """What the page states around the body whose line indices are `kept`."""
    first, last = kept[0], kept[-1]
    stated = _Stated(lang)
    for index, line in _around(lines, title, first, last, frozenset(kept)):
        signed = (title is None or index > title) and _can_sign(lines, index, title, first, last, lang)
        stated.read(line, signed=signed, after=index > last)
    stated.read_body(lines[first], lines[last])
    return Facts(
        title=lines[title].text.lstrip("# ").strip() if title is not None else None,
        author=_without_post(stated.author, lang),
        agency=stated.agency,
        outlet=_outlet(lines),
        published=stated.published,
        roles=stated.roles,
    )


def _without_post(author: str | None, lang: str) -> str | None:
    """English bylines put the writer's post after a comma; Vietnamese ones the next writer."""
    return author if author is None or lang == "vi" or " and " in author else author.split(",")[0]


def _can_sign(lines: Sequence[Line], index: int, title: int | None, first: int, last: int, lang: str) -> bool:
    """Whether a name alone on this line is the writer's: Vietnamese pages sign above and below the body, in other
    languages, where menus look like names, a name counts beside the date or alone between title and body."""
    if first <= index <= last:
        return False
    if lang == "vi":
        return True
    beside = [lines[i] for i in (index - 1, index + 1, index + 2) if 0 <= i < len(lines)]
    return index < first and (any(map(dateline, beside)) or (title == index - 1 and first == index + 1))


class _Stated:
    """Collects what signature lines state; the first statement of each kind stands."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.author: str | None = None
        self.agency: str | None = None
        self.published: str | None = None
        self.roles: dict[int, str] = {}
        self._bare: str | None = None
        self._over = False

    def read(self, line: Line, *, signed: bool, after: bool) -> None:
        if after and (line.ends or line.reason == "related"):
            self._over = True
        if after and self._over:
            return
        dated = None if line.reason not in (None, "menu") else dateline(line, self.lang)
        source, labelled = stated_source(line), labelled_byline(line)
        if dated:
            self._date(line, *dated)
        elif labelled:
            self.author = self.author if self.author and not self._bare else labelled
            self._bare = None
            self.roles[line.number] = "byline"
        elif source or agency_alone(line):
            self.agency = self.agency or source or known_agency(line.text)
            self.roles[line.number] = "source"
        elif signed and (name := bare_byline(line)) and self.author is None:
            self.author = self._bare = name
            self._theo(line.text)
            self.roles[line.number] = "byline"

    def _date(self, line: Line, date: PartialDate, rest: str) -> None:
        full = not date.edtf.startswith("XXXX")
        if self.published is None or (full and self.published.startswith("XXXX")):
            self.published = date.edtf.split("/")[0]
        self.agency = self.agency or known_agency(rest)
        label = _label("byline").search(rest)
        named = _names(rest[label.end() :].lstrip(" :：")) if label and ":" in rest[label.end() :][:3] else None
        if named is None and date.start > 3:
            named = _names(line.text[: date.start].split(" - ")[0])
            if named and (len(named.split()) < 2 or any(fold(t) in _date_words() for t in named.split())):
                named = None
        self.author = self.author or named
        self.roles[line.number] = "dateline"

    def _theo(self, text: str) -> None:
        cited = _THEO.search(text[-60:])
        if cited and not self.agency:
            self.agency = cited[1].strip()

    def read_body(self, first: Line, last: Line) -> None:
        lead = _AGENCY_LEAD.match(first.text[:120])
        if lead:
            named = known_agency(lead[1] or lead[2] or lead[3] or "")
            self.agency = self.agency or named
            dates = find_dates(first.text[: lead.end()], lang=self.lang) if named else ()
            if dates and self.published is None:
                self.published = dates[0].edtf
        end = _AGENCY_END.search(last.text[-40:])
        if end and not self.agency:
            self.agency = known_agency(end[1])
