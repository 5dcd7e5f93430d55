"""The files of a pack, which may be a stranger's: its own ones only, and of a size."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mlprov_widgets.errors import PackError

MOST_FILES = 2_000
MOST_BYTES = 50 * 2**20
LARGEST_TEXT = 2**20


def pack_files(folder: Path) -> list[Path]:
    """All files of a pack, or those that packs share, in the order of their paths.

    Linked folders are not entered; what tools and systems leave behind (names that begin with a
    dot, ``__pycache__``) is no part.

    Raises
    ------
    PackError
        If one is a link that leads out of the folder, or if there are too many.
    OSError
        If a folder cannot be listed.
    """
    found: list[Path] = []
    for place, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not _is_leaving(name)]
        paths = (Path(place, name) for name in files if not _is_leaving(name))
        for path in filter(Path.is_file, paths):
            check_link(path, folder)
            found.append(path)
        if len(found) > MOST_FILES:
            raise PackError(f"there are more than {MOST_FILES:,} files in the folder", folder)
    return sorted(found, key=lambda file: file.relative_to(folder).as_posix())


def _is_leaving(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def _raise(error: OSError) -> None:
    raise error


def check_link(path: Path, folder: Path) -> None:
    """Refuse a link that leads out of a folder.

    Raises
    ------
    PackError
        That names it.
    """
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        what = "folder" if path.is_dir() else "file"
        raise PackError(
            f"the {what} is a link that leads out of the folder {folder.name!r}; put the {what} "
            "itself there",
            path,
        )


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
            raise PackError(f"the file is outside the folder {folder.name!r}", file)
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PackError("this is not an ordinary file", file)
        if status.st_size <= limit:
            with file.open("rb") as stream:
                data = stream.read(limit + 1)
            if len(data) <= limit:
                return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        raise PackError(f"the file has more than {limit // 1000:,} kB, which is too large", file)
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise PackError(f"the file is not UTF-8 (byte {error.start})", file) from None
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it is a link to itself"
        raise PackError(f"the file cannot be read ({reason})", file) from None
