"""What a question is asked of: its filters and its own date words, as the articles that are left and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag import article_dates, periods, places
from rag.domain import DateFilter, NameMatch
from rag.errors import InputError
from rag.names import NameIndex
from rag.periods import Period
from rag.spellings import spelling
from rag.store import Allowed, Store
from rag.text import nfc

_REASONS = {
    "en": ("no article{} is from, or mentions, {}", " that mentions {}", "or", "and"),
    "vi": ("không bài nào{} thuộc về hoặc nhắc đến {}", " nhắc đến {}", "hoặc", "và"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a question is asked of. Dates are EDTF; an article whose year is not known is outside `since` and `until`.

    `names` are persons, places and countries in any spelling, each of which an article must hold; `people` are met
    with persons only, `countries` with countries and their nationals, not with what lies in them. `today` is the day
    that words such as "last week" count from, else the newest day on which an article states that it was published;
    with `date_words` off a question's date words limit nothing.
    """

    since: str | None = None
    until: str | None = None
    outlet: str | None = None
    lang: str | None = None
    names: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    today: str | None = None
    date_words: bool = True

    @property
    def set(self) -> bool:
        """Whether it limits a question without date words."""
        return any((self.since, self.until, self.outlet, self.lang, self.names, self.people, self.countries))


@dataclass(frozen=True, slots=True)
class Limits:
    """The articles that are left (None: all), the periods that limited them, and why none is left by these."""

    allowed: Allowed | None = None
    dates: tuple[DateFilter, ...] = ()
    reason: str | None = None


def limits(
    question: str,
    *,
    lang: str,
    filters: Filters,
    store: Store,
    index: NameIndex,
    articles: frozenset[str] | None = None,
    names: Sequence[NameMatch] = (),
) -> Limits:
    """What the filters and the question's date words leave of these articles (None: of all).

    `names` are those that all of the articles hold, for the reason, which is in `lang` (vi, else English). Raises
    InputError for a filter that is no date or no country.
    """
    stated = _periods(question, lang, filters, store)
    known = [period for period in stated if period.known]
    limited = filters.set or articles is not None
    if not limited and not known:
        return Limits(dates=tuple(map(_unread, stated)))
    for held in _holding(filters, index):
        articles = held if articles is None else articles & held
    allowed = store.allowed(
        since=filters.since,
        until=filters.until,
        outlet=filters.outlet,
        lang=filters.lang,
        articles=articles,
        periods=[(period.since, period.until) for period in known],
    )
    nothing = bool(known) and not allowed.articles and any(count.left_out for count in allowed.periods)
    everything = not limited and any(not count.left_out for count in allowed.periods)
    return Limits(
        None if everything else allowed,
        _dates(filters, stated, allowed),
        _reason(lang, known, names) if nothing else None,
    )


def _periods(question: str, lang: str, filters: Filters, store: Store) -> tuple[Period, ...]:
    today = _day(filters.today) if filters.today else store.newest_day(until=date.today())
    found = periods.of_question(question, lang=lang, today=today) if filters.date_words else ()
    return tuple(period for period in found if not period.known or article_dates.read(period.since, period.until))


def _day(today: str) -> date:
    read = article_dates.read(today, today)
    if read is None or read.first != read.last:
        raise InputError(f"today cannot be {today!r}; write a day such as 2023-10-24")
    return article_dates.day(read.first)


def _holding(filters: Filters, index: NameIndex) -> Iterable[frozenset[str]]:
    """For each name asked for, the articles that hold it."""
    for name in filters.names:
        yield _articles(index, index.match(nfc(name)))
    for name in filters.people:
        yield _articles(index, (found for found in index.match(nfc(name)) if index.kind(found) == "person"))
    for name in filters.countries:
        yield _articles(index, _of_country(name, index))


def _articles(index: NameIndex, spellings: Iterable[str]) -> frozenset[str]:
    return frozenset(article for found in spellings for article in index.articles(found))


def _of_country(name: str, index: NameIndex) -> Iterable[str]:
    """The stored spellings of a country and of its people. Raises InputError for what is no country."""
    entities = places.entities()
    numbers = {number for number in places.lookup(nfc(name).strip()) if entities[number].kind == "country"}
    if not numbers:
        raise InputError(f"{name!r} is no country known here; give one such as 'Việt Nam', or filter by name")
    forms = {entities[number].english for number in numbers}
    found = dict.fromkeys(stored for form in sorted(forms) for stored in index.match(form))
    return [stored for stored in found if index.kind(stored) == "place" and numbers & set(spelling(stored).places)]


def _unread(period: Period) -> DateFilter:
    return DateFilter(period.text, period.since, period.until, "question", period.relative, period.relative_to)


def _dates(filters: Filters, stated: Sequence[Period], allowed: Allowed) -> tuple[DateFilter, ...]:
    found = []
    if filters.since or filters.until:
        ends = (("since", filters.since), ("until", filters.until))
        text = " ".join(f"{word} {end}" for word, end in ends if end)
        kept = len(allowed.articles) if not allowed.periods else _considered(allowed)
        found.append(DateFilter(text, filters.since, filters.until, "option", inside=kept, left_out=allowed.left_out))
    counts = iter(allowed.periods)
    for period in stated:
        one = _unread(period)
        if period.known:
            count = next(counts)
            one = replace(one, inside=count.inside, unknown=count.unknown, left_out=count.left_out)
        found.append(one)
    return tuple(found)


def _considered(allowed: Allowed) -> int:
    """How many articles the question's periods were compared with."""
    first = allowed.periods[0]
    return first.inside + first.unknown + first.left_out


def _reason(lang: str, stated: Sequence[Period], names: Sequence[NameMatch]) -> str:
    nothing, mentioning, either, both = _REASONS.get(lang, _REASONS["en"])
    words = [f"{p.text[0].lower()}{p.text[1:]} ({p.since}/{p.until})" if p.relative else p.text for p in stated]
    named = mentioning.format(_listed([name.query for name in names], both)) if names else ""
    return nothing.format(named, _listed(words, either))


def _listed(words: Sequence[str], joined: str) -> str:
    return f" {joined} ".join([", ".join(words[:-1])] * (len(words) > 1) + list(words[-1:]))
