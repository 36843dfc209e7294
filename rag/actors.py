"""Who did what to whom in one sentence: the parties before the verb and those behind it.

Parties are countries, peoples, bodies, persons and groups as the event coding of CAMEO and PLOVER takes them
(github.com/openeventdata/PLOVER). No parser: the first party that no opening phrase holds acts, with those joined to
it; the next ones are acted on; a passive turns the two around; who only tells the news is neither.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from rag.mentions import find
from rag.office_words import countries, pattern
from rag.text import stopwords
from rag.wordlists import english_words, titles

Span = tuple[int, int]
_MOST = 4_000  # characters of a sentence that are read
_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|[^\W_]+(?:[-.][^\W_]+)*|['’]s?\b|[^\w\s]")
_NEAR = 40  # characters behind the first parties in which the verb stands
_DAY = re.compile(
    r"^(?:mon|tues|wednes|thurs|fri|satur|sun)day$|^\d+$|^(?:today|yesterday|week|month|year|hôm|nay|qua)$", re.I
)
_OWN = re.compile(r"\b(?:its|their|his|her)\s+$", re.IGNORECASE)
_CAPITALS = re.compile(r"(?:(?:Lt|Gen|Maj|Col|Sgt|Capt|Adm)\.\s+)*[A-Z][\w-]+(?:\s+[A-Z][\w-]+)*(?:/[A-Z]+)?")
_VERBS = frozenset("to for with by in on at from is was has had are were and or that said against will".split())
_BY = re.compile(r"\b(?:by|bởi|do)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Actors:
    """Who acts and on whom in a sentence, each in the sentence's words; what both do together has both on each side."""

    source: tuple[str, ...]
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Party:
    start: int
    end: int
    country: str | None


def actors(text: str, *, lang: str) -> tuple[Actors, ...]:
    """The parties of one sentence of news, () where it names none.

    One result as a rule. `source` stands before the verb, `target` behind it: `Hungary will support Romania`;
    `Britain was accused by Libya` has Libya as its source.
    """
    text = text[:_MOST]
    start, end = _told(text, lang)
    parties = [party for party in _parties(text, lang) if start <= party.start and party.end <= end]
    parties = parties or _parties(text, lang)
    if not parties:
        return ()
    groups = _groups(text, parties, lang)
    first, rest = groups[0], groups[1:]
    if rest and _passive(text, first, rest[0], lang):
        return (Actors(_words(text, rest[0]), _words(text, first)),)
    targets = _targets(text, first, rest)
    if _several(text, first) and _mutual().search(text, first[-1].end, end if not targets else first[-1].end + _NEAR):
        targets = first
    return (Actors(_words(text, first), _words(text, targets)),)


def _several(text: str, parties: Sequence[_Party]) -> bool:
    """Whether `and` joins the first of the parties: a comma alone may only bring a title."""
    return len(parties) > 1 and bool(re.search(r"\b(?:and|và|cùng)\b", text[parties[0].end : parties[1].start]))


def _words(text: str, parties: Sequence[_Party]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[party.start : party.end] for party in parties))


def _told(text: str, lang: str) -> Span:
    """What is told: without an opening phrase and without the clause of who tells it."""
    start, end = 0, len(text)
    opened = re.match(rf"\W*(?:{'|'.join(map(re.escape, _list('opening')))})\b[^,]{{2,150}},", text, re.IGNORECASE)
    if opened:
        start = opened.end()
    for comma in reversed(list(re.finditer(r",\s", text))):
        clause = text[comma.end() :]
        if len(clause.split()) > 14 or not _telling().search(clause):
            break
        end = comma.start()
    return (start, end) if start < end else (0, len(text))


def _parties(text: str, lang: str) -> list[_Party]:
    """Everybody named in a sentence, widened over the words of a group or office, in order and apart."""
    tokens = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    marked: list[Span] = [(name.start, name.end) for name in find(text, lang=lang)]
    marked += [(first, last) for _, first, last in countries(text, lang)]
    marked += [match.span() for match in _alone(lang).finditer(text) if not _OWN.search(text, 0, match.start())]
    marked += _capitals(text, lang)
    widened = sorted(_after_title(text, span) if lang == "vi" else _widened(tokens, span) for span in marked)
    merged: list[Span] = []
    for first, last in widened:
        if merged and _one_party(text, merged[-1][1], first):
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return [_Party(first, last, _country(text[first:last], lang)) for first, last in merged]


def _one_party(text: str, end: int, start: int) -> bool:
    """Whether two names belong together: `the Office (ILO)`, `Niger's ambassador`, `the Nigerian junior minister`."""
    between = text[end:start].strip() if start > end else ""
    if between in ("", "'s", "’s", "of", "of the", "al-", "for"):
        return True
    if between == "(":
        return text[start : start + 2].isupper()
    return between.isalpha() and between.islower() and text[start].islower() and between not in _list("joins") | _VERBS


def _capitals(text: str, lang: str) -> Iterator[Span]:
    """Other runs of words with capitals: bodies and peoples that no table holds."""
    for found in _CAPITALS.finditer(text) if lang == "en" else ():
        words = [word.lower() for word in found.group().split()]
        if all(_DAY.match(word) or word in _list("no_party") or word in _opening_words() for word in words):
            continue
        opens = not text[: found.start()].strip(" \"'`“‘")
        if not (opens and (words[0] in english_words() or words[0] in stopwords("en"))):
            yield found.span()
        elif len(words) > 1:
            yield found.start() + len(found.group().split()[0]) + 1, found.end()


