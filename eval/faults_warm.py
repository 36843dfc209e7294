"""What the children of the fault suite are forked from: all is imported, and the tables that reading needs are read."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock

import chromadb  # noqa: F401  (imported once, before the forks)
from tqdm import tqdm

from eval import faults_corpus
from eval.faults_child import Command  # noqa: F401
from rag import asking, desk, events, feeds, ingesting, search  # noqa: F401
from rag.prepare import parts, prepared

tqdm.set_lock(RLock())  # its own is a semaphore that a kill leaks
with TemporaryDirectory() as _folder:
    for _number in (1, 3):
        faults_corpus.write(Path(_folder), _number, 0)
    _found = [(each, None) for each in feeds.discover([_folder]) if isinstance(each, feeds.Found)]
    for _part in [part for job in _found for part in parts(job)]:
        for _one in prepared(_part).articles:
            events.extract(_one.article, names=_one.names)
