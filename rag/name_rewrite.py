"""A question in the corpus's spellings of its names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import places
from rag.domain import NameMatch
from rag.readings import has_marks
from rag.text import fold, nfc


def rewrite(question: str, matches: Sequence[NameMatch], *, lang: str) -> str:
    """The question with each matched name in the corpus spelling that is typical of passages in `lang`.

    A name without such a spelling stays as it is; so does one that is already spelled so.
    """
    text = question
    for match in sorted(matches, key=lambda m: -len(m.query)):
        chosen = _typical(match, lang)
        if chosen and fold(chosen) != fold(match.query):
            text = _replace(text, match.query, chosen)
    return text


def _typical(match: NameMatch, lang: str) -> str | None:
    usable = [s for s in match.matched if _written_in(s, lang) and not places.is_adjective(s)]
    if not usable:
        return None
    if match.kind != "person":
        listed = {form for n in places.lookup(usable[0]) for form in places.entities()[n].forms.get(lang, [])}
        return next((s for s in usable if s in listed), usable[0])
    marked = [s for s in usable if has_marks(s)] if lang == "vi" else []
    return (marked or usable)[0]


def _written_in(stored: str, lang: str) -> bool:
    """Whether passages in a language spell names so: by script, and Vietnamese marks only in Vietnamese."""
    if places.HANZI.search(stored):
        return lang == "zh"
    if re.search("[\u0400-\u04ff]", stored):
        return lang == "ru"
    if lang in ("zh", "ru"):
        return False
    return lang == "vi" or not has_marks(nfc(stored))


def _replace(text: str, old: str, new: str) -> str:
    if places.HANZI.search(old):
        before, found, after = text.partition(old)
        if len(old) > 1 and old in after:
            after = _replace(after, old, new)
        if not found or places.HANZI.search(new):
            return before + found.replace(old, new) + after
        return f"{before.rstrip()} {new} {after.lstrip()}".strip()
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text)
