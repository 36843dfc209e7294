"""What a question asks for and the nearest sentences do not speak of: a visa, a resignation, how many soldiers.

Things and their words in several languages are those of asked.toml. A thing counts where it stands beside a question
word ("which bank", "giá bao nhiêu", "about visas"): further off it describes what is asked about, in whatever words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from rag import measures, ordinals
from rag.measures import Expected
from rag.text import fold, has_marks, nfc, words

Sentences = Sequence[tuple[str, str]]

_HAN = re.compile("[\u3400-\u9fff]")
_BESIDE = 2  # words, at most, between a question word and the thing it asks for
_BEFORE_COUNTED = 2  # words between "how many" and what is counted
_LONG = 7  # characters of a phrase without marks that could be no part of other words
_OWN_LANGUAGE = 3  # sentences in the question's language that let its own words be looked for
_MARKED = "bao nhiêu|bao lâu|bao giờ|khi nào|vì sao|mấy|nào|gì|ai|đâu"
_ASKING = {
    "en": re.compile(r"\b(?:how (?:much|many|long|old|big)|which|what|who|whom|whose|when|where|why)\b"),
    "vi": re.compile(rf"\b(?:{_MARKED}|{fold(_MARKED)})\b"),
    "zh": re.compile("多少|几|哪|什么|谁|何时|怎么|为何"),
}
_ABOUT = {
    "en": re.compile(r"\b(?:about|on|regarding|over)\b"),
    "vi": re.compile(r"\b(?:về|ve)\b"),
    "zh": re.compile("谈|关于|说"),
}
_COUNTING = r"(?:how many|bao nhiêu|mấy|bao nhieu|多少|几)"


def untold(question: str, sentences: Sentences, *, lang: str, names: Sequence[str] = ()) -> str | None:
    """The question's words for what none of the sentences (text, language), those nearest to it, speaks of; else None.

    A thing of asked.toml for which no sentence has a word; a number of things with no figure beside them; the second
    or third of something where only others are told. None where a sentence is in a language without such words.
    """
    if any(spoken not in _ASKING for _, spoken in sentences):
        return None
    bare = _without(question, names)
    things = list(_things(bare, lang)) if lang in _ASKING else []
    for thing, phrase in things:
        if _asked_for(phrase, bare, lang) and not _told(thing, sentences):
            return phrase
    return _uncounted(question, bare, things, sentences, lang) or _other(question, sentences, lang)


def _without(question: str, names: Sequence[str]) -> str:
    """The question in lower case, names left out."""
    for name in names:
        question = question.replace(name, " ")
    return " ".join(nfc(question).lower().split())


def _things(bare: str, lang: str) -> Iterator[tuple[str, str]]:
    """The things of asked.toml that the question has words for, with those words."""
    unmarked = lang == "vi" and not has_marks(bare)
    for thing in _data():
        if match := _words_that_ask(thing, lang, unmarked).search(bare):
            yield thing, match[0]


def _asked_for(phrase: str, bare: str, lang: str) -> bool:
    """Whether the phrase stands beside a question word, in English behind it, or soon after "about"."""
    start = bare.index(phrase)
    end = start + len(phrase)
    for question_word in _ASKING[lang].finditer(bare):
        first, last = question_word.span()
        if first < end and start < last:
            return True
        before = last <= start
        if (before or lang != "en") and _size(bare[last:start] if before else bare[end:first], lang) <= _BESIDE:
            return True
    return any(_size(bare[about.end() : start], lang) <= _BESIDE for about in _ABOUT[lang].finditer(bare[:start]))


def _size(text: str, lang: str) -> int:
    return len(text) // 2 if lang == "zh" else len(text.split())


def _told(thing: str, sentences: Sentences) -> bool:
    return any(_words_that_tell(thing, spoken).search(nfc(text).lower()) for text, spoken in sentences)


def _uncounted(
    question: str, bare: str, things: Sequence[tuple[str, str]], sentences: Sentences, lang: str
) -> str | None:
    """What is to be counted, where no figure stands beside it."""
    for expected in measures.asked_for(question, lang=lang):
        if expected.kind not in ("count", "people"):
            continue
        for thing, phrase in things:
            if _is_counted(phrase, bare) and not any(
                measures.beside(_words_that_tell(thing, spoken), text, lang=spoken) for text, spoken in sentences
            ):
                return phrase
        if expected.noun and not _counted(expected, sentences, lang):
            return _noun(bare, expected)
    return None


def _is_counted(phrase: str, bare: str) -> bool:
    """Whether the phrase begins with "how many", or stands right behind it."""
    behind = rf"{_COUNTING}\s*(?:\w+\s){{0,{_BEFORE_COUNTED}}}?{re.escape(phrase)}"
    return bool(re.match(_COUNTING, phrase) or re.search(behind, bare))


def _counted(expected: Expected, sentences: Sentences, lang: str) -> bool:
    """Whether a figure stands beside the question's own noun; true where the nearest are in other languages."""
    if any(spoken != lang for _, spoken in sentences[:_OWN_LANGUAGE]):
        return True
    return any(measures.counts(expected, text, lang=lang) for text, spoken in sentences if spoken == lang)


def _noun(bare: str, expected: Expected) -> str:
    """The question's words from the noun's first to its last; the stems where they cannot be found."""
    found = [word for word in words(bare) if any(fold(word).startswith(fold(stem)) for stem in expected.noun)]
    return " ".join(dict.fromkeys(found)) or " ".join(expected.noun)


def _other(question: str, sentences: Sentences, lang: str) -> str | None:
    """The question's ordinal, where the sentences have other ones only."""
    by_language: dict[str, list[str]] = {}
    for text, spoken in sentences:
        by_language.setdefault(spoken, []).append(text)
    texts = [("\n".join(each), spoken) for spoken, each in by_language.items()]
    others = [ordinals.another(question, text, asked_in=lang, lang=spoken) for text, spoken in texts]
    return ordinals.first(question, lang=lang) if others and all(others) else None


@cache
def _data() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((files("rag") / "data" / "asked.toml").read_text(encoding="utf-8"))


def _listed(thing: str, key: str) -> list[str]:
    return [phrase.strip() for phrase in _data()[thing].get(key, "").split(",") if phrase.strip()]


@cache
def _words_that_ask(thing: str, lang: str, unmarked: bool) -> re.Pattern[str]:
    """Without marks only long phrases: a syllable could be another word."""
    phrases = _listed(thing, lang)
    if unmarked:
        phrases = [fold(phrase) for phrase in phrases if " " in phrase and len(phrase) >= _LONG]
    return _any(phrases)


@cache
def _words_that_tell(thing: str, lang: str) -> re.Pattern[str]:
    return _any(_listed(thing, lang) + _listed(thing, f"also_{lang}"))


def _any(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(_phrase, sorted(phrases, key=len, reverse=True))) or "(?!)")


def _phrase(phrase: str) -> str:
    if _HAN.search(phrase):
        return re.escape(phrase)
    return r"(?<!\w)" + re.escape(phrase.rstrip("*")) + (r"\w*" if phrase.endswith("*") else r"(?!\w)")
