"""The figures of an event that matter, each with its unit or with what it counts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.domain import EventFigure
from rag.figures import Figure, figures
from rag.reading import Reading
from rag.told_words import Span, pieces
from rag.units import is_currency

_PERIOD_BEFORE = re.compile(
    r"(?:kỷ niệm|kỉ niệm|anniversary|mục tiêu “|“|số|Số|No\.|phao|trang|điều|Điều|khoản|Article|container|\d of)\s*$"
)
_PERIOD_AFTER = re.compile(
    r"\s*(?:đầu năm|đầu tiên|năm ngày|cuối năm|qua\b|trước\b|ngày (?:ký|thành)|thành lập|ago\b|trọng tâm|văn kiện|feet)"
)
_WORD_KEEPS = re.compile(r"\b(?:for|than|within|about|nearly|hơn|khoảng|nhiệm kỳ|kéo dài)\s+$", re.IGNORECASE)
_HURT = re.compile(
    r"\s*(?:\w+\s){0,3}?(?:killed|dead|died|missing|injured|wounded|thiệt mạng|bị thương|mất tích|tử vong|tử nạn)\b"
)
_TIMES = frozenset({"year", "month", "week", "day", "hour", "minute", "decade", "second", "century"})
_VI_COUNTED = re.compile(r"\s[^\W\d_]+(?:\s[^\W\d_A-ZĐ][^\W\d_]*)?")
_VI_CLASSIFIED = re.compile(r"(?:\s[^\W\d_A-ZĐ][^\W\d_]*){1,3}")
_VI_CLASSIFIER = re.compile(r"\s(?:bộ|chiếc|con|cây|tấm|cuốn|bức|gói|suất|khẩu|viên|lô|chuyến|tòa|loại|bản|hạng mục)\s")
_EN_COUNTED = re.compile(r"(?:[\s-][a-z][\w-]*){1,3}")


def figures_of(reading: Reading, spans: Sequence[Span]) -> tuple[EventFigure, ...]:
    """The figures that matter, as they stand with what they count; no ordinals, dates, `two sides`.

    Each cites its whole sentence: what a figure is about stands around it.
    """
    found: dict[tuple[str, str | None], EventFigure] = {}
    for start, end in pieces(reading, spans):
        part = reading.flowing[start:end]
        for one in figures(part, lang=reading.lang):
            if _matters(part, one):
                last = _with_counted(part, one, reading.lang)
                text = reading.cite(start + one.start, start + last).quote
                sentence = reading.cite(*reading.sentences[reading.sentence_at(start + one.start)])
                figure = EventFigure(text, str(one.value), one.unit, one.counted, (sentence,))
                found.setdefault((text.lower(), one.unit), figure)
    return tuple(found.values())


def _matters(text: str, figure: Figure) -> bool:
    before, after = text[max(0, figure.start - 20) : figure.start], text[figure.end : figure.end + 60]
    if figure.unit in ("ordinal", "part", "times") or figure.counted in ("country", "side", "document", "leader"):
        return False
    if _PERIOD_BEFORE.search(before) or _PERIOD_AFTER.match(after):
        return False
    if is_currency(figure.unit) or figure.unit == "percent":
        return True
    if _HURT.match(after):
        return True
    if not figure.in_digits:
        return _in_words(before, figure)
    if figure.unit is None and figure.counted is None:
        return _counts(after)
    return True


def _in_words(before: str, figure: Figure) -> bool:
    """Whether a figure in words is more than a small number by the way."""
    if figure.unit in _TIMES:
        return bool(_WORD_KEEPS.search(before)) or figure.unit in ("hour", "minute")
    return figure.value >= 10


def _counts(after: str) -> bool:
    """Whether a word for what is counted follows bare digits: not `26 by way of`, not `2 Lê Quang Đạo`."""
    if re.match(r"\s+of\s+\d", after):
        return True
    found = re.match(r"\s?[-\s]?([^\W\d_]+)", after)
    if found is None:
        return False
    small = found[1].lower() in _SMALL
    return not small and not (found[1][0].isupper() and not found[1].isupper())


def _with_counted(text: str, figure: Figure, lang: str) -> int:
    """Where a figure ends together with what it counts: `500 kỹ sư`, `25 technicians`."""
    if figure.unit not in (None, "person", "tonne", "hectare", "vote"):
        return figure.end
    if lang == "zh":
        return figure.end
    counted = _VI_COUNTED if lang == "vi" else _EN_COUNTED
    if lang == "vi" and _VI_CLASSIFIER.match(text, figure.end):
        counted = _VI_CLASSIFIED
    found = counted.match(text, figure.end)
    if found is None:
        return figure.end
    end = figure.end
    for word in re.finditer(r"[\s-]([^\s-]+)", found.group()):
        if word[1].lower() in _ends(lang):
            break
        end = found.start() + word.end()
    return end


def _ends(lang: str) -> frozenset[str]:
    return _ENDS_VI if lang == "vi" else _ENDS_EN


_SMALL = frozenset("by and or to in of on at for và của để tại trong from with as is was".split())
_ENDS_VI = frozenset(
    "và của để tại trong cho với từ đến vào mỗi đã sẽ đang trước là có bị được ở về so lên trên như cùng".split()
)
_ENDS_EN = frozenset(
    """of on in at to for from by with and or that which who will were was is are have has had would each every per
    after before as than calling linking attended""".split()
)
