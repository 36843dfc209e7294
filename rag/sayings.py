"""Who said what to whom: the clauses behind and before verbs of saying, and what stands in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from rag.domain import Name, Saying
from rag.reading import Reading
from rag.told_words import Span, any_of, pattern, phrases, pieces, trimmed, without_source
from rag.wordlists import english_words

_COURTESY = 60  # characters of thanks that may say nothing more
_MOST_BACK = 6  # sentences back in which a title's or a pronoun's person is sought
_VI_BEHIND = re.compile(r"\s*(?:thêm\s+|cũng\s+|rõ\s+|về\s+việc\s+)?(?:rằng|là)?\s*[,:]?\s*", re.IGNORECASE)
_VI_TO = re.compile(
    r"\s+(?:với|cùng|trước)\s+((?:(?!rằng\b|về\b|tại\b|sau\b|trong\b)[^\s,.;:“\"]+\s*){1,8}?)(?=\s*(?:rằng\b|về\b|tại\b|sau\b|trong\b|[,.:;“\"]|$))"
)
_EN_TO = re.compile(
    r"\s+((?:(?!that\b|in\b|on\b|after\b|about\b|at\b|to\b)[^\s,.;:“\"]+\s*){1,7}?)(?=\s*(?:that\b|in\b|on\b|after\b|about\b|at\b|to\b|[,.:;“\"]|$))"
)
_EN_THAT = re.compile(r"[^,;.:\"“]{0,90}?\bthat\s+", re.IGNORECASE)
_EN_WHEN = re.compile(r"\s+(?:on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|earlier|also)\b")
_QUOTE = re.compile(r"[“\"«]([^”\"»\n]{8,1500})[”\"»]")
_THEO = re.compile(r"^\s*Theo\s+([^,]{2,120}),\s+")
_ACCORDING = re.compile(r",\s+according to ([^,.;]{2,80})")
_CAPITALS = re.compile(r"((?:[A-ZĐ][\w.'’-]+\s+){0,4}[A-ZĐ][\w'’-]+)\s*$")


@dataclass(slots=True)
class _Heard:
    """Who spoke or acted last: by whom a pronoun can be meant."""

    speaker: str | None = None


def said(reading: Reading, spans: Sequence[Span]) -> tuple[Saying, ...]:
    """Who said what, in the article's words: the clause said, its speaker by the fullest name, and to whom if stated.

    A pronoun or a bare title is whom the sentences before name; where nobody is named, nothing is said. The text of a
    Saying is the quote of its citation. Linear in the text.
    """
    heard = _Heard()
    found: dict[tuple[str, str], Saying] = {}
    ordered = list(pieces(reading, spans))
    for number, (start, end) in enumerate(ordered):
        following = ordered[number + 1] if number + 1 < len(ordered) else None
        for speaker, span, to in _of_sentence(reading, start, end, following, heard):
            if span[1] - span[0] >= 8:
                citation = reading.cite(*span)
                found.setdefault((speaker, citation.quote), Saying(speaker, citation.quote, to, (citation,)))
        named = reading.within(start, end, "person")
        if named and (heard.speaker is None or _opens_with(reading, start, named[0])):
            heard.speaker = reading.full(named[0])
    return tuple(found.values())


def _opens_with(reading: Reading, start: int, name: Name) -> bool:
    """Whether a sentence is about the person whom it names first: nobody but his title stands before."""
    return "," not in reading.flowing[start : name.start] and name.start - start < 80


def _of_sentence(
    reading: Reading, start: int, end: int, following: Span | None, heard: _Heard
) -> Iterator[tuple[str, Span, str | None]]:
    text = reading.flowing
    quotes = [match.span(1) for match in _QUOTE.finditer(text, start, end)]
    if reading.lang == "vi" and (theo := _THEO.match(text[start : min(end, start + 200)])):
        who = _person_of(reading, start + theo.start(1), start + theo.end(1), heard, whole=True)
        if who:
            heard.speaker = who
            yield who, trimmed(text, start + theo.end(), end), None
            return
    if reading.lang == "en" and (source := _ACCORDING.search(text, start, end)):
        named_by = _without_adverbs(source[1], reading.lang)
        who = _person_of(reading, source.start(1), source.start(1) + len(named_by), heard, whole=True)
        if who:
            yield who, trimmed(text, start, source.start()), None
            return
    found = False
    reach = start
    for verb in _verbs(reading.lang).finditer(text, start, end):
        if verb.start() < reach or any(first <= verb.start() < last for first, last in quotes):
            continue
        who = _speaker(reading, start, verb, end, heard, goes_on=found, quotes=quotes)
        if who is None:
            continue
        span, to = _clause(reading, start, verb, end, following, quotes)
        if span is None:
            continue
        found, heard.speaker = True, who
        reach = max(reach, verb.end())
        cut = _next_saying(reading, max(span[0], verb.end()), span[1]) if span[0] >= verb.start() else span[1]
        if not _is_courtesy(verb, text[verb.end() : cut], reading.lang):
            yield who, (without_source if span[0] == verb.start() else trimmed)(text, span[0], cut), to
        reach = max(reach, cut if span[0] >= verb.start() else verb.end())


def _is_courtesy(verb: re.Match[str], words: str, lang: str) -> bool:
    """Whether somebody is only thanked or congratulated, and it is not told what for."""
    return (
        " ".join(verb.group().lower().split()) in phrases("said", "courtesies")
        and len(words) < _COURTESY
        and not pattern("said", "reasons_vi" if lang == "vi" else "reasons_en").search(words)
    )


def _next_saying(reading: Reading, first: int, end: int) -> int:
    """Where the same speaker goes on with another verb of saying, or another person does: else the end."""
    lang = reading.lang if reading.lang in ("vi", "zh") else "en"
    if lang == "zh":
        return end
    goes_on = re.compile(
        rf"[,;]\s+(?:{any_of('said', 'goes_on')}\s+){{0,2}}{any_of('said', lang)}(?!\s*(?:của|of))", re.IGNORECASE
    )
    found = goes_on.search(reading.flowing, first, end)
    return found.start() if found else end


def _speaker(
    reading: Reading, start: int, verb: re.Match[str], end: int, heard: _Heard, *, goes_on: bool, quotes: Sequence[Span]
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
    bare = _without_adverbs(before, reading.lang)
    chunk_from = max(bare.rstrip(" ,").rfind(mark) for mark in ',;:“"') + 1
    ends_apart = bare.rstrip().endswith(",")
    if goes_on and re.fullmatch(
        rf"\s*(?:{any_of('said', 'goes_on')}\s*)*", bare[chunk_from:].strip(" ,") + " ", re.IGNORECASE
    ):
        return heard.speaker
    aside = reading.lang == "en" and re.match(r"\s*(?:who|whose|which|where|when)\b", bare[chunk_from:])
    who = None if aside else _person_of(reading, open_from + chunk_from, open_from + len(bare), heard)
    if who is None and ends_apart:
        names = reading.within(open_from, open_from + len(bare), "person")
        who = reading.full(names[-1]) if names else None
    return who


@cache
def _adverbs(lang: str) -> re.Pattern[str]:
    words = any_of("said", "adverbs_vi" if lang == "vi" else "adverbs_en")
    return re.compile(rf"(?:\s+{words})+\s*$", re.IGNORECASE)


def _without_adverbs(before: str, lang: str) -> str:
    """What stands before a verb without the adverbs between: the same characters from the beginning."""
    found = _adverbs(lang).search(before)
    return before[: found.start()] if found else before


def _person_of(reading: Reading, first: int, last: int, heard: _Heard, *, whole: bool = False) -> str | None:
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


def _titled(reading: Reading, bare: str, at: int, heard: _Heard) -> str | None:
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


def _clause(
    reading: Reading, start: int, verb: re.Match[str], end: int, following: Span | None, quotes: Sequence[Span]
) -> tuple[Span | None, str | None]:
    """The clause said, and to whom: behind the verb, in quotation marks beside it, or before it (`..., he said`)."""
    text = reading.flowing
    to, at = _to(reading, verb, end)
    behind = text[at:end].strip(" .,;!?")
    before = text[start : verb.start()]
    inner = [span for span in quotes if span[1] <= verb.start() + 1]
    if inner and not any(span[0] >= at for span in quotes) and not _that(reading, at, end):
        return inner[-1], to
    if following is not None and len(behind) < 60 and text[at:end].rstrip().endswith(":"):
        return following, to
    after = [span for span in quotes if span[0] >= at and span[0] - at <= 30]
    if after and after[0][1] - after[0][0] > 0.5 * (end - at):
        return after[0], to
    if reading.lang == "en" and (span := _before(text, start, verb, before, end, at)):
        return span, to
    if reading.lang == "zh":
        return (min(at + len(re.match(r"[，：:,]?", text[at:]).group()), end), end) if at < end else None, to  # type: ignore[union-attr]
    opens = _that(reading, at, end)
    first = opens if opens is not None else at
    if to is None and _is_part(reading, verb.group(), first, end, introduced=opens is not None):
        first = verb.start()
    return ((first, end) if end - max(first, at) > 8 else None), to


def _is_part(reading: Reading, verb: str, first: int, end: int, *, introduced: bool) -> bool:
    """Whether a verb belongs to what was said: "thanked Laos", "urged Jakarta to", "the importance of" has no verb."""
    lang = "vi" if reading.lang == "vi" else "en"
    word = " ".join(verb.lower().split())
    if reading.flowing[max(0, first - 3) : first].rstrip().endswith((",", ":")):
        return False
    if word in phrases("said", f"whole_{lang}"):
        return True
    if lang == "en":
        return not introduced and word not in phrases("said", "plain_en")
    behind = reading.flowing[first : min(end, first + 40)].lstrip()
    return not introduced and bool(pattern("said", "nominal_vi").match(behind))


def _that(reading: Reading, at: int, end: int) -> int | None:
    """Where the clause behind `that` or `rằng` begins."""
    text = reading.flowing
    if reading.lang == "vi":
        found = _VI_BEHIND.match(text, at, end)
        return found.end() if found and found.end() > at and found.group().strip() else None
    found = _EN_THAT.match(text, at, min(end, at + 110))
    if found:
        return found.end()
    when = _EN_WHEN.match(text, at, end)
    return when.end() if when else None


def _before(text: str, start: int, verb: re.Match[str], before: str, end: int, at: int) -> Span | None:
    """`The work is done, the minister said.`: the clause before its speaker, where none stands behind the verb."""
    rest = text[at:end].strip(" .!?")
    short = len(rest) < 60 and not re.match(r"that\b|[,:]?\s*[“\"]|\w+ing\b", rest)
    apart = before.rfind(",", 0, len(before) - 2)
    ends = re.search(r",\s*$", before)
    if re.match(r"\s+(?:that|on|in|at|to)\b", text[verb.end() : end]) and ends:
        return None
    if ends:
        cut = start + ends.start()
        return (start, cut) if cut - start > 20 and re.match(r"\s*(?:[a-z' ]*[A-Z])", text[verb.end() : end]) else None
    after = re.match(r"(?:on|at|in|after|during|to|here|yesterday|reporters|told)\b", rest)
    if apart > 20 and (not rest or (short and after)):
        return start, start + apart
    return None


def _to(reading: Reading, verb: re.Match[str], end: int) -> tuple[str | None, int]:
    """To whom it is said, where that stands behind the verb, and where the rest begins."""
    text, at = reading.flowing, verb.end()
    word = verb.group().lower()
    if reading.lang == "vi" and word in ("nói", "chia sẻ", "cho biết", "khẳng định", "trả lời", "phát biểu", "bày tỏ"):
        found = _VI_TO.match(text, at, min(end, at + 150))
    elif reading.lang == "en" and word in ("told", "tells", "informed", "assured", "briefed"):
        found = _EN_TO.match(text, at, min(end, at + 150))
    else:
        return None, at
    if found is None:
        return None, at
    return found[1].strip(), found.end()


@cache
def _titles(lang: str) -> re.Pattern[str]:
    if lang == "vi":
        return re.compile(rf"\b(?:(?:tân|phó|quyền)\s+)?{any_of('said', 'titles_vi')}", re.IGNORECASE)
    return re.compile(any_of("said", "titles_en"), re.IGNORECASE)


@cache
def _verbs(lang: str) -> re.Pattern[str]:
    key = lang if lang in ("vi", "zh") else "en"
    return re.compile(any_of("said", key), re.IGNORECASE)
