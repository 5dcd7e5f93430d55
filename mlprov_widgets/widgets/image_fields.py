"""Fields about a person's own images: a folder of them, or arrays."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.widgets.image_view import arrays_html, folder_html
from mlprov_widgets.widgets.path_fields import PathField
from mlprov_widgets.widgets.state import WizardState


class ImageFolderField(PathField):
    """A folder with one folder of images for each class."""

    placeholder = "data/images"
    looking = "Looking at the images…"
    folders = True

    def _summary(self, data: Any, state: WizardState) -> str:
        return folder_html(data)


class ArrayField(PathField):
    """Images and labels in NumPy arrays."""

    placeholder = "data/images.npz"
    looking = "Looking at the arrays…"
    patterns = ("*.npz", "*.npy")
    endings = (".npz", ".npy")
    accept = ".npz,.npy"

    def _summary(self, data: Any, state: WizardState) -> str:
        return arrays_html(data)
