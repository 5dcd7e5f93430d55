"""Files that somebody may have sent: read only where that comes to an end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mlprov_widgets.errors import RecordError

# A million relations have four million values; ten million small objects take about a gigabyte.
MAX_VALUES = 10_000_000


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
            raise RecordError(f"{path} is not a file.")
        # Some files say that they are empty, but never end.
        data = file.read(limit + 1) if found.st_size <= limit else b""
        if found.st_size > limit or len(data) > limit:
            size = max(found.st_size, len(data))
            raise RecordError(
                f"{path} has {size / 1e6:.0f} MB; such a file is read up to {limit / 1e6:.0f} MB."
            )
        return data


def as_text(data: bytes) -> str:
    """Decode UTF-8, or UTF-16 that begins with its mark; UnicodeDecodeError for anything else."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if wide else "utf-8-sig")


def check_values(text: str) -> None:
    """Refuse JSON of so many values that the memory for them may not be there."""
    # An object takes three times the memory of an empty list, and a comma may stand for a number.
    if 3 * text.count("{") + text.count("[") + text.count(",") > MAX_VALUES:
        raise RecordError(f"It holds too many values; about {MAX_VALUES:,} are read.")
