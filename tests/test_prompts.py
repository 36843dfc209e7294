"""Prompts: Markdown files whose variables are filled with data, never with more variables."""

import hashlib
from pathlib import Path
from string import Template

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.prompts import Prompt, load

PROMPTS = Path(__file__).parent.parent / "prompts"


def prompt(system: str, user: str) -> Prompt:
    return Prompt("test", system, user, "0" * 64)


def said(found: Prompt, **variables: str) -> list[str]:
    return [str(message.content) for message in found.template().format_messages(**variables)]


@pytest.mark.parametrize("path", sorted(PROMPTS.glob("*.md")), ids=lambda path: path.stem)
def test_the_prompts_of_the_checkout_can_be_used(path: Path) -> None:
    found = load(path.stem)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.hash == found.sha256[:12]
    assert found.system
    assert found.variables
    assert "$" not in "".join(said(found, **dict.fromkeys(found.variables, "x")))


def test_a_file_has_a_part_for_the_system_and_one_for_the_user(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text("Trả lời bằng $language.\n---\nCâu hỏi: ${question}\n---\nxong\n", encoding="utf-8")
    found = load("p", folder=tmp_path)
    assert found.variables == {"language", "question"}
    assert said(found, language="tiếng Việt", question="Ai?") == [
        "Trả lời bằng tiếng Việt.",
        "Câu hỏi: Ai?\n---\nxong",
    ]


@given(st.text() | st.sampled_from(["$q", "${q}", "{q}", "{{q}}", "{{{q}", "$$", "{0}", "{q.x}", "{q!r:>9}"]))
def test_a_value_is_data_whatever_it_looks_like(value: str) -> None:
    assert said(prompt("s", "a $q b"), q=value, other="no") == ["s", f"a {value} b"]


@given(st.text(alphabet="{}$ab_0 \n") | st.text())
def test_the_words_of_a_prompt_come_out_as_string_template_writes_them(text: str) -> None:
    if Template(text).is_valid():
        names = Template(text).get_identifiers()
        values = {name: f"<{name}>" for name in names}
        assert said(prompt(text, "u"), **values)[0] == Template(text).substitute(values)


def test_a_missing_variable_is_an_error() -> None:
    with pytest.raises(KeyError, match="question"):
        said(prompt("", "$question"), other="x")


def test_more_can_be_asked_and_holds_no_variables() -> None:
    more = prompt("s", "$q").asking('Give {"a": "$q"} for $5')
    assert said(more, q="x") == ["s", 'x\n\nGive {"a": "$q"} for $5']


@pytest.mark.parametrize(
    ("text", "named"), [(None, "install"), ("no parts", "no line `---`"), ("a\n---\ncosts $5", "write `\\$\\$`")]
)
def test_a_file_that_is_no_prompt_is_named(tmp_path: Path, text: str | None, named: str) -> None:
    if text:
        (tmp_path / "odd.md").write_text(text)
    with pytest.raises(InputError, match=rf"odd\.md.*{named}"):
        load("odd", folder=tmp_path)
