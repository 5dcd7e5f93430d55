"""Look at images and labels in NumPy arrays before any code is written for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets._files import stamp_of
from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.format import FEWEST, LARGEST_SIDE
from mlprov_widgets.images.labels import read_labels
from mlprov_widgets.images.stored import Stored, stored_arrays
from mlprov_widgets.images.values import PixelValues
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.recent import Recent

MOST_BYTES = 256 * 2**20
MOST_IMAGES = 10_000_000
_IMAGE_NAMES = (
    "x_train", "train_x", "xtrain", "train_images", "images_train", "x", "images", "image",
    "imgs", "img", "pictures", "train_data", "data", "arr_0",
)  # fmt: skip
_LABEL_NAMES = (
    "y_train", "train_y", "ytrain", "train_labels", "labels_train", "train_targets",
    "targets_train", "y", "labels", "label", "targets", "target", "classes", "arr_1",
)  # fmt: skip
_WORDS = {"images": "labels", "image": "label", "imgs": "labels", "data": "labels", "x": "y"}
_recent: Recent[ArrayFile] = Recent()


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
    notes : list of Note
        What is worth knowing.
    preview : list of (str, list of bytes)
        A few small images, as PNG, for each of the first classes.
    examples : int
        Number of images.
    """

    path: Path
    format: dict[str, Any]
    classes: list[tuple[str, int]]
    notes: list[Note]
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
        raise ImageError("array_file_name_not_allowed")
    arrays = stored_arrays(path)
    images, labels = _in_archive(path, arrays) if arrays[0].name else _beside(path, arrays[0])
    key = (path.absolute(), *stamp_of(images.path), labels.path, *stamp_of(labels.path))
    names = [array.name for array in arrays]
    return _recent.get(key, lambda: _inspect(path, images, labels, names))


def _in_archive(path: Path, arrays: list[Stored]) -> tuple[Stored, Stored]:
    """The arrays meant, by their names; else by their shapes, where only one can be meant."""
    by_name = {array.name.lower(): array for array in reversed(arrays)}
    large = [array for array in arrays if len(array.shape) in (3, 4)]
    images = _meant([by_name[name] for name in _IMAGE_NAMES if name in by_name], large)
    if images is None:
        names = [array.name for array in arrays]
        raise ImageError("array_images_missing", file=path.name, arrays=names)
    training = "train" in images.name.lower()
    named = [name for name in _LABEL_NAMES if training or "train" not in name]
    alike = [
        array
        for array in arrays
        if array is not images
        and len(array.shape) in (1, 2)
        and array.shape[:1] == images.shape[:1]
    ]
    labels = _meant([by_name[name] for name in named if name in by_name], alike)
    if labels is None or labels is images:
        raise ImageError("array_labels_missing", file=path.name, images=images.name)
    return images, labels


def _meant(named: list[Stored], shaped: list[Stored]) -> Stored | None:
    return named[0] if named else shaped[0] if len(shaped) == 1 else None


def _beside(path: Path, images: Stored) -> tuple[Stored, Stored]:
    """The images of a ``.npy`` file and the labels in a file beside it."""
    if images.problem:
        raise ImageError("array_unusable", array=images.called, problem=images.problem)
    names = _label_files(path.stem)
    for name in names:
        place = path.with_name(name)
        if name == path.name or not place.is_file():
            continue
        if place.resolve().parent != path.resolve().parent:
            raise ImageError("array_link_leads_out", file=name)
        found = stored_arrays(place)
        if not found[0].name:
            return images, found[0]
    if len(images.shape) < 3:
        raise ImageError("array_without_images", file=path.name, shape=images.shape_text)
    raise ImageError("array_labels_not_beside", file=path.name, names=names[:3])


