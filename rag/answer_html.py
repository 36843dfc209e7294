"""Answers as HTML for the page. What articles, models and questions say is text, never markup: see `escaped`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rag import render
from rag.domain import Answer, Citation, Conflict, DateFilter, NameMatch, Source, Statement
from rag.ui_words import Words


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
    return f'<div class="asked" dir="auto">{escaped(question)}</div>'


def answer_html(answer: Answer, say: Words, *, hints: Sequence[str] = (), limits: str = "") -> str:
    """An answer as a chat message: numbered statements that link to their sources, or why there are none.

    Below them what to try (`hints`), what articles differ on, what failed the check (folded), notices, and what the
    check cannot catch; `limits` says what the user limited the articles to.
    """
    numbers: dict[str, int] = {}
    model = answer.mode == "llm" and answer.statements
    notes = [
        *map(say.phrased, answer.notices),
        say("ask.unchecked") if model else "",
        say("ask.limited", limits=limits) if limits else "",
        names_text(answer.names, say) if answer.names else "",
        dates_text(answer.dates, say) if answer.dates else "",
    ]
    parts = [
        _rewritten_html(answer.rewritten, say) if answer.rewritten else "",
        _said_html(answer, numbers, say),
        _hints_html(hints, say) if answer.refused and hints else "",
        *(_conflict_html(conflict, numbers, say) for conflict in answer.conflicts),
        _aside_html(answer.rejected, say) if answer.rejected else "",
        *(f'<div class="names" role="note" dir="auto">{escaped(note)}</div>' for note in notes if note),
    ]
    return f'<div class="answer">{"".join(parts)}</div>'


def writing_html(statements: Sequence[Statement], say: Words, *, stopped: bool = False) -> str:
    """An answer that is being written, or was stopped: the statements that have passed the check until now."""
    shown = f'<ol class="statements">{_statements_html(statements, {}, say)}</ol>' if statements else ""
    if stopped:
        return f'<div class="answer">{shown}<div class="names" role="note">{escaped(say("ask.stopped"))}</div></div>'
    return f'<div class="writing">{shown}<span class="facts" role="status">{escaped(say("ask.writing"))}</span></div>'


def notice_html(text: str) -> str:
    """A failure as a chat message."""
    return f'<div class="notice" role="alert">{escaped(text)}</div>'


def facts(source: Source, say: Words) -> str:
    """An article's title, outlet and date on one line, what the page does not state said as such."""
    title = source.title or f"{say('ask.no_title')} {Path(source.path).name}"
    outlet = source.outlet or (say("ask.agency", name=source.agency) if source.agency else say("ask.no_outlet"))
    return f"{title} · {outlet} · {day(source.published, say) if source.published else say('ask.no_date')}"


def day(edtf: str, say: Words) -> str:
    """A date as far as it is stated: `XXXX-07-13` is told to have no known year."""
    return say("ask.no_year", day=edtf.removeprefix("XXXX-")) if edtf.startswith("XXXX") else edtf


def names_text(names: Sequence[NameMatch], say: Words) -> str:
    """Which stored spelling each name of the question was matched with."""
    matched = [f"{n.query} → {', '.join(n.matched[:4]) or say('ask.not_found')}" for n in names]
    return say("ask.names", names="; ".join(matched))


def dates_text(dates: Sequence[DateFilter], say: Words) -> str:
    """How each period was read, and how many articles it let through and left out."""
    return say("ask.dates", dates="; ".join(_date_text(one, say) for one in dates))


def reasons_text(statement: Statement, say: Words) -> str:
    """Why a statement was set aside or is only partly supported."""
    return "; ".join(_reason_text(reason, say) for reason in statement.reasons)


def address(citation: Citation) -> str:
    """Where a citation stands, for the page: `ARTICLE-START-END`. It needs no memory of the turn it was made in."""
    return f"{citation.source.id}-{citation.start}-{citation.end}"


def _date_text(one: DateFilter, say: Words) -> str:
    read = f'"{one.text}"' if one.given == "question" else one.text
    if one.since is None and one.until is None:
        return say("ask.date_open", text=read)
    ends = one.since if one.since == one.until else f"{one.since or '..'}/{one.until or '..'}"
    if one.given == "question" and one.text != ends:
        read = say("ask.date_read", text=read, ends=ends)
    if one.relative_to:
        read = say("ask.date_from", text=read, day=one.relative_to)
    counts = {"inside": one.inside, "unknown": one.unknown, "left_out": one.left_out}
    return say("ask.date_counts", text=read, **counts)


