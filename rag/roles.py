"""Who did what to whom: a statement in which the two of the cited text have changed places, or another one speaks.

A small table of deeds (roles.toml) and the names that stand directly before and after their words. Nothing is said
where a name is missing, a pronoun stands for one, or a text tells the deed both ways.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rag import places
from rag.clauses import Told, called, read
from rag.domain import Evidence, Name
from rag.polarity_words import Mark, Phrase, Table, phrases_in, split, table

_BEFORE, _AFTER, _PASSIVE, _WITHIN = 4, 8, 3, 6
_STATE_WORDS = 3  # the longest name of a country looked for at the end of an organisation's
_DONE_BY, _TOLD_FROM_THE_OTHER_SIDE, _SPEECH = 0, 1, 2
_BEFORE_NOUNS = frozenset("sự việc lời cuộc chuyến the a an of their its his her".split())
_AFTER_NOUNS = frozenset("của of".split())
_PRONOUNS = {
    "en": frozenset("he she they it who we i and his her their".split()),
    "vi": frozenset("họ và cùng này".split()),
    "ru": frozenset("он она они и".split()),
    "zh": frozenset("他她和与"),
}
Party = tuple[Name, ...]  # the names that one party bears: "Japan's minister Hayashida"
_WHERE = frozenset("in at near on about during inside outside around tại ở trong về trên quanh giữa в на у".split())
_JOINING = frozenset("với and with to from by of cho của từ bởi".split())


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed, its words in the text, who did it and to whom: the names that belong to one party each."""

    verb: str
    mark: Mark
    agent: Party
    patient: Party


