"""The tab Events: the stored events as a table, on a line of time, and who met whom; every part opens its source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, get_args

from rag import article_dates
from rag.answer_html import escaped
from rag.brief_labels import label
from rag.briefs import country_code
from rag.domain import Event, EventKind
from rag.errors import InputError, RagError
from rag.event_calendar import events_ics
from rag.event_pages import ORDERS, EventPage, Order
from rag.event_tables import events_csv
from rag.meetings import KINDS
from rag.recorded import Wanted
from rag.render_events import event_json
from rag.ui_events_meetings import meetings_html
from rag.ui_events_table import table_html
from rag.ui_events_timeline import timeline_html
from rag.ui_page import PRIVATE, Page, notice
from rag.ui_words import Words

if TYPE_CHECKING:
    from rag.desk import Desk

View = Literal["table", "timeline", "met"]
ROWS = 25  # of a page of the table
DRAWN = 300  # events of a picture
SAVED = 5_000  # events of the saved files
_FORMATS = ("csv", "json", "ics")
_LANGS = ("en", "vi", "zh", "ru")
_QUEUE: dict[str, Any] = {"concurrency_id": "events", "concurrency_limit": 4, **PRIVATE}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the tab shows, and from which of the events on."""

    html: str
    offset: int = 0
    before: bool = False
    after: bool = False
    some: bool = False


def wanted_of(
    since: str | None,
    until: str | None,
    people: str | None,
    countries: str | None,
    outlets: str | None,
    kinds: list[str] | None,
    lang: str | None,
    background: bool | None,
) -> Wanted:
    """What the boxes ask for; Gradio gives None for those that nobody has unfolded."""
    return Wanted(
        (since or "").strip() or None,
        (until or "").strip() or None,
        _several(people),
        _several(countries),
        tuple(kinds or ()),
        _several(outlets),
        (lang,) if lang else (),
        bool(background),
    )


def checked(wanted: Wanted, say: Words) -> Wanted:
    """The same, once its days and countries are found to be some. Raises InputError in the page's words."""
    for day in filter(None, (wanted.since, wanted.until)):
        found = article_dates.read(day, day)
        if found is None or found.yearless:
            raise InputError(say("briefings.bad_day", text=day))
    if wanted.since and wanted.until and article_dates.read(wanted.since, wanted.until) is None:
        raise InputError(say("briefings.bad_order", since=wanted.since, until=wanted.until))
    for country in wanted.countries:
        try:
            country_code(country)
        except InputError:
            raise InputError(say("briefings.bad_country", text=country)) from None
    return wanted


def shown(desk: Desk, say: Words, wanted: Wanted, *, view: View, order: Order, offset: int = 0) -> Shown:
    """The events in one of the views, or what to do where there are none. Raises InputError, StoreError."""
    if not _count(desk):
        return Shown(notice(say("ask.empty")))
    if view == "met":
        return _met(desk, say, wanted)
    limit = ROWS if view == "table" else DRAWN
    offset = offset if view == "table" else 0
    found = desk.events_page(wanted, order=order if view == "table" else "newest", limit=limit, offset=offset)
    told = f'<p class="facts" role="status">{escaped(_counted(found, say))}</p>'
    if not found.total:
        return Shown(told + notice(_nothing(desk, say, wanted)))
    if view == "timeline":
        cut = say("events.drawn", count=len(found.events)) if found.total > DRAWN else ""
        return Shown(told + (notice(cut) if cut else "") + timeline_html(found.events, say), some=True)
    last = min(offset + limit, found.total)
    caption = say("events.rows", first=f"{offset + 1:,}", last=f"{last:,}", total=f"{found.total:,}")
    table = table_html(found.events, say, caption=caption)
    return Shown(told + table, offset, offset > 0, last < found.total, some=True)


def saved(desk: Desk, wanted: Wanted, order: Order, folder: Path) -> tuple[str, ...]:
    """The events' files in the folder, as `rag events` writes them: CSV, JSON and iCalendar; so many at most."""
    events: list[Event] = []
    found = EventPage(())
    for offset in count(0, 500):
        found = desk.events_page(wanted, order=order, limit=500, offset=offset)
        events += found.events
        if offset + 500 >= min(found.total, SAVED):
            break
    told = {"events": [event_json(event) for event in events], "undated": found.undated, "unread": found.unread}
    written = {
        "csv": events_csv(events),
        "json": json.dumps(told, ensure_ascii=False, indent=2) + "\n",
        "ics": events_ics(events)[0],
    }
    paths = []
    for ending in _FORMATS:
        path = folder / f"events.{ending}"
        path.write_text(written[ending], encoding="utf-8", newline="")
        paths.append(str(path))
    return tuple(paths)


