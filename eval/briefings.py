"""Briefings of days whose news was planted: what they tell, and what they say has become of the day before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from eval import gold_events
from eval.cases import GOLD, read_jsonl
from rag.cite import cite
from rag.domain import Article, Citation, Conflict, Event

Name = tuple[str, int]
CORPUS = "synthetic"


@cache
def links() -> list[dict[str, Any]]:
    """The planted events, each with its records and conflicts."""
    return read_jsonl(GOLD / f"{CORPUS}_links.jsonl")


@cache
def records() -> Mapping[str, Event]:
    """The gold records by their gold id, without those of re-published articles."""
    versions = {name_of(row) for row in read_jsonl(GOLD / f"{CORPUS}_duplicates.jsonl")}
    apart = {row["id"] for row in gold_events.rows(CORPUS) if name_of(row) in versions}
    return {gold: record for gold, record in gold_events.events(CORPUS).items() if gold not in apart}


def name_of(row: Mapping[str, Any]) -> Name:
    """The file and item of an article."""
    return str(row["article"]), int(row.get("line") or 0)


@cache
def event_of() -> Mapping[str, str]:
    """The planted event of each record, by the record's id."""
    rows = {row["id"]: row["event"] for row in gold_events.rows(CORPUS)}
    return {record.id: rows[gold] for gold, record in records().items()}


def link(found: Iterable[Event]) -> list[list[Event]]:
    """The records put together as planted."""
    groups: dict[str, list[Event]] = {}
    for record in found:
        groups.setdefault(event_of()[record.id], []).append(record)
    return [sorted(group, key=lambda record: record.id) for _, group in sorted(groups.items())]


def merge(group: Sequence[Event]) -> Event:
    """The group as one Event, with the planted conflicts of its articles."""
    from rag.merging import merged

    event = merged(group)
    return replace(event, conflicts=tuple(_conflicts(event_of()[group[0].id], set(event.articles))))


def _conflicts(event: str, articles: set[str]) -> Iterable[Conflict]:
    fields = {"figures": "figure", "date": "date", "place": "place", "said": "speaker", "other": "other"}
    for row in next(each for each in links() if each["event"] == event)["conflicts"]:
        values = [(value["text"], citation) for value in row["values"] if (citation := _citation(value, articles))]
        if len(values) > 1:
            yield Conflict(fields[row["field"].partition(":")[0]], tuple(values))  # type: ignore[arg-type]


def _citation(value: Mapping[str, Any], articles: set[str]) -> Citation | None:
    article: Article = gold_events.articles(CORPUS)[name_of(value)]
    at = article.text.find(value["text"])
    return cite(article, at, at + len(value["text"])) if article.id in articles and at >= 0 else None
