"""What a briefing says of an event: sentences made from its record alone, with the articles' words in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rag import places
from rag.brief_labels import (
    begins_with_place,
    country_words,
    date_words,
    heading,
    label,
    listed,
    place_words,
    quoted,
    table,
)
from rag.brief_roles import in_language
from rag.changes import Difference
from rag.domain import Citation, Event, Fact, Participant, Statement
from rag.offices import offices
from rag.text import language

_MOST_NAMED, _MOST_IN_LEAD = 8, 4
_MOST_CITED = 40  # of a statement
_MOST_SAID, _MOST_LISTED = 5, 8  # sayings and quotes of one kind; the record has all
_MOST_QUOTED, _MOST_BELOW = 280, 600  # characters of a quote in the lead, and below it
_END = re.compile(r"[.!?。！？][”\"']?$")
_DATELINE = re.compile(r"\A(?=[^a-z\n]{2})[^.!?\n]{1,60}?(?:[.,][^.!?\n]{1,40}?)?\s?(?:--?|–|—)\s(?=[^\W\d_a-zà-ỹ])")
_TOLD_BY_WORDS = frozenset({"meeting", "call", "talks online", "visit", "conference", "statement"})


def telling(event: Event, lang: str) -> Statement:
    """Kind, place, day and participants: `Meeting - Jakarta, Indonesia, 13 July (year not stated): A and B`."""
    who = listed([_person(each, lang, event) for each in event.participants[:_MOST_NAMED]], lang)
    cited = [*event.headline.citations, *_setting(event), *_of_persons(event, _MOST_NAMED)]
    return _statement(": ".join(filter(None, [heading(event, lang), who])), lang, cited)


def statements(event: Event, lang: str, records: Sequence[Event] = ()) -> tuple[Statement, ...]:
    """What the event's record holds, a sentence a field, each with its citations: the sentence that tells it first.

    `records` are those that it was put together from; one in the briefing's language gives that sentence.
    """
    first = headline(event, lang, records)
    words = _short(first.text, lang, most=_MOST_BELOW)
    told = _statement(words, lang, [*first.citations, *_setting(event)], support="quoted")
    people = [_person(each, lang, event) for each in event.participants[:_MOST_NAMED]]
    took_part = f"{label(lang, 'participants')}: {'; '.join(people)}"
    persons = [_statement(took_part, lang, _of_persons(event, _MOST_NAMED))] if people else []
    return (told, *persons, *_fields(event, lang))


def headline(event: Event, lang: str, records: Sequence[Event] = ()) -> Fact:
    """The sentence that tells the event, of a record in the language where there is one."""
    own = [record for record in records if record.lang == lang and not record.background]
    return own[0].headline if own and event.lang != lang else event.headline


def _fields(event: Event, lang: str) -> Iterator[Statement]:
    for key, facts in (("agreed", event.agreed), ("documents", event.documents)):
        yield from _quotes(key, [(fact.text, fact.citations) for fact in facts], lang)
    for saying in sorted(event.said, key=lambda each: _foreign(each.citations, lang))[:_MOST_SAID]:
        to = f" {label(lang, 'to').format(whom=saying.to)}" if saying.to else ""
        text = f"{label(lang, 'said')}: {saying.speaker}{to}: {_short(saying.text, lang, most=_MOST_BELOW)}"
        yield _statement(text, lang, saying.citations, support="quoted")
    yield from _quotes("figures", [(each.text, each.citations) for each in event.figures], lang)
    yield from _quotes("next_steps", [(fact.text, fact.citations) for fact in event.next_steps], lang)
    for conflict in event.conflicts:
        values = _values(conflict.field, conflict.values, lang)
        name = label(lang, "fields", conflict.field)
        text = f"{label(lang, 'conflicts')}: {name}: {values}"
        yield _statement(text, lang, [citation for _, citation in conflict.values], support="quoted")


def _quotes(key: str, facts: Sequence[tuple[str, tuple[Citation, ...]]], lang: str) -> Iterator[Statement]:
    told = dict(sorted(facts, key=lambda fact: _foreign(fact[1], lang)))
    if told:
        shown = list(told.items())[:_MOST_LISTED]
        words = "; ".join(_short(text, lang, most=_MOST_BELOW) for text, _ in shown)
        cited = [citation for _, citations in shown for citation in citations]
        yield _statement(f"{label(lang, key)}: {words}", lang, cited, support="quoted")


def lead(event: Event, lang: str, records: Sequence[Event] = ()) -> Statement:
    """One sentence on the event: who, what, where and when, and one clause of substance in the article's words."""
    named = event.participants[:_MOST_IN_LEAD]
    people = [_person(each, lang, event) for each in named]
    templates = table()[lang]["lead_many" if people else "lead_none"]
    template = templates.get(event.kind) or f"{label(lang, 'kinds', event.kind)}{{where}}{{when}}"
    text = template.format(who=listed(people, lang), where=_where(event, lang), when=_when(event, lang))
    substance, citations = _substance(event, lang, records)
    quotes_another = any(citation.source.lang != lang for citation in citations)
    if people and "{who}" not in template and quotes_another:
        text += f" ({label(lang, 'named').format(who=listed(people, lang))})"
    cited = [*citations, *headline(event, lang, records).citations, *_setting(event), *_of_persons(event, len(named))]
    return _statement(f"{text[:1].upper()}{text[1:]} - {substance}", lang, cited)