def _reason_text(reason: str, say: Words) -> str:
    told = say.phrased(reason)
    kind, found, words = told.partition(": ")
    return f"{_kind_text(kind, say)}: {words}" if found else told


def _kind_text(kind: str, say: Words) -> str:
    key = f"ask.reason_{kind}"
    return say(key) if say.has(key) else kind


def _rewritten_html(question: str, say: Words) -> str:
    return f'<div class="rewritten" dir="auto">{escaped(say("ask.asked_as", question=question))}</div>'


def _said_html(answer: Answer, numbers: dict[str, int], say: Words) -> str:
    if answer.refused:
        return f'<div class="refusal">{escaped(say("ask.refused", reason=answer.reason or ""))}</div>'
    return f'<ol class="statements">{_statements_html(answer.statements, numbers, say)}</ol>'


def _hints_html(hints: Sequence[str], say: Words) -> str:
    items = "".join(f'<li dir="auto">{escaped(hint)}</li>' for hint in hints)
    return f'<div class="hints"><p>{escaped(say("ask.try_heading"))}</p><ul>{items}</ul></div>'


def _statements_html(statements: Sequence[Statement], numbers: dict[str, int], say: Words) -> str:
    """The statements as list items. `numbers` holds the number of each cited span and grows."""
    items = []
    for statement in statements:
        links = [_numbered_html(citation, numbers, say) for citation in statement.citations]
        sources = dict.fromkeys(facts(citation.source, say) for citation in statement.citations)
        originals = [citation for citation in statement.citations if render.is_original(citation, statement)]
        items.append(
            f'<li><span lang="{escaped(statement.lang or "")}" dir="auto">{escaped(statement.text)}</span> '
            f'{" ".join(links)} <span class="support">{escaped(_support(statement, say))}</span>'
            f"{''.join(map(_original_html, originals))}"
            f'<span class="facts" dir="auto">{"<br>".join(map(escaped, sources))}</span></li>'
        )
    return "".join(items)


def _support(statement: Statement, say: Words) -> str:
    why = f": {reasons_text(statement, say)}" if statement.reasons else ""
    return f"({say(f'ask.support_{statement.support}')}{why})"


def _original_html(citation: Citation) -> str:
    lang = escaped(citation.source.lang or "")
    return f'<span class="original" lang="{lang}" dir="auto">{escaped(citation.quote)}</span>'


def _conflict_html(conflict: Conflict, numbers: dict[str, int], say: Words) -> str:
    values = [
        f'<li><span dir="auto">{escaped(value)}</span> {_numbered_html(citation, numbers, say)}'
        f'<span class="facts" dir="auto">{escaped(facts(citation.source, say))}</span></li>'
        for value, citation in conflict.values
    ]
    told = escaped(say(f"ask.conflict_{conflict.field}"))
    return f'<div class="conflict">{told}<ol>{"".join(values)}</ol></div>'


def _aside_html(rejected: Sequence[Statement], say: Words) -> str:
    items = [
        f'<li><span dir="auto">{escaped(statement.text)}</span>'
        f'<span class="facts" dir="auto">{escaped(reasons_text(statement, say))}</span></li>'
        for statement in rejected
    ]
    kinds = Counter(statement.reasons[0].partition(":")[0] if statement.reasons else "" for statement in rejected)
    counted = ", ".join(f"{_kind_text(kind, say)} {count}" for kind, count in kinds.most_common())
    summary = escaped(say("ask.set_aside", count=len(rejected), kinds=counted))
    return f'<details class="aside"><summary>{summary}</summary><ol>{"".join(items)}</ol></details>'


def _numbered_html(citation: Citation, numbers: dict[str, int], say: Words) -> str:
    return _link_html(citation, numbers.setdefault(address(citation), len(numbers) + 1), say)


def _link_html(citation: Citation, number: int, say: Words) -> str:
    title = escaped(say("ask.source_n", number=number, facts=facts(citation.source, say)))
    return f'<a class="cite" href="#source-{escaped(address(citation))}" title="{title}">[{number}]</a>'
