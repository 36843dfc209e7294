"""Questions to articles, through the desk: is the gold sentence quoted, and is a refusal one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.cases import GOLD, ROOT, Case, Options, Result, Suite, Try, public, read_jsonl
from eval.metrics import alce, ranking, refusal, verbatim
from rag.desk import Desk, open_desk
from rag.domain import Answer, Citation
from rag.errors import InputError
from rag.text import language, nfc, sentences

HEADLINE = "Success@5"
RANKED = ("Success@1", "Success@2", "Success@5", "Recall@5", "MRR@10", "nDCG@10")
ARTICLE_FIRST = "right article first"
PASSAGES = ("MRR@10", "nDCG@10")
LANGUAGES = "search: languages shown"
_SEARCHED = 10
_ABOUT = "questions through Desk.ask: the gold sentence among the cited ones, the right article first, refusals"

Span = tuple[str, int, int]  # article id, start, end
Articles = Callable[[Options, Path], list[str]]


def seeds() -> Suite:
    """`qa`: the questions about seeds/, those tuned on, those not, and pairs with a near miss."""
    return Suite("qa", lambda options: _seed_cases(), _asking(lambda options, folder: [_seeds()]), HEADLINE, _ABOUT)


def synthetic() -> Suite:
    """`synthetic`: questions about the invented articles of eval/data/synthetic."""
    return Suite(
        "synthetic",
        lambda options: (
            cases_of(
                read_jsonl(GOLD / "synthetic_questions.jsonl") + read_jsonl(GOLD / "synthetic_fresh.jsonl"), split="all"
            )
            + _near_misses("synthetic")
        ),
        _asking(lambda options, folder: [str(GOLD / "synthetic")]),
        HEADLINE,
        _ABOUT,
    )


def haystack() -> Suite:
    """`haystack`: the answerable questions of `qa`, the English readouts of the public data around the seeds.

    Whether a question without an answer in seeds/ has one in the readouts is not known, so those are left out.
    """

    def load(options: Options) -> list[Case]:
        public(options, "wh_readouts")
        return [case for case in _seed_cases() if case.data["answerable"]]

    def articles(options: Options, folder: Path) -> list[str]:
        hay = folder / "haystack.jsonl"
        records = [r for file in sorted(public(options, "wh_readouts").glob("*.jsonl")) for r in read_jsonl(file)]
        kept = [{"title": r["title"], "text": r["text"], "url": r["url"], "published": r["date"]} for r in records]
        hay.write_text("".join(json.dumps(record) + "\n" for record in kept), encoding="utf-8")
        return [_seeds(), str(hay)]

    return Suite("haystack", load, _asking(articles), HEADLINE, "qa with 365 English documents around the seeds")


def folder(
    name: str, records: Sequence[Mapping[str, Any]], articles: Sequence[Path], floors: Mapping[str, Any]
) -> Suite:
    """A user's own questions about their own articles."""
    paths = [str(path) for path in articles]
    return Suite(
        name, lambda options: cases_of(records, split="all"), _asking(lambda o, f: paths), HEADLINE, _ABOUT, floors
    )


def _seeds() -> str:
    return str(ROOT / "seeds")


def _seed_cases() -> list[Case]:
    splits = ("dev", "held", "fresh")
    parts = [cases_of(read_jsonl(GOLD / f"seeds_{split}.jsonl"), split=split) for split in splits]
    return [case for part in (*parts, _near_misses("seeds")) for case in part]


def _near_misses(corpus: str) -> list[Case]:
    """Questions in pairs of the same names and subject, one of which nothing answers."""
    records = read_jsonl(GOLD / "nearmiss_dev.jsonl")
    return cases_of([record for record in records if record["corpus"] == corpus], split="near misses")


def cases_of(records: Iterable[Mapping[str, Any]], *, split: str) -> list[Case]:
    """A case for each question (eval/data/README.md has the keys), of `split` unless it names its own.

    Raises InputError where a record has no question, or nothing to judge it by.
    """
    return [_case(number, record, split) for number, record in enumerate(records, 1)]


def _case(number: int, record: Mapping[str, Any], split: str) -> Case:
    name = str(record.get("id", number))
    question = record.get("question")
    if not isinstance(question, str) or not question.strip():
        raise InputError(f"case {name} has no `question`")
    answering = [{key: record.get(key) for key in ("article", "line", "gold")}, *(record.get("also") or [])]
    answering = [each for each in answering if each.get("article")]
    answerable = bool(record.get("answerable", answering))
    if answerable and not answering:
        raise InputError(f'case {name} has no `article` that answers; name one, or say "answerable": false')
    lang = record.get("lang") or language(question)
    groups = {"form": str(record.get("form", "plain")), "language": lang}
    if answerable:
        told = [language(str(gold)) for each in answering for gold in each.get("gold") or [] if gold]
        if told:
            groups["pair"] = f"{lang}>{lang if lang in told else told[0]}"
    elif record.get("reason"):
        groups["reason"] = str(record["reason"])
    data = {key: record.get(key) for key in ("reason", "articles")}
    data |= {"question": question, "answerable": answerable, "answering": answering}
    return Case(name, data, str(record.get("split", split)), groups, _worst(answerable, bool(groups.get("pair"))))


def _worst(answerable: bool, gold: bool) -> dict[str, float]:
    if not answerable:
        return {"refusal recall": 0.0}
    of_gold = (*RANKED, *(f"search: {name}" for name in PASSAGES), LANGUAGES)
    return {"refusal precision": 0.0, ARTICLE_FIRST: 0.0, **(dict.fromkeys(of_gold, 0.0) if gold else {})}


