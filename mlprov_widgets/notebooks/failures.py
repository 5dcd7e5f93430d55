"""Why a cell of a notebook ended its run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets import extras
from mlprov_widgets.notebooks.kernels import without_escapes

if TYPE_CHECKING:
    from nbclient.exceptions import CellExecutionError
    from nbformat import NotebookNode

# A kernel tells of an error as text alone. Python says the same of a program that is not there.
_MISSING = re.compile(r"\[Errno 2\] No such file or directory: (['\"])(?P<name>[^\n]+)\1")
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")


@dataclass(frozen=True)
class Failure:
    """Why a cell ended its run: the code and arguments of an `ExecutionError`, and a traceback."""

    code: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    traceback: str = ""


def failure_of(cell: NotebookNode, error: CellExecutionError) -> Failure:
    """What is said of a cell that raised, with the traceback where it tells more than that."""
    traceback = _traceback(cell) or str(error)
    said = without_escapes(error.evalue)
    if without_escapes(traceback).strip() == said.strip():
        # An error that is meant for people comes as its sentence and nothing else.
        return Failure("cell_refused", {"reason": " ".join(said.split()).rstrip(" .")})
    if error.ename == "ModuleNotFoundError" and (module := _NO_MODULE.match(said)):
        lacking = extras.missing(module[1])
        if lacking is not None:
            return Failure("cell_refused", {"reason": str(lacking).rstrip(" .")}, traceback)
    missing = _MISSING.fullmatch(said.strip())
    started = "_execute_child" in without_escapes(traceback)
    if error.ename == "FileNotFoundError" and missing and not started:
        name = missing["name"]
        code = "cell_file_missing" if Path(name).is_absolute() else "cell_file_missing_from_folder"
        return Failure(code, {"missing": name}, traceback)
    what = f"{error.ename}: {said}".partition("\n")[0].rstrip(" .:")
    return Failure("cell_raised", {"error": what}, traceback)


def _traceback(cell: NotebookNode) -> str:
    for output in reversed(cell.outputs):
        if output.output_type == "error":
            return "\n".join(output.traceback)
    return ""
