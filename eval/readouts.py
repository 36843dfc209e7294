"""Official readouts: who met or called whom, asked in English and in Vietnamese, from the titles' two sides."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from eval.cases import GOLD, Case, Options, Result, Suite, Try, public, read_jsonl
from eval.metrics import ranking, refusal
from eval.questions import ARTICLE_FIRST, Library, told
from rag import places
from rag.desk import Desk, open_desk
from rag.text import fold, words

HEADLINE = "nDCG@10"
RANKED = ("nDCG@10", "Recall@10", "MRR@10", "Success@5")
NEVER = "never together"
_HOME = "US"
_HITS = 60  # passages, of which the articles are ranked
_REFUSED = 25  # pairs of persons who are never together, with an official of the White House and without
_FILE = "readouts.jsonl"
_ESCAPED = re.compile(r"\\(?:x([0-9A-F]{2})|u([0-9A-F]{4}))")
_BETWEEN = re.compile(r",? and |, | & ")
# A family's name is no person's; a Cyrillic letter in a Latin name is a slip of the page.
_UNSURE = re.compile(r"\b(?:[Aa]l|bin|ibn)\b|[\u0370-\u1dff]|^[^A-Z]")
_NOT_A_NAME = re.compile(r"\b(?:Jr|Sr|Dr)\b\.?|’s?|[,.]$")


@dataclass(frozen=True, slots=True)
class Person:
    """One of the persons of a side as the title gives him: `country` is an ISO code."""

    title: str
    name: str
    country: str

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word for word in fold(self.name).split() if len(word) > 2)


@dataclass(frozen=True, slots=True)
class Readout:
    """A readout with the persons of its sides, by number."""

    line: int
    day: date
    kind: str
    text: str
    persons: frozenset[int]


def suite() -> Suite:
    """`readouts`: the readouts of the public data, without their titles, from which the questions are made."""

    def load(options: Options) -> list[Case]:
        return cases_of(_records(options))

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        with tempfile.TemporaryDirectory() as temporary:
            file = Path(temporary) / _FILE
            kept = ({"text": r["text"], "url": r["url"], "published": r["date"]} for r in _records(options))
            file.write_text("".join(json.dumps(record) + "\n" for record in kept), encoding="utf-8")
            desk = open_desk(store=Path(temporary) / "store")
            try:
                desk.ingest([str(file)])
                library = Library(desk)
                yield lambda case: judged(case, desk, library)
            finally:
                desk.close()

    about = "who discussed what with whom: questions from the sides of official readouts, whose titles are withheld"
    return Suite("readouts", load, opened, HEADLINE, about)


def _records(options: Options) -> list[dict[str, Any]]:
    return [record for file in sorted(public(options, "wh_readouts").glob("*.jsonl")) for record in read_jsonl(file)]


def judged(case: Case, desk: Desk, library: Library) -> Result:
    """How search ranks the readouts of the two, and whether the answer begins with one of them or refuses."""
    question = case.data["question"]
    answer = desk.ask(question)
    scores = refusal(refused=answer.refused, answerable=bool(case.data["relevant"]))
    if not case.data["relevant"]:
        return Result(scores, question, "a refusal", told(answer), answer.refused)
    relevant = {id for line in case.data["relevant"] for id in library.ids(_FILE, line)}
    found = list(dict.fromkeys(hit.source.id for hit in desk.search(question, limit=_HITS).hits))
    scores |= ranking(relevant or {""}, found, RANKED)
    cited = [citation.source.id for statement in answer.statements for citation in statement.citations]
    scores[ARTICLE_FIRST] = float(bool(cited) and cited[0] in relevant)
    wanted = "\n".join(library.text(id)[:300] for id in sorted(relevant))
    return Result(scores, question, wanted, told(answer), bool(scores[ARTICLE_FIRST]))


def cases_of(records: Sequence[Mapping[str, Any]]) -> list[Case]:
    """The questions: each pair of persons, each of their days where they have several, and pairs never together."""
    known, readouts = _read(records)
    by_pair: dict[tuple[int, int], list[Readout]] = {}
    for readout in readouts:
        for a, b in _pairs(readout.persons, known):
            by_pair.setdefault((a, b), []).append(readout)
    cases: list[Case] = []
    for (a, b), shared in sorted(by_pair.items()):
        lines = [readout.line for readout in shared]
        cases += _asked("sides", known[a], known[b], lines)
        days = Counter(readout.day for readout in shared)
        for readout in shared if len(days) > 1 else ():
            if days[readout.day] == 1:
                cases += _asked("dated", known[a], known[b], [readout.line], readout)
    for a, b in _never_together(known, readouts):
        cases += _asked(NEVER, known[a], known[b], [])
    return cases


def persons(side: str, *, home: bool) -> Iterator[Person]:
    """The persons of one side of a title, those left out whose title or country is not plain.

    On the `home` side, who has no country is of the White House.
    """
    plain = unescaped(side)
    known = {title.lower(): title for title in _words()["titles"]}
    titles = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    for piece in _BETWEEN.split(re.sub(r",? Jr\b\.?", "", plain)):
        found = re.fullmatch(rf"(?:(.+?) )??({titles}) (.+?)(?: of (?:the )?(.+?))?(?: on .*)?", piece, re.IGNORECASE)
        if not found:
            continue
        before, title, name, after = found.groups()
        country = places.country(before or after) if before or after else home and _HOME
        name = " ".join(_NOT_A_NAME.sub("", name).split())
        if country and name and not _UNSURE.search(name):
            yield Person(known[title.lower()], name, country)


def unescaped(side: str) -> str:
    r"""The side with its letters: the page's titles hold `\\xF6` for `ö`."""
    return _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), side)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((GOLD / "readout_words.toml").read_text(encoding="utf-8"))


