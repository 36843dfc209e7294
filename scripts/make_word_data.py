"""Regenerate `rag/data/words_zh.txt.gz` and `rag/data/hangul.tsv`: common Chinese words, Korean readings of hanzi.

    pip download --no-deps --no-binary :all: jieba==0.42.1 && tar xzf jieba-0.42.1.tar.gz
    apt-get download unicode-data && dpkg -x unicode-data_*.deb debian
    python scripts/make_word_data.py jieba-0.42.1 debian rag/data

Sources and licences: the dictionary of jieba (MIT, Sun Junyi), Unicode Unihan by Debian's `unicode-data`
(Unicode licence). Words that the dictionary tags as a place or body, and longer ones tagged as a person, are left out.
"""

from __future__ import annotations

import bz2
import gzip
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag.wordlists import chinese_surnames

# How often a word must occur; fewer times if it begins like a person's name. Two characters that are tagged as a
# person are as often a word (`贺信`): they are taken too, so that only a title makes a name of them.
LEAST, LEAST_BY_SURNAME, LEAST_TAGGED = 60, 3, 10
# Common words that the dictionary tags as names.
ALSO = "马拉松 麦克风 奥林匹克 诺贝尔 奥斯卡 巧克力".split()
PROPER = ("nr", "ns", "nt")
ONSETS = "g kk n d tt r m b pp s ss - j jj ch k t p h".split()
VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
CODAS = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split()


def common_words(dictionary: Path) -> list[str]:
    """Words of two and three characters that are frequent and no proper names."""
    found = list(ALSO)
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        word, count, tag = line.split()
        short = len(word) == 2 and word[0] in chinese_surnames()
        least = LEAST_TAGGED if tag == "nr" else LEAST_BY_SURNAME if short else LEAST
        proper = tag.startswith(PROPER) and not (short and tag == "nr")
        if len(word) in (2, 3) and int(count) >= least and not proper:
            found.append(word)
    return sorted(found)


def romanised(syllable: str) -> str:
    """A Hangul syllable in Revised Romanisation."""
    number = ord(syllable) - 0xAC00
    parts = ONSETS[number // 588], VOWELS[number % 588 // 28], CODAS[number % 28]
    return "".join(part for part in parts if part != "-")


def korean(folder: Path) -> dict[str, list[str]]:
    """Character -> its Korean readings, those of ordinary education first."""
    found: dict[str, list[str]] = defaultdict(list)
    with bz2.open(folder / "usr/share/unicode/Unihan_Readings.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] == "kHangul":
                readings = [romanised(reading.partition(":")[0]) for reading in parts[2].split()]
                found[chr(int(parts[0][2:], 16))] = list(dict.fromkeys(readings))
    return found


def main(package: Path, debian: Path, target: Path) -> None:
    words = "\n".join(common_words(package / "jieba" / "dict.txt")) + "\n"
    (target / "words_zh.txt.gz").write_bytes(gzip.compress(words.encode(), 9, mtime=0))
    known = {line.split("\t")[0] for line in (target / "hanzi.tsv").read_text(encoding="utf-8").splitlines()}
    readings = korean(debian)
    by_reading: dict[str, list[str]] = defaultdict(list)
    for character in sorted(known & set(readings)):
        for reading in readings[character]:
            by_reading[reading].append(character)
    head = "# Korean readings of hanzi, romanised: the reading and the characters that have it. Unihan kHangul.\n"
    body = "".join(f"{reading}\t{''.join(found)}\n" for reading, found in sorted(by_reading.items()))
    (target / "hangul.tsv").write_text(head + body, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
