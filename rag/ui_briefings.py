"""The tab Briefings: what a day's articles, or those of some days, tell; read, opened, saved, printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rag.answer_html import escaped
from rag.brief_html import brief_html
from rag.brief_labels import day_words
from rag.brief_page import EVENTS, briefing_html
from rag.briefs import MOST_DAYS, Asked, country_code
from rag.domain import Briefing
from rag.errors import InputError, RagError
from rag.filters import days
from rag.render_brief import brief_json, brief_markdown, period_words
from rag.ui_page import PRIVATE, Page, notice
from rag.ui_words import LANGS, Words

if TYPE_CHECKING:
    from rag.desk import Desk

_DAYS = re.compile(r"\d{4}(?:-\d{2}){0,2}")
_FORMATS = ("markdown", "html", "json")
_QUEUE: dict[str, Any] = {"concurrency_id": "briefings", "concurrency_limit": 2, **PRIVATE}
_LIMITS = ("people", "countries", "outlets")
_KEPT = 3_600  # seconds for which a window's briefing is kept, to show more of it

Period = tuple[date, date]
Choose = Callable[["Desk", str, str], Period | None]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the tab shows: days in the boxes (None leaves them), HTML, saved files, and days to go to instead."""

    html: str
    days: Period | None = None
    files: tuple[str, ...] = ()
    nearest: tuple[date | None, date | None] = (None, None)
    told: Briefing | None = None
    events: int = EVENTS


def asked(say: Words, period: Period, lang: str, people: str, countries: str, outlets: str) -> Asked:
    """What is asked for, from the boxes of the tab. Raises InputError in the page's words."""
    for each in _several(countries):
        try:
            country_code(each)
        except InputError:
            raise InputError(say("briefings.bad_country", text=each)) from None
    return Asked(*period, lang=lang, people=_several(people), countries=_several(countries), outlets=_several(outlets))


def period(say: Words, since: str, until: str) -> Period:
    """The first and last day that the boxes state; one of them is enough. Raises InputError in the page's words."""
    first, last = _ends(say, since or until)[0], _ends(say, until or since)[1]
    if first > last:
        raise InputError(say("briefings.bad_order", since=first, until=last))
    if (last - first).days >= MOST_DAYS:
        raise InputError(say("briefings.too_long", most=f"{MOST_DAYS:,}"))
    return first, last


def exports(briefing: Briefing, folder: Path) -> tuple[str, ...]:
    """The briefing's files in the folder, as `rag brief` writes them: Markdown, the page, JSON."""
    since, until = briefing.since, briefing.until
    name = f"brief-{since if since == until else f'{since}_{until}'}.{briefing.lang}"
    written = {
        "md": brief_markdown(briefing),
        "html": brief_html(briefing),
        "json": json.dumps(brief_json(briefing), ensure_ascii=False, indent=2) + "\n",
    }
    paths = []
    for ending, text in written.items():
        path = folder / f"{name}.{ending}"
        path.write_text(text, encoding="utf-8", newline="")
        paths.append(str(path))
    return tuple(paths)


