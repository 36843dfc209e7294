"""One linear pass over HTML: what a reader sees of it, how large it is, and what it states of itself."""

from __future__ import annotations

import html as entities
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

MAX_ATTRIBUTE_WORDS = 5_000
_LONGEST_SIGNATURE = 200

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_UNSEEN = frozenset(
    "script style noscript template iframe object svg math canvas audio video select datalist noframes noembed".split()
)
_RAW = frozenset("script style iframe noembed noframes xmp textarea title".split())
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark meter nobr q s samp "
    "small span strike strong sub sup time tt u var wbr".split()
)
_STATING = frozenset({"html", "meta", "link", "time", "script"})
_IMPLIED_END = {
    "li": frozenset({"li", "p"}),
    "dt": frozenset({"dt", "dd", "p"}),
    "dd": frozenset({"dt", "dd", "p"}),
    "td": frozenset({"td", "th", "p"}),
    "th": frozenset({"td", "th", "p"}),
    "tr": frozenset({"td", "th", "tr", "p"}),
    "option": frozenset({"option"}),
}
_PARAGRAPH = frozenset({"p"})
_ARTICLES = ("Article", "BlogPosting", "Report")

_MARK = re.compile(r"<(?:!--|[!?]|/?[a-zA-Z])")
_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s=>"'/]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?+""")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_HUGE_ENTITY = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class Token(NamedTuple):
    """A piece of markup: `kind` is text, start, end or raw (the content of a script, a title, ...)."""

    kind: str
    name: str
    value: str
    begin: int
    end: int


def tokens(html: str) -> Iterator[Token]:
    """The pieces of a page in order, in linear time; comments and declarations are left out.

    What is never closed (a comment, a tag, a script) reaches to the end of the page, as in a browser.
    """
    position = 0
    while mark := _MARK.search(html, position):
        if mark.start() > position:
            yield Token("text", "", html[position : mark.start()], position, mark.start())
        if mark[0][1] in "!?":
            comment = mark[0] == "<!--"
            end = html.find("-->" if comment else ">", mark.start() + 2)
            if end < 0:
                return
            position = end + (3 if comment else 1)
            continue
        tag = _TAG.match(html, mark.start())
        if not tag:
            return
        name = sys.intern(tag[2].lower())
        yield Token("end" if tag[1] else "start", name, tag[3], tag.start(), tag.end())
        position = tag.end()
        if name in _RAW and not tag[1] and not tag[3].endswith("/"):
            close = _RAW_END[name].search(html, position)
            end = close.start() if close else len(html)
            yield Token("raw", name, html[position:end], position, end)
            position = end
    if position < len(html):
        yield Token("text", "", html[position:], position, len(html))


