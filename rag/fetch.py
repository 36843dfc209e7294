"""Pages fetched from an address that somebody gave: only public ones, checked where the connection goes.

A name is resolved once, every address it has must be public, and the connection is made to the very address that was
checked, so that a second resolution cannot lead elsewhere (DNS rebinding). Redirects are followed by hand, each checked
as the first was (OWASP, Server-Side Request Forgery Prevention Cheat Sheet). No proxy, cookie or password is used.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from rag.decode import MAX_ARTICLE, Unreadable, decode
from rag.domain import Rejected
from rag.errors import InputError
from rag.uploads import Upload, keep

USER_AGENT = "rag-news-reader (one page at a time, for a reader's own archive)"
MOST_REDIRECTS = 5
MOST_URL = 2_000
_PORTS = {"http": 80, "https": 443}
_KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}
_MOVED = (301, 302, 303, 307, 308)
_PIECE = 65_536
_PUBLIC_6 = ipaddress.ip_network("2000::/3")
# Addresses that hold another one (6to4) or are tunnels, documentation and benchmarks (Teredo is of 2001::/23).
_NOT_PUBLIC_6 = tuple(map(ipaddress.ip_network, ("2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20")))

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: the address that gave it after redirects, the ending of its kind, its bytes and the stated charset."""

    url: str
    kind: str
    data: bytes
    charset: str | None = None


def is_url(text: str) -> bool:
    """Whether this is an address on the network and not a path."""
    return text[:8].lower().startswith(("http://", "https://"))


def fetched(
    paths: Sequence[str], *, store: Path, allow: Collection[str] = (), seconds: float = 30
) -> tuple[tuple[str, ...], tuple[Rejected, ...]]:
    """The paths with each address replaced by the file that it was saved to, and the addresses that gave nothing.

    Raises StoreError where the store's folder cannot be written.
    """
    found, refused = [], []
    for path in paths:
        try:
            found.append(str(saved(store, fetch(path, allow=allow, seconds=seconds))) if is_url(path) else path)
        except InputError as error:
            refused.append(Rejected(path, str(error)))
    return tuple(found), tuple(refused)


