"""The door to LangChain's chat models: one call as a stream of pieces, asked for again where that may help.

An endpoint shows by its refusals what it does not know (JSON schema, tools, a seed); it is not asked for that again.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from rag.errors import MissingExtra, ModelError
from rag.llm_errors import Failure, Place, failure
from rag.llm_limits import Limit
from rag.llm_threads import Failed, in_thread
from rag.prompts import Prompt
from rag.replies import Shape

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.messages import AIMessageChunk
    from langchain_core.runnables import Runnable

Style = Literal["schema", "tools", "plain"]
_NEXT_STYLE: dict[Style, Style] = {"schema": "tools", "tools": "plain"}
_STYLE_WORDS = {
    "schema": re.compile(r"response_format|json_?schema|structured.?output|grammar", re.IGNORECASE),
    "tools": re.compile(r"tool|function", re.IGNORECASE),
}
_UNKNOWN = re.compile(r"not support|unsupported|unrecogni[sz]ed|unknown (?:field|parameter)|extra", re.IGNORECASE)
_OPTIONAL = ("top_logprobs", "logprobs", "seed", "temperature", "stream_options")
_LIMITS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_SEED = 20
_PAUSES = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a reply brought."""

    text: str = ""
    finish: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    first: tuple[tuple[str, float], ...] = ()


@dataclass(slots=True)
class _Habits:
    """What the endpoint was found to know."""

    style: Style
    limit: str
    unknown: set[str] = field(default_factory=set)


