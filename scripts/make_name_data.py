"""Regenerate the data files of `rag/data` that come from published packages.

    npm pack hanviet-pinyin-words@2.1.7 && tar xzf hanviet-pinyin-words-2.1.7.tgz
    apt-get download unicode-data wamerican-small && for f in *.deb; do dpkg -x "$f" debian; done
    pip install pypinyin babel
    python scripts/make_name_data.py package debian rag/data

Sources and licences: hanviet-pinyin-words (MIT, Phong Phan), Unicode Unihan by Debian's `unicode-data`
(Unicode licence), pypinyin (MIT), CLDR by babel (Unicode licence), SCOWL by Debian's `wamerican-small`.
The method is that of findings.md, section 2.1: every dictionary reading under the pinyin it is given for,
weighted by the frequency of the character's Mandarin reading; and, at a tenth, under all its other pinyin.
"""

from __future__ import annotations

import bz2
import gzip
import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from pypinyin import Style, pinyin
from pypinyin.style import convert

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag.readings import syllable_key

LANGUAGES = {"en": "en", "vi": "vi", "zh": "zh_Hans", "ru": "ru"}
OTHER_PINYIN_WEIGHT = 0.1
VOWELS = set("aeiouy")
Pinyin = dict[str, dict[str, float]]
# Readings of surnames and name characters in the Vietnamese press that the dictionary does not give.
NAME_READINGS = dict(
    pair.split("=")
    for pair in (
        "戴=đới 段=đoàn 盧=lư 滬=hộ 任=nhậm 阮=nguyễn 裴=bùi 黎=lê 武=võ 范=phạm 覃=đàm 翟=địch 查=tra 單=thiện "
        "區=âu 仇=cừu 解=giải 婁=lâu 瞿=cù 甄=chân 佟=đồng 聶=nhiếp 柯=kha 樊=phàn 閻=diêm 邱=khâu 肖=tiêu 尹=doãn "
        "汪=uông 尤=vưu 卜=bốc 冉=nhiễm 晏=yến 駱=lạc 祁=kỳ"
    ).split()
)  # fmt: skip


def toneless(reading: str) -> str:
    """A pinyin syllable without its tone, ü as u: `lǚ` -> `lu`, `shang4` -> `shang`."""
    bare = "".join(c for c in unicodedata.normalize("NFD", reading.lower()) if c.isalpha() and c.isascii())
    bare = bare.replace("v", "u").replace("shaan", "shan")
    return bare if VOWELS & set(bare) else ""


