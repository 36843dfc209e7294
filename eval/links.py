"""One event in several articles: records linked, gold ones and extracted ones, and what they tell differently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from eval import gold_events
from eval.cases import Case, Options, Result, Suite, Try
from eval.metrics import b_cubed, harmonic
from rag.domain import Article, Conflict, Event
from rag.links import groups
from rag.merging import merged
from rag.text import fold, nfc

PRECISION, RECALL, F1 = "B-cubed precision", "B-cubed recall", "B-cubed F1"
FOUND, NONE_FALSE = "conflicts found", "no false conflict"
SETTINGS = {"gold": "synthetic", "extracted": "synthetic", "fresh gold": "fresh", "fresh": "fresh"}
HALVES = ("all", "odd", "even")
_FIELDS = {"figures": "figure", "date": "date", "place": "place", "said": "speaker"}

Row = Mapping[str, Any]


def suite() -> Suite:
    """`links`: the records of `synthetic/` and `events_fresh/` put together by event, and their planted conflicts."""

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        done = {setting: _Linked(setting) for setting in SETTINGS}
        yield lambda case: _judged(case, done[case.split])

    about = "records of one event linked across articles and languages; planted conflicts found, and no others"
    return Suite("links", lambda options: list(_cases()), opened, F1, about)


def _cases() -> Iterator[Case]:
    for setting, corpus in SETTINGS.items():
        for half in HALVES:
            yield Case(f"{setting}: {half}", {"half": half}, setting, {"events": half}, {F1: 0.0})
        for row in gold_events.links(corpus):
            groups_ = {"events": half_of(row["event"])}
            for record in (*row["records"], *row["background"]):
                worst = {PRECISION: 0.0, RECALL: 0.0}
                yield Case(f"{setting}: {record}", {"record": record}, setting, groups_, worst)
            for number, planted in enumerate(row["conflicts"]):
                data = {"event": row, "planted": planted}
                yield Case(f"{setting}: {row['event']}:{number}", data, setting, groups_, {FOUND: 0.0})
            if not row["conflicts"]:
                yield Case(f"{setting}: {row['event']}", {"event": row}, setting, groups_, {NONE_FALSE: 0.0})


def half_of(event: str) -> str:
    """The rules were made on the odd events of `synthetic` and the even ones of `fresh`."""
    return "odd" if int(event[1:]) % 2 else "even"


@dataclass(frozen=True)
class _Linked:
    """The records of a setting, linked and merged; by the gold ids of those that are the gold's."""

    setting: str

    @property
    def corpus(self) -> str:
        return SETTINGS[self.setting]

    @property
    def _is_gold(self) -> bool:
        return self.setting.endswith("gold")

    @cached_property
    def _known(self) -> dict[str, Event]:
        """The record that stands for each gold one."""
        return gold_events.events(self.corpus) if self._is_gold else _extracted(self.corpus)[1]

    @cached_property
    def events(self) -> dict[str, Event]:
        """The merged Event in which each gold record is."""
        every = list(self._known.values()) if self._is_gold else _extracted(self.corpus)[0]
        of = {record.id: event for group in groups(every) for event in (merged(group),) for record in group}
        return {gold: of[record.id] for gold, record in self._known.items()}

    @cached_property
    def scores(self) -> dict[str, tuple[float, float]]:
        """B-cubed precision and recall of each gold record."""
        clusters: dict[str, set[str]] = {}
        for record, event in self.events.items():
            clusters.setdefault(event.id, set()).add(record)
        rows = gold_events.links(self.corpus)
        return b_cubed(clusters.values(), [[*row["records"], *row["background"]] for row in rows])

    def of(self, row: Row) -> list[Event]:
        """The Events that hold a record of a gold event, each once."""
        records = (*row["records"], *row["background"])
        return list({self.events[each].id: self.events[each] for each in records if each in self.events}.values())


@cache
def _all_extracted(corpus: str) -> dict[tuple[str, int], tuple[Event, ...]]:
    from rag.events import extract

    return {name: extract(article) for name, article in gold_events.articles(corpus).items()}


