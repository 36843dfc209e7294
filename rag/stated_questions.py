"""Names that a question states, whether stored or not: by capitals, a title, a verb or a name beside them."""

from __future__ import annotations

from itertools import pairwise

from rag import places
from rag.bridge import weak_alone
from rag.domain import Name
from rag.lower_names import LowerNames
from rag.mentions import find
from rag.question_words import Found, Question
from rag.readings import has_marks, is_vietnamese
from rag.spellings import spelling
from rag.text import fold
from rag.wordlists import (
    bare_titles,
    bare_vietnamese_surnames,
    compounds,
    english_words,
    function_words,
    given_names,
    heads_folded,
    person_verbs,
    question_words,
)

MAX_WORDS = 5
_BEFORE_PERSON = frozenset("did does has will with met".split())
_NOT_A_NAME = ("ish", "ism", "ist", "ists", "ians", "ese", "ans", "ity", "tion", "ics")
_ARTICLES = frozenset("the a an this that its their our".split())
_ADDRESS = frozenset("ong mr mrs ms dr".split())
_AND = frozenset("and with met meet và va với voi gặp gap cùng cung и с со".split())


def stated(question: Question) -> list[Found]:
    """Names that the question states by capitals, a title or a surname, whether stored or not."""
    found: list[Found] = []
    for name in find(question.text, lang=question.lang):
        first = name.start == 0 and " " not in name.text and fold(name.text) in function_words(question.lang)
        if first or name.kind != "person" or _part_of_a_term(question, name):
            continue
        found.extend(_person(question, name))
    found.extend(f for i in range(len(question.words)) if (f := _alone(question, i)))
    found.extend(f for i in range(len(question.words)) if (f := _vietnamese(question, i)))
    return found


def _vietnamese(question: Question, i: int) -> Found | None:
    """A Vietnamese name with capitals where `find` does not look: without marks, or in another language."""
    if question.lang == "vi" and question.marked:
        return None
    end = i
    while end < len(question.words) and end - i < MAX_WORDS and _in_run(question, i, end):
        end += 1
    span = question.span(i, end - i) if end > i else ""
    before = i > 0 and question.words[i - 1].capital and question.adjoining(i - 1, 2) and not question.titled(i)
    if not 2 <= end - i <= 4 or before or not (has_marks(span) or question.folded[i] in bare_vietnamese_surnames()):
        return None
    parts = question.folded[i:end]
    pairs = {f"{one} {two}" for one, two in pairwise(parts)}
    if pairs & (heads_folded() | compounds() | bare_titles()) or not (has_marks(span) or question.titled(i)):
        return None
    if any(places.longest_at(question.words[j:end], 0, question.text, bare=True)[0] for j in range(i, end)):
        return None
    return question.found(i, end - i, "person", question.known_as(span))


def _in_run(question: Question, i: int, j: int) -> bool:
    return question.words[j].capital and is_vietnamese(question.folded[j]) and (j == i or question.adjoining(j - 1, 2))


def _part_of_a_term(question: Question, name: Name) -> bool:
    """Whether common words with capitals end a longer name or follow an article: `Dung Quat Economic Zone`."""
    parts = fold(name.text).split()
    if len(parts) < 2 or given_names() & set(parts) or not all(part in english_words() for part in parts):
        return False
    before = [word for word in question.words if word.end < name.start]
    return bool(before) and (before[-1].capital or fold(before[-1].text) in _ARTICLES)


def _person(question: Question, name: Name) -> list[Found]:
    """A stated person; a lone syllable only where a stored name holds it, a transcription as far as it matches."""
    matched = question.known_as(name.text)
    end = name.end
    if not matched and places.HANZI.match(name.text):
        for end in range(name.end - 1, name.start + 1, -1):
            matched = question.index.match(question.text[name.start : end], lang=question.lang)
            if matched:
                break
        else:
            end = name.end
    if not matched and weak_alone(spelling(name.text)):
        matched = question.index.holding(name.text)
        if not matched:
            return []
    unclear = not matched and places.HANZI.match(name.text)
    return [] if unclear else [Found(name.start, end, "person", matched, True)]


