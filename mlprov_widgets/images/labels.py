"""The labels of images in an array: numbers, texts, or rows with a single 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.findings import FEW, uneven_classes
from mlprov_widgets.images.format import MOST_CLASSES
from mlprov_widgets.images.stored import Stored
from mlprov_widgets.messages import Note

if TYPE_CHECKING:
    import numpy as np

MOST_BYTES = 2**29


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
    notes : list of Note
    """

    classes: list[tuple[str, int]]
    codes: np.ndarray
    one_hot: bool
    notes: list[Note]


def read_labels(stored: Stored) -> Labels:
    """Read and check labels.

    Parameters
    ----------
    stored : Stored

    Raises
    ------
    ImageError
        If they cannot be used, with the reason.
    """
    import numpy as np

    name = stored.called
    if stored.nbytes > MOST_BYTES:
        raise ImageError("labels_too_large", array=name, size=stored.nbytes)
    if stored.dtype.kind not in "buifUS":
        raise ImageError("labels_of_wrong_type", array=name, type=stored.dtype.name)
    try:
        values = stored.whole()
    except Exception:  # damaged archives raise errors of many modules
        raise ImageError("array_damaged", array=name) from None
    one_hot = values.ndim == 2 and values.shape[1] > 1
    if one_hot:
        if not _is_one_hot(values):
            raise ImageError("labels_of_many_numbers", array=name, numbers=values.shape[1])
        values = values.argmax(axis=1)
    elif values.ndim == 2:
        values = values.reshape(-1)
    if values.ndim != 1:
        raise ImageError("labels_of_dimensions", array=name, dimensions=values.ndim)
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ImageError("labels_infinite", array=name)
        if (values != np.floor(values)).any():
            raise ImageError("labels_of_fractions", array=name)
    if values.dtype.kind in "US" and (np.char.strip(values) == values.dtype.type()).any():
        raise ImageError("labels_empty", array=name)
    labels, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(labels) < 2:
        raise ImageError("labels_of_one_class", array=name, label=_text(labels[0]))
    if len(labels) > MOST_CLASSES or (len(labels) > 20 and 2 * len(labels) > len(values)):
        raise ImageError("labels_all_different", array=name, labels=len(labels), images=len(values))
    classes = [(_text(label), int(number)) for label, number in zip(labels, counts, strict=True)]
    return Labels(classes, codes, one_hot, list(_notes(classes, values)))


def _is_one_hot(values: np.ndarray) -> bool:
    if values.dtype.kind not in "buif":
        return False
    return bool(((values == 0) | (values == 1)).all() and ((values != 0).sum(axis=1) == 1).all())


def _text(label: object) -> str:
    return label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label)


def _notes(classes: list[tuple[str, int]], values: np.ndarray) -> Iterator[Note]:
    if few := [label for label, number in classes if number < FEW]:
        yield Note("labels_of_few_images", fewest=FEW, labels=few)
    yield from uneven_classes(classes)
    if values.dtype.kind in "if" and (values < 0).any():
        yield Note("labels_below_zero")
