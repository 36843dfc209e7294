"""The tab Evaluation: a suite run with its progress, the reports of runs and their plots, two runs compared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from rag import evaluations
from rag.answer_html import escaped
from rag.errors import InputError, RagError
from rag.evaluations import EVALUATOR, NoHarness
from rag.ui_evaluation_report import PAGE, comparison_html, progress_html, report_html, wrong, wrong_html
from rag.ui_page import PRIVATE, Page, notice
from rag.ui_words import Words

_EVERY = 0.5  # seconds between two looks at a run
_READ: dict[str, Any] = {"concurrency_id": "evaluation", "concurrency_limit": 2, **PRIVATE}
_FOLLOW: dict[str, Any] = {"concurrency_id": "evaluation-progress", "concurrency_limit": 32, **PRIVATE}
_NEEDED = {"a language model": "needs_model", "a store": "needs_store"}


def build(page: Page) -> None:
    """The tab's components; called inside its `gradio.Tab`. Only who may change this machine can run suites."""
    import gradio
    from gradio.context import Context

    say, tab = page.say, Context.block
    assert isinstance(tab, gradio.Tab), "built inside its tab"
    gradio.HTML(f"<h2>{escaped(say('evaluation.heading'))}</h2><p>{escaped(say('evaluation.hint'))}</p>")
    following = _runner(page, gradio, tab) if page.local else None
    gradio.HTML(f"<h3>{escaped(say('evaluation.report'))}</h3>")
    chosen = gradio.Dropdown([], label=say("evaluation.chosen"), elem_id="evaluation-chosen")
    shown = gradio.HTML(elem_id="evaluation-report")
    gradio.HTML(f"<h3>{escaped(say('evaluation.wrong'))}</h3>")
    cases = gradio.HTML(elem_id="evaluation-wrong")
    with gradio.Row(elem_id="evaluation-pages"):
        earlier = gradio.Button(say("evaluation.earlier"), size="sm", visible=False)
        later = gradio.Button(say("evaluation.later"), size="sm", visible=False)
    first = gradio.State(0)
    gradio.HTML(f"<h3>{escaped(say('evaluation.compare'))}</h3>")
    with gradio.Row(elem_id="evaluation-two", equal_height=True):
        before, after = (
            gradio.Dropdown([], label=say(f"evaluation.{key}"), elem_id=f"evaluation-{key}", min_width=200)
            for key in ("before", "after")
        )
    compare = gradio.Button(say("evaluation.do_compare"), elem_id="evaluation-compare")
    compared = gradio.HTML(elem_id="evaluation-compared")
    reading = [shown, cases, earlier, later, first]

    def read(name: str | None, start: int = 0) -> tuple[Any, ...]:
        at = max(start, 0)
        html, wrongs, count = _read(page, name, at)
        sides = gradio.update(visible=at > 0), gradio.update(visible=at + PAGE < count)
        return gradio.skip() if at else html, wrongs, *sides, at

    def newest() -> tuple[Any, ...]:
        kept = [(say("evaluation.named", suite=run.suite, started=run.started), run.name) for run in _runs(page)]
        names = [name for _, name in kept]
        latest = names[0] if names else None
        older = names[1] if len(names) > 1 else None
        boxes = [gradio.update(choices=kept, value=value) for value in (latest, older, latest)]
        return (*boxes, *read(latest))

    def compare_two(before: str | None, after: str | None) -> Iterator[str]:
        yield notice(say("evaluation.comparing"))
        yield comparison(page, before, after)

    refreshed = [chosen, before, after, *reading]
    chosen.input(read, chosen, reading, **_READ)
    earlier.click(lambda name, at: read(name, at - PAGE), [chosen, first], reading, **_READ)
    later.click(lambda name, at: read(name, at + PAGE), [chosen, first], reading, **_READ)
    compare.click(compare_two, [before, after], compared, **_READ)
    tab.select(newest, None, refreshed, **_READ)
    if following is not None:
        following.then(newest, None, refreshed, **_READ)


def comparison(page: Page, before: str | None, after: str | None) -> str:
    """Two runs that are kept beside each other, as HTML; what is wrong in the page's words."""
    if not before or not after:
        return notice(page.say("evaluation.choose_two"))
    try:
        store = _store(page)
        found = evaluations.compared(evaluations.find(store, before), evaluations.find(store, after))
    except NoHarness:
        return notice(page.say("evaluation.no_harness"))
    except RagError:
        return notice(page.say("evaluation.not_compared"))
    return comparison_html(found, page.say)