def _asking(articles: Articles) -> Callable[[Options], Any]:
    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        with tempfile.TemporaryDirectory() as temporary:
            settings: Mapping[str, object] = options.servers or {"store": Path(temporary) / "store"}
            desk = open_desk(**settings)
            try:
                desk.ingest(articles(options, Path(temporary)))
                library = Library(desk)
                yield lambda case: asked(case, desk, library)
            finally:
                desk.close()

    return opened


def asked(case: Case, desk: Desk, library: Library) -> Result:
    """The scores of a question's answer and, where there is gold, of the search behind it."""
    question = case.data["question"]
    result = judged(case, desk.ask(question), library)
    passages = library.passages(library.units(case.data["answering"]))
    if not passages:
        return result
    found = [hit.chunk.id for hit in desk.search(question, limit=_SEARCHED).hits]
    scores = {f"search: {name}": value for name, value in ranking(set(passages), found, PASSAGES).items()}
    shown = {passages[chunk] for chunk in found if chunk in passages}
    return replace(result, scores={**result.scores, **scores, LANGUAGES: len(shown) / len(set(passages.values()))})


class Library:
    """The stored articles, found by file, and the gold sentences in them."""

    def __init__(self, desk: Desk) -> None:
        self._shown = {row.id: desk.show(row.id) for row in desk.articles()}
        self._sources = [(Path(s.path).name, s.item, id) for id, shown in self._shown.items() for s in shown.sources]

    def text(self, article: str) -> str:
        """An article's text."""
        return self._shown[article].article.text

    def ids(self, name: str, line: int | None) -> list[str]:
        """The articles that came from files whose name begins so, and from this line of a .jsonl file."""
        found = [id for file, item, id in self._sources if file.startswith(name) and line in (None, item)]
        return list(dict.fromkeys(found))

    def units(self, answering: Sequence[Mapping[str, Any]]) -> dict[str, list[Span]]:
        """Each gold sentence by a name, with where it stands: in more places where pages repeat it.

        Gold that no stored article holds has a name and stands nowhere, so that nothing can find it.
        """
        units: dict[str, list[Span]] = {}
        for each in answering:
            for gold in each.get("gold") or []:
                spans = [
                    span
                    for article in self.ids(str(each["article"]), each.get("line"))
                    for span in _sentences_with(nfc(gold), article, self.text(article))
                ]
                name = next((known for known, at in units.items() if set(at) & set(spans)), gold)
                units.setdefault(name, []).extend(spans)
        return units

    def passages(self, units: Mapping[str, list[Span]]) -> dict[str, str | None]:
        """The chunks that hold a gold sentence, or a part of one, each with its article's language."""
        return {
            chunk.id: self._shown[article].article.source.lang
            for spans in units.values()
            for article, start, end in spans
            for chunk in self._shown[article].chunks
            if chunk.start < end and start < chunk.end
        }


def _sentences_with(gold: str, article: str, text: str) -> Iterator[Span]:
    at = text.find(gold)
    if at < 0:
        return
    spans = sentences(text)
    while at >= 0:
        inside = [(start, end) for start, end in spans if start < at + len(gold) and at < end]
        yield article, inside[0][0], inside[-1][1]
        at = text.find(gold, at + len(gold))


def judged(case: Case, answer: Answer, library: Library) -> Result:
    """The scores of one answer."""
    data = case.data
    scores: dict[str, float] = refusal(refused=answer.refused, answerable=data["answerable"])
    cited = [citation for statement in answer.statements for citation in statement.citations]
    if cited:
        scores |= _honesty(answer, library)
    if not data["answerable"]:
        wanted = f"a refusal ({data['reason']})" if data["reason"] else "a refusal"
        return Result(scores, data["question"], wanted, told(answer), answer.refused)
    ids = [id for each in data["answering"] for id in library.ids(str(each["article"]), each.get("line"))]
    scores[ARTICLE_FIRST] = float(bool(cited) and cited[0].source.id in ids)
    units = library.units(data["answering"])
    if units:
        found = [_unit(citation, units) for citation in cited]
        named = list(dict.fromkeys(name or f"other {n}" for n, name in enumerate(found)))
        scores |= ranking(set(units), named, RANKED)
        if cited:
            scores["gold precision"] = sum(name is not None for name in found) / len(found)
    wanted = "; ".join(units) or ", ".join(str(each["article"]) for each in data["answering"])
    right = bool(scores[ARTICLE_FIRST] and scores.get(HEADLINE, 1.0))
    return Result(scores, data["question"], wanted, told(answer), right)


def _unit(citation: Citation, units: Mapping[str, list[Span]]) -> str | None:
    for name, spans in units.items():
        if any(a == citation.source.id and s < citation.end and citation.start < e for a, s, e in spans):
            return name
    return None


def _honesty(answer: Answer, library: Library) -> dict[str, float]:
    """ALCE with the cited characters as the store has them, and whether each quote is those characters."""
    stated = []
    exact = []
    for statement in answer.statements:
        texts = [library.text(c.source.id)[c.start : c.end] for c in statement.citations]
        exact += [text == c.quote for text, c in zip(texts, statement.citations, strict=True)]
        stated.append((statement.text, texts))
    recall, precision = alce(stated, verbatim)
    return {"citation recall": recall, "citation precision": precision, "verbatim quotes": sum(exact) / len(exact)}


def told(answer: Answer) -> str:
    """The answer in a few lines, each with its file; or why it refused."""
    if answer.refused:
        return f"refused: {answer.reason}"
    return "\n".join(
        f"{number}. {statement.text.strip()} [{Path(statement.citations[0].source.path).name}]"
        for number, statement in enumerate(answer.statements, 1)
    )
