import asyncio
import html
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, cast

import pytest
from fakes import FakeDesk
from hypothesis import given
from hypothesis import strategies as st

from rag import answer_html, source_panel, ui, ui_ask
from rag.answer_html import escaped, notice_html, question_html, writing_html
from rag.cite import cite, quoted
from rag.desk import Desk
from rag.domain import Answer, Article, Conflict, NameMatch, Source, Statement
from rag.errors import InputError, StoreError
from rag.limits import Filters
from rag.live import Live
from rag.talk import Talk, Turn, answer_markdown, answered, hints, messages
from rag.ui_page import Page
from rag.ui_talks import Talks
from rag.ui_words import Words

HOSTILE = (
    "<script>alert(1)</script><img src=http://evil.example/a.png onerror=alert(2)>![x](http://evil.example/b.png)"
    "[y](javascript:alert(3)) {{handlebars}} ${document.cookie} $$x^2$$ `code` # not a heading https://evil.example"
)
ARTICLE = Article(
    Source("a1", "/news/một.txt", "0" * 64, outlet="TTXVN", lang="vi"),
    "Ngày 13/7, hai bên đã gặp nhau. 👋\nHai bên ủng hộ ASEAN.\nHọ sẽ gặp lại.",
)


SAY = Words("en")


def shown_html(answer: Answer, **given: Any) -> str:
    return answer_html.answer_html(answer, SAY, **given)


def passage(desk: FakeDesk, where: Any) -> dict[str, Any]:
    return source_panel.passage(as_desk(desk), where, SAY)


def as_desk(fake: FakeDesk) -> Desk:
    return cast(Desk, fake)


def of(article: Article, *quotes: str) -> Answer:
    found = [(article.text.index(quote), article.text.index(quote) + len(quote)) for quote in quotes]
    return Answer("hỏi?", "vi", tuple(quoted(article, start, end) for start, end in found))


