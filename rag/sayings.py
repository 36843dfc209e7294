"""Who said what to whom: the clauses behind and before verbs of saying, and what stands in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from rag.domain import Name, Saying
from rag.reading import Reading
from rag.told_words import Span, any_of, pattern, phrases, pieces, trimmed, without_source
from rag.who_said import Heard, person_of, speaker_of, without_adverbs

_COURTESY = 60  # characters of thanks that may say nothing more
_VI_BEHIND = re.compile(r"\s*(?:thêm\s+|cũng\s+|rõ\s+|về\s+việc\s+)?(?:rằng|là)?\s*[,:]?\s*", re.IGNORECASE)
_VI_TO = re.compile(
    r"\s{1,40}+(?:với|cùng|trước)\s{1,40}+"
    r"((?:(?!rằng\b|về\b|tại\b|sau\b|trong\b)[^\s,.;:“\"]{1,150}+\s{0,40}+){1,8}?)"
    r"(?=\s{0,40}+(?:rằng\b|về\b|tại\b|sau\b|trong\b|[,.:;“\"]|$))"
)
_EN_TO = re.compile(
    r"\s{1,40}+((?:(?!that\b|in\b|on\b|after\b|about\b|at\b|to\b)[^\s,.;:“\"]{1,150}+\s{0,40}+){1,7}?)"
    r"(?=\s{0,40}+(?:that\b|in\b|on\b|after\b|about\b|at\b|to\b|[,.:;“\"]|$))"
)
_EN_THAT = re.compile(r"[^,;.:\"“]{0,90}?\bthat\s+", re.IGNORECASE)
_EN_WHEN = re.compile(r"\s{1,40}+(?:on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|earlier|also)\b")
_QUOTE = re.compile(r"[“\"«]([^”\"»\n]{8,1500}+)[”\"»]")
_THEO = re.compile(r"^\s*Theo\s+([^,]{2,120}),\s+")
_ACCORDING = re.compile(r",\s+according to ([^,.;]{2,80})")


def said(reading: Reading, spans: Sequence[Span]) -> tuple[Saying, ...]:
    """Who said what, in the article's words: the clause said, its speaker by the fullest name, and to whom if stated.

    A pronoun or a bare title is whom the sentences before name; where nobody is named, nothing is said. The text of a
    Saying is the quote of its citation. Linear in the text.
    """
    heard = Heard()
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
    reading: Reading, start: int, end: int, following: Span | None, heard: Heard
) -> Iterator[tuple[str, Span, str | None]]:
    text = reading.flowing
    quotes = [match.span(1) for match in _QUOTE.finditer(text, start, end)]
    if reading.lang == "vi" and (theo := _THEO.match(text[start : min(end, start + 200)])):
        who = person_of(reading, start + theo.start(1), start + theo.end(1), heard, whole=True)
        if who:
            heard.speaker = who
            yield who, trimmed(text, start + theo.end(), end), None
            return
    if reading.lang == "en" and (source := _ACCORDING.search(text, start, end)):
        named_by = without_adverbs(source[1], reading.lang)
        who = person_of(reading, source.start(1), source.start(1) + len(named_by), heard, whole=True)
        if who:
            yield who, trimmed(text, start, source.start()), None
            return
    found = False
    reach = start
    for verb in _verbs(reading.lang).finditer(text, start, end):
        if verb.start() < reach or any(first <= verb.start() < last for first, last in quotes):
            continue
        who = speaker_of(reading, start, verb, end, heard, goes_on=found, quotes=quotes)
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
def _verbs(lang: str) -> re.Pattern[str]:
    key = lang if lang in ("vi", "zh") else "en"
    return re.compile(any_of("said", key), re.IGNORECASE)
