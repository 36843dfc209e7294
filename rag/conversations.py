"""Conversations that the page keeps: saved turn by turn, listed by their owner, read by whoever holds the id.

They stand in a SQLite file of their own beside the catalogue, which reading articles never needs. An owner is any
string; only its hash is stored.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from rag.asking import QUESTION_MOST
from rag.domain import Article
from rag.errors import InputError, StoreBusy, StoreError
from rag.turns import Turn as Turn
from rag.turns import citing, dumped, loaded

FILE = "conversations.sqlite"
VERSION = 1
TURNS_MOST = 200
CONVERSATIONS_MOST = 500  # of one owner; the ones changed longest ago go
TITLE_MOST = 80
_WAIT = 30.0  # seconds for others' writes

_SCHEMA = """
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, changed TEXT NOT NULL,
    step INTEGER NOT NULL UNIQUE
);
CREATE INDEX conversations_owner ON conversations (owner, step);
CREATE TABLE turns (
    conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE, number INTEGER NOT NULL,
    title TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (conversation, number)
)"""


@dataclass(frozen=True, slots=True)
class Saved:
    """A conversation in a list: its first question cut to 80 characters, when it changed (ISO 8601, UTC)."""

    id: str
    title: str
    changed: str
    turns: int


class Conversations:
    """The conversations in a store's folder. Threads and processes may share it; nothing is made before the first save.

    An owner has at most 500, of which those changed longest ago go; one has at most 200 turns.
    """

    def __init__(self, folder: Path) -> None:
        self.file = Path(folder).absolute() / FILE

    def save(self, owner: str, conversation: str | None, turn: Turn) -> str:
        """Append a turn to a conversation of this owner, or to a new one for None; its id, which no one can guess.

        Raises InputError for a conversation that is gone, another's or full, and a question that is empty or longer
        than 2,000 characters; StoreError where the folder cannot be written.
        """
        if not turn.question.strip() or len(turn.question) > QUESTION_MOST:
            raise InputError(f"a question of 1 to {QUESTION_MOST} characters is saved, not {len(turn.question)}")
        data = dumped(turn)
        with self._writing() as db:
            number, name = _own(db, owner, conversation) if conversation else _begun(db, owner)
            last = db.execute("SELECT max(number) FROM turns WHERE conversation = ?", (number,)).fetchone()[0]
            place = 0 if last is None else last + 1
            if place >= TURNS_MOST:
                raise InputError(f"the conversation has {TURNS_MOST} turns, the most; begin a new one")
            db.execute("INSERT INTO turns VALUES (?, ?, ?, ?)", (number, place, _title(turn.question), data))
            _touched(db, number)
            _pruned(db, owner)
            return name

    def replace_from(self, owner: str, conversation: str, turn: int) -> None:
        """Cut the turns from this number on (0 is the first), so that others take their place. Raises InputError."""
        with self._writing() as db:
            number, _ = _own(db, owner, conversation)
            db.execute("DELETE FROM turns WHERE conversation = ? AND number >= ?", (number, _bound(turn)))
            _touched(db, number)

    def list(self, owner: str, *, limit: int = 50, offset: int = 0) -> tuple[Saved, ...]:
        """The owner's conversations that have a turn, the one changed last first."""
        with self._reading() as db:
            rows = db and db.execute(
                """SELECT c.id, t.title, c.changed, (SELECT count(*) FROM turns n WHERE n.conversation = c.number)
                FROM conversations c JOIN turns t ON t.conversation = c.number AND t.number = 0
                WHERE c.owner = ? ORDER BY c.step DESC LIMIT ? OFFSET ?""",
                (_hash(owner), _bound(limit), _bound(offset)),
            )
            return tuple(Saved(*row) for row in rows or ())

    def turns(self, conversation: str, *, article: Callable[[str], Article]) -> tuple[Turn, ...]:
        """The turns of a conversation, for whoever holds its id; every citation is made again of the `article`.

        An answer that cannot be read is left out, as of a request. Raises InputError where there is no such
        conversation.
        """
        with self._reading() as db:
            rows = _data(db, conversation) if db else []
        if not rows:
            raise InputError("there is no such conversation; it was deleted, or the link is not whole")
        again = citing(article)
        return tuple(loaded(data, cite=again) for (data,) in rows if data is not None)

    def owns(self, owner: str, conversation: str) -> bool:
        """Whether a conversation is this owner's, to be changed and deleted."""
        with self._reading() as db:
            return db is not None and _owned(db, owner, conversation) is not None

    def delete(self, owner: str, conversation: str) -> bool:
        """Delete a conversation of this owner; False where it has none of this id."""
        if not self.file.is_file():
            return False
        with self._writing() as db:
            found = db.execute(
                "DELETE FROM conversations WHERE id = ? AND owner = ?", (_known(conversation), _hash(owner))
            )
            return found.rowcount > 0

    def copy(self, owner: str, conversation: str) -> str:
        """A conversation of this owner with the turns of one that a link led to; its id. Raises InputError."""
        with self._writing() as db:
            found = db.execute("SELECT number FROM conversations WHERE id = ?", (_known(conversation),)).fetchone()
            if found is None:
                raise InputError("there is no such conversation to copy; it was deleted, or the link is not whole")
            number, name = _begun(db, owner)
            db.execute(
                "INSERT INTO turns SELECT ?, number, title, data FROM turns WHERE conversation = ?",
                (number, found[0]),
            )
            _pruned(db, owner)
            return name

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """The file as it is, None where none was made; also in a folder that cannot be written."""
        if not self.file.is_file():
            yield None
            return
        address = self.file.as_uri()
        if not os.access(self.file.parent, os.W_OK):
            log = self.file.with_name(f"{FILE}-wal")
            address += "?mode=ro" if log.exists() else "?immutable=1"
        with self._opened(address) as db:
            yield db if self._version(db) else None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what the block writes. The file is made where there is none."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error.strerror) from error
        with self._opened(self.file.as_uri()) as db:
            if not self._version(db):
                self._make(db)
            db.execute("BEGIN IMMEDIATE")
            with db:
                yield db

    @contextmanager
    def _opened(self, address: str) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(address, uri=True, timeout=_WAIT, isolation_level=None)) as db:
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("PRAGMA secure_delete = ON")
                yield db
        except sqlite3.OperationalError as error:
            raise self._unwritable(error) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.file} is damaged ({error}); move it away to begin anew") from error

    def _version(self, db: sqlite3.Connection) -> int:
        """0 for a file without tables. Raises StoreError for one that another program made."""
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if found not in (0, VERSION):
            raise StoreError(f"{self.file} has version {found} and this program needs {VERSION}; move it away")
        return found

    def _make(self, db: sqlite3.Connection) -> None:
        # Two processes that turn a new file to WAL at once fail at once, whatever the timeout.
        try:
            with FileLock(self.file.with_suffix(".lock"), timeout=_WAIT):
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("BEGIN IMMEDIATE")
                with db:
                    if not self._version(db):
                        for statement in _SCHEMA.split(";\n"):
                            db.execute(statement)
                        db.execute(f"PRAGMA user_version = {VERSION}")
        except Timeout as error:
            raise StoreBusy(f"{self.file} is being made by another process; wait and try again") from error
        except OSError as error:
            raise self._unwritable(error.strerror) from error

    def _unwritable(self, why: object) -> StoreError:
        return StoreError(
            f"{self.file} cannot be used ({why}), so no conversation is kept; "
            "see that its folder can be written and the disk has room"
        )


