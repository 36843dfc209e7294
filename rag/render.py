"""Values as the documented JSON objects and as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.domain import (
    Answer,
    Article,
    Chunk,
    Citation,
    DateFilter,
    Hit,
    Ingested,
    NameMatch,
    Rejected,
    Source,
    Statement,
)

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
    }


def _statement_json(statement: Statement) -> Json:
    return {
        "text": statement.text,
        "lang": statement.lang,
        "support": statement.support,
        "citations": [_citation_json(citation) for citation in statement.citations],
    }


def _stated(source: Source) -> Json:
    return {"title": source.title, "url": source.url, "outlet": source.outlet, "published": source.published}


def _citation_json(citation: Citation) -> Json:
    source = citation.source
    return {
        "article": source.id,
        **_stated(source),
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


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


def answer_text(answer: Answer) -> str:
    """An answer for a terminal: numbered statements, their sources, the spellings matched."""
    lines: list[str] = []
    for statement in answer.statements:
        citation = statement.citations[0]
        lines += [
            f"[{len(lines) // 3 + 1}] {statement.text}",
            f"    {facts(citation.source)} · article {citation.source.id}, {citation.start}-{citation.end}",
            "",
        ]
    if answer.refused:
        lines += [f"The articles do not say: {answer.reason}.", ""]
    lines += [names_text(answer.names)] if answer.names else []
    lines += [dates_text(answer.dates)] if answer.dates else []
    return plain("\n".join(lines).rstrip())


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


Checked = tuple[str, bool | None, str, str | None]  # part, ok, what was found, remedy


def doctor_json(parts: Sequence[Checked]) -> Json:
    """The object that `rag doctor --json` prints."""
    keys = ("part", "ok", "says", "remedy")
    return {
        "ok": all(ok is not False for _, ok, _, _ in parts),
        "parts": [dict(zip(keys, part, strict=True)) for part in parts],
    }


def doctor_text(parts: Sequence[Checked]) -> str:
    """What was found of each part, one a line, the remedy below what failed."""
    marks = {True: "ok", None: "-", False: "FAILED"}
    lines: list[str] = []
    for part, ok, says, remedy in parts:
        lines.append(f"{marks[ok]:<7} {part}: {' '.join(says.split())}")
        lines += [f"        {' '.join(remedy.split())}"] if remedy else []
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
