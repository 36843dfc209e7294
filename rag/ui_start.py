"""What makes the page quick from its start: Gradio imported without its chores, and the desk warmed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from threading import Event, Thread
from types import ModuleType
from typing import TYPE_CHECKING

from rag import journal
from rag.errors import RagError

if TYPE_CHECKING:
    from rag.desk import Desk

_WARMING = (
    "How many documents did the two sides sign, and what did they agree on?",
    "Hai bên đã thống nhất những gì, và có bao nhiêu người tham dự?",
)


def load() -> None:
    """Import Gradio, its components' .pyi files left as they are: else each is parsed, compared and written anew."""
    if "gradio" in sys.modules:
        return
    collecting = gc.isenabled()
    gc.disable()  # an import leaves no garbage, and makes a million objects to be walked for it
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        import gradio  # noqa: F401
    finally:
        sys.meta_path.remove(finder)
        if collecting:
            gc.enable()
    gc.freeze()


@contextmanager
def warmed(desk: Desk) -> Iterator[None]:
    """Inside the block the desk is asked a few questions, so that nobody waits for what is loaded once."""
    over = Event()

    def ask() -> None:
        with suppress(RagError), journal.quiet():  # who asks is told
            for question in _WARMING:
                if over.is_set():
                    return
                desk.ask(question, mode="extract")

    thread = Thread(target=ask, name="warming")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Finder:
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "gradio.component_meta":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _WithoutStubs(spec.loader.name, spec.loader.path)
        return spec


class _WithoutStubs(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        vars(module)["create_or_modify_pyi"] = lambda *_: None
