"""The words of briefings in each of their languages: labels, days, countries and places. rag/data/briefing.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from rag import places
from rag.domain import Event, EventDate, EventPlace
from rag.text import fold, language

BriefLang = Literal["en", "vi"]
LANGS: tuple[BriefLang, ...] = ("en", "vi")
_QUOTES = frozenset('“”"«»「」')
_DATE = re.compile(r"(?P<year>\d{4}|XXXX)(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?")


@cache
def table() -> Mapping[str, Any]:
    """The data file: weights, ranks, cue words and the labels of each language."""
    return tomllib.loads((files("rag") / "data" / "briefing.toml").read_text(encoding="utf-8"))


def label(lang: str, key: str, *more: str) -> str:
    """A label of a language: `label("vi", "kinds", "call")`."""
    found = table()[lang][key]
    for each in more:
        found = found[each]
    return str(found)


def listed(parts: Sequence[str], lang: str) -> str:
    """`A, B and C`."""
    return " ".join(filter(None, [", ".join(parts[:-1]), label(lang, "and") if parts[1:] else "", *parts[-1:]]))


def quoted(text: str, lang: str) -> str:
    """The words of an article in quotation marks, on one line."""
    first, last = table()[lang]["quotes"]
    words = " ".join(text.split())
    inner = words[1:-1]
    if words[:1] in _QUOTES and words[-1:] in _QUOTES and not _QUOTES & set(inner):
        words = inner  # a quote in quotation marks of its own
    return f"{first}{words}{last}"


@cache
def day_words(edtf: str, lang: str) -> str:
    """An EDTF date or interval in words, with no year where none is stated: `13 July`, `9-11 September 2024`."""
    first, _, last = edtf.partition("/")
    if not last or first == last:
        return _one_day(first, lang)
    one, two = _DATE.match(first), _DATE.match(last)
    if one and two and one["day"] and two["day"] and one["year"] == two["year"]:
        same_month = one["month"] == two["month"]
        start = str(int(one["day"])) if same_month else _one_day(f"XXXX-{one['month']}-{one['day']}", lang)
        return f"{start}{'-' if same_month else ' - '}{_one_day(last, lang)}"
    return f"{_one_day(first, lang)} - {_one_day(last, lang)}"


def _one_day(edtf: str, lang: str) -> str:
    found = _DATE.match(edtf)
    if found is None:
        return edtf
    year = "" if found["year"] == "XXXX" else found["year"]
    month = int(found["month"]) if found["month"] else None
    day = str(int(found["day"])) if found["day"] else ""
    if month is None or not 1 <= month <= 12:
        return year or edtf
    if lang == "vi":
        numbers = "/".join(filter(None, [day, str(month), year]))
        return numbers if day else f"tháng {numbers}"
    return " ".join(filter(None, [day, table()["en"]["months"][month - 1], year]))


def date_words(date: EventDate | None, lang: str) -> str:
    """When an event was, as its record has it; "" where no day, month or year is known."""
    if date is None or not date.edtf:
        return ""
    words = day_words(date.edtf, lang)
    if not date.edtf.startswith("XXXX"):
        return words
    note = label(lang, "implied_year").format(year=date.implied_year) if date.implied_year else label(lang, "no_year")
    return f"{words} ({note})"


@cache
def country_words(code: str, lang: str) -> str:
    """A country's usual name in a language; its code where the gazetteer has none."""
    if code in table()[lang]["countries"]:
        return label(lang, "countries", code)
    for number in sorted(places.of_kind("country", code)):
        forms = places.entities()[number].forms.get(lang) or []
        if forms:
            return forms[0]
    return code


def place_words(place: EventPlace | None, lang: str) -> str:
    """Where an event was: the gazetteer's name in the language, else the article's words; with the country."""
    if place is None:
        return ""
    said = " ".join(place.text.split())
    name = _known(place, lang) or (said if language(said) in (lang, "en") else quoted(said, lang))
    if place.country is None:
        return name
    country = country_words(place.country, lang)
    return name if _names(name, place.country) else f"{name}, {country}"


def begins_with_place(words: str) -> bool:
    """Whether the words say themselves how they stand to a place: `near Gao`, `ngoài khơi Vũng Tàu`."""
    return fold(words.strip("“")).split()[0] in _relations()


@cache
def _relations() -> frozenset[str]:
    return frozenset(fold(word) for word in table()["relations"])


def heading(event: Event, lang: str) -> str:
    """Kind, place and day: `Meeting - Jakarta, Indonesia, 13 July (year not stated)`."""
    where = ", ".join(filter(None, [place_words(event.place, lang), date_words(event.date, lang)]))
    return " - ".join(filter(None, [label(lang, "kinds", event.kind), where]))


def _known(place: EventPlace, lang: str) -> str | None:
    """The name in the language of the one place of the country that the words can stand for."""
    found = [places.entities()[number] for number in sorted(places.lookup(place.text))]
    found = [entity for entity in found if entity.country == place.country and entity.kind != "organisation"]
    if len(found) != 1 or not found[0].forms.get(lang):
        return None
    if found[0].kind == "country":
        return country_words(found[0].country, lang)
    return place.text if place.text in found[0].forms[lang] else found[0].forms[lang][0]


def _names(words: str, code: str) -> bool:
    """Whether the words name the country itself."""
    entities = [places.entities()[number] for number in places.of_kind("country", code)]
    forms = {fold(form) for entity in entities for each in entity.forms.values() for form in each}
    return fold(words) in forms or fold(words.rpartition(", ")[2]) in forms
