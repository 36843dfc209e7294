"""Answers made from records of events: templated lines, each with the fields that it was made from cited.

The lines are `supported` by construction: their names, days, places and documents are the fields of records, whose
citations stand beside them, and their numbers count the events whose sentences are cited. A check of words finds no
sentence that says "2 meetings", for no article counts what several tell. The sentences below them are `quoted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag import brief_labels
from rag.brief_labels import date_words, heading, listed, quoted
from rag.domain import Citation, Conflict, Event, Statement
from rag.event_questions import Asked, coming, fits, table
from rag.event_traits import days_of

MOST = 20  # events that an answer lists
_MOST_NAMED = 8

Sentence = Callable[[Citation], Citation]


@dataclass(frozen=True, slots=True)
class Found:
    """What the records answer, and where the articles differ on the events that it shows."""

    statements: tuple[Statement, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    events: tuple[Event, ...] = ()


def answer(asked: Asked, events: Sequence[Event], *, lang: str, sentence: Sentence) -> Found:
    """The templated lines first, then the sentence that tells each event, all cited; nothing where no record answers.

    What was signed is told by the articles' sentences alone: `sentence` gives the whole one of a citation. A date
    without a year is never put in order. Counts are of the events that articles tell, not of all there were; what they
    say will be is not among them.
    """
    told = [event for event in events if not coming(event, events)]
    fit = {event.id: fits(event, asked) for event in told}
    sure = sorted((event for event in told if fit[event.id] == "yes"), key=_order)
    maybe = sorted((event for event in told if fit[event.id] == "may be"), key=_order)
    if not sure or (asked.form == "where" and not any(event.place for event in sure)):
        return Found()
    if lang not in table()["answers"]:
        lang = "en"
    if asked.form == "documents":
        return _documents(sure, sentence)
    lines = [*_lines(asked, sure, lang), *_apart("may be", maybe, lang)]
    shown = [event for event in (*sure, *maybe) if any(_head(event) in line.citations for line in lines)]
    sentences = dict.fromkeys((_head(event), event.lang) for event in shown)
    quotes = [Statement(each.quote, own, (each,), "quoted") for each, own in sentences]
    conflicts = dict.fromkeys(conflict for event in shown for conflict in event.conflicts)
    return Found((*lines, *quotes), tuple(conflicts), tuple(shown))


def _lines(asked: Asked, events: Sequence[Event], lang: str) -> Iterator[Statement]:
    if asked.form in ("last", "first") and len(events) > 1:
        yield from _extreme(asked, events, lang)
    elif len(events) == 1 and asked.form != "who":
        kind = brief_labels.label(lang, "kinds", events[0].kind)
        yield _statement(
            _words(lang, "one", kind=f"{kind[:1].lower()}{kind[1:]}", told=_told(events[0], lang)), lang, events
        )
    else:
        if asked.form == "count":
            yield _statement(_words(lang, "count", n=len(events), kind=_kind(asked, lang)), lang, events[:MOST])
        yield from _listed(events, lang)


def _extreme(asked: Asked, events: Sequence[Event], lang: str) -> Iterator[Statement]:
    """The last or first event of those with a date, then each that may be later or earlier."""
    dated = [(event, when) for event in events if (when := _days(event)) is not None]
    last = asked.form == "last"
    top = max(dated, key=lambda each: each[1][1] if last else -each[1][0], default=None)
    if top is None:
        yield _statement(
            _words(lang, f"open_{asked.form}", n=len(events), kind=_kind(asked, lang)), lang, events[:MOST]
        )
        yield from _listed(events, lang)
        return
    best, (first, end) = top
    near = [event for event, (one, other) in dated if event is not best and other >= first and one <= end]
    undated = [event for event in events if event.id not in {each.id for each, _ in dated}]
    yield _statement(_words(lang, asked.form, told=_told(best, lang)), lang, [best])
    yield from _apart("others", sorted([*near, *undated], key=_order), lang)


def _apart(label: str, events: Sequence[Event], lang: str) -> Iterator[Statement]:
    if events:
        yield _statement(_words(lang, label, n=len(events)), lang, events[:MOST])
        yield from _listed(events, lang)


def _listed(events: Sequence[Event], lang: str) -> Iterator[Statement]:
    yield from (_statement(_told(event, lang), lang, [event]) for event in events[:MOST])
    yield from _more(events, lang)


def _more(events: Sequence[Event], lang: str) -> Iterator[Statement]:
    if left := events[MOST:]:
        yield _statement(_words(lang, "more", n=len(left)), lang, left[:MOST])


def _documents(events: Sequence[Event], sentence: Sentence) -> Found:
    """The sentences that tell what was signed or issued, each once."""
    shown = events[:MOST]
    cited = ((sentence(citation), event.lang) for event in shown for citation in _signed(event))
    told = tuple(Statement(each.quote, own, (each,), "quoted") for each, own in dict.fromkeys(cited))
    return Found(told, tuple(dict.fromkeys(conflict for event in shown for conflict in event.conflicts)), tuple(shown))


def _signed(event: Event) -> list[Citation]:
    return [citation for fact in event.documents for citation in fact.citations]


def _told(event: Event, lang: str) -> str:
    """`Meeting - Jakarta, Indonesia, 13 July (year not stated): A and B`."""
    head = heading(event, lang)
    if not date_words(event.date, lang):
        own = f"{quoted(event.date.text, lang)}, " if event.date else ""
        head += f" ({own}{_words(lang, 'no_date')})"
    who = listed([each.name for each in event.participants[:_MOST_NAMED]], lang)
    return ": ".join(filter(None, [head, who]))


def _kind(asked: Asked, lang: str) -> str:
    return _words(lang, asked.kind)


def _words(lang: str, key: str, **fields: object) -> str:
    return str(table()["answers"][lang][key]).format(**fields)


def _statement(text: str, lang: str, events: Sequence[Event]) -> Statement:
    found = (citation for event in events for citation in _citations(event))
    return Statement(f"{text}.", lang, tuple(dict.fromkeys(found)), "supported")


def _citations(event: Event) -> list[Citation]:
    found = [_head(event), *(each.citation for each in (event.date, event.place) if each)]
    return found + [each.citations[0] for each in event.participants[:_MOST_NAMED] if each.citations]


def _head(event: Event) -> Citation:
    return event.headline.citations[0]


def _days(event: Event) -> tuple[int, int] | None:
    """The first and last day of an event with a year, as ordinals."""
    when = days_of(event.date.edtf if event.date else None)
    return (when.first, when.last) if when and when.year else None


def _order(event: Event) -> tuple[bool, int, str]:
    days = _days(event)
    return days is None, days[0] if days else 0, event.id
