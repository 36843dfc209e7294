"""The office beside a person's name: `Ngoại trưởng Nga` before it, `, the head of the mission,` behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rag import places
from rag.office_words import countries, pattern, title_pattern, words
from rag.text import stopwords

Span = tuple[int, int]
_REACH = 200  # characters before and behind a name that can hold an office
_PAREN = re.compile(r"\(([^()\n]{2,40})\)\s*$")
_PAREN_AFTER = re.compile(r"\s{0,40}+\(([^()\n]{2,40})\)")
_SHORT = re.compile(r"\([^()\n]{1,20}\)")  # an abbreviation inside an office
_CITIZEN = re.compile(r",?\s{1,40}+(?:mang\s{1,40}+)?(?:quốc tịch|người)\s{1,40}([^,.;()\n]{2,30})")
_STOPS = re.compile(r"[.;:–—\"“”()!?\n•|]|\s-\s")
_COMMA_STOPS = re.compile(r"[,.;:–—\"“”()!?\n•|](?=\s|$|[\"”])|\s-\s|\n")
_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|[\w'’.-]+")
_ZH_STOPS = re.compile(r"[，。；：、“”《》（）\n\s]|[和与同向由是任为对将](?=[^平])|会见|会晤|会谈|访问|通话")
_OF = re.compile(
    r"\s{1,40}+(?:(?:of|for|in|at)\s{1,40}(?:the\s{1,40})?[\w'’ -]{1,60}"
    r"|to\s{1,40}+(?:the\s{1,40}+)?[A-Z][\w'’ -]{1,60})$"
)
_DIRECT = re.compile(
    r"\s{1,40}+(?:of|for|in|at|to)\s{1,40}+(?:the\s{1,40}+)?(?:[a-z]\w{1,40}+\s{1,40}+){0,2}?"
    r"(?:[A-Z][\w'’-]{0,40}\s{0,40}|(?:of|for|and|the)\s{1,40}){0,24}(?<!the)(?<!\s)"
)
_LED = re.compile(
    r"who\s+(?:also\s+|now\s+|has\s+)?((?:heads|headed|leads|led|runs|ran|directs|directed|chairs|chaired|commands)\b.*)"
)
_BEHIND_EN = re.compile(r"\s(?:said|says|told|who|as|added|has|have|had|was|were|is|will|would|met|and said)\s")
_OF_PLACE = re.compile(
    r"\s{1,40}+of\s{1,40}+(?:the\s{1,40}+)?((?:[A-Z][\w'’-]{1,40}+\s?(?:(?:and|of)\s(?:the\s)?)?){1,6})"
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a text says of a person where it names him: the office's span, None where it gives none, and a country.

    `shared` is true where a plural title counts for the next name too.
    """

    office: Span | None
    country: str | None
    shared: bool = False


def beside(text: str, name: Span, *, lang: str, sentence: Span, before: int, behind: int) -> Beside:
    """The office and country that stand beside a name.

    `sentence` is the span of its sentence, `before` where the last person before it ends, `behind` where the next
    one begins.
    """
    first = max(sentence[0], before, name[0] - _REACH)
    last = min(sentence[1], name[1] + _REACH)
    read = {"vi": _vietnamese, "zh": _chinese}.get(lang, _english)
    return read(text, first, name, last, behind)


def _vietnamese(text: str, first: int, name: Span, last: int, behind: int) -> Beside:
    left, country = _without_parenthesis(text[first : name[0]].rstrip())
    addressed = _address("vi").sub("", left).rstrip()
    left = addressed.rstrip(",") if addressed != left else left
    found = _office_vi(left)
    after = _apposition_vi(text[name[1] : last], behind - name[1])
    country = country or _country_behind(text, name[1], last) or _nationality(text, name[1], last)
    if found and (not after or _norm(left[slice(*found)]) not in words("ranks")):
        shared = bool(re.search(r"(?:hai|các|những)\s*$", left[: found[0]], re.IGNORECASE))
        return Beside((first + found[0], first + found[1]), country, shared)
    return Beside((name[1] + after[0], name[1] + after[1]) if after else None, country)


