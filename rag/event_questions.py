"""Questions that records of events answer better than sentences: what is asked, and of which events.

A question is one of these only where its names, its period and words of rag/data/event_questions.toml are all of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from rag import periods, places
from rag.domain import Event, NameMatch
from rag.event_traits import When, alike, days_of, traits
from rag.periods import Period
from rag.text import fold, language

Form = Literal["last", "first", "count", "where", "list", "who", "documents"]
Fit = Literal["yes", "may be", "no"]
NOTICE = "answered from event records"
_FORMS: tuple[Form, ...] = ("last", "first", "count", "where", "list", "who", "documents")
_WITH_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the records. All `persons` took part; `countries` are ISO codes, `places` other places.

    `lang` is the language of the question's words, whatever that of its names.
    """

    form: Form
    kind: str
    kinds: tuple[str, ...]
    persons: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    period: Period | None = None
    lang: str = "en"

    @property
    def country(self) -> tuple[str, ...]:
        """One country that every event asked for has to do with, where one is known: it limits what is read."""
        known = (*self.countries, *filter(None, map(places.country, self.places)))
        return known[:1]


def understand(question: str, *, lang: str, names: Sequence[NameMatch]) -> Asked | None:
    """What the question asks of records; None where it is not wholly made of words of these forms."""
    if any(name.kind == "organisation" for name in names):
        return None
    langs = sorted(table()["words"], key=lambda each: each != lang)
    return next((asked for each in langs if (asked := _in_language(question, each, names))), None)


def fits(event: Event, asked: Asked) -> Fit:
    """Whether the event is one of those asked for; `may be` where only its date does not say so."""
    if event.kind not in asked.kinds or not event.headline.citations:
        return "no"
    if not all(_took_part(name, event) for name in asked.persons):
        return "no"
    of_two = event.kind in table()["kinds"][asked.kind].get("of_two", ())
    if of_two and len(asked.persons) < 2 and not {1, 2} <= {each.side for each in event.participants}:
        return "no"
    if not all(code in _around(event, asked) for code in asked.countries):
        return "no"
    if not all(_is_at(place, event) for place in asked.places):
        return "no"
    if asked.form == "documents" and not any(fact.citations for fact in event.documents):
        return "no"
    return _within(event, asked.period) if asked.period else "yes"


def coming(event: Event, events: Sequence[Event]) -> bool:
    """Whether the articles only say that it will be: dated after all of them, or one of another event's next steps."""
    when = days_of(event.date.edtf if event.date else None)
    told = [days_of(source.published) for source in event.sources]
    if when and when.year and told and all(day and day.year and day.last < when.first for day in told):
        return True
    head = event.headline.citations[0]
    steps = (c for each in events if each.id != event.id for fact in each.next_steps for c in fact.citations)
    return event.background and any(step.touches(head.source.id, head.start, head.end) for step in steps)


@cache
def table() -> Mapping[str, Any]:
    """The data file: kinds of events, the words of the questions and those of the answers, by language."""
    return tomllib.loads(files("rag").joinpath("data/event_questions.toml").read_text(encoding="utf-8"))


# What is asked


def _in_language(question: str, lang: str, names: Sequence[NameMatch]) -> Asked | None:
    found = periods.of_question(question, lang=lang, today=None)
    if len(found) > 1 or any(not _is_days(period) for period in found):
        return None
    rest = question
    for period in found:
        rest = rest[: period.start] + " | " + rest[period.end :]
    for name in sorted(names, key=lambda name: -len(name.query)):
        rest = rest.replace(name.query, " | ")
    said = _parsed(rest, lang)
    if said is None:
        return None
    form, kind = said
    persons = tuple(dict.fromkeys(name.query for name in names if name.kind == "person"))
    countries, others = _places([name.query for name in names if name.kind == "place"])
    kinds = table()["kinds"][kind]
    both = len(persons) > 1 or form == "who"
    every = (*kinds["kinds"], *(kinds.get("of_two", ()) if both else ()))
    asked = Asked(form, kind, every, persons, countries, others, found[0] if found else None, lang)
    return asked if _is_enough(asked) else None


def _is_days(period: Period) -> bool:
    ends = [days_of(end) for end in (period.since, period.until) if end is not None]
    return period.known and not period.relative and all(end is not None and end.year for end in ends)


