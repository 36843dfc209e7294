"""Persons that a Chinese question states: Chinese, Korean and Japanese surnames, foreign names by sound.

Running text has no spaces and no capitals, so a name needs a frame (the start, a title, a joining word before it; a
verb, a title, a joining word after it) and must not be a common word.
"""

from __future__ import annotations

from rag import places
from rag.readings import simplified
from rag.skeleton import transcribes
from rag.wordlists import chinese_surnames, chinese_titles, chinese_words, japanese_surnames, person_acts, person_verbs

_DOTS = "·•"
_JOINS = frozenset("和与跟同及")
_BEFORE = _JOINS | frozenset("、对向由被让给随在")
_AFTER = _JOINS | frozenset(
    "对向将会已就出表说称指、，。！？访达谈致在于是有为何什去到来把被让给从以还也都曾没不如怎几哪谁的提签宣参发否"
)
_NOT_GIVEN = frozenset(
    "的了和与在是有对向将会已就说称表达问见到访为其被把从中国方部长相席理什么哪谁何吗呢几多些次年月日时"
)
_LONGEST_SOUND = 9
_REACH = 14
_SAYS = "说谈访"


def persons(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the persons that a run of hanzi states, known places left out; longest first at each place."""
    found: list[tuple[int, int]] = []
    at = start
    for first, last, _ in [*places.in_hanzi(text, start, end), (end, end, None)]:
        plain = simplified(text[at:first])
        rest = simplified(text[first:end])
        found.extend((at + i, at + i + size) for i, size in _in_part(plain, rest, last_part=first == end))
        at = last
    return found


def _in_part(plain: str, rest: str, *, last_part: bool) -> list[tuple[int, int]]:
    """(start, length) of the names in a part without places, which `rest` follows."""
    found = []
    i = 0
    while i < len(plain):
        titled = plain.endswith(chinese_titles(), 0, i)
        size = _at(plain, i, titled)
        if size and (last_part or i + size < len(plain) or i == 0) and (titled or _acts(plain + rest, i + size)):
            found.append((i, size))
        i += size or 1
    return found


def _acts(plain: str, end: int) -> bool:
    """Whether a name's sentence goes on with what persons do, and not with something of its: `纽卡斯尔的`."""
    if plain[end : end + 1] == "的":
        return False
    if plain.startswith(chinese_titles(), end):
        return True
    after = plain[end : end + _REACH]
    return any(after[i : i + 2] in person_acts() or after[i : i + 1] in _SAYS for i in range(len(after)))


def _at(plain: str, i: int, titled: bool) -> int:
    """The length of the name that begins at i, or 0."""
    opened = i == 0 or titled or plain[i - 1] in _BEFORE or plain[max(0, i - 2) : i] in person_verbs("zh")
    if not opened:
        return 0
    return _japanese(plain, i) or _by_sound(plain, i, titled) or _by_surname(plain, i, titled)


def _closed(plain: str, end: int) -> bool:
    if end >= len(plain) or plain[end] in _AFTER or plain[end : end + 2] in person_verbs("zh"):
        return True
    return plain.startswith(chinese_titles(), end)


def _runs_on(plain: str, end: int) -> bool:
    """Whether the last character makes a common word with the next one: the name ends before it or is none."""
    return plain[end - 1 : end + 1] in chinese_words() and end < len(plain)


def _japanese(plain: str, i: int) -> int:
    for head in (3, 2):
        if plain[i : i + head] not in japanese_surnames():
            continue
        for given in (3, 2, 1, 0):
            end = i + head + given
            inside = plain[i + head : end]
            if end > len(plain) or any(c in _NOT_GIVEN for c in inside) or not _closed(plain, end):
                continue
            acts = plain[end : end + 2] in person_verbs("zh") or plain[end : end + 1] == "说"
            if given or (acts and plain[i : i + head] not in chinese_words()):
                return head + given
    return 0


def _by_sound(plain: str, i: int, titled: bool) -> int:
    """A foreign name by sound, its inner dots included: three characters or more, two beside a title or a verb."""
    size = 0
    while i + size < len(plain) and size < _LONGEST_SOUND:
        c = plain[i + size]
        joins = size >= 2 and (c in _JOINS or plain[i + size : i + size + 2] in person_verbs("zh"))
        if joins or not (c in _DOTS or transcribes(c * 2)):
            break
        size += 1
    end = i + size
    if size > 2 and end < len(plain) and _runs_on(plain, end) and not transcribes(plain[end] * 2):
        size, end = size - 1, end - 1
    if size < 2 or plain[i] in _DOTS or _is_common(plain[i:end]) or not _closed(plain, end):
        return 0
    if size == 2:
        acts = plain[end : end + 2] in person_verbs("zh") or plain[end : end + 1] == "说"
        return size if titled or (acts and plain[i:end] not in chinese_words()) else 0
    return size


def _is_common(part: str) -> bool:
    """Whether common words cover a part: `基金`, `坦克基金`."""
    covered = [True] + [False] * len(part)
    for end in range(2, len(part) + 1):
        covered[end] = any(
            covered[end - size] and part[end - size : end] in chinese_words() for size in (2, 3) if size <= end
        )
    return covered[-1]


def _by_surname(plain: str, i: int, titled: bool) -> int:
    """A surname and one or two characters."""
    head = 2 if plain[i : i + 2] in chinese_surnames() else 1 if plain[i] in chinese_surnames() else 0
    if not head:
        return 0
    for given in (2, 1):
        end = i + head + given
        inside = plain[i + head : end]
        if end > len(plain) or not _closed(plain, end) or (not titled and _is_common(plain[i:end])):
            continue
        if any(c in _NOT_GIVEN for c in (inside[1:] if titled and given == 2 else inside)):
            continue
        words = (plain[i : i + 2], inside) if head == 1 else (inside,)
        if not titled and (any(word in chinese_words() for word in words if len(word) == 2) or _runs_on(plain, end)):
            continue
        return head + given
    return 0