def _read(records: Sequence[Mapping[str, Any]]) -> tuple[list[Person], list[Readout]]:
    """Everybody once, as most titles give them, and the readouts with whom they are about."""
    groups: list[list[Person]] = []
    about: list[list[Person]] = [
        [*persons(record["side_a"], home=True), *persons(record["side_b"], home=False)] for record in records
    ]
    for person in (person for each in about for person in each):
        same = [group for group in groups if any(_same(person, other) for other in group)]
        groups = [group for group in groups if group not in same] + [[*(p for group in same for p in group), person]]
    number = {person: place for place, group in enumerate(groups) for person in group}
    readouts = [
        Readout(
            line,
            date.fromisoformat(record["date"]),
            record["event_type"],
            f"{record['title']}\n{record['text']}",
            frozenset(number[person] for person in persons_of),
        )
        for line, (record, persons_of) in enumerate(zip(records, about, strict=True), 1)
    ]
    return [_usual(group) for group in groups], readouts


def _same(one: Person, other: Person) -> bool:
    return one.country == other.country and bool(one.words & other.words)


def _usual(group: Iterable[Person]) -> Person:
    return min(Counter(group).items(), key=lambda item: (-item[1], -len(item[0].name), item[0].name))[0]


def _pairs(numbers: Iterable[int], known: Sequence[Person]) -> Iterator[tuple[int, int]]:
    """Those at home with those from abroad."""
    ordered = sorted(numbers)
    home = [number for number in ordered if known[number].country == _HOME]
    yield from ((a, b) for a in home for b in ordered if b not in home)


def _never_together(known: Sequence[Person], readouts: Sequence[Readout]) -> list[tuple[int, int]]:
    """Pairs of whom no readout holds a word of both names, in an order that only the names decide."""
    texts = [frozenset(words(fold(readout.text))) for readout in readouts]
    held = [{place for place, text in enumerate(texts) if text & person.words} for person in known]
    pairs = [
        (a, b)
        for a, one in enumerate(known)
        for b, other in enumerate(known)
        if other.country != _HOME and (one.country == _HOME or a < b) and one.country != other.country
        and not held[a] & held[b]
    ]  # fmt: skip
    pairs.sort(key=lambda pair: sha256(repr([known[number] for number in pair]).encode()).digest())
    home = [pair for pair in pairs if known[pair[0]].country == _HOME]
    abroad = [pair for pair in pairs if known[pair[0]].country != _HOME]
    return home[:_REFUSED] + abroad[:_REFUSED]


def _asked(asked: str, one: Person, other: Person, lines: list[int], readout: Readout | None = None) -> Iterator[Case]:
    for lang in ("en", "vi"):
        phrases = _words()["questions"][lang]
        a = _phrase(one, lang, "first" if one.country == _HOME else "other")
        told: dict[str, object] = {"a": a, "b": _phrase(other, lang, "other")}
        if readout:
            told |= {"kind": phrases[readout.kind], "date": readout.day}
        question = phrases["dated" if readout else "sides"].format(**told)
        groups = {"asked": asked, "language": lang} | ({"pair": f"{lang}>en"} if lines else {"reason": NEVER})
        worst = dict.fromkeys((*RANKED, ARTICLE_FIRST), 0.0) if lines else {"refusal recall": 0.0}
        yield Case(f"{lang}: {question}", {"question": question, "relevant": lines}, "all", groups, worst)


def _phrase(person: Person, lang: str, form: str) -> str:
    words = _words()
    title = person.title if lang == "en" else words["titles"][person.title]
    country = next(e.forms[lang][0] for e in places.entities() if e.country == person.country and e.kind == "country")
    return str(words["questions"][lang][form]).format(title=title, name=person.name, country=country)
