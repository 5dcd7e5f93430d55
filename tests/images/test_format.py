"""Formats as they may come from a stranger."""

from __future__ import annotations

from typing import Any

import pytest

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images import check_array_format, check_image_format

FOLDER = {
    "classes": ["a", "b"],
    "parts": {"train": "train", "test": "test"},
    "channels": 3,
    "size": [8, 8],
    "levels": [0, 4095],
    "unreadable": ["a/x.png"],
}
ARRAYS = {
    "images": "x",
    "labels": "y",
    "layout": "NHWC",
    "channels": 3,
    "dtype": "uint8",
    "scale": 255,
    "offset": 0,
    "size": [8, 8],
    "classes": 2,
    "one_hot": False,
    "encoded": False,
}


def test_good_ones_pass_as_a_copy() -> None:
    for check, form in ((check_image_format, FOLDER), (check_array_format, ARRAYS)):
        copy = check(form)
        assert copy == form
        assert copy is not form


def test_a_folder_of_an_earlier_version_has_no_levels() -> None:
    earlier = {key: value for key, value in FOLDER.items() if key != "levels"}
    assert check_image_format(earlier) == {**FOLDER, "levels": None}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("levels", [1, 1]),
        ("levels", [0]),
        ("levels", ["0", "1"]),
        ("levels", 255),
        ("levels", [0, float("nan")]),
        ("classes", ["a", "../b"]),
        ("classes", ["a", "a"]),
        ("classes", ["a"]),
        ("classes", ["a", 1]),
        ("classes", ["a", "\udc80"]),
        ("classes", "ab"),
        ("parts", {"train": "/etc"}),
        ("parts", {"train": ".."}),
        ("parts", {"test": "test"}),
        ("parts", {"train": "x", "test": "x"}),
        ("parts", {"train": "x", "other": "y"}),
        ("parts", None),
        ("channels", True),
        ("channels", 4),
        ("size", [0, 8]),
        ("size", [8.0, 8]),
        ("size", (8, 8)),
        ("size", [10**9, 1]),
        ("unreadable", ["/etc/passwd"]),
        ("unreadable", ["a/../../x"]),
        ("unreadable", ["a"] * 1_001),
        ("unreadable", ["a\0"]),
        ("harm", 1),
    ],
)
def test_hostile_folders_are_refused_by_key(key: str, value: Any) -> None:
    with pytest.raises(ImageError, match=f"'{key}'"):
        check_image_format({**FOLDER, key: value})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("images", "\udc80"),
        ("images", 1),
        ("labels", ""),
        ("layout", "HWCN"),
        ("layout", ["NHWC"]),
        ("dtype", "object"),
        ("dtype", "uint8); import os"),
        ("dtype", "uint8\n"),
        ("scale", 0),
        ("scale", float("nan")),
        ("scale", True),
        ("offset", 10**400),
        ("offset", float("inf")),
        ("classes", 1),
        ("one_hot", "yes"),
        ("encoded", 1),
    ],
)
def test_hostile_arrays_are_refused_by_key(key: str, value: Any) -> None:
    with pytest.raises(ImageError, match=f"'{key}'"):
        check_array_format({**ARRAYS, key: value})


@pytest.mark.parametrize("name", ["a/y.npy", "..\\y.npy", "..", "y\0"])
def test_labels_in_a_file_of_their_own_lie_beside_the_images(name: str) -> None:
    with pytest.raises(ImageError, match="'labels' must be the name of a file beside the images"):
        check_array_format({**ARRAYS, "images": "", "labels": name})
    # In an archive the same is a key, and leads nowhere.
    assert check_array_format({**ARRAYS, "labels": name})["labels"] == name


def test_parts_come_in_their_order_whatever_a_file_has_made_of_it() -> None:
    backwards = {"test": "c", "val": "b", "train": "a"}
    parts = check_image_format({**FOLDER, "parts": backwards})["parts"]
    assert list(parts.items()) == [("train", "a"), ("val", "b"), ("test", "c")]


@pytest.mark.parametrize("value", [None, [], "x", {}, {"classes": ["a", "b"]}])
def test_what_is_no_format_at_all_is_refused(value: Any) -> None:
    for check in (check_image_format, check_array_format):
        with pytest.raises(ImageError, match=r"^The format of"):
            check(value)


def test_the_layout_without_a_colour_axis_is_gray() -> None:
    with pytest.raises(ImageError, match="one channel"):
        check_array_format({**ARRAYS, "layout": "NHW"})
