"""An Answer as plain values and back: its spans are kept, its quotes are read from the articles again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from rag.domain import Answer, Citation, Conflict, DateFilter, NameMatch, Statement
from rag.errors import InputError

Cite = Callable[[str, int, int], Citation]
Packed = Mapping[str, Any]
Again = Callable[[Sequence[Any]], Citation | None]  # the citation of a place, where it can be made

GONE = "source: its article is no longer in the store"
NOTHING_LEFT = "the articles that answered it are no longer in the store; ask again"


def packed(answer: Answer) -> dict[str, Any]:
    """An answer as values that JSON holds; fields without a value are left out.

    In the place of a citation stand its article's id, its span, and a hash of its quote.
    """
    found = {
        "question": answer.question,
        "lang": answer.lang,
        "statements": [_statement(each) for each in answer.statements],
        "rejected": [_statement(each) for each in answer.rejected],
        "names": [[name.query, name.kind, list(name.matched), list(name.articles)] for name in answer.names],
        "dates": [asdict(each) for each in answer.dates],
        "reason": answer.reason,
        "mode": answer.mode,
        "model": answer.model,
        "usage": answer.usage,
        "seconds": answer.seconds,
        "rewritten": answer.rewritten,
        "conflicts": [
            [conflict.field, [[text, _place(citation)] for text, citation in conflict.values]]
            for conflict in answer.conflicts
        ],
        "notices": list(answer.notices),
        "prompts": answer.prompts,
    }
    needed = ("question", "lang", "mode")
    return {name: value for name, value in found.items() if name in needed or value not in (None, [], {}, 0.0)}


def unpacked(row: Packed, *, cite: Cite) -> Answer:
    """The answer that `packed` gave; `cite` makes a citation of an article's id and a span, or raises.

    What `cite` refuses with an InputError or a ValueError, or quotes in other words than were shown, is cited no more:
    a statement without any other citation is moved to `rejected`, a value of a conflict left out. Where no statement
    remains the answer is a refusal.
    """

    def again(place: Sequence[Any]) -> Citation | None:
        article, start, end, quote = place
        try:
            citation = cite(article, start, end)
        except (InputError, ValueError):
            return None
        return citation if _hash(citation.quote) == quote else None

    told = [(_read_statement(each, again), bool(each[2])) for each in row.get("statements", ())]
    statements = tuple(each for each, cited in told if each.citations or not cited)
    aside = tuple(_gone(each) for each, cited in told if cited and not each.citations)
    conflicts = (_read_conflict(field, values, again) for field, values in row.get("conflicts", ()))
    return Answer(
        question=row["question"],
        lang=row["lang"],
        statements=statements,
        rejected=(*(_read_statement(each, again) for each in row.get("rejected", ())), *aside),
        names=tuple(
            NameMatch(query, kind, tuple(matched), tuple(articles))
            for query, kind, matched, articles in row.get("names", ())
        ),
        dates=tuple(DateFilter(**each) for each in row.get("dates", ())),
        reason=NOTHING_LEFT if told and not statements else row.get("reason"),
        mode=row["mode"],
        model=row.get("model"),
        usage=dict(row.get("usage", {})),
        seconds=row.get("seconds", 0.0),
        rewritten=row.get("rewritten"),
        conflicts=tuple(conflict for conflict in conflicts if conflict),
        notices=tuple(row.get("notices", ())),
        prompts=dict(row.get("prompts", {})),
    )


def _statement(statement: Statement) -> list[Any]:
    places = [_place(citation) for citation in statement.citations]
    return [statement.text, statement.lang, places, statement.support, list(statement.reasons)]


def _place(citation: Citation) -> list[Any]:
    return [citation.source.id, citation.start, citation.end, _hash(citation.quote)]


def _hash(quote: str) -> str:
    return hashlib.sha256(quote.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _read_statement(row: Sequence[Any], again: Again) -> Statement:
    """A statement with the citations that can be made again."""
    text, lang, places, support, reasons = row
    citations = tuple(citation for place in places if (citation := again(place)))
    return Statement(text, lang, citations, support, tuple(reasons))


def _gone(statement: Statement) -> Statement:
    return replace(statement, support="unsupported", reasons=(GONE, *statement.reasons))


def _read_conflict(field: Any, values: Sequence[Any], again: Again) -> Conflict | None:
    """A conflict with the values whose articles stand; None where fewer than two articles differ."""
    kept = tuple((text, citation) for text, place in values if (citation := again(place)))
    lost = len(kept) < len(values)
    return Conflict(field, kept) if not lost or len({citation.source.id for _, citation in kept}) > 1 else None