def build(page: Page) -> None:
    """The tab's components; called inside its `gradio.Tab`."""
    import gradio
    from gradio.context import Context

    say, tab = page.say, Context.block
    gradio.HTML(f"<h2>{escaped(say('events.heading'))}</h2>", elem_id="events-heading")
    with gradio.Row(elem_id="events-first"):
        since, until = (
            gradio.Textbox("", label=say(f"ask.{key}"), placeholder=say("events.day_hint"), min_width=130)
            for key in ("since", "until")
        )
        people = gradio.Textbox("", label=say("briefings.people"), min_width=200)
        countries = gradio.Textbox("", label=say("briefings.countries"), min_width=200)
    with gradio.Accordion(say("events.more_limits"), open=False, elem_id="events-limits"):
        kinds = gradio.CheckboxGroup(
            [(label(page.lang, "kinds", kind), kind) for kind in get_args(EventKind)], label=say("events.kinds")
        )
        with gradio.Row():
            outlets = gradio.Textbox("", label=say("briefings.outlets"), min_width=200)
            langs = [(say("ask.any"), ""), *((say(f"events.in_{each}"), each) for each in _LANGS)]
            lang = gradio.Dropdown(langs, value="", label=say("ask.source_lang"), min_width=160)
        background = gradio.Checkbox(False, label=say("events.with_background"))
    with gradio.Row(elem_id="events-views"):
        view = gradio.Radio(
            [(say(f"events.view_{each}"), each) for each in get_args(View)],
            value="table", label=say("events.view"), elem_id="events-view", scale=3, min_width=260,
        )  # fmt: skip
        order = gradio.Dropdown(
            [(say(f"events.by_{each}"), each) for each in ORDERS],
            value="newest", label=say("events.order"), elem_id="events-order", scale=2, min_width=180,
        )  # fmt: skip
        show = gradio.Button(say("events.show"), variant="primary", elem_id="events-show", scale=1, min_width=100)
    html = gradio.HTML(notice(say("events.hint")), elem_id="events-shown")
    with gradio.Row(elem_id="events-pages", visible=False) as pages:
        before = gradio.Button(say("common.previous"), size="sm", min_width=100, elem_id="events-before")
        after = gradio.Button(say("common.next"), size="sm", min_width=100, elem_id="events-after")
    with gradio.Row(elem_id="events-saving"):
        make = gradio.Button(say("events.make"), size="sm", visible=False, elem_id="events-make", min_width=200)
        files = [
            gradio.DownloadButton(
                say(f"events.{each}"), size="sm", visible=False, min_width=100, elem_id=f"events-{each}"
            )
            for each in _FORMATS
        ]
    state = gradio.State(None)
    boxes = [since, until, people, countries, outlets, kinds, lang, background]
    inputs = [state, view, order, *boxes]
    outputs = [state, html, pages, before, after, order, make, *files]

    def updates(each: Shown, view: View) -> tuple[Any, ...]:
        return (
            replace(each, html=""),
            each.html,
            gradio.update(visible=each.before or each.after),
            gradio.update(interactive=each.before),
            gradio.update(interactive=each.after),
            gradio.update(visible=view == "table"),
            gradio.update(visible=each.some),
            *[gradio.update(visible=False) for _ in files],
        )

    def moved(by: int) -> Any:
        def showing(kept: Shown | None, view: View, order: Order, *given: Any) -> tuple[Any, ...]:
            offset = max(0, (kept.offset if kept and by else 0) + by * ROWS)
            try:
                wanted = checked(wanted_of(*given), say)
                told = shown(page.desk(), say, wanted, view=view, order=order, offset=offset)
            except RagError as error:
                told = Shown(notice(say.phrased(str(error))))
            return updates(told, view)

        return showing

    def opened(kept: Shown | None, *given: Any) -> tuple[Any, ...]:
        """Shows the events when somebody opens the tab for the first time."""
        return moved(0)(kept, *given) if kept is None else tuple(gradio.skip() for _ in outputs)

    def making(kept: Shown | None, view: View, order: Order, *given: Any) -> Iterator[Any]:
        with TemporaryDirectory(prefix="events") as folder:  # Gradio keeps what it serves
            try:
                paths = saved(page.desk(), checked(wanted_of(*given), say), order, Path(folder))
            except RagError as error:
                raise gradio.Error(say.phrased(str(error)), print_exception=False) from None
            yield [gradio.update(visible=False), *(gradio.update(value=path, visible=True) for path in paths)]

    handed: dict[str, Any] = {"inputs": inputs, "outputs": outputs, **_QUEUE}
    asked = [show.click, *(box.submit for box in (since, until, people, countries, outlets))]
    asked += [view.input, order.input, kinds.input, lang.input, background.input]
    gradio.on(asked, moved(0), **handed)
    before.click(moved(-1), **handed)
    after.click(moved(1), **handed)
    make.click(making, inputs, [make, *files], concurrency_id="events-files", concurrency_limit=1, **PRIVATE)
    assert isinstance(tab, gradio.Tab), "built inside its tab"
    tab.select(opened, **handed)


def _met(desk: Desk, say: Words, wanted: Wanted) -> Shown:
    kinds = tuple(kind for kind in KINDS if not wanted.kinds or kind in wanted.kinds)
    if not kinds:
        return Shown(notice(say("events.no_meeting_kinds")))
    found = desk.events_page(replace(wanted, kinds=kinds, background=False), limit=DRAWN)
    told = meetings_html(found.events, say)
    if not told:
        return Shown(notice(say("events.nobody_met")))
    cut = notice(say("events.drawn", count=len(found.events))) if found.total > DRAWN else ""
    return Shown(cut + told, some=True)


def _counted(found: EventPage, say: Words) -> str:
    number = f"{found.total:,}"
    told = [say("events.count" if found.exact else "events.count_most", count=number)]
    if found.undated:
        told.append(say("events.count_undated", count=f"{found.undated:,}"))
    if found.unread:
        told.append(say("events.count_unread", count=f"{found.unread:,}"))
    return " ".join(told)


def _nothing(desk: Desk, say: Words, wanted: Wanted) -> str:
    if not wanted.background and desk.events_page(replace(wanted, background=True), limit=0).total:
        return say("events.only_background")
    return say("events.nothing" if wanted != Wanted(background=wanted.background) else "events.none_told")


def _several(text: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in re.split("[,;，、]", text or "") if each.strip())


def _count(desk: Desk) -> int:
    try:
        return desk.count_articles()
    except RagError:
        return 0
