"""An article's events: what it tells and what it only mentions, by rules over its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.domain import Article, Event, EventDate, EventKind, Fact, Name
from rag.event_dates import Day, days, event_date
from rag.event_kinds import SENTENCE_MOST, Mention, goes_on, is_digest, mentions, order, promises_none
from rag.event_places import dateline_end, event_place
from rag.participants import participants
from rag.reading import Reading, Span
from rag.told import agreed, documents, figures_of, next_steps, said

_LEAD = 4  # sentences in which the news is told
_MOST = 400  # sentences that are read
_ITEM = re.compile(r"\s*(?:\d{1,2}[.)]|[•*▪◦►–—-])\s+\S")
_WITHIN: dict[EventKind, frozenset[EventKind]] = {
    "visit": frozenset({"meeting", "signing", "statement", "conference", "visit"}),
    "meeting": frozenset({"meeting", "signing", "statement"}),
    "conference": frozenset({"meeting", "statement", "conference"}),
}
_RATHER: frozenset[EventKind] = frozenset(
    {"signing", "conference"}
)  # than the visit or meeting that one clause names too
_TELLS: dict[EventKind, float] = {"statement": 2.5, "other": 1.0, "aid": 1.0}
_NAMES: dict[EventKind, float] = {
    "meeting": 0.5, "call": 0.5, "talks online": 0.5, "signing": 0.8, "conference": 1.5, "attack": 4.0, "other": 9.0,
}  # fmt: skip
_NAMED = 3.2
_WEAK = 1.8
_HISTORY = 5.0
_LONG = 300  # characters by which the words of a sentence are less what it tells
_YEAR = re.compile(r"\b(?:in|since|of|năm|từ) (1\d{3}|20\d\d)\b")
_TITLE = 1.5
_UNLIKELY = 4.5
_OPENING = 12  # characters in which a sentence begins with words that nothing dates
_APART = 220  # characters between a mention and its day


@dataclass(frozen=True, slots=True)
class _Told:
    """An event before its fields are read: the words that tell it, and the sentences (by number) that are its own."""

    mention: Mention
    kind: EventKind
    numbers: tuple[int, ...]
    day: Day | None
    background: bool = False
    span: Span | None = None  # where only a part of the sentence is about it
    apart: bool = True  # no other event's fields are read from its sentences


def extract(article: Article, *, names: Sequence[Name] | None = None) -> tuple[Event, ...]:
    """The records of an article, in the order in which it tells them; () for one that tells no event.

    Every citation is verbatim. What the article only mentions beside its news is `background`. Deterministic and
    linear in the text.
    """
    reading = Reading(article, names)
    if not reading.sentences or promises_none(article.source.title or ""):
        return ()
    found = [told for first, last in _items(reading) for told in _of_item(reading, first, last)]
    return tuple(_event(reading, told, number) for number, told in enumerate(found, 1))


def _items(reading: Reading) -> Iterator[tuple[int, int]]:
    """The news items of an article, as numbers of sentences: one, or those of a list."""
    last = min(len(reading.sentences), _MOST)
    text = reading.text
    opening = [n for n in range(last) if _opens_line(text, reading.sentences[n][0])]
    listed = [n for n in opening if _ITEM.match(text, _line_start(text, reading.sentences[n][0]))]
    digest = is_digest(reading.article.source.title or "")
    starts = listed if len(listed) >= 2 and (len(listed) * 2 >= len(opening) or digest) else opening if digest else []
    if len(starts) < 2 or sum(_is_news(reading, n) for n in starts) * 2 < len(starts):
        yield 0, last
        return
    yield from zip(starts, [*starts[1:], last], strict=True)


def _opens_line(text: str, start: int) -> bool:
    line = _line_start(text, start)
    return start - line <= 8 and (not text[line:start].strip() or bool(_ITEM.match(text, line)))


def _line_start(text: str, start: int) -> int:
    return (
        text.rfind("\n", max(0, start - 40), start) + 1
        if "\n" in text[max(0, start - 40) : start]
        else max(0, start - 40)
        if start > 40
        else 0
    )


def _is_news(reading: Reading, number: int) -> bool:
    return any(day.level >= 1 or day.relative for day in days(reading, *reading.sentences[number]))


def _of_item(reading: Reading, first: int, last: int) -> Iterator[_Told]:
    found = mentions(reading, first, last)
    main = _main(reading, found, first, last)
    if main is None:
        return
    others = list(_background(reading, found, main))
    also = list(_moreover(reading, found, main, first, last))
    apart = {n for other in others if other.apart for n in other.numbers} | {n for told in also for n in told.numbers}
    telling = main.mention.sentence
    rest = [n for n in range(first, last) if n != telling and n not in apart]
    yield _Told(main.mention, main.kind, (telling, *rest), main.day)
    yield from also
    yield from others


def _main(reading: Reading, found: Sequence[Mention], first: int, last: int) -> _Told | None:
    """The event that the first sentences tell: the nearest to the beginning, verbs before nouns."""
    lead = [mention for mention in found if mention.sentence < first + _LEAD and not mention.quoted]
    titled = _titled(reading)
    scored = [
        (_unlikely(reading, mention, first, titled), order(mention.kind), mention.start, mention) for mention in lead
    ]
    best = min(scored, default=None, key=lambda each: each[:3])
    if best is None or best[0] >= _UNLIKELY:
        mention = _unnamed(reading, first, last)
        if mention is None:
            return None
    else:
        mention = best[3]
    return _Told(mention, mention.kind, (mention.sentence,), _day_of(reading, mention, lead, first, last))


def _titled(reading: Reading) -> frozenset[EventKind]:
    """The kinds of which the title speaks."""
    title = reading.article.source.title
    if not title:
        return frozenset()
    beside = Article(reading.article.source, title)
    heading = Reading(beside, ())
    found = mentions(heading, 0, min(2, len(heading.sentences)))
    return frozenset(m.kind for m in found if m.told or m.kind not in ("attack", "statement", "other"))


def _unlikely(reading: Reading, mention: Mention, first: int, titled: frozenset[EventKind]) -> float:
    """How far a mention is from being the news; from 4.5 on it is not."""
    far = float(mention.sentence - first) + (mention.start - reading.sentences[mention.sentence][0]) / _LONG
    far += (_TELLS if mention.told else _NAMES).get(mention.kind, 0.0 if mention.told else _NAMED)
    if mention.weak:
        far += _WEAK
    if mention.beside:
        far += 2.0 if mention.kind in ("meeting", "call", "talks online") and not mention.aside else 4.0
    if mention.unreal:
        far += 3.0
    if mention.earlier and mention.sentence > first:
        far += 3.0
    if mention.kind in titled:
        far -= _TITLE
    return far + (_HISTORY if _is_history(reading, mention) else 0.0)


def _is_history(reading: Reading, mention: Mention) -> bool:
    """Whether the only date of a sentence is a year long before the publication, or before this century."""
    published = reading.article.source.published or ""
    last = int(published[:4]) - 2 if published[:4].isdigit() else 1999
    start, end = reading.sentences[mention.sentence]
    years = [int(found[1]) for found in _YEAR.finditer(reading.text, start, min(end, start + SENTENCE_MOST))]
    exact = any(day.level > 0 or day.relative for day in _days_of(reading, mention.sentence))
    return bool(years) and not exact and max(years) <= last


def _unnamed(reading: Reading, first: int, last: int) -> Mention | None:
    """News without a word for it: a first or second sentence that says on which day."""
    for number in range(first, min(first + 2, last)):
        start, end = reading.sentences[number]
        known = [day for day in days(reading, start, end) if not day.ahead and (day.level == 2 or day.relative)]
        if known and reading.within(start, end):
            return Mention("other", number, known[0].start, known[0].end, told=True)
    return None


def _day_of(reading: Reading, mention: Mention, lead: Sequence[Mention], first: int, last: int) -> Day | None:
    """The day of the news: of the sentence that tells it, the nearest to its words, else of the lead's others."""
    near = _days_beside(reading, mention)
    if near:
        return near[0]
    sure = [day for day in _days_of(reading, mention.sentence) if day.level == 2 and not day.ahead]
    for other in lead:
        if other.kind == mention.kind and other.sentence != mention.sentence and not other.unreal and not other.earlier:
            sure += [day for day in _days_beside(reading, other) if day.level == 2]
    if not sure:
        for number in range(first, min(mention.sentence + 2, last)):
            sure += [day for day in _days_of(reading, number) if _is_of_news(reading, number, day)]
    return sure[0] if sure else None