def _extracted(corpus: str) -> tuple[list[Event], dict[str, Event]]:
    """All extracted records, and by gold id the one of the same article that shares most with it."""
    from eval.events import paired

    gold = gold_events.events(corpus)
    by_article = _all_extracted(corpus)
    rows: dict[tuple[str, int], list[str]] = {}
    for row in gold_events.rows(corpus):
        rows.setdefault((row["article"], row.get("line", 0)), []).append(row["id"])
    known = {}
    for name, ids in rows.items():
        named = {id(gold[each]): each for each in ids}
        for pair in paired(by_article[name], [gold[each] for each in ids]):
            if pair.found and pair.gold:
                known[named[id(pair.gold)]] = pair.found
    return [event for found in by_article.values() for event in found], known


def _judged(case: Case, linked: _Linked) -> Result:
    if "half" in case.data:
        return _overall(case.data["half"], linked)
    return _of_record(case.data["record"], linked) if "record" in case.data else _of_event(case.data, linked)


def _overall(half: str, linked: _Linked) -> Result:
    chosen = [score for record, score in linked.scores.items() if half in ("all", _half_of_record(record))]
    precision, recall = (sum(each[i] for each in chosen) / len(chosen) for i in (0, 1))
    value = harmonic(precision, recall)
    return Result({F1: value}, f"{len(chosen)} records", "1.0", f"{value:.3f}", value == 1)


def _of_record(record: str, linked: _Linked) -> Result:
    precision, recall = linked.scores[record]
    event = linked.events.get(record)
    got = ", ".join(sorted(each for each, its in linked.events.items() if event and its.id == event.id))
    scores = {PRECISION: precision, RECALL: recall}
    return Result(scores, record, _beside(record), got or "no record", precision == recall == 1)


def _of_event(data: Row, linked: _Linked) -> Result:
    conflicts = [conflict for event in linked.of(data["event"]) for conflict in event.conflicts]
    got = "\n".join(map(_told, conflicts)) or "no conflict"
    asked = f"{data['event']['event']}: {', '.join((*data['event']['records'], *data['event']['background']))}"
    if "planted" not in data:
        return Result({NONE_FALSE: float(not conflicts)}, asked, "no conflict", got, not conflicts)
    planted = data["planted"]
    right = any(is_planted(conflict, planted) for conflict in conflicts)
    wanted = f"{planted['field']}: " + " / ".join(each["text"] for each in planted["values"])
    return Result({FOUND: float(right)}, asked, wanted, got, right)


def _half_of_record(record: str) -> str:
    return half_of(_events_of()[record])


@cache
def _events_of() -> dict[str, str]:
    return {row["id"]: row["event"] for corpus in set(SETTINGS.values()) for row in gold_events.rows(corpus)}


def _beside(record: str) -> str:
    return ", ".join(sorted(each for each, event in _events_of().items() if event == _events_of()[record]))


def is_planted(conflict: Conflict, planted: Row) -> bool:
    """Whether a conflict is the planted one: of its field, with the words of two articles that it says differ."""
    if conflict.field != _FIELDS.get(planted["field"].split(":")[0]):
        return False
    return len({value["value"] for value in planted["values"] if _holds(conflict, value)}) > 1


def _holds(conflict: Conflict, planted: Row) -> bool:
    article = _articles()[planted["article"], planted.get("line") or 0]
    place = re.search(r"\s+".join(map(re.escape, nfc(planted["text"]).split())), article.text)
    if place is None:
        return False
    return any(
        citation.touches(article.id, *place.span()) and (conflict.field != "figure" or _overlap(text, planted["text"]))
        for text, citation in conflict.values
    )


@cache
def _articles() -> dict[tuple[str, int], Article]:
    return gold_events.articles("synthetic") | gold_events.articles("fresh")


def _overlap(one: str, other: str) -> bool:
    first, second = fold(one), fold(other)
    return first in second or second in first or bool(set(re.findall(r"\d+", first)) & set(re.findall(r"\d+", second)))


def _told(conflict: Conflict) -> str:
    values: Sequence[str] = [f"{text} [{citation.quote[:120]}]" for text, citation in conflict.values]
    return f"{conflict.field}: " + " / ".join(values)
