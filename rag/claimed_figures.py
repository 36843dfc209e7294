"""The figures and dates of a statement that its cited words do not bear out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rag.claimed_dates import on_day_before, time_spans, unsupported_dates
from rag.domain import Evidence
from rag.figure_match import bears_out
from rag.figures import Figure, figures
from rag.hours import Hour, hours
from rag.moments import read
from rag.numerals import data
from rag.swaps import misplaced, swapped
from rag.text import nfc, stopwords, words
from rag.units import NEAR, currencies, is_currency

_PARTIES = frozenset({"country", "side", "minister", "leader"})
_WHOLE, _SLIP = Decimal(100), Decimal("0.001")
_REST = re.compile(r"\b(?:rest|remain\w*|remainder|còn lại|остальн\w+|оставш\w+)\b|其余|剩[余下]", re.IGNORECASE)
_JOINT = re.compile(r",? (?:and|và|и) |, ")
_CAPITAL = r"[A-ZÀ-ÞĐĂƠƯẠ-ỸА-Я][\w'’.-]*"
_LISTED = rf"{_CAPITAL}(?: {_CAPITAL}){{0,4}}"
_LIST = re.compile(
    rf"(?: [\w'’-]+){{1,3}}?[:,]? (?:là |gồm )?((?:{_LISTED}, ){{0,8}}{_LISTED},? (?:and|và|и) {_LISTED})"
)
_FEW = 10  # up to here a count may be taken up again
_SHORT = 2  # letters of words that say nothing
_PLURAL = re.compile(r"[ -]([a-z]{3,}s)\b")
_SLASHED = re.compile(r"(?<![\d/.,])([1-9])/([2-9]|10)(?![\d/])")
_AGO = re.compile(r"\s?(?:ago\b|earlier\b|before\b|trước(?!\w)|前|之前|назад)")
_OF_THEM = re.compile(r"\s(?:of (?:them|whom|those|these|the)|trong số|из (?:них|которых))(?!\w)", re.IGNORECASE)


def unsupported(statement: str, *, lang: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The figures, dates and words of time of the statement that the evidence does not support, as it spells them.

    A figure must stand in the cited words with a unit that agrees, in digits or words of any language; a rounded one
    passes only where the statement says so and in the right direction. "One" claims nothing, "two" also stands for
    "both sides" and for two people named. () where all is well.
    """
    text = nfc(statement)
    failed = set(unsupported_dates(text, lang=lang, evidence=evidence))
    claims = figures(text, lang=lang)
    stated = (
        [(nfc(each.text), each.lang, figures(nfc(each.text), lang=each.lang)) for each in evidence] if claims else []
    )
    every = [figure for _, _, found in stated for figure in found]
    unnamed = {id(other) for cited, its_lang, found in stated for other in found if _lacks_name(cited, other, its_lang)}
    money = _money(evidence) if any(is_currency(figure.unit) for figure in claims) else frozenset()
    if any(figure.value < 1 for figure in claims):
        every += [part for cited, _, _ in stated for part in _slashed(cited)]
    shares = [part for part in _slashed(text) if (part.start, part.end) in failed]
    parts = [other for each in evidence for other in figures(nfc(each.text), lang=each.lang)] if shares else []
    failed -= {(part.start, part.end) for part in shares if any(bears_out(part, other) for other in parts)}
    times = time_spans(text, lang=lang)
    for figure in claims:
        timely = any(start < figure.end and figure.start < end for start, end in times)
        if timely or _claims_nothing(figure):
            continue
        fitting = every
        if is_currency(figure.unit):  # a bare figure is of a currency that the cited words name
            fitting = [other for other in every if other.unit or (figure.unit in money and id(other) not in unnamed)]
        ago = figure.unit == "day" and _AGO.match(text, figure.end) is not None
        supported = (
            _supported(figure, fitting, evidence)
            or _counts_its_list(figure, text)
            or (ago and any(on_day_before(int(figure.value), each) for each in evidence))
            or any(
                _resumed(figure, text, lang, claims, each, found)
                for each, (_, _, found) in zip(evidence, stated, strict=True)
            )
        )
        same = [(cited, found) for cited, its_lang, found in stated if its_lang == lang]
        if (
            not supported
            or any(_is_swapped(figure, text, claims, cited, found) for cited, found in same)
            or (len(same) == len(stated) and _is_misplaced(figure, text, lang, claims, same))
        ):
            failed.add((figure.start, figure.end))
    return tuple(dict.fromkeys(text[start:end] for start, end in sorted(failed)))


