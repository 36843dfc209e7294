"""What must hold for any input, one function a target: it returns where the law holds and raises where it does not."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from eval import fuzz_inputs as inputs
from rag import bridge, dates, decode, domain, events, feeds, figures, markup, mentions, numerals, replies, uploads
from rag.clean import clean
from rag.errors import InputError
from rag.render import plain
from rag.split import headed, sentence_texts, split
from rag.text import fold, language, sentences, visible, words

_STEERING = {*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


class Broken(Exception):
    """A law does not hold."""


def holds(law: object, why: str = "") -> None:
    """Raises Broken where the law does not hold."""
    if not law:
        raise Broken(why)


@dataclass(frozen=True, slots=True)
class Target:
    """A step of the package, what it is fed, and the law that its results obey. The law says how much it read."""

    name: str
    inputs: st.SearchStrategy[Any]
    law: Callable[[Any], int]


class _Claim(BaseModel):
    text: str
    cites: list[int]


class _Reply(BaseModel):
    say: str
    claims: list[_Claim]
    more: int


_SHAPE = replies.Shape(_Reply, "claims")


def obeys_clean(text: str) -> int:
    """Every raw line is kept, dropped with a reason, or blank; the text is its kept lines; the same again."""
    raw = domain.Raw(text=text, path="fuzz.txt", sha256="0")
    article = cleaned(raw)
    if article is not None:
        accounted(raw.text, article)
        holds(cleaned(raw) == article, "another article the second time")
    return len(text)


def cleaned(raw: domain.Raw) -> domain.Article | None:
    try:
        return clean(raw)
    except InputError as error:
        holds("\n" not in str(error), "an error of more than one line")
        return None


def accounted(text: str, article: domain.Article) -> None:
    """Raises Broken for a raw line that is neither kept nor dropped, or one that was changed on the way."""
    lines = text.split("\n")
    kept = dict(zip(article.kept, article.text.split("\n"), strict=True))
    dropped = {each.line: each for each in article.dropped}
    holds(not kept.keys() & dropped.keys(), "a line that is kept and dropped")
    holds(all(each.reason for each in article.dropped), "a line that is dropped for no reason")
    for number, line in enumerate(lines, 1):
        normal = unicodedata.normalize("NFC", line).strip()
        holds((number in kept or number in dropped) or not normal, f"line {number} is lost")
        holds(number not in kept or kept[number] == normal, f"line {number} was changed")
    holds(article.source.id == article.id and 0 < len(kept) <= len(lines))


def obeys_split(text: str) -> int:
    """Passages rejoin to the text, none longer than it may be; so do sentences."""
    article = article_of(text)
    chunks = split(article)
    holds("".join(chunk.text for chunk in chunks) == article.text, "passages do not rejoin")
    holds(all(chunk.text == article.text[chunk.start : chunk.end] for chunk in chunks), "a passage stands elsewhere")
    holds(chunks == split(article), "other passages the second time")
    for chunk in chunks[:20]:
        headed(article, chunk)
        sentence_texts(article, chunk)
    holds("".join(text[start:end] for start, end in sentences(text)) == text, "sentences do not rejoin")
    return len(text)


def article_of(text: str) -> domain.Article:
    normal = unicodedata.normalize("NFC", text)
    return domain.Article(source=domain.Source(id="f" * 16, path="fuzz.txt", raw_sha256="0"), text=normal)


def obeys_spans(text: str, found: Sequence[Any]) -> None:
    """Each thing found stands in the text where it says, in order."""
    for each in found:
        holds(text[each.start : each.end] == each.text, f"{each.text!r} does not stand at {each.start}")
        holds(each.start < each.end, "nothing is found")
    holds([each.start for each in found] == sorted(each.start for each in found), "not in order")


def obeys_names(fed: tuple[str, str]) -> int:
    text, lang = fed
    found = mentions.find(text, lang=lang)
    obeys_spans(text, found)
    holds(found == mentions.find(text, lang=lang), "other names the second time")
    return len(text)


def obeys_dates(fed: tuple[str, str]) -> int:
    text, lang = fed
    obeys_spans(text, dates.find_dates(text, lang=lang))
    holds(dates.find_dates(text) == dates.find_dates(text), "other dates the second time")
    dates.normalise_published(text, lang=lang)
    return len(text)


def obeys_figures(fed: tuple[str, str]) -> int:
    text, lang = fed
    found = figures.figures(text, lang=lang)
    holds(all(text[each.start : each.end] == each.text for each in found), "a figure stands elsewhere")
    holds(all(0 <= each.start < each.end <= len(text) for each in numerals.numbers(text, lang=lang)))
    holds(found == figures.figures(text, lang=lang), "other figures the second time")
    return len(text)


def obeys_events(text: str) -> int:
    """Every citation of every event is verbatim."""
    article = cleaned(domain.Raw(text=text, path="fuzz.txt", sha256="0")) or article_of(text)
    found = events.extract(article)
    for citation in _citations(found):
        holds(citation.quote == article.text[citation.start : citation.end], "a quote that is not verbatim")
    holds(found == events.extract(article), "other events the second time")
    return len(text)


def _citations(value: object) -> Iterator[domain.Citation]:
    if isinstance(value, domain.Citation):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _citations(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _citations(getattr(value, field.name))


def obeys_text(fed: tuple[str, str]) -> int:
    text, _ = fed
    holds(fold(fold(text)) == fold(text), "folding twice is not folding once")
    holds(all(word in text for word in words(text)), "a word that is not there")
    holds(language(text) in ("en", "ru", "vi", "zh"))
    holds(visible(visible(text)) == visible(text))
    holds(not {ord(character) for character in plain(text)} & _STEERING, "a terminal would obey this")
    return len(text)


def obeys_name(fed: tuple[str, str]) -> int:
    """Names compare the same way round and the other; a file's name leads nowhere."""
    one, two = fed
    holds(bridge.same(one, two).match == bridge.same(two, one).match, "the comparison depends on the order")
    kept = uploads.safe(one)
    holds("/" not in kept and "\\" not in kept and not kept.startswith(".") and len(kept.encode()) < 200)
    return len(one) + len(two)


