"""A briefing as the documented JSON object and as Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.brief_labels import day_words, heading, label, quoted
from rag.domain import Briefing, Change, Citation, Event, LeftOut, Source, Statement, Told
from rag.render import citation_json, plain, source_json
from rag.render_events import event_json

Json = dict[str, Any]
VERSION = 1  # of the object; another one where a key goes or means something else
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_MOST_QUOTED = 600  # characters of a quote in the list of sources


def brief_json(briefing: Briefing, *, generated: str | None = None) -> Json:
    """The object that `rag brief --json` prints. `new`, and `event` of a change, are ids of `events`."""
    made = {} if generated is None else {"generated": generated}
    written = frozenset(briefing.written)
    return {
        "version": VERSION,
        "period": {"since": briefing.since, "until": briefing.until},
        "compared": None if briefing.before is None else dict(zip(("since", "until"), briefing.before, strict=True)),
        "lang": briefing.lang,
        **made,
        "mode": briefing.mode,
        "lead": [statement_json(statement, written=written) for statement in briefing.lead],
        "events": [_told_json(told, written=written) for told in briefing.events],
        "new": list(briefing.new),
        "changed": [_change_json(change) for change in briefing.changed],
        "contradicted": [_change_json(change) for change in briefing.contradicted],
        "dropped": [_told_json(told) for told in briefing.dropped],
        "undated": [_left_out_json(each) for each in briefing.undated],
        "left_out": [_left_out_json(each) for each in briefing.left_out],
        "articles_seen": briefing.seen,
        "weights": dict(briefing.weights),
        "notices": list(briefing.notices),
        "rejected": [{"text": each.text, "reasons": list(each.reasons)} for each in briefing.rejected],
        "model": briefing.model,
        "usage": dict(briefing.usage),
        "prompts": dict(briefing.prompts),
    }


def statement_json(statement: Statement, *, written: Collection[Statement] = ()) -> Json:
    """A statement with its citations; `by_model` says whether it is among those that a model wrote."""
    return {
        "text": statement.text,
        "lang": statement.lang,
        "support": statement.support,
        "by_model": statement in written,
        "citations": [citation_json(citation) for citation in statement.citations],
    }


def _told_json(told: Told, *, written: Collection[Statement] = ()) -> Json:
    return {
        **event_json(told.event),
        "importance": told.importance,
        "counted": dict(told.counted),
        "statements": [statement_json(statement, written=written) for statement in told.statements],
    }


def _change_json(change: Change) -> Json:
    return {
        "event": change.event,
        "field": change.field,
        "because": change.because or None,
        "before": [{"value": value, "citation": citation_json(citation)} for value, citation in change.before],
        "now": [{"value": value, "citation": citation_json(citation)} for value, citation in change.now],
        "statement": statement_json(change.statement),
    }


def _left_out_json(each: LeftOut) -> Json:
    of = None if each.of is None else source_json(each.of)
    path = {"path": each.source.path, "item": each.source.item}
    told = [statement_json(statement) for statement in each.statements]
    return {**source_json(each.source), **path, "reason": each.reason, "of": of, "statements": told}


class Notes:
    """The numbers of a briefing's citations, in the order in which it uses them, and what a model wrote in it.

    Words that stand in another quote of the briefing have that quote's number.
    """

    def __init__(self, briefing: Briefing) -> None:
        used = [citation for statement in every_statement(briefing) for citation in statement.citations]
        self._written = dict.fromkeys(briefing.written, label(briefing.lang, "written"))
        self._whole = _wholes(used)
        self._numbers: dict[Citation, int] = {}
        for citation in used:
            self._numbers.setdefault(self._whole[citation], len(self._numbers) + 1)

    def numbers(self, citations: Iterable[Citation]) -> list[int]:
        """The numbers of these, each once, ascending."""
        return sorted({self._numbers[self._whole[citation]] for citation in citations})

    def by_model(self, statement: Statement) -> str:
        """The note that a model wrote the statement; "" where none did."""
        return self._written.get(statement, "")

    def by_source(self) -> list[tuple[Source, list[tuple[int, Citation]]]]:
        """What is cited, source by source, in the order of its use."""
        found: dict[str, tuple[Source, list[tuple[int, Citation]]]] = {}
        for citation, number in self._numbers.items():
            found.setdefault(citation.source.id, (citation.source, []))[1].append((number, citation))
        return list(found.values())


def every_statement(briefing: Briefing) -> Iterator[Statement]:
    """All that a briefing says with citations, in its order."""
    yield from briefing.lead
    yield from (change.statement for change in (*briefing.changed, *briefing.contradicted))
    yield from (statement for told in (*briefing.dropped, *briefing.events) for statement in told.statements)
    yield from (statement for each in briefing.undated for statement in each.statements)


def _wholes(citations: Iterable[Citation]) -> dict[Citation, Citation]:
    """For each citation the widest of them, of at most `_MOST_QUOTED` characters, that holds it."""
    found: dict[Citation, Citation] = {}
    widest: Citation | None = None
    for one in sorted(set(citations), key=lambda each: (each.source.id, each.start, -each.end)):
        fits = widest is not None and widest.source.id == one.source.id and one.end <= widest.end
        if not fits and one.end - one.start <= _MOST_QUOTED:
            widest = one
        found[one] = widest if fits and widest is not None else one
    return found


def period_words(since: str, until: str, lang: str) -> str:
    """A period's days in words."""
    return day_words(since if since == until else f"{since}/{until}", lang)