def _money(evidence: Sequence[Evidence]) -> frozenset[str]:
    """The currencies that the cited words and those around them name."""
    return frozenset(
        name
        for each in evidence
        for text in (each.text, each.before, each.after, each.setting)
        for name in currencies(nfc(text), lang=each.lang)
    )


def _lacks_name(text: str, figure: Figure, lang: str) -> bool:
    """Whether a figure counts something that is in no list: "2.4 billion doubloons"."""
    after = _PLURAL.match(text, figure.end) if lang == "en" and (figure.unit or figure.counted) is None else None
    return after is not None and after[1] not in stopwords("en", folded=False)


def _slashed(text: str) -> Iterator[Figure]:
    """ "2/3", which may be a day as well."""
    for match in _SLASHED.finditer(text):
        above, below = Decimal(match[1]), Decimal(match[2])
        if above < below:
            yield Figure(above / below, "part", match[0], *match.span(), False)


def _is_swapped(figure: Figure, text: str, claims: Sequence[Figure], cited: str, found: Sequence[Figure]) -> bool:
    """Whether the cited words have another figure of that kind where the statement has this one."""
    matching = [(cited, other.start, other.end) for other in found if bears_out(figure, other)]
    rivals = [
        (cited, other.start, other.end)
        for other in found
        if (other.unit, other.counted) == (figure.unit, figure.counted)
        and not any(bears_out(claim, other) for claim in claims)
    ]
    return bool(matching) and swapped((text, figure.start, figure.end), matching, rivals)


def _is_misplaced(
    figure: Figure, text: str, lang: str, claims: Sequence[Figure], stated: Sequence[tuple[str, Sequence[Figure]]]
) -> bool:
    """Whether the cited words tell of another count of the same thing what the statement tells of this one."""
    if figure.unit == "ordinal":
        return False
    matching, rivals = [], []
    noun = _noun(text, figure.end, lang)
    for cited, found in stated:
        own = [other for other in found if bears_out(figure, other)]
        nouns = noun.union(*(_noun(cited, other.end, lang) for other in own))
        matching += [(cited, other.start, other.end) for other in own]
        rivals += [
            (cited, other.start, other.end)
            for other in found
            if (other.unit, other.counted) == (figure.unit, figure.counted)
            and not any(bears_out(claim, other) for claim in claims)
            and (
                (other.unit or other.counted) is not None
                or _OF_THEM.match(cited, other.end)
                or nouns & _noun(cited, other.end, lang)
            )
        ]
    return misplaced(
        (text, figure.start, figure.end), matching, rivals, lang=lang, counts=figure.unit in (None, "person")
    )


def _claims_nothing(figure: Figure) -> bool:
    """ "one" is an article or a pronoun; a Han numeral that counts nothing is part of a word ("四分卫")."""
    if len(figure.text) == 1 and not figure.in_digits and figure.unit is None and figure.counted is None:
        return True
    if figure.unit == "era":  # "30年代" is told as "the 1930s"
        return True
    return figure.value == 0 or (
        figure.value == 1 and (not figure.in_digits or figure.unit in ("ordinal", "times", None))
    )


def _supported(figure: Figure, stated: Sequence[Figure], evidence: Sequence[Evidence]) -> bool:
    if any(bears_out(figure, other) for other in stated) or any(_is_hour(figure, each.text) for each in evidence):
        return True
    if any(_spanned(figure, each) or _implied_share(figure, each.text) for each in evidence):
        return True
    if any(_years_apart(figure, each) for each in evidence) or _is_the_rest(figure, stated, evidence):
        return True
    if figure.unit not in (None, "person", "times") and not (figure.unit == "year" and figure.value >= 10):
        return False
    if figure.counted is not None and _differs(figure, stated):
        return False
    if figure.value == 2 and not figure.in_digits and figure.counted in _PARTIES:
        return True
    if figure.value == 2 and figure.unit == "person" and any(_names(each) > 1 for each in evidence):
        return True
    if figure.value == 2 and figure.unit in (None, "person"):
        return any(_implied(2, each.text + each.before) for each in evidence)
    return (
        any(_implied(int(figure.value), each.text) for each in evidence) if figure.value == int(figure.value) else False
    )


def _is_hour(figure: Figure, text: str) -> bool:
    """ "15 giờ" is a time of day where the text has "3 p.m."."""
    if figure.unit != "hour" or figure.value > 24 or figure.value != int(figure.value):
        return False
    told = Hour(int(figure.value) % 24 * 60, figure.start, figure.end, figure.value > 12)
    return any(told.agrees(hour) for hour in hours(text))