def resolved(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host. Raises OSError."""
    return tuple(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def fetch(url: str, *, allow: Collection[str] = (), seconds: float = 30, resolve: Resolve = resolved) -> Fetched:
    """The page at an address of the public network. `seconds` is the time for all of it.

    A host in `allow` (`host` or `host:port`, as in the address) may be private and have that port. Raises InputError,
    a predicate that follows the address.
    """
    ends = time.monotonic() + seconds
    for _ in range(MOST_REDIRECTS + 1):
        parts = _checked(url, allow)
        try:
            answer = _got(parts, _address(parts, allow, resolve), ends)
        except ssl.SSLError as error:
            raise InputError(f"cannot be trusted: {error.reason or 'TLS failed'}; check the address") from None
        except TimeoutError:
            raise InputError(f"did not come within {seconds:g} s; try again later") from None
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() >= ends:
                raise InputError(f"did not come within {seconds:g} s; try again later") from None
            raise InputError(f"cannot be fetched ({_named(error)}); check the address and the network") from None
        if isinstance(answer, Fetched):
            return answer
        url = urljoin(parts.geturl(), answer)
    raise InputError(f"redirects more than {MOST_REDIRECTS} times; give the address of the article itself")


def saved(store: Path, page: Fetched) -> Path:
    """Keep a fetched page in the store's folder, with its address as the article's; where it is. Raises InputError."""
    name = (urlsplit(page.url).path.rstrip("/").rsplit("/", 1)[-1] or urlsplit(page.url).hostname or "page")[:80]
    data, ending = page.data, page.kind
    if ending in (".html", ".txt"):
        field, ending = ("html" if ending == ".html" else "text"), ".jsonl"
        record = {field: _text(page), "url": page.url}
        data = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    part = store / f".fetched-{time.monotonic_ns()}"
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        return keep(store, Upload(part, name + ending))
    except OSError as error:
        raise InputError(f"cannot be kept in {store} ({error.strerror}); choose another --store") from None
    finally:
        part.unlink(missing_ok=True)


def _text(page: Fetched) -> str:
    try:
        data = page.data
        if page.charset and page.charset.lower() not in ("utf-8", "utf8"):
            head = f'<meta charset="{page.charset}">'.encode("ascii", "ignore")
            return decode(head + data, declared=True).removeprefix(head.decode())
        return decode(data, declared=page.kind == ".html")
    except Unreadable as error:
        raise InputError(str(error)) from None


def _checked(url: str, allow: Collection[str]) -> SplitResult:
    """The parts of an address that may be asked for, by its spelling alone."""
    if len(url) > MOST_URL or any(ord(character) <= 32 or ord(character) == 127 for character in url):
        raise InputError("is no address: it is too long or holds spaces or control characters; copy it again")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise InputError("is no address; copy it again from the browser") from None
    if parts.scheme not in _PORTS or not host:
        raise InputError("is not an http or https address; give one, or save the page and give the file")
    if parts.username is not None or parts.password is not None:
        raise InputError("holds a user name or password; give the address without them")
    if port not in (None, _PORTS[parts.scheme]) and f"{host}:{port}" not in allow:
        raise InputError(f"asks port {port}; if you trust it, add --fetch-host {host}:{port}")
    literal = f"[{host}]" if ":" in host else host
    place = literal if port in (None, _PORTS[parts.scheme]) else f"{literal}:{port}"
    return parts._replace(netloc=place, fragment="", path=_quoted(parts.path) or "/", query=_quoted(parts.query))


def _quoted(text: str) -> str:
    return quote(text, safe="%/:=&?~#+!$,;'@()*[]-._|")


def _address(parts: SplitResult, allow: Collection[str], resolve: Resolve) -> str:
    """The address to connect to. Raises InputError where any of the host's is not public, unless it is allowed."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError):
        found = ()
    if not found:
        raise InputError(f"has an unknown host ({host}); check the address and the network")
    if host not in allow and f"{host}:{port}" not in allow:
        for address in found:
            if not is_public(address):
                raise InputError(f"leads to {address}, which is not public; if you trust it, add --fetch-host {host}")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network, and holds no other address that might not be."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _PUBLIC_6 or any(ip in net for net in _NOT_PUBLIC_6)):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def _got(parts: SplitResult, address: str, ends: float) -> Fetched | str:
    """The page, or where it has moved to."""
    connection = _connected(parts, address, ends)
    watch = threading.Timer(_remaining(ends), _hang_up, [connection.sock])  # also for headers that come byte by byte
    watch.daemon = True
    watch.start()
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers=_HEADERS | {"Host": parts.netloc})
        answer = connection.getresponse()
        _remaining(ends)
        if answer.status in _MOVED and (where := answer.getheader("Location")):
            return where
        if answer.status != 200:
            raise InputError(f"answers {answer.status}, not a page; check the address in a browser")
        return _page(parts.geturl(), answer, ends)
    finally:
        watch.cancel()
        connection.close()


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": ", ".join(_KINDS),
    "Accept-Encoding": "identity",
    "Connection": "close",
}


def _connected(parts: SplitResult, address: str, ends: float) -> http.client.HTTPConnection:
    """A connection to this very address, in the name of the host."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port)
    raw = socket.create_connection((address, port), timeout=_remaining(ends))
    try:
        secure = parts.scheme == "https"
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if secure else raw
    except BaseException:
        raw.close()
        raise
    return connection


def _page(url: str, answer: http.client.HTTPResponse, ends: float) -> Fetched:
    stated = answer.headers.get_content_type()
    kind = _KINDS.get(stated)
    if kind is None:
        raise InputError(f"is {stated[:60]}, not a page of text; download it and convert it to text")
    if (encoding := answer.getheader("Content-Encoding", "identity").strip().lower()) != "identity":
        raise InputError(f"comes packed ({encoding[:20]}) though it was not asked to; save the page and give the file")
    data = bytearray()
    while True:
        piece = answer.read1(_PIECE)
        data += piece
        _remaining(ends)
        if len(data) > MAX_ARTICLE:
            raise InputError(f"is longer than {MAX_ARTICLE // 1_000_000} MB, too much for one page")
        if not piece:
            if answer.length:
                raise InputError("broke off before its end; try again")
            return Fetched(url, kind, bytes(data), answer.headers.get_content_charset())


def _remaining(ends: float) -> float:
    if (left := ends - time.monotonic()) <= 0:
        raise TimeoutError
    return left


def _named(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)
