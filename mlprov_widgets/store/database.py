"""What an index needs of the database that it is in, and where databases differ."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Dialect:
    """How one kind of database writes what is not the same in all.

    Parameters
    ----------
    key : str
        The type of the column that the rows of a table are found by.
    text : str
        The type of text that is sorted by its code points.
    any_index : str
        Stands before a column to keep the database on the index that the rows are sorted by.
    position : str
        The function that finds a text in another one; from 1, and 0 where it is not in it.
    long_keys : bool
        Whether a text of any length can be in an index.
    """

    key: str
    text: str
    any_index: str
    position: str
    long_keys: bool


class Writing(Protocol):
    """A transaction; a question mark stands for a value."""

    def execute(self, sql: str, values: Sequence[object] = ..., /) -> object:
        """Carry out one statement."""

    def executemany(self, sql: str, rows: Sequence[Sequence[object]], /) -> object:
        """Carry it out once for each row of values."""


class Database(Protocol):
    """A database with the tables of an index in it.

    Attributes
    ----------
    dialect : Dialect
    place : str
        Where it is, as people are told; without passwords.
    rebuilt : bool
        Whether the tables had to be made anew.
    """

    dialect: Dialect
    place: str
    rebuilt: bool

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query finds.

        Raises
        ------
        MlprovError
            If the database cannot be used any more.
        """

    def transaction(self) -> AbstractContextManager[Writing]:
        """All that is written in it, or nothing; raises as `rows`."""

    def name_of(self, folder: Path) -> str:
        """What the runs of a folder are kept under."""

    def close(self) -> None:
        """Leave it."""
