"""What `eval.speed` times: searches with and without filters, Chroma's own queries, names among many stored ones."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.cases import GOLD, read_jsonl
from eval.speed_corpus import DAYS, FIRST_DAY, KNOWN, SHARES, Pool
from eval.speed_names import persons, stored
from rag import names
from rag.desk import Desk, Filters

OURS, CHROMA = "`rag search`", "Chroma"
PERIOD = 0.08  # share of the dated articles in the period that is asked of
RESULTS = (8, 60)
FILTERED = 3  # every third question is asked with filters
_SCRIPTS = {"vi": "Vietnamese and Hán-Việt", "en": "Latin and pinyin", "zh": "hanzi", "ru": "Cyrillic"}
_PLACES = {"Moscow": "en", "Bắc Kinh": "vi", "北京": "zh", "Пекин": "ru", "Việt Nam": "vi", "Hong Kong": "en"}

Floats = NDArray[np.float32]
Call = Callable[[], object]
Calls = tuple[str, list[Call]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the gold data, half of them with other persons' names in it."""

    text: str
    lang: str
    named: bool


def questions(pool: Pool, *, count: int, seed: int) -> list[Question]:
    """English, Vietnamese and Chinese questions in turn as they come, at most that many."""
    chance = random.Random(seed)
    files = ("seeds_dev", "seeds_held", "synthetic_questions")
    records = [record for file in files for record in read_jsonl(GOLD / f"{file}.jsonl") if record["lang"] in SHARES]
    chance.shuffle(records)
    return [
        Question(
            _renamed(record["question"], record["lang"], pool, chance), record["lang"], record["kind"] != "no name"
        )
        for record in records[:count]
    ]


def _renamed(question: str, lang: str, pool: Pool, chance: random.Random) -> str:
    if chance.random() < 0.5:
        return question
    for name in reversed(names.find(question, lang=lang)):
        if name.kind == "person":
            person = pool.person(chance)
            question = question[: name.start] + person.get(lang, person["en"]) + question[name.end :]
    return question


def searches(desk: Desk, pool: Pool, asked: Sequence[Question], seed: int) -> Iterator[Calls]:
    """The whole of `rag search`, all questions; then some of them with filters."""
    chance = random.Random(seed)
    days = round(DAYS * PERIOD)
    yield OURS, [_search(desk, q) for q in asked]
    asked = asked[::FILTERED]
    yield f"{OURS} --lang vi", [_search(desk, q, lang="vi") for q in asked]
    yield f"{OURS} --outlet", [_search(desk, q, outlet=f"Outlet {chance.randint(1, 10)}") for q in asked]
    starts = [FIRST_DAY + timedelta(chance.randrange(DAYS - days)) for _ in asked]
    yield (
        f"{OURS}, a period of {PERIOD:.0%}",
        [_search(desk, q, since=f"{s}", until=f"{s + timedelta(days)}") for q, s in zip(asked, starts, strict=True)],
    )
    rare = pool.persons[KNOWN : KNOWN + len(asked)]
    yield (
        f"{OURS} --name of a rare person",
        [_search(desk, q, names=(person["en"],)) for q, person in zip(asked, rare, strict=False)],
    )


def parts(asked: Sequence[Question]) -> Iterator[tuple[str, list[int]]]:
    """The places of the questions of each language, and of those with and without a name."""
    for lang in SHARES:
        yield f"of them, {lang}", [place for place, question in enumerate(asked) if question.lang == lang]
    for name, named in (("names or places in it", True), ("none in it", False)):
        yield f"of them, {name}", [place for place, question in enumerate(asked) if question.named == named]


def _search(desk: Desk, question: Question, **filters: Any) -> Call:
    return lambda: desk.search(question.text, filters=Filters(**filters))


def chroma(store: Path, vectors: Sequence[Floats]) -> Iterator[Calls]:
    """Chroma's own query, ids and distances only: of the largest collection, and of all in turn."""
    import chromadb
    from chromadb.config import Settings

    folder = next(folder for folder in store.glob("chroma*") if folder.is_dir())
    # Another spelling of the folder, or Chroma would hand out the desk's client.
    client = chromadb.PersistentClient(f"{folder}{os.sep}", settings=Settings(anonymized_telemetry=False))
    collections = sorted(client.list_collections(), key=lambda found: -found.count())

    def query(some: Sequence[Any], vector: Floats, results: int) -> Call:
        row = vector[np.newaxis, :]
        return lambda: [each.query(query_embeddings=row, n_results=results, include=["distances"]) for each in some]

    for results in RESULTS:
        for name, some in (("the largest collection", collections[:1]), ("each collection in turn", collections)):
            query(some, vectors[0], results)()
            yield f"{CHROMA}, {name}, n_results={results}", [query(some, vector, results) for vector in vectors]


def matches(spellings: int, asked: Sequence[Question], seed: int) -> tuple[list[Calls], dict[str, float]]:
    """Names matched against so many invented ones, by the script of the query, and the seconds to index these."""
    held = stored(spellings, seed)
    started = time.perf_counter()
    index = names.NameIndex((text, "person", f"article {place // 5}") for place, text in enumerate(held))
    made = time.perf_counter()
    index.match("Wang Yi", lang="en")
    ready = time.perf_counter()
    some = list(islice(persons(seed + 1), 100)) + list(islice(persons(seed), 100))  # half of them are stored
    calls = [
        (f"a name among {len(held):,}: {script}", [_match(index, p[lang], lang) for p in some if lang in p])
        for lang, script in _SCRIPTS.items()
    ]
    calls.append((f"a name among {len(held):,}: places", [_match(index, *place) for place in _PLACES.items()]))
    calls.append((f"all names of a question among {len(held):,}", [_in_question(index, q) for q in asked]))
    return calls, {f"{len(held):,} names indexed": made - started, "the first name matched after that": ready - made}


def _match(index: names.NameIndex, query: str, lang: str) -> Call:
    return lambda: index.match(query, lang=lang)


def _in_question(index: names.NameIndex, question: Question) -> Call:
    return lambda: names.in_question(question.text, lang=question.lang, index=index)
