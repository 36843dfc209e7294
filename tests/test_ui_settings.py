"""What the tab Settings says: the doctor's sentences in the page's language, and never a secret."""

import re
from pathlib import Path

import pytest
from scripted import Reply, ScriptedServer, Status
from test_desk_model import CAPITAL, KEY

from rag.desk import open_desk
from rag.errors import InputError
from rag.health import Health
from rag.ui_page import Page
from rag.ui_settings import _about
from rag.ui_settings_health import line, report, told
from rag.ui_settings_model import _key, asked_of, in_use
from rag.ui_words import Words

EN, VI = Words("en"), Words("vi")
SECRET = "https://user:geheim@llm.example/v1"


def test_the_doctor_is_understood_in_vietnamese_with_and_without_a_store(seeds_store: Path, tmp_path: Path) -> None:
    for store in (seeds_store, tmp_path / "none"):
        found = list(open_desk(store=store).doctor())
        assert found
        assert 'lang="en"' not in report(found, VI)


@pytest.mark.parametrize(
    ("reply", "remedy"),
    [
        (CAPITAL, None),
        (Status(401), "đặt RAG_LLM_API_KEY"),
        (Status(404, "no such model"), "đặt RAG_LLM_MODEL là một trong các mô hình của"),
        (Status(500, "down"), "thử lại sau"),
        (Status(402), None),
    ],
)
def test_what_an_endpoint_does_is_told_in_vietnamese(seeds_store: Path, reply: Reply, remedy: str | None) -> None:
    with ScriptedServer([reply], models=["qwen"]) as server:
        found = list(open_desk(store=seeds_store).try_model(base_url=server.base_url, model="m", api_key=KEY))
    languages = {told(each.says, VI)[1] for each in found}
    assert languages == {"vi"}
    if remedy:
        assert told(found[-1].remedy or "", VI)[0].startswith(remedy)


def test_what_is_not_known_stands_in_english_and_as_text() -> None:
    html = line(Health("store", False, "<b>something new</b>", "do this"), VI)
    assert "<b>" not in html
    assert html.count('lang="en"') == 2
    assert 'lang="en"' not in line(Health("store", False, "something new", "do this"), EN)


def test_a_long_hostile_text_is_told_at_once() -> None:
    assert told(", version , articles, passages, by " * 15, VI)
    assert told("a;" * 250, VI)[1] == "en"


def test_no_secret_of_the_settings_is_shown(seeds_store: Path) -> None:
    desk = open_desk(store=seeds_store, llm_base_url=SECRET, llm_model="m", llm_api_key=KEY)
    for say in (EN, VI):
        shown = in_use(Page(lambda: desk, say)) + _about(Page(lambda: desk, say))
        words = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), shown)
        assert "llm.example" in words
        assert "geheim" not in words
        assert KEY not in words


def test_others_see_the_model_but_no_folder_and_no_findings(seeds_store: Path) -> None:
    desk = open_desk(store=seeds_store, llm_base_url="http://127.0.0.1:9/v1", llm_model="m")
    here, elsewhere = Page(lambda: desk, EN), Page(lambda: desk, EN, local=False)
    assert "RAG&#95;LLM&#95;BASE&#95;URL" in in_use(here)
    assert "RAG" not in in_use(elsewhere)
    assert "Folder" in _about(here)
    assert "Folder" not in _about(elsewhere)
    found = [Health("store", False, "no store at secret", "run it")]
    assert "secret" in report(found, EN)
    assert "secret" not in report(found, EN, whole=False)


def test_the_key_in_use_goes_to_its_own_address_alone(seeds_store: Path) -> None:
    s = open_desk(store=seeds_store, llm_base_url="http://127.0.0.1:9/v1", llm_api_key=KEY).settings
    kept = _key(s, " http://127.0.0.1:9/v1/ ", "")
    assert kept is not None
    assert kept.get_secret_value() == KEY
    assert _key(s, "http://127.0.0.1:9/v2", "") is None
    assert _key(s, "http://127.0.0.1:10/v1", "") is None
    typed = _key(s, "http://127.0.0.1:10/v1", " sk-other ")
    assert typed is not None
    assert typed.get_secret_value() == "sk-other"


@pytest.mark.parametrize(
    "typed", ["", "localhost:8080", "file:///etc", SECRET, "https://llm.example/v1?key=1", "http://["]
)
def test_what_is_no_address_or_holds_a_secret_is_refused(typed: str) -> None:
    with pytest.raises(InputError):
        asked_of(typed, EN)
    assert asked_of("https://llm.example/v1", EN).outside == "llm.example"
    assert asked_of("http://localhost:8080/v1", EN).outside is None
