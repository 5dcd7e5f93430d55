"""The provenance file: a name that is nobody else's, and one content after the other."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from mlprov_widgets._files import (
    cut_name,
    reason,
    remove_leftovers,
    rescue_folder,
    second_places,
    write_new,
    write_over,
)
from mlprov_widgets.errors import RecordError
from mlprov_widgets.messages import message
from mlprov_widgets.notebooks.beside import ENDING, records_in
from mlprov_widgets.record import Record

# What notebooks write under the run's name: a name that has one of these belongs to somebody.
_ENDINGS = (ENDING, ".pt", "-best.pt", "-last.pt")
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def working_directory() -> Path:
    """The folder in which a run begins.

    Raises
    ------
    RecordError
        If it is no longer there.
    """
    try:
        return Path.cwd()
    except OSError as error:
        raise RecordError("working_directory_missing") from error


class ProvenanceFile:
    """The one file that a run writes.

    Parameters
    ----------
    folder : Path
        The working directory when the run began.
    stem : str
        Name of the notebook without its ending.
    """

    def __init__(self, folder: Path, stem: str) -> None:
        self._home = self._folder = folder
        self._stem = cut_name(_UNSAFE.sub("-", stem).strip(". ")) or "run"
        self._number = 1
        self._written: tuple[int, int, int] | None = None
        self.problem = ""
        remove_leftovers(folder)
        self._skip_taken()

    @property
    def name(self) -> str:
        """Stem of the file: ``iris``, or ``iris-2`` where another run has that name."""
        return self._stem if self._number == 1 else f"{self._stem}-{self._number}"

    @property
    def path(self) -> Path:
        return self._folder / f"{self.name}{ENDING}"

    def newest(self, ending: str, notebook: str) -> tuple[Path | None, list[str]]:
        """The newest file with this ending that a run of this notebook left beside its record.

        Returns
        -------
        Path or None
        list of str
            Names of files that look like one, but no record says that this notebook's run left it.
        """
        # Another notebook may be called what a second run of this one is called.
        mine = {
            f"{file.name.removesuffix(ENDING)}{ending}"
            for record, file in records_in(self._home, self._stem)
            if record.notebook.get("name") == notebook
        }
        alike = re.compile(re.escape(self._stem) + r"(-\d+)?" + re.escape(ending))
        found = [file for file in self._home.iterdir() if alike.fullmatch(file.name)]
        owned = [file for file in found if file.name in mine]
        newest = max(owned, key=lambda file: file.stat().st_mtime_ns, default=None)
        return newest, sorted(file.name for file in found if file.name not in mine)

    def next(self) -> ProvenanceFile:
        """A further file of the same name, for what comes after this one's record."""
        return ProvenanceFile(self._home, self._stem)

    @property
    def is_untouched(self) -> bool:
        """Whether the file is still there as it was written."""
        return self._written is not None and self._written == self._state()

    def write(self, record: Record) -> Path:
        """Write the record, over nothing but an earlier state of the same run.

        Where its folder cannot be written, it goes to a second place, and `problem` says where
        and why.

        Raises
        ------
        RecordError
            If it cannot be written anywhere.
        """
        from mlprov_widgets.provenance.files import record_bytes

        data = record_bytes(record)
        try:
            # A file that somebody has changed since is somebody's.
            if self.is_untouched:
                write_over(self.path, data)
            else:
                self._claim(data)
        except OSError as error:
            self._write_elsewhere(data, error)
        self._written = self._state()
        return self.path

    def _claim(self, data: bytes) -> None:
        while True:
            try:
                return write_new(self.path, data)
            except FileExistsError:
                self._number += 1
                self._skip_taken()

    def _write_elsewhere(self, data: bytes, error: OSError) -> None:
        place, earlier = (self._folder, self._number), self.path if self.is_untouched else None
        for folder in second_places():
            if folder == place[0]:
                continue
            self._folder, self._number = folder, 1
            try:
                self._claim(data)
            except OSError:
                continue
            said = {"folder": place[0], "reason": reason(error), "file": self.path}
            self.problem = message("record_elsewhere", said)
            if earlier is not None and folder == rescue_folder():
                # One run, one record; a temporary folder may not last as long as the old one.
                with suppress(OSError):
                    earlier.unlink()
            return
        self._folder, self._number = place
        raise RecordError(
            "record_nowhere",
            file=self.path,
            reason=reason(error),
            rescue=rescue_folder(),
            temporary=tempfile.gettempdir(),
        ) from error

    def _skip_taken(self) -> None:
        while any(os.path.lexists(self._folder / f"{self.name}{end}") for end in _ENDINGS):
            self._number += 1

    def _state(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
