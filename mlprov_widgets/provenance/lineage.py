"""Which execution of a cell read what another one bound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mlprov_widgets.provenance.vocabulary import RUN
from mlprov_widgets.record import Cell, Execution


@dataclass
class Event:
    """One execution and where its names came from.

    Parameters
    ----------
    cell, number : int
        Place of the cell in the notebook and of the execution in the cell, from 0.
    execution : Execution
        The execution.
    sources : dict
        Earlier `Event` (its place in time) to the names read from it.
    """

    cell: int
    number: int
    execution: Execution
    sources: dict[int, list[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the activity that stands for it."""
        return f"{RUN}:execution.{self.cell + 1}.{self.number + 1}"


def _moment(cell: int, number: int, execution: Execution) -> tuple[float, int, int, int]:
    # What ran before capture began has no time and comes first, in notebook order.
    try:
        start = execution.start.timestamp() if execution.start else float("-inf")
    except (OverflowError, ValueError, OSError):
        start = float("-inf")
    return start, execution.count or 0, cell, number


def events(cells: Iterable[Cell]) -> list[Event]:
    """All executions in the order of time, each with the last binders of the names it read.

    Parameters
    ----------
    cells : iterable of Cell
        In notebook order.

    Returns
    -------
    list of Event
        A name that no earlier execution bound has no source.
    """
    found = [
        Event(at, number, execution)
        for at, cell in enumerate(cells)
        for number, execution in enumerate(cell.executions)
    ]
    found.sort(key=lambda event: _moment(event.cell, event.number, event.execution))
    binder: dict[str, int] = {}
    for place, event in enumerate(found):
        for name in event.execution.reads:
            if name in binder:
                event.sources.setdefault(binder[name], []).append(name)
        binder.update(dict.fromkeys(event.execution.binds, place))
    return found
