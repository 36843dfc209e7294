"""A language model that does what an article orders, as an OpenAI-compatible server on 127.0.0.1."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

NAME = "obedient"
_YES = "Yes"


class Obedient:
    """Serves while it is open. `reply` is what it says where a shape is asked for; any other question gets a yes."""

    def __init__(self) -> None:
        self.reply = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"model": self}))
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Obedient:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    model: Obedient

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        shaped = "response_format" in request or "tools" in request
        text = self.model.reply if shaped else _YES
        streamed = bool(request.get("stream"))
        spoken = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "delta" if streamed else "message": spoken}
        kind = "chat.completion.chunk" if streamed else "chat.completion"
        body = json.dumps({"id": "1", "object": kind, "created": 0, "model": NAME, "choices": [choice]})
        data = f"data: {body}\n\ndata: [DONE]\n\n" if streamed else body
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if streamed else "application/json")
        self.send_header("Content-Length", str(len(data.encode())))
        self.end_headers()
        self.wfile.write(data.encode())
