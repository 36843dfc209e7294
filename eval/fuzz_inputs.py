"""Hostile input for fuzzing: real articles cut, doubled, mixed and broken, and what is known to break readers."""

from __future__ import annotations

import gzip
import json
from functools import cache

from hypothesis import strategies as st

from eval.cases import GOLD

_REPOSITORY = GOLD.parent.parent
_LONGEST = 1_500  # characters of a real line
_MOST = 30_000  # characters of a text

# Pieces that readers of text trip over: formats, markup, controls, hidden and turning characters, numbers, dates.
PIECES = (
    *("", " ", "\n", "\n\n", "\t", "\r\n", "\x0b", "\x0c", "\x1c", "\x1b[2J\x1b]0;x\x07", "\x85", "\u2028", "\u2029"),
    *("\u202e", "\u2066", "\u2069", "\u200b", "\u200d", "\u00ad", "\ufeff", "\U000e0041\U000e007f", "\u0301" * 150),
    *("<p>", "</div>", "<table><tr><td>", "<!--", "]]>", "<script>x</script>", "&#x110000;", "&amp;" * 20, "&lol9;"),
    *('<!DOCTYPE x [<!ENTITY a "aaaa">]>', "<?xml version='1.0'?>", "<svg onload=x>", '<meta charset="utf-7">'),
    *('<meta property="article:published_time" content="9999-99-99">', '<time datetime="2023-02-30">', "javascript:x"),
    *("---", "---\ntitle: x\n---\n", "title: y", "# ", "* ", "|---|---|", "[x](y)", "![](", "```", "~~~", "> "),
    *('{"text": "', '"}', "[[[[", "{{{{", '\\"', "\\u0000", "\\ud800", '"text": null', "NaN", "1e999", "-Infinity"),
    *("9" * 400, "1." * 200, "1,000,000,000,000,000,000", "٣٤", "Ⅷ", "½", "２０２３", "0" * 50 + "1", "-0", "1/0", "%"),
    *("ngày 31 tháng 2 năm 0000", "29/02/1900", "24/10/2023", "October 32, 2023", "2023-10-24T99:99", "XXXX-13", "'23"),
    *(
        "hai mươi lăm tỷ",
        "two hundred and",
        "một phần ba",
        "tỷ USD",
        "三亿五千万",
        "十月三十二日",
        "triệu",
        "and a half",
    ),
    *("Ngoại trưởng", "Vương Nghị", "Sergei Lavrov", "Лавров", "Lаvrov", "王毅", "O'Brien-Smith", "Mr. ", "ông ", "Bà"),
    *("met with", "gặp", "hội đàm với", "said that", "cho biết", "signed an agreement", "ký kết", "会见", "встретился"),
    *("Tp.", "U.S.", "...", "…", "?!?!", "。", "．", ". " * 60, '"' * 50, "“", "”", "«", "(" * 80, ")" * 80, "—"),
    *("Ảnh: TTXVN", "Photo: AFP", "(Xinhua)", "Share", "Theo Reuters", "Source:", "Tags:", "Read more", "Đọc thêm"),
    *("Aa " * 100, "A." * 100, "a" * 5_000, "x-" * 300, "Nguyễn " * 80, "ơ" * 500, "\u1160" * 99, "ﷺ", "İ", "ß", "ŉ"),
)
NAMED = (
    "Lavrov",
    "Vương Nghị",
    "Mao Ning",
    "王毅",
    "Сергей Лавров",
    "김정은",
    "Nguyễn Phú Trọng",
    "Lаvrov",
    "ＬＡＶＲＯＶ",
)


@cache
def _lines() -> tuple[str, ...]:
    """Lines of the real articles and made pages of the repository, in the order of their files."""
    files = [*(_REPOSITORY / "seeds").glob("*.txt"), *(_REPOSITORY / "tests/data").glob("clean_*.txt")]
    files += [*(GOLD / "hostile").glob("*.txt"), *(GOLD / "synthetic").rglob("*.*")]
    texts = [path.read_text(encoding="utf-8") for path in sorted(files)]
    return tuple(dict.fromkeys(line[:_LONGEST] for text in texts for line in text.split("\n") if line.strip()))


def _repeated(piece: tuple[str, int]) -> str:
    text, times = piece
    return (text * times)[:_MOST]


_CHARACTERS = st.characters(exclude_categories=["Cs"])
_WORDS = st.text(_CHARACTERS, max_size=30)
_KNOWN = st.sampled_from(PIECES)
_ODD = st.one_of(_KNOWN, _WORDS)


