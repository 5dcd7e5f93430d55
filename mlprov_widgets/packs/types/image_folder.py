"""A person's own images, one folder a class, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.formats import DataFormat
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


@register
class ImageFolderFormat(DataFormat):
    """How a folder of images is read; its keys are those of `ImageFolder`."""

    name = "image_format"
    belongs_to = "image_folder"

    def checked_format(self, value: object) -> dict[str, Any]:
        from mlprov_widgets.images import check_image_format

        return check_image_format(value)

    def unknown(self) -> dict[str, Any]:
        from mlprov_widgets.images.format import UNKNOWN_FOLDER

        return UNKNOWN_FOLDER
