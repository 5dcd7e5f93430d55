"""Images with more than 8 bits, images that are there twice, and folders one level deeper."""

from __future__ import annotations

import io
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images import inspect_arrays, inspect_image_folder, unpack_images
from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import check_values, find_pack
from tests.images.conftest import Draw

PACK = find_pack("image_classification")
# Lowest and highest value of images, the type they are kept in, and what is black and white.
LEVELS = {
    "floats to 1": (0.01, 0.9, "float32", [0, 1]),
    "floats to a little above 1": (0, 1.0000001, "float32", [0, 1]),
    "floats to 255": (0, 254.5, "float32", [0, 255]),
    "floats from -1": (-1, 1, "float32", [-1, 1]),
    "standardized floats": (-2, 3, "float32", [-2, 3]),
    "floats to 2.5": (0, 2.5, "float32", [0, 2.5]),
    "faint floats": (0, 0.004, "float32", [0, 0.004]),
    "16 bits": (0, 65535, "uint16", None),
    "12 bits in 16": (0, 4000, "uint16", [0, 4095]),
    "8 bits in 16": (0, 250, "uint16", [0, 255]),
    "32 bits": (0, 60000, "int32", [0, 65535]),
}


def _pixels(low: float, high: float, kind: str, count: int = 20) -> np.ndarray:
    """Images of 8 × 8 pixels that differ, from the lowest value to the highest."""
    made = [np.linspace(low, high, 64) for _ in range(count)]
    for number, image in enumerate(made):
        image[1 : 2 + number] = image[20]
    return np.array(made).astype(kind).reshape(count, 8, 8)


def _saved(tmp_path: Path, pixels: np.ndarray) -> Path:
    root = tmp_path / "deep"
    for number, image in enumerate(pixels):
        path = root / ("bright", "dim")[number % 2] / f"{number:02d}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return root


def _ingested(**values: Any) -> dict[str, Any]:
    """The names in the notebook once it has found the images."""
    checked = check_values(PACK, {"image_size": 8, **values})
    assert not checked.problems, [problem.message for problem in checked.problems]
    cells = render_cells(PACK, checked.values, "made.ipynb", plain=True)
    names: dict[str, Any] = {}
    for cell in cells:
        if cell.name.startswith(("030", "040", "061")):
            exec(cell.source, names)
    return names


@pytest.mark.parametrize("case", LEVELS)
def test_images_of_many_bits_are_leveled_as_the_same_values_in_an_array(case, tmp_path) -> None:
    low, high, kind, levels = LEVELS[case]
    pixels = _pixels(low, high, kind)
    root = _saved(tmp_path, pixels)
    folder = inspect_image_folder(root)
    if levels is None:
        assert folder.format["levels"] is None
    else:
        assert folder.format["levels"] == pytest.approx(levels)
        assert any(note.code == "pixels_of_unusual_range" for note in folder.notes)
    files = _ingested(dataset="image_folder", image_folder=str(root))["files"]
    names = [f"{('bright', 'dim')[n % 2]}/{n:02d}.tif" for n in range(len(pixels))]
    order = [path.relative_to(root).as_posix() for path in files.paths]
    from_files = np.array([files[order.index(name)][0].numpy()[0] for name in names])
    np.savez(tmp_path / "same.npz", x=pixels, y=np.arange(len(pixels)) % 2)
    from_arrays = _ingested(dataset="arrays", arrays_path=str(tmp_path / "same.npz"))["images"]
    assert np.abs(from_files - from_arrays[:, 0].numpy().astype(int)).max() <= 1
    assert from_files.max() - from_files.min() > 200
    shown = np.asarray(Image.open(io.BytesIO(folder.preview[0][1][0])))
    assert int(shown.max()) - int(shown.min()) > 200


