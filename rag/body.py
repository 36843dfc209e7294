"""Which lines of a page are the body: why a line cannot be, how much each speaks for it, and the best run.

The body is the run of lines with the greatest sum of scores (maximum subsequence segmentation: Pasternack and Roth,
"Extracting article text from the web with maximum subsequence segmentation", WWW 2009): prose counts for it, menus,
teasers, captions and repeated lines against it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.lines import CAPTION, PROSE, TEASER, Line
from rag.signature import agency_alone, bare_byline, dateline, labelled_byline, stated_source

HEADLINE = 20
_LEFT_IN_MARKUP = frozenset({"tags"})
EDGE = 4
_AFTER_THE_END = 0.25
_COST = {
    "caption": 0.1,
    "other script": 2.0,
    "related": 0.4,
    "advertisement": 0.2,
    "newsletter": 0.4,
    "byline": 0.4,
}


def reasons_of(lines: Sequence[Line]) -> list[str | None]:
    """Why each line cannot be body text, from the line and its neighbours; None where it may be."""
    foreign = _han_share(lines) < 0.2
    begun = False
    reasons: list[str | None] = []
    told: set[str] = set()
    for index, line in enumerate(lines):
        reason = line.reason
        if reason is None:
            if line.shape == "empty":
                reason = "menu"
            elif foreign and line.han > 0.3 and not line.prose:
                reason = "other script"
            elif line.again and not _first_telling(lines, index, told):
                reason = "repeated"
            elif _under_picture(lines, index):
                reason = "caption"
            else:
                reason = _signature(line, inside=begun)
        begun = begun or (reason is None and line.prose)
        reasons.append(reason)
    for index, line in enumerate(lines):
        if line.shape == "headline" and reasons[index] is None and _beside_credit(lines, index):
            reasons[index] = "caption"
            if index + 1 < len(lines) and agency_alone(lines[index + 1]):
                reasons[index + 1] = "caption"
    _mark_related(lines, reasons)
    return reasons


def frame_reasons(lines: Sequence[Line]) -> list[str | None]:
    """The reasons in a page that an extractor has cleaned: pieces of the frame, and at both ends its signature."""
    reasons: list[str | None] = []
    for index, line in enumerate(lines):
        reason = None if line.reason in _LEFT_IN_MARKUP or line.size > TEASER else line.reason
        if reason is None and (index < EDGE or index >= len(lines) - EDGE):
            reason = _signature(line, inside=False)
        reasons.append(reason)
    for index in range(len(lines) - 1, max(-1, len(lines) - EDGE), -1):
        if lines[index].prose:
            break
        name = bare_byline(lines[index]) if reasons[index] is None else None
        if name and 2 <= len(name.split()) <= 4:
            reasons[index] = "byline"
    return reasons


def _beside_credit(lines: Sequence[Line], index: int) -> bool:
    """Whether a picture's credit stands below the line ("AFP"), or a label above it ("Image caption,")."""
    if index + 1 < len(lines) and agency_alone(lines[index + 1]):
        return True
    return index > 0 and lines[index - 1].reason == "caption" and lines[index - 1].text.endswith((",", ":"))


def _signature(line: Line, *, inside: bool) -> str | None:
    """The role of a line that signs or dates an article. Inside a body a bare date is the head of a chronology."""
    if stated_source(line) or agency_alone(line):
        return "source"
    if dateline(line) and not (inside and ":" not in line.text):
        return "dateline"
    return "byline" if line.shape == "headline" and labelled_byline(line) else None


def _han_share(lines: Sequence[Line]) -> float:
    """How much of the page's prose is in Chinese characters."""
    prose = [line for line in lines if line.prose] or lines
    size = sum(line.size for line in prose)
    return sum(line.han * line.size for line in prose) / size if size else 0.0


def _first_telling(lines: Sequence[Line], index: int, told: set[str]) -> bool:
    """A paragraph that a page repeats elsewhere is told the first time; twice in a row it is a caption."""
    line = lines[index]
    if not line.prose or line.again > 1 or line.key in told:
        return False
    told.add(line.key)
    return index + 1 == len(lines) or lines[index + 1].key != line.key


def _under_picture(lines: Sequence[Line], index: int) -> bool:
    """Whether the line above is a picture's text: a headline said three times or more, with no blank between."""
    line = lines[index]
    if index == 0 or line.spaced or line.size > CAPTION:
        return False
    above = lines[index - 1]
    return above.again > 1 and above.shape == "headline" and above.size >= PROSE and above.reason is None


def _mark_related(lines: Sequence[Line], reasons: list[str | None]) -> None:
    """The headlines and teasers that hang below "Tin liên quan" or "Read more", up to the next paragraph."""
    for index, line in enumerate(lines):
        if line.reason != "related" or len(line.text) > 40 or index + 1 == len(lines):
            continue
        closed_by_blank = not lines[index + 1].spaced
        for after in range(index + 1, len(lines)):
            below = lines[after]
            if (after > index + 1 and closed_by_blank and below.spaced) or below.ends or below.reason == "related":
                break
            if below.prose and not teaser(lines, after):
                break
            if below.shape in ("remark", "item") and not below.text.endswith(("?", "!")):
                break
            reasons[after] = reasons[after] or "related"


