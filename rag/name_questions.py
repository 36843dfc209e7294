"""What a question names, and which stored spellings that can be; the question in the corpus's spellings."""

from __future__ import annotations

import re

from rag.bridge import compare, weak_alone
from rag.domain import NameMatch
from rag.hanzi_questions import hanzi_candidates
from rag.name_index import NameIndex
from rag.place_questions import known_place
from rag.question_words import TITLE_WORDS, Found, Question
from rag.readings import has_marks, is_vietnamese, syllable_key
from rag.spellings import PARTICLES, spelling
from rag.stated_questions import beside, lower, stated
from rag.text import fold
from rag.wordlists import (
    acronyms_not_names,
    bare_titles,
    bare_vietnamese_surnames,
    compounds,
    english_words,
    function_words,
    given_names,
    person_verbs,
    titles,
    vietnamese_surnames,
)

_TITLE = re.compile("《[^《》]{1,100}》")
MAX_WORDS = 5
MAX_QUESTION = 2_000


def in_question(question: str, *, lang: str, index: NameIndex) -> tuple[NameMatch, ...]:
    """The persons, places and organisations that a question names, in order, each once.

    `query` is the question's own text and `matched` the stored spellings it can be, best first. A name that
    nothing stored matches is given with `matched=()`; a word that only might be a name is left out instead.
    """
    text = question[:MAX_QUESTION]
    asked = Question(text, lang, index)
    taken: list[Found] = []
    candidates = _outside_titles(text, _whole_names(text, _candidates(asked)))
    for found in sorted(candidates, key=lambda f: (not f.matched, -(f.end - f.start), f.start)):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return tuple(_match(text, found, index) for found in _once(text, sorted(taken, key=lambda f: f.start)))


def _whole_names(text: str, found: list[Found]) -> list[Found]:
    """Without the lone surnames that begin a longer name which nothing stored matches: Park of Park Jae-won."""
    unknown = [
        name for name in found if name.kind == "person" and not name.matched and " " in text[name.start : name.end]
    ]
    return [
        name
        for name in found
        if name.kind != "person"
        or " " in text[name.start : name.end]
        or not any(_part_of(text, name, longer) for longer in unknown)
    ]


def _outside_titles(text: str, found: list[Found]) -> list[Found]:
    """Without the names in a work's or a treaty's title, 《南海行为准则》, that nothing stored matches."""
    titles = [match.span() for match in _TITLE.finditer(text)]
    return [name for name in found if name.matched or not any(a < name.start and name.end < b - 1 for a, b in titles)]


def _part_of(text: str, name: Found, longer: Found) -> bool:
    """Whether a lone surname begins a longer name, or ends one whose first word can be a part of it."""
    if name.start == longer.start:
        return name.end < longer.end
    words = text[longer.start : longer.end].split()
    common = english_words() | function_words("en") | bare_titles()
    short = len(words) == 2 or all(map(is_vietnamese, map(fold, words)))
    return name.end == longer.end and short and fold(words[0]) not in common


def _once(text: str, found: list[Found]) -> list[Found]:
    seen: dict[str, Found] = {}
    for name in found:
        seen.setdefault(fold(text[name.start : name.end]), name)
    return list(seen.values())


def _match(text: str, found: Found, index: NameIndex) -> NameMatch:
    query = text[found.start : found.end]
    held = {stored: _articles(query, stored, found.matched, index) for stored in found.matched}
    matched = tuple(stored for stored, articles in held.items() if articles)
    return NameMatch(query, found.kind, matched, tuple(sorted({a for articles in held.values() for a in articles})))


def _articles(query: str, stored: str, matched: tuple[str, ...], index: NameIndex) -> frozenset[str]:
    """The articles with a stored spelling, for a lone surname without those that give it to another whole name."""
    articles = index.articles(stored)
    first, _, rest = fold(query).partition(" ")
    word = first in english_words() and first not in given_names()
    named = rest and not word and first not in bare_titles() and first not in function_words("en")
    if " " in stored or not named or index.kind(stored) != "person":
        return articles
    whole = [name for name in index.match(stored) if " " in name and index.kind(name) == "person"]
    mine = frozenset(a for name in whole if name in matched for a in index.articles(name))
    others = frozenset(a for name in whole if name not in matched for a in index.articles(name))
    return articles - (others - mine)


def _candidates(question: Question) -> list[Found]:
    """Everything that can be a name, overlapping: matched runs of words, known places, stated names."""
    found = [f for i in range(len(question.words)) for f in _from(question, i)]
    found.extend(hanzi_candidates(question.text, question.index))
    found.extend(stated(question))
    found.extend(beside(question, found))
    found.extend(lower(question))
    return [f for f in found if not (f.start == 0 and _begins_a_word(question, f))]


def _from(question: Question, i: int) -> list[Found]:
    known = known_place(question, i)
    if known and known.matched:
        return [known]
    for size in range(min(MAX_WORDS, len(question.words) - i), 0, -1):
        if question.adjoining(i, size) and _may_be_name(question, i, size):
            matched = _matched(question, i, size)
            if matched:
                return [question.found(i, size, question.index.kind(matched[0]), matched)]
    return [known] if known else []


