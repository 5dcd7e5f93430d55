"""The code of several runs, cell by cell: of each cell that differs, how."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.comparison.same_cells import same_cells
from mlprov_widgets.record.fields import title_of
from mlprov_widgets.several.columns import Column
from mlprov_widgets.several.runs import ComparedRun
from mlprov_widgets.wording import format_list, paragraphs

MAX_TEXT = 8000
EDITED, ADDED, REMOVED = "changed", "added", "removed"


@dataclass(frozen=True)
class CellChange:
    """A cell that is not the same in two columns, or that one of them lacks.

    Parameters
    ----------
    kind : str
        ``changed``, ``added`` or ``removed``.
    title : str
        Which cell, and from which column to which.
    diff : str
        In the unified format.
    keys : tuple of str
        The columns that are not as the first one.
    """

    kind: str
    title: str
    diff: str
    keys: tuple[str, ...] = ()


@dataclass
class CodeComparison:
    """How the code of columns differs from that of the first.

    Parameters
    ----------
    cells : int
        Code cells of the first.
    changes : list of CellChange
    unknown : list of Column
        Those whose code was not recorded.
    """

    cells: int = 0
    changes: list[CellChange] = field(default_factory=list)
    unknown: list[Column] = field(default_factory=list)


@dataclass
class _Cell:
    row: int
    step: str
    hash: str
    source: str
    id: str

    @property
    def name(self) -> str:
        step = f" · {title_of(self.step)}" if self.step else ""
        return f"Code cell {self.row + 1}{step}"


def compared_code(columns: Sequence[Column]) -> CodeComparison:
    """How the code differs, from the first column on.

    Of columns that stand for several runs, those are compared that have the same seeds.

    Parameters
    ----------
    columns : sequence of Column
    """
    known = [one for one in columns if any(_cells(run) for run in one.runs)]
    found = CodeComparison(unknown=[one for one in columns if one not in known])
    if not known:
        return found
    first, *others = known
    reference = next(run for run in first.runs if _cells(run))
    here = _cells(reference)
    found.cells = len(here)
    variants: dict[int, dict[str, list[str]]] = {}
    texts: dict[tuple[int, str], _Cell] = {}
    lacking: dict[int, list[str]] = {}
    added: dict[str, tuple[_Cell, list[str]]] = {}
    for column in others:
        there = _cells(representative(column, reference))
        pairs, left = same_cells(
            {one.row: (one.id, one.hash) for one in there.values()},
            {one.row: (one.id, one.hash) for one in here.values()},
        )
        for row, place in pairs.items():
            cell = there[row]
            if cell.hash != here[place].hash:
                variants.setdefault(place, {}).setdefault(cell.hash, []).append(column.key)
                texts[place, cell.hash] = cell
        for place in left:
            lacking.setdefault(place, []).append(column.key)
        for row, cell in there.items():
            if row not in pairs:
                added.setdefault(cell.hash, (cell, []))[1].append(column.key)
    for place, cell in here.items():
        for digest, keys in variants.get(place, {}).items():
            other = texts[place, digest]
            found.changes.append(_changed(cell, other, first.key, keys))
        if place in lacking:
            found.changes.append(_only(cell, REMOVED, first.key, lacking[place]))
    found.changes += [_only(cell, ADDED, first.key, keys) for cell, keys in added.values()]
    return found


def representative(column: Column, reference: ComparedRun) -> ComparedRun:
    """The run of a column that is most like another one: with its seeds, and with code."""
    with_code = [run for run in column.runs if _cells(run)] or list(column.runs)
    same = (run for run in with_code if run.facts.seeds == reference.facts.seeds)
    return next(same, with_code[0])


def _cells(run: ComparedRun) -> Mapping[int, _Cell]:
    record, outcome = run.record, run.outcome
    if record is None or outcome is None:
        return {}
    code = [cell for cell in record.cells if cell.kind == "code"]
    rows: list[tuple[Any, dict[str, Any]]] = list(zip(code, outcome.cells, strict=True))
    return {
        at: _Cell(at, cell.step, str(told["nameless"]), cell.source, cell.id)
        for at, (cell, told) in enumerate(rows)
    }


def _changed(one: _Cell, two: _Cell, first: str, keys: Sequence[str]) -> CellChange:
    where = f"{first} → {format_list(keys, 8)}"
    return CellChange(EDITED, f"{one.name}: {where}", _diff(one.source, two.source), tuple(keys))


def _only(cell: _Cell, kind: str, first: str, keys: Sequence[str]) -> CellChange:
    others = format_list(keys, 8)
    if kind == REMOVED:
        title = f"{cell.name}: in {first}, not in {others}"
        return CellChange(kind, title, _diff(cell.source, ""), tuple(keys))
    title = f"{cell.name} of {others}: not in {first}"
    return CellChange(kind, title, _diff("", cell.source), tuple(keys))


def _diff(before: str, after: str) -> str:
    old, new = (paragraphs(text, MAX_TEXT).split("\n") if text else [] for text in (before, after))
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))
    # Which file is which stands above it.
    return "\n".join(lines[2:])
