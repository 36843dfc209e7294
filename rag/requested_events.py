"""The stored event that a request for a summary means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from rag import answer as answering
from rag import places, recorded
from rag import search as searching
from rag.domain import Event, Fact, NameMatch, Saying
from rag.event_traits import alike, days_of, entities_of, traits
from rag.periods import Period
from rag.requests import Request, called, content, recorded_as, said
from rag.text import fold, language, words

if TYPE_CHECKING:
    from rag.asking import Parts

MOST = 3
_PASSAGES = 40  # in which the event that is meant is looked for
_ARTICLES = 200  # with all that is named, up to which every one of them is read for it
_NEAR = 0.055  # centred cosine of a passage that is about it: of those that are not few reach 0.05
_YEAR = 365  # days


@dataclass(frozen=True, slots=True)
class Carded:
    """The events that a request for a summary means, the best first, at most three; or why there are none.

    `names` are those of the request, as the articles spell them.
    """

    request: Request
    events: tuple[Event, ...] = ()
    names: tuple[NameMatch, ...] = ()
    reason: str | None = None
    notices: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        return not self.events


@dataclass(frozen=True, slots=True)
class _Fit:
    """How an event fits: each name's place in it (2 takes part or is there, 1 is mentioned, 0 not), and the rest."""

    event: Event
    held: tuple[int, ...]
    related: int
    dated: int
    rank: int
    bearing: float

    @property
    def level(self) -> tuple[int, ...]:
        """What equally good events have in common; the least is the best."""
        return (self.related, not self.bearing, -sum(self.held), -self.dated, self.event.background)


def carded(request: Request, names: tuple[NameMatch, ...], parts: Parts) -> Carded:
    """The events that a request for a summary means, by its names, the kind, the day, and the words beside these."""
    say = partial(said, request.answer_lang)
    refused = partial(Carded, request, (), names)
    gate = answering.gate(names, lang=request.answer_lang)
    if gate.reason:
        return refused(gate.reason)
    topic = content(request, names)
    if not (names or request.event_kinds or request.period or topic):
        return refused(say("nothing"))
    if request.period is not None and not request.period.known:
        return refused(say("no_days", request.period.text))
    articles = _articles(request, names, gate.articles, parts)
    fits = list(_fits(request, names, topic, articles, parts))
    stated = request.period.text if request.period else ""
    sifted: tuple[tuple[str, Callable[[list[_Fit]], list[_Fit]]], ...] = (
        (_named(names, say), lambda fits: [fit for fit in fits if all(fit.held)]),
        (say("kind", _called(request)), _of_kind),
        (say("period", stated), lambda fits: [fit for fit in fits if fit.dated]),
        (say("topic", f"“{' '.join(topic)}”"), lambda fits: [fit for fit in fits if fit.bearing or names or stated]),
    )
    for fault, keep in sifted:
        fits = keep(fits)
        if not fits:
            return refused(fault if articles else say("nothing"))
    fits.sort(key=lambda fit: (fit.level, -fit.bearing, fit.rank))
    first = fits[0]
    equal = [fit for fit in fits if fit.level == first.level and fit.bearing >= first.bearing / 2]
    if len(equal) > MOST and not (names or topic or stated):
        return refused(say("nothing"))
    if request.latest:
        equal.sort(key=lambda fit: _last_day(fit.event), reverse=True)
    best = equal[:MOST]
    notices = [say("more" if len(equal) > MOST else "several", len(equal), len(best))] if len(best) > 1 else []
    if best[0].related:
        kind = called(best[0].event.kind, request.answer_lang)
        notices.append(say("related", called(request.event_kinds[0], request.answer_lang), kind))
    return Carded(request, tuple(fit.event for fit in best), names, None, tuple(notices))


def _of_kind(fits: Sequence[_Fit]) -> list[_Fit]:
    """Those of the kind that is asked for; where none is, what tells it and can be recorded as another."""
    exact = [fit for fit in fits if not fit.related]
    return exact or [fit for fit in fits if fit.related == 1 and not fit.event.background]


def _last_day(event: Event) -> int:
    """The last day on which it can have been, 0 where no year is known."""
    when = traits(event).when
    return when.last if when is not None and when.year else 0


def _called(request: Request) -> str:
    return ", ".join(called(kind, request.answer_lang) for kind in request.event_kinds[:1])


def _named(names: Sequence[NameMatch], say: Callable[..., str]) -> str:
    queries = [name.query for name in names]
    if len(queries) == 1:
        return say("name", queries[0])
    return say("together", f"{', '.join(queries[:-1])} {say('and')} {queries[-1]}" if queries else "")


