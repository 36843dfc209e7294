"""Words that are no names where they have a capital: English ones, inflected and compound; nouns that head a name."""

from __future__ import annotations

import re
from functools import cache

from rag.known_names import back_references
from rag.remembered import remembered
from rag.text import fold
from rag.wordlists import bare_titles, english_words, function_words, not_names

_FEWEST = 4
_ENDINGS = ("tion", "tions", "ment", "ments", "ness", "ics", "ism", "ity", "ally", "lateral", "isation", "less")
_BEFORE = re.compile("^(?:multi|sub|inter|trans|non|counter|anti|co|pre|post|re|un|over|under|cyber|micro|macro)-?")
_AFTER = ("s", "es", "d", "ed", "ing", "ly", "'s", "er", "ers", "able")


@remembered(50_000)
def is_english(word: str) -> bool:
    """Whether a folded word is an ordinary word of English, inflected or derived."""
    known = english_words() | function_words("en")
    word = word.partition("'")[0].partition("’")[0]
    if word in known or word in bare_titles() or word.isdigit() or word.endswith(_ENDINGS):
        return True
    stems = [word, word.replace("our", "or"), re.sub("tre$", "ter", word), _BEFORE.sub("", word)]
    cut = [s[: -len(a)] for s in stems for a in _AFTER if s.endswith(a) and len(s) > len(a) + 2]
    stems += [stem + end for stem in cut for end in ("", "e", "y")]
    if any(len(stem) > 2 and stem in known for stem in stems) or (word.endswith("ies") and word[:-3] + "y" in known):
        return True
    return any(word[:i] in known and is_english(word[i:]) for i in range(_FEWEST, len(word) - _FEWEST + 1))


@cache
def bare_not_names() -> frozenset[str]:
    """The Vietnamese words that are no names, without marks."""
    return frozenset(map(fold, not_names("vi")))


@cache
def translated_heads(lang: str) -> frozenset[str]:
    """Nouns that head a name which is translated but for its proper part: `ministry`, `sông`."""
    return frozenset(back_references()["translated"].get(lang, "").split())
