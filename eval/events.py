"""Events of articles against gold records: slot by slot, main events and background mentions apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from eval import gold_events
from eval.cases import Case, Options, Result, Suite, Try
from eval.metrics import Tally, slots, token_f1
from rag.domain import Article, Citation, Event
from rag.events import extract
from rag.names import same
from rag.text import fold

ALL = "all slots"
HEADLINE = f"{ALL} F1"
INVENTED, NOT_VERBATIM = "years invented", "citations not verbatim"
SPLITS = {"seeds": ("seeds", "seeds"), "synthetic": ("synthetic-dev", "synthetic-held"), "fresh": ("fresh", "fresh")}
SLOTS = (
    "kind", "date", "implied year", "place", "participants", "roles", "countries", "agreed", "documents", "figures",
)  # fmt: skip
SAID = "said"  # gold holds some of it: only recall counts, and not in all slots
_EXHAUSTIVE = ("kind", "date", "implied year", "place")  # of a background record; of the rest gold holds some
_ALIKE = 0.5
_SIGN = "\t"

Fillers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Paired:
    """A found record and a gold one that are the same event, or one of them alone."""

    found: Event | None
    gold: Event | None


def suite() -> Suite:
    """`events`: what is extracted from each article of `seeds/`, `synthetic/` and `events_fresh/`, without a model."""

    def load(options: Options) -> list[Case]:
        return [case for corpus in gold_events.FOLDERS for case in _cases(corpus)]

    @contextmanager
    def opened(options: Options) -> Iterator[Try]:
        yield _judged

    about = "events of an article, slot by slot; main ones, and background mentions apart"
    return Suite("events", load, opened, HEADLINE, about)


def _cases(corpus: str) -> Iterator[Case]:
    for number, ((name, line), article) in enumerate(sorted(gold_events.articles(corpus).items())):
        split = SPLITS[corpus][number % 2]
        gold = gold_of(corpus, name, line)
        missed = judged((), gold)[0]
        data = {"corpus": corpus, "name": name, "line": line}
        groups = {"language": article.source.lang or "en"}
        if corpus == "fresh":
            groups["articles"] = "even" if number % 2 else "odd"
        yield Case(f"{name}:{line}" if line else name, data, split, groups, missed=missed)


def gold_of(corpus: str, name: str, line: int) -> list[Event]:
    """The gold records of an article."""
    return _gold(corpus).get((name, line), [])


@cache
def _gold(corpus: str) -> dict[tuple[str, int], list[Event]]:
    events = gold_events.events(corpus)
    found: dict[tuple[str, int], list[Event]] = {}
    for row in gold_events.rows(corpus):
        found.setdefault((row["article"], row.get("line", 0)), []).append(events[row["id"]])
    return found


def _judged(case: Case) -> Result:
    article = gold_events.articles(case.data["corpus"])[case.data["name"], case.data["line"]]
    gold = gold_of(case.data["corpus"], case.data["name"], case.data["line"])
    found = extract(article)
    tallies, wrong = judged(found, gold)
    counts = {INVENTED: len(invented(found, gold)), NOT_VERBATIM: not_verbatim(article, found)}
    wanted = "\n".join(map(told, gold)) or "no event"
    got = "\n".join([*map(told, found), *(f"! {line}" for line in wrong)]) or "no event"
    asked = f"{article.source.title or ''} ({article.source.published or 'no date'})\n{article.text[:600]}"
    return Result({}, asked, wanted, got, not wrong and not any(counts.values()), tallies, counts)


def judged(found: Sequence[Event], gold: Sequence[Event]) -> tuple[dict[str, Tally], list[str]]:
    """The tallies of each slot and of all, background mentions under names of their own, and what is wrong in words."""
    tallies: dict[str, Tally] = {}
    wrong: list[str] = []
    for background in (False, True):
        ours = [event for event in found if event.background == background]
        theirs = [event for event in gold if event.background == background]
        if not ours and not theirs:
            continue
        prefix = "background " if background else ""
        for pair in paired(ours, theirs):
            by_slot = compared(pair)
            for slot, tally in by_slot.items():
                tallies[prefix + slot] = tallies.get(prefix + slot, Tally()) + tally
                if slot != SAID and tally != Tally(tally.gold, tally.gold, tally.gold):
                    wrong.append(f"{prefix}{slot}: {_side(pair.found, slot)} for {_side(pair.gold, slot)}")
            counted = sum((tally for slot, tally in by_slot.items() if slot != SAID), Tally())
            tallies[prefix + ALL] = tallies.get(prefix + ALL, Tally()) + counted
    return tallies, wrong


def compared(pair: Paired) -> dict[str, Tally]:
    """The tally of each slot of a pair that either side fills; what was said counts by what of the gold is found."""
    ours, theirs = (fillers(event) if event else {} for event in (pair.found, pair.gold))
    tallies = slots(ours, theirs, same=_same)
    background = any(event and event.background for event in (pair.found, pair.gold))
    for slot, tally in tallies.items():
        if slot == SAID or (background and slot not in _EXHAUSTIVE):
            tallies[slot] = Tally(tally.right, tally.right, tally.gold)
    return {slot: tally for slot, tally in tallies.items() if tally != Tally()}


def fillers(event: Event) -> Fillers:
    """What a record fills each slot with, as words that can be compared."""
    people = event.participants
    return {
        "kind": (event.kind,),
        "date": (event.date.edtf,) if event.date and event.date.edtf else (),
        "implied year": (event.date.implied_year,) if event.date and event.date.implied_year else (),
        "place": (_SIGN.join((event.place.text, event.place.country or "")),) if event.place else (),
        "participants": tuple(each.name for each in people),
        "roles": tuple(_SIGN.join((each.name, each.role)) for each in people if each.role),
        "countries": tuple(_SIGN.join((each.name, each.country)) for each in people if each.country),
        "agreed": tuple(fact.text for fact in event.agreed),
        "documents": tuple(fact.text for fact in event.documents),
        "figures": tuple(_SIGN.join((each.value, each.unit or "")) for each in event.figures),
        SAID: tuple(_SIGN.join((each.speaker, each.text)) for each in event.said),
    }


def paired(found: Sequence[Event], gold: Sequence[Event]) -> list[Paired]:
    """The records of both sides, those put together that share most: kind, persons, date, place."""
    scores = sorted(
        ((_shared(one, other), -i, -j) for i, one in enumerate(found) for j, other in enumerate(gold)), reverse=True
    )
    left, right, pairs = set(range(len(found))), set(range(len(gold))), []
    for score, i, j in scores:
        if score > 0 and -i in left and -j in right:
            left.remove(-i)
            right.remove(-j)
            pairs.append(Paired(found[-i], gold[-j]))
    return [*pairs, *(Paired(found[i], None) for i in sorted(left)), *(Paired(None, gold[j]) for j in sorted(right))]


def _shared(one: Event, other: Event) -> int:
    right = slots(fillers(one), fillers(other), same=_same)
    return sum(right[slot].right for slot in ("kind", "date", "place", "participants")) * 100 + sum(
        tally.right for tally in right.values()
    )


def _same(slot: str, found: str, gold: str) -> bool:
    if slot == "place":
        (ours, country), (theirs, gold_country) = found.split(_SIGN), gold.split(_SIGN)
        return (country == gold_country and _overlap(ours, theirs)) or (not gold_country and _overlap(ours, theirs))
    if slot in ("roles", "countries", SAID):
        (ours, what), (theirs, gold_what) = found.split(_SIGN, 1), gold.split(_SIGN, 1)
        if not _one(ours, theirs):
            return False
        return what == gold_what if slot == "countries" else _alike(what, gold_what)
    if slot == "participants":
        return _one(found, gold)
    if slot in ("agreed", "documents"):
        return _alike(found, gold)
    return found == gold


def _one(name: str, other: str) -> bool:
    """Whether two names are one person's, one of them perhaps a part of the other."""
    ours, theirs = f" {fold(name)} ", f" {fold(other)} "
    return ours in theirs or theirs in ours or same(name, other).match


