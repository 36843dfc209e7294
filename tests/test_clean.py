"""Crawled pages in, articles out: which lines are kept, what the page states, and what is never touched."""

from __future__ import annotations

import hashlib
import time
import unicodedata
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.clean import article_id, clean
from rag.domain import Article, Raw
from rag.errors import InputError

HERE = Path(__file__).parent
SEEDS = HERE.parent / "seeds"

SEED_LINES = {
    "000": "1 2 3 4 5",
    "001": "4 5 6 7 8 9 10 11",
    "002": "4 9 14 16 18 20 22 24 26 31 33 35 37 39 41 43 48 50 52 54 56 58 63 65 67 69 71 76 78 80 82 84 86",
    "003": "4 9 11 13 15 17 19 21 26 28 30 35 37",
    "004": "10 12 14 16 18 20",
}


@dataclass(frozen=True)
class Page:
    """A page of tests/data: kept lines begin with +, dropped ones with -, and the head says what the page states."""

    name: str
    states: dict[str, str]
    lines: list[str]
    kept: list[int]


def raw(text: str, **known: Any) -> Raw:
    return replace(Raw(text, "page.txt", hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()), **known)


def pages(name: str) -> list[Page]:
    found = []
    for part in (HERE / "data" / name).read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, body = part.partition("\n---\n")
        title, *states = head.split("\n")
        lines = body.removesuffix("\n").split("\n")
        kept = [number for number, line in enumerate(lines, 1) if line.startswith("+")]
        found.append(Page(title, dict(state.split(": ", 1) for state in states), [line[1:] for line in lines], kept))
    return found


def seed(number: str) -> Article:
    path = next(SEEDS.glob(f"{number}_*.txt"))
    return clean(raw(path.read_text(encoding="utf-8")))


PAGES = pages("clean_pages.txt")
UNSEEN = pages("clean_unseen.txt")
FRESH = pages("clean_fresh.txt")


@pytest.mark.parametrize("number", SEED_LINES)
def test_keeps_exactly_the_body_of_each_crawled_article(number: str) -> None:
    assert " ".join(map(str, seed(number).kept)) == SEED_LINES[number]


@pytest.mark.parametrize(
    ("number", "title", "author", "agency", "outlet", "published"),
    [
        ("000", None, None, "TTXVN", None, None),
        ("001", "Trung Quốc muốn thiết thực hơn với Nga trong quan hệ", "Nh.Thạch", "RT", None, None),
        ("002", "Bộ Ngoại giao và Quảng Ngãi trao đổi", "Tuấn Anh", None, "Baoquocte.vn", None),
        ("003", "Trưởng ban Đối ngoại Trung ương hội đàm", "Bảo Chi", None, "Baoquocte.vn", None),
        ("004", "China, Russia to strengthen cooperation", "Chen Tianhao", "CGTN", "Chinanews.com", "2023-02-04"),
    ],
)
def test_says_what_each_crawled_page_states_and_no_more(
    number: str, title: str | None, author: str | None, agency: str | None, outlet: str | None, published: str | None
) -> None:
    source = seed(number).source
    assert (source.author, source.agency, source.outlet, source.published) == (author, agency, outlet, published)
    assert source.title == title if title is None else (source.title or "").startswith(title)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_keeps_the_body_of_pages_of_many_shapes(page: Page) -> None:
    article = clean(raw("\n".join(page.lines)))
    assert [page.lines[line - 1] for line in article.kept] == [page.lines[line - 1] for line in page.kept]
    for field in ("title", "author", "agency", "published", "lang"):
        assert getattr(article.source, field) == page.states.get(field), field


def test_keeps_most_of_pages_that_were_written_before_the_rules() -> None:
    """Their first run gave precision 0.967 and recall 0.983; two of its errors were mended since."""
    precision, recall = _measured([("\n".join(page.lines), page.kept) for page in UNSEEN])
    assert precision >= 0.95
    assert recall >= 0.95


def test_keeps_nearly_all_of_fourteen_more_pages_and_reads_what_they_state() -> None:
    """The first run of ten gave precision 0.914, recall 1, 47 of 50 facts; of the last four 0.842, 1, 20 of 20."""
    precision, recall = _measured([("\n".join(page.lines), page.kept) for page in FRESH])
    assert precision >= 0.97
    assert recall == 1
    for page in FRESH:
        source = clean(raw("\n".join(page.lines))).source
        assert {field: getattr(source, field) for field in page.states} == page.states


