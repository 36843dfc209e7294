"""Conversations of the page: whose they are, saved, listed, opened by a link, judged, deleted."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rag.answer_html import notice_html
from rag.conversations import Saved
from rag.errors import RagError
from rag.examples import example_questions
from rag.requested_html import requested_html
from rag.talk import Talk, Turn, answered, limits_text, messages
from rag.turns import Turn as Kept
from rag.ui_page import Page

if TYPE_CHECKING:
    import gradio

LISTED = 50
COOKIE = "rag_reader"
SHARED = "c"  # the address's parameter that holds a conversation

Opened = tuple[Talk, Any, Any]


class Talks:
    """The saved conversations of whoever asks. An owner is the user who is logged in, else the browser (a cookie)."""

    def __init__(self, page: Page) -> None:
        self._page, self._say = page, page.say

    def owner(self, request: gradio.Request) -> str:
        """Whose conversations a request may list, change and delete."""
        asked = getattr(request, "request", request)  # a server function is given the request itself
        return str(asked.scope.get("user_name") or asked.cookies.get(COOKIE) or secrets.token_urlsafe(16))

    def kept(self, talk: Talk, turn: Turn, owner: str) -> Talk:
        """The conversation with this turn, saved; where that fails the turn says so.

        Going on with another's conversation makes one of one's own.
        """
        saving = self._page.desk().conversations
        try:
            name = saving.copy(owner, talk.id) if talk.id and talk.shared else talk.id
            name = saving.save(owner, name, Kept(turn.question, turn.answer, turn.filters))
        except RagError as error:
            told = notice_html(self._say("ask.unsaved", why=self._say.phrased(str(error))))
            return talk.with_turn(replace(turn, html=turn.html + told))
        return Talk(name, talk.turns).with_turn(replace(turn, saved=True))

    def cut(self, talk: Talk, number: int, owner: str) -> Talk:
        """The conversation before a turn that is asked again, saved so."""
        before = talk.before(number)
        if talk.id and talk.shared:
            before = replace(before, id=self._page.desk().conversations.copy(owner, talk.id), shared=False)
        if before.id:
            with suppress(RagError):
                kept = sum(turn.saved for turn in before.turns)
                self._page.desk().conversations.replace_from(owner, before.id, kept)
        return before

    def requested(self, text: str, talk: Talk, owner: str, lang: str | None) -> Talk | None:
        """The conversation with a request fulfilled: events or a briefing; None for a question. Raises RagError."""
        html = self._fulfilled(text, lang)
        return self.kept(talk, Turn(text, html), owner) if html else None

    def judged(self, told: dict[str, Any], owner: str) -> bool:
        """Keep a thumb up or down for an answer of a saved conversation, as a case to measure; whether it is kept."""
        verdict = told.get("verdict")
        try:
            turn = self._page.desk().remembered(str(told.get("talk")))[int(told.get("turn", -1))]
            if turn.answer is None or verdict not in ("up", "down"):
                return False
            self._page.desk().judge(turn.answer, verdict, filters=turn.filters, owner=owner)
        except (RagError, IndexError, ValueError, TypeError):
            return False
        return True

    def begun(self, request: gradio.Request) -> Opened:
        """What a window begins with: the conversation that its address names, else examples of what can be asked."""
        import gradio

        owner, name = self.owner(request), str(request.query_params.get(SHARED) or "")
        talk = self._opened(name, owner) if name else Talk()
        examples = [{"text": each} for each in self._examples()]
        return talk, gradio.update(value=messages(talk, self._say), examples=examples), self._list(owner, talk)

    def _examples(self) -> tuple[str, ...]:
        desk = self._page.desk()
        with suppress(RagError):
            newest = desk.newest_day()
            return example_questions(desk.recent(), self._say, newest=newest.isoformat() if newest else None)
        return ()

    def opened(self, chosen: str | None, request: gradio.Request) -> tuple[Talk, list[dict[str, Any]]]:
        """A conversation that was chosen from the list."""
        talk = self._opened(chosen, self.owner(request)) if chosen else Talk()
        return talk, messages(talk, self._say)

    def deleted(self, talk: Talk, request: gradio.Request) -> Opened:
        """An empty conversation in the place of one that is deleted."""
        owner = self.owner(request)
        with suppress(RagError):
            if talk.id and not talk.shared:
                self._page.desk().conversations.delete(owner, talk.id)
        return Talk(), [], self._list(owner, Talk())

    def listed(self, talk: Talk, request: gradio.Request) -> Any:
        """The list of saved conversations, this one chosen."""
        return self._list(self.owner(request), talk)

    def _list(self, owner: str, talk: Talk) -> Any:
        import gradio

        found: tuple[Saved, ...] = ()
        with suppress(RagError):
            found = self._page.desk().conversations.list(owner, limit=LISTED)
        choices = [(self._say("ask.saved"), ""), *((each.title, each.id) for each in found)]
        chosen = talk.id if any(each.id == talk.id for each in found) else ""
        return gradio.update(choices=choices, value=chosen)

    def _opened(self, name: str, owner: str) -> Talk:
        try:
            told = self._page.desk().remembered(name)
            own = self._page.desk().conversations.owns(owner, name)
        except RagError:
            return Talk(turns=(Turn("?", notice_html(self._say("ask.gone"))),))
        return Talk(name, tuple(map(self._again, told)), shared=not own)

    def _again(self, turn: Kept) -> Turn:
        if turn.answer is None:
            try:
                html = self._fulfilled(turn.question, None) or ""
            except RagError as error:
                html = notice_html(self._say.phrased(str(error)))
            return Turn(turn.question, html, saved=True)
        limits = limits_text(turn.filters, self._say)
        made = answered(turn.answer, self._say, question=turn.question, filters=turn.filters, limits=limits)
        return replace(made, saved=True)

    def _fulfilled(self, text: str, lang: str | None) -> str | None:
        found = self._page.desk().requested(text, lang=lang)
        return requested_html(found, self._say) if found else None
