"""As many distinct short news articles as wanted, the same for the same seed: what `python -m eval.growth` ingests.

Sentences are those of eval/speed_corpus.py: the invented articles of eval/data/synthetic, the five seeds and, with a
folder of public data, XQuAD (vi, en) and the White House readouts. An article is a title, a dateline with a day, and
two or three sentences of one source article, with four persons in five and every second figure changed; two in five
articles begin with an invented event instead (eval/speed_events.py): a short news item of some 50 to 70 words. Half of
them are Vietnamese, half English. Article `number` depends on the seed and the number alone, so that a smaller set is
the beginning of a larger one. Articles lie in .jsonl files of `LINES` lines.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from eval.speed_corpus import Sentence, sentences_of
from eval.speed_events import CITIES, TEMPLATES
from eval.speed_names import persons

LINES = 100  # of a file
LANGUAGES = ("vi", "en")
FIRST_DAY, DAYS = date(2019, 1, 1), 6 * 365
OUTLETS = 40
KNOWN, PERSONS = 2_000, 22_000  # persons often in the news, and all
EVENTS = 0.4  # share of the articles that tell an invented event
_DIGITS = re.compile(r"\d+")

Written = dict[str, str]


@dataclass(frozen=True, slots=True)
class Pool:
    """What articles are made of: by language, the sentences of each source article, and persons."""

    articles: dict[str, list[list[Sentence]]]
    persons: list[dict[str, str]]

    @classmethod
    def load(cls, *, data: Path | None, seed: int = 0) -> Pool:
        """Read and take apart the sentences; `data` holds xquad/ and wh_readouts/."""
        found: dict[str, list[list[Sentence]]] = {}
        for lang in LANGUAGES:
            rows: dict[int, list[Sentence]] = {}
            for row in sentences_of(data, lang):
                rows.setdefault(row.article, []).append(row)
            found[lang] = list(rows.values())
        return cls(found, list(islice(persons(seed), PERSONS)))


def article(pool: Pool, number: int, *, seed: int = 0) -> Written:
    """The article of that number as a line of a .jsonl file has it: title, text, lang, outlet, published."""
    chance = random.Random(f"growth {seed} {number}")
    lang = LANGUAGES[chance.randrange(2)]
    day = FIRST_DAY + timedelta(chance.randrange(DAYS))
    city = chance.randrange(len(CITIES[lang]))
    cast = [_person(pool, chance)[lang] for _ in range(4)]
    rows = chance.choice(pool.articles[lang])
    rows = chance.sample(rows, min(chance.randint(2, 3), len(rows)))
    told = [_changed(row, cast, chance) for row in rows]
    if chance.random() < EVENTS:
        told = [_event(lang, cast, day, CITIES[lang][city], chance), *told[:1]]
    else:
        told[0] = f"{_dateline(lang, CITIES[lang][city], day)} {told[0]}"
    outlet = f"Outlet {min(int(chance.paretovariate(0.7)), OUTLETS)}"
    title = f"{CITIES[lang][city]}: {cast[0]}, {chance.randint(2, 99_999):,}"
    return {"title": title, "text": "\n".join(told), "lang": lang, "outlet": outlet, "published": str(day)}


def write(folder: Path, count: int, *, data: Path | None, seed: int = 0) -> list[Path]:
    """The files of the first `count` articles (a multiple of LINES), in order; those that are there stay."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{first:07}.jsonl" for first in range(0, count, LINES)]
    missing = [file for file in files if not file.is_file()]
    if missing:
        pool = Pool.load(data=data, seed=seed)
        for file in missing:
            lines = [json.dumps(each, ensure_ascii=False) for each in _lines(pool, int(file.stem), seed)]
            half = file.with_suffix(".part")
            half.write_text("\n".join(lines) + "\n", "utf-8")
            os.replace(half, file)
    return files


def _lines(pool: Pool, first: int, seed: int) -> Iterator[Written]:
    return (article(pool, number, seed=seed) for number in range(first, first + LINES))


def _person(pool: Pool, chance: random.Random) -> dict[str, str]:
    if chance.random() < 0.4:
        return pool.persons[min(int(chance.paretovariate(0.5)) - 1, KNOWN - 1)]
    return pool.persons[chance.randrange(KNOWN, len(pool.persons))]


def _changed(row: Sentence, cast: Sequence[str], chance: random.Random) -> str:
    text = ""
    for part, named in zip(row.parts, (*row.names, None), strict=True):
        text += _DIGITS.sub(lambda digits: _figure(digits.group(), chance), part)
        if named is not None:
            text += chance.choice(cast) if named[1] == "person" and chance.random() < 0.8 else named[0]
    return " ".join(text.split())


def _figure(digits: str, chance: random.Random) -> str:
    if len(digits) == 4 or chance.random() < 0.5:
        return digits
    return str(chance.randint(10 ** (len(digits) - 1), 10 ** len(digits) - 1))


def _dateline(lang: str, city: str, day: date) -> str:
    return f"{city}, ngày {day.day}/{day.month}/{day.year} -" if lang == "vi" else f"{city}, {day:%B} {day.day} -"


def _event(lang: str, cast: Sequence[str], day: date, city: str, chance: random.Random) -> str:
    whole = chance.choice(TEMPLATES[lang]).format(
        one=cast[0], two=cast[1], city=city, n=chance.randint(3, 900), d=day.day, m=day.month, y=day.year,
        month=f"{day:%B}",
    )  # fmt: skip
    return "\n".join(whole.split("\n")[:2])
