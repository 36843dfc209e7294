"""Settings, read once by the desk from the environment (prefix `RAG_`)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import InputError

_PREFIX = "RAG_"
_ADDRESS = re.compile(r"(https?):/{1,2}([^/]+)/?")  # a Path has one slash of the two
_OPENAI = {"llm_base_url": "OPENAI_BASE_URL", "llm_model": "OPENAI_MODEL", "llm_api_key": "OPENAI_API_KEY"}


class Settings(BaseSettings):
    """Where the store is and which models read it.

    `store` is a folder, or the address of a Chroma server (http://host:8000), which becomes `server`; `catalogue` is
    then the PostgreSQL database beside it, and `store` a folder of this machine for what is of its user alone.

    `embedder`, `reranker` and `nli` are `bundled`/none, or a sentence-transformers model: a name or a folder.
    `sentences` is whether an ingest embeds each passage's sentences too; else those of an answer are when asked. The
    `llm_` settings are of the language model: `llm_file` a GGUF file, `llm_timeout` the seconds of one whole answer,
    `llm_max_tokens` of one reply, `llm_context` the tokens of its window, prices in USD per million tokens.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    store: Path = Path(platformdirs.user_data_dir("rag")) / "store"
    server: str | None = None
    catalogue: SecretStr | None = None
    embedder: str = "bundled"
    query_prompt: str | None = None
    passage_prompt: str | None = None
    device: str | None = None
    sentences: bool = True
    reranker: str | None = None
    cache: Path | None = None
    aliases: Path | None = None
    llm_base_url: str | None = None
    llm_model: str | None = None
    llm_api_key: SecretStr | None = None
    llm_provider: str = "openai"
    llm_file: Path | None = None
    llm_timeout: float = Field(120, gt=0, allow_inf_nan=False)
    llm_retries: int = Field(2, ge=0)
    llm_concurrency: int = Field(4, ge=1)
    llm_cache: bool = True
    llm_max_tokens: int = Field(900, ge=1)
    llm_context: int | None = Field(None, ge=1)
    llm_price_input: float | None = Field(None, ge=0)
    llm_price_output: float | None = Field(None, ge=0)
    nli: str | None = None
    judge: Literal["off", "model"] = "model"
    mode: Literal["extract", "llm"] | None = None
    log: Literal["json", "text", "off"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    log_file: Path | None = None
    log_text: bool = False

    @model_validator(mode="before")
    @classmethod
    def _on_servers(cls, given: Any) -> Any:
        found = _ADDRESS.match(str(given.get("store", ""))) if isinstance(given, dict) else None
        if found is None:
            return given
        scheme, host = found.groups()
        beside = Path(platformdirs.user_data_dir("rag")) / "servers" / re.sub(r"[^\w.-]+", "-", host)
        return {**given, "store": beside, "server": f"{scheme}://{host}"}

    @property
    def alias_file(self) -> Path:
        """The user's own spellings of names: `aliases`, else aliases.toml in the store's folder."""
        return self.aliases or self.store / "aliases.toml"

    @property
    def llm_set(self) -> bool:
        """Whether a language model is in use: a name, an address or a file is set. A key alone sets none."""
        return bool(self.llm_model or self.llm_base_url or self.llm_file)

    def with_model(
        self, *, base_url: str | None = None, model: str | None = None, api_key: SecretStr | str | None = None
    ) -> Settings:
        """These settings with another OpenAI-compatible model, or with none. What was said of the old model goes."""
        secret = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        changed: dict[str, Any] = {
            "llm_base_url": (base_url or "").strip() or None,
            "llm_model": (model or "").strip() or None,
            "llm_api_key": SecretStr(secret.strip()) if secret and secret.strip() else None,
            "llm_provider": "openai",
            "llm_file": None,
            "mode": None,
        }
        if any(changed[name] != getattr(self, name) for name in ("llm_base_url", "llm_model")):
            changed |= {"llm_context": None, "llm_price_input": None, "llm_price_output": None}
        return self.model_copy(update=changed)


def settings(**given: Any) -> Settings:
    """The settings, `given` ones (not None) before the environment's.

    For an OpenAI-compatible model OPENAI_BASE_URL, OPENAI_MODEL and OPENAI_API_KEY hold where neither says otherwise,
    the key never for an address of RAG_LLM_BASE_URL. Raises InputError for an environment variable `RAG_...` that is
    not a setting, or a value that is not valid.
    """
    known = {(_PREFIX + name).upper() for name in Settings.model_fields}
    for variable in os.environ:
        if variable.startswith(_PREFIX) and variable not in known:
            raise InputError(f"{variable} is not a setting; the settings are {', '.join(sorted(known))}")
    given = {name: value for name, value in given.items() if value is not None}
    try:
        found = Settings(**given)
        return Settings(**given, **_of_openai(found)) if found.llm_provider == "openai" else found
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"setting {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _of_openai(found: Settings) -> dict[str, Any]:
    """What the variables of OpenAI's own tools set and ours do not."""
    unset = {name: variable for name, variable in _OPENAI.items() if name not in found.model_fields_set}
    if found.llm_base_url:
        unset.pop("llm_api_key", None)  # that key is for OpenAI's address, or the one that OPENAI_BASE_URL names
    return {name: os.environ[variable] for name, variable in unset.items() if os.environ.get(variable)}
