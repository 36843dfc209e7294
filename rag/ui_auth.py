"""Who may come in: a name and a password for everything that is served, or only this machine's own pages.

ASGI applications around the page: `Password` asks for HTTP Basic, `Loopback` and `SameSite` let no page of another site
in, `Bounded` refuses bodies that are too large.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.passwords import Users
from rag.text import nfc

if TYPE_CHECKING:
    from fastapi import FastAPI

Scope = dict[str, Any]
FILE_MOST = 50_000_000  # bytes of an uploaded file
_UPLOAD = "/gradio_api/upload"
_UPLOAD_MOST = 5 * FILE_MOST  # bytes of a request that uploads, which may hold several files
_BODY_MOST = 20_000_000  # bytes of any other request
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REALM = b'Basic realm="rag", charset="UTF-8"'
_REMEMBERED = 1_000  # headers that were right, addresses that were not
_FREE = 10  # attempts of one address that are not slowed down
_WAIT_MOST = 60.0  # seconds
_CHECKS = 2  # passwords checked at once


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens there."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def guard(app: FastAPI, users: Users | None) -> None:
    """Put the doors before all that the application serves: with users a password, else only this machine."""
    app.add_middleware(SameSite)
    if users:
        app.add_middleware(Password, users=users)
    else:
        app.add_middleware(Loopback)
    app.add_middleware(Bounded)


class Password:
    """Asks for a name and a password; tells the application the name as `scope["user_name"]`.

    A header that was right once is remembered as a keyed hash. An address that fails often must wait ever longer.
    """

    def __init__(self, app: Any, users: Users, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._users = users
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, str] = OrderedDict()
        self._attempts: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, and until when to wait
        self._limiter: Any = None

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        header = _header(scope, b"authorization")
        digest = hmac.digest(self._key, header, hashlib.sha256)
        name = self._right.get(digest)
        if name is None:
            wait = self._wait(scope) if header else 0.0
            if wait > 0:
                after = (b"retry-after", str(int(wait) + 1).encode())
                await _refuse(scope, send, HTTPStatus.TOO_MANY_REQUESTS, "too many wrong passwords; wait", after)
                return
            name = await self._named(scope, header, digest)
        if name is None:
            said = "give the name and the password that the page's owner gave you"
            await _refuse(scope, send, HTTPStatus.UNAUTHORIZED, said, (b"www-authenticate", _REALM))
            return
        await self.app(scope | {"user_name": name}, receive, send)

    def _wait(self, scope: Scope) -> float:
        """Seconds until this address may try again. An attempt counts before it is known to be wrong."""
        address = _address(scope)
        tried, until = self._attempts.pop(address, (0, 0.0))
        now = self._clock()
        if now >= until:
            tried += 1
            until = now + min(2.0 ** (tried - _FREE), _WAIT_MOST) if tried >= _FREE else 0.0
            wait = 0.0
        else:
            wait = until - now
        _remember(self._attempts, address, (tried, until))
        return wait

    async def _named(self, scope: Scope, header: bytes, digest: bytes) -> str | None:
        """The user whose header this is; the hash is made in a thread, so that nobody else waits for it."""
        from anyio import CapacityLimiter, to_thread

        given = _basic(header)
        if given is None:
            return None
        self._limiter = self._limiter or CapacityLimiter(_CHECKS)
        if not await to_thread.run_sync(self._users.check, *given, limiter=self._limiter):
            return None
        name = nfc(given[0])
        self._attempts.pop(_address(scope), None)
        _remember(self._right, digest, name)
        return name


class Loopback:
    """Lets in only what calls this machine by its own name: a name that another site points here is refused."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan" and _host(_header(scope, b"host")) not in _LOCAL_NAMES:
            said = "this page answers only to the names 127.0.0.1, localhost and [::1]"
            await _refuse(scope, send, HTTPStatus.MISDIRECTED_REQUEST, said)
            return
        await self.app(scope, receive, send)


class SameSite:
    """Refuses what changes something, or holds a connection, when a page of another site asks it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        asks = scope["type"] == "websocket" or scope.get("method") not in {None, *_SAFE}
        if asks and not _is_same_site(scope):
            await _refuse(scope, send, HTTPStatus.FORBIDDEN, "pages of other sites may not use this one")
            return
        await self.app(scope, receive, send)


class Bounded:
    """Refuses requests whose body is larger than the page ever sends, as soon as it is known."""

    def __init__(self, app: Any, *, body: int = _BODY_MOST, upload: int = _UPLOAD_MOST) -> None:
        self.app = app
        self._body = body
        self._upload = upload

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._upload if scope["path"].rstrip("/").endswith(_UPLOAD) else self._body
        stated = _header(scope, b"content-length")
        if stated.isdigit() and int(stated) > most:
            await _too_large(scope, send, most)
            return
        await _Counted(self.app, most)(scope, receive, send)


class _Counted:
    """One request whose body is counted as it comes, for one that states no length or a false one."""

    def __init__(self, app: Any, most: int) -> None:
        self.app = app
        self._most = most
        self._read = 0
        self._over = False
        self._answered = False

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        async def counted() -> Any:
            message = await receive()
            self._read += len(message.get("body", b""))
            if self._read <= self._most:
                return message
            self._over = True
            return {"type": "http.disconnect"}

        async def answered(message: Any) -> None:
            if not self._over or self._answered:
                self._answered = True
                await send(message)

        try:
            await self.app(scope, counted, answered)
        except Exception:
            if not self._over:
                raise
        if self._over and not self._answered:
            await _too_large(scope, send, self._most)


async def _too_large(scope: Scope, send: Any, most: int) -> None:
    said = f"the request is larger than {most // 1_000_000} MB; send less at once"
    await _refuse(scope, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said, (b"connection", b"close"))


async def _refuse(scope: Scope, send: Any, status: HTTPStatus, said: str, *headers: tuple[bytes, bytes]) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": said})
        return
    body = f"{said}\n".encode()
    told = (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    )
    await send({"type": "http.response.start", "status": int(status), "headers": [*told, *headers]})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> bytes:
    """The value of a header, empty where it is missing or there twice."""
    found: list[bytes] = [value for key, value in scope.get("headers", ()) if key == name]
    return found[0] if len(found) == 1 else b""


def _host(netloc: bytes) -> str | None:
    try:
        return urlsplit(f"//{netloc.decode('ascii')}").hostname
    except ValueError:
        return None


def _is_same_site(scope: Scope) -> bool:
    """Whether no page asks, or one of this site. Browsers state an Origin with everything that changes something."""
    origin = _header(scope, b"origin")
    if not any(key == b"origin" for key, _ in scope["headers"]):
        return True
    asking = origin.decode("ascii", "replace").partition("://")[2].lower()
    here = _header(scope, b"host").decode("ascii", "replace").lower()
    return (asking != "" and asking == here) or _header(scope, b"sec-fetch-site") == b"same-origin"


def _address(scope: Scope) -> str:
    """Who asks; of IPv6 the network, since one machine has all of its addresses."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    return address.exploded[:19] if isinstance(address, IPv6Address) and not address.ipv4_mapped else str(address)


def _basic(header: bytes) -> tuple[str, str] | None:
    scheme, _, given = header.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        name, colon, password = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def _remember(held: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    held[key] = value
    while len(held) > _REMEMBERED:
        held.popitem(last=False)
