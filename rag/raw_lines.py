"""An article's page as it was found, line by line: what cleaning kept, and why the rest was dropped."""

from __future__ import annotations

import os
from dataclasses import dataclass

from rag import feeds
from rag.domain import Article, Raw, Source


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line (1-based) of the page. A blank line is dropped for no reason."""

    number: int
    text: str
    kept: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RawLines:
    """The lines of the page. `whole` is false where its file is gone or has changed, and these are those stored."""

    lines: tuple[RawLine, ...]
    whole: bool


def raw_lines(article: Article) -> RawLines:
    """The raw lines of an article, read again from its file where that still holds the same bytes."""
    reasons = {line.line: line for line in article.dropped}
    kept = dict(zip(article.kept, article.text.split("\n"), strict=False))
    raw = _again(article.source)
    if raw is not None:
        texts = dict(enumerate(raw.text.split("\n"), 1))
    else:
        texts = kept | {number: line.text for number, line in reasons.items()}
    return RawLines(
        tuple(
            RawLine(number, text, number in kept, reasons[number].reason if number in reasons else "")
            for number, text in sorted(texts.items())
        ),
        raw is not None,
    )


def _again(source: Source) -> Raw | None:
    """What the source's file gives now; None where it is gone or other bytes are there."""
    if not os.path.isfile(source.path):
        return None
    for found in feeds.discover([source.path]):
        for raw in feeds.read(found, item=source.item) if isinstance(found, feeds.Found) else ():
            if isinstance(raw, Raw) and (raw.item, raw.sha256) == (source.item, source.raw_sha256):
                return raw
    return None
