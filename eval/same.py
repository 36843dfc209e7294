"""What a store holds, in a form that does not depend on where it is or in which order it was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from rag.store import Store

Contents = Mapping[str, Mapping[Any, Any]]
ALIKE = 0.99999
_STEP = 500


def contents(store: Store) -> Contents:
    """By kind of thing what is stored of it: articles, sources, chunks, vectors, names, records and events.

    Texts are told by their SHA-256. Raises StoreError.
    """
    ids = [row.id for row in store.articles()]
    held: dict[str, dict[Any, Any]] = {kind: {} for kind in ("articles", "sources", "chunks", "vectors", "records")}
    for at in range(0, len(ids), _STEP):
        for one in ids[at : at + _STEP]:
            _article(store, one, held)
    held["names"] = dict.fromkeys(store.names(), True)
    held["languages"] = dict(store.languages())
    numbers = {number: json.loads(data)["id"] for number, _, data in store.record_data(store.records_of(None))}
    groups = ([numbers[number] for number in group] for group in store.record_groups())
    held["events"] = {tuple(sorted(group)): True for group in groups}
    return held


def _article(store: Store, one: str, held: Mapping[str, dict[Any, Any]]) -> None:
    article, chunks = store.article(one), store.chunks_of(one)
    held["articles"][one] = (_sha(article.text.encode()), article.kept, len(article.dropped))
    for source in store.sources(one):
        key = (one, source.path, source.item)
        held["sources"][key] = (source.url, source.outlet, source.title, source.author, source.published)
    vectors = store.vectors_of([chunk.id for chunk in chunks])
    words = store.words([chunk.id for chunk in chunks])
    for chunk in chunks:
        held["chunks"][chunk.id] = (chunk.start, chunk.end, _sha(chunk.text.encode()), words.get(chunk.id))
        held["vectors"][chunk.id] = vectors[chunk.id]
    for _, _, data in store.record_data(store.records_of([one])):
        record = json.loads(data)
        held["records"][record["id"]] = data


def differences(one: Contents, other: Contents) -> dict[str, list[str]]:
    """By kind what only one of the two holds, or holds otherwise; kinds that are the same are left out.

    Vectors are the same from a cosine of 0.99999 on: what is embedded together moves their last bits.
    """
    found = {}
    for kind in dict.fromkeys((*one, *other)):
        mine, theirs = one.get(kind, {}), other.get(kind, {})
        differ = [str(key) for key in {**mine, **theirs} if not _same(mine.get(key), theirs.get(key))]
        if differ:
            found[kind] = differ
    return found


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return float(one @ other) >= ALIKE
    return bool(one == other)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
