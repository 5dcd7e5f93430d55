"""The files of a pack, which may be a stranger's: its own ones only, and of a size."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mlprov_widgets.errors import PackError

MOST_FILES = 2_000
MOST_BYTES = 50 * 2**20
LARGEST_TEXT = 2**20


def pack_files(folder: Path) -> dict[str, Path]:
    """All files of a pack, or those that packs share, by their path in it and in that order.

    Linked folders are not entered; what tools and systems leave behind (names that begin with a
    dot, ``__pycache__``) is no part.

    Raises
    ------
    PackError
        If one is a link that leads out of the folder, or if there are too many.
    OSError
        If a folder cannot be listed.
    """
    found: dict[str, Path] = {}
    places = {"": folder}
    while places:
        above, place = places.popitem()
        with os.scandir(place) as entries:
            for entry in entries:
                name, path = f"{above}{entry.name}", Path(entry)
                if entry.name.startswith(".") or entry.name == "__pycache__":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    places[f"{name}/"] = path
                elif entry.is_file():
                    if entry.is_symlink():
                        check_link(path, folder)
                    found[name] = path
        if len(found) > MOST_FILES:
            raise PackError("pack_files_too_many", folder, most=MOST_FILES)
    return dict(sorted(found.items()))


def check_link(path: Path, folder: Path) -> None:
    """Refuse a link that leads out of a folder.

    Raises
    ------
    PackError
        That names it.
    """
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        what = "folder" if path.is_dir() else "file"
        raise PackError("pack_link_leads_out", path, what=what, folder=folder.name)


def read_text(file: Path, folder: Path, limit: int = LARGEST_TEXT) -> str:
    """The text of a file of a pack.

    Parameters
    ----------
    file, folder : Path
        The file, and the folder that it has to be in, whatever links there are on the way.
    limit : int
        Most bytes.

    Raises
    ------
    PackError
        If it is elsewhere, no ordinary file, too large, or not UTF-8.
    FileNotFoundError
        If it is not there.
    """
    try:
        check_link(file, folder)
        if not file.resolve(strict=True).is_relative_to(folder.resolve()):
            raise PackError("pack_file_outside", file, folder=folder.name)
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PackError("pack_file_not_ordinary", file)
        if status.st_size <= limit:
            with file.open("rb") as stream:
                data = stream.read(limit + 1)
            if len(data) <= limit:
                # An editor of Windows may have marked it as what it is.
                return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        raise PackError("pack_file_too_large", file, most=limit // 1000)
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise PackError("pack_file_not_utf8", file, byte=error.start) from None
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it is a link to itself"
        raise PackError("pack_file_unreadable", file, reason=reason) from None
