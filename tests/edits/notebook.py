"""A generated notebook whose cells are changed as a person changes them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat

from mlprov_widgets import generate

MULTICLASS: dict[str, Any] = {"epochs": 4, "plots": False, "threads": 1}
IMAGES: dict[str, Any] = {
    "dataset": "digits", "epochs": 1, "plots": False, "threads": 1, "num_workers": 0,
    "batch_size": 32,
}  # fmt: skip


@dataclass
class Cell:
    id: str
    source: str
    step: str = ""
    kind: str = "code"


@dataclass
class Notebook:
    """The cells of a notebook, and the order in which they are run.

    Every edit that finds nothing to change fails: a case that changes nothing tests nothing.
    """

    cells: list[Cell]
    metadata: dict[str, Any] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)
    only: list[str] | None = None

    def replace(self, text: str, by: str) -> None:
        """Replace a text wherever it stands."""
        assert self._holding(text), f"{text!r} is nowhere in the notebook"
        for cell in self._holding(text):
            cell.source = cell.source.replace(text, by)

    def substitute(self, pattern: str, by: str) -> None:
        """Replace what a regular expression finds."""
        found = [cell for cell in self._code if re.search(pattern, cell.source)]
        assert found, f"{pattern!r} is nowhere in the notebook"
        for cell in found:
            cell.source = re.sub(pattern, by, cell.source)

    def before(self, anchor: str, code: str) -> None:
        """Put code before the statement at the top of a cell that has the anchor in it."""
        cell, start, _ = self._statement(anchor)
        self._splice(cell, start, start, code)

    def after(self, anchor: str, code: str) -> None:
        """Put code after that statement."""
        cell, _, end = self._statement(anchor)
        self._splice(cell, end, end, code)

    def instead(self, anchor: str, code: str) -> None:
        """Replace that statement."""
        cell, start, end = self._statement(anchor)
        self._splice(cell, start, end, code)

    def delete(self, anchor: str) -> None:
        """Delete that statement."""
        self.instead(anchor, "")

    def within(self, anchor: str, code: str, place: str = "after") -> None:
        """Put code before or after the one line, however deep, that has the anchor in it."""
        found = [
            (cell, number)
            for cell in self._code
            for number, line in enumerate(cell.source.splitlines())
            if anchor in line
        ]
        assert len(found) == 1, f"{anchor!r} is in {len(found)} lines"
        cell, number = found[0]
        lines = cell.source.splitlines()
        margin = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        new = [margin + line for line in dedent(code).strip("\n").splitlines()]
        number += place == "after"
        cell.source = "\n".join([*lines[:number], *new, *lines[number:]])

    def add_after(self, anchor: str, code: str) -> None:
        """Add a cell of one's own after the one with the anchor."""
        (cell,) = self._holding(anchor)
        place = self.cells.index(cell) + 1
        self.cells.insert(place, Cell(f"own-{place}", dedent(code).strip("\n")))

    def run_again(self, anchor: str) -> None:
        """Run the cell with the anchor a second time, right after the first."""
        (cell,) = self._holding(anchor)
        self.again.append(cell.id)

    def run_only(self, *anchors: str) -> None:
        """Run nothing but the cells with these anchors."""
        self.only = [cell.id for anchor in anchors for cell in self._holding(anchor)]

    def empty(self, step: str) -> None:
        """Take all code cells of a step out of the notebook."""
        kept = [cell for cell in self.cells if cell.step != step or cell.kind != "code"]
        assert len(kept) < len(self.cells), f"there is no cell of {step}"
        self.cells = kept

    def order(self) -> list[list[str]]:
        """Id and source of each cell, as they are run."""
        cells = [one for one in self._code if self.only is None or one.id in self.only]
        return [[one.id, one.source] for one in cells for _ in range(1 + (one.id in self.again))]

    def save(self, path: Path) -> None:
        # A cell that has nothing left in it is taken out, too.
        self.cells = [cell for cell in self.cells if cell.source.strip()]
        notebook = nbformat.v4.new_notebook(metadata=self.metadata)
        for cell in self.cells:
            new = (
                nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
            )
            notebook.cells.append(new(source=cell.source, id=cell.id))
        nbformat.write(notebook, path)

    @property
    def _code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "code"]

    def _holding(self, text: str) -> list[Cell]:
        return [cell for cell in self._code if text in cell.source]

    def _statement(self, anchor: str) -> tuple[Cell, int, int]:
        """The cell, the first line of the statement, and the line after its last one."""
        found = []
        for cell in self._holding(anchor):
            lines = cell.source.splitlines()
            for node in ast.parse(cell.source).body:
                decorators = getattr(node, "decorator_list", [])
                start = min([node.lineno, *(one.lineno for one in decorators)]) - 1
                assert node.end_lineno is not None
                if anchor in "\n".join(lines[start : node.end_lineno]):
                    found.append((cell, start, node.end_lineno))
        assert len(found) == 1, f"{anchor!r} is in {len(found)} statements"
        return found[0]

    @staticmethod
    def _splice(cell: Cell, start: int, end: int, code: str) -> None:
        lines = cell.source.splitlines()
        new = dedent(code).strip("\n").splitlines()
        cell.source = "\n".join([*lines[:start], *new, *lines[end:]])


def generated(pack: str, values: dict[str, Any], path: Path) -> Notebook:
    """The notebook that a pack makes of these values; its file is at the path."""
    generate(pack, values, path)
    notebook = nbformat.read(path, as_version=4)
    cells = [
        Cell(
            cell["id"],
            cell["source"],
            cell["metadata"].get("mlprov", {}).get("step", ""),
            cell["cell_type"],
        )
        for cell in notebook.cells
    ]
    return Notebook(cells, dict(notebook.metadata))


def own(*sources: str) -> Notebook:
    """A notebook that nothing generated."""
    cells = [Cell(f"cell-{n}", dedent(source).strip("\n")) for n, source in enumerate(sources)]
    return Notebook(cells)
