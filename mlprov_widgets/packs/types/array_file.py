"""A person's own images in NumPy arrays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets.packs.types.base import register
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
