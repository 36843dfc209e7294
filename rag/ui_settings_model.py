"""The language model that the page answers with: tried, used, given up. Its key is taken and never shown again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from rag.answer_html import escaped
from rag.errors import InputError, ModelError
from rag.health import Health
from rag.llm_address import Address, address
from rag.ui_page import PRIVATE, Page, notice, on_load
from rag.ui_settings_health import line, state
from rag.ui_words import Words

if TYPE_CHECKING:
    from rag.config import Settings

_QUEUE: dict[str, Any] = {"concurrency_id": "settings-model", "concurrency_limit": 2, **PRIVATE}
_LONGEST = 500


def in_use(page: Page) -> str:
    """Which model answers now and where text goes, and for whoever may set it the lines that keep it."""
    say, s = page.say, page.desk().settings
    told = [_named(s, say)]
    if s.llm_set:
        outside = place(s).outside if s.llm_file is None else None
        told.append(say("settings.leaves", host=outside) if outside else say("settings.stays"))
    keep = _lines(s, say) if page.local and s.llm_set and s.llm_file is None else ""
    return f'<p class="in-use">{escaped(" ".join(told))}</p>{keep}'


def place(s: Settings) -> Address:
    """Where the model is that is set, which may be an address that is none."""
    try:
        return address(s.llm_base_url, s.llm_provider)
    except ModelError:
        return Address(None, _shown(s.llm_base_url or "") or s.llm_provider, None)


def asked_of(base_url: str, say: Words) -> Address:
    """The endpoint that somebody types. Raises InputError in the page's words for what is none, or holds a secret."""
    try:
        found = address(base_url, "")
    except ModelError:
        raise InputError(say("settings.no_address")) from None
    if found.url is None:
        raise InputError(say("settings.no_address"))
    if not _shown(found.url):
        raise InputError(say("settings.key_in_address"))
    return found


def build(page: Page) -> Any:
    """The boxes and buttons, where the page is this machine's alone; what is set, which comes back to be refreshed."""
    import gradio

    say = page.say
    gradio.HTML(f"<h3>{escaped(say('settings.model'))}</h3><p>{escaped(say('settings.model_why'))}</p>")
    if not page.local:
        gradio.HTML(f"<p>{escaped(say('settings.model_elsewhere'))}</p>")
        return gradio.HTML("", elem_id="settings-in-use")
    shown = gradio.HTML("", elem_id="settings-in-use")
    with gradio.Row():
        base_url = gradio.Textbox(
            label=say("settings.base_url"), placeholder=say("settings.base_url_hint"), max_length=_LONGEST, max_lines=1,
            elem_id="settings-base-url", min_width=260, scale=2,
        )  # fmt: skip
        model = gradio.Textbox(
            label=say("settings.name"), placeholder=say("settings.name_hint"), max_length=_LONGEST, max_lines=1,
            elem_id="settings-model-name", min_width=220,
        )  # fmt: skip
        key = gradio.Textbox(
            label=say("settings.key"), placeholder=say("settings.key_hint"), type="password", max_length=_LONGEST,
            elem_id="settings-key", min_width=220, html_attributes=gradio.InputHTMLAttributes(autocomplete="off"),
        )  # fmt: skip
    asked_for = gradio.State("")  # the host outside this machine that the box below names
    agreed = gradio.Checkbox(False, label=say("settings.confirm", host=""), visible=False, elem_id="settings-agreed")
    with gradio.Row(elem_id="settings-buttons"):
        test = gradio.Button(say("settings.test"), elem_id="settings-test", min_width=110)
        use = gradio.Button(say("settings.use"), variant="primary", elem_id="settings-use", min_width=110)
        none = gradio.Button(say("settings.use_none"), elem_id="settings-none", min_width=110)
    said = gradio.HTML("", elem_id="settings-said")
    gradio.HTML(f'<p class="hint">{escaped(say("settings.model_for_all"))}</p>')

    def allowed(found: Address, agreed: bool, asked_for: str) -> bool:
        return found.outside is None or (agreed and asked_for == found.outside)

    def asking(host: str) -> tuple[Any, ...]:
        box = gradio.update(visible=True, value=False, label=say("settings.confirm", host=host))
        return _alert(say("settings.confirm_first", host=host)), box, host

    def tried(base_url: str, model: str, key: str, agreed: bool, asked_for: str) -> Iterator[tuple[Any, ...]]:
        try:
            found = asked_of(base_url, say)
        except InputError as error:
            yield _alert(str(error)), gradio.skip(), gradio.skip()
            return
        if not allowed(found, agreed, asked_for):
            yield asking(str(found.outside))
            return
        yield notice(say("settings.testing", host=found.host)), gradio.skip(), gradio.skip()
        secret = _key(page.desk().settings, base_url, key)
        results = tuple(page.desk().try_model(base_url=base_url, model=model, api_key=secret))
        yield _tried(results, say), gradio.skip(), gradio.skip()

    def used(base_url: str, model: str, key: str, agreed: bool, asked_for: str) -> tuple[Any, ...]:
        kept = (gradio.skip(), gradio.skip())  # the key's box, what is in use
        try:
            found = asked_of(base_url, say)
            if not allowed(found, agreed, asked_for):
                return *asking(str(found.outside)), *kept
            desk = page.desk()
            desk.use_model(base_url=base_url, model=model, api_key=_key(desk.settings, base_url, key))
        except InputError as error:
            return _alert(str(error)), gradio.skip(), gradio.skip(), *kept
        except ModelError:  # the address is one, so it is the key that is none
            return _alert(say("settings.bad_key")), gradio.skip(), gradio.skip(), *kept
        return notice(say("settings.used", host=found.host)), gradio.skip(), gradio.skip(), "", in_use(page)

    def given_up() -> tuple[Any, ...]:
        page.desk().use_no_model()
        return notice(say("settings.unused")), gradio.update(visible=False, value=False), "", "", in_use(page)

    def filled() -> tuple[str, str]:
        s = page.desk().settings
        return _shown(s.llm_base_url or ""), s.llm_model or ""

    boxes = [base_url, model, key, agreed, asked_for]
    told = [said, agreed, asked_for]
    test.click(tried, boxes, told, **_QUEUE)
    use.click(used, boxes, [*told, key, shown], **_QUEUE)
    none.click(given_up, None, [*told, key, shown], **_QUEUE)
    base_url.input(lambda: (gradio.update(visible=False, value=False), ""), None, [agreed, asked_for], **PRIVATE)
    on_load(filled, [base_url, model])
    return shown


