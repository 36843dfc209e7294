"""A language model that answers in a given shape, whole or object by object, within a time limit.

Each method takes the `Meter` of the answer, which holds its deadline and counts what it uses. What cannot be used ends
in ModelError (fix the settings) or ModelBusy (try later); MissingExtra names a package to install.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SecretStr

from rag import journal
from rag.errors import ModelBusy, ModelError
from rag.llm_address import Address, address
from rag.llm_cache import Cache
from rag.llm_calls import Endpoint, Piece
from rag.llm_errors import Place
from rag.llm_limits import Limit, Meter, Stopped
from rag.prompts import Prompt
from rag.replies import Part, Reader, Shape, odds, odds_of

__all__ = ["Meter", "Model", "Part", "connect"]

_LONGEST = 20_000
_LETTERS_A_TOKEN = 3
_LETTERS_AT_MOST = 12
_AFTERWORD = 500
_A_WORD = 40
_Reply = TypeVar("_Reply", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _Ask(Generic[_Reply]):
    prompt: Prompt
    variables: dict[str, str]
    shape: Shape[_Reply]


class Model:
    """A chat model behind an endpoint. Made by `connect`; threads may share it."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        name: str,
        address: Address,
        secret: str = "",
        context: int | None = None,
        prices: tuple[float | None, float | None] = (None, None),
        longest: int = _LONGEST,
        cache: Cache | None = None,
    ) -> None:
        self.name = name
        self.outside = address.outside
        self.context = context
        self._endpoint = endpoint
        self._address = address
        self._secret = secret
        self._prices = prices
        self._longest = longest
        self._cache = cache

    def models(self, *, meter: Meter) -> tuple[str, ...]:
        """The names of the models that the endpoint serves; () where its provider cannot be asked. For a check."""
        return self._endpoint.models(Limit(meter), self._place())

    def reply(self, prompt: Prompt, variables: Mapping[str, str], schema: type[_Reply], *, meter: Meter) -> _Reply:
        """The reply in the shape of `schema`, asked for once more where the first cannot be read.

        Raises KeyError for a variable that is missing.
        """
        ask = _Ask(prompt, _sound(variables), Shape(schema))
        return schema.model_validate([value for _, value in self._parts(ask, meter, Limit(meter))][-1])

    def items(
        self,
        prompt: Prompt,
        variables: Mapping[str, str],
        schema: type[BaseModel],
        *,
        each: str,
        meter: Meter,
        stop: threading.Event | None = None,
    ) -> Iterator[Part]:
        """Each object of the list `each` as soon as it is finished, in the types of `schema`; the whole reply last.

        Objects of other types are left out. Closing the iterator or setting `stop` ends the server's work at once;
        after a stop nothing more comes, no end either. An error may come after some of the objects.
        """
        ask = _Ask(prompt, _sound(variables), Shape(schema, each))
        try:
            yield from self._parts(ask, meter, Limit(meter, *((stop,) if stop else ())))
        except Stopped:
            return

    def odds(self, prompt: Prompt, variables: Mapping[str, str], *, meter: Meter) -> float | None:
        """The log-odds of "Yes" against "No" as the reply's first word: by the tokens' probabilities where the
        endpoint gives them, else 4 or -4 by the word; None for another word."""
        sound = _sound(variables)
        key = self._key(prompt, sound, None)
        cached = self._cached(key)
        try:
            if cached is not None:
                found = float(cached)
                meter.add(cached=1)
                return found
        except ValueError:
            pass
        text, value = "", None
        with closing(self._asked(prompt, sound, None, meter, Limit(meter), odds=True)) as pieces:
            for piece in pieces:
                text += piece.text
                value = odds(piece.first)
                if value is not None or len(text) > _A_WORD:
                    break
        value = odds_of(text) if value is None else value
        if value is not None and self._cache:
            self._cache.put(key, repr(value))
        return value

    def _parts(self, ask: _Ask[_Reply], meter: Meter, limit: Limit) -> Generator[Part]:
        key = self._key(ask.prompt, ask.variables, ask.shape.schema)
        cached = self._cached(key)
        if cached is not None and (parts := ask.shape.read(cached)):
            meter.add(cached=1)
            yield from parts
            return
        for plain in (False, True):
            reader, items, finish = Reader(ask.shape.each), list[dict[str, Any]](), None
            with closing(self._asked(ask.prompt, ask.variables, ask.shape, meter, limit, plain=plain)) as pieces:
                for piece in pieces:
                    for item in filter(None, map(ask.shape.item, reader.feed(piece.text))):
                        items.append(item)
                        yield "item", item
                    finish = piece.finish or finish
                    if len(reader.text) > self._longest or reader.rest > _AFTERWORD:
                        finish = "length"
                        break
            end, complete = ask.shape.end(reader, items)
            if items and not reader.closed and finish is None:
                raise ModelBusy(f"{self._address.host} broke the reply off")
            if complete or items:
                if complete and self._cache:
                    self._cache.put(key, reader.text)
                yield "end", end
                return
            if finish == "length" and not reader.closed:
                raise ModelBusy(f"the reply of {self.name} is cut at its token limit; RAG_LLM_MAX_TOKENS sets more")
        raise ModelBusy(f"{self.name} at {self._address.host} gave no reply that can be read, asked twice")

    def _asked(
        self,
        prompt: Prompt,
        variables: Mapping[str, str],
        shape: Shape[Any] | None,
        meter: Meter,
        limit: Limit,
        *,
        plain: bool = False,
        odds: bool = False,
    ) -> Generator[Piece]:
        """The pieces of one call, counted: what the endpoint says it used, else an estimate."""
        self._endpoint.prepare(self.name)
        self._address.tell()
        self._choose(limit)
        place = self._place()
        with journal.span("model", model=self.name, prompt=prompt.name) as told:
            yield from self._counted(prompt, variables, shape, meter, limit, place, told, plain=plain, odds=odds)

    def _counted(
        self,
        prompt: Prompt,
        variables: Mapping[str, str],
        shape: Shape[Any] | None,
        meter: Meter,
        limit: Limit,
        place: Place,
        told: journal.Facts,
        *,
        plain: bool,
        odds: bool,
    ) -> Generator[Piece]:
        used_in = used_out = pieces = 0
        meter.add(calls=1)
        stream = self._endpoint.stream(prompt, variables, shape, limit=limit, place=place, odds=odds, plain=plain)
        try:
            while True:
                started = time.monotonic()
                try:
                    piece = next(stream, None)
                finally:
                    meter.add(seconds=time.monotonic() - started)
                if piece is None:
                    return
                pieces += bool(piece.text)
                used_in, used_out = max(used_in, piece.input_tokens), max(used_out, piece.output_tokens)
                yield piece
        finally:
            stream.close()
            if pieces and not used_in:
                used_in = sum(map(len, [prompt.system, prompt.user, *variables.values()])) // _LETTERS_A_TOKEN
            used_out = used_out or pieces
            told |= {"input_tokens": used_in, "output_tokens": used_out}
            meter.add(input_tokens=used_in, output_tokens=used_out, cost=self._cost(used_in, used_out))

    def _cost(self, used_in: int, used_out: int) -> float | None:
        if self._prices == (None, None):
            return None
        return (used_in * (self._prices[0] or 0.0) + used_out * (self._prices[1] or 0.0)) / 1_000_000

    def _choose(self, limit: Limit) -> None:
        """Where no name is set, the only model that the endpoint serves."""
        if self.name:
            return
        served = self._endpoint.models(limit, self._place())
        if len(served) != 1:
            shown = f"serves {', '.join(served[:8])}" if served else "names no model"
            raise ModelError(f"{self._place().line(f'{self._address.host} {shown}')}; set RAG_LLM_MODEL")
        self.name = served[0]

    def _place(self) -> Place:
        return Place(self._address.host, self.name, self._secret)

    def _key(self, prompt: Prompt, variables: Mapping[str, str], schema: Mapping[str, Any] | None) -> str:
        messages = prompt.template().format_messages(**variables)
        said = [[message.type, message.content] for message in messages]
        facts = [self.name, self._address.url or self._address.host, said, schema, self._endpoint.parameters]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def _cached(self, key: str) -> str | None:
        return self._cache.get(key) if self._cache else None


