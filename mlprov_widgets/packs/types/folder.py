"""A folder that is there or can be made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.paths import PathType

if TYPE_CHECKING:
    from mlprov_widgets.packs.parameters import Parameter


@register
class FolderPath(PathType):
    """A folder that is there or can be made, for what a run downloads or writes."""

    name = "folder"
    needs_default = True
    is_filled = True
    missing = "folder_needed"
    outside = "folder_outside"

    def allowed(self, parameter: Parameter) -> str:
        return "a text, the path of a folder"

    def inspect(self, path: Path) -> None:
        from mlprov_widgets.images import check_folder

        check_folder(path)
