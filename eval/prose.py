"""Answers in prose by the language model, beside the extracts, for a fixed selection of the gold questions.

Each question is asked twice, in mode "extract" and in mode "llm"; the scores carry the mode before their name.
Refusals, the right article first and Success@5 are those of the `qa` suite. The others:

- `gold covered`: of the gold sentences, the share that a citation overlaps (of one that several pages hold, any).
- `citation recall`, `citation precision`: ALCE (Gao et al. 2023) by gold instead of an entailment model. Cited
  characters support a statement where they overlap a sentence that answers the question, or where the statement
  stands in them word for word. A statement about something else that the article does say counts as unsupported,
  and so does every statement in answer to a question that nothing answers, unless it is word for word; the group
  `answerable` parts the two.
- `verbatim quotes`: of the citations, the share whose quote is exactly these characters of the stored article.

Counts are sums over the questions: statements shown and set aside, those set aside by the kind of reason (a statement
with two kinds counts for both), seconds, and what the model's `usage` holds. In mode "llm" an answer by extracts is one
where the model failed; a reply from the cache (`usage cached`) took no time.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from eval.cases import GOLD, ROOT, Case, Options, Result, Suite, Try
from eval.metrics import alce
from eval.questions import ARTICLE_FIRST, HEADLINE, Library, Span, judged, seeds, synthetic, told
from rag.config import settings
from rag.desk import Desk, open_desk
from rag.domain import Answer, Citation
from rag.errors import InputError

MODES: tuple[Literal["extract", "llm"], ...] = ("extract", "llm")
SIZE = 100  # questions of the whole selection
COVERED = "gold covered"
CORPORA = {"seeds": ROOT / "seeds", "synthetic": GOLD / "synthetic"}
_OF_QA = ("refusal precision", "refusal recall", ARTICLE_FIRST, HEADLINE)


def suite() -> Suite:
    """`prose`: about a hundred questions of both corpora, answered by extracts and by the model."""

    def load(options: Options) -> list[Case]:
        if not settings().llm_set:
            raise InputError(
                "the suite prose asks a language model and none is set; set RAG_LLM_MODEL and RAG_LLM_BASE_URL"
            )
        whole = selected(population(), SIZE, seed=options.seed)
        return selected(whole, options.limit or SIZE, seed=options.seed)

    about = "questions answered in prose by the language model, beside the extracts for the same questions"
    return Suite("prose", load, _opened, f"llm: {HEADLINE}", about, columns=MODES)


def population() -> list[Case]:
    """The questions of `qa` and `synthetic` as one list, each with its `corpus`."""
    parts = {"seeds": seeds(), "synthetic": synthetic()}
    return [_case(case, corpus) for corpus, part in parts.items() for case in part.load(Options())]


def _case(case: Case, corpus: str) -> Case:
    answerable = "yes" if case.data["answerable"] else "no"
    groups = {**case.groups, "corpus": corpus, "answerable": answerable, "asked": case.split}
    worst = {f"llm: {name}": value for name, value in case.worst.items() if name in _OF_QA}
    return Case(f"{corpus}-{case.id}", {**case.data, "corpus": corpus}, "all", groups, worst)


def selected(cases: Sequence[Case], size: int, *, seed: int) -> list[Case]:
    """`size` of the cases, the same ones for a seed, with the shares of all of them.

    Systematic sampling: sorted by whether they can be answered, corpus, language and class, and taken at equal steps.
    """
    draw = random.Random(seed)
    shuffled = draw.sample(sorted(cases, key=lambda case: case.id), len(cases))
    ranked = sorted(shuffled, key=_stratum)
    step = len(ranked) / min(size, len(ranked))
    first = draw.random() * step
    return [ranked[int(first + number * step)] for number in range(min(size, len(ranked)))]


def _stratum(case: Case) -> tuple[str, ...]:
    groups = case.groups
    return groups["answerable"], groups["corpus"], groups["language"], groups.get("reason") or groups.get("pair", "")


@contextmanager
def _opened(options: Options) -> Iterator[Try]:
    with tempfile.TemporaryDirectory() as temporary:
        desks = {corpus: open_desk(store=Path(temporary) / corpus) for corpus in CORPORA}
        embedder = desks["seeds"].embedder
        try:
            libraries = {}
            for corpus, desk in desks.items():
                desk.embedder = embedder
                desk.ingest([str(CORPORA[corpus])])
                libraries[corpus] = Library(desk)
            yield lambda case: asked(case, desks[case.data["corpus"]], libraries[case.data["corpus"]])
        finally:
            for desk in desks.values():
                desk.close()


def asked(case: Case, desk: Desk, library: Library) -> Result:
    """The scores of a question's answers in both modes."""
    question = case.data["question"]
    answers = {mode: desk.ask(question, mode=mode) for mode in MODES}
    results = {mode: scored(case, answer, library) for mode, answer in answers.items()}
    scores = {f"{mode}: {name}": value for mode in MODES for name, value in results[mode].scores.items()}
    counts = {f"{mode}: {name}": value for mode in MODES for name, value in counted(answers[mode]).items()}
    got = "\n\n".join(f"{mode}\n{described(answer)}" for mode, answer in answers.items())
    return replace(results["llm"], scores=scores, counts=counts, got=got)