def build(page: Page) -> None:
    """The tab's components; called inside its `gradio.Tab`."""
    import gradio
    from gradio.context import Context

    say, tab = page.say, Context.block
    gradio.HTML(f"<h2>{escaped(say('briefings.heading'))}</h2>", elem_id="briefings-heading")
    with gradio.Row(elem_id="briefings-quick"):
        quick = {key: gradio.Button(say(f"briefings.{key}"), size="sm", min_width=110) for key in _QUICK}
    with gradio.Row(elem_id="briefings-days", equal_height=True):
        since, until = (
            gradio.Textbox("", label=say(f"briefings.{key}"), placeholder=say(f"briefings.{hint}"), min_width=120)
            for key, hint in (("since", "day_hint"), ("until", "until_hint"))
        )
        langs = [(say(f"ask.in_{each}"), each) for each in LANGS]
        lang = gradio.Radio(langs, value=page.lang, label=say("briefings.lang"), min_width=200)
        modes = [(say("briefings.by_rule"), "extract"), (say("briefings.by_model"), "llm")]
        mode = gradio.Radio(modes, label=say("briefings.mode"), value="extract", visible=False, min_width=200)
    with gradio.Accordion(say("briefings.limits"), open=False, elem_id="briefings-limits"), gradio.Row():
        limits = [gradio.Textbox("", label=say(f"briefings.{key}"), min_width=180) for key in _LIMITS]
    write = gradio.Button(say("briefings.write"), variant="primary", elem_id="briefings-write")
    with gradio.Row(elem_id="briefings-exports", visible=False) as saved:
        files = [
            gradio.DownloadButton(say(f"briefings.{key}"), size="sm", min_width=110, elem_id=f"briefings-{key}")
            for key in _FORMATS
        ]
        paper = gradio.Button(say("briefings.print"), size="sm", min_width=80, elem_id="briefings-print")
    shown = gradio.HTML(notice(say("briefings.hint")), elem_id="briefing")
    with gradio.Row(elem_id="briefings-nearest", visible=False) as nearest:
        gradio.HTML(f"<p>{escaped(say('briefings.nearest'))}</p>")
        sides = [gradio.Button(visible=False, size="sm") for _ in range(2)]
    more = gradio.Button(say("briefings.more"), visible=False, elem_id="briefings-more")
    kept = gradio.State(None, time_to_live=_KEPT)

    def updates(each: Shown) -> tuple[Any, ...]:
        told = each.told
        # With the briefing come no days: somebody may be writing others by then.
        boxes = [str(day) for day in each.days] if each.days and not told else [gradio.skip()] * 2
        names = [
            gradio.update(value=say(f"briefings.{key}", day=day_words(str(day), page.lang)), visible=True)
            if day
            else gradio.update(visible=False)
            for key, day in zip(("go_before", "go_after"), each.nearest, strict=True)
        ]
        return (
            *boxes,
            each.html,
            gradio.update(visible=bool(each.files)),
            *(each.files or [None] * len(_FORMATS)),
            gradio.update(visible=any(each.nearest)),
            *names,
            gradio.update(visible=told is not None and len(told.events) > each.events),
            replace(each, html=""),
        )

    outputs = [since, until, shown, saved, *files, nearest, *sides, more, kept]

    def writing(choose: Choose) -> Callable[..., Iterator[tuple[Any, ...]]]:
        def written(
            since: str, until: str, lang: str, mode: str, people: str, countries: str, outlets: str, kept: Shown | None
        ) -> Iterator[tuple[Any, ...]]:
            with TemporaryDirectory(prefix="briefing") as folder:  # Gradio keeps what it serves
                desk = page.desk()
                try:
                    chosen = choose(desk, since.strip(), until.strip()) if _count(desk) else None
                    if chosen is None:
                        yield updates(Shown(notice(say("briefings.no_days" if _count(desk) else "briefings.empty"))))
                        return
                    words = period_words(str(chosen[0]), str(chosen[1]), page.lang)
                    yield updates(Shown(notice(say("briefings.writing", period=words)), chosen))
                    wanted = asked(say, chosen, lang, people, countries, outlets)
                    told = desk.brief(wanted, mode="llm" if mode == "llm" and desk.settings.llm_set else "extract")
                    near = (None, None) if told.events else _nearest(desk, *chosen)
                    yield updates(Shown(briefing_html(told), chosen, exports(told, Path(folder)), near, told))
                except RagError as error:
                    yield updates(Shown(notice(say.phrased(str(error)))))

        return written

    def opened(*boxes: Any) -> Iterator[tuple[Any, ...]]:
        """Writes the newest day's briefing when somebody opens the tab for the first time."""
        if boxes[-1] is None:
            yield from writing(partial(_newest, say))(*boxes)

    def extended(each: Shown | None) -> tuple[Any, ...]:
        if each is None or each.told is None:
            return gradio.skip(), gradio.skip(), gradio.update(visible=False)
        events = each.events + EVENTS
        left = gradio.update(visible=len(each.told.events) > events)
        return replace(each, events=events), briefing_html(each.told, events=events), left

    def side(number: int) -> Callable[..., Iterator[tuple[Any, ...]]]:
        def going(*boxes: Any) -> Iterator[tuple[Any, ...]]:
            each: Shown | None = boxes[-1]
            day = each.nearest[number] if each else None
            if day is not None:
                yield from writing(lambda *_: (day, day))(*boxes)

        return going

    inputs = [since, until, lang, mode, *limits, kept]
    handed: dict[str, Any] = {"inputs": inputs, "outputs": outputs, **_QUEUE}
    asking = writing(partial(_given, say))
    gradio.on([write.click, since.submit, until.submit, *(each.submit for each in limits)], asking, **handed)
    lang.input(asking, **handed)
    for key, button in quick.items():
        button.click(writing(partial(_QUICK[key], say)), **handed)
    for number, button in enumerate(sides):
        button.click(side(number), **handed)
    more.click(extended, kept, [kept, shown, more], **_QUEUE)
    paper.click(None, js="() => window.print()", **PRIVATE)
    assert isinstance(tab, gradio.Tab), "built inside its tab"
    tab.select(lambda: gradio.update(visible=_model(page)), None, mode, **PRIVATE)
    tab.select(opened, **handed)


def _ends(say: Words, text: str) -> Period:
    found = days(text) if _DAYS.fullmatch(text) else None
    try:
        first, last = map(date.fromisoformat, found or ())
    except ValueError:
        raise InputError(say("briefings.bad_day", text=text)) from None
    return first, last


def _newest(say: Words, desk: Desk, *_boxes: str) -> Period | None:
    newest = desk.records.newest_day(until=date.max)
    return (newest, newest) if newest else None


def _week(say: Words, desk: Desk, *_boxes: str) -> Period | None:
    newest = desk.records.newest_day(until=date.max)
    return (_moved(newest, -6), newest) if newest else None


def _given(say: Words, desk: Desk, since: str, until: str) -> Period | None:
    return period(say, since, until) if since or until else _newest(say, desk)


def _beside(step: int, say: Words, desk: Desk, since: str, until: str) -> Period | None:
    """The period as long before (-1) or after (1)."""
    now = _given(say, desk, since, until)
    if now is None:
        return None
    length = step * ((now[1] - now[0]).days + 1)
    return _moved(now[0], length), _moved(now[1], length)


def _moved(day: date, count: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + count, 1), date.max.toordinal()))


def _nearest(desk: Desk, since: date, until: date) -> tuple[date | None, date | None]:
    """The last day before and the first after on which an article states that it was published."""
    before = desk.records.newest_day(until=_moved(since, -1)) if since > date.min else None
    after = desk.records.oldest_day(since=_moved(until, 1)) if until < date.max else None
    return before, after


def _several(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in re.split("[,;，、]", text) if each.strip())


def _model(page: Page) -> bool:
    return page.desk().settings.llm_set


def _count(desk: Desk) -> int:
    try:
        return desk.count_articles()
    except RagError:
        return 0


_QUICK: dict[str, Callable[..., Period | None]] = {
    "newest": _newest,
    "week": _week,
    "earlier": partial(_beside, -1),
    "later": partial(_beside, 1),
}