def _is_of_news(reading: Reading, number: int, day: Day) -> bool:
    return (day.level == 2 or (day.relative and day.level < 0)) and not day.ahead


def _days_of(reading: Reading, number: int) -> list[Day]:
    """The days of a sentence, the dateline's left out."""
    start, end = reading.sentences[number]
    if number == 0:
        start = min(end, max(start, dateline_end(reading)))
    return days(reading, start, end)


def _days_beside(reading: Reading, mention: Mention) -> list[Day]:
    """The days that the sentence of a mention gives it, the likeliest first."""
    planned = mention.unreal or _is_set(reading, mention)
    found = [day for day in _days_of(reading, mention.sentence) if not day.ahead or planned]
    found = [day for day in found if day.level != 0 or (day.relative is False and _in_words(reading, day))]
    start = reading.sentences[mention.sentence][0]

    def unlikely(day: Day) -> tuple[float, int]:
        far = abs(day.start - mention.start) / 100
        if day.start - start < 3 and mention.start - start < 400:
            far = 0.3 if day.level == 2 or day.relative else far
        return far + (2 - day.level if not day.relative else 0.5 if day.level < 2 else 0.0), day.start

    return sorted(found, key=unlikely)


def _in_words(reading: Reading, day: Day) -> bool:
    """Whether a bare year says when: "in 2023", not "the plan for 2030"."""
    return bool(
        re.search(r"(?:trong|in|hồi|vào|năm|last)\s$", reading.text[max(0, day.start - 7) : day.start])
    ) or reading.text[day.start : day.start + 3].lower() in ("năm", "in ")


