"""A conversation as the page shows it: turns, their HTML and Markdown, what to try after a refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rag.answer_html import answer_html, escaped, facts, question_html
from rag.domain import Answer
from rag.limits import Filters
from rag.render_brief import is_address
from rag.ui_words import Words

if TYPE_CHECKING:
    from rag.desk import Desk

REMEMBERED = 20  # answers of a conversation that a follow-up can refer to
_ACTIONS = ("copy", "up", "down", "again", "edit")
_NEAREST = 3  # stored names offered for one that is in no article


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what the page shows for it; `answer` where it was answered, `markdown` what Copy gives.

    `saved` is false for what was stopped or failed: no saved conversation holds it.
    """

    question: str
    html: str
    answer: Answer | None = None
    filters: Filters = field(default_factory=Filters)
    markdown: str = ""
    saved: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation in one window. `id` is that of its saved copy, None before the first answer.

    `shared` is true for another's, opened by its link: it is read, and not changed.
    """

    id: str | None = None
    turns: tuple[Turn, ...] = ()
    shared: bool = False

    @property
    def history(self) -> tuple[Answer, ...]:
        """The answers that a follow-up can refer to."""
        return tuple(turn.answer for turn in self.turns if turn.answer)[-REMEMBERED:]

    def before(self, number: int) -> Talk:
        """The conversation up to a turn, without it."""
        return replace(self, turns=self.turns[:number])

    def with_turn(self, turn: Turn) -> Talk:
        """The conversation with one turn more."""
        return replace(self, turns=(*self.turns, turn))


def messages(talk: Talk, say: Words, *, asking: Turn | None = None) -> list[dict[str, Any]]:
    """The messages of the chat; `asking` is a turn that is not done yet."""
    told: list[dict[str, Any]] = []
    kept = 0
    for number, turn in enumerate(talk.turns):
        told += _pair(turn.question, f"{turn.html}{_actions_html(talk.id, number, kept, turn, say)}")
        kept += turn.saved
    return [*told, *_pair(asking.question, asking.html)] if asking else told


def answered(
    answer: Answer,
    say: Words,
    *,
    question: str,
    filters: Filters,
    hints: Sequence[str] = (),
    limits: str = "",
) -> Turn:
    """The turn of an answer."""
    html = answer_html(answer, say, hints=hints, limits=limits)
    return Turn(question, html, answer, filters, answer_markdown(answer, say))


def answer_markdown(answer: Answer, say: Words) -> str:
    """An answer as Markdown: the question, numbered statements, and below them each quote with its source and span."""
    lines = [f"**{_marked(answer.question)}**", ""]
    if answer.refused:
        return "\n".join([*lines, _marked(say("ask.refused", reason=answer.reason or "")), ""])
    numbers: dict[tuple[str, int, int], int] = {}
    notes = []
    for statement in answer.statements:
        marks = []
        for each in statement.citations:
            span = (each.source.id, each.start, each.end)
            if span not in numbers:
                numbers[span] = len(numbers) + 1
                place = f"{each.source.id}, {each.start}-{each.end}"
                url = f" <{each.source.url}>" if is_address(each.source.url) else ""
                told = f"“{_marked(each.quote)}” — {_marked(facts(each.source, say))}{url} ({place})"
                notes.append(f"[{numbers[span]}] {told}")
            marks.append(f"[{numbers[span]}]")
        lines.append(f"- {_marked(statement.text)} {' '.join(marks)}")
    return "\n".join([*lines, "", *(f"{note}  " for note in notes), ""])


def hints(answer: Answer, desk: Desk, say: Words, *, limited: bool) -> Iterator[str]:
    """What to try after a refusal: nearer spellings of names that no article has, fewer limits, other words."""
    unknown = [name.query for name in answer.names if not name.matched]
    for name in unknown:
        nearest = ", ".join(each.text for each in desk.spellings(name)[:_NEAREST])
        key = "ask.try_spelling" if nearest else "ask.try_name"
        yield say(key, name=name, names=nearest) if nearest else say(key, name=name)
    if limited:
        yield say("ask.try_limits")
    if answer.dates:
        yield say("ask.try_dates")
    if not unknown:
        yield say("ask.try_words")


def limits_text(filters: Filters, say: Words) -> str:
    """What the user limited the articles to; "" for nothing."""
    told = [
        say("ask.from_day", day=filters.since) if filters.since else "",
        say("ask.until_day", day=filters.until) if filters.until else "",
        filters.outlet or "",
        say(f"ask.in_{filters.lang}") if filters.lang in ("en", "vi") else filters.lang or "",
        *filters.names,
    ]
    return ", ".join(each for each in told if each)


def _pair(question: str, html: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": question_html(question)}, {"role": "assistant", "content": html}]


def _actions_html(talk: str | None, number: int, kept: int, turn: Turn, say: Words) -> str:
    """The buttons below a turn; page.js makes them work. What Copy gives stands hidden beside them.

    `number` is the turn's among those shown, `kept` its number in the saved conversation.
    """
    judged = ("up", "down") if talk and turn.answer and turn.saved else ()
    wanted = [act for act in _ACTIONS if act in ("again", "edit", *judged) or (act == "copy" and turn.markdown)]
    titles = {act: say("ask.copy_title") if act == "copy" else say(f"ask.{act}") for act in wanted}
    buttons = "".join(
        f'<button type="button" class="act act-{act}" title="{escaped(titles[act])}">'
        f"{escaped(say(f'ask.{act}'))}</button>"
        for act in wanted
    )
    copied = "&#10;".join(map(escaped_line, turn.markdown.split("\n")))
    facts = {"talk": talk or "", "turn": number, "kept": kept, "question": turn.question}
    return (
        f'<div class="actions">{buttons}<span class="told" role="status"></span>'
        f'<span class="markdown" hidden>{copied}</span>'
        f'<span class="facts-of" hidden>{escaped_line(json.dumps(facts, ensure_ascii=False))}</span></div>'
    )


def escaped_line(text: str) -> str:
    """One line as HTML, its spaces kept."""
    return "&#32;".join(escaped(part) for part in text.split(" "))


def _marked(text: str) -> str:
    """A text on one line in which Markdown finds nothing to mark up."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|~!" else char for char in " ".join(text.split()))
