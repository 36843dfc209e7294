"""Text: normal form, folding, words, sentence spans, language."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = ("en", "ru", "vi", "zh")

_UNDECOMPOSED = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})
_LANGUAGE_SAMPLE = 2_000
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_WORD = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")

_UNSEEN = dict.fromkeys(
    (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, *range(0xE0000, 0xE0080))
)


def nfc(text: str) -> str:
    """The text in Unicode normal form C."""
    return unicodedata.normalize("NFC", text)


def visible(text: str) -> str:
    """The text without characters that nobody sees: of no width, turning the line around, tags (hidden ASCII)."""
    return text.translate(_UNSEEN)


def fold(text: str) -> str:
    """Lower case without marks: `Đặng Hoà` -> `dang hoa`. Folding twice changes nothing.

    The length may change, so spans of folded text are not spans of the text.
    """
    if text.isascii():
        return text.lower()
    return text.translate(_folds())


class _Folds(dict[int, str]):
    """What each character folds to: folding looks at one character at a time."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code < 0x10000:  # the others are rare and too many to keep
            self[code] = folded
        return folded


@cache
def _folds() -> _Folds:
    return _Folds()


def _fold_character(character: str) -> str:
    folded = character
    while True:  # a compatibility character can fold to one that folds again; two rounds nearly always
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", folded).casefold())
        bare = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_UNDECOMPOSED)
        if bare == folded or bare.isascii():
            return bare
        folded = bare


def has_marks(text: str) -> bool:
    """Whether any letter of the text bears a mark that folding takes away."""
    return fold(text) != text.lower()


def words(text: str) -> list[str]:
    """The words of a text in order, punctuation left out; a Han character is a word."""
    return _WORD.findall(text)


@cache
def stopwords(lang: str, *, folded: bool = True) -> frozenset[str]:
    """Function words of a language, without their marks unless told; an empty set where none are known."""
    lists = tomllib.loads((files("rag") / "data" / "stopwords.toml").read_text(encoding="utf-8"))
    return frozenset(fold(word) if folded else word for word in lists.get(lang, "").split())


def language(text: str) -> str:
    """The language of a text: `vi`, `en`, `zh` or `ru`; `en` where nothing tells.

    Script and Vietnamese letters decide first, then function words, then py3langid limited to these four.
    """
    sample = nfc(text[:_LANGUAGE_SAMPLE]).lower()
    letters = sum(c.isalpha() for c in sample)
    if not letters:
        return "en"
    han, cyrillic = len(_HAN.findall(sample)), len(_CYRILLIC.findall(sample))
    if max(han, cyrillic) > 0.3 * letters:
        return "zh" if han >= cyrillic else "ru"
    if len(_VIETNAMESE.findall(sample)) > 0.06 * letters:
        return "vi"
    tokens = [fold(word) for word in words(sample)]
    english, vietnamese = (sum(t in stopwords(lang) for t in tokens) / len(tokens) for lang in ("en", "vi"))
    if abs(english - vietnamese) > 0.15:
        return "en" if english > vietnamese else "vi"
    code, _ = _identifier().classify(sample)
    return str(code)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


