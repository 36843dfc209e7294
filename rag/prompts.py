"""Prompts: Markdown files of the folder `prompts/`, each a system part and a user part with `$variables`.

A file is split by its first line `---`. Variables are spelled as in `string.Template`: `$question`, `${question}`, and
`$$` for a dollar. A value is data: what looks like a variable in it stays as it is.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from rag.errors import InputError

if TYPE_CHECKING:
    from langchain_core.prompts import ChatPromptTemplate

_SPLIT = re.compile(r"^---[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told (`system`) and asked (`user`). `sha256` is of the file's bytes."""

    name: str
    system: str
    user: str
    sha256: str

    @property
    def hash(self) -> str:
        """The first 12 hex digits of `sha256`, which go into answers and reports."""
        return self.sha256[:12]

    @property
    def variables(self) -> frozenset[str]:
        """The names of the variables of both parts."""
        return frozenset(Template(f"{self.system}\n{self.user}").get_identifiers())

    def asking(self, more: str) -> Prompt:
        """This prompt with `more` as a last paragraph of the user's part; `more` holds no variables."""
        user = f"{self.user}\n\n{more.replace('$', '$$')}"
        return Prompt(self.name, self.system, user, self.sha256)

    def template(self) -> ChatPromptTemplate:
        """LangChain's template of the two messages. Formatting it without a variable raises KeyError."""
        from langchain_core.prompts import ChatPromptTemplate

        return ChatPromptTemplate.from_messages([("system", _braced(self.system)), ("human", _braced(self.user))])


def load(name: str, *, folder: Path | None = None) -> Prompt:
    """The prompt `name`.md of `folder`: unless told, the one that a wheel carries, else that of the checkout.

    Raises InputError, naming the file, where it is missing, has no line `---` or a `$` that begins no variable.
    """
    path = (folder or _folder()) / f"{name}.md"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"the prompt {path} cannot be read ({error.strerror}); install the package again") from error
    text = data.decode("utf-8", "replace")
    parts = _SPLIT.split(text, maxsplit=1)
    if len(parts) != 2:
        raise InputError(f"the prompt {path} has no line `---` between what the model is told and what it is asked")
    if not Template(text).is_valid():
        raise InputError(f"the prompt {path} holds a `$` that begins no variable; write `$$` for a dollar")
    return Prompt(name, parts[0].strip(), parts[1].strip(), hashlib.sha256(data).hexdigest())


def _folder() -> Path:
    bundled = Path(__file__).parent / "data" / "prompts"
    return bundled if bundled.is_dir() else Path(__file__).parent.parent / "prompts"


def _braced(text: str) -> str:
    """`$name` as LangChain's `{name}`, the text's own braces doubled."""
    parts, end = [], 0
    for match in Template.pattern.finditer(text):
        name = match["named"] or match["braced"]
        parts += [_literal(text[end : match.start()]), "{" + name + "}" if name else "$"]
        end = match.end()
    return "".join([*parts, _literal(text[end:])])


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
