"""A follow-up question made to stand alone by rule: what it refers back to is put in, what it leaves out taken over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from rag.domain import Answer
from rag.follow_words import Reference, Stated, located, stated, table
from rag.fragments import Fragment, fragment, taken_over
from rag.names import find
from rag.places import entities, is_adjective, lookup
from rag.references_en import english
from rag.references_vi import vietnamese
from rag.text import fold, nfc

_QUESTION_MOST = 2_000
# In languages that no rule completes, what tells a model is wanted: a pronoun, or a beginning that joins.
_REFERS = {
    "ru": re.compile(
        r"(?i)\b(?:он|она|они|его|её|ее|их|ему|ей|им|ними|ним|ней|там|туда|эт[аои]|этот|этой|этом)\b|^[аи] "
    ),
    "zh": re.compile(r"他|她|它|双方|两国|两人|那里|那边|这次|此次|^那|呢[?？]?$"),
}
_LOOK_BACK = 5


def needs(question: str, history: Sequence[Answer], *, lang: str) -> bool:
    """Whether the question refers back to an earlier one, resolved by rule or not.

    In Russian and Chinese, where no rule resolves it, a pronoun or "and ..." in a question that names no person.
    """
    said = _tidy(question)
    if not history or not said:
        return False
    if lang in _REFERS:
        own = any(name.kind == "person" for name in stated(said, lang=lang))
        return not own and bool(_REFERS[lang].search(said))
    return _refers(said, lang) is not None


def complete(question: str, history: Sequence[Answer], *, lang: str) -> str:
    """The question with what it takes from earlier ones put in; unchanged where it stands alone or nothing fits.

    `lang` is the question's language; Vietnamese and English are read. Pronouns take the person whom the last
    question names alone, else whom its answer names first; "they" and "hai bên" take two. A fragment takes over the
    last question with its name exchanged for one of the same kind, or is appended to it.
    """
    said = _tidy(question)
    if not history or not said:
        return question
    found = _refers(said, lang)
    if found is None:
        return question
    if isinstance(found, Fragment):
        completed = taken_over(found, _asked(history[-1]), names=tuple(_names(history[-1])), lang=lang)
        return completed or question
    return _resolved(said, found, history, lang) or question


def _tidy(question: str) -> str:
    said = " ".join(nfc(question[: _QUESTION_MOST + 1]).split())
    return said if len(said) <= _QUESTION_MOST else ""


def _refers(said: str, lang: str) -> Fragment | tuple[Reference, ...] | None:
    names = stated(said, lang=lang)
    found = _references(said, lang, names)
    return found or fragment(said, lang=lang, names=names)


_READERS = {"en": english, "vi": vietnamese}


def _references(said: str, lang: str, names: Sequence[Stated]) -> tuple[Reference, ...]:
    """The references of a question in order, none over another; a mere "it" only where there is nothing else."""
    taken: list[Reference] = []
    for found in _READERS[lang](said, names) if lang in _READERS else ():
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    sure = [found for found in taken if found.kind != "thing"] or taken[:1]
    return tuple(sorted(sure, key=lambda found: found.start))


def _asked(answer: Answer) -> str:
    return _tidy(answer.rewritten or answer.question)


def _names(answer: Answer) -> Iterator[Stated]:
    """The names of an earlier question where it states them; those that an office stands for too."""
    asked = _asked(answer)
    known = tuple(located(asked, answer.names))
    yield from known or stated(asked, lang=answer.lang)


def _of_answer(answer: Answer) -> tuple[Stated, ...]:
    """The names of an answer's first statement, each once, a short form under the whole name."""
    if not answer.statements:
        return ()
    first = answer.statements[0]
    found = find(first.text[:_QUESTION_MOST], lang=first.lang or answer.lang)
    longest = sorted({name.text: name for name in found}.values(), key=lambda name: -len(name.text))
    kept: list[Stated] = []
    for name in longest:
        words = set(fold(name.text).split())
        if not any(words <= set(fold(other.text).split()) for other in kept):
            kept.append(Stated(name.text, name.kind, name.start, name.end))
    return tuple(sorted(kept, key=lambda name: name.start))


