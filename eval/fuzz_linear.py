"""Does time grow as the text does? The worst lines at growing sizes, through each step and each regular expression.

A regular expression is found wherever the package keeps it: in a module, in a table, in the cache of a function. Each
is fed lines made of its own pieces, which is where one that backtracks breaks. What takes too long is given up.
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from functools import _lru_cache_wrapper
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import rag
from eval.fuzz_laws import article_of, cleaned
from rag import (
    dates,
    decode,
    domain,
    events,
    feeds,
    figures,
    lexical,
    markup,
    mentions,
    periods,
    prepare,
    replies,
    scan,
    text,
)
from rag.render import plain
from rag.split import split

# What is repeated to fill a line: each is the worst case of something that reads it.
UNITS = (
    *("a", "A", "Aa ", "A.", "a-", "9", "9.", "9,", "1 ", "1/", "-", ".", "...", " ", "\t", "(", ")", "[", "<", "<a>"),
    *("&#1", '"', "“", '"a ', "|", " | ", "> ", "：", "。", "\u0301", "\u200b", "\u202e", "đ", "ạ́", "王", "王毅"),
    *("の", "Л"),
    *("Nguyễn ", "Vương Nghị ", "ông ", "Mr. ", "Sergei Lavrov and ", "ngày ", "ngày 1 ", "tháng 2 năm ", "24/10/"),
    *("hai mươi ", "two hundred and ", "triệu ", "三", "三亿", "tỷ USD ", "half a ", "$1", "1 % ", "gặp ", "met "),
    *("hội đàm với ", "Ảnh: ", "https://a.", "[a](b) ", "Photo/", "Theo ", '{"a":', '{"', "[", "\\", "a, "),
    *("Oct ", "said: ", "The U.S. "),
)  # fmt: skip
_SHORT, _LONG = 20_000, 80_000
_UNFELT = 0.05  # seconds of processor time in which nothing can be told
_WORST = 8.0  # times as long for four times the text: linear is 4, quadratic 16
_WORST_DOUBLED = 3.0  # times as long for twice the text: linear is 2, quadratic 4
_LIMIT, _PATTERN_LIMIT = 300.0, 5.0  # seconds of processor time after which a step or an expression is given up


@dataclass(frozen=True, slots=True)
class Growth:
    """How long two texts of one unit took, in seconds of processor time; `times` as long for `times` the text."""

    name: str
    unit: str
    short: float
    long: float

    @property
    def linear(self) -> bool:
        return self.long < _UNFELT or self.long <= _WORST * max(self.short, _UNFELT / _WORST)


@dataclass(frozen=True, slots=True)
class Doubled:
    """Seconds of processor time of a step on half a text and all of it; None where it was given up."""

    name: str
    unit: str
    half: float | None
    whole: float | None

    @property
    def linear(self) -> bool:
        if self.half is None or self.whole is None:
            return False
        return self.whole < 1 or self.whole <= _WORST_DOUBLED * self.half

    def __str__(self) -> str:
        told = [f"over {_LIMIT:.0f} s" if each is None else f"{each:.2f} s" for each in (self.half, self.whole)]
        ratio = f"{self.whole / max(self.half, 1e-3):.1f}" if self.half is not None and self.whole is not None else "-"
        return f"{self.name:12} {self.unit!r:18} {told[0]:>11} {told[1]:>11} {ratio:>6}"


class TooLong(BaseException):
    """A measurement that was given up; no `except Exception` of what is measured may catch it."""


@contextmanager
def given_up_after(seconds: float) -> Iterator[None]:
    """Raises TooLong inside, once it has taken so many seconds of processor time. For the main thread of a process."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _reply(line: str) -> None:
    _ = replies.Reader("claims").feed('{"claims": [' + line)


def _events(line: str) -> None:
    events.extract(article_of(line))


