"""What runs the page asks of it: whether it is alive, whether it can answer, its metrics; and a line a request.

`/healthz` and `/readyz` need no password and tell nothing but a word; `/metrics` stands behind the page's own doors.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any

from rag import journal
from rag.metrics import CONTENT, Metrics

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.desk import Desk

Scope = dict[str, Any]
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_PROBED = frozenset({"GET", "HEAD"})
_KEPT = 2.0  # seconds that what was found about readiness holds
_REQUEST_ID = re.compile(r"[0-9a-fA-F-]{8,64}")
_CALLS = ("ask", "search", "brief", "events", "show")
_ROUTES = (
    *(
        (re.compile(rf"/gradio_api/(?:call/(?:v2/)?|run/){name}(?:/.*)?"), f"/gradio_api/call/{name}")
        for name in _CALLS
    ),
    (re.compile(r"/gradio_api/mcp/?"), "/gradio_api/mcp"),
    (re.compile(r"(?:/vi)?/gradio_api/queue/join"), "/gradio_api/queue/join"),
    (re.compile(r"(?:/vi)?/gradio_api/queue/data"), "/gradio_api/queue/data"),
    (re.compile(r"(?:/vi)?/gradio_api/heartbeat/.*"), "/gradio_api/heartbeat"),
    (re.compile(r"(?:/vi)?/gradio_api/upload(?:_progress)?/?"), "/gradio_api/upload"),
    (re.compile(r"(?:/vi)?/gradio_api/component_server/?"), "/gradio_api/component_server"),
    (re.compile(r"(?:/vi)?/?"), "/"),
    (re.compile(r"(?:/vi)?/(?:assets|static|theme\.css|config|svelte|custom_component).*"), "/assets"),
    (re.compile(r"/metrics"), "/metrics"),
    (re.compile(r"/healthz"), "/healthz"),
    (re.compile(r"/readyz"), "/readyz"),
)


_RESULTS = frozenset({"/gradio_api/queue/data", *(f"/gradio_api/call/{name}" for name in _CALLS)})


class Gate:
    """Whether the page takes new requests. Closed once, when it is to end."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Readiness:
    """What the desk lacks before it can answer, found out at most every two seconds; None where nothing does."""

    def __init__(self, lacks: Callable[[], str | None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lacks = lacks
        self._clock = clock
        self._found: tuple[float, str | None] | None = None
        self._asking = Lock()

    def __call__(self) -> str | None:
        with self._asking:
            if self._found is None or self._clock() - self._found[0] >= _KEPT:
                self._found = (self._clock(), self._lacks())
            return self._found[1]


class Operated:
    """The outermost ASGI application: probes, the log of requests; a closed gate lets only results out."""

    def __init__(self, app: Any, *, ready: Callable[[], str | None], gate: Gate) -> None:
        self.app = app
        self._ready = ready
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _request_id(scope)
        token = journal.request_id.set(request)
        started, status = time.perf_counter(), int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def told(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = message | {"headers": [*message.get("headers", ()), (b"x-request-id", request.encode())]}
            await send(message)

        try:
            await self._answer(scope, receive, told)
        finally:
            route = route_of(scope["path"])
            journal.tell(
                "request",
                level=logging.DEBUG if route in ("/healthz", "/readyz", "/metrics", "/assets") else logging.INFO,
                method=scope["method"] if scope["method"] in _METHODS else "other",
                route=route,
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )
            journal.request_id.reset(token)

    async def _answer(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["path"] in ("/healthz", "/readyz") and scope["method"] in _PROBED:
            lacks = await self._lacking() if scope["path"] == "/readyz" else None
            await _say(scope, send, lacks)
        elif self._gate.closed and not _is_result(scope):
            await _say(scope, send, "stopping")
        else:
            await self.app(scope, receive, send)

    async def _lacking(self) -> str | None:
        from anyio import to_thread

        return "stopping" if self._gate.closed else await to_thread.run_sync(self._ready)


def lacking(desk: Desk) -> str | None:
    """What `desk` lacks before it can answer: `embedder`, `store` or `index`; None where nothing does. Raises nothing.

    It loads no embedder: until something else did, that is what lacks.
    """
    if "embedder" not in vars(desk):
        return "embedder"
    part = "store"
    try:
        languages = desk.store.languages()
        part = "index"
        if languages:
            import numpy as np

            direction = np.ones(desk.store.dimension, np.float32)
            desk.store.dense(direction, lang=next(iter(languages)), limit=1)
    except Exception:
        logging.getLogger(__name__).warning("not ready: the %s fails", part, exc_info=True)
        return part
    return None


def _is_result(scope: Scope) -> bool:
    """Whether what was asked before is fetched."""
    return scope["method"] == "GET" and route_of(scope["path"]) in _RESULTS


def route_of(path: str) -> str:
    """One of a few names for a path, none of which holds anything that was sent."""
    return next((name for pattern, name in _ROUTES if pattern.fullmatch(path)), "other")


def serve_metrics(app: FastAPI, metrics: Metrics) -> None:
    """Give the metrics at /metrics. Call it before anything is mounted at `/`."""
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    def told(_request: Request) -> Response:
        return Response(metrics.text(), media_type=CONTENT, headers={"cache-control": "no-store"})

    app.router.routes.append(Route("/metrics", told, methods=["GET"]))


def _request_id(scope: Scope) -> str:
    """That of a proxy before the page where it is a number, so that it holds no words; else a new one."""
    given = [value for key, value in scope.get("headers", ()) if key == b"x-request-id"]
    text = given[0].decode("ascii", "replace") if len(given) == 1 else ""
    return text if _REQUEST_ID.fullmatch(text) else secrets.token_hex(8)


async def _say(scope: Scope, send: Any, lacks: str | None) -> None:
    told = {"ready": False, "reason": lacks} if lacks else {"ok": True}
    body = json.dumps(told).encode() + b"\n"
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *([(b"retry-after", b"5"), (b"connection", b"close")] if lacks else []),
    ]
    status = HTTPStatus.SERVICE_UNAVAILABLE if lacks else HTTPStatus.OK
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
