"""The run that a file stands for: a provenance file, or a notebook with one beside it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.files import read_container
from mlprov_widgets.provenance.legacy import is_legacy, legacy_record
from mlprov_widgets.provenance.reading import from_prov_json
from mlprov_widgets.provenance.record import Record

NOTEBOOKS = (".ipynb", ".py")
ENDING = ".prov.json"

# What a run prints when its provenance file is written.
_TOLD = re.compile(r'^Provenance: ([^/\\:"\n]{1,200}\.prov\.json)$', re.MULTILINE)
_MAX_BYTES = 200_000_000


def read_run(path: Path) -> tuple[Record, Path]:
    """Read the record that a file stands for, and say in which file it is.

    Parameters
    ----------
    path : Path
        A provenance file of ours or of MLProvCodeGen 1.x, or a notebook or script that was run
        and has its provenance file beside it.

    Raises
    ------
    RecordError
        If there is no record of a run in it, in a sentence that says why.
    """
    if os.path.isdir(path):  # noqa: PTH112  (a name that is too long is no error)
        raise RecordError(f"{path} is a folder; choose a provenance file or a notebook in it.")
    file = provenance_file_of(path) if path.suffix.lower() in NOTEBOOKS else path
    try:
        container = read_container(file)
        found = legacy_record(container) if is_legacy(container) else from_prov_json(container)
    except RecordError as error:
        if file.name in str(error):
            raise
        raise RecordError(f"{file.name}: {error}") from None
    return found, file


def provenance_file_of(notebook: Path) -> Path:
    """The provenance file of the run that a notebook or script shows, from its own folder.

    It is the one that the notebook's outputs name; else the newest that its runs left.

    Raises
    ------
    RecordError
        If there is none, or the notebook cannot be read.
    """
    pattern = re.compile(re.escape(notebook.stem) + r"(-\d+)?" + re.escape(ENDING))
    try:
        if not notebook.is_file():
            raise RecordError(f"There is no file {notebook}.")
        for name in _told(notebook):
            if (notebook.parent / name).is_file():
                return notebook.parent / name
        beside = [file for file in notebook.parent.iterdir() if pattern.fullmatch(file.name)]
        found = max(beside, key=lambda file: file.stat().st_mtime_ns, default=None)
    except OSError as error:
        raise RecordError(f"{notebook} cannot be read: {error.strerror or error}.") from error
    if found is None:
        raise RecordError(
            f"{notebook} has no provenance file ({notebook.stem}{ENDING}) beside it; run it first."
        )
    return found


def _told(notebook: Path) -> list[str]:
    """Names of provenance files in the outputs of a notebook, the last first."""
    if notebook.suffix.lower() != ".ipynb" or notebook.stat().st_size > _MAX_BYTES:
        return []
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return []
    return [name for text in _printed(content) for name in _TOLD.findall(text)][::-1]


def _printed(content: Any) -> Iterator[str]:
    cells = content.get("cells") if isinstance(content, dict) else None
    for cell in cells if isinstance(cells, list) else ():
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        for output in outputs if isinstance(outputs, list) else ():
            text = output.get("text") if isinstance(output, dict) else None
            parts = text if isinstance(text, list) else [text]
            yield "".join(part for part in parts if isinstance(part, str))
