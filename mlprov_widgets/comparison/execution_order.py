"""How often, and in which order, the cells of a run ran."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mlprov_widgets.record import Cell, Execution, Record

# Run once more as they are, such cells bind the same names to the same things.
_DECLARE_ONLY = {"install", "imports", "parameters", "start", "data_exploration", "provenance"}
_SHOWN = 4

Pair = tuple[int, Mapping[str, Any], Mapping[str, Any]]


def execution_orders(record: Record) -> dict[int, list[int]]:
    """For each cell, by its place in the record, the places of its executions among all.

    What ran before capture began was set anew by its start, and what ran after the end of the run
    changed nothing in it: neither counts.
    """
    ran = [
        (one.count or 0, place)
        for place, cell in enumerate(record.cells)
        for one in executions_of_run(record, cell)
        if one.start and cell.kind == "code"
    ]
    found: dict[int, list[int]] = {}
    for number, (_, place) in enumerate(sorted(ran, key=lambda row: row[0]), start=1):
        found.setdefault(place, []).append(number)
    return found


def executions_of_run(record: Record, cell: Cell) -> list[Execution]:
    """The executions of a cell without those after the end of the run."""
    end = record.end if record.status == "finished" else None
    return [one for one in cell.executions if not _is_after(one.start, end)]


def _is_after(start: datetime | None, end: datetime | None) -> bool:
    if start is None or end is None:
        return False
    # Of a time with and one without a time zone nobody knows which is the later one.
    return (start.tzinfo is None) == (end.tzinfo is None) and start > end


def order_differences(pairs: Sequence[Pair]) -> Iterator[tuple[int | None, str, str]]:
    """Cells that ran another number of times, or else the order where it is another one.

    Yields
    ------
    tuple of int or None and str and str
        The row of the cell in the new run, and how it was in the new and in the original run; for
        the order no row.
    """
    both = [
        (row, here, there)
        for row, here, there in pairs
        if _order(here) and _order(there) and here.get("step") not in _DECLARE_ONLY
    ]
    as_often = True
    for row, here, there in both:
        mine, theirs = len(_order(here)), len(_order(there))
        if mine != theirs:
            as_often = False
            yield row, _times(mine), _times(theirs)
    if as_often:
        mine_rows = _rows((row, here) for row, here, _ in both)
        their_rows = _rows((row, there) for row, _, there in both)
        parting = next((at for at, row in enumerate(mine_rows) if row != their_rows[at]), None)
        if parting is not None:
            yield None, _told(mine_rows, parting), _told(their_rows, parting)


def _order(cell: Mapping[str, Any]) -> list[int]:
    # A manifest may be somebody else's, or from before this was recorded.
    order = cell.get("order")
    if isinstance(order, list) and all(type(number) is int for number in order):
        return order
    return []


def _rows(cells: Iterable[tuple[int, Mapping[str, Any]]]) -> list[int]:
    ran = [(number, row) for row, cell in cells for number in _order(cell)]
    return [row for _, row in sorted(ran)]


def _times(number: int) -> str:
    return "run once" if number == 1 else f"run {number} times"


def _told(rows: list[int], start: int) -> str:
    shown = [str(row + 1) for row in rows[start : start + _SHOWN]]
    return f"{', '.join(shown)}{', …' if len(rows) > start + _SHOWN else ''}"
