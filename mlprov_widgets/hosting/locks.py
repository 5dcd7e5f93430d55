"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock


def new_lock(file: Path) -> BaseFileLock:
    """A lock that nobody holds yet; any thread may release it."""
    # Imported where it is needed, because only few kernels are hosted.
    from filelock import FileLock

    return FileLock(file, thread_local=False)


def is_held(file: Path, remove: bool = False) -> bool:
    """Whether a process that lives holds the lock; a file that none holds can be removed.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    from filelock import Timeout

    try:
        with new_lock(file).acquire(timeout=0):
            if remove:
                # Before it is released: then it may be another's already.
                with contextlib.suppress(OSError):
                    file.unlink(missing_ok=True)
    except Timeout:
        return True
    return False
