"""The cells that the values of a wizard give, and what the last change touched in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks import SourceCell, render_cells
from mlprov_widgets.packs import Pack
from mlprov_widgets.widgets.changes import changed_lines, lines_with

_Lines = dict[str, frozenset[int]]


class RenderedCells:
    """Cells, rendered again with every change.

    Attributes
    ----------
    cells : list of SourceCell
        Where they cannot be rendered, the last ones that could be.
    problem : str
        Why they cannot be rendered; empty where they can.
    marks : dict of str to frozenset of int
        By the cell's id the lines, from 0, that the last change touched.
    uses : dict of str to frozenset of int
        Those that use a constant whose value it changed.
    """

    def __init__(self) -> None:
        self.cells: list[SourceCell] = []
        self.problem = ""
        self.marks: _Lines = {}
        self.uses: _Lines = {}
        self._last: tuple[frozenset[str], dict[str, str]] = (frozenset(), {})

    def end_change(self) -> None:
        """Take what is typed next for a change of its own."""
        self._last = (frozenset(), {})

    def render(
        self,
        pack: Pack,
        values: Mapping[str, Any],
        name: str,
        touched: frozenset[str] = frozenset(),
        typed: bool = False,
    ) -> None:
        """Render the cells again.

        Parameters
        ----------
        pack : Pack
        values : Mapping
            By parameter.
        name : str
            Of the file that they are for.
        touched : frozenset of str
            The parameters that have been changed.
        typed : bool
            Whether letter by letter, which is one change to whoever types.
        """
        before = {cell.id: cell.source for cell in self.cells}
        if typed and touched and touched == self._last[0]:
            before = self._last[1]
        self._last = (touched, before)
        try:
            self.cells = render_cells(pack, values, name)
            self.problem = ""
        except PackError as error:
            self.problem = str(error)
        self.marks, self.uses = {}, {}
        for cell in self.cells if before else ():
            if lines := changed_lines(before.get(cell.id, ""), cell.source):
                self.marks[cell.id] = lines
        if not self.marks:
            return
        changed = [pack.parameters[name] for name in touched]
        symbols = [parameter.symbol for parameter in changed if parameter.constant]
        for cell in self.cells:
            lines = lines_with(symbols, cell.source) if cell.kind == "code" else frozenset()
            if lines := lines - self.marks.get(cell.id, frozenset()):
                self.uses[cell.id] = lines
