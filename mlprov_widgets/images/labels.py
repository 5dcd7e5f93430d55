"""The labels of images in an array: numbers, texts, or rows with a single 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.format import MOST_CLASSES
from mlprov_widgets.images.stored import Stored
from mlprov_widgets.tables.names import listed, show

if TYPE_CHECKING:
    import numpy as np

MOST_BYTES = 2**29
_UNEVEN = 10
_FEW = 5


@dataclass(frozen=True)
class Labels:
    """Labels that can be used.

    Parameters
    ----------
    classes : list of (str, int)
        Each label as text, in order, with its number of images.
    codes : numpy.ndarray
        Number of the class of each image.
    one_hot : bool
    notes : list of str
    """

    classes: list[tuple[str, int]]
    codes: np.ndarray
    one_hot: bool
    notes: list[str]

    def positions(self, number: int, most: int) -> np.ndarray:
        """Where the first images of a class are."""
        import numpy as np

        return np.flatnonzero(self.codes == number)[:most]


def read_labels(stored: Stored, name: str) -> Labels:
    """Read and check labels.

    Parameters
    ----------
    stored : Stored
    name : str
        How to call them in a sentence.

    Raises
    ------
    ImageError
        If they cannot be used, with the reason.
    """
    import numpy as np

    if stored.nbytes > MOST_BYTES:
        raise ImageError(f"{name} has {stored.nbytes / 2**20:,.0f} MB; labels need far less.")
    if stored.dtype.kind not in "buifUS":
        raise ImageError(
            f"{name} has values of the type {stored.dtype.name}; labels are whole numbers or text."
        )
    try:
        values = stored.whole()
    except Exception:  # damaged archives raise errors of many modules
        raise ImageError(f"{name} cannot be read: it is damaged.") from None
    one_hot = False
    if values.ndim == 2 and values.shape[1] > 1:
        if not _is_one_hot(values):
            raise ImageError(
                f"{name} has {values.shape[1]:,} numbers for each image; give one label for each, "
                "or rows with a single 1 (one-hot)."
            )
        values, one_hot = values.argmax(axis=1), True
    elif values.ndim == 2:
        values = values.reshape(-1)
    if values.ndim != 1:
        raise ImageError(f"{name} has {values.ndim} dimensions; labels are one list.")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ImageError(f"{name} holds NaN or infinite numbers; give every image a label.")
        if (values != np.floor(values)).any():
            raise ImageError(f"{name} holds fractions; labels are whole numbers or text.")
    if values.dtype.kind in "US" and (np.char.strip(values) == values.dtype.type()).any():
        raise ImageError(f"{name} has an empty text; give every image a label.")
    labels, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(labels) < 2:
        raise ImageError(
            f"{name} has only one class, {show(_text(labels[0]))}; at least two are needed."
        )
    if len(labels) > MOST_CLASSES or (len(labels) > 20 and 2 * len(labels) > len(values)):
        raise ImageError(
            f"{name} has {len(labels):,} different labels for {len(values):,} images; that looks "
            "like numbers of images, not like classes."
        )
    classes = [(_text(label), int(number)) for label, number in zip(labels, counts, strict=True)]
    return Labels(classes, codes, one_hot, _notes(classes, values))


def _is_one_hot(values: np.ndarray) -> bool:
    if values.dtype.kind not in "buif":
        return False
    return bool(((values == 0) | (values == 1)).all() and ((values != 0).sum(axis=1) == 1).all())


def _text(label: object) -> str:
    if isinstance(label, bytes):
        return label.decode("utf-8", "replace")
    return str(label)


def _notes(classes: list[tuple[str, int]], values: np.ndarray) -> list[str]:
    notes = []
    few = [label for label, number in classes if number < _FEW]
    if few:
        notes.append(
            f"Fewer than {_FEW} images have the label {listed(few)}: too few to learn from and be "
            "tested on."
        )
    largest, smallest = max(classes, key=_number), min(classes, key=_number)
    if largest[1] >= _UNEVEN * smallest[1]:
        notes.append(
            f"The classes are uneven: {largest[1]:,} images of {show(largest[0])}, "
            f"{smallest[1]:,} of {show(smallest[0])}."
        )
    if values.dtype.kind in "if" and (values < 0).any():
        notes.append(
            "There are labels below 0, which often mean that there is none; here they are a class "
            "like any other."
        )
    return notes


def _number(item: tuple[str, int]) -> int:
    return item[1]
