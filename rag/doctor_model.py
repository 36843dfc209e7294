"""Whether the language model that is set can be reached, and what it can do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import BaseModel

from rag.errors import ModelBusy, ModelError
from rag.health import Health, failed
from rag.prompts import Prompt

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.llm import Meter, Model

_BY_WORD = 4.0
_OBJECTS = 3
_QUESTIONS = 4
_SLACK = 30.0


class _City(BaseModel):
    city: str
    country: str


class _Cities(BaseModel):
    cities: list[_City]


def seconds(s: Settings) -> float:
    """How long `examine` may take: an answer's time for each question, and a model file's to load."""
    from rag.local import STARTING_MOST

    return _QUESTIONS * s.llm_timeout + _SLACK + (STARTING_MOST if s.llm_file else 0)


def examine(s: Settings) -> Iterator[Health]:
    """Where the model is and whether text leaves this machine, then what it does with three short questions.

    Raises what `llm.connect`, the model's methods and `local.serve` raise.
    """
    if not s.llm_set:
        yield Health("model", None, "none set; answers are extracts")
    elif s.llm_file:
        from rag import local

        path = local.locate(str(s.llm_file))
        started = time.perf_counter()
        with local.serve(path, context=s.llm_context or local.CONTEXT) as base_url:
            yield Health("model", True, f"{path} is up on this machine after {time.perf_counter() - started:.1f} s")
            yield from _endpoint(s, s.llm_model, base_url)
    else:
        yield from _endpoint(s, s.llm_model, s.llm_base_url)


def greeted(s: Settings) -> Iterator[Health]:
    """As `examine`, ended after the first reply."""
    for health in examine(s):
        yield health
        if health.part == "model reply":
            return


def _endpoint(s: Settings, name: str | None, base_url: str | None) -> Iterator[Health]:
    """What the model can do, each question in the time of one answer. No reply is taken from the cache."""
    from rag import llm

    model = llm.connect(
        model=name,
        base_url=base_url,
        api_key=s.llm_api_key,
        provider=s.llm_provider,
        retries=s.llm_retries,
        max_tokens=s.llm_max_tokens,
        context=s.llm_context,
    )
    meter = partial(llm.Meter, s.llm_timeout)
    host = urlsplit(base_url).netloc.rpartition("@")[2] if base_url else s.llm_provider
    leaves = (
        f"questions and passages leave this machine for {model.outside}"
        if model.outside
        else "nothing leaves this machine"
    )
    yield Health("model address", True, f"{host}; {leaves}")
    served = _served(model, meter())
    try:
        reply = _reply(model, meter())
    except ModelBusy:
        raise
    except ModelError as error:
        if not served or model.name in served or "RAG_LLM_API_KEY" in str(error):
            raise
        says = failed("model", error, "").says
        yield Health("model", False, says, f"set RAG_LLM_MODEL to what {host} serves: {', '.join(served[:8])}")
        return
    unlisted = f", which it does not list among {len(served)} models" if served and model.name not in served else ""
    window = f"{model.context} tokens of context" if model.context else "context not set (RAG_LLM_CONTEXT)"
    yield Health("model", True, f"{model.name}{unlisted}; {window}")
    yield reply
    try:
        yield _stream(model, meter())
    except ModelError as error:
        yield failed("model stream", error, "try again, or set another RAG_LLM_MODEL")
    try:
        yield _probabilities(model, meter(), needed=s.judge == "model")
    except ModelError as error:
        yield failed("model judge", error, "unset RAG_JUDGE")


def _served(model: Model, meter: Meter) -> tuple[str, ...]:
    """The names that the endpoint lists; () where it does not, which is no fault while it replies."""
    try:
        return model.models(meter=meter)
    except ModelBusy:
        raise
    except ModelError:
        return ()


def _asking(user: str) -> Prompt:
    return Prompt("doctor", "You answer briefly, in the shape asked for.", user, "")


def _reply(model: Model, meter: Meter) -> Health:
    prompt = _asking('Which city is the capital of Laos? Reply with JSON only: {"city": "...", "country": "..."}')
    started = time.perf_counter()
    model.reply(prompt, {}, _City, meter=meter)
    return Health("model reply", True, f"JSON in the shape asked for, in {time.perf_counter() - started:.1f} s")


def _stream(model: Model, meter: Meter) -> Health:
    prompt = _asking(
        "Name the capitals of Laos, France and Chile. "
        'Reply with JSON only: {"cities": [{"city": "...", "country": "..."}, ...]}'
    )
    ends: list[float] = []
    started = time.perf_counter()
    stop = threading.Event()
    for _ in model.items(prompt, {}, _Cities, each="cities", meter=meter, stop=stop):
        ends.append(time.perf_counter() - started)
        if len(ends) == _OBJECTS:  # a weak model may go on for ever
            stop.set()
    says = f"the first object after {ends[0]:.1f} s, what followed after {ends[-1]:.1f} s"
    return Health("model stream", True, says) if len(ends) > 1 else Health("model stream", None, "an empty list came")


def _probabilities(model: Model, meter: Meter, *, needed: bool) -> Health:
    """Whether "Yes" and "No" can be weighed, which the second look at an answer by RAG_JUDGE=model needs."""
    odds = model.odds(_asking("Is Paris the capital of France? Reply Yes or No."), {}, meter=meter)
    if odds is None:
        says = "the model replies neither Yes nor No"
        return Health("model judge", False if needed else None, says, "unset RAG_JUDGE" if needed else None)
    by = "by its first word alone" if abs(odds) == _BY_WORD else f"by the tokens' probabilities (log-odds {odds:+.1f})"
    return Health("model judge", True, f"Yes and No are told apart {by}")