def test_a_body_survives_the_frame_of_any_other_page() -> None:
    """Every body with the head and the foot of every other page."""
    cases = []
    for body, frame in permutations(PAGES, 2):
        head = frame.lines[: frame.kept[0] - 1]
        lines = body.lines[body.kept[0] - 1 : body.kept[-1]]
        shift = len(head) - body.kept[0] + 1
        cases.append(("\n".join(head + lines + frame.lines[frame.kept[-1] :]), [line + shift for line in body.kept]))
    precision, recall = _measured(cases)
    assert precision >= 0.97
    assert recall >= 0.97


def _measured(cases: list[tuple[str, list[int]]]) -> tuple[float, float]:
    right = kept = gold = 0
    for text, lines in cases:
        found = set(clean(raw(text)).kept)
        right, kept, gold = right + len(found & set(lines)), kept + len(found), gold + len(lines)
    return right / kept, right / gold


def test_every_line_that_is_not_blank_is_kept_or_has_a_reason() -> None:
    for page in PAGES:
        article = clean(raw("\n".join(page.lines)))
        written = {number for number, line in enumerate(page.lines, 1) if line.strip()}
        dropped = {drop.line for drop in article.dropped}
        assert set(article.kept) | dropped == written
        assert not set(article.kept) & dropped
        assert all(drop.reason for drop in article.dropped)


def test_reasons_are_short_words() -> None:
    reasons = {drop.line: drop.reason for drop in seed("004").dropped}
    assert reasons[6] == "title"
    assert reasons[8] == "dateline"
    assert reasons[32] == "copyright"
    assert reasons[36] == "other script"


def test_what_the_file_says_stands_before_what_the_page_says() -> None:
    text = "\n".join(PAGES[0].lines)
    known = raw(text, title="Tiêu đề khác", author="Lan", outlet="Báo X", published="2024-01-02T08:00:00Z", lang="vi")
    source = clean(known).source
    assert (source.title, source.author, source.outlet) == ("Tiêu đề khác", "Lan", "Báo X")
    assert source.published == "2024-01-02"


def test_a_title_that_the_file_gives_is_not_told_again_in_the_text() -> None:
    body = "Ngày 13/7, hai bộ trưởng gặp nhau tại Jakarta và trao đổi về hợp tác giữa hai nước."
    title = "Hai bộ trưởng gặp nhau tại Jakarta"
    for markup in (True, False):
        assert clean(raw(f"{title}\n{body}", title=f"{title} - Báo Sao Mai", markup=markup)).text == body
    assert clean(raw(title, title=title)).text == title


def test_a_language_tag_gives_its_language() -> None:
    assert clean(raw("Hai bên ký biên bản ghi nhớ.", lang="vi-VN")).source.lang == "vi"


def test_the_address_names_the_outlet_only_where_nothing_else_does() -> None:
    text = "Ngày 13/7, hai bộ trưởng gặp nhau tại Jakarta và trao đổi về hợp tác giữa hai nước."
    assert clean(raw(text, url="https://www.baoquocte.vn/a.html")).source.outlet == "baoquocte.vn"
    assert clean(raw(text, url="https://baoquocte.vn/a", outlet="TG&VN")).source.outlet == "TG&VN"
    assert clean(raw(text, url="http://[broken")).source.outlet is None


def test_a_day_in_the_body_is_not_the_day_of_publication() -> None:
    article = clean(raw("Ngày 13/7/2023, hai bộ trưởng gặp nhau tại Jakarta và trao đổi về hợp tác giữa hai nước."))
    assert article.source.published is None


def test_the_day_of_publication_stands_before_that_of_the_last_change() -> None:
    body = "Ministers from the two countries met in Jakarta and agreed to reopen the border crossing next year."
    page = (
        f"Ministers agree to reopen border crossing\nUpdated: May 3, 2024, 9:10\nPublished: May 1, 2024\n{body}\nShare"
    )
    assert clean(raw(page)).source.published == "2024-05-01"


def test_paragraphs_broken_at_a_fixed_width_are_kept_whole() -> None:
    text = (
        "Vice President Kamala Harris and President Emmanuel Macron of France met\n"
        "today at the headquarters of the National Aeronautics and Space\n"
        "Administration (NASA) in Washington, D.C. as part of the State Visit, to\n"
        "highlight the strong U.S.-France partnership in outer space.\n"
        "\n"
        "The two leaders agreed to hold another meeting on space before the end\n"
        "of next year.\n"
    )
    assert clean(raw(text)).kept == (1, 2, 3, 4, 6, 7)


BODY = (
    "Ministers from the two countries met in Jakarta and agreed to reopen the border crossing next year.\n"
    "The crossing at Ban Sop was closed in 2019, when a flood took the bridge and half of the market away."
)


