"""Zip files of images: what is unpacked, and what is refused without leaving anything behind."""

from __future__ import annotations

import io
import random
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images import inspect_image_folder, unpack_images
from mlprov_widgets.images.archive import DEEPEST

Entry = str | zipfile.ZipInfo


def picture(number: int = 0, green: int = 9) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (12, 10), (number % 256, green, 200)).save(stream, "PNG")
    return stream.getvalue()


def pets(prefix: str = "", number: int = 6) -> dict[Entry, bytes]:
    greens = {"cat": 9, "dog": 90}
    return {
        f"{prefix}{name}/{n}.png": picture(n, green)
        for name, green in greens.items()
        for n in range(number)
    }


def zipped(
    *groups: dict[Entry, bytes] | list[tuple[Entry, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for group in groups:
            for entry, content in group.items() if isinstance(group, dict) else group:
                archive.writestr(entry, content)
    return stream.getvalue()


def entry(name: str, mode: int = 0, attributes: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system = 3
    made.external_attr = mode << 16 | attributes
    return made


def renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    """Names as no careful program would write them."""
    assert len(old) == len(new)
    assert content.count(old) == 2
    return content.replace(old, new)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """A folder beside which, and in which, nothing may appear that does not belong there."""
    made = tmp_path / "work"
    made.mkdir()
    yield made
    assert list(tmp_path.iterdir()) == [made]


def refused(work: Path, content: bytes, **limits: Any) -> str:
    before = sorted(work.rglob("*"))
    with pytest.raises(ImageError) as caught:
        unpack_images(content, work, "pets", **limits)
    assert sorted(work.rglob("*")) == before
    return str(caught.value)


def names(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("prefix", ["", "pets/", "my/pets/", "./", "pets\\"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_class_folders_are_unpacked_without_what_is_around_them(
    work: Path, prefix: str, method: int
) -> None:
    made = unpack_images(zipped(pets(prefix), method=method), work, "pets-images")
    assert made.path == work / "pets-images"
    assert made.images == 12
    assert names(made.path) == sorted(map(str, pets()))
    assert (made.path / "cat" / "3.png").read_bytes() == picture(3)
    assert inspect_image_folder(made.path).classes == [("cat", 6), ("dog", 6)]


@pytest.mark.parametrize("prefix", ["", "pets/"])
def test_parts_stay_parts(work: Path, prefix: str) -> None:
    groups = [pets(f"{prefix}{part}/") for part in ("train", "val", "test")]
    made = unpack_images(zipped(*groups), work, "pets")
    assert inspect_image_folder(made.path).format["parts"] == {
        "train": "train",
        "val": "val",
        "test": "test",
    }


def test_leavings_of_systems_are_passed_over_and_other_files_named(work: Path) -> None:
    leavings = [
        "__MACOSX/pets/cat/._1.png", "pets/.DS_Store", "pets/cat/Thumbs.db", "pets/cat/._1.png",
        "pets/Icon\r", "pets/.git/x.png", "pets/desktop.ini",
    ]  # fmt: skip
    more: dict[Entry, bytes] = dict.fromkeys([*leavings, "pets/READ ME.txt", "pets/run.py"], b"1")
    folders: dict[Entry, bytes] = {entry("pets/", stat.S_IFDIR | 0o755): b"", "pets/cat/": b""}
    made = unpack_images(zipped(folders, pets("pets/"), more), work, "pets")
    assert names(made.path) == sorted(map(str, pets()))
    assert made.left_out == ["pets/READ ME.txt", "pets/run.py"]
    assert str(made) == (
        "12 images unpacked into 'pets'. 2 other files are left out ('pets/READ ME.txt' and "
        "'pets/run.py')."
    )


def test_a_folder_that_is_there_is_left_alone(work: Path) -> None:
    (work / "pets").mkdir()
    (work / "pets-2").symlink_to(work / "nowhere")
    made = unpack_images(zipped(pets()), work, "pets")
    assert made.path == work / "pets-3"
    assert list((work / "pets").iterdir()) == []
    assert not (work / "nowhere").exists()


def test_names_in_any_script_arrive_as_they_were_meant(work: Path) -> None:
    content = zipped({f"{name}/{n}.png": picture(n) for name in ("Käse", "猫") for n in range(5)})
    # As macOS packs them: UTF-8 without the flag that says so.
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            flags = struct.unpack_from("<H", content, at + place)[0] & ~0x800
            content = content[: at + place] + struct.pack("<H", flags) + content[at + place + 2 :]
            at = content.find(mark, at + 4)
    made = unpack_images(content, work, "food")
    assert sorted(path.name for path in made.path.iterdir()) == ["Käse", "猫"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../evil.png", "leads out of the folder"),
        ("cat/../../evil.png", "leads out of the folder"),
        ("..\\evil.png", "leads out of the folder"),
        ("cat/..", "leads out of the folder"),
        ("../evil.txt", "leads out of the folder"),
        ("/evil.png", "from the root of a disk"),
        ("//server/share/evil.png", "from the root of a disk"),
        ("\\evil.png", "from the root of a disk"),
        ("C:\\evil.png", "from the root of a disk"),
        ("c:evil.png", "from the root of a disk"),
        ("cat/1.png:stream.png", "not every system allows"),
        ("cat/a\nb.png", "not every system allows"),
        ("cat/<b>.png", "not every system allows"),
        ("cat/CON.png", "takes for a device"),
        ("nul/1.png", "takes for a device"),
        ("cat./1.png", "some systems cut off"),
        ("cat /1.png", "some systems cut off"),
        ("cat/" + "a" * 220 + ".png", "too long a name"),
        ("cat/" + "ä" * 110 + ".png", "too long a name"),
        ("/".join(["x" * 190] * 6) + "/1.png", "too long a path"),
        ("d/" * DEEPEST + "1.png", "more than 7 folders"),
    ],
)
def test_a_name_that_leads_elsewhere_or_cannot_be_kept_is_refused(
    work: Path, name: str, why: str
) -> None:
    said = refused(work, zipped(pets(), {name: picture()}))
    assert why in said
    assert "\n" not in said


def test_a_name_cut_short_by_a_zero_is_refused(work: Path) -> None:
    content = renamed(zipped(pets(), {"cat/x.png#.txt": picture()}), b"x.png#.txt", b"x.png\0.txt")
    assert "no system allows" in refused(work, content)


@pytest.mark.parametrize(
    ("mode", "attributes", "why"),
    [
        (stat.S_IFLNK | 0o777, 0, "is a link"),
        (0, 0x400, "is a link"),
        (stat.S_IFIFO, 0, "not an ordinary file"),
        (stat.S_IFCHR, 0, "not an ordinary file"),
        (stat.S_IFBLK, 0, "not an ordinary file"),
        (stat.S_IFSOCK, 0, "not an ordinary file"),
        (stat.S_IFDIR, 0, "not an ordinary file"),
    ],
)
def test_links_and_devices_are_refused(work: Path, mode: int, attributes: int, why: str) -> None:
    odd = {entry("cat/odd.png", mode, attributes): b"/etc/passwd"}
    assert f"'cat/odd.png' in the zip file {why}" in refused(work, zipped(pets(), odd)).replace(
        "is not", "not"
    )


def test_nothing_that_could_run_is_written(work: Path) -> None:
    tool = entry("cat/tool.png", stat.S_IFREG | stat.S_ISUID | 0o777)
    made = unpack_images(zipped(pets(), {tool: picture()}), work, "pets")
    assert not (made.path / "cat" / "tool.png").stat().st_mode & (0o111 | stat.S_ISUID)


def test_a_bomb_is_refused_before_it_goes_off(work: Path) -> None:
    bomb = zipped(pets(), {"cat/bomb.png": bytes(30 * 2**20)})
    assert "'cat/bomb.png' in the zip file would grow more than 200-fold" in refused(work, bomb)
    many: dict[Entry, bytes] = {f"cat/x{n}.png": bytes(2**20) for n in range(40)}
    assert "The zip file would grow more than 200-fold" in refused(work, zipped(pets(), many))


def test_more_than_there_is_room_for_is_refused(work: Path) -> None:
    noise: dict[Entry, bytes] = {"cat/x.bmp": random.Random(1).randbytes(3 * 2**20)}
    said = refused(work, zipped(pets(), noise), most_bytes=2 * 2**20)
    assert "would take 3.15 MB; at most 2.1 MB are allowed" in said
    assert "more than 11 entries" in refused(work, zipped(pets()), most_entries=11)
    assert unpack_images(zipped(pets()), work, "pets", most_entries=12).images == 12


def test_a_size_that_is_a_lie_does_not_help(work: Path) -> None:
    content = zipped(pets(), {"cat/x.png": bytes(5 * 2**20)})
    assert content.count(struct.pack("<I", 5 * 2**20)) == 2
    said = refused(work, content.replace(struct.pack("<I", 5 * 2**20), struct.pack("<I", 10)))
    assert "'cat/x.png' in the zip file is damaged" in said


def test_entries_that_share_their_bytes_are_refused(work: Path) -> None:
    noise = random.Random(1).randbytes(100_000)
    single = zipped({"cat/0.png": noise}, method=zipfile.ZIP_STORED)
    start = single.index(b"PK\x01\x02")
    head, record, end = single[:start], single[start:-22], single[-22:]
    records = b"".join(record.replace(b"0.png", b"%d.png" % n) for n in range(10))
    end = end[:8] + struct.pack("<HHI", 10, 10, len(records)) + end[16:]
    assert "use the same bytes" in refused(work, head + records + end)


def test_a_password_and_odd_packing_are_refused(work: Path) -> None:
    content = bytearray(zipped(pets()))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "'cat/0.png' in the zip file is protected with a password" in refused(
        work, bytes(content)
    )
    assert "packed in an unusual way" in refused(work, zipped(pets(), method=zipfile.ZIP_LZMA))


def test_one_name_for_two_things_is_refused(work: Path) -> None:
    twice: list[tuple[Entry, bytes]] = [("cat/0.png", picture(1)), ("cat/0.png", picture(2))]
    assert "'cat/0.png' is in the zip file twice" in refused(work, zipped(pets(), twice))
    other = zipped(pets(), {"CAT/9.png": picture()})
    assert "'cat' and 'CAT' in the zip file are one and the same" in refused(work, other)
    both = zipped(pets(), {"dog/1.png/2.png": picture()})
    assert "'dog/1.png' in the zip file is a file and a folder" in refused(work, both)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"Rar!" * 20, b"\x89PNG" + bytes(99)])
def test_what_is_no_zip_file_is_refused(work: Path, content: bytes) -> None:
    assert "not a zip file, or it is damaged" in refused(work, content)


def test_a_damaged_image_takes_the_others_with_it(work: Path) -> None:
    content = bytearray(zipped(pets(), method=zipfile.ZIP_STORED))
    content[content.index(b"dog/5.png") + 40] ^= 0xFF
    assert "'dog/5.png' in the zip file is damaged" in refused(work, bytes(content))


def test_bytes_changed_at_random_raise_nothing_else(work: Path) -> None:
    whole, chance = zipped(pets()), random.Random(3)
    kept = 0
    for number in range(400):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            made = unpack_images(bytes(content), work, f"n{number}")
        except ImageError:
            continue
        kept += 1
        assert made.path.parent == work
    assert len(list(work.iterdir())) == kept < 400


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ([{"a.txt": b"1"}], "no image in the zip file"),
        ([{f"{n}.png": picture(n) for n in range(12)}], "one folder of images is needed"),
        ([{f"cat/{n}.png": picture(n) for n in range(12)}], "only one class"),
        ([pets(number=2)], "only 4 images"),
        ([dict.fromkeys(pets(), b"no picture")], "No folder in 'pets' holds an image"),
    ],
)
def test_a_folder_that_cannot_be_used_is_not_kept(work: Path, groups: list[Any], why: str) -> None:
    assert why in refused(work, zipped(*groups))


def test_a_full_disk_is_said_and_cleared(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def full(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == "4.png":
            raise OSError(28, "No space left on device")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", full)
    said = refused(work, zipped(pets()))
    assert "'cat/4.png' in the zip file cannot be unpacked: No space left on device." in said


def bomb(kind: str) -> bytes:
    """A picture of 60,000 × 60,000 pixels, as far as its head says, or one of 8,000 × 8,000."""
    if kind == "wide.png":
        stream = io.BytesIO()
        Image.new("1", (8_000, 8_000)).save(stream, "PNG")
        return stream.getvalue()
    if kind == "bomb.ppm":
        return b"P6\n60000 60000\n255\n" + b"\0" * 100
    if kind == "bomb.bmp":
        sizes = struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0)
        return b"BM" + struct.pack("<IHHI", 154, 0, 0, 54) + sizes + b"\0" * 100
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(head))
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + check + struct.pack(">I", 0) + b"IDAT"
    )


@pytest.mark.parametrize("kind", ["bomb.png", "bomb.ppm", "bomb.bmp", "wide.png"])
def test_a_picture_of_too_many_pixels_is_refused_and_nothing_kept(
    tmp_path: Path, kind: str
) -> None:
    content = zipped(pets(), {f"cat/{kind}": bomb(kind)})
    with pytest.raises(ImageError, match=r"at most 50,000,000 are allowed") as caught:
        unpack_images(content, tmp_path, "pets")
    assert f"'cat/{kind}' in the zip file" in str(caught.value)
    assert "Nothing of the zip file was kept" in str(caught.value)
    assert list(tmp_path.iterdir()) == []
