"""Names of other scripts and romanisations as rough sound: Latin and Cyrillic skeletons, hanzi transcriptions."""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz.distance import Levenshtein

from rag.readings import hanzi_first_pinyin
from rag.remembered import remembered
from rag.text import fold

_CYRILLIC = str.maketrans(
    dict(zip("абвгдежзийклмнопрстуфхцчшщыэюяіїєґў",
             "a b v g d e zh z i i k l m n o p r s t u f h ts ch sh sc i e iu ia i i e g u".split(), strict=True))
    | {"ъ": "", "ь": ""}
)  # fmt: skip
_RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("shch", "sc"), ("kh", "h"), ("ph", "f"), ("th", "t"), ("tch", "ch"), ("ck", "k"), ("tz", "ts"),
        ("dzh|zh", "j"),
        ("x", "ks"), ("q", "k"), ("w", "v"), ("c(?![heiy])", "k"), ("[yj]", "i"), ("oo|ou", "u"), ("io|ei|ie", "e"),
        (r"(.)\1+", r"\1"), ("(?<=[aeiou])h$", ""),
    )
]  # fmt: skip
_VOWELS = re.compile("[aeiou]")
_INITIALS = re.compile("zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]")
_TRANSCRIPTION_CLASS = {
    "zh": "J", "ch": "C", "sh": "S", "x": "S", "s": "S", "z": "S", "c": "S", "q": "C", "j": "J", "r": "L", "l": "L",
    "b": "B", "p": "P", "m": "N", "f": "F", "w": "F", "d": "D", "t": "T", "n": "N", "g": "G", "k": "K", "h": "H",
    "y": "",
}  # fmt: skip
_LATIN_CLASS = {
    "b": "B", "p": "P", "v": "F", "f": "F", "m": "N", "n": "N", "d": "D", "t": "T", "g": "G", "k": "K", "h": "H",
    "l": "L", "r": "L", "s": "S", "z": "S", "j": "J",
}  # fmt: skip
_WEAK = frozenset("u e i er".split())
_VOWELS_OF = {"a": "aeuo", "o": "oua", "e": "eaoui", "i": "ie", "u": "uoa"}
CLASSES_OF = {"Y": "KTJSDG", "J": "JSCT", "C": "CJT"}
_TRANSCRIBING = (
    "阿埃艾爱安奥巴白班邦保鲍贝本比彼宾波博勃伯布查茨达戴丹道德登邓迪蒂丁杜顿多厄恩尔法范菲费芬弗夫福佛富盖甘冈高戈哥格"
    "根古哈海汉豪赫黑亨洪胡华怀惠霍基吉加贾杰金京卡凯坎考柯科克肯库夸昆拉莱赖兰朗劳勒雷里理利列林伦罗洛鲁卢马玛迈曼毛梅门蒙"
    "米密明莫墨姆穆默拿纳娜奈南内尼涅宁纽农努诺欧帕潘庞佩彭皮平蓬普奇齐恰钱乔切琴琼丘让热日荣儒瑞若萨塞赛桑瑟沙山尚绍舍申"
    "龙隆朔冯莉妮丽娅代森滕凡琳津策楚措雷赛默森尔耳"
    "圣施什史舒斯苏索所塔泰坦汤唐陶特藤田廷图托瓦万旺威韦维魏温文沃翁乌伍武西希锡夏肖谢辛休许雅亚延扬耶叶伊易因英尤于约泽曾"
    "扎詹章珍芝治朱兹佐祖拜登泽连基塔胡杜罗布林肯特朗"
)


@remembered(200_000)
def skeleton(word: str) -> str:
    """The rough sound of one Latin or Cyrillic word: `Sergey`, `Sergei`, `Сергей` -> `serge`."""
    sound = fold(word.lower().replace("ё", "йо")).translate(_CYRILLIC)
    sound = re.sub("[^a-z]", "", sound)
    for pattern, replacement in _RULES:
        sound = pattern.sub(replacement, sound)
    return sound


def frame(sound: str) -> str:
    """The consonants of a skeleton."""
    return _VOWELS.sub("", sound)


