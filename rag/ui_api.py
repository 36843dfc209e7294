"""What programs ask: the functions ask, search, brief, events and show, each giving the JSON object of the design.

`build` offers them as a documented HTTP API beside the page; `rag.ui_mcp` offers the same ones to language models.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, validate_call

from rag.domain import EventKind
from rag.errors import InputError, RagError

if TYPE_CHECKING:
    from rag.desk import Desk
    from rag.limits import Filters
    from rag.ui_page import Page

AT_ONCE = 32  # calls of one function that are worked on; the others wait
EVENTS_MOST = 1_000
_stop: ContextVar[threading.Event | None] = ContextVar("stop", default=None)  # set when a call is given up

Json = dict[str, Any]
Names = list[str] | None

Question = Annotated[str, Field(description="The question, in Vietnamese, English, Chinese or Russian.")]
Mode = Annotated[
    Literal["extract", "llm"] | None,
    Field(description="extract: the articles' own sentences; llm: prose by the model, where one is set."),
]
AnswerLang = Annotated[
    Literal["vi", "en", "zh", "ru"] | None,
    Field(description="The language of the answer, unless told the question's."),
]
Since = Annotated[
    str | None, Field(description="Only articles published on or after this date: 2023, 2023-10 or 2023-10-24.")
]
Until = Annotated[str | None, Field(description="Only articles published on or before this date.")]
Outlet = Annotated[str | None, Field(description="Only articles of this outlet.")]
SourceLang = Annotated[str | None, Field(description="Only articles in this language: vi, en, zh or ru.")]
AllNames = Annotated[
    Names, Field(description="Only articles that hold each of these persons, places or countries, however spelled.")
]
AllPeople = Annotated[Names, Field(description="Only articles that hold each of these persons, however spelled.")]
AllCountries = Annotated[Names, Field(description="Only articles that name each of these countries or its people.")]
Today = Annotated[
    str | None,
    Field(description="The day that words such as 'last week' count from, unless told the newest article's."),
]
DateWords = Annotated[bool, Field(description="Whether the question's own date words limit the articles.")]
Day = Annotated[str | None, Field(description="One day: 2023-10-24.")]
FirstDay = Annotated[str | None, Field(description="From this day on: 2023-10-24; for events also 2023 or 2023-10.")]
LastDay = Annotated[str | None, Field(description="Until this day, which is included.")]
AnyPeople = Annotated[Names, Field(description="Only events of one of these persons, however spelled.")]
AnyCountries = Annotated[Names, Field(description="Only events of one of these countries, by name or ISO code.")]
AnyOutlets = Annotated[Names, Field(description="Only articles of one of these outlets.")]
Article = Annotated[str, Field(description="The article's id, as citations and hits give it, or the beginning of it.")]


class Functions:
    """The functions over a desk, which is asked for anew at each call. Each raises RagError."""

    def __init__(self, desk: Callable[[], Desk]) -> None:
        self._desk = desk

    def ask(
        self,
        question: Question,
        mode: Mode = None,
        lang: AnswerLang = None,
        since: Since = None,
        until: Until = None,
        outlet: Outlet = None,
        source_lang: SourceLang = None,
        names: AllNames = None,
        people: AllPeople = None,
        countries: AllCountries = None,
        today: Today = None,
        date_words: DateWords = True,
    ) -> Json:
        """Answer a question about the stored news with cited statements, or say that the articles do not say.

        Each citation is a span of an article's text: quote == text[start:end] of what `show` gives for its article.
        """
        from rag.render import answer_json

        filters = _filters(since, until, outlet, source_lang, names, people, countries, today, date_words)
        return answer_json(self._desk().ask(question, filters=filters, mode=mode, lang=lang, stop=_stop.get()))

    def search(
        self,
        query: Annotated[str, Field(description="What to look for: a question, a name or some words.")],
        limit: Annotated[int, Field(ge=1, le=100, description="Passages at most.")] = 8,
        since: Since = None,
        until: Until = None,
        outlet: Outlet = None,
        source_lang: SourceLang = None,
        names: AllNames = None,
        people: AllPeople = None,
        countries: AllCountries = None,
        today: Today = None,
        date_words: DateWords = True,
    ) -> Json:
        """Find the passages of the stored news nearest to a query, with scores and the spellings of names that matched.

        Each hit is a span of an article's text; the query may be in another language than the articles.
        """
        from rag.render import search_json

        filters = _filters(since, until, outlet, source_lang, names, people, countries, today, date_words)
        found = self._desk().search(query, limit=limit, filters=filters)
        return search_json(found.hits, found.names, undated=found.undated, seconds=found.seconds, dates=found.dates)

    def brief(
        self,
        date: Day = None,
        since: FirstDay = None,
        until: LastDay = None,
        lang: Annotated[Literal["en", "vi"], Field(description="Its language; quotes stay as they are.")] = "en",
        people: AnyPeople = None,
        countries: AnyCountries = None,
        outlets: AnyOutlets = None,
        mode: Mode = None,
    ) -> Json:
        """Brief on a day or a span of days: its events with citations, the most important first, and what changed.

        Give `date`, or `since` and `until`.
        """
        from rag.briefs import Asked, day
        from rag.render_brief import brief_json

        if (date is None) == (since is None and until is None):
            raise InputError("give date, or since and until")
        first, last = (day(text) if text else None for text in (date or since, date or until))
        asked = Asked(first, last, False, lang, _all(people), _all(countries), _all(outlets))
        found: Json = _with_file_names(brief_json(self._desk().brief(asked, mode=mode)))
        return found

    def events(
        self,
        since: FirstDay = None,
        until: LastDay = None,
        people: AnyPeople = None,
        countries: AnyCountries = None,
        kinds: Annotated[
            list[EventKind] | None, Field(description="Only events of these kinds: meeting, call, ...")
        ] = (None),
        outlets: AnyOutlets = None,
        source_langs: Annotated[
            Names, Field(description="Only articles in one of these languages: vi, en, zh, ru.")
        ] = None,
        background: Annotated[bool, Field(description="Also events that articles only mention.")] = False,
        limit: Annotated[int, Field(ge=1, le=EVENTS_MOST, description="Events at most.")] = 100,
        offset: Annotated[int, Field(ge=0, description="Pass over so many events.")] = 0,
    ) -> Json:
        """List the stored events by day: who met whom, when, where, what was agreed and said, each part cited.

        `total` counts the events that are wanted, of which `events` holds `limit` from `offset` on.
        """
        from rag.recorded import Wanted
        from rag.render_events import event_json

        wanted = Wanted(
            since,
            until,
            people=_all(people),
            countries=_all(countries),
            kinds=_all(kinds),
            outlets=_all(outlets),
            langs=_all(source_langs),
            background=background,
        )
        happened = self._desk().events(wanted)
        return {
            "events": [event_json(event) for event in happened.events[offset : offset + limit]],
            "total": len(happened.events),
            "undated": happened.undated,
            "unread": happened.unread,
        }

    def show(self, article: Article) -> Json:
        """Show one stored article whole: its text, of which citations are spans, and what its page states."""
        from rag.render import show_json

        shown = self._desk().show(article)
        found: Json = _with_file_names(show_json(shown.article, shown.chunks, shown.sources))
        return found


NAMES = ("ask", "search", "brief", "events", "show")
Function = Callable[..., Awaitable[Json]]


def functions(desk: Callable[[], Desk]) -> dict[str, Function]:
    """The functions by name, each run in a thread. What cannot be used as an argument raises InputError."""
    made = Functions(desk)
    return {name: _in_a_thread(getattr(made, name)) for name in NAMES}


def description(function: Function) -> str:
    """What a function does, in one paragraph or two."""
    return inspect.getdoc(function) or ""


def schema(function: Function) -> Json:
    """The JSON schema of a function's arguments, each with its description."""
    found: Json = TypeAdapter(inspect.unwrap(function)).json_schema()
    for argument in found["properties"].values():
        del argument["title"]
    return found