def _without_parenthesis(left: str) -> tuple[str, str | None]:
    found = _PAREN.search(left)
    country = places.country(found[1]) if found else None
    return (left[: found.start()].rstrip(), country) if found and country else (left, None)


def _country_behind(text: str, end: int, last: int) -> str | None:
    found = _PAREN_AFTER.match(text, end, last)
    return places.country(found[1]) if found else None


def _nationality(text: str, end: int, last: int) -> str | None:
    """The country of `, quốc tịch Uruguay,` behind a name."""
    found = _CITIZEN.match(text, end, last)
    named = countries(found[1], "vi") if found else []
    return named[0][0] if named and named[0][1] == 0 else None


def _norm(text: str) -> str:
    return " ".join(text.lower().split())


def _office_vi(left: str) -> Span | None:
    """The office with which a text ends, several joined by commas; a seat in a party before another one left out."""
    found = list(title_pattern("vi").finditer(left))
    if not found or _stops_vi(left[found[-1].end() :]):
        return None
    chain = [found[-1]]
    for match in reversed(found[:-1]):
        gap = left[match.end() : chain[0].start()]
        held = gap.rstrip(" ,")
        joined = held != gap.rstrip() or not held or _within_office(held, chain[0].group())
        if not joined or _stops_vi(held) or re.search(r"(?:^|\s)(?:và|của|hai|các)$", held):
            break
        chain.insert(0, match)
    offices = [match for match in chain if _norm(match.group()) not in words("seats_vi")] or chain
    return offices[0].start(), _without_rank(left, offices)


def _within_office(before: str, title: str) -> bool:
    """Whether a title goes on with an office: `Phó Thủ tướng kiêm Bộ trưởng`, `Chủ tịch ... Đại hội Đại biểu`."""
    last = before.split()[-1]
    return last == "kiêm" or (title[0].isupper() and (last[0].isupper() or last in ("hội", "ban", "đoàn")))


def _without_rank(left: str, offices: Sequence[re.Match[str]]) -> int:
    """Where an office ends before the rank that stands between it and the name: `Bộ trưởng Quốc phòng, Đại tướng`."""
    last = offices[-1]
    alone = _norm(left[last.start() :]) in words("ranks")
    return len(left[: last.start()].rstrip(" ,")) if alone and len(offices) > 1 else len(left)


def _stops_vi(part: str) -> bool:
    plain = _SHORT.sub(" ", part)
    return bool(_STOPS.search(plain) or "," in plain or _ends_vi().search(plain))


def _apposition_vi(right: str, behind: int) -> Span | None:
    """The office between commas behind a name: `, Chủ nhiệm Văn phòng ..., đã`."""
    opened = re.match(r"\s*(?:\([^()\n]{1,40}\)\s*)?,\s+", right)
    if not opened or not (title_pattern("vi").match(right, opened.end()) or right.startswith("người ", opened.end())):
        return None
    start, end = opened.end(), len(right)
    for stop in re.finditer(r",\s+|[.;:–—\"“”!?\n]", right[start:]):
        if not (stop.group()[0] == "," and title_pattern("vi").match(right, start + stop.end())):
            end = start + stop.start()
            break
    if cut := _ends_vi().search(right, start, end):
        end = cut.start()
    end = start + len(right[start:end].rstrip())
    if behind <= end + 1:
        return None
    return _without_seat(right, start, end)


def _without_seat(right: str, start: int, end: int) -> Span:
    pieces = [start, *(start + m.end() for m in re.finditer(r",\s+", right[start:end]))]
    for piece in pieces[:-1]:
        match = title_pattern("vi").match(right, piece)
        if match is None or _norm(match.group()) not in words("seats_vi"):
            return piece, end
    return pieces[-1], end


