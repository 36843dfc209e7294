"""By which letters, syllables, sounds and places stored names are found; kept in a file, for many are slow to make."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from rag.bridge import core
from rag.readings import hanzi_pinyin
from rag.skeleton import CLASSES_OF, frame, hanzi_sounds, latin_sounds, transcribes
from rag.spellings import Spelling, spelling

Symbols = list[tuple[str, ...]]
Tables = dict[str, dict[str, list[int]]]
LEAST_KEPT = 2_000  # names; fewer are quicker made than looked up


def tables(names: Sequence[tuple[str, str]], kept: Path | None = None) -> Tables:
    """For names (spelling, kind): table -> key -> places in the sequence, ascending.

    The tables are `letters`, `places`, `parts`, `syllables`, `frames` and `consonants`. With a file, what it holds
    of these very names, else they are made and, where there are many, written to it.
    """
    if kept is None or len(names) < LEAST_KEPT:
        return _made(names)
    state = _state(names)
    if (found := _read(kept, state)) is None:
        found = _made(names)
        _write(kept, state, found)
    return found


def symbol_rows(name: Spelling) -> list[Symbols]:
    """What a stored name holds at each place, for each way to read it; see `spellings.readings_of`."""
    rows: list[Symbols] = []
    if len(name.keys) >= 2:
        keys = zip(name.keys, name.words, strict=True)
        rows.append([(key,) if name.marked else (key, "~" + word) for key, word in keys])
    if len(name.hanzi) >= 2:
        rows.append([(c, *("=" + p for p in hanzi_pinyin(c))) for c in name.hanzi])
    rows.extend([tuple("=" + p for p in found) for found in row] for row in (*name.pinyin, *name.other))
    return rows


def syllable_key(size: int, place: int, symbol: str) -> str:
    """The key of a symbol at a place of a reading of so many syllables."""
    return f"{size} {place} {symbol}"


def frame_key(sound: str) -> str:
    """The consonants of a skeleton, and all of a short one."""
    return frame(sound) + ("" if len(sound) >= 5 else "/" + sound)


def sound_patterns(sounds: str) -> list[str]:
    """Consonant rows that the classes of a transcription can stand for; at most 64."""
    rows = [""]
    for c in sounds:
        options = CLASSES_OF.get(c, c)
        rows = [row + option for row in rows for option in options][:64]
    return rows


def _made(names: Iterable[tuple[str, str]]) -> Tables:
    found: dict[str, defaultdict[str, list[int]]] = {
        table: defaultdict(list) for table in ("letters", "places", "parts", "syllables", "frames", "consonants")
    }
    for i, (text, kind) in enumerate(names):
        for table, key in _keys(spelling(text), kind):
            rows = found[table][key]
            if not rows or rows[-1] != i:
                rows.append(i)
    return {table: dict(rows) for table, rows in found.items()}


def _keys(name: Spelling, kind: str) -> Iterator[tuple[str, str]]:
    yield "letters", name.letters
    for number in name.places:
        yield "places", str(number)
    if len(name.words) >= 2 and kind == "person" and (name.keys or name.pinyin):
        yield "parts", name.words[-1] if name.marked else name.words[0]
    for row in symbol_rows(name):
        for place, symbols in enumerate(row):
            for symbol in symbols:
                yield "syllables", syllable_key(len(row), place, symbol)
    if name.sounds:
        sounds = core(name)
        yield "frames", "last " + frame_key(sounds[-1])
        yield "frames", ("first " if len(sounds) > 1 else "only ") + frame_key(sounds[0])
    for key in _consonants(name):
        yield "consonants", key


def _consonants(name: Spelling) -> Iterator[str]:
    if name.hanzi and transcribes(name.hanzi):
        for pattern in sound_patterns(hanzi_sounds(name.hanzi)):
            yield "汉" + pattern
    elif name.sounds and not name.keys and not name.marked:
        sounds = latin_sounds(name.sounds[-1])
        yield sounds
        if sounds.endswith("L"):
            yield sounds[:-1]


def _state(names: Iterable[tuple[str, str]]) -> str:
    """A hash of the names, and of the code and data that take them apart."""
    state = hashlib.sha256(_code().encode())
    for text, kind in names:
        state.update(f"{text}\n{kind}\n".encode("utf-8", "surrogatepass"))
    return state.hexdigest()


@cache
def _code() -> str:
    here = Path(__file__).parent
    files = sorted([*here.glob("*.py"), *here.glob("data/*.tsv"), here / "data" / "names.toml"])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _read(kept: Path, state: str) -> Tables | None:
    with suppress(OSError, ValueError, TypeError, AttributeError):
        held = json.loads(kept.read_text("utf-8"))
        if held.get("state") == state:
            found: Tables = held["tables"]
            return found
    return None


def _write(kept: Path, state: str, found: Tables) -> None:
    """The file whole or not at all; a folder that cannot be written keeps nothing."""
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=kept.parent, prefix=kept.name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(json.dumps({"state": state, "tables": found}, ensure_ascii=True))
            os.replace(name, kept)
        except BaseException:
            os.unlink(name)
            raise
