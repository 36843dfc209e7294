"""Two ways from articles to answers, each in a process of its own: `rag`, and the default pipeline of LangChain.

The default pipeline is the one of LangChain's own tutorial: RecursiveCharacterTextSplitter (1,000 characters, 200 of
them again), HuggingFaceEmbeddings (sentence-transformers, float32), Chroma in a folder. Its weights are those of the
bundled embedder, exported (eval/export.py), with the same prefixes, so that speed and not the model is compared. It
needs `langchain-text-splitters`, `langchain-huggingface`, `langchain-chroma` and `sentence-transformers`.
`rag` runs twice: as it comes, and with RAG_SENTENCES=false, where it embeds what the pipeline does, each text once.
Articles are XQuAD's paragraphs, Vietnamese and English in stores of their own, so that one paragraph answers each
question; and those of eval/growth_corpus.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from eval.cases import read_jsonl
from eval.export import export_transformers
from eval.growth_ingest import Counting, Step
from rag.desk import Desk, open_desk
from rag.embed import load

SYSTEMS = {
    "ours": "rag",
    "lean": "rag, RAG_SENTENCES=false",
    "theirs": "LangChain + Chroma + sentence-transformers",
}
CUTOFF = 10
WARM = 3  # articles that each reads into another store before it is timed
SPLIT = {"chunk_size": 1_000, "chunk_overlap": 200}

Search = Callable[[str], Sequence[str]]


@dataclass(slots=True)
class Ingest:
    """Seconds by the clock and of the processor, whole and in embedding; texts and tokens embedded."""

    system: str
    corpus: str
    articles: int
    wall: float = 0.0
    cpu: float = 0.0
    embed_wall: float = 0.0
    embed_cpu: float = 0.0
    texts: int = 0
    tokens: int = 0
    found: dict[str, float] = field(default_factory=dict)


def scores(search: Search, asked: Sequence[Mapping[str, str]]) -> dict[str, float]:
    """Recall@1, 5 and 10 and nDCG@10, in percent, of the one article (`pid`) that answers each question."""
    places = [list(dict.fromkeys(search(each["question"]))) for each in asked]
    ranks = [
        found.index(each["pid"]) if each["pid"] in found else None for each, found in zip(asked, places, strict=True)
    ]
    kept = {f"R@{cut}": [rank is not None and rank < cut for rank in ranks] for cut in (1, 5, CUTOFF)}
    gain = [0.0 if rank is None or rank >= CUTOFF else 1 / math.log2(rank + 2) for rank in ranks]
    percent = {name: 100 * sum(values) / len(asked) for name, values in kept.items()}
    return percent | {f"nDCG@{CUTOFF}": 100 * sum(gain) / len(asked)}


def ours(
    folder: Path,
    corpus: str,
    articles: Sequence[Mapping[str, str]],
    asked: Sequence[Mapping[str, str]],
    *,
    sentences: bool = True,
) -> Ingest:
    """The articles by `rag ingest`, as one .jsonl file; the questions by `rag search`."""
    found = Ingest(SYSTEMS["ours" if sentences else "lean"], corpus, len(articles))
    model, batches = load(), list[Sequence[str]]()

    class Noting(Counting):
        def passages(self, some: Sequence[str], *, progress: Any = None) -> Any:
            batches.append(some)
            return super().passages(some, progress=progress)

    def ingested(name: str, some: Sequence[Mapping[str, str]]) -> Desk:
        (folder / name).mkdir(parents=True)
        file = folder / name / "articles.jsonl"
        lines = [json.dumps({"text": each["text"], "lang": each["lang"], "title": each["pid"]}) for each in some]
        file.write_text("\n".join(lines), "utf-8")
        desk = open_desk(store=folder / name / "store")
        desk.__dict__["embedder"] = embedder = Noting(model, Step(0, 0, ""))
        embedder.sentences = sentences
        desk.ingest([str(file)])
        return desk

    ingested("warm", articles[:WARM]).close()
    batches.clear()
    started, used = time.perf_counter(), time.process_time()
    desk = ingested("all", articles)
    found.wall, found.cpu = time.perf_counter() - started, time.process_time() - used
    started, used = time.perf_counter(), time.process_time()
    for batch in batches:
        model.passages(batch)  # alone: in the ingest other work runs beside it
    found.embed_wall, found.embed_cpu = time.perf_counter() - started, time.process_time() - used
    texts = [text for batch in batches for text in batch]
    found.texts, found.tokens = len(texts), tokens(texts)
    found.found = (
        scores(lambda q: [hit.source.title or "" for hit in desk.search(q, limit=30).hits], asked) if asked else {}
    )
    desk.close()
    return found


def theirs(
    folder: Path, corpus: str, articles: Sequence[Mapping[str, str]], asked: Sequence[Mapping[str, str]]
) -> Ingest:
    """The articles by the default pipeline; the questions by its similarity search."""
    from langchain_chroma import Chroma  # type: ignore[import-not-found,unused-ignore]
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found,unused-ignore]
    from langchain_text_splitters import (  # type: ignore[import-not-found,unused-ignore]
        RecursiveCharacterTextSplitter,
    )

    folder.mkdir(parents=True)
    export_transformers(folder / "model")
    found = Ingest(SYSTEMS["theirs"], corpus, len(articles))
    texts: list[str] = []

    class Timed(HuggingFaceEmbeddings):  # type: ignore[misc,unused-ignore]
        def embed_documents(self, some: list[str]) -> Any:
            texts.extend(some)
            started, used = time.perf_counter(), time.process_time()
            vectors = super().embed_documents(some)
            found.embed_wall += time.perf_counter() - started
            found.embed_cpu += time.process_time() - used
            return vectors

    model = Timed(
        model_name=str(folder / "model"),
        model_kwargs={"device": "cpu"},
        encode_kwargs={"prompt": "passage: ", "normalize_embeddings": True},
        query_encode_kwargs={"prompt": "query: ", "normalize_embeddings": True},
    )

    def ingested(name: str, some: Sequence[Mapping[str, str]]) -> Chroma:
        store = Chroma(embedding_function=model, persist_directory=str(folder / name))
        documents = [Document(page_content=each["text"], metadata={"pid": each["pid"]}) for each in some]
        store.add_documents(RecursiveCharacterTextSplitter(**SPLIT, add_start_index=True).split_documents(documents))
        return store

    ingested("warm", articles[:WARM])
    texts.clear()
    found.embed_wall = found.embed_cpu = 0.0
    started, used = time.perf_counter(), time.process_time()
    store = ingested("all", articles)
    found.wall, found.cpu = time.perf_counter() - started, time.process_time() - used
    found.texts, found.tokens = len(texts), tokens(texts)
    found.found = (
        scores(lambda q: [each.metadata["pid"] for each in store.similarity_search(q, k=30)], asked) if asked else {}
    )
    return found


def tokens(texts: Sequence[str]) -> int:
    """Tokens of the texts as the bundled model reads them, prefix and window markers included."""
    from rag import e5

    return e5.E5(e5.prepare(None)).count(texts, prefix="passage: ")


def xquad(data: Path, lang: str, questions: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The language's paragraphs (pid, lang, text) and up to that number of its questions."""
    rows = read_jsonl(data / "xquad" / f"passages_{lang}.jsonl")
    articles = [{"pid": each["pid"], "lang": lang, "text": each["text"]} for each in rows]
    asked = read_jsonl(data / "xquad" / f"questions_{lang}.jsonl")
    step = -(-len(asked) // questions)
    return articles, [{"pid": each["pid"], "question": each["question"]} for each in asked[::step]]


def compare(work: Path, *, data: Path, files: Sequence[Path], questions: int = 1_200) -> list[Ingest]:
    """The systems in turn on each corpus, each run in a new process; what is done already is read."""
    short = [{"pid": f"{file.stem} {place}", "lang": each["lang"], "text": each["text"]}
             for file in files for place, each in enumerate(read_jsonl(file))]  # fmt: skip
    corpora = {f"XQuAD {lang}": xquad(data, lang, questions) for lang in ("vi", "en")} | {"short news": (short, [])}
    found = []
    for corpus, (some, asked) in corpora.items():
        for system in SYSTEMS:
            kept = work / f"peer-{corpus.replace(' ', '-')}-{system}.json"
            if not kept.is_file():
                given = work / f"peer-{corpus.replace(' ', '-')}.given.json"
                given.write_text(json.dumps([corpus, some, asked]), "utf-8")
                subprocess.run([sys.executable, "-m", "eval.growth_peer", system, str(given), str(kept)], check=True)
            found.append(Ingest(**json.loads(kept.read_text("utf-8"))))
    return found


def as_text(found: Sequence[Ingest]) -> str:
    """The runs side by side as Markdown, each of ours with its ratios to theirs; empty for none."""
    if not found:
        return ""
    lines = [
        "| articles | system | texts | tokens | articles/s | per cpu s | embedded tokens/s | per cpu s | recall |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        recall = ", ".join(f"{name} {value:.1f}" for name, value in each.found.items())
        lines.append(
            f"| {each.articles} of {each.corpus} | {each.system} | {each.texts:,} | {each.tokens:,} | "
            f"{each.articles / each.wall:.2f} | {each.articles / each.cpu:.2f} | "
            f"{_rate(each, 'embed_wall'):,.0f} | {_rate(each, 'embed_cpu'):,.0f} | {recall} |"
        )
    lines += ["", "| times LangChain's | | by the clock | by cpu seconds |", "|---|---|---|---|"]
    theirs = {each.corpus: each for each in found if each.system == SYSTEMS["theirs"]}
    for one in found:
        other = theirs[one.corpus]
        if one is other:
            continue
        for what, wall, cpu in (
            ("embedded tokens/s", *(_rate(one, part) / _rate(other, part) for part in ("embed_wall", "embed_cpu"))),
            ("articles/s, all of the ingest", other.wall / one.wall, other.cpu / one.cpu),
        ):
            lines.append(f"| {one.system} | {what}, {one.corpus} | {wall:.2f} | {cpu:.2f} |")
    return "\n".join(lines)


def _rate(found: Ingest, seconds: str) -> float:
    return found.tokens / float(getattr(found, seconds))


def main(arguments: Sequence[str]) -> None:
    """ours|lean|theirs GIVEN KEPT: one system on one corpus, the result written to KEPT."""
    import tempfile

    system, given, kept = arguments
    corpus, articles, asked = json.loads(Path(given).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        run = theirs if system == "theirs" else partial(ours, sentences=system == "ours")
        found = run(Path(folder) / "peer", corpus, articles, asked)
    Path(kept).write_text(json.dumps(asdict(found)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
