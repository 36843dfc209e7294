"""Who may come in: users with their passwords, and without any only this machine's own pages."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import bcrypt
import httpx
import pytest
from browser.conftest import serving_here
from fakes import FakeDesk
from hypothesis import given, settings
from hypothesis import strategies as some
from running import finished
from test_api import NAMES, events_of, with_tools

from rag import ui, ui_auth
from rag.desk import Desk
from rag.domain import Answer
from rag.errors import InputError
from rag.passwords import Users, read, write

NAME, PASSWORD = "Nguyễn Thị Ánh", "mật khẩu: Đường Hoà"


def hashed(password: str) -> bytes:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4))


def users() -> Users:
    return Users({NAME: hashed(PASSWORD), "bob": hashed("secret")})


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


class Inside:
    """The application behind the doors: remembers who came in, and says how many bytes it read."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        read, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            read, more = read + len(message["body"]), message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(read).encode()})


def request(app: Any, method: str = "GET", path: str = "/", *, client: str = "10.0.0.1", **options: Any) -> Any:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as browser:
            return await browser.request(method, path, **options)

    return finished(go())


def test_a_user_comes_in_and_nobody_else() -> None:
    inside = Inside()
    app = ui_auth.Password(inside, users())
    asked = request(app)
    assert (asked.status_code, asked.headers["www-authenticate"]) == (401, 'Basic realm="rag", charset="UTF-8"')
    assert request(app, headers=basic(NAME, PASSWORD)).status_code == 200
    for headers in (
        basic(NAME, "secret"),
        basic("nobody", "secret"),
        basic(NAME, ""),
        {"Authorization": "Basic ???"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
    ):
        assert request(app, headers=headers).status_code == 401
    assert [scope["user_name"] for scope in inside.scopes] == [NAME]


def test_a_name_in_decomposed_letters_is_the_same_user() -> None:
    import unicodedata

    inside = Inside()
    decomposed = [unicodedata.normalize("NFD", text) for text in (NAME, PASSWORD)]
    assert request(ui_auth.Password(inside, users()), headers=basic(*decomposed)).status_code == 200
    assert inside.scopes[0]["user_name"] == NAME


class Counting(Users):
    checks = 0

    def check(self, name: str, password: str) -> bool:
        self.checks += 1
        return super().check(name, password)


def test_a_right_password_is_checked_once() -> None:
    counting = Counting({"bob": hashed("secret")})
    app = ui_auth.Password(Inside(), counting)
    assert [request(app, headers=basic("bob", "secret")).status_code for _ in range(5)] == [200] * 5
    assert counting.checks == 1


def test_an_address_that_fails_often_waits_longer_and_longer_and_others_do_not() -> None:
    now = 0.0
    counting = Counting({"bob": hashed("secret")})
    app = ui_auth.Password(Inside(), counting, clock=lambda: now)
    assert request(app, headers=basic("bob", "secret")).status_code == 200
    wrong = basic("bob", "guess")
    assert [request(app, headers=wrong).status_code for _ in range(10)] == [401] * 10
    waits = []
    for _ in range(8):
        refused = request(app, headers=wrong)
        assert refused.status_code == 429
        waits.append(int(refused.headers["retry-after"]))
        now += waits[-1]
        assert request(app, headers=wrong).status_code == 401
    assert waits == sorted(waits)
    assert waits[-1] in (60, 61)
    checked = counting.checks
    assert request(app, headers=basic("bob", "Secret")).status_code == 429
    assert counting.checks == checked
    assert request(app, headers=basic("bob", "secret")).status_code == 200  # known before
    assert request(app, headers=wrong, client="10.0.0.2").status_code == 401


def test_the_addresses_of_one_ipv6_network_are_one() -> None:
    app = ui_auth.Password(Inside(), users(), clock=lambda: 0.0)
    tried = [request(app, headers=basic("bob", "guess"), client=f"2001:db8::{n:x}").status_code for n in range(1, 12)]
    assert tried == [401] * 10 + [429]
    assert request(app, headers=basic("bob", "guess"), client="2001:db8:0:1::1").status_code == 401


def test_whoever_is_unknown_costs_as_much_as_who_is_known() -> None:
    one = Users({"bob": bcrypt.hashpw(b"secret", bcrypt.gensalt(8))})

    def seconds(name: str) -> float:
        started = time.process_time()
        for _ in range(5):
            one.check(name, "guess")
        return time.process_time() - started

    assert 0.5 < seconds("nobody") / seconds("bob") < 2


def test_a_websocket_needs_the_password_too_and_no_page_of_another_site_opens_one() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    def connect(app: Any, *headers: tuple[bytes, bytes]) -> None:
        scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"127.0.0.1:7860"), *headers]}
        finished(app(scope, None, send))

    inside = Inside()
    connect(ui_auth.Password(inside, users()))
    connect(ui_auth.SameSite(inside), (b"origin", b"http://evil.example"))
    assert [message["type"] for message in sent] == ["websocket.close"] * 2
    assert inside.scopes == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7860", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:7860", 200),
        ("evil.example:7860", 421),
        ("127.0.0.1.evil.example", 421),
        ("0.0.0.0:7860", 421),
        ("localhost@evil.example", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
def test_without_users_only_this_machines_names_are_answered(host: str, status: int) -> None:
    assert request(ui_auth.Loopback(Inside()), headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, 200),
        ("POST", {"Origin": "http://127.0.0.1:7860"}, 200),
        ("POST", {"Origin": "http://127.0.0.1:9999"}, 403),
        ("POST", {"Origin": "http://evil.example"}, 403),
        ("POST", {"Origin": "null"}, 403),
        ("POST", {"Origin": ""}, 403),
        ("DELETE", {"Origin": "http://evil.example"}, 403),
        ("GET", {"Origin": "http://evil.example"}, 200),
        # Behind a proxy that calls this server by another name.
        ("POST", {"Origin": "https://desk.example", "Sec-Fetch-Site": "same-origin"}, 200),
        ("POST", {"Origin": "https://desk.example", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_what_a_page_of_another_site_sends_is_refused(method: str, headers: dict[str, str], status: int) -> None:
    assert request(ui_auth.SameSite(Inside()), method, headers=headers).status_code == status


def test_bodies_that_are_too_large_are_refused_also_without_a_length() -> None:
    app = ui_auth.Bounded(Inside(), body=1_000_000, upload=2_000_000)

    async def chunks(many: int) -> Any:
        for _ in range(many):
            yield b"x" * 100_000

    assert request(app, "POST", content=b"x" * 1_000_000).text == "1000000"
    assert request(app, "POST", content=b"x" * 1_000_001).status_code == 413
    assert request(app, "POST", content=chunks(10)).text == "1000000"
    refused = request(app, "POST", content=chunks(11))
    assert (refused.status_code, refused.text) == (413, "the request is larger than 1 MB; send less at once\n")
    assert request(app, "POST", "/vi/gradio_api/upload", content=b"x" * 2_000_000).status_code == 200
    assert request(app, "POST", "/vi/gradio_api/upload", content=b"x" * 2_000_001).status_code == 413


def test_a_file_of_users_is_written_and_read(tmp_path: Path) -> None:
    file = tmp_path / "users"
    assert write(file, NAME, PASSWORD)
    assert write(file, "bob", "first")
    assert not write(file, "bob", "second")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = read(file)
    assert found.check(NAME, PASSWORD)
    assert (found.check("bob", "first"), found.check("bob", "second")) == (False, True)
    assert os.listdir(tmp_path) == ["users"]


def test_a_change_keeps_the_other_lines(tmp_path: Path) -> None:
    file = tmp_path / "users"
    other = f"# who may come in\nann:{hashed('a').decode()}\n\n"
    file.write_text(other, encoding="utf-8")
    write(file, "bob", "secret")
    assert file.read_text(encoding="utf-8").startswith(other)
    assert read(file).check("ann", "a")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("bob:secret", "line 2 is no NAME:HASH with a bcrypt hash; write it with: rag password"),
        ("bob:$apr1$abc$def", "line 2 is no"),
        ("bob", "line 2 is no"),
        (":$2y$05$" + "a" * 53, "line 2 is no"),
        ("bob:$2y$31$" + "a" * 53, "line 2: a bcrypt cost of 31 takes too long"),
        ("ann:$2y$05$" + "a" * 53, "line 2: ann is there twice"),
    ],
)
def test_a_line_that_is_no_user_is_told_with_its_number(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "users"
    file.write_text(f"ann:{hashed('a').decode()}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(file)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_without_users_or_without_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "users"
    with pytest.raises(InputError, match=r"cannot be read .* rag password"):
        read(file)
    file.write_text("# nobody\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no user; add one with: rag password"):
        read(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="no UTF-8 text"):
        read(file)


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", " a", "#a", "a\x00b"])
def test_a_name_that_the_file_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is no name of a user"):
        write(tmp_path / "users", name, "secret")
    assert os.listdir(tmp_path) == []


def test_a_password_that_bcrypt_would_cut_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "users"
    write(file, "bob", "ậ" * 24)  # 72 bytes
    with pytest.raises(InputError, match=r"75 bytes of UTF-8; bcrypt reads 72"):
        write(file, "bob", "ậ" * 25)
    found = read(file)
    assert (found.check("bob", "ậ" * 24), found.check("bob", "ậ" * 25)) == (True, False)


@settings(max_examples=10, deadline=None)
@given(name=some.text(min_size=1, max_size=20), password=some.text(max_size=30), other=some.text(max_size=30))
def test_whatever_is_written_lets_in_with_that_password_only(name: str, password: str, other: str) -> None:
    import tempfile
    import unicodedata

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "users"
        try:
            write(file, name, password)
        except (InputError, UnicodeEncodeError):
            assert not file.exists()
            return
        found = read(file)
    assert found.check(name, password)
    same = unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", password)
    assert found.check(name, other) == same


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "desk.example"])
def test_an_address_that_others_reach_needs_users(host: str) -> None:
    with pytest.raises(InputError, match=r"give --auth FILE too, made with: rag password FILE NAME"):
        ui.serve(cast(Desk, FakeDesk()), port=0, host=host)


def test_the_command_makes_a_user_from_stdin(tmp_path: Path) -> None:
    file = tmp_path / "users"
    command = [sys.executable, "-m", "rag.cli", "password", str(file), NAME]
    done = subprocess.run(command, input=f"{PASSWORD}\n", capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (0, "")
    assert PASSWORD not in done.stderr
    assert read(file).check(NAME, PASSWORD)


@pytest.fixture(scope="module")
def closed() -> Iterator[str]:
    """The address of a page that asks for a password."""
    answer = Answer("?", "en", reason="the articles do not say")
    with serving_here(FakeDesk(answers=[answer]), users=users()) as address:
        yield address


@pytest.mark.parametrize(
    "path", ["", "vi/", "config", "theme.css", "gradio_api/info", "gradio_api/mcp", "gradio_api/call/ask/1", "nothing"]
)
def test_nothing_is_served_without_a_password(closed: str, path: str) -> None:
    assert httpx.get(closed + path).status_code == 401
    assert httpx.post(closed + path).status_code == 401
    assert httpx.get(closed + path, auth=(NAME, "guess")).status_code == 401


def test_the_clients_come_in_with_a_password(closed: str) -> None:
    from gradio_client import Client

    assert httpx.get(closed, auth=(NAME, PASSWORD)).status_code == 200
    client = Client(closed, verbose=False, httpx_kwargs={"auth": (NAME, PASSWORD)})
    assert client.predict("?", api_name="/ask")["reason"] == "the articles do not say"

    async def use(session: Any) -> Any:
        return (await session.list_tools()).tools, await session.call_tool("ask", {"question": "?"})

    tools, result = with_tools(closed, use, headers=basic(NAME, PASSWORD))
    assert [tool.name for tool in tools] == NAMES
    assert result.structuredContent["reason"] == "the articles do not say"


def test_a_page_of_another_site_reaches_neither_the_api_nor_the_tools() -> None:
    with serving_here(FakeDesk()) as address:
        for path in ("gradio_api/call/ask", "gradio_api/mcp", "gradio_api/upload", "gradio_api/queue/join"):
            for headers, status in (({"Origin": "http://evil.example"}, 403), ({"Host": "evil.example"}, 421)):
                assert httpx.post(address + path, headers=headers, json={"data": []}).status_code == status
        ((kind, _),) = events_of(address, "show", ["a"])
        assert kind == "error"


def test_a_file_that_is_too_large_is_not_kept() -> None:
    with serving_here(FakeDesk()) as address:
        large = b"x" * (ui_auth.FILE_MOST + 1)
        refused = httpx.post(f"{address}gradio_api/upload", files={"files": ("a.txt", large)}, timeout=60)
    assert refused.status_code == 413
