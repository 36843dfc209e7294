import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.desk import Desk, open_desk

for variable in list(os.environ):
    if variable.startswith(("OPENAI_", "RAG_")) and variable != "RAG_TEST_GGUF":
        os.environ.pop(variable)  # no test asks whatever model the machine has

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="session")
def seeds_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the five articles of seeds/ in it. Tests only read it."""
    store = tmp_path_factory.mktemp("seeds") / "store"
    desk = open_desk(store=store)
    desk.ingest([str(SEEDS)])
    desk.close()
    return store


@pytest.fixture(scope="session")
def desk(seeds_store: Path) -> Iterator[Desk]:
    opened = open_desk(store=seeds_store)
    yield opened
    opened.close()
