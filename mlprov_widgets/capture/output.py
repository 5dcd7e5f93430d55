"""The provenance file: a name that is nobody else's, and one content after the other."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.record import Record

_SUFFIX = ".prov.json"
# What notebooks write under the run's name: a name that has one of these belongs to somebody.
_SUFFIXES = (_SUFFIX, ".pt")
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


class ProvenanceFile:
    """The one file that a run writes.

    Parameters
    ----------
    folder : Path
        The working directory when the run began.
    stem : str
        Name of the notebook without its ending.
    writes : bool
        False for a process that must leave no file.
    """

    def __init__(self, folder: Path, stem: str, writes: bool = True) -> None:
        self._folder = folder
        self._stem = _UNSAFE.sub("-", stem).strip(". ")[:120] or "run"
        self._writes = writes
        self._number = 1
        self._written: tuple[int, int, int] | None = None
        while any(os.path.lexists(folder / f"{self.name}{suffix}") for suffix in _SUFFIXES):
            self._number += 1

    @property
    def name(self) -> str:
        """Stem of the file: ``iris``, or ``iris-2`` where another run has that name."""
        return self._stem if self._number == 1 else f"{self._stem}-{self._number}"

    @property
    def path(self) -> Path:
        return self._folder / f"{self.name}{_SUFFIX}"

    def newest(self, ending: str) -> Path | None:
        """The newest file that this run, or an earlier one of the same name, left beside it."""
        name = re.compile(re.escape(self._stem) + r"(-\d+)?" + re.escape(ending))
        found = [file for file in self._folder.iterdir() if name.fullmatch(file.name)]
        return max(found, key=lambda file: file.stat().st_mtime_ns, default=None)

    @property
    def is_untouched(self) -> bool:
        """Whether the file is still there as it was written."""
        return self._written is not None and self._written == self._state()

    def write(self, record: Record) -> Path:
        """Write the record, over nothing but an earlier state of the same run.

        Raises
        ------
        RecordError
            If the file cannot be written.
        """
        if not self._writes:
            return self.path
        from mlprov_widgets.provenance.files import write_record

        # A file that somebody has changed since is somebody's.
        claimed = not self.is_untouched
        if claimed:
            self._claim()
        try:
            write_record(record, self.path)
        except BaseException:
            if claimed:
                self.path.unlink(missing_ok=True)
            raise
        self._written = self._state()
        return self.path

    def _claim(self) -> None:
        while True:
            try:
                self.path.open("x").close()
                return
            except FileExistsError:
                self._number += 1
            except OSError as error:
                raise RecordError(
                    f"{self.path} cannot be written: {error.strerror or error}. "
                    "Make the folder writable, or start the notebook in another one."
                ) from error

    def _state(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