def _alone(question: Question, i: int) -> Found | None:
    """One foreign word with a capital inside the question: `Trump có gặp`, `What did Blinken say`."""
    word, folded = question.words[i], question.folded[i]
    if not word.text[0].isupper() or not word.text[1:].islower() or len(word.text) < 4 or is_vietnamese(folded):
        return None
    if folded in function_words("en") or folded in function_words(question.lang) or folded in bare_titles():
        return None
    beside = [
        j for j in (i - 1, i + 1) if 0 <= j < len(question.words) and question.touch(i, j) and question.words[j].capital
    ]
    if any(_goes_on(question, j) for j in beside) or places.lookup(word.text):
        return None
    if question.lang == "ru" and i == 0 and (folded in question_words("ru") or not _acts(question, i)):
        return None
    common = folded in english_words() and question.folded[i - 1] not in _BEFORE_PERSON
    if question.lang not in ("vi", "ru") and (i == 0 or common):
        return None
    if folded.endswith(_NOT_A_NAME):
        return None
    matched = question.known_as(word.text)
    kind = question.index.kind(matched[0]) if matched else "person" if _acts(question, i) else "organisation"
    return question.found(i, 1, kind, matched)


def _goes_on(question: Question, j: int) -> bool:
    """Whether a word with a capital beside a name can be a part of it: no function word, in Russian no place."""
    place = question.lang == "ru" and places.lookup(question.words[j].text)
    return question.folded[j] not in function_words("en") and not place


def _acts(question: Question, i: int) -> bool:
    """Whether a verb that persons do follows, or a title or a name joined to it stands before."""
    after = set(question.folded[i + 1 : i + 4])
    if question.lang == "ru":
        return any(word.startswith(tuple(person_verbs("ru"))) for word in after) or (
            i > 0 and question.folded[i - 1] in _AND
        )
    return (
        bool(after & (person_verbs("en") | person_verbs("vi")))
        or question.titled(i)
        or (i > 0 and question.folded[i - 1] in _AND)
    )


def beside(question: Question, known: list[Found]) -> list[Found]:
    """`lavrov and blinken`: an unknown word joined to a matched person is a person too."""
    ends = {f.end for f in known if f.matched and f.kind == "person"}
    starts = {f.start for f in known if f.matched and f.kind == "person"}
    found = []
    for i in range(1, len(question.words) - 1):
        if question.folded[i] not in _AND:
            continue
        before, after = question.words[i - 1], question.words[i + 1]
        if before.end in ends and after.start not in starts and _unknown(question, i + 1):
            found.append(question.found(i + 1, 1, "person", ()))
        if after.start in starts and before.end not in ends and _unknown(question, i - 1):
            found.append(question.found(i - 1, 1, "person", ()))
    return found


def _unknown(question: Question, i: int) -> bool:
    lower_in_russian = question.lang == "ru" and not question.words[i].capital
    return question.rare(i) and question.folded[i] not in english_words() and not lower_in_russian


def lower(question: Question) -> list[Found]:
    """Persons whom the question states without capitals: a stored name or none; a lone syllable only if stored."""
    spans = LowerNames(question.words, question.folded, question.lang).spans()
    found = [question.found(i, size, "person", question.known_as(question.span(i, size))) for i, size in spans]
    for i in range(1, len(question.words)):
        if question.folded[i - 1] in _ADDRESS and not question.words[i].capital and not _is_function(question, i):
            held = question.index.holding(question.words[i].text)
            found += [question.found(i, 1, "person", held)] if held else []
    return found


def _is_function(question: Question, i: int) -> bool:
    return any(question.folded[i] in function_words(lang) for lang in ("en", question.lang))
