"""What a briefing says of an event: sentences made from its record alone, with the articles' words in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rag import places
from rag.brief_labels import country_words, date_words, label, listed, place_words, quoted, table
from rag.changes import Difference
from rag.domain import Citation, Event, Participant, Statement
from rag.offices import offices

_MOST_NAMED, _MOST_IN_LEAD = 8, 4
_MOST_QUOTED = 280  # characters of a sentence that the lead quotes
_END = re.compile(r"[.!?。！？]$")


def telling(event: Event, lang: str) -> Statement:
    """Kind, place, day and participants: `Meeting - Jakarta, Indonesia, 13 July (year not stated): A and B`."""
    where = ", ".join(filter(None, [place_words(event.place, lang), date_words(event.date, lang)]))
    who = listed([_person(each, lang, event) for each in event.participants[:_MOST_NAMED]], lang)
    head = " - ".join(filter(None, [label(lang, "kinds", event.kind), where]))
    return _statement(": ".join(filter(None, [head, who])), lang, [*event.headline.citations, *_basics(event)])


def statements(event: Event, lang: str) -> tuple[Statement, ...]:
    """What the event's record holds, a sentence a field, each with its citations."""
    return (telling(event, lang), *_fields(event, lang))


def _fields(event: Event, lang: str) -> Iterator[Statement]:
    for key, facts in (("agreed", event.agreed), ("documents", event.documents)):
        yield from _quotes(key, [(fact.text, fact.citations) for fact in facts], lang)
    for saying in event.said:
        to = f" {label(lang, 'to').format(whom=saying.to)}" if saying.to else ""
        text = f"{label(lang, 'said')}: {saying.speaker}{to}: {quoted(saying.text, lang)}"
        yield _statement(text, lang, saying.citations, support="quoted")
    yield from _quotes("figures", [(each.text, each.citations) for each in event.figures], lang)
    yield from _quotes("next_steps", [(fact.text, fact.citations) for fact in event.next_steps], lang)
    for conflict in event.conflicts:
        values = "; ".join(f"{quoted(value, lang)} ({_outlet(cited)})" for value, cited in conflict.values)
        name = label(lang, "fields", conflict.field)
        text = f"{label(lang, 'conflicts')}: {name}: {values}"
        yield _statement(text, lang, [citation for _, citation in conflict.values], support="quoted")


def _quotes(key: str, facts: Sequence[tuple[str, tuple[Citation, ...]]], lang: str) -> Iterator[Statement]:
    told = dict(facts)
    if told:
        words = "; ".join(quoted(text, lang) for text in told)
        cited = [citation for citations in told.values() for citation in citations]
        yield _statement(f"{label(lang, key)}: {words}", lang, cited, support="quoted")


def lead(event: Event, lang: str) -> Statement:
    """One sentence on the event: who, what, where and when, and one clause of substance in the article's words."""
    named = event.participants[:_MOST_IN_LEAD]
    who = listed([_person(each, lang, event) for each in named], lang)
    templates = table()[lang]["lead_many" if who else "lead_none"]
    place = place_words(event.place, lang)
    where = label(lang, "where", "in").format(place=place) if place else ""
    template = templates.get(event.kind) or f"{label(lang, 'kinds', event.kind)}{{where}}{{when}}"
    text = template.format(who=who, where=where, when=_when(event, lang))
    substance, citations = _substance(event, lang)
    cited = [*event.headline.citations, *_basics(event, _MOST_IN_LEAD), *citations]
    return _statement(f"{text[:1].upper()}{text[1:]} - {substance}", lang, cited)


def _when(event: Event, lang: str) -> str:
    words = date_words(event.date, lang)
    if not words or event.date is None or event.date.edtf is None:
        return ""
    return label(lang, "when", "on" if event.date.edtf.count("-") >= 2 else "in").format(day=words, month=words)


def _substance(event: Event, lang: str) -> tuple[str, Sequence[Citation]]:
    """What was agreed or said, in the article's words; else the sentence that tells the event."""
    if event.kind in ("meeting", "call", "talks online", "visit", "conference", "statement"):
        for key, facts in (("agreed", event.agreed), ("documents", event.documents)):
            if facts:
                return f"{label(lang, key).lower()}: {_short(facts[0].text, lang)}", facts[0].citations
        if event.said:
            return f"{event.said[0].speaker}: {_short(event.said[0].text, lang)}", event.said[0].citations
    return _short(event.headline.text, lang), event.headline.citations


