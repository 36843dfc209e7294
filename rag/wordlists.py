"""General word lists for names, from `data/names.toml` and the gzipped lists of words; loaded at first use."""

from __future__ import annotations

import gzip
import re
import tomllib
from functools import cache
from importlib.resources import files

from rag.readings import lines, syllable_key
from rag.text import fold


@cache
def _tables() -> dict[str, str]:
    return tomllib.loads((files("rag") / "data" / "names.toml").read_text(encoding="utf-8"))


def _phrases(name: str) -> list[str]:
    return [phrase.strip() for phrase in re.split(r"[|\n]", _tables()[name]) if phrase.strip()]


@cache
def given_names() -> frozenset[str]:
    """Common Western given names, folded."""
    return frozenset(_tables()["given"].split())


@cache
def english_words() -> frozenset[str]:
    """English words in lower case that are not proper names."""
    return frozenset(gzip.decompress((files("rag") / "data" / "words_en.txt.gz").read_bytes()).decode().split())


@cache
def vietnamese_surnames() -> frozenset[str]:
    """Syllable keys of Vietnamese surnames and of Chinese ones in Hán-Việt."""
    return frozenset(map(syllable_key, _tables()["surnames_vi"].split()))


@cache
def bare_vietnamese_surnames() -> frozenset[str]:
    """The same without marks."""
    return frozenset(fold(s) for s in _tables()["surnames_vi"].split())


@cache
def chinese_words() -> frozenset[str]:
    """Common Chinese words of two and three characters that are no proper names, in simplified hanzi."""
    return frozenset(gzip.decompress((files("rag") / "data" / "words_zh.txt.gz").read_bytes()).decode().split())


@cache
def japanese_surnames() -> frozenset[str]:
    """Japanese surnames in simplified hanzi, of two or three characters."""
    return frozenset(_tables()["surnames_ja"].split())


@cache
def korean_surnames() -> frozenset[str]:
    """Korean surnames in simplified hanzi, of one character."""
    return frozenset("".join(_tables()["surnames_ko"].split()))


@cache
def chinese_surnames() -> frozenset[str]:
    """Chinese and Korean surnames in simplified hanzi, of one character or two."""
    return frozenset("".join(_tables()["surnames_zh"].split())) | frozenset(_tables()["surnames_zh_two"].split())


@cache
def titles(lang: str) -> frozenset[str]:
    """Titles and forms of address in a language, in lower case as they are written."""
    if lang in ("zh", "ru"):
        return frozenset(_tables()[f"titles_{lang}"].split())
    return frozenset(_phrases("titles_vi" if lang == "vi" else "titles_en"))


@cache
def chinese_titles() -> tuple[str, ...]:
    """The Chinese titles, as `str.startswith` takes them."""
    return tuple(sorted(titles("zh")))


@cache
def bare_titles() -> frozenset[str]:
    """Vietnamese and English titles, folded."""
    return frozenset(fold(t) for lang in ("vi", "en") for t in titles(lang))


@cache
def not_names(lang: str) -> frozenset[str]:
    """Words that begin a sentence or stand with a capital without being a name."""
    return frozenset(_tables()["not_names_vi" if lang == "vi" else "not_names_en"].split())


@cache
def person_acts() -> frozenset[str]:
    """Chinese verbs of two hanzi that only persons do."""
    return frozenset(_tables()["person_acts_zh"].split())


@cache
def common_vietnamese_surnames() -> frozenset[str]:
    """The most common Vietnamese surnames without marks."""
    return frozenset(_tables()["surnames_vi_common"].split())


@cache
def question_words(lang: str) -> frozenset[str]:
    """Words that open a question and are no name, folded; for Russian only."""
    return frozenset(fold(w) for w in _tables().get(f"question_words_{lang}", "").split())


@cache
def person_verbs(lang: str) -> frozenset[str]:
    """Verbs that persons do, as they are told in news: folded words (en, vi), stems (ru), words of two hanzi (zh)."""
    return frozenset(fold(w) for w in _tables().get(f"person_verbs_{lang}", "").split())


@cache
def acronyms_not_names() -> frozenset[str]:
    """Acronyms that are no organisation, folded."""
    return frozenset(fold(a) for a in _tables()["acronyms_not_names"].split())


@cache
def heads() -> frozenset[str]:
    """Vietnamese names of bodies and offices, two syllables in lower case: `ngoại giao`."""
    return frozenset(_phrases("heads_vi"))


@cache
def heads_folded() -> frozenset[str]:
    """The same without marks."""
    return frozenset(map(fold, heads()))


@cache
def compounds() -> frozenset[str]:
    """Common Vietnamese compounds without marks."""
    return frozenset(_phrases("compounds_vi"))


@cache
def compounds_like_places() -> frozenset[str]:
    """Vietnamese compounds whose first syllable is spelled like a country, in lower case: `lao động`."""
    return frozenset(_phrases("compounds_like_places_vi"))


@cache
def places_that_need_a_capital() -> frozenset[str]:
    """Folded words of place names that are also common words."""
    return frozenset(fold(w) for w in _tables()["place_needs_capital"].split())


@cache
def function_words(lang: str) -> frozenset[str]:
    """The stop words of a language, folded; English ones with the question words of `names.toml`."""
    stop = tomllib.loads("\n".join(lines("stopwords.toml")))
    found = frozenset(fold(w) for w in stop.get(lang, "").split())
    return found | not_names("en") if lang == "en" else found