def title(briefing: Briefing) -> str:
    """The briefing's title."""
    return label(briefing.lang, "title").format(period=period_words(briefing.since, briefing.until, briefing.lang))


def about(briefing: Briefing, generated: str | None) -> str:
    """How much was read, what it is compared with, and when it was made where that is told."""
    lang = briefing.lang
    articles = counted(briefing.seen, "articles", lang)
    events = counted(len(briefing.events), "events_count", lang)
    compared = label(lang, "not_compared")
    if briefing.before:
        compared = label(lang, "compared").format(before=period_words(*briefing.before, lang))
    made = [label(lang, "generated").format(day=day_words(generated, lang))] if generated else []
    return " ".join(
        [label(lang, "seen").format(articles=articles, events=events), compared, *made, *_by_model(briefing)]
    )


def _by_model(briefing: Briefing) -> Iterator[str]:
    """How many sentences a model wrote, and how many of its did not pass the check, by the kind of the reason."""
    if briefing.mode == "llm":
        lang = briefing.lang
        kinds = Counter(each.reasons[0].partition(":")[0] for each in briefing.rejected)
        why = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        aside = f"{len(briefing.rejected)} ({why})" if why else "0"
        model, count = briefing.model or "", len(briefing.written)
        yield label(lang, "by_model").format(model=model, count=count, mark=label(lang, "written"), aside=aside)


def counted(number: int, key: str, lang: str) -> str:
    """`1 article`, `2 articles`."""
    from rag.brief_labels import table

    one, several = table()[lang][key]
    return str(one if number == 1 else several).format(n=number)


def told_in(told: Told, briefing: Briefing) -> str:
    """Below an event's heading: whether it is new, who tells it, how important it is."""
    lang = briefing.lang
    new = [label(lang, "new")] if "new" in dict(told.counted) else []
    return " · ".join([*new, tellers(told.event, lang), f"{label(lang, 'importance')} {told.importance:g}"])


def tellers(event: Event, lang: str) -> str:
    """Who tells an event: each article's outlet once."""
    first = {source.id: source for source in reversed(event.sources)}
    outlets = dict.fromkeys(source_name(first[article], lang) for article in event.articles)
    return f"{label(lang, 'told_in')} {', '.join(outlets)}"


def source_name(source: Source, lang: str) -> str:
    """The outlet, else the agency, else the title in quotation marks."""
    return source.outlet or source.agency or quoted(source.title or label(lang, "untitled"), lang)


def source_line(source: Source, lang: str, *, day: bool = True) -> str:
    """An article in the list of sources: outlet, title and day, as far as its page states them."""
    untitled = f"{label(lang, 'untitled')} {Path(source.path).name}"
    named = quoted(source.title, lang) if source.title else untitled
    published = [day_words(source.published, lang)] if source.published and day else []
    return ", ".join(filter(None, [source.outlet or source.agency or "", named, *published]))


def missing(event: Event, lang: str) -> str:
    """What no article states of an event; "" where nothing is missing."""
    fields = [label(lang, "not_stated_fields", field) for field in event.not_stated]
    return f"{label(lang, 'not_stated')}: {', '.join(fields)}." if fields else ""


def reason(each: LeftOut, lang: str) -> str:
    """Why an article is left out, in words."""
    if each.reason == "duplicate":
        of = source_line(each.of, lang) if each.of else "?"
        return label(lang, "reason_duplicate").format(of=of)
    if each.reason == "no stated year":
        return label(lang, "reason_year").format(day=day_words(each.source.published or "", lang))
    return label(lang, "reason_event" if each.reason == "no event" else "reason_undated")