def _where(event: Event, lang: str) -> str:
    place = place_words(event.place, lang)
    if not place:
        return ""
    how = "related" if begins_with_place(place) else "to" if event.kind == "visit" else "in"
    comma = "," if lang == "en" and "," in place and _when(event, lang) else ""
    return label(lang, "where", how).format(place=place) + comma


def _when(event: Event, lang: str) -> str:
    words = date_words(event.date, lang)
    if not words or event.date is None or event.date.edtf is None:
        return ""
    return label(lang, "when", "on" if event.date.edtf.count("-") >= 2 else "in").format(day=words, month=words)


def _substance(event: Event, lang: str, records: Sequence[Event]) -> tuple[str, Sequence[Citation]]:
    """What was agreed, signed or said, in the article's words; else the sentence that tells the event.

    Words in the briefing's language come before others.
    """
    if event.kind in _TOLD_BY_WORDS:
        for key, facts in (("agreed", event.agreed), ("documents", event.documents)):
            if facts:
                fact = min(facts, key=lambda each: _foreign(each.citations, lang))
                return f"{label(lang, key).lower()}: {_short(fact.text, lang)}", fact.citations
        if event.said:
            saying = min(event.said, key=lambda each: _foreign(each.citations, lang))
            alone = [person.name for person in event.participants] == [saying.speaker]
            return f"{'' if alone else f'{saying.speaker}: '}{_short(saying.text, lang)}", saying.citations
    told = headline(event, lang, records)
    return _short(_DATELINE.sub("", told.text, count=1), lang), told.citations


def _foreign(citations: Sequence[Citation], lang: str) -> bool:
    return not any(citation.source.lang == lang for citation in citations)


def _short(text: str, lang: str, *, most: int = _MOST_QUOTED) -> str:
    words = " ".join(text.split())
    if len(words) > most:
        words = words[:most].rsplit(" ", 1)[0].rstrip(",;:") + " ..."
    return quoted(words, lang)


def differing(difference: Difference, lang: str) -> Statement:
    """What the articles say now and what those of the period before said, each in its words."""
    now, before = (_values(difference.field, values, lang) for values in (difference.now, difference.before))
    template = label(lang, "change" if difference.because else "contradiction")
    text = template.format(what=label(lang, "fields", difference.field), now=now, before=before)
    return _statement(text, lang, [cited for _, cited in (*difference.now, *difference.before)], support="quoted")


def _values(field: str, values: Sequence[tuple[str, Citation]], lang: str) -> str:
    """Each value with where it stands; of a speaker, what the article has him say."""
    said = (
        f"{value}: {_short(cited.quote, lang)}" if field == "speaker" and value not in cited.quote
        else _short(value, lang)
        for value, cited in values
    )  # fmt: skip
    return "; ".join(f"{words} ({_outlet(cited)})" for words, (_, cited) in zip(said, values, strict=True))


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
    if (written := language(role)) != lang and (country or not _countries(role) - {""}):
        role = _office(role, written, lang) or in_language(role, written, lang) or role
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


def _setting(event: Event) -> Iterator[Citation]:
    """The citations of place and day."""
    if event.place:
        yield event.place.citation
    if event.date:
        yield event.date.citation
        if event.date.implied_by:
            yield event.date.implied_by


def _of_persons(event: Event, most: int) -> Iterator[Citation]:
    for person in event.participants[:most]:
        yield from person.citations[:1]


def _statement(text: str, lang: str, citations: Iterable[Citation], *, support: str = "supported") -> Statement:
    ended = text if _END.search(text) else f"{text}."
    cited = tuple(folded(islice(citations, _MOST_CITED)))
    return Statement(ended, lang, cited, "quoted" if support == "quoted" else "supported")


def folded(citations: Iterable[Citation]) -> list[Citation]:
    """The citations without those whose characters another one holds, in their order."""
    every = list(dict.fromkeys(citations))
    return [one for one in every if not any(other is not one and _within(one, other) for other in every)]


def _within(one: Citation, other: Citation) -> bool:
    whole = (other.start, other.end) != (one.start, one.end)
    return whole and one.source.id == other.source.id and other.start <= one.start and one.end <= other.end
