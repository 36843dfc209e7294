"""Events as people read them: JSON with the documented keys, cards for the terminal, Markdown."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from eval.gold_events import article_of, events, rows
from rag.domain import Event, Fact
from rag.event_calendar import events_ics, summary
from rag.event_tables import COLUMNS, events_csv, events_table
from rag.render_events import event_json, event_markdown, event_text

SEEDS = events("seeds")
DOCUMENTED = {
    "id", "kind", "headline", "date", "place", "participants", "agreed", "said", "documents", "figures", "conflicts",
    "not_stated", "articles", "plover", "sources",
}  # fmt: skip


@pytest.mark.parametrize("event", SEEDS.values(), ids=SEEDS)
def test_an_event_has_the_documented_keys_and_is_json(event: Event) -> None:
    found = event_json(event)
    assert set(found) >= DOCUMENTED
    assert json.loads(json.dumps(found, ensure_ascii=False)) == found


def test_every_citation_in_the_json_stands_in_its_article() -> None:
    articles = {article_of("seeds", row).id: article_of("seeds", row).text for row in rows("seeds")}
    cited = [c for event in SEEDS.values() for c in _citations(event_json(event))]
    assert len(cited) > len(SEEDS)
    assert all(articles[c["article"]][c["start"] : c["end"]] == c["quote"] for c in cited)


def test_a_card_says_what_no_article_states() -> None:
    event = replace(next(iter(SEEDS.values())), date=None, place=None)
    assert "not stated: date, place" in event_text(event)


@given(st.text(min_size=1, max_size=80))
def test_hostile_text_neither_steers_a_terminal_nor_becomes_markup(text: str) -> None:
    event = next(iter(SEEDS.values()))
    hostile = replace(event, headline=Fact(text, event.headline.citations), agreed=(Fact(text, ()),))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", event_text(hostile))
    markdown = event_markdown(hostile)
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>`\[\]]", markdown)
    assert len(event_markdown(event).split("\n")) <= len(markdown.split("\n")) + len(event.agreed)


def _citations(value: object) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        own = [value] if "quote" in value else []
        return own + [c for each in value.values() for c in _citations(each)]
    return [c for each in value for c in _citations(each)] if isinstance(value, list) else []


@given(st.text(min_size=1, max_size=60))
def test_a_spreadsheet_finds_no_formula_in_any_cell(text: str) -> None:
    event = replace(_hostile(text), id=text)
    written = events_csv([event])
    assert written.startswith("\ufeff")
    header, row = csv.reader(io.StringIO(written[1:], newline=""))
    assert len(header) == len(row) == len(COLUMNS)
    assert not [cell for cell in row if cell[:1] in {*"=+-@\t\r\n＝＋－＠"}]


@given(st.text(min_size=1, max_size=60))
def test_a_calendar_is_read_back_whatever_articles_say(text: str) -> None:
    event = _hostile(text)
    assert event.date
    interval = replace(event, date=replace(event.date, edtf="2023-02-02/2023-02-03"))
    written, left_out = events_ics([interval, replace(event, date=None)])
    (entry,) = Calendar.from_ical(written).walk("VEVENT")
    assert left_out == 1
    assert (entry.decoded("DTSTART"), entry.decoded("DTEND")) == (date(2023, 2, 2), date(2023, 2, 4))
    assert entry["UID"] == f"{event.id}@rag"
    assert events_ics([interval])[0] == events_ics([interval])[0]


@given(st.text(min_size=1, max_size=60), st.integers(20, 200))
def test_a_table_keeps_to_its_width_and_to_a_line_an_event(text: str, width: int) -> None:
    lines = events_table([_hostile(text)], width=width).split("\n")
    assert len(lines) == 3


def test_a_meeting_in_a_calendar_says_where_and_who() -> None:
    event = next(iter(SEEDS.values()))
    assert summary(event) == "Meeting - Jakarta, Indonesia: Sergei Lavrov, Vương Nghị"


def _hostile(text: str) -> Event:
    """A meeting in every field of which the text stands."""
    event = next(iter(SEEDS.values()))
    assert event.date
    assert event.place
    fact = Fact(text, event.headline.citations)
    return replace(
        event,
        headline=fact,
        agreed=(fact,),
        documents=(fact,),
        date=replace(event.date, text=text),
        place=replace(event.place, text=text),
        participants=tuple(replace(each, name=text) for each in event.participants),
        sources=tuple(replace(each, title=text, outlet=text, url=text) for each in event.sources),
    )
