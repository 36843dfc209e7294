"""The words of a question, and a question in the capitals of a headline as a plain one."""

from __future__ import annotations

from rag import places
from rag.places import Word
from rag.text import fold
from rag.wordlists import bare_titles, english_words, function_words

TITLE_WORDS = frozenset("foreign prime vice deputy secretary state general".split())


def latin_words(text: str) -> list[Word]:
    """The words of a text that are not hanzi."""
    return [w for w in places.words(text) if not places.HANZI.match(w.text)]


def sentence_case(text: str, lang: str) -> str:
    """A question in the capitals of a headline with its common words in lower case, of the same length."""
    common = [w for w in latin_words(text)[1:] if len(w.text) > 2 and _is_common(fold(w.text), lang)]
    capitals = sum(w.capital for w in common)
    if capitals < 2 or capitals < 0.6 * len(common):
        return text
    letters = list(text)
    for word in common:
        if len(word.text.lower()) == len(word.text):
            letters[word.start : word.end] = word.text.lower()
    return "".join(letters)


def _is_common(word: str, lang: str) -> bool:
    if lang != "en":
        return word in function_words(lang)
    known = word in english_words() or word in function_words("en")
    return known and word not in bare_titles() and word not in TITLE_WORDS
