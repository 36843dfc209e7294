"""Times of day in a text: "15h30", "3 p.m.", "22 giờ", "下午3点", "в 15:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MORNING = r"a\.?\s?m\b\.?|in the morning|sáng|上午|早上|凌晨|утра"
_LATER = r"p\.?\s?m\b\.?|in the (?:afternoon|evening)|at night|chiều|tối|trưa|đêm|下午|晚上|дня|вечера"
_NUMBER = r"(?<![A-Za-z0-9_.,:/-])(?P<hour>[01]?\d|2[0-4])"
_CLOCK = re.compile(
    rf"(?P<first>(?:上午|早上|凌晨|下午|晚上)\s?)?{_NUMBER}"
    r"(?:"
    rf"(?:[:：](?P<minute>[0-5]\d)(?::[0-5]\d)?)(?![\d])(?:\s?(?P<half>{_MORNING}|{_LATER}))?"
    r"|\s?(?:h|giờ|时|點|点)\s?(?P<minute2>[0-5]\d)(?!\d)(?:\s?(?:phút|分))?(?:\s?(?P<half2>sáng|chiều|tối|trưa|đêm))?"
    r"|\s?(?:h|giờ)\s(?P<half3>sáng|chiều|tối|trưa|đêm)(?!\w)"
    r"|\s?[点點](?!\d)"
    rf"|(?:\.(?P<minute3>[0-5]\d))?\s?(?P<half4>a\.?m\b\.?|p\.?m\b\.?)"
    r"|\s(?P<half5>in the morning|in the afternoon|in the evening|утра|вечера)"
    r"|\so[’']clock"
    r")",
    re.IGNORECASE,
)
_WORDS = {
    "noon": 720,
    "midday": 720,
    "midnight": 0,
    "giữa trưa": 720,
    "nửa đêm": 0,
    "正午": 720,
    "午夜": 0,
    "полдень": 720,
    "полночь": 0,
}
_WORD = re.compile(rf"(?<!after)(?<!before)(?<![^\W\d_])(?:{'|'.join(_WORDS)})(?!\w)", re.IGNORECASE)
_LATE = re.compile(_LATER, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hour:
    """A time of day, in minutes from midnight; `sure` where the text says which half of the day it is."""

    minutes: int
    start: int
    end: int
    sure: bool

    def agrees(self, other: Hour) -> bool:
        """Whether both can be the same time of day."""
        if self.sure and other.sure:
            return self.minutes == other.minutes
        return self.minutes % 720 == other.minutes % 720


def hours(text: str) -> tuple[Hour, ...]:
    """The times of day that a text states, in order, in any of our languages; "22 giờ" alone may be a duration."""
    found = [_hour(match) for match in _CLOCK.finditer(text)]
    found += [Hour(_WORDS[match[0].lower()], *match.span(), True) for match in _WORD.finditer(text)]
    return tuple(sorted(found, key=lambda hour: hour.start))


def _hour(match: re.Match[str]) -> Hour:
    groups = match.groupdict()
    minute = next((int(groups[key]) for key in ("minute", "minute2", "minute3") if groups[key]), 0)
    half = next((groups[key] for key in ("first", "half", "half2", "half3", "half4", "half5") if groups[key]), None)
    hour = int(match["hour"]) % 24
    if half and hour <= 12:
        hour = hour % 12 + (12 if _LATE.match(half.strip()) else 0)
    return Hour(hour * 60 + minute, match.start(), match.end(), half is not None or hour > 12 or hour == 0)