def _short(text: str, lang: str) -> str:
    words = " ".join(text.split())
    if len(words) > _MOST_QUOTED:
        words = words[:_MOST_QUOTED].rsplit(" ", 1)[0].rstrip(",;:") + " ..."
    return quoted(words, lang)


def differing(difference: Difference, lang: str) -> Statement:
    """What the articles say now and what those of the period before said, each in its words."""
    now, before = (_values(values, lang) for values in (difference.now, difference.before))
    template = label(lang, "change" if difference.because else "contradiction")
    text = template.format(what=label(lang, "fields", difference.field), now=now, before=before)
    return _statement(text, lang, [cited for _, cited in (*difference.now, *difference.before)], support="quoted")


def _values(values: Iterable[tuple[str, Citation]], lang: str) -> str:
    return ", ".join(f"{quoted(value, lang)} ({_outlet(cited)})" for value, cited in values)


def _outlet(citation: Citation) -> str:
    return citation.source.outlet or citation.source.title or citation.source.id


def _person(person: Participant, lang: str, event: Event) -> str:
    """The name, and in brackets the office and country as far as they are told."""
    name = _spelled(person, lang)
    role = _role(person, lang, event)
    return f"{name} ({role})" if role else name


def _spelled(person: Participant, lang: str) -> str:
    """A spelling that an article in this language has, else the fullest name."""
    if any(citation.source.lang == lang and person.name in citation.quote for citation in person.citations):
        return person.name
    own = [citation.quote for citation in person.citations if citation.source.lang == lang]
    fitting = [name for name in person.also if any(name in quote for quote in own) and " " in name]
    return max(fitting, key=lambda name: (len(name), name), default=person.name)


def _role(person: Participant, lang: str, event: Event) -> str:
    """The role in the article's words, or the office in the briefing's; and the country where neither names it."""
    country = country_words(person.country, lang) if person.country else ""
    if not person.role:
        return country
    role = " ".join(person.role.split())
    told_in = {citation.source.lang or event.lang for citation in person.citations} or {event.lang}
    if lang not in told_in:
        role = next((office for each in sorted(told_in) if (office := _office(role, each, lang))), role)
    return role if not country or person.country in _countries(role) else f"{role}, {country}"


def _office(role: str, written: str, lang: str) -> str | None:
    """The office that the whole of a role in the language `written` is, in another; None where there is more to it."""
    found = [each for each in offices(role, lang=written) if (each.start, each.end) == (0, len(role))]
    return table()[lang]["offices"].get(found[0].kind) if found else None


def _countries(role: str) -> set[str]:
    """The countries that a role names, by its places and peoples."""
    run = places.words(role)
    numbers = {number for at in range(len(run)) for number in places.longest_at(run, at, role)[1]}
    numbers |= {number for _, _, found in places.in_hanzi(role, 0, len(role)) for number in found}
    return {places.entities()[number].country for number in numbers}


def _basics(event: Event, most: int = _MOST_NAMED) -> Iterator[Citation]:
    """The citations of place, day and participants."""
    if event.place:
        yield event.place.citation
    if event.date:
        yield event.date.citation
        if event.date.implied_by:
            yield event.date.implied_by
    for person in event.participants[:most]:
        yield from person.citations[:1]


def _statement(text: str, lang: str, citations: Iterable[Citation], *, support: str = "supported") -> Statement:
    ended = text if _END.search(text) else f"{text}."
    return Statement(ended, lang, tuple(folded(citations)), "quoted" if support == "quoted" else "supported")


def folded(citations: Iterable[Citation]) -> list[Citation]:
    """The citations without those whose characters another one holds, in their order."""
    every = list(dict.fromkeys(citations))
    return [one for one in every if not any(other is not one and _within(one, other) for other in every)]


def _within(one: Citation, other: Citation) -> bool:
    whole = (other.start, other.end) != (one.start, one.end)
    return whole and one.source.id == other.source.id and other.start <= one.start and one.end <= other.end
