"""Questions that records of events answer better than sentences: the last time, how many times, who visited when."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from rag import article_dates, periods, places
from rag.article_dates import Days
from rag.domain import Citation, Event, NameMatch, Statement
from rag.event_traits import alike
from rag.periods import Period
from rag.text import fold, language

Form = Literal["last", "first", "count", "list", "who"]
NOTICE = "answered from event records"
MOST = 20  # events that an answer lists
_WORDS = {
    "en": {"meeting": "meeting", "visit": "visit", "call": "call", "date": "date not stated", "year": "year not stated",
           "last": "Last in the articles", "first": "First in the articles", "only": "The only {kind} in the articles",
           "more": "{n} more may be earlier or later: no exact date with a year is stated", "event": "{kind}",
           "open": "The articles tell of {n} events ({kind}), which was {form} they do not say",
           "latest": "last", "earliest": "first", "count": "The articles tell of {n} ({kind})"},
    "vi": {"meeting": "cuộc gặp", "visit": "chuyến thăm", "call": "cuộc điện đàm", "date": "không nêu ngày",
           "year": "không nêu năm", "last": "Lần cuối theo các bài báo", "first": "Lần đầu theo các bài báo",
           "only": "{kind} duy nhất trong các bài báo", "event": "{kind}",
           "more": "{n} lần khác có thể sớm hơn hoặc muộn hơn: các bài báo không nêu đủ ngày và năm",
           "open": "Các bài báo nói đến {n} lần ({kind}), không cho biết lần nào là {form}",
           "latest": "lần cuối", "earliest": "lần đầu", "count": "Các bài báo nói đến {n} lần ({kind})"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the records. All `persons` took part; `countries` are ISO codes, `places` other places."""

    form: Form
    kind: str
    kinds: tuple[str, ...]
    persons: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    period: Period | None = None
    lang: str = "en"


def understand(question: str, *, lang: str, names: Sequence[NameMatch]) -> Asked | None:
    """What the question asks of records; None where it is not wholly made of words of these forms."""
    if lang not in _WORDS:
        return None
    found = periods.of_question(question, lang=lang, today=None)
    if len(found) > 1 or any(not period.known or period.relative for period in found):
        return None
    if any(name.kind == "organisation" for name in names):
        return None
    rest = question
    for period in found:
        rest = rest[: period.start] + " | " + rest[period.end :]
    for name in sorted(names, key=lambda name: -len(name.query)):
        rest = rest.replace(name.query, " | ")
    forms, kinds, whole = _parsed(rest)
    if not whole or len(kinds) != 1:
        return None
    form = next((form for form in ("last", "first", "count", "list", "who") if form in forms), None)
    persons = tuple(name.query for name in names if name.kind == "person")
    countries, cities = _places([name.query for name in names if name.kind == "place"])
    if form is None or len(forms) > 1 or not (persons or countries or cities):
        return None
    if form == "who" and not (found and (countries or cities)):
        return None
    kind = kinds[0]
    return Asked(
        form, kind, _lists()[2][kind], persons, countries, cities, found[0] if found else None, lang
    )  # fmt: skip


def answer(asked: Asked, events: Sequence[Event], *, lang: str) -> tuple[Statement, ...]:
    """The templated line first, then each event and its sentence, all cited; () where no record answers.

    A date without a year is never put in order. Counts are of the events that articles tell, not of all there were.
    """
    sure = [event for event in events if _fits(event, asked)]
    if not sure:
        return ()
    words = _WORDS.get(lang, _WORDS["en"])
    said = lang if lang in _WORDS else "en"
    shown = sorted(sure, key=_order)[:MOST]
    lines: list[Statement] = []
    if asked.form in ("last", "first"):
        lines += _extreme(asked, sure, words, said)
    else:
        if asked.form == "count":
            lines.append(_statement(_filled(words["count"], asked, words, len(sure)), said, shown))
        lines += [_told(event, words["event"], asked, words, said) for event in shown]
    return _with_sentences(lines, [event for event in shown if _cited_by(event, lines)])


def _extreme(asked: Asked, events: Sequence[Event], words: dict[str, str], lang: str) -> list[Statement]:
    if len(events) == 1:
        return [_told(events[0], words["only"], asked, words, lang)]
    known = [(event, days) for event in events if (days := _days(event)) and not days.yearless]
    others = [event for event in events if event not in [each for each, _ in known]]
    last = asked.form == "last"
    top = max(known, key=lambda each: each[1].last if last else -each[1].first, default=None)
    if top is None:
        form = words["latest" if last else "earliest"]
        shown = sorted(events, key=_order)[:MOST]
        head = _filled(words["open"], asked, words, len(events), form=form)
        return [_statement(head, lang, shown), *(_told(each, words["event"], asked, words, lang) for each in shown)]
    best, span = top
    others += [e for e, days in known if e is not best and days.last >= span.first and days.first <= span.last]
    lines = [_told(best, words["last" if last else "first"], asked, words, lang)]
    if others:
        others = sorted(others, key=_order)[:MOST]
        lines.append(_statement(_filled(words["more"], asked, words, len(others)), lang, others))
        lines += [_told(each, words["event"], asked, words, lang) for each in others]
    return lines


