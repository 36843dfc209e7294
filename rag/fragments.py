"""Questions that are no whole sentence, and the earlier question that they take over: "thế còn Nhật Bản?", "When?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rag.follow_words import AUXILIARY, OPENING, Stated, any_of, phrases, table
from rag.places import entities, is_adjective, lookup
from rag.runs import ADDRESS
from rag.text import fold, has_marks, stopwords
from rag.wordlists import bare_titles

_WORDS_MOST = 8


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a fragment says, without what introduces it.

    `asking` holds question words alone, `name` one name with its titles or preposition, `time` a date, `topic`
    anything else that "what about" or "thế còn" introduces, `verb` a sentence that wants its subject, `bare` one that
    wants names.
    """

    kind: Literal["asking", "name", "time", "topic", "verb", "bare"]
    text: str
    name: Stated | None = None
    preposition: str = ""


_EN_OPENED = rf"^{OPENING}(?:what|how) about (?P<topic>.+)$"
_EN_JOINED = r"^(?:and|but|or|so|then) (?P<topic>.+)$"
_VI_OPENED = (
    r"^(?:(?:và|vậy|thế|ừ|vậy thì|thế thì) )?còn (?P<topic>.+?)(?: (?:thì sao|thì thế nào|thì))?$"
    r"|^(?:(?:và|vậy|thế) )?(?P<also>.+?) thì sao$"
)
_VI_JOINED = r"^(?:và|thế|vậy|hay) (?P<topic>.+)$"
_EN_PREPOSITION = re.compile(
    r"^(?P<preposition>in|at|on|about|with|to|from|for|by|against|regarding|towards?|near) (?:the )?", re.IGNORECASE
)
_VI_PREPOSITION = re.compile(r"^(?P<preposition>ở|tại|về|với|cùng|từ|đến|tới|cho|gần) ", re.IGNORECASE)
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday)"
)
_TIME = re.compile(
    rf"(?:in|on|during|since|before|after|by)? ?(?:early |late |mid-?)?(?:{_MONTH}[ ,]*)?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?,? ?)?"
    rf"(?:of )?(?:{_MONTH},? ?)?(?:(?:19|20)\d\d)?|(?:last|this|next) (?:year|month|week|{_MONTH})|yesterday|today"
    r"|(?:(?:vào|từ|trong|trước|sau|đến) )?(?:(?:đầu|cuối|giữa) )?(?:(?:ngày|tháng|năm|quý) [\d/.-]+ ?)+"
    r"|(?:năm|tháng|tuần) (?:ngoái|trước|sau|nay|này)|hôm (?:qua|nay)",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"(?:in|on|at|from|to|by|with|for|about) (?:which|what) [a-z]+(?: [a-z]+)?"
    r"|(?:ở|tại|vào|từ|với|của) \w+(?: \w+)? nào",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ASKS_VI = re.compile(r"(?<!\w)(?:gì|ai|nào|đâu|bao|sao|mấy|không|chưa)(?!\w)", re.IGNORECASE)


def fragment(said: str, *, lang: str, names: Sequence[Stated]) -> Fragment | None:
    """The question as a fragment, or None where it is whole. `said` holds single spaces, `names` what it states."""
    if lang not in ("en", "vi"):
        return None
    text = said.rstrip(" ?!.")
    if not text or len(text.split()) > _WORDS_MOST + 4:
        return None
    unmarked = lang == "vi" and not has_marks(text)
    opened = _introduced(_EN_OPENED if lang == "en" else _VI_OPENED, unmarked).match(text)
    joined = _introduced(_EN_JOINED if lang == "en" else _VI_JOINED, unmarked).match(text)
    topic = next((part for part in opened.groups() if part), "") if opened else joined["topic"] if joined else text
    return (
        _asking(topic, lang)
        or _time(topic, opened or joined or said.endswith("?"))
        or _name(topic, lang, names, bool(opened or joined), bool(opened or joined) or said.endswith("?"))
        or (_topic(topic, lang) if opened else None)
        or (_incomplete(text, lang, names))
    )


@cache
def _introduced(pattern: str, unmarked: bool) -> re.Pattern[str]:
    written = fold(pattern).replace("(?p<", "(?P<") if unmarked else pattern
    return re.compile(written, re.IGNORECASE)


def _asking(topic: str, lang: str) -> Fragment | None:
    bare = re.sub(r"(?i) (?:exactly|then|vậy|thế|nữa|cụ thể)$", "", topic)
    if _WHICH.fullmatch(topic):
        return Fragment("asking", topic)
    if lang == "en":
        known = {word for line in table()["alone_en"] for word in line.split("|")}
        return Fragment("asking", topic) if topic.lower() in known or bare.lower() in known else None
    known = {*phrases("adverbs_vi"), *phrases("alone_vi")}
    if not has_marks(topic):
        known = {fold(word) for word in known}
    plain = {topic.lower(), bare.lower()}
    return Fragment("asking", topic) if plain & known else None


def _time(topic: str, sure: object) -> Fragment | None:
    return Fragment("time", topic) if sure and _TIME.fullmatch(topic) else None


def _name(topic: str, lang: str, names: Sequence[Stated], joined: bool, sure: bool) -> Fragment | None:
    """One name, with a preposition, titles or an article at most."""
    if not sure:
        return None
    led = (_EN_PREPOSITION if lang == "en" else _VI_PREPOSITION).match(topic)
    rest = topic[led.end() :] if led else re.sub(r"(?i)^the ", "", topic)
    name = next((name for name in names if name.text in rest), None) or _unknown(rest, joined)
    if name is None:
        return None
    before, _, after = rest.partition(name.text)
    others = f"{before} {after}".split()
    preposition = led["preposition"].lower() if led else ""
    if all(fold(word).strip(".") in ADDRESS or word.lower() in ADDRESS for word in others):
        return Fragment("name", topic, name, preposition)
    if name.kind == "place" and not led and fold(" ".join(others)) in bare_titles():
        office = Stated(topic, "person", 0, len(topic))
        return Fragment("name", topic, office)
    if fold(before.strip()) in bare_titles() and not after.strip():
        return Fragment("name", topic, name, preposition)
    return None


def _unknown(rest: str, joined: bool) -> Stated | None:
    """Words with capitals, or a place in lower case behind what introduces it."""
    words = rest.split()
    if 0 < len(words) <= 4 and all(word[0].isupper() for word in words) and fold(words[0]) not in stopwords("en"):
        return Stated(rest, "organisation" if rest.isupper() else "person", 0, len(rest))
    if joined and 0 < len(words) <= 4 and lookup(rest) and fold(rest) not in stopwords("en"):
        return Stated(rest, "place", 0, len(rest))
    return None


def _topic(topic: str, lang: str) -> Fragment | None:
    if len(topic.split()) > _WORDS_MOST or (lang == "vi" and _ASKS_VI.search(topic)):
        return None
    return Fragment("topic", topic)


def _incomplete(text: str, lang: str, names: Sequence[Stated]) -> Fragment | None:
    """A sentence that wants a subject ("Đã nói gì về Nga?") or what it is about ("Who attended?")."""
    words = text.split()
    if lang == "en":
        asks = re.fullmatch(rf"(?:and )?(?:who|what|when|how many)(?: {AUXILIARY})? [a-z]+(?: next| then)?", text, re.I)
        whole = asks and re.search(r"(?i)\b(?:whom|you|i|we|the|is|are)\b", text)
        return Fragment("bare", text) if asks and not names and not whole else None
    if not names and words[0].lower() == "ai" and 2 <= len(words) <= 4 and len(_ASKS_VI.findall(text)) == 1:
        return Fragment("bare", text)
    verbs = any_of("verbs_vi")
    starts = re.match(rf"(?:và )?(?:(?:đã|sẽ|có|đang) )*{verbs}(?!\w)", text, re.IGNORECASE)
    persons = any(name.kind == "person" for name in names[:1]) and names[0].start < (starts.end() + 4 if starts else 0)
    if starts and _ASKS_VI.search(text) and not persons and "," not in text:
        return Fragment("verb", re.sub(r"(?i)^và ", "", text))
    return None


def taken_over(found: Fragment, earlier: str, *, names: Sequence[Stated], lang: str) -> str | None:
    """The earlier question as the fragment changes it, or None where it cannot. `names` are those of `earlier`."""
    base = earlier.rstrip(" ?!.")
    if found.kind == "asking":
        return _asked_again(found.text, base, lang)
    if found.kind == "name" and found.name:
        return _exchanged(found, base, names, lang)
    if found.kind == "time":
        years = _YEAR.findall(base), _YEAR.findall(found.text)
        if len(years[0]) == len(years[1]) == 1 and not re.search(r"[/-]", found.text):
            return f"{base.replace(years[0][0], years[1][0])}?"
        return _appended(found.text, base, lang)
    if found.kind == "topic":
        return f"{base}, {'and' if lang == 'en' else 'còn'} {found.text}?"
    return _with_names(found, names, lang)


def _with_names(found: Fragment, names: Sequence[Stated], lang: str) -> str | None:
    persons = list(dict.fromkeys(name.text for name in names if name.kind == "person"))
    if "nhau" in found.text.lower().split() and len(persons) != 2:
        return None
    everything = list(dict.fromkeys(name.text for name in names))
    if found.kind == "bare":
        return f"{found.text} ({', '.join(everything[:4])})?" if everything else None
    subject = " và ".join(persons[:2] or everything[:1])
    return f"{subject} {found.text[0].lower()}{found.text[1:]}?" if subject else None


def _asked_again(asking: str, base: str, lang: str) -> str:
    if lang == "en":
        adverb = re.match(rf"(?i)^({OPENING})(?:when|where|why|how) ({AUXILIARY} .+)$", base)
        if adverb and asking.lower() in ("when", "where", "why", "how"):
            return f"{adverb[1]}{asking} {adverb[2]}?"
        return f"{base}, and {_lower_first(asking)}?"
    folded = not has_marks(base)
    for line in table()["adverbs_vi"]:
        for word in sorted(line.split("|"), key=len, reverse=True):
            pattern = rf"(?<!\w){fold(word) if folded else word}(?!\w)"
            if len(word.split()) > 1 and _is_adverb(asking) and re.search(pattern, base, re.IGNORECASE):
                return f"{re.sub(pattern, lambda _: _lower_first(asking), base, count=1, flags=re.IGNORECASE)}?"
    return f"{base}, và {_lower_first(asking)}?"


def _is_adverb(asking: str) -> bool:
    return fold(asking) in {fold(word) for word in phrases("adverbs_vi")}


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _exchanged(found: Fragment, base: str, names: Sequence[Stated], lang: str) -> str | None:
    """The earlier question with its last name of the same kind exchanged, else with the new one appended.

    Behind a preposition only what stands behind the same one, or another of place, is exchanged.
    """
    new = found.name
    assert new is not None
    old = _behind_like(found.preposition, base, names) if found.preposition else _same_kind(new, names)
    if old is None:
        return _appended(found.text, base, lang)
    return None if fold(old.text) == fold(new.text) else f"{base[: old.start]}{new.text}{base[old.end :]}?"


_WHERE = frozenset("in at ở tại".split())


def _behind_like(preposition: str, base: str, names: Sequence[Stated]) -> Stated | None:
    alike = _WHERE if preposition in _WHERE else {preposition}
    behind = [name for name in names if set(base[: name.start].lower().split()[-1:]) & alike]
    return behind[-1] if behind else None


def _same_kind(new: Stated, names: Sequence[Stated]) -> Stated | None:
    alike = [n for n in names if n.kind == new.kind and _is_adjective(n.text) == _is_adjective(new.text)]
    alike = [n for n in alike if fold(n.text) not in bare_titles()]
    nearer = [n for n in alike if _sorts(n.text) & _sorts(new.text)]
    return next(reversed(nearer or alike), None)


def _is_adjective(spelling: str) -> bool:
    return is_adjective(spelling) and not has_marks(spelling)


def _sorts(spelling: str) -> set[bool]:
    return {entities()[number].kind == "country" for number in lookup(spelling)}


def _appended(text: str, base: str, lang: str) -> str:
    """The fragment at the end of the earlier question; in Vietnamese times and places come first."""
    if lang == "en":
        led = _EN_PREPOSITION.match(text) or _TIME.fullmatch(text)
        return f"{base} {_lower_first(text)}?" if led else f"{base}, and {text}?"
    led = _VI_PREPOSITION.match(text)
    if led and led["preposition"].lower() in ("về", "với", "cùng", "cho"):
        return f"{base} {_lower_first(text)}?"
    if led or _TIME.fullmatch(text):
        return f"{text[:1].upper()}{text[1:]}, {base}?"
    return f"{base}, còn {text}?"
