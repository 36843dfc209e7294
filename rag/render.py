"""Values as the documented JSON objects and as plain text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.domain import (
    Answer,
    Article,
    Chunk,
    Citation,
    Conflict,
    DateFilter,
    Hit,
    Ingested,
    NameMatch,
    Rejected,
    Source,
    Statement,
)
from rag.health import Health

Json = dict[str, Any]

# Characters of an article that could steer a terminal or turn the line around.
_UNSAFE = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), "�")


def plain(text: str) -> str:
    """The text with control and direction-changing characters replaced, safe to print."""
    return text.translate(_UNSAFE)


def answer_json(answer: Answer) -> Json:
    """The object that `rag ask --json` prints."""
    return {
        "question": answer.question,
        "lang": answer.lang,
        "mode": answer.mode,
        "model": answer.model,
        "refused": answer.refused,
        "reason": answer.reason,
        "statements": [_statement_json(statement) for statement in answer.statements],
        "rejected": [{"text": s.text, "reasons": list(s.reasons)} for s in answer.rejected],
        "names": names_json(answer.names),
        "dates": dates_json(answer.dates),
        "usage": dict(answer.usage),
        "seconds": round(answer.seconds, 3),
        "rewritten": answer.rewritten,
        "conflicts": [_conflict_json(conflict) for conflict in answer.conflicts],
        "notices": list(answer.notices),
        "prompts": dict(answer.prompts),
    }


def _conflict_json(conflict: Conflict) -> Json:
    values = [{"value": value, "citation": citation_json(citation)} for value, citation in conflict.values]
    return {"field": conflict.field, "values": values}


def _statement_json(statement: Statement) -> Json:
    return {
        "text": statement.text,
        "lang": statement.lang,
        "support": statement.support,
        "citations": [citation_json(citation) for citation in statement.citations],
    }


def _stated(source: Source) -> Json:
    return {"title": source.title, "url": source.url, "outlet": source.outlet, "published": source.published}


def source_json(source: Source) -> Json:
    """An article as a citation names it."""
    return {"article": source.id, **_stated(source)}


def citation_json(citation: Citation) -> Json:
    """A quote, where it stands in its article's text, and the article."""
    place = {"start": citation.start, "end": citation.end, "quote": citation.quote}
    return {**source_json(citation.source), **place}


def names_json(names: Sequence[NameMatch]) -> list[Json]:
    """The names of a question: the spellings each matched, and how many articles hold one."""
    return [{"query": n.query, "matched": list(n.matched), "articles": len(n.articles)} for n in names]


def dates_json(dates: Sequence[DateFilter]) -> list[Json]:
    """The periods that limited a question, and how many articles each left."""
    return [asdict(each) for each in dates]


def search_json(
    hits: Sequence[Hit],
    names: Sequence[NameMatch],
    *,
    undated: int,
    seconds: float,
    dates: Sequence[DateFilter] = (),
) -> Json:
    """The object that `rag search --json` prints."""
    return {
        "hits": [_hit_json(rank, hit) for rank, hit in enumerate(hits, 1)],
        "names": names_json(names),
        "dates": dates_json(dates),
        "undated": undated,
        "seconds": round(seconds, 3),
    }


def _hit_json(rank: int, hit: Hit) -> Json:
    source = hit.source
    return {
        "rank": rank,
        "score": round(hit.score, 4),
        "channels": {channel: round(score, 4) for channel, score in hit.channels.items()},
        "article": source.id,
        **_stated(source),
        "lang": source.lang,
        "start": hit.chunk.start,
        "end": hit.chunk.end,
        "text": hit.chunk.text,
        "names": list(hit.names),
    }


def clean_json(article: Article) -> Json:
    """The object that `rag clean --json` prints."""
    source = article.source
    return {
        "title": source.title,
        "byline": source.author,
        "outlet": source.outlet,
        "agency": source.agency,
        "published": source.published,
        "lang": source.lang,
        "text": article.text,
        "kept": list(article.kept),
        "dropped": [{"line": dropped.line, "reason": dropped.reason} for dropped in article.dropped],
    }


def show_json(article: Article, chunks: Sequence[Chunk], sources: Sequence[Source]) -> Json:
    """The object that `rag show --json` prints."""
    source = article.source
    return {
        "id": source.id,
        **_stated(source),
        "author": source.author,
        "agency": source.agency,
        "lang": source.lang,
        "text": article.text,
        "chunks": [{"start": chunk.start, "end": chunk.end} for chunk in chunks],
        "sources": [{"path": s.path, "item": s.item, "url": s.url, "outlet": s.outlet} for s in sources],
    }


def article_json(source: Source, chars: int) -> Json:
    """One row of `rag articles --json`."""
    return {
        "id": source.id,
        **_stated(source),
        "lang": source.lang,
        "path": source.path,
        "chars": chars,
    }


