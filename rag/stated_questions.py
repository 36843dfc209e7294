"""Names that a question states, whether stored or not: by capitals, a title, a verb or a name beside them."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from rag import places
from rag.bridge import weak_alone
from rag.declension import nominatives
from rag.domain import Name
from rag.lower_names import LowerNames
from rag.mentions import find
from rag.question_words import Found, Question
from rag.readings import has_marks, is_vietnamese
from rag.skeleton import skeleton
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
    titles,
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
        name = _trimmed(question, name)
        first = name.start == 0 and " " not in name.text and fold(name.text) in function_words(question.lang)
        if first or name.kind != "person" or _part_of_a_term(question, name) or _begins_a_title(question, name):
            continue
        found.extend(each for each in _person(question, name) if each.matched or _is_sure(question, name))
    found.extend(f for i in range(len(question.words)) if (f := _alone(question, i)))
    found.extend(f for i in range(len(question.words)) if (f := _vietnamese(question, i)))
    return found


def _trimmed(question: Question, name: Name) -> Name:
    """A Russian name without the question word before it and the places behind it: `Когда Тесла`, `Макрон Индии`."""
    if question.lang != "ru":
        return name
    start, end = name.start, name.end
    first, _, rest = name.text.partition(" ")
    if rest and fold(first) in question_words("ru"):
        start = end - len(rest)
    while " " in question.text[start:end]:
        before, _, last = question.text[start:end].rpartition(" ")
        if not places.lookup(last):
            break
        end = start + len(before)
    return Name(question.text[start:end], name.kind, start, end)


def _is_sure(question: Question, name: Name) -> bool:
    """Whether Russian words with capitals are a person: by a given name, a title or a verb, or as Chinese syllables."""
    if question.lang != "ru":
        return True
    i = next(n for n, word in enumerate(question.words) if word.end > name.start)
    last = i + len(name.text.split()) - 1
    if question.titled(i) or _acts(question, i) or _acts(question, last) or spelling(name.text).other:
        return True
    first = name.text.split()[0]
    return any(skeleton(form) in _given_sounds() for form in (first, *nominatives(first)))


@cache
def _given_sounds() -> frozenset[str]:
    return frozenset(map(skeleton, given_names()))


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


def _begins_a_title(question: Question, name: Name) -> bool:
    """Whether the word after completes a title: `Phó Tỉnh trưởng`."""
    after = next((word for word in question.words if word.start >= name.end), None)
    return after is not None and fold(question.text[name.start : after.end]) in bare_titles()


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
    if not matched and question.lang == "ru" and not _acts(question, i):
        return None
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
        return _acts_in_russian(question, i, after)
    return (
        bool(after & (person_verbs("en") | person_verbs("vi")))
        or question.titled(i)
        or (i > 0 and question.folded[i - 1] in _AND)
    )


def _acts_in_russian(question: Question, i: int, after: set[str]) -> bool:
    """A verb on either side, a title or a joining word before, in any case: `встретился Моди`, `с Макроном`."""
    before = question.folded[i - 1] if i else ""
    stems = tuple(person_verbs("ru"))
    titled = any(before.startswith(fold(title)) for title in titles("ru"))
    return any(word.startswith(stems) for word in (*after, before)) or titled or before in _AND


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
    spans = LowerNames(question.text, question.words, question.folded, question.lang).spans()
    found = [question.found(i, size, "person", question.known_as(question.span(i, size))) for i, size in spans]
    for i in range(1, len(question.words)):
        if question.folded[i - 1] in _ADDRESS and not question.words[i].capital and not _is_function(question, i):
            held = question.index.holding(question.words[i].text)
            found += [question.found(i, 1, "person", held)] if held else []
    return found


def _is_function(question: Question, i: int) -> bool:
    return any(question.folded[i] in function_words(lang) for lang in ("en", question.lang))
