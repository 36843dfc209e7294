"""What every tab of the page is given, and the small pieces of HTML that all of them use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.answer_html import escaped
from rag.domain import Citation
from rag.ui_words import Words

if TYPE_CHECKING:
    from rag.desk import Desk

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page in one language: `desk()` is the desk to ask now, `say` its words.

    `local` is true where only this machine can reach the page, so that whoever sees it may change its settings.

    A tab is built by a function `build(page)` that is called inside its `gradio.Tab`.
    """

    desk: Callable[[], Desk]
    say: Words
    local: bool = True

    @property
    def lang(self) -> str:
        return self.say.lang


def address(article: str, start: int = 0, end: int = 0) -> str:
    """Where the page finds a passage: `ARTICLE-START-END`; with 0 and 0 the article from its beginning."""
    return f"{article}-{start}-{end}"


def opener(text: str, article: str, start: int = 0, end: int = 0, *, title: str = "") -> str:
    """A link that opens an article in the source panel, at a passage where one is given. The text may be hostile."""
    named = f' title="{escaped(title)}"' if title else ""
    return (
        f'<a class="cite" href="#source-{escaped(address(article, start, end))}"{named} dir="auto">{escaped(text)}</a>'
    )


def cited(citation: Citation, text: str) -> str:
    """A link of these words that opens a citation in the source panel."""
    return opener(text, citation.source.id, citation.start, citation.end)


def notice(text: str) -> str:
    """Something to tell in the place of a result: nothing found, or what went wrong and the remedy."""
    return f'<p class="notice" role="status">{escaped(text)}</p>'


def on_load(fn: Callable[..., Any], outputs: Any) -> None:
    """Call `fn` when somebody opens the page that is being built, and show what it gives in the outputs."""
    from gradio.context import Context

    blocks = Context.root_block
    assert blocks is not None, "a tab is built inside the page"
    blocks.load(fn, None, outputs, **PRIVATE)


def asked_by(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as Gradio takes it: its parameter `request` is known to be the request of whoever asks."""
    import gradio

    # Gradio resolves no name that is imported for type checks alone.
    getattr(function, "__func__", function).__annotations__["request"] = gradio.Request
    return function