def _is_enough(asked: Asked) -> bool:
    """Whether it names so much that its events are few: two who signed, a place and its period, ..."""
    somewhere = bool(asked.countries or asked.places)
    if asked.form == "documents" or asked.kind == "signing":
        return asked.form == "documents" and asked.kind == "signing" and len(asked.persons + asked.countries) > 1
    if asked.form == "who":
        return somewhere and (asked.period is not None or asked.kind == "meeting")
    if asked.form == "where":
        return len(asked.persons) > 1 and not somewhere
    return bool(asked.persons) or somewhere


def _parsed(rest: str, lang: str) -> tuple[Form, str] | None:
    """The form and kind that the words beside names and period state; None where any other word is among them."""
    forms: set[str] = set()
    kinds: set[str] = set()
    known, longest = _words(lang)
    for part in rest.split("|"):
        words = re.findall(r"\w+", fold(part))
        while words:
            size = next((n for n in range(min(longest, len(words)), 0, -1) if " ".join(words[:n]) in known), 0)
            if not size:
                return None
            group, name = known[" ".join(words[:size])]
            {"form": forms, "kinds": kinds}.get(group, set()).add(name)
            words = words[size:]
    if forms == {"last", "where"} or forms == {"first", "where"}:
        forms -= {"where"}  # the line that answers says where
    if len(forms) != 1 or len(kinds) != 1:
        return None
    return next(form for form in _FORMS if form in forms), kinds.pop()


@cache
def _words(lang: str) -> tuple[dict[str, tuple[str, str]], int]:
    """Each phrase of a language with its group and name, and how many words the longest has."""
    read = table()["words"][lang]
    known = dict.fromkeys(read["other"], ("other", ""))
    for group in ("form", "kinds"):
        known |= {phrase: (group, name) for name, phrases in read[group].items() for phrase in phrases}
    return known, max(len(phrase.split()) for phrase in known)


def _places(named: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    countries, others = [], []
    for name in dict.fromkeys(named):
        found = [places.entities()[number] for number in places.lookup(name)]
        code = places.country(name)
        if code and any(each.kind == "country" for each in found):
            countries.append(code)
        else:
            others.append(name)
    return tuple(dict.fromkeys(countries)), tuple(others)


# Which events


def _around(event: Event, asked: Asked) -> set[str | None]:
    at = {event.place.country} if event.place else set()
    if asked.form == "documents":
        return {each.country for each in event.participants}
    if asked.kind == "visit" or asked.form == "who":
        return at
    return at | {each.country for each in event.participants}


def _took_part(name: str, event: Event) -> bool:
    spelt = [form for one in event.participants for form in (one.name, *one.also)]
    known = set(table()["words"])
    own = [event.lang if event.lang in known else language(each) for each in spelt]
    return any(alike(name, language(name), each, lang) for each, lang in zip(spelt, own, strict=True))


def _is_at(place: str, event: Event) -> bool:
    if event.place is None:
        return False
    wanted = places.lookup(place)
    parts = [event.place.text, *re.split(r"\s*,\s*", event.place.text)]
    return any(_bare(part) == _bare(place) or bool(wanted & places.lookup(part)) for part in parts)


def _bare(place: str) -> str:
    """A place's name without what says what kind of place it is: `Lang Son province`, `tỉnh Lạng Sơn`."""
    words = fold(place)
    for beside in table()["beside_places"]:
        words = words.removeprefix(f"{beside} ").removesuffix(f" {beside}")
    return words


def _within(event: Event, period: Period) -> Fit:
    since, until = days_of(period.since), days_of(period.until)
    first = since.first if since else 1
    last = until.last if until else date(MAXYEAR, 12, 31).toordinal()
    when = traits(event).when
    if when is None:
        return "may be"
    if not when.year:
        return "may be" if _in_some_year(when, first, last) else "no"
    if when.last < first or when.first > last:
        return "no"
    edtf = (event.date and event.date.edtf) or ""
    dated = bool(edtf) and all(_WITH_DAY.fullmatch(end) for end in edtf.split("/"))
    contained = bool(edtf) and first <= when.first and when.last <= last
    return "yes" if dated or contained else "may be"


def _in_some_year(when: When, first: int, last: int) -> bool:
    """Whether days of no stated year can be among these, by the days of the year that these are."""
    if last - first >= 365:
        return True
    start, days = date.fromordinal(when.first), when.last - when.first
    for year in {date.fromordinal(first).year, date.fromordinal(last).year}:
        day = date(year, start.month, min(start.day, 28) if start.month == 2 else start.day).toordinal()
        if day <= last and day + days >= first:
            return True
    return False
