"""One question through the house: completed, gated on its names, searched, answered, checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from pydantic import BaseModel

from rag import answer as answering
from rag import claims, followup, names, prompts, prose
from rag import search as searching
from rag.conflicts import conflicts
from rag.domain import Answer, Citation, NameMatch, Statement
from rag.errors import InputError, MissingExtra, ModelError
from rag.limits import Filters, limits
from rag.nearness import nearest, nearness
from rag.record_answers import of_records
from rag.text import language, nfc

if TYPE_CHECKING:
    from rag.embed import NLI, Embedder, Reranker
    from rag.llm import Meter, Model
    from rag.store import Store

Mode = Literal["extract", "llm"]
PASSAGES = 12
QUESTION_MOST = 2_000
_EXTRACTS = "these are the articles' own sentences"
_TRIES = 3  # of a question while others write
_TOLD = 3  # earlier questions that a model reads
_NO_MODEL = "no language model is set; set RAG_LLM_BASE_URL and RAG_LLM_MODEL, or use --mode extract"


class Options(TypedDict, total=False):
    """How a question is asked; `Desk.stream` says what each means."""

    filters: Filters | None
    limit: int
    mode: Mode | None
    lang: str | None
    history: Sequence[Answer]
    stop: Event | None


@dataclass(frozen=True, slots=True)
class Writing:
    """The language model and how its statements are judged; `meter` makes the counter of one answer."""

    model: Model
    meter: Callable[[], Meter]
    judged: bool = False
    nli: NLI | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a question is asked of. `writing` makes the model when it is first wanted; None where none is set."""

    store: Store
    embedder: Embedder
    reranker: Reranker | None
    index: names.NameIndex
    mode: Mode | None = None
    writing: Callable[[], Writing] | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A question in one line, its language, and its names as the stored articles spell them."""

    question: str
    lang: str
    names: tuple[NameMatch, ...]


class Completed(BaseModel):
    """What a model is asked for where a question follows others."""

    question: str


def understand(question: str, parts: Parts) -> Understood:
    """The question's language and names. Raises InputError where it is empty or far too long."""
    question = _one_line(question)
    lang = language(question)
    passages = partial(searching.passages_with, store=parts.store)
    matches = searching.spelled_out(names.in_question(question, lang=lang, index=parts.index), store=parts.store)
    matches = names.as_governments(question, matches, lang=lang, index=parts.index)
    by_office = names.named_by_office(question, lang=lang, names=matches, index=parts.index, passages=passages)
    return Understood(question, lang, matches + by_office)


def _one_line(question: str) -> str:
    question = " ".join(nfc(question).split())
    if not question:
        raise InputError("the question is empty; type one, for example: rag ask 'who met whom?'")
    if len(question) > QUESTION_MOST:
        raise InputError(f"the question has {len(question)} characters; {QUESTION_MOST} are the most")
    return question


def stream(
    question: str,
    parts: Parts,
    *,
    filters: Filters | None = None,
    limit: int = PASSAGES,
    mode: Mode | None = None,
    lang: str | None = None,
    history: Sequence[Answer] = (),
    stop: Event | None = None,
) -> Iterator[Statement | Answer]:
    """The statements as they are ready, and last the whole Answer (see `Desk.stream`)."""
    started = time.perf_counter()
    question = _one_line(question)
    notices: list[str] = []
    writing = opened(mode or parts.mode, parts.writing, notices, instead=_EXTRACTS)
    meter = writing.meter() if writing else None
    whole, used = _completed(question, history, writing, meter, notices)
    said = lang or language(question)
    answered = partial(_answered, whole, parts, filters or Filters(), limit, said, lang, writing, meter, notices, stop)
    for each in _steady(answered, parts):
        if isinstance(each, Answer):
            each = replace(
                each,
                question=question,
                rewritten=whole if whole != question else None,
                notices=tuple(notices) + each.notices,
                prompts=used | each.prompts,
                usage=meter.as_dict() if meter else {},
                seconds=time.perf_counter() - started,
            )
        yield each


def opened(
    mode: Mode | None, make: Callable[[], Writing] | None, notices: list[str], *, instead: str
) -> Writing | None:
    """The model for this mode, `llm` where none is told and a model is set; None without one.

    Where it cannot be made, a notice says why and what stands `instead`. Raises InputError where none is set.
    """
    if (mode or ("llm" if make else "extract")) == "extract":
        return None
    if make is None:
        raise InputError(_NO_MODEL)
    try:
        return make()
    except (ModelError, MissingExtra) as error:
        notices.append(f"{error}; {instead}")
        return None


def _completed(
    question: str, history: Sequence[Answer], writing: Writing | None, meter: Meter | None, notices: list[str]
) -> tuple[str, dict[str, str]]:
    """A follow-up question made complete, and the prompt that was used: by the model where one is set, else by rule."""
    lang = language(question)
    if not history or not followup.needs(question, history, lang=lang):
        return question, {}
    by_rule = followup.complete(question, history, lang=lang)
    if writing is None or meter is None:
        return by_rule, {}
    prompt = prompts.load("rewrite")
    variables = {"question": question, "conversation": "\n".join(map(_told, history[-_TOLD:]))}
    try:
        said = writing.model.reply(prompt, variables, Completed, meter=meter).question
    except (ModelError, MissingExtra) as error:
        notices.append(str(error))
        return by_rule, {}
    said = " ".join(nfc(said).split())
    return said if 0 < len(said) <= QUESTION_MOST else by_rule, {prompt.name: prompt.hash}


