"""Official readouts as event records: kind, the two sides and a stated date, their titles hidden."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from eval.cases import Case, Options, Result, Suite, Try, public, read_jsonl
from eval.readouts import persons, unescaped
from rag.clean import clean
from rag.domain import Event, Raw
from rag.office_words import countries
from rag.text import fold, words

SIDES = ("side_a", "side_b")
_KINDS = {"call": ("call", "talks online"), "meeting": ("meeting", "visit", "conference")}
_HOME = "US"
_OPENING = 700  # characters in which a readout says when
_GROUP = re.compile(
    r"\b(?:Leaders|Leadership|Officials|Members|CEOs|Partners|Council|Advocates|Governors|White House|General|Allies"
    r"|Counterparts|Ambassadors)\b"
)
_NO_NAME = frozenset(
    """
    president vice prime minister secretary chancellor national security advisor adviser joseph the and for council
    foreign defense affairs republic king elect majesty his interim deputy head department administration relations
    leader opposition principal commander lieutenant general director assistant advisors state kingdom presidential
    """.split()
)


def suite() -> Suite:
    """`readout-events`: the first record that is no background mention, against the title of each readout.

    `kind`: call or meeting; talks online count for a meeting or call that the page calls virtual. `both sides`: a
    person of each side of the title is among the participants, by a word of the name; a country (`Leaders of Japan`)
    where somebody of it is, or the headline names it. A readout with a group of neither (`State Legislative Leaders`)
    has no such score; the White House without a name counts as found.
    `date`: only where the text itself states the day that the page is of.
    """
    about = "official readouts with their titles hidden: kind, both sides, and the date where the text states it"
    return Suite("readout-events", load, opened, "both sides", about)


def load(options: Options) -> list[Case]:
    """A case for each readout. Raises InputError where the data is missing."""
    cases = []
    for read in read_jsonl(public(options, "wh_readouts", "readouts_2021_2022.jsonl")):
        record = {**read, **{side: unescaped(read[side]) for side in SIDES}}
        worst = {"kind": 0.0}
        if _judged(record):
            worst["both sides"] = 0.0
        if stated(record["text"], date.fromisoformat(record["date"])):
            worst["date"] = 0.0
        cases.append(Case(record["id"], record, "all", {"kind": record["event_type"]}, worst))
    return cases


def stated(text: str, day: date) -> bool:
    """Whether the opening of a text states this day in words: `On November 13`, not `today`."""
    month = calendar.month_name[day.month]
    return bool(re.search(rf"\b(?:{month}|{month[:3]}\.?)\s+{day.day}(?!\d)", text[:_OPENING]))


@contextmanager
def opened(options: Options) -> Iterator[Try]:
    from rag.events import extract

    def judged(case: Case) -> Result:
        return of_record(case, extract(_article(case.data["text"])))

    yield judged


def _article(text: str) -> Any:
    return clean(Raw(text, "readout.txt", hashlib.sha256(text.encode()).hexdigest(), lang="en"))


def of_record(case: Case, records: Sequence[Event]) -> Result:
    """The scores of a readout's records: of the first that is no background mention."""
    record = case.data
    told = next((event for event in records if not event.background), None)
    asked = " ".join(record["text"][:_OPENING].split())
    wanted = "; ".join([_kind(record), record["side_a"], record["side_b"], record["date"]])
    scores = dict(case.worst)
    if told is None:
        return Result(scores, asked, wanted, "no event", right=False)
    scores["kind"] = float(told.kind in _kinds(record))
    if "both sides" in scores:
        scores["both sides"] = float(all(_found(record, side, told) for side in SIDES))
    if "date" in scores:
        edtf = told.date.edtf if told.date else None
        scores["date"] = float(edtf in (record["date"], f"XXXX{record['date'][4:]}"))
    return Result(scores, asked, wanted, _told(told), all(scores.values()))


def _kind(record: Mapping[str, Any]) -> str:
    return ("virtual " if record["virtual"] else "") + str(record["event_type"])


def _kinds(record: Mapping[str, Any]) -> tuple[str, ...]:
    online = ("talks online",) if record["virtual"] or _online(record["text"]) else ()
    return (*_KINDS[record["event_type"]], *online)


def _online(text: str) -> bool:
    return bool(re.search(r"\b(?:virtual(?:ly)?|video|by videoconference)\b", text[:_OPENING], re.IGNORECASE))


def _told(event: Event) -> str:
    people = ", ".join(f"{each.name} ({each.role}, {each.country})" for each in event.participants)
    return f"{event.kind}; {people or 'nobody'}; {event.date.edtf if event.date else None}"


def _judged(record: Mapping[str, Any]) -> bool:
    return all(_named(record, side) or _country(record, side) for side in SIDES)


def _named(record: Mapping[str, Any], side: str) -> frozenset[str]:
    """The words of a side by which a person of it can be known, () where it names a group: `Latino Leaders`."""
    told = record[side]
    if _GROUP.search(told) and not list(persons(told, home=side == "side_a")):
        return frozenset()
    return frozenset(word for word in words(fold(told)) if len(word) > 2) - _NO_NAME - _of_places(told)


def _of_places(told: str) -> frozenset[str]:
    return frozenset(word for _, first, last in countries(told, "en") for word in words(fold(told[first:last])))


def _country(record: Mapping[str, Any], side: str) -> str | None:
    """The country of a side without persons: `White House`, `Leaders of Japan`."""
    if side == "side_a":
        return _HOME
    found = re.search(r"\b(?:Leaders|Leader|Officials|President|Government) of (?:the )?(.+)", record[side])
    return next((code for code, *_ in countries(found[1], "en")), None) if found else None


def _found(record: Mapping[str, Any], side: str, told: Event) -> bool:
    """Whether one of a side's persons takes part, or its country where it names nobody."""
    if named := _named(record, side):
        return any(named & set(words(fold(" ".join((p.name, *p.also))))) for p in told.participants)
    country = _country(record, side)
    heading = {code for code, *_ in countries(told.headline.text, "en")}
    return side == "side_a" or country in heading | {person.country for person in told.participants}
