"""What an English question refers back to an earlier one by: "he", "the two ministers", "there", "this meeting", "it".

Rules that would rather miss a reference than find one in a question that stands alone: a pronoun counts only where the
question itself holds nobody whom it can mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from rag.follow_words import AUXILIARY, OPENING, Reference, Stated, any_of, named_here, nobody_before, table

_NOUNS = rf"(?: (?!(?:{AUXILIARY}|the|he|she|they|it|when|where|who)\b)[\w-]+){{1,4}}"
_ASKED = (
    rf"(?:(?:(?:to|with|from|by|about|on|in|at|for|of|until|since|against) )?"
    rf"(?:(?:what|which|whose|how many|how much){_NOUNS} {AUXILIARY}"
    rf"|(?:how long|how often|what|when|where|why|how|whom|who)(?: and (?:when|where|why|how|with whom))*"
    rf"(?: {AUXILIARY})?)"
    rf"|{AUXILIARY}) "
)
_AFTER = (
    r"(?=[?!.,;]|$| (?:in|on|at|during|with|last|next|for|to|by|today|yesterday|after|before|and|from|since|too)\b)"
)


@cache
def _en() -> dict[str, re.Pattern[str]]:
    event, place = any_of("events_en"), any_of("places_en")
    twos, countries = any_of("twos_en"), any_of("countries_en")
    offices = "|".join(word for line in table()["offices"] for word in line.split("|") if word.isascii())
    patterns = {
        "subject": rf"^(?P<before>{OPENING}(?:[^,]{{1,80}}, )?{OPENING}(?:{_ASKED})?)(?P<it>he|she|they|it)\b",
        "object": r"\b(?P<it>him|hers|her|his|theirs|their|them)\b",
        "pair": rf"\b(?P<it>(?:both of |between )?(?:the|these|those|both) (?:two |same two )?{twos}|both of them)\b"
        r"(?! (?:of|from|in|at|for|who|that)\b)",
        "countries": rf"\b(?P<it>(?:the|these|those|both) (?:two )?{countries})\b(?! (?:of|in|that)\b)",
        "there": rf"\b(?P<it>(?:over |up )?there)\b{_AFTER}",
        "place": rf"\b(?P<it>(?:this|that|the same) {place})\b",
        "office": rf"\b(?P<it>(?:the|this|that|the same) (?P<role>{offices}))\b"
        r"(?! (?:of|for|in|from|who)\b)(?! (?-i:[A-Z]))",
        "event": rf"\b(?P<it>(?P<which>this|that|these|those|the same|the) (?P<noun>{event}))\b"
        r"(?! (?:of|between|with|in|at|on|to|for|that|which|where|about|held|room|hall)\b)",
        "this": r"\b(?:did|does|do|has|will|was|is|about|of|after|before|on|to|by|with|caused) (?P<it>this|that)"
        r"(?=[?.!]|$| (?:happen|mean|take place|come|change|affect|work|include|cover)\b)",
        "object_it": rf"\w (?P<it>it){_AFTER}",
    }
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in patterns.items()}


_MOVES = re.compile(
    r"(?:go|goes|going|went|gone|travel|travels|travelled|fly|flew|flown|come|came|return|returned|sent) $", re.I
)
_EXPLETIVE = re.compile(
    r"\bit(?: (?:is|was|'s))? (?:true|possible|likely|clear|time|legal|safe|worth|important|necessary|that|take|cost"
    r"|seem|appear|rain|snow|too late|better|expected|said|reported|known|mean to)\b|\b(?:is|was|'s) it (?:the|a|an)\b"
    r"|\bwhat time\b|\b(?:long|much|many \w+) (?:does|did|will|would) it (?:take|cost)\b",
    re.IGNORECASE,
)


def english(question: str, names: Sequence[Stated]) -> Iterator[Reference]:
    """The references of an English question. `question` holds single spaces, `names` are those that it states."""
    patterns = _en()
    subject = patterns["subject"].match(question)
    if subject and nobody_before(question, subject.start("it"), names, "en") and not _leading_clause(subject, names):
        yield from _pronoun(subject, names, question)
    yield from _twos(question, patterns, names)
    for found in patterns["object"].finditer(question):
        word = found["it"].lower()
        plural = word.startswith("their") or word == "them"
        if nobody_before(question, found.start("it"), names, "en") and not (plural and _plural_before(found)):
            possessive = word in ("his", "their") or (word == "her" and _noun_follows(question, found.end("it")))
            yield Reference(*found.span("it"), "pair" if plural else "person", possessive=possessive)
    yield from _things(question, patterns, names)


def _leading_clause(subject: re.Match[str], names: Sequence[Stated]) -> bool:
    """Whether "when he met X, what did Y say" names its own person behind the pronoun."""
    rest = subject.string[subject.end("it") :]
    return "," in rest and any(name.kind == "person" for name in names)


def _pronoun(subject: re.Match[str], names: Sequence[Stated], question: str) -> Iterator[Reference]:
    word = subject["it"].lower()
    if word == "it":
        if not names and not _EXPLETIVE.search(question):
            yield Reference(*subject.span("it"), "thing")
    else:
        yield Reference(*subject.span("it"), "pair" if word == "they" else "person")


def _plural_before(found: re.Match[str]) -> bool:
    before = found.string[: found.start("it")].lower()
    words = re.findall(r"\b[a-z]{3,}s\b", before)
    return any(word not in ("was", "does", "has", "his", "this", "whose", "its", "terms", "talks") for word in words)


def _noun_follows(question: str, end: int) -> bool:
    after = re.match(r" ([a-z]+)", question[end:])
    return bool(after) and not re.match(
        _AFTER[3:-1].lstrip("|") + r"| (?:about|that|if|whether|when|where|why|what|or|but|as|of)\b", question[end:]
    )


def _twos(question: str, patterns: dict[str, re.Pattern[str]], names: Sequence[Stated]) -> Iterator[Reference]:
    for kind in ("pair", "countries"):
        for found in patterns[kind].finditer(question):
            if not named_here(question, found, names):
                between = "between " if found["it"].lower().startswith("between ") else ""
                yield Reference(
                    found.start("it") + len(between), found.end("it"), "pair" if kind == "pair" else "countries"
                )


def _things(question: str, patterns: dict[str, re.Pattern[str]], names: Sequence[Stated]) -> Iterator[Reference]:
    places = [name for name in names if name.kind == "place"]
    there = patterns["there"].search(question)
    if there and not places and not _expletive_there(question, there):
        yield Reference(*there.span("it"), "place", lead="to" if _MOVES.search(question[: there.start()]) else "in")
    here = patterns["place"].search(question)
    if here and not any(place.start < here.start() for place in places):
        yield Reference(*here.span("it"), "place")
    office = patterns["office"].search(question)
    if office and not names:
        yield Reference(*office.span("it"), "person", role=office["role"].lower())
    event = patterns["event"].search(question)
    if event and (len(names) < 2 if event["which"].lower() != "the" else not names):
        yield Reference(*event.span("it"), "event", lead=f"{_article(event)} {event['noun']}")
    if not names:
        yield from _bare_things(question, patterns)


def _article(event: re.Match[str]) -> str:
    return "The" if event["which"][0].isupper() else "the"


def _expletive_there(question: str, there: re.Match[str]) -> bool:
    before = question[: there.start()].lower().rstrip().split()
    return bool(before) and before[-1] in ("is", "are", "was", "were", "be", "been") and "who" not in before


def _bare_things(question: str, patterns: dict[str, re.Pattern[str]]) -> Iterator[Reference]:
    found = patterns["this"].search(question) or patterns["object_it"].search(question)
    inside = found and re.search(r"(?i)\b(?:the|a|an) [a-z]+", question[: found.start("it")])
    if found and not inside and not _EXPLETIVE.search(question):
        yield Reference(*found.span("it"), "thing")
