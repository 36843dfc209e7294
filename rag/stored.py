"""The store that the settings name: a folder, or servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import InputError
from rag.store import Servers, Store

if TYPE_CHECKING:
    from rag.config import Settings


def stored(
    settings: Settings,
    *,
    create: bool = False,
    embedder: str | None = None,
    dimension: int | None = None,
    wait: float = 120.0,
) -> Store:
    """The store, open; see `Store.open`. Raises StoreError, and InputError where servers lack their catalogue."""
    servers = servers_of(settings)
    return Store.open(settings.store, create=create, embedder=embedder, dimension=dimension, wait=wait, servers=servers)


def servers_of(settings: Settings) -> Servers | None:
    """The servers that the settings name; None for a folder. Raises InputError where they lack their catalogue."""
    if settings.server is None:
        return None
    if settings.catalogue is None:
        raise InputError(
            f"the store at {settings.server} needs its catalogue; set RAG_CATALOGUE=postgresql://USER@HOST/DATABASE"
        )
    return Servers(settings.server, settings.catalogue.get_secret_value())
