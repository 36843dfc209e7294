"""The tables by which stored names are found, kept in a file for the next process."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import name_tables
from rag.names import NameIndex


def test_the_tables_of_many_names_are_kept_for_the_next_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_tables, "LEAST_KEPT", 3)
    spelled = ["Vương Nghị", "王毅", "Сергей Лавров", "Mao Ninh", "Hà Nội", "Trần Văn Sơn", "Emmanuel Macron"]
    stored = [(text, "place" if text == "Hà Nội" else "person", "a") for text in spelled]
    queries = ["Wang Yi", "Lavrov", "Hanoi", "毛宁", "Tran Van Son", "马克龙", "Putin"]

    def found(kept: Path | None) -> list[object]:
        index = NameIndex(stored, kept=kept)
        return [[index.ranked(query) for query in queries], index.holding("Sơn"), index.holding("Wang")]

    kept = tmp_path / "names.json"
    expected = found(None)
    assert found(kept) == expected
    made = kept.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(name_tables, "_made", None)  # whoever makes them again fails
        assert found(kept) == expected
    for damaged in (b"", b"[]", made[:-9], made.replace(b"state", b"other")):
        kept.write_bytes(damaged)
        assert found(kept) == expected
        assert kept.read_bytes() == made
    stored.append(("Vladimir Putin", "person", "b"))
    assert found(kept)[0][-1]  # type: ignore[index]
    assert found(tmp_path / "no folder" / "names.json") == found(None)
