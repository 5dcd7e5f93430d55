"""Whether the files of packs have changed since they were last looked at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs.discovery import files_stamp


class PackWatch:
    """Tells once of each change of a file in some folders.

    Parameters
    ----------
    folders : iterable of Path or str
        Packs, or folders of packs.
    """

    def __init__(self, folders: Iterable[Path | str]) -> None:
        self._folders = [Path(folder) for folder in folders]
        self._known = self._stamps()

    def has_changed(self) -> bool:
        """Whether a file has changed, come or gone since this was last asked."""
        known, self._known = self._known, self._stamps()
        return known != self._known

    def _stamps(self) -> list[object]:
        return [_stamp(folder) for folder in self._folders]


def _stamp(folder: Path) -> object:
    try:
        return files_stamp(folder)
    except (OSError, PackError) as error:
        return str(error)