def _resolved(said: str, found: Sequence[Reference], history: Sequence[Answer], lang: str) -> str | None:
    """The question with each reference replaced by what it means; None where none can be."""
    parts, position, changed = [], 0, False
    appended: list[str] = []
    used: list[list[str]] = []
    for reference in found:
        meant = _meant(reference, said, history, lang)
        if not meant and reference.kind in ("countries", "place"):
            reference = replace(reference, kind="thing")
            meant = _meant(reference, said, history, lang)
        if not meant or meant in used:
            continue
        changed = True
        used.append(meant)
        if reference.kind == "thing":
            appended = meant
            continue
        parts += [said[position : reference.start], _written(reference, meant, said, lang)]
        position = reference.end
    whole = "".join((*parts, said[position:]))
    if appended:
        end = len(whole.rstrip(" ?!."))
        whole = f"{whole[:end]} ({', '.join(appended)}){whole[end:]}"
    return whole if changed else None


def _meant(reference: Reference, said: str, history: Sequence[Answer], lang: str) -> list[str]:
    """The names that a reference means, by the last answer that has any of the kind."""
    own = fold(said)
    for answer in list(reversed(history))[:_LOOK_BACK]:
        asked, replied = tuple(_names(answer)), _of_answer(answer)
        if reference.role and not _has_role(reference.role, answer):
            return []
        for names in (asked, replied):
            meant = _chosen(reference, [name for name in names if fold(name.text) not in own or lang == "zh"], answer)
            if meant:
                return meant
        if any(name.kind == "person" for name in asked) and reference.kind == "person":
            return []
    return []


def _has_role(role: str, answer: Answer) -> bool:
    """Whether the earlier question or its answer speaks of somebody in this office, in either language."""
    words = {word for line in table()["offices"] for word in line.split("|") if role in line.split("|")}
    texts = [answer.question, _asked(answer)] + [statement.text for statement in answer.statements[:3]]
    said = fold(" ".join(text[:_QUESTION_MOST] for text in texts))
    return any(re.search(rf"(?<!\w){re.escape(fold(word))}(?!\w)", said) for word in words or {role})


def _chosen(reference: Reference, names: Sequence[Stated], answer: Answer) -> list[str]:
    persons = _distinct(names, "person")
    places = [place for place in _distinct(names, "place") if not is_adjective(place)]
    countries = [place for place in places if is_country(place)]
    if reference.kind == "person":
        return persons if len(persons) == 1 else _by_address(persons, reference, answer)
    if reference.kind == "place":
        return places[-1:]
    if reference.kind == "thing":
        return _distinct(names)[:4]
    if reference.kind == "countries":
        return countries if len(countries) == 2 else []
    two = next((pair for pair in (persons, countries, places) if len(pair) == 2), [])
    if two or reference.kind == "pair":
        every = _distinct(names)
        return two or (persons[:4] if len(persons) > 2 else [] if persons or len(every) != 1 else every)
    return _distinct(names)[:1]


def _by_address(persons: Sequence[str], reference: Reference, answer: Answer) -> list[str]:
    """The one of several persons whom the earlier question addresses as this pronoun does: `bà ấy`, `bà Merkel`."""
    lead = fold(reference.lead)
    if not lead:
        return []
    addressed = [name for name in persons if re.search(rf"(?<!\w){lead} {re.escape(fold(name))}", fold(_asked(answer)))]
    return addressed if len(addressed) == 1 else []


def _distinct(names: Sequence[Stated], kind: str | None = None) -> list[str]:
    return list(dict.fromkeys(name.text for name in names if kind in (None, name.kind)))


@cache
def is_country(spelling: str) -> bool:
    """Whether a place is a country."""
    return any(entities()[number].kind == "country" for number in lookup(spelling))


def _written(reference: Reference, meant: Sequence[str], said: str, lang: str) -> str:
    """What a reference means in its place: `Lavrov's`, `ông Lavrov`, `Lavrov và Vương Nghị`, `cuộc gặp của Lavrov`."""
    together = f" {'and' if lang == 'en' else 'và'} ".join(meant)
    if reference.kind == "event":
        between = {"en": ("of", "of"), "vi": ("của", "giữa")}[lang][len(meant) > 1]
        if lookup(meant[0]) and len(meant) == 1 and not is_country(meant[0]):
            between = {"en": "in", "vi": "ở"}[lang]
        return f"{reference.lead} {between} {together}"
    lead = f"{reference.lead} " if reference.lead else ""
    return f"{lead}{together}{'’s' if reference.possessive else ''}".replace("’", "'")