def _told(event: Event, label: str, asked: Asked, words: dict[str, str], lang: str) -> Statement:
    when = words["date"]
    if event.date:
        when = event.date.edtf or f"“{event.date.text}”, {words['date']}"
        when += f" ({words['year']})" if "XXXX" in when else ""
    parts = [", ".join(each.name for each in event.participants), when, event.place.text if event.place else ""]
    head = _filled(label, asked, words, 1)
    return _statement(f"{head[:1].upper()}{head[1:]}: {'; '.join(filter(None, parts))}", lang, [event])


def _filled(label: str, asked: Asked, words: dict[str, str], count: int, *, form: str = "") -> str:
    return label.format(n=count, kind=words[asked.kind], form=form)


def _statement(text: str, lang: str, events: Sequence[Event]) -> Statement:
    return Statement(
        f"{text}.", lang, tuple(dict.fromkeys(c for event in events for c in _citations(event))), "supported"
    )


def _citations(event: Event) -> list[Citation]:
    found = [event.headline.citations[0]]
    found += [each.citation for each in (event.date, event.place) if each]
    return found + [each.citations[0] for each in event.participants if each.citations]


def _cited_by(event: Event, lines: Sequence[Statement]) -> bool:
    return any(event.headline.citations[0] in line.citations for line in lines)


def _with_sentences(lines: Sequence[Statement], events: Sequence[Event]) -> tuple[Statement, ...]:
    told = dict.fromkeys((event.headline.citations[0], event.lang) for event in events)
    return (*lines, *(Statement(each.quote, lang, (each,), "quoted") for each, lang in told))


# Which events


def _fits(event: Event, asked: Asked) -> bool:
    if event.kind not in asked.kinds or not event.headline.citations:
        return False
    if not all(_took_part(name, asked.lang, event) for name in asked.persons):
        return False
    at = {event.place.country} if event.place else set()
    if asked.kind == "visit" and not all(country in at for country in asked.countries):
        return False
    around = at | {each.country for each in event.participants}
    if not all(country in around for country in asked.countries):
        return False
    if not all(_is_at(place, event) for place in asked.places):
        return False
    return asked.period is None or _within(event, asked.period)


def _took_part(name: str, lang: str, event: Event) -> bool:
    spelt = [form for one in event.participants for form in (one.name, *one.also)]
    return any(alike(name, lang, each, language(each) if event.lang not in _WORDS else event.lang) for each in spelt)


def _is_at(place: str, event: Event) -> bool:
    if event.place is None:
        return False
    wanted = places.lookup(place)
    parts = [event.place.text, *re.split(r"\s*,\s*", event.place.text)]
    return any(fold(part) == fold(place) or bool(wanted & places.lookup(part)) for part in parts)


def _within(event: Event, period: Period) -> bool:
    days = _days(event)
    wanted = article_dates.read(period.since or period.until or "", period.until or period.since or "")
    if days is None or wanted is None or days.yearless or wanted.yearless:
        return False
    after = period.since is None or days.first >= wanted.first
    return after and (period.until is None or days.last <= wanted.last)


def _days(event: Event) -> Days | None:
    since, _, until = ((event.date and event.date.edtf) or "").partition("/")
    return article_dates.read(since, until or since) if since else None


def _order(event: Event) -> tuple[bool, int, str]:
    days = _days(event)
    return days is None or days.yearless, days.first if days else 0, event.id


# The words of the question


def _parsed(rest: str) -> tuple[list[str], list[str], bool]:
    """Forms and kinds that the words left beside names and period state, and whether nothing else is left."""
    forms, kinds, whole = [], [], True
    table, longest, _ = _lists()
    for part in rest.split("|"):
        words = re.findall(r"\w+", fold(part))
        while words:
            size = next((n for n in range(min(longest, len(words)), 0, -1) if " ".join(words[:n]) in table), 0)
            group, name = table.get(" ".join(words[:size]), ("", ""))
            forms += [name] if group == "form" else []
            kinds += [name] if group == "kinds" else []
            whole = whole and size > 0
            words = words[max(size, 1) :]
    return list(dict.fromkeys(forms)), list(dict.fromkeys(kinds)), whole


@cache
def _lists() -> tuple[dict[str, tuple[str, str]], int, dict[str, tuple[str, ...]]]:
    read = tomllib.loads(files("rag").joinpath("data/event_questions.toml").read_text(encoding="utf-8"))
    table = dict.fromkeys(read["other"]["phrases"], ("other", ""))
    for group in ("form", "kinds"):
        table |= {phrase: (group, name) for name, each in read[group].items() for phrase in each["phrases"]}
    kinds = {name: tuple(each["kinds"]) for name, each in read["kinds"].items()}
    return table, max(len(phrase.split()) for phrase in table), kinds


def _places(named: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    countries, others = [], []
    for name in named:
        found = [places.entities()[number] for number in places.lookup(name)]
        code = places.country(name)
        if code and any(each.kind == "country" for each in found):
            countries.append(code)
        else:
            others.append(name)
    return tuple(countries), tuple(others)
