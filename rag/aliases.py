"""The user's alias file: spellings of one name that win over every rule."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import InputError
from rag.readings import simplified
from rag.text import fold, nfc


@dataclass(frozen=True, slots=True)
class Aliases:
    """The user's own table: folded spelling -> the one name that it stands for."""

    names: dict[str, str] = field(default_factory=dict)
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, spelling: str) -> str | None:
        return self.names.get(alias_key(spelling))


def alias_key(spelling: str) -> str:
    return " ".join(fold(simplified(nfc(spelling))).split())


def load_aliases(path: Path) -> Aliases:
    """The alias file: TOML, each key a name and each value a list of its spellings.

    A file that is not there is an empty table. Raises InputError where it cannot be read.
    """
    if not path.exists():
        return Aliases()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        remedy = 'write lines such as "Wang Yi" = ["Vuong Nghi"]'
        raise InputError(f"{path} cannot be read ({error}); {remedy}.") from None
    names: dict[str, str] = {}
    spellings: dict[str, tuple[str, ...]] = {}
    for name, forms in raw.items():
        if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
            raise InputError(f"{path}: {name!r} needs a list of spellings in brackets.")
        spellings[name] = (name, *forms)
        for form in spellings[name]:
            if names.setdefault(alias_key(form), name) != name:
                raise InputError(f"{path}: {form!r} stands under {names[alias_key(form)]!r} and {name!r}; keep one.")
    return Aliases(names, spellings)