def unihan(folder: Path, file: str, field: str) -> Iterator[tuple[str, str]]:
    """(character, value) of one field of a Unihan file."""
    with bz2.open(folder / f"usr/share/unicode/{file}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] == field:
                yield chr(int(parts[0][2:], 16)), parts[2]


def characters(value: str) -> list[str]:
    return [chr(int(code[2:], 16)) for code in re.findall(r"U\+[0-9A-F]+", value)]


def frequencies(debian: Path) -> dict[tuple[str, str], float]:
    counts: dict[tuple[str, str], float] = defaultdict(float)
    for character, value in unihan(debian, "Unihan_Readings", "kHanyuPinlu"):
        for reading, count in re.findall(r"([^\s(]+)\((\d+)\)", value):
            counts[character, toneless(reading)] += int(count)
    return counts


def all_pinyin(character: str) -> list[str]:
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return [p for p in dict.fromkeys(toneless(r) for r in (found[0] if found else [])) if p]


def readings_by_pinyin(package: Path) -> dict[str, dict[str, list[str]]]:
    """character -> toneless pinyin -> Hán-Việt readings, as the dictionary gives them."""
    source = (package / "src/hanvietData.js").read_text(encoding="utf-8")
    raw: dict[str, dict[str, list[str]]] = json.loads(source[source.index("{") : source.rindex("}") + 1])
    table: dict[str, dict[str, list[str]]] = {}
    for character, rows in raw.items():
        mine: dict[str, list[str]] = defaultdict(list)
        for given, readings in rows.items():
            for p in all_pinyin(character) if given == "*" else [toneless(given)]:
                if p:
                    mine[p].extend(syllable_key(r.strip()) for r in readings if r.strip().isalpha())
        table[character] = mine
    for character, reading in NAME_READINGS.items():
        mine = table.setdefault(character, defaultdict(list))
        for p in all_pinyin(character):
            if syllable_key(reading) not in mine[p]:
                mine[p].append(syllable_key(reading))
    return table


def write_readings(package: Path, debian: Path, out: Path) -> None:
    table = readings_by_pinyin(package)
    to_simplified = {
        t: characters(v)[0] for t, v in unihan(debian, "Unihan_Variants", "kSimplifiedVariant") if characters(v)[0] != t
    }
    traditional: dict[str, list[str]] = defaultdict(list)
    for t, s in to_simplified.items():
        traditional[s].append(t)
    counts = frequencies(debian)
    weights: Pinyin = defaultdict(lambda: defaultdict(float))
    for character, rows in table.items():
        plain = to_simplified.get(character, character)
        every = set(rows) | set(all_pinyin(character))
        for p, keys in rows.items():
            weight = counts.get((plain, p), 0.0) + 1
            for key in dict.fromkeys(keys):
                for other in every:
                    weights[other][key] += weight if other == p else OTHER_PINYIN_WEIGHT
    with (out / "hanviet.tsv").open("w", encoding="utf-8") as lines:
        for p in sorted(weights):
            row = sorted(weights[p].items(), key=lambda item: (-item[1], item[0]))
            lines.write(p + "\t" + " ".join(f"{key}:{round(weight, 1):g}" for key, weight in row) + "\n")
    with (out / "hanzi.tsv").open("w", encoding="utf-8") as lines:
        for character in sorted(set(table) | set(to_simplified) | set(traditional)):
            forms = [character, *traditional.get(character, [])]
            readings = dict.fromkeys(k for f in forms for ks in table.get(f, {}).values() for k in ks)
            every_pinyin = dict.fromkeys(all_pinyin(character))
            if every_pinyin and (readings or 0x4E00 <= ord(character) <= 0x9FFF):
                plain = to_simplified.get(character, "")
                lines.write(f"{character}\t{plain}\t{' '.join(every_pinyin)}\t{' '.join(readings)}\n")
    with (out / "romanisations.tsv").open("w", encoding="utf-8") as lines:
        for p in sorted(weights):
            wade = re.sub("[^a-z]", "", unicodedata.normalize("NFD", str(convert(p, Style.WADEGILES, True))))
            if p.endswith("ai") and wade.endswith("ei"):  # pypinyin writes Wade-Giles lei for lai
                wade = wade[:-2] + "ai"
            cyrillic = re.sub(r"\d", "", str(convert(p, Style.CYRILLIC, True)))
            lines.write(f"{p}\t{wade.replace('v', 'u')}\t{cyrillic}\n")


def write_territories(out: Path) -> None:
    """CLDR: `id, kind, country, en, vi, zh, ru`; several forms of a name divided by `|`."""
    locales = {lang: Locale.parse(code) for lang, code in LANGUAGES.items()}
    with (out / "territories.tsv").open("w", encoding="utf-8") as lines:
        for code in sorted(locales["en"].territories):
            if re.fullmatch("[A-Z]{2}", code) and code not in {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}:
                names = [str(locale.territories.get(code, "")) for locale in locales.values()]
                lines.write("\t".join([code, "country", code, *names]) + "\n")
        for zone in sorted(locales["zh"].time_zones):
            if "/" not in zone or zone.startswith(("Etc/", "Antarctica/")):
                continue
            names = [str(locale.time_zones.get(zone, {}).get("city", "")) for locale in locales.values()]
            names[0] = names[0] or zone.rsplit("/", 1)[1].replace("_", " ")
            lines.write("\t".join([zone, "city", "", *names]) + "\n")


def write_words(debian: Path, out: Path) -> None:
    """English words in lower case without proper names, for telling a word from a name."""
    source = debian / "usr/share/dict/american-english-small"
    words = {w for w in source.read_text(encoding="utf-8").split() if re.fullmatch("[a-z]{2,14}", w)}
    with gzip.GzipFile(out / "words_en.txt.gz", "wb", mtime=0) as packed:
        packed.write("\n".join(sorted(words)).encode())


if __name__ == "__main__":
    package, debian, out = (Path(argument) for argument in sys.argv[1:])
    write_readings(package, debian, out)
    write_territories(out)
    write_words(debian, out)