def test_a_sentence_that_runs_over_two_lines_is_kept_whole() -> None:
    lead = "First Deputy Prime Minister Daniyar Ospanov paid an official visit to Jakarta\non September 9-12."
    article = clean(raw(f"Ospanov returns with six agreements\n\n{lead}\n\n{BODY}\nShare\n"))
    assert article.text == f"{lead}\n{BODY}"
    assert article.source.published is None


def test_a_lead_that_announces_a_quotation_is_kept() -> None:
    lead = "Ngày 16/9, trả lời câu hỏi của phóng viên về vụ tấn công tại Mali, Người phát ngôn Bộ Ngoại giao nêu rõ:"
    said = "“Việt Nam lên án mạnh mẽ hành động bạo lực và chia sẻ mất mát với gia đình các nạn nhân”."
    page = (
        f"Tiếng Việt | English | 中文\nViệt Nam lên án vụ tấn công tại Mali\n[16/09/2024]\n{lead}\n{said}\nIn trang\n"
    )
    assert clean(raw(page)).text == f"{lead}\n{said}"


@pytest.mark.parametrize(
    "closing",
    [
        "What do you think? Write to the editor.",
        "Support independent reporting on the tropics. Give today.",
        "This is a developing story. Please refresh the page for updates.",
        "Share your thoughts in the comment box.",
        "Be part of our Viber community for the latest stories.",
        "Chia sẻ bài viết này để lan tỏa yêu thương!",
        "想看更多内容？请订阅配套，首月只需9角9分。",
        "- ends -",
        "(c) 2024 Concise News Agency",
        "- [Giá tôm thẻ hôm nay tăng nhẹ](/tom)",
        "Zalo Facebook Twitter Bản in Copy link",
    ],
)
def test_what_a_site_says_to_its_reader_is_not_the_article(closing: str) -> None:
    assert clean(raw(f"Ministers agree to reopen the border crossing\n{BODY}\n{closing}\n")).text == BODY


@pytest.mark.parametrize(
    "line",
    [
        "What do you think of the plan to reopen the crossing?",
        "“Support our neighbours and they will support us,” the governor said after the meeting.",
        "The author was arrested in Jakarta on Tuesday, one day before the talks, police said.",
        "Follow-up talks will be held in Hanoi in March, the two ministers told reporters.",
        "Vào tháng 5, Facebook cho biết sẽ mở văn phòng tại hai nước.",
        "Share prices in both capitals rose by two percent after the ministers had spoken.",
    ],
)
def test_a_sentence_that_begins_like_a_prompt_stays(line: str) -> None:
    first, last = BODY.split("\n")
    assert line in clean(raw(f"Ministers agree to reopen the border crossing\n{first}\n{line}\n{last}\n")).text


@pytest.mark.parametrize(
    ("lead", "published"),
    [
        ("GAO, Mali, Sept 14, 2024 (Sahel Post) - Gunmen", "2024-09-14"),
        ("MONG CAI, Vietnam, Oct. 1, 2024 -- Vice ministers", "2024-10-01"),
        ("HANOI, Sept 26 - The government", "XXXX-09-26"),
        ("SINGAPORE - On Oct 18 the ministry", None),
        ("On Oct. 1, 2024 -- a holiday -- the ministers", None),
    ],
)
def test_a_report_is_of_the_day_on_which_it_was_filed(lead: str, published: str | None) -> None:
    assert clean(raw(f"Ministers agree to reopen it\n{lead} spoke.\n{BODY}")).source.published == published


@pytest.mark.parametrize(
    ("signed", "author"),
    [
        ("2024年09月20日 08:45　　来源：海事一周网　　作者：高明远　　编辑：丁宁", "高明远"),
        ("2024-10-02 09:30:11　来源：边贸在线　编辑：陆小满", "陆小满"),
        ("2024-10-02 09:30", "孙丽"),
    ],
)
def test_the_writer_stands_before_the_editor(signed: str, author: str) -> None:
    lead = "何建华20日在哈尔滨会见了俄罗斯能源部副部长阿列克谢·莫罗佐夫一行，双方就能源合作交换了意见。"
    if author == "孙丽":
        lead = f"本报哈尔滨5月21日电（记者 孙丽）{lead}"
    last = "双方商定在黑河新建一座跨境输电站，年输电能力为40亿千瓦时。\n责任编辑：周敏"
    assert clean(raw(f"何建华会见俄罗斯能源部副部长莫罗佐夫\n{signed}\n{lead}\n{last}")).source.author == author


