"""A real Chromium on a real server. Every host but this machine is refused, and any request to one fails the test."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
BINARIES = ("chromium", "chromium-browser", "google-chrome", "chrome")

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser. Without one the tests are skipped, or fail where WITH_BROWSER=1 is set."""
    binary = next((found for name in BINARIES if (found := shutil.which(name))), None)
    if binary is None:
        give_up = pytest.fail if os.environ.get("WITH_BROWSER") == "1" else pytest.skip
        give_up("no Chromium here; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    """The servers of a test: `servers.enter_context(serving(store))`. They end after its windows are closed."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def visit(chromium: Any, servers: ExitStack) -> Iterator[Open]:
    """Open an address in a fresh window. No page may ask another host, log an error or throw one."""
    outside: list[str] = []
    wrong: list[str] = []
    contexts: list[Any] = []

    def visit(address: str, *, width: int = 1280, height: int = 800) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)

        def local_only(route: Any) -> None:
            parts = urlsplit(route.request.url)
            if parts.hostname == "127.0.0.1" or parts.scheme in ("data", "blob"):
                route.continue_()
            else:
                outside.append(route.request.url)
                route.abort()

        def refused(dialog: Any) -> None:
            wrong.append(f"a dialog: {dialog.message}")
            dialog.dismiss()

        page.route("**/*", local_only)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", refused)
        page.goto(address)
        page.wait_for_function("document.querySelector('#title p')?.textContent")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert outside == []
    assert wrong == []


@contextmanager
def serving(store: Path) -> Iterator[str]:
    """The address of `rag serve` on a store, run as a user would."""
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = ""
        for line in server.stderr:
            said += line
            if found := re.search(r"http://\S+", line):
                break
        else:
            pytest.fail(f"rag serve ended: {said}")
        try:
            yield found[0]
        finally:
            server.terminate()
            server.communicate(timeout=20)


@contextmanager
def serving_here(desk: Any, *, users: Any = None, around: Callable[[Any], Any] = lambda app: app) -> Iterator[str]:
    """The address of the page over this desk, served by a thread of this process, `around` the application."""
    import uvicorn

    from rag import ui

    server = uvicorn.Server(
        uvicorn.Config(
            around(ui.application(desk, users=users)), log_level="warning", lifespan="on", timeout_graceful_shutdown=1
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


@pytest.fixture(scope="session")
def seeds_page(chromium: Any, seeds_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page of the seeds, in a store of its own, since conversations are kept there."""
    with serving(Path(shutil.copytree(seeds_store, tmp_path_factory.mktemp("page") / "store"))) as address:
        yield address