# A full stop after one of these does not end a sentence.
_ABBREVIATIONS = frozenset(
    """
    tp ts gs pgs ths bs ks cn nxb tx tt p q kp st mr mrs ms dr prof sen gen gov rep lt col sgt capt maj
    adm cmdr rev hon amb jr sr vs no nos art fig vol ed al approx dept est jan feb mar apr jun jul aug
    sep sept oct nov dec mt ft
    """.split()
)
# After one of these it may, if what follows is how a sentence begins.
_AMBIGUOUS = frozenset(
    """
    inc ltd co corp etc bros a.m p.m u.s u.k u.n e.u d.c v.v vv
    """.split()
)
_OPENERS = frozenset(
    """
    the a an he she it they we i you this that these those in on at but and however meanwhile after
    before during while for as if when his her their its our both some many most no there here also
    according officials other ông bà các những theo trong tại trước sau ngoài tuy nhưng và đây đó khi
    với về cũng hai đồng bộ nhân
    """.split()
)
_TERMINATOR = re.compile(r"[.!?…]{1,6}[\"'”’»)\]]{0,3}(?=\s)|[。！？]{1,6}[”’」』）]{0,3}")
_LAST_TOKEN = re.compile(r"[^\s\"'“‘«(\[]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_QUOTES_AND_DASHES = "\"'“‘«([-–—•*"
_LOOKBACK = 24
_NEXT_WORD = re.compile(r"[ \t]{0,200}+([^ \t\n\u3400-\u9fff]{1,200}+)(?=[ \t\n]|\Z)")
_WRAPPED_LINES, _NARROWEST, _WIDEST = 4, 50, 100


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentence spans that rejoin to the exact text; white space belongs to the sentence before it.

    A line break ends a sentence, unless the text is wrapped to a width (as in mail) and the line was full.
    Abbreviations (Tp., GS., Nh., U.S., Feb.), initials, numbered list items, dots between figures and an
    ellipsis that the sentence goes on after do not.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for line_start, line_end in _lines(text):
        for match in _TERMINATOR.finditer(text, line_start, line_end):
            following = _skip_space(text, match.end(), line_end)
            if following < line_end and _ends_sentence(text, line_start, match, following):
                spans.append((start, following))
                start = following
        if text[start:line_end].strip():
            spans.append((start, line_end))
            start = line_end
    if start < len(text):  # only white space is left
        if spans:
            spans[-1] = (spans[-1][0], len(text))
        else:
            spans.append((start, len(text)))
    return spans


def _lines(text: str) -> list[tuple[int, int]]:
    width = _wrapped_at(text)
    ends = [m.end() for m in re.finditer(r"\n+", text) if width is None or not _goes_on(text, m.start(), width)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _wrapped_at(text: str) -> int | None:
    """The width that the text's lines were wrapped to, or None where each line is a paragraph of its own."""
    lengths = sorted(len(line) for line in text.split("\n") if line)
    if len(lengths) < _WRAPPED_LINES or not _NARROWEST <= (width := lengths[len(lengths) * 4 // 5]) <= _WIDEST:
        return None
    whole = text.strip()
    breaks = [match.start() for match in re.finditer(r"\n+", whole)]
    going_on = sum(_goes_on(whole, position, width) for position in breaks)
    return width if 2 * going_on >= len(breaks) else None


def _goes_on(text: str, newline: int, width: int) -> bool:
    """Whether the next line's first word would not have fitted on the line that ends here."""
    length = newline - (text.rfind("\n", 0, newline) + 1)
    word = _NEXT_WORD.match(text, newline + 1, newline + 1 + 2 * width)
    return word is not None and length + 1 + len(word[1]) > width and length <= _WIDEST


def _skip_space(text: str, position: int, end: int) -> int:
    while position < end and text[position].isspace():
        position += 1
    return position


def _ends_sentence(text: str, line_start: int, match: re.Match[str], following: int) -> bool:
    mark = match.group()
    if mark[0] in "。！？":
        return True
    opening = following
    while opening < len(text) and opening - following < 3 and text[opening] in _QUOTES_AND_DASHES + " ":
        opening += 1
    after = text[opening] if opening < len(text) else ""
    if after.islower():
        return False
    if mark[0] != "." or mark.startswith(".."):
        return after.isupper() or after.isdigit() or not after.isalnum()
    found = _LAST_TOKEN.search(text[max(line_start, match.start() - _LOOKBACK) : match.start()])
    token = found.group() if found else ""
    if not token:
        return True
    if match.start() - len(token) == line_start and (token.isdigit() or len(token) == 1):
        return False  # "1. Mở rộng hợp tác" numbers a list
    if len(mark) > 1:  # a closing quote or bracket stands after the full stop
        return True
    return not _abbreviates(token, text, opening, after)


def _abbreviates(token: str, text: str, opening: int, after: str) -> bool:
    lower = token.lower()
    if lower in _AMBIGUOUS:
        word = _FIRST_WORD.match(text, opening, opening + _LOOKBACK)
        return not (word and word.group().lower() in _OPENERS)
    if lower in _ABBREVIATIONS:
        return token[0].isupper() or (lower in {"vs", "no", "al", "approx"})
    if after.isdigit() and lower in {"art", "no", "đ", "tr", "câu"}:
        return True
    last = token.rsplit(".", 1)[-1].rsplit("-", 1)[-1]
    if len(last) == 1 and last.isalpha() and last.isupper():
        return True  # an initial: "George W. Bush"
    return len(last) <= 3 and last.isalpha() and last[0].isupper() and not set(fold(last)) & set("aeiouy")
