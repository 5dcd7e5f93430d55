"""An index in PostgreSQL, which many machines can share."""

from __future__ import annotations

import contextlib
import platform
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.extras import needed
from mlprov_widgets.store.database import Dialect
from mlprov_widgets.wording import one_line

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError

# An index holds texts of up to 2,700 bytes, and the order of a language is not that of SQLite.
POSTGRESQL = Dialect(
    key="bigint primary key", text='text collate "C"', any_index="", position="strpos",
    long_keys=False,
)  # fmt: skip
_WAIT = 20  # seconds for the server
# Whoever writes holds it, so that two that read the same file do not meet.
_WRITERS = 0x6D6C70726F76


class PostgresqlDatabase:
    """The tables of an index in a schema of its own, ``mlprov_runs_`` and their version.

    Nothing else in the database is touched. Folders are told apart by the machine, too.

    Parameters
    ----------
    url : str
        As SQLAlchemy writes it, such as ``postgresql+psycopg://user@host/database``.
    tables : str
        The SQL that makes them.
    version : int
        Of the tables.

    Raises
    ------
    MissingPackageError
        If SQLAlchemy or the driver is not installed.
    MlprovError
        If the server cannot be used.
    """

    dialect = POSTGRESQL

    def __init__(self, url: str, tables: str, version: int) -> None:
        with needed():
            import sqlalchemy
            from sqlalchemy.exc import ArgumentError, SQLAlchemyError
        self._errors = SQLAlchemyError
        self._schema = f"mlprov_runs_{version}"
        try:
            address = sqlalchemy.make_url(url)
        except (ArgumentError, ValueError):  # a port that is no number is the latter
            raise MlprovError("index_url_unreadable") from None
        if address.get_backend_name() != "postgresql":
            raise MlprovError("index_url_of_another_kind", kind=address.get_backend_name())
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        self.place = address.render_as_string(hide_password=True)
        with needed(), self._told():
            self._engine: Engine = sqlalchemy.create_engine(
                address, pool_pre_ping=True, connect_args={"connect_timeout": _WAIT}
            )
            weakref.finalize(self, self._engine.dispose)
            sqlalchemy.event.listen(self._engine, "connect", _enter(self._schema))
            self.rebuilt = self._make(tables)

    def _make(self, tables: str) -> bool:
        """Make the tables where they are not there; whether they were not."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_WRITERS})")
            if connection.exec_driver_sql("select to_regclass('runs')").scalar() is not None:
                return False
            connection.exec_driver_sql(f"create schema if not exists {self._schema}")
            for statement in filter(str.strip, tables.split(";")):
                connection.exec_driver_sql(statement)
        return True

    def name_of(self, folder: Path) -> str:
        """What the runs of a folder of this machine are kept under."""
        return f"{platform.node()}:{folder}"

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query finds.

        Raises
        ------
        MlprovError
            If the server cannot be reached, or refuses.
        """
        with self._told(), self._engine.connect() as connection:
            found = connection.exec_driver_sql(_marks(sql), tuple(map(_storable, values)))
            return [tuple(row) for row in found]

    @contextlib.contextmanager
    def transaction(self) -> Iterator[_Writing]:
        """All that is written in it, or nothing; raises as `rows`."""
        with self._told(), self._engine.begin() as connection:
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_WRITERS})")
            yield _Writing(connection)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise MlprovError(
                "index_server_unusable", place=self.place, reason=_reason(error)
            ) from None


def _enter(schema: str) -> Callable[[Any, object], None]:
    """What makes each new connection speak of the tables in a schema."""

    def enter(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"set search_path to {schema}")
        connection.commit()

    return enter


class _Writing:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Sequence[object] = (), /) -> None:
        self._connection.exec_driver_sql(_marks(sql), tuple(map(_storable, values)))

    def executemany(self, sql: str, rows: Sequence[Sequence[object]], /) -> None:
        if rows:
            given = [tuple(map(_storable, row)) for row in rows]
            self._connection.exec_driver_sql(_marks(sql), given)


def _marks(sql: str) -> str:
    return sql.replace("?", "%s")


def _storable(value: object) -> object:
    """What PostgreSQL takes: its texts hold no zero, its numbers are no truth values."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    return int(value) if isinstance(value, bool) else value


def _reason(error: SQLAlchemyError) -> str:
    return one_line(str(getattr(error, "orig", None) or error).strip(), 300)
