"""A zip file of images from a stranger: checked as a whole, then unpacked into a new folder."""

from __future__ import annotations

import io
import re
import shutil
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from mlprov_widgets._files import reason
from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.folder import inspect_image_folder
from mlprov_widgets.images.format import IMAGE_SUFFIXES
from mlprov_widgets.images.pictures import MOST_PIXELS, look
from mlprov_widgets.messages import message

MOST_ENTRIES = 100_000
MOST_BYTES = 2**30
DEEPEST = 8
MOST_GROWTH = 200  # images are packed already; what grows more is made to fill the disk
_SMALL = 2**20
_LONGEST_NAME, _LONGEST_PATH = 200, 1_000  # in bytes, as file systems count
_PIECE = 2**20
_ENTRY = b"PK\x01\x02"
_PROTECTED = 0x1 | 0x40 | 0x2000
_UTF_8 = 0x800
_WINDOWS_LINK = 0x400
# What systems leave in folders without being asked.
_LEAVINGS = {"__macosx", "thumbs.db", "desktop.ini", "icon\r"}
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?\Z", re.IGNORECASE)
_BROKEN = (BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError,
           ValueError, OverflowError)  # fmt: skip

_Parts = tuple[str, ...]


@dataclass(frozen=True)
class Unpacked:
    """A folder of images that came as a zip file.

    Parameters
    ----------
    path : Path
        The new folder; `inspect_image_folder` takes it.
    images : int
        Number of files in it.
    left_out : list of str
        Files of the zip file that are no images by name.
    """

    path: Path
    images: int
    left_out: list[str]

    def __str__(self) -> str:
        others = len(self.left_out) or None
        given = {"images": self.images, "folder": self.path.name, "names": self.left_out}
        return message("zip_unpacked", {**given, "others": others})


def unpack_images(
    content: bytes,
    folder: Path,
    name: str,
    most_entries: int = MOST_ENTRIES,
    most_bytes: int = MOST_BYTES,
) -> Unpacked:
    """Unpack a zip file with one folder of images for each class.

    The class folders may lie in ``train``, ``val`` and ``test``, and all of it in a folder more,
    which is left away. Links and other special files, names that lead elsewhere or that some
    systems cannot have, passwords and more than the limits are refused before anything is written;
    what was written is removed if anything goes wrong later, if a picture has too many pixels, or
    if the folder cannot be used.

    Parameters
    ----------
    content : bytes
        The zip file.
    folder : Path
        Where the new folder is made.
    name : str
        A harmless name for it; a number is added if it is taken.
    most_entries : int
        Most entries of the zip file, folders included.
    most_bytes : int
        Most bytes, unpacked.

    Raises
    ------
    ImageError
        With the entry at fault and the reason.

    Notes
    -----
    Names and attributes are read as PKWARE's APPNOTE.TXT 6.3.10 defines them.
    """
    # Counted before the list of entries is read, which takes a hundred times its size in memory.
    if content.count(_ENTRY) > most_entries:
        raise ImageError("zip_too_many_entries", most=most_entries)
    try:
        archive = ZipFile(io.BytesIO(content))
    except _BROKEN:
        raise ImageError("zip_damaged") from None
    with archive:
        chosen, left_out = _choose(archive.infolist())
        _check_sizes(chosen, len(content), most_bytes)
        target = _new_folder(folder, name)
        try:
            _write(archive, _unwrapped(chosen), target)
            inspect_image_folder(target)
        except BaseException as error:
            shutil.rmtree(target, ignore_errors=True)
            if isinstance(error, ImageError):
                raise ImageError("zip_not_kept", reason=error) from None
            raise
    return Unpacked(target, len(chosen), left_out)


def _choose(entries: Iterable[ZipInfo]) -> tuple[dict[_Parts, ZipInfo], list[str]]:
    """The images and their paths, and the names of the other files."""
    chosen: dict[_Parts, ZipInfo] = {}
    left_out: list[str] = []
    spelled: dict[str, str] = {}
    for entry in entries:
        name = _name(entry)
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        if any(map(_is_leaving, parts)):
            continue
        _check_path(name, parts)
        _check_kind(entry, name)
        if name.endswith("/") or not parts:
            continue
        if PurePosixPath(parts[-1]).suffix.lower() not in IMAGE_SUFFIXES:
            left_out.append("/".join(parts))
            continue
        _check_packing(entry, name)
        if parts in chosen:
            raise ImageError("zip_entry_twice", entry=name)
        for above in accumulate(parts[:-1], "{}/{}".format):
            # Two of one spelling would become one class.
            first = spelled.setdefault(_spelling(above), above)
            if first != above:
                raise ImageError("zip_folders_look_alike", folders=[first, above])
        chosen[parts] = entry
    if not chosen:
        raise ImageError("zip_without_images", endings=", ".join(IMAGE_SUFFIXES))
    for path in map("/".join, chosen):
        if _spelling(path) in spelled:
            raise ImageError("zip_entry_file_and_folder", entry=path)
    return chosen, left_out


