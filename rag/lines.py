"""The lines of a crawled page, and what each one looks like: prose, a headline, a caption, a piece of the frame."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Literal

from rag.text import fold, nfc

Shape = Literal["prose", "remark", "item", "cut", "headline", "empty"]

PROSE = 60
TEASER = 220
CAPTION = 350

_HEAD, _TAIL = 400, 160
_WIDEST = 120
_BAR = 120
_WRAPPED = 40
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
_INNER_STOP = re.compile(r"[^\W\d_]{2}[.!?]\s[^\W\d_]|[。！？]")
_PILE = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e38-\u0e4b\u1ab0-\u1aff"
    r"\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe20-\ufe2f]{100}"
)
_LONG_WORD = re.compile(r"\S{40}")
_LEADS_ON = re.compile(r"""[:：,，、]["”’\s*_]{0,4}$""")
_CUT = re.compile(r"(?:\.\.\.|\s…)\s?(?:\[\+\]|»|>>)?$")
_BULLET = re.compile(r"^(?:[-–—•*●+▪►■]\s{0,8}\S|\(?[0-9]{1,2}[.)]\s|\(?[a-zđ][.)]\s)")
_CRUMBS = re.compile(
    r"(?:\s[>»›/|｜·]\s[^>»›/|｜·]{1,60}){2,}|^[^>»›]{1,40}\s[>»›]\s[^>»›]{1,60}$|(?:\|\s?[^|]{1,30}){3,}"
)
_LINKS = re.compile(r"^[\s>*+|·•/-]*(?:[^\[\]|]{1,40}\s\|\s)?(?:\[[^\]]{1,200}\]\([^)\s]{0,400}\)[\s|·•>»/,*-]*)+$")
_IMAGE = re.compile(r"^[|\s]*!\[|^\|.*\|$|^\|[\s|]*$")
_CREDIT_TAIL = re.compile(
    "|".join(
        (
            r"(?:\s|[(\[/.-])(?:ảnh|nguồn|nguồn ảnh|photos?|picture|image|credit|pool photo|source|图|摄|摄影)"
            r"(?:\s?minh họa)?\s?[:：/]\s?[^:.]{1,60}\.?[)\]]?$",
            r"\((?:ap photo|photo|xinhua|afp|reuters|file|ảnh|pool|getty|supplied|handout)[/:\s][^()]{0,80}\)$",
            r"/(?:afp|ap|reuters|epa|ttxvn|getty)[)\]]?$",
            r"\bphoto$",
            r"\bvia (?:reuters|afp|ap|getty)[)\]]?$",
            r"getty images[)\]]?$",
            r"摄[)）]?$",
        )
    ),
    re.IGNORECASE,
)
_CREDIT_HEAD = re.compile(
    r"^(?:ảnh|photo|file photo|photo by|image|hình|video|clip|图|资料图)\s?[:：]|^ảnh minh họa|^资料图", re.IGNORECASE
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

    @property
    def one_sentence(self) -> bool:
        return _INNER_STOP.search(self.text[:_HEAD]) is None


@dataclass(frozen=True, slots=True)
class _Frame:
    """The phrases of one reason, compiled."""

    reason: str
    ends: bool
    whole: frozenset[str]
    start: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None
    pattern: re.Pattern[str] | None

    def holds(self, folded: str, plain: str, size: float) -> bool:
        if plain in self.whole:
            return True
        if size <= 200 and self.start and self.start.match(folded):
            return True
        if size <= 200 and self.pattern and self.pattern.match(folded):
            return True
        return bool(size <= 500 and self.anywhere and self.anywhere.search(folded))


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


@cache
def _bar() -> re.Pattern[str]:
    """Two or more labels of buttons and menus in a row: "Zalo Facebook Twitter Bản in"."""
    labels = {label for frame in _frames() if frame.reason in ("menu", "share") for label in frame.whole if label}
    either = "|".join(map(re.escape, sorted(labels, key=len, reverse=True)))
    return re.compile(rf"(?:(?:{either})(?: |$))(?>(?:{either})(?: |$))++")


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
    if size >= 2 * TEASER or (size >= TEASER and _INNER_STOP.search(text[:_HEAD])):
        return "prose"
    if _LEADS_ON.search(tail) or _BULLET.match(text):
        return "item"
    return "headline"


def _frame(text: str, folded: str, size: float) -> tuple[str | None, bool]:
    """The reason that the line is a piece of the frame, and whether an article seldom goes on after it."""
    if _PILE.search(text):
        return "unreadable", False
    if _IMAGE.match(text[:_HEAD]) and len(text) < 2 * CAPTION:
        return "caption", False
    folded, plain = folded.lstrip("*-•·>[( "), _plain(folded)
    for frame in _frames():
        if frame.holds(folded, plain, size):
            return frame.reason, frame.ends
    if size <= CAPTION and (_CREDIT_HEAD.match(text) or _CREDIT_TAIL.search(text[-_TAIL:], 1)):
        return "caption", False
    if len(text) <= 200 and _CRUMBS.search(text):
        return "menu", False
    if len(text) <= 1000 and _LINKS.match(text):
        return "menu", False
    if len(plain) <= _BAR and _bar().fullmatch(plain):
        return "share", False
    if text.startswith("#") and text[1:2].isalnum() and len(text) <= 200:
        return "tags", False
    return None, False


def read_lines(text: str) -> list[Line]:
    """The non-blank lines of a page. Time and memory grow with the text alone, however long a line is."""
    stripped = [_normal(line.strip()) for line in text.split("\n")]
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
    return _unwrapped(lines)


def _normal(line: str) -> str:
    """NFC, but for a line with a pile of marks on one letter: to order those takes quadratic time, and none is text."""
    return line if _PILE.search(line) else nfc(line).strip()


def _unwrapped(lines: list[Line]) -> list[Line]:
    """Lines of a text that was broken at a fixed width take the shape of their paragraph.

    A line was broken where the next line's first word would not have fitted on it.
    """
    lengths = sorted(len(line.text) for line in lines if not _LONG_WORD.search(line.text))
    width = lengths[len(lengths) * 19 // 20] if lengths else 0
    if not 40 <= width <= _WIDEST:
        return _sentences_joined(lines)
    broken = [_broken(above, below, width) for above, below in pairwise(lines)]
    within = sum(cut and above.shape not in ("prose", "remark") for cut, above in zip(broken, lines, strict=False))
    if within < 2 or sum(broken) < len(lines) // 3:
        return _sentences_joined(lines)
    whole: list[Line] = []
    start = 0
    for index in range(len(lines)):
        if index == len(broken) or not broken[index]:
            whole += _paragraph(lines[start : index + 1])
            start = index + 1
    return whole


def _sentences_joined(lines: list[Line]) -> list[Line]:
    """A sentence that runs over several short lines, none of them a piece of the frame, takes its whole shape."""
    whole: list[Line] = []
    start = 0
    for index in range(len(lines)):
        if index + 1 < len(lines) and _runs_on(lines[index], lines[index + 1]):
            continue
        run = lines[start : index + 1]
        joined = _paragraph(run)
        whole += joined if joined[0].shape == "prose" else run
        start = index + 1
    return whole


def _runs_on(above: Line, below: Line) -> bool:
    if below.spaced or above.reason or below.reason or above.han or below.han:
        return False
    if above.shape not in ("headline", "item") or not _WRAPPED <= len(above.text) <= _WIDEST:
        return False
    return not _BULLET.match(below.text) and (below.text[0].islower() or above.text.endswith(","))


def _broken(above: Line, below: Line, width: int) -> bool:
    if below.spaced or above.shape in ("empty", "cut") or len(above.text) > 2 * width or above.han or below.han:
        return False
    if below.reason and above.shape in ("prose", "remark"):
        return False
    first = below.text.split(" ", 1)[0]
    return len(above.text) + 1 + len(first) > width - 2


def _paragraph(lines: list[Line]) -> list[Line]:
    if len(lines) == 1:
        return lines
    shape = _shape(" ".join(line.text for line in lines), sum(line.size for line in lines))
    shape = "item" if shape == "headline" else shape
    return [replace(line, shape=shape, reason=None if shape == "prose" else line.reason) for line in lines]
