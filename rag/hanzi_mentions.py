"""Names in Chinese text: known places and organisations, persons by surname and by transcription."""

from __future__ import annotations

import re

from rag import places
from rag.domain import Name
from rag.readings import simplified
from rag.skeleton import transcribes
from rag.wordlists import chinese_surnames, chinese_titles

_RUN = re.compile(r"[\u3400-\u9fff·•]+")
_BEFORE = frozenset("和与同跟及对向由在、")
_AFTER = frozenset("和与同跟及对向将会已就出表说称强指、，。！？访达谈致")
_JOINS = frozenset("和与跟同")
# Verbs that stand before or after a name; some begin with a character that also transcribes.
_VERBS = frozenset(
    """
    达成 达到 达致 会见 会晤 会谈 访问 谈论 谈及 讨论 签署 签订 同意 宣布 提出 提到 发表 表示 强调 指出 商定
    见面 出席 参加 通话 举行 敦促 呼吁 承诺 希望 认为 批评 抵达 离开 要求 告诉 讲话 何时 为什 是否 对于 关于
    """.split()
)
_DAYS = frozenset("日前 近日 今日 昨日 今天 昨天 今年 去年".split())
_NOT_GIVEN = frozenset("的了和与在是有对向将会已就说称表达问见到访为其被把从中国方部长相席理")


def find_hanzi(text: str, lang: str) -> list[Name]:
    """Names in the hanzi of a text; persons only in Chinese text."""
    found: list[Name] = []
    for run in _RUN.finditer(text):
        start = run.start()
        for first, last, numbers in places.in_hanzi(text, run.start(), run.end()):
            if lang == "zh":
                found.extend(_persons(text, start, first))
            kind = places.entities()[min(numbers)].name_kind
            found.append(Name(text[first:last], kind, first, last))
            start = last
        if lang == "zh":
            found.extend(_persons(text, start, run.end()))
    return found


def _persons(text: str, start: int, end: int) -> list[Name]:
    """Persons in hanzi without known places: after a title, before one, or between joining words."""
    found: list[Name] = []
    plain = simplified(text[start:end])
    i = 0
    while i < len(plain):
        size = _transcribed(plain, i) or _chinese(plain, i, start == 0)
        if size:
            found.append(Name(text[start + i : start + i + size], "person", start + i, start + i + size))
            i += size
        else:
            i += 1
    return found


def _titled(plain: str, i: int) -> bool:
    return plain.endswith(chinese_titles(), 0, i)


def _title_follows(plain: str, i: int) -> bool:
    return plain.startswith(chinese_titles(), i)


def _transcribed(plain: str, i: int) -> int:
    """The length of a foreign name by sound at i, with its inner dots; 0 if there is none."""
    if i and not (_titled(plain, i) or plain[i - 1] in _BEFORE or plain[max(0, i - 2) : i] in _VERBS):
        return 0
    size = 0
    while i + size < len(plain) and (plain[i + size] in "·•" or transcribes(plain[i + size] * 2)):
        if size >= 2 and (plain[i + size] in _JOINS or plain[i + size : i + size + 2] in _VERBS):
            break
        size += 1
    sure = size >= 3 or (size == 2 and (_titled(plain, i) or _title_follows(plain, i + 2)))
    return size if sure and plain[i] not in "·•" else 0


def _chinese(plain: str, i: int, at_start: bool) -> int:
    """The length of a Chinese name at i: a surname, one or two characters, and a frame around it."""
    head = 2 if plain[i : i + 2] in chinese_surnames() else 1 if plain[i] in chinese_surnames() else 0
    if not head:
        return 0
    opened = i == 0 or _titled(plain, i) or plain[i - 1] in _BEFORE or plain[max(0, i - 2) : i] in _VERBS
    for given in (2, 1):
        end = i + head + given
        if end > len(plain) or any(c in _NOT_GIVEN for c in plain[i + head : end]):
            continue
        if given == 2 and plain[end - 1 : end + 1] in _DAYS:
            continue
        closed = (
            end == len(plain) or plain[end : end + 2] in _DAYS or plain[end] in _AFTER or _title_follows(plain, end)
        )
        closed = closed or (_titled(plain, i) and plain[end] in "在于是出有")
        if (opened and closed) or (_titled(plain, i) and given == 2):
            return head + given
    return 0


def may_be_chinese_name(part: str) -> bool:
    """Whether hanzi out of a question can be a person's name: a surname first, or all of them transcribe."""
    plain = simplified(part)
    if any(c in _NOT_GIVEN for c in plain):
        return False
    if transcribes(plain) and len(plain) >= 2:
        return True
    head = 2 if plain[:2] in chinese_surnames() and len(plain) > 2 else 1 if plain[0] in chinese_surnames() else 0
    return head > 0 and head < len(plain) <= head + 2