def _told(answer: Answer) -> str:
    asked = f"Question: {answer.rewritten or answer.question}"
    return "\n".join([asked, *(f"Answer: {statement.text}" for statement in answer.statements[:2])])


def _answered(
    question: str,
    parts: Parts,
    filters: Filters,
    limit: int,
    lang: str,
    chosen: str | None,
    writing: Writing | None,
    meter: Meter | None,
    notices: list[str],
    stop: Event | None,
) -> Iterator[Statement | Answer]:
    understood = understand(question, parts)
    gate = answering.gate(understood.names, lang=lang)
    refused = replace(answering.refuse(question, lang, understood.names, gate.reason or ""), **_mode(writing))
    if gate.reason:
        yield refused
        return
    records = partial(of_records, question, lang=understood.lang, names=understood.names, chosen=chosen)
    if filters == Filters() and (told := records(store=parts.store)):
        yield from told.statements
        yield replace(told, **_mode(writing))
        return
    limited = limits(
        question,
        lang=understood.lang,
        filters=filters,
        store=parts.store,
        index=parts.index,
        articles=gate.articles,
        names=() if gate.articles is None else understood.names,
    )
    if limited.reason:
        yield replace(refused, reason=limited.reason, dates=limited.dates)
        return
    asked = searching.understand(
        question, lang=understood.lang, names=understood.names, store=parts.store, embedder=parts.embedder
    )
    hits = searching.search(asked, store=parts.store, limit=limit, allowed=limited.allowed, reranker=parts.reranker)
    ranked = answering.rank(
        asked,
        hits,
        article=parts.store.article,
        vectors=parts.store.sentence_vectors,
        embedder=parts.embedder,
    )
    extracted = replace(answering.extract(asked, ranked, lang=lang, dates=limited.dates), dates=limited.dates)
    if writing is None or meter is None:
        answered: Iterator[Statement | Answer] = iter((*extracted.statements, extracted))
    else:
        answered = _written(extracted, ranked, lang, parts, writing, meter, notices, stop)
    centre = partial(searching.centre, store=parts.store, embedder=parts.embedder)
    for each in answered:
        if isinstance(each, Answer) and not each.refused:
            found = conflicts(each.statements, ranked, centre=centre, embedder=parts.embedder)
            each = replace(each, conflicts=found)
        yield each


def _steady(answered: Callable[[], Iterator[Statement | Answer]], parts: Parts) -> Iterator[Statement | Answer]:
    """What is answered; asked anew where an article that was found is gone before it is read, and nothing is told."""
    for left in reversed(range(_TRIES)):
        generation, told = parts.store.generation, False
        try:
            for each in answered():
                told = True
                yield each
            return
        except InputError:
            if told or not left or parts.store.generation == generation:
                raise


def _mode(writing: Writing | None) -> dict[str, Any]:
    return {"mode": "llm", "model": writing.model.name} if writing else {}


def _written(
    extracted: Answer,
    ranked: Sequence[answering.Candidate],
    lang: str,
    parts: Parts,
    writing: Writing,
    meter: Meter,
    notices: list[str],
    stop: Event | None,
) -> Iterator[Statement | Answer]:
    """The model's statements where the articles can answer at all; their own sentences where it fails."""
    found = replace(extracted, **_mode(writing))
    if extracted.refused:
        yield found
        return
    written = prose.write(
        extracted.question,
        ranked,
        extracted.statements,
        lang=lang,
        model=writing.model,
        meter=meter,
        check=partial(check, parts=parts, nli=writing.nli),
        find=partial(_nearest, ranked=ranked, parts=parts),
        judged=writing.judged,
        stop=stop,
    )
    shown: list[Statement] = []
    try:
        for each in written:
            if isinstance(each, Answer):
                if stop is not None and stop.is_set():
                    notices.append("stopped before the answer was whole")
                yield replace(each, names=found.names, dates=found.dates)
            else:
                shown.append(each)
                yield each
    except (ModelError, MissingExtra) as error:
        if shown:
            notices.append(f"{error}; the answer may lack something")
            yield replace(found, statements=tuple(shown), reason=None)
        else:
            notices.append(f"{error}; {_EXTRACTS}")
            yield from extracted.statements
            yield extracted


def _nearest(statement: str, *, ranked: Sequence[answering.Candidate], parts: Parts) -> tuple[Citation, ...]:
    known = [(each, each.vector) for each in ranked if each.vector is not None]
    spans = [(each.article, each.start, each.end) for each, _ in known]
    return nearest(statement, spans, [vector for _, vector in known], store=parts.store, embedder=parts.embedder)


def check(
    statement: str,
    *,
    lang: str,
    citations: Sequence[Citation],
    parts: Parts,
    nli: NLI | None = None,
    asked_figures: bool = False,
) -> claims.Verdict:
    """How far the cited words support a statement (see `rag.claims`)."""

    def entails(premise: str, hypothesis: str) -> float:
        assert nli is not None
        return float(nli.entails([(premise, hypothesis)])[0])

    return claims.check(
        statement,
        lang=lang,
        citations=citations,
        article=parts.store.article,
        near=partial(nearness, store=parts.store, embedder=parts.embedder),
        vectors=parts.embedder.passages,
        entails=entails if nli else None,
        asked_figures=asked_figures,
    )
