"""Watches pandas: which files and addresses tables were read from."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from mlprov_widgets._files import file_hash
from mlprov_widgets.capture.observer import Call, Observer
from mlprov_widgets.capture.values import loaded, text

_FORMATS = {
    "read_csv": "CSV",
    "read_table": "CSV",
    "read_excel": "Excel",
    "read_parquet": "Parquet",
    "read_json": "JSON",
    "read_feather": "Feather",
    "read_pickle": "pickle",
    "read_hdf": "HDF5",
}
_MOST_BYTES = 200_000_000  # of a file that is hashed


class PandasObserver(Observer):
    """One run's view of pandas."""

    def start(self) -> None:
        """Begin to watch, once pandas has been imported in full."""
        pandas = loaded("pandas")
        if self.undo or not hasattr(pandas, "read_hdf"):
            return
        for name in _FORMATS:
            self.notice_calls(pandas, name, f"pandas.{name}", self._read)

    def _read(self, call: Call) -> None:
        source = next(iter((*call.args, *call.kwargs.values())), None)
        one = self.observations.add("load", call.name, begun=call.begun)
        if isinstance(source, (str, os.PathLike)):
            one.settings["path"], more = _describe(os.fspath(source))
            one.values |= more
        one.values["data_format"] = _FORMATS[call.name.rpartition(".")[2]]
        if hasattr(call.result, "shape"):
            one.values["rows"] = int(call.result.shape[0])
            self.observations.make(one, call.result)


def _describe(source: str) -> tuple[str, dict[str, Any]]:
    """A path or address without what is secret in it, and what the file is."""
    parts = urlsplit(source)
    if parts.scheme and parts.netloc:
        # User, password and query may be a key to the data.
        clean = urlunsplit((parts.scheme, parts.hostname or "", parts.path, "", ""))
        return text(clean, 1000), {"dataset_id": text(Path(parts.path).stem, 200)}
    path = Path(source)
    found: dict[str, Any] = {"dataset_id": text(path.stem, 200)}
    with suppress(OSError):
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            found["source_sha256"] = file_hash(path)
    return text(source, 1000), found