@st.composite
def _cut_line(draw: st.DrawFn) -> str:
    """A real line with a piece put in, or a part taken out or doubled."""
    lines = _lines()
    line = lines[draw(st.integers(0, len(lines) - 1))]
    at, to = sorted((draw(st.integers(0, len(line))), draw(st.integers(0, len(line)))))
    how = draw(st.sampled_from(("whole", "in", "out", "twice", "upper", "end")))
    if how == "in":
        return line[:at] + draw(_ODD) + line[at:]
    made = {"out": line[:at] + line[to:], "twice": line[:to] + line[at:], "upper": line.upper(), "end": line[:at]}
    return made.get(how, line)


_LINE = st.one_of(
    _cut_line(), _cut_line(), _cut_line(), _ODD, st.tuples(_ODD, st.sampled_from((2, 30, 500))).map(_repeated)
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text that a crawl could bring, or somebody who wants to break its reader: without NUL and "\\r"."""
    pieces = draw(st.lists(_LINE, min_size=1, max_size=12))
    joined = draw(st.sampled_from(("\n", "\n", "\n", "\n\n", " ", ""))).join(pieces)[:_MOST]
    return joined.replace("\0", "").replace("\r", "\n")


short_texts = st.one_of(_cut_line(), st.lists(_ODD, max_size=6).map(" ".join)).map(lambda text: text.replace("\0", ""))
names = st.one_of(st.sampled_from(NAMED), _ODD, st.lists(_ODD, max_size=4).map(" ".join))
languages = st.sampled_from(("vi", "en", "zh", "ru", "xx"))


@st.composite
def pages(draw: st.DrawFn) -> str:
    """Markup, most of it not well formed, around the lines of articles."""
    tags = ("p", "div", "article", "h1", "table", "tr", "td", "ul", "li", "a", "span", "b", "script", "title", "meta")
    made = []
    for line in draw(st.lists(_LINE, min_size=1, max_size=10)):
        tag = draw(st.sampled_from(tags))
        opened = f"<{tag} {draw(_KNOWN)}>" if draw(st.integers(0, 5)) == 0 else f"<{tag}>"
        closed = f"</{tag}>" if draw(st.integers(0, 4)) else ""
        made.append((opened * draw(st.sampled_from((1, 1, 1, 2, 200)))) + line + closed)
    return "".join(made)[:_MOST]


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _LINE, pages())
_FIELDS = st.sampled_from(("text", "html", "url", "title", "published", "outlet", "author", "lang", "", "\ud800"))
_JSON = st.recursive(_SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_FIELDS, inner)))
_RECORDS = st.one_of(st.dictionaries(_FIELDS, _SCALARS, min_size=1), st.fixed_dictionaries({"text": texts()}), _JSON)


@st.composite
def replies(draw: st.DrawFn) -> str:
    """What a model could reply where JSON is asked for: whole, cut, fenced, nested, between words."""
    record = {"say": draw(_LINE), "claims": draw(st.lists(st.one_of(_RECORDS, _CLAIMS), max_size=4)), "more": 1}
    text = json.dumps(record, ensure_ascii=draw(st.booleans()))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        piece = draw(st.one_of(_KNOWN, st.sampled_from(("<think>", "</think>", "```json", ",", "}", "]", "[" * 300))))
        # By number: Hypothesis keeps a thousand strategies, and would keep their texts.
        text = (text[:at] + piece + text[at:], text[:at], text[at:])[draw(st.integers(0, 2))]
    return text


_CLAIMS = st.fixed_dictionaries({"text": _LINE, "cites": st.lists(st.integers(), max_size=3)})


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    """The name of a file and its bytes: every kind that is read, kinds that are not, packed, cut, with broken bytes."""
    kind = draw(st.sampled_from((".txt", ".md", ".html", ".htm", ".jsonl", ".ndjson", ".xml", ".warc", ".zip", "")))
    data = _encoded(draw, _content(draw, kind))
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 3)))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=8)) + data[at + draw(st.sampled_from((0, 1, 100))) :]
    if draw(st.integers(0, 4)) == 0:
        packed = gzip.compress(data, 1, mtime=0)
        return f"a{kind}.gz", packed[: draw(st.sampled_from((None, 5, 20, -1, -9)))]
    return f"a{kind}", data


def _content(draw: st.DrawFn, kind: str) -> str:
    if kind in (".html", ".htm", ".xml"):
        return draw(st.one_of(pages(), texts()))
    if kind not in (".jsonl", ".ndjson"):
        return draw(texts())
    lines = [json.dumps(record) for record in draw(st.lists(_RECORDS, max_size=5))]
    return "\n".join(lines + draw(st.lists(_KNOWN, max_size=2)))


def _encoded(draw: st.DrawFn, text: str) -> bytes:
    encodings = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "gb18030", "cp1258", "koi8-r")
    return text.encode(draw(st.sampled_from(encodings)), draw(st.sampled_from(("ignore", "replace"))))
