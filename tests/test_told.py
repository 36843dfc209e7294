"""What an event's sentences tell: agreements, documents, sayings, figures and next steps, in the article's words."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.domain import Article, Fact, Source
from rag.reading import Reading
from rag.told import agreed, documents, figures_of, next_steps, said


def read(text: str, lang: str) -> Reading:
    return Reading(Article(Source(id="a", path="a.txt", raw_sha256="0" * 64, lang=lang), text))


def texts(facts: Sequence[Fact]) -> list[str]:
    return [fact.text for fact in facts]


TALKS = (
    "Ngày 3/9, Bộ trưởng Ngoại giao Trần Văn Bình đã hội đàm với Ngoại trưởng Nhật Bản Sato Kenji.\n"
    "Hai bên nhất trí nối lại cơ chế đối thoại chiến lược sau ba năm gián đoạn.\n"
    "Ông Sato Kenji cho biết Nhật Bản sẽ tài trợ 4,5 tỷ yên cho hai tỉnh miền núi.\n"
    "Bộ trưởng đề nghị phía Nhật Bản tiếp nhận thêm 2.500 thực tập sinh.\n"
    "Kết thúc hội đàm, hai Bộ trưởng đã ký Bản ghi nhớ về chuyển đổi số và Thỏa thuận hợp tác về y tế.\n"
    "Ngoại trưởng Sato Kenji dự kiến thăm Huế vào tháng 11."
)
VISIT = (
    "Foreign Minister Anna Larsen of Denmark met her Vietnamese counterpart, Tran Van Binh, in Hanoi on Tuesday.\n"
    "The two ministers agreed to set up a working group on wind power.\n"
    '"Our firms are ready to build," Larsen told reporters after the talks.\n'
    "She said that Denmark would lend 300 million euros over ten years.\n"
    "They signed a memorandum of understanding on green shipping on Tuesday.\n"
    "The ministers will meet again in Copenhagen in March."
)


def test_what_both_sides_agree_is_agreed() -> None:
    vi, en = read(TALKS, "vi"), read(VISIT, "en")
    assert texts(agreed(vi, vi.sentences)) == ["nối lại cơ chế đối thoại chiến lược sau ba năm gián đoạn"]
    assert texts(agreed(en, en.sentences)) == ["set up a working group on wind power"]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Thứ trưởng Mỹ Karen Mitchell cam kết hỗ trợ tỉnh Bắc Ninh đào tạo nhân lực.", "vi"),
        ("Hai bên không nhất trí về mức thuế đối với thép.", "vi"),
        ("Ông Vương Nghị cho rằng hai nước cần tuân thủ các đồng thuận mà nguyên thủ hai nước đã đạt được.", "vi"),
        ("China will implement the important consensus reached by the two heads of state.", "en"),
        ("Minister Larsen pledged to lend 300 million euros to the province.", "en"),
    ],
)
def test_what_one_side_promises_or_others_agreed_before_is_not(text: str, lang: str) -> None:
    reading = read(text, lang)
    assert agreed(reading, reading.sentences) == ()


def test_both_persons_reaffirm_together() -> None:
    reading = read("Cả ông Vương Nghị và ông Lavrov đã tái khẳng định sự ủng hộ vai trò của ASEAN.", "vi")
    assert texts(agreed(reading, reading.sentences)) == ["tái khẳng định sự ủng hộ vai trò của ASEAN"]


def test_each_document_that_was_signed_is_named() -> None:
    vi, en = read(TALKS, "vi"), read(VISIT, "en")
    assert texts(documents(vi, vi.sentences)) == [
        "Bản ghi nhớ về chuyển đổi số",
        "Thỏa thuận hợp tác về y tế",
    ]
    assert texts(documents(en, en.sentences)) == ["a memorandum of understanding on green shipping"]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Hai bên phối hợp thực hiện đầy đủ DOC và Nghị quyết Đại hội XIII của Đảng.", "vi"),
        ("Hai nước sẽ ký Hiệp định thương mại vào năm sau.", "vi"),
        ("Năm nay hai nước kỷ niệm 20 năm ngày ký Hiệp ước Láng giềng tốt.", "vi"),
        ("The two countries are expected to sign an agreement on fisheries next year.", "en"),
    ],
)
def test_a_document_only_referred_to_or_not_yet_signed_is_none(text: str, lang: str) -> None:
    reading = read(text, lang)
    assert documents(reading, reading.sentences) == ()


def test_who_said_what_by_name_title_and_pronoun() -> None:
    vi, en = read(TALKS, "vi"), read(VISIT, "en")
    assert [(one.speaker, one.text) for one in said(vi, vi.sentences)] == [
        ("Sato Kenji", "Nhật Bản sẽ tài trợ 4,5 tỷ yên cho hai tỉnh miền núi"),
        ("Trần Văn Bình", "đề nghị phía Nhật Bản tiếp nhận thêm 2.500 thực tập sinh"),
    ]
    assert [(one.speaker, one.text, one.to) for one in said(en, en.sentences)] == [
        ("Anna Larsen", "Our firms are ready to build", "reporters"),
        ("Anna Larsen", "Denmark would lend 300 million euros over ten years", None),
    ]


@pytest.mark.parametrize(
    ("text", "lang", "speaker", "words"),
    [
        (
            "Minister Anna Larsen thanked Laos for its help.",
            "en",
            "Anna Larsen",
            "thanked Laos for its help",
        ),
        (
            "Minister Anna Larsen, who visited the port on Tuesday, said the cranes would arrive in time.",
            "en",
            "Anna Larsen",
            "the cranes would arrive in time",
        ),
        (
            "The two countries will share data, according to a note from the Danish Foreign Ministry on Saturday.",
            "en",
            "Danish Foreign Ministry",
            "The two countries will share data",
        ),
        (
            "Bộ trưởng Trần Văn Bình khẳng định sự ủng hộ đối với hội nghị.",
            "vi",
            "Trần Văn Bình",
            "khẳng định sự ủng hộ đối với hội nghị",
        ),
    ],
)
def test_what_was_said_is_whole_and_its_speaker_is_no_weekday(text: str, lang: str, speaker: str, words: str) -> None:
    reading = read(text, lang)
    assert [(one.speaker, one.text) for one in said(reading, reading.sentences)] == [(speaker, words)]


def test_the_figures_that_matter_are_no_ordinals_or_sides() -> None:
    vi = read(TALKS + "\nĐây là lần thứ 56 hai bên họp trong giai đoạn 2021-2025.", "vi")
    en = read(VISIT, "en")
    assert [figure.text for figure in figures_of(vi, vi.sentences)] == ["4,5 tỷ yên", "2.500 thực tập sinh"]
    assert [(figure.text, figure.value, figure.unit) for figure in figures_of(en, en.sentences)] == [
        ("300 million euros", "300000000", "EUR")
    ]


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("Some 900 repair kits reached the port.", "en", ["900 repair kits"]),
        ("Twenty of the crew came by road, and six years have passed.", "en", ["Twenty of the crew"]),
        ("The flood left 11 people dead.", "en", ["11 people dead"]),
        ("The gate lets 1,000 trucks a day cross.", "en", ["1,000 trucks a day"]),
        ("Ten of the eighteen members voted for it.", "en", ["Ten of the eighteen members"]),
        ("Vụ tai nạn làm 12 người thiệt mạng.", "vi", ["12 người thiệt mạng"]),
        ("Đoàn gồm 12 người đã đến Huế.", "vi", ["12 người"]),
        ("Hãng sẽ khai thác ba chuyến mỗi tuần.", "vi", ["ba chuyến mỗi tuần"]),
        ("会谈于19日举行。", "zh", []),
    ],
)
def test_a_figure_ends_with_what_it_counts(text: str, lang: str, found: list[str]) -> None:
    reading = read(text, lang)
    assert [figure.text for figure in figures_of(reading, reading.sentences)] == found


def test_next_steps_are_meetings_and_visits_to_come() -> None:
    vi, en = read(TALKS, "vi"), read(VISIT, "en")
    assert "Ngoại trưởng Sato Kenji dự kiến thăm Huế vào tháng 11" in texts(next_steps(vi, vi.sentences))
    assert texts(next_steps(en, en.sentences))[-1] == "The ministers will meet again in Copenhagen in March"


def test_a_wish_and_a_duty_are_no_next_step() -> None:
    text = "The minister said Laos hoped that Beijing would soon open its market. Those guilty must be held to account."
    reading = read(text, "en")
    assert next_steps(reading, reading.sentences) == ()


WORDS = st.sampled_from(
    [*f"{TALKS} {VISIT}".split(), "“", "”", '"', ",", ";", ":", "\n", "\x00", "hai bên", "nhất trí", "ký kết", "said"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=60).map(" ".join), st.sampled_from(["vi", "en", "zh"]))
def test_every_quote_stands_at_its_span_whatever_the_text(text: str, lang: str) -> None:
    reading = read(text, lang)
    spans = reading.sentences
    for one in (*agreed(reading, spans), *documents(reading, spans), *next_steps(reading, spans)):
        (citation,) = one.citations
        assert citation.quote == text[citation.start : citation.end] == one.text
    for saying in said(reading, spans):
        (citation,) = saying.citations
        assert saying.speaker
        assert saying.text == citation.quote == text[citation.start : citation.end]
    for figure in figures_of(reading, spans):
        (citation,) = figure.citations
        assert figure.text in citation.quote
        assert citation.quote == text[citation.start : citation.end]
