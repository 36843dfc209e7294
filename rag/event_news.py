"""What an article tells as its news and what it only mentions: its events before their fields are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.domain import Article, EventKind
from rag.event_dates import Day, days, may_date
from rag.event_kinds import (
    SENTENCE_MOST,
    Mention,
    ends,
    goes_on,
    is_digest,
    is_interview,
    mentions,
    names_occasion,
    order,
    promises_none,
    says_when,
)
from rag.event_places import dateline_end
from rag.reading import Reading, Span

_LEAD = 4  # sentences in which the news is told
_MOST = 400  # sentences that are read
_INDENT = 40  # characters before a sentence in which its line may begin
_ITEM = re.compile(r"\s{0,40}+(?:\d{1,2}[.)]|[•*▪◦►–—-])\s{1,40}+\S")
_YEAR = re.compile(r"\b(?:in|since|of|năm|từ) (1\d{3}|20\d\d)\b")
_WHEN = re.compile(r"(?:trong|in|hồi|vào|last)\s$")
_SET = re.compile(r"(?:sẽ )?diễn ra|will (?:take place|be held|open)")

# How far a mention is from being the news: the sentences before it, and these.
_TELLS: dict[EventKind, float] = {"statement": 2.5, "other": 1.0, "aid": 1.0}
_NAMES: dict[EventKind, float] = {
    "meeting": 0.5, "call": 0.5, "talks online": 0.5, "signing": 0.8, "visit": 1.5, "conference": 1.5, "attack": 4.0,
    "other": 9.0,
}  # fmt: skip
_NAMED, _WEAK, _UNREAL, _EARLIER, _BESIDE, _BESIDE_TALKS, _HISTORY = 3.2, 1.8, 3.0, 3.0, 4.0, 2.0, 5.0
_PROMISED = 1.2  # aid that is to come is told when it is promised
_LONG = 300  # characters by which the words of a sentence are less what it tells
_TITLE = 1.5
_UNLIKELY = 4.5  # from here on it is not the news

_REPORTED = 40  # characters before a day in which it may say that somebody told something on it
_APART = 220  # characters between a mention and its day
_OPENING = 12  # characters in which a sentence begins with words that nothing dates
_TALKS: frozenset[EventKind] = frozenset({"meeting", "call", "talks online", "visit"})
_RATHER: frozenset[EventKind] = frozenset({"signing", "conference"})  # than the visit that one clause names too
_WITHIN: dict[EventKind, frozenset[EventKind]] = {
    "visit": frozenset({"meeting", "signing", "statement", "conference", "visit"}),
    "meeting": frozenset({"meeting", "signing", "statement"}),
    "conference": frozenset({"meeting", "statement", "conference"}),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An event: the words that tell it, the sentences (by number) that are its own, the telling one first, its day.

    `span` is set where only a part of the sentence is about it; `apart` where no other event has its sentences.
    """

    mention: Mention
    numbers: tuple[int, ...]
    day: Day | None
    background: bool = False
    span: Span | None = None
    apart: bool = True

    @property
    def kind(self) -> EventKind:
        return self.mention.kind


def told(reading: Reading) -> Iterator[Told]:
    """The events of an article, item by item where it is a list of news: the news first, then what is mentioned."""
    title = reading.article.source.title or ""
    if reading.sentences and not promises_none(title):
        for first, last in _items(reading, digest=is_digest(title)):
            yield from _Item(reading, first, last).told()


def _items(reading: Reading, *, digest: bool) -> Iterator[tuple[int, int]]:
    """The news items of an article, as numbers of sentences: one, or those of a list."""
    last = _last(reading)
    lines = {n: line for n in range(last) if (line := _line(reading.text, reading.sentences[n][0])) is not None}
    listed = [n for n, line in lines.items() if _ITEM.match(reading.text, line)]
    starts = listed if len(listed) >= 2 and (len(listed) * 2 >= len(lines) or digest) else list(lines) if digest else []
    dated = sum(_is_dated(reading, n) for n in starts)
    if len(starts) < 2 or dated * 2 < len(starts):
        yield 0, last
        return
    yield from zip(starts, [*starts[1:], last], strict=True)


