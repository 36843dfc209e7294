"""An article's record as JSON and back: its spans are stored, its quotes are read from the article again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag.domain import (
    Citation,
    Event,
    EventDate,
    EventFigure,
    EventPlace,
    Fact,
    Participant,
    Saying,
    Source,
)

Cite = Callable[[int, int], Citation]
Packed = Mapping[str, Any]


def dumped(event: Event) -> str:
    """A record as one line of JSON, the same for equal records."""
    return json.dumps(packed(event), ensure_ascii=False, separators=(",", ":"))


def packed(event: Event) -> dict[str, Any]:
    """A record of one article as plain values, spans in the place of citations; fields without a value are left out.

    Raises ValueError for an Event of several articles: those are put together anew from their records.
    """
    if len(event.articles) != 1 or event.conflicts:
        raise ValueError(f"event {event.id} is of several articles; only an article's record is stored")
    date, place = event.date, event.place
    found = {
        "id": event.id,
        "kind": event.kind,
        "lang": event.lang,
        "headline": _fact(event.headline),
        "date": date and [date.edtf, date.text, _span(date.citation), date.implied_year, _span(date.implied_by)],
        "place": place and [place.text, place.country, _span(place.citation)],
        "participants": [
            [one.name, list(one.also), one.role, one.country, one.side, _spans(one.citations)]
            for one in event.participants
        ],
        "agreed": [_fact(fact) for fact in event.agreed],
        "said": [[one.speaker, one.text, one.to, _spans(one.citations)] for one in event.said],
        "documents": [_fact(fact) for fact in event.documents],
        "figures": [[one.text, one.value, one.unit, one.counted, _spans(one.citations)] for one in event.figures],
        "next_steps": [_fact(fact) for fact in event.next_steps],
        "records": list(event.records),
        "background": event.background,
    }
    return {name: value for name, value in found.items() if value}


def loaded(data: str, *, cite: Cite, sources: Sequence[Source]) -> Event:
    """The record that `dumped` wrote."""
    return unpacked(json.loads(data), cite=cite, sources=sources)


def unpacked(row: Packed, *, cite: Cite, sources: Sequence[Source]) -> Event:
    """The record that `packed` gave, with the article's sources; `cite` makes a citation of its text of each span."""

    def facts(name: str) -> tuple[Fact, ...]:
        return tuple(_read_fact(each, cite) for each in row.get(name, ()))

    def cited(spans: Sequence[Sequence[int]]) -> tuple[Citation, ...]:
        return tuple(cite(start, end) for start, end in spans)

    return Event(
        id=row["id"],
        kind=row["kind"],
        lang=row["lang"],
        headline=_read_fact(row["headline"], cite),
        sources=tuple(sources),
        date=_date(row["date"], cite) if "date" in row else None,
        place=EventPlace(row["place"][0], row["place"][1], cite(*row["place"][2])) if "place" in row else None,
        participants=tuple(
            Participant(name, tuple(also), role, country, side, cited(spans))
            for name, also, role, country, side, spans in row.get("participants", ())
        ),
        agreed=facts("agreed"),
        said=tuple(Saying(speaker, text, to, cited(spans)) for speaker, text, to, spans in row.get("said", ())),
        documents=facts("documents"),
        figures=tuple(
            EventFigure(text, value, unit, counted, cited(spans))
            for text, value, unit, counted, spans in row.get("figures", ())
        ),
        next_steps=facts("next_steps"),
        records=tuple(row.get("records", ())),
        background=row.get("background", False),
    )


def _span(citation: Citation | None) -> list[int] | None:
    return [citation.start, citation.end] if citation else None


def _spans(citations: Sequence[Citation]) -> list[list[int]]:
    return [[citation.start, citation.end] for citation in citations]


def _fact(fact: Fact) -> list[Any]:
    whole = bool(fact.citations) and fact.text == fact.citations[0].quote
    return [None if whole else fact.text, _spans(fact.citations)]


def _read_fact(row: Sequence[Any], cite: Cite) -> Fact:
    citations = tuple(cite(start, end) for start, end in row[1])
    return Fact(citations[0].quote if row[0] is None else row[0], citations)


def _date(row: Sequence[Any], cite: Cite) -> EventDate:
    edtf, text, span, implied_year, implied_by = row
    return EventDate(edtf, text, cite(*span), implied_year, cite(*implied_by) if implied_by else None)
