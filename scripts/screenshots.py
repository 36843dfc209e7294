"""Take the pictures of the page in docs/images/: every tab, both themes, and Vietnamese and narrow ones.

Run with Chromium on the machine: `python scripts/screenshots.py`. The articles are those of seeds/ and of
eval/data/synthetic/, in a store that is thrown away.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.ui_words import catalogue

HERE = Path(__file__).resolve().parent.parent
IMAGES = HERE / "docs" / "images"
ARTICLES = (HERE / "seeds", HERE / "eval" / "data" / "synthetic")
TABS = ("ask", "briefings", "events", "library", "evaluation", "settings")
QUESTIONS = {"en": "what did Lavrov and Wang Yi agree on?", "vi": "Lavrov và Vương Nghị đã thống nhất những gì?"}
BINARIES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
SETTLED = 1_500  # ms


def main() -> None:
    from playwright.sync_api import sync_playwright

    binary = next((found for name in BINARIES if (found := shutil.which(name))), None)
    if binary is None:
        sys.exit("no Chromium here; on Debian: apt-get install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = Path(folder) / "store"
        rag("ingest", *map(str, ARTICLES), "--store", str(store))
        browser = playwright.chromium.launch(executable_path=binary, args=ARGUMENTS)
        with serving(store) as address:
            for theme in ("light", "dark"):
                shoot(browser, address, "en", theme, TABS, width=1280)
            shoot(browser, address, "vi", "light", TABS, width=1280)
            shoot(browser, address, "vi", "light", TABS[:4], width=360)
            shoot(browser, address, "en", "light", TABS[:2], width=1920)
        browser.close()


def rag(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "rag.cli", *arguments], check=True)


@contextmanager
def serving(store: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+", line)))
        try:
            yield address
        finally:
            server.terminate()


def shoot(browser: Any, address: str, lang: str, theme: str, tabs: tuple[str, ...], *, width: int) -> None:
    """Visit the tabs as a reader does, and keep a picture of each."""
    page = browser.new_page(viewport={"width": width, "height": 860}, color_scheme=theme)
    page.goto(address + ("vi/" if lang == "vi" else ""))
    page.wait_for_function("document.querySelector('#title p')?.textContent")
    for tab in tabs:
        visit(page, tab)
        if tab == "ask":
            page.locator("#question textarea").fill(QUESTIONS[lang])
            page.keyboard.press("Enter")
            page.locator("#chat .actions").wait_for()
            if width > 860:
                page.locator("#chat a.cite").first.click()
                page.locator(".source mark").wait_for()
        page.wait_for_timeout(SETTLED)
        size = "" if width == 1280 else f"-{width}"
        keep(page.screenshot(), IMAGES / f"{tab}-{lang}-{theme}{size}.png")
        print(f"{tab} {lang} {theme} {width}", file=sys.stderr)
    page.close()


def keep(picture: bytes, path: Path) -> None:
    """A picture of few colours, a third of the bytes."""
    from PIL import Image

    Image.open(io.BytesIO(picture)).convert("RGB").quantize(128).save(path, optimize=True)


def visit(page: Any, tab: str) -> None:
    """Open a tab, through the menu where the window is too narrow to show its name."""
    button = page.locator(f"#tab-{tab}-button")
    if not button.is_visible():
        page.locator("#tabs .overflow-menu > button").click()
        named = catalogue()[f"{tab}.tab"][page.evaluate("document.documentElement.lang")]
        button = page.locator("#tabs .overflow-dropdown").get_by_text(named, exact=True)
    button.click()
    page.locator(f"#tab-{tab}").wait_for()


if __name__ == "__main__":
    main()
