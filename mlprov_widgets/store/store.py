"""The runs in some folders: what is there is looked at, kept in an index, and asked for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mlprov_widgets._files import write_new
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.grouping import RunGroup, groups_of
from mlprov_widgets.store.index import Index, open_database
from mlprov_widgets.store.notes import RunNote, read_notes, write_note
from mlprov_widgets.store.paging import Page, Row, count_of, page_of, row_of
from mlprov_widgets.store.query import Names, Query
from mlprov_widgets.store.scanning import Refreshed, read_facts, scan

INDEX = "MLPROV_STORE"
FOLDER = ".mlprov"
_FILE = "runs.sqlite"
_IGNORED = "# What is kept here is made anew from the records.\nruns.sqlite*\n"
_PAGE = 500


class RunStore:
    """The runs whose records lie in some folders.

    The folders are the truth. An index beside them holds nothing that is not in their files and can
    be removed at any time; where a folder cannot be written to, it is among the user's caches.

    Parameters
    ----------
    *folders : Path or str
        By default the working directory.
    below : bool, default True
        Whether the folders below them count, too.
    index : Path or str, optional
        An SQLite file, or the URL of a PostgreSQL database; by default what the variable
        ``MLPROV_STORE`` names, else ``.mlprov/runs.sqlite`` in the first folder.

    Raises
    ------
    MlprovError
        If a folder is not there, or the index can be neither opened nor made.
    """

    def __init__(
        self, *folders: Path | str, below: bool = True, index: Path | str | None = None
    ) -> None:
        places = [Path(folder).expanduser().resolve() for folder in folders or (Path(),)]
        for place in places:
            if not os.path.isdir(place):  # noqa: PTH112  (Path.is_dir raises where one may not look)
                raise MlprovError("folder_missing", folder=place)
        self.folders = list(dict.fromkeys(places))
        self._below = below
        self._index = Index(open_database(_index_place(self.folders[0], index)))
        self._names = {self._index.name_of(folder): folder for folder in self.folders}

    def __repr__(self) -> str:
        folders = ", ".join(map(repr, map(str, self.folders)))
        return f"RunStore({folders})"

    @property
    def index_place(self) -> str:
        """Where the index is: a file, or a URL without its password."""
        return self._index.place

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def refresh(self) -> Refreshed:
        """Look at the files, and read those that are new or have changed.

        Returns
        -------
        Refreshed
        """
        told = Refreshed(rebuilt=self._index.rebuilt)
        self._index.rebuilt = False
        for folder in self.folders:
            self._refresh(folder, told)
        return told

    def _refresh(self, folder: Path, told: Refreshed) -> None:
        store = self._index.name_of(folder)
        found = scan(folder, told.problems, self._below)
        there = {one.path: one.stamp for one in found}
        known = self._index.stamps(store)
        if not self._below:
            # What is further down is not looked at, and so not gone.
            known = {path: stamp for path, stamp in known.items() if "/" not in path}
        fresh = [path for path, stamp in there.items() if known.get(path) != stamp]
        gone = [path for path in known if path not in there]

        def read() -> Iterator[tuple[str, str, RunFacts | None]]:
            for path in fresh:
                facts = read_facts(folder, path)
                if facts is not None:
                    told.changed += path in known
                    told.added += path not in known
                    if facts.status == "not whole":
                        told.problems.append(f"{path}: {facts.problem}")
                yield path, there[path], facts

        self._index.write(store, read())
        self._index.remove(store, gone)
        self._index.annotate(store, read_notes(folder, told.problems))
        told.gone += len(gone)
        told.files += self.count_in(folder)

    def row(self, number: int) -> Row:
        """The run of this id.

        Raises
        ------
        MlprovError
            If there is none any more.
        """
        found = row_of(self._index, number, self._stores)
        if found is None:
            raise MlprovError("run_gone")
        return self._placed(found)

    def _placed(self, row: Row) -> Row:
        return replace(row, store=str(self._names[row.store]))

    def note(self, row: Row, marked: bool, text: str = "") -> None:
        """Say something of a run.

        Parameters
        ----------
        row : Row
        marked : bool
            Whether it is one to come back to.
        text : str

        Raises
        ------
        MlprovError
            If that cannot be kept, or the run has no id to find it by again.
        """
        if not row.facts.run_id:
            raise MlprovError("run_without_id", file=row.facts.path)
        folder = Path(row.store)
        write_note(folder, RunNote(row.facts.run_id, marked, text))
        self._index.annotate(self._index.name_of(folder), read_notes(folder, []))

    def file(self, row: Row) -> Path:
        """The file of a run."""
        return Path(row.store) / row.facts.path

    def count_in(self, folder: Path) -> int:
        """How many runs of a folder are in the index."""
        sql = "select count(*) from runs where store = ?"
        return int(self._index.rows(sql, (self._index.name_of(folder),))[0][0])

    def page(
        self, query: Query | None = None, limit: int = 100, after: tuple[object, ...] | None = None
    ) -> Page:
        """Some runs, as the index has them.

        Parameters
        ----------
        query : Query, optional
            By default all, the newest first.
        limit : int
            How many at most.
        after : tuple, optional
            `Page.following` of the page before.

        Raises
        ------
        MlprovError
            If the condition cannot be read, or something is named that no run has.
        """
        found = page_of(self._index, self._within(query), self._stores, limit, after)
        return replace(found, rows=list(map(self._placed, found.rows)))

    def runs(self, query: Query | None = None) -> Iterator[Row]:
        """All runs of a query, one after the other; raises as `page`."""
        after = None
        while True:
            found = self.page(query, _PAGE, after)
            yield from found.rows
            after = found.following
            if after is None:
                return

    def count(self, query: Query | None = None) -> int:
        """How many runs a query finds; raises as `page`."""
        return count_of(self._index, self._within(query), self._stores)

    def groups(
        self, by: str, query: Query | None = None, metrics: Sequence[str] = (), limit: int = 100
    ) -> list[RunGroup]:
        """The runs of a query put together by a column or parameter; see `groups_of`."""
        within = self._within(query)
        return groups_of(self._index, within, self._stores, by, metrics, limit)

    def _within(self, query: Query | None) -> Query:
        return replace(query or Query(), below=self._below)

    def names(self) -> list[str]:
        """What can be asked for and sorted by: columns, metrics, parameters."""
        return Names(self._index).all()

    def parameters(self) -> list[str]:
        """The parameters that runs have."""
        return Names(self._index).of("parameters")

    def names_in(self, text: str) -> list[str]:
        """Names with commas between them; empty where there are none.

        Raises
        ------
        MlprovError
            If no run has such a column, metric or parameter.
        """
        names = [name.strip() for name in text.split(",") if name.strip()]
        known = Names(self._index)
        for name in names:
            known.kind(name)
        return names

    @property
    def _stores(self) -> list[str]:
        return list(self._names)


def _index_place(folder: Path, given: Path | str | None) -> Path | str:
    chosen = given or os.environ.get(INDEX)
    if chosen:
        return chosen
    place = folder / FOLDER
    if _is_writable(place):
        return place / _FILE
    from platformdirs import user_cache_path

    key = hashlib.sha256(str(folder).encode("utf-8", "replace")).hexdigest()[:32]
    return user_cache_path("mlprov-widgets") / "runs" / f"{key}.sqlite"


def _is_writable(place: Path) -> bool:
    """Whether the folder of the index is there, or could be made, and written to."""
    try:
        place.mkdir(exist_ok=True)
        ignore = place / ".gitignore"
        if not ignore.exists():
            write_new(ignore, _IGNORED.encode())
    except FileExistsError:
        return place.is_dir()
    except OSError:
        return False
    return os.access(place, os.W_OK)
