"""A store of as many passages as wanted for measuring speed: real sentences recombined, with invented persons.

Sentences come from the invented articles of eval/data/synthetic and the five seeds and, with a folder of public
data, from XQuAD (vi, en, zh) and the White House readouts. An article draws them from a few articles that stand
side by side; four persons in five and every second figure in it are changed. 45% of the articles are Vietnamese,
45% English, 10% Chinese. Words are as frequent as in the sentences, but a word that is in one sentence of
some thousands is in dozens of passages: rare words are scarcer than in news, which makes lexical search slower.

A passage's vector is not embedded. It is the mean of its sentences' vectors (each different sentence is embedded
once, before names and figures change) with a little noise. Everything else goes the way of `rag ingest`:
`store.commit` with the names of each article.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eval.cases import GOLD, ROOT, read_jsonl
from eval.speed_names import persons
from rag import names
from rag.domain import Article, Name, NameKind, Source
from rag.prepare import clean_file
from rag.split import split
from rag.store import Entry, FileRecord, Store
from rag.text import sentences

if TYPE_CHECKING:
    from rag.embed import Embedder

SHARES = {"vi": 0.45, "en": 0.45, "zh": 0.10}
BATCH = 64  # articles of one commit
FIRST_DAY, DAYS = date(2019, 1, 1), 6 * 365
UNDATED = 0.1
OUTLETS = 40
KNOWN, UNKNOWN = 2_000, 200_000  # persons often in the news, and all others
NEIGHBOURS = 12  # articles that one article's sentences are drawn from
NOISE = 0.01
_DIGITS = re.compile(r"\d+")
_LEAST, _MOST = 40, 400  # characters of a sentence; Chinese ones are half as long

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as text and names in turn: `parts[0] names[0] parts[1] ...`; its article, and its vector's place."""

    parts: tuple[str, ...]
    names: tuple[tuple[str, NameKind], ...]
    article: int
    vector: int

    @property
    def text(self) -> str:
        """The sentence whole."""
        return "".join(
            part for pair in zip(self.parts, (*(text for text, _ in self.names), ""), strict=True) for part in pair
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """What articles are made of: the sentences of each language, their unit vectors, persons."""

    sentences: dict[str, list[Sentence]]
    vectors: Floats
    persons: list[dict[str, str]]

    @classmethod
    def load(cls, embedder: Embedder, *, data: Path | None, seed: int, passages: int, kept: Path) -> Pool:
        """Read, take apart and embed the sentences; the vectors are kept in that folder."""
        texts = _texts(data)
        found = {lang: _sentences(articles, lang) for lang, articles in texts.items()}
        flat = [text for lang in found for text, _ in found[lang]]
        vectors = _vectors(embedder, flat, kept)
        numbers = iter(range(len(flat)))
        taken = {
            lang: [_taken(text, lang, article, next(numbers)) for text, article in rows] for lang, rows in found.items()
        }
        return cls(taken, vectors, list(islice(persons(seed), KNOWN + min(UNKNOWN, passages))))

    def person(self, chance: random.Random) -> dict[str, str]:
        """One often in the news (the first ones most) in two cases of five, else any other: spelling by language."""
        if chance.random() < 0.4:
            return self.persons[min(int(chance.paretovariate(0.5)) - 1, KNOWN - 1)]
        return self.persons[chance.randrange(KNOWN, len(self.persons))]


def fill(store: Store, pool: Pool, *, passages: int, seed: int, progress: bool = True) -> None:
    """Add articles until the store has that many passages. Interrupted, it goes on where it was."""
    from tqdm import tqdm

    held = sum(store.languages().values())
    with tqdm(total=passages, initial=min(held, passages), desc="passages", disable=None if progress else True) as bar:
        for number in range(passages):
            if held >= passages:
                break
            path = f"part-{number:05}"
            if store.file_unchanged(path, size=BATCH, mtime_ns=0, sha256=lambda: str(seed)):
                continue
            store.commit(FileRecord(path, BATCH, 0, str(seed)), list(_entries(pool, path, number, seed)))
            before, held = held, sum(store.languages().values())
            bar.update(held - before)
    store.flush()


def sentences_of(data: Path | None, lang: str) -> list[Sentence]:
    """The sentences of a language with their names taken out; `vector` is a mere number here, nothing is embedded."""
    rows = _sentences(_texts(data)[lang], lang)
    return [_taken(text, lang, article, number) for number, (text, article) in enumerate(rows)]


def _texts(data: Path | None) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {lang: [] for lang in SHARES}
    for folder in (GOLD / "synthetic", ROOT / "seeds"):
        for path in sorted(folder.iterdir()):
            for article in clean_file(str(path)):
                if isinstance(article, Article) and article.source.lang in texts:
                    texts[article.source.lang].append(article.text)
    if data is not None:
        for lang in texts:
            texts[lang] += [record["text"] for record in read_jsonl(data / "xquad" / f"passages_{lang}.jsonl")]
        for file in sorted((data / "wh_readouts").glob("*.jsonl")):
            texts["en"] += [record["text"] for record in read_jsonl(file)]
    return texts


def _sentences(articles: Sequence[str], lang: str) -> list[tuple[str, int]]:
    least, most = (_LEAST // 3, _MOST // 3) if lang == "zh" else (_LEAST, _MOST)
    return [
        (sentence, number)
        for number, text in enumerate(articles)
        for start, end in sentences(text)
        if least <= len(sentence := text[start:end].strip()) <= most
    ]


def _taken(text: str, lang: str, article: int, vector: int) -> Sentence:
    parts, found, at = [], [], 0
    for name in names.find(text, lang=lang):
        if name.start >= at:
            parts.append(text[at : name.start])
            found.append((name.text, name.kind))
            at = name.end
    return Sentence((*parts, text[at:]), tuple(found), article, vector)


def _vectors(embedder: Embedder, texts: Sequence[str], folder: Path) -> Floats:
    from tqdm import tqdm

    key = hashlib.sha256(json.dumps([embedder.name, *texts]).encode()).hexdigest()[:16]
    file = folder / f"sentences-{key}.npy"
    if file.is_file():
        kept: Floats = np.load(file)
        return kept
    steps = tqdm(range(0, len(texts), 256), desc="sentences", disable=None)
    found = np.concatenate([embedder.passages(texts[at : at + 256]) for at in steps])
    np.save(file, found)
    return found


def _entries(pool: Pool, path: str, number: int, seed: int) -> Iterator[Entry]:
    chance = random.Random(f"{seed} {number}")
    noise = np.random.default_rng([seed, number])
    for item in range(BATCH):
        yield _entry(pool, f"{path}.jsonl", item, chance, noise)


def _entry(pool: Pool, path: str, item: int, chance: random.Random, noise: np.random.Generator) -> Entry:
    lang = chance.choices(list(SHARES), list(SHARES.values()))[0]
    text, found, starts, vectors = _written(pool, lang, chance)
    sha = hashlib.sha256(text.encode()).hexdigest()
    published = None
    if chance.random() >= UNDATED:
        published = (FIRST_DAY + timedelta(chance.randrange(DAYS))).isoformat()
    outlet = f"Outlet {min(int(chance.paretovariate(0.7)), OUTLETS)}"
    source = Source(
        sha[:16], path, sha, item, outlet=outlet, title=text[:80].split("\n")[0], lang=lang, published=published
    )
    article = Article(source, text)
    chunks = split(article)
    keys = tuple(f"{sha[:24]}{place:08x}" for place in range(len(chunks)))
    means, parts = {}, {}
    for key, chunk in zip(keys, chunks, strict=True):
        first, last = bisect_left(starts, chunk.start), bisect_left(starts, chunk.end)
        parts[key] = pool.vectors[vectors[min(first, len(vectors) - 1) : max(last, first + 1)]]
        mean = parts[key].mean(axis=0)
        means[key] = mean + NOISE * noise.standard_normal(len(mean), dtype=np.float32)
    return Entry(article, chunks, keys, means, tuple(found), parts)


def _written(pool: Pool, lang: str, chance: random.Random) -> tuple[str, list[Name], list[int], list[int]]:
    """An article's text, names, and the place and vector of each sentence."""
    rows = pool.sentences[lang]
    centre = chance.choice(rows).article
    near = [row for row in rows if abs(row.article - centre) <= NEIGHBOURS // 2]
    cast = [pool.person(chance) for _ in range(chance.randint(5, 12))]
    text = ""
    found: list[Name] = []
    starts: list[int] = []
    vectors: list[int] = []
    for _ in range(chance.randint(3, 8)):
        for row in chance.sample(near, min(chance.randint(2, 4), len(near))):
            starts.append(len(text))
            vectors.append(row.vector)
            text = _append(text, row, lang, cast, chance, found) + ("" if lang == "zh" else " ")
        text = text.rstrip() + "\n"
    return text.rstrip(), found, starts, vectors


def _append(
    text: str, row: Sentence, lang: str, cast: Sequence[dict[str, str]], chance: random.Random, found: list[Name]
) -> str:
    for part, named in zip(row.parts, (*row.names, None), strict=True):
        text += _DIGITS.sub(lambda digits: _figure(digits.group(), chance), part)
        if named is None:
            break
        spelled, kind = named
        if kind == "person" and chance.random() < 0.8:
            person = chance.choice(cast)
            spelled = person.get(lang, person["en"])
        found.append(Name(spelled, kind, len(text), len(text) + len(spelled)))
        text += spelled
    return text


def _figure(digits: str, chance: random.Random) -> str:
    if len(digits) == 4 or chance.random() < 0.5:
        return digits
    return str(chance.randint(10 ** (len(digits) - 1), 10 ** len(digits) - 1))