def _background(reading: Reading, found: Sequence[Mention], main: _Told) -> Iterator[_Told]:
    """What is only mentioned: on whose sidelines the news was, and what has a day of its own."""
    seen: set[tuple[EventKind, str | None]] = {(main.kind, main.day.edtf if main.day else None)}
    within = _WITHIN.get(main.kind, frozenset({main.kind, "statement"}))
    asides: set[EventKind] = set()
    for mention in found:
        if mention.quoted or mention.weak or mention.start == main.mention.start or mention.kind == "other":
            continue
        if mention.aside and mention.kind in ("conference", "visit") and mention.kind not in asides:
            if mention.kind == "conference":
                asides.add(mention.kind)
                yield _Told(
                    mention, mention.kind, (mention.sentence,), None, True, _clause(reading, mention), apart=False
                )
            continue
        day = _own_day(reading, mention, main)
        if day is None or (mention.kind, day.edtf) in seen:
            continue
        if mention.sentence == main.mention.sentence and mention.kind in within and mention.kind != main.kind:
            continue
        rival = next((o for o in found if _same_clause(reading, o, mention) and o.kind in _RATHER), None)
        if mention.kind not in _RATHER and rival is not None:
            continue
        seen.add((mention.kind, day.edtf))
        crowd = any(
            o.kind in _RATHER and o.sentence == mention.sentence and not _same_clause(reading, o, mention)
            for o in found
        )
        shared = mention.sentence == main.mention.sentence or _is_attribution(mention) or crowd
        span = _clause(reading, mention) if shared else None
        yield _Told(mention, mention.kind, (mention.sentence,), day, True, span, apart=crowd or not shared)


