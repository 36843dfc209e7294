"""A page's article and what the page states: nothing hidden, nothing guessed, no page too hostile."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.markup import extract
from rag.scan import Scan, tokens

PARAGRAPHS = (
    "Ngày 13/7, tại Jakarta, Bộ trưởng Ngoại giao Nga Sergei Lavrov đã gặp Chủ nhiệm Văn phòng Đối ngoại Vương Nghị.",
    "Hai bên khẳng định ủng hộ vai trò trung tâm của ASEAN và nhất trí phối hợp trong khuôn khổ SCO và BRICS.",
    "Ông Lavrov nói hai nước sẽ tiếp tục trao đổi về các vấn đề khu vực và quốc tế cùng quan tâm trong năm nay.",
)


def page(body: str, *, head: str = "", html: str = "") -> str:
    return f"<!DOCTYPE html><html {html}><head>{head}</head><body>{body}</body></html>"


def article(*paragraphs: str) -> str:
    return f"<article>{''.join(f'<p>{paragraph}</p>' for paragraph in paragraphs)}</article>"


def linked(**facts: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **facts})}</script>'


def test_the_article_comes_out_one_paragraph_a_line_without_menus() -> None:
    menu = "<nav><ul><li><a href=/>Trang chủ</a><li><a href=/the-gioi>Thế giới</a></ul></nav>"
    found = extract(page(menu + article(*PARAGRAPHS) + "<footer>© 2023 Báo</footer>"))
    assert found.text.split("\n") == list(PARAGRAPHS)


def test_subheads_and_paragraphs_said_again_later_stay() -> None:
    body = article(PARAGRAPHS[0], PARAGRAPHS[1]) + f"<h2>Về ASEAN</h2><p>{PARAGRAPHS[2]}</p><p>{PARAGRAPHS[0]}</p>"
    text = extract(page(f"<article>{body}</article>")).text
    assert text.count(PARAGRAPHS[0]) == 2
    assert "\nVề ASEAN\n" in text


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>SECRET</script>",
        "<script>if (a < b) { x = '</p>SECRET' }</script>",
        "<style>.SECRET {}</style>",
        "<!-- <p>SECRET</p> -->",
        "<noscript>SECRET</noscript>",
        "<template><p>SECRET</p></template>",
        "<div hidden><p>SECRET</p></div>",
        "<div style='color: red; display : none'><div>x</div><p>SECRET</p></div>",
        "<p style=visibility:hidden>SECRET",
        "<input type=hidden value=SECRET><svg><title>SECRET</title></svg>",
        "<textarea hidden>SECRET</textarea><iframe>SECRET</iframe>",
    ],
)
def test_what_a_reader_does_not_see_is_never_in_the_text(unseen: str) -> None:
    source = page(f"<div><p>{PARAGRAPHS[0]}</p>{unseen}<p>{PARAGRAPHS[1]}</p></div>")
    for text in (extract(source).text, Scan(source).lines):
        assert "SECRET" not in text
        assert PARAGRAPHS[0] in text
        assert PARAGRAPHS[1] in text


def test_entities_are_decoded_once() -> None:
    source = page("<p>Nga &amp; Trung Qu&#7889;c: 5 &lt; 7</p>", head="<title>A &amp; &amp;lt;</title>")
    assert extract(source).text == "Nga & Trung Quốc: 5 < 7"
    assert extract(source).title == "A & &lt;"


def test_the_page_states_its_metadata_in_meta_elements() -> None:
    head = (
        '<meta property="og:title" content="Ngoại trưởng Nga gặp ông Vương Nghị - Báo Ngày"><title>Báo</title>'
        '<meta property="og:site_name" content="Báo Ngày"><meta name="author" content="Bùi An">'
        '<meta property="article:published_time" content="2023-07-14T08:00:00+07:00">'
        '<link rel="canonical" href="https://bao.example/a?b=1&amp;c=2">'
    )
    found = extract(page(article(*PARAGRAPHS), head=head, html='lang="vi-VN"'))
    assert found.title == "Ngoại trưởng Nga gặp ông Vương Nghị"
    assert (found.outlet, found.author, found.lang) == ("Báo Ngày", "Bùi An", "vi")
    assert found.published == "2023-07-14T08:00:00+07:00"
    assert found.url == "https://bao.example/a?b=1&c=2"


def test_the_page_states_its_metadata_in_linked_data() -> None:
    graph = [
        {"@type": "Organization", "@id": "#o", "name": "Báo Ngày"},
        {"@type": "WebPage", "headline": "not this"},
        {
            "@type": ["Thing", "NewsArticle"],
            "headline": "Hội đàm ở Jakarta",
            "author": [{"name": "Bùi An"}, "Lê Bình"],
            "publisher": {"@id": "#o"},
            "datePublished": "2023-07-14",
        },
    ]
    head = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    found = extract(page(article(*PARAGRAPHS), head=head))
    assert (found.title, found.author) == ("Hội đàm ở Jakarta", "Bùi An, Lê Bình")
    assert (found.outlet, found.published) == ("Báo Ngày", "2023-07-14")


def test_broken_linked_data_is_as_if_it_were_not_there() -> None:
    for source in ("{", "[" * 100_000, "[1, null, {}]", '{"@type": "NewsArticle", "author": 5, "headline": {"a": []}}'):
        head = f'<script type="application/ld+json">{source}</script>'
        found = extract(page(article(*PARAGRAPHS), head=head))
        assert (found.title, found.author, found.published) == (None, None, None)
        assert found.text


def test_a_date_that_the_page_does_not_state_as_its_own_is_not_taken() -> None:
    url = '<link rel="canonical" href="https://bao.example/2021/05/01/bai">'
    teasers = "<time datetime=2024-05-01>1/5</time><time datetime=2024-05-02>2/5</time>"
    found = extract(page(article(*PARAGRAPHS) + teasers + "<p>Cập nhật 24/10/2023</p>", head=url))
    assert found.published is None
    own = "<time itemprop=datePublished datetime=2023-07-14>14/7</time>"
    assert extract(page(own + article(*PARAGRAPHS) + teasers)).published == "2023-07-14"
    assert extract(page("<time datetime=2023-07-14>14/7</time>" + article(*PARAGRAPHS))).published == "2023-07-14"


def test_the_only_headline_is_the_title_and_of_several_none_is() -> None:
    title = "<title>Hội đàm | Báo</title>"
    assert extract(page("<h1>Hội <b>đàm</b></h1>" + article(*PARAGRAPHS), head=title)).title == "Hội đàm"
    assert extract(page("<h1>A</h1><h1>B</h1>" + article(*PARAGRAPHS), head=title)).title == "Hội đàm | Báo"


HOSTILE = {
    "1,000 nested": "<div>" * 1_000 + PARAGRAPHS[0] + "</div>" * 1_000,
    "100,000 nested": "<div><b>" * 50_000 + PARAGRAPHS[0] + "</b></div>" * 50_000,
    "ends without a start": PARAGRAPHS[0] + "</b></p></div>" * 100_000,
    "inline tags crossed": PARAGRAPHS[0] + "<b>" + "<i>" * 100_000 + "</b>" * 100_000,
    "many links": "<p>" + PARAGRAPHS[0] + "<a href=x>y</a> " * 100_000,
    "many attributes": "<p " + " ".join(f"a{i}=1" for i in range(200_000)) + f">{PARAGRAPHS[0]}</p>",
    "open quotes": PARAGRAPHS[0] + "<a b=\"<a c='" * 200_000,
    "open comments": PARAGRAPHS[0] + "<!--" * 500_000,
    "angle brackets": PARAGRAPHS[0] + "<" * 2_000_000,
    "spaces in a tag": PARAGRAPHS[0] + "<a " + " " * 2_000_000,
    "a long number": PARAGRAPHS[0] + "&#" + "9" * 1_000_000 + ";",
    "one long line": PARAGRAPHS[0] + " từ" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_hangs_or_loses_its_text(name: str) -> None:
    extract("<p>warm</p>")
    begun = time.perf_counter()
    text = extract(page(HOSTILE[name])).text
    assert PARAGRAPHS[0] in text
    assert time.perf_counter() - begun < 5


PIECES = st.sampled_from(
    "<p>|</p>|<div hidden>|</div>|<script>|</script>|<!--|-->|<b|>|\"|='|&#x110000;|<title>|<svg/>|</|<li>|<pre>|\n|\0|"
    "<meta property=og:title content=x>|Hà Nội |&amp".split("|")
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_any_markup_gives_clean_lines(source: str) -> None:
    text = extract(source).text
    assert all(line and line == " ".join(line.split()) for line in text.split("\n") if text)
    text.encode("utf-8")


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_the_pieces_of_a_page_stand_in_it_in_order(source: str) -> None:
    end = 0
    for token in tokens(source):
        assert end <= token.begin < token.end or token.kind == "raw"
        end = token.end
        if token.kind in ("text", "raw"):
            assert source[token.begin : token.end] == token.value


@given(st.text(st.characters(exclude_characters="<&\n", exclude_categories=["Cc", "Cs", "Cn"])).filter(str.strip))
def test_text_without_markup_is_its_own_line(text: str) -> None:
    assert Scan(f"<p>{text}</p>").lines == " ".join(text.split())


def test_the_lead_and_the_date_below_the_headline_are_read() -> None:
    lead = "Thứ trưởng Thương mại cam kết hỗ trợ tỉnh Bắc Ninh đào tạo nhân lực ngành bán dẫn."
    head = "<h1>Bắc Ninh đào tạo nhân lực bán dẫn</h1><div>Gửi bạn bè</div><div>Thanh Bình - 09/05/2024 16:20</div>"
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    text = extract(page(f"{head}<div class=sapo>{lead}</div><div class=content>{body}</div>")).text
    assert text.split("\n") == ["Thanh Bình - 09/05/2024 16:20", lead, *PARAGRAPHS]


def test_a_table_that_lays_out_a_page_becomes_its_paragraphs() -> None:
    cell = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    head = "<table><tr><td>Báo Trường Sơn</td><td>English</td></tr></table>"
    found = extract(page(f"{head}<table><tr><td>{cell}</td></tr></table>")).text
    assert found.split("\n") == list(PARAGRAPHS)


def test_a_row_of_a_table_is_a_line_without_marks_of_its_own() -> None:
    table = "<table><tr><td>Nga</td><td>12</td></tr><tr><td>Lào</td><td>7</td></tr></table>"
    found = extract(page(article(PARAGRAPHS[0], PARAGRAPHS[1]).replace("</article>", f"{table}</article>"))).text
    assert found.split("\n")[2:] == ["Nga 12", "Lào 7"]


@pytest.mark.parametrize(
    ("signed", "author"),
    [
        ("<p>By <a rel='author' href=/a>Owen Tran-Keller</a></p>", "Owen Tran-Keller"),
        ("<address>Paz Urrejola, Santiago</address>", "Paz Urrejola"),
        ("<span itemprop=author>Bùi An</span>", "Bùi An"),
        ("<address>71 Hàng Trống, Hà Nội</address>", None),
        ("<a rel=author>An</a> <a rel=author>Berg</a>", None),
    ],
)
def test_an_element_that_holds_the_author_names_it(signed: str, author: str | None) -> None:
    assert extract(page(signed + article(*PARAGRAPHS))).author == author
