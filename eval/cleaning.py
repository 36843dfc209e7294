"""Pages in, articles out: which lines are kept, and what the page states."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval.cases import GOLD, ROOT, Case, Options, Result, Suite, Try, public, read_jsonl
from eval.metrics import overlap, token_f1
from rag import feeds
from rag.clean import clean
from rag.domain import Raw, Rejected
from rag.errors import InputError

FIELDS = ("title", "author", "agency", "outlet", "published", "lang")
_LINES = ("line precision", "line recall", "line F1", "token F1")
_TOKENS = ("token precision", "token recall", "token F1")


def lines() -> Suite:
    """`cleaning`: kept lines and stated facts of the seeds and of the pages that the tests hold."""
    return Suite(
        "cleaning", lambda options: _gold_cases(), _cleaning, "line F1", "kept lines and stated facts of pages"
    )


def folder(name: str, records: Sequence[Mapping[str, Any]], base: Path, floors: Mapping[str, Any]) -> Suite:
    """A user's own pages: `file` or `text`, `kept` line numbers, and what the page states."""
    return Suite(
        name, lambda options: cases_of(records, base), _cleaning, "line F1", "kept lines and stated facts", floors
    )


def html() -> Suite:
    """`article-html`: scrapinghub's article-extraction-benchmark, trafilatura alone beside."""

    def load(options: Options) -> list[Case]:
        base = public(options, "article_html")
        worst = dict.fromkeys(_TOKENS, 0.0)
        return [
            Case(str(record["id"]), {"file": str(record["file"]), "text": record["text"]}, worst=worst)
            for record in read_jsonl(base / "truth.jsonl")
        ]

    return Suite("article-html", load, _extracting, "token F1", "the body of real English pages, by its words")


def _gold_cases() -> list[Case]:
    cases = cases_of(read_jsonl(GOLD / "cleaning.jsonl"), GOLD, split="seeds")
    for path in sorted((ROOT / "tests" / "data").glob("clean_*.txt")):
        name = path.stem.removeprefix("clean_")
        cases += cases_of(_marked_pages(path), ROOT, split="dev" if name == "pages" else name)
    return cases


def _marked_pages(path: Path) -> Iterator[dict[str, Any]]:
    """Pages of a file whose lines begin with + where they are kept and - where not, after a head of facts."""
    for part in path.read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, body = part.partition("\n---\n")
        name, *stated = head.split("\n")
        marked = body.removesuffix("\n").split("\n")
        kept = [number for number, line in enumerate(marked, 1) if line.startswith("+")]
        facts = dict(fact.split(": ", 1) for fact in stated)
        unless = dict.fromkeys(("title", "author", "agency", "published", "lang")) if facts else {}
        yield (
            {"id": f"{path.stem}: {name}", "text": "\n".join(line[1:] for line in marked), "kept": kept}
            | unless
            | facts
        )


def cases_of(
    records: Sequence[Mapping[str, Any]] | Iterator[Mapping[str, Any]], base: Path, *, split: str = "all"
) -> list[Case]:
    """A case for each page. Raises InputError where a record has no page or no kept lines."""
    return [_case(number, record, base, split) for number, record in enumerate(records, 1)]


def _case(number: int, record: Mapping[str, Any], base: Path, split: str) -> Case:
    name = str(record.get("id", number))
    if "kept" not in record or ("text" not in record and "file" not in record):
        raise InputError(f"case {name} needs `kept` (line numbers from 1) and `text` or `file`")
    try:
        text = record["text"] if "text" in record else (base / record["file"]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"case {name}: {record['file']} cannot be read: {error}") from error
    stated = {field: record[field] for field in FIELDS if field in record}
    worst = dict.fromkeys((*_LINES, *stated), 0.0)
    groups = {"language": str(record["lang"])} if record.get("lang") else {}
    return Case(name, {"text": text, "kept": list(record["kept"]), "stated": stated}, split, groups, worst)


@contextmanager
def _cleaning(options: Options) -> Iterator[Try]:
    yield judged


def judged(case: Case) -> Result:
    """The scores of one page: lines compared by what stands in them, for a page may repeat one."""
    text, stated = case.data["text"], case.data["stated"]
    article = clean(Raw(text, "page.txt", hashlib.sha256(text.encode()).hexdigest()))
    page = text.split("\n")
    found, gold = ([page[number - 1].strip() for number in numbers] for numbers in (article.kept, case.data["kept"]))
    precision, recall, f1 = overlap(found, gold)
    scores = dict(zip(_LINES, (precision, recall, f1, token_f1("\n".join(found), "\n".join(gold))[2]), strict=True))
    got = {field: getattr(article.source, field) for field in stated}
    scores |= {field: float(got[field] == value) for field, value in stated.items()}
    return Result(
        scores, case.id, _facts(gold, found, stated, got), _facts(found, gold, got, stated), min(scores.values()) == 1.0
    )


def _facts(these: list[str], those: list[str], stated: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What is on this side alone."""
    extra = list((Counter(these) - Counter(those)).elements())
    facts = [f"{field}: {value}" for field, value in stated.items() if value != other[field]]
    return "\n".join([*facts, *(f"+ {line}" for line in extra)])


@contextmanager
def _extracting(options: Options) -> Iterator[Try]:
    base = public(options, "article_html")
    yield lambda case: _extracted(case, base / case.data["file"])


def _extracted(case: Case, file: Path) -> Result:
    import trafilatura

    page = next(iter(feeds.discover([str(file)])))
    raw = page if isinstance(page, Rejected) else next(iter(feeds.read(page)))
    if isinstance(raw, Rejected):
        raise InputError(f"{raw.path}: {raw.reason}")
    body = clean(raw).text
    alone = trafilatura.extract(gzip.decompress(file.read_bytes()), include_comments=False) or ""
    gold = case.data["text"]
    scores = dict(zip(_TOKENS, token_f1(body, gold), strict=True))
    scores["trafilatura: token F1"] = token_f1(alone, gold)[2]
    return Result(scores, case.id, gold, body, scores["token F1"] >= 0.9)