@pytest.mark.parametrize(
    ("line", "author", "published"),
    [
        ("Thứ Ba, 11/06, 09:42", None, "XXXX-06-11"),
        ("**Khánh Linh** · 05/09/2024 15:48", "Khánh Linh", "2024-09-05"),
        ("Hải Đăng - Thứ bảy, 12/10/2024 07:45 (GMT+7)", "Hải Đăng", "2024-10-12"),
        ("ĐIỂM TIN ĐỐI NGOẠI TUẦN (23 - 28/9/2024)", None, None),
        ("2 tháng 8, 2024 - 7:15", None, "2024-08-02"),
    ],
)
def test_a_dateline_gives_its_day_and_its_writer(line: str, author: str | None, published: str | None) -> None:
    body = (
        "Hai bộ trưởng gặp nhau tại Jakarta và trao đổi về hợp tác giữa hai nước trong thời gian tới.\n"
        "Phía Lào đề nghị mở lại cửa khẩu sau khi cây cầu mới được khánh thành vào mùa khô năm sau."
    )
    source = clean(raw(f"Hai bộ trưởng trao đổi về hợp tác tại Jakarta\n{line}\n{body}")).source
    assert (source.author, source.published) == (author, published)


def test_the_outlet_before_a_title_is_not_of_the_title() -> None:
    page = f"Vientiane Chronicle: Ministers agree to reopen the border crossing\n{BODY}"
    assert (
        clean(raw(page, outlet="Vientiane Chronicle")).source.title == "Ministers agree to reopen the border crossing"
    )


def test_text_without_a_frame_is_kept_whole() -> None:
    for text in (
        "Hai bên ký biên bản ghi nhớ.",
        "Wang Yi met Sergey Lavrov in Jakarta",
        "王毅会见俄罗斯外长拉夫罗夫，双方交换了意见",
    ):
        assert clean(raw(text)).text == text


def test_an_extracted_page_loses_only_frame_and_signature() -> None:
    body = "The table below was given to reporters after the talks ended.\n2024 12\nNext year"
    text = f"Tables\nBy Anna Berg\n{body}\nShare\n"
    article = clean(replace(raw(text), markup=True))
    assert article.text == body
    assert article.source.author == "Anna Berg"
    assert article.source.title == "Tables"


def test_kept_characters_are_never_changed() -> None:
    line = (
        "Ngày 13/7,\u00a0ông \u202bVương  Nghị\u202c đã gặp\tông Lavrov bên lề\u2026 hội nghị tại Jakarta và trao đổi."
    )
    assert clean(raw(f"  {line} \r\n")).text == line


def test_decomposed_text_comes_out_composed_and_with_the_same_id() -> None:
    text = "Chiều 5/3, Thủ tướng tiếp Đại sứ Ấn Độ và đề nghị hai nước sớm mở thêm đường bay thẳng."
    decomposed = clean(raw(unicodedata.normalize("NFD", text)))
    assert decomposed.text == text
    assert decomposed.id == clean(raw(text)).id == article_id(text)
    assert len(decomposed.id) == 16


@pytest.mark.parametrize("text", ["", " \n\t\n", "1\n2\n3", "Trang chủ\nĐăng nhập\nChia sẻ\nBình luận", "-\n-\n-"])
def test_a_page_without_an_article_is_an_error_that_names_it(text: str) -> None:
    with pytest.raises(InputError, match=r"page\.txt .*no article text"):
        clean(raw(text))


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=80), st.sampled_from([line for page in PAGES for line in page.lines])), max_size=30
    )
)
def test_any_lines_give_an_article_of_their_own_lines_or_an_error(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        article = clean(raw(text))
    except InputError:
        return
    given_lines = text.split("\n")
    kept = [unicodedata.normalize("NFC", given_lines[line - 1].strip()).strip() for line in article.kept]
    assert article.text.split("\n") == kept
    assert list(article.kept) == sorted(set(article.kept))
    assert clean(raw(text)) == article


@pytest.mark.parametrize(
    "text",
    [
        "Hai bên đã trao đổi về hợp tác. " * 60_000,
        "a" * 2_000_000 + ".",
        "(" * 1_000_000 + "\n" + "Hai bên đã trao đổi về hợp tác giữa hai nước trong thời gian tới tại Hà Nội.",
        "Hai bên đã trao đổi về hợp tác giữa hai nước trong thời gian tới.\n" + "Tin liên quan\nMột tiêu đề\n" * 10_000,
        "Hai bên đã trao đổi về hợp tác giữa hai nước trong thời gian tới.\n" + "e" + "\u0301\u0327" * 500_000,
    ],
    ids=["one long line", "one long word", "brackets", "many lists", "a pile of marks"],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    start = time.perf_counter()
    clean(raw(text))
    assert time.perf_counter() - start < 10