def start(page: Page, suite: str | None, limit: str, data: str) -> None:
    """Start a suite on the page's store. Raises InputError in the page's words."""
    say = page.say
    if not page.local or not suite:
        raise InputError(say("evaluation.no_suite"))
    if limit.strip() and not (limit.strip().isdecimal() and 0 < int(limit) < 10**9):
        raise InputError(say("evaluation.bad_limit"))
    before = EVALUATOR.progress()
    if before is not None and before.state == "running":
        raise InputError(say("evaluation.busy", suite=before.run.suite))
    EVALUATOR.start(suite, _store(page), limit=int(limit) if limit.strip() else None, data=data.strip())


async def follow(say: Words) -> AsyncIterator[str]:
    """How far the run is, until it ends. It holds no thread while it waits."""
    told = ""
    while (found := await asyncio.to_thread(EVALUATOR.progress)) is not None:
        if (html := progress_html(found, say)) != told:
            told = html
            yield html
        if found.state != "running":
            return
        await asyncio.sleep(_EVERY)
    yield notice(say("evaluation.idle"))


def _runner(page: Page, gradio: Any, tab: Any) -> Any:
    """The boxes and buttons to run a suite. Gives the event that is over when the run is."""
    say = page.say
    with gradio.Row(elem_id="evaluation-boxes", equal_height=True):
        suite = gradio.Dropdown(
            [],
            label=say("evaluation.suite"),
            info=say("evaluation.suite_info"),
            allow_custom_value=True,
            value=None,
            min_width=220,
            elem_id="evaluation-suite",
        )
        limit, data = (
            gradio.Textbox(
                "",
                label=say(f"evaluation.{key}"),
                placeholder=say(f"evaluation.{key}_hint"),
                min_width=140,
                elem_id=f"evaluation-{key}",
            )
            for key in ("limit", "data")
        )
    with gradio.Row():
        run = gradio.Button(say("evaluation.run"), variant="primary", elem_id="evaluation-run", min_width=100)
        stop = gradio.Button(say("evaluation.stop"), elem_id="evaluation-stop", min_width=100)
    status = gradio.HTML(notice(say("evaluation.idle")), elem_id="evaluation-status")

    async def running(suite: str | None, limit: str, data: str) -> AsyncIterator[str]:
        try:
            await asyncio.to_thread(start, page, suite, limit, data)
        except RagError as error:
            yield notice(str(error))
            return
        async for html in follow(say):
            yield html

    async def followed() -> AsyncIterator[str]:
        async for html in follow(say):
            yield html

    def choices(known: str | None) -> tuple[Any, Any]:
        try:
            return gradio.update(choices=_suites(say), value=known), gradio.skip()
        except NoHarness:
            return gradio.skip(), notice(say("evaluation.no_harness"))
        except RagError as error:
            return gradio.skip(), notice(str(error))

    tab.select(followed, None, status, **_FOLLOW).then(choices, suite, [suite, status], **_READ)
    stop.click(EVALUATOR.stop, None, None, **PRIVATE)
    return run.click(running, [suite, limit, data], status, **_FOLLOW)


def _suites(say: Words) -> list[tuple[str, str]]:
    def shown(each: evaluations.Suite) -> str:
        if not each.needs:
            return each.name
        needs = say(f"evaluation.{_NEEDED[each.needs]}") if each.needs in _NEEDED else each.needs
        return say("evaluation.needs", name=each.name, needs=needs)

    return [(shown(each), each.name) for each in evaluations.suites()]


def _read(page: Page, name: str | None, at: int) -> tuple[str, str, int]:
    """A run's report, some of its cases that went wrong from `at` on, and how many of these there are."""
    if not name:
        return notice(page.say("evaluation.no_runs")), "", 0
    try:
        found = evaluations.report(evaluations.find(_store(page), name))
        cases = wrong(found)
        return report_html(found, page.say), wrong_html(cases, at, page.say, local=page.local), len(cases)
    except (RagError, KeyError, TypeError):
        return notice(page.say("evaluation.gone")), "", 0


def _runs(page: Page) -> list[evaluations.Run]:
    return evaluations.runs(_store(page))


def _store(page: Page) -> Path:
    return page.desk().settings.store