def _file(line: str) -> None:
    """What the product does with a file that holds this line: what is too long for one article is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "worst.txt"
        path.write_text(line, encoding="utf-8")
        for found in feeds.discover([str(path)]):
            if isinstance(found, feeds.Found):
                for part in prepare.parts((found, None)):
                    prepare.prepared(part)


STEPS: dict[str, Callable[[str], object]] = {
    "a file": _file,
    "decode": lambda line: decode.decode(line.encode()),
    "markup": markup.extract,
    "clean": lambda line: cleaned(domain.Raw(text=line, path="worst.txt", sha256="0")),
    "split": lambda line: split(article_of(line)),
    "sentences": text.sentences,
    "names vi": lambda line: mentions.find(line, lang="vi"),
    "names en": lambda line: mentions.find(line, lang="en"),
    "dates vi": lambda line: dates.find_dates(line, lang="vi"),
    "dates en": lambda line: dates.find_dates(line, lang="en"),
    "figures vi": lambda line: figures.figures(line, lang="vi"),
    "figures en": lambda line: figures.figures(line, lang="en"),
    "events": _events,
    "language": text.language,
    "fold": text.fold,
    "words": text.words,
    "plain": plain,
    "index words": lexical.words,
    "question vi": lambda line: periods.of_question(line, lang="vi", today=None),
    "question en": lambda line: periods.of_question(line, lang="en", today=None),
    "replies": _reply,
}
# What reads with an expression whose callers stop where it fails, so that it alone is no measure of them.
READERS: dict[str, Callable[[str], object]] = {"scan._TAG": lambda line: deque(scan.tokens(line), maxlen=0)}


def taken(step: Callable[[str], object], line: str) -> float:
    """Seconds of processor time."""
    started = time.process_time()
    step(line)
    return time.process_time() - started


def line_of(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def growth(name: str, step: Callable[[str], object], unit: str, *, short: int = _SHORT, long: int = _LONG) -> Growth:
    """How the time of a step grows on lines of one unit; what seems not linear is measured a second time."""
    found = Growth(name, unit, taken(step, line_of(unit, short)), taken(step, line_of(unit, long)))
    if found.linear:
        return found
    return Growth(name, unit, taken(step, line_of(unit, short)), taken(step, line_of(unit, long)))


def _within(step: Callable[[str], object], line: str, seconds: float) -> float | None:
    try:
        with given_up_after(seconds):
            return taken(step, line)
    except TooLong:
        return None


def patterns() -> dict[str, re.Pattern[str]]:
    """The regular expressions of the package by where they stand, those of bytes left out."""
    found: dict[str, re.Pattern[str]] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(rag.__path__)):
        if not name.startswith("ui") and name not in ("cli", "__main__"):
            module = _imported(name)
            for key, value in vars(module).items() if module else ():
                for pattern in _patterns_in(value, module, depth=6):
                    found.setdefault(pattern.pattern, pattern)
                    _NAMES.setdefault(pattern.pattern, f"{name}.{key}")
    return {f"{_NAMES[source]}/{number}": pattern for number, (source, pattern) in enumerate(found.items())}


_NAMES: dict[str, str] = {}


def _imported(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(f"rag.{name}")
    except ImportError:  # an extra that is not installed
        return None


def _patterns_in(value: Any, module: ModuleType | None, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth and (isinstance(value, dict | list | tuple | set | frozenset | _lru_cache_wrapper) or _own(value)):
        for inner in gc.get_referents(value):
            yield from _patterns_in(inner, module, depth - 1)


def _own(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def sample(pattern: re.Pattern[str]) -> str:
    """A text that the expression reads far into: its first branches, its letters, each repetition twice."""
    from re import _parser  # type: ignore[attr-defined]

    return "".join(_sampled(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)))[:200]


def _sampled(parsed: Any) -> Iterator[str]:
    for operation, told in parsed:
        name = str(operation)
        if name == "LITERAL":
            yield chr(told)
        elif name == "IN":
            yield next((chr(each[1] if str(each[0]) == "LITERAL" else each[1][0]) for each in told
                        if str(each[0]) in ("LITERAL", "RANGE")), _of_class(told))  # fmt: skip
        elif name == "ANY":
            yield "a"
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield "".join(_sampled(told[2])) * min(max(told[0], 1), 3)
        elif name == "SUBPATTERN":
            yield from _sampled(told[3])
        elif name == "BRANCH":
            yield from _sampled(told[1][0])
        elif name == "ATOMIC_GROUP":
            yield from _sampled(told)


def _of_class(told: Any) -> str:
    known = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}
    return next((known[str(each[1])] for each in told if str(each[1]) in known), "a")


def _all(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return lambda line: sum(1 for _ in pattern.finditer(line))


def slow_patterns(
    found: dict[str, re.Pattern[str]] | None = None, *, short: int = 2_500, long: int = 10_000
) -> Iterator[Growth]:
    """The regular expressions that are not linear on a line made of their own pieces or of the worst units.

    Those of the package, unless others are given. One that is given up is told as endless.
    """
    for name, pattern in (patterns() if found is None else found).items():
        whole = sample(pattern) or "a"
        read = READERS.get(name.split("/")[0], _all(pattern))
        for unit in dict.fromkeys((whole, whole[: max(1, len(whole) // 2)], whole[:1], whole[-1:], *UNITS)):
            try:
                with given_up_after(_PATTERN_LIMIT):
                    grown = growth(name, read, unit, short=short, long=long)
            except TooLong:
                grown = Growth(name, unit, 0, float("inf"))
            if not grown.linear:
                yield grown
                break


def doubled(name: str, most: int) -> Doubled:
    """A step on its worst unit, `most` bytes of UTF-8 in one line and half of them."""
    step = STEPS[name]
    step("Ngoại trưởng Vương Nghị met Sergei Lavrov on 24/10/2023.")  # its tables are loaded
    tried = {unit: min(_tried(step, unit), _tried(step, unit)) for unit in UNITS}
    unit = max(UNITS, key=lambda unit: tried[unit])
    wide = len(unit.encode()) / len(unit)
    half = _within(step, line_of(unit, int(most / 2 / wide)), _LIMIT)
    return Doubled(name, unit, half, None if half is None else _within(step, line_of(unit, int(most / wide)), _LIMIT))


def _tried(step: Callable[[str], object], unit: str) -> float:
    seconds = _within(step, line_of(unit, _SHORT), _PATTERN_LIMIT)
    return _PATTERN_LIMIT if seconds is None else seconds


def report(*, most: int, print_line: Callable[[str], None], steps: Sequence[str] = tuple(STEPS)) -> int:
    """Print how long each step takes on `most` bytes of its worst line and half of them; 1 for any not linear.

    Two steps are measured at once; each says so as soon as it and those before it are done.
    """
    print_line(f"{'step':12} {'worst unit':18} {most / 2e6:>8.1f} MB {most / 1e6:>8.1f} MB {'ratio':>6}")
    failed = 0
    with ProcessPoolExecutor(2) as pool:
        for found in pool.map(doubled, steps, [most] * len(steps)):
            failed |= not found.linear
            print_line(f"{found}{'' if found.linear else '  not linear'}")
    slow = list(slow_patterns())
    for each in slow:
        print_line(f"{each.name}: {each.unit!r} takes {each.short:.3f} s, four times the text {each.long:.3f} s")
    print_line(f"{len(patterns())} regular expressions, {len(slow)} not linear")
    return int(failed or bool(slow))
