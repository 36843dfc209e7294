"""WiCE: a claim asked of the page that it cites. Are the sentences found that support it?"""

from __future__ import annotations

import hashlib
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from eval.cases import Case, Options, Result, Suite, Try, public, read_jsonl
from eval.metrics import ranking, refusal
from eval.passages import store_articles
from eval.questions import told
from rag.desk import Desk, open_desk
from rag.domain import Answer, Article, Source
from rag.errors import InputError
from rag.split import split

HEADLINE = "Success@5"
RANKED = ("Success@1", "Success@5", "Recall@5", "MRR@10", "nDCG@10")
PASSAGES = ("Success@1", "Success@5", "MRR@10", "nDCG@10")
UNSUPPORTED = "not_supported"
_QUESTION = 2_000  # characters of a claim that the desk takes
_HITS = 10


def suite() -> Suite:
    """`wice`: each page is a store of its own, and the claim a question to it; a refusal says "not supported"."""

    def load(options: Options) -> list[Case]:
        return cases_of(read_jsonl(public(options, "wice", "dev.jsonl")))

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        embedder = open_desk().embedder

        def attempt(case: Case) -> Result:
            with tempfile.TemporaryDirectory() as temporary:
                desk = open_desk(store=Path(temporary) / "store")
                desk.embedder = embedder
                try:
                    return judged(case, desk)
                finally:
                    desk.close()

        yield attempt

    return Suite("wice", load, opened, HEADLINE, "claims asked of the cited page: its supporting sentences, refusals")


def cases_of(records: Sequence[Mapping[str, Any]]) -> list[Case]:
    """A case for each claim. Raises InputError where a supported one names no sentence of its page."""
    return [_case(number, record) for number, record in enumerate(records, 1)]


def _case(number: int, record: Mapping[str, Any]) -> Case:
    sets = [sorted(set(each)) for each in record["supporting_sentences"] if each]
    supported = record["label"] != UNSUPPORTED
    if supported and (not sets or any(not 0 <= i < len(record["evidence"]) for each in sets for i in each)):
        raise InputError(f"claim {number} has no supporting sentences")
    data = {"question": record["claim"], "evidence": record["evidence"], "sets": sets if supported else []}
    worst = [*RANKED, *(f"search: {name}" for name in PASSAGES)] if supported else ["refusal recall"]
    return Case(str(number), data, groups={"label": record["label"]}, worst=dict.fromkeys(worst, 0.0))


def judged(case: Case, desk: Desk) -> Result:
    """Stores the page in the desk's empty store, a sentence a line past cleaning, and asks the claim of it."""
    lines = [" ".join(line.split()) for line in case.data["evidence"]]
    claim, sets = case.data["question"][:_QUESTION], [frozenset(each) for each in case.data["sets"]]
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    store_articles(desk, [page := _article(lines)])
    answer = desk.ask(claim)
    scores = refusal(refused=answer.refused, answerable=bool(sets))
    if not sets:
        return Result(scores, claim, "a refusal", told(answer), answer.refused)
    scores |= best([frozenset(map(str, each)) for each in sets], _sentences(answer, starts), RANKED)
    hits = [hit.chunk for hit in desk.search(claim, limit=_HITS).hits]
    chunks = {chunk.id: {_line(starts, at) for at in (chunk.start, chunk.end - 1)} for chunk in split(page)}
    spans = {id: range(min(ends), max(ends) + 1) for id, ends in chunks.items()}
    holding = [frozenset(id for id, span in spans.items() if any(i in span for i in each)) for each in sets]
    found = best(holding, [chunk.id for chunk in hits], PASSAGES)
    scores |= {f"search: {name}": value for name, value in found.items()}
    wanted = "\nor\n".join("\n".join(lines[i] for i in sorted(each)) for each in sets[:3])
    return Result(scores, claim, wanted, told(answer), bool(scores[HEADLINE]))


def best(sets: Iterable[frozenset[str]], ranked: Sequence[str], metrics: Sequence[str]) -> dict[str, float]:
    """Each score by the set that gives the most: any of them is enough to support the claim."""
    scored = [ranking(each, ranked, metrics) for each in dict.fromkeys(sets)]
    return {name: max(scores[name] for scores in scored) for name in metrics}


def _article(lines: Sequence[str]) -> Article:
    text = "\n".join(lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(Source(digest[:16], "page.txt", digest, lang="en"), text)


def _sentences(answer: Answer, starts: Sequence[int]) -> list[str]:
    """The cited lines of the page, in the order of the answer."""
    cited = [citation.start for statement in answer.statements for citation in statement.citations]
    return list(dict.fromkeys(str(_line(starts, start)) for start in cited))


def _line(starts: Sequence[int], at: int) -> int:
    return bisect_right(starts, at) - 1
