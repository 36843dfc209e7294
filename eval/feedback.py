"""The thumbs up and down of a store's own readers: what was praised is kept, what was not is mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval.cases import Case, Options, Result, Suite, Try
from rag.config import settings
from rag.desk import Desk, open_desk
from rag.domain import Answer
from rag.feedback import FILE, cases
from rag.turns import filters_of

KEPT, MENDED = "up kept", "down mended"


def suite() -> Suite:
    """`feedback`: the questions of feedback.jsonl asked again of the store in whose folder it is.

    The store is that of RAG_STORE, or the folder of `--data`.
    """

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        desk = open_desk(store=_folder(options))
        try:
            yield lambda case: judged(case.data, _asked(desk, case.data))
        finally:
            desk.close()

    about = f"answers that readers judged ({FILE} in the store's folder): praised ones kept, others mended"
    return Suite("feedback", _cases, opened, KEPT, about)


def _folder(options: Options) -> Path:
    return options.data or settings().store


def _cases(options: Options) -> list[Case]:
    folder = _folder(options)
    rows = cases(folder)
    desk = open_desk(store=folder)
    try:
        # What an earlier run found of other articles does not count for these.
        stamp = [desk.records.generation, (folder / "catalogue.sqlite3").stat().st_mtime_ns]
    finally:
        desk.close()
    return [_case({**row, "store": stamp}) for row in rows]


def _case(row: Mapping[str, Any]) -> Case:
    groups = {"language": str(row.get("lang")), "shown": "refusal" if row["refused"] else "statements"}
    return Case(row["id"], row, groups=groups, worst={_score(row): 0.0})


def _score(row: Mapping[str, Any]) -> str:
    return KEPT if row["verdict"] == "up" else MENDED


def _asked(desk: Desk, row: Mapping[str, Any]) -> Answer:
    filters = filters_of(row.get("filters") or {})
    return desk.ask(row["asked"], filters=filters, lang=row.get("lang"), mode=row.get("mode"))


def judged(row: Mapping[str, Any], answer: Answer) -> Result:
    """Right is a praised answer of which a cited span is touched again, or a refusal that stays one.

    An answer that was not praised is right where other spans are shown, a refusal where it is none any more.
    """
    shown = [
        (each["article"], each["start"], each["end"])
        for statement in row["statements"]
        for each in statement["citations"]
    ]
    citations = [citation for statement in answer.statements for citation in statement.citations]
    if row["verdict"] == "up":
        right = answer.refused if row["refused"] else any(each.touches(*span) for each in citations for span in shown)
    else:
        now = {(each.source.id, each.start, each.end) for each in citations}
        right = not answer.refused if row["refused"] else now != set(shown)
    wanted = f"{row['verdict']}: {_told([statement['text'] for statement in row['statements']], row.get('reason'))}"
    got = _told([statement.text for statement in answer.statements], answer.reason)
    return Result({_score(row): float(right)}, row["asked"], wanted, got, right)


def _told(statements: Sequence[str], reason: str | None) -> str:
    return "\n".join(statements) if statements else f"refused: {reason}"
