"""Events as people read them: JSON with the documented keys, cards for the terminal, Markdown."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold_events import article_of, events, rows
from rag.domain import Event, Fact
from rag.render_events import event_json, event_markdown, event_text

SEEDS = events("seeds")
DOCUMENTED = {
    "id", "kind", "headline", "date", "place", "participants", "agreed", "said", "documents", "figures", "conflicts",
    "not_stated", "articles",
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
