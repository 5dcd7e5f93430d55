"""Image files in a folder, one folder a class, decoded when they are asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets._files import file_hash
from mlprov_widgets.errors import DataUnavailableError
from mlprov_widgets.images.format import IMAGE_SUFFIXES
from mlprov_widgets.images.pictures import DEEP, leveled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


class ImageFiles:
    """A data set of image files, for a ``DataLoader`` with any number of workers.

    Parameters
    ----------
    folder : Path or str
        Holds one folder a class, or, with `parts`, folders that do.
    classes : sequence of str
        Names of the class folders; the label of an image is the place of its class in them.
    size : int
        Height and width, in pixels, that every image is brought to: the largest square in its
        middle is resized.
    channels : int
        3 for colour, 1 for grey.
    parts : mapping of str to str
        Part (``train``, ``val``, ``test``) to its folder, where the folder is divided.
    skip : collection of str
        Files to leave out, relative to the folder.
    levels : tuple of float, optional
        What is black and what is white in images with more than 8 bits in a channel.

    Attributes
    ----------
    paths : list of Path
    labels : numpy.ndarray
        Of int64, one an image.
    classes : list of str

    Raises
    ------
    DataUnavailableError
        If there is no image.
    """

    def __init__(
        self,
        folder: Path | str,
        classes: Sequence[str],
        size: int,
        channels: int = 3,
        parts: Mapping[str, str] | None = None,
        skip: Collection[str] = (),
        levels: tuple[float, float] | None = None,
    ) -> None:
        import numpy as np

        self.folder, self.size, self.channels = Path(folder).expanduser(), size, channels
        self.classes, self.levels = list(classes), levels
        self.paths: list[Path] = []
        labels: list[int] = []
        part_of: list[str] = []
        skipped = set(skip)
        for part, part_folder in (parts or {"": ""}).items():
            for label, name in enumerate(self.classes):
                found = self._images_below(self.folder / part_folder / name, skipped)
                self.paths += found
                labels += [label] * len(found)
                part_of += [part] * len(found)
        if not self.paths:
            raise DataUnavailableError(
                "image_files_missing", folder=self.folder, classes=self.classes
            )
        self.labels, self._part_of = np.array(labels), np.array(part_of)

    def rows(self, part: str) -> NDArray[np.int64]:
        """Numbers of the images of one part."""
        import numpy as np

        return np.flatnonzero(self._part_of == part)

    def _images_below(self, folder: Path, skipped: Collection[str]) -> list[Path]:
        """Image files of one class in the order of their names, whatever the file system's."""
        inside = self.folder.resolve()
        found = [
            path
            for path in folder.rglob("*")
            if path.suffix.lower() in IMAGE_SUFFIXES
            and not any(name.startswith(".") for name in path.relative_to(folder).parts)
            and path.relative_to(self.folder).as_posix() not in skipped
            and path.is_file()
            # A link may lead anywhere; only what lies in the folder is part of the data.
            and path.resolve().is_relative_to(inside)
        ]
        return sorted(found, key=lambda path: path.relative_to(self.folder).as_posix())

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        size = f"{self.channels} x {self.size} x {self.size}"
        return f"<ImageFiles: {len(self)} images in {self.folder}, as {size}>"

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Images, channels, height and width, as of one tensor with all of them."""
        return len(self), self.channels, self.size, self.size

    def __getitem__(self, number: int) -> tuple[Tensor, int]:
        """An image of dtype uint8, channels × height × width, and its label.

        Raises
        ------
        DataUnavailableError
            If the file cannot be read any more.
        """
        from PIL import Image, ImageOps
        from torchvision.transforms.v2.functional import pil_to_tensor

        path = self.paths[number]
        try:
            with Image.open(path) as image:
                image.draft("RGB", (self.size, self.size))  # a large JPEG is decoded smaller
                upright = ImageOps.exif_transpose(image)
                grey_or_colour = _flat(upright, "L" if self.channels == 1 else "RGB", self.levels)
                square = ImageOps.fit(
                    grey_or_colour, (self.size, self.size), Image.Resampling.BILINEAR
                )
                return pil_to_tensor(square), int(self.labels[number])
        except (OSError, ValueError, SyntaxError) as error:
            raise DataUnavailableError("image_file_unreadable", file=path, reason=error) from None

    def sizes(self) -> Tensor:
        """Bytes of each file: cheap to ask for, and other images seldom have the same."""
        import torch

        return torch.tensor([path.stat().st_size for path in self.paths])

    def digests(self) -> list[Any]:
        """Name, label and SHA-256 of each file: what the data are, for their fingerprint."""
        found: list[Any] = [self.size, self.channels, *(self.levels or ())]
        for path, label in zip(self.paths, self.labels, strict=True):
            found.append((path.relative_to(self.folder).as_posix(), int(label), file_hash(path)))
        return found


def _flat(image: Any, mode: str, levels: tuple[float, float] | None) -> Any:
    """With 8 bits, and without transparency: what shines through is white, as on a page."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        page = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(page, image)
    elif levels is not None and image.mode in DEEP:
        image = leveled(image, levels)
    elif image.mode.startswith("I;16"):
        # Pillow would cut 16 bits off at 255 instead of scaling them.
        image = image.point(lambda level: level / 256).convert("L")
    return image.convert(mode)
