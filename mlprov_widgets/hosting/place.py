"""The folder that somebody works in, and what may be read and kept there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting.limits import Limits

# What a file takes on a disk, however little is in it.
_BLOCK = 4096


def inside(folder: Path, path: Path | str) -> bool:
    """Whether a path, once every link in it is followed, is in the folder."""
    try:
        return (folder / Path(path).expanduser()).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


@dataclass(frozen=True)
class Place:
    """A folder to work in.

    Parameters
    ----------
    folder : Path
        Where files are written, and what relative paths are relative to.
    limits : Limits, optional
        For a visitor of a hosted app, who is confined to the folder; None for somebody at their
        own computer, who is not.
    shared : tuple of Path
        Further folders, of the host's, that may be read.
    """

    folder: Path
    limits: Limits | None = None
    shared: tuple[Path, ...] = ()

    @property
    def confined(self) -> bool:
        """Whether nothing else may be read."""
        return self.limits is not None

    @property
    def runs(self) -> bool:
        """Whether notebooks may be run here at all."""
        return self.limits is None or self.limits.runs > 0

    def may_read(self, path: Path | str) -> bool:
        """Whether a file or folder may be read; links are followed first."""
        if not self.confined or self.may_write(path):
            return True
        try:
            place = self.folder / Path(path).expanduser()
        except RuntimeError:  # the home folder of somebody who is not there
            return False
        return any(inside(folder, place) for folder in self.shared)

    def may_write(self, path: Path | str) -> bool:
        """Whether a file or folder may be written; links are followed first."""
        return not self.confined or inside(self.folder, path)

    def largest_upload(self, usual: int) -> int:
        """Bytes that an upload may have, where it is `usual` at one's own computer."""
        return usual if self.limits is None else min(usual, self.limits.upload_limit)

    def room(self) -> int:
        """Bytes that may still be kept; very many at one's own computer."""
        if self.limits is None:
            return 2**62
        return self.limits.quota - _used(self.folder)

    def check_room(self, size: int = 0) -> None:
        """Check that a file of this size may be kept.

        Raises
        ------
        MlprovError
            If there is no room for it.
        """
        if self.limits is not None and self.room() < size + _BLOCK:
            raise MlprovError("quota_spent", quota=self.limits.quota)


def _used(folder: Path) -> int:
    """Bytes of all files in a folder, as a disk counts them; links are not followed."""
    total = 0
    for parent, folders, files in os.walk(folder):
        total += _BLOCK * len(folders)
        for name in files:
            try:
                size = os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118  (many files)
            except OSError:
                continue
            total += -(-max(size, 1) // _BLOCK) * _BLOCK
    return total