def _label_files(stem: str) -> list[str]:
    def other(found: re.Match[str]) -> str:
        return "Y" if found[0] == "X" else _WORDS[found[0].lower()]

    words = r"(?<![A-Za-z])(images?|imgs|data|x)(?![A-Za-z])"
    swapped = re.sub(words, other, stem, flags=re.IGNORECASE)
    stems = [swapped, swapped.replace("Y", "y")] if swapped != stem else []
    stems += [f"{stem}_labels", f"{stem}-labels", "labels", "y", "targets"]
    return list(dict.fromkeys(f"{name}.npy" for name in stems))


def _inspect(path: Path, images: Stored, labels: Stored, names: list[str]) -> ArrayFile:
    for array in (images, labels):
        if array.problem:
            raise ImageError("array_unusable", array=array.called, problem=array.problem)
    layout, channels, size = _layout(images)
    _check_number(images, labels)
    known = read_labels(labels)
    pixels = PixelValues(images, layout, known)
    try:
        for start, values in images.pieces(MOST_BYTES):
            pixels.add(start, values)
    except ImageError:
        raise
    except (OSError, ValueError, EOFError) as error:
        raise ImageError("array_unreadable", array=images.called, reason=error) from None
    except Exception:  # zlib and its kin have errors of their own
        raise ImageError("array_damaged", array=images.called) from None
    offset, scale, notes = pixels.range()
    if unused := [name for name in names if name not in (images.name, labels.name)]:
        notes.append(Note("arrays_unused", arrays=unused))
    if 3 in (images.shape[1], images.shape[-1]) and images.shape[1] == images.shape[-1]:
        notes.append(Note("array_colours_last", shape=images.shape_text))
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
        notes=[*known.notes, *notes, *pixels.repeats()],
        preview=pixels.preview(offset, scale),
        examples=images.shape[0],
    )


def _check_number(images: Stored, labels: Stored) -> None:
    """Whether there are enough images, not too many, and a label for each."""
    given: dict[str, object] = {"images": images.shape[0], "array": images.called}
    if not labels.shape or labels.shape[0] != images.shape[0]:
        found = labels.shape[0] if labels.shape else "no list of"
        raise ImageError(
            "array_labels_of_other_number", **given, labels=found, beside=labels.called
        )
    if images.shape[0] > MOST_IMAGES:
        raise ImageError("array_images_too_many", **given, most=MOST_IMAGES)
    if images.shape[0] < FEWEST:
        raise ImageError("array_images_too_few", **given, fewest=FEWEST)


def _layout(images: Stored) -> tuple[str, int, tuple[int, int]]:
    """Layout, channels, height and width.

    Raises
    ------
    ImageError
        If the shape or the type is not that of images.
    """
    shape = images.shape
    given: dict[str, object] = {"array": images.called, "shape": images.shape_text}
    if images.dtype.kind not in "buif" or images.dtype.itemsize > 8:
        raise ImageError("array_of_wrong_type", array=images.called, type=images.dtype.name)
    if len(shape) == 2:
        raise ImageError("array_of_flat_images", **given)
    if len(shape) not in (3, 4):
        raise ImageError("array_of_wrong_shape", **given)
    if 0 in shape:
        raise ImageError("array_empty", **given)
    if len(shape) == 3:
        layout, channels, size = "NHW", 1, (shape[1], shape[2])
    elif shape[3] in (1, 3):
        layout, channels, size = "NHWC", shape[3], (shape[1], shape[2])
    elif shape[1] in (1, 3):
        layout, channels, size = "NCHW", shape[1], (shape[2], shape[3])
    else:
        raise ImageError("array_of_wrong_channels", **given)
    if max(size) > LARGEST_SIDE:
        raise ImageError("array_images_too_large", **given, most=LARGEST_SIDE)
    # One at least is looked at, and read as a whole for that.
    if images.nbytes > shape[0] * MOST_BYTES:
        size_of_one = images.nbytes // shape[0]
        raise ImageError("array_images_too_heavy", **given, size=size_of_one, most=MOST_BYTES)
    return layout, channels, size
