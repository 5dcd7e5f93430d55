"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock


def new_lock(file: Path) -> BaseFileLock:
    """A lock that nobody holds yet; any thread may release it."""
    # Imported where it is needed, because only few kernels are hosted.
    from filelock import FileLock

    return FileLock(file, thread_local=False)


def taken(file: Path) -> BaseFileLock | None:
    """A lock that is held now; None where a process that lives holds it.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    from filelock import Timeout

    lock = new_lock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock
