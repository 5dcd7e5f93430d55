"""Stores whose index is in a file of SQLite, and in a server of PostgreSQL of the tests' own."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_NUMBERS = itertools.count()


def _program(name: str) -> str | None:
    """Debian keeps the server's programs where no shell looks."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(kept[-1]) if kept else None)


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[], str]]:
    """Makes databases in a server that is there for these tests, and gives their URLs."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL is not installed")
    # The server refuses to be root's.
    as_other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as place:
        if as_other:
            shutil.chown(place, "postgres")

        def run(*command: str) -> None:
            subprocess.run([*as_other, *command], cwd=place, check=True, stdout=subprocess.DEVNULL)

        run(initdb, "-D", f"{place}/data", "-U", "tester", "-A", "trust", "--no-sync")
        settings = f"-c listen_addresses='' -c unix_socket_directories={place} -c fsync=off"
        log = f"{place}/log"
        run(pg_ctl, "-D", f"{place}/data", "-o", settings, "-l", log, "-w", "start")
        try:
            yield lambda: _new_database(place)
        finally:
            run(pg_ctl, "-D", f"{place}/data", "-m", "immediate", "stop")


def _new_database(place: str) -> str:
    import psycopg

    name = f"runs{next(_NUMBERS)}"
    with psycopg.connect(f"host={place} user=tester dbname=postgres", autocommit=True) as server:
        server.execute(f"create database {name}")
    return f"postgresql://tester@/{name}?host={place}"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """Gives places where there is no index yet."""
    if request.param == "postgresql":
        return request.getfixturevalue("new_database")
    return lambda: str(tmp_path_factory.mktemp("index") / "runs.sqlite")
