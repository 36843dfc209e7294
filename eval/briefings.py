"""Briefings of days whose news was planted: what they tell, and what they say has become of the day before."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from eval import gold_events
from eval.cases import GOLD, Case, Options, Result, Suite, Try, read_jsonl
from eval.duplicates import Unembedded
from eval.events import paired
from eval.metrics import Tally
from rag.brief_labels import LANGS
from rag.briefs import Asked, brief
from rag.cite import cite
from rag.desk import open_desk
from rag.domain import Briefing, Change, Citation, Conflict, Event, LeftOut, Source
from rag.links import groups
from rag.merging import merged
from rag.render_brief import brief_markdown
from rag.store import Store
from rag.text import fold

DIFF, LEAD, SAME, TOLD = "diff exact", "lead", "same again", "told nowhere else"
SLOTS = ("events", "new", "dropped", "changed", "contradicted", "left out")
FIELDS = "changed fields"
CORPUS = "synthetic"
SETTINGS = ("planted", "linked", "stored")
_FIELDS = {"figures": "figure", "date": "date", "place": "place", "said": "speaker", "other": "other"}
_FALSE = "?"

Name = tuple[str, int]
Row = Mapping[str, Any]


def suite() -> Suite:
    """`briefings`: each planted day's briefing, in both languages.

    Of the gold records linked as planted (the briefing and its diff alone), of the gold records linked by rule, and
    of what ingest extracted.
    """

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        with tempfile.TemporaryDirectory() as temporary:
            desk = open_desk(store=Path(temporary) / "store")
            desk.embedder = Unembedded()
            try:
                desk.ingest([str(GOLD / CORPUS)])
                settings = {name: _setting(name, desk.store) for name in SETTINGS}
                yield lambda case: _judged(case, settings[case.split])
            finally:
                desk.close()

    about = "a day's briefing: what is new, changed, contradicted and dropped since the day before, as planted"
    return Suite("briefings", lambda options: list(_cases()), opened, DIFF, about)


def _cases() -> Iterator[Case]:
    for setting in SETTINGS:
        for row in read_jsonl(GOLD / f"{CORPUS}_briefings.jsonl"):
            if row["date"] is None:
                yield Case(f"{setting}: {row['id']}", row, setting, {}, {TOLD: 0.0})
            else:
                worst = {DIFF: 0.0, LEAD: 0.0, SAME: 0.0}
                missed = {slot: Tally(0, 0, len(_gold(row)[slot])) for slot in SLOTS}
                yield Case(f"{setting}: {row['id']}", row, setting, {"language": row["lang"]}, worst, missed)


@dataclass(frozen=True)
class _Setting:
    """Where the records come from, how they are linked, and which planted event each one tells."""

    store: Store
    planted: Mapping[str, str]
    read: Callable[[Collection[str]], Iterable[Event]] | None = None
    link: Callable[[Iterable[Event]], Iterable[Sequence[Event]]] = groups
    merge: Callable[[Sequence[Event]], Event] = merged
    background: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def brief(self, since: date, until: date, lang: str) -> Briefing:
        """The briefing of these days."""
        asked = Asked(since, until, lang=lang)
        return brief(self.store, asked, read=self.read, link=self.link, merge=self.merge)

    def event(self, event: Event) -> str:
        """The planted event that an Event tells, or a name that stands for none."""
        told = [self.planted[record] for record in event.records or (event.id,) if record in self.planted]
        return min(told) if told else f"{_FALSE} {event.headline.text[:60]}"


def _setting(name: str, store: Store) -> _Setting:
    versions = {_name(row) for row in read_jsonl(GOLD / f"{CORPUS}_duplicates.jsonl")}
    events = {row["id"]: row["event"] for row in gold_events.rows(CORPUS) if _name(row) not in versions}
    gold = {each: record for each, record in gold_events.events(CORPUS).items() if each in events}
    if name == "stored":
        return _Setting(store, _stored(store, events, gold))
    known = {record.id: events[each] for each, record in gold.items()}
    by_article: dict[str, list[Event]] = {}
    for record in gold.values():
        by_article.setdefault(record.sources[0].id, []).append(record)

    def read(articles: Collection[str]) -> list[Event]:
        return [record for article in articles for record in by_article.get(article, ())]

    if name == "linked":
        return _Setting(store, known, read)

    def link(found: Iterable[Event]) -> list[list[Event]]:
        together: dict[str, list[Event]] = {}
        for record in found:
            together.setdefault(known[record.id], []).append(record)
        return list(together.values())

    def merge(group: Sequence[Event]) -> Event:
        event = merged(group)
        return replace(event, conflicts=tuple(_conflicts(known[group[0].id], set(event.articles))))

    return _Setting(store, known, read, link, merge)


def _stored(store: Store, events: Mapping[str, str], gold: Mapping[str, Event]) -> dict[str, str]:
    """The planted event of each stored record that is one of the gold's."""
    from rag.recorded import records

    of = {id(record): events[each] for each, record in gold.items()}
    known = {}
    for article in sorted(row.id for row in store.articles()):
        theirs = [record for record in gold.values() if record.sources[0].id == article]
        for pair in paired(records(store, articles=[article]), theirs):
            if pair.found and pair.gold:
                known[pair.found.id] = of[id(pair.gold)]
    return known


