"""How a folder of images is read."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.formats import DataFormat


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
