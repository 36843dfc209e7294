"""The tab Settings."""

from __future__ import annotations

from rag.ui_page import Page


def build(page: Page) -> None:
    """The tab's components; called inside its `gradio.Tab`."""
    import gradio

    gradio.HTML(page.say("settings.tab"))
