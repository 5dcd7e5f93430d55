"""The cells that the values of a wizard give, and what the last change touched in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs import Pack

if TYPE_CHECKING:
    from mlprov_widgets.notebooks import SourceCell

_Lines = dict[str, frozenset[int]]
# Beyond this the exact answer would cost more than it is worth while somebody types.
_MOST_LINES = 400


class _Request(NamedTuple):
    pack: Pack
    values: Mapping[str, Any]
    name: str
    touched: frozenset[str]
    typed: bool
    plain: bool


class RenderedCells:
    """Cells, rendered again after every change, when somebody looks at them."""

    def __init__(self) -> None:
        self._cells: list[SourceCell] = []
        self._problem = ""
        self._marks: _Lines = {}
        self._uses: _Lines = {}
        self._last: tuple[frozenset[str], dict[str, str]] = (frozenset(), {})
        self._due: _Request | None = None

    @property
    def cells(self) -> list[SourceCell]:
        """Where they cannot be rendered, the last ones that could be."""
        self._render()
        return self._cells

    @property
    def problem(self) -> str:
        """Why they cannot be rendered; empty where they can."""
        self._render()
        return self._problem

    @property
    def marks(self) -> _Lines:
        """By the cell's id the lines, from 0, that the last change touched."""
        self._render()
        return self._marks

    @property
    def uses(self) -> _Lines:
        """By the cell's id the lines that use a constant whose value the last change touched."""
        self._render()
        return self._uses

    def end_change(self) -> None:
        """Take what is typed next for a change of its own."""
        if self._due is not None and self._due.touched:
            self._render()
        self._last = (frozenset(), {})

    def update(
        self,
        pack: Pack,
        values: Mapping[str, Any],
        name: str,
        touched: frozenset[str] = frozenset(),
        typed: bool = False,
        plain: bool = False,
    ) -> None:
        """Take over what the cells are rendered from.

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
        plain : bool
            Whether they are to record nothing.
        """
        if touched:  # what they change is told from the cells as they were
            self._render()
        self._due = _Request(pack, values, name, touched, typed, plain)

    def _render(self) -> None:
        if self._due is None:
            return
        from mlprov_widgets.notebooks import render_cells

        (pack, values, name, touched, typed, plain), self._due = self._due, None
        before = {cell.id: cell.source for cell in self._cells}
        if typed and touched and touched == self._last[0]:
            before = self._last[1]
        self._last = (touched, before)
        try:
            self._cells = render_cells(pack, values, name, plain)
            self._problem = ""
        except PackError as error:
            self._problem = str(error)
        self._marks, self._uses = {}, {}
        for cell in self._cells if before else ():
            if lines := changed_lines(before.get(cell.id, ""), cell.source):
                self._marks[cell.id] = lines
        if not self._marks:
            return
        changed = [pack.parameters[name] for name in touched]
        symbols = [parameter.symbol for parameter in changed if parameter.constant]
        for cell in self._cells:
            lines = lines_with(symbols, cell.source) if cell.kind == "code" else frozenset()
            if lines := lines - self._marks.get(cell.id, frozenset()):
                self._uses[cell.id] = lines


def changed_lines(before: str, after: str) -> frozenset[int]:
    """Numbers, from 0, of the lines in `after` that are new or differ from `before`.

    Parameters
    ----------
    before, after : str
        Text of the same cell before and after the change.

    Returns
    -------
    frozenset of int
    """
    if before == after:
        return frozenset()
    old, new = before.splitlines(), after.splitlines()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(middle_old), len(middle_new)) > _MOST_LINES:
        return frozenset(range(start, start + len(middle_new)))
    matcher = SequenceMatcher(None, middle_old, middle_new, autojunk=False)
    return frozenset(
        start + line
        for kind, _, _, low, high in matcher.get_opcodes()
        if kind in ("replace", "insert")
        for line in range(low, high)
    )


def lines_with(names: Iterable[str], source: str) -> frozenset[int]:
    """Numbers, from 0, of the lines in which one of these names stands as a word."""
    wanted = "|".join(re.escape(name) for name in names)
    if not wanted:
        return frozenset()
    word = re.compile(rf"\b(?:{wanted})\b")
    return frozenset(number for number, line in enumerate(source.splitlines()) if word.search(line))
