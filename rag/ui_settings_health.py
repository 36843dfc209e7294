"""What works and what does not, as HTML in the language of the page."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from functools import cache

from rag.answer_html import escaped
from rag.health import Health
from rag.ui_words import Words, catalogue

_NEUTRAL = ("prompts", "versions")  # names and figures alone
_STATES = {True: "works", False: "works_not", None: "not_tried"}


def told(text: str, say: Words) -> tuple[str, str]:
    """What the doctor says, and the language it is in: the page's where its sentence is known, else English."""
    if say.lang == "en":
        return text, "en"
    for pattern, key in _sentences():
        if found := pattern.fullmatch(text):
            return say(key, **found.groupdict()), say.lang
    return text, "en"


def part_name(part: str, say: Words) -> str:
    """A part of the program in the page's words."""
    key = f"settings.part_{part.replace(' ', '_')}"
    return say(key) if say.has(key) else part


def line(health: Health, say: Words) -> str:
    """What was found of one part, and what to do about it."""
    remedy = ""
    if health.remedy:
        text, lang = told(health.remedy, say)
        inner = f"{escaped(say('settings.remedy'))} <span{_lang(lang, say)}>{escaped(text)}</span>"
        remedy = f' <span class="remedy">{inner}</span>'
    said, lang = (health.says, say.lang) if health.ok and health.part in _NEUTRAL else told(health.says, say)
    return f'<span dir="auto"{_lang(lang, say)}>{escaped(said)}</span>{remedy}'


def report(found: Sequence[Health], say: Words, *, whole: bool = True, done: bool = True) -> str:
    """A table of the parts; without `whole` only whether they work. While it is not `done`, more parts come."""
    ill = sum(each.ok is False for each in found)
    summary = say("settings.doctor_well")
    if ill:
        summary = say("settings.doctor_ill_one") if ill == 1 else say("settings.doctor_ill", count=ill)
    if not done:
        summary = say("settings.doctor_running")
    elif not whole:
        summary += f" {say('settings.doctor_elsewhere')}"
    heads = "".join(
        f'<th scope="col">{escaped(say(f"settings.{key}"))}</th>' for key in ("part", "state", "says")[: 2 + whole]
    )
    rows = "".join(
        f'<tr><th scope="row">{escaped(part_name(each.part, say))}</th><td>{state(each, say)}</td>'
        f"{f'<td>{line(each, say)}</td>' if whole else ''}</tr>"
        for each in found
    )
    table = (
        f"<table><caption>{escaped(say('settings.doctor_caption'))}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )
    return f'<p role="status">{escaped(summary)}</p>{table if found else ""}'


def state(health: Health, say: Words) -> str:
    """Whether a part works, in words."""
    key = _STATES[health.ok]
    return f'<span class="state {key}">{escaped(say(f"settings.{key}"))}</span>'


def _lang(lang: str, say: Words) -> str:
    return "" if lang == say.lang else f' lang="{lang}"'


@cache
def _sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The doctor's sentences with holes in them, those that say most first."""
    keys = [key for key in catalogue() if key.startswith(("settings.found_", "settings.do_"))]
    english = {key: catalogue()[key]["en"] for key in keys}
    return tuple(
        (re.compile(_pattern(english[key]), re.DOTALL), key) for key in sorted(keys, key=lambda key: -len(english[key]))
    )


def _pattern(text: str) -> str:
    holes = string.Formatter().parse(text)
    return "".join(re.escape(said) + (f"(?P<{name}>.+?)" if name else "") for said, name, _, _ in holes)
