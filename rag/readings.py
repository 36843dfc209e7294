"""Syllables of names: Vietnamese keys, Hán-Việt readings of pinyin and hanzi, and segmentation of romanised Chinese.

Method and tables: findings.md 2.1; `scripts/make_name_data.py` makes the data from published dictionaries.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from rag.remembered import remembered

_TONES = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_ONSET = "(?:ngh|ng|nh|n|gh|gi|g|kh|k|ch|c|th|tr|t|ph|p|qu|b|d|đ|h|l|m|r|s|v|x)?"
_RHYME = (
    "(?:a(?:c|ch|i|m|n|ng|nh|o|p|t|u|y)?|e(?:c|m|n|ng|o|p|t|nh|ch|u)?|i(?:a|ch|c|em|en|eng|ec|ep|et|eu|m|n|nh|p|t|u)?"
    "|o(?:a|ac|ach|ai|am|an|ang|anh|ao|ap|at|ay|c|e|en|eo|et|i|m|n|ng|oc|ong|p|t)?"
    "|u(?:a|an|ang|at|ay|c|e|ech|enh|i|m|n|ng|o|oc|oi|om|on|ong|op|ot|ou|p|t|u|y|ya|ych|yen|yet|ynh|yt)?"
    "|y(?:ch|em|en|eng|et|eu|nh|m|n|t|a)?)"
)
_VIETNAMESE = re.compile(_ONSET + _RHYME)
_DOUBLETS = """vũ võ|hoàng huỳnh|chu châu|phúc phước phớc|nghĩa ngãi|tính tánh|sinh sanh|chính chánh
cảnh kiểng|đường đàng
lĩnh lãnh|trường tràng|nhậm nhâm nhiệm|thái thới|kính kiếng|hoa huê|bảo bửu|nguyên ngươn|tùng tòng|đảm đởm
sơn san|hồng hường|quý quới|đan đơn|uy oai|phượng phụng|nhật nhựt|an yên|mệnh mạng|hợp hiệp|tôn tông
vĩnh vãnh|hộ hỗ"""
_TAIWAN_AND_SINGAPORE = {
    "lee": "li", "ing": "ying", "jeou": "jiu", "soong": "song", "shieh": "xie", "loong": "long", "chow": "zhou",
    "woo": "wu", "yew": "yao", "kwan": "guan", "siew": "xiao", "hau": "hao", "goh": "wu", "tan": "chen", "koo": "gu",
    "shih": "shi", "chih": "zhi", "tzu": "zi", "tse": "ze", "szu": "si", "jyh": "zhi", "fu": "fu", "wen": "wen",
}  # fmt: skip
MAX_SYLLABLES = 6


def lines(name: str) -> list[str]:
    """The lines of a data file, without comments."""
    text = (files("rag") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@remembered(50_000)
def syllable_key(syllable: str) -> str:
    """A Vietnamese syllable with its tone as a digit behind it: `Hoà`, `hòa` -> `hoa2`; `Lý`, `Lí` -> `li1`."""
    tone, letters = "0", []
    for c in unicodedata.normalize("NFD", syllable.lower()):
        if c in _TONES:
            tone = _TONES[c]
        else:
            letters.append(c)
    bare = unicodedata.normalize("NFC", "".join(letters))
    if len(bare) > 1 and bare[-1] == "y" and (bare[-2] not in "aâouâ" or bare[:-1] == "qu"):
        bare = bare[:-1] + "i"
    return ("i" if bare == "y" else bare) + tone


def has_marks(text: str) -> bool:
    """Whether the text has a Vietnamese letter or tone mark."""
    return not text.isascii() and any(
        c in "đĐơƠưƯ" or (c.isalpha() and unicodedata.decomposition(c)) for c in unicodedata.normalize("NFC", text)
    )


@remembered(100_000)
def is_vietnamese(folded: str) -> bool:
    """Whether a folded word can be one Vietnamese syllable."""
    return len(folded) <= 7 and _VIETNAMESE.fullmatch(folded) is not None


@cache
def doublets() -> dict[str, frozenset[str]]:
    """Keys that stand for one reading in the north and the south: `vu4` and `vo4` (Vũ, Võ)."""
    table: dict[str, frozenset[str]] = {}
    for group in re.split(r"[|\n]", _DOUBLETS):
        keys = frozenset(syllable_key(s) for s in group.split())
        table.update(dict.fromkeys(keys, keys))
    return table


def variants(key: str) -> frozenset[str]:
    """A syllable key and its doublets."""
    return doublets().get(key) or frozenset((key,))


@cache
def hanviet() -> dict[str, dict[str, float]]:
    """pinyin -> Hán-Việt key -> share of the readings of that pinyin."""
    table: dict[str, dict[str, float]] = {}
    for line in lines("hanviet.tsv"):
        pinyin, row = line.split("\t")
        weights = {key: float(weight) for key, _, weight in (item.partition(":") for item in row.split())}
        total = sum(weights.values())
        table[pinyin] = {key: weight / total for key, weight in weights.items()}
    return table


@cache
def pinyin_of() -> dict[str, frozenset[str]]:
    """Hán-Việt key -> the pinyin it can stand for, doublets included."""
    table: dict[str, set[str]] = {}
    for pinyin, row in hanviet().items():
        for key in row:
            for variant in variants(key):
                table.setdefault(variant, set()).add(pinyin)
    return {key: frozenset(found) for key, found in table.items()}


@cache
def pinyin_of_folded() -> dict[str, frozenset[str]]:
    """The same for a syllable whose marks were left out."""
    table: dict[str, set[str]] = {}
    for key, found in pinyin_of().items():
        table.setdefault(_fold_key(key), set()).update(found)
    return {key: frozenset(found) for key, found in table.items()}


def _fold_key(key: str) -> str:
    letters = unicodedata.normalize("NFD", key[:-1].replace("đ", "d"))
    return "".join(c for c in letters if not unicodedata.combining(c))


def share(pinyin: str, key: str) -> float:
    """How much of the readings of a pinyin syllable is this Hán-Việt key; 0 where it is none of them."""
    row = hanviet().get(pinyin, {})
    return max((row.get(variant, 0.0) for variant in variants(key)), default=0.0)


@cache
def _hanzi() -> dict[str, tuple[str, str, str]]:
    table = {}
    for line in lines("hanzi.tsv"):
        character, plain, pinyin, keys = line.split("\t")
        table[character] = (plain or character, pinyin, keys)
    return table


def simplified(text: str) -> str:
    """Hanzi in simplified form, character by character."""
    table = _hanzi()
    return "".join(table[c][0] if c in table else c for c in text)


def hanzi_pinyin(character: str) -> frozenset[str]:
    """All toneless pinyin of a character; empty where it has none."""
    row = _hanzi().get(character)
    return frozenset(row[1].split()) if row else frozenset()


def hanzi_first_pinyin(character: str) -> str:
    """The usual pinyin of a character, or nothing."""
    row = _hanzi().get(character)
    return row[1].split()[0] if row and row[1] else ""


@lru_cache(maxsize=20_000)
def hanzi_keys(character: str) -> frozenset[str]:
    """All Hán-Việt keys of a character and their doublets."""
    row = _hanzi().get(character)
    return frozenset(v for key in row[2].split() for v in variants(key)) if row else frozenset()


@cache
def _romanisations() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Pinyin, Wade-Giles (with spellings of Taiwan and Singapore) and Palladius syllables -> pinyin."""
    tables: tuple[dict[str, set[str]], ...] = ({}, {}, {})
    for line in lines("romanisations.tsv"):
        pinyin, wade, cyrillic = line.split("\t")
        for table, spelling in zip(tables, (pinyin, wade, cyrillic), strict=True):
            table.setdefault(spelling, set()).add(pinyin)
    for spelling, pinyin in _TAIWAN_AND_SINGAPORE.items():
        tables[1].setdefault(spelling, set()).add(pinyin)
    tables[2].setdefault("хой", set()).add("hui")
    tables[0].setdefault("lyu", set()).add("lu")
    first, second, third = ({s: frozenset(p) for s, p in table.items()} for table in tables)
    return first, second, third


@remembered(100_000)
def _segment(word: str, system: int) -> tuple[tuple[frozenset[str], ...], ...]:
    table = _romanisations()[system]
    longest = 7
    found: list[list[tuple[frozenset[str], ...]]] = [[] for _ in range(len(word) + 1)]
    found[0].append(())
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - longest), end):
            if found[start] and word[start:end] in table:
                syllable = table[word[start:end]]
                found[end].extend((*before, syllable) for before in found[start] if len(before) < MAX_SYLLABLES)
    return tuple(found[-1])


def segment(word: str, system: str) -> tuple[tuple[frozenset[str], ...], ...]:
    """All ways to read a folded word as syllables of `pinyin`, `wade` or `palladius`.

    Each way is a row of sets of pinyin. An apostrophe divides pinyin and is dropped in Wade-Giles.
    """
    number = ("pinyin", "wade", "palladius").index(system)
    if len(word) > 24:
        return ()
    if number == 0 and "'" in word:
        parts = [_segment(part, 0) for part in word.split("'") if part]
        if all(len(part) >= 1 for part in parts):
            return (tuple(syllable for part in parts for syllable in part[0]),)
        return ()
    return _segment(re.sub(r"['ьъ]", "", word) if number == 1 else word.replace("'", ""), number)
