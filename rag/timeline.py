"""What a person or a country took part in, by day, with citations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag import places
from rag.brief_labels import heading, quoted
from rag.domain import Event
from rag.event_traits import alike
from rag.render import cited_text, plain
from rag.render_events import event_json
from rag.text import language, nfc

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events of `about`, a person or a country: those of a known year by day, and the others.

    `spellings` are those of the person in the articles, the most frequent first.
    """

    about: str
    country: bool
    spellings: tuple[str, ...]
    dated: tuple[Event, ...]
    undated: tuple[Event, ...]


def is_country(about: str) -> bool:
    """Whether words name a country, by name in any language or by ISO code, and so no person."""
    entities = places.entities()
    codes = {entity.country for entity in entities if entity.kind == "country"}
    if about.strip() in codes:
        return True
    return any(entities[number].kind == "country" for number in places.lookup(nfc(about).strip()))


def timeline(about: str, events: Sequence[Event]) -> Timeline:
    """The timeline from events that are of the person or the country, in the order in which they come."""
    country = is_country(about)
    known = [bool(event.date and event.date.edtf and not event.date.edtf.startswith("XXXX")) for event in events]
    return Timeline(
        about=about,
        country=country,
        spellings=() if country else _spellings(about, events),
        dated=tuple(event for event, is_known in zip(events, known, strict=True) if is_known),
        undated=tuple(event for event, is_known in zip(events, known, strict=True) if not is_known),
    )


def _spellings(about: str, events: Iterable[Event]) -> tuple[str, ...]:
    name = nfc(about)
    lang = language(name)
    found = Counter(
        form
        for event in events
        for one in event.participants
        if any(alike(name, lang, each, event.lang) for each in (one.name, *one.also))
        for form in (one.name, *one.also)
    )
    return tuple(sorted(found, key=lambda form: (-found[form], form)))


def timeline_json(found: Timeline) -> dict[str, Any]:
    """The object that `rag timeline --json` prints."""
    return {
        "about": found.about,
        "kind": "country" if found.country else "person",
        "spellings": list(found.spellings),
        "events": [event_json(event) for event in found.dated],
        "undated": [event_json(event) for event in found.undated],
    }


def timeline_markdown(found: Timeline) -> str:
    """The timeline as Markdown, in which no character of an article is markup."""
    lines = [f"# {_escaped(found.about)}", ""]
    if found.spellings:
        lines += [f"Spellings: {_escaped(', '.join(found.spellings))}", ""]
    if not found.dated and not found.undated:
        lines += ["No event."]
    lines += [line for event in found.dated for line in _entry(event)]
    if found.undated:
        lines += ["## Year not stated", ""]
    lines += [line for event in found.undated for line in _entry(event)]
    return "\n".join(lines).rstrip() + "\n"


def _entry(event: Event) -> Iterator[str]:
    """What happened, when as far as it is known, who took part, and the words that say so."""
    when = event.date.edtf if event.date and event.date.edtf else ""
    said = f" ({quoted(event.date.text, 'en')}, not dated)" if event.date and not when else ""
    exact = f"{when}: " if when and not when.startswith("XXXX") else ""
    yield f"- **{_escaped(exact + heading(event, 'en') + said)}**"
    if event.participants:
        yield f"    - {_escaped(', '.join(each.name for each in event.participants))}"
    for citation in event.headline.citations:
        yield f"    - {_escaped(quoted(citation.quote, 'en'))} ({_escaped(cited_text(citation))})"
    for conflict in event.conflicts:
        values = " / ".join(f"{value} [{citation.source.id}]" for value, citation in conflict.values)
        yield f"    - {_escaped(f'articles differ on the {conflict.field}: {values}')}"
    yield ""


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", plain(" ".join(text.split())))