def test_the_notebook_says_levels_only_where_there_are_some(pets: Path, tmp_path: Path) -> None:
    def source(root: Path) -> str:
        values = check_values(PACK, {"dataset": "image_folder", "image_folder": str(root)}).values
        cells = render_cells(PACK, values, "made.ipynb")
        return next(cell.source for cell in cells if "ImageFiles(" in cell.source)

    assert "levels" not in source(pets)
    assert "    levels=(0, 1),\n" in source(_saved(tmp_path, _pixels(0, 0.9, "float32")))


def test_a_float_image_with_a_pixel_that_is_no_number_is_left_out(tmp_path: Path) -> None:
    pixels = _pixels(0, 0.9, "float32")
    pixels[3, 2, 2] = np.nan
    folder = inspect_image_folder(_saved(tmp_path, pixels))
    assert folder.format["unreadable"] == ["dim/03.tif"]
    assert "it holds NaN or infinite numbers" in "\n".join(folder.notes)


def test_images_of_one_value_are_said_to_be_empty(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"All values in 'deep' are 0.5: empty images"):
        inspect_image_folder(_saved(tmp_path, np.full((20, 8, 8), 0.5, "float32")))


def test_a_tiff_with_colours_of_floats_is_not_said_to_be_no_image(pets: Path) -> None:
    """Three 32-bit floats a pixel, which Pillow cannot read."""
    pixels = np.zeros((4, 4, 3), "<f4").tobytes()
    places = struct.pack("<3H", 32, 32, 32) + struct.pack("<3H", 3, 3, 3)
    tags = [
        (256, 3, 1, 4),
        (257, 3, 1, 4),
        (258, 3, 3, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 8 + len(places)),
        (277, 3, 1, 3),
        (278, 3, 1, 4),
        (279, 4, 1, len(pixels)),
        (339, 3, 3, 14),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    start = b"II*\0" + struct.pack("<I", 8 + len(places) + len(pixels))
    (pets / "cat" / "float.tif").write_bytes(start + places + pixels + directory + bytes(4))
    (note,) = inspect_image_folder(pets).notes
    assert "'cat/float.tif': this kind of TIFF cannot be read; save it with 8 bits" in note


def _codes(notes: list[Any]) -> dict[str, Any]:
    return {note.code: note for note in notes if note.code.startswith("images_")}


def test_the_same_image_ten_times_and_in_two_classes_is_said(pets: Path, draw: Draw) -> None:
    assert _codes(inspect_image_folder(pets).notes) == {}
    for number in range(9):
        shutil.copy(pets / "cat" / "0.png", pets / "cat" / f"copy{number}.png")
    shutil.copy(pets / "cat" / "1.png", pets / "dog" / "same.png")
    codes = _codes(inspect_image_folder(pets).notes)
    assert set(codes) == {"images_repeated", "images_of_two_classes"}
    assert codes["images_repeated"].startswith("10 images repeat another one, such as 'cat/copy0")
    assert codes["images_of_two_classes"].startswith(
        "1 image is in two classes, such as 'cat/1.png' and 'dog/same.png'"
    )


def test_the_same_image_in_another_format_is_the_same_image(pets: Path) -> None:
    Image.open(pets / "cat" / "0.png").save(pets / "cat" / "again.bmp")
    (note,) = _codes(inspect_image_folder(pets).notes).values()
    assert "such as 'cat/again.bmp' and before it 'cat/0.png'" in note


def test_the_same_image_to_learn_from_and_to_test_is_said(tmp_path: Path, draw: Draw) -> None:
    for part in ("train", "test"):
        for name in ("cat", "dog"):
            for number in range(6):
                draw(f"{part}/{name}/{number}.png")
    root = tmp_path / "images"
    shutil.copy(root / "train" / "dog" / "3.png", root / "test" / "dog" / "leak.png")
    codes = _codes(inspect_image_folder(root).notes)
    assert codes["images_of_two_parts"].startswith(
        "1 image is in two parts, such as 'train/dog/3.png' and 'test/dog/leak.png'"
    )


def test_files_that_are_not_all_decoded_are_compared_byte_by_byte(
    pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlprov_widgets.images.folder.MOST_DECODED", 2)
    shutil.copy(pets / "cat" / "0.png", pets / "dog" / "same.png")
    codes = _codes(inspect_image_folder(pets).notes)
    assert "'cat/0.png' and 'dog/same.png'" in codes["images_of_two_classes"]


def test_the_same_image_in_a_zip_file_is_said(pets: Path, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in pets.rglob("*.png"):
            archive.write(path, f"data/images/{path.relative_to(pets).as_posix()}")
        archive.write(pets / "cat" / "0.png", "data/images/dog/same.png")
    unpack_images(stream.getvalue(), tmp_path, "unpacked")
    assert "images_of_two_classes" in _codes(inspect_image_folder(tmp_path / "unpacked").notes)


@pytest.mark.parametrize("end", [".npz", ".npy"])
def test_the_same_image_in_arrays_is_said(end: str, tmp_path: Path) -> None:
    images = np.random.default_rng(3).integers(0, 256, (40, 8, 8, 3), dtype="uint8")
    labels = np.arange(40) % 2
    images[8], images[10], images[21] = images[4], images[4], images[4]
    if end == ".npz":
        np.savez(tmp_path / "x.npz", x=images, y=labels)
    else:
        np.save(tmp_path / "x.npy", images)
        np.save(tmp_path / "y.npy", labels)
    codes = _codes(inspect_arrays(tmp_path / f"x{end}").notes)
    assert codes["images_repeated"].startswith(
        "3 images repeat another one, such as number 8 and before it number 4;"
    )
    assert codes["images_of_two_classes"].startswith(
        "1 image is in two classes, such as number 4 and number 21"
    )


def test_arrays_without_repeats_say_nothing_of_them(tmp_path: Path) -> None:
    images = np.random.default_rng(3).integers(0, 256, (40, 8, 8), dtype="uint8")
    np.savez(tmp_path / "x.npz", x=images, y=np.arange(40) % 2)
    assert inspect_arrays(tmp_path / "x.npz").notes == []


@pytest.mark.parametrize(
    ("above", "named"),
    [
        ("data/images", "data/images"),
        ("data", "data"),
        ("a/b/c", "a/b/c"),
        ("data/train", "data/train"),
    ],
)
def test_the_folder_with_the_classes_is_named(
    above: str, named: str, pets: Path, tmp_path: Path
) -> None:
    shutil.copytree(pets, tmp_path / "wrapped" / above)
    with pytest.raises(ImageError, match=rf"Did you mean the folder '{named}' in it\?"):
        inspect_image_folder(tmp_path / "wrapped")
    assert inspect_image_folder(tmp_path / "wrapped" / named).classes == [("cat", 6), ("dog", 6)]


def test_parts_in_a_folder_more_are_named(pets: Path, tmp_path: Path) -> None:
    for part in ("train", "test"):
        shutil.copytree(pets, tmp_path / "wrapped" / "data" / part)
    with pytest.raises(ImageError, match="Did you mean the folder 'data' in it"):
        inspect_image_folder(tmp_path / "wrapped")


def test_folders_of_classes_are_not_taken_for_classes_unsaid(pets: Path, tmp_path: Path) -> None:
    for batch in ("first", "second"):
        shutil.copytree(pets, tmp_path / "batches" / batch)
    notes = inspect_image_folder(tmp_path / "batches").notes
    (note,) = [note for note in notes if note.code == "folders_all_nested"]
    assert "'first' and 'second' are taken for the classes" in note
    assert "choose the folder that holds them" in note


def test_the_cases_beside_the_checkout(shared_data: Path) -> None:
    root = shared_data / "cases" / "images"
    assert inspect_image_folder(root / "i21_float_tiff").format["levels"] == [0, 1]
    codes = _codes(inspect_image_folder(root / "i16_dups").notes)
    assert set(codes) == {"images_repeated", "images_of_two_classes"}
    with pytest.raises(ImageError, match="Did you mean the folder 'data/images' in it"):
        inspect_image_folder(root / "i11_wrapped")
