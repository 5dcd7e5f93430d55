"""A folder that is there or can be made."""

from __future__ import annotations

from pathlib import Path

from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.paths import PathType


@register
class FolderPath(PathType):
    """A folder that is there or can be made, for what a run downloads or writes."""

    name = "folder"
    words = "a text, the path of a folder"
    needs_default = True
    is_filled = True
    missing = "folder_needed"
    outside = "folder_outside"

    def inspect(self, path: Path) -> None:
        from mlprov_widgets.images import check_folder

        check_folder(path)