def ingested_json(report: Ingested) -> Json:
    """The object that `rag ingest --json` prints."""
    return {
        "articles": [
            {"path": o.path, "item": o.item, "article": o.article, "title": o.title, "what": o.what}
            for o in report.outcomes
        ],
        "counts": counts(report),
        "rejected": [{"path": r.path, "item": r.item, "reason": r.reason} for r in report.rejected],
        "seconds": round(report.seconds, 3),
    }


def counts(report: Ingested) -> dict[str, int]:
    """How many articles (files, for `unchanged`) came out of an ingest as what."""
    kinds = ("new", "updated", "same", "duplicate", "near-duplicate")
    return {
        **{kind: report.count(kind) for kind in kinds},
        "unchanged": report.unchanged,
        "rejected": len(report.rejected),
    }


def rejected_json(rejected: Rejected) -> Json:
    """Input that could not be read."""
    return {"path": rejected.path, "item": rejected.item, "error": rejected.reason}


def ingested_text(report: Ingested) -> str:
    """The report of an ingest: what is not simply new or the same, by name, then the counts."""
    lines = [
        f"{outcome.what}: {_where(outcome.path, outcome.item)}"
        for outcome in report.outcomes
        if outcome.what not in ("new", "same")
    ]
    lines += [f"rejected: {_where(r.path, r.item)}: {r.reason}" for r in report.rejected]
    numbers = counts(report)
    files = "file" if numbers["unchanged"] == 1 else "files"
    summary = ", ".join(f"{n} {kind}" for kind, n in numbers.items() if n and kind != "unchanged") or "nothing new"
    lines.append(f"{summary}; {numbers['unchanged']} {files} unchanged ({report.seconds:.1f} s)")
    return plain("\n".join(lines))


def _where(path: str, item: int) -> str:
    return f"{path} line {item}" if item else path


def facts(source: Source) -> str:
    """An article's title, outlet and date on one line, what the page does not state said as such."""
    title = source.title or f"(no title) {Path(source.path).name}"
    outlet = source.outlet or (f"source {source.agency}" if source.agency else "outlet not stated")
    return f"{title} · {outlet} · {source.published or 'date not stated'}"


def answer_text(answer: Answer, *, verbose: bool = False) -> str:
    """An answer for a terminal: numbered statements and their sources, then what `answer_end_text` says."""
    first = [rewritten_text(answer), ""] if answer.rewritten else []
    statements = [statement_text(number, statement) for number, statement in enumerate(answer.statements, 1)]
    return "\n".join([*map(plain, first), *statements, answer_end_text(answer, verbose=verbose)]).rstrip()


def rewritten_text(answer: Answer) -> str:
    """The question as it was asked of the articles."""
    return f"Asked as: {answer.rewritten}"


def statement_text(number: int, statement: Statement) -> str:
    """One statement, its support unless it is a quote, and its sources; a quote in another language stands below it."""
    word = "" if statement.support == "quoted" else f" ({statement.support})"
    lines = [f"[{number}] {statement.text}{word}"]
    for citation in statement.citations:
        lines += [f"    “{citation.quote}”"] if is_original(citation, statement) else []
        lines.append(f"    {cited_text(citation)}")
    return plain("\n".join([*lines, ""]))


def is_original(citation: Citation, statement: Statement) -> bool:
    """Whether the words cited are in another language than the statement."""
    return bool(citation.source.lang and statement.lang and citation.source.lang != statement.lang)


def cited_text(citation: Citation) -> str:
    """Where a citation stands, on one line."""
    return f"{facts(citation.source)} · article {citation.source.id}, {citation.start}-{citation.end}"


def answer_end_text(answer: Answer, *, verbose: bool = False) -> str:
    """What follows the statements: a refusal, conflicts, what was set aside, names, dates; with `verbose` the model."""
    lines: list[str] = []
    if answer.refused:
        lines += [f"The articles do not say: {answer.reason}.", ""]
    for conflict in answer.conflicts:
        lines.append(conflict_text(conflict))
        lines += [f"    {value} — {cited_text(citation)}" for value, citation in conflict.values]
        lines.append("")
    if answer.rejected:
        lines.append(set_aside_text(answer.rejected))
        lines += [f"    {rejected_text(statement)}" for statement in answer.rejected] if verbose else []
    lines += [names_text(answer.names)] if answer.names else []
    lines += [dates_text(answer.dates)] if answer.dates else []
    lines += [usage_text(answer)] if verbose and answer.model else []
    return plain("\n".join(lines).rstrip())


def conflict_text(conflict: Conflict) -> str:
    """What articles differ on."""
    return {
        "figure": "The articles give different figures:",
        "date": "The articles give different dates:",
        "speaker": "The articles differ on who said it:",
    }[conflict.field]


def set_aside_text(rejected: Sequence[Statement]) -> str:
    """How many statements failed the check, by the kind of their first reason."""
    kinds = Counter(statement.reasons[0].partition(":")[0] if statement.reasons else "none" for statement in rejected)
    counted = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    return f"Set aside: {len(rejected)} statement{'s'[: len(rejected) - 1]} that failed the check ({counted})"


