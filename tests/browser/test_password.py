"""A page that asks for a password: the browser gives it by itself, also for what streams."""

from contextlib import ExitStack
from typing import Any

import bcrypt
import pytest

from browser.conftest import serving_here
from browser.test_page import FLAGSHIP, ask
from rag.desk import Desk
from rag.passwords import Users

pytestmark = pytest.mark.browser
NAME, PASSWORD = "Nguyễn Thị Ánh", "mật khẩu"


def test_a_user_who_gave_the_password_asks_and_is_answered(chromium: Any, servers: ExitStack, desk: Desk) -> None:
    users = Users({NAME: bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))})
    address = servers.enter_context(serving_here(desk, users=users))
    context = chromium.new_context(http_credentials={"username": NAME, "password": PASSWORD})
    try:
        page = context.new_page()
        page.set_default_timeout(30_000)
        assert page.goto(address).status == 200
        page.wait_for_function("document.querySelector('#title p')?.textContent")
        assert ask(page, FLAGSHIP).locator("a.cite").count() > 1
    finally:
        context.close()


def test_nobody_else_sees_anything(chromium: Any, servers: ExitStack, desk: Desk) -> None:
    users = Users({NAME: bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))})
    address = servers.enter_context(serving_here(desk, users=users))
    context = chromium.new_context(http_credentials={"username": NAME, "password": "guess"})
    try:
        page = context.new_page()
        assert page.goto(address).status == 401
        told = "give the name and the password that the page's owner gave you"
        assert page.locator("body").inner_text().strip() == told
    finally:
        context.close()
