"""Image folders: what is counted, what is left out and named, what is refused, and how fast."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from mlprov_widgets.datasets import ImageFiles
from mlprov_widgets.errors import ImageError
from mlprov_widgets.images import ImageFolder, check_image_format, inspect_image_folder
from tests.images.conftest import Draw


def said(folder: ImageFolder) -> str:
    return "\n".join(folder.notes)


def refused(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        inspect_image_folder(path)
    return str(caught.value)


def test_a_plain_folder_is_counted_and_shown(pets: Path) -> None:
    folder = inspect_image_folder(pets)
    assert folder.classes == [("cat", 6), ("dog", 6)]
    assert folder.examples == 12
    assert folder.notes == []
    assert folder.format == {
        "classes": ["cat", "dog"],
        "parts": {},
        "channels": 3,
        "size": [10, 12],
        "levels": None,
        "unreadable": [],
    }
    for name, images in folder.preview:
        assert name in ("cat", "dog")
        assert [Image.open(io.BytesIO(image)).format for image in images] == ["PNG"] * 4


def test_the_format_is_json_and_passes_its_own_check(pets: Path) -> None:
    form = inspect_image_folder(pets).format
    assert check_image_format(json.loads(json.dumps(form))) == form


@pytest.mark.parametrize("validation", ["val", "valid", "Validation"])
def test_parts_are_found_under_their_usual_names(
    validation: str, draw: Draw, tmp_path: Path
) -> None:
    for part, count in (("Train", 5), (validation, 3), ("test", 2)):
        for name in ("a", "b"):
            for number in range(count):
                draw(f"{part}/{name}/{number}.png", mode="L")
    (tmp_path / "images" / "notes").mkdir()
    folder = inspect_image_folder(tmp_path / "images")
    assert folder.format["parts"] == {"train": "Train", "val": validation, "test": "test"}
    assert folder.parts["train"] == [("a", 5), ("b", 5)]
    assert folder.parts["val"] == [("a", 3), ("b", 3)]
    assert folder.classes == [("a", 10), ("b", 10)]
    assert folder.format["channels"] == 1
    assert "'notes' is left out" in said(folder)


def test_classes_that_differ_between_the_parts_are_named(draw: Draw, tmp_path: Path) -> None:
    for name in ("a", "b"):
        for number in range(6):
            draw(f"train/{name}/{number}.png")
    draw("test/a/1.png")
    draw("test/stranger/1.png")
    folder = inspect_image_folder(tmp_path / "images")
    assert folder.format["classes"] == ["a", "b"]
    assert folder.parts["test"] == [("a", 1)]
    assert "'stranger' in 'test' is not among the classes: left out." in folder.notes
    assert "'test' has no images of 'b'." in folder.notes


def test_a_class_may_be_called_like_a_part(draw: Draw, tmp_path: Path) -> None:
    for name in ("train", "plane"):
        for number in range(6):
            draw(f"{name}/{number}.png")
    folder = inspect_image_folder(tmp_path / "images")
    assert folder.format["classes"] == ["plane", "train"]
    assert folder.format["parts"] == {}


def test_files_that_are_no_images_are_named_and_left_out(pets: Path, tmp_path: Path) -> None:
    (pets / "cat" / "text.jpg").write_text("no picture")
    whole = (pets / "cat" / "0.png").read_bytes()
    (pets / "cat" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (pets / "dog" / "empty.png").write_bytes(b"")
    (pets / "dog" / "folder.png").mkdir()
    os.mkfifo(pets / "dog" / "pipe.png")
    folder = inspect_image_folder(pets)
    assert folder.format["unreadable"] == [
        "cat/cut.png",
        "cat/text.jpg",
        "dog/empty.png",
        "dog/pipe.png",
    ]
    assert folder.classes == [("cat", 6), ("dog", 6)]
    assert "4 files cannot be used" in said(folder)
    assert "'cat/text.jpg': it is not an image, whatever its name says" in said(folder)
    assert "'cat/cut.png': the file is cut off" in said(folder)


def test_a_decompression_bomb_is_not_decoded(pets: Path, decoded: list[tuple[int, int]]) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    (pets / "cat" / "bomb.png").write_bytes(bomb + chunk(b"IEND", b""))
    Image.new("L", (8_000, 8_000)).save(pets / "dog" / "wide.png")
    folder = inspect_image_folder(pets)
    assert set(decoded) <= {(12, 10)}
    assert folder.format["unreadable"] == ["cat/bomb.png", "dog/wide.png"]
    assert "8,000 × 8,000 pixels are too many" in said(folder)


def test_links_out_of_the_folder_are_not_followed(pets: Path, draw: Draw, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.copy(pets / "cat" / "0.png", outside / "secret.png")
    (pets / "cat" / "link.png").symlink_to(outside / "secret.png")
    (pets / "cat" / "inside.png").symlink_to(pets / "dog" / "0.png")
    (pets / "cat" / "below").symlink_to(pets)
    (pets / "bird").symlink_to(outside)
    folder = inspect_image_folder(pets)
    assert folder.classes == [("cat", 7), ("dog", 6)]
    assert folder.format["unreadable"] == ["cat/link.png"]
    assert "it is a link that leads out of the folder" in said(folder)
    assert "'bird'" in said(folder)
    assert "'cat/below'" in said(folder)


def test_links_that_lead_nowhere_or_in_circles_are_left_out(pets: Path) -> None:
    (pets / "cat" / "self.png").symlink_to("self.png")
    (pets / "cat" / "gone.png").symlink_to("nothing.png")
    (pets / "self").symlink_to("self")
    (pets / "whole").symlink_to(pets)
    folder = inspect_image_folder(pets)
    assert folder.classes == [("cat", 6), ("dog", 6)]
    assert folder.format["unreadable"] == ["cat/gone.png", "cat/self.png"]
    assert "'cat/self.png': it is a link that leads nowhere" in said(folder)
    assert "'whole'" in said(folder)
    form = folder.format
    assert len(ImageFiles(pets, form["classes"], 8, skip=form["unreadable"])) == 12


def test_a_part_without_images_is_taken_from_the_training_images(
    draw: Draw, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        for number in range(6):
            draw(f"train/{name}/{number}.png")
    draw("val/stranger/1.png")
    draw("test/a/1.png").write_text("no picture")
    folder = inspect_image_folder(tmp_path / "images")
    assert folder.format["parts"] == {"train": "train"}
    assert list(folder.parts) == ["train"]
    for part in ("val", "test"):
        assert f"'{part}' holds no image that can be used: that part is taken" in said(folder)


@pytest.mark.parametrize("part", ["", "train/"])
def test_a_handful_of_images_is_too_few(part: str, draw: Draw, tmp_path: Path) -> None:
    for number in range(8):
        draw(f"{part}a/{number}.png")
    draw(f"{part}b/1.png")
    assert "There are only 9 images in" in refused(tmp_path / "images")
    draw(f"{part}b/2.png")
    assert inspect_image_folder(tmp_path / "images").examples == 10


def test_of_sizes_that_are_as_common_one_is_told_everywhere(draw: Draw, tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        for number in range(6):
            draw(f"{name}/{number}.png", size=(20, 30) if number < 3 else (50, 40))
    folder = inspect_image_folder(tmp_path / "images")
    assert folder.format["size"] == [40, 50]
    assert "most often 50 × 40 (6 of 12)" in said(folder)


def test_mixed_sizes_and_colours_are_named(pets: Path, draw: Draw) -> None:
    draw("cat/large.jpg", size=(300, 200))
    draw("cat/print.jpg", mode="CMYK")
    draw("dog/clear.png", mode="RGBA")
    draw("dog/gray.png", mode="L")
    draw("dog/dot.png", size=(1, 1))
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(pets / "dog" / "moving.GIF", save_all=True, append_images=frames[1:])
    folder = inspect_image_folder(pets)
    assert folder.format["size"] == [10, 12]
    assert folder.format["channels"] == 3
    assert folder.format["unreadable"] == []
    words = said(folder)
    assert "Sizes differ: from 1 × 1 to 300 × 200 pixels, most often 12 × 10" in words
    assert "1 CMYK" in words
    assert "1 RGB with transparency" in words
    assert "All become RGB." in words
    assert "'dog/dot.png'" in words
    assert "1 animated image, of which the first frame counts: 'dog/moving.GIF'." in words


def test_what_does_not_belong_is_counted(pets: Path, draw: Draw) -> None:
    draw("loose.png")
    draw("cat/young/1.png")
    (pets / "readme.txt").write_text("about")
    (pets / "cat" / "Thumbs.db").write_bytes(b"x")
    (pets / ".DS_Store").write_bytes(b"x")
    (pets / "cat" / "._0.png").write_bytes(b"x")
    (pets / ".git").mkdir()
    folder = inspect_image_folder(pets)
    assert folder.classes == [("cat", 7), ("dog", 6)]
    words = said(folder)
    assert "1 image lies outside the class folders: left out." in words
    assert "2 files without the ending of an image are left out" in words
    assert "Hidden files are left out (3)." in words
    assert "such as 'cat/young'" in words


def test_classes_that_can_hardly_be_learned_are_named(pets: Path, draw: Draw) -> None:
    (pets / "empty").mkdir()
    draw("bird/1.png")
    for number in range(10):
        draw(f"Cat/{number}.png")
    folder = inspect_image_folder(pets)
    assert folder.format["classes"] == ["Cat", "bird", "cat", "dog"]
    words = said(folder)
    assert "No images are in 'empty': left out." in words
    assert "Fewer than 5 images are in 'bird'" in words
    assert "The classes are uneven: 10 images of 'Cat', 1 of 'bird'." in words
    assert "'Cat' and 'cat' differ in capitals only" in words


def test_awkward_names_are_classes_like_any_other(draw: Draw, tmp_path: Path) -> None:
    names = ['it\'s "{{ x }}" {%', "a\nb", "Katze ä", "<b>", "$(ls)", "." + "x"]
    for name in names:
        for number in range(5):
            draw(f"{name}/{number}.png")
    folder = inspect_image_folder(tmp_path / "images")
    assert folder.format["classes"] == sorted(names[:-1])
    check_image_format(folder.format)


@pytest.mark.parametrize(("name", "words"), [(b"cat\xff", "no text"), (b"a\\b", "backslash")])
def test_names_that_cannot_be_written_down_are_refused(name: bytes, words: str, pets: Path) -> None:
    os.mkdir(os.path.join(os.fsencode(pets), name))  # noqa: PTH102, PTH118 - bytes are meant
    assert words in refused(pets)


def test_folders_that_cannot_be_used_are_refused_in_words(draw: Draw, tmp_path: Path) -> None:
    root = tmp_path / "images"
    assert "There is no folder 'images'" in refused(root)
    root.mkdir()
    assert "one folder of images is needed for each class" in refused(root)
    picture = draw("1.png")
    assert "It holds 1 image without a folder." in refused(root)
    assert "is a file; choose the folder" in refused(picture)
    (root / "cat").mkdir()
    (root / "dog").mkdir()
    assert "No folder in 'images' holds an image that can be read" in refused(root)
    draw("cat/1.png")
    message = refused(root)
    assert "There is only one class in 'images': 'cat'." in message
    assert "'dog': no images there." in message
    with pytest.raises(ImageError, match="no name can have"):
        inspect_image_folder("a\0b")


def test_the_folder_that_was_meant_is_pointed_out(draw: Draw, tmp_path: Path) -> None:
    for name in ("rose", "tulip"):
        draw(f"flowers/{name}/1.png")
    message = refused(tmp_path / "images")
    assert "Did you mean the folder 'flowers' in it?" in message


def test_parts_without_class_folders_are_refused(draw: Draw, tmp_path: Path) -> None:
    draw("train/1.png")
    draw("test/1.png")
    assert "make one folder for each class" in refused(tmp_path / "images")


def test_parts_without_one_to_train_on_are_refused(draw: Draw, tmp_path: Path) -> None:
    draw("val/a/1.png")
    draw("test/b/1.png")
    assert "no folder 'train'" in refused(tmp_path / "images")


def test_a_folder_full_of_rubbish_is_refused(pets: Path) -> None:
    for number in range(1_100):
        (pets / "cat" / f"x{number}.jpg").write_bytes(b"rubbish")
    assert "1,100 files in 'images' cannot be used as images" in refused(pets)


def test_it_is_looked_at_again_only_when_something_has_changed(pets: Path, draw: Draw) -> None:
    first = inspect_image_folder(pets)
    assert inspect_image_folder(pets) is first
    draw("cat/new.png")
    second = inspect_image_folder(pets)
    assert dict(second.classes)["cat"] == 7
    # Changed in place: only the file itself tells.
    (pets / "cat" / "new.png").write_text("no picture any more")
    assert inspect_image_folder(pets).format["unreadable"] == ["cat/new.png"]


def test_of_thousands_of_files_a_sample_is_decoded(
    pets: Path, decoded: list[tuple[int, int]]
) -> None:
    content = (pets / "cat" / "0.png").read_bytes()
    for name in ("cat", "dog"):
        for number in range(1_500):
            (pets / name / f"many{number}.png").write_bytes(content)
    folder = inspect_image_folder(pets)
    assert folder.examples == 3_012
    assert "All files were opened, and 1,000 of them" in said(folder)
    assert len(decoded) <= 1_100
    decoded.clear()
    assert inspect_image_folder(pets) is folder
    assert decoded == []


def test_the_notebook_reads_the_images_that_were_counted(
    pets: Path, draw: Draw, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(pets / "cat", outside)
    draw("cat/young/1.PNG")
    draw("cat/young/.hidden/2.png")
    draw("cat/.3.png")
    draw("dog/4.png.txt.png")
    (pets / "cat" / "text.jpg").write_text("no picture")
    (pets / "cat" / "notes.txt").write_text("no picture")
    (pets / "dog" / "link.png").symlink_to(outside / "0.png")
    (pets / "dog" / "inside.png").symlink_to(pets / "cat" / "0.png")
    (pets / "dog" / "far").symlink_to(outside)
    (pets / "dog" / "near").symlink_to(pets / "cat")
    (pets / "dog" / "folder.png").mkdir()
    draw("dog/folder.png/5.png")
    os.mkfifo(pets / "dog" / "pipe.png")
    (pets / "bird").symlink_to(outside)
    draw("loose.png")
    divided = tmp_path / "divided"
    for part in ("training", "valid"):
        shutil.copytree(pets, divided / part, symlinks=True, ignore=shutil.ignore_patterns("pipe*"))
    shutil.rmtree(divided / "valid" / "dog")
    for root in (pets, divided):
        found = inspect_image_folder(root)
        form = found.format
        files = ImageFiles(
            root, form["classes"], 8, form["channels"], form["parts"], skip=form["unreadable"]
        )
        assert len(files) == found.examples
        for part, counts in found.parts.items():
            labels = files.labels[files.rows(part)]
            assert [int((labels == n).sum()) for n in range(len(form["classes"]))] == [
                dict(counts).get(name, 0) for name in form["classes"]
            ]
        for number in range(len(files)):
            assert files[number][0].shape == (form["channels"], 8, 8)
