"""Answers as HTML for the page. What articles, models and questions say is text, never markup: see `escaped`."""

from __future__ import annotations

from collections.abc import Sequence

from rag import render
from rag.domain import Answer, Citation, Conflict, DateFilter, NameMatch, Statement

UNCHECKED = (
    "Written by a language model. The check compares names, figures, dates, negations and content with the cited "
    "words; it cannot tell who did what to whom where both are named. Read the original."
)
WRITING = "Writing…"
STOPPED = "Stopped. What stands above had passed the check."


def escaped(text: str) -> str:
    """The text as HTML that shows exactly its words, on one line, in HTML and in Markdown alike.

    Every ASCII character but letters, digits and single spaces becomes a character reference, which neither
    language reads as markup (CommonMark, section 2.5).
    """
    return "".join(
        char if char == " " or not char.isascii() or char.isalnum() else f"&#{ord(char)};"
        for char in render.plain(" ".join(text.split()))
    )


def question_html(question: str) -> str:
    """A question as a chat message."""
    return f'<div dir="auto">{escaped(question)}</div>'


def answer_html(answer: Answer) -> str:
    """An answer as a chat message: numbered statements that link to their sources, or why there are none.

    Below them what articles differ on, what failed the check (folded), notices, and what the check cannot catch.
    """
    rewritten = f'<div class="rewritten" dir="auto">{escaped(render.rewritten_text(answer))}</div>'
    numbers: dict[str, int] = {}
    parts = [
        rewritten if answer.rewritten else "",
        _said_html(answer, numbers),
        *(_conflict_html(conflict, numbers) for conflict in answer.conflicts),
        _aside_html(answer.rejected) if answer.rejected else "",
        *(f'<div class="names" role="note" dir="auto">{escaped(notice)}</div>' for notice in answer.notices),
        f'<div class="names">{escaped(UNCHECKED)}</div>' if answer.mode == "llm" and answer.statements else "",
        _names_html(answer.names),
        _dates_html(answer.dates),
    ]
    return f'<div class="answer">{"".join(parts)}</div>'


def writing_html(statements: Sequence[Statement], *, stopped: bool = False) -> str:
    """An answer that is being written, or was stopped: the statements that have passed the check until now."""
    shown = f'<ol class="statements">{_statements_html(statements, {})}</ol>' if statements else ""
    if stopped:
        return f'<div class="answer">{shown}<div class="names" role="note">{escaped(STOPPED)}</div></div>'
    return f'<div class="writing">{shown}<span class="facts" role="status">{escaped(WRITING)}</span></div>'


def _said_html(answer: Answer, numbers: dict[str, int]) -> str:
    if answer.refused:
        return f'<div class="refusal">The articles do not say: {escaped(answer.reason or "")}.</div>'
    return f'<ol class="statements">{_statements_html(answer.statements, numbers)}</ol>'


def _statements_html(statements: Sequence[Statement], numbers: dict[str, int]) -> str:
    """The statements as list items. `numbers` holds the number of each cited span and grows."""
    items = []
    for statement in statements:
        links = [_numbered_html(citation, numbers) for citation in statement.citations]
        sources = dict.fromkeys(render.facts(citation.source) for citation in statement.citations)
        originals = [citation for citation in statement.citations if render.is_original(citation, statement)]
        items.append(
            f'<li><span lang="{escaped(statement.lang or "")}" dir="auto">{escaped(statement.text)}</span> '
            f'{" ".join(links)} <span class="support">{escaped(_support(statement))}</span>'
            f"{''.join(map(_original_html, originals))}"
            f'<span class="facts" dir="auto">{"<br>".join(map(escaped, sources))}</span></li>'
        )
    return "".join(items)


def _support(statement: Statement) -> str:
    why = f": {'; '.join(statement.reasons)}" if statement.reasons else ""
    return f"({statement.support}{why})"


def _original_html(citation: Citation) -> str:
    lang = escaped(citation.source.lang or "")
    return f'<span class="original" lang="{lang}" dir="auto">{escaped(citation.quote)}</span>'


def _conflict_html(conflict: Conflict, numbers: dict[str, int]) -> str:
    values = [
        f'<li><span dir="auto">{escaped(value)}</span> {_numbered_html(citation, numbers)}'
        f'<span class="facts" dir="auto">{escaped(render.facts(citation.source))}</span></li>'
        for value, citation in conflict.values
    ]
    return f'<div class="conflict">{escaped(render.conflict_text(conflict))}<ol>{"".join(values)}</ol></div>'


def _aside_html(rejected: Sequence[Statement]) -> str:
    items = [
        f'<li><span dir="auto">{escaped(statement.text)}</span>'
        f'<span class="facts" dir="auto">{escaped("; ".join(statement.reasons))}</span></li>'
        for statement in rejected
    ]
    summary = escaped(render.set_aside_text(rejected))
    return f'<details class="aside"><summary>{summary}</summary><ol>{"".join(items)}</ol></details>'


def _numbered_html(citation: Citation, numbers: dict[str, int]) -> str:
    return _link_html(citation, numbers.setdefault(address(citation), len(numbers) + 1))


def _link_html(citation: Citation, number: int) -> str:
    title = escaped(f"Source {number}: {render.facts(citation.source)}")
    return f'<a class="cite" href="#source-{escaped(address(citation))}" title="{title}">[{number}]</a>'


def _names_html(names: Sequence[NameMatch]) -> str:
    return f'<div class="names" dir="auto">{escaped(render.names_text(names))}</div>' if names else ""


def _dates_html(dates: Sequence[DateFilter]) -> str:
    return f'<div class="names" dir="auto">{escaped(render.dates_text(dates))}</div>' if dates else ""


def notice_html(text: str) -> str:
    """A failure as a chat message."""
    return f'<div class="notice" role="alert">{escaped(text)}</div>'


def address(citation: Citation) -> str:
    """Where a citation stands, for the page: `ARTICLE-START-END`. It needs no memory of the turn it was made in."""
    return f"{citation.source.id}-{citation.start}-{citation.end}"
