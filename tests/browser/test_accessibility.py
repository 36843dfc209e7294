"""Every tab, in both languages and themes: axe finds nothing serious, nothing is in the wrong language or too wide."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from browser.conftest import Open
from browser.test_page import FLAGSHIP, ask
from rag.ui_words import catalogue

pytestmark = pytest.mark.browser

TABS = ("ask", "briefings", "events", "library", "evaluation", "settings")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = ("serious", "critical")


def choose(page: Any, tab: str) -> None:
    """Go to a tab as a reader does, through the menu where the window is too narrow to show it."""
    button = page.locator(f"#tab-{tab}-button")
    if not button.is_visible():
        page.locator("#tabs .overflow-menu > button").click()
        named = catalogue()[f"{tab}.tab"][page.evaluate("document.documentElement.lang")]
        button = page.locator("#tabs .overflow-dropdown").get_by_text(named, exact=True)
    button.click()
    page.locator(f"#tab-{tab}").wait_for()


def violations(page: Any) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "vi/"])
def test_axe_finds_nothing_serious_on_any_tab(visit: Open, seeds_page: str, path: str, theme: str) -> None:
    page = visit(seeds_page + path)
    page.evaluate(f"rag.theme('{theme}')")
    ask(page, FLAGSHIP).locator("a.cite").first.click()
    page.locator(".source mark").wait_for()
    found = {}
    for tab in TABS:
        choose(page, tab)
        page.wait_for_timeout(700)
        found[tab] = violations(page)
    assert {tab: each for tab, each in found.items() if each} == {}


@pytest.mark.parametrize("width", [360, 1920])
def test_no_tab_is_wider_than_the_window(visit: Open, seeds_page: str, width: int) -> None:
    page = visit(seeds_page, width=width)
    for tab in TABS:
        choose(page, tab)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") == width, tab


def test_the_vietnamese_page_says_no_english_word_of_the_page(visit: Open, seeds_page: str) -> None:
    page = visit(seeds_page + "vi/")
    ask(page, FLAGSHIP)
    english = {said["en"] for said in catalogue().values() if len(said["en"]) > 3 and "{" not in said["en"]}
    same = {said["vi"] for said in catalogue().values()}
    assert page.evaluate("document.documentElement.lang") == "vi"
    for tab in TABS:
        choose(page, tab)
        page.wait_for_timeout(500)
        shown = page.evaluate(
            """() => {
                const said = [];
                const own = '[lang="en"], .answer .statements, textarea, input';
                for (const each of document.querySelectorAll('.gradio-container *')) {
                    if (!each.getClientRects().length || each.closest(own)) continue;
                    for (const node of each.childNodes) if (node.nodeType === 3) said.push(node.data.trim());
                    for (const name of ['aria-label', 'title', 'placeholder']) said.push(each.getAttribute(name) || '');
                }
                return said;
            }"""
        )
        assert sorted(set(shown) & (english - same)) == [], tab