def teaser(lines: Sequence[Line], index: int) -> bool:
    """A short paragraph between two headlines, as sidebars have them."""
    if not lines[index].prose or lines[index].size >= TEASER or index == 0:
        return False
    above, below = lines[index - 1], lines[index + 1] if index + 1 < len(lines) else None
    over = above.reason is None and above.size >= HEADLINE and (above.shape == "headline" or above.again > 0)
    under = below is None or below.ends or below.again > 0 or (below.shape == "headline" and below.reason != "caption")
    return over and under


def _scores(lines: Sequence[Line], reasons: Sequence[str | None], *, sidebars: bool) -> list[float]:
    """How much each line speaks for the body: prose for it, all else against; less after the article's likely end."""
    teasers = [sidebars and teaser(lines, index) for index in range(len(lines))]
    sidebars = sum(teasers) > 1
    one_date = sum(reason == "dateline" for reason in reasons) <= 2
    scores: list[float] = []
    begun = over = signed = False
    for index, line in enumerate(lines):
        if reasons[index]:
            scores.append(_cost(line, reasons[index] or ""))
            over = over or (begun and line.ends)
            signed = signed or (one_date and reasons[index] == "dateline")
            continue
        if line.shape == "prose":
            sidebar = sidebars and teasers[index]
            worth = -0.3 if sidebar else (0.2 + min(line.size / 150, 2.0)) * (_AFTER_THE_END if over else 1.0)
            scores.append(worth + (1.0 if signed else 0.0))
            begun, signed = begun or signed, False
        elif line.shape == "cut":
            scores.append(-0.2 if stands_in_prose(lines, index) else -1.0)
        else:
            scores.append({"remark": 0.2, "item": 0.0}.get(line.shape, -0.4))
    return scores


def _cost(line: Line, reason: str) -> float:
    if line.ends:
        return -4.0
    if line.shape == "empty" or (reason == "related" and line.reason is None):
        return -0.2
    return -_COST.get(reason, 1.0)


def bare(lines: Sequence[Line], reasons: Sequence[str | None]) -> bool:
    """Whether the text comes without a frame: nothing but paragraphs and a few heads."""
    loose = sum(line.shape == "headline" for line in lines)
    framed = any(reason and line.shape != "empty" for line, reason in zip(lines, reasons, strict=True))
    return not framed and loose <= 1 + 0.3 * len(lines) and all(line.shape != "cut" for line in lines)


def segment(lines: Sequence[Line], reasons: Sequence[str | None], *, whole: bool) -> tuple[int, int]:
    """The first and last index of the run of lines with the greatest sum of scores; (0, -1) where none is positive."""
    if whole:
        return 0, len(lines) - 1
    start, end = _best_run(_scores(lines, reasons, sidebars=True))
    if end < start:
        start, end = _best_run(_scores(lines, reasons, sidebars=False))
    if end >= start:
        return start, _with_list(lines, reasons, end)
    alone = [i for i, line in enumerate(lines) if reasons[i] is None and line.size >= 25]
    return (alone[0], alone[-1]) if alone and len(lines) <= 3 else (start, end)


def _best_run(scores: Sequence[float]) -> tuple[int, int]:
    best, run, start, found = 0.0, 0.0, 0, (0, -1)
    for index, score in enumerate(scores):
        if run <= 0:
            run, start = 0.0, index
        run += score
        if run > best:
            best, found = run, (start, index)
    return found


def _with_list(lines: Sequence[Line], reasons: Sequence[str | None], end: int) -> int:
    """The body's last index, with the list that its last lines announce ("Participants included:")."""
    index = end + 1
    if index == len(lines) or not lines[index].text.rstrip("*_ ").endswith((":", "：")):
        return end
    while index < len(lines) and reasons[index] is None:
        continued = not lines[index].spaced and lines[index - 1].shape == "item"
        if lines[index].shape != "item" and not continued:
            break
        end, index = index, index + 1
    return end


def mark_headline_lists(lines: Sequence[Line], reasons: list[str | None], start: int, end: int) -> None:
    """Three headlines in a row inside a body are links to other stories; one or two are its own heads."""
    run: list[int] = []
    for index in range(start, end + 2):
        line = lines[index] if index <= end else None
        if line and reasons[index] is None and line.shape == "headline" and line.size >= HEADLINE:
            run.append(index)
            continue
        announced = bool(run) and run[0] > 0 and lines[run[0] - 1].shape == "item"
        if len(run) >= 3 and not announced:
            for other in run:
                reasons[other] = "related"
        run = []


def stands_in_prose(lines: Sequence[Line], index: int) -> bool:
    around = [*lines[max(0, index - 1) : index], *lines[index + 1 : index + 2]]
    return bool(around) and all(line.shape in ("prose", "remark", "item") for line in around)
