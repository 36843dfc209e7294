"""Calls of the API by plain HTTP that leave arguments out: `{"data": ["a question"]}`.

Gradio asks for all arguments of a function there, in their order; those that are missing are filled in.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

from rag.ui_api import NAMES, Functions

_CALL = "/gradio_api/call/"


class Filled:
    """An ASGI application that gives a call of the functions the arguments that it left out."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self._defaults = {_CALL + name: _defaults(name) for name in NAMES}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        defaults = self._defaults.get(scope.get("path", "").rstrip("/"))
        if scope["type"] != "http" or scope["method"] != "POST" or defaults is None:
            await self.app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        if messages[-1]["type"] == "http.disconnect":
            return
        body = _filled(b"".join(message.get("body", b"") for message in messages), defaults)
        kept = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Any:
            return given.pop() if given else await receive()

        headers = [*kept, (b"content-length", str(len(body)).encode())]
        await self.app(scope | {"headers": headers}, again, send)


def _defaults(name: str) -> list[Any]:
    """What each argument is where it is left out; null for one that must be given."""
    _self, *parameters = inspect.signature(getattr(Functions, name)).parameters.values()
    return [None if each.default is inspect.Parameter.empty else each.default for each in parameters]


def _filled(body: bytes, defaults: list[Any]) -> bytes:
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(call, dict) or not isinstance(call.get("data"), list):
        return body
    return json.dumps(call | {"data": call["data"] + defaults[len(call["data"]) :]}).encode()