@cache
def _links() -> dict[str, Row]:
    return {row["event"]: row for row in read_jsonl(GOLD / f"{CORPUS}_links.jsonl")}


def _conflicts(event: str, articles: set[str]) -> Iterator[Conflict]:
    """The planted conflicts of an event, as far as these articles have them."""
    for row in _links()[event]["conflicts"]:
        values = [(each["text"], citation) for each in row["values"] if (citation := _citation(each, articles))]
        if len(values) > 1:
            yield Conflict(_FIELDS[row["field"].partition(":")[0]], tuple(values))  # type: ignore[arg-type]


def _citation(value: Row, articles: set[str]) -> Citation | None:
    article = gold_events.articles(CORPUS)[_name(value)]
    at = article.text.find(value["text"])
    return cite(article, at, at + len(value["text"])) if article.id in articles and at >= 0 else None


def _judged(case: Case, setting: _Setting) -> Result:
    row = case.data
    if row["date"] is None:
        return _nowhere(row, setting)
    day = date.fromisoformat(row["date"])
    found = setting.brief(day, day, row["lang"])
    gold, got = _gold(row), _got(found, setting, row)
    diff = all(gold[slot] == got[slot] for slot in ("new", "dropped", "changed", "contradicted"))
    lead = [setting.event(told.event) for told in found.events[: len(found.lead)]]
    scores = {DIFF: float(diff), LEAD: float(set(row["lead"]) <= set(lead))}
    scores[SAME] = float(brief_markdown(found) == brief_markdown(setting.brief(day, day, row["lang"])))
    tallies = {slot: Tally(len(gold[slot] & got[slot]), len(got[slot]), len(gold[slot])) for slot in SLOTS}
    tallies[FIELDS] = _fields(found, row)
    wanted, told = ("\n".join(f"{slot}: {_words(each[slot])}" for slot in SLOTS) for each in (gold, got))
    right = set(scores.values()) == {1.0} and gold == got
    return Result(scores, case.id, wanted, f"{told}\n\n{brief_markdown(found)}", right, tallies)


def _gold(row: Row) -> dict[str, set[str]]:
    conflicts = {slot: {each["event"] for each in row[slot]} for slot in ("changed", "contradicted")}
    events = {slot: set(row[slot]) for slot in ("events", "new", "dropped")}
    left_out = {f"{_told(_name(each))}: {each['reason']}" for each in row["left_out"]}
    return {**events, **conflicts, "left out": left_out}


def _got(found: Briefing, setting: _Setting, row: Row) -> dict[str, set[str]]:
    by_id = {told.event.id: setting.event(told.event) for told in found.events}
    told = [setting.event(each.event) for each in found.events]
    twice = {f"{_FALSE} {each} again" for each in told if told.count(each) > 1}
    return {
        "events": set(told) | twice,
        "new": {by_id[each] for each in found.new},
        "dropped": {setting.event(each.event) for each in found.dropped},
        "changed": {by_id[each.event] for each in found.changed},
        "contradicted": {by_id[each.event] for each in found.contradicted},
        "left out": {_left(each) for each in found.left_out},
    }


def _left(each: LeftOut) -> str:
    return f"{_told(_of(each.source))}: {each.reason}"


def _fields(found: Briefing, row: Row) -> Tally:
    """How many of what is said to be changed or contradicted is planted so, and how much of the planted is found."""
    got = [(change, key) for key in ("changed", "contradicted") for change in getattr(found, key)]
    gold = [(planted, key) for key in ("changed", "contradicted") for planted in row[key]]
    right = sum(any(key == other and _is(change, planted) for change, key in got) for planted, other in gold)
    true = sum(any(key == other and _is(change, planted) for planted, other in gold) for change, key in got)
    return Tally(min(right, true), len(got), len(gold))


def _is(change: Change, planted: Row) -> bool:
    """Whether a change has words of the planted one's, in two of its articles."""
    met = {
        _of(citation.source)
        for value, citation in (*change.now, *change.before)
        for each in planted["values"]
        if _of(citation.source) == _name(each) and _overlap(value, citation.quote, each["text"])
    }
    return len(met) > 1


def _overlap(value: str, quote: str, planted: str) -> bool:
    value, quote, planted = fold(value), fold(quote), fold(planted)
    return value in planted or planted in value or planted in quote


def _nowhere(row: Row, setting: _Setting) -> Result:
    """Whether the articles that belong in no day's briefing are told in none of a long time."""
    told: set[Name] = set()
    for lang in LANGS:
        found = setting.brief(date(2024, 1, 1), date(2025, 12, 31), lang)
        said = [statement for each in (*found.events, *found.dropped) for statement in each.statements]
        told |= {_of(citation.source) for statement in said for citation in statement.citations}
    wrong = {_name(each) for each in row["left_out"]} & told
    return Result({TOLD: float(not wrong)}, row["id"], "none", _words(set(map(_told, wrong))), not wrong)


def _name(row: Row) -> Name:
    return str(row["article"]), int(row.get("line") or 0)


def _of(source: Source) -> Name:
    return Path(source.path).name, source.item


def _told(name: Name) -> str:
    return f"{name[0]}:{name[1]}" if name[1] else name[0]


def _words(found: Iterable[str]) -> str:
    return ", ".join(sorted(found)) or "none"
