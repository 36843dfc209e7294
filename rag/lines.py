"""The lines of a crawled page, and what each one looks like: prose, a headline, a caption, a piece of the frame."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from rag.text import fold, nfc

Shape = Literal["prose", "remark", "item", "cut", "headline", "empty"]

PROSE = 60
TEASER = 220
CAPTION = 350

_HEAD, _TAIL = 400, 160
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_WHITE = re.compile(r"\s+")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_STOP = re.compile(r"""[.!?…。！？;；][/.\s"'”’»)\]）」』*]{0,8}$""")
# An agency's signature or end mark after the last sentence: "— VNA/VNS", "(TTXVN)", "Enditem", "（完）", "./.".
_SIGNED = re.compile(
    r"""([.!?…。！？]["'”’»]?)\s?(?:[-–—]\s?[\w/+]{2,20}|[(（][\w/+\s]{1,30}[)）]|enditem|end|/|■)[./]*$""",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(r"""[:：,，、]["”’\s]{0,3}$""")
_CUT = re.compile(r"(?:\.\.\.|\s…)\s?(?:\[\+\]|»|>>)?$")
_BULLET = re.compile(r"^(?:[-–—•*●+▪►■]\s?\S|\(?[0-9]{1,2}[.)]\s|\(?[a-zđ][.)]\s)")
_CRUMBS = re.compile(
    r"(?:\s[>»›/|｜·]\s[^>»›/|｜·]{1,60}){2,}|^[^>»›]{1,40}\s[>»›]\s[^>»›]{1,60}$|(?:\|\s?[^|]{1,30}){3,}"
)
_IMAGE = re.compile(r"^[|\s]*!\[|^\|.*\|$|^\|[\s|]*$")
_CREDIT_TAIL = re.compile(
    r"(?:(?:\s|[(\[/.-])(?:ảnh|nguồn|photos?|picture|image|credit|pool photo|nguồn ảnh|图|摄|摄影|source)(?:\s?minh họa)?"
    r"\s?[:：/]\s?[^:.]{1,60}\.?[)\]]?$)"
    r"|(?:\((?:ap photo|photo|xinhua|afp|reuters|file|ảnh|pool|getty)[/\s][^()]{0,80}\)$)|(?:/(?:afp|ap|reuters|epa|ttxvn|getty)[)\]]?$)"
    r"|(?:\bphoto$)|(?:\bvia (?:reuters|afp|ap|getty images|getty)[)\]]?$)|(?:getty images[)\]]?$)|摄[)）]?$",
    re.IGNORECASE,
)
_CREDIT_HEAD = re.compile(
    r"^(?:ảnh|photo|file photo|photo by|image|hình|video|clip|图|资料图)\s?(?:minh họa)?\s?[:：]|^ảnh minh họa|^资料图",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A non-blank line of the page: its 1-based number, its text (NFC, stripped) and what it looks like.

    `reason` names the piece of the frame that it is, if any; `size` is its length in Latin letters' worth;
    `again` counts the other lines that say the same; `spaced` is true where a blank line stands above it.
    """

    number: int
    text: str
    key: str
    shape: Shape
    reason: str | None
    size: float
    han: float
    again: int
    spaced: bool
    ends: bool = False

    @property
    def prose(self) -> bool:
        return self.shape == "prose" and self.reason is None


@dataclass(frozen=True, slots=True)
class _Frame:
    """The phrases of one reason, compiled."""

    reason: str
    ends: bool
    whole: frozenset[str]
    start: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None
    pattern: re.Pattern[str] | None

    def holds(self, folded: str, plain: str, length: int) -> bool:
        if plain in self.whole:
            return True
        if length <= 200 and self.start and self.start.match(folded):
            return True
        if length <= 200 and self.pattern and self.pattern.match(folded):
            return True
        return bool(length <= 500 and self.anywhere and self.anywhere.search(folded))


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    text = resources.files("rag").joinpath("data/boilerplate.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(name: str) -> tuple[str, ...]:
    """A list of the data file's `words` section, longest first."""
    return tuple(sorted(_data()["words"][name], key=len, reverse=True))


def _either(phrases: list[str] | None, *, bounded: bool) -> re.Pattern[str] | None:
    if not phrases:
        return None
    edge = r"(?!\w)" if bounded else ""
    parts = [re.escape(p) + (edge if p[-1].isalnum() and p.isascii() else "") for p in map(fold, phrases)]
    return re.compile("|".join(parts))


@cache
def _frames() -> tuple[_Frame, ...]:
    frames = []
    for reason, section in _data().items():
        if reason == "words":
            continue
        pattern = "|".join(section.get("pattern", ()))
        frames.append(
            _Frame(
                reason="share" if reason == "follow" else "related" if reason == "more" else reason,
                ends=bool(section.get("ends", False)),
                whole=frozenset(_plain(fold(phrase)) for phrase in section.get("whole", ())),
                start=_either(section.get("start"), bounded=True),
                anywhere=_either(section.get("anywhere"), bounded=False),
                pattern=re.compile(pattern) if pattern else None,
            )
        )
    return tuple(frames)


def _plain(folded: str) -> str:
    """Letters only, one space between words."""
    return _NOT_LETTERS.sub(" ", folded).strip()


def _shape(text: str, size: float) -> Shape:
    tail = text[-_TAIL:]
    if not _LETTER.search(text[:_HEAD]):
        return "empty"
    if _CUT.search(tail) and size < 300:
        return "cut"
    if _STOP.search(tail) or _SIGNED.search(tail):
        return "prose" if size >= PROSE else "remark"
    if size >= 2 * TEASER:
        return "prose"
    if _LEADS_ON.search(tail) or _BULLET.match(text):
        return "item"
    return "headline"


def _frame(text: str, folded: str, size: float) -> tuple[str | None, bool]:
    """The reason that the line is a piece of the frame, and whether an article seldom goes on after it."""
    if _IMAGE.match(text[:_HEAD]) and len(text) < 2 * CAPTION:
        return "caption", False
    plain = _plain(folded)
    for frame in _frames():
        if frame.holds(folded, plain, len(text)):
            return frame.reason, frame.ends
    if size <= CAPTION and (_CREDIT_HEAD.match(text) or _CREDIT_TAIL.search(text[-_TAIL:], 1)):
        return "caption", False
    if len(text) <= 200 and _CRUMBS.search(text):
        return "menu", False
    if text.startswith("#") and " " not in text:
        return "tags", False
    return None, False


def read_lines(text: str) -> list[Line]:
    """The non-blank lines of a page. Time and memory grow with the text alone, however long a line is."""
    stripped = [nfc(line).strip() for line in text.split("\n")]
    keys = [f"{_WHITE.sub(' ', fold(line[:_HEAD]))}\n{len(line)}" if line else "" for line in stripped]
    counts = Counter(keys)
    lines: list[Line] = []
    for index, (line, key) in enumerate(zip(stripped, keys, strict=True)):
        if not line:
            continue
        head = line[:_HEAD]
        han = len(_HAN.findall(head)) / len(head)
        size = len(line) * (1 + 1.5 * han)
        reason, ends = _frame(line, key.rpartition("\n")[0], size)
        lines.append(
            Line(
                number=index + 1,
                text=line,
                key=key,
                shape=_shape(line, size),
                reason=reason,
                size=size,
                han=han,
                again=counts[key] - 1,
                spaced=index > 0 and not stripped[index - 1],
                ends=ends,
            )
        )
    return lines
