"""Gold of events and briefings: every string stands in its article, and the files agree with each other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rag import places

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "eval" / "data"
KINDS = ["talks online", *"meeting call visit signing statement conference aid appointment election".split()]
KINDS += ["sanction", "attack", "other"]
KEYS = "id article event kind background published date place participants agreed documents figures said".split()
EDTF = re.compile(r"([0-9]{4}|XXXX)(-([0-9]{2}|XX)(-([0-9]{2}|XX))?)?")
REASONS = {"no stated year", "duplicate", "no event"}

FOLDERS = {"fresh": "events_fresh"}
FILES = {"seeds": "seeds_events.jsonl", "synthetic": "synthetic_events.jsonl", "fresh": "events_fresh.jsonl"}

Record = dict[str, Any]
Key = tuple[str, int | None]


def read(name: str) -> list[Record]:
    records: list[Record] = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return records


def key(record: Record) -> Key:
    return record["article"], record.get("line")


def raw(where: str, record: Record) -> str:
    """The raw file, or the `text` of a line of a .jsonl file."""
    if where == "seeds":
        (path,) = (ROOT / "seeds").glob(f"{record['article']}_*.txt")
        return path.read_text(encoding="utf-8")
    text = (DATA / FOLDERS.get(where, where) / record["article"]).read_text(encoding="utf-8")
    return str(json.loads(text.splitlines()[record["line"] - 1])["text"]) if record.get("line") else text


def strings(record: Record) -> Iterator[str]:
    yield from (text for field in ("agreed", "documents", "figures") for text in record[field])
    yield from (person[part] for person in record["participants"] for part in ("name", "role") if person[part])
    yield from (said[part] for said in record["said"] for part in ("speaker", "text"))
    for field in ("date", "place"):
        if record[field]:
            yield record[field]["text"]
    if record["date"] and "implied" in record["date"]:
        yield record["date"]["implied"]["text"]


@pytest.mark.parametrize("where", FILES)
def test_events_quote_their_articles(where: str) -> None:
    records = read(FILES[where])
    assert len({record["id"] for record in records}) == len(records)
    for record in records:
        assert [name for name in record if name != "line"] == KEYS, record["id"]
        assert record["kind"] in KINDS
        text = raw(where, record)
        assert not [string for string in strings(record) if string not in text], record["id"]


@pytest.mark.parametrize("where", FILES)
def test_dates_of_events_are_edtf_and_countries_are_codes(where: str) -> None:
    known = {entity.country for entity in places.entities()}
    for record in read(FILES[where]):
        dates = [record["published"], *((record["date"] or {}).get(form) for form in ("edtf", "stated"))]
        assert all(EDTF.fullmatch(part) for told in dates if told for part in told.split("/")), record["id"]
        told = [person["country"] for person in record["participants"]] + [(record["place"] or {}).get("country")]
        assert {code for code in told if code} <= known, record["id"]


def test_the_links_of_the_fresh_articles_hold_all_their_records_and_quote_them() -> None:
    records = {record["id"]: record for record in read(FILES["fresh"])}
    links = read("events_fresh_links.jsonl")
    linked = [(record, link["event"]) for link in links for record in (*link["records"], *link["background"])]
    assert sorted(linked) == sorted((name, record["event"]) for name, record in records.items())
    assert {record["kind"] for record in records.values()} == set(KINDS)
    values = [value for link in links for conflict in link["conflicts"] for value in conflict["values"]]
    assert all(value["text"] in raw("fresh", value) for value in values)
    events = {link["event"] for link in links}
    assert all(other["event"] in events for link in links for other in link["apart"])


def test_every_seed_has_its_event_and_no_year_that_it_does_not_state() -> None:
    main = {record["article"]: record for record in read("seeds_events.jsonl") if not record["background"]}
    assert sorted(main) == ["000", "001", "002", "003", "004"]
    dates = {name: record["date"]["edtf"] for name, record in main.items()}
    assert dates == {
        "000": "XXXX-07-13",
        "001": None,
        "002": "XXXX-10-24",
        "003": "XXXX-04-19",
        "004": "2023-02-02/2023-02-03",
    }
    assert main["002"]["date"]["implied"]["year"] == "2023"


class Gold:
    """What the other files say of the invented articles."""

    def __init__(self) -> None:
        self.records = [record for record in read("synthetic_events.jsonl") if not record["background"]]
        self.links = {link["event"]: link for link in read("synthetic_links.jsonl")}
        self.versions = {key(record): key(record["of"]) for record in read("synthetic_duplicates.jsonl")}

    def published(self, day: str) -> set[Key]:
        return {key(record) for record in self.records if record["published"] == day}

    def events(self, day: str) -> set[str]:
        return {record["event"] for record in self.records if record["published"] == day}


@pytest.fixture(scope="module")
def gold() -> Gold:
    return Gold()


def briefings() -> list[Record]:
    return [record for record in read("synthetic_briefings.jsonl") if record["date"]]


def before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def test_a_briefing_holds_what_that_day_published_and_both_languages_hold_the_same(gold: Gold) -> None:
    by_day: dict[str, dict[str, Record]] = {}
    for record in briefings():
        assert record["id"] == f"{record['date']} {record['lang']}"
        by_day.setdefault(record["date"], {})[record["lang"]] = record
    assert len(by_day) >= 12
    for day, told in by_day.items():
        assert set(told) == {"en", "vi"}
        assert {**told["en"], "id": "", "lang": ""} == {**told["vi"], "id": "", "lang": ""}
        assert {key(article) for article in told["en"]["articles"]} == gold.published(day) - set(gold.versions)
        assert set(told["en"]["events"]) == gold.events(day)


def test_what_is_new_and_dropped_follows_from_the_day_before(gold: Gold) -> None:
    for record in briefings():
        now, then = set(record["events"]), gold.events(before(record["date"]))
        assert set(record["new"]) == now - then
        assert set(record["dropped"]) == then - now
        assert set(record["lead"]) <= now
        assert bool(record["lead"]) == bool(now)


def test_what_changed_and_what_is_contradicted_are_planted_conflicts_told_that_day_or_the_day_before(
    gold: Gold,
) -> None:
    for record in briefings():
        told = gold.published(record["date"]), gold.published(before(record["date"]))
        for part, update in (("changed", True), ("contradicted", False)):
            for found in record[part]:
                conflict = next(c for c in gold.links[found["event"]]["conflicts"] if c["field"] == found["field"])
                assert conflict["update"] is update
                assert all(value in conflict["values"] for value in found["values"])
                assert len({value["value"] for value in found["values"]}) > 1
                assert {key(value) for value in found["values"]} <= told[0] | told[1]
                assert {key(value) for value in found["values"]} & told[0]
                assert all(value["text"] in raw("synthetic", value) for value in found["values"])


def test_articles_are_left_out_for_a_reason_that_the_other_files_hold(gold: Gold) -> None:
    published = {key(record): record["published"] for record in gold.records}
    for record in read("synthetic_briefings.jsonl"):
        for left in record["left_out"]:
            assert left["reason"] in REASONS
            assert key(left) not in {key(article) for article in record["articles"]}
            if left["reason"] == "duplicate":
                assert gold.versions[key(left)] == key(left["of"])
            elif left["reason"] == "no event":
                assert key(left) not in published
            else:
                assert not re.match(r"[0-9]{4}", published[key(left)] or "")
                assert record["date"] is None or (published[key(left)] or "").endswith(record["date"][4:])
