"""HTML to the text of its article and to what the page itself says of it.

The scan leaves out what a reader never sees (scripts, hidden elements, comments) and reads the metadata;
trafilatura then finds the article in what is left. A page that is too deep or has too many tags for it, or in
which it finds nothing, gives all its visible lines instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.scan import Scan, is_address, spaced

MAX_DEPTH = 150
MAX_TAGS = 10_000
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
        text=_article(scan) or scan.lines,
        title=_without_outlet(title, outlet) if title and outlet else title,
        author=scan.stated("author", "article:author_name", "dc.creator", "byl"),
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
        found = trafilatura.extract(scan.visible, include_comments=False) or ""
    except Exception:  # whatever hostile markup makes it raise, the visible lines remain
        return ""
    finally:
        if len(scan.visible) > 500_000:
            reset_caches()  # they hold the last thousand paragraphs, however long
    return "\n".join(line for paragraph in found.split("\n") if (line := spaced(paragraph)))


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
