"""The door to httpx2 and httpcore2: an HTTP client whose every wait ends with the limit of the call.

A time-out of HTTP clients starts anew with each byte, so a server that sends one byte a second holds a caller for ever.
Here each read waits a tenth of a second at a time and asks the calling thread's limit in between.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from rag.llm_limits import here

_TICK = 0.1
_CONNECT = 10.0


def client(*, secure: bool) -> httpx2.Client:
    """A client without proxies and redirects. Unless `secure` it trusts no certificate: loading them takes time."""
    context = httpx2.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx2.HTTPTransport(verify=context)
    transport._pool = httpcore2.ConnectionPool(
        ssl_context=context, max_connections=64, max_keepalive_connections=8, network_backend=_Backend()
    )
    return httpx2.Client(transport=transport, follow_redirects=False, trust_env=False)


def _left(timeout: float | None) -> float | None:
    limit = here()
    if limit is None:
        return timeout
    left = max(0.01, limit.remaining)
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        limit = here()
        if limit is None:
            return self._inner.read(max_bytes, timeout)
        while not limit.over:
            try:
                data = self._inner.read(max_bytes, _TICK)
            except httpcore2.ReadTimeout:
                continue
            limit.count(len(data))
            return data
        raise httpcore2.ReadTimeout("the limit of the call")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        return _Stream(
            self._inner.connect_tcp(
                host, port, _left(min(timeout or _CONNECT, _CONNECT)), local_address, socket_options
            )
        )
