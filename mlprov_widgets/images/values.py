"""The values of images in arrays: their range, and a few small images to look at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.format import LARGEST_NUMBER, SMALLEST_NUMBER
from mlprov_widgets.images.labels import Labels
from mlprov_widgets.images.pictures import PREVIEW_CLASSES, PREVIEW_IMAGES, array_thumbnail
from mlprov_widgets.images.repeats import Repeats
from mlprov_widgets.images.stored import Stored
from mlprov_widgets.messages import Note

if TYPE_CHECKING:
    import numpy as np

_KEPT_SIDE = 512
_MOST_COMPARED = 300_000
_SCALES = (1, 16, 255, 4095, 65535)
_DARKEST = 0.05
_FAINTEST = 0.02
_ROUNDED = 1e-3


class PixelValues:
    """What the values of images are like, found piece by piece.

    Parameters
    ----------
    images : Stored
    layout : str
        ``NHWC``, ``NCHW`` or ``NHW``.
    labels : Labels
    """

    def __init__(self, images: Stored, layout: str, labels: Labels) -> None:
        import numpy as np

        self.images, self.layout = images, layout
        self.low, self.high, self.seen = float("inf"), float("-inf"), 0
        self._wanted = {
            int(position): number
            for number in range(min(PREVIEW_CLASSES, len(labels.classes)))
            for position in np.flatnonzero(labels.codes == number)[:50]
        }
        self._names = [name for name, _ in labels.classes[:PREVIEW_CLASSES]]
        self._codes = labels.codes
        self._repeats = Repeats()
        self._small: dict[int, list[np.ndarray]] = {n: [] for n in range(len(self._names))}

    def add(self, start: int, values: np.ndarray) -> None:
        """Look at some images, of which the first has this number."""
        import numpy as np

        if values.dtype.kind == "f":
            finite = np.isfinite(values)
            if not finite.all():
                number = start + int(np.argmin(finite.reshape(len(values), -1).all(axis=1)))
                raise ImageError("pixels_infinite", array=self.images.called, number=number)
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        self.seen += len(values)
        for position in range(start, start + len(values)):
            if position < _MOST_COMPARED:
                digest = hashlib.blake2b(values[position - start].tobytes(), digest_size=16)
                self._repeats.add(digest.digest(), f"number {position}", self._codes[position])
            wanted = self._wanted.get(position)
            if wanted is not None and len(self._small[wanted]) < PREVIEW_IMAGES:
                self._small[wanted].append(self._thinned(values[position - start]))

    def _thinned(self, image: np.ndarray) -> np.ndarray:
        """An image, of a large one only some rows and columns: it is shown as a small one."""
        rows, columns = (-2, -1) if self.layout == "NCHW" else (0, 1)
        keep = [slice(None)] * image.ndim
        for axis in (rows, columns):
            keep[axis] = slice(None, None, max(1, image.shape[axis] // _KEPT_SIDE))
        return image[tuple(keep)].astype("float64")

    def range(self) -> tuple[float, float, list[Note]]:
        """What to subtract, what to divide by, and what is worth saying about the values."""
        name = self.images.called
        if not self.seen:
            return 0, 1, [Note("pixels_not_looked_at", array=name)]
        low, high = self.low, self.high
        notes: list[Note] = []
        if self.seen < self.images.shape[0]:
            notes.append(Note("pixels_sampled", seen=self.seen, images=self.images.shape[0]))
        if low == high:
            raise ImageError("pixels_all_equal", array=name, value=low)
        if max(-low, high) > LARGEST_NUMBER or high - low < SMALLEST_NUMBER:
            raise ImageError("pixels_out_of_range", array=name, low=f"{low:g}", high=f"{high:g}")
        floating = self.images.dtype.kind == "f"
        scale: float
        offset, scale = fitting(low, high, floating)
        if (offset, scale) != (0, 1 if floating else 255):
            notes.append(
                Note(
                    "pixels_of_unusual_range",
                    low=f"{low:g}",
                    high=f"{high:g}",
                    black=f"{offset:g}",
                    white=f"{offset + scale:g}",
                )
            )
        return offset, scale, notes

    def repeats(self) -> Iterator[Note]:
        """What is worth saying of images that are there more than once."""
        return self._repeats.notes()

    def preview(self, offset: float, scale: float) -> list[tuple[str, list[bytes]]]:
        """Small images of the first classes."""
        return [
            (name, [array_thumbnail(self._turned((x - offset) / scale)) for x in self._small[n]])
            for n, name in enumerate(self._names)
        ]

    def _turned(self, image: np.ndarray) -> np.ndarray:
        """Height × width, with three colours last if there are any."""
        if self.layout == "NCHW":
            image = image.transpose(1, 2, 0)
        return image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image


def fitting(low: float, high: float, floating: bool) -> tuple[float, float]:
    """What to subtract and what to divide by: a customary range, else the one that values fill.

    Parameters
    ----------
    low, high : float
        The darkest and the brightest value.
    floating : bool
        Whether the values are floating-point numbers.
    """
    if not floating:
        scale = next((scale for scale in _SCALES if high <= scale), None)
        if low >= 0 and scale is not None:
            return 0, scale
    # Numbers from 0 to 255 that are all far below are of another range, and would be all black.
    elif low >= 0 and _DARKEST * 255 <= high <= 255:
        return 0, 255
    near = 1 + _ROUNDED  # such as 1.0000001
    if low >= 0 and _FAINTEST <= high <= near:
        return 0, 1
    if -near <= low < 0 and high <= near:
        return -1, 2
    return low, high - low
