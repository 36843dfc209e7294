"""HTML to the text of its article and to what the page itself says of it.

The scan leaves out what a reader never sees (scripts, hidden elements, comments) and reads the metadata;
trafilatura then finds the article in what is left. A page that is too deep or has too many tags for it, or in
which it finds nothing, gives all its visible lines instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag.dates import find_dates
from rag.lines import read_lines
from rag.scan import Scan, is_address, spaced

MAX_DEPTH = 150
MAX_TAGS = 10_000
_BLOCKS = frozenset({"p", "head", "quote", "list", "item", "table", "row", "lb", "graphic"})
_SENTENCE = 60
_LONG_ROW = 300
_HEAD_LINES = 12
_EDGE = 4
_SIGNATURE = 120
_NO_NAME = re.compile(r"[0-9@:/]")
_DATES = (
    *("og:article:published_time", "pubdate", "publishdate", "publish-date", "publish_date", "ptime"),
    *("parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "date"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds: its article, one paragraph a line, and what its metadata states, as it states it.

    `lang` is the primary subtag (`vi` for `vi-VN`); `url` is absolute. Nothing is guessed from the text.
    """

    text: str
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: str | None = None
    lang: str | None = None
    url: str | None = None


def extract(html: str) -> Page:
    """The article of a page and its metadata; never raises for bad markup, makes no request.

    About 0.02 s for a usual page, and a few seconds for one made to be slow.
    """
    scan = Scan(html)
    outlet = scan.stated("og:site_name", "publisher", "dc.publisher")
    title = scan.stated("og:title", "headline", "dc.title", "twitter:title") or _headline(scan)
    return Page(
        text=_with_lead(_article(scan), scan) or scan.lines,
        title=_without_outlet(title, outlet) if title and outlet else title,
        author=scan.stated("author", "article:author_name", "dc.creator", "byl") or _signed(scan),
        outlet=outlet,
        published=scan.stated("article:published_time", "datepublished", *_DATES) or _only(scan.times),
        lang=_language(scan),
        url=next(filter(is_address, (scan.canonical, scan.metas.get("og:url", ""))), None),
    )


def _article(scan: Scan) -> str:
    """What trafilatura takes for the article; nothing where it finds none or the page is too large for it."""
    if scan.depth > MAX_DEPTH or scan.tags > MAX_TAGS:
        return ""
    import logging

    import trafilatura
    from trafilatura.meta import reset_caches

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found: Any = trafilatura.bare_extraction(scan.visible, include_comments=False)
        return "\n".join(filter(None, map(spaced, _paragraphs(found.body)))) if found is not None else ""
    except Exception:  # whatever hostile markup makes it raise, the visible lines remain
        return ""
    finally:
        if len(scan.visible) > 500_000:
            reset_caches()  # they hold the last thousand paragraphs, however long


def _paragraphs(body: Any) -> Iterator[str]:
    """The extractor's tree as lines: one a block, one a row of a table, one a block of a table that lays out a page.

    A table without a sentence above the first paragraph is the page's head.
    """
    from lxml.etree import iterwalk  # type: ignore[import-untyped]

    words: list[str] = []
    told = False
    in_row = 0
    walk = iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start" and tag == "table" and not told and not any(map(_speaks, element.iter("cell"))):
            walk.skip_subtree()
            continue
        if event == "start":
            in_row += tag == "row" and not _lays_out(element)
        if tag in _BLOCKS or tag == "cell":
            if in_row and tag != "row":
                words.append(" ")
            else:
                told = told or sum(map(len, words)) >= _SENTENCE
                yield "".join(words)
                words.clear()
        if event == "end":
            in_row -= tag == "row" and not _lays_out(element)
        words.append((element.text if event == "start" else element.tail) or "")
    yield "".join(words)


def _speaks(cell: Any) -> bool:
    return any(len(text) >= _SENTENCE for text in cell.itertext())


def _lays_out(row: Any) -> bool:
    """Whether the row of a table holds paragraphs, not data."""
    size = sum(map(len, row.itertext()))
    return size > _LONG_ROW or any(len(cell) > 1 and cell.find("p") is not None for cell in row)


def _with_lead(text: str, scan: Scan) -> str:
    """The article with what stands between the page's headline and its first paragraph: the lead and the date.

    Many pages have these in elements of their own, which the extractor leaves out.
    """
    lines, shown = text.split("\n"), scan.lines.split("\n")
    heads = set(scan.headlines)
    at = next((index for index, line in enumerate(lines[:_EDGE]) if len(line) >= _SENTENCE and line not in heads), None)
    if at is None or not heads or lines[at] not in shown:
        return text
    first = shown.index(lines[at])
    head = next(
        (index for index in range(first - 1, max(-1, first - _HEAD_LINES - 2), -1) if shown[index] in heads), None
    )
    if head is None:
        return text
    held = set(lines)
    between = [line for line in shown[head + 1 : first] if line not in held]
    leads = {line.text for line in read_lines("\n".join(between)) if line.prose}
    between = [line for line in between if line in leads or _is_dated(line)]
    return "\n".join([*lines[:at], *between, *lines[at:]])


def _is_dated(line: str) -> bool:
    return len(line) <= _SIGNATURE and any(date.edtf[:4].isdigit() for date in find_dates(line))


def _signed(scan: Scan) -> str | None:
    """The name in an element that says that it holds the author's."""
    name = (_only(scan.authors) or "").split(",")[0].strip()
    return name if 3 <= len(name) <= _SENTENCE and not _NO_NAME.search(name) else None


def _without_outlet(title: str, outlet: str) -> str:
    """A title without the outlet's name hung on it: `Headline - Outlet`, `Headline | Outlet`."""
    if not title.lower().endswith(outlet.lower()):
        return title
    bare = title[: -len(outlet)].rstrip()
    return bare[:-1].rstrip() if bare[-1:] in tuple("-–—|»") and len(bare) > 1 else title


def _headline(scan: Scan) -> str | None:
    return _only([line for line in scan.headlines if line]) or scan.title or None


def _only(values: list[str]) -> str | None:
    """The value where there is one and no other: a page with several does not say which is its own."""
    return values[0] if len(set(values)) == 1 else None


def _language(scan: Scan) -> str | None:
    stated = scan.lang or scan.stated("og:locale", "content-language", "inlanguage") or ""
    primary = re.split("[-_,]", stated.strip())[0].lower()
    return primary if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() else None