def _last(reading: Reading) -> int:
    """The number of sentences before a line that ends the article."""
    most = min(len(reading.sentences), _MOST)
    return next((n for n in range(2, most) if ends(reading.text[slice(*reading.sentences[n])])), most)


def _line(text: str, start: int) -> int | None:
    """Where the line begins that a sentence opens; None for a sentence inside a line."""
    line = text.rfind("\n", max(0, start - _INDENT), start) + 1
    opens = line > 0 or start < _INDENT
    return line if opens and (not text[line:start].strip() or _ITEM.match(text, line, start + 1)) else None


def _is_dated(reading: Reading, number: int) -> bool:
    return any(day.level >= 1 or day.relative for day in days(reading, *reading.sentences[number]))


class _Item:
    """One news item: its sentences, from number `first` to before `last`."""

    def __init__(self, reading: Reading, first: int, last: int) -> None:
        self.reading = reading
        self.first = first
        self.last = last
        read = [number for number in range(first, last) if number < first + _LEAD or self._may_mention(number)]
        self.mentions = tuple(each for number in read for each in mentions(reading, number, number + 1))
        self._days: dict[int, list[Day]] = {}

    def _may_mention(self, number: int) -> bool:
        """Whether a sentence behind the lead can tell of something else: it says when, or beside what."""
        start, end = self.reading.sentences[number]
        words = self.reading.text[start : min(end, start + SENTENCE_MOST)]
        return may_date(words) or names_occasion(self.reading, words)

    def told(self) -> Iterator[Told]:
        main = self._main()
        if main is None:
            return
        others = list(self._background(main))
        also = list(self._moreover(main))
        taken = {number for each in (*others, *also) if each.apart for number in each.numbers}
        telling = main.mention.sentence
        rest = [number for number in range(self.first, self.last) if number != telling and number not in taken]
        yield Told(main.mention, (telling, *rest), main.day)
        yield from also
        yield from others

    def days(self, number: int) -> list[Day]:
        """The days of a sentence, the dateline's left out."""
        if number not in self._days:
            start, end = self.reading.sentences[number]
            start = min(end, max(start, dateline_end(self.reading))) if number == 0 else start
            self._days[number] = days(self.reading, start, end)
        return self._days[number]

    def _start(self, mention: Mention) -> int:
        return self.reading.sentences[mention.sentence][0]

    # The news

    def _main(self) -> Told | None:
        """The event that the first sentences tell: the nearest to the beginning, verbs before nouns."""
        if is_interview(self.reading.text):
            return self._interview()
        lead = [each for each in self.mentions if each.sentence < self.first + _LEAD and not each.quoted]
        scored = [(self._unlikely(each), order(each.kind), each.start, each) for each in lead]
        best = min(scored, default=None, key=lambda each: each[:3])
        mention = best[3] if best is not None and best[0] < _UNLIKELY else self._unnamed()
        return Told(mention, (mention.sentence,), self._day(mention, lead)) if mention else None

    def _interview(self) -> Told:
        """What the person who is asked says, from the first sentence on."""
        start, end = self.reading.sentences[self.first]
        said = [each for each in self.mentions if each.kind == "statement" and each.sentence < self.first + _LEAD]
        mention = said[0] if said else Mention("statement", self.first, start, end, told=True)
        days_told = [day for day in self.days(mention.sentence) if day.level == 2 and not day.ahead]
        return Told(mention, (mention.sentence,), days_told[0] if days_told else None)

    @cached_property
    def _titled(self) -> frozenset[EventKind]:
        """The kinds of which the title speaks."""
        title = self.reading.article.source.title
        if not title:
            return frozenset()
        heading = Reading(Article(self.reading.article.source, title), ())
        found = mentions(heading, 0, min(2, len(heading.sentences)))
        return frozenset(each.kind for each in found if each.told or each.kind not in ("attack", "statement", "other"))

    def _unlikely(self, mention: Mention) -> float:
        """How far a mention is from being the news."""
        far = mention.sentence - self.first + (mention.start - self._start(mention)) / _LONG
        far += (_TELLS if mention.told else _NAMES).get(mention.kind, 0.0 if mention.told else _NAMED)
        far += _WEAK * mention.weak + (_PROMISED if mention.kind == "aid" else _UNREAL) * mention.unreal
        far += _EARLIER * (mention.earlier and mention.sentence > self.first)
        if mention.beside:
            far += _BESIDE_TALKS if mention.kind in _TALKS and not mention.aside else _BESIDE
        far -= _TITLE * (mention.kind in self._titled)
        return far + _HISTORY * self._is_history(mention)

    def _is_history(self, mention: Mention) -> bool:
        """Whether the only date of a sentence is a year long before the publication, or before this century."""
        published = self.reading.article.source.published or ""
        last = int(published[:4]) - 2 if published[:4].isdigit() else 1999
        start, end = self.reading.sentences[mention.sentence]
        years = [int(found[1]) for found in _YEAR.finditer(self.reading.text, start, min(end, start + SENTENCE_MOST))]
        if not years or max(years) > last:
            return False
        return not any(day.level > 0 or day.relative for day in self.days(mention.sentence))

    def _unnamed(self) -> Mention | None:
        """News without a word for it: a first or second sentence that says on which day."""
        for number in range(self.first, min(self.first + 2, self.last)):
            known = [day for day in self.days(number) if not day.ahead and (day.level == 2 or day.relative)]
            if known and self.reading.within(*self.reading.sentences[number]):
                return Mention("other", number, known[0].start, known[0].end, told=True)
        return None

    def _day(self, mention: Mention, lead: Sequence[Mention]) -> Day | None:
        """The day of the news: of the sentence that tells it, the nearest to its words, else of the lead's others."""
        beside = self._beside(mention)
        exact = [day for day in beside if day.level == 2 or day.relative]
        if exact:
            if not self._is_of_telling(exact[0], mention):
                return exact[0]
            to_come = (day for day in self.days(mention.sentence) if day.ahead and day.level == 2)
            return next(self._stated_later(mention, lead), next(to_come, exact[0]))
        sure = [day for day in self.days(mention.sentence) if day.level == 2 and not day.ahead]
        for other in lead:
            if other.kind == mention.kind and other.sentence != mention.sentence and not other.unreal | other.earlier:
                sure += [day for day in self._beside(other) if day.level == 2]
        for number in range(self.first, min(mention.sentence + 2, self.last)) if not sure else ():
            dated = [day for day in self.days(number) if not day.ahead]
            sure += [day for day in dated if day.level == 2 or (day.relative and day.level < 0)]
        return next(iter((*sure, *beside)), None)

    def _is_of_telling(self, day: Day, mention: Mention) -> bool:
        """Whether a day is only that of the telling: "have signed a pact, the ministry said Thursday"."""
        before = self.reading.text[max(mention.end, day.start - _REPORTED) : day.start]
        return mention.kind != "statement" and says_when(self.reading, before)

    def _stated_later(self, mention: Mention, lead: Sequence[Mention]) -> Iterator[Day]:
        """The days that the following sentences of the lead give the same kind of event."""
        for other in lead:
            if other.kind == mention.kind and other.sentence > mention.sentence and not other.unreal | other.earlier:
                yield from (day for day in self._beside(other) if day.level == 2 and not day.relative)

    def _beside(self, mention: Mention) -> list[Day]:
        """The days that the sentence of a mention gives it, the likeliest first."""
        planned = mention.unreal or self._is_set(mention)
        found = [day for day in self.days(mention.sentence) if planned or not day.ahead]
        found = [day for day in found if day.level != 0 or (not day.relative and self._in_words(day))]
        start = self._start(mention)

        def unlikely(day: Day) -> tuple[float, int]:
            opens = day.start - start < 3 and (day.level == 2 or day.relative)
            far = 0.3 if opens else abs(day.start - mention.start) / 100
            return far + (2 - day.level if not day.relative else 0.5 * (day.level < 2)), day.start

        return sorted(found, key=unlikely)

    def _in_words(self, day: Day) -> bool:
        """Whether a bare year says when: "in 2023", not "the plan for 2030"."""
        return self._is_when(day) or self.reading.text.startswith(("năm", "in "), day.start)

    def _is_when(self, day: Day) -> bool:
        return bool(_WHEN.search(self.reading.text[max(0, day.start - 7) : day.start]))

    # What is mentioned

    def _background(self, main: Told) -> Iterator[Told]:
        """On whose sidelines the news was, and what has a day of its own."""
        seen: set[tuple[EventKind, str | None]] = {(main.kind, main.day.edtf if main.day else None)}
        within = _WITHIN.get(main.kind, frozenset({main.kind, "statement"})) - {main.kind}
        aside = False
        for mention in self.mentions:
            if mention.quoted or mention.weak or mention.start == main.mention.start or mention.kind == "other":
                continue
            if mention.aside and mention.kind in ("conference", "visit"):
                if mention.kind == "conference" and not aside:
                    aside = True
                    yield Told(mention, (mention.sentence,), None, True, self._clause(mention), apart=False)
                continue
            same_sentence = mention.sentence == main.mention.sentence
            if same_sentence and mention.kind == main.kind == "statement":
                continue
            day = self._own_day(mention, main)
            if day is None or (mention.kind, day.edtf) in seen or (same_sentence and mention.kind in within):
                continue
            rivals = [each for each in self.mentions if each.kind in _RATHER and each.sentence == mention.sentence]
            if mention.kind not in _RATHER and any(self._is_one_clause(each, mention) for each in rivals):
                continue
            seen.add((mention.kind, day.edtf))
            crowd = any(not self._is_one_clause(each, mention) for each in rivals)
            shared = same_sentence or (mention.kind == "statement" and not mention.told)
            span = self._clause(mention) if shared or crowd else None
            yield Told(mention, (mention.sentence,), day, True, span, apart=crowd or not shared)

    def _own_day(self, mention: Mention, main: Told) -> Day | None:
        """The day of a mention that is not the day of the news."""
        if mention.unreal and not mention.earlier and not self._is_set(mention):
            return None
        if mention.kind == "statement" and mention.told and not mention.earlier:
            return None
        return next((day for day in self._beside(mention) if self._is_own(mention, day, main)), None)

    def _is_own(self, mention: Mention, day: Day, main: Told) -> bool:
        news = main.day
        if news is not None and (day.start == news.start or day.edtf == news.edtf is not None):
            return False
        if abs(day.start - mention.start) > _APART or (day.ahead and not (day.level == 2 and self._is_set(mention))):
            return False
        if day.edtf is None and (not day.relative or day.start - self._start(mention) > _OPENING):
            return False
        if day.level < 1 and day.relative:
            return mention.earlier
        return day.level == 2 or (day.level == 1 and mention.earlier) or self._is_when(day)

    def _is_set(self, mention: Mention) -> bool:
        """Whether a planned event is told as set: "dự kiến sẽ diễn ra ngày mai 25/10 tại ..."."""
        end = min(mention.end + 60, self.reading.sentences[mention.sentence][1])
        return mention.kind == "conference" and bool(_SET.search(self.reading.text, mention.start, end))

    def _is_one_clause(self, one: Mention, other: Mention) -> bool:
        first, last = sorted((one.start, other.start))
        return ";" not in self.reading.text[first:last]

    def _clause(self, mention: Mention) -> Span:
        """From the words of a mention to the end of its sentence or clause."""
        end = min(self.reading.sentences[mention.sentence][1], mention.end + 300)
        stop = self.reading.text.find(";", mention.end, end)
        return mention.start, stop if stop > 0 else end

    def _moreover(self, main: Told) -> Iterator[Told]:
        """Further news of the same day: a paragraph that begins so and tells an event of its own."""
        for number in range(main.mention.sentence + 1, self.last):
            if not goes_on(self.reading, *self.reading.sentences[number]):
                continue
            found = [each for each in self.mentions if each.sentence == number and each.told]
            sure = [each for each in found if not (each.unreal or each.quoted or each.weak)]
            sure = [each for each in sure if each.kind not in ("other", "statement")]
            if sure:
                yield Told(min(sure, key=lambda each: (order(each.kind), each.start)), (number,), main.day)
