"""The tab Evaluation in a browser: a suite run to its end, one stopped, two compared, and who may run any."""

import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import Open, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def seeds_copy(seeds_store: Path, tmp_path: Path) -> Path:
    """The seeds in a store of a test's own, since runs are kept there."""
    return Path(shutil.copytree(seeds_store, tmp_path / "store"))


def suite_of(folder: Path) -> Path:
    """A suite of one's own of two cases: one name from Vietnamese to English and back."""
    folder.mkdir()
    (folder / "suite.toml").write_text('kind = "names"\n', encoding="utf-8")
    forms = {"forms": {"vi": ["Vương Nghị"], "en": ["Wang Yi"]}}
    (folder / "cases.jsonl").write_text(json.dumps(forms, ensure_ascii=False), encoding="utf-8")
    return folder


def evaluation(page: Any, name: str = "Evaluation") -> Any:
    page.get_by_role("tab", name=name).click()
    page.locator("#evaluation-report").get_by_role("status").or_(page.locator("#evaluation-report table")).wait_for()
    return page


def run(page: Any, suite: str, limit: str = "") -> None:
    box = page.locator("#evaluation-suite input")
    box.fill(suite)
    box.press("Enter")
    page.locator("#evaluation-limit input, #evaluation-limit textarea").fill(limit)
    page.locator("#evaluation-run").click()


def says(page: Any, words: str) -> None:
    page.locator("#evaluation-status").get_by_text(words).wait_for()


def test_a_suite_is_run_read_and_compared(visit: Open, servers: ExitStack, seeds_copy: Path, tmp_path: Path) -> None:
    page = evaluation(visit(servers.enter_context(serving(seeds_copy)), width=360))
    own = str(suite_of(tmp_path / "own-names"))
    for _ in range(2):
        run(page, own)
        says(page, "finished, 2 of 2")
        page.locator("#evaluation-report table").wait_for()
    page.wait_for_function("document.querySelector('#evaluation-before input').value.startsWith('own-names')")
    assert "own-names" in page.locator("#evaluation-report h4").inner_text()
    assert page.locator("#evaluation-report svg circle").count() >= 1
    assert page.locator("#evaluation-report svg desc").count() == 1
    page.locator("#evaluation-compare").click()
    table = page.locator("#evaluation-compared table")
    table.wait_for()
    assert "own-names" in table.locator("tbody th").first.inner_text()
    assert table.locator("tbody tr").first.locator("td").last.inner_text() == "no"
    for each in ("stop", "report", "compared"):
        box = page.locator(f"#evaluation-{each}").bounding_box()
        assert box["x"] + box["width"] <= 360, f"{each} is cut"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_run_is_stopped(visit: Open, servers: ExitStack, seeds_copy: Path) -> None:
    page = evaluation(visit(servers.enter_context(serving(seeds_copy)) + "vi/"), "Đánh giá")
    run(page, "qa")
    says(page, "qa:")
    page.locator("#evaluation-stop").click()
    says(page, "đã dừng")
    assert "Chưa có lần chạy" in page.locator("#evaluation-report").inner_text()
