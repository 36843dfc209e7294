"""A briefing as one HTML page that needs nothing else: no script, no request, and it prints on A4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files

from rag.brief_labels import heading, label
from rag.domain import Briefing, Change, Source, Statement, Told
from rag.render import plain
from rag.render_brief import (
    Notes,
    about,
    is_address,
    missing,
    reason,
    source_line,
    source_quote,
    title,
    told_in,
)


def brief_html(briefing: Briefing, *, generated: str | None = None) -> str:
    """The briefing as a page. What articles say is text in it, never markup; each number links to its quote below."""
    notes, lang = Notes(briefing), briefing.lang
    links = {told.event.id: _link(n, told, lang) for n, told in enumerate(briefing.events, 1)}
    css = (files("rag") / "data" / "briefing.css").read_text(encoding="utf-8")
    no_news = "" if briefing.events else f'<p class="none">{_text(label(lang, "no_news"))}</p>'
    parts = [
        *(f'<p role="note">{_text(notice)}</p>' for notice in briefing.notices),
        no_news,
        _section("lead", _listed("ol", [_cited(statement, notes) for statement in briefing.lead]), lang),
        _section("new", _listed("ul", [links[event] for event in briefing.new]), lang),
        _section("changed", _changes(briefing.changed, links, notes), lang),
        _section("contradicted", _changes(briefing.contradicted, links, notes), lang),
        _section("dropped", _listed("ul", [_cited(told.statements[0], notes) for told in briefing.dropped]), lang),
        _section(
            "events", "".join(_event(n, told, briefing, notes) for n, told in enumerate(briefing.events, 1)), lang
        ),
        *(_section(key, _left_out(briefing, key, notes), lang) for key in ("undated", "left_out")),
    ]
    sources = _section("sources", _sources(notes, lang), lang)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{_text(title(briefing))}</title>\n<style>\n{css}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{_text(title(briefing))}</h1>\n<p>{_text(about(briefing, generated))}</p>\n</header>\n"
        f"<main>\n{''.join(filter(None, parts))}</main>\n<footer>\n{sources}</footer>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(plain(" ".join(text.split())))


def _section(key: str, content: str, lang: str) -> str:
    if not content:
        return ""
    return (
        f'<section aria-labelledby="{key}" class="{key}">\n<h2 id="{key}">{_text(label(lang, key))}</h2>\n'
        f"{content}</section>\n"
    )


def _listed(tag: str, items: Iterable[str]) -> str:
    inner = "".join(f"<li>{item}</li>\n" for item in items)
    return f"<{tag}>\n{inner}</{tag}>\n" if inner else ""


def _cited(statement: Statement, notes: Notes) -> str:
    marks = "".join(f'<a href="#q{n}">{n}</a>' for n in notes.numbers(statement.citations))
    note = notes.by_model(statement)
    written = f' <small class="written">{_text(note)}</small>' if note else ""
    return f'<span dir="auto">{_text(statement.text)}</span> <sup>{marks}</sup>{written}'


def _link(number: int, told: Told, lang: str) -> str:
    return f'<a href="#e{number}">{number}. {_text(heading(told.event, lang))}</a>'


def _changes(changes: Sequence[Change], links: Mapping[str, str], notes: Notes) -> str:
    by_event: dict[str, list[Change]] = {}
    for change in changes:
        by_event.setdefault(change.event, []).append(change)
    items = (
        f"{links[event]}\n{_listed('ul', [_cited(change.statement, notes) for change in those])}"
        for event, those in by_event.items()
    )
    return _listed("ul", items)


def _event(number: int, told: Told, briefing: Briefing, notes: Notes) -> str:
    first, *others = told.statements
    cited = _cited(first, notes)
    told_first = f"<p>{cited}</p>" if notes.by_model(first) else f"<blockquote>{cited}</blockquote>"
    items = [_cited(statement, notes) for statement in others]
    lacking = missing(told.event, briefing.lang)
    if lacking:
        items.append(f'<span class="lacking">{_text(lacking)}</span>')
    return (
        f'<article aria-labelledby="e{number}">\n<h3 id="e{number}">{number}. '
        f'{_text(heading(told.event, briefing.lang))}</h3>\n<p class="facts">{_text(told_in(told, briefing))}</p>\n'
        f"{told_first}\n{_listed('ul', items)}</article>\n"
    )


def _left_out(briefing: Briefing, key: str, notes: Notes) -> str:
    lang = briefing.lang
    items = []
    for each in briefing.undated if key == "undated" else briefing.left_out:
        told = _listed("ul", [_cited(statement, notes) for statement in each.statements])
        source = _source(each.source, lang, day=each.reason != "no stated year")
        items.append(f"{source}: {_text(reason(each, lang))}{told}")
    return _listed("ul", items)


def _source(source: Source, lang: str, *, day: bool = True) -> str:
    text = f'<span dir="auto">{_text(source_line(source, lang, day=day))}</span>'
    if not is_address(source.url):
        return text
    return f'<a href="{escape(source.url or "")}" rel="noreferrer">{text}</a>'


def _sources(notes: Notes, lang: str) -> str:
    items = []
    for source, cited in notes.by_source():
        quotes = "".join(
            f'<li id="q{n}" value="{n}"><q dir="auto">{_text(source_quote(citation, lang)[1:-1])}</q></li>\n'
            for n, citation in cited
        )
        items.append(f"{_source(source, lang)}\n<ol>\n{quotes}</ol>")
    return _listed("ul", items)
