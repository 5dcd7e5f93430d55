"""Runs that wait for each other, in whichever process of this machine they were asked for."""

from __future__ import annotations

import contextlib
from pathlib import Path

from mlprov_widgets.hosting.locks import is_held, new_lock

_SUFFIX = ".ticket"
_DIGITS = 12


class Ticket:
    """A place in the queue of runs; given back by `close`, or when the process ends.

    Parameters
    ----------
    folder : Path
        The queue, which all processes share; it is made if it is not there.
    runs : int
        How many may run at a time.
    """

    def __init__(self, folder: Path, runs: int) -> None:
        folder.mkdir(exist_ok=True)
        self._folder, self._runs = folder, runs
        # Numbers, because clocks can go backwards.
        with new_lock(folder / "queue.lock"):
            self._number = max(_numbers(folder), default=0) + 1
            self._lock = new_lock(_file(folder, self._number))
            self._lock.acquire(timeout=0)

    def place(self) -> int:
        """How many runs have to end before this one may begin; 0 if it may."""
        before = [number for number in _numbers(self._folder) if number < self._number]
        # Whoever held what is removed was killed, or has left just now.
        held = [is_held(_file(self._folder, number), remove=True) for number in before]
        return max(0, sum(held) - self._runs + 1)

    def close(self) -> None:
        """Leave the queue, whether the run was had or not."""
        if self._lock.is_locked:
            # Before it is released: then the number may be another's already.
            with contextlib.suppress(OSError):
                _file(self._folder, self._number).unlink(missing_ok=True)
            self._lock.release()


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:0{_DIGITS}d}{_SUFFIX}"


def _numbers(folder: Path) -> list[int]:
    return [int(file.stem) for file in folder.glob(f"{'[0-9]' * _DIGITS}{_SUFFIX}")]
