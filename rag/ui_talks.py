"""Conversations of the page: whose they are, saved, listed, opened by a link, deleted."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from rag.talk import Talk, Turn, messages
from rag.ui_page import Page

if TYPE_CHECKING:
    import gradio

LISTED = 50
COOKIE = "rag_reader"
_SHARED = "c"  # the address's parameter that holds a conversation

Opened = tuple[Talk, list[dict[str, Any]], Any]


class Talks:
    """The saved conversations of whoever asks. An owner is the user who is logged in, else the browser (a cookie)."""

    def __init__(self, page: Page) -> None:
        self._page, self._say = page, page.say

    def owner(self, request: gradio.Request) -> str:
        """Whose conversations a request may list, change and delete."""
        scope = getattr(request.request, "scope", {})
        return str(scope.get("user_name") or request.cookies.get(COOKIE) or secrets.token_urlsafe(16))

    def kept(self, talk: Talk, turn: Turn, owner: str) -> Talk:
        return talk.with_turn(turn)

    def cut(self, talk: Talk, number: int, owner: str) -> Talk:
        return talk.before(number)

    def requested(self, text: str, talk: Talk, owner: str, lang: str | None) -> Talk | None:
        return None

    def judged(self, told: dict[str, Any], owner: str) -> bool:
        return False

    def begun(self, request: gradio.Request) -> Opened:
        return Talk(), messages(Talk(), self._say), None

    def opened(self, chosen: str, request: gradio.Request) -> tuple[Talk, list[dict[str, Any]]]:
        return Talk(), []

    def deleted(self, talk: Talk, request: gradio.Request) -> Opened:
        return Talk(), [], None

    def listed(self, talk: Talk, request: gradio.Request) -> Any:
        return None
