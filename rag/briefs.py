"""Which articles and Events belong to a briefing's period, and what was told before: read from the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from rag import names, places
from rag.brief_labels import LANGS
from rag.brief_words import telling
from rag.briefing import briefing
from rag.changes import Linked, Merged
from rag.dates import UNKNOWN_YEAR
from rag.domain import Briefing, Event, LeftOut, Source
from rag.errors import InputError
from rag.store import Store
from rag.text import fold, language, nfc

Records = Callable[[Collection[str]], Iterable[Event]]
MOST_DAYS = 3_660  # of a period
_MOST_UNDATED = 3  # events told of an undated article
_REMEMBERED = "briefings.json"
_VERSION = 1
_NO_EARLIER = {
    "en": "No earlier briefing is remembered in this store: this is of the newest day, compared with the day before.",
    "vi": "Kho này chưa ghi nhớ bản tin nào trước đó: bản này là của ngày mới nhất, so với ngày liền trước.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a briefing is about: its days (both ends included), its language, and what limits it.

    With `since_last` it begins after the last such briefing. `people` and `countries` keep the events in which one of
    them takes part or that are there, however they are spelled; `outlets` the articles of one of them.
    """

    since: date | None = None
    until: date | None = None
    since_last: bool = False
    lang: str = "en"
    people: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()


def day(text: str) -> date:
    """The day that an option states. Raises InputError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is no day with a year; write 2023-10-24") from None


def country_code(text: str) -> str:
    """The code of a country told by its name or code. Raises InputError."""
    code = text.strip().upper()
    found = code if places.of_kind("country", code) else places.country(nfc(text.strip()))
    if found is None:
        raise InputError(f"{text!r} is no country that is known; write its name or its ISO code, such as VN")
    return found


def brief(
    store: Store,
    asked: Asked,
    *,
    aliases: names.Aliases | None = None,
    read: Records | None = None,
    link: Linked | None = None,
    merge: Merged | None = None,
) -> Briefing:
    """The briefing of the store's articles. The same store and settings give the same one.

    The period that it is compared with is as long and ends the day before; with `since_last` it is that of the last
    such briefing that `remember` was told of. `read` gives articles' records, those of the store unless told;
    `link` and `merge` as for `briefing`. Raises InputError, StoreError.
    """
    if asked.lang not in LANGS:
        raise InputError(f"a briefing is written in {' or '.join(LANGS)}, not in {asked.lang!r}")
    records = read or partial(_stored, store)
    since, until, before, notices = _period(store, asked)
    now = _articles(store, since, until, asked.outlets)
    earlier = _articles(store, *before, asked.outlets).told
    told, current = list(records(now.told)), set(now.told)
    holds = {article for record in told for article in record.articles}
    no_event = [LeftOut(source, "no event") for source in now.first if source.id not in holds]
    return briefing(
        told,
        records([article for article in earlier if article not in current]),
        period=(since.isoformat(), until.isoformat()),
        compared=(before[0].isoformat(), before[1].isoformat()),
        lang=asked.lang,
        left_out=[*now.left_out, *no_event],
        undated=_undated(store, records, since, until, asked.outlets, asked.lang),
        seen=len(now.told),
        keep=_limited(asked, aliases),
        notices=notices,
        link=link,
        merge=merge,
    )


def _stored(store: Store, articles: Collection[str]) -> list[Event]:
    from rag.recorded import records

    return records(store, articles=articles)


@dataclass(frozen=True, slots=True)
class _Articles:
    """The articles of a period by id, the first source of each, and what of the period is left out."""

    told: list[str]
    first: list[Source]
    left_out: list[LeftOut]


def _articles(store: Store, since: date, until: date, outlets: Sequence[str]) -> _Articles:
    pages = [page for page in store.published(since, until) if _is_of(page.source, outlets)]
    versions = [LeftOut(page.source, "duplicate", _original(store, page.source)) for page in pages if page.version]
    sources = [page.source for page in pages if not page.version]
    first = [source for source in sources if not (source.published or "").startswith(UNKNOWN_YEAR)]
    no_year = [LeftOut(source, "no stated year") for source in sources if (source.published or "")[:4] == UNKNOWN_YEAR]
    return _Articles([source.id for source in first], first, [*versions, *no_year])


def _original(store: Store, source: Source) -> Source:
    sources = store.sources(source.id)
    dated = (each for each in sources if (each.published or "")[:1].isdigit())
    return next(dated, sources[0])


def _is_of(source: Source, outlets: Sequence[str]) -> bool:
    return not outlets or any(fold(outlet) in fold(source.outlet or "") for outlet in outlets)


def _undated(
    store: Store, records: Records, since: date, until: date, outlets: Sequence[str], lang: str
) -> list[LeftOut]:
    """The articles of no known day that tell an event which may be of the period, with what they tell."""
    told: dict[str, list[Event]] = {}
    for record in records(store.undated(since, until)):
        if not record.background and _may_be_within(record, since, until):
            told.setdefault(record.sources[0].id, []).append(record)
    found = []
    for article, events in sorted(told.items()):
        source = store.sources(article)[0]
        if _is_of(source, outlets):
            statements = tuple(telling(event, lang) for event in events[:_MOST_UNDATED])
            found.append(LeftOut(source, "undated", statements=statements))
    return found


def _may_be_within(event: Event, since: date, until: date) -> bool:
    """Whether the event's own day is one of the period, of whatever year where none is stated."""
    if event.date is None or not event.date.edtf:
        return False
    first, _, last = event.date.edtf.partition("/")
    for year in range(since.year, until.year + 1):
        try:
            start, end = (
                date.fromisoformat(each.replace(UNKNOWN_YEAR, f"{year:04}")) for each in (first, last or first)
            )
        except ValueError:
            continue
        if start <= until and end >= since:
            return True
    return False


