"""What is known of all runs of some stores, in a database that can be thrown away."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path

from mlprov_widgets.record.results import is_number
from mlprov_widgets.store.database import Database, Dialect, Writing
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.notes import RunNote
from mlprov_widgets.store.postgresql import POSTGRESQL, PostgresqlDatabase
from mlprov_widgets.store.sqlite import SQLITE, SqliteDatabase

# Raised whenever the tables change: an index of another number is made anew.
VERSION = 6
_BATCH = 500
_URL = re.compile(r"[\w+.-]+://")
# What is a column of its own; the rest of a run's facts are text for whoever shows it.
_DETAILS = ("metrics", "labels", "parameters", "seed_parameters")
COLUMNS = tuple(one.name for one in fields(RunFacts) if one.name not in _DETAILS)
_TYPES = {
    **dict.fromkeys(("started", "duration"), "float8"),
    **dict.fromkeys(("marked", "trained_on", "tested_on"), "integer"),
}
NUMBERS = frozenset(_TYPES)
# Of these, those that are seconds since 1970.
MOMENTS = frozenset(("started",))
# Where texts are among the numbers of a parameter.
TEXTS = 1e300
# What many sort by; by anything else it takes a moment longer.
_INDEXED = (
    *("started", "duration", "status", "title", "task", "data", "model", "verdict"),
    *("run_id", "configuration"),
)


def _tables(dialect: Dialect) -> str:
    """The SQL that makes the tables."""
    columns = ", ".join(f"{name} {_TYPES.get(name, dialect.text)}" for name in COLUMNS)
    indexes = "".join(f"create index runs_by_{name} on runs ({name}, id);" for name in _INDEXED)
    rank = "rank, text" if dialect.long_keys else "rank"
    text = dialect.text
    return f"""
create table runs (
    id {dialect.key}, store {text} not null, stamp text not null, {columns},
    details text not null, words text not null, note_words text);
create index runs_store on runs (store);
{indexes}
create table metrics (
    run bigint not null, name {text} not null, value float8 not null);
create index metrics_by_value on metrics (name, value, run);
create index metrics_of_run on metrics (run, name, value);
create table parameters (
    run bigint not null, name {text} not null, rank float8 not null,
    text {text} not null);
create index parameters_by_value on parameters (name, {rank}, run);
create index parameters_of_run on parameters (run, name, {rank});
create table passed_over (store {text} not null, path {text} not null, stamp text not null);
"""


def open_database(place: Path | str) -> Database:
    """The database of an index.

    Parameters
    ----------
    place : Path or str
        A file, or the URL of a server as SQLAlchemy writes it.

    Raises
    ------
    MlprovError
        If it can be neither opened nor made.
    """
    if isinstance(place, str) and _URL.match(place):
        return PostgresqlDatabase(place, _tables(POSTGRESQL), VERSION)
    return SqliteDatabase(Path(place).expanduser().resolve(), _tables(SQLITE), VERSION)


class Index:
    """Facts of runs, found quickly.

    Parameters
    ----------
    database : Database

    Attributes
    ----------
    rebuilt : bool
        Whether it had to be made anew.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.place = database.place
        self.dialect = database.dialect
        self.rebuilt = database.rebuilt
        self.rows = database.rows
        self.name_of = database.name_of

    def close(self) -> None:
        """Leave the database."""
        self._database.close()

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
        with self._database.transaction() as connection:
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
        with self._database.transaction() as connection:
            for path in paths:
                _forget(connection, store, path)

    def _write(self, store: str, batch: list[tuple[str, str, RunFacts | None]]) -> None:
        with self._database.transaction() as connection:
            for path, stamp, facts in batch:
                _forget(connection, store, path)
                if facts is None:
                    connection.execute(
                        "insert into passed_over values (?, ?, ?)", (store, path, stamp)
                    )
                else:
                    _insert(connection, store, stamp, facts)


def id_of(store: str, path: str) -> int:
    """The number of a run, the same wherever and whenever the index is made."""
    digest = hashlib.sha256(f"{store}\0{path}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _forget(connection: Writing, store: str, path: str) -> None:
    number = id_of(store, path)
    for table, column in (("runs", "id"), ("metrics", "run"), ("parameters", "run")):
        connection.execute(f"delete from {table} where {column} = ?", (number,))
    connection.execute("delete from passed_over where store = ? and path = ?", (store, path))


def _insert(connection: Writing, store: str, stamp: str, facts: RunFacts) -> None:
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