def _chinese(text: str, first: int, name: Span, last: int, behind: int) -> Beside:
    """`俄罗斯能源部副部长` right before the name: from the country, else as far as the hanzi of the office reach."""
    left = text[first : name[0]]
    found = list(title_pattern("zh").finditer(left))
    if not found or found[-1].end() != len(left):
        return Beside(None, None)
    start = max((m.end() for m in _ZH_STOPS.finditer(left)), default=0)
    places_before = [a for a, _, _ in places.in_hanzi(left, start, len(left))]
    start = places_before[0] if places_before else min(start, found[-1].start())
    return Beside((first + start, name[0]), None)


def _english(text: str, first: int, name: Span, last: int, behind: int) -> Beside:
    left = text[first : name[0]].rstrip()
    left = _address("en").sub("", left).rstrip()
    right = text[name[1] : last]
    country = _country_behind(text, name[1], last)
    if country is None and (of := _OF_PLACE.match(right)):
        country = next((code for code, _, _ in countries(of[1], "en")), None)
    if left.endswith(",") and re.match(r"\s*[,.]|\s+(?:of|and|said|in|on|at)\b", right):
        found = _office_en(left[:-1], _OF)
        if found:
            return Beside((first + found[0], first + found[1]), country or _adjective(left[: found[0]]))
    found = _office_en(left, _DIRECT)
    if found and country is None:
        country = _adjective(re.sub(r"['’]s\s*$", "", left[: found[0]]))
    after = _apposition_en(right, behind - name[1])
    led = bool(after) and bool(re.search(r"\bwho\b", right[: after[0]])) if after else False
    if found and (not after or led or _norm(left[found[0] : found[1]]) not in words("ranks")):
        shared = left[: found[1]].endswith("s")
        return Beside((first + found[0], first + found[1]), country, shared)
    if after:
        said = country or _adjective(right[: after[0]]) or _possessor(left)
        return Beside((name[1] + after[0], name[1] + after[1]), said)
    return Beside(None, country or _possessor(left))


def _possessor(left: str) -> str | None:
    """The country of `Palau's Ana Remeliik`, `Samoan Ana Remeliik`."""
    word = left.rpartition(" ")[2]
    owned = word.endswith(("'s", "’s"))
    return _adjective(left[:-2] if owned else left) if owned or places.is_adjective(word) else None


def _adjective(part: str) -> str | None:
    """The country that the last words before an office name."""
    found = countries(part[-40:], "en")
    return found[-1][0] if found and len(part[-40:].rstrip()) - found[-1][2] <= 2 else None


def _office_en(left: str, behind: re.Pattern[str]) -> Span | None:
    """The office with which a text ends: `Russian Deputy Foreign Minister`, `the governor of Gao`."""
    found = list(title_pattern("en").finditer(left))
    while found:
        match = found.pop()
        tail = left[match.end() :]
        if not tail or (behind.fullmatch(tail) and not _verb(tail)):
            return _widened_en(left, match.start()), len(left)
        if re.search(r"[^\w\s'’-]", tail):
            return None
    return None


def _verb(tail: str) -> bool:
    return bool(set(tail.lower().split()) & words("acts_en"))


def _widened_en(left: str, start: int) -> int:
    """Where an office that has its title at `start` begins: adjectives, a country and parts of the title before it."""
    tokens = list(_TOKEN.finditer(left, max(0, start - 80), start))
    first = start
    for token in reversed(tokens):
        word = token.group()
        if left[token.end() : first].strip(" ") and left[token.end() : first].strip() not in ("-", "–"):
            break
        plain = word.lower()
        if plain.endswith(("'s", "’s")):
            state = _state_from(left, token.end() - 2)
            return first if state is None else state
        named = word[0].isupper() and plain not in _openers() and not plain.endswith(".")
        if not (named or plain in words("small_en") or re.fullmatch(r"(?:[A-Z]\.)+", word)):
            break
        first = token.start()
    return _trimmed_en(left, first, start)


@cache
def _openers() -> frozenset[str]:
    return stopwords("en") | words("openers_en")