def _articles(
    request: Request, names: Sequence[NameMatch], within: frozenset[str] | None, parts: Parts
) -> dict[str, int]:
    """The articles in which the event is looked for, and the rank of each in a search for the request's words."""
    store = parts.store
    asked = searching.understand(request.about, lang=request.lang, names=names, store=store, embedder=parts.embedder)
    limited = [None if within is None else store.allowed(articles=within)]
    if request.period is not None:
        ends = (request.period.since, request.period.until)
        limited.insert(0, store.allowed(articles=within, periods=[ends]))
    found = (searching.search(asked, store=store, limit=_PASSAGES, allowed=each) for each in limited)
    every = [hit.chunk.article for hits in found for hit in hits]
    if within is not None and len(within) <= _ARTICLES:
        every += sorted(within)
    return {article: rank for rank, article in enumerate(dict.fromkeys(every))}


def _fits(
    request: Request, names: Sequence[NameMatch], topic: Sequence[str], articles: dict[str, int], parts: Parts
) -> Sequence[_Fit]:
    events = recorded.telling(parts.store, articles)
    bearing = _bearing(request, topic, frozenset(articles), parts)
    return [
        _Fit(
            event,
            tuple(_held(name, event) for name in names),
            _related(request, event),
            _dated(request.period, event),
            min(articles.get(article, len(articles)) for article in event.articles),
            bearing(event),
        )
        for event in events
    ]


def _bearing(
    request: Request, topic: Sequence[str], articles: Collection[str], parts: Parts
) -> Callable[[Event], float]:
    """How far an event has to do with what is asked beside names, kinds and days; 0 where it has not."""
    if not topic:
        return lambda event: 1.0
    store, text = parts.store, " ".join(topic)
    asked = searching.understand(text, lang=request.lang, names=(), store=store, embedder=parts.embedder)
    near: dict[str, float] = {}
    for hit in searching.search(asked, store=store, limit=_PASSAGES, allowed=store.allowed(articles=articles)):
        near[hit.chunk.article] = max(near.get(hit.chunk.article, 0.0), hit.channels["dense"])

    def bears(event: Event) -> float:
        worded = asked.bearing(event.lang, _text(event)) if event.lang in asked.evidence else 0.0
        nearest = max(near.get(article, 0.0) for article in event.articles)
        return max(worded, nearest if nearest >= _NEAR else 0.0)

    return bears


def _text(event: Event) -> str:
    """What a record quotes: its headline first, and the titles of its articles."""
    facts: list[Fact | Saying] = [event.headline, *event.agreed, *event.said, *event.documents]
    quotes = [citation.quote for fact in facts for citation in fact.citations]
    return "\n".join(dict.fromkeys([event.headline.text, *quotes, *(s.title or "" for s in event.sources)]))


def _held(name: NameMatch, event: Event) -> int:
    """2 where what is named takes part or is where it was, 1 where the record's words mention it, else 0."""
    if name.kind == "place":
        there = _is_there(name.query, event)
    else:
        forms = [(form, event.lang) for one in event.participants for form in (one.name, *one.also)]
        there = any(alike(name.query, language(name.query), form, lang) for form, lang in forms)
        there = there or any(form in name.matched for form, _ in forms)
    if there:
        return 2
    text = f" {' '.join(words(fold(_text(event))))} "
    spelled = [name.query, *name.matched]
    return int(any(f" {' '.join(words(fold(form)))} " in text for form in spelled if form))


def _is_there(place: str, event: Event) -> bool:
    wanted = places.lookup(place)
    if event.place is not None and (
        wanted & set(entities_of(event.place.text)) or fold(place) in fold(event.place.text)
    ):
        return True
    codes = {places.entities()[number].country for number in wanted if places.entities()[number].kind == "country"}
    around = {one.country for one in event.participants} | {event.place.country if event.place else None}
    return bool(codes & around)


def _related(request: Request, event: Event) -> int:
    """0 for an event of the kind that is asked for, or where none is; 1 for one as which it can be recorded; else 2."""
    kinds = request.event_kinds[:1]
    if not kinds or event.kind in kinds:
        return 0
    lacks = kinds[0] == "signing" and not event.documents
    return 1 if event.kind in recorded_as(kinds[0]) and not lacks else 2


def _dated(period: Period | None, event: Event) -> int:
    """2 where the event was within the period, 1 where it may have been, 0 where not."""
    if period is None:
        return 2
    since, until, when = days_of(period.since), days_of(period.until), traits(event).when
    if when is None or not (since or until):
        return 1
    known = all(end.year for end in (since, until) if end)
    first = since.first if since else 1
    last = until.last if until else date.max.toordinal()
    if known and when.year:
        return 2 if when.first <= last and when.last >= first else 0
    if not (since and until) or last - first >= _YEAR:
        return 1
    asked, told = replace(since, last=last).in_any_year, when.in_any_year
    return int(any(told.first + turn <= asked.last and told.last + turn >= asked.first for turn in (0, _YEAR + 1)))
