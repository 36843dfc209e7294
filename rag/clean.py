"""Raw page to article: the body's lines, kept as they are, and a reason for every line that is dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from rag.body import EDGE, bare, frame_reasons, mark_headline_lists, reasons_of, segment, stands_in_prose, teaser
from rag.dates import normalise_published
from rag.domain import Article, Dropped, Raw, Source
from rag.errors import InputError
from rag.lines import CAPTION, TEASER, Line, read_lines
from rag.page import Facts, facts, host, title_of, vocabulary
from rag.signature import bare_byline, dateline
from rag.text import fold, language, nfc

_LEAD_WITHOUT_STOP = 100
_WHOLE_TITLE = 20
_PLACE = 30


def article_id(text: str) -> str:
    """16 hexadecimal digits of the text's SHA-256: the same text has the same id."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def clean(raw: Raw) -> Article:
    """The article of a crawled page. Raises InputError where no line reads as article text.

    Kept lines are NFC and stripped at both ends, and otherwise unchanged. What the file says of the article
    (title, author, outlet, language, date) stands before what the page says.
    """
    lines = read_lines(raw.text)
    reasons = frame_reasons(lines) if raw.markup else reasons_of(lines)
    if raw.author:
        _mark_author(lines, reasons, raw.author)
    start, end = segment(lines, reasons, whole=raw.markup or bare(lines, reasons))
    prose = [line for line in lines[start : end + 1] if line.prose]
    lang = (raw.lang or "").split("-")[0].lower() or language("\n".join(line.text[:1000] for line in prose)[:4000])
    title = _known_title(lines, raw.title) if raw.title else None
    if title is None and not (raw.title and raw.markup):
        title = title_of(lines, start, vocabulary(prose), lang)
    if title == start == end:
        title = None
    start = _lead(lines, reasons, title, start)
    if raw.title is None and title is None and start < end:
        title, start = _first_headline(lines, reasons, start)
    if not raw.markup:
        mark_headline_lists(lines, reasons, start, end)
    kept = _kept(lines, reasons, title, start, end)
    if not kept:
        raise InputError(f"{raw.path} holds no article text; give the page's article, with its paragraphs as lines.")
    return _article(raw, lines, reasons, kept, facts(lines, title, kept, lang), lang)


def _mark_author(lines: Sequence[Line], reasons: list[str | None], author: str) -> None:
    """A line at an edge that says the writer whom the file names, and little more, is the byline."""
    for index in {*range(min(EDGE, len(lines))), *range(max(0, len(lines) - EDGE), len(lines))}:
        line = lines[index]
        said = line.text.casefold().startswith(author.casefold()) and len(line.text) <= len(author) + _PLACE
        if reasons[index] is None and said and line.shape == "headline":
            reasons[index] = "byline"


def _known_title(lines: Sequence[Line], title: str) -> int | None:
    """The index of the first line that says the title that the file gives, with or without the site's name behind."""
    wanted = " ".join(fold(title).split())[:400]
    for index, line in enumerate(lines):
        said = line.key.rpartition("\n")[0].strip("#*= ")
        if said == wanted or (len(said) >= _WHOLE_TITLE and wanted.startswith((said + " -", said + " |", said + " –"))):
            return index
    return None


def _lead(lines: Sequence[Line], reasons: Sequence[str | None], title: int | None, start: int) -> int:
    """The body's first index, with a lead that stands apart, below the title or above a picture."""
    if title is not None and title >= start:
        return title + 1 if title == start else start
    if title is not None:
        for index in range(title + 1, start):
            line = lines[index]
            if reasons[index] or _captions(lines, index, title, start):
                continue
            leads = line.shape in ("headline", "item") and not line.reason
            if line.prose or (leads and _LEAD_WITHOUT_STOP <= line.size < 3 * TEASER):
                return index
        return start
    for index in range(start - 1, max(-1, start - EDGE - 2), -1):
        if reasons[index] is None:
            return index if lines[index].prose and not teaser(lines, index) else start
        if reasons[index] not in ("caption", "repeated", "share", "advertisement"):
            break
    return start


def _first_headline(lines: Sequence[Line], reasons: Sequence[str | None], start: int) -> tuple[int | None, int]:
    """The title of a text that begins with it."""
    for index in range(start, min(start + 3, len(lines) - 1)):
        line = lines[index]
        if reasons[index] or dateline(line) or bare_byline(line):
            continue
        headed = line.shape == "headline" and line.size <= TEASER and line.one_sentence
        return (index, index + 1) if headed and any(n.prose for n in lines[index + 1 :]) else (None, start)
    return None, start


def _captions(lines: Sequence[Line], index: int, title: int | None, start: int) -> bool:
    """Whether the line stands under a picture whose text is the article's title."""
    if title is None or index < 1 or lines[index].size > CAPTION or lines[index].spaced:
        return False
    over = lines[index - 1]
    return over.key == lines[title].key and index - 1 > title and (over.again > 1 or index - 1 > start)


def _kept(lines: Sequence[Line], reasons: list[str | None], title: int | None, start: int, end: int) -> list[int]:
    kept: list[int] = []
    for index in range(start, end + 1):
        line = lines[index]
        if reasons[index] is None and _captions(lines, index, title, start):
            reasons[index] = "caption"
        elif reasons[index] is None and line.shape == "cut" and not stands_in_prose(lines, index):
            reasons[index] = "teaser"
        if reasons[index] is None and index != title:
            kept.append(index)
    return kept


def _article(
    raw: Raw,
    lines: Sequence[Line],
    reasons: Sequence[str | None],
    kept: Sequence[int],
    found: Facts,
    lang: str,
) -> Article:
    text = "\n".join(lines[index].text for index in kept)
    inside = frozenset(kept)
    title_key = fold(raw.title or found.title or "")
    dropped = tuple(
        Dropped(line.number, line.text, _why(line, reasons[index], found, title_key))
        for index, line in enumerate(lines)
        if index not in inside
    )
    outlet = raw.outlet or found.outlet
    source = Source(
        id=article_id(text),
        path=raw.path,
        raw_sha256=raw.sha256,
        item=raw.item,
        url=raw.url,
        outlet=outlet or host(raw.url),
        title=nfc(raw.title).strip() if raw.title else _without_outlet(found.title, outlet),
        author=raw.author or found.author,
        agency=found.agency,
        lang=lang,
        published=(normalise_published(raw.published, lang=lang) if raw.published else None) or found.published,
    )
    return Article(source, text, tuple(lines[index].number for index in kept), dropped)


def _without_outlet(title: str | None, outlet: str | None) -> str | None:
    """A title without the outlet's name and a colon or a bar in front."""
    if not title or not outlet or not title.casefold().startswith(outlet.casefold()):
        return title
    rest = title[len(outlet) :].lstrip()
    return rest[1:].strip() or title if rest[:1] in tuple(":|–—-") else title


def _why(line: Line, reason: str | None, found: Facts, title_key: str) -> str:
    if line.number in found.roles:
        return found.roles[line.number]
    if title_key and line.key.rpartition("\n")[0].lstrip("# ") == " ".join(title_key.split())[:400]:
        return "title"
    if reason:
        return reason
    return "teaser" if line.shape == "cut" else "outside the article"
