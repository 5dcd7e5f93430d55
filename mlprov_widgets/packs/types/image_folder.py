"""A person's own images, one folder a class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.paths import PathType

if TYPE_CHECKING:
    from mlprov_widgets.images import ImageFolder


@register
class ImageFolderPath(PathType):
    """A folder with one folder of images for each class."""

    name = "image_folder"
    words = "a text, the path of a folder"
    missing = "image_folder_needed"
    outside = "image_folder_outside"

    def inspect(self, path: Path) -> ImageFolder:
        from mlprov_widgets.images import inspect_image_folder

        return inspect_image_folder(path)
