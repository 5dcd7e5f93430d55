"""Files: read only where that comes to an end, written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import tempfile
import time
import tomllib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from mlprov_widgets.errors import RecordError

# A million relations have four million values; ten million small objects take about a gigabyte.
MAX_VALUES = 10_000_000

# What is being written is called so; what is called so for a day is not being written any more.
_PART = re.compile(r"\.[0-9a-f]{32}\.part")
_DAY = 86_400.0


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes.

    Raises
    ------
    RecordError
        If it is larger, or no file but a device or a pipe, which may never end.
    OSError, ValueError
        As `open` raises them.
    """
    # Not to wait for a pipe that nobody writes to.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise RecordError("file_not_ordinary", file=path)
        # Some files say that they are empty, but never end.
        data = file.read(limit + 1) if found.st_size <= limit else b""
        if found.st_size > limit or len(data) > limit:
            size = max(found.st_size, len(data))
            raise RecordError("file_too_large", file=path, size=size, limit=limit)
        return data


@contextmanager
def naming(path: Path | None) -> Iterator[None]:
    """Let errors that are raised in here name the file that they are about, where there is one."""
    try:
        yield
    except RecordError as error:
        if path is None or not path.name or "file" in error.arguments:
            raise
        raise RecordError("file_refused", file=path.name, reason=error) from error.__cause__


def decode_text(data: bytes) -> str:
    """Decode UTF-8, or UTF-16 that begins with its mark; UnicodeDecodeError for anything else."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if wide else "utf-8-sig")


def check_values(text: str) -> None:
    """Refuse JSON of so many values that the memory for them may not be there."""
    # An object takes three times the memory of an empty list, and a comma may stand for a number.
    if 3 * text.count("{") + text.count("[") + text.count(",") > MAX_VALUES:
        raise RecordError("values_too_many", most=MAX_VALUES)


def write_new(path: Path, data: bytes) -> None:
    """Write a whole file under a name that is not taken, or nothing at all.

    Raises
    ------
    FileExistsError
        If the name is taken.
    OSError
        If the file cannot be written.
    """
    with _part(path) as (file, part):
        file.write(data)
        _settle(file)
        try:
            # A link fails where the name is taken, which a rename would silently take over.
            os.link(part, path)
        except FileExistsError:
            raise
        except OSError:
            # A file system without links: the name first, and at once the whole content.
            path.open("xb").close()
            try:
                os.replace(part, path)  # noqa: PTH105  (as below)
            except BaseException:
                path.unlink(missing_ok=True)
                raise


def write_over(path: Path, data: bytes) -> None:
    """Write a whole file, or leave the one that is there; OSError says why."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file whose content takes the place of `path` when all of it is on the disk."""
    with _part(path) as (file, part):
        yield file
        _settle(file)
        with suppress(OSError):
            part.chmod(stat.S_IMODE(path.stat().st_mode))
        os.replace(part, path)  # noqa: PTH105  (Path.replace would hide that this is the atomic step)


@contextmanager
def _part(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    # In the same folder, because a rename is atomic only within one file system; with a name of
    # its own length, because that of `path` may be as long as names can be.
    part = path.parent / f".{uuid.uuid4().hex}.part"
    try:
        with part.open("xb") as file:
            yield file, part
    finally:
        # Why it could not be written is worth more than why the rest could not be removed.
        with suppress(OSError):
            part.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove from a folder what processes left that were killed while they wrote, a day ago."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _PART.fullmatch(entry.name) and entry.stat().st_mtime < time.time() - _DAY:
                with suppress(OSError):
                    os.unlink(entry.path)  # noqa: PTH108  (an entry is no Path)


def _settle(file: IO[bytes]) -> None:
    """Some disks say only now that they are full; and after this, power may fail."""
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system without it
            raise
    file.close()


def check_room(folder: Path, size: int) -> None:
    """Try whether a file of `size` bytes can be written into a folder; OSError says why not."""
    with _part(folder / "room") as (file, _):
        file.write(b" " * size)
        _settle(file)


def second_places() -> Iterator[Path]:
    """Folders for what cannot be written where it belongs.

    First one among what the system keeps of the user's applications, then a new temporary one.
    None for visitors of a hosted app, of whom nothing is kept.
    """
    from mlprov_widgets.hosting import hosted

    if hosted():
        return
    with suppress(OSError, RuntimeError):
        folder = rescue_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield folder
    with suppress(OSError):
        folder = Path(tempfile.mkdtemp(prefix="mlprov-widgets-"))
        yield folder
        # It stays where somebody has put something into it.
        folder.rmdir()


def config_folder() -> Path:
    """The folder, not always there, with what somebody has set for all their work."""
    from platformdirs import user_config_path

    given = os.environ.get("MLPROV_CONFIG_DIR")
    return Path(given) if given else user_config_path("mlprov-widgets")


def rescue_folder() -> Path:
    """The folder, not always there, for what could not be written where it belongs."""
    from platformdirs import user_state_path

    return user_state_path("mlprov-widgets") / "runs"


@lru_cache(maxsize=16)
def asset(name: str) -> str:
    """Text of a file that comes with this package, such as ``widgets/viewer.js``."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def asset_table(name: str) -> dict[str, Any]:
    """What a TOML file that comes with this package declares."""
    return tomllib.loads(asset(name))


def file_hash(path: Path) -> str:
    """SHA-256 of a file as hexadecimal digits; OSError where it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def stamp_of(path: Path) -> tuple[int, int]:
    """When a file was last changed and how large it is; of one that is not there 0 and -1."""
    try:
        status = path.stat()
    except OSError:
        return 0, -1
    return status.st_mtime_ns, status.st_size


def newest_files(
    folder: Path, is_wanted: Callable[[str], bool], most: int, size: int
) -> Iterator[Path]:
    """Files of a folder by their names, the newest first: `most` at the most, of `size` bytes.

    What has no room in these bytes any more is left out.
    """
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if is_wanted(entry.name) and entry.is_file():
                status = entry.stat()
                found.append((-status.st_mtime_ns, entry.name, status.st_size))
    for _, name, length in sorted(found)[:most]:
        if length <= size:
            size -= length
            yield folder / name


def cut_name(stem: str, size: int = 200) -> str:
    """The beginning of a name, without half a character.

    Most disks take names of 255 bytes; what is left is for a number and an ending.
    """
    return stem.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")


def reason(error: BaseException) -> str:
    """Why a file could not be written, in the system's words."""
    return str(getattr(error, "strerror", None) or error)
