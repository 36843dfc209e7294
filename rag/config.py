"""Settings, read once by the desk from the environment (prefix `RAG_`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import InputError

_PREFIX = "RAG_"


class Settings(BaseSettings):
    """Where the store is and which models read it.

    `embedder` and `reranker` are `bundled`/none, or a sentence-transformers model: a name or a folder.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    store: Path = Path(platformdirs.user_data_dir("rag")) / "store"
    embedder: str = "bundled"
    query_prompt: str | None = None
    passage_prompt: str | None = None
    device: str | None = None
    reranker: str | None = None
    cache: Path | None = None
    aliases: Path | None = None

    @property
    def alias_file(self) -> Path:
        """The user's own spellings of names: `aliases`, else aliases.toml in the store's folder."""
        return self.aliases or self.store / "aliases.toml"


def settings(**given: Any) -> Settings:
    """The settings, `given` ones (not None) before the environment's.

    Raises InputError for an environment variable `RAG_...` that is not a setting, or a value that is not
    valid.
    """
    known = {(_PREFIX + name).upper() for name in Settings.model_fields}
    for variable in os.environ:
        if variable.startswith(_PREFIX) and variable not in known:
            raise InputError(f"{variable} is not a setting; the settings are {', '.join(sorted(known))}")
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"setting {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
