"""Follow-up questions, as readers type them after an answer, and questions that stand alone, which stay as they are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.domain import Answer, NameKind, NameMatch, Statement
from rag.followup import complete, needs
from rag.text import language


def asked(question: str, *names: tuple[str, NameKind], said: str = "", rewritten: str | None = None) -> Answer:
    matches = tuple(NameMatch(query, kind, (query,), ("a1",)) for query, kind in names)
    lang = language(question)
    statements = (Statement(said, language(said), (), "supported"),) if said else ()
    return Answer(question, lang, statements, names=matches, rewritten=rewritten)


MINISTERS = asked("what did Lavrov and Wang Yi agree on?", ("Lavrov", "person"), ("Wang Yi", "person"))
LAVROV = asked("what did Lavrov say about China?", ("Lavrov", "person"), ("China", "place"))
JAKARTA = asked("Ông Lavrov đã gặp ai ở Jakarta?", ("Lavrov", "person"), ("Jakarta", "place"))
COUNTRIES = asked("Việt Nam và Trung Quốc đã ký gì?", ("Việt Nam", "place"), ("Trung Quốc", "place"))
KOREA = asked("Hàn Quốc đã phản ứng thế nào?", ("Hàn Quốc", "place"))
MERKEL = asked("Where did Angela Merkel meet Macron in 2021?", ("Angela Merkel", "person"), ("Macron", "person"))
SUMMIT = asked(
    "who spoke at the BRICS summit?", ("BRICS", "organisation"), said="President Cyril Ramaphosa opened the summit."
)
LADY = asked(
    "Bà Nguyễn Thị Kim Ngân và ông Sokolov đã bàn gì?", ("Nguyễn Thị Kim Ngân", "person"), ("Sokolov", "person")
)
THREE = asked("Who met Anna Lindqvist?", ("Anna Lindqvist", "person"), said="Anna Lindqvist met Tariq Khan in Lyon.")

FOLLOWUPS = [
    (LAVROV, "and what did he say about BRICS?", "and what did Lavrov say about BRICS?"),
    (JAKARTA, "Ông ấy đã nói gì về BRICS?", "Ông Lavrov đã nói gì về BRICS?"),
    (KOREA, "thế còn Nhật Bản?", "Nhật Bản đã phản ứng thế nào?"),
    (LAVROV, "thế còn Nhật Bản?", "what did Lavrov say about Nhật Bản?"),
    (LAVROV, "what about Japan?", "what did Lavrov say about Japan?"),
    (MINISTERS, "Where?", "what did Lavrov and Wang Yi agree on, and where?"),
    (COUNTRIES, "và khi nào?", "Việt Nam và Trung Quốc đã ký gì, và khi nào?"),
    (MERKEL, "When?", "When did Angela Merkel meet Macron in 2021?"),
    (MERKEL, "and in 2022?", "Where did Angela Merkel meet Macron in 2022?"),
    (MERKEL, "What about Scholz?", "Where did Angela Merkel meet Scholz in 2021?"),
    (MINISTERS, "Hai bên đã ký những gì?", "Lavrov và Wang Yi đã ký những gì?"),
    (MINISTERS, "When did they meet?", "When did Lavrov and Wang Yi meet?"),
    (MINISTERS, "What did the two ministers say about Ukraine?", "What did Lavrov and Wang Yi say about Ukraine?"),
    (JAKARTA, "Ai nữa đã có mặt ở đó?", "Ai nữa đã có mặt ở Jakarta?"),
    (MINISTERS, "Cuộc gặp này diễn ra ở đâu?", "Cuộc gặp giữa Lavrov và Wang Yi diễn ra ở đâu?"),
    (MINISTERS, "When did the meeting take place?", "When did the meeting of Lavrov and Wang Yi take place?"),
    (COUNTRIES, "Hai nước đã thống nhất gì về biển?", "Việt Nam và Trung Quốc đã thống nhất gì về biển?"),
    (JAKARTA, "và ở Hà Nội?", "Ông Lavrov đã gặp ai ở Hà Nội?"),
    (LAVROV, "in Hanoi?", "what did Lavrov say about China in Hanoi?"),
    (LAVROV, "about BRICS?", "what did Lavrov say about BRICS?"),
    (LAVROV, "What was his message to Kyiv?", "What was Lavrov's message to Kyiv?"),
    (LAVROV, "When did he go there?", "When did Lavrov go to China?"),
    (MINISTERS, "When was it signed?", "When was it signed (Lavrov, Wang Yi)?"),
    (JAKARTA, "Nói gì về Ukraine?", "Lavrov nói gì về Ukraine?"),
    (LAVROV, "And Blinken?", "what did Blinken say about China?"),
    (LAVROV, "what about the Japanese foreign minister?", "what did the Japanese foreign minister say about China?"),
    (COUNTRIES, "năm 2023?", "Năm 2023, Việt Nam và Trung Quốc đã ký gì?"),
    (COUNTRIES, "va khi nao?", "Việt Nam và Trung Quốc đã ký gì, và khi nao?"),
    (LAVROV, "ong ay da noi gi ve BRICS?", "ong Lavrov da noi gi ve BRICS?"),
    (SUMMIT, "What did the president say about gold?", "What did Cyril Ramaphosa say about gold?"),
    (COUNTRIES, "vào ngày nào?", "Việt Nam và Trung Quốc đã ký gì, và vào ngày nào?"),
    (MERKEL, "In which city?", "Where did Angela Merkel meet Macron in 2021, and in which city?"),
    (MINISTERS, "Did both of them attend?", "Did Lavrov and Wang Yi attend?"),
    (MINISTERS, "hai ben da ky gi?", "Lavrov và Wang Yi da ky gi?"),
]

HELD_OUT = [
    (SUMMIT, "What did he say about trade?", "What did Cyril Ramaphosa say about trade?"),
    (LADY, "Bà ấy nói gì về năng lượng?", "Bà Nguyễn Thị Kim Ngân nói gì về năng lượng?"),
    (THREE, "Did she sign anything with him?", "Did Anna Lindqvist sign anything with him?"),
    (KOREA, "Còn Triều Tiên thì sao?", "Triều Tiên đã phản ứng thế nào?"),
    (KOREA, "vì sao?", "Hàn Quốc đã phản ứng vì sao?"),
    (MERKEL, "Why?", "Why did Angela Merkel meet Macron in 2021?"),
    (MERKEL, "What did both sides promise?", "What did Angela Merkel and Macron promise?"),
    (MERKEL, "who else was there?", "Angela Merkel"),
    (MINISTERS, "How long did these talks last?", "How long did the talks of Lavrov and Wang Yi last?"),
    (MINISTERS, "Họ đã nói gì về Biển Đông?", "Lavrov và Wang Yi đã nói gì về Biển Đông?"),
    (MINISTERS, "Quan hệ giữa hai bên ra sao?", "Quan hệ giữa Lavrov và Wang Yi ra sao?"),
    (COUNTRIES, "Còn Lào thì sao?", "Việt Nam và Lào đã ký gì?"),
    (COUNTRIES, "Thỏa thuận này có hiệu lực khi nào?", "Thỏa thuận giữa Việt Nam và Trung Quốc có hiệu lực khi nào?"),
    (JAKARTA, "Ông ta đến đó khi nào?", "Ông Lavrov đến Jakarta khi nào?"),
    (JAKARTA, "còn ở Bangkok?", "Ông Lavrov đã gặp ai ở Bangkok?"),
    (JAKARTA, "Người này giữ chức vụ gì?", "Lavrov giữ chức vụ gì?"),
    (JAKARTA, "với ai nữa?", "Ông Lavrov đã gặp ai ở Jakarta, và với ai nữa?"),
    (LAVROV, "how about India?", "what did Lavrov say about India?"),
    (LAVROV, "Did he meet Modi?", "Did Lavrov meet Modi?"),
    (LAVROV, "Who else met him?", "Who else met Lavrov?"),
    (LAVROV, "and what about President Xi Jinping?", "what did Xi Jinping say about China?"),
    (LAVROV, "Who is the president of that country?", "Who is the president of China?"),
    (LAVROV, "in October 2023?", "what did Lavrov say about China in October 2023?"),
    (LAVROV, "When and where did he say this?", "When and where did Lavrov say this?"),
    (LAVROV, "tell me what he proposed", "tell me what Lavrov proposed"),
]

ALONE = [
    "What did Macron say about China?",
    "Is it true that Lavrov visited Hanoi?",
    "Ông Macron đã nói gì?",
    "Did the French president say he would resign?",
    "Who met whom, and when?",
    "Ai đã gặp ai?",
    "When Macron met Scholz, what did they discuss?",
    "How long does it take to fly to Jakarta?",
    "Which companies said they would invest?",
    "Hai bên Việt Nam và Trung Quốc đã ký gì?",
    "What is ASEAN?",
    "Có bao nhiêu người chết trong trận lũ?",
    "Is there a strike in France?",
    "Were there any casualties?",
    "Bà Merkel đã nói gì?",
    "What did the two sides, Vietnam and China, sign?",
    "Giá vàng hôm nay thế nào?",
    "Tổng thống Pháp nói ông ấy sẽ làm gì?",
    "What happened in Paris?",
    "Dòng họ Nguyễn ở đâu?",
]
ALONE_HELD_OUT = [
    "Why did the central bank say it would raise rates?",
    "What did the minister of trade of France announce?",
    "Which countries sent their ministers to Geneva?",
    "Is it likely that Turkey leaves NATO?",
    "Ông Putin và ông Tập Cận Bình gặp nhau ở đâu?",
    "Ngân hàng Nhà nước quyết định gì về lãi suất?",
    "Who won the election in Argentina?",
    "Còn bao nhiêu người mất tích sau trận động đất?",
    "When did Modi say he would visit Kyiv?",
    "How many people died and where were they from?",
    "Thủ tướng Phạm Minh Chính đã gặp ai trong chuyến thăm Lào?",
    "What did Biden tell his aides?",
    "Ông bà nội của Obama là ai?",
    "Hội nghị thượng đỉnh ASEAN diễn ra ở đâu?",
    "Gặp Thủ tướng Hun Sen, ông Lavrov nói gì?",
]
EARLIER = [MINISTERS, LAVROV, JAKARTA, COUNTRIES, SUMMIT, LADY]


@pytest.mark.parametrize(("earlier", "question", "whole"), FOLLOWUPS)
def test_a_followup_is_made_to_stand_alone(earlier: Answer, question: str, whole: str) -> None:
    lang = language(question)
    assert complete(question, [earlier], lang=lang) == whole
    assert needs(question, [earlier], lang=lang)


@pytest.mark.parametrize(("earlier", "question", "whole"), HELD_OUT)
def test_followups_that_the_rules_were_not_written_on(earlier: Answer, question: str, whole: str) -> None:
    assert whole in complete(question, [earlier], lang=language(question))


@pytest.mark.parametrize("question", ALONE + ALONE_HELD_OUT)
def test_a_question_that_stands_alone_is_returned_unchanged(question: str) -> None:
    lang = language(question)
    assert [complete(question, [earlier], lang=lang) for earlier in EARLIER] == [question] * len(EARLIER)
    assert not needs(question, EARLIER, lang=lang)


@pytest.mark.parametrize("question", ["and what did he say?", "Where?", "thế còn Nhật Bản?"])
def test_without_an_earlier_question_nothing_is_rewritten(question: str) -> None:
    assert complete(question, [], lang=language(question)) == question
    assert not needs(question, [], lang=language(question))


def test_a_chain_of_followups_reads_the_question_as_it_was_rewritten() -> None:
    second = asked("and where?", ("Lavrov", "person"), rewritten="who met Lavrov, and where?")
    assert complete("What did he say?", [LAVROV, second], lang="en") == "What did Lavrov say?"


def test_a_pronoun_looks_past_a_question_without_persons() -> None:
    between = asked("What is ASEAN?", ("ASEAN", "organisation"))
    assert complete("What did he sign?", [LAVROV, between], lang="en") == "What did Lavrov sign?"


def test_of_two_persons_neither_is_guessed() -> None:
    assert complete("What did he say?", [MINISTERS], lang="en") == "What did he say?"
    assert needs("What did he say?", [MINISTERS], lang="en")  # a model can be asked


@pytest.mark.parametrize("question", ["Что он сказал о БРИКС?", "А Япония?", "他说了什么？", "日本呢？"])
def test_in_languages_without_rules_a_model_is_asked(question: str) -> None:
    lang = language(question)
    assert needs(question, [LAVROV], lang=lang)
    assert complete(question, [LAVROV], lang=lang) == question


@pytest.mark.parametrize("question", ["Что сказал Лавров о БРИКС?", "王毅会见了谁？", "Где прошёл саммит АСЕАН?"])
def test_in_languages_without_rules_a_whole_question_is_left_alone(question: str) -> None:
    assert not needs(question, [LAVROV], lang=language(question))


@given(st.text(max_size=200), st.sampled_from(["en", "vi", "zh", "ru", "xx"]))
@settings(max_examples=150, deadline=None)
def test_any_text_comes_back_as_text(question: str, lang: str) -> None:
    whole = complete(question, EARLIER, lang=lang)
    assert whole == question or needs(question, EARLIER, lang=lang)


@pytest.mark.parametrize("part", ["and ", "he ", "what the ", "ông ấy ", "what about ", "Lavrov "])
def test_a_long_question_takes_no_longer_than_reading_it(part: str) -> None:
    started = time.perf_counter()
    for times in (60, 300, 100_000):
        complete(part * times, EARLIER, lang="en")
        complete(part * times, EARLIER, lang="vi")
    assert time.perf_counter() - started < 5