def unsupported(statement: str, *, lang: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The words of deeds in the statement that the cited text tells with the two parties the other way round.

    Also of speech, where the cited text names the statement's speaker but lets another one speak. () where nothing
    is sure. One text that tells the deed as the statement does is enough.
    """
    told = read(statement, lang=lang)
    sources = [read(each.text, lang=each.lang) for each in evidence if each.text.strip()]
    own = deeds(told)
    if not own or not sources:
        return ()
    compared = [(source, deeds(source), called(told, source)) for source in sources]
    swapped = [
        deed
        for deed in own
        if any(_swapped(deed, other, known) for _, others, known in compared for other in others)
        and not any(_alike(deed, other, known) for _, others, known in compared for other in others)
    ]
    if len(compared) == 1:
        swapped += _other_speaker(own, *compared[0])
    return tuple(dict.fromkeys(told.words_of(deed.mark) for deed in swapped))


def deeds(told: Told) -> list[Deed]:
    """The deeds of a text whose doer stands beside them."""
    found = phrases_in(told.text, told.tokens, _phrases(told.lang))
    return [deed for mark in found if mark.poles and not _is_noun(told, mark) for deed in _deeds_at(told, mark)]


def _is_noun(told: Told, mark: Mark) -> bool:
    """`sự hỗ trợ của Trung Quốc`: the doer of a noun stands elsewhere."""
    before = told.tokens[mark.first - 1].word if mark.first else ""
    after = told.tokens[mark.last].word if mark.last < len(told.tokens) else ""
    return before in _BEFORE_NOUNS or after in _AFTER_NOUNS


def _deeds_at(told: Told, mark: Mark) -> Iterator[Deed]:
    before, after = _party_before(told, mark), _party_after(told, mark)
    between = _agent_between(told, mark)
    passive = _is_passive(told, mark)
    for verb, side in mark.poles:
        if side == _SPEECH:
            speaker = before or (after if _directly_after(told, mark, after) else ())
            if speaker and not passive:
                yield Deed(verb, mark, speaker, ())
        elif between:
            patient = _party_before(told, _passive_mark(told, mark) or mark)
            yield Deed(verb, mark, *_ordered(between, patient, side))
        elif passive:
            if _by(told, mark, after):
                yield Deed(verb, mark, *_ordered(after, before, side))
        else:
            yield Deed(verb, mark, *_ordered(before, _inside(told, mark) or after, side))


def _inside(told: Told, mark: Mark) -> Party:
    """The names that a phrase encloses: `cho Việt Nam vay`."""
    start, end = told.tokens[mark.first].start, told.tokens[mark.last - 1].end
    return tuple(name for name in told.names if start < name.start and name.end < end)


def _ordered(agent: Party, patient: Party, side: int) -> tuple[Party, Party]:
    return (patient, agent) if side == _TOLD_FROM_THE_OTHER_SIDE else (agent, patient)


def _swapped(own: Deed, other: Deed, known: Mapping[str, str]) -> bool:
    """Whether one of the two is on the other side of the same deed, and neither on its own."""
    if own.verb != other.verb or not own.patient or _alike(own, other, known):
        return False
    return _share(own.patient, other.agent, known) or (bool(own.agent) and _share(own.agent, other.patient, known))


def _alike(own: Deed, other: Deed, known: Mapping[str, str]) -> bool:
    if own.verb != other.verb:
        return False
    return _share(own.agent, other.agent, known) or _share(own.patient, other.patient, known)


def _share(one: Sequence[Name], other: Sequence[Name], known: Mapping[str, str]) -> bool:
    """Whether two parties have a name in common; of persons, where both have persons."""
    ours, theirs = _persons(one), _persons(other)
    if not (ours and theirs):
        ours, theirs = list(one), list(other)
    return bool(_meant(ours, known) & _meant(theirs, known))


def _meant(party: Sequence[Name], known: Mapping[str, str]) -> set[str]:
    """What the names of a party mean in the statement's spelling, and the countries; a capital is its country."""
    states = {f"={state}" for name in party if (state := _state(name))}
    return {known[name.text] for name in party if name.text in known} | states


def _state(name: Name) -> str | None:
    """The country that a name is, is the capital of, or, but for a person, ends in: `Đảng Cộng sản Trung Quốc`."""
    words = name.text.split()[-_STATE_WORDS - 1 :] if name.kind != "person" else []
    tails = [name.text, *(" ".join(words[i:]) for i in range(1, len(words)))]
    return next((places.country(tail) for tail in tails if _is_state(tail)), None)


def _is_state(spelling: str) -> bool:
    kinds = {places.entities()[number].kind for number in places.lookup(spelling)}
    return places.country(spelling) is not None and bool(kinds & {"country", "capital"})


def _persons(party: Sequence[Name]) -> list[Name]:
    return [name for name in party if name.kind == "person"]


def _other_speaker(own: Sequence[Deed], source: Told, others: Sequence[Deed], known: Mapping[str, str]) -> list[Deed]:
    """The statement's one speech act, where the text's only speaker is another person and it names the statement's."""
    ours = [deed for deed in own if deed.verb == "speech" and _persons(deed.agent)]
    theirs = [deed for deed in others if deed.verb == "speech"]
    if len(ours) != 1 or len(theirs) != 1 or not _persons(theirs[0].agent):
        return []
    if _share(ours[0].agent, theirs[0].agent, known):
        return []
    named = {known.get(name.text) for name in source.names} - {None}
    return ours if named & {known.get(name.text) for name in _persons(ours[0].agent)} else []


def _party_before(told: Told, mark: Mark) -> Party:
    """The names of the noun phrase shortly before a word, () where a pronoun or a new clause comes between."""
    return _party(told, [name for name in told.names if name.end <= told.tokens[mark.first].start][::-1], mark)


def _party_after(told: Told, mark: Mark) -> Party:
    return _party(told, [name for name in told.names if name.start >= told.tokens[mark.last - 1].end], mark)


def _party(told: Told, near: Sequence[Name], mark: Mark) -> Party:
    """The first name and those that stand with it, with no more than a title between."""
    party: list[Name] = []
    place = mark
    for name in near:
        here = _place(told, name)
        if not _belongs(told, place, here, first=not party):
            break
        party.append(name)
        place = here
    return tuple(party)


def _belongs(told: Told, one: Mark, other: Mark, *, first: bool) -> bool:
    left, right = (one, other) if one.first < other.first else (other, one)
    most = (_AFTER if left is one else _BEFORE) if first else _WITHIN
    if right.first - left.last > most or _parted(told, left, right):
        return False
    if other.first and told.tokens[other.first - 1].word in _WHERE:
        return False
    between = {token.word for token in told.tokens[left.last : right.first]}
    return not between & _kept_apart(told.lang, first)


def _parted(told: Told, left: Mark, right: Mark) -> bool:
    """Whether two marks stand in two clauses; a word of speech begins one of its own behind its speaker."""
    last = max(right.first, left.last) - 1
    between = told.text[told.tokens[last].end : told.tokens[right.first].start]
    return told.clause[left.last - 1] != told.clause[last] or not between.isspace()


def _kept_apart(lang: str, first: bool) -> frozenset[str]:
    """Words that part a deed from a name, and a name of one party from another party's."""
    words = _PRONOUNS.get(lang, frozenset())
    return words if first else words | _JOINING


def _place(told: Told, name: Name) -> Mark:
    inside = [i for i, token in enumerate(told.tokens) if name.start <= token.start < name.end]
    return Mark(inside[0], inside[-1] + 1, frozenset()) if inside else Mark(0, 0, frozenset())


def _directly_after(told: Told, mark: Mark, party: Sequence[Name]) -> bool:
    return bool(party) and told.tokens[mark.last - 1].end + 1 == party[0].start


def _passive_mark(told: Told, mark: Mark) -> Mark | None:
    words = _passives(told.lang)
    for i in range(mark.first - 1, max(mark.first - 1 - _AFTER, -1), -1):
        if told.tokens[i].word in words and told.clause[i] == told.clause[mark.first]:
            return Mark(i, i + 1, frozenset())
    return None


def _is_passive(told: Told, mark: Mark) -> bool:
    near = told.tokens[max(mark.first - _PASSIVE, 0) : mark.first]
    return any(token.word in _passives(told.lang) for token in near)


def _agent_between(told: Told, mark: Mark) -> Party:
    """In Vietnamese the doer of a passive stands between `được` and the verb."""
    passive = _passive_mark(told, mark) if told.lang == "vi" else None
    if passive is None:
        return ()
    start, end = told.tokens[passive.last - 1].end, told.tokens[mark.first].start
    return tuple(name for name in told.names if start <= name.start and name.end <= end)


def _by(told: Told, mark: Mark, after: Sequence[Name]) -> bool:
    end = after[0].start if after else 0
    words = [token.word for token in told.tokens[mark.last : mark.last + _AFTER] if token.end <= end]
    return "by" in words or "bởi" in words


@cache
def _passives(lang: str) -> frozenset[str]:
    return frozenset(words[0] for words in split(_data()["passive"].get(lang, "")))


@cache
def _phrases(lang: str) -> Table:
    return table(_listed(lang))


def _listed(lang: str) -> Iterator[Phrase]:
    for words in split(_data()["masked"].get(lang, "")):
        yield Phrase(words, "masked")
    for words in split(_data()["speech"].get(lang, "")):
        yield Phrase(words, "pole", ("speech", _SPEECH))
    for verb, row in _data()["deeds"].items():
        for side, key in ((_DONE_BY, lang), (_TOLD_FROM_THE_OTHER_SIDE, f"from_{lang}")):
            for words in split(row.get(key, "")):
                yield Phrase(words, "pole", (verb, side))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("rag") / "data" / "roles.toml").read_text(encoding="utf-8"))
