"""Fields about a person's own images: a folder of them, or arrays."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.images import unpack_images
from mlprov_widgets.widgets.data_view import arrays_html, folder_html
from mlprov_widgets.widgets.host import folder_name
from mlprov_widgets.widgets.parts import hide
from mlprov_widgets.widgets.path_fields import PathField
from mlprov_widgets.widgets.state import WizardState

# What a visitor may fill another's disk with; each file takes a block of it.
_MOST_FILES = 20_000


class ImageFolderField(PathField):
    """A folder with one folder of images for each class."""

    placeholder = "data/images"
    looking = "Looking at the images…"
    archives = (".zip",)
    upload_label = "Upload a .zip…"
    upload_what = "one folder per class"

    def _uploaded(self, name: str, content: bytes) -> str:
        hide(self.place, True)
        words = self.messages.value
        self._say_looking()
        self._space.check_room(len(content))
        most = {}
        if self._space.confined:
            most = {"most_entries": _MOST_FILES, "most_bytes": self._space.room()}
        try:
            unpacked = unpack_images(content, self._space.folder, folder_name(name), **most)
        except BaseException:
            self.messages.value = words
            raise
        self._changed(unpacked.path.name)
        return str(unpacked)

    def _summary(self, data: Any, state: WizardState) -> str:
        return folder_html(data)


class ArrayField(PathField):
    """Images and labels in NumPy arrays."""

    placeholder = "data/images.npz"
    looking = "Looking at the arrays…"
    endings = (".npz", ".npy")

    def _summary(self, data: Any, state: WizardState) -> str:
        return arrays_html(data)
