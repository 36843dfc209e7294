"""The briefing that a request asks for: its days, and whom and what it is limited to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from rag import answer as answering
from rag import article_dates, places
from rag.briefs import MOST_DAYS, Asked
from rag.domain import Briefing, NameMatch, Source
from rag.periods import Period
from rag.requests import Request, content, said
from rag.store import Store

_SPANS = (MOST_DAYS, 366, 92, 31, 7)  # days of a briefing for which none are asked, the longest first
_READ = 3_000  # articles that such a briefing reads at most, unless one day has more
_YEARS = 200  # years back from the newest article that are looked through for a day without a year


@dataclass(frozen=True, slots=True)
class Briefed:
    """The briefing that a request asks for; or why there is none."""

    request: Request
    briefing: Briefing | None = None
    reason: str | None = None

    @property
    def refused(self) -> bool:
        return self.briefing is None


def briefed(
    request: Request, names: tuple[NameMatch, ...], store: Store, brief: Callable[[Asked], Briefing]
) -> Briefed | None:
    """The briefing of the days, people and countries that are asked for; None for a subject alone, which is asked."""
    lang = "vi" if request.answer_lang == "vi" else "en"
    say = partial(said, lang)
    topic = content(request, names)
    if not names and request.period is None and topic:
        return None
    if any(word.isdigit() for word in topic):
        return Briefed(request, None, say("no_days", request.about))
    gate = answering.gate([name for name in names if not name.articles], lang=lang)
    if gate.reason:
        return Briefed(request, None, gate.reason)
    people = tuple(name.query for name in names if name.kind == "person")
    countries = tuple(dict.fromkeys(filter(None, (_country(name) for name in names if name.kind == "place"))))
    others = [name.query for name in names if name.kind != "person" and not _country(name)]
    if others and not (people or countries):
        return Briefed(request, None, say("not_limit", ", ".join(others)))
    span = _days(request, store, say, whole=bool(people or countries))
    if isinstance(span, str):
        return Briefed(request, None, span)
    found = brief(Asked(*span, lang=lang, people=people, countries=countries))
    ignored = [*others, *topic]
    notices = [say("not_limited", ", ".join(ignored))] if ignored else []
    if request.period is None and (people or countries) and _is_shortened(span, store):
        notices.append(say("shortened", (span[1] - span[0]).days + 1, f"{_READ:,}"))
    return Briefed(request, replace(found, notices=(*found.notices, *notices)))


def _is_shortened(span: tuple[date, date], store: Store) -> bool:
    oldest = store.oldest_day(since=date.min)
    return oldest is not None and oldest < span[0] and (span[1] - span[0]).days + 1 < MOST_DAYS


def _country(name: NameMatch) -> str | None:
    every = places.entities()
    codes = {every[number].country for number in places.lookup(name.query) if every[number].kind == "country"}
    return codes.pop() if name.kind == "place" and len(codes) == 1 else None


def _days(request: Request, store: Store, say: Callable[..., str], *, whole: bool) -> tuple[date, date] | str:
    """The first and last day that are asked for, or why they are not known."""
    period, newest = request.period, store.newest_day(until=date.today())
    if period is None:
        if newest is None:
            return say("no_period")
        return (_first_day(newest, store) if whole else newest), newest
    read_as = article_dates.read(period.since, period.until) if period.known else None
    if read_as is None:
        return say("no_days", period.text)
    if read_as.yearless:
        years = _years(period, store, newest)
        return say("years", period.text, ", ".join(map(str, years))) if years else say("no_year", period.text)
    first = article_dates.day(read_as.first) if period.since else (store.oldest_day(since=date.min) or newest)
    last = article_dates.day(read_as.last) if period.until else (newest or first)
    if first is None or last is None:
        return say("no_period")
    if first > last:
        return say("before", first, last)
    if (last - first).days >= MOST_DAYS:
        return say("long", first, last, MOST_DAYS)
    return first, last


def _first_day(newest: date, store: Store) -> date:
    """The first day of the longest span until the newest one whose articles are not too many to be read at once."""
    oldest = store.oldest_day(since=date.min) or newest
    spans = [max(oldest, date.fromordinal(max(1, newest.toordinal() - days + 1))) for days in _SPANS]
    until = newest.isoformat()
    few = (first for first in spans if len(store.allowed(since=first.isoformat(), until=until).articles) <= _READ)
    return next(few, newest)


def _years(period: Period, store: Store, newest: date | None) -> list[int]:
    """The years of which an article states that it was published on these days of no year."""
    oldest = store.oldest_day(since=date.min)
    if newest is None or oldest is None:
        return []
    found = []
    for year in range(max(oldest.year, newest.year - _YEARS), newest.year + 1):
        ends = [(end or "").replace("XXXX", f"{year:04}") for end in (period.since, period.until)]
        days = article_dates.read(*ends)
        if days is not None and any(
            _of_year(page.source, year)
            for page in store.published(article_dates.day(days.first), article_dates.day(days.last))
        ):
            found.append(year)
    return found


def _of_year(source: Source, year: int) -> bool:
    return (source.published or "").startswith(f"{year:04}")
