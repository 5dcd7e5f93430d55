"""What is known of all runs of some stores, in an SQLite file that can be thrown away."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from mlprov_widgets._files import reason
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting.locks import new_lock
from mlprov_widgets.record.results import is_number
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.notes import RunNote

# Raised whenever the tables change: an index of another number is made anew.
VERSION = 5
_WAIT = 20.0  # seconds for another writer
_BATCH = 500
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# What is a column of its own; the rest of a run's facts are text for whoever shows it.
_DETAILS = ("metrics", "labels", "parameters", "seed_parameters")
COLUMNS = tuple(one.name for one in fields(RunFacts) if one.name not in _DETAILS)
_TYPES = {
    **dict.fromkeys(("started", "duration"), "real"),
    **dict.fromkeys(("marked", "trained_on", "tested_on"), "integer"),
}
# Where texts are among the numbers of a parameter.
TEXTS = 1e300
# What many sort by; by anything else it takes a moment longer.
_INDEXED = (
    *("started", "duration", "status", "title", "task", "data", "model", "verdict"),
    *("run_id", "configuration"),
)
_INDEXES = "".join(f"create index runs_by_{name} on runs ({name}, id);" for name in _INDEXED)
_TABLES = f"""
create table runs (
    id integer primary key, store text not null, stamp text not null,
    {", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in COLUMNS)},
    details text not null, words text not null, note_words text);
create index runs_store on runs (store, path);
{_INDEXES}
create table metrics (run integer not null, name text not null, value real not null);
create index metrics_by_value on metrics (name, value, run);
create index metrics_of_run on metrics (run, name, value);
create table parameters (
    run integer not null, name text not null, rank real not null, text text not null);
create index parameters_by_value on parameters (name, rank, text, run);
create index parameters_of_run on parameters (run, name, rank, text);
create table passed_over (store text not null, path text not null, stamp text not null);
pragma user_version = {VERSION};
"""


class Index:
    """Facts of runs, found quickly.

    Parameters
    ----------
    file : Path
        The SQLite file; one that is damaged or of another version is replaced.

    Attributes
    ----------
    rebuilt : bool
        Whether it had to be made anew.

    Raises
    ------
    MlprovError
        If it can be neither opened nor made.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.rebuilt = False
        try:
            self._connection = self._opened()
        except (sqlite3.Error, OSError) as error:  # a lock that cannot be had is one, too
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise MlprovError("index_unusable", file=file, reason=why) from None

    def _opened(self) -> sqlite3.Connection:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        # Whoever makes it anew must not take it away from somebody who has just made it.
        with new_lock(self.file.with_name(f"{self.file.name}.lock")).acquire(timeout=_WAIT):
            connection = self._connect()
            try:
                if connection.execute("pragma user_version").fetchone()[0] == VERSION:
                    connection.execute("select * from runs limit 1").fetchone()
                    return connection
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", None) in _BUSY:
                    raise
            connection.close()
            self._remove()
            self.rebuilt = True
            connection = self._connect()
            connection.executescript(f"begin immediate; {_TABLES} commit;")
            return connection

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self.file, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )

    def _remove(self) -> None:
        for ending in ("", "-journal", "-wal", "-shm"):
            self.file.with_name(self.file.name + ending).unlink(missing_ok=True)

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
            raise MlprovError("index_unusable", file=self.file, reason=error) from None

    def stamps(self, store: str) -> dict[str, str]:
        """Path to stamp of the files of a store, as they were when they were last read."""
        known = self.rows("select path, stamp from runs where store = ?", (store,))
        passed = self.rows("select path, stamp from passed_over where store = ?", (store,))
        return dict(known) | dict(passed)

    def write(self, store: str, read: Iterable[tuple[str, str, RunFacts | None]]) -> None:
        """Take over what was read of files: path, stamp, and the facts; None where it is no run."""
        batch = []
        for one in read:
            batch.append(one)
            if len(batch) == _BATCH:
                self._write(store, batch)
                batch = []
        self._write(store, batch)

    def annotate(self, store: str, notes: Iterable[RunNote]) -> None:
        """Take over all that is said of the runs of a store."""
        with self._transaction() as connection:
            connection.execute(
                "update runs set marked = 0, note = null, note_words = null"
                " where store = ? and (marked = 1 or note is not null)",
                (store,),
            )
            connection.executemany(
                "update runs set marked = ?, note = ?, note_words = ?"
                " where run_id = ? and store = ?",
                [
                    (one.marked, one.text or None, one.text.lower() or None, one.run_id, store)
                    for one in notes
                ],
            )

    def remove(self, store: str, paths: Iterable[str]) -> None:
        """Forget files that are gone."""
        with self._transaction() as connection:
            for path in paths:
                _forget(connection, store, path)

    def _write(self, store: str, batch: list[tuple[str, str, RunFacts | None]]) -> None:
        with self._transaction() as connection:
            for path, stamp, facts in batch:
                _forget(connection, store, path)
                if facts is None:
                    connection.execute(
                        "insert into passed_over values (?, ?, ?)", (store, path, stamp)
                    )
                else:
                    _insert(connection, store, stamp, facts)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")
        except sqlite3.Error as error:
            raise MlprovError("index_unusable", file=self.file, reason=error) from None


def id_of(store: str, path: str) -> int:
    """The number of a run, the same wherever and whenever the index is made."""
    digest = hashlib.sha256(f"{store}\0{path}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _forget(connection: sqlite3.Connection, store: str, path: str) -> None:
    number = id_of(store, path)
    for table, column in (("runs", "id"), ("metrics", "run"), ("parameters", "run")):
        connection.execute(f"delete from {table} where {column} = ?", (number,))
    connection.execute("delete from passed_over where store = ? and path = ?", (store, path))


def _insert(connection: sqlite3.Connection, store: str, stamp: str, facts: RunFacts) -> None:
    number = id_of(store, facts.path)
    whole = asdict(facts)
    columns = [None if whole[name] == "" else whole[name] for name in COLUMNS]
    details = {name: whole[name] for name in _DETAILS}
    words = " ".join([*map(str, filter(None, columns)), *_words(facts.parameters)]).lower()
    marks = ", ".join("?" * (len(columns) + 5))
    connection.execute(
        f"insert into runs (id, store, stamp, {', '.join(COLUMNS)}, details, words)"
        f" values ({marks})",
        (number, store, stamp, *columns, json.dumps(details, default=str), words),
    )
    connection.executemany(
        "insert into metrics values (?, ?, ?)",
        [(number, name, value) for name, value in facts.metrics.items() if value == value],
    )
    connection.executemany(
        "insert into parameters values (?, ?, ?, ?)",
        [(number, name, *_parts(value)) for name, value in facts.parameters.items()],
    )


def _words(parameters: Mapping[str, object]) -> Iterator[str]:
    for name, value in parameters.items():
        yield f"{name}={'' if value is None else value}"


def _parts(value: object) -> tuple[float, str]:
    """What a value is sorted by: numbers by their size, then texts."""
    number = float(value) if is_number(value) else TEXTS
    return number, json.dumps(value, ensure_ascii=False, default=str)
