"""An article's events: what it tells and what it only mentions, by rules over its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.domain import Article, Event, EventDate, Fact, Name
from rag.event_dates import event_date, in_year_of
from rag.event_news import Told, told
from rag.event_places import event_place
from rag.participants import participants
from rag.reading import Reading
from rag.told import agreed, documents, figures_of, next_steps, said


def extract(article: Article, *, names: Sequence[Name] | None = None) -> tuple[Event, ...]:
    """The records of an article, in the order in which it tells them; () for one that tells no event.

    Without a model. Every citation is verbatim. What the article only mentions beside its news is `background`, and
    has fewer fields. `names` are those of the article where they are known. Deterministic, linear in the text.
    """
    reading = Reading(article, names)
    found = tuple(_event(reading, each, number) for number, each in enumerate(told(reading), 1))
    news = next((event.date for event in found if not event.background), None)
    return tuple(_dated(event, news) for event in found)


def _dated(event: Event, news: EventDate | None) -> Event:
    """What is mentioned beside the news, in the year that is implied for the news."""
    if not event.background or event.date is None:
        return event
    return replace(event, date=in_year_of(event.date, news))


def _event(reading: Reading, found: Told, number: int) -> Event:
    spans = [found.span] if found.span else [reading.sentences[n] for n in found.numbers]
    record = f"{reading.article.id}#{number}"
    headline = reading.cite(*reading.sentences[found.mention.sentence])
    main = not found.background
    return Event(
        id=record,
        kind=found.kind,
        lang=reading.lang,
        headline=Fact(headline.quote, (headline,)),
        sources=(reading.article.source,),
        date=event_date(reading, found.day) if found.day else None,
        place=event_place(reading, spans, at=found.mention.start, kind=found.kind, background=found.background),
        participants=participants(reading, spans, kind=found.kind) if found.span is None else (),
        agreed=agreed(reading, spans) if found.apart else (),
        said=said(reading, spans) if main else (),
        documents=documents(reading, spans) if found.apart else (),
        figures=figures_of(reading, spans) if found.apart else (),
        next_steps=next_steps(reading, spans) if main else (),
        records=(record,),
        background=found.background,
    )