def brief_markdown(briefing: Briefing, *, generated: str | None = None) -> str:
    """The briefing as Markdown; what articles say is text in it, never markup."""
    notes, lang = Notes(briefing), briefing.lang
    lines = [f"# {title(briefing)}", "", _escaped(about(briefing, generated)), ""]
    lines += [line for notice in briefing.notices for line in (f"> {_escaped(notice)}", "")]
    if not briefing.events:
        lines += [f"**{label(lang, 'no_news')}**", ""]
    lines += _section("lead", [f"{n}. {_cited(s, notes)}" for n, s in enumerate(briefing.lead, 1)], lang)
    headings = {
        told.event.id: f"{n}. {_escaped(heading(told.event, lang))}" for n, told in enumerate(briefing.events, 1)
    }
    lines += _section("new", [f"- {headings[event]}" for event in briefing.new], lang)
    for key, changes in (("changed", briefing.changed), ("contradicted", briefing.contradicted)):
        lines += _section(key, list(_changes(changes, headings, notes)), lang)
    lines += _section("dropped", [f"- {_cited(told.statements[0], notes)}" for told in briefing.dropped], lang)
    if briefing.events:
        lines += [f"## {label(lang, 'events')}", ""]
        for n, told in enumerate(briefing.events, 1):
            lines += _event(n, told, briefing, notes)
    for key, left in (("undated", briefing.undated), ("left_out", briefing.left_out)):
        lines += _section(key, [line for one in left for line in _left(one, notes, lang)], lang)
    lines += _sources(notes, lang)
    return plain("\n".join(lines)).rstrip() + "\n"


def _section(key: str, items: Sequence[str], lang: str) -> list[str]:
    return [f"## {label(lang, key)}", "", *items, ""] if items else []


def _changes(changes: Sequence[Change], headings: Mapping[str, str], notes: Notes) -> Iterator[str]:
    by_event: dict[str, list[Change]] = {}
    for change in changes:
        by_event.setdefault(change.event, []).append(change)
    for event, those in by_event.items():
        yield f"- {headings[event]}"
        yield from (f"    - {_cited(change.statement, notes)}" for change in those)


def _event(number: int, told: Told, briefing: Briefing, notes: Notes) -> list[str]:
    first, *others = told.statements
    lines = [f"### {number}. {_escaped(heading(told.event, briefing.lang))}", ""]
    mark = "" if notes.by_model(first) else "> "
    lines += [f"*{_escaped(told_in(told, briefing))}*", "", f"{mark}{_cited(first, notes)}", ""]
    lines += [f"- {_cited(statement, notes)}" for statement in others]
    if lacking := missing(told.event, briefing.lang):
        lines.append(f"- {_escaped(lacking)}")
    return [*lines, ""]


def _left(each: LeftOut, notes: Notes, lang: str) -> Iterator[str]:
    day = each.reason != "no stated year"
    yield f"- {_escaped(source_line(each.source, lang, day=day))}: {_escaped(reason(each, lang))}"
    yield from (f"    - {_cited(statement, notes)}" for statement in each.statements)


def _cited(statement: Statement, notes: Notes) -> str:
    marks = "".join(f"[{number}]" for number in notes.numbers(statement.citations))
    note = notes.by_model(statement)
    written = f"*({_escaped(note)})*" if note else ""
    return " ".join(filter(None, [_escaped(statement.text), marks, written]))


def _sources(notes: Notes, lang: str) -> list[str]:
    lines = []
    for source, cited in notes.by_source():
        url = f" <{source.url}>" if is_address(source.url) else ""
        lines.append(f"- {_escaped(source_line(source, lang))}{url}")
        lines += [f"    - [{number}] {_escaped(source_quote(citation, lang))}" for number, citation in cited]
    return _section("sources", lines, lang)


def source_quote(citation: Citation, lang: str) -> str:
    """What is cited, as the list of sources shows it: its beginning where it is very long."""
    quote = citation.quote
    return quoted(quote if len(quote) <= _MOST_QUOTED else f"{quote[:_MOST_QUOTED]} ...", lang)


def is_address(url: str | None) -> bool:
    """Whether a source's address can be linked to: http or https, and nothing in it that ends a link."""
    return url is not None and re.fullmatch(r"https?://[^\s<>\"'\\]+", url) is not None


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
