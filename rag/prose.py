"""Answers in prose: a language model picks quotes and writes on them; what does not stand in them is set aside."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, Field

from rag import prompts
from rag.answer import Candidate, refusal, uncited, unstated
from rag.cite import cited
from rag.claims import Verdict
from rag.domain import Answer, Article, Chunk, Citation, Statement
from rag.excerpts import excerpts
from rag.measures import asked_for
from rag.orders import is_order
from rag.ordinals import another
from rag.text import fold, language, nfc, sentences, words

if TYPE_CHECKING:
    from rag.llm import Meter, Model
    from rag.prompts import Prompt

CHARACTERS = 2_400  # of articles in a prompt: about 800 tokens of Vietnamese
MOST = 8  # statements that are read of one reply
_STATEMENT_MOST = 600
_QUOTES_MOST = 4
_JUDGED = 3  # of the articles' own sentences, where nothing that the model wrote is left
# The judge's log-odds of "yes" under which what a statement cites is no answer; and sentences left alone are none.
LEAST_ODDS, LEAST_ODDS_ALONE = 0.7, 2.0
# What no sentence of an answer needs: addresses, tags, Markdown's links and pictures, code, a table's bars.
MARKUP = re.compile(
    r"https?:|www\.|javascript:|data:|</?[a-z!]|!?\[[^\]]{0,300}+\]\s{0,40}+\(|[`{}|]|\[\d{1,3}\]", re.IGNORECASE
)
LANGUAGES = {"en": "English", "vi": "Vietnamese", "zh": "Chinese", "ru": "Russian"}


class Written(BaseModel):
    """One statement of a reply: the quotes first."""

    quotes: list[str]
    statement: str


class Reply(BaseModel):
    """What the model is asked for."""

    answered: bool = True
    statements: list[Written] = Field(default_factory=list)


Find = Callable[[str], tuple[Citation, ...]]  # the sentence that is nearest to a statement


@dataclass(frozen=True, slots=True)
class Judge:
    """The model, asked whether sentences answer the question."""

    question: str
    model: Model
    meter: Meter
    prompt: Prompt

    def odds(self, citations: Sequence[Citation]) -> float | None:
        """The log-odds of yes; None where the endpoint gives none."""
        told = "\n".join(f"- {' '.join(citation.quote.split())}" for citation in citations)
        return self.model.odds(self.prompt, {"question": self.question, "sentences": told}, meter=self.meter)


class Check(Protocol):
    """How far the cited words support a statement."""

    def __call__(self, statement: str, *, lang: str, citations: Sequence[Citation], asked_figures: bool) -> Verdict: ...


def write(
    question: str,
    ranked: Sequence[Candidate],
    extracts: Sequence[Statement],
    *,
    lang: str,
    model: Model,
    meter: Meter,
    check: Check,
    find: Find,
    judged: bool = False,
    stop: Event | None = None,
) -> Iterator[Statement | Answer]:
    """The statements that pass, as they come, and last the Answer, a refusal where none did.

    The model reads excerpts around the best of the `ranked` sentences. Whatever it says of a quote, its citation is
    made anew from where the quote stands in the excerpts' articles. With `judged` the model is asked of each statement
    whether what it cites answers the question; where none is left, the same of the `extracts`, the articles' own
    sentences. Setting `stop` ends its work. Raises ModelError; what was shown before that stays shown.
    """
    prompt = prompts.load("answer")
    judge = Judge(question, model, meter, prompts.load("judge")) if judged else None
    used = {each.name: each.hash for each in (prompt, judge and judge.prompt) if each}
    shown: list[Statement] = []
    aside: list[Statement] = []
    chunks = list({candidate.hit.chunk.id: (candidate.article, candidate.hit.chunk) for candidate in ranked}.values())
    told = excerpts(ranked, most=CHARACTERS)
    unquoted = {_bare(each) for each in (question, "", *told.titles)}
    for kind, value in model.items(
        prompt, _variables(question, told.text, lang), Reply, each="statements", meter=meter, stop=stop
    ):
        if kind == "end" or len(shown) + len(aside) >= MOST:
            break
        for statement in _checked(value, chunks, question, lang, check, find, unquoted):
            if any(fold(statement.text) == fold(other.text) for other in (*shown, *aside)):
                continue
            if statement.support != "unsupported" and (why := _beside(statement, extracts, judge)):
                statement = replace(statement, support="unsupported", reasons=(why,))
            if statement.support == "unsupported":
                aside.append(statement)
            else:
                shown.append(statement)
                yield statement
    if judge and not shown:
        shown += _sure(extracts[:_JUDGED], judge)
        yield from shown
    reason = None if shown else refusal("unconfirmed" if aside else "unanswered", lang)
    yield Answer(question, lang, tuple(shown), tuple(aside), reason=reason, mode="llm", model=model.name, prompts=used)


def _checked(
    written: Mapping[str, Any],
    chunks: Sequence[tuple[Article, Chunk]],
    question: str,
    lang: str,
    check: Check,
    find: Find,
    unquoted: AbstractSet[str],
) -> Iterator[Statement]:
    """The statement's sentences, each with the citations made anew, and how far they support it.

    A statement that its own citation does not support is cited by the nearest sentence if that does: models pick wrong
    lines. So is one with no quote, or with the question, the statement or a headline for one; where the model gave
    words that stand in no passage, nothing is.
    """
    text = " ".join(nfc(str(written.get("statement", ""))).split())[:_STATEMENT_MOST]
    quotes = [str(quote) for quote in written.get("quotes", ())][:_QUOTES_MOST]
    citations = cited(quotes, chunks)
    nothing = all(_bare(quote) in unquoted | {_bare(text)} for quote in quotes)
    for start, end in sentences(text) if text else ():
        statement = Statement(text[start:end].strip(), lang, citations, "unsupported")
        if not citations and not nothing:
            yield replace(statement, reasons=tuple(f"quote: {quote[:200]}" for quote in quotes))
            continue
        judged = _supported(statement, question, lang, check) if citations else None
        if judged is None or judged.support == "unsupported":
            nearest = replace(statement, citations=find(statement.text))
            again = _supported(nearest, question, lang, check) if nearest.citations else nearest
            judged = again if judged is None or again.support == "supported" else judged
        yield judged if judged.reasons or judged.support != "unsupported" else replace(judged, reasons=("quote: none",))


def _bare(text: str) -> str:
    return " ".join(words(fold(text)))


def _supported(statement: Statement, question: str, lang: str, check: Check) -> Statement:
    """The statement with how far its citations support it."""
    text, citations = statement.text, statement.citations
    spoken = language(text)
    own = next((each for each in citations if fold(text).strip(" .") in fold(each.quote)), None)
    if any(is_order(part) for part in (text, *(citation.quote for citation in citations))):
        return replace(statement, reasons=("order: the text speaks to a program",))
    if own is None and (found := MARKUP.search(text)):
        return replace(statement, reasons=(f"markup: {found.group()[:40]}",))
    if text.endswith(("?", "？")):
        return replace(statement, reasons=("question: it asks and does not say",))
    if kinds := unstated(question, text, lang=spoken):
        return replace(statement, reasons=tuple(f"question: it states no {kind}" for kind in kinds))
    if kinds := uncited(question, [(each.quote, each.source.lang or "") for each in citations], lang=spoken):
        return replace(statement, reasons=tuple(f"question: what it cites states no {kind}" for kind in kinds))
    if _is_another(question, citations):
        return replace(statement, reasons=("question: it asks about another one in a row",))
    if own is not None:
        return Statement(text, own.source.lang, (own,), "quoted")
    if spoken != lang:
        return replace(statement, lang=spoken, reasons=(f"language: {spoken}",))
    verdict = check(
        text, lang=lang, citations=citations, asked_figures=bool(asked_for(question, lang=language(question)))
    )
    return replace(statement, support=verdict.support, reasons=verdict.reasons)


def _is_another(question: str, citations: Sequence[Citation]) -> bool:
    """Whether the cited sentences tell of the third where the question asks about the second."""
    quotes = [(each.quote, each.source.lang or language(each.quote)) for each in citations]
    asked_in = language(question)
    return bool(quotes) and all(another(question, quote, asked_in=asked_in, lang=lang) for quote, lang in quotes)


def _beside(statement: Statement, extracts: Sequence[Statement], judge: Judge | None) -> str:
    """Why a statement that its citations support is no answer; empty where it is one."""
    if not _overlaps(statement, extracts):
        return "question: other sentences answer it better"
    odds = judge.odds(statement.citations) if judge else None
    return "" if odds is None or odds >= LEAST_ODDS else "judge: it does not answer the question"


def _overlaps(statement: Statement, extracts: Sequence[Statement]) -> bool:
    """Whether the statement rests on one of the sentences that answer the question best."""
    own = [citation for each in extracts for citation in each.citations]
    return any(one.touches(other.source.id, other.start, other.end) for one in statement.citations for other in own)


def _variables(question: str, told: str, lang: str) -> dict[str, str]:
    mark = hashlib.sha256(f"{question}\n{told}".encode()).hexdigest()[:8]  # no article can foresee it
    return {"question": question, "excerpts": told, "language": LANGUAGES.get(lang, lang), "mark": mark}


def _sure(best: Sequence[Statement], judge: Judge) -> list[Statement]:
    """The articles' own sentences, where together they name what is asked for and the judge is sure of them."""
    citations = [citation for own in best for citation in own.citations]
    told = " ".join(citation.quote for citation in citations)
    if not citations or unstated(judge.question, told, lang=language(told)) or _is_another(judge.question, citations):
        return []
    return list(best) if (judge.odds(citations) or 0.0) >= LEAST_ODDS_ALONE else []