def connect(
    *,
    model: str | None = None,
    base_url: str | None = None,
    api_key: SecretStr | str | None = None,
    provider: str = "openai",
    retries: int = 2,
    concurrency: int = 4,
    max_tokens: int = 900,
    context: int | None = None,
    price_input: float | None = None,
    price_output: float | None = None,
    cache: Path | None = None,
) -> Model:
    """The model `model` at `base_url`; the only one there where no name is given. Connects to nothing yet.

    `provider` is one of LangChain's `init_chat_model`. `cache` is the SQLite file of replies, None for no cache. Prices
    are in USD per million tokens. Raises ModelError for an address or a key that is none, and for neither name nor
    address.
    """
    secret = (api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key or "").strip()
    where = address(base_url, provider)
    if not secret.isascii() or not secret.isprintable():
        raise ModelError("RAG_LLM_API_KEY holds characters that no key has; copy it again")
    if not model and (provider != "openai" or not base_url):
        raise ModelError("no language model is named; set RAG_LLM_MODEL")
    endpoint = Endpoint(
        provider=provider,
        base_url=where.url,
        key=secret,
        max_tokens=max_tokens,
        retries=retries,
        slots=concurrency,
    )
    return Model(
        endpoint,
        name=model or "",
        address=where,
        secret=secret,
        context=context,
        prices=(price_input, price_output),
        longest=max(_LONGEST, max_tokens * _LETTERS_AT_MOST),
        cache=Cache(cache) if cache else None,
    )


def _sound(variables: Mapping[str, str]) -> dict[str, str]:
    """The values with what cannot be sent as UTF-8 replaced."""
    return {name: value.encode("utf-8", "replace").decode() for name, value in variables.items()}