def _same_clause(reading: Reading, one: Mention, other: Mention) -> bool:
    first, last = sorted((one.start, other.start))
    return one.sentence == other.sentence and ";" not in reading.text[first:last]


def _is_attribution(mention: Mention) -> bool:
    return mention.kind == "statement" and not mention.told


def _own_day(reading: Reading, mention: Mention, main: _Told) -> Day | None:
    """The day of a mention that is not the day of the news."""
    if mention.unreal and not mention.earlier and not _is_set(reading, mention):
        return None
    for day in _days_beside(reading, mention):
        if main.day is not None and (day.start == main.day.start or day.edtf == main.day.edtf is not None):
            continue
        if abs(day.start - mention.start) > _APART or (
            mention.kind == "statement" and mention.told and not mention.earlier
        ):
            continue
        if day.ahead and not (day.level == 2 and _is_set(reading, mention)):
            continue
        if day.edtf is None and day.start - reading.sentences[mention.sentence][0] > _OPENING:
            continue
        if (day.edtf is None and not day.relative) or (day.level < 1 and day.relative and not mention.earlier):
            continue
        if day.level == 1 and not (mention.earlier or _in_words(reading, day)):
            continue
        return day
    return None


def _is_set(reading: Reading, mention: Mention) -> bool:
    """Whether a planned event is told as set: "dự kiến sẽ diễn ra ngày mai 25/10 tại ..."."""
    text = reading.text[mention.start : min(mention.end + 60, reading.sentences[mention.sentence][1])]
    return mention.kind == "conference" and bool(re.search(r"(?:sẽ )?diễn ra|will (?:take place|be held|open)", text))


def _moreover(reading: Reading, found: Sequence[Mention], main: _Told, first: int, last: int) -> Iterator[_Told]:
    """Further news of the same day: a paragraph that begins so and tells an event of its own."""
    for number in range(main.mention.sentence + 1, last):
        start, end = reading.sentences[number]
        if not goes_on(reading, start, end):
            continue
        told = [
            m
            for m in found
            if m.sentence == number
            and m.told
            and not (m.unreal or m.quoted or m.weak or m.kind in ("other", "statement"))
        ]
        if told:
            best = min(told, key=lambda m: (order(m.kind), m.start))
            yield _Told(best, best.kind, (number,), main.day)


def _clause(reading: Reading, mention: Mention) -> Span:
    """From the words of a mention to the end of its sentence or clause."""
    _, end = reading.sentences[mention.sentence]
    stop = reading.text.find(";", mention.end, end)
    return mention.start, stop if stop > 0 else min(end, mention.end + 300)


def _event(reading: Reading, told: _Told, number: int) -> Event:
    article = reading.article
    spans = [told.span] if told.span else [reading.sentences[n] for n in told.numbers]
    record = f"{article.id}#{number}"
    start, end = reading.sentences[told.mention.sentence]
    headline = reading.cite(start, end)
    whole = told.span is None
    return Event(
        id=record,
        kind=told.kind,
        lang=reading.lang,
        headline=Fact(headline.quote, (headline,)),
        sources=(article.source,),
        date=_date(reading, told),
        place=event_place(reading, spans, at=told.mention.start, kind=told.kind, background=told.background),
        participants=participants(reading, spans, kind=told.kind) if whole else (),
        agreed=agreed(reading, spans) if told.apart else (),
        said=said(reading, spans) if not told.background else (),
        documents=documents(reading, spans) if told.apart else (),
        figures=figures_of(reading, spans) if told.apart else (),
        next_steps=next_steps(reading, spans) if not told.background else (),
        records=(record,),
        background=told.background,
    )


def _date(reading: Reading, told: _Told) -> EventDate | None:
    return event_date(reading, told.day) if told.day else None