def attributes(source: str) -> dict[str, str]:
    """A start tag's attributes by lower-case name, entities decoded; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source):
        found.setdefault(match[1].lower(), plain(match[2] or match[3] or match[4] or ""))
    return found


def plain(source: str) -> str:
    """Entities decoded, control characters left out, each run of white space one space."""
    return spaced(entities.unescape(_HUGE_ENTITY.sub("\ufffd", source)))


def spaced(text: str) -> str:
    """The text as it is shown: control characters left out, each run of white space one space."""
    return " ".join(_NOT_TEXT.sub("", text).split())


class Scan:
    """One pass over a page: its HTML without what is unseen, its lines, its size, and what it states."""

    def __init__(self, html: str) -> None:
        self.metas: dict[str, str] = {}
        self.linked_data: list[str] = []
        self.times: list[str] = []
        self.headlines: list[str] = []
        self.title = self.lang = self.canonical = ""
        self.tags = self.depth = 0
        self._html = html
        self._open: list[str] = []
        self._count: Counter[str] = Counter()
        self._unseen_from = 0
        self._signed_from = 0
        self._signed: list[str] = []
        self._ranges: list[tuple[int, int]] = []
        self._lines: list[str] = []
        self._words: list[str] = []
        linked_data = False
        for token in tokens(html):
            if token.kind == "text":
                self._text(token)
            elif token.kind == "start":
                linked_data = self._start(token)
            elif token.kind == "end":
                self._end(token)
            elif token.name == "title":
                self.title = self.title or plain(token.value)
            elif linked_data:
                self.linked_data.append(token.value)
        self._break_line()
        self.authors = list(filter(None, map(plain, self._signed)))
        self._linked = _linked_facts(self.linked_data)

    def stated(self, *keys: str) -> str | None:
        """The first of these that the page states, in its JSON-LD or else in a meta element."""
        for key in keys:
            value = self._linked.get(key) or self.metas.get(key)
            if value and not is_address(value):
                return value
        return None

    @property
    def visible(self) -> str:
        """The page without what a reader never sees."""
        return "".join(self._html[begin:end] for begin, end in self._ranges)

    @property
    def lines(self) -> str:
        """All visible text, one block a line."""
        return "\n".join(self._lines)

    def _text(self, token: Token) -> None:
        if self._unseen_from:
            return
        self._keep(token)
        if self._signed_from and len(self._signed[-1]) < _LONGEST_SIGNATURE:
            self._signed[-1] += token.value
        first, *rest = token.value.split("\n") if self._count["pre"] else [token.value]
        self._words.append(first)
        for line in rest:
            self._break_line()
            self._words.append(line)

    def _start(self, token: Token) -> bool:
        """Take a start tag in; true where the JSON-LD of the page begins."""
        lowered = token.value.lower()
        found: dict[str, str] = {}
        if token.name in _STATING or "hidden" in lowered or "none" in lowered or "author" in lowered:
            found = attributes(token.value)
            self._note(token.name, found)
        ends = _IMPLIED_END.get(token.name) or (frozenset() if token.name in _INLINE else _PARAGRAPH)
        while self._open and self._open[-1] in ends:
            self._pop()
        unseen = token.name in _UNSEEN or (token.name not in ("html", "body") and _is_hidden(found))
        if token.name not in _VOID and not (unseen and lowered.endswith("/")):
            self._open.append(token.name)
            self._count[token.name] += 1
            self.depth = max(self.depth, len(self._open))
            if unseen and not self._unseen_from:
                self._unseen_from = len(self._open)
            if not self._signed_from and (token.name == "address" or _is_author(found)):
                self._signed_from = len(self._open)
                self._signed.append("")
        if not self._unseen_from and not unseen:
            self.tags += 1
            if len(token.value.split(None, MAX_ATTRIBUTE_WORDS)) <= MAX_ATTRIBUTE_WORDS:
                self._keep(token)
            if token.name not in _INLINE:
                self._break_line()
        return token.name == "script" and "ld+json" in found.get("type", "").lower()

    def _end(self, token: Token) -> None:
        was_unseen = self._unseen_from
        if self._count[token.name] and (token.name not in _INLINE or self._open[-1] == token.name):
            while self._open[-1] != token.name:
                self._pop()
            self._pop(heading=token.name == "h1")
        if not self._unseen_from and (not was_unseen or len(self._open) + 1 < was_unseen):
            self._keep(token)
            if token.name not in _INLINE:
                self._break_line()

    def _pop(self, *, heading: bool = False) -> None:
        name = self._open.pop()
        self._count[name] -= 1
        if heading and not self._unseen_from:
            self.headlines.append(plain("".join(self._words)))
        if len(self._open) < self._unseen_from:
            self._unseen_from = 0
        if len(self._open) < self._signed_from:
            self._signed_from = 0

    def _note(self, name: str, found: dict[str, str]) -> None:
        if name == "meta":
            for key in ("property", "name", "itemprop", "http-equiv"):
                if found.get(key) and found.get("content"):
                    self.metas.setdefault(found[key].lower(), found["content"])
        elif name == "html":
            self.lang = self.lang or found.get("lang", "") or found.get("xml:lang", "")
        elif name == "link" and "canonical" in found.get("rel", "").lower().split():
            self.canonical = self.canonical or found.get("href", "")
        elif name == "time" and found.get("datetime"):
            self.times.append(found["datetime"])
            if "pubdate" in found or found.get("itemprop", "").lower() == "datepublished":
                self.metas.setdefault("datepublished", found["datetime"])

    def _keep(self, token: Token) -> None:
        if self._ranges and self._ranges[-1][1] == token.begin:
            self._ranges[-1] = (self._ranges[-1][0], token.end)
        else:
            self._ranges.append((token.begin, token.end))

    def _break_line(self) -> None:
        if self._words:
            line = plain("".join(self._words))
            self._words.clear()
            if line:
                self._lines.append(line)


def _is_hidden(found: dict[str, str]) -> bool:
    style = "".join(found.get("style", "").lower().split())
    return "hidden" in found or "display:none" in style or "visibility:hidden" in style


def _is_author(found: dict[str, str]) -> bool:
    return "author" in found.get("rel", "").lower().split() or found.get("itemprop", "").lower() == "author"


def is_address(value: str) -> bool:
    """Whether a stated value is a web address."""
    return value.lower().startswith(("http://", "https://"))


def _linked_facts(sources: list[str]) -> dict[str, str]:
    """Headline, author, publisher and date of the first article that the page's JSON-LD describes."""
    nodes: list[dict[str, Any]] = []
    for source in sources[:20]:
        try:
            nodes += _objects(json.loads(source, strict=False))
        except (ValueError, RecursionError):
            continue
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    for node in nodes:
        kinds = node.get("@type")
        if any(str(kind).endswith(_ARTICLES) for kind in (kinds if isinstance(kinds, list) else [kinds])):
            facts = {
                "headline": _names(node.get("headline"), named),
                "author": _names(node.get("author"), named),
                "publisher": _names(node.get("publisher"), named),
                "datepublished": _names(node.get("datePublished"), named),
                "inlanguage": _names(node.get("inLanguage"), named),
            }
            return {key: value for key, value in facts.items() if value}
    return {}


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON-LD block: itself, the members of a list, the members of its graph."""
    found: list[dict[str, Any]] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            graph = item.get("@graph")
            members = graph if isinstance(graph, list) else []
            found += [item, *(node for node in members if isinstance(node, dict))]
    return found


def _names(value: Any, named: dict[str, dict[str, Any]]) -> str:
    """A JSON-LD value as text: a string, the name of a thing, or those of a list."""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(name for item in value[:20] if (name := _names(item, named))))
    if isinstance(value, dict):
        reference = value.get("@id")
        known = named.get(reference, {}) if isinstance(reference, str) else {}
        value = value.get("name", known.get("name"))
    return plain(value) if isinstance(value, str) else ""