def close(one: str, other: str) -> float:
    """How near two skeletons of one surname are: 1 the same, 0.85 a vowel apart, 0 different.

    Only vowels may differ, at most one in a word of five letters and two in one of nine; Petrov is not Petrova.
    """
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    limit = 0 if len(shorter) < 5 else 1 if len(shorter) < 9 else 2
    if not limit or frame(one) != frame(other) or longer in (shorter + "a", shorter + "o", shorter + "i"):
        return 0.0
    return 0.85 if Levenshtein.distance(one, other, score_cutoff=limit) <= limit else 0.0


@cache
def _transcribing() -> frozenset[str]:
    return frozenset(_TRANSCRIBING)


@remembered(50_000)
def transcribes(hanzi: str) -> bool:
    """Whether hanzi can be a foreign name by sound: two characters or more, all used for transcription."""
    return len(hanzi) >= 2 and all(c in _transcribing() for c in hanzi)


@remembered(50_000)
def hanzi_sounds(hanzi: str) -> str:
    """Consonant classes of hanzi that transcribe a foreign name: `拉夫罗夫` -> `LFLF`."""
    classes = []
    for character in hanzi:
        syllable = hanzi_first_pinyin(character)
        initial = _INITIALS.match(syllable)
        head = initial.group() if initial else ""
        if character in "尔耳":
            classes.append("L")
            continue
        sound = _TRANSCRIPTION_CLASS.get(head, "")
        if head == "j" and syllable[1:] in ("i", "ia", "ie", "in", "ing"):
            sound = "Y"
        classes.append(sound)
        if syllable.endswith(("n", "ng")):
            classes.append("N")
    return re.sub(r"(.)\1+", r"\1", "".join(classes))


@remembered(200_000)
def latin_sounds(sound: str) -> str:
    """Consonant classes of a skeleton, to compare with `hanzi_sounds`."""
    spelled = re.sub("sh|sc", "S", re.sub("ch", "C", sound))
    spelled = re.sub("h$", "", spelled)
    classes = "".join(c if c.isupper() else _LATIN_CLASS.get(c, "") for c in spelled)
    return re.sub(r"(.)\1+", r"\1", classes)


def _hanzi_vowels(hanzi: str) -> list[str]:
    """The vowel after each consonant of `hanzi_sounds`, before doubles collapse."""
    vowels = []
    for character in hanzi:
        syllable = hanzi_first_pinyin(character)
        if character in "尔耳":
            vowels.append("")
            continue
        initial = _INITIALS.match(syllable)
        final = syllable[initial.end() :] if initial else syllable
        if initial and _TRANSCRIPTION_CLASS[initial.group()]:
            vowels.append(final)
        if syllable.endswith(("n", "ng")):
            vowels.append("")
    return vowels


def _vowels_agree(hanzi: str, sound: str) -> bool:
    """Whether each hanzi's vowel can be the letters after that consonant; a weak one can be none."""
    mine = _hanzi_vowels(hanzi)
    parts = re.findall(r"([^aeiou]+)([aeiou]*)", re.sub("sh|sc", "s", re.sub("ch", "c", sound)))
    theirs = [v for consonants, vowel in parts for v in [""] * (len(consonants) - 1) + [vowel]]
    return len(mine) == len(theirs) and all(
        (final in _WEAK or not final) if not vowel else not final or vowel[0] in _VOWELS_OF.get(final[0], "aeiou")
        for final, vowel in zip(mine, theirs, strict=True)
    )


def sounds_like(hanzi: str, sound: str) -> bool:
    """Whether hanzi transcribe the surname with this skeleton, by at least three consonants.

    A `ji` may stand for k, t or j (斯基, 普京), a b for w; a final r is often left out.
    """
    begins_with_vowel = hanzi_first_pinyin(hanzi[0])[:1] in "aeoy"
    if (sound[:1] in "aeiou") != begins_with_vowel or not _vowels_agree(hanzi, sound):
        return False
    one, other = hanzi_sounds(hanzi), latin_sounds(sound)
    if len(other.rstrip("L")) < 3 and len(other) < 3:
        return False
    if other.endswith("L") and len(one) == len(other) - 1:
        other = other[:-1]
    return len(one) == len(other) >= 3 and all(b in CLASSES_OF.get(a, a) for a, b in zip(one, other, strict=True))