def obeys_feeds(fed: tuple[str, bytes]) -> int:
    """A file gives articles and refusals and raises nothing; what is read is text, and cleaning accounts for it."""
    name, data = fed
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        read = [each for item in feeds.discover([str(path)]) for each in _read(item)]
    holds(read, "a file that is neither read nor refused")
    for each in read:
        if isinstance(each, domain.Raw):
            holds("\0" not in each.text and "\r" not in each.text and each.text.encode())
            article = cleaned(each)
            if article is not None:
                accounted(each.text, article)
        else:
            holds(each.reason and "\n" not in each.reason, "a refusal without its reason on one line")
    return len(data)


def _read(item: feeds.Found | domain.Rejected) -> list[domain.Raw | domain.Rejected]:
    return [item] if isinstance(item, domain.Rejected) else list(feeds.read(item))


def obeys_decode(data: bytes) -> int:
    for declared in (False, True):
        try:
            text = decode.decode(data, declared=declared)
        except decode.Unreadable as error:
            holds("\n" not in str(error))
        else:
            holds("\0" not in text and "\r" not in text)
    return len(data)


def obeys_markup(html: str) -> int:
    page = markup.extract(html)
    holds(page == markup.extract(html), "another page the second time")
    holds(page.url is None or page.url.startswith(("http://", "https://")), "an address of another kind")
    return len(html)


def obeys_replies(fed: tuple[str, int]) -> int:
    """A reply reads the same in pieces and at once, and raises nothing."""
    text, size = fed
    whole, pieces = replies.Reader("claims"), replies.Reader("claims")
    whole.feed(text)
    for start in range(0, len(text), size):
        pieces.feed(text[start : start + size])
    holds(repr(whole.whole()) == repr(pieces.whole()), "the pieces read otherwise than the whole")
    holds(all(part[0] in ("item", "end") for part in _SHAPE.read(text)))
    replies.odds_of(text)
    return len(text)


_WITH_LANGUAGE = st.tuples(inputs.texts(), inputs.languages)
TARGETS = (
    Target("decode", st.one_of(st.binary(), inputs.files().map(lambda file: file[1])), obeys_decode),
    Target("feeds", inputs.files(), obeys_feeds),
    Target("markup", inputs.pages(), obeys_markup),
    Target("clean", inputs.texts(), obeys_clean),
    Target("split", inputs.texts(), obeys_split),
    Target("text", _WITH_LANGUAGE, obeys_text),
    Target("names", _WITH_LANGUAGE, obeys_names),
    Target("compared", st.tuples(inputs.names, inputs.names), obeys_name),
    Target("dates", _WITH_LANGUAGE, obeys_dates),
    Target("figures", _WITH_LANGUAGE, obeys_figures),
    Target("events", inputs.texts(), obeys_events),
    Target("replies", st.tuples(inputs.replies(), st.sampled_from((1, 7, 64, 1000))), obeys_replies),
)
