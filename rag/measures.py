"""What kind of expression a question asks for (a sum, a number of people, a date), and whether a sentence holds one."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rag.dates import find_dates
from rag.text import LANGUAGES, fold, has_marks, nfc, stopwords, words

_UNCOUNTED = ("money", "percent", "area", "length", "weight", "duration")
_MEASURED = ("people", *_UNCOUNTED)
_UNIT_WORDS = {"people": 3, "money": 2}  # as many words may stand between a figure and its unit; else one
_NOUN_WORDS = 5  # and between a figure and a word of the question's noun
_APART = 60  # characters, at most, between a figure and what it counts
_COUNTING = ("how many", "bao nhiêu", "bao nhieu", "多少", "сколько")
_HAN = "\u3400-\u9fff"
_IS_HAN = re.compile(f"[{_HAN}]")
# None of "G20", "COVID-19", "第5", "thứ 13", "13th", ", số 2 Lê Quang Đạo".
_DIGITS = (
    r"(?<![a-zа-я0-9_])(?<![a-zа-я]-)(?<![0-9][.,:/])(?<!第)(?<!thứ )(?<!điều )"
    r"(?<!, số )(?<!tại số )(?<!ở số )\d[\d.,]*"
    r"(?!(?:st|nd|rd|th|-?й|-?я)\b)"
)
_YEAR = re.compile(r"(?<![\d.,/])1\d{3}(?![\d.,/]*\d)|(?<![\d.,/])20\d\d(?![\d.,/]*\d)")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:：]\d\d(?!\d)")
_BREAK = re.compile(r"[.;!?。；！？]\s|\n")


@dataclass(frozen=True, slots=True)
class Expected:
    """A kind of expression that an answer must state; `noun` holds stems of what is counted, in `lang`."""

    kind: str
    noun: tuple[str, ...] = ()
    lang: str = ""


def asked_for(question: str, *, lang: str) -> tuple[Expected, ...]:
    """The kinds that the question asks for, each once; none where its words do not say so for certain."""
    text = _lower(question)
    bare = lang == "vi" and not has_marks(question)
    found: dict[str, Expected] = {}
    for kind in _data()["asks"]:
        match = _ask(kind, lang, bare).search(text)
        if match:
            if kind != "nothing":
                expected = _expected(kind, match, lang)
                found.setdefault(expected.kind, expected)
            text = f"{text[: match.start()]} … {text[match.end() :]}"
    return tuple(found.values())


def states(expected: Expected, sentence: str, *, lang: str) -> bool:
    """Whether the sentence, in `lang`, may hold an expression of that kind; false only where it surely does not.

    What is counted is looked for beside the figure; across languages, or where the sentence has another word for it,
    any figure that is no measure will do.
    """
    if expected.kind in _data()["words"]:
        return bool(_any_of(expected.kind, lang).search(nfc(sentence).lower()))
    if expected.kind == "time":
        return bool(find_dates(sentence, lang=lang)) or _says_when(sentence, lang)
    text = _figures_only(sentence, lang)
    if expected.kind == "figure":
        return any(_bare(text, lang)) or any(_amounts("percent", text, lang))
    if expected.kind == "duration" and _says_how_long(sentence, lang):
        return True
    if expected.kind in _MEASURED and any(_amounts(expected.kind, _no_pairs(text, lang), lang)):
        return True
    if expected.noun and expected.lang == lang and _counts(expected.noun, text, lang):
        return True
    countable = expected.lang == "en"  # "bao nhiêu gạo" is answered in tonnes or money, "how many" never
    but = _UNCOUNTED if countable else ("percent", "duration")
    return expected.kind == "count" and any(_bare(text, lang, but=but))


def counts(expected: Expected, sentence: str, *, lang: str) -> bool:
    """Whether a figure of the sentence stands beside a word of what is counted, where the question is in `lang` too."""
    return _counts(expected.noun, _figures_only(sentence, lang), lang)


def beside(figures_of: re.Pattern[str], sentence: str, *, lang: str) -> bool:
    """Whether a figure of the sentence, no date, stands near something that matches the pattern (of lower case)."""
    undated = " ".join(_figures_only(sentence, lang).split())
    text = _any_of("pairs", lang).sub(lambda match: f"_ {match[0].split()[-1]}", undated)
    found = [match.span() for match in figures_of.finditer(text)]
    figures = [match.span() for match in _numbers(lang, True).finditer(text)] if found else []
    return any(
        len(words(text[last:start] if last <= start else text[end:first])) <= _NOUN_WORDS
        for start, end in found
        for first, last in figures
    )


def called(kind: str, *, lang: str) -> str:
    """What a reader calls the kind, in `lang` (vi, else English): "number of people"."""
    names = _data()["called"]
    return str(names.get(lang, names["en"])[kind])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("rag") / "data" / "measures.toml").read_text(encoding="utf-8"))


def _lower(text: str) -> str:
    return " ".join(nfc(text).lower().split())


def _listed(table: dict[str, list[str]], lang: str) -> list[str]:
    """The entries for a language, those for all of them where it is none of ours."""
    known = [lang] if lang in LANGUAGES else LANGUAGES
    return [entry for key in ("any", *known) for entry in table.get(key, [])]


def _alternatives(entries: Sequence[str]) -> str:
    """A pattern for whole words, or for any place between Han characters; "x*" is a word that begins with x."""
    longest = sorted(entries, key=len, reverse=True)
    lettered = [entry for entry in longest if entry[0].isalpha() and not _IS_HAN.search(entry)]
    others = [entry if entry[0] == "[" else re.escape(entry) for entry in longest if entry not in lettered]
    first = re.escape("".join(sorted({entry[0] for entry in lettered})))
    word = [rf"(?=[{first}])(?<![^\W\d_])(?:{'|'.join(map(_entry, lettered))})"] if lettered else []
    return "|".join([*word, *others]) or "(?!)"


def _entry(entry: str) -> str:
    if entry.endswith("*"):
        return re.escape(entry[:-1]) + r"\w*"
    return re.escape(entry) + (r"(?!\w)" if entry[-1].isalnum() else "")


@cache
def _ask(kind: str, lang: str, bare: bool) -> re.Pattern[str]:
    phrases = _data()["asks"][kind].get(lang, [])
    if bare:  # "mấy" without its mark is also "máy"
        phrases = [fold(phrase) for phrase in phrases if not phrase.startswith("mấy")]
    return re.compile("|".join(_asking(phrase, lang, bare) for phrase in phrases) or "(?!)")


def _asking(phrase: str, lang: str, bare: bool) -> str:
    parts = []
    for part in filter(None, re.split(r"( ?~ ?|_ |\{\w+\}|\^|\$)", phrase)):
        if part == "_ ":
            parts.append(rf"(?:(?!(?:{'|'.join(stopwords(lang))})\b)[\w'-]+ ){{0,3}}?")
        elif part.strip() == "~":
            parts.append(r"\b.{0,100}?\b" if lang != "zh" else ".{0,40}?")
        elif part.startswith("{"):
            units = _listed(_data()["units"][part[1:-1]], lang)
            parts.append(f"(?:{_alternatives([fold(unit) if bare else unit for unit in units])})")
        elif part in "^$":
            parts.append(r"^\W*" if part == "^" else r"(?=\W*$)")
        else:
            parts.append(re.escape(part[:-1]) + r"\w*" if part.endswith("*") else re.escape(part))
    edge = "" if lang == "zh" else r"(?<!\w)"
    return edge + "".join(parts) + ("" if lang == "zh" or not phrase[-1].isalnum() else r"(?!\w)")


def _expected(kind: str, ask: re.Match[str], lang: str) -> Expected:
    """The kind with its noun; "cao bao nhiêu tầng" asks for no length."""
    counting = next((word for word in _COUNTING if word in ask[0]), None)
    if counting is None or kind in ("percent", "time"):
        return Expected(kind)
    after = ask.string[ask.start() + ask[0].index(counting) + len(counting) :].lstrip()
    noun = _noun(after, lang)
    if kind == "people":
        return Expected(kind, noun, lang)
    if ask[0].endswith(counting) and noun and not _leading(kind, lang).match(after):
        return Expected("count", noun, lang)
    return Expected(kind)


def _noun(after: str, lang: str) -> tuple[str, ...]:
    """The stems of the words after "how many", as far as the noun can reach."""
    stops = stopwords(lang, folded=not has_marks(after))
    stems: list[str] = []
    for word in words(re.split(r"[?,;.…？，。]", after, maxsplit=1)[0])[: 4 if lang == "zh" else 3]:
        if word in stops:
            break
        plain = fold(word)
        stems.append(word if lang in ("vi", "zh") else plain[: max(4, len(plain) - 4)])
    return tuple(stems)


def _figures_only(sentence: str, lang: str) -> str:
    """The sentence in lower case, without its dates and words that only look like figures and units."""
    parts, end = [], 0
    for found in find_dates(sentence, lang=lang):
        parts += [sentence[end : found.start], " " * (found.end - found.start)]
        end = found.end
    undated = nfc("".join([*parts, sentence[end:]])).lower()
    return _any_of("compounds", lang).sub(lambda match: "_" * len(match[0]), undated)


@cache
def _numbers(lang: str, vague: bool) -> re.Pattern[str]:
    listed = _listed(_data()["numbers"], lang)
    if not vague:
        listed = [word for word in listed if word not in _listed(_data()["vague"], lang)]
    return re.compile(f"{_DIGITS}|{_alternatives(listed)}")


@cache
def _leading(kind: str, lang: str) -> re.Pattern[str]:
    return re.compile(_alternatives(_listed(_data()["units"].get(kind, {}), lang)))


@cache
def _units(kind: str, lang: str) -> re.Pattern[str]:
    return re.compile(_alternatives(_listed(_data()["units"][kind], lang) + _listed(_data()["also"][kind], lang)))


def _amounts(kind: str, text: str, lang: str) -> Iterator[tuple[int, int]]:
    """The spans of figures that a unit of the kind stands near: after them, or for sums and people on either side."""
    units = [match.span() for match in _units(kind, lang).finditer(text)]
    if kind == "percent":  # "half" needs no figure
        yield from units
    if not units:
        return
    starts = [start for start, _ in units]
    leading = [match.end() for match in _leading(kind, lang).finditer(text)] if kind in _UNIT_WORDS else []
    for figure in _numbers(lang, True).finditer(text):
        clear = bool(_numbers(lang, False).fullmatch(figure[0]))
        most = (_UNIT_WORDS.get(kind, 1) if clear else 1) + (lang == "zh")
        following = starts[bisect_left(starts, figure.end()) : bisect_left(starts, figure.end() + _APART)]
        preceding = leading[bisect_left(leading, figure.start() - _APART) : bisect_right(leading, figure.start())]
        after = any(_near(text[figure.end() : start], most) for start in following)
        if after or (clear and any(_near(text[end : figure.start()], most) for end in preceding)):
            yield figure.span()


def _near(between: str, most: int) -> bool:
    return len(words(between)) <= most and not _BREAK.search(between)


def _counts(noun: Sequence[str], text: str, lang: str) -> bool:
    """Whether a word of the noun stands near a figure; in Vietnamese and Chinese the whole word, with its marks."""
    whole = lang in ("vi", "zh")
    for figure in _numbers(lang, True).finditer(text):
        around = words(text[figure.end() : figure.end() + _APART])[:_NOUN_WORDS]
        around += words(text[max(0, figure.start() - _APART) : figure.start()])[-_NOUN_WORDS:]
        for word in around:
            if any(stem in (word, fold(word)) if whole else fold(word).startswith(stem) for stem in noun):
                return True
    return False


def _bare(text: str, lang: str, *, but: Sequence[str] = ()) -> Iterator[str]:
    """The figures that are no amount of the kinds `but`, and count no parties ("both sides")."""
    apart = {i for match in _any_of("pairs", lang).finditer(text) for i in range(*match.span())}
    apart |= {i for kind in but for span in _amounts(kind, text, lang) for i in range(*span)}
    return (figure[0] for figure in _numbers(lang, False).finditer(text) if figure.start() not in apart)


def _no_pairs(text: str, lang: str) -> str:
    """The text without its "two heads of state", who are no number of people."""
    return _any_of("pairs", lang).sub(lambda match: "_" * len(match[0]), text)


def _says_when(sentence: str, lang: str) -> bool:
    return bool(_YEAR.search(sentence) or _any_of("time", lang).search(nfc(sentence).lower()))


def _says_how_long(sentence: str, lang: str) -> bool:
    dates = find_dates(sentence, lang=lang)
    closed = any("/" in found.edtf for found in dates) or len(_YEAR.findall(sentence)) > 1
    return closed or bool(_CLOCK.search(sentence)) or bool(_any_of("span", lang).search(nfc(sentence).lower()))


@cache
def _any_of(table: str, lang: str) -> re.Pattern[str]:
    data = _data()
    return re.compile(_alternatives(_listed(data.get(table) or data["words"][table], lang)))
