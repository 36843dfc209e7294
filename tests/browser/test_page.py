from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeDesk

from browser.conftest import Open, serving, serving_here
from rag.cite import quoted
from rag.desk import Desk
from rag.domain import Answer, Article, NameMatch, Source
from rag.errors import StoreError

pytestmark = pytest.mark.browser

FLAGSHIP = "what did Lavrov and Wang Yi agree on?"
REFUSED = "what did Lavrov and Blinken agree on?"
HOSTILE = (
    '<script>alert(1)</script><img src="http://evil.example/a.png" onerror="alert(2)"> '
    "![x](http://evil.example/b.png) [y](javascript:alert(3)) {{handlebars}} ${alert(4)} $$x^2$$ `code` **bold**"
)


def ask(page: Any, question: str) -> Any:
    """Type a question and press Enter; the turn's answer."""
    answers = page.locator("#chat .answer, #chat .notice")
    turn = answers.count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    answers.nth(turn).wait_for()
    return answers.nth(turn)


def opened(page: Any, quote: str) -> Any:
    """The source panel's mark, once it holds the quote, inside the window and inside the panel's visible part."""
    mark = page.locator(".source .text mark")
    page.wait_for_function("quote => document.querySelector('.source mark')?.textContent === quote", arg=quote)
    page.wait_for_function(
        """() => {
            const [mark, text] = ['.source mark', '.source .text'].map(
                (selector) => document.querySelector(selector).getBoundingClientRect());
            return mark.top >= Math.max(0, text.top) && mark.top < Math.min(innerHeight, text.bottom)
                && mark.left >= 0 && mark.right <= innerWidth;
        }"""
    )
    return mark


def quotes(answer: Answer) -> list[str]:
    return [statement.citations[0].quote for statement in answer.statements]


def test_a_click_on_a_citation_shows_the_sentence_highlighted_in_its_article(
    visit: Open, seeds_page: str, desk: Desk
) -> None:
    page = visit(seeds_page)
    answer = ask(page, FLAGSHIP)
    expected = desk.ask(FLAGSHIP)
    assert answer.locator("a.cite").count() == len(expected.statements) > 1
    for number, statement in enumerate(expected.statements):
        assert " ".join(statement.text.split()) in answer.inner_text()
        answer.locator("a.cite").nth(number).click()
        citation = statement.citations[0]
        opened(page, citation.quote)
        assert page.locator(".source .text").text_content() == desk.show(citation.source.id).article.text
    assert "Wang Yi → Vương Nghị" in answer.inner_text()
    assert page.locator(".source dl").inner_text().split("\n").count("not stated") >= 1


def test_citations_of_earlier_turns_still_open_their_own_sources(visit: Open, seeds_page: str, desk: Desk) -> None:
    second = "Tống Đào và Lê Hoài Trung đã ký những gì?"
    page = visit(seeds_page)
    earlier, later = ask(page, FLAGSHIP), ask(page, second)
    later.locator("a.cite").first.click()
    opened(page, quotes(desk.ask(second))[0])
    earlier.locator("a.cite").first.click()
    opened(page, quotes(desk.ask(FLAGSHIP))[0])


def test_a_refusal_says_why_and_cites_nothing(visit: Open, seeds_page: str) -> None:
    answer = ask(visit(seeds_page), REFUSED)
    assert "The articles do not say: no article mentions Blinken." in answer.inner_text()
    assert answer.locator("a").count() == 0


def test_an_example_question_is_asked_by_a_click(visit: Open, seeds_page: str) -> None:
    page = visit(seeds_page)
    page.locator("#chat .example").first.click()
    page.locator("#chat .answer a.cite").first.wait_for()


def test_the_keyboard_alone_asks_opens_and_goes_back(visit: Open, seeds_page: str, desk: Desk) -> None:
    page = visit(seeds_page, width=360, height=740)
    ask(page, FLAGSHIP).locator("a.cite").first.focus()
    page.keyboard.press("Enter")
    opened(page, quotes(desk.ask(FLAGSHIP))[0])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Back to the citation"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "[1]"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    opened(page, quotes(desk.ask(FLAGSHIP))[1])


@pytest.mark.parametrize("width", [360, 1920])
def test_nothing_is_wider_than_the_window(visit: Open, seeds_page: str, width: int) -> None:
    page = visit(seeds_page, width=width)
    ask(page, FLAGSHIP).locator("a.cite").first.click()
    page.locator(".source mark").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    beside = page.evaluate(
        "document.querySelector('.source').getBoundingClientRect().left"
        " >= document.querySelector('#chat').getBoundingClientRect().right"
    )
    assert beside == (width == 1920)


def test_hostile_articles_and_questions_are_shown_as_text(visit: Open, servers: ExitStack) -> None:
    source = Source("a1", HOSTILE, "0", outlet=HOSTILE, title=HOSTILE, author=HOSTILE, url=HOSTILE, lang="vi")
    article = Article(source, f"Đầu bài 👋. {HOSTILE}\n{HOSTILE} Cuối bài.")
    start = article.text.index(HOSTILE)
    answer = Answer(
        HOSTILE,
        "en",
        (quoted(article, start, start + len(HOSTILE)),),
        names=(NameMatch(HOSTILE, "person", (HOSTILE,), ("a1",)),),
    )
    refusal = Answer(HOSTILE, "en", reason=HOSTILE)
    failure = StoreError(HOSTILE)
    address = servers.enter_context(serving_here(FakeDesk([article], [answer, refusal, failure])))
    page = visit(address)
    said = ask(page, HOSTILE)
    assert said.inner_text().count(HOSTILE) == 5  # statement, title, outlet, name, spelling
    said.locator("a.cite").click()
    opened(page, HOSTILE)
    assert page.locator(".source .text").text_content() == article.text
    assert page.locator(".source h2").text_content() == HOSTILE
    assert HOSTILE in ask(page, HOSTILE).inner_text()
    assert HOSTILE in ask(page, HOSTILE).inner_text()
    assert [text.strip() for text in page.locator("#chat [data-testid=user]").all_inner_texts()] == [HOSTILE] * 3
    inside = "#chat [role=log] :is(script, img, iframe, strong, code, .katex), .source :is(script, img, a)"
    assert page.locator(inside).count() == 0


def test_the_empty_store_says_what_to_do(visit: Open, servers: ExitStack, chromium: Any, tmp_path: Path) -> None:
    address = servers.enter_context(serving(tmp_path / "store"))
    page = visit(address)
    assert "rag ingest" in page.locator("#title").inner_text()
    assert "rag ingest" in ask(page, FLAGSHIP).inner_text()