def _data(db: sqlite3.Connection, conversation: str) -> list[tuple[bytes | None]]:
    """The turns of a conversation in order, None for one that has none; nothing where there is no such one."""
    return db.execute(
        """SELECT t.data FROM conversations c LEFT JOIN turns t ON t.conversation = c.number
        WHERE c.id = ? ORDER BY t.number""",
        (_known(conversation),),
    ).fetchall()


def _owned(db: sqlite3.Connection, owner: str, conversation: str) -> tuple[int, str] | None:
    found = db.execute(
        "SELECT number, id FROM conversations WHERE id = ? AND owner = ?", (_known(conversation), _hash(owner))
    ).fetchone()
    return (int(found[0]), str(found[1])) if found else None


def _own(db: sqlite3.Connection, owner: str, conversation: str) -> tuple[int, str]:
    if found := _owned(db, owner, conversation):
        return found
    raise InputError("this conversation was deleted or is another's; copy it, or begin a new one")


def _begun(db: sqlite3.Connection, owner: str) -> tuple[int, str]:
    """A new conversation without a turn: its number and id."""
    name = secrets.token_urlsafe(16)
    step = "(SELECT coalesce(max(step), 0) + 1 FROM conversations)"
    made = db.execute(
        f"INSERT INTO conversations (id, owner, changed, step) VALUES (?, ?, ?, {step})", (name, _hash(owner), _now())
    )
    number = made.lastrowid
    assert number is not None
    return number, name


def _pruned(db: sqlite3.Connection, owner: str) -> None:
    """Drop the owner's conversations beyond the most, those changed longest ago."""
    db.execute(
        """DELETE FROM conversations WHERE number IN
        (SELECT number FROM conversations WHERE owner = ? ORDER BY step DESC LIMIT -1 OFFSET ?)""",
        (_hash(owner), CONVERSATIONS_MOST),
    )


def _touched(db: sqlite3.Connection, number: int) -> None:
    step = "(SELECT max(step) + 1 FROM conversations)"
    db.execute(f"UPDATE conversations SET changed = ?, step = {step} WHERE number = ?", (_now(), number))


def _bound(number: int) -> int:
    return min(max(0, number), CONVERSATIONS_MOST)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _hash(owner: str) -> str:
    return hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()


def _known(text: str) -> str:
    """An id as SQLite takes it; one with half a character is no conversation's."""
    return text.encode("utf-8", "replace").decode()


def _title(question: str) -> str:
    line = " ".join(_known(question).split())
    return line if len(line) <= TITLE_MOST else f"{line[: TITLE_MOST - 1].rstrip()}…"
