"""What is said of a cell that raised."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mlprov_widgets.notebooks.kernels import plain

# What Python says of a file that it cannot find; of a program it says the same.
_MISSING = re.compile(r"\[Errno 2\] No such file or directory: (['\"])(?P<name>[^\n]+)\1")


def what_happened(cell: Any, error: Any) -> tuple[str, str]:
    """What is said of a cell that raised, and the traceback where there is one."""
    traceback = _traceback(cell) or str(error)
    if plain(traceback).strip() == plain(error.evalue).strip():
        # An error that is meant for people comes as its sentence and nothing else.
        return f"could not go on: {plain(' '.join(error.evalue.split())).rstrip(' .')}", ""
    missing = _MISSING.fullmatch(plain(error.evalue).strip())
    if error.ename == "FileNotFoundError" and missing and "_execute_child" not in plain(traceback):
        name = missing["name"]
        what = f"could not go on: there is no file or folder {name}"
        if not Path(name).is_absolute():
            what += ", seen from the folder where the notebook runs"
        return what, traceback
    what = f"{error.ename}: {error.evalue}".partition("\n")[0].rstrip(" .:")
    return f"raised {plain(what)}", traceback


def _traceback(cell: Any) -> str:
    for output in reversed(cell.outputs):
        if output.output_type == "error":
            return "\n".join(output.traceback)
    return ""