def _spelling(path: str) -> str:
    """A path as some systems see it, which take names for one that differ in this only."""
    return unicodedata.normalize("NFC", path).casefold()


def _name(entry: ZipInfo) -> str:
    """The name as it was meant, with slashes between folders."""
    if "\0" in entry.orig_filename:
        raise ImageError("zip_entry_name_impossible", entry=entry.orig_filename)
    name = entry.filename
    if not entry.flag_bits & _UTF_8:
        # macOS writes UTF-8 and does not say so.
        with suppress(ValueError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _is_leaving(part: str) -> bool:
    return part.lower() in _LEAVINGS or (part.startswith(".") and part != "..")


def _check_path(name: str, parts: _Parts) -> None:
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise ImageError("zip_entry_from_root", entry=name)
    if ".." in parts:
        raise ImageError("zip_entry_leads_out", entry=name)
    if len(parts) > DEEPEST:
        raise ImageError("zip_entry_too_deep", entry=name, most=DEEPEST - 1)
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_PATH:
        raise ImageError("zip_entry_path_too_long", entry=name)
    # What a system could not keep as it is.
    for part in parts:
        if len(part.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
            raise ImageError("zip_entry_name_too_long", entry=name)
        odd = any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in part)
        if odd or any(character in part for character in ':*?"<>|'):
            raise ImageError("zip_entry_name_not_allowed", entry=name)
        if part.endswith((".", " ")) or part.startswith(" "):
            raise ImageError("zip_entry_name_cut_off", entry=name)
        if _RESERVED.match(part):
            raise ImageError("zip_entry_name_of_device", entry=name)


def _check_kind(entry: ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK or entry.external_attr & _WINDOWS_LINK:
        raise ImageError("zip_entry_is_link", entry=name)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (
        kind and name.endswith("/") != (kind == stat.S_IFDIR)
    ):
        raise ImageError("zip_entry_not_ordinary", entry=name)


def _check_packing(entry: ZipInfo, name: str) -> None:
    if entry.flag_bits & _PROTECTED:
        raise ImageError("zip_entry_protected", entry=name)
    # Other methods may ask for gigabytes of memory to unpack a few bytes.
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ImageError("zip_entry_packed_unusually", entry=name)
    if entry.file_size > max(_SMALL, MOST_GROWTH * entry.compress_size):
        raise ImageError("zip_entry_grows", entry=name, most=MOST_GROWTH)


def _check_sizes(chosen: dict[_Parts, ZipInfo], packed: int, most_bytes: int) -> None:
    total = sum(entry.file_size for entry in chosen.values())
    if total > most_bytes:
        raise ImageError("zip_too_large", size=total, most=most_bytes)
    if total > max(_SMALL, MOST_GROWTH * packed):
        raise ImageError("zip_grows", most=MOST_GROWTH)
    if sum(entry.compress_size for entry in chosen.values()) > packed:
        raise ImageError("zip_entries_overlap")


def _unwrapped(chosen: dict[_Parts, ZipInfo]) -> dict[_Parts, ZipInfo]:
    """The paths without the folders that hold all class folders."""
    while len({parts[0] for parts in chosen}) == 1 and max(map(len, chosen)) > 2:
        chosen = {parts[1:]: entry for parts, entry in chosen.items()}
    return chosen


def _new_folder(folder: Path, name: str) -> Path:
    for number in range(1, 10_000):
        path = folder / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise ImageError("zip_not_unpacked", reason=reason(error)) from None
        return path
    raise ImageError("zip_folders_too_many", folder=name)


def _write(archive: ZipFile, chosen: dict[_Parts, ZipInfo], target: Path) -> None:
    for parts, entry in chosen.items():
        path = target.joinpath(*parts)
        name = "/".join(parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # "x" writes over nothing, whatever this file system takes for the same name.
            with archive.open(entry) as source, path.open("xb") as file:
                written = 0
                while piece := source.read(_PIECE):
                    written += len(piece)
                    if written > entry.file_size:
                        raise BadZipFile("more bytes than were said")
                    file.write(piece)
        except FileExistsError:
            raise ImageError("zip_entry_name_taken", entry=name) from None
        except OSError as error:
            raise ImageError("zip_entry_not_unpacked", entry=name, reason=reason(error)) from None
        except _BROKEN:
            raise ImageError("zip_entry_damaged", entry=name) from None
        if written != entry.file_size:
            raise ImageError("zip_entry_cut_off", entry=name)
        # Other tools decode what lies in the folder, and not all of them look first.
        picture = look(path)
        if picture.too_large:
            raise ImageError(
                "zip_entry_unusable", entry=name, problem=picture.problem, most=MOST_PIXELS
            )