def _resumed(
    figure: Figure, text: str, lang: str, claims: Sequence[Figure], evidence: Evidence, cited: Sequence[Figure]
) -> bool:
    """ "The three lakes" is for "the lakes", where what stands around the cited words counts three of them.

    Within one language the noun must be the same; nothing of that kind may be counted otherwise in the cited words.
    """
    if not 2 <= figure.value <= _FEW or figure.unit not in (None, "person") or _differs(figure, cited):
        return False
    if any(
        other.unit == figure.unit
        and other.counted in (None, figure.counted)
        and 2 <= other.value <= 2 * _FEW
        and not any(bears_out(claim, other) for claim in claims)
        for other in cited
    ):
        return False
    return any(
        other.value == figure.value
        and (other.unit, other.counted) == (figure.unit, figure.counted)
        and (evidence.lang != lang or _noun(text, figure.end, lang) & _noun(around, other.end, lang))
        for around in map(nfc, (evidence.before, evidence.after, evidence.setting))
        for other in figures(around, lang=evidence.lang)
    )


def _counts_its_list(figure: Figure, text: str) -> bool:
    """Whether the statement itself names all that it counts: "two neighbours, Uganda and Rwanda"."""
    if not 2 <= figure.value <= _FEW or figure.unit not in (None, "person"):
        return False
    found = _LIST.match(text, figure.end)
    return found is not None and len(_JOINT.split(found[1])) == figure.value


def _noun(text: str, end: int, lang: str) -> frozenset[str]:
    """What stands right after a figure, word endings left out."""
    if lang == "zh":
        return frozenset(text[end : end + 4].strip("个名位艘家座项份 ")[:2])
    if lang == "vi":
        return frozenset(words(text[end : end + NEAR])[:1])
    return frozenset(word.lower()[:4] for word in words(text[end : end + NEAR])[:2] if len(word) > _SHORT)


def _spanned(figure: Figure, evidence: Evidence) -> bool:
    """ "Three days" is how long "from 9 to 11 September" is, "ten years" how long "2021-2030"."""
    place = {"year": 0, "month": 1, "day": 2}.get(figure.unit or "")
    if place is None:
        return False
    for moment in read(evidence.text, lang=evidence.lang, published=None):
        since, until = moment.since, moment.until
        if since == until or None in (since[place], until[place]):
            continue
        if moment.level > place:
            continue
        parts = zip(since, until, (366, 31, 1), strict=True)
        if place:
            length = sum(((two or 0) - (one or 0)) * days for one, two, days in parts) / (1 if place == 2 else 31)
        else:
            length = (until[0] or 0) - (since[0] or 0)
        if length <= figure.value <= length + 1:
            return True
    return False


def _years_apart(figure: Figure, evidence: Evidence) -> bool:
    """ "23 years later" is what lies between "1965" and "1988"."""
    if figure.unit != "year" or figure.value < 2:
        return False
    found = read(evidence.text, lang=evidence.lang, published=None)
    years = {moment.since[0] for moment in found if moment.since[0] is not None}
    return any(later - earlier == figure.value for later in years for earlier in years)


def _is_the_rest(figure: Figure, stated: Sequence[Figure], evidence: Sequence[Evidence]) -> bool:
    """ "Two thirds" are what is left of "a third ... and the rest"."""
    if figure.unit != "part" and not (figure.unit == "percent" and figure.value < _WHOLE):
        return False
    whole = Decimal(1) if figure.unit == "part" else _WHOLE
    return any(_REST.search(each.text) for each in evidence) and any(
        other.unit == figure.unit and abs(figure.value + other.value - whole) < whole * _SLIP for other in stated
    )


def _differs(figure: Figure, stated: Sequence[Figure]) -> bool:
    """Whether the evidence counts the same with another figure."""
    return any(other.counted == figure.counted is not None and other.value != figure.value for other in stated)


def _implied(value: int, text: str) -> bool:
    patterns = data()["implied"].get(str(value), ())
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def _implied_share(figure: Figure, text: str) -> bool:
    """ "Doubled" is 100% more, "halved" 50% less."""
    patterns = data()["implied_percent"].get(str(figure.value), ()) if figure.unit == "percent" else ()
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def _names(evidence: Evidence) -> int:
    """How many runs of capitals stand in the cited words and around them; many where the script has no capitals."""
    if evidence.lang == "zh":
        return 2
    return len(
        set(re.findall(r"(?:[A-ZĐÀ-ỸА-Я][\w'’.-]*\s?){2,5}", f"{evidence.text} {evidence.before} {evidence.setting}"))
    )