def build(page: Page) -> None:
    """Offer the functions to programs: a client of the page lists them as /ask, /search, /brief, /events and /show."""
    import gradio
    from gradio.events import api

    for name, function in functions(page.desk).items():
        api(_told(function, gradio.Error), api_name=name, concurrency_limit=AT_ONCE)


def _in_a_thread(function: Callable[..., Json]) -> Function:
    """The function with its arguments checked, beside the others in a thread. One that is given up is stopped."""
    import anyio
    from anyio import CapacityLimiter, to_thread

    checked = validate_call(function)
    parameters = tuple(inspect.signature(function).parameters)
    limiters: list[CapacityLimiter] = []  # made in the event loop

    @wraps(function)
    async def run(*given: Any, **named: Any) -> Json:
        if not limiters:
            limiters.append(CapacityLimiter(AT_ONCE))
        stop = threading.Event()
        token = _stop.set(stop)
        try:
            return await to_thread.run_sync(
                partial(_checked, checked, named | dict(zip(parameters, given, strict=False))),
                abandon_on_cancel=True,
                limiter=limiters[0],
            )
        except anyio.get_cancelled_exc_class():
            stop.set()
            raise
        finally:
            _stop.reset(token)

    return run


def _with_file_names(found: Any) -> Any:
    """The object with the name of a file in the place of its path, which is this machine's own affair.

    Gradio's Python client would take an object with a path for a file and ask for its bytes.
    """
    if isinstance(found, list):
        return [_with_file_names(each) for each in found]
    if not isinstance(found, dict):
        return found
    named = {"file": Path(found["path"]).name} if "path" in found else {}
    return {key: _with_file_names(value) for key, value in found.items() if key != "path"} | named


def _checked(function: Callable[..., Json], arguments: Json) -> Json:
    try:
        return function(**arguments)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in wrong["loc"])
        raise InputError(f"{where}: {wrong['msg']}") from error


def _told(function: Function, as_error: Callable[..., Exception]) -> Function:
    """The function for Gradio, whose clients are told a RagError in its one line."""

    @wraps(function)
    async def run(*given: Any, **named: Any) -> Json:
        try:
            return await function(*given, **named)
        except RagError as error:
            raise as_error(str(error), print_exception=False) from error

    return run


def _filters(
    since: str | None,
    until: str | None,
    outlet: str | None,
    source_lang: str | None,
    names: Names,
    people: Names,
    countries: Names,
    today: str | None,
    date_words: bool,
) -> Filters:
    from rag.limits import Filters

    return Filters(
        since=since,
        until=until,
        outlet=outlet,
        lang=source_lang,
        names=_all(names),
        people=_all(people),
        countries=_all(countries),
        today=today,
        date_words=date_words,
    )


def _all(given: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(given or ())
