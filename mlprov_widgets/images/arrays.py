"""Look at images and labels in NumPy arrays before any code is written for them."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.format import FEWEST, LARGEST_NUMBER, SMALLEST_NUMBER
from mlprov_widgets.images.labels import Labels, read_labels
from mlprov_widgets.images.pictures import array_thumbnail
from mlprov_widgets.images.stored import Stored, stored_arrays
from mlprov_widgets.tables.names import listed, show

if TYPE_CHECKING:
    import numpy as np

MOST_BYTES = 256 * 2**20
MOST_IMAGES = 10_000_000
PREVIEW_CLASSES = 10
PREVIEW_IMAGES = 4
_IMAGE_NAMES = (
    "x_train", "train_x", "xtrain", "train_images", "images_train", "x", "images", "image",
    "imgs", "img", "pictures", "train_data", "data", "arr_0",
)  # fmt: skip
_LABEL_NAMES = (
    "y_train", "train_y", "ytrain", "train_labels", "labels_train", "train_targets",
    "targets_train", "y", "labels", "label", "targets", "target", "classes", "arr_1",
)  # fmt: skip
_WORDS = {"images": "labels", "image": "label", "imgs": "labels", "data": "labels", "x": "y"}
_LARGEST_SIDE = 100_000
_KEPT_SIDE = 512
_MOST_KEPT = 4
_SCALES = (1, 16, 255, 4095, 65535)
_kept: OrderedDict[tuple[Any, ...], ArrayFile] = OrderedDict()


@dataclass(frozen=True)
class ArrayFile:
    """Images and their labels in NumPy arrays, as they were found.

    Parameters
    ----------
    path : Path
    format : dict
        What generated code needs to read the same, as plain JSON values:

        ``images``
            name of the array in a ``.npz`` file; empty if the file is a ``.npy`` file;
        ``labels``
            name of the array in the ``.npz`` file; for a ``.npy`` file the name of the ``.npy``
            file beside it;
        ``layout``
            ``NHWC``, ``NCHW`` or ``NHW``;
        ``channels``
            1 or 3;
        ``dtype``
            NumPy's name of the type, such as ``uint8``; the bytes may be in either order;
        ``offset``, ``scale``
            ``(values - offset) / scale`` goes from 0 to 1;
        ``size``
            height and width, in pixels;
        ``classes``
            number of different labels;
        ``one_hot``
            whether the labels are rows with a single 1, rather than one number or text each
            (which may still be in a column);
        ``encoded``
            whether the labels are texts of bytes, in UTF-8.
    classes : list of (str, int)
        Each label with its number of images.
    notes : list of str
        What is worth knowing, in sentences.
    preview : list of (str, list of bytes)
        A few small images, as PNG, for each of the first classes.
    examples : int
        Number of images.
    """

    path: Path
    format: dict[str, Any]
    classes: list[tuple[str, int]]
    notes: list[str]
    preview: list[tuple[str, list[bytes]]] = field(repr=False)
    examples: int = 0


def inspect_arrays(path: Path | str) -> ArrayFile:
    """Look at arrays of images as a careful colleague would.

    Parameters
    ----------
    path : Path or str
        A ``.npz`` file with images and labels under one of the usual names, or a ``.npy`` file
        with images and another with labels beside it.

    Returns
    -------
    ArrayFile
        The same object is returned again as long as the files do not change.

    Raises
    ------
    ImageError
        If they cannot be used, with the reason.
    """
    path = Path(path)
    if "\0" in str(path):
        raise ImageError("The name of the file has a character that no name can have.")
    arrays = stored_arrays(path)
    images, labels = _in_archive(path, arrays) if arrays[0].name else _beside(path, arrays[0])
    key = (path.absolute(), *_stamp(images.path), labels.path, *_stamp(labels.path))
    if key not in _kept:
        _kept[key] = _inspect(path, images, labels, [array.name for array in arrays])
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _in_archive(path: Path, arrays: list[Stored]) -> tuple[Stored, Stored]:
    """The arrays meant, by their names; else by their shapes, where only one can be meant."""
    name = show(path.name, 60)
    by_name = {array.name.lower(): array for array in reversed(arrays)}
    images = next((by_name[wanted] for wanted in _IMAGE_NAMES if wanted in by_name), None)
    if images is None:
        large = [array for array in arrays if len(array.shape) in (3, 4)]
        images = large[0] if len(large) == 1 else None
    if images is None:
        raise ImageError(
            f"{name} has {listed(array.name for array in arrays)}, and none is called like images: "
            "x, images or x_train, for example."
        )
    others = [array for array in arrays if array is not images]
    training = "train" in images.name.lower()
    labels = next(
        (
            by_name[wanted]
            for wanted in _LABEL_NAMES
            if wanted in by_name and (training or "train" not in wanted)
        ),
        None,
    )
    if labels is None:
        alike = [a for a in others if len(a.shape) in (1, 2) and a.shape[:1] == images.shape[:1]]
        labels = alike[0] if len(alike) == 1 else None
    if labels is None or labels is images:
        raise ImageError(
            f"{name} has images in {show(images.name)} but nothing that is called like their "
            "labels: y, labels or y_train, for example. Add them."
        )
    return images, labels


def _beside(path: Path, images: Stored) -> tuple[Stored, Stored]:
    """The images of a ``.npy`` file and the labels in a file beside it."""
    if images.problem:
        raise ImageError(f"{_called(images)} cannot be used: {images.problem}.")
    names = list(dict.fromkeys(_label_files(path.stem)))
    for name in names:
        place = path.with_name(name)
        if name == path.name or not place.is_file():
            continue
        if place.resolve().parent != path.resolve().parent:
            raise ImageError(f"{show(name)} is a link that leads out of the folder; copy the file.")
        found = stored_arrays(place)
        if not found[0].name:
            return images, found[0]
    if len(images.shape) < 3:
        raise ImageError(
            f"{show(path.name, 60)} holds no images: its shape is {_shape(images.shape)}. Choose "
            "the file with the images; the labels are looked for beside it."
        )
    raise ImageError(
        f"There are no labels beside {show(path.name, 60)}: put them into a file called "
        f"{' or '.join(show(name) for name in names[:3])}, or save both with numpy.savez."
    )


def _label_files(stem: str) -> list[str]:
    def other(found: re.Match[str]) -> str:
        word = _WORDS[found[0].lower()]
        return word.upper() if found[0].isupper() and len(found[0]) == 1 else word

    words = r"(?<![A-Za-z])(images?|imgs|data|x)(?![A-Za-z])"
    swapped = re.sub(words, other, stem, flags=re.IGNORECASE)
    stems = [swapped, swapped.replace("Y", "y")] if swapped != stem else []
    stems += [f"{stem}_labels", f"{stem}-labels", "labels", "y", "targets"]
    return [f"{name}.npy" for name in stems]


def _inspect(path: Path, images: Stored, labels: Stored, names: list[str]) -> ArrayFile:
    for array in (images, labels):
        if array.problem:
            raise ImageError(f"{_called(array)} cannot be used: {array.problem}.")
    layout, channels, size = _layout(images)
    if not labels.shape or labels.shape[0] != images.shape[0]:
        count = f"{labels.shape[0]:,}" if labels.shape else "no list of"
        raise ImageError(
            f"There are {images.shape[0]:,} images in {_called(images)} but {count} labels in "
            f"{_called(labels)}; each image needs one."
        )
    if images.shape[0] > MOST_IMAGES:
        raise ImageError(
            f"There are {images.shape[0]:,} images in {_called(images)}; at most {MOST_IMAGES:,} "
            "can be looked at. Take a part of them."
        )
    if images.shape[0] < FEWEST:
        number = "is only 1 image" if images.shape[0] == 1 else f"are only {images.shape[0]} images"
        raise ImageError(
            f"There {number} in {_called(images)}; at least {FEWEST} are needed to "
            "train and test a model."
        )
    known = read_labels(labels, _called(labels))
    look = _Look(images, layout, known)
    try:
        for start, values in images.pieces(MOST_BYTES):
            look.at(start, values)
    except (OSError, ValueError, EOFError) as error:
        raise ImageError(f"{_called(images)} cannot be read: {error}.") from None
    except Exception as error:  # zlib and its kin have errors of their own
        if isinstance(error, ImageError):
            raise
        raise ImageError(f"{_called(images)} cannot be read: it is damaged.") from None
    offset, scale, notes = look.range()
    unused = [name for name in names if name not in (images.name, labels.name)]
    if unused:
        notes.append(f"{listed(unused)} in the file: not used.")
    if 3 in (images.shape[1], images.shape[-1]) and images.shape[1] == images.shape[-1]:
        notes.append(
            f"The last of the four numbers in {_shape(images.shape)} is taken for colours."
        )
    return ArrayFile(
        path=path,
        format={
            "images": images.name,
            "labels": labels.name or labels.path.name,
            "layout": layout,
            "channels": channels,
            "dtype": images.dtype.name,
            "scale": scale,
            "offset": offset,
            "size": list(size),
            "classes": len(known.classes),
            "one_hot": known.one_hot,
            "encoded": labels.dtype.kind == "S",
        },
        classes=known.classes,
        notes=[*known.notes, *notes],
        preview=look.preview(offset, scale),
        examples=images.shape[0],
    )


def _layout(images: Stored) -> tuple[str, int, tuple[int, int]]:
    """Layout, channels, height and width.

    Raises
    ------
    ImageError
        If the shape or the type is not that of images.
    """
    shape, name = images.shape, _called(images)
    if images.dtype.kind not in "buif" or images.dtype.itemsize > 8:
        raise ImageError(
            f"{name} has values of the type {images.dtype.name}; images are whole or "
            "floating-point numbers, such as uint8 or float32."
        )
    words = f"{name} has the shape {_shape(shape)}"
    if len(shape) == 2:
        raise ImageError(
            f"{words}: one row of numbers for each image. Give them height and width with "
            "images.reshape(n, height, width)."
        )
    if len(shape) not in (3, 4):
        raise ImageError(
            f"{words}; images have the shape (n, height, width), with a colour axis last or second."
        )
    if 0 in shape:
        raise ImageError(f"{words}: it is empty.")
    if len(shape) == 3:
        layout, channels, size = "NHW", 1, (shape[1], shape[2])
    elif shape[3] in (1, 3):
        layout, channels, size = "NHWC", shape[3], (shape[1], shape[2])
    elif shape[1] in (1, 3):
        layout, channels, size = "NCHW", shape[1], (shape[2], shape[3])
    else:
        raise ImageError(
            f"{words}: neither the second nor the last number is 1 or 3, as the number of colour "
            "channels has to be."
        )
    if max(size) > _LARGEST_SIDE:
        raise ImageError(f"{words}: images of more than {_LARGEST_SIDE:,} pixels a side.")
    # One at least is looked at, and read as a whole for that.
    if images.nbytes > shape[0] * MOST_BYTES:
        raise ImageError(
            f"{words}: each image takes {images.nbytes // shape[0] / 2**20:,.0f} MB, and at most "
            f"{MOST_BYTES // 2**20} MB are read of one. Make the images smaller."
        )
    return layout, channels, size


class _Look:
    """What the values are like, found piece by piece."""

    def __init__(self, images: Stored, layout: str, labels: Labels) -> None:
        self.images, self.layout = images, layout
        self.low, self.high, self.seen = float("inf"), float("-inf"), 0
        self._wanted = {
            int(position): number
            for number in range(min(PREVIEW_CLASSES, len(labels.classes)))
            for position in labels.positions(number, 50)
        }
        self._names = [name for name, _ in labels.classes[:PREVIEW_CLASSES]]
        self._small: dict[int, list[np.ndarray]] = {n: [] for n in range(len(self._names))}

    def at(self, start: int, values: np.ndarray) -> None:
        """Look at some images, of which the first has this number."""
        import numpy as np

        if values.dtype.kind == "f":
            finite = np.isfinite(values)
            if not finite.all():
                number = start + int(np.argmin(finite.reshape(len(values), -1).all(axis=1)))
                raise ImageError(
                    f"{_called(self.images)} holds NaN or infinite numbers, in image {number:,} "
                    "(counted from 0) for one; replace them."
                )
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        self.seen += len(values)
        for position in range(start, start + len(values)):
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

    def range(self) -> tuple[float, float, list[str]]:
        """What to subtract, what to divide by, and what is worth saying about the values."""
        name = _called(self.images)
        if not self.seen:
            return 0, 1, [f"The values in {name} are too many to be looked at."]
        low, high, notes = self.low, self.high, []
        if self.seen < self.images.shape[0]:
            notes.append(
                f"The file is large: the values of {self.seen:,} of {self.images.shape[0]:,} "
                "images were looked at."
            )
        if low == high:
            raise ImageError(f"All values in {name} are {low:g}: empty images.")
        if max(-low, high) > LARGEST_NUMBER or high - low < SMALLEST_NUMBER:
            raise ImageError(
                f"Values in {name} go from {low:g} to {high:g}, which no image does: bring them to "
                "numbers from 0 to 255, or from 0 to 1."
            )
        floating = self.images.dtype.kind == "f"
        scale: float
        offset, scale = _fitting(low, high, (1, 255) if floating else _SCALES)
        if (offset, scale) != (0, 1 if floating else 255):
            ends = f"{offset:g} is taken for black and {offset + scale:g} for white"
            notes.append(f"Values go from {low:g} to {high:g}; {ends}.")
        return offset, scale, notes

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


def _fitting(low: float, high: float, scales: tuple[int, ...]) -> tuple[float, float]:
    """The customary range that values are in; else the one that they fill."""
    fitting = next((scale for scale in scales if high <= scale), None)
    if low >= 0 and fitting is not None:
        return 0, fitting
    if low >= -1 and high <= 1:
        return -1, 2
    return low, high - low


def _called(array: Stored) -> str:
    return show(array.name or array.path.name, 60)


def _shape(shape: tuple[int, ...]) -> str:
    return (
        "(" + ", ".join(f"{length:,}" for length in shape) + ("," if len(shape) == 1 else "") + ")"
    )
