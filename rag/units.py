"""Units of figures, what they count and how exact they are, by the words beside them (figures.toml)."""

from __future__ import annotations

import re
from functools import cache

from rag.numerals import LETTER, data, listed, lowered, phrase

_AMERICAN = re.compile(r"US|u\.s|mỹ|american|美", re.IGNORECASE)
_BETWEEN = {"en": 2, "ru": 2, "vi": 1, "zh": 4}  # words at most between a figure and what it counts
_HEAD_LAST = ("en", "zh")
NEAR = 40  # characters at most between a figure and the word for what it counts


def unit_after(text: str, end: int, lang: str) -> tuple[str | None, int]:
    """The unit that stands right after a figure, by the name all languages share, and where it ends."""
    match = _unit(lang).match(lowered(text[end : end + NEAR]))
    if match is None or (match.end() - match.start("unit") == 1 and text[end + match.start("unit")].isupper()):
        return None, end  # "thế kỷ 20 M. Theo"
    return _unit_of(match["unit"], lang), end + match.end()


def currency_before(text: str, start: int, lang: str) -> tuple[str | None, int]:
    """The currency whose sign or code stands right before a figure, and where that begins."""
    first = max(0, start - 12)
    match = _currency(lang).search(lowered(text[first:start]))
    return (_unit_of(match["unit"], lang), first + match.start()) if match else (None, start)


def counted(text: str, end: int, lang: str) -> str | None:
    """What a figure counts, by the nearest listed word after it; of "40 business leaders" the last of them."""
    after = lowered(text[end : end + NEAR])
    match = _counting(lang, _BETWEEN.get(lang, 2)).match(after)
    while match and lang in _HEAD_LAST and (head := _counting(lang, 0).match(after, match.end())):
        match = head
    return match.lastgroup if match else None


def hedge(text: str, start: int, end: int, lang: str) -> str | None:
    """Whether the words around a figure say about, over or under it."""
    found = _hedges(lang).search(lowered(text[max(0, start - 20) : start]))
    if found:
        return found.lastgroup
    after = text[end : end + 12].lower().lstrip()
    return "over" if after.startswith(tuple(data()["after"]["over"].get(lang, ()))) else None


def is_currency(unit: str | None) -> bool:
    """Whether a unit is money."""
    return unit is not None and (unit in data()["families"] or (unit.isupper() and unit.isalpha() and unit != "TEU"))


def currencies(text: str, *, lang: str) -> frozenset[str]:
    """The currencies that a text names, beside a figure or not."""
    return frozenset(
        unit
        for match in _any_currency(lang).finditer(lowered(text))
        if (unit := _unit_of(match["unit"], lang)) is not None
    )


def currencies_agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two currencies, each with the words for it, may be the same: "dollars" and AUD, not "US dollars"."""
    for (family, said), (unit, _) in ((one, other), (other, one)):
        if unit in data()["families"].get(family, ()):
            return family != "USD" or _AMERICAN.search(said) is None
    return False


def is_people(kind: str) -> bool:
    """Whether what is counted are persons."""
    return kind == "people" or kind in data()["people"]["kinds"]


@cache
def _units(lang: str) -> dict[str, str]:
    units = {entry: name for name, table in data()["units"].items() for entry in listed(table, lang)}
    if lang == "vi":  # "30 tỷ đồng kyat"
        units |= {f"đồng {entry}": name for entry, name in units.items() if is_currency(name) and entry[0].isalpha()}
    return units


@cache
def _unit(lang: str) -> re.Pattern[str]:
    entries = sorted(_units(lang), key=len, reverse=True)
    gap = r"(?:\s|-|\u00a0)?"
    skipped = data()["between"].get(lang)
    between = rf"(?:{gap}(?:{'|'.join(map(phrase, skipped))}))?" if skipped else ""
    notes = (
        r"(?<!đồng(?=\s(?:chí|bào|thời|ý|bộ|minh|nghiệp|bằng|nai|tháp|hành|thuận|cỏ|ruộng|lúa)))"
        if lang == "vi"
        else ""
    )
    return re.compile(
        rf"{between}{gap}(?P<unit>{'|'.join(map(phrase, entries))})(?!{LETTER if lang != 'zh' else '$^'}){notes}"
    )


@cache
def _currency(lang: str) -> re.Pattern[str]:
    money = [name for name in data()["units"] if is_currency(name)]
    entries = sorted({entry for name in money for entry in data()["units"][name].get("any", ())}, key=len, reverse=True)
    return re.compile(rf"(?<!{LETTER})(?P<unit>{'|'.join(map(re.escape, entries))})\s?$".replace("\\*", ""))


@cache
def _any_currency(lang: str) -> re.Pattern[str]:
    entries = sorted((entry for entry, name in _units(lang).items() if is_currency(name)), key=len, reverse=True)
    edge = "" if lang == "zh" else rf"(?<!{LETTER})"
    return re.compile(rf"{edge}(?P<unit>{'|'.join(map(phrase, entries))})")


def _unit_of(found: str, lang: str) -> str | None:
    units = _units(lang)
    if found in units:
        return units[found]
    longest = max(
        (entry for entry in units if entry.endswith("*") and found.startswith(entry[:-1])), key=len, default=""
    )
    return units.get(longest)


@cache
def _counting(lang: str, between: int) -> re.Pattern[str]:
    entries = {entry: kind for kind, table in data()["counted"].items() for entry in listed(table, lang)}
    kinds: dict[str, list[str]] = {}
    for entry in sorted(entries, key=len, reverse=True):
        kinds.setdefault(entries[entry], []).append(phrase(entry))
    any_kind = "|".join(f"(?P<{kind}>{'|'.join(phrases)})" for kind, phrases in kinds.items())
    word = r"[^\W\d_]+" if lang != "zh" else "[\u4e00-\u9fff]"
    gap = r"[\s-]" if lang != "zh" else ""
    edge = rf"(?<!{LETTER})" if lang != "zh" else ""
    return re.compile(rf"(?:{gap}{word}){{0,{between}}}?{gap}{edge}(?:{any_kind})")


@cache
def _hedges(lang: str) -> re.Pattern[str]:
    kinds = data()["hedges"]
    edge = rf"(?<!{LETTER})" if lang != "zh" else ""
    alternatives = "|".join(
        f"(?P<{kind}>{'|'.join(map(re.escape, listed(table, lang)))})" for kind, table in kinds.items()
    )
    return re.compile(rf"{edge}(?:{alternatives})\s?$")