def _matched(question: Question, i: int, size: int) -> tuple[str, ...]:
    query = question.span(i, size)
    matched = question.known_as(query)
    if size == 1 and weak_alone(spelling(query)):
        if not question.words[i].capital:
            return ()
        if matched and question.index.kind(matched[0]) == "person":
            return tuple(dict.fromkeys((*matched, *question.index.holding(query))))
    return tuple(m for m in matched if _acceptable(question, i, size, m))


def _acceptable(question: Question, i: int, size: int, stored: str) -> bool:
    """Keep chance matches out where only letters speak: common words against a stored name."""
    name = spelling(stored)
    if (size == 1 or name.letters == question.folded[i + size - 1]) and _ends_a_term(question, i + size - 1):
        return False
    if name.places and not question.cased(i, size):
        return False
    if size > len(name.words) and not name.hanzi and name.letters != "".join(question.folded[i : i + size]):
        last = compare(spelling(question.words[i + size - 1].text), name).match
        return last and all(_can_be_given(question, j) for j in range(i, i + size - len(name.words)))
    if question.cased(i, size):
        return True
    exact = name.letters == "".join(question.folded[i : i + size])
    if size > 1 and question.folded[i] in PARTICLES and name.sounds and not name.keys and not name.pinyin and not exact:
        return False
    if (
        not exact
        and size > 1
        and question.lang == "vi"
        and is_vietnamese(question.folded[i])
        and not _surname(question, i)
    ):
        return False
    return question.lang != "vi" or not (
        question.marked and has_marks(stored) and not has_marks(question.span(i, size))
    )


def _begins_a_word(question: Question, found: Found) -> bool:
    """Whether the first syllable of a Vietnamese question has its capital from there: `Kim ngạch`, `Ý tưởng`."""
    if question.lang != "vi" or len(question.words) < 2 or found.end != question.words[0].end:
        return False
    following = question.folded[1]
    if question.words[1].capital or not question.touch(0, 1) or not is_vietnamese(following):
        return False
    acts = person_verbs("vi") | function_words("vi")
    person = found.kind == "person" and is_vietnamese(question.folded[0])
    return f"{question.folded[0]} {following}" in compounds() or (person and following not in acts)


def _ends_a_term(question: Question, i: int) -> bool:
    """Whether word i is an English word of a term with capitals that begins before it: `Dung Quat Economic Zone`."""
    if question.folded[i] not in english_words() or i == 0 or not question.words[i - 1].capital:
        return False
    return question.touch(i - 1, i) and question.folded[i - 1] not in given_names() | bare_titles()


def _surname(question: Question, i: int) -> bool:
    if question.marked:
        return syllable_key(question.words[i].text) in vietnamese_surnames()
    return question.folded[i] in bare_vietnamese_surnames()


def _can_be_given(question: Question, i: int) -> bool:
    """Whether a word before a surname can belong to the name: `sergei lavrov`, not `did lavrov`."""
    word = question.folded[i]
    if not question.words[i].capital and (question.words[i + 1].capital or word in function_words("en")):
        return False
    if word in given_names():
        return True
    common = word in english_words() or word in function_words("en") or word in function_words(question.lang)
    if common or len(word) < 2:
        return False
    return question.words[i].capital or not is_vietnamese(word)


def _may_be_name(question: Question, i: int, size: int) -> bool:
    """Whether words from i on can be a name: by their capitals, else by not being common words."""
    parts = question.folded[i : i + size]
    if any(p.isdigit() for p in parts) or " ".join(parts) in bare_titles() | acronyms_not_names() | TITLE_WORDS:
        return False
    if any(len(question.words[j].text) == 1 and not question.words[j].capital for j in (i, i + size - 1)):
        return False
    if question.lang == "ru" and any(
        not question.words[j].capital and question.folded[j] in function_words("ru") for j in (i, i + size - 1)
    ):
        return False
    if size == 1 and parts[0] in function_words("en") and not question.words[i].text.isupper():
        return False
    if question.cased(i, size):
        titled = size > 1 and question.lang == "en" and parts[0] in bare_titles()
        return not (titled or (size == 1 and parts[0] in function_words(question.lang)))
    if question.half_cased(i, size):
        return False
    if size == 1:
        return question.rare(i)
    return _not_common(question, i, size)


def _not_common(question: Question, i: int, size: int) -> bool:
    parts = question.folded[i : i + size]
    if " ".join(parts) in compounds() or " ".join(parts[:2]) in bare_titles() or parts[-1] in titles("en"):
        return False
    if question.lang == "en":
        stop = [p in function_words("en") for p in parts]
        if any(stop[1:]) or (stop[0] and size > 2):
            return False
        return sum(p in english_words() for p in parts) < min(size, 2) and not all(stop)
    if question.lang == "vi" and not question.marked:
        edges = (" ".join(parts[:2]), " ".join(parts[-2:]))
        return not any(edge in compounds() for edge in edges)
    return True
