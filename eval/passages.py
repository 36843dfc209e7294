"""Passage retrieval: a question's own passage among all, in its own language and across."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from eval.cases import Case, Options, Result, Suite, Try, public, read_jsonl
from eval.metrics import ranking
from rag import names
from rag.desk import Desk, open_desk
from rag.domain import Article, Chunk, Source
from rag.store import Entry, FileRecord, Store

HEADLINE = "Recall@1"
RANKED = ("Recall@1", "Recall@5", "Recall@10", "MRR@10", "nDCG@10")
FOUND = ("Success@1", "Success@5", "Success@10", "MRR@10", "nDCG@10")
DEPTH = 200  # passages of the one list, of which each language's are taken
_BATCH = 32
_ANY = "any"


def xquad(*langs: str) -> Suite:
    """XQuAD with these languages in one index: each language's passages ranked, and the one list that users see.

    In the one list a question's passage in any language counts as found.
    """

    def load(options: Options) -> list[Case]:
        return [case for lang in langs for case in _cases(public(options, "xquad"), lang, langs)]

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        with tempfile.TemporaryDirectory() as temporary:
            desk = open_desk(store=Path(temporary) / "store")
            try:
                _fill(desk, public(options, "xquad"), langs)
                yield _searching(desk, langs)
            finally:
                desk.close()

    name = "xquad" if set(langs) == {"vi", "en"} else f"xquad-{'-'.join(langs)}"
    return Suite(name, load, opened, HEADLINE, f"the question's own passage of XQuAD, {', '.join(langs)} in one index")


def _cases(folder: Path, lang: str, langs: Sequence[str]) -> Iterator[Case]:
    for record in read_jsonl(folder / f"questions_{lang}.jsonl"):
        for target in (*langs, _ANY):
            split = "one list" if target == _ANY else "by language"
            groups = {"language": lang} if target == _ANY else {"pair": f"{lang}>{target}"}
            data = {"question": record["question"], "passage": record["pid"], "target": target}
            worst = dict.fromkeys(FOUND if target == _ANY else RANKED, 0.0)
            yield Case(f"{lang} {record['qid']} {target}", data, split, groups, worst)


def _fill(desk: Desk, folder: Path, langs: Sequence[str]) -> None:
    """One passage, one chunk: past cleaning and splitting, which are measured elsewhere."""
    from tqdm import tqdm

    path, model = desk.settings.store, desk.embedder
    with Store.open(path, create=True, embedder=model.name, dimension=model.dimension) as store:
        for lang in langs:
            records = read_jsonl(folder / f"passages_{lang}.jsonl")
            for at in tqdm(range(0, len(records), _BATCH), desc=f"passages {lang}", disable=None, leave=False):
                _commit(store, desk, lang, records[at : at + _BATCH])
        store.flush()


def _commit(store: Store, desk: Desk, lang: str, records: Sequence[dict[str, Any]]) -> None:
    vectors = desk.embedder.passages([record["text"] for record in records])
    for record, vector in zip(records, vectors, strict=True):
        text, path = record["text"], f"{record['pid']} {lang}"
        key = hashlib.sha256(text.encode()).hexdigest()
        article = Article(Source(key[:16], path, key, lang=lang), text)
        chunk = Chunk(article.id, 0, len(text), text)
        entry = Entry(article, (chunk,), (key[:32],), {key[:32]: vector}, names.find(text, lang=lang))
        store.commit(FileRecord(path, len(text), 0, key), [entry])


def _searching(desk: Desk, langs: Sequence[str]) -> Try:
    passages = {row.id: row.source.path for row in desk.articles()}
    texts = {row.source.path: row.id for row in desk.articles()}

    @lru_cache(maxsize=1)
    def ranked(question: str) -> tuple[str, ...]:
        return tuple(passages[hit.source.id] for hit in desk.search(question, limit=DEPTH).hits)

    def attempt(case: Case) -> Result:
        question, passage, target = (case.data[key] for key in ("question", "passage", "target"))
        found = ranked(question)
        if target != _ANY:
            found = tuple(name for name in found if name.endswith(f" {target}"))
        gold = {f"{passage} {lang}" for lang in langs if target in (lang, _ANY)}
        scores = ranking(gold, found, FOUND if target == _ANY else RANKED)
        first = desk.show(texts[found[0]]).article.text if found else "nothing"
        wanted = desk.show(texts[min(gold)]).article.text
        return Result(scores, question, wanted, first, bool(found) and found[0] in gold)

    return attempt