def _trimmed_en(left: str, first: int, start: int) -> int:
    """Without what only joins the office to the words before it."""
    part = left[first:start]
    for joined in reversed(list(re.finditer(r"\b(?:and|to|of|for|on|at|under|the|then)\s+", part, re.IGNORECASE))):
        before = part[: joined.start()].split()
        of_title = joined.group().split()[0] == "and" and before and not _is_state(before[-1])
        if not of_title:
            return first + joined.end()
    return first


def _state_from(left: str, end: int) -> int | None:
    """Where a state's name begins that ends there: `South Korea`, `Sri Lanka`."""
    starts = [token.start() for token in _TOKEN.finditer(left, max(0, end - 40), end)][-3:]
    return next((start for start in starts if left[start].isupper() and _is_state(left[start:end])), None)


def _is_state(word: str) -> bool:
    return any(places.entities()[number].kind == "country" for number in places.lookup(word))


def _apposition_en(right: str, behind: int) -> Span | None:
    """The office between commas behind a name: `, the head of the mission,`, `, who leads the search`."""
    opened = re.match(r"(?:\s+of\s+(?:[A-Z]\w+\s?){1,4})?,\s+", right)
    if not opened:
        return None
    start = opened.end()
    stop = _COMMA_STOPS.search(right, start)
    end = stop.start() if stop else len(right)
    if led := _LED.match(right, start, end):
        return led.span(1)
    if cut := _BEHIND_EN.search(right, start, end):
        end = cut.start()
    if behind <= end + 1:
        return None
    title = title_pattern("en").search(right, start, end)
    head = right[start : title.start()] if title else ""
    if title is None or len(head.split()) > 6 or _verb(head) or re.search(r"\b(?:with|to|from|by)\b", head):
        return None
    article = re.match(r"(?:the|an?|its)\s+", right[start:end])
    return start + (article.end() if article else 0), start + len(right[start:end].rstrip())


def given(text: str, name: Span, until: int, *, lang: str) -> Span | None:
    """The office that a text says somebody is given: `elected ... secretary-general`, `giữ chức Tổng Thư ký`.

    It is read from the name up to `until`, where the sentence ends or the next person stands.
    """
    for found in pattern(words(f"given_{lang}")).finditer(text, name[1], min(until, name[1] + _REACH)):
        start = found.end() + 1
        part = text[start : min(until, start + _REACH)]
        if lang == "vi":
            end = _to_the_end_vi(part)
        else:
            opening = re.match(r"(?:as\s+)?(?:(?:the|its|his|her|an?)\s+)?", part)
            start += opening.end() if opening else 0
            part = text[start : min(until, start + _REACH)]
            end = _to_the_end_en(part)
        if end:
            return start, start + end
    return None


def _to_the_end_vi(part: str) -> int:
    """The length of the office with which a text begins."""
    if not (title := title_pattern("vi").match(part)):
        return 0
    stop = re.compile(r"[,.;:()“”\"\n]|\s(?:nhiệm kỳ|thay|kể từ)\s").search(part, title.end())
    end = stop.start() if stop else len(part)
    cut = _ends_vi().search(part, title.end(), end)
    return len(part[: cut.start() if cut else end].rstrip())


def _to_the_end_en(part: str) -> int:
    stop = re.compile(
        r"[,.;:()“”\"\n]|\s(?:on|in|with|after|from|who|by|and|at|until|for|yesterday|today|last|this)(?:\s|$)"
    ).search(part)
    held = part[: stop.start() if stop else len(part)].rstrip()
    title = title_pattern("en").search(held)
    return len(held) if title and len(held[: title.start()].split()) <= 5 else 0


@cache
def _ends_vi() -> re.Pattern[str]:
    return pattern(words("ends_vi"), ignore_case=False)


@cache
def _address(lang: str) -> re.Pattern[str]:
    return re.compile(rf"{pattern(words(f'address_{lang}')).pattern}\.?\s*$", re.IGNORECASE)
