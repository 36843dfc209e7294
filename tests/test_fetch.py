"""Pages fetched from an address: only public ones, at every step; a server here is reached only where it is allowed."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from rag import feeds
from rag.domain import Raw
from rag.errors import InputError
from rag.fetch import fetch, fetched, is_public, saved

PARAGRAPH = "Ngoại trưởng Vương Nghị hội đàm với Ngoại trưởng Sergei Lavrov tại Jakarta ngày 12/7 và nhất trí hợp tác."
PAGE = f"<html><head><title>Hội đàm</title></head><body><article><p>{PARAGRAPH}</p><p>{PARAGRAPH} Hết.</p></article>"
NOT_PUBLIC = [
    *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1"),
    *("fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
    *("2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "fe80::1%eth0", "no address", "0x7f.1", "2130706433"),
]


class _Site(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Host"]))
        steps = {
            "/moved": "/article",
            "/inside": "http://internal.example/admin",
            "/metadata": "http://169.254.169.254/latest",
            "/file": "file:///etc/passwd",
            "/loop": "/loop",
        }
        if self.path in steps:
            self.send_response(302)
            self.send_header("Location", steps[self.path])
            self.end_headers()
            return
        kinds = {"/pdf": "application/pdf", "/large": "text/plain", "/packed": "text/html"}
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Content-Type", kinds.get(self.path, "text/html; charset=utf-8"))
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        body = b"a" * 6_000_000 if self.path == "/large" else PAGE.encode()
        for start in range(0, len(body), 1 << 20):
            try:
                self.wfile.write(body[start : start + (1 << 20)])
            except OSError:
                return

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    """A server of this machine; its `host:port`."""
    _Site.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"news.example:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def resolves_here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"] if host == "news.example" else ["10.0.0.7"] if host == "internal.example" else [host]


def nobody(host: str, port: int) -> Sequence[str]:
    raise AssertionError("nothing may be resolved")


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public_are_refused_after_resolution(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(InputError, match=r"is not public; if you trust it, add --fetch-host news.example"):
        fetch("http://news.example/a", resolve=lambda host, port: [address])


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "203.119.9.1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(InputError, match=r"leads to 10.0.0.1"):
        fetch("https://news.example/a", resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://news.example/a", "not an http or https"),
        ("file:///etc/passwd", "not an http or https"),
        ("http:///a", "not an http or https"),
        ("https://user:secret@news.example/", "user name or password"),
        ("https://user@news.example/", "user name or password"),
        ("http://news.example:6379/", "asks port 6379; if you trust it, add --fetch-host news.example:6379"),
        ("http://news.example:99999/", "is no address"),
        ("http://news.example/a b", "is no address"),
        ("http://news.example/\r\nX: y", "is no address"),
        ("http://" + "a" * 3000, "is no address"),
        ("http://" + "a" * 300 + ".example/", "is no address"),
    ],
)
def test_an_address_that_is_spelled_wrongly_is_refused_before_anything_is_resolved(url: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        fetch(url, resolve=nobody)


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]"])
def test_loopback_in_any_spelling_is_refused(host: str) -> None:
    with pytest.raises(InputError, match=r"is not public|unknown host"):
        fetch(f"http://{host}/")


def test_a_page_of_an_allowed_host_becomes_an_article_with_its_address(site: str, tmp_path: Path) -> None:
    page = fetch(f"http://{site}/moved", allow={site}, resolve=resolves_here)
    assert page.url == f"http://{site}/article"
    assert [host for _, host in _Site.seen] == [site, site], "the host's own name is asked for, at the checked address"
    kept = saved(tmp_path, page)
    assert kept.parent == tmp_path / "uploads"
    [raw] = [each for found in feeds.discover([str(kept)]) for each in feeds.read(found)]  # type: ignore[arg-type]
    assert isinstance(raw, Raw)
    assert raw.url == page.url
    assert PARAGRAPH in raw.text


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/inside", "leads to 10.0.0.7, which is not public"),
        ("/metadata", "leads to 169.254.169.254, which is not public"),
        ("/file", "not an http or https"),
        ("/loop", "redirects more than 5 times"),
        ("/gone", "answers 404"),
        ("/pdf", "is application/pdf, not a page of text"),
        ("/large", "is longer than 5 MB"),
        ("/packed", r"comes packed \(gzip\)"),
    ],
)
def test_each_redirect_is_checked_and_each_answer_limited(site: str, path: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        fetch(f"http://{site}{path}", allow={site}, resolve=resolves_here)
    assert {host for _, host in _Site.seen} == {site}


def test_the_connection_goes_to_the_address_that_was_checked(site: str) -> None:
    asked = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    fetch(f"http://{site}/article", allow={site}, resolve=rebinding)
    assert asked == ["news.example"], "resolved once, not again to connect"


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"news.example:{silent.getsockname()[1]}"
        with pytest.raises(InputError, match=r"did not come within 0.3 s"):
            fetch(f"http://{place}/", allow={place}, seconds=0.3, resolve=resolves_here)


def test_headers_that_come_byte_by_byte_are_given_up() -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        taken, _ = listening.accept()
        with taken:
            try:
                for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200:
                    taken.send(bytes([byte]))
                    time.sleep(0.05)
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    place = f"news.example:{listening.getsockname()[1]}"
    started = time.monotonic()
    with listening, pytest.raises(InputError, match=r"did not come within 0.4 s"):
        fetch(f"http://{place}/", allow={place}, seconds=0.4, resolve=resolves_here)
    assert time.monotonic() - started < 4


def test_addresses_that_give_nothing_are_told_beside_files_that_do(tmp_path: Path) -> None:
    paths, refused = fetched(["news/", "http://127.0.0.1/x"], store=tmp_path)
    assert paths == ("news/",)
    assert [each.path for each in refused] == ["http://127.0.0.1/x"]


def test_without_fetch_an_address_is_refused_with_the_remedy() -> None:
    [refused] = feeds.discover(["https://news.example/a?b=1"])
    assert "--fetch" in refused.reason  # type: ignore[union-attr]
