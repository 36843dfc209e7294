"""A briefing as a part of the page: its citations open the source panel, and it prints on its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.answer_html import escaped, facts
from rag.brief_labels import heading, label
from rag.domain import Briefing, Change, Citation, LeftOut, Source, Statement, Told
from rag.event_cards import card_html
from rag.render import is_original
from rag.render_brief import (
    Notes,
    about,
    missing,
    reason,
    source_line,
    source_quote,
    tellers,
    title,
)
from rag.ui_page import opener
from rag.ui_words import Words

EVENTS = 40  # shown at first, and with each "more"
_LISTED = 60  # items of the other lists; the exports hold all


def briefing_html(briefing: Briefing, *, events: int = EVENTS) -> str:
    """The briefing in its own language, with so many of its events; what articles say is text in it, never markup."""
    return _Written(briefing, events).html()


class _Written:
    def __init__(self, briefing: Briefing, events: int) -> None:
        self.briefing, self.lang = briefing, briefing.lang
        self.say = Words(briefing.lang)
        self.notes = Notes(briefing)
        self.shown = briefing.events[:events]
        self.by_number = {number: one for _, cited in self.notes.by_source() for number, one in cited}
        self.links = {told.event.id: self._to_event(n, told) for n, told in enumerate(briefing.events, 1)}
        self.marks = self._marks()

    def html(self) -> str:
        told = self.briefing
        undated = [self._left_out(each) for each in told.undated]
        parts = [
            f'<h3 id="brief-title">{escaped(title(told))}</h3>',
            f'<p class="facts" role="status">{escaped(about(told, None))}</p>',
            *(f'<p class="note" role="note">{escaped(notice)}</p>' for notice in told.notices),
            "" if told.events else f'<p class="none">{escaped(label(self.lang, "no_news"))}</p>',
            self._section("lead", self._list("ol", [self._shown(statement) for statement in told.lead])),
            self._section("new", self._list("ul", [self.links[event] for event in told.new])),
            self._section("changed", self._changes(told.changed)),
            self._section("contradicted", self._changes(told.contradicted)),
            self._section("dropped", self._list("ul", [self._shown(one.statements[0]) for one in told.dropped])),
            self._section("events", self._events()),
            self._section("undated", self._list("ul", undated)),
            self._folded("left_out", [self._left_out(each) for each in told.left_out]),
            self._section("sources", self._sources()),
        ]
        return f'<section class="brief" lang="{self.lang}" aria-labelledby="brief-title">{"".join(parts)}</section>'

    def _marks(self) -> Mapping[str, list[str]]:
        told = self.briefing
        found: dict[str, list[str]] = {}
        for key, events in (
            ("new", told.new),
            ("changed", [change.event for change in told.changed]),
            ("contradicted", [change.event for change in told.contradicted]),
        ):
            for event in dict.fromkeys(events):
                found.setdefault(event, []).append(f'<span class="mark {key}">{escaped(label(self.lang, key))}</span>')
        return found

    def _section(self, key: str, content: str) -> str:
        if not content:
            return ""
        named = f'<h4 id="brief-{key}">{escaped(label(self.lang, key))}</h4>'
        return f'<section class="{key}" aria-labelledby="brief-{key}">{named}{content}</section>'

    def _folded(self, key: str, items: Sequence[str]) -> str:
        if not items:
            return ""
        summary = escaped(f"{label(self.lang, key)} ({len(items):,})")
        return f'<details class="{key}"><summary>{summary}</summary>{self._list("ul", items)}</details>'

    def _list(self, tag: str, items: Sequence[str]) -> str:
        if not items:
            return ""
        inner = "".join(f"<li>{item}</li>" for item in items[:_LISTED])
        return f"<{tag}>{inner}</{tag}>{self._further(len(items) - _LISTED)}"

    def _further(self, count: int) -> str:
        return f'<p class="facts">{escaped(self.say("briefings.further", count=f"{count:,}"))}</p>' if count > 0 else ""

    def _to_event(self, number: int, told: Told) -> str:
        named = f"{number}. {escaped(heading(told.event, self.lang))}"
        return f'<a href="#brief-event-{number}">{named}</a>' if number <= len(self.shown) else named

    def _changes(self, changes: Sequence[Change]) -> str:
        by_event: dict[str, list[Change]] = {}
        for change in changes:
            by_event.setdefault(change.event, []).append(change)
        return self._list(
            "ul",
            [
                f"{self.links[event]}{self._list('ul', [self._shown(change.statement) for change in those])}"
                for event, those in by_event.items()
            ],
        )

    def _events(self) -> str:
        events = "".join(self._event(n, told) for n, told in enumerate(self.shown, 1))
        count = len(self.briefing.events)
        if count <= len(self.shown):
            return events
        told = self.say("briefings.shown", shown=f"{len(self.shown):,}", count=f"{count:,}")
        return f'{events}<p class="facts">{escaped(told)}</p>'

    def _event(self, number: int, told: Told) -> str:
        event, (first, *others) = told.event, told.statements
        tag = "p" if self.notes.by_model(first) else "blockquote"
        items = [self._cited(statement) for statement in others]
        if lacking := missing(event, self.lang):
            items.append(f'<span class="facts">{escaped(lacking)}</span>')
        return (
            f'<article aria-labelledby="brief-event-{number}"><h5 id="brief-event-{number}" tabindex="-1">{number}. '
            f"{escaped(heading(event, self.lang))}{''.join(f' {mark}' for mark in self.marks.get(event.id, []))}</h5>"
            f'<p class="facts" dir="auto">{escaped(tellers(event, self.lang))}</p>'
            f"<{tag}>{self._shown(first)}</{tag}>{self._list('ul', items)}{self._importance(told)}"
            f'<details class="record"><summary>{escaped(self.say("briefings.record"))}</summary>'
            f"{card_html(event, self.say)}</details></article>"
        )

    def _importance(self, told: Told) -> str:
        rows = "".join(
            f'<tr><th scope="row">{escaped(self.say(f"briefings.counts_{name}"))}</th><td>{value:g}</td></tr>'
            for name, value in told.counted
            if value
        )
        total = escaped(f"{label(self.lang, 'importance')} {told.importance:g}")
        caption = escaped(self.say("briefings.counted"))
        return (
            f'<details class="importance"><summary>{total}</summary>'
            f"<table><caption>{caption}</caption><tbody>{rows}</tbody></table></details>"
        )

    def _cited(self, statement: Statement) -> str:
        links = " ".join(self._number(number) for number in self.notes.numbers(statement.citations))
        note = self.notes.by_model(statement)
        written = f' <span class="facts">({escaped(note)})</span>' if note else ""
        text = f'<span lang="{escaped(statement.lang or self.lang)}" dir="auto">{escaped(statement.text)}</span>'
        return f"{text} {links}{written}"

    def _shown(self, statement: Statement) -> str:
        """A statement, and beside it the original words in another language that it does not quote itself."""
        said = " ".join(statement.text.split())
        originals = dict.fromkeys(
            citation
            for citation in statement.citations
            if is_original(citation, statement) and " ".join(citation.quote.split()) not in said
        )
        return self._cited(statement) + "".join(map(self._original, originals))

    def _original(self, citation: Citation) -> str:
        lang = escaped(citation.source.lang or "")
        return f'<q class="original" lang="{lang}" dir="auto">{escaped(citation.quote)}</q>'

    def _number(self, number: int) -> str:
        citation = self.by_number[number]
        named = self.say("ask.source_n", number=number, facts=facts(citation.source, self.say))
        return opener(f"[{number}]", citation.source.id, citation.start, citation.end, title=named)

    def _left_out(self, each: LeftOut) -> str:
        told = self._list("ul", [self._shown(statement) for statement in each.statements])
        dated = each.reason != "no stated year"
        return f"{self._article(each.source, dated=dated)}: {escaped(reason(each, self.lang))}{told}"

    def _article(self, source: Source, *, dated: bool = True) -> str:
        return opener(source_line(source, self.lang, day=dated), source.id)

    def _sources(self) -> str:
        """What is cited, word for word: on paper no link can be followed."""
        items: Iterable[str] = (
            f'<li><span dir="auto">{escaped(source_line(source, self.lang))}</span><ul>'
            + "".join(
                f'<li dir="auto">[{number}] {escaped(source_quote(citation, self.lang))}</li>'
                for number, citation in cited
            )
            + "</ul></li>"
            for source, cited in self.notes.by_source()
        )
        inner = "".join(items)
        return f"<ul>{inner}</ul>" if inner else ""
