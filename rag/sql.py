"""What a catalogue's connection is to those that write SQL: SQLite's, or PostgreSQL's made to answer like it.

The SQL is of the subset that both understand: `ON CONFLICT` and `RETURNING`, `?` or `:name` for values, lists of
values as JSON behind `json_each`, numbers for truths, "end" in quotes. What only one of them has is in `WordTables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Values = Sequence[Any] | Mapping[str, Any]
TEXTS = "(SELECT value FROM json_each(?))"
NUMBERS = "(SELECT CAST(value AS BIGINT) FROM json_each(?))"


class Rows(Protocol):
    """What a statement gives."""

    @property
    def rowcount(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def fetchone(self) -> Any: ...
    def fetchmany(self, size: int, /) -> list[Any]: ...
    def fetchall(self) -> list[Any]: ...


class Database(Protocol):
    """A connection inside a transaction of its catalogue."""

    @property
    def word_tables(self) -> WordTables: ...
    @property
    def first_place(self) -> str:
        """SQL for the text of the place in a record's JSON."""

    def execute(self, sql: str, values: Values = (), /) -> Rows: ...
    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> Any: ...
    def has_table(self, name: str) -> bool:
        """Whether there is a table of this name."""

    def later_keys(self) -> None:
        """Foreign keys are checked at the end of this transaction."""


class WordTables(Protocol):
    """Tables of folded words by number, to be searched for words and phrases. `db` is the connection they are in."""

    def names(self, db: Any, start: str) -> list[str]:
        """The names of the tables that begin so."""

    def make(self, db: Any, table: str, *, of: str | None = None) -> None:
        """A table, empty. With `of`, a row goes when the row of this number goes from that table."""

    def drop(self, db: Any, table: str) -> None: ...
    def add(self, db: Any, table: str, number: int, words: str) -> None:
        """Words with single spaces between, under a number that is free."""

    def remove(self, db: Any, table: str, numbers: Iterable[int]) -> None: ...
    def count(self, db: Any, table: str, phrase: str) -> int:
        """How many rows hold the phrase."""

    def ranked(
        self, db: Any, table: str, held: Mapping[str, int], *, rare: int, limit: int, among: Sequence[int] | None
    ) -> list[tuple[str, float]]:
        """The chunk ids of the rows with any of the phrases, and their BM25, best first.

        `held` has each phrase with its `count`, rarest first. A row must hold one of the first `rare` of them, which
        count twice where they are not all. With `among`, only rows of these numbers.
        """

    def text(self, db: Any, table: str, number: int) -> str:
        """The row's words, as they were added."""

    def sound(self, db: Any, table: str) -> bool:
        """Whether the table leads from its words to its rows; SQLite finds out in a transaction that may write."""

    def holding(self, table: str, phrase: str) -> str:
        """SQL that selects the `number` of each row with a phrase; `phrase` names its value, words in double quotes."""

    def titled(self, table: str) -> tuple[str, str, str]:
        """A table to join, its column of numbers and its column of words."""
