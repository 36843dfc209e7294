"""The gold records of events as Events: what extraction should give, for what is built on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from eval.cases import GOLD, ROOT, read_jsonl
from rag.cite import cite
from rag.domain import (
    Article,
    Citation,
    Event,
    EventDate,
    EventFigure,
    EventPlace,
    Fact,
    Participant,
    Rejected,
    Saying,
)
from rag.figures import figures
from rag.prepare import clean_file
from rag.text import language, nfc, sentences

FOLDERS = {"seeds": ROOT / "seeds", "synthetic": GOLD / "synthetic", "fresh": GOLD / "events_fresh"}

Row = Mapping[str, Any]


@cache
def articles(corpus: str) -> dict[tuple[str, int], Article]:
    """The cleaned articles of a corpus, by file name (a seed's number) and item (0 but in .jsonl)."""
    folder = FOLDERS[corpus]
    found: dict[tuple[str, int], Article] = {}
    for path in sorted(folder.iterdir()):
        for article in clean_file(str(path)):
            if not isinstance(article, Rejected):
                name = path.name[:3] if corpus == "seeds" else path.name
                found[name, article.source.item] = article
    return found


def rows(corpus: str) -> list[dict[str, Any]]:
    """The gold records of a corpus as they are written."""
    return read_jsonl(GOLD / ("events_fresh.jsonl" if corpus == "fresh" else f"{corpus}_events.jsonl"))


def links(corpus: str) -> list[dict[str, Any]]:
    """Which gold records of `synthetic` or `fresh` are one event, as it is written."""
    return read_jsonl(GOLD / ("events_fresh_links.jsonl" if corpus == "fresh" else f"{corpus}_links.jsonl"))


def article_of(corpus: str, row: Row) -> Article:
    """The article of a gold record."""
    return articles(corpus)[row["article"], row.get("line", 0)]


def events(corpus: str) -> dict[str, Event]:
    """The Events of all gold records of a corpus, by the record's gold id."""
    return {row["id"]: _event(row, article_of(corpus, row)) for row in rows(corpus)}


def _event(row: Row, article: Article) -> Event:
    lang = article.source.lang or language(article.text)
    number = row["id"].rpartition("#")[2]
    record = f"{article.id}#{number}"
    date, place = _date(row, article), _place(row, article)
    participants = tuple(_participants(row, article))
    anchors = [each.citation for each in (date, place) if each] + [p.citations[0] for p in participants if p.citations]
    return Event(
        id=record,
        kind=row["kind"],
        lang=lang,
        headline=_headline(article, anchors[0].start if anchors else 0),
        sources=(article.source,),
        date=date,
        place=place,
        participants=participants,
        agreed=_facts(row["agreed"], article),
        said=tuple(
            Saying(each["speaker"], each["text"], None, found)
            for each in row["said"]
            if (found := _citations(each["text"], article))
        ),
        documents=_facts(row["documents"], article),
        figures=tuple(_figures(row, article, lang)),
        records=(record,),
        background=row["background"],
    )


def _citations(words: str, article: Article) -> tuple[Citation, ...]:
    """Where the words stand first; () where cleaning took them (a title, a caption)."""
    pattern = r"\s+".join(map(re.escape, nfc(words).split()))
    found = re.search(pattern, article.text)
    return (cite(article, *found.span()),) if found else ()


def _headline(article: Article, at: int) -> Fact:
    spans = sentences(article.text)
    start, end = next(((start, end) for start, end in spans if start <= at < end), spans[0])
    citation = cite(article, start, end)
    return Fact(citation.quote, (citation,))


def _date(row: Row, article: Article) -> EventDate | None:
    date = row["date"]
    found = _citations(date["text"], article) if date else ()
    if not found:
        return None
    implied = date.get("implied") or {}
    by = _citations(implied["text"], article) if implied else ()
    return EventDate(date["edtf"], date["text"], found[0], implied.get("year") if by else None, by[0] if by else None)


def _place(row: Row, article: Article) -> EventPlace | None:
    place = row["place"]
    found = _citations(place["text"], article) if place else ()
    return EventPlace(place["text"], place["country"], found[0]) if found else None


def _participants(row: Row, article: Article) -> Iterator[Participant]:
    countries = list(dict.fromkeys(each["country"] for each in row["participants"]))
    for each in row["participants"]:
        side = countries.index(each["country"]) + 1 if len(countries) == 2 else None
        if found := _citations(each["name"], article):
            yield Participant(each["name"], (), each["role"], each["country"], side, found)


def _facts(texts: list[str], article: Article) -> tuple[Fact, ...]:
    return tuple(Fact(text, found) for text in texts if (found := _citations(text, article)))


def _figures(row: Row, article: Article, lang: str) -> Iterator[EventFigure]:
    for text in row["figures"]:
        found = _citations(text, article)
        read = figures(text, lang=lang)
        if found and read:
            sentence = _sentence(article, found[0].start, found[0].end)
            yield EventFigure(text, str(read[0].value), read[0].unit, read[0].counted, (sentence,))


def _sentence(article: Article, start: int, end: int) -> Citation:
    """The sentence in which a span stands, for what a figure is about stands around it."""
    spans = ((first, last) for first, last in sentences(article.text) if first <= start and end <= last)
    return cite(article, *next(spans, (start, end)))