def rejected_text(statement: Statement) -> str:
    """A statement that failed the check, and why."""
    return f"{statement.text} [{'; '.join(statement.reasons)}]"


def usage_text(answer: Answer) -> str:
    """The model that wrote an answer and what that took."""
    return f"Model: {answer.model}; " + ", ".join(f"{name} {amount:g}" for name, amount in answer.usage.items())


def names_text(names: Sequence[NameMatch]) -> str:
    """Which stored spelling each name of the question was matched with."""
    matched = [f"{n.query} → {', '.join(n.matched[:4]) if n.matched else 'not found'}" for n in names]
    return f"Names: {'; '.join(matched)}"


def dates_text(dates: Sequence[DateFilter]) -> str:
    """How each period was read, and how many articles it let through and left out."""
    return f"Dates: {'; '.join(map(_date_text, dates))}"


def _date_text(one: DateFilter) -> str:
    read = f'"{one.text}"' if one.given == "question" else one.text
    if one.since is None and one.until is None:
        return f"{read} limits nothing, for no article states a full date to count from"
    ends = one.since if one.since == one.until else f"{one.since or '..'}/{one.until or '..'}"
    if one.given == "question" and one.text != ends:
        read += f" read as {ends}"
    if one.relative_to:
        read += f" (counted from {one.relative_to})"
    unknown = f", {one.unknown} kept though what they state leaves it open" if one.unknown else ""
    return (
        f"{read}: {one.inside} {'article' if one.inside == 1 else 'articles'} inside{unknown}, {one.left_out} left out"
    )


Spelling = tuple[str, str, int, float, str]  # text, kind, articles, score, why


def likeness_json(a: str, b: str, match: bool, score: float, why: str) -> Json:
    """The object that `rag names A B --json` prints."""
    return {"a": a, "b": b, "match": match, "score": round(score, 4), "why": why}


def likeness_text(match: bool, score: float, why: str) -> str:
    """Whether two spellings can be one name."""
    return plain(f"yes ({score:.2f}): {why}" if match else f"no: {why}")


def spellings_json(query: str, spellings: Sequence[Spelling]) -> Json:
    """The object that `rag names QUERY --json` prints."""
    keys = ("spelling", "kind", "articles", "score", "why")
    return {"query": query, "matched": [dict(zip(keys, spelling, strict=True)) for spelling in spellings]}


def spellings_text(spellings: Sequence[Spelling]) -> str:
    """The stored spellings of a name, one a line."""
    lines = [f"{text} ({kind}, {articles} articles): {why}" for text, kind, articles, _, why in spellings]
    return plain("\n".join(lines) or "no stored spelling can be this name")


def doctor_json(parts: Sequence[Health]) -> Json:
    """The object that `rag doctor --json` prints."""
    return {"ok": all(part.ok is not False for part in parts), "parts": [asdict(part) for part in parts]}


def doctor_text(parts: Sequence[Health]) -> str:
    """What was found of each part, one a line, the remedy below what failed."""
    marks = {True: "ok", None: "-", False: "FAILED"}
    lines: list[str] = []
    for part in parts:
        lines.append(f"{marks[part.ok]:<7} {part.part}: {' '.join(part.says.split())}")
        lines += [f"        {' '.join(part.remedy.split())}"] if part.remedy else []
    return plain("\n".join(lines))


def search_text(
    hits: Sequence[Hit], names: Sequence[NameMatch], *, undated: int, dates: Sequence[DateFilter] = ()
) -> str:
    """Hits for a terminal."""
    lines: list[str] = []
    for rank, hit in enumerate(hits, 1):
        channels = ", ".join(f"{channel} {score:.3f}" for channel, score in hit.channels.items())
        lines += [
            f"{rank}. {hit.score:.3f} ({channels})",
            f"    {facts(hit.source)} · article {hit.source.id}, {hit.chunk.start}-{hit.chunk.end}",
            f"    {' '.join(hit.chunk.text.split())}",
            "",
        ]
    lines += [] if hits else ["No passage found.", ""]
    lines += [f"{undated} articles without a stated year were left out by the period.", ""] if undated else []
    lines += [names_text(names)] if names else []
    lines += [dates_text(dates)] if dates else []
    return plain("\n".join(lines).rstrip())


def article_text(fields: Mapping[str, str | None], text: str) -> str:
    """An article for a terminal: what the page states, then the text."""
    lines = [f"{name}: {value or 'not stated'}" for name, value in fields.items()]
    return plain("\n".join([*lines, "", text]))


def dropped_text(article: Article) -> str:
    """The lines that cleaning dropped, each with its reason."""
    lines = [f"line {dropped.line}: {dropped.reason}: {dropped.text[:80]}" for dropped in article.dropped]
    return plain("\n".join(lines))


def source_fields(source: Source) -> dict[str, str | None]:
    """What the page states of itself, by the words a reader knows."""
    return {
        "title": source.title,
        "byline": source.author,
        "outlet": source.outlet,
        "agency": source.agency,
        "published": source.published,
        "language": source.lang,
        "url": source.url,
    }
