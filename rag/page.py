"""What a page states of itself: title, writer, agency, outlet, day of publication. Nothing is guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from rag.dates import PartialDate, find_dates
from rag.lines import Line
from rag.signature import (
    agency_alone,
    bare_byline,
    dateline,
    dateline_author,
    edits,
    known_agency,
    labelled_byline,
    stated_source,
)
from rag.text import fold, stopwords

_TOKEN = re.compile(r"[^\W\d_]+")
_AGENCY_LEAD = re.compile(
    r"^[^。]{0,60}?(?:\(([^()]{2,24})\)\s?(?:[-–—.:])|/([A-ZА-Я]{2,12})/|([\u4e00-\u9fff]{3})[^，。]{0,12}电)"
)
_AGENCY_END = re.compile(r"(?:[-–—]\s?|\()([A-Za-z+/]{2,20})\)?[./]{0,2}$")
_THEO = re.compile(r"\((?:theo|nguồn|source|via)\s?:?\s([^()]{2,40})\)", re.IGNORECASE)
_UPDATED = re.compile(r"updated|modified|cập nhật|更新", re.IGNORECASE)
_OVER_A_SUBTITLE = 0.75
_BAR = 200
_LEAD = 120
# "GAO, Mali, Sept 14, 2024 (Sahel Post) - ", "本报哈尔滨5月21日电": where and when a report was filed.
_PLACE = re.compile(r"([^\W\d_][\w.'’-]{1,40}+)(?:[ ,]{1,2}[^\W\d_][\w.'’-]{0,40}+){0,5},?\s")
_FILED_END = re.compile(r"(?:\s?[(/][^()]{2,40}[)/])?\s?(?:--?|–|—)\s")
_FILED_HAN = re.compile(r"^[^，。；：“]{0,24}?([0-9]{1,2}月[0-9]{1,2}日)[电電讯訊]")
_REPORTER = re.compile(
    r"[（(](?:[^（）()]{0,8})?(?:记者|記者|作者)[\s:：]*([\u4e00-\u9fff]{2,4}(?:[、\s][\u4e00-\u9fff]{2,4}){0,3})[)）]"
)
_GAP = re.compile(r"\s{2,}|\u3000|\t|\s\|\s")
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


def _dateline_in(lead: str, lang: str) -> str | None:
    """The day on which a report says that it was filed."""
    han = _FILED_HAN.match(lead)
    if han:
        return next((date.edtf for date in find_dates(han[1], lang="zh")), None)
    date = next(iter(find_dates(lead, lang=lang)), None)
    place = _PLACE.fullmatch(lead[: date.start]) if date else None
    if date is None or "/" in date.edtf or place is None or not place[1].isupper():
        return None
    return date.edtf if _FILED_END.match(lead, date.end) else None


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
    found = next(index for index, score in scores.items() if score >= 0.9 * best)
    above = scores.get(found - 1, 0.0)
    return found - 1 if above >= _OVER_A_SUBTITLE * best else found


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
        stated.read(line, signed=signed, inside=first <= index <= last, after=index > last)
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
        self._changed = False
        self._edited = False

    def read(self, line: Line, *, signed: bool, inside: bool, after: bool) -> None:
        if after and (line.ends or line.reason in ("related", "tags")):
            self._over = True
        if after and self._over:
            return
        dated = None if line.reason not in (None, "menu") else dateline(line, self.lang)
        source, labelled = stated_source(line), labelled_byline(line)
        if dated:
            self._date(line, *dated)
        elif labelled:
            self._write(labelled, edited=edits(line.text))
            self.roles[line.number] = "byline"
        elif source or (agency_alone(line) and (signed or after or inside)):
            if not inside:
                self.agency = self.agency or source or known_agency(line.text)
            self.roles[line.number] = "source"
        elif signed and (name := bare_byline(line)) and self.author is None:
            self.author = self._bare = name
            self._theo(line.text)
            self.roles[line.number] = "byline"
        elif len(line.text) <= _BAR:
            parts = [part for part in _GAP.split(line.text) if part]
            for part in parts if len(parts) > 1 else ():
                self.read(replace(line, text=part, shape="headline"), signed=False, inside=inside, after=after)

    def _write(self, author: str, *, edited: bool) -> None:
        """A name with a label stands before a name alone, a writer before an editor."""
        if self.author is None or self._bare or (self._edited and not edited):
            self.author, self._bare, self._edited = author, None, edited

    def _date(self, line: Line, date: PartialDate, rest: str) -> None:
        full = not date.edtf.startswith("XXXX")
        changed = _UPDATED.search(line.text) is not None
        if self.published is None or (full and (self.published.startswith("XXXX") or (self._changed and not changed))):
            self.published, self._changed = date.edtf.split("/")[0], changed
        labelled = (stated_source(replace(line, text=part.strip())) for part in _GAP.split(rest))
        self.agency = self.agency or next(filter(None, labelled), None) or known_agency(rest)
        written = dateline_author(line, date, rest)
        if written and (self.author is None or self._edited):
            self._write(written[0], edited=written[1])
        self.roles[line.number] = "dateline"

    def _theo(self, text: str) -> None:
        cited = _THEO.search(text[-60:])
        if cited and not self.agency:
            self.agency = cited[1].strip()

    def read_body(self, first: Line, last: Line) -> None:
        placed = _dateline_in(first.text[:_LEAD], self.lang)
        self.published = self.published or placed
        reporter = _REPORTER.search(first.text[:_LEAD])
        if reporter:
            self._write(reporter[1], edited=False)
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
