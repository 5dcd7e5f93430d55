"""The run that a file stands for: a provenance file, or a notebook with one beside it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlprov_widgets._files import naming, newest_files, rescue_folder
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.notebooks.formats import format_of, read_document
from mlprov_widgets.provenance.files import read_container
from mlprov_widgets.provenance.legacy import legacy_record
from mlprov_widgets.provenance.reading import from_prov_json
from mlprov_widgets.record import Record

ENDING = ".prov.json"
# Whoever runs a notebook gives its first run this id; the kernel finds it in its environment.
RUN_ID = "MLPROV_RUN_ID"
# Under this name the output that tells where the record is says which run it is of.
OUTPUT_METADATA = "mlprov_run"

# Bytes and number of provenance files that are read to find that of a run, the newest first.
MAX_BESIDE = 100_000_000
_MAX_FILES = 100
# What a run printed before outputs said which run they are of.
_PRINTED = re.compile(r'^Provenance: ([^/\\:"\n]{1,200}\.prov\.json)$', re.MULTILINE)


@dataclass(frozen=True)
class ShownRun:
    """The run whose results a notebook shows, as its outputs say.

    Parameters
    ----------
    run_id : str
    file : str
        Name that its provenance file had.
    """

    run_id: str
    file: str


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
        raise RecordError("record_is_folder", file=path)
    if format_of(path) is not None:
        return _run_of(path)
    with naming(path):
        return _read(path), path


def provenance_file_of(notebook: Path) -> Path:
    """The provenance file of the run that a notebook or script shows, from its own folder.

    It is that of the run whose id is in the notebook's outputs; where they name none, the newest
    that names the notebook.

    Raises
    ------
    RecordError
        If there is none, or the notebook cannot be read.
    """
    return _run_of(notebook)[1]


def find_run(run_id: str, folder: Path, name: str = "") -> tuple[Record, Path] | None:
    """The record with this run id in a folder, and its file; None where there is none.

    Parameters
    ----------
    run_id : str
    folder : Path
    name : str, optional
        The file to look into first.
    """
    if name and name == Path(name).name and (record := _record_of(folder / name, run_id)):
        return record, folder / name
    found = (pair for pair in records_in(folder) if pair[0].run_id == run_id)
    return next(found, None)


def is_record_of(file: Path, run_id: str) -> bool:
    """Whether a file is there and holds the record of this run."""
    return _record_of(file, run_id) is not None


def _record_of(file: Path, run_id: str) -> Record | None:
    with contextlib.suppress(MlprovError, OSError):
        record = _read(file)
        return record if record.run_id == run_id else None
    return None


def records_in(folder: Path, stem: str = "") -> Iterator[tuple[Record, Path]]:
    """The records in a folder and their files, the newest file first; what is none is passed over.

    Parameters
    ----------
    folder : Path
    stem : str, optional
        How the names of the files begin.
    """

    def is_wanted(name: str) -> bool:
        return name.startswith(stem) and name.endswith(ENDING)

    for file in newest_files(folder, is_wanted, _MAX_FILES, MAX_BESIDE):
        with contextlib.suppress(MlprovError, OSError):
            yield _read(file), file


def shown_run(notebook: Path) -> ShownRun | None:
    """The run that the outputs of a notebook say they are of; None where they say nothing.

    Raises
    ------
    RecordError
        If the notebook cannot be read.
    """
    shown = [
        ShownRun(run["run_id"], run.get("file", ""))
        for output in _outputs(notebook)
        if isinstance(metadata := output.get("metadata"), dict)
        and isinstance(run := metadata.get(OUTPUT_METADATA), dict)
        and isinstance(run.get("run_id"), str)
        and isinstance(run.get("file", ""), str)
    ]
    return shown[-1] if shown else None


def _read(file: Path) -> Record:
    container = read_container(file)
    return legacy_record(container) or from_prov_json(container)


def _run_of(notebook: Path) -> tuple[Record, Path]:
    if not os.path.isfile(notebook):  # noqa: PTH113  (a name that is too long is no error)
        raise RecordError("file_missing", file=notebook)
    shown = shown_run(notebook)
    if shown is not None:
        # Where the folder could not be written, the record is in the second place.
        for place in (notebook.parent, rescue_folder()):
            if found := find_run(shown.run_id, place, shown.file):
                return found
        missing = shown.file or "provenance file"
        raise RecordError("shown_run_missing", file=notebook, run=shown.run_id, missing=missing)
    printed = _printed(notebook)
    named = [
        (record, file)
        for record, file in records_in(notebook.parent, "" if printed else notebook.stem)
        if record.notebook.get("name") == notebook.name and (not printed or file.name in printed)
    ]
    if not named:
        missing = printed[0] if printed else f"{notebook.stem}{ENDING}"
        raise RecordError("run_record_missing", file=notebook, missing=missing)
    if printed:
        return min(named, key=lambda pair: printed.index(pair[1].name))
    # Times of files change when they are copied; what a run says of itself does not.
    return max(named, key=lambda pair: pair[0].start.timestamp() if pair[0].start else 0.0)


def _printed(notebook: Path) -> list[str]:
    """Names of provenance files that older versions printed in a notebook, the last first."""
    texts = (output.get("text") for output in _outputs(notebook))
    parts = (text if isinstance(text, list) else [text] for text in texts)
    whole = ("".join(part for part in text if isinstance(part, str)) for text in parts)
    return [name for text in whole for name in _PRINTED.findall(text)][::-1]


def _outputs(notebook: Path) -> list[dict[str, Any]]:
    """All outputs of a notebook, in its order; none where it is no notebook."""
    try:
        return read_document(notebook).outputs
    except RecordError as error:
        if error.code == "file_not_readable":
            raise
        return []
