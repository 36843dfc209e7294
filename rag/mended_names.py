"""The names that `mentions` finds, mended by what stands beside them, for reading one article."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from rag.domain import Name
from rag.office_words import words
from rag.places import HANZI, is_adjective, lookup
from rag.readings import is_vietnamese
from rag.runs import Page
from rag.speakers import persons
from rag.text import fold
from rag.wordlists import bare_vietnamese_surnames, english_words, given_names, not_names, titles

_FAMILY = re.compile(r"(?:\s(?:bin|ibn|al|el)\s[A-Z]\w+)*\s(?:[Aa]l|[Ee]l|[Aa]sh?|[Aa]n)-[A-Z]\w+")
_LETTERS = re.compile(r"[A-Z](?:\.[A-Z])+\.?")
_ADDRESSED = re.compile(r"\b(?:[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]ụ|[Nn]gài|[Đđ]ồng chí)\s$")
_SURNAME = re.compile(r"\b([^\W\d_a-z]\w{1,6}) $")
_PLACE_HEAD = re.compile(r"\b(?:vùng|tỉnh|bang|thành phố|huyện|quận)\s$")
_AT = re.compile(r"(?<!\w)(?:tại|ở|in|at)\s$")
_NAMED_AFTER = re.compile(r"(?<!\w)(?:đối thoại|diễn đàn|khách sạn|cảng|đảo|vịnh|eo biển)\s$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_SPOKE = re.compile(r"\s(?:said|told|added|noted|stressed|asked|also|raised|thanked)\b")
_CAPITAL = re.compile(r" [A-Z]")
_RUN = re.compile(r"[A-Z][\w'’-]{1,40}+(?: [A-Z][\w'’-]{1,40}+){1,7}")
_NUMERAL = re.compile(r"[IVX]+")


def mended(text: str, names: Sequence[Name], *, lang: str) -> list[Name]:
    """The names of an article, with those that only their surroundings tell, and without words that are none.

    English: a Vietnamese by the last syllable, names behind titles, Arabic family names; Vietnamese: rare surnames,
    words of offices. An article that gives everybody by surname alone has these.
    """
    if not any(name.kind == "person" for name in names):
        names = [*names, *_lone_surnames(text, names, lang)]
    names = sorted(names, key=lambda name: name.start)
    names = [_without_place(text, name) for name in names if not _is_where(text, name)]
    if lang == "en":
        kept = (_without_office(name) for name in names if not _is_no_person(name))
        names = [_with_particles(text, name) for name in kept]
        names = sorted([*names, *_titled(text, names)], key=lambda name: name.start)
        return [*names, *_given_alone(text, names)]
    if lang == "vi":
        full = {word for name in names if name.kind == "person" and " " in name.text for word in name.text.split()}
        return [_with_surname(text, name) for name in names if not _is_word(text, name, full)]
    return list(names)


def _without_place(text: str, name: Name) -> Name:
    """A name without the place of the office before it: `Thống đốc vùng Gao Boubacar Ag Rhissa`."""
    rest = name.text.partition(" ")[2]
    if name.kind != "person" or " " not in rest or all(is_vietnamese(fold(word)) for word in rest.split()):
        return name
    if _PLACE_HEAD.search(text, max(0, name.start - 12), name.start) is None:
        return name
    return Name(rest, name.kind, name.end - len(rest), name.end)


def _is_where(text: str, name: Name) -> bool:
    """Whether two words with capitals that no table knows are a place, as the word before them says: `tại Cao Lãnh`."""
    if name.kind != "person" or len(name.text.split()) > 2:
        return False
    if _NAMED_AFTER.search(text, max(0, name.start - 14), name.start):
        return True
    return " " in name.text and bool(_AT.search(text, max(0, name.start - 6), name.start))


def _lone_surnames(text: str, names: Iterable[Name], lang: str) -> list[Name]:
    """Persons of an article that gives everybody by surname only: `Ospanov expects Khai in Astana`."""
    taken = {character for name in names for character in range(name.start, name.end)}
    found = persons(Page(text, lang)) if lang in ("en", "vi") else ()
    return [name for name in found if name.start not in taken]


def _given_alone(text: str, names: Iterable[Name]) -> Iterator[Name]:
    """`Duyen` alone for `Phan Thi My Duyen`: English calls a Vietnamese by the last syllable."""
    taken = [(name.start, name.end) for name in names]
    full = [name.text.split() for name in names if name.kind == "person" and not HANZI.search(name.text)]
    wanted = {words[-1] for words in full if len(words) > 2 and _is_vietnamese_name(words)}
    wanted = {word for word in wanted if fold(word) not in not_names("en")}
    if not wanted:
        return
    starts = [start for start, _ in taken]
    for found in _WORD.finditer(text):
        if found.group() not in wanted or _beside_capital(text, found):
            continue
        at = bisect_right(starts, found.start()) - 1
        if (at < 0 or taken[at][1] <= found.start()) and not _is_other_word(text, found):
            yield Name(found.group(), "person", found.start(), found.end())


def _beside_capital(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - 20) : found.start()]
    return bool(_CAPITAL.match(text, found.end()) or re.search(r"[A-Z]\w* $", before))


def _is_other_word(text: str, found: re.Match[str]) -> bool:
    """Whether a word with a capital is English at the start of a sentence: `Long before`, but `Long said`."""
    if found.group().lower() not in english_words():
        return False
    opens = text[max(0, found.start() - 2) : found.start()].strip(' \n"“') in ("", ".")
    return opens and not re.match(
        r"\s(?:said|told|added|noted|stressed|asked|also|raised|thanked)\b", text[found.end() :][:12]
    )


def _titled(text: str, names: Sequence[Name]) -> Iterator[Name]:
    """Names behind an English title that are hard to tell from words: `President Moon Jae-in`, `King Charles III`."""
    starts, ends = [name.start for name in names], [name.end for name in names]
    for run in _RUN.finditer(text):
        parts = [(m.group(), m.start(), m.end()) for m in re.finditer(r"\S+", run.group())]
        titles = [i for i, (word, _, _) in enumerate(parts) if word.lower() in _title_ends()]
        if not titles or titles[-1] + 1 >= len(parts):
            continue
        held = parts[titles[-1] + 1 :]
        first, last = run.start() + held[0][1], run.start() + held[-1][2]
        at = bisect_right(starts, last - 1) - 1
        if (at >= 0 and ends[at] > first) or len(held) > 4 or not _can_be_a_name([word for word, _, _ in held]):
            continue
        yield Name(text[first:last], "person", first, last)


def _can_be_a_name(held: Sequence[str]) -> bool:
    """Whether words with capitals are no ordinary words, places or acronyms; one alone is not enough."""
    known = any(word.lower() in words("bodies_en") or lookup(word) for word in held)
    acronym = any(len(word) > 1 and word.isupper() and not _NUMERAL.fullmatch(word) for word in held)
    return len(held) > 1 and not known and not acronym and any(word.lower() not in english_words() for word in held)


@cache
def _title_ends() -> frozenset[str]:
    return frozenset(title.split()[-1] for title in titles("en") | words("titles_en")) - {"general", "state", "of"}


def _with_surname(text: str, name: Name) -> Name:
    """A name that begins with a middle name, with the rare surname before it: `Bàn Văn Tình`."""
    if name.kind != "person" or not name.text.startswith(("Văn ", "Thị ")):
        return name
    before = _SURNAME.search(text, max(0, name.start - 8), name.start)
    if before is None or not is_vietnamese(fold(before[1])):
        return name
    return Name(text[before.start(1) : name.end], "person", before.start(1), name.end)


def _is_word(text: str, name: Name, full: set[str]) -> bool:
    """Whether a lone syllable behind an office is a word of it: `Đại sứ Đặc mệnh toàn quyền`."""
    if name.kind == "person" and name.text.startswith("Phó ") and _followed_by_lower(text, name):
        return True
    if name.kind != "person" or len(name.text.split()) > 1 or not is_vietnamese(fold(name.text)):
        return False
    addressed = _ADDRESSED.search(text, max(0, name.start - 10), name.start)
    return _followed_by_lower(text, name) and not addressed and name.text not in full


def _followed_by_lower(text: str, name: Name) -> bool:
    return text[name.end : name.end + 1] == " " and text[name.end + 1 : name.end + 2].islower()


def _without_office(name: Name) -> Name:
    """A name without the word of an office before it: `Defence Hoang Xuan Chien`."""
    first, _, rest = name.text.partition(" ")
    if name.kind != "person" or " " not in rest or first.lower() not in words("small_en"):
        return name
    return Name(rest, name.kind, name.end - len(rest), name.end)


def _is_no_person(name: Name) -> bool:
    """Whether a name is an address alone (`Dr`) or a body (`Intergovernmental Affairs`)."""
    if name.kind != "person":
        return False
    first, _, last = name.text.rpartition(" ")
    if name.text.lower() in words("address_en") or last.lower() in words("bodies_en") or _LETTERS.fullmatch(name.text):
        return True
    return is_adjective(last) and fold(first) not in given_names() and " " not in first


def _with_particles(text: str, name: Name) -> Name:
    """A name with the Arabic family name behind it: `Salman bin Abdulaziz al-Saud`."""
    behind = _FAMILY.match(text, name.end) if name.kind == "person" else None
    return Name(text[name.start : behind.end()], "person", name.start, behind.end()) if behind else name


def _is_vietnamese_name(words: Sequence[str]) -> bool:
    return fold(words[0]) in bare_vietnamese_surnames() and all(is_vietnamese(fold(word)) for word in words)
