"""An index in a file of SQLite, which needs no server."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlprov_widgets._files import reason
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting.locks import new_lock
from mlprov_widgets.store.database import Dialect

SQLITE = Dialect(
    key="integer primary key", text="text", any_index="+", position="instr", long_keys=True
)
_WAIT = 20.0  # seconds for another writer
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class SqliteDatabase:
    """The tables of an index in a file; one that is damaged or of another version is replaced.

    Parameters
    ----------
    file : Path
    tables : str
        The SQL that makes them.
    version : int
        Of the tables.

    Raises
    ------
    MlprovError
        If it can be neither opened nor made.
    """

    dialect = SQLITE

    def __init__(self, file: Path, tables: str, version: int) -> None:
        self._file = file
        self.place = str(file)
        self.rebuilt = False
        try:
            self._connection = self._opened(tables, version)
        except (sqlite3.Error, OSError) as error:  # a lock that cannot be had is one, too
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise MlprovError("index_unusable", file=file, reason=why) from None

    def _opened(self, tables: str, version: int) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Whoever makes it anew must not take it away from somebody who has just made it.
        with new_lock(self._file.with_name(f"{self._file.name}.lock")).acquire(timeout=_WAIT):
            connection = self._connect()
            try:
                if connection.execute("pragma user_version").fetchone()[0] == version:
                    connection.execute("select * from runs limit 1").fetchone()
                    return connection
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", None) in _BUSY:
                    raise
            connection.close()
            self._remove()
            self.rebuilt = True
            connection = self._connect()
            connection.executescript(
                f"begin immediate; {tables} pragma user_version = {version}; commit;"
            )
            return connection

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self._file, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )

    def _remove(self) -> None:
        for ending in ("", "-journal", "-wal", "-shm"):
            self._file.with_name(self._file.name + ending).unlink(missing_ok=True)

    def name_of(self, folder: Path) -> str:
        """What the runs of a folder are kept under."""
        return str(folder)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query finds.

        Raises
        ------
        MlprovError
            If the file has been damaged or taken away since it was opened.
        """
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise MlprovError("index_unusable", file=self._file, reason=error) from None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written in it, or nothing; raises as `rows`."""
        try:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")
        except sqlite3.Error as error:
            raise MlprovError("index_unusable", file=self._file, reason=error) from None
