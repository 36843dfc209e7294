"""What became of the events of the period before: new, changed, contradicted or dropped, by comparing Events."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from rag.domain import Citation, Conflict, Event
from rag.figures import base, figures
from rag.text import fold

Linked = Callable[[Iterable[Event]], Iterable[Sequence[Event]]]
Merged = Callable[[Sequence[Event]], Event]
Value = tuple[str, Citation]
_EDGES = {"en": (r"\b", r"\b"), "vi": (r"\b", r"\b"), "ru": (r"\b", "")}  # Russian words are told by their beginnings


@dataclass(frozen=True, slots=True)
class Pair:
    """One event in both periods: as the later one tells it, as the earlier one does, and as both do together.

    `now` or `before` is None where that period does not name it at all. `records` are those of the later period.
    """

    now: Event | None
    before: Event | None
    both: Event
    records: tuple[Event, ...] = ()

    @property
    def told(self) -> bool:
        """Whether the later period tells it and does not only mention it."""
        return self.now is not None and not self.now.background

    @property
    def told_before(self) -> bool:
        """Whether the earlier one did."""
        return self.before is not None and not self.before.background

    @property
    def new(self) -> bool:
        """Told now, and not before."""
        return self.told and not self.told_before

    @property
    def dropped(self) -> bool:
        """Told before, and not even mentioned now."""
        return self.told_before and self.now is None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the two periods differ on an event; `because` says why the later one is news, and is empty where it
    contradicts the earlier one."""

    field: str
    before: tuple[Value, ...]
    now: tuple[Value, ...]
    because: str


def pairs(now: Iterable[Event], before: Iterable[Event], *, link: Linked, merge: Merged) -> list[Pair]:
    """The events that two periods' records tell, each with what either period says of it, in order of their ids.

    `link` puts records of one event together, `merge` makes one Event of them; a record of both periods counts for the
    later one. The order of the records does not matter where it does not matter to these two.
    """
    current = {record.id: record for record in now}
    earlier = {record.id: record for record in before if record.id not in current}
    every = sorted([*current.values(), *earlier.values()], key=lambda record: record.id)
    found = []
    for group in link(every):
        late = sorted((record for record in group if record.id in current), key=lambda record: record.id)
        early = sorted((record for record in group if record.id not in current), key=lambda record: record.id)
        merged_now, merged_before = merge(late) if late else None, merge(early) if early else None
        both = merge([*late, *early]) if late and early else merged_now or merged_before
        if both is not None:
            found.append(Pair(merged_now, merged_before, both, tuple(late)))
    return sorted(found, key=lambda pair: pair.both.id)


def differences(pair: Pair) -> Iterator[Difference]:
    """What the two periods say differently of an event, as linking found that its articles differ.

    Where the later period has an article that agrees with the earlier one and one that does not, they still differ.
    """
    if pair.now is None or pair.before is None or not pair.told:
        return
    now, before = set(pair.now.articles), set(pair.before.articles)
    for conflict in pair.both.conflicts:
        late = tuple(value for value in conflict.values if value[1].source.id in now)
        early = tuple(value for value in conflict.values if value[1].source.id in before)
        if late and early and _differ(conflict, late, early):
            yield Difference(conflict.field, early, late, _because(pair, late, early))


def _differ(conflict: Conflict, late: Sequence[Value], early: Sequence[Value]) -> bool:
    """Whether some later value is none of the earlier ones, or the other way round."""
    return {_key(value) for value in late} != {_key(value) for value in early}


def _key(value: Value) -> tuple[Decimal, str | None] | str:
    """A value as it compares across languages: its figure, else its words."""
    text, citation = value
    found = figures(text, lang=citation.source.lang or "")
    return base(found[0]) if len(found) == 1 else fold(text)


def _because(pair: Pair, late: Sequence[Value], early: Sequence[Value]) -> str:
    """Why the later values are later news: words that say so, a toll, or something that was open before; else empty."""
    new = [value for value in late if _key(value) not in {_key(each) for each in early}] or list(late)
    said = [_said_around(pair.both, value) for value in new]
    if any(_holds("later", text, lang) for text, lang in said):
        return "said to be later"
    earlier = [_said_around(pair.both, value) for value in early]
    if _is_toll(pair.both, new) and _is_toll(pair.both, early):
        return "toll"
    if any(_holds("open", text, lang) for text, lang in earlier) and not all(_holds("open", *each) for each in said):
        return "open before"
    return ""


def _is_toll(event: Event, values: Sequence[Value]) -> bool:
    """Whether the values count people whom the event struck."""
    return any(
        _holds("tolls", *_said_around(event, value))
        or (event.kind in _words()["tolls"]["kinds"] and _counts_people(value))
        for value in values
    )


def _counts_people(value: Value) -> bool:
    text, citation = value
    return any(figure.unit == "person" for figure in figures(text, lang=citation.source.lang or ""))


def _said_around(event: Event, value: Value) -> tuple[str, str]:
    """The words of a value with its quote, and their language."""
    text, citation = value
    return f"{text}\n{citation.quote}", citation.source.lang or event.lang


def _holds(table: str, text: str, lang: str) -> bool:
    pattern = _pattern(table, lang)
    return pattern is not None and pattern.search(text) is not None


@cache
def _pattern(table: str, lang: str) -> re.Pattern[str] | None:
    words = _words()[table].get(lang)
    if not words:
        return None
    every = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    before, after = _EDGES.get(lang, ("", ""))
    return re.compile(f"{before}(?:{every}){after}", re.IGNORECASE)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((files("rag") / "data" / "briefing.toml").read_text(encoding="utf-8"))
