"""Who governs a verb of saying: a person by name, title or pronoun, an organisation or a country."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rag.reading import Reading
from rag.told_words import Span, any_of, pattern
from rag.wordlists import english_words

_MOST_BACK = 6  # sentences back in which a title's or a pronoun's person is sought
_CAPITALS = re.compile(r"((?:[A-ZĐ][\w.'’-]{1,40}+\s{1,40}+){0,4}[A-ZĐ][\w'’-]{1,40}+)\s{0,40}+$")


@dataclass(slots=True)
class Heard:
    """Who spoke or acted last: by whom a pronoun can be meant."""

    speaker: str | None = None


def speaker_of(
    reading: Reading, start: int, verb: re.Match[str], end: int, heard: Heard, *, goes_on: bool, quotes: Sequence[Span]
) -> str | None:
    """Who governs a verb of saying: the person, title or pronoun right before it, or behind it (`said Park`)."""
    text = reading.flowing
    at = verb.start()
    open_from = max([start, *(last + 1 for _, last in quotes if last < at)])
    before = text[open_from:at]
    if (
        reading.lang == "en"
        and re.search(r"[,”\"]\s*$", before)
        and (after := re.match(r"\s+(?:[A-Za-z'’.]+\s+){0,8}?(?=[A-Z])", text[verb.end() : end]))
    ):
        names = reading.within(verb.end(), min(end, verb.end() + 120), "person")
        if names and names[0].start <= verb.end() + after.end() + 60 and "," not in text[verb.end() : names[0].start]:
            return reading.full(names[0])
    bare = without_adverbs(before, reading.lang)
    chunk_from = max(bare.rstrip(" ,").rfind(mark) for mark in ',;:“"') + 1
    ends_apart = bare.rstrip().endswith(",")
    if goes_on and re.fullmatch(
        rf"\s*(?:{any_of('said', 'goes_on')}\s*)*", bare[chunk_from:].strip(" ,") + " ", re.IGNORECASE
    ):
        return heard.speaker
    aside = reading.lang == "en" and re.match(r"\s*(?:who|whose|which|where|when)\b", bare[chunk_from:])
    who = None if aside else person_of(reading, open_from + chunk_from, open_from + len(bare), heard)
    if who is None and ends_apart:
        names = reading.within(open_from, open_from + len(bare), "person")
        who = reading.full(names[-1]) if names else None
    return who


@cache
def _adverbs(lang: str) -> re.Pattern[str]:
    words = any_of("said", "adverbs_vi" if lang == "vi" else "adverbs_en")
    return re.compile(rf"(?:\s+{words})+\s*$", re.IGNORECASE)


def without_adverbs(before: str, lang: str) -> str:
    """What stands before a verb without the adverbs between: the same characters from the beginning."""
    found = _adverbs(lang).search(before)
    return before[: found.start()] if found else before


def person_of(reading: Reading, first: int, last: int, heard: Heard, *, whole: bool = False) -> str | None:
    """Whom a subject names: the person that ends it, whom its pronoun or title means, or an organisation or country."""
    text = reading.flowing[first:last]
    bare = text.strip(" ,–—-")
    vietnamese = reading.lang == "vi"
    if not bare or len(bare) > 260:
        return None
    names = reading.within(first, last, "person")
    if names and (whole or (last - names[-1].end <= 90 and not _acts_between(reading, names[-1].end, last))):
        return reading.full(names[-1])
    if names and not whole:
        return None
    if re.search(rf"(?:^|\s){any_of('said', 'pronouns_vi' if vietnamese else 'pronouns_en')}$", bare, re.IGNORECASE):
        return heard.speaker
    if (vietnamese and re.search(any_of("agreed", "both_vi"), bare, re.IGNORECASE)) or (
        not vietnamese and re.search(r"\b(?:they|both|sides|we|it|who|which)$", bare, re.IGNORECASE)
    ):
        return None
    titled = _titled(reading, bare, first, heard)
    if titled:
        return titled
    others = reading.within(first, last)
    if others and last - others[-1].end <= 4 and len(bare) <= 60:
        if vietnamese and bare[0].islower() and " của " in bare:
            return others[-1].text
        return re.sub(r"^(?:the|The|phía|Phía)\s+", "", bare)
    alone = _CAPITALS.search(bare)
    return (
        _known(reading, alone[1])
        if alone and not vietnamese
        else (_known(reading, alone[1], strict=True) if alone else None)
    )


def _acts_between(reading: Reading, first: int, last: int) -> bool:
    """Whether a person is followed by an act of his own before the verb: then he is not the subject for sure."""
    between = reading.flowing[first:last]
    return bool(re.search(r"[.;:“”\"]|\b(?:và|với|rằng|that|to|để)\b", between))


def _titled(reading: Reading, bare: str, at: int, heard: Heard) -> str | None:
    """The person whom a title alone means: the last before who has it, else the only one it can be."""
    titles = list(_titles(reading.lang).finditer(bare))
    if not titles:
        return None
    title = titles[-1].group().lower().removeprefix("tân ")
    if reading.lang != "vi" and not title.startswith("vice "):
        title = title.split()[-1]
    key = ("" if title.startswith("vice ") else "(?<!vice )") + re.escape(title)
    number = reading.sentence_at(at)
    for back in range(number, max(-1, number - _MOST_BACK - 1), -1):
        start, end = reading.sentences[back]
        people = [name for name in reading.within(start, min(end, start + 4_000), "person") if name.end <= at]
        for name, previous in zip(reversed(people), reversed([None, *people[:-1]]), strict=False):
            first = max(start, name.start - 100, previous.end if previous else 0)
            left, right = (
                reading.flowing[first : name.start].lower(),
                reading.flowing[name.end : min(end, at, name.end + 60)],
            )
            if re.search(rf"\b{key}\b[^,.;]*$", left) or re.match(rf"\s*,[^,.;]*\b{key}\b", right.lower()):
                return reading.full(name)
    return heard.speaker if re.match(r"(?:tân|vị|nhà|quan chức|the)\b", bare, re.IGNORECASE) else None


def _known(reading: Reading, text: str, *, strict: bool = False) -> str | None:
    """A name that the reading did not find as one: the full name that holds it, else itself."""
    words = text.split()
    for full in reading.persons:
        if words[-1] in full.split():
            return full
    if pattern("said", "no_speakers").fullmatch(words[-1]):
        return None
    return None if strict or all(word.lower() in english_words() for word in words) else text


@cache
def _titles(lang: str) -> re.Pattern[str]:
    if lang == "vi":
        return re.compile(rf"\b(?:(?:tân|phó|quyền)\s+)?{any_of('said', 'titles_vi')}", re.IGNORECASE)
    return re.compile(any_of("said", "titles_en"), re.IGNORECASE)