def _alike(words: str, other: str) -> bool:
    return _contains(words, other) or token_f1(fold(words), fold(other))[2] >= _ALIKE


def _contains(words: str, other: str) -> bool:
    ours, theirs = f" {fold(words)} ", f" {fold(other)} "
    return ours in theirs or theirs in ours or ours.strip() in theirs or theirs.strip() in ours


def _overlap(words: str, other: str) -> bool:
    return _contains(words, other) or bool(
        set(fold(words).replace(",", " ").split()) & set(fold(other).replace(",", " ").split())
    )


def invented(found: Sequence[Event], gold: Sequence[Event]) -> list[str]:
    """The dates with a year that no gold record of the article has."""
    years = {year for event in gold if event.date and event.date.edtf for year in _years(event.date.edtf)}
    dates = [event.date.edtf for event in found if event.date and event.date.edtf]
    return [edtf for edtf in dates if set(_years(edtf)) - years]


def _years(edtf: str) -> list[str]:
    return [part[:4] for part in edtf.split("/") if part[:4].isdigit()]


def not_verbatim(article: Article, found: Sequence[Event]) -> int:
    """How many citations do not stand in the text as they are quoted."""
    return sum(article.text[each.start : each.end] != each.quote for event in found for each in citations(event))


def citations(event: Event) -> Iterator[Citation]:
    """All the citations of a record."""
    yield from event.headline.citations
    for single in (event.date, event.place):
        if single:
            yield single.citation
    if event.date and event.date.implied_by:
        yield event.date.implied_by
    for several in (event.participants, event.agreed, event.said, event.documents, event.figures, event.next_steps):
        for each in several:
            yield from each.citations


def told(event: Event) -> str:
    """A record in words, for who browses the cases."""
    filled = {slot: ", ".join(each.replace(_SIGN, "/") for each in values) for slot, values in fillers(event).items()}
    about = "; ".join(f"{slot}: {words}" for slot, words in filled.items() if words and slot != "kind")
    return f"{'(background) ' if event.background else ''}{event.kind}: {about}"


def _side(event: Event | None, slot: str) -> str:
    if event is None:
        return "no record"
    return " | ".join(each.replace(_SIGN, "/") for each in fillers(event).get(slot, ())) or "nothing"
