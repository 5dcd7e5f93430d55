"""How images are kept in a folder or in arrays: dictionaries that code can be generated from."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any

from mlprov_widgets.errors import ImageError
from mlprov_widgets.tables.format import Rules, check_keys

# What counts as an image: capitals are allowed, and files whose names begin with a dot are not.
IMAGE_SUFFIXES = (
    ".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip
PARTS = ("train", "val", "test")
LAYOUTS = ("NHWC", "NCHW", "NHW")
DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64",
)  # fmt: skip
FEWEST = 10  # images, from which each part of every allowed split gets what it needs
MOST_UNREADABLE = 1_000
MOST_CLASSES = 20_000
LARGEST_SIDE = 100_000
# What numbers of 32 bits can be divided by and multiplied with.
LARGEST_NUMBER, SMALLEST_NUMBER = 1e30, 1e-30


def check_image_format(value: object) -> dict[str, Any]:
    """Check that a value, which may come from a stranger, is the format of an image folder.

    Parameters
    ----------
    value : object
        A dictionary with all keys of `ImageFolder.format`.

    Returns
    -------
    dict
        A copy.

    Raises
    ------
    ImageError
        That names the key at fault.
    """
    # Earlier versions knew no levels.
    given = {"levels": None, **value} if isinstance(value, dict) else value
    checked = check_keys(given, _FOLDER, "an image folder", ImageError, complete=True)
    # JSON has no order of keys, but the order of the parts is that of the images.
    checked["parts"] = {part: checked["parts"][part] for part in PARTS if part in checked["parts"]}
    return checked


def check_array_format(value: object) -> dict[str, Any]:
    """Check that a value, which may come from a stranger, is the format of images in arrays.

    Parameters
    ----------
    value : object
        A dictionary with all keys of `ArrayFile.format`.

    Returns
    -------
    dict
        A copy.

    Raises
    ------
    ImageError
        That names the key at fault.
    """
    checked = check_keys(value, _ARRAYS, "arrays of images", ImageError, complete=True)
    if checked["layout"] == "NHW" and checked["channels"] != 1:
        raise ImageError("format_one_channel")
    if not checked["images"] and not is_plain_name(checked["labels"]):
        raise ImageError("format_labels_not_beside")
    return checked


def is_plain_name(value: Any) -> bool:
    """Whether a text names something in a folder, and nothing elsewhere."""
    return (
        type(value) is str
        and 0 < len(value) <= 255
        and value not in (".", "..")
        and not re.search(r"[/\\\0]", value)
        # On Windows a colon names a drive, or a stream of another file.
        and not (os.name == "nt" and ":" in value)
        and is_unicode(value)
    )


def _is_key(value: Any) -> bool:
    """Whether a text names an array in an archive, where a slash means nothing."""
    return type(value) is str and 0 < len(value) <= 255 and is_unicode(value)


def is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _is_path_below(value: Any) -> bool:
    if type(value) is not str or len(value) > 4096:
        return False
    return all(is_plain_name(part) for part in value.split("/"))


def _are_names(values: Sequence[Any]) -> bool:
    return all(map(is_plain_name, values)) and len(set(values)) == len(values)


def _is_classes(value: Any) -> bool:
    return type(value) is list and 2 <= len(value) <= MOST_CLASSES and _are_names(value)


def _is_parts(value: Any) -> bool:
    if type(value) is not dict or not set(value) <= set(PARTS):
        return False
    return not value or ("train" in value and _are_names([*value.values()]))


def _is_size(value: Any) -> bool:
    return (
        type(value) is list
        and len(value) == 2
        and all(type(side) is int and 1 <= side <= LARGEST_SIDE for side in value)
    )


def _is_unreadable(value: Any) -> bool:
    return type(value) is list and len(value) <= MOST_UNREADABLE and all(map(_is_path_below, value))


def _is_scale(value: Any) -> bool:
    return type(value) in (int, float) and SMALLEST_NUMBER <= value <= LARGEST_NUMBER


def _is_offset(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= LARGEST_NUMBER


def _are_levels(value: Any) -> bool:
    if value is None:
        return True
    return (
        type(value) is list
        and len(value) == 2
        and all(map(_is_offset, value))
        and _is_scale(value[1] - value[0])
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 2 <= value <= MOST_CLASSES


def _one_of(*allowed: Any) -> Callable[[Any], bool]:
    """A test for one of these values, in its own type: True is not 1."""
    return lambda value: any(type(value) is type(one) and value == one for one in allowed)


_FLAG = (_one_of(True, False), "must be true or false", False)
_CHANNELS = (_one_of(1, 3), "must be 1 or 3", 3)
_SIZE = (_is_size, "must be a list of height and width in pixels")

_FOLDER: Rules = {
    "classes": (
        _is_classes,
        "must be a list of two or more different folder names",
        ["first", "second"],
    ),
    "parts": (_is_parts, "must be empty, or name the folders of train, val and test", {}),
    "channels": _CHANNELS,
    "size": (*_SIZE, [224, 224]),
    "levels": (_are_levels, "must be the numbers of black and white, or nothing", None),
    "unreadable": (
        _is_unreadable,
        f"must be a list of at most {MOST_UNREADABLE:,} paths below the folder",
        [],
    ),
}
_ARRAYS: Rules = {
    "images": (
        lambda value: value == "" or _is_key(value),
        "must be the name of an array in the file, or empty for a .npy file",
        "x",
    ),
    "labels": (_is_key, "must be the name of an array in the file, or of a file beside it", "y"),
    "layout": (_one_of(*LAYOUTS), "must be NHWC, NCHW or NHW", "NHWC"),
    "channels": _CHANNELS,
    "dtype": (_one_of(*DTYPES), "must be the name of a type of numbers such as uint8", "uint8"),
    "scale": (_is_scale, f"must be a number from {SMALLEST_NUMBER:g} to {LARGEST_NUMBER:g}", 255),
    "offset": (_is_offset, "must be a number", 0),
    "size": (*_SIZE, [32, 32]),
    "classes": (_is_count, "must be a number of classes from 2", 2),
    "one_hot": _FLAG,
    "encoded": _FLAG,
}
# What code is shown with as long as no data are chosen.
UNKNOWN_FOLDER = {key: value for key, (_, _, value) in _FOLDER.items()}
UNKNOWN_ARRAYS = {key: value for key, (_, _, value) in _ARRAYS.items()}