def _named(s: Settings, say: Words) -> str:
    if not s.llm_set:
        return say("settings.none_in_use")
    if s.llm_file is not None:
        return say("settings.in_use_file", file=PurePath(s.llm_file).name)
    host = place(s).host
    return (
        say("settings.in_use", model=s.llm_model, host=host) if s.llm_model else say("settings.in_use_only", host=host)
    )


def _lines(s: Settings, say: Words) -> str:
    """The settings as the environment takes them, the key left out."""
    values = {"RAG_LLM_BASE_URL": _shown(s.llm_base_url or ""), "RAG_LLM_MODEL": s.llm_model}
    lines = [f"{name}={shlex.quote(value)}" for name, value in values.items() if value]
    if s.llm_api_key:
        lines.append(f"RAG_LLM_API_KEY={say('settings.your_key')}")
    return f"<p>{escaped(say('settings.keep'))}</p><pre dir='ltr'>{chr(10).join(map(escaped, lines))}</pre>"


def _shown(base_url: str) -> str:
    """The address, or nothing where it may hold a secret: a password, a query."""
    try:
        parts = urlsplit(base_url.strip())
    except ValueError:
        return ""
    return "" if "@" in parts.netloc or parts.query or parts.fragment else base_url.strip()


def _key(s: Settings, base_url: str, typed: str) -> SecretStr | None:
    """The key that is typed; where none is, that in use at the same address, and at no other."""
    if typed.strip():
        return SecretStr(typed.strip())
    same = s.llm_base_url is not None and base_url.strip().rstrip("/") == s.llm_base_url.strip().rstrip("/")
    return s.llm_api_key if same else None


def _tried(found: tuple[Health, ...], say: Words) -> str:
    """What a test found: the one thing that is wrong, else each that works."""
    wrong = [each for each in found if each.ok is False]
    lines = "".join(f"<li>{state(each, say)} {line(each, say)}</li>" for each in wrong[:1] or found)
    return f'<ul class="tried" role="{"alert" if wrong else "status"}">{lines}</ul>'


def _alert(text: str) -> str:
    return f'<p class="notice" role="alert">{escaped(text)}</p>'
