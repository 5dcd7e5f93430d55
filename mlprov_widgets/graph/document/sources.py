"""What can be looked at: files, texts, documents, records, finished runs and their notebooks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.beside import provenance_file_of
from mlprov_widgets.provenance.files import read_shown
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.reading import from_prov_json, is_record
from mlprov_widgets.provenance.record import Record

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
    """

    name: str
    record: Record | None
    problem: str = ""
    remark: str = ""
    _container: dict[str, Any] | None = None

    @property
    def container(self) -> dict[str, Any]:
        """The document as a PROV-JSON container."""
        if self._container is None:
            if self.record is None:
                raise RecordError("There is nothing to show.")
            self._container = to_prov_json(self.record)
        return self._container


def open_source(source: Source) -> Opened:
    """Read whatever `view` takes.

    Raises
    ------
    RecordError
        If there is nothing to read, or it cannot be read.
    """
    if isinstance(source, Opened):
        return source
    if isinstance(source, Record):
        return Opened(str(source.notebook.get("name", "")), source)
    if isinstance(getattr(source, "record", None), Record):
        return open_source(source.record)
    if isinstance(getattr(source, "file", None), Path | str):
        source = Path(source.file)
    if isinstance(source, os.PathLike):
        source = Path(os.fsdecode(source))
    if _is_notebook(source):
        source = provenance_file_of(Path(source))
    container, remark = read_shown(source)
    one_line = isinstance(source, str) and len(source) < 4096 and "{" not in source
    name = Path(source).name if isinstance(source, Path) or one_line else ""
    if not is_record(container):
        return Opened(name, None, "", remark, container)
    if remark:
        # What has been overlooked may be what makes it another run.
        return Opened(name, None, remark, "", container)
    try:
        return Opened(name, from_prov_json(container), "", "", container)
    except RecordError as error:
        return Opened(name, None, str(error), "", container)


def _is_notebook(source: Source) -> bool:
    if isinstance(source, str):
        source = Path(source) if len(source) < 4096 and "\n" not in source else Path()
    return isinstance(source, Path) and source.suffix.lower() == ".ipynb"
