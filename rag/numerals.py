"""Numbers in a text, in digits and in words, in Vietnamese, English, Chinese and Russian."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from rag.text import LANGUAGES

LETTER = r"[^\W\d_\u3400-\u9fff]"
_HAN = re.compile("[\u3400-\u9fff]")
_CODES = "usd|vnd|eur|aud|cny|rmb|rub|rm"
_DIGITS = (
    rf"(?:(?<!{LETTER})(?<!{LETTER}[\-–])|(?<=usd)|(?<=vnd)|(?<=eur)|(?<=rmb)|(?<=mid-)|(?<=pre-)|(?<=post-))(?<![\d_])(?<!\d[.,:])"
    r"(?:\d{1,3}(?:[\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)*)"
)
_SPACED = r"(?<![\w.,])\d{1,3}(?: \d{3})+(?![\d.])|"  # "12 000" in Russian
_MOST_DIGITS = 30
# What may follow what within one number.
_FOLLOWS = {
    "digits": ("times", "scale"),
    "one": ("times", "scale", "half"),
    "teen": ("scale", "half"),
    "ten": ("one", "scale", "half"),
    "hundred": ("one", "teen", "ten", "scale"),
    "times": ("one", "teen", "ten", "scale", "half", "zero"),
    "scale": ("one", "teen", "ten", "hundred", "digits", "scale", "half", "zero"),
    "zero": ("one", "teen", "ten"),
    "half": ("scale",),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a text writes it: `source[start:end]`. `also` is its other reading, where "1.500" has two."""

    value: Decimal
    start: int
    end: int
    also: Decimal | None = None
    in_digits: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: Decimal
    start: int
    end: int
    also: Decimal | None = None


def numbers(text: str, *, lang: str) -> tuple[Number, ...]:
    """The numbers of a text, in order, without overlaps; years and days are numbers too.

    Words that are as often no number ("năm", a capital inside a sentence, "hàng triệu") are left out where what stands
    beside them says so.
    """
    known = lang if lang in LANGUAGES else "en"
    found: list[Number] = []
    group: list[_Token] = []
    for token in [*_tokens(text, known), None]:
        if group and (token is None or not _goes_on(text, group, token, known)):
            found.extend(_closed(text, group, known))
            group = []
        if token is not None:
            group.append(token)
    return tuple(found)


