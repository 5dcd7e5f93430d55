"""The runs of a query a page at a time; a page costs the same wherever it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.index import COLUMNS, Index
from mlprov_widgets.store.query import Names, Query, conditions

_ROW = ", ".join(("id", "store", *COLUMNS, "details"))
# What is sorted by, where it stands, and what the rows without it are.
_SORTED = {
    "column": ("runs", ("{name}",), "id", "{name} is not null", "{name} is null"),
    "metric": (
        "metrics join runs on runs.id = metrics.run",
        ("metrics.value",),
        "metrics.run",
        "metrics.name = ?",
        "not exists (select 1 from metrics where run = runs.id and name = ?)",
    ),
    "parameter": (
        "parameters join runs on runs.id = parameters.run",
        ("parameters.rank", "parameters.text"),
        "parameters.run",
        "parameters.name = ?",
        "not exists (select 1 from parameters where run = runs.id and name = ?)",
    ),
}


@dataclass(frozen=True)
class Row:
    """A run in a table.

    Parameters
    ----------
    id : int
        The same whenever the index is made.
    store : str
        The folder that its path starts from.
    facts : RunFacts
    """

    id: int
    store: str
    facts: RunFacts


@dataclass(frozen=True)
class Page:
    """Some runs, and where the next ones begin.

    Parameters
    ----------
    rows : list of Row
    following : tuple or None
        To be given for the next page; None where there is none.
    """

    rows: list[Row]
    following: tuple[object, ...] | None = None


def page_of(
    index: Index,
    query: Query,
    stores: Sequence[str],
    limit: int = 100,
    after: tuple[object, ...] | None = None,
) -> Page:
    """The next runs of a query.

    Parameters
    ----------
    index : Index
    query : Query
    stores : sequence of str
        The folders whose runs count.
    limit : int
    after : tuple, optional
        `Page.following` of the page before.

    Raises
    ------
    MlprovError
        If the condition cannot be read, or something is named that no run has.
    """
    names = Names(index)
    kind = names.kind(query.sort)
    where, values = conditions(query, stores, names)
    found: list[tuple[Any, ...]] = []
    keys = 1 + len(_SORTED[kind][1])
    if after is None or len(after) == keys:
        found = _with_value(index, query, kind, where, values, limit + 1, after)
        after = None
    if len(found) <= limit:
        found += _without(index, query, kind, where, values, limit + 1 - len(found), after)
    rows = [_row(one) for one in found[:limit]]
    following = tuple(found[limit - 1][len(COLUMNS) + 3 :]) if len(found) > limit else None
    return Page(rows, following)


def row_of(index: Index, number: int, stores: Sequence[str]) -> Row | None:
    """The run of this id; None where none of the stores has it."""
    marks = ", ".join("?" * len(stores))
    sql = f"select {_ROW} from runs where id = ? and store in ({marks})"
    return next(map(_row, index.rows(sql, (number, *stores))), None)


def count_of(index: Index, query: Query, stores: Sequence[str]) -> int:
    """How many runs a query finds; raises as `page_of`."""
    where, values = conditions(query, stores, Names(index))
    return int(index.rows(f"select count(*) from runs where {where}", values)[0][0])


def _with_value(
    index: Index,
    query: Query,
    kind: str,
    where: str,
    values: tuple[object, ...],
    limit: int,
    after: tuple[object, ...] | None,
) -> list[tuple[Any, ...]]:
    source, columns, number, has, _ = _SORTED[kind]
    keys = [*(column.format(name=query.sort) for column in columns), number]
    way, sign = ("desc", "<") if query.descending else ("asc", ">")
    given: list[object] = [] if kind == "column" else [query.sort]
    sql = f"select {_ROW}, {', '.join(keys)} from {source} where {has.format(name=query.sort)}"
    if after is not None:
        sql += f" and ({', '.join(keys)}) {sign} ({', '.join('?' * len(keys))})"
        given += after
    order = ", ".join(f"{key} {way}" for key in keys)
    return index.rows(f"{sql} and ({where}) order by {order} limit ?", [*given, *values, limit])


def _without(
    index: Index,
    query: Query,
    kind: str,
    where: str,
    values: tuple[object, ...],
    limit: int,
    after: tuple[object, ...] | None,
) -> list[tuple[Any, ...]]:
    has_none = _SORTED[kind][4].format(name=query.sort)
    given: list[object] = [] if kind == "column" else [query.sort]
    sql = f"select {_ROW}, id from runs where {has_none}"
    if after is not None:
        sql += " and id > ?"
        given += after
    return index.rows(f"{sql} and ({where}) order by id limit ?", [*given, *values, limit])


def _row(found: tuple[Any, ...]) -> Row:
    number, store, *columns, details = found[: len(COLUMNS) + 3]
    told = dict(zip(COLUMNS, columns, strict=True))
    known = {name: value for name, value in told.items() if value is not None}
    known["marked"] = bool(known.get("marked"))
    return Row(number, store, RunFacts(**known, **json.loads(details)))
