"""The stored events a page at a time: ordered by what the catalogue holds, and only a page's put together."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, get_args

from rag import recorded
from rag.article_dates import Days
from rag.domain import Event
from rag.event_rows import Outline
from rag.recorded import Chosen, Wanted
from rag.store import Store
from rag.text import fold

Order = Literal["newest", "oldest", "kind", "place", "sources"]
ORDERS: tuple[Order, ...] = get_args(Order)

_LISTS = 8  # orders of events that are kept
_COUNTED = 200  # events of which it is found out for sure whether they are wanted
_SHORT = 26  # less than from the first to the last day of any month, as the difference of numbers such as 20231024
_FAR = 99_999_999


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some of the wanted events. `total` counts them all, `undated` those of them without a year or an exact day.

    Without `exact` the counts are upper bounds: whether an event is of the kind and persons that are asked for is known
    once it is put together, and too many would have to be. Those of a page that are not are left out of it.
    `unread` counts the articles that were not read for events yet.
    """

    events: tuple[Event, ...]
    total: int = 0
    undated: int = 0
    exact: bool = True
    unread: int = 0


@dataclass(frozen=True, slots=True)
class _List:
    chosen: Chosen
    groups: tuple[tuple[int, ...], ...]
    undated: int
    exact: bool


class EventPages:
    """Pages of a store's events. The orders of the last few questions are kept until the store changes."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[Any, ...], _List] = OrderedDict()
        self._lock = Lock()

    def page(self, wanted: Wanted, *, order: Order = "newest", limit: int = 50, offset: int = 0) -> EventPage:
        """So many of the wanted events from an offset on. What has no year stands behind what has one.

        With a period those of which nobody states the year are among them where they may be of it. Raises InputError,
        StoreError.
        """
        store = self._store()
        listed = self._listed(store, wanted, order)
        part = listed.groups[max(0, offset) : max(0, offset) + limit]
        events = tuple(event for event in recorded.put_together(store, part) if listed.chosen.is_wanted(event))
        return EventPage(events, len(listed.groups), listed.undated, listed.exact, store.unread())

    def _listed(self, store: Store, wanted: Wanted, order: Order) -> _List:
        key = (store.path, store.generation, wanted, order)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = _list(store, wanted, order)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _LISTS:
                self._kept.popitem(last=False)
        return made


def _list(store: Store, wanted: Wanted, order: Order) -> _List:
    chosen = recorded.choose(store, wanted)
    groups = [*chosen.groups, *chosen.yearless]
    exact = not (wanted.people or wanted.kinds)
    if not exact and len(groups) <= _COUNTED:
        events = recorded.put_together(store, groups)
        groups = [group for group, event in zip(groups, events, strict=True) if chosen.is_wanted(event)]
        exact = True
    numbers = [number for group in groups for number in group]
    lines = {one.number: one for one in store.record_outlines(numbers, more=order)}
    told = [_Told.of([lines[number] for number in group if number in lines], chosen.period) for group in groups]
    ordered = sorted(range(len(groups)), key=lambda at: (told[at].key(order), groups[at]))
    return _List(chosen, tuple(groups[at] for at in ordered), sum(one.undated for one in told), exact)


@dataclass(frozen=True, slots=True)
class _Told:
    """Where an event stands among others, as far as its records' columns tell."""

    first: int
    month: int
    kind: str
    place: str
    sources: int
    undated: bool

    @staticmethod
    def of(records: Sequence[Outline], period: Days | None) -> _Told:
        reported = [one for one in records if not one.background] or records
        days = [(one.first, one.last) for one in reported if one.first and one.last]
        days = days or [(one.first, one.last) for one in records if one.first and one.last]
        first, last = min(days, key=lambda day: (day[1] - day[0], day)) if days else (0, _FAR)
        exact = last - first <= _SHORT or (period is not None and period.first <= first and last <= period.last)
        kinds = Counter(one.kind for one in reported)
        places = sorted(fold(one.more) for one in reported if isinstance(one.more, str))
        sources = {one.article: one.more for one in records if isinstance(one.more, int)}
        return _Told(
            first=first,
            month=min((one.from_md for one in records if one.from_md), default=9999),
            kind=max(kinds, key=lambda kind: (kind != "other", kinds[kind], kind), default=""),
            place=places[0] if places else "",
            sources=sum(sources.values()),
            undated=not days or (period is not None and not exact),
        )

    def key(self, order: Order) -> tuple[Any, ...]:
        """Undated events behind the others, but where something else than the day orders them first."""
        day = (self.undated, self.first if order == "oldest" else -self.first, self.month)
        if order == "kind":
            return self.kind == "other", self.kind, *day
        if order == "place":
            return not self.place, self.place, *day
        if order == "sources":
            return -self.sources, *day
        return day
