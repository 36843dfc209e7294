"""Questions that records of events answer: the events cited are the right ones, the count too, the rest left alone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from eval import gold_events
from eval.cases import GOLD, ROOT, Case, Options, Result, Suite, Try, read_jsonl
from rag.desk import open_desk
from rag.domain import Event, NameMatch, Statement
from rag.event_answers import answer
from rag.event_questions import NOTICE, understand
from rag.links import groups
from rag.merging import merged

PRECISION, RECALL, COUNT = "events cited: precision", "events cited: recall", "count right"
LEFT, TAKEN = "left to the extracts", "taken over"
CORPORA = ("seeds", "synthetic")
SETTINGS = ("gold", "stored")

Row = Mapping[str, Any]
Ask = Callable[[Row], Sequence[Statement]]


def suite() -> Suite:
    """`event-questions`: asked of the gold records, linked by rule, and through the desk of what ingest extracted."""

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        with tempfile.TemporaryDirectory() as temporary:
            desk = open_desk(store=Path(temporary) / "store")
            try:
                desk.ingest([str(ROOT / "seeds"), str(GOLD / "synthetic")])

                def stored(row: Row) -> Sequence[Statement]:
                    told = desk.ask(row["question"])
                    return told.statements if NOTICE in told.notices else ()

                asks: dict[str, Ask] = {"gold": _of_gold, "stored": stored}
                yield lambda case: _judged(case.data, asks[case.split](case.data))
            finally:
                desk.close()

    about = "questions that event records answer: the right events cited, counts right, all others left alone"
    return Suite("event-questions", lambda options: list(_cases()), opened, RECALL, about)


def _cases() -> Iterator[Case]:
    for setting in SETTINGS:
        for row in read_jsonl(GOLD / "event_questions.jsonl"):
            worst = {TAKEN: 0.0, PRECISION: 0.0, RECALL: 0.0} if row["events"] else {LEFT: 0.0}
            if "count" in row:
                worst[COUNT] = 0.0
            yield Case(f"{setting}: {row['id']}", row, setting, {"language": row["lang"]}, worst)


def _of_gold(row: Row) -> Sequence[Statement]:
    names = [NameMatch(each, "person") for each in row["persons"]] + [
        NameMatch(each, "place") for each in row["places"]
    ]
    asked = understand(row["question"], lang=row["lang"], names=names)
    return answer(asked, _linked(), lang=row["lang"], sentence=lambda each: each).statements if asked else ()


@cache
def _linked() -> tuple[Event, ...]:
    records = [event for corpus in CORPORA for event in gold_events.events(corpus).values()]
    return tuple(merged(group) for group in groups(records))


@cache
def _articles() -> Mapping[str, frozenset[str]]:
    """The ids of the articles that tell a gold event, by each of its records."""
    of = {row["id"]: gold_events.article_of(corpus, row).id for corpus in CORPORA for row in gold_events.rows(corpus)}
    told = {record: frozenset({article}) for record, article in of.items()}
    for row in gold_events.links("synthetic"):
        records = (*row["records"], *row["background"])
        told |= dict.fromkeys(records, frozenset(of[each] for each in records))
    return told


def _judged(row: Row, statements: Sequence[Statement]) -> Result:
    """Precision of the articles cited, and how many of the gold events have an article cited."""
    got = "\n".join(f"{each.text} [{Path(each.citations[0].source.path).name}]" for each in statements)
    if not row["events"]:
        left = not statements
        return Result({LEFT: float(left)}, row["question"], "left to the extracts", got or "left", left)
    cited = {citation.source.id for each in statements for citation in each.citations}
    gold = [_articles()[record] for record in row["events"]]
    open_ones = {article for record in row.get("may_be", ()) for article in _articles()[record]}
    false = cited - set().union(*gold) - open_ones
    scores = {
        TAKEN: float(bool(statements)),
        PRECISION: 1 - len(false) / len(cited) if cited else 0.0,
        RECALL: sum(bool(cited & articles) for articles in gold) / len(gold),
    }
    if "count" in row:
        number = re.search(r"\d+", statements[0].text) if statements else None
        scores[COUNT] = float(number is not None and int(number[0]) == row["count"])
    wanted = ", ".join(row["events"]) + (f"; count {row['count']}" if "count" in row else "")
    return Result(scores, row["question"], wanted, got or "left to the extracts", all(v == 1 for v in scores.values()))