def _limited(asked: Asked, aliases: names.Aliases | None) -> Callable[[Event], bool] | None:
    """What keeps an event: one of the people takes part, and one of the countries does or it is there."""
    codes = {country_code(each) for each in asked.countries}
    if not asked.people and not codes:
        return None

    def keep(event: Event) -> bool:
        there = {person.country for person in event.participants} | {event.place.country if event.place else None}
        return (not codes or bool(codes & there)) and (not asked.people or _takes_part(event, asked.people, aliases))

    return keep


def _takes_part(event: Event, people: Collection[str], aliases: names.Aliases | None) -> bool:
    spelled = {name for person in event.participants for name in (person.name, *person.also)}
    return any(_is_same(nfc(one), name, event.lang, aliases) for one in people for name in spelled)


def _is_same(one: str, other: str, lang: str, aliases: names.Aliases | None) -> bool:
    return names.same(one, other, a_lang=language(one), b_lang=lang, aliases=aliases).match


def _period(store: Store, asked: Asked) -> tuple[date, date, tuple[date, date], tuple[str, ...]]:
    """The first and last day, those of the period before, and what there is to say about that."""
    if asked.since_last:
        return _since_last(store, asked)
    since, until = asked.since or asked.until, asked.until or asked.since
    if since is None or until is None:
        raise InputError("a briefing needs its days; give --date, --since and --until, or --since-last")
    _check(since, until)
    return since, until, _before(since, until), ()


def _since_last(store: Store, asked: Asked) -> tuple[date, date, tuple[date, date], tuple[str, ...]]:
    newest = store.newest_day(until=asked.until or date.max)
    last = _remembered(store.path).get(_key(asked))
    if newest is None:
        raise InputError("no article of this store states a day of publication; give --date or --since and --until")
    if last is None:
        return newest, newest, _before(newest, newest), (_NO_EARLIER.get(asked.lang, _NO_EARLIER["en"]),)
    since = last[1] + timedelta(days=1)
    until = max(newest, since)
    _check(since, until)
    return since, until, last, ()


def _check(since: date, until: date) -> None:
    if since > until:
        raise InputError(f"the period from {since} until {until} ends before it begins")
    if (until - since).days >= MOST_DAYS:
        raise InputError(f"the period from {since} until {until} is longer than {MOST_DAYS} days; give a shorter one")


def _before(since: date, until: date) -> tuple[date, date]:
    """The period of equal length before; none begins before the first day that there is."""
    length = (until - since).days + 1
    first = date.fromordinal(max(1, since.toordinal() - length))
    return first, max(first, date.fromordinal(max(1, since.toordinal() - 1)))


def _key(asked: Asked) -> str:
    """Briefings that are limited in another way are remembered apart."""
    limits: Iterable[tuple[str, ...]] = (asked.people, asked.countries, asked.outlets)
    return json.dumps([sorted(fold(each) for each in limit) for limit in limits], ensure_ascii=False)


def _remembered(folder: Path) -> dict[str, tuple[date, date]]:
    file = folder / _REMEMBERED
    if not file.is_file():
        return {}
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if (made_by := told.get("version", _VERSION)) != _VERSION:
            raise InputError(f"{file} has version {made_by} and this program reads {_VERSION}; update rag")
        told = told.get("briefings", told)  # the first ones stood alone
        return {key: (date.fromisoformat(ends[0]), date.fromisoformat(ends[1])) for key, ends in told.items()}
    except (OSError, ValueError, AttributeError, TypeError, IndexError) as error:
        raise InputError(f"{file} cannot be read ({error}); delete it to begin anew") from error


def remember(folder: Path, asked: Asked, told: Briefing) -> None:
    """Keep in the store's folder that this briefing is out, so that the next one with `since_last` begins after it.

    To be called when it has reached its reader. One without `since_last`, or of no article, is not kept.
    Raises InputError.
    """
    if not asked.since_last or not told.seen:
        return
    known = {**_remembered(folder), _key(asked): (date.fromisoformat(told.since), date.fromisoformat(told.until))}
    periods = {key: [end.isoformat() for end in ends] for key, ends in sorted(known.items())}
    kept = {"version": _VERSION, "briefings": periods}
    file = folder / _REMEMBERED
    fresh = file.with_suffix(".new")
    try:
        fresh.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written ({error.strerror}); the next --since-last tells it again"
        ) from error
