"""Python scripts in the percent format, which editors and Jupytext read."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlprov_widgets._files import check_values
from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks.formats.document import (
    CODE,
    MARKDOWN,
    Document,
    NotebookFormat,
    SourceCell,
)

if TYPE_CHECKING:
    from mlprov_widgets.notebooks.manifest import Manifest

_CELL = "# %%"
_MANIFEST = "# mlprov-widgets: "


class PercentScript(NotebookFormat):
    """Cells that begin with ``# %%``; the last line of a comment says how they were generated."""

    suffix = ".py"
    noun = "script"
    is_module = True

    def read(self, text: str, *, strict: bool = False) -> Document:
        """What a script holds; one without marks is a single cell."""
        parts: list[tuple[str, int, list[str]]] = [(CODE, 1, [])]
        told = None
        for number, line in enumerate(text.split("\n"), start=1):
            if line.startswith(_MANIFEST):
                told = line.removeprefix(_MANIFEST)
            elif line.startswith(_CELL):
                parts.append((MARKDOWN if "[markdown]" in line else CODE, number + 1, []))
            else:
                parts[-1][2].append(line)
        cells = [cell for part in parts if (cell := _cell(*part)).source.strip()]
        if told is None:
            return Document(cells)
        try:
            check_values(told)
            return Document(cells, json.loads(told))
        except (ValueError, RecursionError, RecordError):
            return Document(cells, is_manifest_damaged=True)

    def write(self, cells: Iterable[SourceCell], manifest: Manifest | None) -> str:
        """The cells as a script that looks as if a person had written it."""
        text, after_function = "", False
        for cell in cells:
            if cell.kind == MARKDOWN:
                lines = (f"# {line}".rstrip() for line in cell.source.splitlines())
                part, starts, ends = f"{_CELL} [markdown]\n" + "\n".join(lines), False, False
            else:
                part = f"{_CELL}\n{cell.source}"
                starts, ends = _is_function_at(cell.source, 0), _is_function_at(cell.source, -1)
            # PEP 8's blank lines: two around a function, one elsewhere.
            gap = ("\n" if starts or after_function else "") + "\n"
            text += (gap if text else "") + part + "\n"
            after_function = ends
        if manifest is None:
            return text
        # The sources are in the script anyway.
        data = json.dumps(manifest.to_dict(sources=False), separators=(",", ":"))
        return f"{text}\n{_MANIFEST}{data}\n"


def _cell(kind: str, first: int, lines: list[str]) -> SourceCell:
    if kind == MARKDOWN:
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
    source = "\n".join(lines)
    blank = len(source) - len(source.lstrip("\n"))
    return SourceCell("", kind, source.strip("\n"), line=first + blank)


def _is_function_at(source: str, place: int) -> bool:
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a line for IPython alone
        return False
    return bool(body) and isinstance(body[place], ast.FunctionDef | ast.ClassDef)
