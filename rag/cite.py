"""Citations: the only place that makes one, so that every quote stands in its article."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import groupby

from rag.domain import Article, Chunk, Citation, Evidence, Statement
from rag.text import nfc, sentences, visible

Span = tuple[int, int]

LEAST_WORDS, LEAST_CHARACTERS = 3, 12  # less of a text stands anywhere and shows nothing
_BEFORE, _AFTER, _LEAD = 2, 1, 3  # sentences
_SENTENCE_MOST = 1_200
_GAP = re.compile(r"(?<!\s)\s*[\[(]?(?:\.{3,}|…)[\])]?\s*")
_EDGES = " \t\n\"'.,;:-‹›|"
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″「」『』", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("<", "‹"),
        **dict.fromkeys(">", "›"),
    }
)
_QUOTE_MOST = 1_200
_RUN_LEAST, _RUN_SHARE = 6, 0.7
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


def cite(article: Article, start: int, end: int) -> Citation:
    """The citation of a span, white space at its edges left out: `quote == article.text[start:end]`.

    Raises ValueError where the span lies outside the text or holds nothing but white space.
    """
    span = article.text[start:end] if 0 <= start <= end <= len(article.text) else ""
    quote = span.strip()
    if not quote:
        raise ValueError(f"article {article.id} has no text at {start}:{end}")
    start += len(span) - len(span.lstrip())
    return Citation(source=article.source, start=start, end=start + len(quote), quote=quote)


def quoted(article: Article, start: int, end: int) -> Statement:
    """A statement that is the article's own words."""
    citation = cite(article, start, end)
    return Statement(text=citation.quote, lang=article.source.lang, citations=(citation,), support="quoted")


def locate(quote: str, text: str) -> tuple[Span, ...]:
    """Where a quote stands in a text, word for word: a span for each of its parts, which three dots divide.

    Case, white space and the shape of quotation marks and dashes may differ, nothing else. () where a part does
    not stand there after the part before it, or is too short to show anything.
    """
    parts = [part for part in _GAP.split(nfc(quote)) if part.strip(_EDGES)]
    haystack, places = _comparable(text)
    spans: list[Span] = []
    at = 0
    for part in parts:
        wanted = _comparable(part)[0].strip(_EDGES)
        if not _tells(wanted) or (at := haystack.find(wanted, at)) < 0:
            return ()
        end = at + len(wanted)
        spans.append((places[at], places[end - 1] + 1))
        at = end
    return tuple(spans)


def _tells(wanted: str) -> bool:
    han = len(_HAN.findall(wanted))
    return han >= LEAST_WORDS + 1 or (len(wanted.split()) >= LEAST_WORDS and len(wanted) >= LEAST_CHARACTERS)


def _comparable(text: str) -> tuple[str, list[int]]:
    """The text with one spelling of what may differ, and the place in `text` of each of its characters."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character.isspace():
            if characters and characters[-1] != " ":
                characters.append(" ")
                places.append(place)
            continue
        for each in visible(character).translate(_ALIKE).lower():
            characters.append(each)
            places.append(place)
    return "".join(characters), places


def widened(article: Article, spans: Sequence[Span]) -> tuple[Citation, ...]:
    """Citations of the whole sentences that the spans touch, neighbouring ones as one, in the article's order.

    A sentence that is longer than any sentence (a table, a page on one line) is cited as far as the span goes.
    """
    bounds = sentences(article.text)
    starts = [start for start, _ in bounds]
    touched: dict[int, Span] = {}
    for start, end in spans:
        for number in range(bisect_right(starts, start) - 1, bisect_right(starts, end - 1)):
            first, last = bounds[number]
            if last - first > _SENTENCE_MOST:
                first, last = max(first, start), min(last, end)
            touched[number] = (first, last)
    runs = groupby(enumerate(sorted(touched)), key=lambda pair: pair[1] - pair[0])
    groups = [[number for _, number in run] for _, run in runs]
    return tuple(cite(article, touched[group[0]][0], touched[group[-1]][1]) for group in groups)


def cited(quotes: Sequence[str], passages: Sequence[tuple[Article, Chunk]]) -> tuple[Citation, ...]:
    """Citations of the sentences of the passages that hold the quotes, each quote in the first where it stands.

    Where a quote stands nowhere whole, what counts of it is its longest run of words that does, if that is most of it:
    models miscopy a word at an edge.
    """
    found: dict[tuple[str, int, int], Citation] = {}
    for quote in quotes:
        for citation in _cited(quote, passages):
            found.setdefault((citation.source.id, citation.start, citation.end), citation)
    return tuple(found.values())


def _cited(quote: str, passages: Sequence[tuple[Article, Chunk]]) -> tuple[Citation, ...]:
    for article, chunk in passages:
        if spans := locate(quote, chunk.text):
            return widened(article, [(chunk.start + start, chunk.start + end) for start, end in spans])
    runs = [(run, article, chunk) for article, chunk in passages if (run := longest_run(quote, chunk.text))]
    if not runs:
        return ()
    (start, end), article, chunk = max(runs, key=lambda each: each[0][1] - each[0][0])
    return widened(article, [(chunk.start + start, chunk.start + end)])


def longest_run(quote: str, text: str) -> Span | None:
    """The longest run of the quote's words that stands in the text, where it is most of the quote; else None."""
    asked = _words(_comparable(nfc(quote[:_QUOTE_MOST]))[0])
    comparable, places = _comparable(text)
    stated = _words(comparable)
    best = (0, 0)  # words, the last one's place in `stated`
    before = [0] * (len(stated) + 1)
    for word, _, _ in asked:
        row = [0] * (len(stated) + 1)
        for place, (other, _, _) in enumerate(stated):
            if word == other:
                row[place + 1] = before[place] + 1
                best = max(best, (row[place + 1], place))
        before = row
    if best[0] < max(_RUN_LEAST, _RUN_SHARE * len(asked)):
        return None
    first, last = stated[best[1] - best[0] + 1], stated[best[1]]
    return places[first[1]], places[last[2] - 1] + 1


def _words(comparable: str) -> list[tuple[str, int, int]]:
    return [(match.group(), match.start(), match.end()) for match in _WORD.finditer(comparable)]


def evidence(citations: Sequence[Citation], article: Callable[[str], Article]) -> tuple[Evidence, ...]:
    """What a statement with these citations is checked against: each cited span with its surroundings."""
    return tuple(_evidence(citation, article(citation.source.id)) for citation in citations)


def _evidence(citation: Citation, article: Article) -> Evidence:
    text = article.text
    bounds = sentences(text)
    starts = [start for start, _ in bounds]
    first = bisect_right(starts, citation.start) - 1
    last = bisect_right(starts, citation.end - 1) - 1

    def joined(low: int, high: int) -> str:
        return text[bounds[low][0] : bounds[high - 1][1]].strip()[-_SENTENCE_MOST:] if low < high else ""

    before, after = max(0, first - _BEFORE), min(len(bounds), last + 1 + _AFTER)
    lead = joined(0, min(_LEAD, first))[:_SENTENCE_MOST]
    whole = text[bounds[first][0] : bounds[last][1]].strip()
    return Evidence(
        text=whole if len(whole) <= 2 * _SENTENCE_MOST + len(citation.quote) else citation.quote,
        lang=article.source.lang or "",
        before=joined(before, first),
        after=joined(last + 1, after),
        setting="\n".join(part for part in (article.source.title or "", lead) if part),
        published=article.source.published,
    )
