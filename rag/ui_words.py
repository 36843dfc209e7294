"""The words of the page in English and Vietnamese, from data/words/*.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGS = ("en", "vi")


@dataclass(frozen=True, slots=True)
class Words:
    """Says what stands under a key, `FILE.KEY`, in one language: called with the values that they hold."""

    lang: str

    def __call__(self, key: str, **values: object) -> str:
        """The words, their `{names}` filled with the values. Raises KeyError for a key or a value that is missing."""
        return catalogue()[key][self.lang].format_map(values)

    def has(self, key: str) -> bool:
        """Whether there are words under the key."""
        return key in catalogue()

    def phrased(self, text: str) -> str:
        """A text of the parts below the page, the phrases in it that are known in this language's words."""
        for said in _phrases():
            text = text.replace(said["en"], said[self.lang])
        return text


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """What every key says in each language."""
    folder = files("rag") / "data" / "words"
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return {
        f"{file.name.removesuffix('.toml')}.{key}": said
        for file in found
        for key, said in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }


@cache
def _phrases() -> tuple[dict[str, str], ...]:
    found = (said for key, said in catalogue().items() if key.startswith("phrases."))
    return tuple(sorted(found, key=lambda said: -len(said["en"])))