class Tags(HTMLParser):
    """The tags and the text that a browser makes of a string."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_escaped_text_holds_no_character_that_markup_begins_with(text: str) -> None:
    assert re.fullmatch(r"(?:[A-Za-z0-9 ]|[^\x00-\x7f]|&#\d+;)*", escaped(text))


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_escaped_text_reads_as_it_was_with_single_spaces(text: str) -> None:
    assert html.unescape(escaped(text)) == " ".join(text.split())


def test_an_answer_numbers_its_statements_and_links_each_to_its_span() -> None:
    answer = of(ARTICLE, "Hai bên ủng hộ ASEAN.", "Họ sẽ gặp lại.")
    shown = Tags(shown_html(answer))
    links = [value for name, value in shown.attributes if name == "href"]
    first, second = (statement.citations[0] for statement in answer.statements)
    assert links == [f"#source-a1-{first.start}-{first.end}", f"#source-a1-{second.start}-{second.end}"]
    assert "Hai bên ủng hộ ASEAN. [1]" in shown.text
    assert "Họ sẽ gặp lại. [2]" in shown.text
    assert ("lang", "vi") in shown.attributes


def test_statements_that_cite_the_same_span_share_its_number() -> None:
    first, second = (cite(ARTICLE, 0, 31), cite(ARTICLE, 34, 56))
    statements = (
        Statement("Họ gặp nhau.", "vi", (first,), "supported"),
        Statement("Họ gặp nhau và ủng hộ ASEAN.", "vi", (first, second), "supported"),
    )
    assert re.findall(r"\[\d+\]", Tags(shown_html(Answer("?", "vi", statements))).text) == ["[1]", "[1]", "[2]"]


def test_an_answer_says_which_spelling_of_a_name_was_matched() -> None:
    names = (NameMatch("Wang Yi", "person", ("Vương Nghị",), ("a1",)),)
    answer = Answer("?", "en", of(ARTICLE, "Họ sẽ gặp lại.").statements, names=names)
    assert "Wang Yi → Vương Nghị" in Tags(shown_html(answer)).text


def test_a_refusal_says_why_and_cites_nothing() -> None:
    shown = Tags(shown_html(Answer("?", "en", reason="no article mentions Blinken")))
    assert shown.text == "The articles do not say: no article mentions Blinken."
    assert "a" not in shown.tags


@pytest.mark.parametrize("where", ["text", "title", "outlet", "author", "lang", "name", "reason", "question", "error"])
def test_hostile_words_stay_text_wherever_they_stand(where: str) -> None:
    source = {"title": "Tin", "outlet": "Báo", "author": "An", "lang": "vi", where: HOSTILE}
    text = HOSTILE if where == "text" else "Hai bên đã gặp nhau."
    stated = cast(Any, {name: source[name] for name in ("title", "outlet", "author", "lang")})
    article = Article(replace(Source("a1", "a.txt", "0"), **stated), text)
    names = (NameMatch(HOSTILE, "person", (HOSTILE,)),) if where == "name" else ()
    shown = [
        shown_html(Answer("?", "en", of(article, text).statements, names=names)),
        shown_html(Answer("?", "en", names=names, reason=HOSTILE)),
        question_html(HOSTILE),
        notice_html(HOSTILE),
    ]
    for markup in shown:
        made = Tags(markup)
        assert set(made.tags) <= {"div", "ol", "li", "span", "a", "br"}
        assert all(value and value.startswith("#source-") for name, value in made.attributes if name == "href")
        assert {name for name, _ in made.attributes} <= {"class", "lang", "dir", "href", "title", "role"}
        assert not re.search(r"[`*_$\\{}!]|https?:", re.sub(r'&#\d+;|="[^"]*"', "", markup))


def test_a_passage_is_the_article_cut_at_the_quote_to_the_character() -> None:
    citation = of(ARTICLE, "Hai bên ủng hộ ASEAN.").statements[0].citations[0]
    found = passage(FakeDesk([ARTICLE]), answer_html.address(citation))
    assert found["quote"] == citation.quote
    assert found["before"] + found["quote"] + found["after"] == ARTICLE.text


def test_a_passage_says_what_its_page_does_not_state() -> None:
    fields = dict(passage(FakeDesk([ARTICLE]), "a1-0-4")["fields"])
    assert fields == {"Outlet": "TTXVN", "Date": "not stated", "Language": "vi", "File": "/news/một.txt"}


def test_a_passage_of_a_jsonl_file_names_its_line() -> None:
    article = Article(Source("a2", "/news/x.jsonl", "0", item=12, url="https://news.example/a"), "Tin.")
    fields = dict(passage(FakeDesk([article]), "a2-0-4")["fields"])
    assert fields["File"] == "/news/x.jsonl line 12"
    assert fields["Address"] == "https://news.example/a"


def test_a_page_for_others_tells_no_folder_of_this_machine() -> None:
    found = source_panel.passage(as_desk(FakeDesk([ARTICLE])), "a1-0-0", SAY, local=False)
    assert dict(found["fields"])["File"] == "một.txt"
    assert (found["before"], found["quote"], found["after"]) == ("", "", ARTICLE.text)


NOWHERE: tuple[object, ...] = (
    "",
    "a1",
    "a1-0",
    "a1-x-4",
    "a1-4-0",
    "a1-0-9999",
    "gone-0-4",
    "a1--1-4",
    "a1-0-" + "9" * 5000,
    None,
    {},
)


@pytest.mark.parametrize("where", NOWHERE)
def test_an_address_that_leads_nowhere_is_an_error_in_words(where: Any) -> None:
    found = passage(FakeDesk([ARTICLE]), where)
    assert list(found) == ["error"]
    assert found["error"]


EMPTY = Talk()


class Unsaved(Talks):
    """Conversations that are kept in the window alone."""

    def kept(self, talk: Talk, turn: Turn, owner: str) -> Talk:
        return talk.with_turn(turn)


def told(desk: FakeDesk, question: str, talk: Talk = EMPTY, stop_at: str = "") -> tuple[list[str], Talk]:
    """The message as it grows while a question is answered, and the conversation after it."""
    page = Page(lambda: as_desk(desk), SAY)

    async def asked() -> tuple[list[str], Talk]:
        shown, running = [], []
        async with Live(lambda stop: desk.stream(question, history=talk.history, stop=stop)) as stream:
            replies = ui_ask.replies(
                stream, talk, question, page, filters=Filters(), talks=Unsaved(page), owner="somebody"
            )
            async for (_, chat, told_now), still in replies:
                now = told_now
                shown.append(chat[-1]["content"])
                running.append(still)
                if stop_at and stop_at in shown[-1]:
                    stream.stop()
        assert running == [True] * (len(running) - 1) + [False]
        return shown, now

    with ThreadPoolExecutor(1) as thread:  # this one may have a loop of a browser's
        return thread.submit(lambda: asyncio.run(asked())).result()


def test_statements_appear_one_by_one_and_then_the_whole_answer() -> None:
    answer = of(ARTICLE, "Hai bên ủng hộ ASEAN.", "Họ sẽ gặp lại.")
    shown, talk = told(FakeDesk([ARTICLE], [answer]), "?")
    assert [Tags(message).tags.count("li") for message in shown] == [0, 1, 2, 2]
    assert shown[-1].startswith(shown_html(answer))
    assert talk.history == (answer,)


def test_a_conversation_remembers_its_last_answers() -> None:
    answer = of(ARTICLE, "Họ sẽ gặp lại.")
    earlier = tuple(Answer(f"{number}?", "vi") for number in range(30))
    desk = FakeDesk([ARTICLE], [answer])
    _, talk = told(desk, "và khi nào?", Talk(turns=tuple(Turn(each.question, "", each) for each in earlier)))
    assert desk.histories == [earlier[-20:]]
    assert talk.history == (*earlier[-19:], answer)
    assert len(talk.turns) == 31


def test_a_stopped_answer_keeps_its_statements_and_ends_the_models_work() -> None:
    answer = of(ARTICLE, "Hai bên ủng hộ ASEAN.", "Họ sẽ gặp lại.", "Ngày 13/7, hai bên đã gặp nhau.")
    desk = FakeDesk([ARTICLE], [answer], pause=0.3)
    shown, talk = told(desk, "?", stop_at="ASEAN")
    assert Tags(shown[-1]).tags.count("li") == 1
    assert "Stopped" in Tags(shown[-1]).text
    assert talk.history == ()
    assert desk.closed.wait(5)


def test_a_turn_that_is_asked_again_takes_its_place_and_those_after_it() -> None:
    talk = Talk("c1", tuple(Turn(f"{n}?", "", Answer(f"{n}?", "en")) for n in range(4)))
    assert [turn.question for turn in talk.before(2).turns] == ["0?", "1?"]
    assert talk.before(2).id == "c1"


def test_what_copy_gives_is_markdown_with_every_quote_and_its_span() -> None:
    answer = of(ARTICLE, "Hai bên ủng hộ ASEAN.")
    copied = answer_markdown(answer, SAY)
    citation = answer.statements[0].citations[0]
    assert f"(a1, {citation.start}-{citation.end})" in copied
    assert "“Hai bên ủng hộ ASEAN.”" in copied
    assert "\\<script\\>" in answer_markdown(replace(answer, question="<script>"), SAY)
    turn = answered(answer, SAY, question="hỏi?", filters=Filters())
    page = Tags(messages(Talk(turns=(turn,)), SAY)[-1]["content"])
    assert copied in page.text


def test_a_refusal_says_what_to_try(desk: Desk) -> None:
    refused = desk.ask("what did Lavrov and Blinken agree on?")
    tried = list(hints(refused, desk, SAY, limited=True))
    assert tried[0].startswith("“Blinken” is in no article.")
    assert any("without the limits" in each for each in tried)


def test_each_language_of_the_page_says_the_same_answer_in_its_own_words() -> None:
    answer = Answer("?", "vi", reason="không bài nào nhắc đến Blinken", names=(NameMatch("Blinken", "person", ()),))
    page = Tags(answer_html.answer_html(answer, Words("vi")))
    assert page.text == "Các bài không nói: không bài nào nhắc đến Blinken.Tên: Blinken → không thấy"
    assert "Đang viết" in Tags(writing_html((), Words("vi"))).text


PROSE = Answer(
    "What did they support?",
    "en",
    (
        Statement("They supported ASEAN.", "en", (cite(ARTICLE, 34, 55),), "supported"),
        Statement(
            "They will meet.", "en", (cite(ARTICLE, 56, 70),), "partial", ("content: only a part of it is near",)
        ),
    ),
    rejected=(Statement(HOSTILE, "en", (), "unsupported", (f"name: {HOSTILE}",)),),
    mode="llm",
    model="m",
    rewritten="What did Lavrov and Wang Yi support?",
    conflicts=(Conflict("figure", (("5 người", cite(ARTICLE, 0, 31)), ("7 người", cite(ARTICLE, 34, 55)))),),
    notices=("the model stopped early",),
)


def test_prose_shows_its_support_in_words_and_the_original_beside_it() -> None:
    shown = Tags(shown_html(PROSE))
    assert "Asked as: What did Lavrov and Wang Yi support?" in shown.text
    assert "They supported ASEAN. [1] (supported)Hai bên ủng hộ ASEAN." in shown.text
    assert "They will meet. [2] (partial: content: only a part of it is near)" in shown.text
    assert "the model stopped early" in shown.text
    assert "Read the original." in shown.text


def test_a_conflict_cites_both_articles() -> None:
    shown = Tags(shown_html(PROSE))
    assert "The articles give different figures:5 người [3]" in shown.text
    assert "7 người [1]" in shown.text


def test_what_failed_the_check_is_folded_away_with_its_reasons_as_text() -> None:
    markup = shown_html(PROSE)
    folded = Tags(markup[markup.index("<details") : markup.index("</details>")])
    assert set(folded.tags) == {"details", "summary", "ol", "li", "span"}
    assert "Set aside, for they failed the check: 1 (name 1)" in folded.text
    assert folded.text.count("<script>alert(1)</script>") == 2
    assert ("open", None) not in folded.attributes


def test_extracts_bear_no_warning_about_a_model() -> None:
    shown = Tags(shown_html(of(ARTICLE, "Họ sẽ gặp lại.")))
    assert "language model" not in shown.text
    assert "(quoted)" in shown.text


def test_a_failure_is_one_notice() -> None:
    failing = FakeDesk([], [StoreError("another embedder made it; run `rag reindex`")])
    shown = Tags(told(failing, "?")[0][-1])
    assert shown.text.startswith("another embedder made it; run `rag reindex`")
    assert ("role", "alert") in shown.attributes


def test_a_fault_of_ours_leaves_a_page_that_can_be_asked_again() -> None:
    shown, talk = told(FakeDesk([], [ZeroDivisionError("of ours")]), "?")
    assert "try again" in Tags(shown[-1]).text
    assert "of ours" not in shown[-1]
    assert talk.history == ()


def test_the_empty_store_says_what_to_do() -> None:
    assert "rag ingest PATH" in ui.status(as_desk(FakeDesk()), SAY)
    assert ui.status(as_desk(FakeDesk([ARTICLE])), SAY).startswith("1 article to ask")
    two = [ARTICLE, Article(Source("a2", "b.txt", "0"), "Tin.")]
    assert ui.status(as_desk(FakeDesk(two)), SAY).startswith("2 articles to ask")
    assert ui.status(as_desk(FakeDesk(two)), Words("vi")).startswith("Có 2 bài")


def test_the_page_loads_nothing_from_another_host_and_forbids_it() -> None:
    from starlette.testclient import TestClient

    with TestClient(ui.application(as_desk(FakeDesk([ARTICLE]))), base_url="http://127.0.0.1") as browser:
        page, theme = browser.get("/"), browser.get("/theme.css")
    assert page.headers["content-security-policy"] == ui.POLICY
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//[^\s"'>]+""", page.text)
    assert not re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//[^\s"')]+""", page.text + theme.text)


def test_a_port_that_is_taken_is_an_error_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port}: .* --port"):
            ui.serve(as_desk(FakeDesk()), port=port)
