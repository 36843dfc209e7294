"""A scripted OpenAI-compatible server on 127.0.0.1, so that no test patches a client or needs a model.

    with ScriptedServer(['{"answered": false, "statements": []}', Status(429), Drip("{")]) as server:
        model = connect(base_url=server.base_url, model="scripted")

Replies are given in turn, the last one again and again. A reply is the text that the model says, one of the faults
below, or a function of the request's JSON that gives either. `refuses` names request fields (`response_format`,
`tools`, `seed`) that the server answers with a 400; that uses up no reply. Streams where the request says so.
`server.requests` holds the bodies of the chat requests, `server.keys` their keys, `server.paths` the path of every
request, of whatever kind; `server.left` is set when a client
went away before the reply's end.
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Says:
    """A text in pieces of `size` characters, `pause` seconds apart; `first` are the first token's candidates with
    their log-probabilities; `finish` is the reason to end (`length` for a reply cut at its limit). A request with
    `tools` gets the text as a call of the tool, unless `speaks`."""

    text: str
    size: int = 8
    pause: float = 0.0
    finish: str | None = "stop"
    first: Sequence[tuple[str, float]] = ()
    usage: bool = True
    speaks: bool = False


@dataclass(frozen=True)
class Status:
    """An HTTP error with this message and these headers."""

    code: int
    message: str = "no"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """These bytes as the body of a 200, whatever they are."""

    body: bytes
    content_type: str = "text/event-stream"


@dataclass(frozen=True)
class Silence:
    """The request is read and never answered."""


@dataclass(frozen=True)
class Drip:
    """One byte each `pause` seconds for ever: of the headers, or of a body that never ends."""

    headers: bool = False
    pause: float = 0.2


@dataclass(frozen=True)
class Cut:
    """The text, then the connection is closed in the middle."""

    text: str = ""


@dataclass(frozen=True)
class Endless:
    """The text, then `more` again and again for ever."""

    text: str = ""
    more: str = "blah "
    pause: float = 0.0


Scripted: TypeAlias = str | Says | Status | Raw | Silence | Drip | Cut | Endless
Reply: TypeAlias = Scripted | Callable[[dict[str, Any]], Scripted]


def context_full() -> Status:
    """The 400 of a prompt that is longer than the model's context."""
    return Status(400, "This model's maximum context length is 4096 tokens; your messages have 9000 tokens")


class ScriptedServer:
    """Serves /v1/chat/completions and /v1/models while it is open."""

    def __init__(
        self,
        replies: Sequence[Reply] = (),
        *,
        models: Sequence[str] = ("scripted",),
        refuses: Sequence[str] = (),
        key: str | None = None,
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.paths: list[str] = []
        self.left = threading.Event()
        self.closing = threading.Event()
        self.models = list(models)
        self.refuses = list(refuses)
        self.key = key
        self._replies = list(replies)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"script": self}))
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> ScriptedServer:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: dict[str, Any]) -> Scripted:
        """The next reply to this request."""
        refused = [name for name in self.refuses if name in request]
        if refused:
            return Status(400, f"{refused[0]} is not supported by this server")
        with self._lock:
            reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return reply(request) if callable(reply) else reply


class _Handler(BaseHTTPRequestHandler):
    script: ScriptedServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def parse_request(self) -> bool:
        known = super().parse_request()
        self.script.paths.append(self.requestline)
        return known

    def do_GET(self) -> None:
        self._json(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.script.models]})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.script.requests.append(request)
        self.script.keys.append(given)
        self.close_connection = True
        reply: Scripted = Status(401, f"wrong key {given}")
        if self.script.key in (None, given):
            reply = self.script.answer(request)
        try:
            self._give(Says(reply) if isinstance(reply, str) else reply, request)
        except (ConnectionError, TimeoutError):
            self.script.left.set()

    def _give(self, reply: Scripted, request: dict[str, Any]) -> None:
        match reply:
            case Says():
                self._says(reply, stream=bool(request.get("stream")), call="tools" in request and not reply.speaks)
            case Status():
                body = {"error": {"message": reply.message, "type": "error", "code": reply.code}}
                self._json(reply.code, body, reply.headers)
            case Raw():
                self._bytes(200, reply.content_type, reply.body)
            case Silence():
                self._wait(3600)
            case Drip():
                self._drip(reply)
            case Cut():
                self._start()
                self._chunk(_event({"content": reply.text}))
            case Endless():
                self._start()
                self._chunk(_event({"content": reply.text}))
                while not self.script.closing.is_set():
                    self._chunk(_event({"content": reply.more}))
                    self._wait(reply.pause)

    def _says(self, reply: Says, *, stream: bool, call: bool) -> None:
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110} if reply.usage else None
        logprobs = _logprobs(reply.first) if reply.first else None
        if not stream:
            message = {"role": "assistant", **_said(reply.text, call=call)}
            choice = {"index": 0, "message": message, "finish_reason": reply.finish, "logprobs": logprobs}
            self._json(200, {"id": "1", "object": "chat.completion", "choices": [choice], "usage": usage})
            return
        self._start()
        for number, piece in enumerate(_split(reply.text, reply.size)):
            self._chunk(_event(_said(piece, call=call), logprobs=None if number else logprobs))
            self._wait(reply.pause)
        if reply.finish:
            self._chunk(_event({}, finish=reply.finish))
        if usage:
            self._chunk(_line({"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": usage}))
        self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _drip(self, reply: Drip) -> None:
        if not reply.headers:
            self._start()
        while not self.script.closing.is_set():
            self.wfile.write(b"H" if reply.headers else b"1\r\n:\r\n")
            self._wait(reply.pause)

    def _wait(self, seconds: float) -> None:
        """Wait, or raise where the client goes away before."""
        end = time.monotonic() + seconds
        while seconds and not self.script.closing.is_set() and (left := end - time.monotonic()) > 0:
            if select.select([self.connection], [], [], min(left, 0.05))[0]:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    raise ConnectionResetError
                time.sleep(min(left, 0.05))

    def _start(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _json(self, code: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._bytes(code, "application/json", json.dumps(body).encode(), headers)

    def _bytes(self, code: int, content_type: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        told = {"Content-Type": content_type, "Content-Length": str(len(body)), "Connection": "close"}
        for name, value in {**told, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _split(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def _said(text: str, *, call: bool) -> dict[str, Any]:
    if not call:
        return {"content": text}
    function = {"name": "reply", "arguments": text}
    return {"content": None, "tool_calls": [{"index": 0, "id": "1", "type": "function", "function": function}]}


def _event(delta: dict[str, Any], *, finish: str | None = None, logprobs: Any = None) -> bytes:
    choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish, "logprobs": logprobs}
    return _line({"id": "1", "object": "chat.completion.chunk", "model": "scripted", "choices": [choice]})


def _line(body: Any) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()


def _logprobs(first: Sequence[tuple[str, float]]) -> dict[str, Any]:
    top = [{"token": token, "logprob": chance, "bytes": None} for token, chance in first]
    return {"content": [{**top[0], "top_logprobs": top}]}
