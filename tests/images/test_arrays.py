"""Arrays of images: names, layouts, ranges and labels found; what cannot be used is refused."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images import check_array_format, inspect_arrays

RANDOM = np.random.default_rng(3)
LABELS = np.arange(30) % 3
IMAGES = RANDOM.integers(0, 256, (30, 9, 8, 3), dtype="uint8")


def saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "images.npz"
    np.savez(path, **arrays)
    return path


def refused(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        inspect_arrays(path)
    return str(caught.value)


def test_an_archive_is_counted_and_shown(tmp_path: Path) -> None:
    found = inspect_arrays(saved(tmp_path, x=IMAGES, y=LABELS))
    assert found.examples == 30
    assert found.classes == [("0", 10), ("1", 10), ("2", 10)]
    assert found.notes == []
    assert found.format == {
        "images": "x",
        "labels": "y",
        "layout": "NHWC",
        "channels": 3,
        "dtype": "uint8",
        "scale": 255,
        "offset": 0,
        "size": [9, 8],
        "classes": 3,
        "one_hot": False,
        "encoded": False,
    }
    assert check_array_format(json.loads(json.dumps(found.format))) == found.format
    assert [name for name, _ in found.preview] == ["0", "1", "2"]
    image = Image.open(io.BytesIO(found.preview[1][1][0]))
    assert np.array_equal(np.asarray(image), IMAGES[1])


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("X", "Y"),
        ("images", "labels"),
        ("X_train", "y_train"),
        ("train_images", "train_labels"),
        ("arr_0", "arr_1"),
        ("pixels", "species"),
    ],
)
def test_arrays_are_found_by_name_or_shape(images: str, labels: str, tmp_path: Path) -> None:
    found = inspect_arrays(saved(tmp_path, **{labels: LABELS, images: IMAGES}))
    assert (found.format["images"], found.format["labels"]) == (images, labels)


@pytest.mark.parametrize(
    ("images", "labels"), [("a/x", "../y"), ("Pix\n", "\u0444"), ("x'{{", "y$")]
)
def test_names_in_an_archive_may_hold_anything(images: str, labels: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "images.npz", "w") as archive:
        for name, values in ((images, IMAGES), (labels, LABELS), ("", LABELS)):
            stream = io.BytesIO()
            np.save(stream, values)
            archive.writestr(f"{name}.npy", stream.getvalue())
    form = inspect_arrays(tmp_path / "images.npz").format
    assert (form["images"], form["labels"]) == (images, labels)
    assert check_array_format(form) == form


def test_other_parts_in_the_file_are_named_as_not_used(tmp_path: Path) -> None:
    others = {"x_test": IMAGES[:9], "y_test": LABELS[:9]}
    found = inspect_arrays(saved(tmp_path, x_train=IMAGES, y_train=LABELS, **others))
    assert found.examples == 30
    assert found.notes == ["'x_test' and 'y_test' in the file: not used."]


@pytest.mark.parametrize(
    ("shape", "layout", "channels", "size"),
    [
        ((30, 9, 8), "NHW", 1, [9, 8]),
        ((30, 9, 8, 1), "NHWC", 1, [9, 8]),
        ((30, 3, 9, 8), "NCHW", 3, [9, 8]),
        ((30, 1, 9, 8), "NCHW", 1, [9, 8]),
    ],
)
def test_layouts(
    shape: tuple[int, ...], layout: str, channels: int, size: list[int], tmp_path: Path
) -> None:
    images = RANDOM.integers(0, 256, shape, dtype="uint8")
    found = inspect_arrays(saved(tmp_path, x=images, y=LABELS))
    form = found.format
    assert (form["layout"], form["channels"], form["size"]) == (layout, channels, size)
    image = np.asarray(Image.open(io.BytesIO(found.preview[0][1][0])))
    first = images[0].transpose(1, 2, 0) if layout == "NCHW" else images[0]
    assert np.array_equal(image, first.squeeze())


@pytest.mark.parametrize(
    ("low", "high", "dtype", "offset", "scale"),
    [
        (0, 255, "uint8", 0, 255),
        (0, 16, "float64", 0, 255),
        (0, 16, "int64", 0, 16),
        (0, 1, "float32", 0, 1),
        (0, 1, "uint8", 0, 1),
        (0, 40_000, "uint16", 0, 65535),
        (-1, 1, "float32", -1, 2),
        (-2, 3, "float32", -2, 5),
        (0, 1000, "float32", 0, 1000),
        (-128, 127, "int8", -128, 255),
    ],
)
def test_ranges_come_to_lie_between_0_and_1(
    low: int, high: int, dtype: str, offset: float, scale: float, tmp_path: Path
) -> None:
    images = np.linspace(low, high, 30 * 9 * 8).reshape(30, 9, 8).astype(dtype)
    found = inspect_arrays(saved(tmp_path, x=images, y=LABELS))
    assert (found.format["offset"], found.format["scale"]) == (offset, scale)
    levels = (images.astype("float64") - offset) / scale
    assert 0 <= levels.min() <= levels.max() <= 1


@pytest.mark.parametrize(
    ("labels", "one_hot", "classes"),
    [
        (np.array(["b", "a", "ä"] * 10), False, ["a", "b", "ä"]),
        (np.array([b"b", b"a"] * 15), False, ["a", "b"]),
        (LABELS.astype("float32"), False, ["0.0", "1.0", "2.0"]),
        (LABELS.reshape(30, 1), False, ["0", "1", "2"]),
        (np.eye(3)[LABELS], True, ["0", "1", "2"]),
        (LABELS > 1, False, ["False", "True"]),
    ],
)
def test_labels(labels: Any, one_hot: bool, classes: list[str], tmp_path: Path) -> None:
    found = inspect_arrays(saved(tmp_path, x=IMAGES, y=labels))
    assert [name for name, _ in found.classes] == classes
    assert found.format["one_hot"] is one_hot
    assert found.format["classes"] == len(classes)
    assert found.format["encoded"] is (labels.dtype.kind == "S")


@pytest.mark.parametrize(
    ("images", "labels"),
    [("X_train", "y_train"), ("train_images", "train_labels"), ("pets", "pets_labels"), ("x", "y")],
)
def test_labels_are_found_in_a_file_beside(images: str, labels: str, tmp_path: Path) -> None:
    np.save(tmp_path / f"{images}.npy", IMAGES)
    assert "There are no labels beside" in refused(tmp_path / f"{images}.npy")
    np.save(tmp_path / f"{labels}.npy", LABELS)
    found = inspect_arrays(tmp_path / f"{images}.npy")
    assert found.format["images"] == ""
    assert found.format["labels"] == f"{labels}.npy"
    assert "holds no images" in refused(tmp_path / f"{labels}.npy")


def test_labels_are_not_taken_from_elsewhere(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    np.save(inside / "x.npy", IMAGES)
    np.save(outside / "y.npy", LABELS)
    (inside / "y.npy").symlink_to(outside / "y.npy")
    assert "is a link that leads out of the folder" in refused(inside / "x.npy")


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": IMAGES, "y": LABELS[:29]}, "30 images in 'x' but 29 labels in 'y'"),
        ({"x": IMAGES[:, 0], "y": LABELS}, None),
        ({"x": IMAGES.reshape(30, -1), "y": LABELS}, "images.reshape(n, height, width)"),
        ({"x": IMAGES[..., :2], "y": LABELS}, "number of colour channels has to be"),
        ({"x": IMAGES[None], "y": LABELS}, "images have the shape (n, height, width)"),
        ({"x": IMAGES[:0], "y": LABELS[:0]}, "it is empty"),
        ({"x": IMAGES.astype("complex64"), "y": LABELS}, "the type complex64"),
        ({"x": IMAGES.astype("U3"), "y": LABELS}, "images are whole or floating-point"),
        ({"x": np.zeros((30, 4, 4)), "y": LABELS}, "All values in 'x' are 0"),
        ({"x": IMAGES * 1e300, "y": LABELS}, "which no image does"),
        ({"x": IMAGES * 1e-300 - 1, "y": LABELS}, "All values in 'x' are -1"),
        ({"x": IMAGES * 1e-35 - 1e-34, "y": LABELS}, "which no image does"),
        ({"x": IMAGES[:9], "y": LABELS[:9]}, "There are only 9 images in 'x'"),
        ({"x": IMAGES, "y": LABELS * 0}, "only one class, '0'"),
        ({"x": IMAGES, "y": np.arange(30)}, "looks like numbers of images"),
        ({"x": IMAGES, "y": LABELS + 0.5}, "holds fractions"),
        ({"x": IMAGES, "y": np.where(LABELS > 1, np.nan, 1.0)}, "NaN or infinite"),
        ({"x": IMAGES, "y": np.ones((30, 3))}, "one-hot"),
        ({"x": IMAGES, "y": np.array(["", "a", "b"] * 10)}, "has an empty text"),
        ({"x": IMAGES}, "nothing that is called like their labels"),
        ({"a": LABELS, "b": LABELS}, "none is called like images"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    arrays: dict[str, Any], words: str | None, tmp_path: Path
) -> None:
    path = saved(tmp_path, **arrays)
    if words is None:
        assert inspect_arrays(path).format["layout"] == "NHW"
    else:
        assert words in refused(path)


def test_nan_is_named_with_its_image(tmp_path: Path) -> None:
    images = RANDOM.random((30, 4, 4))
    images[17, 2, 1] = np.nan
    assert "in image 17 (counted from 0)" in refused(saved(tmp_path, x=images, y=LABELS))


class Harm:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (str(self.path), "w")


def test_pickles_are_never_read(tmp_path: Path) -> None:
    mark = tmp_path / "harm"
    objects = np.array([Harm(mark)] * 30, dtype=object)
    assert "Python objects" in refused(saved(tmp_path, x=IMAGES, y=objects))
    assert "Python objects" in refused(saved(tmp_path, x=objects, y=LABELS))
    np.save(tmp_path / "x.npy", objects, allow_pickle=True)
    assert "Python objects" in refused(tmp_path / "x.npy")
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(Harm(mark)))
    assert "is a Python pickle" in refused(tmp_path / "x.pkl")
    assert not mark.exists()


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, x=IMAGES, y=LABELS)
    whole = path.read_bytes()
    for end in range(0, len(whole) - 1, 997):
        path.write_bytes(whole[:end])
        assert refused(path)
    for position in range(0, 2_000, 97):
        data = bytearray(whole)
        data[position] ^= 0xFF
        path.write_bytes(data)
        # A bit of a pixel may change unnoticed, but nothing else may be raised.
        with contextlib.suppress(ImageError):
            inspect_arrays(path)


def test_a_header_that_promises_too_much_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": (10**9, 1000, 1000)}
    np.lib.format.write_array_header_1_0(stream, header)
    labels = io.BytesIO()
    np.save(labels, LABELS)
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as archive:
        archive.writestr("x.npy", stream.getvalue())
        archive.writestr("y.npy", labels.getvalue())
    assert "it is damaged" in refused(tmp_path / "bomb.npz")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.npz", b"", "is empty"),
        ("x.npz", b"PK\x05\x06" + b"\0" * 18, "without NumPy arrays"),
        ("x.npy", b"hello there", "holds no NumPy arrays"),
        ("x.npy", b"\x93NUMPY\x09\x00", "format is too new"),
    ],
)
def test_other_files_are_refused(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert words in refused(tmp_path / name)


def test_places_without_a_file_are_refused(tmp_path: Path) -> None:
    assert "There is no file 'x.npz'" in refused(tmp_path / "x.npz")
    assert "is a folder" in refused(tmp_path)
    with pytest.raises(ImageError, match="no name can have"):
        inspect_arrays("a\0b")


def test_it_is_looked_at_again_only_when_a_file_has_changed(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", IMAGES)
    np.save(tmp_path / "y.npy", LABELS)
    first = inspect_arrays(tmp_path / "x.npy")
    assert inspect_arrays(tmp_path / "x.npy") is first
    np.save(tmp_path / "y.npy", (LABELS > 0).astype("int32"))
    assert inspect_arrays(tmp_path / "x.npy").format["classes"] == 2


def test_a_large_file_is_mapped_and_not_read(tmp_path: Path) -> None:
    rows = 500_000
    images = np.lib.format.open_memmap(
        tmp_path / "x.npy", mode="w+", dtype="uint8", shape=(rows, 32, 32)
    )
    images[::100_000] = 255
    images.flush()
    del images
    np.save(tmp_path / "y.npy", np.arange(rows) % 10)
    tracemalloc.start()
    found = inspect_arrays(tmp_path / "x.npy")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < (tmp_path / "x.npy").stat().st_size / 8
    assert found.examples == rows
    assert "The file is large" in found.notes[0]


def packed(path: Path, *entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in entries:
            archive.writestr(name, content)
    return path


def as_npy(values: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


def claiming(shape: tuple[int, ...], dtype: str = "|u1") -> bytes:
    """The head of an array, and none of its values."""
    stream = io.BytesIO()
    head = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, head)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((20, 20_000, 20_000, 3), "each image takes 1.2 GB"),
        ((20_000_000, 1, 1), "at most 10,000,000 can be looked at"),
    ],
)
def test_arrays_that_unpack_to_more_than_the_memory_are_refused(
    tmp_path: Path, shape: tuple[int, ...], words: str
) -> None:
    """The sizes are right, so that only their bounds keep them from being read."""
    size = int(np.prod(shape, dtype="int64"))
    path = tmp_path / "images.npy"
    with path.open("wb") as file:
        file.write(claiming(shape))
        file.truncate(file.tell() + size)
    with (tmp_path / "labels.npy").open("wb") as file:
        file.write(claiming(shape[:1]))
        file.truncate(file.tell() + shape[0])
    assert words in refused(path)


def test_labels_of_gigabytes_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", IMAGES)
    with (tmp_path / "labels.npy").open("wb") as file:
        file.write(claiming((30,), "<U5000000"))
        file.truncate(file.tell() + 30 * 4 * 5_000_000)
    assert "labels need far less" in refused(tmp_path / "images.npy")


def test_what_is_read_is_what_was_looked_at(tmp_path: Path) -> None:
    hidden = ("y", b"\x93NUMPY" + b"not an array")
    path = packed(
        tmp_path / "images.npz", ("x.npy", as_npy(IMAGES)), ("y.npy", as_npy(LABELS)), hidden
    )
    assert inspect_arrays(path).classes == [("0", 10), ("1", 10), ("2", 10)]
    twice = packed(
        tmp_path / "twice.npz",
        ("x.npy", as_npy(IMAGES)),
        ("y.npy", as_npy(LABELS)),
        ("y.npy", as_npy(LABELS)),
    )
    assert "two arrays of one name" in refused(twice)


def test_a_packing_that_could_ask_for_any_memory_is_refused(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "images.npz",
        ("x.npy", as_npy(IMAGES)),
        ("y.npy", as_npy(LABELS)),
        method=zipfile.ZIP_LZMA,
    )
    assert "packed in an unusual way" in refused(path)


def test_a_list_of_a_million_arrays_is_not_read(tmp_path: Path) -> None:
    path = packed(tmp_path / "images.npz", *((f"{n:0200}.npy", b"") for n in range(5_000)))
    assert "its list of arrays is too long" in refused(path)


def test_large_images_are_shown_as_small_ones(tmp_path: Path) -> None:
    images = np.zeros((12, 3, 1_200, 1_500), dtype="uint8")
    images[:, 0, :, 750:] = 255
    found = inspect_arrays(saved(tmp_path, x=images, y=np.arange(12) % 2))
    with Image.open(io.BytesIO(found.preview[0][1][0])) as small:
        assert small.size == (64, 51)
        assert small.getpixel((5, 5)) == (0, 0, 0)
        assert small.getpixel((60, 5)) == (255, 0, 0)
