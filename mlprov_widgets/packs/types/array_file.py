"""A person's own images in NumPy arrays, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.formats import DataFormat
from mlprov_widgets.packs.types.paths import PathType

if TYPE_CHECKING:
    from mlprov_widgets.images import ArrayFile


@register
class ArrayFilePath(PathType):
    """A ``.npz`` or ``.npy`` file with images and labels."""

    name = "array_file"
    missing = "array_file_needed"

    def inspect(self, path: Path) -> ArrayFile:
        from mlprov_widgets.images import inspect_arrays

        return inspect_arrays(path)


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
