"""A statement that turns its cited text around is caught; one that tells it in other words is not."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.domain import Evidence
from rag.polarity import unsupported

RESUMED = (
    "vi",
    "Trong cuộc điện đàm kéo dài 40 phút, hai Bộ trưởng nhất trí nối lại Ủy ban hỗn hợp về khoa học và công nghệ "
    "sau sáu năm gián đoạn.",
)
NO_CITIZEN = ("vi", "Người phát ngôn cho biết không có công dân Việt Nam nào trong số các nạn nhân.")
INSURANCE = (
    "en",
    "The two officials could not agree on insurance for tankers, which will be taken up in Moscow in April.",
)
NOT_MET = ("en", "The two have not met since September, when they set a trade goal of $1.5 billion for 2030.")
EXEMPT = ("en", "Hoa said Vietnam would exempt imported recycling equipment from duty for five years.")
ASEAN = ("vi", "Ông Vương Nghị và ông Lavrov đã tái khẳng định sự ủng hộ vai trò trung tâm của ASEAN.")
NOT_ONLY = (
    "vi",
    "Quan hệ kinh tế không chỉ phát triển về lượng mà còn về chất, và hai nước không ngừng mở rộng hợp tác hàng không.",
)


def turned(statement: str, evidence: tuple[str, str], lang: str) -> tuple[str, ...]:
    return unsupported(statement, lang=lang, evidence=[Evidence(evidence[1], evidence[0])])


@pytest.mark.parametrize(
    ("evidence", "lang", "statement", "words"),
    [
        (RESUMED, "en", "The two ministers did not agree to resume the joint committee.", "not"),
        (RESUMED, "en", "The two ministers refused to resume the joint committee.", "refused"),
        (RESUMED, "vi", "Hai Bộ trưởng không nhất trí nối lại Ủy ban hỗn hợp.", "không"),
        (RESUMED, "vi", "Hai Bộ trưởng từ chối nối lại Ủy ban hỗn hợp.", "từ chối"),
        (NOT_MET, "vi", "Hai ông không đặt mục tiêu thương mại 1,5 tỷ USD cho năm 2030.", "không"),
        (NOT_MET, "en", "In September they did not set a trade goal for 2030.", "not"),
        (EXEMPT, "vi", "Việt Nam sẽ không miễn thuế thiết bị tái chế nhập khẩu.", "không"),
        (NOT_ONLY, "en", "The two countries do not expand cooperation in aviation.", "not"),
    ],
)
def test_a_negation_that_the_text_has_not(evidence: tuple[str, str], lang: str, statement: str, words: str) -> None:
    assert words in turned(statement, evidence, lang)


@pytest.mark.parametrize(
    ("evidence", "lang", "statement"),
    [
        (NO_CITIZEN, "en", "The spokeswoman said Vietnamese citizens were among the victims."),
        (NO_CITIZEN, "vi", "Người phát ngôn cho biết có công dân Việt Nam trong số các nạn nhân."),
        (INSURANCE, "en", "The two officials agreed on insurance for tankers."),
        (INSURANCE, "vi", "Hai quan chức đã nhất trí về bảo hiểm cho tàu chở dầu."),
        (NOT_MET, "en", "The two have met since September."),
    ],
)
def test_a_negation_of_the_text_left_out(evidence: tuple[str, str], lang: str, statement: str) -> None:
    assert turned(statement, evidence, lang)


@pytest.mark.parametrize(
    ("evidence", "lang", "statement", "words"),
    [
        (RESUMED, "en", "The two ministers agreed to suspend the joint committee.", "suspend"),
        (RESUMED, "vi", "Hai Bộ trưởng nhất trí đình chỉ Ủy ban hỗn hợp.", "đình chỉ"),
        (ASEAN, "en", "Wang Yi and Lavrov opposed the central role of ASEAN.", "opposed"),
        (EXEMPT, "en", "Vietnam would exempt exported recycling equipment from duty.", "exported"),
        (
            ("vi", "Hai bên đặt mục tiêu giảm 40% lượng kháng sinh."),
            "en",
            "They aim to raise it by 40%.",
            "raise",
        ),
        (("zh", "黑龙江自俄罗斯进口大豆62万吨，同比增长18%。"), "vi", "Nhập khẩu đậu tương giảm 18%.", "giảm"),
        (("vi", "Hơn 14.000 người Việt đang sống ở đây."), "en", "Fewer than 14,000 live here.", "Fewer than"),
        (("vi", "Tỉnh sẽ trả lời trước ngày 30/4."), "en", "The province will answer after April 30.", "after"),
    ],
)
def test_the_opposite_of_what_the_text_says(evidence: tuple[str, str], lang: str, statement: str, words: str) -> None:
    assert words in turned(statement, evidence, lang)


@pytest.mark.parametrize(
    ("evidence", "lang", "statement"),
    [
        (
            RESUMED,
            "en",
            "The committee had been suspended for six years before they agreed to resume it.",
        ),
        (RESUMED, "vi", "Hai Bộ trưởng đồng ý khôi phục Ủy ban hỗn hợp về khoa học và công nghệ."),
        (NO_CITIZEN, "en", "No Vietnamese citizens were among the victims."),
        (INSURANCE, "en", "Insurance for tankers will be taken up in Moscow in April."),
        (INSURANCE, "vi", "Hai bên còn bất đồng về bảo hiểm cho tàu chở dầu."),
        (NOT_MET, "vi", "Hồi tháng 9, hai ông đặt mục tiêu thương mại 1,5 tỷ USD vào năm 2030."),
        (NOT_MET, "vi", "Hai ông chưa gặp lại nhau kể từ tháng 9."),
        (EXEMPT, "en", "Vietnam will not tax imported recycling equipment for five years."),
        (NOT_ONLY, "en", "Economic ties are growing in quantity and quality."),
        (
            ("vi", "Đại sứ công bố khoản viện trợ không hoàn lại."),
            "en",
            "The ambassador announced a grant.",
        ),
        (("vi", "Không quân Nga không thể không đáp trả."), "en", "The Russian air force had to respond."),
        (("en", "The minister failed to attend the talks."), "vi", "Bộ trưởng đã không dự hội đàm."),
        (("vi", "Ông Trần Quốc Thắng ký văn kiện."), "en", "Tran Quoc Thang signed the document."),
    ],
)
def test_other_words_for_the_same(evidence: tuple[str, str], lang: str, statement: str) -> None:
    assert turned(statement, evidence, lang) == ()


@pytest.mark.parametrize("evidence", [RESUMED, NO_CITIZEN, INSURANCE, NOT_MET, EXEMPT, ASEAN, NOT_ONLY])
def test_a_text_does_not_turn_itself_around(evidence: tuple[str, str]) -> None:
    assert turned(evidence[1], evidence, evidence[0]) == ()


def test_one_text_that_has_the_negation_is_enough() -> None:
    statement = "The two officials did not agree on insurance."
    texts = [Evidence(RESUMED[1], "vi"), Evidence(INSURANCE[1], "en")]
    assert unsupported(statement, lang="en", evidence=texts) == ()
    assert unsupported(statement, lang="en", evidence=texts[:1]) == ("not",)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=200), st.sampled_from(["en", "vi", "zh", "ru"]))
def test_any_text_is_read_and_words_are_the_statements_own(statement: str, text: str, lang: str) -> None:
    from rag.text import nfc

    for words in unsupported(statement, lang=lang, evidence=[Evidence(text, "en")]):
        assert words in nfc(statement)


VISITED = ("vi", "Bộ trưởng Ngoại giao Chile Rodrigo Valdebenito đã thăm Hà Nội và hội đàm với ông Lê Quang Vĩnh.")
TO_BE_SIGNED = ("en", "The formal agreement is to be signed in Surabaya in October.")


@pytest.mark.parametrize(
    ("evidence", "lang", "statement", "words"),
    [
        (VISITED, "en", "Chile's foreign minister will visit Hanoi.", "visit"),
        (VISITED, "vi", "Ông Valdebenito sẽ thăm Hà Nội.", "thăm"),
        (TO_BE_SIGNED, "vi", "Thỏa thuận đã được ký tại Surabaya.", "ký"),
        (TO_BE_SIGNED, "en", "The agreement was signed in Surabaya.", "signed"),
    ],
)
def test_what_is_planned_is_not_done(evidence: tuple[str, str], lang: str, statement: str, words: str) -> None:
    assert words in turned(statement, evidence, lang)


@pytest.mark.parametrize(
    ("evidence", "lang", "statement"),
    [
        (VISITED, "en", "Chile's foreign minister visited Hanoi."),
        (VISITED, "vi", "Ông Valdebenito thăm Hà Nội."),
        (TO_BE_SIGNED, "vi", "Thỏa thuận sẽ được ký tại Surabaya vào tháng 10."),
        (TO_BE_SIGNED, "en", "They plan to sign the agreement in October."),
    ],
)
def test_a_time_told_alike_or_not_told(evidence: tuple[str, str], lang: str, statement: str) -> None:
    assert turned(statement, evidence, lang) == ()


CLAIMED = ("en", "A group that calls itself the Banner claimed the attack in a message, which could not be verified.")
SUE = ("vi", "Blue Meridian bác bỏ cáo buộc và cho biết sẽ kiện.")
TO_LEAVE = ("vi", "Đại sứ Đỗ Hải Triều sẽ lên đường nhận nhiệm vụ vào giữa tháng 11.")
TESTED_ONCE = ("en", "Chairman Hoang Van Khanh asked that drivers be tested only once.")
NO_DEAL = ("en", "The two officials could not agree on insurance for tankers.")


@pytest.mark.parametrize(
    ("evidence", "lang", "statement"),
    [
        (CLAIMED, "en", "No group has claimed the attack."),
        (SUE, "en", "Blue Meridian said that it would not go to court."),
        (TO_LEAVE, "vi", "Đại sứ Đỗ Hải Triều đã hoãn vô thời hạn việc lên đường."),
        (TO_LEAVE, "en", "Ambassador Do Hai Trieu has called off his departure."),
        (TESTED_ONCE, "vi", "Ông Hoàng Văn Khánh phản đối việc chỉ kiểm tra lái xe một lần."),
        (NO_DEAL, "en", "The two officials reached a deal on insurance for tankers."),
        (("vi", "Đã tìm thấy ngư dân mất tích, sức khỏe ổn định."), "en", "The fisherman is in critical condition."),
    ],
)
def test_an_opposite_in_quite_other_words(evidence: tuple[str, str], lang: str, statement: str) -> None:
    assert turned(statement, evidence, lang)


@pytest.mark.parametrize(
    ("evidence", "lang", "statement"),
    [
        (CLAIMED, "en", "No one could verify the message."),
        (SUE, "en", "Blue Meridian does not accept the charges and will go to court."),
        (TO_LEAVE, "en", "The ambassador has not left yet."),
        (TO_LEAVE, "vi", "Ông chưa lên đường nhận nhiệm vụ."),
        (("en", "The visit was postponed to June."), "en", "The visit will take place in June."),
        (("en", "The visit will not take place."), "vi", "Chuyến thăm bị hủy."),
        (("vi", "Ông yêu cầu không tăng thuế."), "en", "He opposed a tax increase."),
    ],
)
def test_what_is_still_to_come_or_denied_elsewhere(evidence: tuple[str, str], lang: str, statement: str) -> None:
    assert turned(statement, evidence, lang) == ()


def test_hostile_text_is_read_in_bounded_time() -> None:
    started = time.perf_counter()
    for words in ("sẽ không hoãn ", "không ", "sẽ không hoãn, "):
        text = words * 100_000
        unsupported(text, lang="vi", evidence=[Evidence(text, "vi")])
    assert time.perf_counter() - started < 30
