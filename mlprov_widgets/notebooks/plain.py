"""Whether cells do without this package."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks.formats import SourceCell
from mlprov_widgets.packs import Pack

_PACKAGE = __name__.partition(".")[0]


def check_plain(pack: Pack, cells: Iterable[SourceCell]) -> None:
    """Refuse cells that import from this package, or go on with a run that nothing has begun.

    Parameters
    ----------
    pack : Pack
        That has written them.
    cells : iterable of SourceCell

    Raises
    ------
    PackError
        That names what they need.
    """
    needed: list[str] = []
    for cell in cells:
        if cell.kind == "code":
            needed += _needed(_parsed(cell.source))
    if needed:
        raise PackError("plain_not_possible", pack.folder, names=list(dict.fromkeys(needed)))


def _parsed(source: str) -> ast.Module:
    """The code without the lines that only notebooks understand; they import nothing of ours."""
    lines = source.split("\n")
    code = "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)
    try:
        return ast.parse(code)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        return ast.parse(TransformerManager().transform_cell(source))


def _needed(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == _PACKAGE:
            found += [one.name for one in node.names]
        elif isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.split(".")[0] == _PACKAGE]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found += [f"run.{node.attr}"] if node.value.id == "run" else []
    return found
