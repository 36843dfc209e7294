"""Ministers, ambassadors and spokespersons in English and Vietnamese, where a role says nothing else."""

from __future__ import annotations

import re
from functools import cache

from rag import places
from rag.brief_labels import country_words, table
from rag.text import fold

_VI_MINISTER = re.compile(r"(?P<head>bộ trưởng|thứ trưởng)(?: bộ)? (?P<of>.+)", re.IGNORECASE)
_EN_MINISTER = re.compile(
    r"(?P<deputy>deputy |vice )?(?:(?P<of>.{1,99}) minister|minister (?:of|for) (?P<for>.{1,99}))", re.IGNORECASE
)
_VI_ENVOY = re.compile(r"đại sứ (?P<of>.{1,60}?)(?: tại (?P<to>.{1,60}))?", re.IGNORECASE)
_EN_ENVOY = re.compile(
    r"(?:(?P<adjective>.{1,60}?)(?:['’]s)? )?ambassador(?: of (?P<of>.{1,60}?))?(?: (?:to|in) (?P<to>.{1,60}))?",
    re.IGNORECASE,
)
_VI_SPEAKER = re.compile(r"người phát ngôn(?: của)? bộ (?P<of>.+)", re.IGNORECASE)
_EN_SPEAKER = re.compile(r"(?P<of>.{1,99}?) ministry(?:['’]s)? spokes(?:man|woman|person)", re.IGNORECASE)


def in_language(role: str, written: str, lang: str) -> str | None:
    """The role in the other of the two languages; None where it says more than office, ministry and countries."""
    if (written, lang) == ("vi", "en"):
        return _english(role)
    return _vietnamese(role) if (written, lang) == ("en", "vi") else None


def _english(role: str) -> str | None:
    if found := _VI_MINISTER.fullmatch(role):
        ministry = _ministry(_without_country(found["of"]), "vi")
        deputy = "Deputy " if fold(found["head"]) == "thu truong" else ""
        return f"{deputy}{ministry} Minister" if ministry else None
    if found := _VI_SPEAKER.fullmatch(role):
        ministry = _ministry(_without_country(found["of"]), "vi")
        return f"{ministry} Ministry spokesperson" if ministry else None
    if found := _VI_ENVOY.fullmatch(role):
        return _envoy(found["of"], found["to"], "en", "Ambassador of {of}", " to {to}")
    return None


def _vietnamese(role: str) -> str | None:
    if found := _EN_SPEAKER.fullmatch(role):
        ministry = _ministry(_without_country(found["of"]), "en")
        return f"Người phát ngôn Bộ {ministry}" if ministry else None
    if found := _EN_MINISTER.fullmatch(_without_country(role)):
        ministry = _ministry(found["of"] or found["for"], "en")
        return f"{'Thứ' if found['deputy'] else 'Bộ'} trưởng {ministry}" if ministry else None
    if found := _EN_ENVOY.fullmatch(role):
        of = found["of"] or found["adjective"]
        if of is None and found["to"] is None:
            return "Đại sứ"
        return _envoy(of, found["to"], "vi", "Đại sứ {of}", " tại {to}")
    return None


def _envoy(of: str | None, to: str | None, lang: str, form: str, further: str) -> str | None:
    """Whose ambassador and where, both countries."""
    codes = [places.country(each.removeprefix("the ")) if each else None for each in (of, to)]
    if codes[0] is None or (to and codes[1] is None):
        return None
    named = form.format(of=country_words(codes[0], lang))
    return named + (further.format(to=country_words(codes[1], lang)) if codes[1] else "")


def _without_country(text: str) -> str:
    """The words without a country at either end: `Thương mại Hàn Quốc`, `South Korean Trade Minister`."""
    words = text.split()
    for count in range(min(4, len(words) - 1), 0, -1):
        if places.country(" ".join(words[-count:])):
            return " ".join(words[:-count])
        if places.country(" ".join(words[:count]).removesuffix("'s").removesuffix("’s")):
            return " ".join(words[count:])
    return text


def _ministry(text: str, written: str) -> str | None:
    """The name of a ministry in the other language."""
    return _ministries(written).get(fold(text.strip()).replace("defense", "defence"))


@cache
def _ministries(written: str) -> dict[str, str]:
    pairs = table()["portfolios"].items()
    if written == "en":
        return {fold(english): vi for english, vi in pairs}
    return {fold(vi): english for english, vi in pairs}
