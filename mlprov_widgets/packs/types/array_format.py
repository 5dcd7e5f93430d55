"""How images in arrays are read."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.formats import DataFormat


@register
class ArrayFormat(DataFormat):
    """How images in arrays are read; its keys are those of `ArrayFile`."""

    name = "array_format"
    belongs_to = "array_file"

    def checked_format(self, value: object) -> dict[str, Any]:
        from mlprov_widgets.images import check_array_format

        return check_array_format(value)

    def unknown(self) -> dict[str, Any]:
        from mlprov_widgets.images.format import UNKNOWN_ARRAYS

        return UNKNOWN_ARRAYS
