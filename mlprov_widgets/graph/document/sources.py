"""What can be looked at: files, texts, documents, records, finished runs and their notebooks."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlprov_widgets.comparison.outcome import plain_file_name
from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks.beside import provenance_file_of, read_run
from mlprov_widgets.notebooks.formats import is_notebook
from mlprov_widgets.provenance.files import read_shown
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.reading import from_prov_json, is_record
from mlprov_widgets.record import Record

# Path, str, dict, Record, prov.model.ProvDocument, or a finished run (has a `record` or a `file`);
# a path may be that of a notebook that was executed.
Source = Any


@dataclass
class Opened:
    """A source that has been read.

    Parameters
    ----------
    name : str
        File name, where there is a file; else empty.
    record : Record or None
        None where the document describes no run of ours.
    problem : str
        Why a document that says it is a record of ours is not shown as one; else empty.
    remark : str
        What is wrong with the file although it could be read; else empty.
    folder : Path or None
        Where the file lies; None where there is none.
    """

    name: str
    record: Record | None
    problem: str = ""
    remark: str = ""
    folder: Path | None = None
    _container: dict[str, Any] | None = None

    @property
    def container(self) -> dict[str, Any]:
        """The document as a PROV-JSON container."""
        if self._container is None:
            if self.record is None:
                raise RecordError("nothing_to_show")
            self._container = to_prov_json(self.record)
        return self._container


def open_source(source: Source) -> Opened:
    """Read whatever `view` takes.

    Raises
    ------
    RecordError
        If there is nothing to read, or it cannot be read.
    """
    if isinstance(source, Record):
        return Opened(str(source.notebook.get("name", "")), source)
    if isinstance(getattr(source, "record", None), Record):
        file = getattr(source, "file", None)
        opened = open_source(source.record)
        return replace(opened, folder=Path(file).parent) if file else opened
    if isinstance(getattr(source, "file", None), Path | str):
        source = Path(source.file)
    if isinstance(source, os.PathLike):
        source = Path(os.fsdecode(source))
    if _is_notebook(source):
        source = provenance_file_of(Path(source))
    container, remark = read_shown(source)
    one_line = isinstance(source, str) and len(source) < 4096 and "{" not in source
    file = Path(source) if isinstance(source, Path) or one_line else None
    name, folder = (file.name, file.parent) if file else ("", None)
    if not is_record(container):
        return Opened(name, None, "", remark, folder, container)
    if remark:
        # What has been overlooked may be what makes it another run.
        return Opened(name, None, remark, "", folder, container)
    try:
        return Opened(name, from_prov_json(container), "", "", folder, container)
    except RecordError as error:
        return Opened(name, None, str(error), "", folder, container)


def original_of(record: Record | None, folder: Path | None) -> Path:
    """Find the provenance file of the run that a run reproduces, beside its own.

    Parameters
    ----------
    record : Record or None
        The run that reproduces another.
    folder : Path or None
        Where its file lies; by default the current folder.

    Raises
    ------
    RecordError
        If it reproduces none, the file is not there, or it is that of another run.
    """
    if record is None or not record.original:
        raise RecordError("original_not_named")
    name = plain_file_name(str(record.original.get("provenance_file", "")))
    if not name:
        raise RecordError("original_file_unknown")
    file = (folder or Path()) / name
    if not file.is_file():
        raise RecordError("original_file_missing", file=name, folder=file.absolute().parent)
    found, _file = read_run(file)
    if found.run_id != record.original.get("run_id"):
        raise RecordError(
            "original_file_of_another_run", file=name, run_id=record.original.get("run_id")
        )
    return file


def _is_notebook(source: Source) -> bool:
    if isinstance(source, str):
        source = Path(source) if len(source) < 4096 and "\n" not in source else Path()
    return isinstance(source, Path) and is_notebook(source)