class Endpoint:
    """A provider's chat models behind one address. Nothing is imported or connected before the first call."""

    def __init__(self, *, provider: str, base_url: str | None, key: str, max_tokens: int, retries: int, slots: int):
        self._provider = provider
        self._base_url = base_url
        self._key = key
        self._max_tokens = max_tokens
        self._retries = retries
        self._slots = threading.BoundedSemaphore(slots)
        self._lock = threading.Lock()
        self._chat: BaseChatModel | None = None
        self._name = ""
        official = base_url is None or "//api.openai.com" in base_url
        self._habits = _Habits(
            "schema" if provider == "openai" else "tools", "max_completion_tokens" if official else "max_tokens"
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """What replies depend on beside model and messages."""
        return {"temperature": 0, "seed": _SEED, "max_tokens": self._max_tokens}

    def prepare(self, name: str) -> None:
        """Import the provider's package. Raises MissingExtra, and ModelError for a provider that LangChain lacks."""
        self._model(name)

    def models(self, limit: Limit, place: Place) -> tuple[str, ...]:
        """The names of the models that the endpoint serves; () where it is not OpenAI-compatible."""
        if self._provider != "openai":
            return ()
        chat: Any = self._model(place.model)
        try:
            return tuple(in_thread(lambda: _names(chat.root_client), limit, place, self._slots))
        except Failed as failed:
            raise failed.failure.error from failed.__cause__

    def stream(
        self,
        prompt: Prompt,
        variables: Mapping[str, str],
        shape: Shape[Any] | None,
        *,
        limit: Limit,
        place: Place,
        odds: bool = False,
        plain: bool = False,
    ) -> Generator[Piece]:
        """The pieces of a reply in this shape, or in none. Asks again where that may help, as long as no word has come.

        With `plain`, or where the endpoint enforces no shape, the prompt describes it.
        Raises ModelError, ModelBusy, MissingExtra, and Stopped where the limit's event was set.
        """
        tries = 0
        while True:
            begun = False
            style: Style = "plain" if plain or shape is None else self._habits.style
            body = self._body(shape, style, odds=odds)
            asked = prompt.asking(shape.described()) if shape and style == "plain" else prompt
            try:
                chain = asked.template() | self._bound(place.model, body, shape if style == "tools" else None)
                with closing(in_thread(partial(_pieces, chain, variables), limit, place, self._slots)) as pieces:
                    for piece in pieces:
                        begun = begun or bool(piece.text)
                        yield piece
                return
            except Failed as failed:
                if begun:
                    raise failed.failure.error from failed.__cause__
                if not self._adapt(failed.failure, style, body):
                    self._pause(failed, tries, limit)
                    tries += 1

    def _model(self, name: str) -> BaseChatModel:
        with self._lock:
            if self._chat is None or self._name != name:
                self._chat, self._name = self._make(name), name
            return self._chat

    def _make(self, name: str) -> BaseChatModel:
        from langchain.chat_models import init_chat_model

        given: dict[str, Any] = {"max_retries": 0}
        if self._base_url:
            given["base_url"] = self._base_url
        if self._key:
            given["api_key"] = self._key
        if self._provider != "openai":
            given |= {"temperature": 0, "max_tokens": self._max_tokens}
        else:
            from rag.llm_transport import client

            secure = not self._base_url or self._base_url.startswith("https:")
            given |= {"http_client": client(secure=secure), "openai_proxy": None, "http_socket_options": ()}
            given |= {"use_responses_api": False, "stream_usage": False, "api_key": self._key or "none"}
        try:
            made: BaseChatModel = init_chat_model(name or "any", model_provider=self._provider, **given)
        except ImportError as error:
            why = failure(error, Place(self._provider, name)).error
            raise why if isinstance(why, MissingExtra) else error from error
        except Exception as error:
            line = Place(self._provider, name, self._key).line(error)
            raise ModelError(f"RAG_LLM_PROVIDER {self._provider} cannot be set up ({line})") from error
        return made

    def _body(self, shape: Shape[Any] | None, style: Style, *, odds: bool) -> dict[str, Any]:
        """What a request holds beside model and messages, without what the endpoint does not know."""
        body: dict[str, Any] = {
            "temperature": 0,
            "seed": _SEED,
            self._habits.limit: 8 if odds else self._max_tokens,
            "stream_options": {"include_usage": True},
        }
        if odds:
            body |= {"logprobs": True, "top_logprobs": 10}
        if style == "schema" and shape:
            wanted = {"name": "reply", "strict": True, "schema": shape.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
        return {key: value for key, value in body.items() if key not in self._habits.unknown}

    def _bound(
        self, name: str, body: dict[str, Any], tool: Shape[Any] | None
    ) -> Runnable[LanguageModelInput, AIMessageChunk]:
        """The chat model that sends `body` and is made to call a tool of this shape."""
        chat: Any = self._model(name)
        options = {"extra_body": body} if self._provider == "openai" else {}
        if tool is None:
            bound: Runnable[LanguageModelInput, AIMessageChunk] = chat.bind(**options)
            return bound
        function = {"name": "reply", "description": "Gives the reply.", "parameters": tool.schema}
        try:
            bound = chat.bind_tools([{"type": "function", "function": function}], tool_choice="reply", **options)
        except NotImplementedError as error:
            said = f"{self._provider} has no tools"
            raise Failed(Failure(ModelError(said), status=501, said=said)) from error
        return bound

    def _adapt(self, failed: Failure, style: Style, sent: Mapping[str, Any]) -> bool:
        """Whether the endpoint refused something that was sent and can be left out, which it now is."""
        if failed.status not in (400, 404, 415, 422, 500, 501):
            return False
        habits = self._habits
        named = [name for name in (*_OPTIONAL, *_LIMITS) if name in sent and re.search(rf"\b{name}\b", failed.said)]
        if named:
            habits.unknown |= {"logprobs", "top_logprobs"} if "logprobs" in named[0] else {named[0]}
            habits.limit = _LIMITS[named[0]] if named[0] == habits.limit else habits.limit
        elif style in _NEXT_STYLE and (_STYLE_WORDS[style].search(failed.said) or _UNKNOWN.search(failed.said)):
            habits.style = _NEXT_STYLE[style]
        else:
            return False
        return True

    def _pause(self, failed: Failed, tries: int, limit: Limit) -> None:
        """Wait before the next try, or raise where there is none."""
        why = failed.failure
        pause = why.pause if why.pause is not None else _PAUSES[min(tries, len(_PAUSES) - 1)]
        if not why.again or tries >= self._retries or pause >= limit.remaining:
            raise why.error from failed.__cause__
        never = threading.Event()
        limit.wait(never.wait, pause)


def _names(client: Any) -> Generator[str]:
    for entry in client.models.list():
        yield str(entry.id)


def _pieces(chain: Runnable[Any, AIMessageChunk], variables: Mapping[str, str]) -> Generator[Piece]:
    stream: Any = chain.stream(dict(variables))
    with closing(stream):
        for chunk in stream:
            yield _piece(chunk)


def _piece(chunk: AIMessageChunk) -> Piece:
    usage: Mapping[str, Any] = chunk.usage_metadata or {}
    calls = "".join(str(call.get("args") or "") for call in chunk.tool_call_chunks)
    facts = chunk.response_metadata
    return Piece(
        text=calls or str(chunk.text),
        finish=facts.get("finish_reason") or facts.get("stop_reason"),
        input_tokens=int(usage.get("input_tokens") or 0),
        output_tokens=int(usage.get("output_tokens") or 0),
        first=_candidates(facts.get("logprobs")),
    )


def _candidates(logprobs: Any) -> tuple[tuple[str, float], ...]:
    """The candidates of the chunk's first token that is more than space, with their log-probabilities."""
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else None
    for token in tokens if isinstance(tokens, list) else []:
        if isinstance(token, dict) and str(token.get("token") or "").strip():
            top = [entry for entry in token.get("top_logprobs") or [] if isinstance(entry, dict)] or [token]
            return tuple((str(entry.get("token")), float(entry.get("logprob") or 0)) for entry in top)
    return ()