def scored(case: Case, answer: Answer, library: Library) -> Result:
    """The scores of one answer, without the mode in their names."""
    result = judged(case, answer, library)
    scores = {name: value for name, value in result.scores.items() if name in (*_OF_QA, "verbatim quotes")}
    units = library.units(case.data["answering"])
    cited = [citation for statement in answer.statements for citation in statement.citations]
    if units:
        scores[COVERED] = sum(any(overlaps(c, spans) for c in cited) for spans in units.values()) / len(units)
    if cited:
        gold = [span for spans in units.values() for span in spans]
        scores |= _citations(answer, lambda citation: overlaps(citation, gold))
    return replace(result, scores=scores)


def _citations(answer: Answer, is_gold: Callable[[Citation], bool]) -> dict[str, float]:
    """ALCE over the statements; a citation goes by its number, and entails as the module says."""
    known: dict[str, Citation] = {}
    stated = []
    for statement in answer.statements:
        names = [str(len(known) + number) for number in range(len(statement.citations))]
        known.update(zip(names, statement.citations, strict=True))
        stated.append((statement.text, names))

    def entails(names: Sequence[str], text: str) -> bool:
        return any(is_gold(known[name]) or text in known[name].quote for name in names)

    recall, precision = alce(stated, entails)
    return {"citation recall": recall, "citation precision": precision}


def overlaps(citation: Citation, spans: Sequence[Span]) -> bool:
    """Whether the cited characters touch one of the spans."""
    return any(citation.touches(*span) for span in spans)


def counted(answer: Answer) -> dict[str, float]:
    """Statements shown and set aside, by reason too, seconds, and the model's usage."""
    kinds = Counter(f"set aside for {kind}" for statement in answer.rejected for kind in _kinds(statement.reasons))
    usage: Mapping[str, float] = answer.usage
    return {
        "statements shown": len(answer.statements),
        "set aside": len(answer.rejected),
        **dict(sorted(kinds.items())),
        "seconds": round(answer.seconds, 2),
        **{f"usage {name}": float(value) for name, value in usage.items()},
        "answers with a notice": bool(answer.notices),
        "answers by extracts": answer.mode == "extract",
    }


def _kinds(reasons: Sequence[str]) -> set[str]:
    return {reason.partition(":")[0] for reason in reasons} or {"no reason"}


def described(answer: Answer) -> str:
    """The answer, what was set aside and why, and the notices."""
    aside = [f"- set aside: {each.text} [{'; '.join(each.reasons)}]" for each in answer.rejected]
    return "\n".join([told(answer), *aside, *answer.notices])