def _country(part: str, lang: str) -> str | None:
    found = countries(part, lang)
    return found[0][0] if found else None


def _after_title(text: str, span: Span) -> Span:
    """A Vietnamese name with the offices and groups before it: `Đại sứ Hàn Quốc`, `chính phủ Lào`."""
    first = span[0]
    while before := _leading().search(text, max(0, first - 40), first):
        first = before.start()
    return first, span[1]


def _widened(tokens: Sequence[tuple[str, int, int]], span: Span) -> Span:
    """A name with the words of its group before and behind it: `Afghan rebel leaders`, `President Obama`."""
    first, last = span
    inside = [i for i, (_, start, end) in enumerate(tokens) if span[0] <= start and end <= span[1]]
    if not inside:
        return span
    i = inside[0] - 1
    while i >= 0 and _belongs(tokens[i][0]):
        first = tokens[i][1]
        i -= 1
    i = inside[-1] + 1
    while i < len(tokens) and (_belongs(tokens[i][0]) or _possessive(tokens, i)):
        last = tokens[i][2]
        i += 1
    return first, last


def _possessive(tokens: Sequence[tuple[str, int, int]], i: int) -> bool:
    return tokens[i][0] in ("'s", "’s", "'", "’") and i + 1 < len(tokens) and _belongs(tokens[i + 1][0])


def _belongs(word: str) -> bool:
    plain = word.lower()
    if plain in _opening_words() or _DAY.match(plain):
        return False
    return plain in _group_words() or (word[0].isupper() and len(word) > 1)


def _groups(text: str, parties: Sequence[_Party], lang: str) -> list[list[_Party]]:
    """The parties, those joined by `and` or a comma together."""
    found: list[list[_Party]] = [[parties[0]]]
    for one, other in pairwise(parties):
        if _joined(text[one.end : other.start]):
            found[-1].append(other)
        else:
            found.append([other])
    return found


def _joined(between: str) -> bool:
    words = re.findall(r"[\w’']+|[^\w\s]", between.lower())
    return all(word in _list("joins") or word in _group_words() or word == "," for word in words)


def _passive(text: str, first: Sequence[_Party], other: Sequence[_Party], lang: str) -> bool:
    """Whether the other parties do it to the first: `was accused by`, `was arrested in`, `bị ... cáo buộc`."""
    between = text[first[-1].end : other[0].start]
    if lang == "vi":
        return bool(re.match(r"\s*(?:đã\s+|đang\s+)?(?:bị\b|được\s*$)", between)) or (
            "được" in between and bool(_BY.search(between))
        )
    if not re.search(r"\b(?:was|were|been|being|is|are|be)\b", between):
        return False
    by = re.search(r"\bby\s+(?:the\s+|an?\s+)?$", between)
    return bool(by or (_held().search(between) and re.search(r"\bin\s+(?:the\s+)?$", between)))


def _targets(text: str, first: Sequence[_Party], rest: Sequence[Sequence[_Party]]) -> Sequence[_Party]:
    """The next parties that are not those who act; a place right behind these only says where they are."""
    if _lone().match(text, first[-1].end + 1):
        return ()
    own = {text[party.start : party.end] for party in first}
    home = {party.country for party in first if party.country}
    others = [group for group in rest if not all(text[p.start : p.end] in own for p in group)]
    if len(others) > 1 and re.fullmatch(
        r"\s+(?:\w+\s+){0,2}in\s+(?:the\s+)?", text[first[-1].end : others[0][0].start]
    ):
        others = others[1:]
    others = [group for group in others if not all(_bare_home(text, party, home) for party in group)]
    return others[0] if others else ()


def _bare_home(text: str, party: _Party, home: set[str]) -> bool:
    """Whether a party is only the country of those who act: `the Serbian President promised to democratize Serbia`."""
    return party.country in home and " " not in text[party.start : party.end].strip()


@cache
def _data() -> dict[str, str]:
    return tomllib.loads((files("rag") / "data" / "actors.toml").read_text(encoding="utf-8"))


@cache
def _list(key: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in re.split(r"[|\n]", _data().get(key, "")) if phrase.strip())


@cache
def _opening_words() -> frozenset[str]:
    return _list("opening") | {"the", "a", "an", "and", "meanwhile", "however", "but"}


@cache
def _group_words() -> frozenset[str]:
    held = _list("groups_en") | titles("en")
    return frozenset(word for phrase in held for word in phrase.split()) - {"of", "to", "the", "and"}


@cache
def _leading() -> re.Pattern[str]:
    return re.compile(rf"{pattern(_list('groups_vi') | titles('vi')).pattern}\s+$", re.IGNORECASE)


@cache
def _alone(lang: str) -> re.Pattern[str]:
    return pattern(_list("alone_vi" if lang == "vi" else "alone_en"))


@cache
def _telling() -> re.Pattern[str]:
    return pattern(_list("telling"))


@cache
def _mutual() -> re.Pattern[str]:
    return pattern(_list("mutual"))


@cache
def _lone() -> re.Pattern[str]:
    return pattern(_list("lone"))


@cache
def _held() -> re.Pattern[str]:
    return pattern(_list("held"))
