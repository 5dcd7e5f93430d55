"""Cells of a notebook that a pack wrote, as an author's eyes and Python's see them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from mlprov_widgets.capture.cells.names import CellNames, names_of
from mlprov_widgets.errors import PackError
from mlprov_widgets.packs.files import read_text

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")


@dataclass(frozen=True)
class WrittenCell:
    """A code cell of one notebook.

    Parameters
    ----------
    file : Path
        The template that wrote it.
    source : str
    """

    file: Path
    source: str

    @cached_property
    def python(self) -> str:
        """The source as IPython runs it, its magics as calls."""
        return TransformerManager().transform_cell(self.source)

    @cached_property
    def tree(self) -> ast.Module:
        """What Python reads in it; nothing where it is no Python."""
        try:
            return ast.parse(self.python)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.Module([], [])

    @property
    def names(self) -> CellNames:
        """The names that it reads and binds."""
        return names_of(self.python)

    def error(self, code: str, at: int | None = None, /, **arguments: object) -> PackError:
        """An error about it; `at` is the line of the cell, which becomes that of the template."""
        return PackError(code, self.file, self._line(at), "", **arguments)

    def line_of(self, name: str, use: type[ast.expr_context] = ast.Load) -> int | None:
        """The first line of the cell that looks a name up, or that gives it a value."""
        lines = (
            node.lineno
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, use)
        )
        return min(lines, default=None)

    def _line(self, at: int | None) -> int | None:
        """The line of the template that wrote a line, if there is only one that can have."""
        lines = self.python.split("\n")
        if at is None or not 0 < at <= len(lines) or not (written := lines[at - 1].strip()):
            return None
        try:
            template = read_text(self.file, self.file.parent).split("\n")
        except (PackError, FileNotFoundError):
            return None
        whole = [number for number, line in enumerate(template, 1) if line.strip() == written]
        found = whole or [
            number for number, line in enumerate(template, 1) if _can_write(line.strip(), written)
        ]
        return found[0] if len(found) == 1 else None


def _can_write(line: str, written: str) -> bool:
    """Whether a line of a template that has values in it can have become this."""
    parts = [re.escape(part) for part in _TAG.split(line)]
    return len(parts) > 1 and any(parts) and bool(re.fullmatch(".*".join(parts), written))