def lowered(text: str) -> str:
    """The text in lower case, character by character, so that spans stay what they are."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


@cache
def data() -> dict[str, Any]:
    """The tables of figures.toml."""
    return tomllib.loads((files("rag") / "data" / "figures.toml").read_text(encoding="utf-8"))


def listed(table: dict[str, list[str]], lang: str) -> list[str]:
    """The entries of a language and those of all, longest first."""
    return sorted({*table.get("any", ()), *table.get(lang, ())}, key=lambda entry: (-len(entry), entry))


def phrase(entry: str) -> str:
    """A pattern for a listed word or phrase: whole words, "x*" for any word that begins with x."""
    if entry.endswith("*"):
        return re.escape(entry[:-1]) + r"\w*"
    return re.escape(entry) + (rf"(?!{LETTER})" if entry[-1].isalpha() and not _HAN.search(entry) else "")


@cache
def _pattern(lang: str) -> re.Pattern[str]:
    tables = data()["numerals"][lang]
    plain = [*tables["add"], *tables["times"], *tables["scale"]]
    halves = [*data()["halves"][lang], *data()["and_a_half"].get(lang, []), *data()["one_and_a_half"].get(lang, [])]
    edge = "" if lang == "zh" else rf"(?<!{LETTER})"
    skipped = "|".join(map(phrase, sorted(data()["no_numbers"][lang], key=len, reverse=True)))
    article = r"|(?P<a>(?<![a-z])an?(?=[ -](?:hundred|thousand|million|billion|trillion|dozen|half)\b))"
    parts = [
        f"(?P<skip>{edge}(?:{skipped}))",
        f"(?P<digits>{_SPACED if lang == 'ru' else ''}{_DIGITS})",
        f"(?P<half>{edge}(?:{'|'.join(map(phrase, sorted(halves, key=len, reverse=True)))}))",
        f"(?P<word>{edge}(?:{'|'.join(map(phrase, sorted(plain, key=len, reverse=True)))}))",
    ]
    return re.compile("|".join(parts) + (article if lang == "en" else ""))


def _tokens(text: str, lang: str) -> Iterator[_Token]:
    for match in _pattern(lang).finditer(lowered(text)):
        kind, word = match.lastgroup, match[0]
        if kind == "digits":
            read = _digits(match[0], text, match.end(), lang)
            if read is not None:
                yield _Token("digits", read[0], *match.span(), read[1])
        elif kind == "half":
            whole = word in data()["one_and_a_half"].get(lang, [])
            value = Decimal("1.5") if whole else Decimal(500_000) if word == "полмиллиона" else Decimal("0.5")
            yield _Token("half", value, *match.span())
        elif kind == "a":
            yield _Token("one", Decimal(1), *match.span())
        elif kind == "word" and not _is_name(text, match, lang):
            yield _word(word, match, lang)
        elif kind == "skip":
            yield _Token("skip", Decimal(0), *match.span())


def _word(word: str, match: re.Match[str], lang: str) -> _Token:
    tables = data()["numerals"][lang]
    for kind in ("times", "scale"):
        if word in tables[kind]:
            return _Token(kind, Decimal(tables[kind][word]), *match.span())
    value = tables["add"][word]
    kind = (
        "zero" if value == 0 else "one" if value < 10 else "teen" if value < 20 else "ten" if value < 100 else "hundred"
    )
    return _Token(kind, Decimal(value), *match.span())


def _is_name(text: str, match: re.Match[str], lang: str) -> bool:
    """A capital inside a sentence, or before another one at its beginning: "ông Ba", "Ba Lan", "Four Seasons"."""
    written = text[match.start() : match.end()]
    if lang == "zh" or not written[0].isupper() or written.isupper():
        return False
    before = text[max(0, match.start() - 3) : match.start()].rstrip(" \"'“‘«([")
    opens = not before or before[-1] in ".!?…:;\n" or "\n" in text[max(0, match.start() - 3) : match.start()]
    following = text[match.end() : match.end() + 2]
    return not opens or (lang == "vi" and following[:1] == " " and following[1:].isupper())


def _digits(written: str, text: str, end: int, lang: str) -> tuple[Decimal, Decimal | None] | None:
    """The value of digits and the other reading, if any; None for what only looks like one ("1.2.3", 40 digits)."""
    bare = re.sub(r"[ \u00a0\u202f]", "", written)
    if len(bare) > _MOST_DIGITS:
        return None
    marks = re.findall(r"[.,]", bare)
    if not marks:
        return Decimal(bare), None
    groups = re.split(r"[.,]", bare)
    whole = Decimal("".join(groups))
    if len(set(marks)) == 2:
        return (Decimal("".join(groups[:-1]) + "." + groups[-1]), None) if marks[-1] not in marks[:-1] else None
    thousands = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3 and groups[0] != "0"
    if len(groups) > 2:
        return (whole, None) if thousands else None
    part = Decimal(f"{groups[0]}.{groups[1]}")
    if not thousands:
        return part, None
    by_comma = marks[0] == ","
    if lang in ("vi", "ru"):  # "1,125 tỷ" is a fraction, "1,125 xe" is written the English way
        scaled = re.match(r"\s?(?:triệu|tỷ|tỉ|nghìn|ngàn|млн|млрд|тыс|миллион|миллиард|%)", text[end : end + 10])
        return (part, whole) if by_comma and scaled else (whole, part)
    return (whole, part) if by_comma else (part, whole)


def _goes_on(text: str, group: Sequence[_Token], token: _Token, lang: str) -> bool:
    last = group[-1]
    between = text[last.end : token.start]
    if token.kind not in _FOLLOWS.get(last.kind, ()) and not _vietnamese_teen(last, token, lang):
        return _vietnamese_five(text, last, token, between, lang)
    joined = between in ("", " ", "\u00a0") or (between == "-" and lang == "en")
    joined = joined or (lang == "en" and between == " and " and last.kind in ("times", "scale"))
    if not joined or (last.kind == "digits" and token.value == 12):
        return False
    if token.kind == "half":
        return text[token.start : token.end].lower() in data()["and_a_half"].get(lang, ()) and last.kind != "half"
    if last.kind == "half":
        return token.kind == "scale" and last.value < 1_000
    if token.kind == "one" and lang == "vi" and text[token.start : token.end].lower() == "năm":
        return _vietnamese_five(text, last, token, between, lang)
    if last.kind == "scale" and token.kind == "digits":
        return _smaller_scale(text, token, last, lang)
    if last.kind == "scale" and token.kind != "scale" and group[0].kind == "digits":
        return lang == "zh"
    return not (last.kind == "scale" and token.kind == "scale" and token.value < last.value)


def _vietnamese_teen(last: _Token, token: _Token, lang: str) -> bool:
    return lang == "vi" and last.value == 10 and token.kind == "one"


def _vietnamese_five(text: str, last: _Token, token: _Token, between: str, lang: str) -> bool:
    """ "hai nghìn năm trăm" is a number, "hai mươi năm" twenty years."""
    if lang != "vi" or between != " " or text[token.start : token.end].lower() != "năm":
        return False
    if last.kind == "zero":
        return True
    return (
        last.kind in ("scale", "times")
        and re.match(r" (?:mươi|trăm|nghìn)", text[token.end : token.end + 6]) is not None
    )


def _smaller_scale(text: str, token: _Token, last: _Token, lang: str) -> bool:
    """ "3亿2000万", "1 tỷ 200 triệu"."""
    scales = data()["numerals"][lang]["scale"]
    match = re.match(rf"\s?({'|'.join(map(phrase, scales))})", text[token.end : token.end + 12], re.IGNORECASE)
    return match is not None and scales[match[1].lower()] < last.value


def _closed(text: str, group: Sequence[_Token], lang: str) -> Iterator[Number]:
    if (
        group[0].kind == "skip"
        or _is_tail(text, group, lang)
        or _is_vague(text, group, lang)
        or _is_year_word(text, group, lang)
    ):
        return
    value, also = _sum(group), None
    if group[0].also is not None:
        also = _sum([_Token("digits", group[0].also, group[0].start, group[0].end), *group[1:]])
    yield Number(value, group[0].start, group[-1].end, also, group[0].kind == "digits")


def _is_tail(text: str, group: Sequence[_Token], lang: str) -> bool:
    """ "tư", "lăm", "mốt" alone: they end a number, or stand after "thứ"."""
    if lang != "vi" or lowered(text[group[0].start : group[0].end]) not in ("tư", "lăm", "nhăm", "mốt", "linh", "lẻ"):
        return False
    return lowered(text[max(0, group[0].start - 4) : group[0].start]) != "thứ "


def _sum(group: Sequence[_Token]) -> Decimal:
    total, scaled, part, last = Decimal(0), Decimal(0), Decimal(0), Decimal(0)
    scale = Decimal(1)
    for token in group:
        if token.kind == "times":
            part += (last or (Decimal(1) if part == 0 or last == 0 else last)) * token.value - last
            last = Decimal(0)
        elif token.kind == "scale":
            if part == 0 and scaled:
                scaled *= token.value
            elif scaled and token.value > scale:  # 3千万, and 2万5千亿: what was read so far is multiplied
                total, scaled = Decimal(0), (total + scaled + part) * token.value
            else:
                total, scaled = total + scaled, (part or Decimal(1)) * token.value
            part, last, scale = Decimal(0), Decimal(0), token.value
        elif token.kind == "half" and (scaled or part) and part == 0:
            total += token.value * scale
        else:
            part += token.value
            last = token.value
    return total + scaled + part


def _is_vague(text: str, group: Sequence[_Token], lang: str) -> bool:
    """Multipliers and scales alone are no figure, nor what "hàng" or "several" stands before."""
    if group[0].kind in ("scale", "times") and not (lang == "zh" and group[0].value == 10):
        return True
    before = text[max(0, group[0].start - 12) : group[0].start].rstrip().lower()
    return group[0].kind != "digits" and any(_ends_with(before, word, lang) for word in data()["vague"][lang])


def _ends_with(before: str, word: str, lang: str) -> bool:
    if not before.endswith(word):
        return False
    return lang == "zh" or not before[: -len(word)][-1:].isalpha()


def _is_year_word(text: str, group: Sequence[_Token], lang: str) -> bool:
    """ "năm 2023", "hai năm": a year, not a five."""
    if lang != "vi" or len(group) > 1 or text[group[0].start : group[0].end].lower() != "năm":
        return False
    before, after = text[max(0, group[0].start - 12) : group[0].start], text[group[0].end : group[0].end + 12]
    if not re.match(r"\s[^\W\d_]", after) or re.match(
        r"\s(?:\w*\d|là|và|đã|sẽ|có|được|mà|thì|của|với|theo|tại|ở)\b", after
    ):
        return True
    return (
        re.search(
            rf"(?:[\d%]|mươi|trăm|nghìn|triệu|{'|'.join(data()['numerals']['vi']['add'])}|rưỡi|theo|tròn)\s$",
            before.lower(),
        )
        is not None
    )
