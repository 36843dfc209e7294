"""Known places and organisations in a question."""

from __future__ import annotations

from rag import places
from rag.question_words import Found, Question
from rag.text import fold
from rag.wordlists import acronyms_not_names, function_words, places_that_need_a_capital


def known_place(question: Question, i: int) -> Found | None:
    """The longest known place or organisation at word i."""
    bare = question.lang != "ru" and not (question.marked and question.lang == "vi")
    count, numbers = places.longest_at(question.words, i, question.text, bare=bare)
    if not numbers:
        return _pair(question, i)
    span = " ".join(question.folded[i : i + count])
    plain = question.words[i].text.isascii() and not question.words[i].text.isupper()
    if span in acronyms_not_names() or (plain and span in function_words("en")):
        return None
    capital = any(w.capital for w in question.words[i : i + count])
    if question.lang == "ru" and not capital:
        return None
    cased = capital and not (i == 0 and count == 1 and _ambiguous(question, i))
    if not cased and count == 1 and _ambiguous(question, i) and not _spelled(question, i):
        return None
    matched = question.index.match(question.span(i, count), lang=question.lang)
    kind = places.entities()[min(numbers)].name_kind
    sure = cased or count > 1 or len(span) > 4
    if not matched and not sure:
        return None
    return question.found(i, count, kind, matched)


def _ambiguous(question: Question, i: int) -> bool:
    word = question.folded[i]
    return word in places_that_need_a_capital() or word in function_words(question.lang) or word in function_words("en")


def _spelled(question: Question, i: int) -> bool:
    """Vietnamese with its marks tells `mỹ` from `my`."""
    return (
        question.marked
        and not question.words[i].text.isascii()
        and question.words[i].text.lower() in ("mỹ", "úc", "ấn độ")
    )


def _pair(question: Question, i: int) -> Found | None:
    """One side of `Trung - Nga`, `Việt-Trung`, `my-trung`."""
    table = {fold(k): n for k, n in places.pair_forms("vi").items()}
    here = question.folded[i]
    if question.lang != "vi" or here not in table:
        return None
    for j, gap in ((i + 1, (i, i + 1)), (i - 1, (i - 1, i))):
        if 0 <= j < len(question.words) and question.folded[j] in table:
            between = question.text[question.words[gap[0]].end : question.words[gap[1]].start]
            if between.strip() in ("-", "–"):
                return _country(question, i, table[here])
    return None


def _country(question: Question, i: int, number: int) -> Found:
    return question.found(i, 1, "place", question.index.match(places.entities()[number].forms[question.lang][0]))
