"""An event as a card of the page: every field with numbered links to the characters that say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from rag.answer_html import address, escaped, facts
from rag.brief_labels import country_words, day_words, heading, label, place_words
from rag.domain import Citation, Conflict, Event, EventDate, EventFigure, Fact, Participant, Saying
from rag.ui_page import opener
from rag.ui_words import Words

_One = TypeVar("_One")
_OPEN = 4  # values of a field that stand open; those behind them are folded


def card_html(event: Event, say: Words) -> str:
    """The card of an event in the page's language; what articles say stands in their own words, as text.

    Every value is followed by the numbers of its citations, which open them in the source panel.
    """
    return _Card(event, say).html()


def day_text(edtf: str, say: Words) -> str:
    """An EDTF date in words; one without a year is said to have no known year."""
    words = day_words(edtf, say.lang)
    return f"{words} ({say('common.unknown_year')})" if edtf.startswith("XXXX") else words


def date_text(date: EventDate | None, say: Words) -> str:
    """When an event was, in words; the article's own where nothing dates them, "" where there are none."""
    if date is None:
        return ""
    return day_text(date.edtf, say) if date.edtf else say("events.words_only", words=one_line(date.text))


def one_line(text: str) -> str:
    """The text with single spaces."""
    return " ".join(text.split())


def said_text(saying: Saying, say: Words) -> str:
    """Who says it, and to whom where the article tells."""
    speaker, to = one_line(saying.speaker), one_line(saying.to or "")
    return say("events.said_to", speaker=speaker, to=to) if to else speaker


def lacking(event: Event, say: Words) -> list[str]:
    """The fields of which no article says anything, in the page's words."""
    return [label(say.lang, "not_stated_fields", name) for name in event.not_stated]


@dataclass(slots=True)
class _Card:
    event: Event
    say: Words
    numbers: dict[str, int] = field(default_factory=dict)

    def html(self) -> str:
        event, lang = self.event, self.say.lang
        title = escaped(heading(event, lang))
        note = f' <span class="badge">{escaped(self.say("events.background"))}</span>' if event.background else ""
        headline = self._told(event.headline.text, event.headline.citations)
        rows = "".join(f"<div><dt>{escaped(name)}</dt><dd>{value}</dd></div>" for name, value in self._rows() if value)
        return (
            f'<article class="event-card" lang="{lang}" aria-label="{title}">'
            f'<p class="event-title"><strong>{title}</strong>{note}</p>'
            f"<blockquote>{headline}</blockquote>"
            f"<dl>{rows}</dl></article>"
        )

    def _rows(self) -> Iterator[tuple[str, str]]:
        event, lang, say = self.event, self.say.lang, self.say
        kind = escaped(label(lang, "kinds", event.kind))
        yield say("events.kind"), f"{kind} {self._links(event.headline.citations)}"
        yield say("events.date"), self._date()
        yield say("events.place"), self._place()
        yield label(lang, "participants"), self._list(event.participants, self._participant)
        yield label(lang, "agreed"), self._facts(event.agreed)
        yield label(lang, "said"), self._list(event.said, self._saying)
        yield label(lang, "documents"), self._facts(event.documents)
        yield label(lang, "figures"), self._facts(event.figures)
        yield label(lang, "next_steps"), self._facts(event.next_steps)
        yield label(lang, "conflicts"), self._list(event.conflicts, self._conflict)
        yield label(lang, "not_stated"), escaped(", ".join(lacking(event, say)))
        yield say("events.sources"), self._list(event.sources, lambda one: opener(facts(one, say), one.id))

    def _date(self) -> str:
        date = self.event.date
        if date is None:
            return ""
        first = f"{escaped(date_text(date, self.say))}"
        if date.edtf:
            first += f' <q lang="{escaped(self.event.lang)}" dir="auto">{escaped(one_line(date.text))}</q>'
        first += f" {self._links([date.citation])}"
        if not date.implied_year:
            return first
        implied = escaped(self.say("events.implied_year", year=date.implied_year))
        return f'{first}<br><span class="facts">{implied}</span> {self._links(filter(None, [date.implied_by]))}'

    def _place(self) -> str:
        place = self.event.place
        if place is None:
            return ""
        shown, said = place_words(place, self.say.lang), one_line(place.text)
        words = "" if said in shown else f' <q lang="{escaped(self.event.lang)}" dir="auto">{escaped(said)}</q>'
        return f'<span dir="auto">{escaped(shown)}</span>{words} {self._links([place.citation])}'

    def _participant(self, one: Participant) -> str:
        say = self.say
        told = [
            f'<span lang="{escaped(self.event.lang)}" dir="auto">{escaped(one_line(one.role))}</span>'
            if one.role
            else "",
            escaped(country_words(one.country, say.lang)) if one.country else "",
            escaped(say("events.side", side=one.side)) if one.side else "",
        ]
        also = f" ({escaped(say('events.also', names=', '.join(map(one_line, one.also))))})" if one.also else ""
        about = ", ".join(filter(None, told))
        return (
            f'<strong dir="auto">{escaped(one_line(one.name))}</strong>{f", {about}" if about else ""}'
            f'<span class="facts">{also}</span> {self._links(one.citations)}'
        )

    def _saying(self, one: Saying) -> str:
        who = escaped(said_text(one, self.say))
        return f'<strong dir="auto">{who}</strong>: {self._told(one.text, one.citations)}'

    def _conflict(self, one: Conflict) -> str:
        values = self._list(one.values, lambda each: self._differing(*each))
        return f"{escaped(self.say(f'ask.conflict_{one.field}'))}{values}"

    def _differing(self, value: str, citation: Citation) -> str:
        told = escaped(facts(citation.source, self.say))
        return f'{self._told(value, [citation])} <span class="facts" dir="auto">{told}</span>'

    def _facts(self, each: Sequence[Fact | EventFigure]) -> str:
        return self._list(each, lambda one: self._told(one.text, one.citations))

    def _told(self, text: str, citations: Iterable[Citation]) -> str:
        cited = list(citations)
        lang = cited[0].source.lang if cited else None
        words = f'<span lang="{escaped(lang or self.event.lang)}" dir="auto">{escaped(one_line(text))}</span>'
        return f"{words} {self._links(cited)}"

    def _list(self, values: Sequence[_One], shown: Callable[[_One], str]) -> str:
        """A list of the values, those behind the first few folded."""
        items = [f"<li>{shown(value)}</li>" for value in values]
        if not items:
            return ""
        first, rest = "".join(items[:_OPEN]), items[_OPEN:]
        if len(rest) < 2:
            return f"<ul>{''.join(items)}</ul>"
        more = escaped(self.say("events.more", count=len(rest)))
        return f"<ul>{first}</ul><details><summary>{more}</summary><ul>{''.join(rest)}</ul></details>"

    def _links(self, citations: Iterable[Citation]) -> str:
        return " ".join(map(self._link, dict.fromkeys(citations)))

    def _link(self, citation: Citation) -> str:
        number = self.numbers.setdefault(address(citation), len(self.numbers) + 1)
        title = self.say("ask.source_n", number=number, facts=facts(citation.source, self.say))
        return opener(f"[{number}]", citation.source.id, citation.start, citation.end, title=title)
