"""An event as the documented JSON object, as plain text for a terminal, and as Markdown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from rag.domain import Citation, Event, EventDate, EventFigure, EventKind, EventPlace, Fact, Participant, Summary
from rag.render import citation_json, plain, source_json

Json = dict[str, Any]
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!()])")
_LIST_MARK = re.compile(r"^(\s*)([-+=]|\d+[.)])")
_NOT_STATED = "not stated"


def event_json(event: Event) -> Json:
    """The object of one event that `rag summarize --json` and `rag events --json` print."""
    return {
        "id": event.id,
        "kind": event.kind,
        "plover": plover(event.kind) or None,
        "lang": event.lang,
        "headline": _fact_json(event.headline),
        "date": _date_json(event.date) if event.date else None,
        "place": _place_json(event.place) if event.place else None,
        "participants": [_participant_json(each) for each in event.participants],
        "agreed": [_fact_json(each) for each in event.agreed],
        "said": [
            {"speaker": each.speaker, "to": each.to, "text": each.text, "citations": _citations_json(each.citations)}
            for each in event.said
        ],
        "documents": [_fact_json(each) for each in event.documents],
        "figures": [_figure_json(each) for each in event.figures],
        "next_steps": [_fact_json(each) for each in event.next_steps],
        "conflicts": [
            {
                "field": each.field,
                "values": [{"value": value, "citation": citation_json(citation)} for value, citation in each.values],
            }
            for each in event.conflicts
        ],
        "not_stated": list(event.not_stated),
        "background": event.background,
        "articles": list(event.articles),
        "sources": [source_json(source) for source in event.sources],
        "records": list(event.records),
    }


def summary_json(summary: Summary) -> Json:
    """The object that `rag summarize --json` prints: the records, and what of a model was set aside and why."""
    return {
        "events": [event_json(event) for event in summary.events],
        "mode": summary.mode,
        "rejected": [{"text": each.text, "reasons": list(each.reasons)} for each in summary.rejected],
        "notices": list(summary.notices),
        "model": summary.model,
        "usage": dict(summary.usage),
        "prompts": dict(summary.prompts),
    }


def plover(kind: EventKind) -> str:
    """The class of PLOVER that a kind belongs to, "" where it has none. rag/data/events.toml says more."""
    return str(_kinds()[kind]["plover"])


@cache
def _kinds() -> dict[str, Any]:
    return tomllib.loads((files("rag") / "data" / "events.toml").read_text(encoding="utf-8"))


def _citations_json(citations: Iterable[Citation]) -> list[Json]:
    return [citation_json(citation) for citation in citations]


def _fact_json(fact: Fact) -> Json:
    return {"text": fact.text, "citations": _citations_json(fact.citations)}


def _figure_json(figure: EventFigure) -> Json:
    return {
        "text": figure.text,
        "value": figure.value,
        "unit": figure.unit,
        "counted": figure.counted,
        "citations": _citations_json(figure.citations),
    }


def _date_json(date: EventDate) -> Json:
    return {
        "edtf": date.edtf,
        "text": date.text,
        "implied_year": date.implied_year,
        "implied_by": citation_json(date.implied_by) if date.implied_by else None,
        "citation": citation_json(date.citation),
    }


def _place_json(place: EventPlace) -> Json:
    return {"text": place.text, "country": place.country, "citation": citation_json(place.citation)}


def _participant_json(participant: Participant) -> Json:
    return {
        "name": participant.name,
        "also": list(participant.also),
        "role": participant.role,
        "country": participant.country,
        "side": participant.side,
        "citations": _citations_json(participant.citations),
    }


def event_text(event: Event) -> str:
    """A card for the terminal: what is stated, a line each, and last what no article states."""
    lines = [f"{event.kind}  {event.id}", event.headline.text]
    lines += [f"  {label}: {text}" for label, text in _lines(event)]
    return "\n".join(plain(_one_line(line)) for line in lines) + "\n"


def event_markdown(event: Event) -> str:
    """The card as Markdown, in which no character of an article is markup."""
    lines = [f"### {_escaped(event.headline.text)}", ""]
    lines += [f"- **{label}**: {_escaped(text)}" for label, text in [("kind", event.kind), *_lines(event)]]
    return "\n".join(lines) + "\n"


def _lines(event: Event) -> Iterator[tuple[str, str]]:
    if event.date:
        yield "date", _date_words(event.date)
    if event.place:
        yield "place", event.place.text + (f" ({event.place.country})" if event.place.country else "")
    for each in event.participants:
        yield "participant", _participant_words(each)
    for label, texts in _told(event):
        for text in texts:
            yield label, text
    for conflict in event.conflicts:
        told = " / ".join(f"{value} [{citation.source.id}]" for value, citation in conflict.values)
        yield f"articles differ on the {conflict.field}", told
    if event.not_stated:
        yield _NOT_STATED, ", ".join(name.replace("_", " ") for name in event.not_stated)
    for source in event.sources:
        yield "source", ", ".join(part for part in (source.outlet, source.title, source.url, source.id) if part)


def _told(event: Event) -> Sequence[tuple[str, Iterable[str]]]:
    return (
        ("agreed", (each.text for each in event.agreed)),
        ("said", (f"{each.speaker}: {each.text}" for each in event.said)),
        ("document", (each.text for each in event.documents)),
        ("figure", (each.text for each in event.figures)),
        ("next", (each.text for each in event.next_steps)),
    )


def _date_words(date: EventDate) -> str:
    """The EDTF date with its words; a year that is only implied is said to be."""
    implied = f"; the year {date.implied_year} is implied, not stated" if date.implied_year else ""
    return f"{date.edtf or _NOT_STATED} ({date.text}{implied})"


def _participant_words(participant: Participant) -> str:
    also = f" (also {', '.join(participant.also)})" if participant.also else ""
    return ", ".join(part for part in (participant.name + also, participant.role, participant.country) if part)


def _one_line(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" "))] + " ".join(text.split())


def _escaped(text: str) -> str:
    return _LIST_MARK.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", plain(" ".join(text.split()))))
